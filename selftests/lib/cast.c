// SPDX-License-Identifier: GPL-2.0
/*
 * Compares what was told of the sockets of actors with what they did.
 */
#include "cast.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"
#include "util.h"

bool cast_up(struct cast *c, enum kind kind)
{
	struct stat ns;

	memset(c, 0, sizeof(*c));
	c->kind = kind;
	c->reader = -1;
	c->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (c->home < 0 || unshare(CLONE_NEWNET) || !loopback_up() ||
	    stat("/proc/thread-self/ns/net", &ns)) {
		perror("a namespace for the actors");
		return false;
	}
	c->inum = ns.st_ino;
	return true;
}

void cast_down(struct cast *c)
{
	close(c->reader);
	records_free(&c->rec);
	if (setns(c->home, CLONE_NEWNET))
		perror("setns");
	close(c->home);
}

static struct part *add(struct cast *c, unsigned int lport, unsigned int rport,
			const char *words)
{
	const char *here = c->kind == KIND_V6 ? "::1" : "127.0.0.1";
	struct part *p = &c->part[c->parts++];

	if (c->parts > CAST_PARTS)
		abort();
	memset(p, 0, sizeof(*p));
	story_init(&p->story, c->kind, c->inum, words);
	p->story.local = addr_make(c->kind, here, lport);
	p->story.remote = addr_make(c->kind, here, rport);
	if (!rport)
		p->story.remote = addr_make(c->kind == KIND_V6 ? KIND_V6 : KIND_V4,
					    c->kind == KIND_V6 ? "::" : "0.0.0.0", 0);
	return p;
}

struct part *cast_add(struct cast *c, const struct actor *a, const char *name,
		      unsigned int rport, const char *words)
{
	struct part *p = add(c, a->port, rport, words);

	p->story.cookie = a->cookie;
	p->story.owner = a->pid;
	p->name = name;
	return p;
}

struct part *cast_add_child(struct cast *c, const struct part *l, const struct actor *a,
			    const char *name, unsigned int rport, const char *words)
{
	struct part *p = cast_add(c, a, name, rport, words);

	p->story.listener = l->story.owner;
	p->listener_name = l->name;
	return p;
}

struct part *cast_add_waiting(struct cast *c, const struct part *l, unsigned int rport,
			      const char *words)
{
	struct part *p = add(c, addr_port(&l->story.local), rport, words);

	p->story.listener = l->story.owner;
	p->listener_name = l->name;
	return p;
}

static int wrong(const struct tcpstate_record *r, const char *what, const char *should)
{
	printf("# %s -> %s (%s): %s: \"%.16s\" %u, uid %u, actor %u; should be %s\n",
	       state_name(r->old_state), state_name(r->new_state), cause_name(r->cause), what,
	       r->comm, r->tgid, r->uid, r->state.actor, should);
	return 1;
}

/* Who calls connect() or listen() is the owner from then on. */
static bool is_opening(const struct tcpstate_record *r)
{
	return r->cause == TCPSTATE_CAUSE_CONNECT || r->cause == TCPSTATE_CAUSE_LISTEN;
}

static int check(const struct part *p, const struct tcpstate_record *r)
{
	bool listeners = r->flags & TCPSTATE_F_OWNER_LISTENER;
	const char *name = listeners ? p->listener_name : p->name;
	unsigned int uid = listeners ? p->listener_uid : p->uid;
	pid_t actor = listeners ? p->story.listener : p->story.owner;
	int bad = 0;

	if (p->closer && !is_opening(r))
		actor = p->closer;
	if (strcmp(r->comm, name))
		bad += wrong(r, "name", name);
	if (r->uid != uid)
		bad += wrong(r, "user", "another");
	if (r->state.actor && r->state.actor != actor)
		bad += wrong(r, "actor", "another");
	return bad;
}

static int take(struct cast *c, const struct tcpstate_record *r)
{
	/* No transition: what it ended, or will end, is one. */
	if (r->type == TCPSTATE_EVENT_RESET)
		return 0;
	for (unsigned int i = c->parts; i--;)
		if (story_is_of(&c->part[i].story, r))
			return story_take(&c->part[i].story, r) + check(&c->part[i], r);
	return story_stranger(r);
}

static bool is_told(const struct cast *c)
{
	for (unsigned int i = 0; i < c->parts; i++)
		if (!story_is_told(&c->part[i].story))
			return false;
	return true;
}

bool cast_told(struct cast *c, unsigned int seconds)
{
	/* Where a long time has to pass, looking costs more than waiting. */
	struct timespec pause = { .tv_nsec = seconds > 10 ? 100000000 : 0 };
	__u64 until = deadline(seconds);
	size_t taken = 0;
	int bad = 0;

	do {
		nanosleep(&pause, NULL);
		records_read(&c->rec, c->reader);
		for (; taken < c->rec.count; taken++)
			bad += take(c, &c->rec.rec[taken]);
	} while (!is_told(c) && again(until));
	for (unsigned int i = 0; i < c->parts; i++)
		bad += story_check_end(&c->part[i].story);
	return !bad;
}

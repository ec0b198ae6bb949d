// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Connections that are older than the module have no owner, and none is made
 * up, until somebody accepts them; who closes them is told.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "cast.h"
#include "util.h"

#include "harness.h"

/* Seconds of the virtual clock, of which many go by while the module is loaded. */
#define PATIENCE	2000

FIXTURE(owners_older)
{
	struct cast cast;
	struct actor ann, bob;
};

FOR_EACH_KIND(owners_older);

FIXTURE_SETUP(owners_older)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(cast_up(&self->cast, variant->kind));
	ASSERT_TRUE(actor_start(&self->ann, "ann"));
	ASSERT_TRUE(actor_start(&self->bob, "bob"));
	ASSERT_TRUE(actor_listen(&self->ann, variant->kind));
	ASSERT_TRUE(actor_connect(&self->bob, variant->kind, self->ann.port));
}

FIXTURE_TEARDOWN(owners_older)
{
	actor_end(&self->bob, SIGKILL);
	actor_end(&self->ann, SIGKILL);
	cast_down(&self->cast);
}

static bool reload(struct cast *c)
{
	if (module_reload(""))
		return false;
	c->reader = device_open_main(O_NONBLOCK);
	return c->reader >= 0;
}

/**
 * struct seen - what is expected of the records of one connection
 * @cookie: its cookie
 * @last: state it comes to from which it goes to CLOSE
 * @owner: from the first record on, 0 for nobody
 * @name: of the owner
 * @closer: process of the first system call
 * @records: so far
 * @ended: it came to CLOSE
 */
struct seen {
	__u64 cookie;
	unsigned int last;
	pid_t owner;
	const char *name;
	pid_t closer;
	unsigned int records;
	bool ended;
};

static int wrong(const struct tcpstate_record *r, const char *what)
{
	printf("# %s -> %s (%s): %s: \"%.16s\" %u, flags %#x, actor %u\n",
	       state_name(r->old_state), state_name(r->new_state), cause_name(r->cause), what,
	       r->comm, r->tgid, r->flags, r->state.actor);
	return 1;
}

static int take(struct seen *s, const struct tcpstate_record *r)
{
	unsigned int owner = s->owner ? TCPSTATE_F_OWNER : 0;
	const unsigned int owners = TCPSTATE_F_OWNER | TCPSTATE_F_OWNER_LISTENER;
	int bad = 0;

	s->records++;
	if (!(r->flags & TCPSTATE_F_PREEXISTING))
		bad += wrong(r, "should be preexisting");
	if ((r->flags & owners) != owner || r->tgid != s->owner ||
	    strncmp(r->comm, s->name, sizeof(r->comm)))
		bad += wrong(r, "owner");
	if (r->cause == TCPSTATE_CAUSE_CLOSE && r->state.actor != s->closer)
		bad += wrong(r, "actor");
	if (r->new_state == TCPSTATE_CLOSE) {
		if (r->old_state != s->last)
			bad += wrong(r, "the last state");
		s->ended = true;
	}
	return bad;
}

/* All of them to their end. */
static bool watch(struct cast *c, struct seen *seen, unsigned int count)
{
	/* TIME_WAIT takes a minute: looking costs more than waiting. */
	struct timespec pause = { .tv_nsec = 100000000 };
	__u64 until = deadline(90);
	unsigned int ended = 0;
	size_t taken = 0;
	int bad = 0;

	do {
		nanosleep(&pause, NULL);
		records_read(&c->rec, c->reader);
		for (; taken < c->rec.count; taken++)
			for (unsigned int i = 0; i < count; i++)
				if (seen[i].cookie == c->rec.rec[taken].cookie)
					bad += take(&seen[i], &c->rec.rec[taken]);
		ended = 0;
		for (unsigned int i = 0; i < count; i++)
			ended += seen[i].ended;
	} while (ended < count && again(until));
	if (ended < count)
		printf("# only %u of %u ended\n", ended, count);
	return !bad && ended == count;
}

TEST_F_TIMEOUT(owners_older, nobody_owns_them, PATIENCE)
{
	struct seen seen[3] = {
		{ .cookie = self->ann.cookie, .last = TCPSTATE_LISTEN, .name = "" },
		{ .cookie = self->bob.cookie, .last = TCPSTATE_TIME_WAIT, .name = "" },
		{ .last = TCPSTATE_LAST_ACK, .name = "" },
	};

	ASSERT_TRUE(actor_accept(&self->ann));
	seen[2].cookie = self->ann.cookie;
	ASSERT_TRUE(reload(&self->cast));
	seen[0].closer = self->ann.pid;
	seen[1].closer = self->bob.pid;
	seen[2].closer = self->ann.pid;
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_LISTENER));
	EXPECT_TRUE(watch(&self->cast, seen, 3));
	EXPECT_EQ(1, seen[0].records);
	EXPECT_EQ(4, seen[1].records);
	EXPECT_EQ(3, seen[2].records);
}

TEST_F_TIMEOUT(owners_older, who_accepts_owns, PATIENCE)
{
	struct seen seen[1] = { { .last = TCPSTATE_TIME_WAIT, .name = "ann" } };

	ASSERT_TRUE(reload(&self->cast));
	ASSERT_TRUE(actor_accept(&self->ann));
	seen[0].cookie = self->ann.cookie;
	seen[0].owner = self->ann.pid;
	seen[0].closer = self->ann.pid;
	ASSERT_TRUE(actor_close(&self->ann, ACTOR_SOCKET));
	ASSERT_TRUE(actor_close(&self->bob, ACTOR_SOCKET));
	EXPECT_TRUE(watch(&self->cast, seen, 1));
	EXPECT_EQ(4, seen[0].records);
}

TEST_HARNESS_MAIN

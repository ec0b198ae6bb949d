// SPDX-License-Identifier: GPL-2.0
/*
 * Compares what sockets had to do with what the module says they did.
 */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "stage_words.h"
#include "sysctl.h"
#include "util.h"

/*
 * The former come if the machine is slow, and say nothing of the path; RSTs are
 * compared with what the kernel counted, and in resets.c one by one; that there
 * was no port in ports.c.
 */
#define ANY_TIME (1ULL << TCPSTATE_EVENT_SYN_RETRANSMIT | \
		  1ULL << TCPSTATE_EVENT_SYNACK_RETRANSMIT | \
		  1ULL << TCPSTATE_EVENT_RESET | 1ULL << TCPSTATE_EVENT_PORTS_EXHAUSTED)

bool stage_up(struct stage *st, enum kind kind)
{
	struct stat ns;

	memset(st, 0, sizeof(*st));
	st->kind = kind;
	st->reader[SIDE_A] = -1;
	st->reader[SIDE_B] = -1;
	st->entries = counter("table_entries");
	st->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (st->home < 0 || !wire_up(&st->w))
		return false;
	for (int side = SIDE_B; side >= 0; side--) {
		wire_go(&st->w, side);
		st->reader[side] = device_open(O_NONBLOCK);
		if (st->reader[side] < 0) {
			printf("# %s: %s\n", DEVICE_PATH, strerror(errno));
			return false;
		}
		fstat(st->w.ns[side], &ns);
		st->inum[side] = ns.st_ino;
	}
	return true;
}

bool stage_down(struct stage *st)
{
	__u64 until = deadline(10);
	long long entries;

	for (int side = 0; side < 2; side++) {
		close(st->reader[side]);
		records_free(&st->rec[side]);
	}
	wire_down(&st->w);
	if (setns(st->home, CLONE_NEWNET))
		perror("setns");
	close(st->home);
	/* The namespaces go away, and what is left in them with them. */
	do
		entries = counter("table_entries");
	while (entries > st->entries && again(until));
	if (entries <= st->entries)
		return true;
	printf("# table_entries is %lld, at first it was %lld\n", entries, st->entries);
	return false;
}

const char *stage_addr(const struct stage *st, enum wire_side side)
{
	if (st->kind == KIND_V6)
		return side == SIDE_A ? WIRE_A6 : WIRE_B6;
	return side == SIDE_A ? WIRE_A4 : WIRE_B4;
}

static struct stage_end *follow(struct stage *st, enum wire_side side, int fd,
				unsigned int lport, unsigned int rport,
				const char *path, enum stage_owner owner)
{
	struct stage_end *e = &st->end[st->ends++];
	struct story *s = &e->story;

	if (st->ends > STAGE_ENDS)
		abort();
	memset(e, 0, sizeof(*e));
	e->side = side;
	e->births = stage_words(e->words, sizeof(e->words), path, owner);
	story_init(s, st->kind, st->inum[side], e->words);
	if (fd >= 0) {
		s->cookie = tcp_cookie(fd);
		lport = tcp_port(fd);
	}
	s->local = addr_make(st->kind, stage_addr(st, side), lport);
	s->remote = addr_make(st->kind, stage_addr(st, !side), rport);
	if (!rport)
		s->remote = addr_make(st->kind == KIND_V6 ? KIND_V6 : KIND_V4,
				      st->kind == KIND_V6 ? "::" : "0.0.0.0", 0);
	return e;
}

static bool is_child(const char *path)
{
	return !strncmp(path, "CLOSE SYN_RECV", 14) || !strncmp(path, "CLOSE ESTABLISHED", 17);
}

struct stage_end *stage_follow(struct stage *st, enum wire_side side, int fd,
			       unsigned int lport, unsigned int rport,
			       const char *path)
{
	enum stage_owner owner = STAGE_OWN;

	if (is_child(path))
		owner = fd >= 0 ? STAGE_ACCEPTED : STAGE_NOT_ACCEPTED;
	return follow(st, side, fd, lport, rport, path, owner);
}

struct stage_end *stage_follow_fast_open(struct stage *st, int fd, unsigned int rport,
					 const char *path)
{
	struct stage_end *e = follow(st, SIDE_B, fd, 0, rport, path, STAGE_FAST_OPEN);

	e->story.flags = TCPSTATE_F_FASTOPEN;
	return e;
}

bool stage_sysctl(struct stage *st, const char *name, const char *value)
{
	bool done = true;

	for (int side = SIDE_B; side >= 0; side--) {
		wire_go(&st->w, side);
		done = sysctl_set(name, value) && done;
	}
	return done;
}

void stage_turn(struct stage *st)
{
	wire_carry(&st->w);
	for (int side = 0; side < 2; side++)
		records_read(&st->rec[side], st->reader[side]);
}

/* The later one of two lives of a socket was followed later. */
static struct stage_end *find_end(struct stage *st, enum wire_side side,
				  const struct tcpstate_record *r)
{
	for (unsigned int i = st->ends; i--;)
		if (st->end[i].side == side && story_is_of(&st->end[i].story, r))
			return &st->end[i];
	return NULL;
}

/* The last transition that was told of @e, into @state if that is not 0. */
static const struct tcpstate_record *last_of(struct stage *st, struct stage_end *e,
					     unsigned int state)
{
	for (size_t i = st->rec[e->side].count; i--;) {
		const struct tcpstate_record *r = &st->rec[e->side].rec[i];

		if (r->type == TCPSTATE_EVENT_STATE && (!state || r->new_state == state) &&
		    find_end(st, e->side, r) == e)
			return r;
	}
	return NULL;
}

bool stage_reach(struct stage *st, struct stage_end *e, unsigned int state,
		 unsigned int seconds)
{
	/* Where a long time has to pass, looking costs more than waiting. */
	struct timespec pause = { .tv_nsec = seconds > 10 ? 100000000 : 0 };
	__u64 until = deadline(seconds);
	const struct tcpstate_record *r;

	for (;;) {
		stage_turn(st);
		r = last_of(st, e, 0);
		if (r && r->new_state == state)
			return true;
		nanosleep(&pause, NULL);
		if (!again(until))
			break;
	}
	printf("# waited %u s for %s of: %s\n", seconds, state_name(state), e->words);
	return false;
}

void stage_pass(struct stage *st, unsigned int ms)
{
	struct timespec pause = { .tv_nsec = ms > 1000 ? 100000000 : 0 };
	__u64 until = now_ns() + ms * 1000000ULL;

	do {
		stage_turn(st);
		nanosleep(&pause, NULL);
	} while (again(until));
}

struct tcpstate_record stage_entry(struct stage *st, struct stage_end *e, unsigned int state)
{
	const struct tcpstate_record *r = last_of(st, e, state);
	struct tcpstate_record none = { 0 };

	if (r)
		return *r;
	printf("# not told to enter %s: %s\n", state_name(state), e->words);
	return none;
}

unsigned int stage_events(const struct stage *st, enum wire_side side, unsigned int type,
			  struct tcpstate_record *rec, unsigned int room)
{
	unsigned int n = 0;

	for (size_t i = 0; i < st->rec[side].count; i++)
		if (st->rec[side].rec[i].type == type && n++ < room)
			rec[n - 1] = st->rec[side].rec[i];
	return n;
}

/* How many words the paths have that are to be told, and how many were told. */
static bool is_told(const struct stage *st)
{
	unsigned int due = 0, had = 0;

	for (unsigned int i = 0; i < st->ends; i++)
		for (const char *c = st->end[i].words; *c; c++)
			due += *c == ' ';
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < st->rec[side].count; i++)
			had += st->rec[side].rec[i].type == TCPSTATE_EVENT_STATE;
	return had >= due;
}

static int take(struct stage *st, enum wire_side side, const struct tcpstate_record *r)
{
	struct stage_end *e;

	if (r->type != TCPSTATE_EVENT_STATE && (ANY_TIME | st->events) >> r->type & 1)
		return 0;
	e = find_end(st, side, r);
	return e ? story_take(&e->story, r) : story_stranger(r);
}

static int check_side(struct stage *st, enum wire_side side)
{
	struct ledger_untold untold = { 0 };
	int bad = 0;

	for (size_t i = 0; i < st->rec[side].count; i++) {
		const struct tcpstate_record *r = &st->rec[side].rec[i];

		if (r->seq != i + 1) {
			printf("# record %u is the %zuth\n", r->seq, i + 1);
			bad++;
		}
		bad += take(st, side, r);
	}
	for (unsigned int i = 0; i < st->ends; i++)
		if (st->end[i].side == side) {
			untold.births += st->end[i].births;
			bad += story_check_end(&st->end[i].story);
		}
	wire_go(&st->w, side);
	return bad + ledger_check(&st->rec[side], &untold, side ? "side B" : "side A");
}

bool stage_finish(struct stage *st)
{
	__u64 until = deadline(10);
	int bad;

	wire_mode(&st->w, WIRE_CARRY, WIRE_CARRY);
	do
		stage_turn(st);
	while (!is_told(st) && again(until));
	/* What comes too much comes soon. */
	stage_pass(st, 30);
	bad = check_side(st, SIDE_B) + check_side(st, SIDE_A);
	return !bad;
}

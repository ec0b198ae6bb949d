// SPDX-License-Identifier: GPL-2.0
/*
 * Compares what sockets had to do with what the module says they did.
 */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

/* Step @n of a path: the state, and the cause or "". False beyond its end. */
static bool path_step(const char *path, unsigned int n, unsigned int *state,
		      char *cause)
{
	char word[64], *colon;

	for (;; n--) {
		int len = 0;

		if (sscanf(path, " %63s%n", word, &len) != 1)
			return false;
		path += len;
		if (!n)
			break;
	}
	colon = strchr(word, ':');
	strcpy(cause, colon ? colon + 1 : "");
	if (colon)
		*colon = 0;
	*state = state_number(word);
	if (!*state) {
		printf("# no such state: %s\n", word);
		abort();
	}
	return true;
}

static unsigned int path_length(const char *path)
{
	unsigned int n = 0, state;
	char cause[64];

	while (path_step(path, n, &state, cause))
		n++;
	return n - 1;
}

bool stage_up(struct stage *st, enum kind kind)
{
	struct stat ns;

	memset(st, 0, sizeof(*st));
	st->kind = kind;
	if (!wire_up(&st->w))
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

void stage_down(struct stage *st)
{
	for (int side = 0; side < 2; side++) {
		close(st->reader[side]);
		records_free(&st->rec[side]);
	}
	wire_down(&st->w);
}

const char *stage_addr(const struct stage *st, enum wire_side side)
{
	if (st->kind == KIND_V6)
		return side == SIDE_A ? WIRE_A6 : WIRE_B6;
	return side == SIDE_A ? WIRE_A4 : WIRE_B4;
}

struct stage_end *stage_follow(struct stage *st, enum wire_side side, int fd,
			       unsigned int lport, unsigned int rport,
			       const char *path)
{
	struct stage_end *e = &st->end[st->ends++];

	if (st->ends > STAGE_ENDS)
		abort();
	e->side = side;
	e->path = path;
	e->state = TCPSTATE_CLOSE;
	if (fd >= 0) {
		e->cookie = tcp_cookie(fd);
		lport = tcp_port(fd);
	}
	e->local = addr_make(st->kind, stage_addr(st, side), lport);
	e->remote = addr_make(st->kind, stage_addr(st, !side), rport);
	if (!rport)
		e->remote = addr_make(st->kind == KIND_V6 ? KIND_V6 : KIND_V4,
				      st->kind == KIND_V6 ? "::" : "0.0.0.0", 0);
	return e;
}

static bool partial(const struct stage_end *e, const struct tcpstate_record *r)
{
	return e->partial && r->life == e->partial;
}

static bool same_tuple(const struct stage_end *e, const struct tcpstate_record *r)
{
	unsigned char local[16], remote[16];

	addr_bytes(&e->local, local);
	addr_bytes(&e->remote, remote);
	return r->lport == (partial(e, r) ? 0 : addr_port(&e->local)) &&
	       r->rport == addr_port(&e->remote) &&
	       (partial(e, r) || !memcmp(r->laddr, local, 16)) &&
	       !memcmp(r->raddr, remote, 16);
}

static struct stage_end *find_end(struct stage *st, enum wire_side side,
				  const struct tcpstate_record *r)
{
	for (unsigned int i = 0; i < st->ends; i++) {
		struct stage_end *e = &st->end[i];

		if (e->side != side)
			continue;
		if (!e->cookie && same_tuple(e, r))
			e->cookie = r->cookie;
		if (r->cookie && e->cookie == r->cookie)
			return e;
	}
	return NULL;
}

static int wrong(const struct tcpstate_record *r, const char *what)
{
	printf("# %s -> %s (%s), cookie %llu, ports %u %u, flags %#x: %s\n",
	       state_name(r->old_state), state_name(r->new_state),
	       cause_name(r->cause), (unsigned long long)r->cookie, r->lport,
	       r->rport, r->flags, what);
	return 1;
}

/* What every record has to be, whatever the path. */
static int check_fields(const struct stage *st, struct stage_end *e,
			const struct tcpstate_record *r)
{
	unsigned int family = st->kind == KIND_V6 ? AF_INET6 : AF_INET;
	bool mapped = st->kind == KIND_MAPPED;
	int bad = 0;

	if (r->size != TCPSTATE_RECORD_SIZE || r->carrier != TCPSTATE_CARRIER_SOCK)
		bad += wrong(r, "size or carrier");
	if (r->family != family)
		bad += wrong(r, "family");
	if (!!(r->flags & TCPSTATE_F_MAPPED) != mapped)
		bad += wrong(r, "flag mapped");
	if (!!(r->flags & TCPSTATE_F_PARTIAL) != partial(e, r))
		bad += wrong(r, "flag partial");
	if (!same_tuple(e, r))
		bad += wrong(r, "tuple");
	if (r->netns_inum != st->inum[e->side])
		bad += wrong(r, "inode of the namespace");
	if (!r->netns_gen || (e->netns_gen && e->netns_gen != r->netns_gen))
		bad += wrong(r, "generation of the namespace");
	if (r->flags & TCPSTATE_F_PREEXISTING)
		bad += wrong(r, "flag preexisting");
	if (!r->mono_ns || r->mono_ns < e->mono_ns || r->mono_ns > now_ns())
		bad += wrong(r, "time");
	if ((r->flags & TCPSTATE_F_OWNER) &&
	    (r->tgid != getpid() || !r->comm[0] || r->comm[TCPSTATE_COMM_LEN - 1]))
		bad += wrong(r, "owner");
	if (e->owned && r->old_state != TCPSTATE_CLOSE && !(r->flags & TCPSTATE_F_OWNER))
		bad += wrong(r, "no owner");
	e->netns_gen = r->netns_gen;
	e->mono_ns = r->mono_ns;
	return bad;
}

static int check_life(struct stage_end *e, const struct tcpstate_record *r)
{
	bool dwell = r->old_state != TCPSTATE_CLOSE;
	int bad = 0;

	if (!(r->flags & TCPSTATE_F_TRACKED))
		return wrong(r, "not tracked");
	if (r->old_state == TCPSTATE_CLOSE) {
		e->life++;
		e->life_seq = 0;
	}
	if (r->life != e->life)
		bad += wrong(r, "life");
	if (r->state.life_seq != ++e->life_seq)
		bad += wrong(r, "life_seq");
	if (!!(r->flags & TCPSTATE_F_DWELL) != dwell)
		bad += wrong(r, "dwell");
	return bad;
}

static int check_record(struct stage *st, enum wire_side side,
			const struct tcpstate_record *r)
{
	struct stage_end *e;
	unsigned int state;
	char cause[64];
	int bad;

	if (r->type != TCPSTATE_EVENT_STATE)
		return wrong(r, "not a state record");
	e = find_end(st, side, r);
	if (!e)
		return wrong(r, "of no known socket");
	bad = check_fields(st, e, r) + check_life(e, r);
	if (!path_step(e->path, ++e->seen, &state, cause))
		return bad + wrong(r, "after the end of the path");
	if (r->old_state != e->state || r->new_state != state)
		bad += wrong(r, e->path);
	if (*cause && r->cause == TCPSTATE_CAUSE_UNKNOWN && !st->exact)
		printf("# %s -> %s: cause unknown, could be %s\n",
		       state_name(r->old_state), state_name(r->new_state), cause);
	else if (*cause && strcmp(cause, cause_name(r->cause)))
		bad += wrong(r, cause);
	e->state = r->new_state;
	return bad;
}

/* Carries and reads; true while a path is not gone to its end. */
static bool stage_turn(struct stage *st)
{
	unsigned int due = 0, had = 0;

	wire_carry(&st->w);
	for (unsigned int i = 0; i < st->ends; i++)
		due += path_length(st->end[i].path);
	for (int side = 0; side < 2; side++) {
		records_read(&st->rec[side], st->reader[side]);
		had += st->rec[side].count;
	}
	return had < due;
}

static int check_counters(struct stage *st, enum wire_side side)
{
	struct matrix expected, seen;
	unsigned int state, old;
	char cause[64];

	memset(&expected, 0, sizeof(expected));
	for (unsigned int i = 0; i < st->ends; i++) {
		if (st->end[i].side != side)
			continue;
		old = TCPSTATE_CLOSE;
		for (int n = 1; path_step(st->end[i].path, n, &state, cause); n++) {
			expected.n[old][state]++;
			old = state;
		}
	}
	wire_go(&st->w, side);
	if (matrix_read(&seen)) {
		printf("# /proc/tcpstate/transitions cannot be read\n");
		return 1;
	}
	return matrix_compare(&expected, &seen, side ? "side B" : "side A");
}

bool stage_finish(struct stage *st)
{
	__u64 until = deadline(10);
	__u32 seq;
	int bad = 0;

	wire_mode(&st->w, WIRE_CARRY, WIRE_CARRY);
	while (stage_turn(st) && again(until))
		;
	/* What comes too much comes soon. */
	for (until = now_ns() + 30000000; again(until);)
		stage_turn(st);
	for (int side = 0; side < 2; side++) {
		seq = 0;
		for (size_t i = 0; i < st->rec[side].count; i++) {
			struct tcpstate_record *r = &st->rec[side].rec[i];

			if (r->seq != ++seq)
				bad += wrong(r, "seq");
			bad += check_record(st, side, r);
		}
		bad += check_counters(st, side);
	}
	for (unsigned int i = 0; i < st->ends; i++)
		if (st->end[i].seen < path_length(st->end[i].path)) {
			printf("# side %c: %u of %u records of: %s\n",
			       'A' + st->end[i].side, st->end[i].seen,
			       path_length(st->end[i].path), st->end[i].path);
			bad++;
		}
	return !bad;
}

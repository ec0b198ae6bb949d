// SPDX-License-Identifier: GPL-2.0
/*
 * Write a synthetic stream of records to standard output.
 *
 *   make_stream all        one record of each kind, and one of an unknown kind
 *   make_stream live       two connections that are alive, then a transition
 *   make_stream lives      ended connections of every sort, a loss in between
 *   make_stream ladder     two connections with their segments, one after the
 *                          other
 *   make_stream N          N transitions; seq counts from 1
 *   make_stream N slow     the same, one each 10 ms, as two halves
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "records.h"

static void put(const void *bytes, size_t len)
{
	if (write(STDOUT_FILENO, bytes, len) != (ssize_t)len)
		exit(1);
}

static void put_all(void)
{
	struct tcpstate_life_record l = make_life(4);
	struct tcpstate_record r;
	unsigned int type;

	for (type = 1; type <= TCPSTATE_EVENT_COUNT; type++) {
		r = make_record(type);
		if (type == TCPSTATE_EVENT_LIFE)
			put(&l, sizeof(l));
		else
			put(&r, sizeof(r));
	}
}

static void put_live(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE), s = r;

	s.old_state = s.new_state;
	s.flags |= TCPSTATE_F_SNAPSHOT;
	put(&s, sizeof(s));
	s.flags = TCPSTATE_F_SNAPSHOT | TCPSTATE_F_TRACKED |
		  TCPSTATE_F_PREEXISTING;
	s.cause = TCPSTATE_CAUSE_NONE;
	s.old_state = TCPSTATE_LISTEN;
	s.new_state = TCPSTATE_LISTEN;
	put(&s, sizeof(s));
	put(&r, sizeof(r));
}

static void put_lives(void)
{
	struct tcpstate_life_record passive = make_passive();
	struct tcpstate_life_record found = make_found();
	struct tcpstate_life_record listener = make_listener();
	struct tcpstate_life_record active6 = make_active6();
	struct tcpstate_record lost = make_record(TCPSTATE_EVENT_LOST);

	lost.lost.lane = TCPSTATE_LANE_LIVES;
	active6.head.life_end.transitions = 9;
	put(&passive, sizeof(passive));
	put(&lost, sizeof(lost));
	put(&found, sizeof(found));
	put(&listener, sizeof(listener));
	put(&active6, sizeof(active6));
}

static void put_segment(struct tcpstate_record r, __u64 ns, __u8 flags,
			__u32 seq, __u32 ack, __u16 incoming)
{
	r.type = TCPSTATE_EVENT_SEGMENT;
	r.mono_ns += ns;
	r.flags = incoming;
	r.cookie = 0;
	r.cause = flags;
	memset(r.raw, 0, sizeof(r.raw));
	r.segment.seq = seq;
	r.segment.ack = ack;
	r.segment.window = 1000;
	put(&r, sizeof(r));
}

static void put_state(struct tcpstate_record r, __u64 ns, __u8 old, __u8 new,
		      __u8 cause)
{
	r.mono_ns += ns;
	r.old_state = old;
	r.new_state = new;
	r.cause = cause;
	r.flags &= ~TCPSTATE_F_DWELL;
	put(&r, sizeof(r));
}

/* A client that came and was reset, then one that is still there. */
static void put_ladder(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);

	put_segment(r, 0, 0x02, 100, 0, TCPSTATE_F_INCOMING);
	put_state(r, 1000, TCPSTATE_CLOSE, TCPSTATE_SYN_RECV,
		  TCPSTATE_CAUSE_SYN);
	put_segment(r, 2000, 0x12, 200, 101, 0);
	put_segment(r, 5000, 0x14, 101, 201, TCPSTATE_F_INCOMING);
	put_state(r, 6000, TCPSTATE_SYN_RECV, TCPSTATE_CLOSE,
		  TCPSTATE_CAUSE_RST);
	r.mono_ns += 1000000000;
	r.rport++;
	r.cookie++;
	put_segment(r, 0, 0x02, 300, 0, TCPSTATE_F_INCOMING);
	put_state(r, 1000, TCPSTATE_CLOSE, TCPSTATE_SYN_RECV,
		  TCPSTATE_CAUSE_SYN);
}

int main(int argc, char **argv)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	int i, n;

	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "all") == 0) {
		put_all();
		return 0;
	}
	if (strcmp(argv[1], "live") == 0) {
		put_live();
		return 0;
	}
	if (strcmp(argv[1], "lives") == 0) {
		put_lives();
		return 0;
	}
	if (strcmp(argv[1], "ladder") == 0) {
		put_ladder();
		return 0;
	}

	n = atoi(argv[1]);
	memcpy(r.comm, "a\"b\\\xff\n", 6);
	for (i = 1; i <= n; i++) {
		r.seq = i;
		r.mono_ns += 1000;
		if (argc < 3) {
			put(&r, sizeof(r));
			continue;
		}
		put(&r, 60);
		usleep(5000);
		put((char *)&r + 60, sizeof(r) - 60);
		usleep(5000);
	}
	return 0;
}

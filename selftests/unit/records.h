/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Host unit tests - synthetic records, as the module would write them.
 *
 * Every field has a value of its own, so that a mix-up of two shows.
 */
#ifndef UNIT_RECORDS_H
#define UNIT_RECORDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/tcpstate.h>

static inline struct tcpstate_record make_record(unsigned int type)
{
	struct tcpstate_record r = {
		.size = TCPSTATE_RECORD_SIZE,
		.type = type,
		.family = AF_INET,
		.old_state = TCPSTATE_SYN_RECV,
		.new_state = TCPSTATE_ESTABLISHED,
		.cause = TCPSTATE_CAUSE_ACK,
		.carrier = TCPSTATE_CARRIER_SOCK,
		.seq = 17,
		.ifindex = 3,
		.mono_ns = 5123456789ULL,
		.cookie = 4711,
		.netns_inum = 4026531840U,
		.netns_gen = 21,
		.laddr = { 127, 0, 0, 1 },
		.raddr = { 192, 0, 2, 199 },
		.lport = 8080,
		.rport = 40112,
		.flags = TCPSTATE_F_OWNER | TCPSTATE_F_TRACKED |
			 TCPSTATE_F_DWELL,
		.life = 1,
		.tgid = 812,
		.uid = 33,
		.comm = "nginx",
	};

	switch (type) {
	case TCPSTATE_EVENT_STATE:
		r.state.dwell_ns = 41999;
		r.state.cgroup = 77;
		r.state.actor = 99;
		r.state.life_seq = 2;
		break;
	case TCPSTATE_EVENT_SYN_DROP:
	case TCPSTATE_EVENT_ACCEPT_DROP:
	case TCPSTATE_EVENT_COOKIE:
		r.flags = TCPSTATE_F_INCOMING;
		r.refusal.synq = 1;
		r.refusal.synq_max = 2;
		r.refusal.acceptq = 3;
		r.refusal.acceptq_max = 4;
		r.refusal.stands_for = 5;
		r.refusal.backlog = 6;
		break;
	case TCPSTATE_EVENT_SYN_RETRANSMIT:
	case TCPSTATE_EVENT_SYNACK_RETRANSMIT:
		r.retransmit.attempt = 1;
		r.retransmit.stands_for = 2;
		break;
	case TCPSTATE_EVENT_TW_OVERFLOW:
		r.tw.count = 1;
		r.tw.max = 2;
		r.tw.stands_for = 3;
		break;
	case TCPSTATE_EVENT_PORTS_EXHAUSTED:
		r.ports.low = 1;
		r.ports.high = 2;
		r.ports.error = 3;
		r.ports.stands_for = 4;
		break;
	case TCPSTATE_EVENT_RESET:
		r.flags = TCPSTATE_F_INCOMING;
		r.reset.reason = 1;
		r.reset.stands_for = 2;
		r.reset.seq = 3;
		r.reset.ack = 4;
		break;
	case TCPSTATE_EVENT_MEMORY_PRESSURE:
		r.family = 0;
		r.cookie = 0;
		r.flags = 0;
		r.old_state = 0;
		r.new_state = 0;
		r.cause = TCPSTATE_CAUSE_PRESSURE_ON;
		r.carrier = TCPSTATE_CARRIER_NONE;
		r.memory.pages = 1;
		r.memory.mark = 2;
		r.memory.stands_for = 3;
		break;
	case TCPSTATE_EVENT_SEGMENT:
		r.flags = TCPSTATE_F_INCOMING;
		r.cause = 0x12;
		r.segment.seq = 1;
		r.segment.ack = 2;
		r.segment.window = 3;
		r.segment.len = 4;
		r.segment.mss = 5;
		r.segment.wscale = 6;
		r.segment.tsval = 7;
		r.segment.tsecr = 8;
		r.segment.opts = TCPSTATE_SEG_MSS | TCPSTATE_SEG_TIMESTAMP;
		break;
	case TCPSTATE_EVENT_LOST:
		memset(&r.family, 0,
		       offsetof(struct tcpstate_record, seq) -
			       offsetof(struct tcpstate_record, family));
		memset(&r.cookie, 0,
		       sizeof(r) - offsetof(struct tcpstate_record, cookie));
		r.lost.count = 1234;
		r.lost.cpu = 1;
		r.lost.lane = TCPSTATE_LANE_MAIN;
		break;
	}
	return r;
}

static inline struct tcpstate_life_record make_life(unsigned int steps)
{
	struct tcpstate_life_record l = {
		.head = make_record(TCPSTATE_EVENT_LIFE),
		.bytes_in = 1,
		.bytes_out = 2,
		.segs_in = 3,
		.segs_out = 4,
		.retrans = 5,
	};
	unsigned int i;

	l.head.size = TCPSTATE_LIFE_SIZE;
	l.head.old_state = TCPSTATE_LAST_ACK;
	l.head.new_state = TCPSTATE_CLOSE;
	l.head.life_end.total_ns = 3000000;
	l.head.life_end.cgroup = 77;
	l.head.life_end.srtt_us = 6;
	l.head.life_end.steps = steps;
	l.head.life_end.first_closer = 2;
	l.head.life_end.transitions = steps;
	for (i = 0; i < steps && i < TCPSTATE_LIFE_STEPS; i++) {
		l.dwell_ns[i] = 100 + i;
		l.step[i].state = 1 + i;
		l.step[i].cause = 2 + i;
		l.step[i].carrier = TCPSTATE_CARRIER_SOCK;
	}
	return l;
}

struct path {
	struct tcpstate_life_step step;
	uint64_t dwell_ns;
};

#define STEP(state, cause, carrier, dwell)                            \
	{                                                             \
		{ TCPSTATE_##state, TCPSTATE_CAUSE_##cause,           \
		  TCPSTATE_CARRIER_##carrier, 0 }, dwell              \
	}

/* A life as the module writes it: the sum is right, the end is mono_ns. */
static inline struct tcpstate_life_record make_path(const struct path *path,
						    unsigned int steps)
{
	struct tcpstate_life_record l = make_life(0);
	unsigned int i;

	l.head.mono_ns = 9000000000ULL;
	l.head.life_end.steps = steps;
	l.head.life_end.transitions = steps;
	l.head.life_end.total_ns = 0;
	for (i = 0; i < steps; i++) {
		l.step[i] = path[i].step;
		l.dwell_ns[i] = path[i].dwell_ns;
		l.head.life_end.total_ns += path[i].dwell_ns;
	}
	return l;
}

/* A client came, asked, and closed first. */
static inline struct tcpstate_life_record make_passive(void)
{
	static const struct path path[] = {
		STEP(SYN_RECV, SYN, REQUEST, 200000),
		STEP(ESTABLISHED, ACK, SOCK, 1249900000),
		STEP(CLOSE_WAIT, FIN, SOCK, 100000),
		STEP(LAST_ACK, CLOSE, SOCK, 100000),
		STEP(CLOSE, ACK, SOCK, 0),
	};

	return make_path(path, 5);
}

/* Older than the module: the first step is no transition. */
static inline struct tcpstate_life_record make_found(void)
{
	static const struct path path[] = {
		STEP(ESTABLISHED, NONE, SOCK, 0),
		STEP(FIN_WAIT1, SHUTDOWN, SOCK, 1000000),
		STEP(CLOSE, TIMEOUT, SOCK, 0),
	};
	struct tcpstate_life_record l = make_path(path, 3);

	l.head.flags = TCPSTATE_F_TRACKED | TCPSTATE_F_PREEXISTING;
	l.head.tgid = 0;
	memset(l.head.comm, 0, sizeof(l.head.comm));
	l.head.life_end.transitions = 2;
	l.head.life_end.first_closer = 1;
	l.head.life_end.srtt_us = 0;
	return l;
}

static inline struct tcpstate_life_record make_listener(void)
{
	static const struct path path[] = {
		STEP(LISTEN, LISTEN, SOCK, 2000000000),
		STEP(CLOSE, CLOSE, SOCK, 0),
	};
	struct tcpstate_life_record l = make_path(path, 2);

	memset(l.head.raddr, 0, sizeof(l.head.raddr));
	l.head.rport = 0;
	l.head.life_end.first_closer = 0;
	return l;
}

/* The longest addresses, and we opened and closed it. */
static inline struct tcpstate_life_record make_active6(void)
{
	static const struct path path[] = {
		STEP(SYN_SENT, CONNECT, SOCK, 30000000),
		STEP(ESTABLISHED, SYN_ACK, SOCK, 5000000),
		STEP(FIN_WAIT1, CLOSE, SOCK, 100000),
		STEP(FIN_WAIT2, ACK, SOCK, 100000),
		STEP(TIME_WAIT, FIN, TIMEWAIT, 6000000000),
		STEP(CLOSE, EXPIRED, TIMEWAIT, 0),
	};
	struct tcpstate_life_record l = make_path(path, 6);

	l.head.family = AF_INET6;
	memset(l.head.laddr, 0xfe, sizeof(l.head.laddr));
	memset(l.head.raddr, 0xfd, sizeof(l.head.raddr));
	l.head.life_end.first_closer = 1;
	return l;
}

#endif /* UNIT_RECORDS_H */

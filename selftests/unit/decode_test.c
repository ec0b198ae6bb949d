// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate_decode(): every kind of event, field by field, and everything that
 * is no record. Buffers are malloc()ed to the byte, so that ASan sees a look
 * beyond the end.
 */
#include <errno.h>
#include <stdlib.h>

#include <tcpstate.h>

#include "records.h"
#include "test.h"

static int decode(const void *bytes, size_t len, struct tcps_event *e)
{
	void *copy = malloc(len ? len : 1);
	int ret;

	memcpy(copy, bytes, len);
	memset(e, 0xa5, sizeof(*e));
	ret = tcpstate_decode(copy, len, e);
	free(copy);
	return ret;
}

static struct tcps_event decode_kind(unsigned int type)
{
	struct tcpstate_record r = make_record(type);
	struct tcps_event e;

	CHECK_EQ(decode(&r, sizeof(r), &e), 128);
	CHECK_EQ(e.kind, type);
	return e;
}

static void common_part(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_STATE);

	CHECK_EQ(e.mono_ns, 5123456789ULL);
	CHECK_EQ(e.cookie, 4711);
	CHECK_EQ(e.seq, 17);
	CHECK_EQ(e.ifindex, 3);
	CHECK_EQ(e.netns, 4026531840U);
	CHECK_EQ(e.netns_gen, 21);
	CHECK_EQ(e.pid, 812);
	CHECK_EQ(e.uid, 33);
	CHECK_EQ(e.lport, 8080);
	CHECK_EQ(e.rport, 40112);
	CHECK_EQ(e.flags, TCPS_F_OWNER | TCPS_F_TRACKED | TCPS_F_DWELL);
	CHECK_EQ(e.life, 1);
	CHECK_EQ(e.family, 4);
	CHECK_EQ(e.old_state, TCPS_SYN_RECV);
	CHECK_EQ(e.new_state, TCPS_ESTABLISHED);
	CHECK_EQ(e.cause, TCPS_CAUSE_ACK);
	CHECK_EQ(e.carrier, TCPS_CARRIER_SOCK);
	CHECK(memcmp(e.laddr, "\x7f\0\0\1", 4) == 0);
	CHECK(memcmp(e.raddr, "\xc0\0\2\xc7", 4) == 0);
	CHECK_STR(e.comm, "nginx");
}

static void state(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_STATE);

	CHECK_EQ(e.state.dwell_ns, 41999);
	CHECK_EQ(e.state.cgroup, 77);
	CHECK_EQ(e.state.actor, 99);
	CHECK_EQ(e.state.life_seq, 2);
}

static void refusals(void)
{
	static const unsigned int kinds[] = { TCPS_EVENT_SYN_DROP,
					      TCPS_EVENT_ACCEPT_DROP,
					      TCPS_EVENT_COOKIE };
	struct tcps_event e;
	size_t i;

	for (i = 0; i < 3; i++) {
		e = decode_kind(kinds[i]);
		CHECK_EQ(e.refusal.synq, 1);
		CHECK_EQ(e.refusal.synq_max, 2);
		CHECK_EQ(e.refusal.acceptq, 3);
		CHECK_EQ(e.refusal.acceptq_max, 4);
		CHECK_EQ(e.refusal.stands_for, 5);
		CHECK_EQ(e.refusal.backlog, 6);
	}
}

static void retransmits(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_SYN_RETRANSMIT);

	CHECK_EQ(e.retransmit.attempt, 1);
	CHECK_EQ(e.retransmit.stands_for, 2);
	e = decode_kind(TCPS_EVENT_SYNACK_RETRANSMIT);
	CHECK_EQ(e.retransmit.attempt, 1);
	CHECK_EQ(e.retransmit.stands_for, 2);
}

static void tw_overflow(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_TW_OVERFLOW);

	CHECK_EQ(e.tw.count, 1);
	CHECK_EQ(e.tw.max, 2);
	CHECK_EQ(e.tw.stands_for, 3);
}

static void ports_exhausted(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_PORTS_EXHAUSTED);

	CHECK_EQ(e.ports.low, 1);
	CHECK_EQ(e.ports.high, 2);
	CHECK_EQ(e.ports.error, 3);
	CHECK_EQ(e.ports.stands_for, 4);
}

static void reset(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_RESET);

	CHECK_EQ(e.reset.reason, 1);
	CHECK_EQ(e.reset.stands_for, 2);
	CHECK_EQ(e.reset.seq, 3);
	CHECK_EQ(e.reset.ack, 4);
}

static void memory_pressure(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_MEMORY_PRESSURE);

	CHECK_EQ(e.family, 0);
	CHECK_EQ(e.memory.pages, 1);
	CHECK_EQ(e.memory.mark, 2);
	CHECK_EQ(e.memory.stands_for, 3);
}

static void segment(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_SEGMENT);

	CHECK_EQ(e.cause, TCPS_CAUSE_NONE);
	CHECK_EQ(e.segment.tcp_flags, 0x12);
	CHECK_EQ(e.segment.seq, 1);
	CHECK_EQ(e.segment.ack, 2);
	CHECK_EQ(e.segment.window, 3);
	CHECK_EQ(e.segment.len, 4);
	CHECK_EQ(e.segment.mss, 5);
	CHECK_EQ(e.segment.wscale, 6);
	CHECK_EQ(e.segment.tsval, 7);
	CHECK_EQ(e.segment.tsecr, 8);
	CHECK_EQ(e.segment.has_mss, true);
	CHECK_EQ(e.segment.has_wscale, false);
	CHECK_EQ(e.segment.has_sack_perm, false);
	CHECK_EQ(e.segment.has_timestamp, true);
}

/* The ninth flag stands among the options. */
static void segment_accurate_ecn(void)
{
	struct tcpstate_record r = make_record(TCPS_EVENT_SEGMENT);
	struct tcps_event e;

	r.cause = 0xff;
	r.segment.opts = TCPSTATE_SEG_AE;
	CHECK_EQ(decode(&r, sizeof(r), &e), 128);
	CHECK_EQ(e.segment.tcp_flags, 0xff | TCPS_TCP_AE);
	CHECK_EQ(e.segment.has_mss, false);
	CHECK_EQ(e.segment.has_timestamp, false);
}

static void lost(void)
{
	struct tcps_event e = decode_kind(TCPS_EVENT_LOST);

	CHECK_EQ(e.lost.count, 1234);
	CHECK_EQ(e.lost.off_ns, 0);
	CHECK_EQ(e.lost.cpu, 1);
	CHECK_EQ(e.lost.lane, TCPS_LANE_MAIN);
}

static void life(void)
{
	struct tcpstate_life_record l = make_life(8);
	struct tcps_event e;
	int i;

	l.head.life_end.transitions = 65535;
	CHECK_EQ(decode(&l, sizeof(l), &e), 256);
	CHECK_EQ(e.life_end.total_ns, 3000000);
	CHECK_EQ(e.life_end.cgroup, 77);
	CHECK_EQ(e.life_end.srtt_us, 6);
	CHECK_EQ(e.life_end.first_closer, 2);
	CHECK_EQ(e.life_end.bytes_in, 1);
	CHECK_EQ(e.life_end.bytes_out, 2);
	CHECK_EQ(e.life_end.segs_in, 3);
	CHECK_EQ(e.life_end.segs_out, 4);
	CHECK_EQ(e.life_end.retrans, 5);
	CHECK_EQ(e.life_end.nr_steps, 8);
	CHECK_EQ(e.life_end.transitions, 65535);
	for (i = 0; i < 8; i++) {
		CHECK_EQ(e.life_end.step[i].dwell_ns, 100 + i);
		CHECK_EQ(e.life_end.step[i].state, 1 + i);
		CHECK_EQ(e.life_end.step[i].cause, 2 + i);
		CHECK_EQ(e.life_end.step[i].carrier, TCPS_CARRIER_SOCK);
	}
}

static void life_with_too_many_steps(void)
{
	struct tcpstate_life_record l = make_life(9);
	struct tcps_event e;

	CHECK_EQ(decode(&l, sizeof(l), &e), -EBADMSG);
	l.head.life_end.steps = 255;
	CHECK_EQ(decode(&l, sizeof(l), &e), -EBADMSG);
}

/* What a later module may write: numbers are handed on, and steps are none. */
static void life_with_unknown_numbers(void)
{
	struct tcpstate_life_record l = make_life(1);
	struct tcps_event e;

	l.head.life_end.first_closer = 200;
	l.step[0].state = 201;
	l.step[0].cause = 202;
	l.step[0].carrier = 203;
	CHECK_EQ(decode(&l, sizeof(l), &e), 256);
	CHECK_EQ(e.life_end.first_closer, 200);
	CHECK_EQ(e.life_end.step[0].state, 201);
	CHECK_EQ(e.life_end.step[0].cause, 202);
	CHECK_EQ(e.life_end.step[0].carrier, 203);

	l = make_life(0);
	CHECK_EQ(decode(&l, sizeof(l), &e), 256);
	CHECK_EQ(e.life_end.nr_steps, 0);
}

static void life_as_small_as_others(void)
{
	struct tcpstate_life_record l = make_life(1);
	struct tcps_event e;

	l.head.size = TCPSTATE_RECORD_SIZE;
	CHECK_EQ(decode(&l, sizeof(l), &e), -EBADMSG);
}

static void families(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	struct tcps_event e;

	r.family = AF_INET6;
	decode(&r, sizeof(r), &e);
	CHECK_EQ(e.family, 6);
	r.family = 0;
	decode(&r, sizeof(r), &e);
	CHECK_EQ(e.family, 0);
	r.family = 255;
	decode(&r, sizeof(r), &e);
	CHECK_EQ(e.family, 0);
}

static void comm_without_end(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	struct tcps_event e;

	memset(r.comm, 'x', sizeof(r.comm));
	decode(&r, sizeof(r), &e);
	CHECK_STR(e.comm, "xxxxxxxxxxxxxxx");
}

static void unknown_numbers_are_kept(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	struct tcps_event e;

	r.old_state = 200;
	r.new_state = 201;
	r.cause = 202;
	r.carrier = 203;
	r.flags = 0xffff;
	CHECK_EQ(decode(&r, sizeof(r), &e), 128);
	CHECK_EQ(e.old_state, 200);
	CHECK_EQ(e.new_state, 201);
	CHECK_EQ(e.cause, 202);
	CHECK_EQ(e.carrier, 203);
	CHECK_EQ(e.flags, 0xffff);
}

static void truncated(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	struct tcpstate_life_record l = make_life(8);
	struct tcps_event e;
	size_t len;

	for (len = 0; len < sizeof(r); len++)
		CHECK_EQ(decode(&r, len, &e), 0);
	for (len = 0; len < sizeof(l); len++)
		CHECK_EQ(decode(&l, len, &e), 0);
}

static void bad_sizes(void)
{
	static const unsigned int sizes[] = { 0,   1,	8,   120,  127,
					      129, 130, 132, 4104, 65535 };
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	struct tcps_event e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		r.size = sizes[i];
		CHECK_EQ(decode(&r, sizeof(r), &e), -EBADMSG);
	}
}

static void larger_than_known(void)
{
	struct {
		struct tcpstate_record r;
		char more[8];
	} s = { .r = make_record(TCPSTATE_EVENT_STATE) };
	struct tcps_event e;

	s.r.size = sizeof(s);
	CHECK_EQ(decode(&s, sizeof(s), &e), sizeof(s));
	CHECK_EQ(e.cookie, 4711);
}

static void unknown_kinds(void)
{
	static const unsigned int types[] = { 0, TCPSTATE_EVENT_COUNT, 255 };
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	struct tcps_event e;
	size_t i;

	for (i = 0; i < 3; i++) {
		r.type = types[i];
		r.size = 64;
		CHECK_EQ(decode(&r, sizeof(r), &e), 64);
		CHECK_EQ(e.kind, types[i]);
		CHECK_EQ(decode(&r, 63, &e), 0);
		r.size = 0;
		CHECK_EQ(decode(&r, sizeof(r), &e), -EBADMSG);
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(common_part),
		TEST(state),
		TEST(refusals),
		TEST(retransmits),
		TEST(tw_overflow),
		TEST(ports_exhausted),
		TEST(reset),
		TEST(memory_pressure),
		TEST(segment),
		TEST(segment_accurate_ecn),
		TEST(lost),
		TEST(life),
		TEST(life_with_too_many_steps),
		TEST(life_with_unknown_numbers),
		TEST(life_as_small_as_others),
		TEST(families),
		TEST(comm_without_end),
		TEST(unknown_numbers_are_kept),
		TEST(truncated),
		TEST(bad_sizes),
		TEST(larger_than_known),
		TEST(unknown_kinds),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

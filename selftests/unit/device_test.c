// SPDX-License-Identifier: GPL-2.0
/*
 * The handle on a device: what the library asks of the module, and what becomes
 * of its answers. There is no module: fake_module.c answers.
 */
#include <errno.h>
#include <sys/socket.h>

#include <tcpstate.h>

#include "fake_module.h"
#include "test.h"

#define LANES_DEFAULT (TCPSTATE_LANE_MAIN | TCPSTATE_LANE_RARE)

static struct tcpstate *open_fake(void)
{
	struct tcpstate *ts = NULL;

	fake_module.error = 0;
	CHECK_EQ(tcpstate_open(&ts, "/dev/null", 0), 0);
	return ts;
}

static void start_modes(void)
{
	static const struct {
		enum tcps_start start;
		unsigned int lanes;
		__u32 mode, want_lanes;
		__u64 want_ns;
	} table[] = {
		{ TCPS_START_NOW, 0, TCPSTATE_START_NOW, LANES_DEFAULT, 0 },
		{ TCPS_START_OLDEST, TCPS_LANE_LIVES, TCPSTATE_START_OLDEST,
		  TCPSTATE_LANE_LIVES, 0 },
		{ TCPS_START_SINCE, 0, TCPSTATE_START_SINCE, LANES_DEFAULT,
		  77 },
		{ TCPS_START_LIVE, 0, TCPSTATE_START_LIVE, LANES_DEFAULT, 0 },
		{ TCPS_START_LIVE, TCPS_LANE_MAIN | TCPS_LANE_LIVES,
		  TCPSTATE_START_LIVE, TCPSTATE_LANE_MAIN | TCPSTATE_LANE_LIVES,
		  0 },
	};
	struct tcpstate *ts = open_fake();
	const struct tcpstate_start *s = &fake_module.start;
	uint64_t ns;
	size_t i;

	fake_module.from = 99;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		ns = 77;
		CHECK_EQ(tcpstate_set_start(ts, table[i].start, table[i].lanes,
					    &ns),
			 0);
		CHECK_EQ(s->mode, table[i].mode);
		CHECK_EQ(s->lanes, table[i].want_lanes);
		CHECK_EQ(s->mono_ns, table[i].want_ns);
		CHECK_EQ(s->reserved, 0);
		CHECK_EQ(ns, 99);
	}
	CHECK_EQ(tcpstate_set_start(ts, TCPS_START_LIVE, 0, NULL), 0);
	CHECK_EQ(tcpstate_set_start(ts, TCPS_START_SINCE, 0, NULL), -EINVAL);
	tcpstate_close(ts);
}

static void start_refused(void)
{
	static const int errors[] = { EINVAL, ENOMEM, EFAULT };
	struct tcpstate *ts = open_fake();
	uint64_t ns = 77;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		fake_module.error = errors[i];
		CHECK_EQ(tcpstate_set_start(ts, TCPS_START_LIVE, 0, &ns),
			 -errors[i]);
		CHECK_EQ(ns, 77);
	}
	tcpstate_close(ts);
}

static void filter(void)
{
	struct tcpstate *ts = open_fake();
	struct tcps_filter f = {
		.kinds = 1 << TCPS_EVENT_LIFE,
		.family = 6,
		.all_netns = true,
		.nr_lports = 1,
		.lports = { 80, 81 },
	};

	CHECK_EQ(tcpstate_set_filter(ts, &f), 0);
	CHECK_EQ(fake_module.filter.events, 1 << TCPSTATE_EVENT_LIFE);
	CHECK_EQ(fake_module.filter.family, AF_INET6);
	CHECK_EQ(fake_module.filter.flags, TCPSTATE_FILTER_ALL_NETNS);
	CHECK_EQ(fake_module.filter.lports[0], 80);
	/* The kernel wants what does not count to be 0. */
	CHECK_EQ(fake_module.filter.lports[1], 0);
	fake_module.error = EPERM;
	CHECK_EQ(tcpstate_set_filter(ts, &f), -EPERM);
	tcpstate_close(ts);
}

/* Asked for by whoever names them, and by nobody else. */
static void segments(void)
{
	struct tcpstate *ts = open_fake();
	struct tcps_filter f = { .kinds = 1 << TCPS_EVENT_SEGMENT };

	CHECK_EQ(tcpstate_set_filter(ts, &f), 0);
	CHECK_EQ(fake_module.filter.flags, TCPSTATE_FILTER_SEGMENTS);
	CHECK_EQ(fake_module.filter.events, 1 << TCPSTATE_EVENT_SEGMENT);
	f.all_netns = true;
	CHECK_EQ(tcpstate_set_filter(ts, &f), 0);
	CHECK_EQ(fake_module.filter.flags,
		 TCPSTATE_FILTER_SEGMENTS | TCPSTATE_FILTER_ALL_NETNS);
	f.kinds = 0;
	CHECK_EQ(tcpstate_set_filter(ts, &f), 0);
	CHECK_EQ(fake_module.filter.flags, TCPSTATE_FILTER_ALL_NETNS);
	f.kinds = 1 << TCPS_EVENT_STATE | 1 << TCPS_EVENT_RESET;
	f.all_netns = false;
	CHECK_EQ(tcpstate_set_filter(ts, &f), 0);
	CHECK_EQ(fake_module.filter.flags, 0);
	tcpstate_close(ts);
}

static void other_abi(void)
{
	struct tcpstate_query was = fake_module.query;
	struct tcpstate *ts = NULL;
	struct tcps_version v;

	fake_module.query.abi++;
	CHECK_EQ(tcpstate_open(&ts, "/dev/null", 0), -EPROTO);
	fake_module.query = was;
	fake_module.query.record_size += 8;
	CHECK_EQ(tcpstate_open(&ts, "/dev/null", 0), -EPROTO);
	fake_module.query = was;
	fake_module.query.life_size += 8;
	CHECK_EQ(tcpstate_open(&ts, "/dev/null", 0), -EPROTO);
	fake_module.query = was;
	CHECK(!ts);

	/* Older and newer by additions only: that fits. */
	fake_module.query.schema = 1;
	CHECK_EQ(tcpstate_open(&ts, "/dev/null", 0), 0);
	tcpstate_close(ts);
	CHECK_EQ(tcpstate_get_version("/dev/null", &v), 0);
	CHECK_EQ(v.schema, 1);
	fake_module.query = was;
}

int main(void)
{
	static const struct test tests[] = {
		TEST(start_modes),
		TEST(start_refused),
		TEST(filter),
		TEST(segments),
		TEST(other_abi),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * A reader that is too slow: what it loses is counted exactly, told once and
 * in its place, and its figures add up at every moment. The module is loaded
 * again with a small recorder, and with its own parameters at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "cpu.h"
#include "device.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

FIXTURE(loss)
{
	int l, fd;
	unsigned int port;
	unsigned int overflow; /* connections that overflow a ring */
	struct records rec;
	struct tcpstate_stats stats;
};

static bool small_recorder(void)
{
	char params[64];

	for (unsigned int kb = 128; kb <= 4096; kb *= 2) {
		snprintf(params, sizeof(params), "recorder_kb=%u 2>/dev/null", kb);
		if (!module_reload(params))
			return true;
	}
	return false;
}

FIXTURE_SETUP(loss)
{
	struct tcpstate_query q;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(small_recorder());
	/* All records into one ring, so that little traffic overflows it. */
	ASSERT_TRUE(run_on(0));
	self->l = traffic_listen(KIND_V4, &self->port);
	ASSERT_LE(0, self->l);
	self->fd = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_QUERY, &q));
	self->overflow = q.lane_bytes[0] / TCPSTATE_RECORD_SIZE / TRAFFIC_RECORDS;
}

FIXTURE_TEARDOWN(loss)
{
	records_free(&self->rec);
	close(self->fd);
	close(self->l);
	if (module_reload(""))
		printf("# the module could not be loaded again\n");
}

/* Records delivered and lost, and whether the numbers in the stream fit. */
static bool sums(const struct records *r, __u64 *delivered, __u64 *lost)
{
	*delivered = *lost = 0;
	for (size_t i = 0; i < r->count; i++) {
		if (r->rec[i].seq != i + 1)
			return false;
		if (r->rec[i].type != TCPSTATE_EVENT_LOST) {
			++*delivered;
			continue;
		}
		if (!r->rec[i].lost.count || r->rec[i].lost.lane != TCPSTATE_LANE_MAIN)
			return false;
		*lost += r->rec[i].lost.count;
	}
	return true;
}

TEST_F_TIMEOUT(loss, overtaken_reader, 300)
{
	__u64 delivered, lost;

	ASSERT_TRUE(traffic(KIND_V4, self->l, self->overflow + 20));
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	records_read(&self->rec, self->fd);
	EXPECT_TRUE(sums(&self->rec, &delivered, &lost));
	EXPECT_LT(0, lost);
	EXPECT_EQ((self->overflow + 20) * TRAFFIC_RECORDS, delivered + lost);
	/* One gap, at the front. */
	EXPECT_EQ(TCPSTATE_EVENT_LOST, self->rec.rec[0].type);
	EXPECT_EQ(self->rec.count - 1, delivered);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(lost, self->stats.lost);
	EXPECT_EQ(delivered, self->stats.delivered);
	EXPECT_EQ(1, self->stats.lost_runs);
	EXPECT_EQ(0, self->stats.pending);
}

/* Reads a little, falls behind, reads a little: several gaps. */
TEST_F_TIMEOUT(loss, stumbling_reader, 400)
{
	_Alignas(8) char few[10 * TCPSTATE_RECORD_SIZE];
	__u64 delivered, lost, all = 0;

	for (int round = 0; round < 3; round++) {
		ASSERT_TRUE(traffic(KIND_V4, self->l, self->overflow * 2 / 3));
		all += self->overflow * 2 / 3 * TRAFFIC_RECORDS;
		ASSERT_LT(0, read(self->fd, few, sizeof(few)));
		EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
		EXPECT_EQ(all, self->stats.recorded);
	}
	records_read(&self->rec, self->fd);
	delivered = 0;
	lost = 0;
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(all, self->stats.delivered + self->stats.lost);
	EXPECT_LE(1, self->stats.lost_runs);
	for (size_t i = 0; i < self->rec.count; i++) {
		delivered++;
		if (self->rec.rec[i].type == TCPSTATE_EVENT_LOST)
			lost += self->rec.rec[i].lost.count;
	}
	EXPECT_LE(lost, self->stats.lost);
	EXPECT_LT(0, delivered);
}

/* What the filter takes out is filtered, what is overwritten is lost. */
TEST_F_TIMEOUT(loss, filter_does_not_hide_loss, 300)
{
	struct tcpstate_filter filter = { .family = AF_INET6 };

	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &filter));
	ASSERT_TRUE(traffic(KIND_V4, self->l, self->overflow + 20));
	EXPECT_EQ(1, records_read(&self->rec, self->fd));
	ASSERT_LE(1, self->rec.count);
	EXPECT_EQ(TCPSTATE_EVENT_LOST, self->rec.rec[0].type);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(self->stats.lost, self->rec.rec[0].lost.count);
	EXPECT_EQ(0, self->stats.delivered);
	EXPECT_EQ((self->overflow + 20) * TRAFFIC_RECORDS,
		  self->stats.lost + self->stats.filtered);
}

/* Starting at the oldest record, the past is not lost: it is not asked for. */
TEST_F_TIMEOUT(loss, oldest_after_overflow, 300)
{
	ASSERT_TRUE(traffic(KIND_V4, self->l, self->overflow + 20));
	ASSERT_EQ(0, device_start(self->fd, TCPSTATE_START_OLDEST, TCPSTATE_LANE_MAIN, 0));
	records_read(&self->rec, self->fd);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.lost);
	EXPECT_LT(0, self->stats.delivered);
}

/* Since the load: earlier than the recorder reaches back, and it says so. */
TEST_F_TIMEOUT(loss, since_before_the_reach, 300)
{
	struct tcpstate_start start = {
		.mode = TCPSTATE_START_SINCE,
		.lanes = TCPSTATE_LANE_MAIN,
		.mono_ns = now_ns(),
	};
	__u64 asked = start.mono_ns;

	ASSERT_TRUE(traffic(KIND_V4, self->l, self->overflow + 20));
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_START, &start));
	EXPECT_LT(asked, start.mono_ns);
	records_read(&self->rec, self->fd);
	ASSERT_LT(0, self->rec.count);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
}

TEST_HARNESS_MAIN

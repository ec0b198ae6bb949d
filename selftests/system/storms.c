// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=1 timeout=300 */
/*
 * The rare lane is shared: a namespace under attack does not push out what
 * others have in it, and its own newest events still reach the readers. And the
 * pace of a storm is what the parameters say.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "siege.h"
#include "sysctl.h"
#include "util.h"

#include "harness.h"

#define PORT	7000
#define FEW	100
#define MANY	5000

/* A small lane, and no storm is held back. */
#define WIDE	"recorder_kb=2048 rare_kb=64 storm_rate=100000 storm_burst=1000000"

/* A siege of which all SYNs but some are refused; returns how many were. */
static long long besiege(struct siege *s, int *l, unsigned int count)
{
	if (!sysctl_set("tcp_syncookies", "0") || !sysctl_set("tcp_synack_retries", "10"))
		return -1;
	*l = siege_listen(s, PORT, 8);
	for (unsigned int n = 0; n < count; n++)
		siege_syn(s, n, PORT);
	return counter("event_syn_drop_syn_queue_full");
}

/* What a lane has of the refusals of a listener. */
static long long has(int reader, unsigned int lane, __u64 cookie)
{
	struct records rec = { 0 };
	long long n = 0;

	if (device_start(reader, TCPSTATE_START_OLDEST, lane, 0) ||
	    records_read(&rec, reader) < 0)
		return -1;
	for (size_t i = 0; i < rec.count; i++)
		n += rec.rec[i].type == TCPSTATE_EVENT_SYN_DROP && rec.rec[i].cookie == cookie;
	records_free(&rec);
	return n;
}

TEST(share)
{
	struct tcpstate_filter all = { .flags = TCPSTATE_FILTER_ALL_NETNS };
	struct tcpstate_query q;
	struct siege quiet, loud;
	long long few, many;
	__u64 a, b;
	int reader, l, m;

	ASSERT_EQ(0, module_reload(WIDE));
	reader = device_open(O_NONBLOCK);
	ASSERT_LE(0, reader);
	ASSERT_EQ(0, ioctl(reader, TCPSTATE_IOC_SET_FILTER, &all));
	ASSERT_TRUE(siege_up(&quiet, KIND_V4));
	few = besiege(&quiet, &l, FEW);
	ASSERT_LT(50, few);
	a = siege_cookie(l);
	/* Nothing of its own follows, such as SYN-ACKs that are sent again. */
	close(l);
	ASSERT_TRUE(siege_up(&loud, KIND_V6));
	many = besiege(&loud, &m, MANY);
	ASSERT_LT(MANY - 50, many);
	b = siege_cookie(m);

	EXPECT_EQ(few, has(reader, TCPSTATE_LANE_RARE, a));
	EXPECT_LT(0, has(reader, TCPSTATE_LANE_RARE, b));
	EXPECT_GT(many, has(reader, TCPSTATE_LANE_RARE, b));
	/* In place of its own older ones: nothing of it pushes transitions out. */
	EXPECT_EQ(0, has(reader, TCPSTATE_LANE_MAIN, b));
	ASSERT_EQ(0, ioctl(reader, TCPSTATE_IOC_QUERY, &q));
	EXPECT_LT(q.lane_bytes[1] / (TCPSTATE_RECORD_SIZE + 8) / 2,
		  has(reader, TCPSTATE_LANE_RARE, b));
	close(m);
	siege_down(&loud);
	siege_down(&quiet);
	close(reader);
}

TEST(pace)
{
	unsigned int records = 0;
	long long refused;
	struct siege s;
	__u64 since;
	int l;

	ASSERT_EQ(0, module_reload("storm_rate=1 storm_burst=10"));
	ASSERT_TRUE(siege_up(&s, KIND_V4));
	since = now_ns();
	refused = besiege(&s, &l, FEW);
	ASSERT_LT(50, refused);
	since = now_ns() - since;
	ASSERT_TRUE(siege_read(&s));
	for (size_t i = 0; i < s.rec.count; i++)
		records += s.rec.rec[i].type == TCPSTATE_EVENT_SYN_DROP;
	EXPECT_LE(10, records);
	EXPECT_GE(11 + since / 1000000000, records);
	close(l);
	siege_down(&s);
	ASSERT_EQ(0, module_reload(""));
}

#define TOKEN	1000000ULL	/* ns in which one comes back, at 1,000 a second */

/**
 * struct pace - what the records of a flood say
 * @told: refused SYNs with a record
 * @early: such that came before the token for them was back
 * @left_out: times that there was a token, and no record although it was due
 */
struct pace {
	unsigned int told;
	unsigned int early;
	unsigned int left_out;
};

/*
 * Each SYN is a record as a segment, with its own time, when it comes; that it was
 * refused is told later, but before the one after the next has come. So the
 * stream itself says whether there was a token then, however fast they came.
 */
static struct pace pace_of(const struct records *rec)
{
	struct pace p = { 0 };
	unsigned int due = 0;
	__u64 last = 0;

	for (size_t i = 0; i < rec->count; i++) {
		const struct tcpstate_record *r = &rec->rec[i];

		if (r->type == TCPSTATE_EVENT_SYN_DROP) {
			p.early += p.told && r->mono_ns < last + TOKEN;
			p.told++;
			last = r->mono_ns;
			due = 0;
		} else if (r->type == TCPSTATE_EVENT_SEGMENT && r->flags & TCPSTATE_F_INCOMING) {
			due += p.told && r->mono_ns > last + TOKEN;
			p.left_out += due > 2;
		}
	}
	return p;
}

/* A bucket too small for what comes into it in a tick, while SYNs come faster. */
TEST(narrow)
{
	struct tcpstate_filter segments = { .flags = TCPSTATE_FILTER_SEGMENTS };
	long long refused;
	struct siege s;
	struct pace p;
	int l;

	ASSERT_EQ(0, module_reload("storm_rate=1000 storm_burst=1"));
	ASSERT_TRUE(siege_up(&s, KIND_V4));
	ASSERT_EQ(0, ioctl(s.reader, TCPSTATE_IOC_SET_FILTER, &segments));
	refused = besiege(&s, &l, FEW);
	ASSERT_LT(50, refused);
	siege_flood(&s, 1000, MANY, PORT, 1);
	EXPECT_EQ(refused + MANY, counter("event_syn_drop_syn_queue_full"));
	ASSERT_TRUE(siege_read(&s));
	p = pace_of(&s.rec);
	printf("# %u records; %u too early, %u left out\n", p.told, p.early, p.left_out);
	EXPECT_LT(1, p.told);
	EXPECT_EQ(0, p.early);
	EXPECT_EQ(0, p.left_out);
	close(l);
	siege_down(&s);
	ASSERT_EQ(0, module_reload(""));
}

TEST_HARNESS_MAIN

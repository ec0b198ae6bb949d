// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=4 timeout=600 */
/*
 * Readers that start with the connections that are alive, while others come and
 * go: each is told once, and then all that happens to it, without a gap and
 * without a double; filter and namespace hold for both; the figures add up.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>

#include "late.h"
#include "peers.h"
#include "roll.h"
#include "util.h"

#include "harness.h"

#define PORT	7000
#define CALLS	30

FIXTURE(live)
{
	struct late late;
	struct peers peers;
	struct roll roll;
	int reader;
};

FIXTURE_SETUP(live)
{
	struct tcpstate_filter none = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(late_up(&self->late));
	self->reader = late_open(&self->late, self->late.home, none);
	ASSERT_LE(0, self->reader);
	ASSERT_TRUE(peers_start(&self->peers, true, "hold 127.0.0.1 9000 3"));
	ASSERT_TRUE(peers_start(&self->peers, true, "hold ::1 9000 3"));
	ASSERT_TRUE(peers_start(&self->peers, true, "house 7000"));
	ASSERT_TRUE(peers_start(&self->peers, false, "crowd 127.0.0.1 ::1 7000 0 20 1"));
	ASSERT_TRUE(peers_start(&self->peers, false, "crowd 127.0.0.1 ::1 7000 0 20 2"));
}

FIXTURE_TEARDOWN(live)
{
	peers_stop(&self->peers);
	roll_free(&self->roll);
	close(self->reader);
	late_down(&self->late);
}

/* Of the house and of those who hold. */
static bool is_served(const struct tcpstate_record *r)
{
	return r->lport == PORT || r->lport == PORT + 1 || r->lport == 9000;
}

static bool is_v6(const struct tcpstate_record *r)
{
	return r->family == AF_INET6;
}

static const struct {
	const char *name;
	bool scoped;
	struct tcpstate_filter filter;
	bool (*wanted)(const struct tcpstate_record *r);
} variants[] = {
	{ "all namespaces", false, { 0 }, NULL },
	{ "this namespace", true, { 0 }, NULL },
	{ "some ports", false, { .nr_lports = 3, .lports = { PORT, PORT + 1, 9000 } },
	  is_served },
	{ "IPv6", true, { .family = AF_INET6 }, is_v6 },
};

#define VARIANTS (sizeof(variants) / sizeof(*variants))

/* A reader that starts now, and the roll call after it. */
static struct roll_result late_reader(struct _test_data_live *l, unsigned int v)
{
	int ns = variants[v].scoped ? l->late.here : l->late.home;
	struct roll_result result = { .wrong = 1 };
	struct roll_call call = { .wanted = variants[v].wanted };
	int fd = late_open(&l->late, ns, variants[v].filter);

	call.begin = now_ns();
	if (fd >= 0 && late_start(&call.rec, fd)) {
		call.looked = now_ns();
		usleep(100000);
		call.end = now_ns();
		if (late_read_until(&call.rec, fd, call.end) &&
		    late_read_until(&l->roll.all, l->reader, call.end))
			result = roll_call(&l->roll, &call);
		result.wrong += !late_figures(&call.rec, fd);
	}
	records_free(&call.rec);
	close(fd);
	return result;
}

TEST_F(live, told_once_and_then_followed)
{
	struct roll_result sum[VARIANTS] = { 0 };
	unsigned int calls = slow() > 1 ? CALLS / 5 : CALLS;

	for (unsigned int i = 0; i < calls; i++) {
		unsigned int v = i % VARIANTS;
		struct roll_result result = late_reader(self, v);

		EXPECT_EQ(0, result.wrong);
		if (result.wrong)
			printf("# call %u, %s\n", i + 1, variants[v].name);
		sum[v].snapshots += result.snapshots;
		sum[v].changed += result.changed;
		sum[v].born += result.born;
	}
	for (unsigned int v = 0; v < VARIANTS; v++) {
		/* A slow machine does too little for each to see all of it. */
		if (slow() > 1 && v) {
			sum[0].changed += sum[v].changed;
			sum[0].born += sum[v].born;
		}
		printf("# %s: %u told as alive, of which %u went on; %u born\n",
		       variants[v].name, sum[v].snapshots, sum[v].changed, sum[v].born);
		EXPECT_LT(0, sum[v].snapshots);
		if (slow() > 1)
			continue;
		EXPECT_LT(0, sum[v].changed);
		EXPECT_LT(0, sum[v].born);
	}
	EXPECT_LT(0, sum[0].changed);
	EXPECT_LT(0, sum[0].born);
	EXPECT_TRUE(late_figures(&self->roll.all, self->reader));
}

TEST_HARNESS_MAIN

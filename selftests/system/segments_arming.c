// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 turns timeout=240 */
/*
 * Where segments are seen: nowhere until a reader asks, in his namespace or in
 * all of them, as long as one does who asked; or everywhere by the parameter.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "sniffer.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

/* What traffic() sends for a connection: SYN, SYN-ACK, RST. */
#define EACH		3

/* A namespace with a listener; the caller is in it afterwards. */
struct place {
	int ns;
	int l;
};

FIXTURE(arming)
{
	int home;
	struct place here, there;
};

static bool place_up(struct place *p)
{
	unsigned int port;

	if (unshare(CLONE_NEWNET) || !loopback_up())
		return false;
	p->ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	p->l = traffic_listen(KIND_V4, &port);
	return p->ns >= 0 && p->l >= 0;
}

static bool go(int ns)
{
	return !setns(ns, CLONE_NEWNET);
}

FIXTURE_SETUP(arming)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	self->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_TRUE(place_up(&self->there));
	ASSERT_TRUE(place_up(&self->here));
}

FIXTURE_TEARDOWN(arming)
{
	go(self->home);
	close(self->here.l);
	close(self->here.ns);
	close(self->there.l);
	close(self->there.ns);
	close(self->home);
}

static int ask(int fd, unsigned int flags)
{
	struct tcpstate_filter f = { .flags = flags };

	return ioctl(fd, TCPSTATE_IOC_SET_FILTER, &f);
}

/* A reader in the present namespace that asks for @flags. */
static int reader(unsigned int flags)
{
	int fd = device_open(O_NONBLOCK);

	if (fd >= 0 && flags && ask(fd, flags)) {
		perror("SET_FILTER");
		close(fd);
		return -1;
	}
	return fd;
}

static long long seen(void)
{
	static const char *const names[] = {
		"segments_in_syn",	"segments_in_synack",  "segments_in_fin",
		"segments_in_rst",	"segments_out_syn",    "segments_out_synack",
		"segments_out_fin",	"segments_out_rst",    "segments_malformed",
		"segments_bad_options",
	};
	long long sum = 0;

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		sum += counter(names[i]);
	return sum;
}

/* Armed or not, as the counters say and as @n connections show. */
static bool is_armed(const struct place *p, bool should, unsigned int n)
{
	long long since = counter("segments_armed_since_ns"), before = seen(), grown;

	if (counter("segments_armed") != should || !since != !should ||
	    since > (long long)now_ns()) {
		printf("# armed %lld since %lld\n", counter("segments_armed"), since);
		return false;
	}
	if (!traffic(KIND_V4, p->l, n))
		return false;
	grown = seen() - before;
	if (grown == (should ? 2 * EACH * n : 0))
		return true;
	printf("# %u connections: %lld segments\n", n, grown);
	return false;
}

/* The segments among the records of @fd up to now. */
static unsigned int segments(int fd)
{
	struct records rec = { 0 };
	unsigned int n = 0;

	records_read(&rec, fd);
	for (size_t i = 0; i < rec.count; i++)
		n += rec.rec[i].type == TCPSTATE_EVENT_SEGMENT;
	records_free(&rec);
	return n;
}

TEST_F(arming, nobody_asks)
{
	int r;

	ASSERT_TRUE(is_armed(&self->here, false, 5));
	r = reader(0);
	ASSERT_LE(0, r);
	EXPECT_TRUE(is_armed(&self->here, false, 5));
	EXPECT_EQ(0, segments(r));
	EXPECT_EQ(0, seen());
	close(r);
}

TEST_F(arming, own_namespace_only)
{
	int r = reader(TCPSTATE_FILTER_SEGMENTS);

	ASSERT_LE(0, r);
	EXPECT_TRUE(is_armed(&self->here, true, 5));
	ASSERT_TRUE(go(self->there.ns));
	EXPECT_TRUE(is_armed(&self->there, false, 5));
	ASSERT_TRUE(go(self->here.ns));
	EXPECT_EQ(2 * EACH * 5, segments(r));
	close(r);
	EXPECT_TRUE(is_armed(&self->here, false, 5));
	/* What was counted can still be read. */
	EXPECT_EQ(2 * EACH * 5, seen());
}

TEST_F(arming, as_long_as_one_asks)
{
	int one = reader(TCPSTATE_FILTER_SEGMENTS), two = reader(TCPSTATE_FILTER_SEGMENTS);
	int other = reader(0);
	long long since;

	ASSERT_LE(0, one);
	ASSERT_LE(0, two);
	ASSERT_LE(0, other);
	since = counter("segments_armed_since_ns");
	EXPECT_TRUE(is_armed(&self->here, true, 2));
	/* Another filter, which asks too. */
	ASSERT_EQ(0, ask(one, TCPSTATE_FILTER_SEGMENTS));
	EXPECT_EQ(since, counter("segments_armed_since_ns"));
	ASSERT_EQ(0, ask(one, 0));
	EXPECT_TRUE(is_armed(&self->here, true, 2));
	EXPECT_EQ(since, counter("segments_armed_since_ns"));
	close(two);
	EXPECT_TRUE(is_armed(&self->here, false, 2));
	/* Who did not ask gets them too. */
	EXPECT_EQ(2 * EACH * 4, segments(other));
	/* A call that fails changes nothing. */
	EXPECT_EQ(-1, ask(one, TCPSTATE_FILTER_SEGMENTS | 4));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_TRUE(is_armed(&self->here, false, 2));
	/* Armed again, it counts from 0, from now on. */
	ASSERT_EQ(0, ask(one, TCPSTATE_FILTER_SEGMENTS));
	EXPECT_EQ(0, seen());
	EXPECT_LT(since, counter("segments_armed_since_ns"));
	EXPECT_TRUE(is_armed(&self->here, true, 2));
	close(one);
	close(other);
}

TEST_F(arming, all_namespaces)
{
	struct place later;
	int r, own;

	ASSERT_TRUE(go(self->home));
	r = reader(TCPSTATE_FILTER_SEGMENTS | TCPSTATE_FILTER_ALL_NETNS);
	ASSERT_LE(0, r);
	EXPECT_EQ(1, counter("segments_armed"));
	ASSERT_TRUE(go(self->here.ns));
	EXPECT_TRUE(is_armed(&self->here, true, 3));
	ASSERT_TRUE(go(self->there.ns));
	EXPECT_TRUE(is_armed(&self->there, true, 3));
	ASSERT_TRUE(place_up(&later));
	EXPECT_TRUE(is_armed(&later, true, 3));
	EXPECT_EQ(2 * EACH * 9, segments(r));
	own = reader(TCPSTATE_FILTER_SEGMENTS);
	ASSERT_LE(0, own);
	/* From all namespaces to one's own, which is another one. */
	ASSERT_EQ(0, ask(r, TCPSTATE_FILTER_SEGMENTS));
	EXPECT_TRUE(is_armed(&later, true, 3));
	ASSERT_TRUE(go(self->here.ns));
	EXPECT_TRUE(is_armed(&self->here, false, 3));
	ASSERT_TRUE(go(self->home));
	EXPECT_EQ(1, counter("segments_armed"));
	close(r);
	EXPECT_EQ(0, counter("segments_armed"));
	ASSERT_TRUE(go(later.ns));
	EXPECT_TRUE(is_armed(&later, true, 3));
	close(own);
	EXPECT_TRUE(is_armed(&later, false, 3));
	close(later.l);
	close(later.ns);
}

/* All namespaces are not for a reader of one of them. */
TEST_F(arming, no_right)
{
	int r = reader(0);

	ASSERT_LE(0, r);
	EXPECT_EQ(-1, ask(r, TCPSTATE_FILTER_SEGMENTS | TCPSTATE_FILTER_ALL_NETNS));
	EXPECT_EQ(EPERM, errno);
	EXPECT_TRUE(is_armed(&self->here, false, 1));
	close(r);
}

static bool gone(long long before)
{
	__u64 until = deadline(60);

	while (counter("gone_netns") <= before)
		if (!again(until))
			return false;
	return true;
}

/* The namespace goes while it is armed; its reader is left without one. */
TEST_F(arming, namespace_goes)
{
	long long before;
	int r, all, late;

	r = reader(TCPSTATE_FILTER_SEGMENTS);
	late = reader(0);
	ASSERT_LE(0, r);
	ASSERT_LE(0, late);
	ASSERT_TRUE(is_armed(&self->here, true, 3));
	ASSERT_TRUE(go(self->home));
	all = reader(TCPSTATE_FILTER_SEGMENTS | TCPSTATE_FILTER_ALL_NETNS);
	ASSERT_LE(0, all);
	before = counter("gone_netns");
	close(self->here.l);
	close(self->here.ns);
	self->here = (struct place){ -1, -1 };
	EXPECT_TRUE(gone(before));
	EXPECT_EQ(2 * EACH * 3, segments(r));
	/* Nothing is armed by asking for what is not there. */
	EXPECT_EQ(0, ask(late, TCPSTATE_FILTER_SEGMENTS));
	EXPECT_EQ(0, ask(r, 0));
	EXPECT_EQ(0, ask(r, TCPSTATE_FILTER_SEGMENTS));
	close(r);
	close(late);
	EXPECT_EQ(1, counter("segments_armed"));
	close(all);
	EXPECT_EQ(0, counter("segments_armed"));
	ASSERT_TRUE(go(self->there.ns));
	EXPECT_TRUE(is_armed(&self->there, false, 3));
}

/* Namespaces come, are armed and go, while readers of all come and go. */
TEST_F(arming, comings_and_goings)
{
	pid_t child = fork();
	int status;

	ASSERT_LE(0, child);
	if (!child) {
		for (int i = 0; i < 60 / slow(); i++) {
			int r;

			if (unshare(CLONE_NEWNET))
				_exit(1);
			r = reader(TCPSTATE_FILTER_SEGMENTS);
			if (r < 0)
				_exit(2);
			if (i & 1)
				close(r); /* otherwise it outlives the namespace */
		}
		_exit(0);
	}
	ASSERT_TRUE(go(self->home));
	for (;;) {
		int r = reader(TCPSTATE_FILTER_SEGMENTS | TCPSTATE_FILTER_ALL_NETNS);

		ASSERT_LE(0, r);
		close(r);
		if (waitpid(child, &status, WNOHANG) == child)
			break;
	}
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, counter("segments_armed"));
	ASSERT_TRUE(go(self->here.ns));
	EXPECT_TRUE(is_armed(&self->here, false, 3));
}

TEST_F(arming, by_parameter)
{
	struct place later;
	int r;

	if (!getenv("TCPSTATE_KO"))
		SKIP(return, "TCPSTATE_KO is not set");
	ASSERT_TRUE(go(self->home));
	ASSERT_EQ(0, module_reload("segments=Y"));
	EXPECT_EQ(1, counter("segments_armed"));
	ASSERT_TRUE(go(self->here.ns));
	EXPECT_TRUE(is_armed(&self->here, true, 3));
	ASSERT_TRUE(place_up(&later));
	EXPECT_TRUE(is_armed(&later, true, 3));
	r = reader(TCPSTATE_FILTER_SEGMENTS);
	ASSERT_LE(0, r);
	ASSERT_EQ(0, ask(r, 0));
	close(r);
	EXPECT_TRUE(is_armed(&later, true, 3));
	close(later.l);
	close(later.ns);
	ASSERT_TRUE(go(self->home));
	/* Unloaded under what it sees. */
	ASSERT_EQ(0, module_reload(""));
	EXPECT_EQ(0, counter("segments_armed"));
	ASSERT_TRUE(go(self->here.ns));
	EXPECT_TRUE(is_armed(&self->here, false, 3));
}

TEST_HARNESS_MAIN

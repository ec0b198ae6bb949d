/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rings that wrap around under concurrent writers: whatever readers get is
 * intact, and what they do not get is counted exactly, for each CPU and lane.
 *
 * Needs the test build, whose parameter test_burst makes all CPUs write
 * records that describe themselves. The body of wrap2.c and wrap4.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>

#include "device.h"
#include "util.h"

#include "harness.h"

#define BURST_FILE	"/sys/module/tcpstate/parameters/test_burst"
#define CPUS		64
#define LANES		TCPSTATE_LANE_COUNT
#define MIX		0x9E3779B97F4A7C15ULL

/* What one reader saw of one ring. */
struct ring {
	__u32 last;	/* number of the latest record */
	__u64 lost;	/* told lost since then */
	__u64 records;
	__u64 all_lost;
};

struct watcher {
	pthread_t thread;
	int fd;
	unsigned int lanes;
	unsigned int pause_us;	/* between two reads */
	size_t size;		/* of the buffer */
	struct ring ring[CPUS][LANES];
	unsigned int bad;
	__u32 seq;
	__u64 mono_ns;
};

static volatile bool burst_over;

static void complain(struct watcher *w, const struct tcpstate_record *r,
		     const char *what)
{
	if (w->bad++ > 5)
		return;
	printf("# pause %u: type %u seq %u cookie %#llx: %s\n", w->pause_us,
	       r->type, r->seq, (unsigned long long)r->cookie, what);
}

static void check_lost(struct watcher *w, const struct tcpstate_record *r)
{
	unsigned int lane = __builtin_ctz(r->lost.lane | 1 << 31);

	if (r->lost.cpu >= CPUS || lane >= LANES ||
	    r->lost.lane != 1U << lane || !(w->lanes & r->lost.lane) ||
	    !r->lost.count) {
		complain(w, r, "malformed lost record");
		return;
	}
	w->ring[r->lost.cpu][lane].lost += r->lost.count;
	w->ring[r->lost.cpu][lane].all_lost += r->lost.count;
}

/* What the module writes: a pattern, but for one flag that only readers get. */
static __u64 written(const struct tcpstate_record *r, unsigned int word)
{
	__u64 pattern = r->cookie * MIX ^ word;

	if (word == offsetof(struct tcpstate_record, flags) / 8)
		pattern &= ~((__u64)TCPSTATE_F_SNAPSHOT << 32);
	return pattern;
}

static void check_intact(struct watcher *w, const struct tcpstate_record *r)
{
	const __u64 *word = (const __u64 *)r;

	if (r->mono_ns < w->mono_ns)
		complain(w, r, "time went back");
	w->mono_ns = r->mono_ns;
	for (unsigned int i = 5; i < r->size / 8; i++)
		if (word[i] != written(r, i)) {
			complain(w, r, "torn record");
			return;
		}
}

static void check_record(struct watcher *w, const struct tcpstate_record *r)
{
	unsigned int cpu = r->cookie >> 32 & 0xffff;
	__u32 number = r->cookie;
	struct ring *ring = NULL;

	if (r->seq != ++w->seq)
		complain(w, r, "number in the stream");
	if (r->type == TCPSTATE_EVENT_LOST) {
		check_lost(w, r);
		return;
	}
	if (r->cookie >> 48 != 0x7e57 || cpu >= CPUS) {
		complain(w, r, "not one of ours");
		return;
	}
	check_intact(w, r);
	if (r->type == TCPSTATE_EVENT_LIFE) {
		ring = &w->ring[cpu][2];
	} else if (w->lanes == TCPSTATE_LANE_RARE) {
		ring = &w->ring[cpu][1];
	} else if (w->lanes & TCPSTATE_LANE_RARE) {
		/* Main and rare look the same: nothing to tell them apart. */
		w->ring[cpu][0].records++;
		ring = NULL;
	} else {
		ring = &w->ring[cpu][0];
	}
	if (!ring)
		return;
	ring->records++;
	if (number - ring->last - 1 != ring->lost)
		complain(w, r, "gap and lost count differ");
	ring->last = number;
	ring->lost = 0;
}

static void *watch(void *arg)
{
	struct watcher *w = arg;
	char *buf = aligned_alloc(8, w->size);
	bool last = false;

	for (;;) {
		ssize_t got, at = 0;

		/* Once more after the burst: what is there then is all. */
		last = burst_over;
		got = read(w->fd, buf, w->size);
		if (got < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = w->fd, .events = POLLIN };

			if (last)
				break;
			poll(&p, 1, 20);
			continue;
		}
		if (got < 0) {
			perror("read");
			w->bad++;
			break;
		}
		while (at < got) {
			struct tcpstate_record *r = (void *)(buf + at);

			check_record(w, r);
			at += r->size;
		}
		if (w->pause_us && !last)
			nanosleep(&(struct timespec){ .tv_nsec = 1000L * w->pause_us }, NULL);
	}
	free(buf);
	return NULL;
}

static bool write_burst(unsigned int count)
{
	FILE *f = fopen(BURST_FILE, "we");
	bool ok = f && fprintf(f, "%u\n", count) > 0;

	return f && !fclose(f) && ok;
}

FIXTURE(wrap)
{
	struct watcher *w;
	unsigned int count;
};

FIXTURE_SETUP(wrap)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (access(BURST_FILE, W_OK))
		SKIP(return, "the module is not its test build");
	/* The smallest recorder there is: it wraps soonest. */
	for (unsigned int kb = 128; kb <= 4096; kb *= 2) {
		char params[64];

		snprintf(params, sizeof(params), "recorder_kb=%u 2>/dev/null", kb);
		if (!module_reload(params))
			break;
	}
	ASSERT_EQ(0, access(DEVICE_PATH, R_OK));
	self->w = calloc(8, sizeof(*self->w));
	burst_over = false;
}

FIXTURE_TEARDOWN(wrap)
{
	for (unsigned int i = 0; i < self->count; i++)
		close(self->w[i].fd);
	free(self->w);
	if (self->w && module_reload(""))
		printf("# the module could not be loaded again\n");
}

static void add_watcher(struct _test_data_wrap *t, unsigned int lanes,
			unsigned int pause_us, unsigned int records)
{
	struct watcher *w = &t->w[t->count++];

	w->fd = device_open(O_NONBLOCK);
	w->lanes = lanes;
	w->pause_us = pause_us;
	w->size = (size_t)records * TCPSTATE_LIFE_SIZE;
	if (w->fd < 0 || device_start(w->fd, TCPSTATE_START_NOW, lanes, 0))
		w->bad++;
	pthread_create(&w->thread, NULL, watch, w);
}

/* Ends all readers; false if one saw something wrong. */
static bool watchers_agree(struct _test_data_wrap *t)
{
	bool good = true;

	burst_over = true;
	for (unsigned int i = 0; i < t->count; i++) {
		struct watcher *w = &t->w[i];
		__u64 delivered = 0, lost = 0, written = 0;
		struct tcpstate_stats s;

		pthread_join(w->thread, NULL);
		for (int cpu = 0; cpu < CPUS; cpu++)
			for (int lane = 0; lane < LANES; lane++) {
				delivered += w->ring[cpu][lane].records;
				lost += w->ring[cpu][lane].all_lost;
				/* Up to its last record, and what is told lost after it. */
				written += w->ring[cpu][lane].last + w->ring[cpu][lane].lost;
			}
		if (!stats_add_up(w->fd, &s) || s.delivered != delivered ||
		    s.lost != lost || s.pending || s.filtered)
			w->bad++;
		/* Where main and rare are mixed the numbers are not followed. */
		if (!(w->lanes & TCPSTATE_LANE_RARE && w->lanes & TCPSTATE_LANE_MAIN) &&
		    s.recorded != written) {
			printf("# %llu were written\n", (unsigned long long)written);
			w->bad++;
		}
		printf("# lanes %#x pause %u: recorded %llu delivered %llu lost %llu told %llu\n",
		       w->lanes, w->pause_us, (unsigned long long)s.recorded,
		       (unsigned long long)s.delivered, (unsigned long long)s.lost,
		       (unsigned long long)lost);
		if (w->bad)
			good = false;
	}
	return good;
}

static unsigned int size_of_burst(void)
{
	return 60000 / slow() + 3000;
}

TEST_F_TIMEOUT(wrap, each_lane_at_three_speeds, 600)
{
	if (!self->w)
		return;
	add_watcher(self, TCPSTATE_LANE_MAIN, 0, 64);
	add_watcher(self, TCPSTATE_LANE_MAIN, 3000, 16);
	add_watcher(self, TCPSTATE_LANE_MAIN, 50000, 4);
	add_watcher(self, TCPSTATE_LANE_RARE, 0, 64);
	add_watcher(self, TCPSTATE_LANE_RARE, 10000, 1);
	add_watcher(self, TCPSTATE_LANE_LIVES, 0, 64);
	add_watcher(self, TCPSTATE_LANE_LIVES, 10000, 2);
	EXPECT_TRUE(write_burst(size_of_burst()));
	EXPECT_TRUE(watchers_agree(self));
}

/* Lanes merged: still whole records, in order of time, all accounted for. */
TEST_F_TIMEOUT(wrap, merged_lanes, 600)
{
	if (!self->w)
		return;
	add_watcher(self, TCPSTATE_LANES_ALL, 0, 64);
	add_watcher(self, TCPSTATE_LANE_MAIN | TCPSTATE_LANE_LIVES, 3000, 8);
	add_watcher(self, TCPSTATE_LANE_MAIN | TCPSTATE_LANE_RARE, 20000, 8);
	EXPECT_TRUE(write_burst(size_of_burst()));
	EXPECT_TRUE(watchers_agree(self));
}

/* Nobody reads until it is over; then from the oldest record there is. */
TEST_F_TIMEOUT(wrap, afterwards, 600)
{
	struct watcher *w = self->w;

	if (!w)
		return;
	EXPECT_TRUE(write_burst(size_of_burst()));
	burst_over = true;
	w->fd = device_open(O_NONBLOCK);
	w->size = 64 * TCPSTATE_LIFE_SIZE;
	self->count = 1;
	w->lanes = TCPSTATE_LANE_MAIN | TCPSTATE_LANE_RARE;
	ASSERT_EQ(0, device_start(w->fd, TCPSTATE_START_OLDEST, w->lanes, 0));
	watch(w);
	EXPECT_EQ(0, w->bad);
	EXPECT_LT(0, w->ring[0][0].records);
	EXPECT_TRUE(stats_add_up(w->fd, NULL));
}

TEST_HARNESS_MAIN

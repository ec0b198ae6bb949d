// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=4 timeout=300 */
/*
 * Records of all CPUs and lanes leave in the order of their times: while all
 * CPUs write, and afterwards from the oldest on, whatever a read() has room for.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "cpu.h"
#include "device.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define CPUS		4
#define CONNECTIONS	60

/* Of all that was read so far. */
struct place {
	unsigned long long count;
	unsigned long long reads;
	__u64 time;
};

struct writer {
	pthread_t thread;
	int cpu;
	bool done;
	bool ok;
};

static void *write_there(void *data)
{
	struct writer *w = data;
	unsigned int port;
	int l;

	l = traffic_listen(KIND_V4, &port);
	w->ok = run_on(w->cpu) && l >= 0 && traffic(KIND_V4, l, CONNECTIONS);
	close(l);
	__atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static bool all_done(const struct writer *w)
{
	for (int i = 0; i < CPUS; i++)
		if (!__atomic_load_n(&w[i].done, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

/* Read what there is, @room bytes at a time; false if one is out of order. */
static bool follow(int fd, size_t room, struct place *p)
{
	_Alignas(8) char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, room)) > 0) {
		p->reads++;
		for (ssize_t at = 0; at < n;) {
			const struct tcpstate_record *r = (void *)(bytes + at);

			p->count++;
			if (r->seq != p->count || r->mono_ns < p->time) {
				printf("# record %llu: seq %u, %lld ns after the one before\n",
				       p->count, r->seq, (long long)(r->mono_ns - p->time));
				return false;
			}
			p->time = r->mono_ns;
			at += r->size;
		}
	}
	return true;
}

FIXTURE(order)
{
	int fd;
	struct writer w[CPUS];
	struct place place;
	struct tcpstate_stats stats;
};

FIXTURE_SETUP(order)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_LE(CPUS, sysconf(_SC_NPROCESSORS_ONLN));
	self->fd = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, device_start(self->fd, TCPSTATE_START_NOW, TCPSTATE_LANES_ALL, 0));
	for (int i = 0; i < CPUS; i++) {
		self->w[i].cpu = i;
		ASSERT_EQ(0, pthread_create(&self->w[i].thread, NULL, write_there,
					    &self->w[i]));
	}
}

FIXTURE_TEARDOWN(order)
{
	close(self->fd);
}

TEST_F_TIMEOUT(order, of_all_rings, 200)
{
	struct place oldest[3] = { 0 };
	size_t room[3] = { TCPSTATE_LIFE_SIZE, 5 * TCPSTATE_RECORD_SIZE, 4096 };
	int fd;

	while (!all_done(self->w))
		ASSERT_TRUE(follow(self->fd, 3 * TCPSTATE_RECORD_SIZE, &self->place));
	for (int i = 0; i < CPUS; i++) {
		pthread_join(self->w[i].thread, NULL);
		EXPECT_TRUE(self->w[i].ok);
	}
	ASSERT_TRUE(follow(self->fd, 3 * TCPSTATE_RECORD_SIZE, &self->place));
	EXPECT_LE(CPUS * CONNECTIONS * TRAFFIC_RECORDS, self->place.count);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(self->place.count, self->stats.delivered);
	EXPECT_EQ(0, self->stats.lost);

	for (int i = 0; i < 3; i++) {
		fd = device_open(O_NONBLOCK);
		ASSERT_EQ(0, device_start(fd, TCPSTATE_START_OLDEST, TCPSTATE_LANES_ALL, 0));
		EXPECT_TRUE(follow(fd, room[i], &oldest[i]));
		EXPECT_LE(self->place.count, oldest[i].count);
		EXPECT_LE(self->place.time, oldest[i].time);
		EXPECT_TRUE(stats_add_up(fd, &self->stats));
		EXPECT_EQ(oldest[i].count, self->stats.delivered);
		close(fd);
	}
}

TEST_HARNESS_MAIN

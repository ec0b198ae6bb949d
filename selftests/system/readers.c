// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * What a reader may rely on: it gets each record once, in order, from where it
 * asked to start; readers do not disturb one another; read() and poll() behave
 * as those of any stream; its figures add up at every moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "device.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

FIXTURE(readers)
{
	int l;
	unsigned int port;
	int fd;
	struct records rec;
	struct tcpstate_stats stats;
};

FIXTURE_SETUP(readers)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	self->l = traffic_listen(KIND_V4, &self->port);
	ASSERT_LE(0, self->l);
	self->fd = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(readers)
{
	records_free(&self->rec);
	close(self->fd);
	close(self->l);
}

/* Sequence numbers without a gap, times that never go back, nothing lost. */
static bool in_order(const struct records *r)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->rec[i].seq != i + 1 ||
		    r->rec[i].type != TCPSTATE_EVENT_STATE ||
		    (i && r->rec[i].mono_ns < r->rec[i - 1].mono_ns)) {
			printf("# record %zu: type %u seq %u\n", i,
			       r->rec[i].type, r->rec[i].seq);
			return false;
		}
	}
	return true;
}

TEST_F(readers, gets_each_record_once)
{
	ASSERT_TRUE(traffic(KIND_V4, self->l, 3));
	EXPECT_EQ(3 * TRAFFIC_RECORDS, records_read(&self->rec, self->fd));
	EXPECT_TRUE(in_order(&self->rec));
	EXPECT_EQ(0, records_read(&self->rec, self->fd));
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(3 * TRAFFIC_RECORDS, self->stats.delivered);
	EXPECT_EQ(3 * TRAFFIC_RECORDS, self->stats.recorded);
	EXPECT_EQ(0, self->stats.pending);
	EXPECT_EQ(0, self->stats.flags);
}

TEST_F(readers, figures_add_up_at_every_record)
{
	_Alignas(8) char one[TCPSTATE_RECORD_SIZE];

	ASSERT_TRUE(traffic(KIND_V4, self->l, 2));
	for (int i = 1; i <= 2 * TRAFFIC_RECORDS; i++) {
		ASSERT_EQ(sizeof(one), read(self->fd, one, sizeof(one)));
		EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
		EXPECT_EQ(i, self->stats.delivered);
		EXPECT_EQ(2 * TRAFFIC_RECORDS - i, self->stats.pending);
	}
	EXPECT_EQ(-1, read(self->fd, one, sizeof(one)));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(readers, starts_at_the_oldest)
{
	struct records old = { 0 };
	int fd;

	ASSERT_TRUE(traffic(KIND_V4, self->l, 3));
	ASSERT_EQ(3 * TRAFFIC_RECORDS, records_read(&self->rec, self->fd));
	fd = device_open_main(O_NONBLOCK);
	ASSERT_EQ(0, device_start(fd, TCPSTATE_START_OLDEST,
				  TCPSTATE_LANE_MAIN, 0));
	ASSERT_LE(3 * TRAFFIC_RECORDS, records_read(&old, fd));
	/* What the first reader got is the end of what this one gets. */
	for (size_t i = 1; i <= self->rec.count; i++)
		EXPECT_EQ(self->rec.rec[self->rec.count - i].mono_ns,
			  old.rec[old.count - i].mono_ns);
	EXPECT_TRUE(in_order(&old));
	EXPECT_TRUE(stats_add_up(fd, NULL));
	records_free(&old);
	close(fd);
}

TEST_F(readers, starts_in_the_past)
{
	struct tcpstate_start start = {
		.mode = TCPSTATE_START_SINCE,
		.lanes = TCPSTATE_LANE_MAIN,
	};
	__u64 since;

	ASSERT_TRUE(traffic(KIND_V4, self->l, 2));
	since = now_ns();
	start.mono_ns = since;
	ASSERT_TRUE(traffic(KIND_V4, self->l, 3));
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_START, &start));
	EXPECT_EQ(since, start.mono_ns);
	EXPECT_EQ(3 * TRAFFIC_RECORDS, records_read(&self->rec, self->fd));
	EXPECT_TRUE(in_order(&self->rec));
	EXPECT_LE(since, self->rec.rec[0].mono_ns);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(3 * TRAFFIC_RECORDS, self->stats.recorded);
}

TEST_F(readers, starts_now_again)
{
	ASSERT_TRUE(traffic(KIND_V4, self->l, 2));
	ASSERT_EQ(0, device_start(self->fd, TCPSTATE_START_NOW, TCPSTATE_LANE_MAIN, 0));
	EXPECT_EQ(0, records_read(&self->rec, self->fd));
	ASSERT_TRUE(traffic(KIND_V4, self->l, 1));
	EXPECT_EQ(TRAFFIC_RECORDS, records_read(&self->rec, self->fd));
	EXPECT_TRUE(in_order(&self->rec));
}

TEST_F(readers, rare_lane_has_no_states)
{
	ASSERT_EQ(0, device_start(self->fd, TCPSTATE_START_NOW, TCPSTATE_LANE_RARE, 0));
	ASSERT_TRUE(traffic(KIND_V4, self->l, 1));
	/* The RST, at both ends. */
	EXPECT_EQ(2, records_read(&self->rec, self->fd));
	for (size_t i = 0; i < self->rec.count; i++)
		EXPECT_EQ(TCPSTATE_EVENT_RESET, self->rec.rec[i].type);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(2, self->stats.recorded);
}

TEST_F(readers, do_not_disturb_one_another)
{
	struct records other = { 0 };
	int fd = device_open_main(O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_TRUE(traffic(KIND_V4, self->l, 2));
	EXPECT_EQ(2 * TRAFFIC_RECORDS, records_read(&self->rec, self->fd));
	ASSERT_TRUE(traffic(KIND_V4, self->l, 1));
	EXPECT_EQ(TRAFFIC_RECORDS, records_read(&self->rec, self->fd));
	EXPECT_EQ(3 * TRAFFIC_RECORDS, records_read(&other, fd));
	ASSERT_EQ(self->rec.count, other.count);
	EXPECT_EQ(0, memcmp(self->rec.rec, other.rec, other.count * sizeof(*other.rec)));
	records_free(&other);
	close(fd);
}

struct half {
	int fd;
	struct records rec;
};

static volatile bool half_stop;

static void *read_half(void *arg)
{
	_Alignas(8) char one[TCPSTATE_RECORD_SIZE];
	struct half *h = arg;

	while (!half_stop) {
		struct pollfd p = { .fd = h->fd, .events = POLLIN };

		if (poll(&p, 1, 10) != 1 || read(h->fd, one, sizeof(one)) < 0)
			continue;
		h->rec.rec = realloc(h->rec.rec, (h->rec.count + 1) * sizeof(one));
		memcpy(&h->rec.rec[h->rec.count++], one, sizeof(one));
	}
	return NULL;
}

TEST_F(readers, two_threads_share_one_stream)
{
	struct half half[2] = { { .fd = self->fd }, { .fd = self->fd } };
	unsigned int connections = 50;
	unsigned char *seen;
	pthread_t thread[2];
	__u64 until = deadline(10);

	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, read_half, &half[i]));
	ASSERT_TRUE(traffic(KIND_V4, self->l, connections));
	do {
		ASSERT_TRUE(stats_add_up(self->fd, &self->stats));
	} while (self->stats.pending && again(until));
	half_stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	ASSERT_EQ(connections * TRAFFIC_RECORDS, half[0].rec.count + half[1].rec.count);
	seen = calloc(1, connections * TRAFFIC_RECORDS + 1);
	for (int i = 0; i < 2; i++)
		for (size_t n = 0; n < half[i].rec.count; n++) {
			unsigned int seq = half[i].rec.rec[n].seq;

			ASSERT_LE(1, seq);
			ASSERT_LE(seq, connections * TRAFFIC_RECORDS);
			EXPECT_EQ(0, seen[seq]++);
		}
}

TEST_F(readers, poll_tells_when_there_is_something)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN };

	EXPECT_EQ(0, poll(&p, 1, 0));
	ASSERT_TRUE(traffic(KIND_V4, self->l, 1));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN, p.revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL));
	records_read(&self->rec, self->fd);
	EXPECT_EQ(0, poll(&p, 1, 0));
}

static void *later(void *arg)
{
	struct _test_data_readers *self = arg;
	__u64 until = now_ns() + 200000000;

	while (again(until))
		;
	return traffic(KIND_V4, self->l, 1) ? NULL : arg;
}

TEST_F(readers, poll_wakes)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN };
	pthread_t thread;

	pthread_create(&thread, NULL, later, self);
	EXPECT_EQ(1, poll(&p, 1, 20000));
	pthread_join(thread, NULL);
	EXPECT_LE(1, records_read(&self->rec, self->fd));
}

TEST_F(readers, blocking_read_wakes)
{
	_Alignas(8) char buf[16 * TCPSTATE_RECORD_SIZE];
	pthread_t thread;
	ssize_t got, all = 0;

	fcntl(self->fd, F_SETFL, 0);
	pthread_create(&thread, NULL, later, self);
	while (all < TRAFFIC_RECORDS * TCPSTATE_RECORD_SIZE) {
		got = read(self->fd, buf, sizeof(buf));
		ASSERT_LT(0, got);
		EXPECT_EQ(0, got % TCPSTATE_RECORD_SIZE);
		all += got;
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(TRAFFIC_RECORDS * TCPSTATE_RECORD_SIZE, all);
}

static void nothing(int sig)
{
}

TEST_F(readers, signal_ends_a_blocking_read)
{
	struct itimerval soon = { .it_value.tv_usec = 100000, .it_interval.tv_usec = 100000 };
	struct sigaction act = { .sa_handler = nothing };
	struct tcpstate_record buf;

	fcntl(self->fd, F_SETFL, 0);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_EQ(-1, read(self->fd, &buf, sizeof(buf)));
	EXPECT_EQ(EINTR, errno);
	memset(&soon, 0, sizeof(soon));
	setitimer(ITIMER_REAL, &soon, NULL);
}

TEST_F(readers, bad_buffer_loses_nothing)
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *two = map + page - 2 * TCPSTATE_RECORD_SIZE;
	ssize_t got;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, mprotect(map + page, page, PROT_NONE));
	ASSERT_TRUE(traffic(KIND_V4, self->l, 1));
	EXPECT_EQ(-1, read(self->fd, map + page, page));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.delivered);
	EXPECT_EQ(TRAFFIC_RECORDS, self->stats.pending);
	/* Room for two records, then the bad page. */
	got = read(self->fd, two, page);
	EXPECT_TRUE(got == 2 * TCPSTATE_RECORD_SIZE || (got == -1 && errno == EFAULT));
	got = got > 0 ? 2 : 0;
	EXPECT_TRUE(stats_add_up(self->fd, &self->stats));
	EXPECT_EQ(got, self->stats.delivered);
	EXPECT_EQ(TRAFFIC_RECORDS - got, records_read(&self->rec, self->fd));
	EXPECT_EQ(got + 1, self->rec.rec[0].seq);
}

/* The last word of the line that begins with @key; -1 if there is none. */
static long long figure(const char *path, const char *key)
{
	char line[256];
	long long value = -1;
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, key))
			value = atoll(strrchr(line, strrchr(line, '\t') ? '\t' : ' ') + 1);
	if (f)
		fclose(f);
	return value;
}

TEST_F(readers, fdinfo_shows_the_figures)
{
	char path[64];

	ASSERT_TRUE(traffic(KIND_V4, self->l, 2));
	records_read(&self->rec, self->fd);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->fd);
	EXPECT_EQ(2 * TRAFFIC_RECORDS, figure(path, "delivered"));
	EXPECT_EQ(2 * TRAFFIC_RECORDS, figure(path, "recorded"));
	EXPECT_EQ(0, figure(path, "lost:"));
	EXPECT_EQ(0, figure(path, "pending"));
}

/* reader pid comm netns lanes recorded delivered filtered lost pending */
TEST_F(readers, readers_file_shows_the_figures)
{
	long long recorded, delivered, filtered, lost, pending;
	char line[512], comm[64], netns[64], lanes[64];
	int fields, reader, pid, mine = 0;
	FILE *f;

	ASSERT_TRUE(traffic(KIND_V4, self->l, 2));
	records_read(&self->rec, self->fd);
	f = fopen("/proc/tcpstate/readers", "re");
	ASSERT_NE(NULL, f);
	ASSERT_NE(NULL, fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		fields = sscanf(line, "%d %d %63s %63s %63s %lld %lld %lld %lld %lld",
				&reader, &pid, comm, netns, lanes, &recorded,
				&delivered, &filtered, &lost, &pending);
		ASSERT_EQ(10, fields);
		if (pid != getpid())
			continue;
		mine++;
		EXPECT_EQ(2 * TRAFFIC_RECORDS, delivered);
		EXPECT_EQ(recorded, delivered + filtered + lost + pending);
	}
	fclose(f);
	EXPECT_EQ(1, mine);
}

TEST_HARNESS_MAIN

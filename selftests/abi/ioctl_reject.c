// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=1 timeout=120 */
/*
 * Every way to be refused by the device, each alone: one thing wrong in a call
 * that is otherwise right. A refused call changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "device.h"
#include "traffic.h"

#include "harness.h"

#define BAD_POINTER	((void *)8)

FIXTURE(reject)
{
	int fd;
	struct tcpstate_filter filter;
	struct tcpstate_start start;
};

FIXTURE_SETUP(reject)
{
	self->fd = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	/* The right calls that each test spoils. */
	self->filter.nr_lports = 1;
	self->filter.lports[0] = 80;
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &self->filter));
	self->start.lanes = TCPSTATE_LANE_MAIN;
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_START, &self->start));
}

FIXTURE_TEARDOWN(reject)
{
	close(self->fd);
}

#define REFUSED(error, call) do {		\
	errno = 0;				\
	EXPECT_EQ(-1, (call));			\
	EXPECT_EQ(error, errno);		\
} while (0)

#define FILTER_REFUSED() \
	REFUSED(EINVAL, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &self->filter))
#define START_REFUSED() \
	REFUSED(EINVAL, ioctl(self->fd, TCPSTATE_IOC_SET_START, &self->start))

TEST_F(reject, unknown_commands)
{
	char arg[1024] = { 0 };

	for (unsigned int nr = 4; nr < 256; nr++)
		REFUSED(ENOTTY, ioctl(self->fd, _IOC(_IOC_READ, TCPSTATE_IOC_MAGIC, nr, 8), arg));
	for (unsigned int nr = 0; nr < 4; nr++)
		REFUSED(ENOTTY, ioctl(self->fd, _IOC(_IOC_READ, 'T', nr, 8), arg));
}

TEST_F(reject, known_numbers_of_another_size_or_direction)
{
	char arg[1024] = { 0 };

	REFUSED(ENOTTY, ioctl(self->fd, TCPSTATE_IOC_QUERY + (4 << _IOC_SIZESHIFT), arg));
	REFUSED(ENOTTY, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER - (4 << _IOC_SIZESHIFT), arg));
	REFUSED(ENOTTY, ioctl(self->fd, _IO(TCPSTATE_IOC_MAGIC, 0), arg));
	REFUSED(ENOTTY, ioctl(self->fd, _IOW(TCPSTATE_IOC_MAGIC, 3, struct tcpstate_stats), arg));
}

TEST_F(reject, bad_pointers)
{
	REFUSED(EFAULT, ioctl(self->fd, TCPSTATE_IOC_QUERY, BAD_POINTER));
	REFUSED(EFAULT, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, BAD_POINTER));
	REFUSED(EFAULT, ioctl(self->fd, TCPSTATE_IOC_SET_START, BAD_POINTER));
	REFUSED(EFAULT, ioctl(self->fd, TCPSTATE_IOC_GET_STATS, BAD_POINTER));
	REFUSED(EFAULT, ioctl(self->fd, TCPSTATE_IOC_QUERY, NULL));
}

/* SET_START answers: where it cannot, it has not been. */
TEST_F(reject, start_that_cannot_be_written)
{
	struct tcpstate_start *ro = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tcpstate_filter all = { 0 };
	struct tcpstate_stats before, after;
	char buf[TCPSTATE_RECORD_SIZE];
	unsigned int port;
	int l = traffic_listen(KIND_V4, &port);

	ASSERT_NE(MAP_FAILED, (void *)ro);
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &all));
	ASSERT_TRUE(traffic(KIND_V4, l, 1));
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_START, &self->start));
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_GET_STATS, &before));
	EXPECT_EQ(0, before.recorded);
	*ro = self->start;
	ro->mode = TCPSTATE_START_OLDEST;
	ASSERT_EQ(0, mprotect(ro, 4096, PROT_READ));
	REFUSED(EFAULT, ioctl(self->fd, TCPSTATE_IOC_SET_START, ro));
	/* The same place, the same lanes, the same figures. */
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_GET_STATS, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	REFUSED(EAGAIN, read(self->fd, buf, sizeof(buf)));
	ASSERT_TRUE(traffic(KIND_V4, l, 1));
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_GET_STATS, &after));
	EXPECT_EQ(TRAFFIC_RECORDS, after.pending);
	close(l);
}

TEST_F(reject, filter_reserved_bytes)
{
	for (unsigned int i = 0; i < sizeof(self->filter.reserved); i++) {
		self->filter.reserved[i] = 1;
		FILTER_REFUSED();
		self->filter.reserved[i] = 0;
	}
}

TEST_F(reject, filter_unknown_flags)
{
	for (unsigned int bit = 2; bit < 32; bit++) {
		self->filter.flags = 1U << bit;
		FILTER_REFUSED();
	}
}

TEST_F(reject, filter_unknown_events)
{
	self->filter.events = 1;
	FILTER_REFUSED();
	for (unsigned int bit = TCPSTATE_EVENT_COUNT; bit < 64; bit++) {
		self->filter.events = 1ULL << bit;
		FILTER_REFUSED();
	}
}

TEST_F(reject, filter_unknown_states)
{
	static const unsigned int bits[] = { 0, 12, 13, 14, 15 };

	for (unsigned int i = 0; i < 5; i++) {
		self->filter.old_states = 1 << bits[i];
		FILTER_REFUSED();
		self->filter.old_states = 0;
		self->filter.new_states = 1 << bits[i];
		FILTER_REFUSED();
		self->filter.new_states = 0;
	}
}

TEST_F(reject, filter_unknown_family)
{
	for (unsigned int family = 1; family < 256; family++) {
		if (family == AF_INET || family == AF_INET6)
			continue;
		self->filter.family = family;
		FILTER_REFUSED();
	}
}

TEST_F(reject, filter_too_many_ports)
{
	for (unsigned int n = TCPSTATE_FILTER_PORTS + 1; n < 256; n++) {
		self->filter.nr_lports = n;
		FILTER_REFUSED();
	}
	self->filter.nr_lports = 1;
	for (unsigned int n = TCPSTATE_FILTER_PORTS + 1; n < 256; n++) {
		self->filter.nr_rports = n;
		FILTER_REFUSED();
	}
}

TEST_F(reject, filter_unused_ports)
{
	for (unsigned int i = 1; i < TCPSTATE_FILTER_PORTS; i++) {
		self->filter.lports[i] = 1;
		FILTER_REFUSED();
		self->filter.lports[i] = 0;
	}
	for (unsigned int i = 0; i < TCPSTATE_FILTER_PORTS; i++) {
		self->filter.rports[i] = 1;
		FILTER_REFUSED();
		self->filter.rports[i] = 0;
	}
}

TEST_F(reject, start_unknown_mode)
{
	self->start.mode = TCPSTATE_START_LIVE + 1;
	START_REFUSED();
	self->start.mode = ~0U;
	START_REFUSED();
}

TEST_F(reject, start_lanes)
{
	self->start.lanes = 0;
	START_REFUSED();
	for (unsigned int bit = TCPSTATE_LANE_COUNT; bit < 32; bit++) {
		self->start.lanes = TCPSTATE_LANE_MAIN | 1U << bit;
		START_REFUSED();
	}
}

TEST_F(reject, start_time_without_meaning)
{
	self->start.mono_ns = 1;
	START_REFUSED();
	self->start.mode = TCPSTATE_START_OLDEST;
	START_REFUSED();
}

TEST_F(reject, start_reserved)
{
	for (unsigned int byte = 0; byte < 8; byte++) {
		self->start.reserved = 1ULL << 8 * byte;
		START_REFUSED();
	}
}

TEST_F(reject, refused_call_changes_nothing)
{
	struct tcpstate_stats before, after;

	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_GET_STATS, &before));
	self->start.mode = TCPSTATE_START_OLDEST;
	self->start.reserved = 1;
	START_REFUSED();
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_GET_STATS, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

TEST_F(reject, short_buffers)
{
	_Alignas(8) char buf[TCPSTATE_LIFE_SIZE];

	REFUSED(EINVAL, read(self->fd, buf, 0));
	REFUSED(EINVAL, read(self->fd, buf, 1));
	REFUSED(EINVAL, read(self->fd, buf, TCPSTATE_RECORD_SIZE - 1));
	REFUSED(EAGAIN, read(self->fd, buf, TCPSTATE_RECORD_SIZE));
	self->start.lanes = TCPSTATE_LANES_ALL;
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_START, &self->start));
	REFUSED(EINVAL, read(self->fd, buf, TCPSTATE_RECORD_SIZE));
	REFUSED(EINVAL, read(self->fd, buf, TCPSTATE_LIFE_SIZE - 1));
	REFUSED(EAGAIN, read(self->fd, buf, TCPSTATE_LIFE_SIZE));
}

TEST_F(reject, no_position)
{
	char buf[TCPSTATE_RECORD_SIZE];

	REFUSED(ESPIPE, lseek(self->fd, 0, SEEK_SET));
	REFUSED(ESPIPE, lseek(self->fd, 0, SEEK_CUR));
	REFUSED(ESPIPE, lseek(self->fd, 0, SEEK_END));
	REFUSED(ESPIPE, pread(self->fd, buf, sizeof(buf), 0));
}

TEST_F(reject, no_writing)
{
	int fd = open(DEVICE_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	REFUSED(EBADF, write(self->fd, "x", 1));
	if (fd < 0)
		return;
	REFUSED(EINVAL, write(fd, "x", 1));
	close(fd);
}

TEST_F(reject, no_mapping)
{
	REFUSED(ENODEV, (mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->fd, 0) == MAP_FAILED) ?
		-1 : 0);
}

TEST_F(reject, query_tells_the_limits)
{
	struct tcpstate_query q;

	memset(&q, 0xff, sizeof(q));
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_QUERY, &q));
	EXPECT_EQ(TCPSTATE_ABI_VERSION, q.abi);
	EXPECT_EQ(TCPSTATE_SCHEMA_VERSION, q.schema);
	EXPECT_EQ(TCPSTATE_RECORD_SIZE, q.record_size);
	EXPECT_EQ(TCPSTATE_LIFE_SIZE, q.life_size);
	EXPECT_EQ(TCPSTATE_FILTER_PORTS, q.max_ports);
	EXPECT_EQ(TCPSTATE_LANES_ALL, q.lanes);
	EXPECT_EQ(TCPSTATE_FILTER_ALL_NETNS | TCPSTATE_FILTER_SEGMENTS, q.flags);
	EXPECT_EQ((1ULL << TCPSTATE_EVENT_COUNT) - 2, q.events);
	EXPECT_NE(0, q.netns_gen);
	EXPECT_LE(1, q.max_readers);
	EXPECT_LT(q.lane_bytes[1], q.lane_bytes[0]);
	for (unsigned int i = 0; i < 7; i++)
		EXPECT_EQ(0, q.reserved[i]);
}

TEST_HARNESS_MAIN

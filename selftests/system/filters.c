// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * Each member of a reader's filter alone, and the namespaces a reader sees:
 * what is taken out is counted as filtered and nothing else is.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "device.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define CONNECTIONS	4
#define ALL		(2 * CONNECTIONS * TRAFFIC_RECORDS)

FIXTURE(filters)
{
	int l4, l6;
	unsigned int port4, port6;
	int fd;
	struct records rec;
	struct tcpstate_filter filter;
};

FIXTURE_SETUP(filters)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	self->l4 = traffic_listen(KIND_V4, &self->port4);
	self->l6 = traffic_listen(KIND_V6, &self->port6);
	ASSERT_LE(0, self->l4);
	ASSERT_LE(0, self->l6);
	self->fd = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(filters)
{
	records_free(&self->rec);
	close(self->fd);
	close(self->l4);
	close(self->l6);
}

/* As much traffic over IPv4 as over IPv6; returns the records that pass. */
static int pass(struct _test_data_filters *self)
{
	struct tcpstate_stats s;
	int got;

	if (ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &self->filter)) {
		perror("TCPSTATE_IOC_SET_FILTER");
		return -1;
	}
	if (!traffic(KIND_V4, self->l4, CONNECTIONS) ||
	    !traffic(KIND_V6, self->l6, CONNECTIONS))
		return -1;
	got = records_read(&self->rec, self->fd);
	if (!stats_add_up(self->fd, &s))
		return -1;
	if (s.recorded != ALL || s.delivered != got || s.filtered != ALL - got) {
		printf("# recorded %llu delivered %llu filtered %llu, read %d\n",
		       (unsigned long long)s.recorded, (unsigned long long)s.delivered,
		       (unsigned long long)s.filtered, got);
		return -1;
	}
	for (size_t i = 0; i < self->rec.count; i++)
		if (self->rec.rec[i].seq != i + 1)
			return -1;
	return got;
}

TEST_F(filters, empty_passes_all)
{
	EXPECT_EQ(ALL, pass(self));
}

TEST_F(filters, events)
{
	self->filter.events = 1ULL << TCPSTATE_EVENT_STATE;
	EXPECT_EQ(ALL, pass(self));
}

TEST_F(filters, events_of_another_kind)
{
	self->filter.events = 1ULL << TCPSTATE_EVENT_RESET;
	EXPECT_EQ(0, pass(self));
}

TEST_F(filters, old_states)
{
	self->filter.old_states = 1 << TCPSTATE_SYN_SENT | 1 << TCPSTATE_SYN_RECV;
	EXPECT_EQ(ALL / 3, pass(self));
	for (size_t i = 0; i < self->rec.count; i++)
		EXPECT_TRUE(self->rec.rec[i].old_state == TCPSTATE_SYN_SENT ||
			    self->rec.rec[i].old_state == TCPSTATE_SYN_RECV);
}

TEST_F(filters, new_states)
{
	self->filter.new_states = 1 << TCPSTATE_SYN_RECV;
	EXPECT_EQ(ALL / 6, pass(self));
	for (size_t i = 0; i < self->rec.count; i++)
		EXPECT_EQ(TCPSTATE_SYN_RECV, self->rec.rec[i].new_state);
}

TEST_F(filters, family)
{
	self->filter.family = AF_INET6;
	EXPECT_EQ(ALL / 2, pass(self));
	for (size_t i = 0; i < self->rec.count; i++)
		EXPECT_EQ(AF_INET6, self->rec.rec[i].family);
}

TEST_F(filters, local_port)
{
	self->filter.nr_lports = 1;
	self->filter.lports[0] = self->port4;
	EXPECT_EQ(ALL / 4, pass(self));
	for (size_t i = 0; i < self->rec.count; i++)
		EXPECT_EQ(self->port4, self->rec.rec[i].lport);
}

TEST_F(filters, remote_ports)
{
	self->filter.nr_rports = 2;
	self->filter.rports[0] = self->port6;
	self->filter.rports[1] = self->port4;
	EXPECT_EQ(ALL / 2, pass(self));
	for (size_t i = 0; i < self->rec.count; i++)
		EXPECT_TRUE(self->rec.rec[i].rport == self->port4 ||
			    self->rec.rec[i].rport == self->port6);
}

TEST_F(filters, list_of_sixteen)
{
	self->filter.nr_lports = TCPSTATE_FILTER_PORTS;
	for (int i = 0; i < TCPSTATE_FILTER_PORTS; i++)
		self->filter.lports[i] = 1 + i;
	self->filter.lports[TCPSTATE_FILTER_PORTS - 1] = self->port6;
	EXPECT_EQ(ALL / 4, pass(self));
}

TEST_F(filters, all_members_at_once)
{
	self->filter.events = 1ULL << TCPSTATE_EVENT_STATE;
	self->filter.old_states = 1 << TCPSTATE_ESTABLISHED;
	self->filter.new_states = 1 << TCPSTATE_CLOSE;
	self->filter.family = AF_INET;
	self->filter.nr_rports = 1;
	self->filter.rports[0] = self->port4;
	EXPECT_EQ(CONNECTIONS, pass(self));
}

TEST_F(filters, count_for_what_is_not_read_yet)
{
	struct tcpstate_stats s;

	ASSERT_TRUE(traffic(KIND_V4, self->l4, CONNECTIONS));
	self->filter.family = AF_INET6;
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &self->filter));
	EXPECT_EQ(0, records_read(&self->rec, self->fd));
	EXPECT_TRUE(stats_add_up(self->fd, &s));
	EXPECT_EQ(CONNECTIONS * TRAFFIC_RECORDS, s.filtered);
}

/* CONNECTIONS in a namespace of their own, by another process. */
static bool elsewhere(void)
{
	unsigned int port;
	int status;
	pid_t pid = fork();

	if (!pid) {
		int l;

		if (unshare(CLONE_NEWNET) || !loopback_up())
			_exit(1);
		l = traffic_listen(KIND_V4, &port);
		_exit(!(l >= 0 && traffic(KIND_V4, l, CONNECTIONS)));
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

/* What is new counts, whatever is left of a look under the filter before. */
TEST_F(filters, changed_in_the_middle)
{
	const int many = 50 * TRAFFIC_RECORDS; /* more than are fetched at a time */
	struct pollfd p = { .fd = self->fd, .events = POLLIN };
	struct tcpstate_stats s;

	ASSERT_TRUE(traffic(KIND_V4, self->l4, 50));
	ASSERT_EQ(1, poll(&p, 1, 0));
	self->filter.family = AF_INET6;
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &self->filter));
	ASSERT_TRUE(traffic(KIND_V6, self->l6, 1));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(TRAFFIC_RECORDS, records_read(&self->rec, self->fd));
	EXPECT_TRUE(stats_add_up(self->fd, &s));
	EXPECT_EQ(many, s.filtered);
}

TEST_F(filters, own_namespace_only)
{
	struct tcpstate_stats s;

	ASSERT_TRUE(elsewhere());
	EXPECT_EQ(0, records_read(&self->rec, self->fd));
	EXPECT_TRUE(stats_add_up(self->fd, &s));
	EXPECT_LE(CONNECTIONS * TRAFFIC_RECORDS, s.filtered);
	EXPECT_EQ(0, s.delivered);
}

TEST_F(filters, all_namespaces)
{
	struct tcpstate_query q;
	int connections = 0;

	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_QUERY, &q));
	self->filter.flags = TCPSTATE_FILTER_ALL_NETNS;
	self->filter.new_states = 1 << TCPSTATE_SYN_SENT;
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &self->filter));
	ASSERT_TRUE(elsewhere());
	ASSERT_TRUE(traffic(KIND_V4, self->l4, CONNECTIONS));
	EXPECT_EQ(2 * CONNECTIONS, records_read(&self->rec, self->fd));
	for (size_t i = 0; i < self->rec.count; i++)
		connections += self->rec.rec[i].netns_gen == q.netns_gen;
	EXPECT_EQ(CONNECTIONS, connections);
	EXPECT_TRUE(stats_add_up(self->fd, NULL));
}

TEST_HARNESS_MAIN

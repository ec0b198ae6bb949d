// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=1 timeout=120 */
/*
 * Who may read what: the mode of the node, capabilities over the namespace of
 * the opener, and that all of it is decided at open() and stays with the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device.h"
#include "traffic.h"

#include "harness.h"

FIXTURE(permissions)
{
	struct records rec;
	int l;
	unsigned int port;
};

FIXTURE_SETUP(permissions)
{
	self->l = -1;
}

FIXTURE_TEARDOWN(permissions)
{
	records_free(&self->rec);
	close(self->l);
}

/* Every effective, permitted and inheritable capability goes, or just one. */
static int drop_capability(int only)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -1;
	for (int i = 0; i < 2; i++) {
		__u32 keep = only < 0 ? 0 : ~0U;

		if (only >= 0 && only / 32 == i)
			keep = ~(1U << only % 32);
		data[i].effective &= keep;
		data[i].permitted &= keep;
		data[i].inheritable &= keep;
	}
	return syscall(SYS_capset, &head, data);
}

static int become_nobody(void)
{
	return setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
	       setresuid(65534, 65534, 65534);
}

static bool some_traffic(struct _test_data_permissions *self)
{
	if (self->l < 0)
		self->l = traffic_listen(KIND_V4, &self->port);
	return self->l >= 0 && traffic(KIND_V4, self->l, 1);
}

static int set_all_netns(int fd)
{
	struct tcpstate_filter filter = { .flags = TCPSTATE_FILTER_ALL_NETNS };

	return ioctl(fd, TCPSTATE_IOC_SET_FILTER, &filter);
}

TEST_F(permissions, node)
{
	struct stat st;

	ASSERT_EQ(0, stat(DEVICE_PATH, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0600, st.st_mode & 07777);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_gid);
	EXPECT_EQ(10, major(st.st_rdev));
}

TEST_F(permissions, another_user_is_refused)
{
	ASSERT_EQ(0, become_nobody());
	EXPECT_EQ(-1, device_open(O_NONBLOCK));
	EXPECT_EQ(EACCES, errno);
}

/* In the initial namespace the mode of the node alone decides. */
TEST_F(permissions, initial_namespace_needs_no_capability)
{
	int fd;

	ASSERT_EQ(0, drop_capability(-1));
	fd = device_open_main(O_NONBLOCK);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, set_all_netns(fd));
}

TEST_F(permissions, other_namespace_needs_net_admin)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, drop_capability(CAP_NET_ADMIN));
	EXPECT_EQ(-1, device_open(O_NONBLOCK));
	EXPECT_EQ(EPERM, errno);
}

TEST_F(permissions, counters_are_for_all)
{
	ASSERT_EQ(0, become_nobody());
	EXPECT_EQ(1, counter("books_exact"));
	EXPECT_LE(0, counter("state_ESTABLISHED_now"));
	EXPECT_EQ(0, access("/proc/tcpstate/summary", R_OK));
	EXPECT_EQ(0, access("/proc/tcpstate/transitions", R_OK));
	EXPECT_EQ(0, access("/proc/tcpstate/listeners", R_OK));
	EXPECT_EQ(0, access("/proc/tcpstate/memory", R_OK));
}

/* Is a text in a file? -1 if it cannot be read. */
static int is_in(const char *path, const char *text)
{
	FILE *f = fopen(path, "r");
	char line[4096];
	int found = 0;

	if (!f)
		return -1;
	while (!found && fgets(line, sizeof(line), f))
		found = !!strstr(line, text);
	fclose(f);
	return found;
}

/* Addresses and owners are for those with CAP_NET_ADMIN. */
TEST_F(permissions, addresses_are_not)
{
	char address[32], owner[32];
	unsigned int port;
	int l;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	l = traffic_listen(KIND_V4, &port);
	ASSERT_LE(0, l);
	ASSERT_TRUE(traffic(KIND_V4, l, 1));
	snprintf(address, sizeof(address), ":%u ", port);
	snprintf(owner, sizeof(owner), " %d ", getpid());
	EXPECT_EQ(1, is_in("/proc/tcpstate/listeners", address));
	EXPECT_EQ(1, is_in("/proc/tcpstate/listeners", owner));
	ASSERT_EQ(0, drop_capability(CAP_NET_ADMIN));
	EXPECT_EQ(0, is_in("/proc/tcpstate/listeners", address));
	EXPECT_EQ(0, is_in("/proc/tcpstate/listeners", owner));
	EXPECT_EQ(1, is_in("/proc/tcpstate/listeners", "- - "));
	EXPECT_EQ(0, is_in("/proc/tcpstate/connections", address));
	close(l);
}

/* A reader of its own user and network namespace: sees these, only these. */
TEST_F(permissions, container_sees_itself)
{
	struct tcpstate_stats s;
	struct tcpstate_query q;
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	fd = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, set_all_netns(fd));
	EXPECT_EQ(EPERM, errno);
	ASSERT_EQ(0, ioctl(fd, TCPSTATE_IOC_QUERY, &q));
	EXPECT_EQ(TCPSTATE_FILTER_SEGMENTS, q.flags);
	EXPECT_EQ(0, q.lane_bytes[0] | q.lane_bytes[1] | q.lane_bytes[2]);
	ASSERT_TRUE(some_traffic(self));
	/* The listener and one connection. */
	ASSERT_EQ(1 + TRAFFIC_RECORDS, records_read(&self->rec, fd));
	for (size_t i = 0; i < self->rec.count; i++) {
		EXPECT_EQ(q.netns_gen, self->rec.rec[i].netns_gen);
		/* No user has a name in this user namespace. */
		EXPECT_EQ(65534, self->rec.rec[i].uid);
	}
	ASSERT_EQ(0, ioctl(fd, TCPSTATE_IOC_GET_STATS, &s));
	EXPECT_EQ(TCPSTATE_F_SCOPED, s.flags);
	EXPECT_EQ(0, s.recorded);
	EXPECT_EQ(0, s.pending);
	EXPECT_EQ(0, s.lost);
	EXPECT_EQ(1 + TRAFFIC_RECORDS, s.delivered);
	/* Host-wide figures are not shown here. */
	EXPECT_EQ(-1, counter("recorder_bytes"));
}

TEST_F(permissions, container_does_not_see_the_host)
{
	int fd, go[2], status;
	char c;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	pid = fork();
	if (!pid) {
		/* Stays in the initial namespace. */
		_exit(read(go[0], &c, 1) != 1 || !some_traffic(self));
	}
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, write(go[1], "x", 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, records_read(&self->rec, fd));
}

/* What open() decided holds for the file, whoever uses it from then on. */
TEST_F(permissions, rights_stay_with_the_file)
{
	int fd = device_open_main(O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_TRUE(some_traffic(self));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, become_nobody());
	EXPECT_EQ(1 + TRAFFIC_RECORDS, records_read(&self->rec, fd));
	EXPECT_EQ(0, set_all_netns(fd));
	EXPECT_TRUE(stats_add_up(fd, NULL));
}

TEST_HARNESS_MAIN

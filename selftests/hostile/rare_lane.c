// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=1 timeout=300 */
/*
 * Unprivileged users flood the rare lane from network namespaces of their own, as
 * many as they like: the newest records of the host stay in it, and those of
 * other users, also of one who comes in the middle of it.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "util.h"

#include "harness.h"

/* A small lane, and no storm is held back. */
#define WIDE	"recorder_kb=2048 rare_kb=256 storm_rate=100000 storm_burst=1000000"

#define ATTACKER	65534
#define NAMESPACES	5

/* Connections to a port where nobody listens: a RST each, sent and received. */
static void knock(unsigned int count)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(1),
	};

	while (count--) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		connect(fd, (void *)&to, sizeof(to));
		close(fd);
	}
}

static bool lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;

	err = ioctl(fd, SIOCSIFFLAGS, &r);
	close(fd);
	return !err;
}

/**
 * struct user - a child with a network namespace of its own
 * @pid: the child, which waits to be told how often to knock
 * @order: where it is told, 4 bytes; it ends with the pipe
 * @done: where it says that it did so, a byte
 * @inum: of its namespace
 */
struct user {
	pid_t pid;
	int order, done;
	unsigned int inum;
};

static unsigned int inum_of(const char *path)
{
	char text[64] = "";
	unsigned int inum = 0;

	if (readlink(path, text, sizeof(text) - 1) < 0 ||
	    sscanf(text, "net:[%u]", &inum) != 1)
		return 0;
	return inum;
}

static void obey(uid_t uid, int order, int done)
{
	unsigned int count;

	if (setgid(uid) || setuid(uid) || unshare(CLONE_NEWUSER | CLONE_NEWNET) || !lo_up())
		_exit(1);
	if (write(done, "", 1) != 1)
		_exit(1);
	while (read(order, &count, sizeof(count)) == sizeof(count)) {
		knock(count);
		if (write(done, "", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static bool user_comes(struct user *u, uid_t uid)
{
	int order[2], done[2];
	char path[64], c;

	if (pipe2(order, O_CLOEXEC) || pipe2(done, O_CLOEXEC))
		return false;
	u->pid = fork();
	if (!u->pid) {
		close(order[1]);
		close(done[0]);
		obey(uid, order[0], done[1]);
	}
	close(order[0]);
	close(done[1]);
	u->order = order[1];
	u->done = done[0];
	if (u->pid < 0 || read(u->done, &c, 1) != 1)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", u->pid);
	u->inum = inum_of(path);
	return u->inum;
}

static bool user_knocks(const struct user *u, unsigned int count)
{
	char c;

	return write(u->order, &count, sizeof(count)) == sizeof(count) &&
	       read(u->done, &c, 1) == 1;
}

static void user_goes(struct user *u)
{
	close(u->order);
	close(u->done);
	waitpid(u->pid, NULL, 0);
}

/* What the rare lane has of a namespace: the times, oldest first. */
static size_t look(int fd, unsigned int inum, __u64 **times)
{
	struct records rec = { 0 };
	size_t n = 0;

	*times = NULL;
	if (device_start(fd, TCPSTATE_START_OLDEST, TCPSTATE_LANE_RARE, 0) ||
	    records_read(&rec, fd) < 0)
		return 0;
	*times = calloc(rec.count + 1, sizeof(**times));
	for (size_t i = 0; i < rec.count; i++) {
		if (rec.rec[i].type != TCPSTATE_EVENT_LOST && rec.rec[i].netns_inum == inum)
			(*times)[n++] = rec.rec[i].mono_ns;
	}
	records_free(&rec);
	return n;
}

/*
 * How many of the newest records that somebody had are there still, without a
 * gap. @had is freed.
 */
static size_t kept(int fd, unsigned int inum, __u64 *had, size_t count, const char *who)
{
	size_t n, same = 0;
	__u64 *has;

	n = look(fd, inum, &has);
	while (same < n && same < count && has[n - 1 - same] == had[count - 1 - same])
		same++;
	printf("# %s: %zu of %zu records are there\n", who, same, count);
	free(has);
	free(had);
	return same;
}

FIXTURE(rare_lane)
{
	int fd;
	size_t slots; /* of the rare lane */
	unsigned int inum;
};

FIXTURE_SETUP(rare_lane)
{
	struct tcpstate_filter all = { .flags = TCPSTATE_FILTER_ALL_NETNS };
	struct tcpstate_query q;

	ASSERT_EQ(0, module_reload(WIDE));
	self->fd = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_SET_FILTER, &all));
	ASSERT_EQ(0, ioctl(self->fd, TCPSTATE_IOC_QUERY, &q));
	self->slots = q.lane_bytes[1] / (TCPSTATE_RECORD_SIZE + 8);
	ASSERT_LT(500, self->slots);
	self->inum = inum_of("/proc/self/ns/net");
	ASSERT_NE(0, self->inum);
}

FIXTURE_TEARDOWN(rare_lane)
{
	close(self->fd);
	module_reload("");
}

/* Each of many namespaces of one user writes the whole lane through. */
static bool flood(uid_t uid, size_t slots)
{
	bool ok = true;

	for (int i = 0; i < NAMESPACES; i++) {
		struct user u;

		if (!user_comes(&u, uid))
			return false;
		ok &= user_knocks(&u, slots);
		user_goes(&u);
	}
	return ok;
}

TEST_F(rare_lane, one_user_floods)
{
	size_t quarter = self->slots / 4, host, victim;
	__u64 *hosts, *victims;
	struct user late;

	knock(self->slots / 3);
	host = look(self->fd, self->inum, &hosts);
	ASSERT_LT(quarter, host);
	ASSERT_TRUE(flood(ATTACKER, self->slots));
	EXPECT_LE(quarter, kept(self->fd, self->inum, hosts, host, "host"));

	ASSERT_TRUE(user_comes(&late, 2001));
	ASSERT_TRUE(user_knocks(&late, self->slots / 3));
	victim = look(self->fd, late.inum, &victims);
	EXPECT_LE(quarter, victim);
	host = look(self->fd, self->inum, &hosts);
	ASSERT_TRUE(flood(ATTACKER, self->slots));
	EXPECT_LE(quarter, kept(self->fd, late.inum, victims, victim, "late victim"));
	EXPECT_LE(quarter, kept(self->fd, self->inum, hosts, host, "host"));
	user_goes(&late);
}

TEST_F(rare_lane, three_users_flood)
{
	size_t quarter = self->slots / 4, host, victim;
	__u64 *hosts, *victims;
	struct user early, late;

	ASSERT_TRUE(user_comes(&early, 2001));
	knock(self->slots / 6);
	ASSERT_TRUE(user_knocks(&early, self->slots / 6));
	host = look(self->fd, self->inum, &hosts);
	victim = look(self->fd, early.inum, &victims);
	ASSERT_LT(quarter, host);
	ASSERT_LT(quarter, victim);
	for (uid_t uid = ATTACKER; uid > ATTACKER - 3; uid--)
		ASSERT_TRUE(flood(uid, self->slots));
	EXPECT_LE(quarter, kept(self->fd, self->inum, hosts, host, "host"));
	EXPECT_LE(self->slots / 12, kept(self->fd, early.inum, victims, victim, "early victim"));

	ASSERT_TRUE(user_comes(&late, 2002));
	ASSERT_TRUE(user_knocks(&late, self->slots / 3));
	victim = look(self->fd, late.inum, &victims);
	host = look(self->fd, self->inum, &hosts);
	for (uid_t uid = ATTACKER; uid > ATTACKER - 3; uid--)
		ASSERT_TRUE(flood(uid, self->slots));
	EXPECT_LE(self->slots / 12, kept(self->fd, late.inum, victims, victim, "late victim"));
	EXPECT_LE(quarter, kept(self->fd, self->inum, hosts, host, "host"));
	user_goes(&late);
	user_goes(&early);
}

/* Where nobody else wants it all of it is for one. */
TEST_F(rare_lane, alone)
{
	struct user one;
	__u64 *times;

	ASSERT_TRUE(user_comes(&one, 2001));
	ASSERT_TRUE(user_knocks(&one, self->slots));
	EXPECT_EQ(self->slots, look(self->fd, one.inum, &times));
	free(times);
	user_goes(&one);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * The record that tells of a time without records: each reader gets one for
 * each time, whichever lanes it reads, and the books say it too. The module is
 * loaded switched off.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>

#include "device.h"
#include "util.h"

#include "harness.h"

static const unsigned int lanes[] = {
	TCPSTATE_LANE_MAIN,
	TCPSTATE_LANE_RARE,
	TCPSTATE_LANE_LIVES,
	TCPSTATE_LANE_MAIN | TCPSTATE_LANE_RARE,
	TCPSTATE_LANES_ALL,
};

#define READERS	(sizeof(lanes) / sizeof(*lanes))

FIXTURE(gaps)
{
	int fd[READERS];
};

FIXTURE_SETUP(gaps)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_EQ(0, module_reload("enable=0"));
	for (unsigned int i = 0; i < READERS; i++) {
		self->fd[i] = device_open(O_NONBLOCK);
		ASSERT_LE(0, self->fd[i]);
		ASSERT_EQ(0, device_start(self->fd[i], TCPSTATE_START_NOW, lanes[i], 0));
	}
}

FIXTURE_TEARDOWN(gaps)
{
	for (unsigned int i = 0; i < READERS; i++)
		close(self->fd[i]);
	if (module_reload(""))
		printf("# the module could not be loaded again\n");
}

static bool is_gap(const struct tcpstate_record *rec)
{
	return rec->type == TCPSTATE_EVENT_LOST && (rec->flags & TCPSTATE_F_DISABLED) &&
	       !rec->lost.count && rec->lost.off_ns;
}

/* There is exactly one gap to read in each. */
static int not_one_gap(const int *fd)
{
	int wrong = 0;

	for (unsigned int i = 0; i < READERS; i++) {
		struct records r = { 0 };
		unsigned int gaps = 0;

		records_read(&r, fd[i]);
		for (size_t n = 0; n < r.count; n++)
			gaps += is_gap(&r.rec[n]);
		if (gaps != 1 || !stats_add_up(fd[i], NULL)) {
			printf("# lanes %#x: %u gaps in %zu records\n", lanes[i], gaps, r.count);
			wrong++;
		}
		records_free(&r);
	}
	return wrong;
}

TEST_F(gaps, loaded_switched_off)
{
	EXPECT_EQ(0, counter("enabled"));
	ASSERT_TRUE(module_enable(true));
	EXPECT_EQ(1, counter("enabled"));
	EXPECT_LT(0, counter("off_ns"));
	/* What was there was looked up. */
	EXPECT_EQ(1, counter("books_exact"));
}

TEST_F(gaps, one_in_each_lane)
{
	long long off;

	ASSERT_TRUE(module_enable(true));
	EXPECT_EQ(0, not_one_gap(self->fd));
	off = counter("off_ns");
	ASSERT_TRUE(module_enable(false));
	ASSERT_TRUE(module_enable(true));
	EXPECT_LT(off, counter("off_ns"));
	EXPECT_EQ(0, not_one_gap(self->fd));
	/* On when it is on is no gap. */
	ASSERT_TRUE(module_enable(true));
	for (unsigned int i = 0; i < READERS; i++) {
		struct records r = { 0 };

		records_read(&r, self->fd[i]);
		for (size_t n = 0; n < r.count; n++)
			EXPECT_FALSE(is_gap(&r.rec[n]));
		records_free(&r);
	}
}

/* In a container: says when it may go on, then looks at what it got. */
static int container(int ready, int go)
{
	struct records r = { 0 };
	char c = 0;
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return 2;
	fd = device_open(O_NONBLOCK);
	if (fd < 0 || write(ready, &c, 1) != 1 || read(go, &c, 1) != 1)
		return 3;
	if (records_read(&r, fd) != 1 || !is_gap(r.rec)) {
		printf("# %zu records\n", r.count);
		return 4;
	}
	printf("# uid %u cookie %llu\n", r.rec->uid, (unsigned long long)r.rec->cookie);
	return r.rec->uid || r.rec->cookie || r.rec->netns_inum || r.rec->netns_gen ? 1 : 0;
}

TEST_F(gaps, is_nobodys_in_a_container)
{
	int ready[2], go[2], status = -1;
	char c = 0;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(go));
	ASSERT_TRUE(module_enable(true));
	pid = fork();
	if (!pid) {
		close(ready[0]);
		close(go[1]);
		_exit(container(ready[1], go[0]));
	}
	close(ready[1]);
	close(go[0]);
	EXPECT_EQ(1, read(ready[0], &c, 1));
	EXPECT_TRUE(module_enable(false));
	EXPECT_TRUE(module_enable(true));
	EXPECT_EQ(1, write(go[1], &c, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN

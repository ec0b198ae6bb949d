// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * A storm of signals on blocking readers: read() may end early, but no record
 * is lost or given twice, and the figures add up.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#include "device.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

static unsigned int storms;

static void storm(int sig)
{
	storms++;
}

static void *many_connections(void *arg)
{
	sigset_t all;
	int l = *(int *)arg;

	/* The storm is for the reader. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	return traffic(KIND_V4, l, 300 / slow() + 20) ? NULL : arg;
}

TEST(signals)
{
	struct itimerval often = { .it_value.tv_usec = 700, .it_interval.tv_usec = 700 };
	struct sigaction act = { .sa_handler = storm };
	struct tcpstate_record buf[4];
	unsigned int port, got = 0, interrupted = 0;
	unsigned int due = (300 / slow() + 20) * TRAFFIC_RECORDS;
	struct tcpstate_stats s;
	pthread_t thread;
	void *failed;
	int fd, l;

	setvbuf(stdout, NULL, _IOLBF, 0);
	l = traffic_listen(KIND_V4, &port);
	ASSERT_LE(0, l);
	fd = device_open_main(0);
	ASSERT_LE(0, fd);
	sigaction(SIGALRM, &act, NULL);
	pthread_create(&thread, NULL, many_connections, &l);
	setitimer(ITIMER_REAL, &often, NULL);
	while (got < due) {
		ssize_t len = read(fd, buf, sizeof(buf));

		if (len < 0) {
			ASSERT_EQ(EINTR, errno);
			interrupted++;
			continue;
		}
		for (ssize_t at = 0; at < len; at += TCPSTATE_RECORD_SIZE) {
			struct tcpstate_record *r = &buf[at / TCPSTATE_RECORD_SIZE];

			ASSERT_EQ(++got, r->seq);
			ASSERT_EQ(TCPSTATE_EVENT_STATE, r->type);
		}
	}
	memset(&often, 0, sizeof(often));
	setitimer(ITIMER_REAL, &often, NULL);
	pthread_join(thread, &failed);
	EXPECT_EQ(NULL, failed);
	EXPECT_TRUE(stats_add_up(fd, &s));
	EXPECT_EQ(due, s.delivered);
	printf("# %u signals, %u reads interrupted, %u records\n", storms,
	       interrupted, got);
}

TEST_HARNESS_MAIN

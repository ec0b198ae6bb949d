// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=4 timeout=900 */
/*
 * SYN floods from spoofed addresses: the total is exact, by listener and by
 * reason, whatever the number of CPUs; only so much is recorded, and what is
 * recorded says how much it stands for.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mib.h"
#include "siege.h"
#include "sysctl.h"
#include "util.h"

#include "harness.h"

#define PORT	7000
#define FLOOD	(slow() > 1 ? 10000 : 200000)
#define SMALL	(slow() > 1 ? 4000 : 20000)
#define RATE	128	/* of one storm, records a second: storm_rate */
#define BURST	1024	/* storm_burst */

FIXTURE(flood)
{
	struct siege s;
};

FOR_EACH_KIND(flood);

FIXTURE_SETUP(flood)
{
	/* Beyond its share of the rare lane nobody has what others have used. */
	ASSERT_EQ(0, module_reload(""));
	ASSERT_TRUE(siege_up(&self->s, variant->kind));
	ASSERT_TRUE(sysctl_set("tcp_max_syn_backlog", "4096"));
	ASSERT_TRUE(sysctl_set("../core/somaxconn", "4096"));
	/*
	 * What is in the SYN queue stays there; but not for more than seven
	 * seconds, on a slow machine, if it is more than half full.
	 */
	ASSERT_TRUE(sysctl_set("tcp_synack_retries", "10"));
}

FIXTURE_TEARDOWN(flood)
{
	siege_down(&self->s);
}

/* SYNs that came to a SYN queue, of whatever listener; -1 if that is not known. */
static long long let_in(void)
{
	struct matrix m;

	return matrix_read(&m) ? -1 : (long long)m.n[TCPSTATE_CLOSE][TCPSTATE_SYN_RECV];
}

/* Records of a kind and cause, and what they stand for. */
static unsigned int recorded(const struct siege *s, unsigned int type, unsigned int cause,
			     __u64 cookie, unsigned long long *for_so_many)
{
	unsigned int n = 0;

	*for_so_many = 0;
	for (size_t i = 0; i < s->rec.count; i++) {
		const struct tcpstate_record *r = &s->rec.rec[i];

		if (r->type != type || r->cause != cause || r->cookie != cookie)
			continue;
		*for_so_many += r->refusal.stands_for;
		n++;
	}
	return n;
}

/* One storm of 200,000, after an event of another listener. */
TEST_F_TIMEOUT(flood, one_listener, 800)
{
	/* IPv4-mapped addresses come the way of IPv4. */
	const unsigned int flood = variant->kind == KIND_MAPPED ? SMALL : FLOOD;
	unsigned long long since, told, bytes, entries;
	struct siege *s = &self->s;
	unsigned int queued, in, n, next = 1;
	__u64 cookie, other;
	int quiet, l;

	ASSERT_TRUE(sysctl_set("tcp_syncookies", "0"));
	quiet = siege_listen(s, PORT + 1, 0);
	l = siege_listen(s, PORT, 8);
	ASSERT_LE(0, quiet);
	ASSERT_LE(0, l);
	other = siege_cookie(quiet);
	cookie = siege_cookie(l);
	while (!counter("event_syn_drop_syn_queue_full"))
		siege_syn(s, s->synacks + s->rec.count, PORT + 1);
	bytes = counter("recorder_bytes");
	entries = counter("table_size");

	in = let_in();
	since = now_ns();
	siege_flood(s, 1000, flood, PORT, 4);
	since = now_ns() - since;
	in = let_in() - in;
	queued = siege_column(cookie, "synq");
	ASSERT_LT(0, queued);
	EXPECT_GT(12, queued);
	EXPECT_LE(in, queued + siege_column(cookie, "expired"));
	EXPECT_EQ(flood - in, siege_column(cookie, "syn_drop_syn_queue_full"));
	EXPECT_EQ(1, siege_column(other, "syn_drop_syn_queue_full"));
	EXPECT_EQ(flood - in + 1, counter("event_syn_drop_syn_queue_full"));
	EXPECT_EQ(flood - in + 1, mib("TcpExtTCPReqQFullDrop"));
	EXPECT_EQ(flood - in + 1, mib("TcpExtListenDrops"));

	ASSERT_TRUE(siege_read(s));
	n = recorded(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_SYN_QUEUE_FULL, cookie, &told);
	printf("# %u records for %llu of %u in %llu ms\n", n, told, flood - in,
	       since / 1000000);
	EXPECT_LE(BURST, n);
	EXPECT_GE(BURST + (since / 1000000000 + 1) * RATE, n);
	EXPECT_GE(flood - in, told);
	/* The next one stands for all that were held back. */
	for (__u64 until = deadline(10);
	     told < counter("event_syn_drop_syn_queue_full") - 1 && again(until);) {
		siege_syn(s, next++, PORT);
		ASSERT_TRUE(siege_read(s));
		recorded(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_SYN_QUEUE_FULL, cookie,
			 &told);
	}
	EXPECT_EQ(told, siege_column(cookie, "syn_drop_syn_queue_full"));

	/* What was there before the flood still is. */
	ASSERT_EQ(0, device_start(s->reader, TCPSTATE_START_OLDEST, TCPSTATE_LANE_RARE, 0));
	records_free(&s->rec);
	memset(&s->rec, 0, sizeof(s->rec));
	ASSERT_TRUE(siege_read(s));
	EXPECT_EQ(1, recorded(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_SYN_QUEUE_FULL, other,
			      &told));
	EXPECT_EQ(bytes, counter("recorder_bytes"));
	EXPECT_EQ(entries, counter("table_size"));
	close(quiet);
	close(l);
}

/* Cookies keep the door open: each SYN gets one, each is counted. */
TEST_F(flood, cookies)
{
	unsigned long long told, sent;
	struct siege *s = &self->s;
	__u64 cookie;
	int l;

	ASSERT_TRUE(sysctl_set("tcp_syncookies", "1"));
	l = siege_listen(s, PORT, 8);
	ASSERT_LE(0, l);
	cookie = siege_cookie(l);
	siege_flood(s, 0, SMALL, PORT, 4);
	sent = siege_column(cookie, "cookie_cookie_sent");
	EXPECT_EQ(SMALL - let_in(), sent);
	EXPECT_EQ(sent, mib("TcpExtSyncookiesSent"));
	EXPECT_EQ(0, mib("TcpExtListenDrops"));
	ASSERT_TRUE(siege_read(s));
	EXPECT_LE(BURST, recorded(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_SENT, cookie,
				  &told));
	EXPECT_GE(sent, told);
	close(l);
}

static int listen_together(struct siege *s)
{
	struct sockaddr_in6 a = { .sin6_family = s->kind == KIND_V4 ? AF_INET : AF_INET6,
				  .sin6_port = htons(PORT) };
	int on = 1, fd = socket(a.sin6_family, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a,
		 s->kind == KIND_V4 ? sizeof(struct sockaddr_in) : sizeof(a)) ||
	    listen(fd, 8)) {
		perror("# listen");
		close(fd);
		return -1;
	}
	return fd;
}

/* A group shares the port; each has its own queue, and its own refusals. */
TEST_F(flood, reuseport)
{
	long long dropped = 0, one;
	struct siege *s = &self->s;
	int l[4];

	ASSERT_TRUE(sysctl_set("tcp_syncookies", "0"));
	for (int i = 0; i < 4; i++) {
		l[i] = listen_together(s);
		ASSERT_LE(0, l[i]);
	}
	siege_flood(s, 0, 4000, PORT, 4);
	for (int i = 0; i < 4; i++) {
		one = siege_column(siege_cookie(l[i]), "syn_drop_syn_queue_full");
		EXPECT_LT(0, one);
		dropped += one;
	}
	EXPECT_EQ(4000 - let_in(), dropped);
	EXPECT_EQ(dropped, mib("TcpExtTCPReqQFullDrop"));
	EXPECT_EQ(0, siege_column(0, "syn_drop_syn_queue_full"));
	for (int i = 0; i < 4; i++)
		close(l[i]);
	EXPECT_EQ(dropped, siege_column(0, "syn_drop_syn_queue_full"));
}

TEST_HARNESS_MAIN

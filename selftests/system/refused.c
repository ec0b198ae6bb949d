// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=600 */
/*
 * Who was refused, by which listener, and why: each refused SYN and each refused
 * third packet is told once, the counters of the listener and those of the
 * kernel say the same.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diag.h"
#include "failslab.h"
#include "mib.h"
#include "siege.h"
#include "sysctl.h"
#include "util.h"

#include "harness.h"

#define PORT	7000
/*
 * Less than storm_burst, and sent before the first that came to a full SYN queue
 * leaves it again, after seven seconds.
 */
#define MANY	(slow() > 1 ? 200 : 1000)

FIXTURE(refused)
{
	struct siege s;
	__u64 cookie;
	int l;
};

FOR_EACH_KIND(refused);

FIXTURE_SETUP(refused)
{
	self->l = -1;
	ASSERT_TRUE(siege_up(&self->s, variant->kind));
}

FIXTURE_TEARDOWN(refused)
{
	close(self->l);
	siege_down(&self->s);
}

#define LISTEN(backlog)							\
	do {								\
		self->l = siege_listen(&self->s, PORT, backlog);	\
		ASSERT_LE(0, self->l);					\
		self->cookie = siege_cookie(self->l);			\
	} while (0)

static bool settings(const char *cookies, const char *backlog, const char *somaxconn)
{
	return sysctl_set("tcp_syncookies", cookies) &&
	       sysctl_set("tcp_max_syn_backlog", backlog) &&
	       sysctl_set("../core/somaxconn", somaxconn) &&
	       /* What is in the SYN queue stays there, however long it takes. */
	       sysctl_set("tcp_synack_retries", "10");
}

static unsigned int half_open(void)
{
	struct diag_count ss;

	return diag_count(&ss) ? ss.n[TCPSTATE_SYN_RECV] : 0;
}

static int peers_told(const struct siege *s, unsigned int type, unsigned int cause,
		      __u64 cookie, bool *told)
{
	return siege_peers(s, type, cause, cookie, PORT, told);
}

#define COUNTER(kind, cause) counter("event_" kind "_" cause)

/* Without SYN cookies, the SYN queue of the listener is full. */
TEST_F(refused, syn_queue_full)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;
	unsigned int queued;
	int refused;

	ASSERT_TRUE(settings("0", "4096", "4096"));
	LISTEN(8);
	for (unsigned int n = 0; n < MANY; n++)
		siege_syn(s, n, PORT);
	queued = half_open();
	ASSERT_LT(0, queued);
	ASSERT_GT(12, queued);
	refused = MANY - queued;
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, refused));
	EXPECT_EQ(refused, peers_told(s, TCPSTATE_EVENT_SYN_DROP,
				      TCPSTATE_CAUSE_SYN_QUEUE_FULL, self->cookie, told));
	for (unsigned int n = 0; n < MANY; n++)
		EXPECT_EQ(n >= queued, told[n]);
	for (size_t i = 0; i < s->rec.count; i++) {
		const struct tcpstate_record *r = &s->rec.rec[i];

		if (r->type != TCPSTATE_EVENT_SYN_DROP)
			continue;
		ASSERT_EQ(queued, r->refusal.synq);
		ASSERT_EQ(8, r->refusal.synq_max);
		ASSERT_EQ(0, r->refusal.acceptq);
		ASSERT_EQ(4096, r->refusal.backlog);
		ASSERT_EQ(TCPSTATE_LISTEN, r->old_state);
	}
	EXPECT_EQ(refused, mib("TcpExtTCPReqQFullDrop"));
	EXPECT_EQ(refused, mib("TcpExtListenDrops"));
	EXPECT_EQ(refused, COUNTER("syn_drop", "syn_queue_full"));
	EXPECT_EQ(refused, siege_column(self->cookie, "syn_drop_syn_queue_full"));
	EXPECT_EQ(queued, siege_column(self->cookie, "synq"));
	EXPECT_EQ(queued, siege_column(self->cookie, "synq_high"));
	EXPECT_EQ(8, siege_column(self->cookie, "synq_max"));
}

/* Fills the accept queue: it takes one more than its limit. */
static int fill(struct siege *s, int backlog)
{
	int n;

	for (n = 0; n <= backlog; n++) {
		siege_syn(s, n, PORT);
		siege_ack(s, n, PORT);
	}
	return n;
}

TEST_F(refused, accept_queue_full)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;
	int full, fd;

	ASSERT_TRUE(settings("1", "4096", "4096"));
	LISTEN(3);
	full = fill(s, 3);
	ASSERT_EQ(full, siege_column(self->cookie, "acceptq"));
	for (int n = full; n < MANY; n++)
		siege_syn(s, n, PORT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, MANY - full));
	EXPECT_EQ(MANY - full, peers_told(s, TCPSTATE_EVENT_SYN_DROP,
					  TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL, self->cookie,
					  told));
	EXPECT_EQ(MANY - full, mib("TcpExtListenOverflows"));
	EXPECT_EQ(MANY - full, mib("TcpExtListenDrops"));
	EXPECT_EQ(MANY - full, siege_column(self->cookie, "syn_drop_accept_queue_full"));
	EXPECT_EQ(full, siege_column(self->cookie, "acceptq_high"));
	EXPECT_EQ(3, siege_column(self->cookie, "acceptq_max"));
	/* Who was let in is accepted, after a while. */
	for (int n = 0; n < full; n++) {
		fd = accept(self->l, NULL, NULL);
		ASSERT_LE(0, fd);
		close(fd);
	}
	EXPECT_EQ(full, siege_column(self->cookie, "accepted"));
	EXPECT_EQ(0, siege_column(self->cookie, "acceptq"));
	EXPECT_LT(0, siege_column(self->cookie, "accept_p50_ns"));
}

TEST_F(refused, last_quarter)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;
	unsigned int queued;
	int refused;

	ASSERT_TRUE(settings("0", "64", "4096"));
	LISTEN(4096);
	for (unsigned int n = 0; n < MANY; n++)
		siege_syn(s, n, PORT);
	queued = half_open();
	refused = MANY - queued;
	ASSERT_LT(40, queued);
	ASSERT_GT(60, queued);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, refused));
	EXPECT_EQ(refused, peers_told(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_LAST_QUARTER,
				      self->cookie, told));
	EXPECT_EQ(refused, mib("TcpExtListenDrops"));
	EXPECT_EQ(0, mib("TcpExtTCPReqQFullDrop"));
	EXPECT_EQ(refused, siege_column(self->cookie, "syn_drop_last_quarter"));
}

/* No memory for a request. */
TEST_F(refused, no_memory)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;

	if (!failslab_can("request_sock_TCP"))
		SKIP(return, FAILSLAB_NEEDED);
	ASSERT_TRUE(settings("1", "4096", "4096"));
	LISTEN(64);
	EXPECT_TRUE(failslab_set(true));
	for (unsigned int n = 1; n <= 10; n++)
		siege_syn(s, n, PORT);
	EXPECT_TRUE(failslab_set(false));
	/* What is told late is told before somebody looks at counters. */
	EXPECT_EQ(10, COUNTER("syn_drop", "no_memory"));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_NO_MEMORY, 10));
	EXPECT_EQ(10, peers_told(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_NO_MEMORY,
				 self->cookie, told));
	EXPECT_EQ(10, mib("TcpExtListenDrops"));
	EXPECT_EQ(10, siege_column(self->cookie, "syn_drop_no_memory"));
}

TEST_F(refused, no_route)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;

	ASSERT_TRUE(settings("1", "4096", "4096"));
	LISTEN(64);
	siege_syn(s, 0, PORT);
	ASSERT_EQ(1, half_open());
	ASSERT_EQ(0, system("ip -4 route del default; ip -6 route del default"));
	for (unsigned int n = 1; n <= 10; n++)
		siege_syn(s, n, PORT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_NO_ROUTE, 10));
	EXPECT_EQ(10, peers_told(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_NO_ROUTE,
				 self->cookie, told));
	EXPECT_EQ(10, mib("TcpExtListenDrops"));
}

/* The listener wants TCP-MD5 of everybody. */
static bool want_signature(int l, enum kind kind)
{
	union addr any = addr_make(kind, kind == KIND_V6 ? "::" : "0.0.0.0", 0);
	struct tcp_md5sig md5 = {
		.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX,
		.tcpm_keylen = 3,
		.tcpm_key = "key",
	};

	memcpy(&md5.tcpm_addr, &any, sizeof(any));
	if (!setsockopt(l, IPPROTO_TCP, TCP_MD5SIG_EXT, &md5, sizeof(md5)))
		return true;
	perror("# TCP_MD5SIG_EXT");
	return false;
}

TEST_F(refused, auth)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;

	if (kernel_before(6, 11))
		SKIP(return, "this kernel does not tell of segments that are not signed");
	ASSERT_TRUE(settings("1", "4096", "4096"));
	LISTEN(64);
	ASSERT_TRUE(want_signature(self->l, variant->kind));
	for (unsigned int n = 0; n < 10; n++)
		siege_syn(s, n, PORT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_AUTH, 10));
	EXPECT_EQ(10, peers_told(s, TCPSTATE_EVENT_SYN_DROP, TCPSTATE_CAUSE_AUTH,
				 self->cookie, told));
	EXPECT_EQ(10, COUNTER("syn_drop", "auth"));
	EXPECT_EQ(10, siege_column(self->cookie, "syn_drop_auth"));
	EXPECT_EQ(10, mib("TcpExtTCPMD5NotFound"));
	EXPECT_EQ(0, mib("TcpExtListenDrops"));
}

/* The third packet finds the accept queue full: the request waits on. */
TEST_F(refused, ack)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;
	int full, late = 50;

	ASSERT_TRUE(settings("1", "4096", "4096"));
	LISTEN(100);
	/* They are in the SYN queue before the accept queue is full. */
	for (int n = 0; n < late; n++)
		siege_syn(s, MANY + n, PORT);
	full = fill(s, 100);
	for (int n = 0; n < late; n++)
		siege_ack(s, MANY + n, PORT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_ACCEPT_DROP, 0, late));
	EXPECT_EQ(late, peers_told(s, TCPSTATE_EVENT_ACCEPT_DROP,
				   TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL, self->cookie, told));
	for (size_t i = 0; i < s->rec.count; i++) {
		const struct tcpstate_record *r = &s->rec.rec[i];

		if (r->type != TCPSTATE_EVENT_ACCEPT_DROP)
			continue;
		ASSERT_EQ(TCPSTATE_SYN_RECV, r->new_state);
		ASSERT_EQ(TCPSTATE_CARRIER_REQUEST, r->carrier);
		ASSERT_EQ(full, r->refusal.acceptq);
		ASSERT_EQ(100, r->refusal.acceptq_max);
	}
	EXPECT_EQ(late, mib("TcpExtListenOverflows"));
	EXPECT_EQ(late, siege_column(self->cookie, "accept_drop_accept_queue_full"));
	EXPECT_EQ(late, half_open());
	/* Again, the same packet: refused again. */
	siege_ack(s, MANY, PORT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_ACCEPT_DROP, 0, late + 1));
	EXPECT_EQ(late + 1, mib("TcpExtListenOverflows"));
}

/* The same with tcp_abort_on_overflow: RST, and the request is gone. */
TEST_F(refused, ack_abort)
{
	bool told[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;
	int late = 50;

	ASSERT_TRUE(settings("1", "4096", "4096"));
	ASSERT_TRUE(sysctl_set("tcp_abort_on_overflow", "1"));
	LISTEN(100);
	for (int n = 0; n < late; n++)
		siege_syn(s, MANY + n, PORT);
	fill(s, 100);
	for (int n = 0; n < late; n++)
		siege_ack(s, MANY + n, PORT);
	EXPECT_EQ(late, s->resets);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_ACCEPT_DROP, 0, late));
	EXPECT_EQ(late, peers_told(s, TCPSTATE_EVENT_ACCEPT_DROP,
				   TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL, self->cookie, told));
	for (size_t i = 0; i < s->rec.count; i++) {
		const struct tcpstate_record *r = &s->rec.rec[i];

		if (r->type != TCPSTATE_EVENT_ACCEPT_DROP)
			continue;
		ASSERT_EQ(TCPSTATE_CLOSE, r->new_state);
		ASSERT_EQ(TCPSTATE_CARRIER_NONE, r->carrier);
	}
	EXPECT_EQ(late, mib("TcpExtListenOverflows"));
	EXPECT_EQ(0, half_open());
}

/* Cookies: sent, come back good, come back bad, and ACKs that are none. */
TEST_F(refused, cookies)
{
	bool sent[SIEGE_PEERS] = { false };
	struct siege *s = &self->s;
	unsigned int queued, cookies;

	ASSERT_TRUE(settings("1", "4096", "4096"));
	LISTEN(8);
	for (unsigned int n = 0; n < MANY; n++)
		siege_syn(s, n, PORT);
	queued = half_open();
	cookies = MANY - queued;
	EXPECT_LE(MANY, s->synacks);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_SENT, cookies));
	EXPECT_EQ(cookies, peers_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_SENT,
				      self->cookie, sent));
	EXPECT_EQ(cookies, mib("TcpExtSyncookiesSent"));
	EXPECT_EQ(cookies, siege_column(self->cookie, "cookie_cookie_sent"));
	for (unsigned int n = 0; n < 5; n++)
		siege_ack(s, queued + n, PORT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_VALID, 5));
	EXPECT_EQ(5, mib("TcpExtSyncookiesRecv"));
	EXPECT_EQ(5, siege_column(self->cookie, "cookie_cookie_valid"));
	EXPECT_EQ(5, siege_column(self->cookie, "acceptq"));
	for (unsigned int n = 0; n < 7; n++)
		siege_send(s, queued + 10 + n, PORT, SEGMENT_ACK, 77, 4711 + n);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_FAILED, 7));
	EXPECT_EQ(7, mib("TcpExtSyncookiesFailed"));
	EXPECT_EQ(7, COUNTER("cookie", "cookie_failed"));
	EXPECT_EQ(7, s->resets);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, 0));
}

/* What cannot be on the wire is told as it stood there, not as who came before. */
TEST(mapped_source)
{
	const struct tcpstate_record *r = NULL;
	unsigned char source[16];
	struct siege s;
	int l;

	ASSERT_TRUE(siege_up(&s, KIND_V6));
	ASSERT_TRUE(settings("1", "4096", "4096"));
	l = siege_listen(&s, PORT, 8);
	ASSERT_LE(0, l);
	for (unsigned int n = 0; n < 32; n++)
		siege_syn(&s, n, PORT);
	ASSERT_LT(0, mib("TcpExtSyncookiesSent"));
	s.source = "::ffff:192.0.2.7";
	inet_pton(AF_INET6, s.source, source);
	siege_send(&s, 32, PORT, SEGMENT_ACK, 77, 4711);
	if (!mib("TcpExtSyncookiesFailed"))
		SKIP(goto out, "this kernel looks at no such packet");
	EXPECT_TRUE(siege_told(&s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_FAILED, 1));
	for (size_t i = 0; i < s.rec.count; i++) {
		if (s.rec.rec[i].cause == TCPSTATE_CAUSE_COOKIE_FAILED)
			r = &s.rec.rec[i];
	}
	ASSERT_NE(NULL, r);
	EXPECT_EQ(AF_INET6, r->family);
	EXPECT_EQ(0, memcmp(source, r->raddr, sizeof(source)));
	EXPECT_EQ(PORT, r->lport);
out:
	close(l);
	siege_down(&s);
}

/*
 * An ACK that belongs to nothing is no cookie, as long as none was sent. But for
 * two minutes after its clock has gone through 0, five minutes after boot, the
 * kernel takes a listener that never sent one for one that just did.
 */
TEST_F(refused, stray_ack)
{
	struct siege *s = &self->s;
	long long failed;

	ASSERT_TRUE(settings("1", "4096", "4096"));
	LISTEN(8);
	for (unsigned int n = 0; n < 7; n++)
		siege_send(s, n, PORT, SEGMENT_ACK, 77, 4711 + n);
	EXPECT_EQ(7, s->resets);
	failed = mib("TcpExtSyncookiesFailed");
	EXPECT_TRUE(failed == 0 || failed == 7);
	EXPECT_EQ(failed, COUNTER("cookie", "cookie_failed"));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, 0, failed));
}

/* A good cookie, and no room in the accept queue. */
TEST_F(refused, cookie_and_full)
{
	struct siege *s = &self->s;
	int full;

	ASSERT_TRUE(settings("2", "4096", "4096"));
	LISTEN(3);
	siege_syn(s, MANY, PORT);
	full = fill(s, 3);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_SENT, full + 1));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_VALID, full));
	siege_ack(s, MANY, PORT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_ACCEPT_DROP, TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL,
			       1));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_VALID,
			       full + 1));
	EXPECT_EQ(1, mib("TcpExtListenOverflows"));
	EXPECT_EQ(full + 1, mib("TcpExtSyncookiesRecv"));
}

/* A flood on one listener, while another one serves; then both are closed. */
TEST_F(refused, two_listeners)
{
	struct siege *s = &self->s;
	unsigned int queued;
	__u64 other;
	int l, fd;

	ASSERT_TRUE(settings("0", "4096", "4096"));
	LISTEN(8);
	l = siege_listen(s, PORT + 1, 64);
	ASSERT_LE(0, l);
	other = siege_cookie(l);
	for (unsigned int n = 0; n < MANY; n++) {
		siege_syn(s, n, PORT);
		if (n % (MANY / 20))
			continue;
		siege_syn(s, MANY + n, PORT + 1);
		siege_ack(s, MANY + n, PORT + 1);
		fd = accept(l, NULL, NULL);
		ASSERT_LE(0, fd);
		close(fd);
	}
	queued = siege_column(self->cookie, "synq");
	EXPECT_EQ(MANY - queued, siege_column(self->cookie, "syn_drop_syn_queue_full"));
	EXPECT_EQ(0, siege_column(other, "syn_drop_syn_queue_full"));
	EXPECT_EQ(20, siege_column(other, "accepted"));
	EXPECT_EQ(0, siege_column(self->cookie, "accepted"));
	EXPECT_EQ(0, siege_column(0, "syn_drop_syn_queue_full"));
	close(self->l);
	self->l = -1;
	EXPECT_EQ(-1, siege_column(self->cookie, "synq"));
	EXPECT_EQ(MANY - queued, siege_column(0, "syn_drop_syn_queue_full"));
	EXPECT_EQ(0, siege_column(0, "accepted"));
	close(l);
	EXPECT_EQ(20, siege_column(0, "accepted"));
	EXPECT_EQ(MANY - queued, mib("TcpExtTCPReqQFullDrop"));
}

TEST_HARNESS_MAIN

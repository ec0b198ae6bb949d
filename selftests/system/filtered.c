// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=1 boot=lsm=bpf timeout=240 */
/*
 * Who is refused by a security module is told so, and not for a want of a route
 * or of memory; the rest come in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "lsm.h"
#include "mib.h"
#include "siege.h"
#include "sysctl.h"
#include "util.h"

#include "harness.h"

#define SHUT	7000	/* to whoever comes */
#define OPEN	7001
#define MANY	100

FIXTURE(filtered)
{
	struct siege s;
	__u64 shut, open;	/* cookies */
	int l[2];
	int lsm;
	/* IPv6 does not count each route that it cannot take. */
	unsigned int cause;
	const char *column;
	bool told[SIEGE_PEERS];
};

FOR_EACH_KIND(filtered);

FIXTURE_SETUP(filtered)
{
	bool v6 = variant->kind == KIND_V6;

	memset(self->told, 0, sizeof(self->told));
	memset(self->l, -1, sizeof(self->l));
	self->cause = v6 ? TCPSTATE_CAUSE_OTHER : TCPSTATE_CAUSE_FILTERED;
	self->column = v6 ? "syn_drop_other" : "syn_drop_filtered";
	self->lsm = lsm_refuse(SHUT);
	ASSERT_TRUE(siege_up(&self->s, variant->kind));
	self->l[0] = siege_listen(&self->s, SHUT, 1024);
	self->l[1] = siege_listen(&self->s, OPEN, 1024);
	ASSERT_LE(0, self->l[0]);
	ASSERT_LE(0, self->l[1]);
	self->shut = siege_cookie(self->l[0]);
	self->open = siege_cookie(self->l[1]);
}

FIXTURE_TEARDOWN(filtered)
{
	close(self->l[0]);
	close(self->l[1]);
	close(self->lsm);
	siege_down(&self->s);
}

static unsigned int half_open(void)
{
	struct diag_count ss;

	return diag_count(&ss) ? ss.n[TCPSTATE_SYN_RECV] : 0;
}

/* SYNs to both ports in turn. */
TEST_F(filtered, syn)
{
	struct siege *s = &self->s;

	if (self->lsm < 0)
		SKIP(return, LSM_NEEDED);
	for (unsigned int n = 0; n < MANY; n++) {
		siege_syn(s, n, SHUT);
		siege_syn(s, MANY + n, OPEN);
	}
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, MANY));
	EXPECT_EQ(MANY, siege_peers(s, TCPSTATE_EVENT_SYN_DROP, self->cause, self->shut, SHUT,
				    self->told));
	for (unsigned int n = 0; n < 2 * MANY; n++)
		ASSERT_EQ(n < MANY, self->told[n]);
	EXPECT_EQ(MANY, mib("TcpExtListenDrops"));
	EXPECT_EQ(MANY, siege_column(self->shut, self->column));
	EXPECT_EQ(0, siege_column(self->open, self->column));
	EXPECT_EQ(MANY, half_open());
	EXPECT_EQ(MANY, siege_column(self->open, "synq"));
	EXPECT_EQ(0, s->resets);
	/* As soon as it says no more, they come in. */
	close(self->lsm);
	self->lsm = -1;
	for (unsigned int n = 0; n < MANY; n++)
		siege_syn(s, n, SHUT);
	EXPECT_EQ(2 * MANY, half_open());
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, MANY));
	EXPECT_EQ(MANY, mib("TcpExtListenDrops"));
}

/* It is asked before a route is looked for. */
TEST_F(filtered, before_the_route)
{
	struct siege *s = &self->s;

	if (self->lsm < 0)
		SKIP(return, LSM_NEEDED);
	ASSERT_EQ(0, system("ip -4 route del default; ip -6 route del default"));
	for (unsigned int n = 0; n < MANY; n++) {
		siege_syn(s, n, SHUT);
		siege_syn(s, MANY + n, OPEN);
	}
	EXPECT_EQ(2 * MANY, mib("TcpExtListenDrops"));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, 2 * MANY));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, self->cause, MANY));
	EXPECT_EQ(MANY, siege_column(self->shut, self->column));
	EXPECT_EQ(0, siege_column(self->shut, "syn_drop_no_route"));
	EXPECT_EQ(0, siege_column(self->open, self->column));
	EXPECT_EQ(MANY, siege_column(self->open, "syn_drop_no_route"));
}

/* Nor does a SYN get a cookie; one that comes back is counted as no refusal. */
TEST_F(filtered, cookies)
{
	struct siege *s = &self->s;

	if (self->lsm < 0)
		SKIP(return, LSM_NEEDED);
	ASSERT_TRUE(sysctl_set("tcp_syncookies", "2"));
	for (unsigned int n = 0; n < MANY; n++)
		siege_syn(s, n, SHUT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, MANY));
	EXPECT_EQ(MANY, siege_peers(s, TCPSTATE_EVENT_SYN_DROP, self->cause, self->shut, SHUT,
				    self->told));
	EXPECT_EQ(MANY, mib("TcpExtListenDrops"));
	EXPECT_EQ(0, mib("TcpExtSyncookiesSent"));
	EXPECT_EQ(0, s->synacks);

	close(self->lsm);
	siege_syn(s, 0, SHUT);
	EXPECT_EQ(1, s->synacks);
	self->lsm = lsm_refuse(SHUT);
	ASSERT_LE(0, self->lsm);
	siege_ack(s, 0, SHUT);
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_COOKIE, TCPSTATE_CAUSE_COOKIE_VALID,
			       mib("TcpExtSyncookiesRecv")));
	EXPECT_EQ(1, mib("TcpExtSyncookiesRecv"));
	EXPECT_EQ(0, siege_column(self->shut, "acceptq"));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_SYN_DROP, 0, MANY));
	EXPECT_TRUE(siege_told(s, TCPSTATE_EVENT_ACCEPT_DROP, 0,
			       mib("TcpExtListenDrops") - MANY));
}

TEST_HARNESS_MAIN

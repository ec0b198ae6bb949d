// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=120 */
/*
 * TPROXY: a SYN for a timewait sock is given to the proxy, and the timewait sock
 * is ended by a module before TCP sees the SYN. That is a recycling like any
 * other.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"
#include "ends.h"
#include "util.h"

#include "harness.h"

#define PORT	8080
#define C_PORT	40000

#ifndef IPV6_TRANSPARENT
#define IPV6_TRANSPARENT 75
#endif

FIXTURE(tproxy)
{
	bool proxied;
	int l;
};

FOR_EACH_KIND(tproxy);

/* All TCP to the port, and a way for what has the mark. */
static bool proxy(void)
{
	return !system("ip link set lo up && "
		       "ip rule add fwmark 1 lookup 100 && "
		       "ip route add local 0.0.0.0/0 dev lo table 100 && "
		       "ip -6 rule add fwmark 1 lookup 100 && "
		       "ip -6 route add local ::/0 dev lo table 100") &&
	       !system("nft 'table inet t {\n chain p {\n"
		       "type filter hook prerouting priority mangle\n"
		       "meta nfproto ipv4 tcp dport 8080 tproxy ip to :8080 meta mark set 1 accept\n"
		       "meta nfproto ipv6 tcp dport 8080 tproxy ip6 to :8080 meta mark set 1 accept\n"
		       "}\n}\n'");
}

FIXTURE_SETUP(tproxy)
{
	int on = 1;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->proxied = proxy();
	if (!self->proxied)
		return;
	self->l = tcp_bound(variant->kind, variant->kind == KIND_V6 ? "::1" : "127.0.0.1", PORT, 0);
	ASSERT_LE(0, self->l);
	ASSERT_EQ(0, variant->kind == KIND_V4 ?
		  setsockopt(self->l, SOL_IP, IP_TRANSPARENT, &on, sizeof(on)) :
		  setsockopt(self->l, SOL_IPV6, IPV6_TRANSPARENT, &on, sizeof(on)));
	ASSERT_EQ(0, listen(self->l, 8));
}

FIXTURE_TEARDOWN(tproxy)
{
	close(self->l);
}

/* A connection from always the same port, which the proxy closes first. */
static bool visit(int l, enum kind kind)
{
	const char *host = kind == KIND_V6 ? "::1" : "127.0.0.1";
	int c = tcp_bound(kind, host, C_PORT, 0), s;
	union addr to = addr_make(kind, host, PORT);
	bool good;

	if (connect(c, &to.any, addr_len(&to))) {
		perror("# connect");
		close(c);
		return false;
	}
	s = accept(l, NULL, NULL);
	good = s >= 0 && !close(s) && tcp_wait_state(c, TCPSTATE_CLOSE_WAIT);
	close(c);
	return good;
}

static void add_recycled(unsigned int old, unsigned int new, unsigned int cause,
			 unsigned long long count, void *data)
{
	int *recycled = data;

	if (old != TCPSTATE_TIME_WAIT)
		return;
	printf("# TIME_WAIT to CLOSE: %s %llu\n", cause_name(cause), count);
	*recycled = cause == TCPSTATE_CAUSE_RECYCLED && *recycled >= 0 ? (int)count : -1;
}

static bool in_time_wait(void)
{
	__u64 until = deadline(10);

	while (counter("state_TIME_WAIT_now") != 1 && again(until))
		;
	return counter("state_TIME_WAIT_now") == 1;
}

TEST_F(tproxy, recycled)
{
	int recycled = 0;

	if (!self->proxied)
		SKIP(return, "there is no nft, or the kernel has no TPROXY");
	ASSERT_TRUE(visit(self->l, variant->kind));
	ASSERT_TRUE(in_time_wait());
	ASSERT_TRUE(visit(self->l, variant->kind));
	ASSERT_TRUE(in_time_wait());
	EXPECT_LE(0, transitions_each(add_recycled, &recycled));
	EXPECT_EQ(1, recycled);
	EXPECT_EQ(1, counter("books_exact"));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=240 */
/*
 * Segments with SYN, FIN and RST of connections on loopback: the records are
 * those that a packet socket saw, no more and no less, with the numbers and
 * options of the header, each linked to its connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "sniffer.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define SFR	(SEGMENT_SYN | SEGMENT_FIN | SEGMENT_RST)

FIXTURE(segments)
{
	const char *addr;
	int home;
	int reader;
	int l;
	unsigned int port;
	struct sniffer sn;
	struct records rec;
};

FOR_EACH_KIND(segments);

FIXTURE_SETUP(segments)
{
	struct tcpstate_filter f = { .flags = TCPSTATE_FILTER_SEGMENTS };

	setvbuf(stdout, NULL, _IOLBF, 0);
	self->addr = variant->kind == KIND_V6 ? "::1" : "127.0.0.1";
	self->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	self->l = traffic_listen(variant->kind, &self->port);
	ASSERT_LE(0, self->l);
	self->reader = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->reader);
	ASSERT_EQ(0, ioctl(self->reader, TCPSTATE_IOC_SET_FILTER, &f));
	ASSERT_TRUE(sniffer_open(&self->sn));
}

FIXTURE_TEARDOWN(segments)
{
	close(self->l);
	close(self->reader);
	records_free(&self->rec);
	sniffer_close(&self->sn);
	setns(self->home, CLONE_NEWNET);
	close(self->home);
}

static int differ(const char *name, long long should)
{
	long long is = counter(name);

	if (is == should)
		return 0;
	printf("# %s is %lld, not %lld\n", name, is, should);
	return 1;
}

/* The counters are what the packet socket saw. */
static int counters_differ(const struct sniffer *sn)
{
	static const struct {
		const char *in, *out;
		unsigned int mask, flags;
	} kinds[] = {
		{ "segments_in_syn", "segments_out_syn", SEGMENT_SYN | SEGMENT_ACK, SEGMENT_SYN },
		{ "segments_in_synack", "segments_out_synack", SEGMENT_SYN | SEGMENT_ACK,
		  SEGMENT_SYN | SEGMENT_ACK },
		{ "segments_in_fin", "segments_out_fin", SFR, SEGMENT_FIN },
		{ "segments_in_rst", "segments_out_rst", SEGMENT_RST, SEGMENT_RST },
	};
	int bad = 0;

	for (unsigned int i = 0; i < 4; i++) {
		bad += differ(kinds[i].in, sniffer_count(sn, true, kinds[i].mask, kinds[i].flags));
		bad += differ(kinds[i].out,
			      sniffer_count(sn, false, kinds[i].mask, kinds[i].flags));
	}
	return bad + differ("segments_armed", 1) + differ("segments_malformed", 0) +
	       differ("segments_bad_options", 0) + differ("transitions_unlisted", 0);
}

/* All has passed: @segments sent at least, and as many came. */
static bool told_at_least(struct sniffer *sn, struct records *rec, int reader,
			  unsigned int segments)
{
	__u64 until = deadline(10);

	do
		sniffer_read(sn);
	while (sniffer_count(sn, true, 0, 0) < segments && again(until));
	records_read(rec, reader);
	if (sniffer_count(sn, true, 0, 0) < segments ||
	    sniffer_count(sn, true, 0, 0) != sniffer_count(sn, false, 0, 0)) {
		printf("# %zu segments passed\n", sn->count);
		return false;
	}
	return !(sniffer_compare(sn, rec) + counters_differ(sn));
}

/* The same where nothing is sent again. */
static bool told(struct sniffer *sn, struct records *rec, int reader, unsigned int segments)
{
	bool good = told_at_least(sn, rec, reader, segments);

	if (sn->count == 2 * segments)
		return good;
	printf("# %zu segments passed, not %u\n", sn->count, 2 * segments);
	return false;
}

/* The record of a segment; NULL with a diagnostic unless there is one. */
static const struct tcpstate_record *find(const struct records *rec, bool incoming,
					  unsigned int lport, unsigned int flags)
{
	const struct tcpstate_record *found = NULL;
	unsigned int n = 0;

	for (size_t i = 0; i < rec->count; i++) {
		const struct tcpstate_record *r = &rec->rec[i];

		if (r->type != TCPSTATE_EVENT_SEGMENT || r->lport != lport ||
		    (r->cause & (SFR | SEGMENT_ACK)) != flags ||
		    !(r->flags & TCPSTATE_F_INCOMING) != !incoming)
			continue;
		found = r;
		n++;
	}
	if (n != 1)
		printf("# %u records of port %u %s with flags %#x\n", n, lport,
		       incoming ? "in" : "out", flags);
	return n == 1 ? found : NULL;
}

/* Linked to the connection and its owner, in @state. */
static bool linked(const struct records *rec, bool incoming, unsigned int lport,
		   unsigned int flags, __u64 cookie, unsigned int state)
{
	const struct tcpstate_record *r = find(rec, incoming, lport, flags);

	if (r && r->cookie == cookie && r->new_state == state && r->old_state == state &&
	    r->flags & TCPSTATE_F_TRACKED && r->flags & TCPSTATE_F_OWNER && r->life == 1 &&
	    r->tgid == getpid() && r->ifindex == 1)
		return true;
	if (r)
		segment_record_print("not as it should be", r);
	return false;
}

/* Linked to nothing. */
static bool strange(const struct records *rec, bool incoming, unsigned int lport,
		    unsigned int flags)
{
	const struct tcpstate_record *r = find(rec, incoming, lport, flags);

	if (r && !r->cookie && !r->new_state && !r->carrier && !r->tgid && !r->life &&
	    !(r->flags & ~TCPSTATE_F_INCOMING))
		return true;
	if (r)
		segment_record_print("should be a stranger's", r);
	return false;
}

TEST_F(segments, open_and_close)
{
	int c = tcp_connect_to(variant->kind, self->addr, self->port);
	int s = accept(self->l, NULL, NULL);
	unsigned int from = tcp_port(c);
	__u64 cc = tcp_cookie(c), sc = tcp_cookie(s);
	const struct records *rec = &self->rec;

	ASSERT_LE(0, c);
	ASSERT_LE(0, s);
	shutdown(c, SHUT_WR);
	ASSERT_TRUE(tcp_wait_state(s, TCPSTATE_CLOSE_WAIT));
	ASSERT_TRUE(tcp_wait_state(c, TCPSTATE_FIN_WAIT2));
	close(s);
	close(c);
	ASSERT_TRUE(told(&self->sn, &self->rec, self->reader, 4));
	EXPECT_TRUE(linked(rec, false, from, SEGMENT_SYN, cc, TCPSTATE_SYN_SENT));
	EXPECT_TRUE(strange(rec, true, self->port, SEGMENT_SYN));
	EXPECT_TRUE(linked(rec, false, self->port, SEGMENT_SYN | SEGMENT_ACK, sc,
			   TCPSTATE_SYN_RECV));
	EXPECT_TRUE(linked(rec, true, from, SEGMENT_SYN | SEGMENT_ACK, cc, TCPSTATE_SYN_SENT));
	EXPECT_TRUE(linked(rec, false, from, SEGMENT_FIN | SEGMENT_ACK, cc, TCPSTATE_FIN_WAIT1));
	EXPECT_TRUE(linked(rec, true, self->port, SEGMENT_FIN | SEGMENT_ACK, sc,
			   TCPSTATE_ESTABLISHED));
	EXPECT_TRUE(linked(rec, false, self->port, SEGMENT_FIN | SEGMENT_ACK, sc,
			   TCPSTATE_LAST_ACK));
	EXPECT_TRUE(linked(rec, true, from, SEGMENT_FIN | SEGMENT_ACK, cc, TCPSTATE_FIN_WAIT2));
}

TEST_F(segments, reset)
{
	int c = tcp_connect_to(variant->kind, self->addr, self->port);
	int s = accept(self->l, NULL, NULL);
	unsigned int from = tcp_port(c);
	__u64 cc = tcp_cookie(c), sc = tcp_cookie(s);

	ASSERT_LE(0, c);
	ASSERT_LE(0, s);
	tcp_abort(c);
	ASSERT_TRUE(tcp_wait_state(s, TCPSTATE_CLOSE));
	ASSERT_TRUE(told(&self->sn, &self->rec, self->reader, 3));
	EXPECT_TRUE(linked(&self->rec, false, from, SEGMENT_RST | SEGMENT_ACK, cc,
			   TCPSTATE_CLOSE));
	EXPECT_TRUE(linked(&self->rec, true, self->port, SEGMENT_RST | SEGMENT_ACK, sc,
			   TCPSTATE_ESTABLISHED));
	close(s);
}

TEST_F(segments, refused)
{
	union addr a = addr_make(variant->kind, self->addr, self->port);
	int c = tcp_bound(variant->kind, self->addr, 0, 0);
	unsigned int from = tcp_port(c);
	__u64 cookie = tcp_cookie(c);

	close(self->l);
	EXPECT_EQ(-1, connect(c, &a.any, addr_len(&a)));
	EXPECT_EQ(ECONNREFUSED, errno);
	ASSERT_TRUE(told(&self->sn, &self->rec, self->reader, 2));
	EXPECT_TRUE(strange(&self->rec, false, self->port, SEGMENT_RST | SEGMENT_ACK));
	EXPECT_TRUE(linked(&self->rec, true, from, SEGMENT_RST | SEGMENT_ACK, cookie,
			   TCPSTATE_SYN_SENT));
	close(c);
}

/*
 * A connection that ends with much still to be sent: nobody read, and the FIN
 * waits behind the last of it. How much that is depends on @first.
 */
static bool end_full(enum kind kind, const char *addr, int l, size_t first)
{
	static char data[1 << 20];
	int c = tcp_connect_to(kind, addr, tcp_port(l)), s = accept(l, NULL, NULL);
	bool full = c >= 0 && s >= 0 && write(c, data, first) == first;
	ssize_t len;

	fcntl(c, F_SETFL, O_NONBLOCK);
	while (write(c, data, sizeof(data)) > 0)
		;
	close(c);
	while ((len = read(s, data, sizeof(data))) > 0)
		;
	close(s);
	return full && !len;
}

#define FULL_ENDS	8

/* A FIN in a packet that the device would cut into many: its whole length. */
TEST_F(segments, fin_in_a_large_packet)
{
	unsigned int fin = 0, large = 0;

	ASSERT_EQ(0, system("ip link set lo mtu 1500"));
	for (unsigned int i = 0; i < FULL_ENDS; i++)
		ASSERT_TRUE(end_full(variant->kind, self->addr, self->l, 1 + i * 5000));
	ASSERT_TRUE(told_at_least(&self->sn, &self->rec, self->reader, 4 * FULL_ENDS));
	for (size_t i = 0; i < self->rec.count; i++) {
		const struct tcpstate_record *r = &self->rec.rec[i];

		if (r->type != TCPSTATE_EVENT_SEGMENT || !(r->cause & SEGMENT_FIN))
			continue;
		fin++;
		large += r->segment.len > 2000;
	}
	/* A FIN may be sent again on a slow machine. */
	EXPECT_LE(4 * FULL_ENDS, fin);
	/* Some at least, each as it left and as it came. */
	TH_LOG("%u of %u were large", large, fin);
	EXPECT_LE(2, large);
}

/* Several CPUs at once: nothing is told twice and nothing is left out. */
TEST_F(segments, many)
{
	ASSERT_TRUE(traffic(variant->kind, self->l, 200));
	ASSERT_TRUE(told(&self->sn, &self->rec, self->reader, 600));
}

TEST_HARNESS_MAIN

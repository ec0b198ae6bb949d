// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Local ports run out: connect() with and without bind(), bind() to any port,
 * listen() without bind(). Each time an event says whose it was, where it was
 * to go and what the range is; and the summary says who has the ports.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "ends.h"
#include "sysctl.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define PORT		7000	/* of the listener */
#define LOW		40000
#define HIGH		40009
#define PORTS		(HIGH - LOW + 1)

FIXTURE(ports)
{
	int reader, l, home;
	int fd[2 * PORTS + 4];
	int fds;
	const char *text;
	struct records rec;
};

FOR_EACH_KIND(ports);

static bool set_range(unsigned int low, unsigned int high)
{
	char range[32];

	snprintf(range, sizeof(range), "%u %u", low, high);
	return sysctl_set("ip_local_port_range", range);
}

FIXTURE_SETUP(ports)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	memset(self, 0, sizeof(*self));
	self->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	self->text = variant->kind == KIND_V6 ? "::1" : "127.0.0.1";
	self->reader = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->reader);
	ASSERT_TRUE(sysctl_set("tcp_tw_reuse", "0"));
	ASSERT_TRUE(set_range(LOW, HIGH));
	self->l = tcp_listen(variant->kind, self->text, PORT, 64);
	ASSERT_LE(0, self->l);
}

FIXTURE_TEARDOWN(ports)
{
	for (int i = 0; i < self->fds; i++)
		close(self->fd[i]);
	close(self->l);
	close(self->reader);
	records_free(&self->rec);
	EXPECT_EQ(0, setns(self->home, CLONE_NEWNET));
	close(self->home);
}

static bool keep(struct _test_data_ports *p, int fd)
{
	if (fd >= 0)
		p->fd[p->fds++] = fd;
	return fd >= 0;
}

/* A connection, both ends kept; from @from if that is not 0. */
static bool join(struct _test_data_ports *p, enum kind kind, unsigned int from)
{
	union addr to = addr_make(kind, p->text, PORT);
	int c = from ? tcp_bound(kind, p->text, from, 0) : tcp_socket(kind, 0);

	if (!keep(p, c) || connect(c, &to.any, addr_len(&to)))
		return false;
	return keep(p, accept(p->l, NULL, NULL));
}

/* What was told about ports since the last time. */
static unsigned int told(struct _test_data_ports *p, struct tcpstate_record *r)
{
	size_t from = p->rec.count;
	unsigned int n = 0;

	records_read(&p->rec, p->reader);
	for (size_t i = from; i < p->rec.count; i++)
		if (p->rec.rec[i].type == TCPSTATE_EVENT_PORTS_EXHAUSTED) {
			*r = p->rec.rec[i];
			n++;
		}
	return n;
}

static bool odd(bool is, const char *what)
{
	if (is)
		printf("# the event differs: %s\n", what);
	return is;
}

/* One event about @fd; @lport and @rport are 0 if there is none. */
static bool one_event(struct _test_data_ports *p, enum kind kind, int fd, unsigned int cause,
		      unsigned int state, unsigned int lport, unsigned int rport)
{
	union addr address = addr_make(kind, p->text, rport);
	struct tcpstate_record r = { 0 };
	unsigned int n = told(p, &r);
	unsigned char bytes[16];
	bool bad;

	addr_bytes(&address, bytes);
	bad = odd(n != 1, "there is not one");
	bad |= odd(r.cause != cause, "cause");
	bad |= odd(r.old_state != state || r.new_state != state, "state");
	bad |= odd(r.carrier != TCPSTATE_CARRIER_SOCK, "carrier");
	bad |= odd(r.cookie != tcp_cookie(fd), "cookie");
	bad |= odd(r.tgid != (__u32)getpid() || !(r.flags & TCPSTATE_F_OWNER), "owner");
	bad |= odd(r.lport != lport || r.rport != rport, "ports");
	bad |= odd(rport && memcmp(r.raddr, bytes, 16), "remote address");
	bad |= odd(!(r.flags & TCPSTATE_F_PARTIAL) != !!lport, "partial");
	bad |= odd(r.ports.low != LOW || r.ports.high != HIGH, "range");
	bad |= odd(r.ports.error != (cause == TCPSTATE_CAUSE_BIND ? EADDRINUSE : EADDRNOTAVAIL),
		   "error");
	bad |= odd(r.ports.stands_for != 1, "stands_for");
	return !bad;
}

static bool summary_has(const char *words)
{
	FILE *f = fopen("/proc/tcpstate/summary", "r");
	char line[512], all[16384] = "";
	bool found = false;

	while (f && fgets(line, sizeof(line), f)) {
		found = found || strstr(line, words);
		strncat(all, line, sizeof(all) - strlen(all) - 1);
	}
	if (f)
		fclose(f);
	if (!found)
		printf("# not in the summary: %s\n%s", words, all);
	return found;
}

/* How the summary shows connections to a place. */
static bool group(struct _test_data_ports *p, enum kind kind, unsigned int used,
		  const char *share, const char *left, const char *states)
{
	char words[256];
	bool v6 = kind == KIND_V6;

	snprintf(words, sizeof(words), "%12u %8s %13s  %s%s%s to %s%s%s:%u %s\n", used, share, left,
		 v6 ? "[" : "", p->text, v6 ? "]" : "", v6 ? "[" : "", p->text, v6 ? "]" : "",
		 PORT, states);
	return summary_has(words);
}

#define GROUP(used, share, left, states)				\
	EXPECT_TRUE(group(self, variant->kind, used, share, left, states))

/* All ports wait: the next connect() gets none. */
TEST_F(ports, time_wait)
{
	union addr to = addr_make(variant->kind, self->text, PORT);
	__u64 until = deadline(20);
	int fd;

	for (int i = 0; i < PORTS; i++)
		ASSERT_TRUE(join(self, variant->kind, 0));
	GROUP(PORTS, "100.0%", "0 s", "ESTABLISHED 10");
	for (int i = 0; i < self->fds; i++)
		close(self->fd[i]);
	self->fds = 0;
	while (counter("state_TIME_WAIT_now") != PORTS)
		ASSERT_TRUE(again(until));
	GROUP(PORTS, "100.0%", "0 s", "TIME_WAIT 10");

	fd = tcp_socket(variant->kind, 0);
	ASSERT_TRUE(keep(self, fd));
	EXPECT_EQ(-1, connect(fd, &to.any, addr_len(&to)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	EXPECT_TRUE(one_event(self, variant->kind, fd, TCPSTATE_CAUSE_RANGE_USED,
			      TCPSTATE_SYN_SENT, 0, PORT));
	EXPECT_EQ(1, counter("event_ports_exhausted_range_used"));
	EXPECT_TRUE(summary_has("(1 times none was to be had)"));

	/* Another place can still be reached from the same ports. */
	close(self->l);
	self->l = tcp_listen(variant->kind, self->text, PORT + 1, 1);
	to = addr_make(variant->kind, self->text, PORT + 1);
	EXPECT_EQ(0, connect(fd, &to.any, addr_len(&to)));
	GROUP(PORTS, "100.0%", "0 s", "TIME_WAIT 10");
}

/* The share, and when it will be all. */
TEST_F(ports, shares)
{
	EXPECT_TRUE(summary_has("of 10 in ip_local_port_range (40000 to 40009)"));
	EXPECT_TRUE(summary_has("none"));
	for (int i = 0; i < 4; i++)
		ASSERT_TRUE(join(self, variant->kind, 0));
	GROUP(4, "40.0%", "15 s", "ESTABLISHED 4");
	shutdown(self->fd[0], SHUT_WR);
	ASSERT_TRUE(tcp_wait_state(self->fd[0], TCPSTATE_FIN_WAIT2));
	GROUP(4, "40.0%", "15 s", "ESTABLISHED 3 FIN_WAIT2 1");
	sleep(11);
	GROUP(4, "40.0%", "-", "ESTABLISHED 3 FIN_WAIT2 1");
	ASSERT_TRUE(sysctl_set("ip_local_reserved_ports", "40000-40001"));
	EXPECT_TRUE(summary_has("of 8 in ip_local_port_range (40000 to 40009)"));
	GROUP(4, "50.0%", "-", "ESTABLISHED 3 FIN_WAIT2 1");
}

/* A port of the range that is a listener's is not taken by connect(). */
TEST_F(ports, accepted)
{
	union addr to = addr_make(variant->kind, self->text, HIGH);
	int l = tcp_listen(variant->kind, self->text, HIGH, 4);
	int c = tcp_bound(variant->kind, self->text, PORT + 2, 0);

	ASSERT_TRUE(keep(self, l) && keep(self, c));
	ASSERT_EQ(0, connect(c, &to.any, addr_len(&to)));
	ASSERT_TRUE(keep(self, accept(l, NULL, NULL)));
	EXPECT_TRUE(summary_has("        none\n"));
}

/* TIME_WAIT gives ports back: what is due is set off against what was begun. */
TEST_F(ports, given_back)
{
	for (int i = 0; i < 3; i++)
		ASSERT_TRUE(join(self, variant->kind, 0));
	for (int i = 0; i < self->fds; i++)
		close(self->fd[i]);
	self->fds = 0;
	sleep(55);
	GROUP(3, "30.0%", "-", "TIME_WAIT 3");
	for (int i = 0; i < 4; i++)
		ASSERT_TRUE(join(self, variant->kind, 0));
	GROUP(7, "70.0%", "30 s", "ESTABLISHED 4 TIME_WAIT 3");
}

TEST_F(ports, tuple_taken)
{
	union addr to = addr_make(variant->kind, self->text, PORT);
	int fd;

	ASSERT_TRUE(join(self, variant->kind, LOW + 3));
	fd = tcp_bound(variant->kind, self->text, LOW + 3, 0);
	ASSERT_TRUE(keep(self, fd));
	EXPECT_EQ(-1, connect(fd, &to.any, addr_len(&to)));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	EXPECT_TRUE(one_event(self, variant->kind, fd, TCPSTATE_CAUSE_TUPLE_TAKEN,
			      TCPSTATE_SYN_SENT, LOW + 3, PORT));
	EXPECT_EQ(1, counter("event_ports_exhausted_tuple_taken"));
	EXPECT_EQ(0, counter("event_ports_exhausted_range_used"));
}

/* Every port of the range has a listener. */
static bool listen_on_all(struct _test_data_ports *p, enum kind kind)
{
	for (unsigned int port = LOW; port <= HIGH; port++)
		if (!keep(p, tcp_listen(kind, p->text, port, 1)))
			return false;
	return true;
}

TEST_F(ports, bind)
{
	int fd = tcp_bound(variant->kind, self->text, 0, 0), other;
	struct tcpstate_record r;

	/* One that finds a port tells nothing, nor one that wants a certain one. */
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_TRUE(listen_on_all(self, variant->kind));
	EXPECT_GT(0, tcp_bound(variant->kind, self->text, LOW, 0));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_EQ(0, told(self, &r));

	fd = tcp_socket(variant->kind, 0);
	ASSERT_TRUE(keep(self, fd));
	union addr any = addr_make(variant->kind, self->text, 0);

	EXPECT_EQ(-1, bind(fd, &any.any, addr_len(&any)));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_TRUE(one_event(self, variant->kind, fd, TCPSTATE_CAUSE_BIND, TCPSTATE_CLOSE, 0, 0));
	EXPECT_EQ(1, counter("event_ports_exhausted_bind"));

	other = tcp_socket(variant->kind, 0);
	ASSERT_TRUE(keep(self, other));
	EXPECT_EQ(-1, listen(other, 1));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_TRUE(one_event(self, variant->kind, other, TCPSTATE_CAUSE_BIND, TCPSTATE_LISTEN, 0,
			      0));
	EXPECT_EQ(2, counter("event_ports_exhausted_bind"));
}

/* Addresses are for those who may see connections. */
TEST_F(ports, unprivileged)
{
	int status;
	pid_t child;

	ASSERT_TRUE(join(self, variant->kind, 0));
	child = fork();
	if (!child) {
		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(2);
		_exit(!summary_has("(shown with CAP_NET_ADMIN)") || !summary_has("books: exact"));
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN

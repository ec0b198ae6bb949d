// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * Memory pressure begins and ends: each is told once, as often as the kernel
 * counts it, with the pages and the mark that was crossed; the files show how
 * much is used and for how long it was too much. Orphans that are too many are
 * shown as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "ends.h"
#include "mib.h"
#include "sysctl.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define PAIRS		12
#define BUFFER		(4 << 20)
#define LOW		1000	/* pages */
#define PRESSURE	2000
#define ORPHANS		80	/* what 5.10 counts in one piece is 32 */

FIXTURE(memory)
{
	int reader, l, home, ns;
	int c[PAIRS], s[PAIRS];
	char mem[64], max_orphans[64];
	const char *text;
	unsigned int port;
	struct records rec;
};

FOR_EACH_KIND(memory);

/* Both are the whole host's. */
static bool set_home(struct _test_data_memory *m, const char *name, const char *value)
{
	bool done = !setns(m->home, CLONE_NEWNET) && sysctl_set(name, value);

	return !setns(m->ns, CLONE_NEWNET) && done;
}

static long long counter_at_home(struct _test_data_memory *m, const char *name)
{
	long long value;

	if (setns(m->home, CLONE_NEWNET))
		return -1;
	value = counter(name);
	return setns(m->ns, CLONE_NEWNET) ? -1 : value;
}

FIXTURE_SETUP(memory)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	memset(self, 0, sizeof(*self));
	memset(self->c, -1, sizeof(self->c));
	memset(self->s, -1, sizeof(self->s));
	ASSERT_TRUE(sysctl_get("tcp_mem", self->mem, sizeof(self->mem)));
	ASSERT_TRUE(sysctl_get("tcp_max_orphans", self->max_orphans, sizeof(self->max_orphans)));
	self->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->ns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_TRUE(loopback_up());
	self->reader = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->reader);
	self->text = variant->kind == KIND_V6 ? "::1" : "127.0.0.1";
	self->l = tcp_listen(variant->kind, self->text, 0, 256);
	ASSERT_LE(0, self->l);
	self->port = tcp_port(self->l);
}

static void close_all(struct _test_data_memory *m)
{
	for (int i = 0; i < PAIRS; i++) {
		if (m->c[i] >= 0)
			tcp_abort(m->c[i]);
		if (m->s[i] >= 0)
			close(m->s[i]);
		m->c[i] = -1;
		m->s[i] = -1;
	}
}

FIXTURE_TEARDOWN(memory)
{
	close_all(self);
	EXPECT_TRUE(set_home(self, "tcp_mem", self->mem));
	EXPECT_TRUE(set_home(self, "tcp_max_orphans", self->max_orphans));
	close(self->l);
	close(self->reader);
	records_free(&self->rec);
	EXPECT_EQ(0, setns(self->home, CLONE_NEWNET));
	close(self->home);
	close(self->ns);
}

static bool big(int fd)
{
	int size = BUFFER;

	return !setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) &&
	       !fcntl(fd, F_SETFL, O_NONBLOCK);
}

static unsigned int told(struct _test_data_memory *m, unsigned int cause,
			 struct tcpstate_record *r)
{
	unsigned int n = 0;

	records_read(&m->rec, m->reader);
	for (size_t i = 0; i < m->rec.count; i++)
		if (m->rec.rec[i].type == TCPSTATE_EVENT_MEMORY_PRESSURE &&
		    m->rec.rec[i].cause == cause) {
			*r = m->rec.rec[i];
			n++;
		}
	return n;
}

/* Data that nobody reads, until it is too much. */
static bool fill(struct _test_data_memory *m, enum kind kind)
{
	static char data[1 << 16];
	struct tcpstate_record r;

	for (int i = 0; i < PAIRS; i++) {
		m->c[i] = tcp_connect_to(kind, m->text, m->port);
		m->s[i] = accept(m->l, NULL, NULL);
		if (m->c[i] < 0 || m->s[i] < 0 || !big(m->c[i]) || !big(m->s[i]))
			return false;
		for (int k = 0; k < 256 && write(m->c[i], data, sizeof(data)) > 0; k++)
			;
		if (told(m, TCPSTATE_CAUSE_PRESSURE_ON, &r))
			return true;
	}
	printf("# %lld pages are not too much\n", counter_at_home(m, "memory_pages"));
	return false;
}

/* Little is left; whoever comes next finds that. */
static bool relieve(struct _test_data_memory *m, enum kind kind)
{
	static char data[1 << 16];
	__u64 until = deadline(20);
	struct tcpstate_record r;

	close_all(m);
	do {
		int c = tcp_connect_to(kind, m->text, m->port), s = accept(m->l, NULL, NULL);

		if (write(c, data, sizeof(data)) <= 0)
			perror("write");
		if (read(s, data, sizeof(data)) <= 0)
			perror("read");
		tcp_abort(c);
		close(s);
		if (told(m, TCPSTATE_CAUSE_PRESSURE_OFF, &r))
			return true;
	} while (again(until));
	printf("# %lld pages are still too much\n", counter_at_home(m, "memory_pages"));
	return false;
}

static bool odd(bool is, const char *what)
{
	if (is)
		printf("# the event differs: %s\n", what);
	return is;
}

static bool is_right(const struct tcpstate_record *r, unsigned int mark)
{
	bool bad;

	bad = odd(r->memory.mark != mark, "mark");
	bad |= odd((r->memory.pages > mark) != (mark == PRESSURE), "pages");
	bad |= odd(r->memory.stands_for != 1 || r->memory.reserved, "stands_for");
	bad |= odd(r->family || r->cookie || r->flags || r->tgid || r->uid || r->carrier ||
		   r->old_state || r->new_state, "it is about nobody");
	return !bad;
}

static bool summary_has(const char *words)
{
	FILE *f = fopen("/proc/tcpstate/summary", "r");
	char line[512];
	bool found = false;

	while (f && fgets(line, sizeof(line), f))
		found = found || strstr(line, words);
	if (f)
		fclose(f);
	if (!found)
		printf("# not in the summary: %s\n", words);
	return found;
}

static bool summary_at_home(struct _test_data_memory *m, const char *words)
{
	bool found = !setns(m->home, CLONE_NEWNET) && summary_has(words);

	return !setns(m->ns, CLONE_NEWNET) && found;
}

/* As the kernel says it in a file of its own, while nothing changes. */
static bool pages_agree(struct _test_data_memory *m)
{
	long long before, after, theirs;
	__u64 until = deadline(10);

	do {
		FILE *f = fopen("/proc/net/sockstat", "r");
		char line[128];

		theirs = -1;
		before = counter_at_home(m, "memory_pages");
		while (f && fgets(line, sizeof(line), f) &&
		       sscanf(line, "TCP: %*[^m]mem %lld", &theirs) != 1)
			;
		if (f)
			fclose(f);
		after = counter_at_home(m, "memory_pages");
		if (before == after && theirs == before)
			return true;
	} while (before != after && again(until));
	printf("# %lld pages, %lld by sockstat\n", before, theirs);
	return false;
}

TEST_F(memory, pressure)
{
	long long ns = counter_at_home(self, "memory_pressure_ns");
	struct tcpstate_record r = { 0 };
	unsigned int on, off;

	EXPECT_EQ(0, counter_at_home(self, "memory_pressure"));
	ASSERT_TRUE(set_home(self, "tcp_mem", "1000 2000 1000000"));
	EXPECT_TRUE(summary_at_home(self, "tcp_mem: 1000, 2000 (pressure), 1000000 (limit)"));
	ASSERT_TRUE(fill(self, variant->kind));
	/* Long enough for its length to be compared. */
	for (__u64 until = deadline(10);
	     counter_at_home(self, "memory_pressure_ns") - ns < 1000000000 && again(until);)
		;
	EXPECT_EQ(1, told(self, TCPSTATE_CAUSE_PRESSURE_ON, &r));
	EXPECT_TRUE(is_right(&r, PRESSURE));
	EXPECT_EQ(1, counter_at_home(self, "memory_pressure"));
	EXPECT_EQ(PRESSURE, counter_at_home(self, "memory_mark_pressure"));
	EXPECT_LT(LOW, counter_at_home(self, "memory_pages"));
	EXPECT_TRUE(pages_agree(self));
	EXPECT_TRUE(summary_at_home(self, "memory pressure: yes"));
	/* Of the host nothing is said elsewhere. */
	EXPECT_EQ(-1, counter("memory_pressure"));

	ASSERT_TRUE(relieve(self, variant->kind));
	/* That it has ended is found out a little later. */
	for (__u64 until = deadline(10);
	     counter("event_memory_pressure_pressure_on") !=
		     counter("event_memory_pressure_pressure_off") && again(until);)
		;
	off = told(self, TCPSTATE_CAUSE_PRESSURE_OFF, &r);
	EXPECT_TRUE(is_right(&r, LOW));
	on = told(self, TCPSTATE_CAUSE_PRESSURE_ON, &r);
	EXPECT_EQ(on, off);
	EXPECT_EQ(on, counter("event_memory_pressure_pressure_on"));
	EXPECT_EQ(off, counter("event_memory_pressure_pressure_off"));
	EXPECT_EQ(on, mib("TcpExtTCPMemoryPressures"));
	EXPECT_EQ(0, counter_at_home(self, "memory_pressure"));
	EXPECT_TRUE(summary_at_home(self, "memory pressure: no"));
	/* The kernel counts in ticks, which come late on an emulated CPU. */
	ns = counter_at_home(self, "memory_pressure_ns") - ns;
	EXPECT_LE(mib("TcpExtTCPMemoryPressuresChrono") - 250, ns / 1000000);
	EXPECT_GE(mib("TcpExtTCPMemoryPressuresChrono") + 250, ns / 1000000);
}

/* A line of /proc/tcpstate/memory. */
static bool held(const char *state, unsigned long long *count, unsigned long long *receive,
		 unsigned long long *send, unsigned long long *objects)
{
	FILE *f = fopen("/proc/tcpstate/memory", "r");
	char line[256], name[32];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%31s %llu %llu %llu %llu", name, count, receive, send,
			       objects) == 5 &&
			!strcmp(name, state);
	if (f)
		fclose(f);
	return found;
}

/* What SO_MEMINFO says of a socket is added. */
static bool add_held(int fd, unsigned long long *receive, unsigned long long *send)
{
	__u32 info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		return false;
	*receive += info[SK_MEMINFO_RMEM_ALLOC];
	*send += info[SK_MEMINFO_WMEM_QUEUED];
	return true;
}

/* A listener and a connection to it, all at home; false with a diagnostic. */
static bool others(struct _test_data_memory *m, enum kind kind, int fd[3])
{
	bool done = !setns(m->home, CLONE_NEWNET);

	fd[0] = tcp_listen(kind, m->text, 0, 1);
	fd[1] = tcp_connect_to(kind, m->text, tcp_port(fd[0]));
	fd[2] = accept(fd[0], NULL, NULL);
	if (fd[2] < 0)
		perror("# connection at home");
	return !setns(m->ns, CLONE_NEWNET) && done && fd[2] >= 0;
}

/*
 * Data is held where the sockets say so; the file says the same by state, of
 * this namespace alone.
 */
TEST_F(memory, held)
{
	unsigned long long count, receive, send, objects, should_receive, should_send;
	__u64 until = deadline(10);
	static char data[1 << 16];
	int other[3];

	ASSERT_TRUE(others(self, variant->kind, other));
	for (unsigned int i = 0; i < PAIRS; i++) {
		self->c[i] = tcp_connect_to(variant->kind, self->text, self->port);
		ASSERT_LE(0, self->c[i]);
		self->s[i] = accept(self->l, NULL, NULL);
		ASSERT_EQ(sizeof(data), write(self->c[i], data, sizeof(data)));
	}
	/* One has more to send than the other side takes. */
	ASSERT_EQ(0, fcntl(self->c[0], F_SETFL, O_NONBLOCK));
	while (write(self->c[0], data, sizeof(data)) > 0)
		;
	/* Until all acknowledgments have come. */
	do {
		should_receive = 0;
		should_send = 0;
		for (unsigned int i = 0; i < PAIRS; i++) {
			ASSERT_TRUE(add_held(self->c[i], &should_receive, &should_send));
			ASSERT_TRUE(add_held(self->s[i], &should_receive, &should_send));
		}
		ASSERT_TRUE(held("ESTABLISHED", &count, &receive, &send, &objects));
	} while ((receive != should_receive || send != should_send) && again(until));
	EXPECT_EQ(2 * PAIRS, count);
	EXPECT_EQ(should_receive, receive);
	EXPECT_EQ(should_send, send);
	EXPECT_LE(PAIRS * sizeof(data), receive);
	EXPECT_LE(sizeof(data), send);
	EXPECT_LT(2 * PAIRS * 1000, objects);
	ASSERT_TRUE(held("LISTEN", &count, &receive, &send, &objects));
	EXPECT_EQ(1, count);
	ASSERT_TRUE(held("TIME_WAIT", &count, &receive, &send, &objects));
	EXPECT_EQ(0, count);
	/* Timewait socks hold no data. */
	for (unsigned int i = 0; i < PAIRS; i++) {
		shutdown(self->c[i], SHUT_WR);
		while (read(self->s[i], data, sizeof(data)) > 0)
			;
		close(self->s[i]);
		close(self->c[i]);
		self->s[i] = -1;
		self->c[i] = -1;
	}
	until = deadline(10);
	do {
		ASSERT_TRUE(held("TIME_WAIT", &count, &receive, &send, &objects));
	} while (count != PAIRS && again(until));
	EXPECT_EQ(PAIRS, count);
	EXPECT_EQ(0, receive + send);
	EXPECT_LT(PAIRS * 100, objects);
	for (unsigned int i = 0; i < 3; i++)
		close(other[i]);
}

/* One orphan more than may be; the rest wait in FIN_WAIT2. */
TEST_F(memory, orphans)
{
	__u64 until = deadline(10);
	long long known = counter_at_home(self, "orphans");

	for (int i = 0; i < ORPHANS; i++) {
		int fd = tcp_connect_to(variant->kind, self->text, self->port);

		ASSERT_TRUE(tcp_set(fd, TCP_LINGER2, 120));
		close(fd);
	}
	if (known >= 0)
		EXPECT_LE(ORPHANS, counter_at_home(self, "orphans"));
	EXPECT_TRUE(summary_has("too many orphans: 0; for lack of memory: 0"));
	ASSERT_TRUE(set_home(self, "tcp_max_orphans", "0"));
	/* The kernel counts ten times a second. */
	do {
		int fd = tcp_connect_to(variant->kind, self->text, self->port);

		ASSERT_TRUE(tcp_set(fd, TCP_LINGER2, 120));
		close(fd);
	} while (!mib("TcpExtTCPAbortOnMemory") && again(until));
	EXPECT_EQ(1, mib("TcpExtTCPAbortOnMemory"));
	EXPECT_TRUE(summary_has("too many orphans: 1; for lack of memory: 0"));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * Whose a connection is that waits for accept(), or for its third packet, when
 * its listener closes and another one takes it over (net.ipv4.tcp_migrate_req):
 * that listener's, then who accepts it; and of an MPTCP listener: who accepts it.
 * Over IPv4, IPv6 and IPv4-mapped addresses.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "ends.h"
#include "mib.h"
#include "siege.h"
#include "sysctl.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define CONNECTIONS	4

/**
 * struct server - a process that listens and accepts when it is told to
 * @pid: the process
 * @to: 'a': accept() one more; 'c': close it when its client has
 * @from: a byte: done
 * @defers: what comes stays in the SYN queue until it sends data
 * @cookie: of its listener
 */
struct server {
	pid_t pid;
	int to, from;
	bool defers;
	__u64 cookie;
};

FIXTURE(owners_moved)
{
	struct server one, other;
	struct records rec;
	int reader, c[CONNECTIONS];
	unsigned int port;
	const char *here;
};

FOR_EACH_KIND(owners_moved);

FIXTURE_SETUP(owners_moved)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	self->here = variant->kind == KIND_V6 ? "::1" : "127.0.0.1";
	self->reader = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, self->reader);
	self->port = 7502;
}

static void end_server(struct server *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
		close(s->to);
		close(s->from);
	}
	s->pid = 0;
}

FIXTURE_TEARDOWN(owners_moved)
{
	end_server(&self->one);
	end_server(&self->other);
	records_free(&self->rec);
	close(self->reader);
}

/* -1 and errno. */
static int listen_here(enum kind kind, const char *here, unsigned int port, int protocol)
{
	union addr a = addr_make(kind, here, port);
	int one = 1, zero = 0;
	int l = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(l, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (kind == KIND_MAPPED)
		setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	return bind(l, &a.any, addr_len(&a)) || listen(l, 16) ? -1 : l;
}

static void __attribute__((noreturn)) serve(int l, int to, int from, const char *name)
{
	char byte;
	int fd = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	while (read(to, &byte, 1) == 1) {
		if (byte == 'a') {
			fd = accept(l, NULL, NULL);
		} else {
			while (read(fd, &byte, 1) > 0)
				;
			close(fd);
		}
		if (fd < 0 || write(from, "x", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

/* The listener of a server is made by itself, or @l is given to it. */
static bool start_server(struct server *s, const char *name, enum kind kind, const char *here,
			 unsigned int port, int l)
{
	int to[2], from[2];
	__u64 cookie;

	if (pipe(to) || pipe(from))
		return false;
	s->pid = fork();
	if (!s->pid) {
		close(to[1]);
		close(from[0]);
		if (l < 0)
			l = listen_here(kind, here, port, 0);
		cookie = tcp_cookie(l);
		if (l < 0 || (s->defers && !tcp_set(l, TCP_DEFER_ACCEPT, 100)) ||
		    write(from[1], &cookie, sizeof(cookie)) != sizeof(cookie))
			_exit(1);
		serve(l, to[0], from[1], name);
	}
	close(to[0]);
	close(from[1]);
	s->to = to[1];
	s->from = from[0];
	return read(s->from, &s->cookie, sizeof(s->cookie)) == sizeof(s->cookie);
}

static bool let(struct server *s, char what)
{
	char byte;

	return write(s->to, &what, 1) == 1 && read(s->from, &byte, 1) == 1;
}

#define let_accept(s)	let(s, 'a')

/*
 * The last record of the server's end of the connection from @client that
 * enters @state, or that leaves ESTABLISHED if that is CLOSE.
 */
static const struct tcpstate_record *last_of(struct records *rec, int fd, unsigned int port,
					     unsigned int client, unsigned int state)
{
	__u64 until = deadline(100);

	do {
		records_read(rec, fd);
		for (size_t i = rec->count; i-- > 0;) {
			const struct tcpstate_record *r = &rec->rec[i];

			if (r->type == TCPSTATE_EVENT_STATE && r->lport == port &&
			    r->rport == client &&
			    (r->new_state == state ||
			     (state == TCPSTATE_CLOSE &&
			      r->old_state == TCPSTATE_ESTABLISHED)))
				return r;
		}
	} while (again(until));
	return NULL;
}

static bool is_of(const struct tcpstate_record *r, pid_t pid, bool waits)
{
	unsigned int flags = TCPSTATE_F_OWNER | (waits ? TCPSTATE_F_OWNER_LISTENER : 0);
	unsigned int mask = TCPSTATE_F_OWNER | TCPSTATE_F_OWNER_LISTENER;

	if (r && r->tgid == pid && (r->flags & mask) == flags)
		return true;
	if (r)
		printf("# owner %u, flags %#x, instead of %d, %#x\n", r->tgid, r->flags & mask,
		       pid, flags);
	else
		printf("# not told\n");
	return false;
}

#define LAST(client, state)							\
	last_of(&self->rec, self->reader, self->port, client, TCPSTATE_##state)

#define NEEDS_MIGRATION()						\
do {									\
	if (kernel_before(5, 14))					\
		SKIP(return, "this kernel moves nothing to other listeners");	\
} while (0)

TEST_F(owners_moved, from_the_queue_of_one_that_died)
{
	long long before = counter("accepted");
	unsigned int client[CONNECTIONS];

	NEEDS_MIGRATION();
	ASSERT_TRUE(sysctl_set("tcp_migrate_req", "1"));
	ASSERT_TRUE(start_server(&self->one, "one", variant->kind, self->here, self->port, -1));
	for (int i = 0; i < CONNECTIONS; i++) {
		self->c[i] = tcp_connect_to(variant->kind, self->here, self->port);
		ASSERT_LE(0, self->c[i]);
		client[i] = tcp_port(self->c[i]);
		EXPECT_TRUE(is_of(LAST(client[i], ESTABLISHED), self->one.pid, true));
	}
	ASSERT_TRUE(start_server(&self->other, "other", variant->kind, self->here, self->port,
				 -1));
	pid_t other = self->other.pid;

	end_server(&self->one);
	/* Nobody has accepted them: they wait at the other one. */
	shutdown(self->c[0], SHUT_WR);
	EXPECT_TRUE(is_of(LAST(client[0], CLOSE_WAIT), other, true));
	for (int i = 0; i < CONNECTIONS; i++)
		ASSERT_TRUE(let_accept(&self->other));
	EXPECT_EQ(before + CONNECTIONS, counter("accepted"));
	EXPECT_EQ(CONNECTIONS, siege_column(self->other.cookie, "accepted"));
	for (int i = 1; i < CONNECTIONS; i++) {
		shutdown(self->c[i], SHUT_WR);
		EXPECT_TRUE(is_of(LAST(client[i], CLOSE_WAIT), other, false));
	}
	end_server(&self->other);
	EXPECT_TRUE(is_of(LAST(client[0], LAST_ACK), other, false));
}

/* All that came to the SYN queue has moved. */
static bool moved(long long count)
{
	__u64 until = deadline(100);

	while (mib("TcpExtTCPMigrateReqSuccess") < count && again(until))
		;
	return mib("TcpExtTCPMigrateReqSuccess") == count;
}

/* The first data moves it, or a timer did so before. */
static void move_syns(struct __test_metadata *_metadata, FIXTURE_DATA(owners_moved) * self,
		      enum kind kind, bool timer)
{
	unsigned int client[CONNECTIONS];
	pid_t one, other;

	self->one.defers = true;
	self->other.defers = true;
	ASSERT_TRUE(sysctl_set("tcp_migrate_req", "1"));
	ASSERT_TRUE(start_server(&self->one, "one", kind, self->here, self->port, -1));
	one = self->one.pid;
	for (int i = 0; i < CONNECTIONS; i++) {
		self->c[i] = tcp_connect_to(kind, self->here, self->port);
		ASSERT_LE(0, self->c[i]);
		client[i] = tcp_port(self->c[i]);
		EXPECT_TRUE(is_of(LAST(client[i], SYN_RECV), one, true));
	}
	ASSERT_TRUE(start_server(&self->other, "other", kind, self->here, self->port, -1));
	other = self->other.pid;
	end_server(&self->one);
	EXPECT_EQ(CONNECTIONS, counter("state_SYN_RECV_now"));
	if (timer)
		ASSERT_TRUE(moved(CONNECTIONS));
	for (int i = 0; i < CONNECTIONS; i++) {
		ASSERT_EQ(1, write(self->c[i], "x", 1));
		EXPECT_TRUE(is_of(LAST(client[i], ESTABLISHED), other, true));
	}
	EXPECT_TRUE(moved(CONNECTIONS));
	EXPECT_EQ(CONNECTIONS, siege_column(self->other.cookie, "acceptq_high"));
	for (int i = 0; i < CONNECTIONS; i++)
		ASSERT_TRUE(let_accept(&self->other));
	EXPECT_EQ(CONNECTIONS, siege_column(self->other.cookie, "accepted"));
	for (int i = 0; i < CONNECTIONS; i++) {
		shutdown(self->c[i], SHUT_WR);
		EXPECT_TRUE(is_of(LAST(client[i], CLOSE_WAIT), other, false));
	}
}

TEST_F(owners_moved, from_the_syn_queue_by_the_first_data)
{
	NEEDS_MIGRATION();
	move_syns(_metadata, self, variant->kind, false);
}

TEST_F(owners_moved, from_the_syn_queue_by_the_timer)
{
	NEEDS_MIGRATION();
	move_syns(_metadata, self, variant->kind, true);
}

static int connect_by(enum kind kind, const char *here, unsigned int port, int protocol)
{
	union addr a = addr_make(kind, here, port);
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	return connect(fd, &a.any, addr_len(&a)) ? -1 : fd;
}

/* We listen, another process accepts: a client that speaks it, and one that does not. */
TEST_F(owners_moved, from_a_listener_of_mptcp)
{
	static const int protocols[] = { IPPROTO_MPTCP, IPPROTO_TCP };
	int l = listen_here(variant->kind, self->here, self->port, IPPROTO_MPTCP);
	long long before = counter("accepted");
	unsigned int client[2];

	if (l < 0)
		SKIP(return, "this kernel does not speak MPTCP");
	ASSERT_TRUE(start_server(&self->one, "one", variant->kind, self->here, self->port, l));
	pid_t one = self->one.pid;

	for (int i = 0; i < 2; i++) {
		self->c[i] = connect_by(variant->kind, self->here, self->port, protocols[i]);
		ASSERT_LE(0, self->c[i]);
		client[i] = tcp_port(self->c[i]);
		EXPECT_TRUE(is_of(LAST(client[i], ESTABLISHED), getpid(), true));
		ASSERT_TRUE(let_accept(&self->one));
		EXPECT_EQ(++before, counter("accepted"));
		close(self->c[i]);
		ASSERT_TRUE(let(&self->one, 'c'));
		/* Whatever it leaves the state for, it is its process's. */
		EXPECT_TRUE(is_of(LAST(client[i], CLOSE), one, false));
	}
	close(l);
}

TEST_HARNESS_MAIN

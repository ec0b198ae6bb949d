// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * What a connection carried, as its life record says: bytes of payload that got
 * through, and nothing for SYN and FIN; at both ends, whoever closes first and
 * however it ends, also with data in the SYN and if it began while nobody
 * looked. Over IPv4, IPv6 and IPv4-mapped addresses.
 */
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "ends.h"
#include "sysctl.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define PATIENCE 200	/* more than a TIME_WAIT */

/* Which end, and who ends it how. */
enum ending {
	CLIENT_FIRST,
	SERVER_FIRST,
	BOTH_AT_ONCE,
	CLIENT_RESETS,
	SERVER_RESETS,
	ENDINGS,
};

static const struct {
	unsigned int up, down;
} sizes[] = {
	{ 0, 0 }, { 1, 0 }, { 0, 1 }, { 100, 1000 }, { 50000, 3 },
};

FIXTURE(payload)
{
	int reader, l, c, s;
	unsigned int port;
	const char *here;
};

FOR_EACH_KIND(payload);

FIXTURE_SETUP(payload)
{
	int queue = 8;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	/* Fast Open without cookies, at both ends. */
	ASSERT_TRUE(sysctl_set("tcp_fastopen", "1543"));
	self->here = variant->kind == KIND_V6 ? "::1" : "127.0.0.1";
	self->reader = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->reader);
	ASSERT_EQ(0, device_start(self->reader, TCPSTATE_START_NOW, TCPSTATE_LANE_LIVES, 0));
	self->l = tcp_listen(variant->kind, self->here, 0, 8);
	ASSERT_LE(0, self->l);
	ASSERT_EQ(0, setsockopt(self->l, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)));
	self->port = tcp_port(self->l);
}

FIXTURE_TEARDOWN(payload)
{
	close(self->l);
	close(self->reader);
}

/* From @from to @to, which reads it all. */
static bool carry(int from, int to, unsigned int bytes)
{
	static char buf[65536];
	size_t sent = 0, got = 0;
	ssize_t n;

	while (got < bytes) {
		n = sent < bytes ? send(from, buf, bytes - sent, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
		sent += n > 0 ? n : 0;
		n = recv(to, buf, sizeof(buf), MSG_DONTWAIT);
		got += n > 0 ? n : 0;
	}
	return got >= bytes;
}

/* What the reader gives next, of @port at the local or remote end. */
static bool next_life(int fd, unsigned int lport, unsigned int rport,
		      struct tcpstate_life_record *rec)
{
	__u64 until = deadline(PATIENCE);

	do {
		while (read(fd, rec, sizeof(*rec)) == sizeof(*rec))
			if (rec->head.type == TCPSTATE_EVENT_LIFE &&
			    rec->head.lport == lport && rec->head.rport == rport)
				return true;
	} while (again(until));
	return false;
}

/* Both lives end in any order: those of one port are the same at both ends. */
static bool both_lives(int fd, unsigned int port, unsigned int client,
		       struct tcpstate_life_record life[2])
{
	__u64 until = deadline(PATIENCE);
	struct tcpstate_life_record rec;
	int seen = 0;

	do {
		while (read(fd, &rec, sizeof(rec)) == sizeof(rec)) {
			if (rec.head.type != TCPSTATE_EVENT_LIFE)
				continue;
			if (rec.head.lport == client && rec.head.rport == port) {
				life[0] = rec;
				seen |= 1;
			} else if (rec.head.lport == port && rec.head.rport == client) {
				life[1] = rec;
				seen |= 2;
			}
		}
	} while (seen != 3 && again(until));
	return seen == 3;
}

static bool carried(const struct tcpstate_life_record life[2], unsigned int up,
		    unsigned int down, const char *what)
{
	if (life[0].bytes_out == up && life[0].bytes_in == down &&
	    life[1].bytes_in == up && life[1].bytes_out == down)
		return true;
	printf("# %s, %u up, %u down: client out %llu in %llu, server in %llu out %llu\n",
	       what, up, down, life[0].bytes_out, life[0].bytes_in, life[1].bytes_in,
	       life[1].bytes_out);
	return false;
}

static void wait_closed(int fd)
{
	char byte;

	/* End of file, or the error that ended it. */
	while (recv(fd, &byte, 1, 0) > 0)
		;
}

static void finish(int c, int s, enum ending how)
{
	switch (how) {
	case CLIENT_FIRST:
		shutdown(c, SHUT_WR);
		wait_closed(s);
		close(s);
		wait_closed(c);
		close(c);
		break;
	case SERVER_FIRST:
		shutdown(s, SHUT_WR);
		wait_closed(c);
		close(c);
		wait_closed(s);
		close(s);
		break;
	case BOTH_AT_ONCE:
		shutdown(c, SHUT_WR);
		close(s);
		close(c);
		break;
	case CLIENT_RESETS:
		tcp_abort(c);
		wait_closed(s);
		close(s);
		break;
	default:
		tcp_abort(s);
		wait_closed(c);
		close(c);
	}
}

TEST_F_TIMEOUT(payload, whoever_closes, PATIENCE * 10)
{
	struct tcpstate_life_record life[2];
	unsigned int client;
	char what[32];

	for (int how = 0; how < ENDINGS; how++) {
		for (size_t i = how ? how - 1 : 0; i <= (size_t)how; i++) {
			self->c = tcp_connect_to(variant->kind, self->here, self->port);
			self->s = accept(self->l, NULL, NULL);
			ASSERT_LE(0, self->s);
			client = tcp_port(self->c);
			ASSERT_TRUE(carry(self->c, self->s, sizes[i].up));
			ASSERT_TRUE(carry(self->s, self->c, sizes[i].down));
			finish(self->c, self->s, how);
			ASSERT_TRUE(both_lives(self->reader, self->port, client, life));
			snprintf(what, sizeof(what), "ending %d", how);
			EXPECT_TRUE(carried(life, sizes[i].up, sizes[i].down, what));
		}
	}
}

TEST_F_TIMEOUT(payload, in_the_syn, PATIENCE * 10)
{
	union addr to = addr_make(variant->kind, self->here, self->port);
	struct tcpstate_life_record life[2];
	unsigned int client;
	char rest[16];

	for (int how = 0; how < ENDINGS; how++) {
		self->c = tcp_socket(variant->kind, 0);
		ASSERT_EQ(5, sendto(self->c, "hello", 5, MSG_FASTOPEN, &to.any, addr_len(&to)));
		self->s = accept(self->l, NULL, NULL);
		ASSERT_LE(0, self->s);
		client = tcp_port(self->c);
		/* The first five are there already. */
		ASSERT_TRUE(carry(self->c, self->s, 5));
		ASSERT_TRUE(carry(self->s, self->c, 7));
		recv(self->s, rest, sizeof(rest), MSG_DONTWAIT);
		finish(self->c, self->s, how);
		ASSERT_TRUE(both_lives(self->reader, self->port, client, life));
		EXPECT_TRUE(carried(life, 10, 7, "Fast Open"));
	}
}

/* Nobody looked when it began: who sent the SYN is not known. */
TEST_F_TIMEOUT(payload, older, PATIENCE * 50)
{
	struct tcpstate_life_record life[2];
	int c[ENDINGS], s[ENDINGS];
	unsigned int client;

	for (int how = 0; how < ENDINGS; how++) {
		c[how] = tcp_connect_to(variant->kind, self->here, self->port);
		s[how] = accept(self->l, NULL, NULL);
		ASSERT_TRUE(carry(c[how], s[how], sizes[how].up));
	}
	close(self->reader);
	ASSERT_EQ(0, module_reload(""));
	self->reader = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->reader);
	ASSERT_EQ(0, device_start(self->reader, TCPSTATE_START_NOW, TCPSTATE_LANE_LIVES, 0));
	for (int how = 0; how < ENDINGS; how++) {
		client = tcp_port(c[how]);
		ASSERT_TRUE(carry(s[how], c[how], sizes[how].down));
		finish(c[how], s[how], how);
		ASSERT_TRUE(both_lives(self->reader, self->port, client, life));
		EXPECT_TRUE(carried(life, sizes[how].up, sizes[how].down, "older"));
	}
}

/* Nobody is there: not a byte got through. */
TEST_F(payload, refused)
{
	struct tcpstate_life_record rec;
	unsigned int client, port;
	int fd;

	fd = tcp_bound(variant->kind, self->here, 0, 0);
	port = tcp_port(fd);
	close(fd);
	self->c = tcp_bound(variant->kind, self->here, 0, 0);
	client = tcp_port(self->c);
	union addr to = addr_make(variant->kind, self->here, port);

	ASSERT_EQ(-1, connect(self->c, &to.any, addr_len(&to)));
	ASSERT_TRUE(next_life(self->reader, client, port, &rec));
	EXPECT_EQ(0, rec.bytes_in);
	EXPECT_EQ(0, rec.bytes_out);
	close(self->c);
}

TEST_HARNESS_MAIN

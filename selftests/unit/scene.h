/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of connections, told one after the other, and the charts that
 * tcpstate-tail --ladder draws of them. Include once per program.
 *
 * An end is who tells: what it did, sent, or got. Time is in microseconds.
 */
#ifndef UNIT_SCENE_H
#define UNIT_SCENE_H

#include <stdlib.h>

#include <arpa/inet.h>

#include <format.h>
#include <ladder.h>

#include "test.h"

static inline unsigned int count(const char *text, const char *part)
{
	unsigned int n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

/* An end of a connection; the other one has the same with peers exchanged. */
struct actor {
	unsigned int family;
	const char *addr;
	unsigned int port;
	const char *peer;
	unsigned int peer_port;
	uint64_t cookie;
	unsigned int netns;
	unsigned int pid;
	const char *comm;
};

static struct ladder scene;
static struct format scene_format;
static char scene_text[1 << 22];
static char *scene_end;
static bool scene_began;

static void scene_new(void)
{
	memset(&scene, 0, sizeof(scene));
	memset(&scene_format, 0, sizeof(scene_format));
	scene_end = scene_text;
	*scene_end = '\0';
	scene_began = true;
}

static void scene_line(char *end)
{
	CHECK(end - scene_end <= FORMAT_LINE_MAX);
	CHECK(end - scene_text <= (long)sizeof(scene_text) - FORMAT_LINE_MAX);
	scene_end = end;
	*end = '\0';
}

static void scene_draw(struct ladder_connection *c)
{
	unsigned int i;

	scene_line(format_ladder_head(&scene_format, c, scene_end));
	for (i = 0; i < c->nr_rows; i++)
		scene_line(format_ladder_row(&scene_format, c, i, scene_end));
	ladder_drop(&scene, c);
}

/* As tail.c does. */
static void scene_take(const struct tcps_event *e)
{
	struct ladder_connection *c;

	while ((c = ladder_next(&scene, e->mono_ns)))
		scene_draw(c);
	ladder_take(&scene, e);
}

/* All charts so far and of what is still there; what follows is a new scene. */
static const char *scene_charts(void)
{
	struct ladder_connection *c;

	while ((c = ladder_last(&scene)))
		scene_draw(c);
	scene_began = false;
	*scene_end = '\0';
	return scene_text;
}

static inline struct tcps_event scene_event(double us, const struct actor *a,
					    unsigned int kind)
{
	struct tcps_event e = {
		.mono_ns = 1000000000 + us * 1000,
		.kind = kind,
		.family = a->family,
		.lport = a->port,
		.rport = a->peer_port,
		.netns = 4026531840U + a->netns,
		.netns_gen = a->netns,
	};
	int af = a->family == 6 ? AF_INET6 : AF_INET;

	if (!scene_began)
		scene_new();
	inet_pton(af, a->addr, e.laddr);
	inet_pton(af, a->peer, e.raddr);
	return e;
}

static inline void to_state(double us, const struct actor *a, unsigned int old,
			    unsigned int new, unsigned int cause,
			    double dwell_us)
{
	struct tcps_event e = scene_event(us, a, TCPS_EVENT_STATE);

	e.cookie = a->cookie;
	e.life = 1;
	e.uid = 33;
	e.flags = TCPS_F_TRACKED;
	if (a->comm) {
		e.flags |= TCPS_F_OWNER;
		e.pid = a->pid;
		snprintf(e.comm, sizeof(e.comm), "%s", a->comm);
	}
	e.old_state = old;
	e.new_state = new;
	e.cause = cause;
	if (dwell_us) {
		e.flags |= TCPS_F_DWELL;
		e.state.dwell_ns = dwell_us * 1000;
	}
	scene_take(&e);
}

/* Words for the flags of a header. */
enum {
	FIN = 0x01,
	SYN = 0x02,
	RST = 0x04,
	ACK = 0x10,
};

static inline struct tcps_event scene_segment(double us, const struct actor *a,
					      unsigned int flags, uint32_t seq,
					      uint32_t ack)
{
	struct tcps_event e = scene_event(us, a, TCPS_EVENT_SEGMENT);

	e.segment.tcp_flags = flags;
	e.segment.seq = seq;
	e.segment.ack = ack;
	e.segment.window = flags & RST ? 0 : 65495;
	if (flags & SYN) {
		e.segment.has_mss = true;
		e.segment.mss = 65495;
		e.segment.has_sack_perm = true;
		e.segment.has_wscale = true;
		e.segment.wscale = 7;
	}
	if (!(flags & RST)) {
		e.segment.has_timestamp = true;
		e.segment.tsval = 3000000000U + us / 1000;
		e.segment.tsecr = flags & ACK ? 3000000000U : 0;
	}
	return e;
}

static inline void sends(double us, const struct actor *a, unsigned int flags,
			 uint32_t seq, uint32_t ack)
{
	struct tcps_event e = scene_segment(us, a, flags, seq, ack);

	scene_take(&e);
}

/* What left the other end at @sent_us, or of a remote one so long ago. */
static inline void gets(double us, const struct actor *a, double sent_us,
			unsigned int flags, uint32_t seq, uint32_t ack)
{
	struct tcps_event e = scene_segment(sent_us, a, flags, seq, ack);

	e.mono_ns = 1000000000 + us * 1000;
	e.flags |= TCPS_F_INCOMING;
	scene_take(&e);
}

static inline void passes(double us, const struct actor *from,
			  const struct actor *to, unsigned int flags,
			  uint32_t seq, uint32_t ack)
{
	sends(us, from, flags, seq, ack);
	gets(us + 3, to, us, flags, seq, ack);
}

static const struct actor client = {
	4, "127.0.0.1", 40112, "127.0.0.1", 8080, 12, 1, 158, "curl",
};

static const struct actor server = {
	4, "127.0.0.1", 8080, "127.0.0.1", 40112, 15, 1, 812, "nginx",
};

/* With the other end on another host. */
static const struct actor caller = {
	4, "192.0.2.7", 51000, "198.51.100.9", 443, 21, 1, 900, "wget",
};

static const struct actor called = {
	4, "192.0.2.7", 443, "198.51.100.9", 33000, 22, 1, 812, "nginx",
};

#define S(name) TCPS_##name
#define C(name) TCPS_CAUSE_##name

static inline void handshake(double at, const struct actor *a,
			     const struct actor *b, uint32_t x, uint32_t y)
{
	to_state(at, a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	passes(at + 10, a, b, SYN, x, 0);
	to_state(at + 15, b, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	passes(at + 20, b, a, SYN | ACK, y, x + 1);
	to_state(at + 25, a, S(SYN_SENT), S(ESTABLISHED), C(SYN_ACK), 25);
	to_state(at + 30, b, S(SYN_RECV), S(ESTABLISHED), C(ACK), 15);
}

/* 79 bytes of request, 1000 of answer; @a closes. */
static inline void close_both(double at, const struct actor *a,
			      const struct actor *b, uint32_t x, uint32_t y)
{
	to_state(at, a, S(ESTABLISHED), S(FIN_WAIT1), C(CLOSE), 1500);
	passes(at + 2, a, b, FIN | ACK, x + 80, y + 1001);
	to_state(at + 6, b, S(ESTABLISHED), S(CLOSE_WAIT), C(FIN), 1501);
	to_state(at + 8, a, S(FIN_WAIT1), S(FIN_WAIT2), C(ACK), 8);
	to_state(at + 50, b, S(CLOSE_WAIT), S(LAST_ACK), C(CLOSE), 44);
	passes(at + 51, b, a, FIN | ACK, y + 1001, x + 81);
	to_state(at + 55, a, S(FIN_WAIT2), S(TIME_WAIT), C(FIN), 47);
	to_state(at + 57, b, S(LAST_ACK), S(CLOSE), C(ACK), 7);
}

#endif /* UNIT_SCENE_H */

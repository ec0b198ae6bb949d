// SPDX-License-Identifier: GPL-2.0
/*
 * The crowd: clients, each of which does something else.
 *
 * Must not know how the house does what it is told.
 */
#include "crowd.h"

#include <errno.h>
#include <linux/tcpstate.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "ends.h"
#include "script.h"
#include "util.h"

#define AT_ONCE_MAX	1024

/* A connection may take so long, in seconds; behind the narrow door less. */
#define PATIENCE	10
#define HURRY		1

/**
 * struct deal - a way for a connection to go
 * @share: how often it is chosen, compared with the others
 * @door: where to
 * @word: first byte: what the house does, see house.c; 0 to send none
 * @script: what the client does, then
 */
static const struct deal {
	unsigned int share;
	enum crowd_door door;
	char word;
	const char *script;
} deals[] = {
	{ 12, DOOR_WIDE, 'g', "eq" },		/* the house closes first */
	{ 8, DOOR_V4, 'g', "eq" },
	{ 12, DOOR_WIDE, 'w', "q" },		/* the client closes first */
	{ 8, DOOR_V4, 'l', "hreq" },		/* and hears a last word */
	{ 8, DOOR_WIDE, 'h', "erssq" },		/* half-closed for a while */
	{ 4, DOOR_V4, 'b', "eq" },
	{ 8, DOOR_WIDE, 'k', "rsrpsrPsrq" },	/* keep-alive */
	{ 8, DOOR_WIDE, 'x', "pq" },		/* both close at once */
	{ 4, DOOR_WIDE, 'l', "q" },		/* data after close() */
	{ 5, DOOR_WIDE, 'r', "eq" },		/* the house sends an RST */
	{ 5, DOOR_WIDE, 'u', "seq" },		/* the house leaves data unread */
	{ 5, DOOR_WIDE, 'g', "a" },		/* the client sends an RST */
	{ 4, DOOR_V4, 0, "a" },
	{ 5, DOOR_WIDE, 'k', "wq" },		/* the client leaves data unread */
	{ 4, DOOR_WIDE, 'g', "edcq" },		/* two lives of a socket */
	{ 6, DOOR_NONE, 0, "q" },		/* refused */
	{ 3, DOOR_NARROW, 'g', "eq" },		/* a full queue */
	{ 6, DOOR_CLOSING, 'g', "eq" },	/* a listener that goes away */
};

/* The client does not wait for the handshake. */
static const char *const hasty[] = { "q", "pq", "bq", "bpq" };

#define HASTY_SHARE	6

/**
 * struct client - one of the crowd
 * @player: its socket and what is left of its script
 * @word: to be said once it is connected, 0 for none
 * @introduced: that has been done, or is not wanted
 */
struct client {
	struct player player;
	char word;
	bool introduced;
};

static struct client clients[AT_ONCE_MAX];
static unsigned int shares;
static unsigned int as_planned, refused, given_up, impossible;

static const struct deal *choose(__u64 *seed)
{
	unsigned int n = script_random(seed, shares + HASTY_SHARE);
	const struct deal *deal = deals;

	if (n >= shares)
		return NULL;
	while (n >= deal->share)
		n -= deal++->share;
	return deal;
}

/* False if not even the attempt was possible. */
static bool begin(struct client *c, const struct crowd *crowd, int epoll, __u64 *seed)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = c,
	};
	const struct deal *deal = choose(seed);
	enum kind kind = script_random(seed, deal && deal->door == DOOR_V4 ? 2 : KIND_COUNT);
	__u64 patience = deal && deal->door == DOOR_NARROW ? HURRY : PATIENCE;
	union addr to;
	int fd;

	if (deal && deal->door == DOOR_V4 && kind == KIND_V6)
		kind = KIND_MAPPED;
	to = addr_make(kind, kind == KIND_V6 ? crowd->v6 : crowd->v4,
		       crowd->port + (deal ? deal->door : DOOR_WIDE));
	fd = tcp_socket(kind, SOCK_NONBLOCK);
	c->introduced = !deal;
	c->word = deal ? deal->word : 0;
	script_begin(&c->player, fd,
		     deal ? deal->script :
			    hasty[script_random(seed, sizeof(hasty) / sizeof(*hasty))],
		     deadline(patience));
	if (fd >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) &&
	    (!connect(fd, &to.any, addr_len(&to)) || errno == EINPROGRESS))
		return true;
	close(fd);
	c->player.fd = -1;
	return false;
}

/* Once it is connected it says what it wants. False to wait. */
static bool introduce(struct client *c)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(c->player.fd, SOL_SOCKET, SO_ERROR, &error, &len) || error) {
		/* Not a word: to the end of the script. */
		c->player.failed = true;
		c->player.at = "q";
	} else if (tcp_state(c->player.fd) == TCPSTATE_SYN_SENT) {
		return false;
	} else if (c->word) {
		(void)!send(c->player.fd, &c->word, 1, MSG_NOSIGNAL);
	}
	c->introduced = true;
	return true;
}

static bool play(struct client *c, __u64 now)
{
	struct player *p = &c->player;

	if (!c->introduced && now < p->give_up && !introduce(c))
		return true;
	if (script_play(p, now))
		return true;
	if (p->late)
		given_up++;
	else if (p->failed)
		refused++;
	else
		as_planned++;
	return false;
}

/* Plays whatever something happened to; returns how many are over. */
static unsigned int play_some(int epoll, unsigned int at_once)
{
	static __u64 looked;
	struct epoll_event event[64];
	int n = epoll_wait(epoll, event, sizeof(event) / sizeof(*event), 5);
	unsigned int over = 0;
	__u64 now = now_ns();

	for (int i = 0; i < n; i++) {
		struct client *c = event[i].data.ptr;

		if (c->player.fd >= 0 && !play(c, now))
			over++;
	}
	/* Pauses and time-outs; an RST too can come without an edge. */
	if (now - looked < 10000000)
		return over;
	looked = now;
	for (unsigned int i = 0; i < at_once; i++)
		if (clients[i].player.fd >= 0 && !play(&clients[i], now))
			over++;
	return over;
}

int crowd_run(const struct crowd *crowd)
{
	unsigned int at_once = crowd->at_once < AT_ONCE_MAX ? crowd->at_once : AT_ONCE_MAX;
	unsigned int begun = 0, present = 0;
	__u64 seed = crowd->seed + 88172645463325252ULL;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return 1;
	for (unsigned int i = 0; i < sizeof(deals) / sizeof(*deals); i++)
		shares += deals[i].share;
	for (unsigned int i = 0; i < at_once; i++)
		clients[i].player.fd = -1;
	while (present || !crowd->count || begun < crowd->count) {
		for (unsigned int i = 0; i < at_once; i++) {
			if (clients[i].player.fd >= 0 ||
			    (crowd->count && begun == crowd->count))
				continue;
			begun++;
			if (begin(&clients[i], crowd, epoll, &seed))
				present++;
			else
				impossible++;
		}
		present -= play_some(epoll, at_once);
	}
	close(epoll);
	printf("%u connections: %u as planned, %u refused or reset, %u given up, %u impossible\n",
	       begun, as_planned, refused, given_up, impossible);
	return 0;
}

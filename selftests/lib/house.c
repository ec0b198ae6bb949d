// SPDX-License-Identifier: GPL-2.0
/*
 * The house: a server that does with each connection what its client tells it.
 *
 * Must not know what clients do besides.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "crowd.h"
#include "ends.h"
#include "script.h"
#include "util.h"

#define GUESTS_MAX	2048
#define PATIENCE	15
#define MS		1000000ULL

/* By first byte. What the client sent behind it is still to be read. */
static const struct {
	char word;
	const char *script;
} scripts[] = {
	{ 'g', "sq" },		/* answer, close */
	{ 'w', "eq" },		/* close after the client */
	{ 'h', "sheq" },	/* answer, close half, hear the rest */
	{ 'b', "sbq" },
	{ 'k', "skq" },		/* answer until the client has enough */
	{ 'x', "pq" },		/* close without a word */
	{ 'l', "eppsq" },	/* the same, with a last word before */
	{ 'r', "a" },
	{ 'u', "wppq" },	/* close with data unread */
};

/**
 * struct door - a listener
 * @fd: its socket, or -1
 * @any: its address
 * @backlog: of listen()
 * @every: how often somebody looks, in milliseconds; 0 for always
 * @at_once: how many are let in then
 * @closes: closed and opened again afterwards
 * @next: when to look next
 */
static struct door {
	int fd;
	const char *any;
	unsigned int backlog;
	unsigned int every;
	unsigned int at_once;
	bool closes;
	__u64 next;
} doors[DOOR_NONE] = {
	[DOOR_WIDE] = { -1, "::", 512 },
	[DOOR_V4] = { -1, "0.0.0.0", 512 },
	[DOOR_NARROW] = { -1, "::", 1, 50, 2 },
	[DOOR_CLOSING] = { -1, "::", 16, 100, 3, true },
};

static struct player guests[GUESTS_MAX];
static bool greeted[GUESTS_MAX];
static int epoll;

static int open_door(unsigned int n, unsigned int port)
{
	struct door *door = &doors[n];
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = GUESTS_MAX + n };
	enum kind kind = n == DOOR_V4 ? KIND_V4 : KIND_V6;

	door->fd = tcp_bound(kind, door->any, port + n, SOCK_NONBLOCK);
	if (door->fd < 0)
		return -1;
	if (listen(door->fd, door->backlog)) {
		close(door->fd);
		door->fd = -1;
		return -1;
	}
	return door->every ? 0 : epoll_ctl(epoll, EPOLL_CTL_ADD, door->fd, &event);
}

static void let_in(struct door *door, unsigned int at_once)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	int one = 1;

	while (at_once--) {
		int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		if (fd >= GUESTS_MAX) {
			tcp_abort(fd);
			continue;
		}
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
		event.data.u32 = fd;
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
		script_begin(&guests[fd], fd, "q", deadline(PATIENCE));
		greeted[fd] = false;
	}
}

static void look_at_doors(unsigned int port, __u64 now)
{
	for (unsigned int i = 0; i < DOOR_NONE; i++) {
		struct door *door = &doors[i];

		if (!door->every || now < door->next)
			continue;
		door->next = now + door->every * MS;
		let_in(door, door->at_once);
		if (!door->closes)
			continue;
		close(door->fd);
		/* Who lost a race for the port tries again next time. */
		(void)open_door(i, port);
	}
}

/* Hears the first byte; false to wait. */
static bool greet(struct player *p)
{
	char word = 0;
	ssize_t len = recv(p->fd, &word, 1, 0);

	if (len < 0 && errno == EAGAIN)
		return false;
	greeted[p->fd] = true;
	for (unsigned int i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		if (scripts[i].word == word)
			p->at = scripts[i].script;
	return true;
}

static void play(struct player *p, __u64 now)
{
	if (p->fd < 0 || (now < p->give_up && !greeted[p->fd] && !greet(p)))
		return;
	script_play(p, now);
}

int crowd_serve(unsigned int port, void (*ready)(void))
{
	struct epoll_event event[64];
	__u64 looked = 0;

	epoll = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned int i = 0; i < GUESTS_MAX; i++)
		guests[i].fd = -1;
	for (unsigned int i = 0; i < DOOR_NONE; i++)
		if (open_door(i, port)) {
			fprintf(stderr, "door %u: %s\n", i, strerror(errno));
			return 1;
		}
	ready();
	for (;;) {
		int n = epoll_wait(epoll, event, sizeof(event) / sizeof(*event), 5);
		__u64 now = now_ns();

		for (int i = 0; i < n; i++) {
			if (event[i].data.u32 < GUESTS_MAX)
				play(&guests[event[i].data.u32], now);
			else
				let_in(&doors[event[i].data.u32 - GUESTS_MAX], 64);
		}
		look_at_doors(port, now);
		if (now - looked < 10 * MS)
			continue;
		looked = now;
		for (unsigned int i = 0; i < GUESTS_MAX; i++)
			play(&guests[i], now);
	}
}

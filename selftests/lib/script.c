// SPDX-License-Identifier: GPL-2.0
/*
 * Plays the script of one end of a connection.
 */
#include "script.h"

#include <errno.h>
#include <linux/tcpstate.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"

#define MS 1000000ULL

/* Of all pauses. */
static __u64 pause_seed = 1;

unsigned int script_random(__u64 *seed, unsigned int below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (*seed >> 11) % below;
}

void script_begin(struct player *p, int fd, const char *script, __u64 give_up)
{
	memset(p, 0, sizeof(*p));
	p->fd = fd;
	p->at = script;
	p->give_up = give_up;
}

/* Bytes that were read, 0 at the end or after an error; -1 to wait. */
static ssize_t take(struct player *p, int flags)
{
	char buf[4096];
	ssize_t len = recv(p->fd, buf, flags & MSG_PEEK ? 1 : sizeof(buf), flags);

	if (len >= 0)
		return len;
	return errno == EAGAIN ? -1 : 0;
}

static void give(struct player *p)
{
	static const char text[] = "Some bytes that say nothing, as most of them do.\n";

	/* That the peer is gone already is no matter. */
	(void)!send(p->fd, text, sizeof(text) - 1, MSG_NOSIGNAL);
}

static bool is_connected(struct player *p)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		p->failed = true;
	return error || tcp_state(p->fd) != TCPSTATE_SYN_SENT;
}

static void connect_again(struct player *p)
{
	union addr peer;
	socklen_t len = sizeof(peer);

	if (getpeername(p->fd, &peer.any, &len))
		return;
	tcp_disconnect(p->fd);
	(void)!connect(p->fd, &peer.any, len);
}

/* False while the pause lasts. */
static bool rest(struct player *p, __u64 now, unsigned int ms)
{
	if (!p->until) {
		p->until = now + (1 + script_random(&pause_seed, ms)) * MS;
		return false;
	}
	if (now < p->until)
		return false;
	p->until = 0;
	return true;
}

/* Reads to the end, and answers if that is wanted; false to wait. */
static bool read_on(struct player *p, bool answers)
{
	ssize_t len;

	while ((len = take(p, 0)) > 0)
		if (answers)
			give(p);
	return !len;
}

/* False if it has to wait before it can go on. */
static bool step(struct player *p, __u64 now)
{
	switch (*p->at) {
	case 'c':
		return is_connected(p);
	case 's':
		give(p);
		return true;
	case 'r':
		return take(p, 0) >= 0;
	case 'w':
		return take(p, MSG_PEEK) >= 0;
	case 'e':
		return read_on(p, false);
	case 'k':
		return read_on(p, true);
	case 'h':
		shutdown(p->fd, SHUT_WR);
		return true;
	case 'b':
		shutdown(p->fd, SHUT_RDWR);
		return true;
	case 'd':
		connect_again(p);
		return true;
	case 'p':
		return rest(p, now, 20);
	default:
		return rest(p, now, 1000);
	}
}

static bool is_last(char letter)
{
	return letter == 'q' || letter == 'a' || !letter;
}

bool script_play(struct player *p, __u64 now)
{
	while (!is_last(*p->at) && now < p->give_up) {
		if (!step(p, now))
			return true;
		p->at++;
	}
	p->late = !is_last(*p->at);
	if (p->late || *p->at == 'a')
		tcp_abort(p->fd);
	else
		close(p->fd);
	p->fd = -1;
	return false;
}

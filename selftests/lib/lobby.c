// SPDX-License-Identifier: GPL-2.0
/*
 * A listener, the peers that come to it, and the records that tell of them.
 */
#include "lobby.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "mib.h"
#include "util.h"

#define FIRST_PEER_PORT	8000

static const char *address(const struct lobby *lb, enum wire_side side)
{
	if (lb->kind == KIND_V6)
		return side == SIDE_A ? WIRE_A6 : WIRE_B6;
	return side == SIDE_A ? WIRE_A4 : WIRE_B4;
}

bool lobby_up(struct lobby *lb, enum kind kind)
{
	struct diag_count diag;
	struct stat ns;

	memset(lb, 0, sizeof(*lb));
	lb->kind = kind;
	lb->port = LOBBY_PORT;
	lb->patience = 10;
	lb->reader = -1;
	lb->entries = counter("table_entries");
	lb->since = now_ns();
	lb->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (lb->home < 0 || !wire_up(&lb->w))
		return false;
	wire_go(&lb->w, SIDE_B);
	lb->reader = device_open(O_NONBLOCK);
	if (lb->reader < 0) {
		printf("# %s: %s\n", DEVICE_PATH, strerror(errno));
		return false;
	}
	fstat(lb->w.ns[SIDE_B], &ns);
	lb->inum = ns.st_ino;
	/* The first one loads a module, which takes an unknown time. */
	return diag_count(&diag);
}

void lobby_down(struct lobby *lb)
{
	while (lb->fds)
		close(lb->fd[--lb->fds]);
	close(lb->reader);
	records_free(&lb->rec);
	wire_down(&lb->w);
	setns(lb->home, CLONE_NEWNET);
	close(lb->home);
}

static struct story *new_story(struct lobby *lb, const char *words)
{
	struct story *s = &lb->story[lb->stories++];

	if (lb->stories > LOBBY_STORIES)
		abort();
	story_init(s, lb->kind, lb->inum, words);
	s->local = addr_make(lb->kind, address(lb, SIDE_B), lb->port);
	return s;
}

static void keep(struct lobby *lb, int fd)
{
	if (lb->fds == LOBBY_FDS)
		abort();
	lb->fd[lb->fds++] = fd;
}

void lobby_follow_listener(struct lobby *lb, int fd, const char *words)
{
	struct story *s = new_story(lb, words);

	s->cookie = tcp_cookie(fd);
	s->remote = addr_make(lb->kind, lb->kind == KIND_V6 ? "::" : "0.0.0.0", 0);
	keep(lb, fd);
}

int lobby_listen(struct lobby *lb, int backlog)
{
	union addr a = addr_make(lb->kind, address(lb, SIDE_B), lb->port);
	int fd = tcp_socket(lb->kind, 0), share = lb->reuseport;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &share, sizeof(share)) ||
	    bind(fd, &a.any, addr_len(&a)) || listen(fd, backlog)) {
		printf("# listen: %s\n", strerror(errno));
		close(fd);
		return -1;
	}
	lobby_follow_listener(lb, fd, LISTENS);
	return fd;
}

void lobby_close(struct lobby *lb, int fd)
{
	for (unsigned int i = 0; i < lb->fds; i++)
		if (lb->fd[i] == fd)
			lb->fd[i] = -1;
	close(fd);
}

struct story *lobby_guest(struct lobby *lb, unsigned int port, const char *words)
{
	struct story *s = new_story(lb, words);

	s->remote = addr_make(lb->kind, address(lb, SIDE_A), port);
	return s;
}

struct raw_peer *lobby_peer(struct lobby *lb, const char *words)
{
	unsigned int port = FIRST_PEER_PORT + lb->peers;
	struct raw_peer *p = &lb->peer[lb->peers++];

	if (lb->peers > LOBBY_PEERS)
		abort();
	raw_peer_init(p, &lb->w, lb->kind, port, lb->port);
	lobby_guest(lb, port, words);
	return p;
}

struct story *lobby_story(struct lobby *lb, const struct raw_peer *p)
{
	for (unsigned int i = 0; i < lb->stories; i++)
		if (addr_port(&lb->story[i].remote) == p->next.sport)
			return &lb->story[i];
	abort();
}

void lobby_twin(struct lobby *lb, const struct raw_peer *p, const char *words)
{
	struct story *s = new_story(lb, words);

	s->remote = lobby_story(lb, p)->remote;
	s->optional = true;
}

static int take(struct lobby *lb, const struct tcpstate_record *r)
{
	/* What else happens to a listener is not part of these stories. */
	if (r->type != TCPSTATE_EVENT_STATE && r->type != TCPSTATE_EVENT_SYNACK_RETRANSMIT)
		return 0;
	/* Who is known by its cookie comes first: addresses can be the same. */
	for (unsigned int i = 0; i < lb->stories; i++)
		if (lb->story[i].cookie && story_is_of(&lb->story[i], r))
			return story_take(&lb->story[i], r);
	for (unsigned int i = 0; i < lb->stories; i++)
		if (story_is_of(&lb->story[i], r))
			return story_take(&lb->story[i], r);
	/* Only a reader of all namespaces is given records of others. */
	return lb->watched && r->netns_inum != lb->inum ? 0 : story_stranger(r);
}

void lobby_turn(struct lobby *lb)
{
	if (lb->peers)
		raw_peers_hear(lb->peer, lb->peers);
	else
		wire_carry(&lb->w);
	records_read(&lb->rec, lb->reader);
	for (; lb->taken < lb->rec.count; lb->taken++) {
		const struct tcpstate_record *r = &lb->rec.rec[lb->taken];

		if (r->seq != lb->taken + 1) {
			printf("# record %u is the %zuth\n", r->seq, lb->taken + 1);
			lb->bad++;
		}
		lb->bad += take(lb, r);
	}
}

bool lobby_until(struct lobby *lb, const struct raw_peer *p, unsigned int state)
{
	__u64 until = deadline(lb->patience);
	struct story *s = lobby_story(lb, p);

	for (lobby_turn(lb); s->state != state; lobby_turn(lb))
		if (!again(until)) {
			printf("# waited for %s of: %s\n", state_name(state), s->words);
			return false;
		}
	return true;
}

bool lobby_until_mib(struct lobby *lb, const char *name, long long value)
{
	__u64 until = deadline(lb->patience);

	for (lobby_turn(lb); mib(name) < value; lobby_turn(lb))
		if (!again(until)) {
			printf("# waited for %s %lld, is %lld\n", name, value, mib(name));
			return false;
		}
	return true;
}

static bool until_heard(struct lobby *lb, const unsigned int *heard, unsigned int count,
			const char *what)
{
	__u64 until = deadline(lb->patience);

	for (lobby_turn(lb); *heard < count; lobby_turn(lb))
		if (!again(until)) {
			printf("# waited for %u %s, heard %u\n", count, what, *heard);
			return false;
		}
	return true;
}

bool lobby_until_synacks(struct lobby *lb, const struct raw_peer *p, unsigned int count)
{
	return until_heard(lb, &p->synacks, count, "SYN-ACKs");
}

bool lobby_until_resets(struct lobby *lb, const struct raw_peer *p, unsigned int count)
{
	return until_heard(lb, &p->resets, count, "RSTs");
}

bool lobby_syn(struct lobby *lb, struct raw_peer *p)
{
	raw_peer_syn(p);
	return lobby_until_synacks(lb, p, 1);
}

bool lobby_shake(struct lobby *lb, struct raw_peer *p)
{
	if (!lobby_syn(lb, p))
		return false;
	raw_peer_ack(p);
	return lobby_until(lb, p, TCPSTATE_ESTABLISHED);
}

int lobby_accept(struct lobby *lb, int l, struct raw_peer *p)
{
	struct pollfd ready = { .fd = l, .events = POLLIN };
	struct story *s = lobby_story(lb, p);
	union addr peer;
	socklen_t len = sizeof(peer);
	int fd = -1;

	/* Its cookie is known only by what was told so far. */
	lobby_turn(lb);
	if (poll(&ready, 1, 5000) == 1)
		fd = accept4(l, &peer.any, &len, SOCK_CLOEXEC);
	if (fd < 0) {
		printf("# nothing to accept\n");
		return -1;
	}
	keep(lb, fd);
	if (addr_port(&peer) != p->next.sport || tcp_cookie(fd) != s->cookie) {
		printf("# accepted port %u cookie %llu, not port %u cookie %llu\n",
		       addr_port(&peer), (unsigned long long)tcp_cookie(fd),
		       p->next.sport, (unsigned long long)s->cookie);
		return -1;
	}
	return fd;
}

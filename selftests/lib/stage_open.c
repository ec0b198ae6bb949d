// SPDX-License-Identifier: GPL-2.0
/*
 * How connections of a stage come about.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "stage.h"
#include "util.h"

#define LISTENS "CLOSE LISTEN:listen CLOSE:close"

int stage_listen(struct stage *st, const char *path)
{
	int fd;

	wire_go(&st->w, SIDE_B);
	fd = tcp_listen(st->kind, stage_addr(st, SIDE_B), STAGE_PORT, 8);
	if (fd < 0)
		perror("listen");
	stage_follow(st, SIDE_B, fd, 0, 0, path);
	wire_go(&st->w, SIDE_A);
	return fd;
}

bool stage_connect_again(struct stage *st, int fd)
{
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);

	if (!connect(fd, &to.any, addr_len(&to)) || errno == EINPROGRESS)
		return true;
	perror("connect");
	return false;
}

int stage_connect(struct stage *st)
{
	int fd;

	wire_go(&st->w, SIDE_A);
	fd = tcp_socket(st->kind, SOCK_NONBLOCK);
	stage_connect_again(st, fd);
	return fd;
}

int stage_accept(struct stage *st, int l)
{
	struct pollfd ready = { .fd = l, .events = POLLIN };
	__u64 until = deadline(5);

	/* Its third packet may be on the wire. */
	do {
		wire_carry(&st->w);
		if (poll(&ready, 1, 0))
			return accept4(l, NULL, NULL, SOCK_CLOEXEC);
	} while (again(until));
	printf("# nothing to accept\n");
	return -1;
}

bool stage_join(struct stage *st, int *c, int *s, const char *client,
		const char *server)
{
	int l = stage_listen(st, LISTENS);

	*c = stage_connect(st);
	if (!wire_until(&st->w, *c, TCPSTATE_ESTABLISHED))
		return false;
	*s = stage_accept(st, l);
	if (*s < 0)
		return false;
	st->client = stage_follow(st, SIDE_A, *c, 0, STAGE_PORT, client);
	st->server = stage_follow(st, SIDE_B, *s, 0, tcp_port(*c), server);
	close(l);
	return true;
}

bool stage_queue(struct stage *st, int *c, int *l, const char *client,
		 const char *server)
{
	*l = stage_listen(st, LISTENS);
	*c = stage_connect(st);
	if (!wire_until(&st->w, *c, TCPSTATE_ESTABLISHED))
		return false;
	st->client = stage_follow(st, SIDE_A, *c, 0, STAGE_PORT, client);
	st->server = stage_follow(st, SIDE_B, -1, STAGE_PORT, tcp_port(*c), server);
	return stage_reach(st, st->server, TCPSTATE_ESTABLISHED, 10);
}

bool stage_fast_open(struct stage *st, int *c, int *s, const char *client,
		     const char *server)
{
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);
	int l, queue = 4;
	char byte;

	if (!stage_sysctl(st, "tcp_fastopen", "519"))
		return false;
	l = stage_listen(st, LISTENS);
	setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	st->w.mode[SIDE_B] = WIRE_HOLD;
	*c = tcp_socket(st->kind, SOCK_NONBLOCK);
	if (sendto(*c, "x", 1, MSG_FASTOPEN, &to.any, addr_len(&to)) != 1)
		perror("sendto");
	stage_follow(st, SIDE_A, *c, 0, STAGE_PORT, client);
	wire_carry(&st->w);
	*s = accept(l, NULL, NULL);
	stage_follow_fast_open(st, *s, tcp_port(*c), server);
	close(l);
	return tcp_state(*s) == TCPSTATE_SYN_RECV && read(*s, &byte, 1) == 1;
}

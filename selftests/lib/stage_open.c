// SPDX-License-Identifier: GPL-2.0
/*
 * How connections of a stage come about.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stage.h"

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

int stage_connect(struct stage *st)
{
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);
	int fd;

	wire_go(&st->w, SIDE_A);
	fd = tcp_socket(st->kind, SOCK_NONBLOCK);
	if (connect(fd, &to.any, addr_len(&to)) && errno != EINPROGRESS)
		perror("connect");
	return fd;
}

bool stage_join(struct stage *st, int *c, int *s, const char *client,
		const char *server)
{
	int l = stage_listen(st, LISTENS);

	*c = stage_connect(st);
	if (!wire_until(&st->w, *c, TCPSTATE_ESTABLISHED))
		return false;
	wire_carry(&st->w);
	*s = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	if (*s < 0)
		return false;
	stage_follow(st, SIDE_A, *c, 0, STAGE_PORT, client);
	stage_follow(st, SIDE_B, *s, 0, tcp_port(*c), server);
	close(l);
	return true;
}

bool stage_fast_open(struct stage *st, int *c, int *s, const char *client,
		     const char *server)
{
	union addr to = addr_make(st->kind, stage_addr(st, SIDE_B), STAGE_PORT);
	int l, queue = 4;
	char byte;

	for (int side = SIDE_B; side >= SIDE_A; side--) {
		wire_go(&st->w, side);
		if (system("echo 519 >/proc/sys/net/ipv4/tcp_fastopen"))
			return false;
	}
	l = stage_listen(st, LISTENS);
	setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	st->w.mode[SIDE_B] = WIRE_HOLD;
	*c = tcp_socket(st->kind, SOCK_NONBLOCK);
	if (sendto(*c, "x", 1, MSG_FASTOPEN, &to.any, addr_len(&to)) != 1)
		perror("sendto");
	stage_follow(st, SIDE_A, *c, 0, STAGE_PORT, client);
	wire_carry(&st->w);
	*s = accept(l, NULL, NULL);
	stage_follow(st, SIDE_B, *s, 0, tcp_port(*c), server)->owned = true;
	close(l);
	return tcp_state(*s) == TCPSTATE_SYN_RECV && read(*s, &byte, 1) == 1;
}

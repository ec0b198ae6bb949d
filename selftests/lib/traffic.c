// SPDX-License-Identifier: GPL-2.0
/*
 * Connections with a known number of records.
 */
#include "traffic.h"

#include <linux/tcpstate.h>
#include <stdio.h>
#include <unistd.h>

#include "nic.h"

bool loopback_up(void)
{
	return nic_up("lo");
}

static const char *loopback(enum kind kind)
{
	return kind == KIND_V6 ? "::1" : "127.0.0.1";
}

int traffic_listen(enum kind kind, unsigned int *port)
{
	int fd = tcp_listen(kind, loopback(kind), 0, 16);

	if (fd < 0)
		perror("listen");
	else
		*port = tcp_port(fd);
	return fd;
}

bool traffic(enum kind kind, int l, unsigned int count)
{
	unsigned int port = tcp_port(l);

	while (count--) {
		int s, c = tcp_connect_to(kind, loopback(kind), port);
		bool ended;

		if (c < 0) {
			perror("connect");
			return false;
		}
		s = accept(l, NULL, NULL);
		if (s < 0) {
			perror("accept");
			close(c);
			return false;
		}
		tcp_abort(c);
		ended = tcp_wait_state(s, TCPSTATE_CLOSE);
		close(s);
		if (!ended)
			return false;
	}
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * TCP sockets in one line each.
 */
#include "ends.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

union addr addr_make(enum kind kind, const char *text, unsigned int port)
{
	union addr a;
	char mapped[64];

	memset(&a, 0, sizeof(a));
	if (kind == KIND_V4) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
		inet_pton(AF_INET, text, &a.v4.sin_addr);
		return a;
	}
	a.v6.sin6_family = AF_INET6;
	a.v6.sin6_port = htons(port);
	if (kind == KIND_MAPPED && !strchr(text, ':')) {
		snprintf(mapped, sizeof(mapped), "::ffff:%s", text);
		text = mapped;
	}
	inet_pton(AF_INET6, text, &a.v6.sin6_addr);
	return a;
}

unsigned int addr_port(const union addr *a)
{
	return ntohs(a->any.sa_family == AF_INET ? a->v4.sin_port : a->v6.sin6_port);
}

socklen_t addr_len(const union addr *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

void addr_bytes(const union addr *a, unsigned char *out)
{
	memset(out, 0, 16);
	if (a->any.sa_family == AF_INET)
		memcpy(out, &a->v4.sin_addr, 4);
	else if (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
		memcpy(out, a->v6.sin6_addr.s6_addr + 12, 4);
	else
		memcpy(out, &a->v6.sin6_addr, 16);
}

int tcp_socket(enum kind kind, int flags)
{
	int fd, one = 1, zero = 0;

	fd = socket(kind == KIND_V4 ? AF_INET : AF_INET6,
		    SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (kind != KIND_V4)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	return fd;
}

int tcp_bound(enum kind kind, const char *text, unsigned int port, int flags)
{
	union addr a = addr_make(kind, text, port);
	int fd = tcp_socket(kind, flags);

	if (fd >= 0 && bind(fd, &a.any, addr_len(&a))) {
		close(fd);
		return -1;
	}
	return fd;
}

int tcp_listen(enum kind kind, const char *text, unsigned int port, int backlog)
{
	int fd = tcp_bound(kind, text, port, 0);

	if (fd >= 0 && listen(fd, backlog)) {
		close(fd);
		return -1;
	}
	return fd;
}

int tcp_connect_to(enum kind kind, const char *text, unsigned int port)
{
	union addr a = addr_make(kind, text, port);
	int fd = tcp_socket(kind, 0);

	if (fd >= 0 && connect(fd, &a.any, addr_len(&a))) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

bool tcp_set(int fd, int option, int value)
{
	return !setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

void tcp_abort(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

void tcp_disconnect(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (connect(fd, &none, sizeof(none)))
		perror("disconnect");
}

unsigned int tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return 0;
	return info.tcpi_state;
}

__u64 tcp_cookie(int fd)
{
	__u64 cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

unsigned int tcp_port(int fd)
{
	union addr a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.any, &len))
		return 0;
	return addr_port(&a);
}

bool tcp_wait_state(int fd, unsigned int state)
{
	__u64 until = deadline(5);

	while (tcp_state(fd) != state)
		if (!again(until))
			return false;
	return true;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP sockets in one line each: addresses of three kinds, listen, connect,
 * accept, and what getsockopt() tells about a socket.
 */
#ifndef TCPSTATE_TEST_ENDS_H
#define TCPSTATE_TEST_ENDS_H

#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/* What a socket speaks: MAPPED is an IPv6 socket with IPv4 addresses. */
enum kind {
	KIND_V4,
	KIND_V6,
	KIND_MAPPED,
	KIND_COUNT,
};

union addr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* @text is IPv4 or IPv6; IPv4 becomes IPv4-mapped for KIND_MAPPED. */
union addr addr_make(enum kind kind, const char *text, unsigned int port);
unsigned int addr_port(const union addr *a);
socklen_t addr_len(const union addr *a);

/* 16 bytes as the records have them, IPv4 in the first four. */
void addr_bytes(const union addr *a, unsigned char *out);

/* All return a socket, or -1 and errno; with SO_REUSEADDR. */
int tcp_socket(enum kind kind, int flags);
int tcp_bound(enum kind kind, const char *text, unsigned int port, int flags);
int tcp_listen(enum kind kind, const char *text, unsigned int port, int backlog);
int tcp_connect_to(enum kind kind, const char *text, unsigned int port);

/* An option of TCP. */
bool tcp_set(int fd, int option, int value);

/* Closes with an RST. */
void tcp_abort(int fd);

/* connect() with AF_UNSPEC. */
void tcp_disconnect(int fd);

/* The state the kernel says a socket is in (TCP_INFO), 0 if it does not. */
unsigned int tcp_state(int fd);
__u64 tcp_cookie(int fd);
unsigned int tcp_port(int fd);

/* Waits until @fd is in @state. */
bool tcp_wait_state(int fd, unsigned int state);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * Speaks NETLINK_SOCK_DIAG.
 */
#include "diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef SOCK_DESTROY
#define SOCK_DESTROY 21
#endif

/* The states that ss can ask for: bits 1 to 12, without bound sockets. */
#define ALL_STATES	0x1ffe

struct request {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

/* A socket that @req was sent on, or -1. */
static int ask(struct request *req, unsigned int type, unsigned int flags)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	req->head.nlmsg_len = sizeof(*req);
	req->head.nlmsg_type = type;
	req->head.nlmsg_flags = NLM_F_REQUEST | flags;
	req->body.sdiag_protocol = IPPROTO_TCP;
	if (fd >= 0 && sendto(fd, req, sizeof(*req), 0, (void *)&kernel, sizeof(kernel)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int error_of(const struct nlmsghdr *head)
{
	return -((const struct nlmsgerr *)NLMSG_DATA(head))->error;
}

/* The answer to a dump, all of it; 0 or an errno. */
static int take_answers(int fd, struct diag_count *count)
{
	static _Alignas(8) char buf[65536];
	int left;

	for (;;) {
		const struct nlmsghdr *head = (void *)buf;

		left = recv(fd, buf, sizeof(buf), 0);
		if (left <= 0)
			return errno;
		for (; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
			const struct inet_diag_msg *msg = NLMSG_DATA(head);

			if (head->nlmsg_type == NLMSG_DONE)
				return 0;
			if (head->nlmsg_type == NLMSG_ERROR)
				return error_of(head);
			if (msg->idiag_state < TCPSTATE_STATE_COUNT)
				count->n[msg->idiag_state]++;
		}
	}
}

bool diag_count(struct diag_count *count)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };

	memset(count, 0, sizeof(*count));
	for (unsigned int i = 0; i < sizeof(families); i++) {
		struct request req = {
			.body.sdiag_family = families[i],
			.body.idiag_states = ALL_STATES,
		};
		int fd = ask(&req, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
		int error = fd < 0 ? errno : take_answers(fd, count);

		close(fd);
		if (error) {
			printf("# sock_diag: %s\n", strerror(error));
			return false;
		}
	}
	return true;
}

static void copy_address(__be32 *to, const union addr *a)
{
	if (a->any.sa_family == AF_INET)
		memcpy(to, &a->v4.sin_addr, 4);
	else
		memcpy(to, &a->v6.sin6_addr, 16);
}

int diag_destroy(const union addr *local, const union addr *remote)
{
	struct request req = {
		.body.sdiag_family = local->any.sa_family,
		.body.idiag_states = ALL_STATES,
		.body.id.idiag_sport = htons(addr_port(local)),
		.body.id.idiag_dport = remote ? htons(addr_port(remote)) : 0,
		.body.id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
	};
	struct { struct nlmsghdr head; struct nlmsgerr body; } answer;
	int fd, error;

	copy_address(req.body.id.idiag_src, local);
	if (remote)
		copy_address(req.body.id.idiag_dst, remote);
	fd = ask(&req, SOCK_DESTROY, NLM_F_ACK);
	if (fd < 0)
		return errno;
	error = recv(fd, &answer, sizeof(answer), 0) < (int)sizeof(answer.head) ?
			errno : error_of(&answer.head);
	close(fd);
	return error;
}

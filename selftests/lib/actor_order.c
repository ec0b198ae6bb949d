// SPDX-License-Identifier: GPL-2.0
/*
 * Messages between the test and its actors.
 */
#include "actor_order.h"

#include <string.h>
#include <sys/socket.h>

/* Room for one descriptor. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool order_say(int to, const void *message, size_t len, int fd)
{
	struct iovec iov = { .iov_base = (void *)message, .iov_len = len };
	union control control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *head = &control.head;

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	return sendmsg(to, &msg, MSG_NOSIGNAL) == (ssize_t)len;
}

bool order_hear(int from, void *message, size_t len, int *fd)
{
	struct iovec iov = { .iov_base = message, .iov_len = len };
	union control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *head;

	*fd = -1;
	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != (ssize_t)len)
		return false;
	head = CMSG_FIRSTHDR(&msg);
	if (head)
		memcpy(fd, CMSG_DATA(head), sizeof(*fd));
	return true;
}

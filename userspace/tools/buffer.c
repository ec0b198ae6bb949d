// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - complete lines on their way to a descriptor. See buffer.h.
 */
#include "buffer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void buffer_init(struct buffer *b, int fd)
{
	b->fd = fd;
	b->len = 0;
}

char *buffer_make_room(struct buffer *b)
{
	int err = buffer_flush(b);

	if (err) {
		errno = -err;
		return NULL;
	}
	return b->bytes + b->len;
}

int buffer_flush(struct buffer *b)
{
	struct pollfd pfd = { .fd = b->fd, .events = POLLOUT };
	size_t done = 0;
	int err = 0;
	ssize_t n;

	while (done < b->len) {
		n = write(b->fd, b->bytes + done, b->len - done);
		if (n >= 0) {
			done += n;
			continue;
		}
		/* Somebody else's O_NONBLOCK on a shared terminal or pipe. */
		if (errno == EAGAIN && poll(&pfd, 1, -1) > 0)
			continue;
		err = -errno;
		break;
	}

	memmove(b->bytes, b->bytes + done, b->len - done);
	b->len -= done;
	return err;
}

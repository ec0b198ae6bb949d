/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - complete lines on their way to a descriptor.
 *
 * This unit owns the output: it is written out when it is full and when the
 * caller says so, that is before the tool waits. It must not know what a line
 * is.
 */
#ifndef TOOLS_BUFFER_H
#define TOOLS_BUFFER_H

#include <stddef.h>

/* A batch of the longest usual lines, so that it is one write(2). */
#define BUFFER_BYTES 131072

struct buffer {
	int fd;
	size_t len;
	char bytes[BUFFER_BYTES];
};

void buffer_init(struct buffer *b, int fd);

/*
 * Write out everything. 0, or a negative errno: -EINTR if a signal came while
 * the reader of our output was not reading; the rest is still there then.
 */
int buffer_flush(struct buffer *b);

/* Write out until there is room. NULL with errno if that failed. */
char *buffer_make_room(struct buffer *b);

/*
 * Room for @bytes (at most BUFFER_BYTES), to be followed by buffer_commit() of
 * what was used. NULL with errno if older lines could not be written out.
 */
static inline char *buffer_reserve(struct buffer *b, size_t bytes)
{
	if (bytes > sizeof(b->bytes) - b->len)
		return buffer_make_room(b);
	return b->bytes + b->len;
}

static inline void buffer_commit(struct buffer *b, const char *end)
{
	b->len = end - b->bytes;
}

#endif /* TOOLS_BUFFER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libtcpstate - what the library's files share.
 *
 * This header owns the handle. With decode.c and names.c it is the only place
 * of userspace that sees the kernel's header; nothing of it may leak into
 * tcpstate.h.
 */
#ifndef LIBTCPSTATE_INTERNAL_H
#define LIBTCPSTATE_INTERNAL_H

#include <linux/tcpstate.h>

#include "tcpstate.h"

/* Bytes asked from the kernel at once. */
#define BUFFER_SIZE 65536

/* No record may claim to be larger; a corrupt one must not stall a reader. */
#define RECORD_MAX 4096

/* The common part that even an unknown kind has: size and type. */
#define RECORD_MIN 8

/*
 * The handle. Bytes from @begin to @end of @buffer were read and not decoded.
 * @broken is the error that ended a stream, or 0: it is repeated for ever, so
 * that a caller who ignores it cannot loop over garbage. A @stream (no device)
 * is filtered and counted here; of a device the kernel does both. @once: no more
 * than one read(2) a call.
 */
struct tcpstate {
	int fd;
	bool owns_fd;
	bool stream;
	bool once;
	int broken;
	size_t begin;
	size_t end;
	struct tcps_filter filter;
	struct tcps_stats stats;
	unsigned char buffer[BUFFER_SIZE] __attribute__((aligned(8)));
};

static inline bool tcps_kind_known(unsigned int kind)
{
	return kind > 0 && kind < TCPSTATE_EVENT_COUNT;
}

int tcps_filter_check(const struct tcps_filter *filter);
bool tcps_filter_match(const struct tcps_filter *filter,
		       const struct tcps_event *event);

#pragma GCC poison u8 u16 u32 u64 s8 s16 s32 s64

#endif /* LIBTCPSTATE_INTERNAL_H */

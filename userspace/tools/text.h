/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - what all text for people is made of: columns, names, numbers
 * in a sentence.
 *
 * This header owns how one of them looks. It must not know which there are, or
 * in what order.
 */
#ifndef TOOLS_TEXT_H
#define TOOLS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <tcpstate.h>

#include "emit.h"
#include "scope.h"
#include "word.h"

_Static_assert(EMIT_COMM_BYTES == TCPS_COMM_LEN, "a command name");

static inline char *text_column(char *p, const char *text, size_t width)
{
	return emit_pad(emit_str(p, text), p, width);
}

static inline char *text_column_u64(char *p, bool there, uint64_t n,
				    size_t width)
{
	return emit_pad(there ? emit_u64(p, n) : emit_char(p, '-'), p, width);
}

static inline char *text_state(char *p, unsigned int number)
{
	return number ? word_state(p, number) : emit_char(p, '-');
}

static inline char *text_number(char *p, const char *before, uint64_t n)
{
	return emit_u64(emit_str(p, before), n);
}

/* Flags that the rest of the text does not already tell. */
static inline char *text_flags(const struct tcps_event *e, char *p)
{
	unsigned int rest = e->flags & ~(TCPS_F_OWNER | TCPS_F_ACTOR |
					 TCPS_F_TRACKED | TCPS_F_DWELL);

	for (; rest; rest &= rest - 1) {
		unsigned int bit = __builtin_ctz(rest);

		if (tcpstate_flag_name(bit))
			p = word_flag(emit_char(p, ' '), bit);
	}
	return p;
}

/* As ss writes it. @ifindex and @netns are those of its socket. */
static inline char *text_endpoint(unsigned int family, const uint8_t *addr,
				  unsigned int port, uint32_t ifindex,
				  uint32_t netns, char *p)
{
	if (family == 6)
		p = emit_char(p, '[');
	p = emit_addr(p, family, addr);
	if (family == 6)
		p = emit_char(p, ']');
	p = scope_emit(p, family, addr, ifindex, netns);
	return family ? text_number(p, ":", port) : p;
}

/* @flags as of an event. */
static inline char *text_owner(unsigned int flags, const char *comm,
			       uint32_t pid, char *p)
{
	if (flags & TCPS_F_OWNER) {
		p = emit_comm(p, comm, TCPS_COMM_LEN - 1);
		p = emit_char(p, '[');
		/* 0: it has no number in the namespace of whoever reads. */
		p = pid ? emit_u64(p, pid) : emit_char(p, '-');
		p = emit_char(p, ']');
	} else {
		p = EMIT_LIT(p, "owner unknown");
	}
	if (flags & TCPS_F_OWNER_LISTENER)
		p = EMIT_LIT(p, " (the listener's: not accepted)");
	return p;
}

#endif /* TOOLS_TEXT_H */

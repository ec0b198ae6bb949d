/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events that make no sense, for what must print them all the same.
 */
#ifndef UNIT_ANY_EVENT_H
#define UNIT_ANY_EVENT_H

#include <stdlib.h>

#include <tcpstate.h>

#include <format.h>

/* Each way of printing in its turn. */
static inline struct format any_format(unsigned int i)
{
	return (struct format){
		.wide = i & 1,
		.wall_clock = i & 2,
		.seconds = i & 4,
		.real_offset = i & 8 ? random() * 1000000000LL : 0,
	};
}

/* An event of any bytes, as far as the library can give it. */
static inline void any_event(struct tcps_event *e, unsigned int i, unsigned int kind)
{
	unsigned int j;

	for (j = 0; j < sizeof(*e); j++)
		((unsigned char *)e)[j] = random() >> 7;
	e->kind = kind;
	e->family = i % 3 * 2 + (i % 3 ? 2 : 0);
	e->comm[TCPS_COMM_LEN - 1] = '\0';
	if (kind == TCPS_EVENT_LIFE)
		e->life_end.nr_steps %= TCPS_STEPS + 1;
	if (kind == TCPS_EVENT_SEGMENT) {
		e->segment.has_mss = i & 1;
		e->segment.has_wscale = i & 2;
		e->segment.has_sack_perm = i & 4;
		e->segment.has_timestamp = i & 8;
	}
}

#endif /* UNIT_ANY_EVENT_H */

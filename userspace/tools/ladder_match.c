// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - does an event belong to a connection? See ladder.h.
 *
 * This file owns the answer: by addresses and ports, whichever end tells of
 * them, then by cookie, network namespace and sequence number, because the same
 * addresses may be in use twice, at once and one after the other. It must not
 * know how connections are kept.
 */
#include "ladder.h"

#include <string.h>

static bool is_loopback(unsigned int family, const uint8_t *addr)
{
	static const uint8_t one[16] = { [15] = 1 };

	return family == 4 ? addr[0] == 127 : !memcmp(addr, one, sizeof(one));
}

static bool is_at(const struct ladder_end *end, const uint8_t *addr,
		  uint16_t port)
{
	return end->port == port && !memcmp(end->addr, addr, sizeof(end->addr));
}

/* Two namespaces may use the same addresses for different connections. */
static bool fits_netns(const struct ladder_connection *c, unsigned int local,
		       const struct tcps_event *e)
{
	const struct ladder_end *end = &c->end[local], *other = &c->end[!local];

	if (end->seen)
		return end->netns_gen == e->netns_gen;
	if (other->seen && is_loopback(c->family, other->addr))
		return other->netns_gen == e->netns_gen;
	return true;
}

static bool is_opening(const struct ladder_end *end)
{
	return !end->has_state || end->state == TCPS_SYN_SENT ||
	       end->state == TCPS_SYN_RECV;
}

/* May a SYN without ACK be one of this connection, or does it begin another? */
static bool takes_syn(const struct ladder_connection *c, unsigned int local,
		      const struct tcps_event *e)
{
	unsigned int sender = e->flags & TCPS_F_INCOMING ? !local : local;
	const struct ladder_end *end = &c->end[sender];

	if (end->has_isn)
		return end->isn == e->segment.seq;
	return !end->closes && is_opening(&c->end[0]) && is_opening(&c->end[1]);
}

/* May a transition be of this end? */
static bool takes_state(const struct ladder_connection *c, unsigned int local,
			const struct tcps_event *e)
{
	const struct ladder_end *end = &c->end[local];

	if (end->has_state)
		return e->old_state != TCPS_CLOSE && end->cookie == e->cookie &&
		       end->life == e->life;
	return e->old_state != TCPS_CLOSE || (!c->ended && !end->closes);
}

static enum ladder_fit fit(const struct ladder_connection *c,
			   unsigned int local, const struct tcps_event *e)
{
	const struct ladder_end *end = &c->end[local];
	bool same = end->has_state && e->cookie && end->cookie == e->cookie;

	if (e->kind == TCPS_EVENT_STATE) {
		if (!takes_state(c, local, e))
			return LADDER_FITS_NOT;
		return end->has_state ? LADDER_FITS : LADDER_MAY_FIT;
	}
	if (e->kind == TCPS_EVENT_SEGMENT &&
	    (e->segment.tcp_flags & (LADDER_SYN | LADDER_ACK | LADDER_RST)) ==
		    LADDER_SYN)
		return takes_syn(c, local, e) ? LADDER_FITS : LADDER_FITS_NOT;
	return same ? LADDER_FITS : LADDER_MAY_FIT;
}

enum ladder_fit ladder_match(const struct ladder_connection *c,
			     const struct tcps_event *e, unsigned int *local)
{
	unsigned int i;

	if (c->family != e->family)
		return LADDER_FITS_NOT;
	for (i = 0; i < 2; i++) {
		if (!is_at(&c->end[i], e->laddr, e->lport) ||
		    !is_at(&c->end[!i], e->raddr, e->rport))
			continue;
		*local = i;
		return fits_netns(c, i, e) ? fit(c, i, e) : LADDER_FITS_NOT;
	}
	return LADDER_FITS_NOT;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - the connections that are kept for a chart. See ladder.h.
 *
 * This file owns the places, which of them are wanted, and in what order they are
 * given up. It must not look into rows.
 */
#include "ladder.h"

#include <string.h>

/* FNV-1a. */
static uint32_t mix(uint32_t hash, const uint8_t *addr, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		hash = (hash ^ addr[i]) * 16777619;
	return (hash ^ port) * 16777619;
}

/* The same for both ends of a connection. */
static unsigned int bucket_of(const uint8_t *a, uint16_t a_port,
			      const uint8_t *b, uint16_t b_port)
{
	uint32_t hash = mix(2166136261, a, a_port) + mix(2166136261, b, b_port);

	return (hash ^ hash >> 16) % LADDER_BUCKETS;
}

/* Of those that fit as well the latest. */
static struct ladder_connection *find(struct ladder *l, unsigned int bucket,
				      const struct tcps_event *e,
				      unsigned int *local)
{
	struct ladder_connection *c, *best = NULL;
	enum ladder_fit fit, most = LADDER_FITS_NOT;
	unsigned int i, end;

	for (i = l->bucket[bucket]; i; i = c->next) {
		c = &l->connection[i - 1];
		fit = ladder_match(c, e, &end);
		if (fit <= most)
			continue;
		most = fit;
		best = c;
		*local = end;
	}
	return best;
}

static struct ladder_connection *add(struct ladder *l, unsigned int bucket,
				     const struct tcps_event *e)
{
	struct ladder_connection *c;
	unsigned int i = 0;

	while (i < LADDER_CONNECTIONS && l->born[i])
		i++;
	if (i == LADDER_CONNECTIONS)
		return NULL;

	c = &l->connection[i];
	memset(c, 0, offsetof(struct ladder_connection, row));
	c->family = e->family;
	c->opener = LADDER_NOBODY;
	c->losses = l->losses;
	memcpy(c->end[0].addr, e->laddr, sizeof(e->laddr));
	memcpy(c->end[1].addr, e->raddr, sizeof(e->raddr));
	c->end[0].port = e->lport;
	c->end[1].port = e->rport;
	c->born = ++l->births;
	l->born[i] = c->born;
	c->next = l->bucket[bucket];
	l->bucket[bucket] = i + 1;
	l->used++;
	return c;
}

/* A listener is no connection, and what is alive has done nothing yet. */
static bool is_of_connection(const struct tcps_event *e)
{
	if (!e->family)
		return false;
	switch (e->kind) {
	case TCPS_EVENT_STATE:
		return !(e->flags & TCPS_F_SNAPSHOT) &&
		       e->old_state != TCPS_LISTEN &&
		       e->new_state != TCPS_LISTEN;
	case TCPS_EVENT_SEGMENT:
	case TCPS_EVENT_SYN_DROP:
	case TCPS_EVENT_ACCEPT_DROP:
	case TCPS_EVENT_COOKIE:
	case TCPS_EVENT_SYN_RETRANSMIT:
	case TCPS_EVENT_SYNACK_RETRANSMIT:
	case TCPS_EVENT_TW_OVERFLOW:
	case TCPS_EVENT_RESET:
		return true;
	default:
		return false;
	}
}

static bool has_port(const uint16_t *ports, unsigned int n, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return !n;
}

static bool picks(const struct tcps_filter *f, uint16_t lport, uint16_t rport)
{
	return has_port(f->lports, f->nr_lports, lport) &&
	       has_port(f->rports, f->nr_rports, rport);
}

/* The other end of a wanted connection is wanted, too. */
static bool may_be_wanted(const struct ladder *l, const struct tcps_event *e)
{
	return !l->pick || picks(l->pick, e->lport, e->rport) ||
	       picks(l->pick, e->rport, e->lport);
}

static bool is_wanted(const struct ladder *l, const struct ladder_connection *c)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (!l->pick ||
		    (c->end[i].seen &&
		     picks(l->pick, c->end[i].port, c->end[!i].port)))
			return true;
	return false;
}

static void take_loss(struct ladder *l, struct ladder_connection *c)
{
	if (c->losses == l->losses)
		return;
	c->losses = l->losses;
	ladder_row_loss(c, l->lost_ns);
}

void ladder_take(struct ladder *l, const struct tcps_event *e)
{
	struct ladder_connection *c;
	unsigned int local = 0;
	unsigned int bucket, i;

	if (e->kind == TCPS_EVENT_LOST) {
		l->losses++;
		l->lost_ns = e->mono_ns;
		return;
	}
	if (!is_of_connection(e) || !may_be_wanted(l, e))
		return;

	bucket = bucket_of(e->laddr, e->lport, e->raddr, e->rport);
	c = find(l, bucket, e, &local);
	/* What is said about a connection is none by itself. */
	if (!c &&
	    (e->kind == TCPS_EVENT_STATE || e->kind == TCPS_EVENT_SEGMENT))
		c = add(l, bucket, e);
	if (!c)
		return;

	take_loss(l, c);
	ladder_row_add(c, local, e);

	i = c - l->connection;
	/* 0 is none: nothing ends in the moment of the boot. */
	l->ended_ns[i] = c->ended ? c->last_ns + !c->last_ns : 0;
	if (c->ended &&
	    (!l->first_ended_ns || l->ended_ns[i] < l->first_ended_ns))
		l->first_ended_ns = l->ended_ns[i];
}

/* The one of the smallest number that is not 0, or NULL. */
static struct ladder_connection *least(struct ladder *l,
				       const uint64_t *numbers)
{
	struct ladder_connection *c = NULL;
	uint64_t number = 0;
	unsigned int i;

	for (i = 0; i < LADDER_CONNECTIONS; i++) {
		if (!numbers[i] || (number && numbers[i] >= number))
			continue;
		number = numbers[i];
		c = &l->connection[i];
	}
	return c;
}

static struct ladder_connection *first_ended(struct ladder *l)
{
	struct ladder_connection *c = NULL;

	if (l->first_ended_ns)
		c = least(l, l->ended_ns);
	l->first_ended_ns = c ? l->ended_ns[c - l->connection] : 0;
	return c;
}

static bool is_ripe(const struct ladder *l, uint64_t now_ns)
{
	return l->first_ended_ns && now_ns >= l->first_ended_ns &&
	       now_ns - l->first_ended_ns >= LADDER_GRACE_NS;
}

static struct ladder_connection *oldest(struct ladder *l)
{
	struct ladder_connection *c = first_ended(l);

	return c ? c : least(l, l->born);
}

static struct ladder_connection *next(struct ladder *l, uint64_t now_ns)
{
	struct ladder_connection *c = NULL;

	if (is_ripe(l, now_ns))
		c = first_ended(l);
	if (c && is_ripe(l, now_ns))
		return c;
	if (l->used < LADDER_CONNECTIONS)
		return NULL;
	c = oldest(l);
	c->early = !c->ended;
	return c;
}

struct ladder_connection *ladder_next(struct ladder *l, uint64_t now_ns)
{
	struct ladder_connection *c;

	while ((c = next(l, now_ns)) && !is_wanted(l, c))
		ladder_drop(l, c);
	if (c && !c->ended)
		take_loss(l, c);
	return c;
}

struct ladder_connection *ladder_last(struct ladder *l)
{
	struct ladder_connection *c;

	while ((c = oldest(l)) && !is_wanted(l, c))
		ladder_drop(l, c);
	if (c && !c->ended)
		take_loss(l, c);
	return c;
}

void ladder_drop(struct ladder *l, struct ladder_connection *c)
{
	const struct ladder_end *end = c->end;
	unsigned int i = c - l->connection;
	uint16_t *link = &l->bucket[bucket_of(end[0].addr, end[0].port,
					      end[1].addr, end[1].port)];

	while (*link != i + 1)
		link = &l->connection[*link - 1].next;
	*link = c->next;
	c->born = 0;
	l->born[i] = 0;
	l->ended_ns[i] = 0;
	l->used--;
}

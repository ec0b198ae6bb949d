// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the law of the chain: a life line is connected.
 *
 * Must not know the kernel's books, nor how events are read.
 *
 * Each record is compared with the last one of the same life only, so that it
 * costs the same however long the stream is. Records may be missing where the
 * stream told of a loss in between: then nothing is said of the gap itself.
 */
#include "laws_chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "laws.h"
#include "laws_names.h"

/* It stays there: &tcpstate_state_data.life_seq. */
#define SEQ_MAX 65535

/* Which states a carrier can hold; for an end, which one it held last. */
static void check_carrier(const struct laws_chain *chain,
			  const struct laws_life *life,
			  const struct laws_event *event)
{
	uint8_t state = event->new == TCPSTATE_CLOSE ? event->old : event->new;
	bool fits;

	switch (event->carrier) {
	case TCPSTATE_CARRIER_REQUEST:
		fits = state == TCPSTATE_SYN_RECV;
		break;
	case TCPSTATE_CARRIER_SOCK:
		fits = state != TCPSTATE_TIME_WAIT;
		break;
	case TCPSTATE_CARRIER_TIMEWAIT:
		fits = state == TCPSTATE_FIN_WAIT2 ||
		       state == TCPSTATE_TIME_WAIT;
		break;
	default:
		fits = false;
	}
	if (!fits)
		laws_chain_broken(chain, life, event->life_seq,
				  "carrier %s cannot hold %s",
				  laws_carrier_name(event->carrier),
				  laws_state_name(state));
	if (event->carrier < life->carrier)
		laws_chain_broken(chain, life, event->life_seq,
				  "carrier goes back from %s to %s",
				  laws_carrier_name(life->carrier),
				  laws_carrier_name(event->carrier));
}

/*
 * Recording was switched on between what was to tell the cause of it and the
 * transition itself: it is the first that is told of a life since then.
 */
static bool was_off(const struct laws_chain *chain,
		    const struct laws_life *life,
		    const struct laws_event *event)
{
	return chain->switched && life->losses != chain->losses &&
	       event->flags & TCPSTATE_F_PREEXISTING;
}

static void check_edge(struct laws_chain *chain, const struct laws_life *life,
		       const struct laws_event *event)
{
	if (!laws_legal(event->old, event->new, event->cause))
		laws_chain_broken(chain, life, event->life_seq,
				  "no such transition: %s to %s (%s)",
				  laws_state_name(event->old),
				  laws_state_name(event->new),
				  laws_cause_name(event->cause));
	if (event->cause == TCPSTATE_CAUSE_UNKNOWN &&
	    !was_off(chain, life, event) &&
	    !chain->unknown[event->old][event->new].count++) {
		chain->unknown[event->old][event->new].cookie = event->cookie;
		chain->unknown[event->old][event->new].life = event->life;
		chain->unknown[event->old][event->new].seq = event->life_seq;
	}
}

/*
 * The time in the old state is that since the last transition, to the
 * nanosecond. Only a birth that is recorded together with the transition that
 * follows, because its ports were not known before, bears the time of that
 * one; then the time from the real birth may be told, which is longer.
 */
static void check_dwell(const struct laws_chain *chain,
			const struct laws_life *life,
			const struct laws_event *event)
{
	uint64_t dwell = event->mono_ns - life->since_ns;

	if (!life->since_known)
		return;
	if (!(event->flags & TCPSTATE_F_DWELL))
		laws_chain_broken(
			chain, life, event->life_seq,
			"no dwell time, but %s was entered at %" PRIu64,
			laws_state_name(life->state), life->since_ns);
	else if (event->dwell_ns != dwell && !(life->late_birth && !dwell))
		laws_chain_broken(chain, life, event->life_seq,
				  "dwell_ns %" PRIu64 ", but %" PRIu64
				  " ns since the last transition",
				  event->dwell_ns, dwell);
}

/* The first record of a life. */
static void check_first(const struct laws_chain *chain,
			const struct laws_life *life,
			const struct laws_event *event)
{
	bool cut = laws_options.preexisting_ok || chain->losses;
	bool old_life = event->flags & TCPSTATE_F_PREEXISTING;

	if (event->old == TCPSTATE_CLOSE && old_life)
		laws_chain_broken(chain, life, event->life_seq,
				  "preexisting, but born in the stream");
	if (event->old == TCPSTATE_CLOSE && event->life_seq != 1)
		laws_chain_broken(chain, life, event->life_seq,
				  "a birth that is not number 1");
	if (cut)
		return;
	if (event->old != TCPSTATE_CLOSE && !old_life)
		laws_chain_broken(chain, life, event->life_seq,
				  "begins in %s, not in CLOSE",
				  laws_state_name(event->old));
	else if (event->life_seq != 1)
		laws_chain_broken(chain, life, event->life_seq,
				  "begins with number %u, not with 1",
				  event->life_seq);
	if (event->life > 1 && !laws_chain_find(chain, event->netns,
						event->cookie, event->life - 1))
		laws_chain_broken(chain, life, event->life_seq,
				  "there was no life %u", event->life - 1);
}

/* Any other record of it. */
static void check_next(const struct laws_chain *chain,
		       const struct laws_life *life,
		       const struct laws_event *event)
{
	bool lost = chain->losses != life->losses;
	bool follows = event->life_seq == life->seq + 1 ||
		       (life->seq == SEQ_MAX && event->life_seq == SEQ_MAX);

	if (life->state == TCPSTATE_CLOSE)
		laws_chain_broken(chain, life, event->life_seq,
				  "goes on after CLOSE, to %s",
				  laws_state_name(event->new));
	if (event->mono_ns < life->mono_ns)
		laws_chain_broken(chain, life, event->life_seq,
				  "mono_ns goes back from %" PRIu64
				  " to %" PRIu64,
				  life->mono_ns, event->mono_ns);
	if (life->preexisting != !!(event->flags & TCPSTATE_F_PREEXISTING))
		laws_chain_broken(chain, life, event->life_seq,
				  "flag preexisting comes or goes");
	if (!follows && !(lost && event->life_seq > life->seq)) {
		laws_chain_broken(chain, life, event->life_seq,
				  "life_seq %u after %u", event->life_seq,
				  life->seq);
		return;
	}
	if (!follows)
		return;
	if (event->old != life->state)
		laws_chain_broken(chain, life, event->life_seq,
				  "old %s but previous new was %s",
				  laws_state_name(event->old),
				  laws_state_name(life->state));
	else
		check_dwell(chain, life, event);
}

static void remember(struct laws_chain *chain, struct laws_life *life,
		     const struct laws_event *event)
{
	struct laws_step *step;

	life->late_birth = event->old == TCPSTATE_CLOSE;
	life->port = event->port;
	life->before = event->old;
	life->state = event->new;
	life->cause = event->cause;
	life->carrier = event->carrier;
	life->seq = event->life_seq;
	life->losses = chain->losses;
	life->mono_ns = event->mono_ns;
	life->since_ns = event->mono_ns;
	life->since_known = true;
	if (event->life_seq >= 1 && event->life_seq <= LAWS_STEPS) {
		step = &life->step[event->life_seq - 1];
		step->state = event->new;
		step->cause = event->cause;
		step->carrier = event->carrier;
		step->dwell_ns = event->dwell_ns;
	}
	chain->ended += event->new == TCPSTATE_CLOSE;
}

/* A connection that was alive when the stream began. */
static void add_snapshot(struct laws_chain *chain, struct laws_life *life,
			 const struct laws_event *event)
{
	if (life->first)
		laws_chain_broken(chain, life, event->life_seq,
				  "a snapshot after other records");
	if (event->old != event->new || event->new == TCPSTATE_CLOSE)
		laws_chain_broken(chain, life, event->life_seq,
				  "a snapshot from %s to %s",
				  laws_state_name(event->old),
				  laws_state_name(event->new));
	check_carrier(chain, life, event);
	life->first = event->old;
	life->first_seq = event->life_seq + 1;
	life->preexisting = event->flags & TCPSTATE_F_PREEXISTING;
	life->snapshot = true;
	remember(chain, life, event);
	/* What the last transition was is not told in full. */
	memset(life->step, 0, sizeof(life->step));
	life->late_birth = false;
	life->since_known = event->flags & TCPSTATE_F_DWELL;
	life->since_ns = event->mono_ns - event->dwell_ns;
}

static void add_state(struct laws_chain *chain, const struct laws_event *event)
{
	struct laws_life *life = laws_chain_make(chain, event);

	if (event->flags & TCPSTATE_F_SNAPSHOT) {
		add_snapshot(chain, life, event);
		return;
	}
	if (!life->first) {
		check_first(chain, life, event);
		life->first = event->old;
		life->first_seq = event->life_seq;
		life->preexisting = event->flags & TCPSTATE_F_PREEXISTING;
	} else {
		check_next(chain, life, event);
	}
	check_carrier(chain, life, event);
	check_edge(chain, life, event);
	remember(chain, life, event);
}

/*
 * An RST says the state in which its connection is, and comes before the end that
 * it causes or tells of. Nobody holds a timewait sock that answers: another CPU
 * can end it meanwhile.
 */
static void check_reset(const struct laws_chain *chain,
			const struct laws_event *event)
{
	const struct laws_life *life;

	if (!(event->flags & TCPSTATE_F_TRACKED) ||
	    (event->carrier == TCPSTATE_CARRIER_TIMEWAIT &&
	     event->cause != TCPSTATE_CAUSE_RST))
		return;
	life = laws_chain_find(chain, event->netns, event->cookie, event->life);
	if (!life || chain->losses != life->losses)
		return;
	if (life->state == TCPSTATE_CLOSE)
		laws_chain_broken(chain, life, life->seq,
				  "an RST (%s) after CLOSE",
				  laws_cause_name(event->cause));
	else if (event->old != life->state)
		laws_chain_broken(chain, life, life->seq,
				  "an RST (%s) in %s, but the state was %s",
				  laws_cause_name(event->cause),
				  laws_state_name(event->old),
				  laws_state_name(life->state));
}

void laws_chain_add(struct laws_chain *chain, const struct laws_event *event)
{
	switch (event->kind) {
	case TCPSTATE_EVENT_STATE:
		if (event->flags & TCPSTATE_F_TRACKED) {
			add_state(chain, event);
			break;
		}
		chain->untracked++;
		if (!laws_options.untracked_ok)
			laws_broken(LAW_CHAIN,
				    "cookie %" PRIu64 " has no life: %s to %s",
				    event->cookie, laws_state_name(event->old),
				    laws_state_name(event->new));
		break;
	case TCPSTATE_EVENT_LIFE:
		laws_chain_add_end(chain, event);
		break;
	case TCPSTATE_EVENT_RESET:
		check_reset(chain, event);
		break;
	case TCPSTATE_EVENT_LOST:
		chain->losses++;
		chain->switched |= !!(event->flags & TCPSTATE_F_DISABLED);
		break;
	}
}

static void check_unknown(const struct laws_chain *chain)
{
	unsigned int from, to;

	for (from = 0; from < TCPSTATE_STATE_COUNT; from++) {
		for (to = 0; to < TCPSTATE_STATE_COUNT; to++) {
			void (*say)(enum law law, const char *format, ...) =
				laws_options.unknown_ok[from][to] ? laws_note :
								    laws_broken;

			if (!chain->unknown[from][to].count)
				continue;
			say(LAW_CHAIN,
			    "unknown cause: %s to %s, %lu times, first in cookie %" PRIu64
			    " life %u: seq %u",
			    laws_state_name(from), laws_state_name(to),
			    chain->unknown[from][to].count,
			    chain->unknown[from][to].cookie,
			    chain->unknown[from][to].life,
			    chain->unknown[from][to].seq);
		}
	}
}

void laws_chain_end(const struct laws_chain *chain,
		    bool (*listed)(const struct laws_life *life))
{
	unsigned long i;

	check_unknown(chain);
	if (!chain->count && !laws_options.empty_ok)
		laws_broken(LAW_CHAIN, "the stream tells of no life");
	for (i = 0; laws_options.complete && i < chain->count; i++) {
		const struct laws_life *life = &chain->lives[i];

		if (life->state == TCPSTATE_CLOSE ||
		    (life->state == TCPSTATE_LISTEN && listed(life)))
			continue;
		laws_chain_broken(chain, life, 0, "never ended: still in %s",
				  laws_state_name(life->state));
	}
}

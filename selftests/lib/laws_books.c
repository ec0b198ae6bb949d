// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the law of the books: in each state now = preexisting + entered -
 * left = what ss counts; and counters, transitions and stream tell the same.
 *
 * Must not know the formats of files.
 */
#include "laws_books.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "laws.h"
#include "laws_names.h"

/* All but CLOSE, which is no state to be in; as a connection goes. */
static const uint8_t states[] = {
	TCPSTATE_LISTEN,      TCPSTATE_SYN_SENT,  TCPSTATE_SYN_RECV,
	TCPSTATE_ESTABLISHED, TCPSTATE_FIN_WAIT1, TCPSTATE_FIN_WAIT2,
	TCPSTATE_CLOSING,     TCPSTATE_TIME_WAIT, TCPSTATE_CLOSE_WAIT,
	TCPSTATE_LAST_ACK,
};

static int64_t value_of(const struct laws_books *books, const char *name)
{
	int64_t value = 0;

	if (!laws_books_value(books, name, &value))
		laws_broken(LAW_BOOKS, "there is no %s in %s", name,
			    books->dir);
	return value;
}

static int64_t state_value(const struct laws_books *books, unsigned int state,
			   const char *what)
{
	char name[64];

	snprintf(name, sizeof(name), "state_%s_%s", laws_state_name(state),
		 what);
	return value_of(books, name);
}

static void check_rows(const struct laws_inputs *in, unsigned int state)
{
	const char *name = laws_state_name(state);
	int64_t entered = state_value(in->after, state, "entered") -
			  state_value(in->before, state, "entered");
	int64_t left = state_value(in->after, state, "left") -
		       state_value(in->before, state, "left");
	int64_t in_rows = 0, out_rows = 0;
	unsigned int other, cause;

	for (other = 0; other < TCPSTATE_STATE_COUNT; other++) {
		for (cause = 0; cause < TCPSTATE_CAUSE_COUNT; cause++) {
			in_rows += in->after->row[other][state][cause] -
				   in->before->row[other][state][cause];
			out_rows += in->after->row[state][other][cause] -
				    in->before->row[state][other][cause];
		}
	}
	if (entered != in_rows)
		laws_broken(LAW_BOOKS,
			    "%s: entered %" PRId64
			    " times, but transitions into it %" PRId64,
			    name, entered, in_rows);
	if (left != out_rows)
		laws_broken(LAW_BOOKS,
			    "%s: left %" PRId64
			    " times, but transitions out of it %" PRId64,
			    name, left, out_rows);
}

static void check_state(const struct laws_inputs *in, unsigned int state)
{
	const char *name = laws_state_name(state);
	int64_t now = state_value(in->after, state, "now");
	int64_t preexisting = state_value(in->after, state, "preexisting");
	int64_t entered = state_value(in->after, state, "entered");
	int64_t left = state_value(in->after, state, "left");
	unsigned long i, listed = 0;

	for (i = 0; i < in->after->sock_count; i++)
		listed += in->after->socks[i].state == state;
	printf("books: %-12s now %6" PRId64 "  preexisting %5" PRId64
	       "  entered %8" PRId64 "  left %8" PRId64 "  ss %6lu\n",
	       name, now, preexisting, entered, left, listed);
	if (now != preexisting + entered - left)
		laws_broken(LAW_BOOKS,
			    "%s: now %" PRId64 " is not preexisting %" PRId64
			    " + entered %" PRId64 " - left %" PRId64,
			    name, now, preexisting, entered, left);
	if (in->after->has_ss && now != (int64_t)listed)
		laws_broken(LAW_BOOKS, "%s: now %" PRId64 ", but ss lists %lu",
			    name, now, listed);
	check_rows(in, state);
}

static uint64_t count_transitions(const struct laws_books *books)
{
	const uint64_t *row = &books->row[0][0][0];
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < sizeof(books->row) / sizeof(*row); i++)
		sum += row[i];
	return sum;
}

void laws_books(const struct laws_inputs *in)
{
	uint64_t transitions;
	unsigned int i;

	if (!laws_wanted(LAW_BOOKS))
		return;
	for (i = 0; i < ARRAY_SIZE(states); i++)
		check_state(in, states[i]);
	if (!in->after->has_ss)
		laws_broken(LAW_BOOKS, "there is no ss in %s", in->after->dir);
	if (value_of(in->after, "books_exact") != 1)
		laws_broken(LAW_BOOKS, "books_exact is not 1");
	if (value_of(in->after, "transitions_unlisted") !=
	    value_of(in->before, "transitions_unlisted"))
		laws_broken(LAW_BOOKS, "transitions that are in no row");

	transitions =
		count_transitions(in->after) - count_transitions(in->before);
	if (!transitions && !laws_options.empty_ok)
		laws_broken(LAW_BOOKS, "there was no transition");
	laws_checked(LAW_BOOKS, "%zu states, %" PRIu64 " transitions",
		     ARRAY_SIZE(states), transitions);
}

static uint64_t count_told(const struct laws_sums *sums, unsigned int old,
			   unsigned int new, unsigned int cause)
{
	uint64_t told = 0;
	unsigned int i;

	for (i = 0; i < TCPSTATE_CARRIER_COUNT; i++)
		told += sums->state[old][new][cause][i];
	return told;
}

void laws_books_stream(const struct laws_books *before,
		       const struct laws_books *after,
		       const struct laws_sums *sums, const char *name)
{
	const size_t rows = sizeof(after->row) / sizeof(after->row[0][0][0]);
	unsigned int old, new, cause;
	uint64_t told, counted;
	size_t i;

	if (!sums->whole) {
		laws_note(
			LAW_BOOKS,
			"%s%snot compared with the books: records are missing",
			name ? name : "the stream is", name ? ": " : " ");
		return;
	}
	for (i = 0; i < rows; i++) {
		cause = i % TCPSTATE_CAUSE_COUNT;
		new = i / TCPSTATE_CAUSE_COUNT % TCPSTATE_STATE_COUNT;
		old = i / TCPSTATE_CAUSE_COUNT / TCPSTATE_STATE_COUNT;
		told = count_told(sums, old, new, cause);
		counted = after->row[old][new][cause] -
			  before->row[old][new][cause];
		if (told == counted)
			continue;
		laws_broken(LAW_BOOKS,
			    "%s to %s (%s): %" PRIu64 " in the books, %" PRIu64
			    " in the stream%s%s",
			    laws_state_name(old), laws_state_name(new),
			    laws_cause_name(cause), counted, told,
			    name ? " " : "", name ? name : "");
	}
}

void laws_books_lives(const struct laws_books *after,
		      const struct laws_chain *chain)
{
	int64_t netns = 0;
	unsigned long i;

	laws_books_value(after, "netns_inum", &netns);
	if (!after->has_ss || !after->has_cookies || !after->mono_ns ||
	    chain->losses)
		return;
	for (i = 0; i < chain->count; i++) {
		const struct laws_life *life = &chain->lives[i];

		if (life->state == TCPSTATE_CLOSE ||
		    (netns && life->netns != (uint64_t)netns) ||
		    life->mono_ns > after->mono_ns ||
		    laws_books_has_sock(after, life->cookie, life->state))
			continue;
		laws_broken(LAW_BOOKS,
			    "cookie %" PRIu64 " life %u: seq %u: in %s,"
			    " but ss does not list it there",
			    life->cookie, life->life, life->seq,
			    laws_state_name(life->state));
	}
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - the books at one moment of rest, as books_take of books.sh left them.
 *
 * Must not know what has to be equal to what.
 */
#ifndef LIB_LAWS_FILES_H
#define LIB_LAWS_FILES_H

#include <linux/tcpstate.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct laws_value - a number with a name
 * @name: "children" of our counters, "Tcp:ActiveOpens" of the kernel's MIBs,
 *	"sockstat:tw" of /proc/net/sockstat
 * @value: the number
 */
struct laws_value {
	char *name;
	int64_t value;
};

/**
 * struct laws_sock - a line of ss
 * @cookie: 0 if ss did not say
 * @port: local port
 * @state: enum tcpstate_state
 */
struct laws_sock {
	uint64_t cookie;
	unsigned int port;
	unsigned int state;
};

/**
 * struct laws_books - all of a moment
 * @dir: where it is from, for messages
 * @values: sorted by name
 * @value_count: how many
 * @row: transitions by old state, new state and cause
 * @raw: what the kernel's trace event counted, by old and new state
 * @has_raw: somebody counted
 * @socks: lines of ss, sorted by cookie
 * @sock_count: how many
 * @has_ss: ss was asked
 * @has_cookies: each line of ss has a cookie
 * @mono_ns: CLOCK_MONOTONIC of the moment, 0 if not known
 */
struct laws_books {
	const char *dir;
	struct laws_value *values;
	unsigned long value_count;
	uint64_t row[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT]
		    [TCPSTATE_CAUSE_COUNT];
	uint64_t raw[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT];
	bool has_raw;
	struct laws_sock *socks;
	unsigned long sock_count;
	bool has_ss;
	bool has_cookies;
	uint64_t mono_ns;
};

struct laws_books *laws_books_read(const char *dir);

/* Returns false if there is no such value. */
bool laws_books_value(const struct laws_books *books, const char *name,
		      int64_t *value);

/* Does ss list a socket with this cookie in this state? */
bool laws_books_has_sock(const struct laws_books *books, uint64_t cookie,
			 unsigned int state);

#endif /* LIB_LAWS_FILES_H */

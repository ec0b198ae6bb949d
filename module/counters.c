// SPDX-License-Identifier: GPL-2.0
/*
 * Transition counters: the list of legal rows and the cells for them.
 *
 * Must not know who counts or who reads. Counting is one table look-up and
 * one increment, and needs no memory beyond the cells, so it is exact
 * whatever happens to records and to the life table.
 */
#include "counters.h"

#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <net/tcp_states.h>

#include "broken.h"

/* clang-format off */
#define ROW(o, n, c)	{ TCPSTATE_##o, TCPSTATE_##n, TCPSTATE_CAUSE_##c }

/* How a connection can be aborted, in any state that can be aborted. */
#define ABORTS(o)					\
	ROW(o, CLOSE, RST),				\
	ROW(o, CLOSE, TIMEOUT),				\
	ROW(o, CLOSE, KEEPALIVE),			\
	ROW(o, CLOSE, USER_TIMEOUT),			\
	ROW(o, CLOSE, FIN_TIMEOUT),			\
	ROW(o, CLOSE, LINGER0),				\
	ROW(o, CLOSE, LINGER2),				\
	ROW(o, CLOSE, UNREAD_DATA),			\
	ROW(o, CLOSE, DATA_AFTER_CLOSE),		\
	ROW(o, CLOSE, ORPHAN_LIMIT),			\
	ROW(o, CLOSE, NO_MEMORY),			\
	ROW(o, CLOSE, ABORT),				\
	ROW(o, CLOSE, ICMP),				\
	ROW(o, CLOSE, DISCONNECT),			\
	ROW(o, CLOSE, LISTENER_CLOSED),			\
	ROW(o, CLOSE, CLOSE),				\
	ROW(o, CLOSE, REPAIR),				\
	ROW(o, CLOSE, NETNS_EXIT),			\
	ROW(o, CLOSE, UNKNOWN)

/* Edges of RFC 9293, figure 5, as Linux has them. */
const struct tcps_row tcps_rows[] = {
	/* birth */
	ROW(CLOSE, LISTEN, LISTEN),
	ROW(CLOSE, SYN_SENT, CONNECT),
	ROW(CLOSE, SYN_RECV, SYN),
	ROW(CLOSE, ESTABLISHED, COOKIE),
	/* opening */
	ROW(SYN_SENT, ESTABLISHED, SYN_ACK),
	ROW(SYN_SENT, ESTABLISHED, REPAIR),
	ROW(SYN_SENT, SYN_RECV, SYN),
	ROW(SYN_RECV, ESTABLISHED, ACK),
	ROW(SYN_RECV, FIN_WAIT1, CLOSE),
	ROW(SYN_RECV, FIN_WAIT1, SHUTDOWN),
	ROW(SYN_RECV, FIN_WAIT1, UNKNOWN),
	ROW(SYN_RECV, CLOSE_WAIT, FIN),
	ABORTS(SYN_SENT),
	ROW(SYN_SENT, CLOSE, NO_ROUTE),
	ROW(SYN_SENT, CLOSE, PORTS_EXHAUSTED),
	ROW(SYN_SENT, CLOSE, FILTERED),
	ROW(SYN_SENT, CLOSE, SHUTDOWN),
	ABORTS(SYN_RECV),
	ROW(SYN_RECV, CLOSE, SYNACK_TIMEOUT),
	ROW(SYN_RECV, CLOSE, SYN),
	ROW(SYN_RECV, CLOSE, ACCEPT_OVERFLOW),
	ROW(SYN_RECV, CLOSE, DUPLICATE),
	ROW(SYN_RECV, CLOSE, MIGRATE_FAILED),
	ROW(SYN_RECV, CLOSE, MPTCP_DROP),
	/* closing first */
	ROW(ESTABLISHED, FIN_WAIT1, CLOSE),
	ROW(ESTABLISHED, FIN_WAIT1, SHUTDOWN),
	ROW(ESTABLISHED, FIN_WAIT1, UNKNOWN),
	ROW(FIN_WAIT1, FIN_WAIT2, ACK),
	ROW(FIN_WAIT1, CLOSING, FIN),
	ROW(FIN_WAIT1, TIME_WAIT, FIN_ACK),
	ROW(FIN_WAIT2, TIME_WAIT, FIN),
	ROW(CLOSING, TIME_WAIT, ACK),
	ABORTS(ESTABLISHED),
	ABORTS(FIN_WAIT1),
	ABORTS(FIN_WAIT2),
	ROW(FIN_WAIT2, CLOSE, SYN),
	ROW(FIN_WAIT2, CLOSE, REUSED),
	ROW(FIN_WAIT2, CLOSE, TW_OVERFLOW),
	ABORTS(CLOSING),
	ROW(CLOSING, CLOSE, TW_OVERFLOW),
	/* closing second */
	ROW(ESTABLISHED, CLOSE_WAIT, FIN),
	ROW(CLOSE_WAIT, LAST_ACK, CLOSE),
	ROW(CLOSE_WAIT, LAST_ACK, SHUTDOWN),
	ROW(CLOSE_WAIT, LAST_ACK, UNKNOWN),
	ROW(LAST_ACK, CLOSE, ACK),
	ABORTS(CLOSE_WAIT),
	ABORTS(LAST_ACK),
	/* the end of TIME_WAIT */
	ROW(TIME_WAIT, CLOSE, EXPIRED),
	ROW(TIME_WAIT, CLOSE, REUSED),
	ROW(TIME_WAIT, CLOSE, RECYCLED),
	ROW(TIME_WAIT, CLOSE, RST),
	ROW(TIME_WAIT, CLOSE, ABORT),
	ROW(TIME_WAIT, CLOSE, NETNS_EXIT),
	ROW(TIME_WAIT, CLOSE, UNKNOWN),
	/* listeners */
	ROW(LISTEN, CLOSE, CLOSE),
	ROW(LISTEN, CLOSE, DISCONNECT),
	ROW(LISTEN, CLOSE, ABORT),
	ROW(LISTEN, CLOSE, PORT_FAILURE),
	ROW(LISTEN, CLOSE, UNKNOWN),
};

/* clang-format on */

const unsigned int tcps_row_count = ARRAY_SIZE(tcps_rows);

u8 tcps_row_of[TCPS_ROW_STATES][TCPS_ROW_STATES][TCPS_ROW_CAUSES];

/* clang-format off */
#define STATE(n)	[TCPSTATE_##n] = #n
const char *const tcps_state_names[TCPSTATE_STATE_COUNT] = {
	[0] = "NONE",	   STATE(ESTABLISHED), STATE(SYN_SENT),
	STATE(SYN_RECV),   STATE(FIN_WAIT1),   STATE(FIN_WAIT2),
	STATE(TIME_WAIT),  STATE(CLOSE),       STATE(CLOSE_WAIT),
	STATE(LAST_ACK),   STATE(LISTEN),      STATE(CLOSING),
};

#define CAUSE(id, name)	[TCPSTATE_CAUSE_##id] = name
const char *const tcps_cause_names[TCPSTATE_CAUSE_COUNT] = {
	CAUSE(NONE, "none"),
	CAUSE(UNKNOWN, "unknown"),
	CAUSE(SYN, "syn"),
	CAUSE(SYN_ACK, "syn-ack"),
	CAUSE(ACK, "ack"),
	CAUSE(FIN, "fin"),
	CAUSE(FIN_ACK, "fin+ack"),
	CAUSE(RST, "rst"),
	CAUSE(COOKIE, "cookie"),
	CAUSE(ICMP, "icmp"),
	CAUSE(CONNECT, "connect"),
	CAUSE(LISTEN, "listen"),
	CAUSE(CLOSE, "close"),
	CAUSE(SHUTDOWN, "shutdown"),
	CAUSE(DISCONNECT, "disconnect"),
	CAUSE(REPAIR, "repair"),
	CAUSE(ABORT, "abort"),
	CAUSE(TIMEOUT, "timeout"),
	CAUSE(KEEPALIVE, "keepalive"),
	CAUSE(USER_TIMEOUT, "user-timeout"),
	CAUSE(FIN_TIMEOUT, "fin-timeout"),
	CAUSE(SYNACK_TIMEOUT, "synack-timeout"),
	CAUSE(LINGER0, "linger0"),
	CAUSE(LINGER2, "linger2"),
	CAUSE(UNREAD_DATA, "unread-data"),
	CAUSE(DATA_AFTER_CLOSE, "data-after-close"),
	CAUSE(ORPHAN_LIMIT, "orphan-limit"),
	CAUSE(NO_MEMORY, "no-memory"),
	CAUSE(NO_ROUTE, "no-route"),
	CAUSE(PORTS_EXHAUSTED, "ports-exhausted"),
	CAUSE(PORT_FAILURE, "port-failure"),
	CAUSE(ACCEPT_OVERFLOW, "accept-overflow"),
	CAUSE(LISTENER_CLOSED, "listener-closed"),
	CAUSE(DUPLICATE, "duplicate"),
	CAUSE(MIGRATE_FAILED, "migrate-failed"),
	CAUSE(MPTCP_DROP, "mptcp-drop"),
	CAUSE(NETNS_EXIT, "netns-exit"),
	CAUSE(EXPIRED, "expired"),
	CAUSE(REUSED, "reused"),
	CAUSE(RECYCLED, "recycled"),
	CAUSE(TW_OVERFLOW, "tw-overflow"),
	CAUSE(SYN_QUEUE_FULL, "syn-queue-full"),
	CAUSE(ACCEPT_QUEUE_FULL, "accept-queue-full"),
	CAUSE(LAST_QUARTER, "last-quarter"),
	CAUSE(FILTERED, "filtered"),
	CAUSE(OTHER, "other"),
	CAUSE(COOKIE_SENT, "cookie-sent"),
	CAUSE(COOKIE_VALID, "cookie-valid"),
	CAUSE(COOKIE_FAILED, "cookie-failed"),
	CAUSE(TIMER, "timer"),
	CAUSE(DUPLICATE_SYN, "duplicate-syn"),
	CAUSE(RANGE_USED, "range-used"),
	CAUSE(TUPLE_TAKEN, "tuple-taken"),
	CAUSE(BIND, "bind"),
	CAUSE(PRESSURE_ON, "pressure-on"),
	CAUSE(PRESSURE_OFF, "pressure-off"),
	CAUSE(NO_SOCKET, "no-socket"),
	CAUSE(AUTH, "auth"),
};

#define EVENT(id, name)	[TCPSTATE_EVENT_##id] = name
const char *const tcps_event_names[TCPSTATE_EVENT_COUNT] = {
	EVENT(STATE, "state"),
	EVENT(LIFE, "life"),
	EVENT(SYN_DROP, "syn-drop"),
	EVENT(ACCEPT_DROP, "accept-drop"),
	EVENT(COOKIE, "cookie"),
	EVENT(SYN_RETRANSMIT, "syn-retransmit"),
	EVENT(SYNACK_RETRANSMIT, "synack-retransmit"),
	EVENT(TW_OVERFLOW, "tw-overflow"),
	EVENT(PORTS_EXHAUSTED, "ports-exhausted"),
	EVENT(RESET, "reset"),
	EVENT(MEMORY_PRESSURE, "memory-pressure"),
	EVENT(SEGMENT, "segment"),
	EVENT(LOST, "lost"),
};

/* clang-format on */

/* Our state numbers are the kernel's: no translation in any hook. */
#define SAME(state) BUILD_BUG_ON((int)TCPSTATE_##state != (int)TCP_##state)

void tcps_counters_init(void)
{
	unsigned int i;

	SAME(ESTABLISHED);
	SAME(SYN_SENT);
	SAME(SYN_RECV);
	SAME(FIN_WAIT1);
	SAME(FIN_WAIT2);
	SAME(TIME_WAIT);
	SAME(CLOSE);
	SAME(CLOSE_WAIT);
	SAME(LAST_ACK);
	SAME(LISTEN);
	SAME(CLOSING);
	BUILD_BUG_ON(ARRAY_SIZE(tcps_rows) > TCPS_ROWS_MAX);
	BUILD_BUG_ON(TCPS_ROWS_MAX > U8_MAX);
	BUILD_BUG_ON(TCPSTATE_STATE_COUNT > TCPS_ROW_STATES);
	BUILD_BUG_ON(TCPSTATE_CAUSE_COUNT > TCPS_ROW_CAUSES);

	for (i = 0; i < ARRAY_SIZE(tcps_rows); i++) {
		const struct tcps_row *row = &tcps_rows[i];

		WARN_ON(tcps_row_of[row->old][row->new][row->cause]);
		tcps_row_of[row->old][row->new][row->cause] = i + 1;
	}
}

/**
 * tcps_counters_add() - add up cells
 * @sum: grows
 * @more: cells of a network namespace
 */
void tcps_counters_add(struct tcps_cells *sum, const struct tcps_cells *more)
{
	const u64 *from = (const u64 *)more;
	u64 *to = (u64 *)sum;
	unsigned int i;

	BUILD_BUG_ON(sizeof(struct tcps_cells) % sizeof(u64));
	for (i = 0; i < sizeof(struct tcps_cells) / sizeof(u64); i++)
		to[i] += READ_ONCE(from[i]);
}

/**
 * tcps_counters_gauge() - the books of one state
 * @gauge: result
 * @sum: folded cells
 * @state: which
 */
void tcps_counters_gauge(struct tcps_gauge *gauge, const struct tcps_cells *sum,
			 u8 state)
{
	unsigned int i;

	gauge->entered = 0;
	gauge->left = 0;
	gauge->preexisting = sum->preexisting[state];
	for (i = 0; i < ARRAY_SIZE(tcps_rows); i++) {
		if (tcps_rows[i].new == state)
			gauge->entered += sum->row[i];
		if (tcps_rows[i].old == state)
			gauge->left += sum->row[i];
	}
	gauge->now = gauge->preexisting + gauge->entered - gauge->left;
}

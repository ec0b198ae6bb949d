// SPDX-License-Identifier: GPL-2.0
/*
 * libtcpstate - names of states, kinds, causes, carriers and flags.
 *
 * This file owns the names, both ways, and the proof that the numbers of
 * tcpstate-numbers.h are the kernel's. A number that the kernel's header gains
 * without a name here fails to compile.
 */
#include "internal.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off: these are tables */

#define STATES(X)                     \
	X(ESTABLISHED, "ESTABLISHED") \
	X(SYN_SENT, "SYN_SENT")       \
	X(SYN_RECV, "SYN_RECV")       \
	X(FIN_WAIT1, "FIN_WAIT1")     \
	X(FIN_WAIT2, "FIN_WAIT2")     \
	X(TIME_WAIT, "TIME_WAIT")     \
	X(CLOSE, "CLOSE")             \
	X(CLOSE_WAIT, "CLOSE_WAIT")   \
	X(LAST_ACK, "LAST_ACK")       \
	X(LISTEN, "LISTEN")           \
	X(CLOSING, "CLOSING")

#define KINDS(X)                                  \
	X(STATE, "state")                         \
	X(LIFE, "life")                           \
	X(SYN_DROP, "syn-drop")                   \
	X(ACCEPT_DROP, "accept-drop")             \
	X(COOKIE, "cookie")                       \
	X(SYN_RETRANSMIT, "syn-retransmit")       \
	X(SYNACK_RETRANSMIT, "synack-retransmit") \
	X(TW_OVERFLOW, "tw-overflow")             \
	X(PORTS_EXHAUSTED, "ports-exhausted")     \
	X(RESET, "reset")                         \
	X(MEMORY_PRESSURE, "memory-pressure")     \
	X(SEGMENT, "segment")                     \
	X(LOST, "lost")

#define CAUSES(X)                                 \
	X(NONE, "none")                           \
	X(UNKNOWN, "unknown")                     \
	X(SYN, "syn")                             \
	X(SYN_ACK, "syn-ack")                     \
	X(ACK, "ack")                             \
	X(FIN, "fin")                             \
	X(FIN_ACK, "fin+ack")                     \
	X(RST, "rst")                             \
	X(COOKIE, "cookie")                       \
	X(ICMP, "icmp")                           \
	X(CONNECT, "connect")                     \
	X(LISTEN, "listen")                       \
	X(CLOSE, "close")                         \
	X(SHUTDOWN, "shutdown")                   \
	X(DISCONNECT, "disconnect")               \
	X(REPAIR, "repair")                       \
	X(ABORT, "abort")                         \
	X(TIMEOUT, "timeout")                     \
	X(KEEPALIVE, "keepalive")                 \
	X(USER_TIMEOUT, "user-timeout")           \
	X(FIN_TIMEOUT, "fin-timeout")             \
	X(SYNACK_TIMEOUT, "synack-timeout")       \
	X(LINGER0, "linger0")                     \
	X(LINGER2, "linger2")                     \
	X(UNREAD_DATA, "unread-data")             \
	X(DATA_AFTER_CLOSE, "data-after-close")   \
	X(ORPHAN_LIMIT, "orphan-limit")           \
	X(NO_MEMORY, "no-memory")                 \
	X(NO_ROUTE, "no-route")                   \
	X(PORTS_EXHAUSTED, "ports-exhausted")     \
	X(PORT_FAILURE, "port-failure")           \
	X(ACCEPT_OVERFLOW, "accept-overflow")     \
	X(LISTENER_CLOSED, "listener-closed")     \
	X(DUPLICATE, "duplicate")                 \
	X(MIGRATE_FAILED, "migrate-failed")       \
	X(MPTCP_DROP, "mptcp-drop")               \
	X(NETNS_EXIT, "netns-exit")               \
	X(EXPIRED, "expired")                     \
	X(REUSED, "reused")                       \
	X(RECYCLED, "recycled")                   \
	X(TW_OVERFLOW, "tw-overflow")             \
	X(SYN_QUEUE_FULL, "syn-queue-full")       \
	X(ACCEPT_QUEUE_FULL, "accept-queue-full") \
	X(LAST_QUARTER, "last-quarter")           \
	X(FILTERED, "filtered")                   \
	X(OTHER, "other")                         \
	X(COOKIE_SENT, "cookie-sent")             \
	X(COOKIE_VALID, "cookie-valid")           \
	X(COOKIE_FAILED, "cookie-failed")         \
	X(TIMER, "timer")                         \
	X(DUPLICATE_SYN, "duplicate-syn")         \
	X(RANGE_USED, "range-used")               \
	X(TUPLE_TAKEN, "tuple-taken")             \
	X(BIND, "bind")                           \
	X(PRESSURE_ON, "pressure-on")             \
	X(PRESSURE_OFF, "pressure-off")           \
	X(NO_SOCKET, "no-socket")                 \
	X(AUTH, "auth")

#define CARRIERS(X)           \
	X(NONE, "none")       \
	X(REQUEST, "request") \
	X(SOCK, "sock")       \
	X(TIMEWAIT, "timewait")

#define FLAGS(X)                            \
	X(OWNER, "owner")                   \
	X(OWNER_LISTENER, "owner-listener") \
	X(ACTOR, "actor")                   \
	X(TRACKED, "tracked")               \
	X(DWELL, "dwell")                   \
	X(PREEXISTING, "preexisting")       \
	X(PARTIAL, "partial")               \
	X(MAPPED, "mapped")                 \
	X(MPTCP, "mptcp")                   \
	X(FASTOPEN, "fastopen")             \
	X(INCOMING, "incoming")             \
	X(SNAPSHOT, "snapshot")             \
	X(SCOPED, "scoped")                 \
	X(DISABLED, "disabled")

/* clang-format on */

/*
 * Every number of a table is equal on both sides, and the table has as many as
 * the kernel's header.
 */
#define SAME_STATE(name, text) ((int)TCPS_##name == TCPSTATE_##name) +
#define SAME_KIND(name, text) \
	((int)TCPS_EVENT_##name == TCPSTATE_EVENT_##name) +
#define SAME_CAUSE(name, text) \
	((int)TCPS_CAUSE_##name == TCPSTATE_CAUSE_##name) +
#define SAME_CARRIER(name, text) \
	((int)TCPS_CARRIER_##name == TCPSTATE_CARRIER_##name) +
#define SAME_FLAG(name, text) (TCPS_F_##name == TCPSTATE_F_##name) +

static_assert((STATES(SAME_STATE) 0) == TCPSTATE_STATE_COUNT - 1, "states");
static_assert((KINDS(SAME_KIND) 0) == TCPSTATE_EVENT_COUNT - 1, "kinds");
static_assert((CAUSES(SAME_CAUSE) 0) == TCPSTATE_CAUSE_COUNT, "causes");
static_assert((CARRIERS(SAME_CARRIER) 0) == TCPSTATE_CARRIER_COUNT, "carriers");
static_assert((FLAGS(SAME_FLAG) 0) == 14, "flags");
static_assert((int)TCPS_STATE_COUNT == TCPSTATE_STATE_COUNT, "states");
static_assert((int)TCPS_EVENT_COUNT == TCPSTATE_EVENT_COUNT, "kinds");
static_assert((int)TCPS_CAUSE_COUNT == TCPSTATE_CAUSE_COUNT, "causes");
static_assert((int)TCPS_CARRIER_COUNT == TCPSTATE_CARRIER_COUNT, "carriers");

#define NAME_STATE(name, text) [TCPSTATE_##name] = text,
#define NAME_KIND(name, text) [TCPSTATE_EVENT_##name] = text,
#define NAME_CAUSE(name, text) [TCPSTATE_CAUSE_##name] = text,
#define NAME_CARRIER(name, text) [TCPSTATE_CARRIER_##name] = text,
#define NAME_FLAG(name, text) [__builtin_ctz(TCPSTATE_F_##name)] = text,

static const char *const state_names[] = { STATES(NAME_STATE) };
static const char *const kind_names[] = { KINDS(NAME_KIND) };
static const char *const cause_names[] = { CAUSES(NAME_CAUSE) };
static const char *const carrier_names[] = { CARRIERS(NAME_CARRIER) };
static const char *const flag_names[] = { FLAGS(NAME_FLAG) };

static_assert(ARRAY_SIZE(state_names) == TCPSTATE_STATE_COUNT, "states");
static_assert(ARRAY_SIZE(kind_names) == TCPSTATE_EVENT_COUNT, "kinds");
static_assert(ARRAY_SIZE(cause_names) == TCPSTATE_CAUSE_COUNT, "causes");
static_assert(ARRAY_SIZE(carrier_names) == TCPSTATE_CARRIER_COUNT, "carriers");
static_assert(ARRAY_SIZE(flag_names) == 14, "flags");

static const char *name_of(const char *const *names, size_t n, unsigned int i)
{
	return i < n ? names[i] : NULL;
}

/* Equal but for case and for '-' and '_', which every tool puts elsewhere. */
static bool same(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-' || *a == '_')
			a++;
		while (*b == '-' || *b == '_')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

static int number_of(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (names[i] && same(names[i], name))
			return i;
	return -ENOENT;
}

const char *tcpstate_state_name(unsigned int state)
{
	return name_of(state_names, ARRAY_SIZE(state_names), state);
}

const char *tcpstate_kind_name(unsigned int kind)
{
	return name_of(kind_names, ARRAY_SIZE(kind_names), kind);
}

const char *tcpstate_cause_name(unsigned int cause)
{
	return name_of(cause_names, ARRAY_SIZE(cause_names), cause);
}

const char *tcpstate_carrier_name(unsigned int carrier)
{
	return name_of(carrier_names, ARRAY_SIZE(carrier_names), carrier);
}

const char *tcpstate_flag_name(unsigned int bit)
{
	return name_of(flag_names, ARRAY_SIZE(flag_names), bit);
}

int tcpstate_state_number(const char *name)
{
	/* Names that no spelling rule yields: ss, netstat, RFC 9293. */
	static const struct {
		const char *name;
		int state;
	} others[] = {
		{ "ESTAB", TCPSTATE_ESTABLISHED },
		{ "UNCONN", TCPSTATE_CLOSE },
		{ "CLOSED", TCPSTATE_CLOSE },
		{ "LISTENING", TCPSTATE_LISTEN },
	};
	size_t i;

	if (strncasecmp(name, "TCP_", 4) == 0)
		name += 4;
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (same(others[i].name, name))
			return others[i].state;
	return number_of(state_names, ARRAY_SIZE(state_names), name);
}

int tcpstate_kind_number(const char *name)
{
	return number_of(kind_names, ARRAY_SIZE(kind_names), name);
}

int tcpstate_cause_number(const char *name)
{
	return number_of(cause_names, ARRAY_SIZE(cause_names), name);
}

int tcpstate_carrier_number(const char *name)
{
	return number_of(carrier_names, ARRAY_SIZE(carrier_names), name);
}

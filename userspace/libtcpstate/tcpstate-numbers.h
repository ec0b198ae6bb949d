/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libtcpstate - the numbers in a struct tcps_event.
 *
 * This header owns the public enums; tcpstate.h includes it. It repeats the
 * numbers of the kernel's header under the prefix TCPS_ so that a program needs
 * no kernel header and may yet include it; names.c asserts that both are equal.
 */
#ifndef TCPSTATE_NUMBERS_H
#define TCPSTATE_NUMBERS_H

/**
 * enum tcps_state - state of a connection (RFC 9293, section 3.3.2)
 *
 * The numbers are the kernel's (include/net/tcp_states.h). There is no
 * NEW_SYN_RECV here: a request sock is SYN_RECV with carrier request.
 *
 * @TCPS_ESTABLISHED: both handshakes done
 * @TCPS_SYN_SENT: connect() sent a SYN
 * @TCPS_SYN_RECV: SYN received, our SYN-ACK not yet acknowledged
 * @TCPS_FIN_WAIT1: we closed first, our FIN not yet acknowledged
 * @TCPS_FIN_WAIT2: we closed first, FIN acknowledged, peer still open
 * @TCPS_TIME_WAIT: both closed, waiting for old segments to die
 * @TCPS_CLOSE: no connection
 * @TCPS_CLOSE_WAIT: peer closed, we have not
 * @TCPS_LAST_ACK: peer closed first, our FIN not yet acknowledged
 * @TCPS_LISTEN: waiting for connections
 * @TCPS_CLOSING: both closed at once, our FIN not yet acknowledged
 * @TCPS_STATE_COUNT: one above the highest number
 */
enum tcps_state {
	TCPS_ESTABLISHED = 1,
	TCPS_SYN_SENT = 2,
	TCPS_SYN_RECV = 3,
	TCPS_FIN_WAIT1 = 4,
	TCPS_FIN_WAIT2 = 5,
	TCPS_TIME_WAIT = 6,
	TCPS_CLOSE = 7,
	TCPS_CLOSE_WAIT = 8,
	TCPS_LAST_ACK = 9,
	TCPS_LISTEN = 10,
	TCPS_CLOSING = 11,
	TCPS_STATE_COUNT = 12,
};

/**
 * enum tcps_carrier - the kernel object that holds the connection
 *
 * @TCPS_CARRIER_NONE: the record is not about a connection
 * @TCPS_CARRIER_REQUEST: struct request_sock, the SYN queue
 * @TCPS_CARRIER_SOCK: struct sock, the full socket
 * @TCPS_CARRIER_TIMEWAIT: struct inet_timewait_sock
 * @TCPS_CARRIER_COUNT: one above the highest number
 */
enum tcps_carrier {
	TCPS_CARRIER_NONE = 0,
	TCPS_CARRIER_REQUEST = 1,
	TCPS_CARRIER_SOCK = 2,
	TCPS_CARRIER_TIMEWAIT = 3,
	TCPS_CARRIER_COUNT = 4,
};

/**
 * enum tcps_kind - what a record tells
 *
 * @TCPS_EVENT_STATE: a connection changed its state
 * @TCPS_EVENT_LIFE: a connection ended; &tcps_event.life
 * @TCPS_EVENT_SYN_DROP: a listener refused a SYN
 * @TCPS_EVENT_ACCEPT_DROP: a listener refused the third packet
 * @TCPS_EVENT_COOKIE: a SYN cookie was sent, validated or failed
 * @TCPS_EVENT_SYN_RETRANSMIT: connect() sent its SYN again
 * @TCPS_EVENT_SYNACK_RETRANSMIT: a SYN-ACK was sent again
 * @TCPS_EVENT_TW_OVERFLOW: closed without TIME_WAIT, limit or memory
 * @TCPS_EVENT_PORTS_EXHAUSTED: connect() or bind() found no port
 * @TCPS_EVENT_RESET: an RST was sent or received
 * @TCPS_EVENT_MEMORY_PRESSURE: TCP memory pressure entered or left
 * @TCPS_EVENT_SEGMENT: a packet with SYN, FIN or RST
 * @TCPS_EVENT_LOST: records were overwritten before they were read, or
 *	(flag %TCPS_F_DISABLED) nothing was recorded for a while
 * @TCPS_EVENT_COUNT: one above the highest number
 */
enum tcps_kind {
	TCPS_EVENT_STATE = 1,
	TCPS_EVENT_LIFE = 2,
	TCPS_EVENT_SYN_DROP = 3,
	TCPS_EVENT_ACCEPT_DROP = 4,
	TCPS_EVENT_COOKIE = 5,
	TCPS_EVENT_SYN_RETRANSMIT = 6,
	TCPS_EVENT_SYNACK_RETRANSMIT = 7,
	TCPS_EVENT_TW_OVERFLOW = 8,
	TCPS_EVENT_PORTS_EXHAUSTED = 9,
	TCPS_EVENT_RESET = 10,
	TCPS_EVENT_MEMORY_PRESSURE = 11,
	TCPS_EVENT_SEGMENT = 12,
	TCPS_EVENT_LOST = 13,
	TCPS_EVENT_COUNT = 14,
};

/**
 * enum tcps_cause - why it happened
 *
 * One enum for all kinds of records; the name in brackets is what programs
 * print. A cause is what the kernel acted upon, never a guess:
 * %TCPS_CAUSE_UNKNOWN says that nothing the kernel left behind tells.
 *
 * @TCPS_CAUSE_NONE: [none] the kind of record has no cause
 * @TCPS_CAUSE_UNKNOWN: [unknown] not known
 * @TCPS_CAUSE_SYN: [syn] a SYN arrived
 * @TCPS_CAUSE_SYN_ACK: [syn-ack] a SYN-ACK arrived
 * @TCPS_CAUSE_ACK: [ack] the ACK waited for arrived
 * @TCPS_CAUSE_FIN: [fin] a FIN arrived
 * @TCPS_CAUSE_FIN_ACK: [fin+ack] FIN and the ACK of ours arrived together
 * @TCPS_CAUSE_RST: [rst] an RST arrived
 * @TCPS_CAUSE_COOKIE: [cookie] a valid SYN cookie arrived
 * @TCPS_CAUSE_ICMP: [icmp] an ICMP error arrived
 * @TCPS_CAUSE_CONNECT: [connect] connect()
 * @TCPS_CAUSE_LISTEN: [listen] listen()
 * @TCPS_CAUSE_CLOSE: [close] close(), or the last descriptor went
 * @TCPS_CAUSE_SHUTDOWN: [shutdown] shutdown()
 * @TCPS_CAUSE_DISCONNECT: [disconnect] connect() with AF_UNSPEC
 * @TCPS_CAUSE_REPAIR: [repair] TCP_REPAIR
 * @TCPS_CAUSE_ABORT: [abort] ss -K (SOCK_DESTROY)
 * @TCPS_CAUSE_TIMEOUT: [timeout] retransmissions or SYN retries used up
 * @TCPS_CAUSE_KEEPALIVE: [keepalive] keepalive probes unanswered
 * @TCPS_CAUSE_USER_TIMEOUT: [user-timeout] TCP_USER_TIMEOUT
 * @TCPS_CAUSE_FIN_TIMEOUT: [fin-timeout] orphan in FIN_WAIT2 too long
 * @TCPS_CAUSE_SYNACK_TIMEOUT: [synack-timeout] SYN-ACK retries used up
 * @TCPS_CAUSE_LINGER0: [linger0] close() with SO_LINGER 0: RST, no FIN
 * @TCPS_CAUSE_LINGER2: [linger2] TCP_LINGER2 below 0
 * @TCPS_CAUSE_UNREAD_DATA: [unread-data] close() with data not read: RST
 * @TCPS_CAUSE_DATA_AFTER_CLOSE: [data-after-close] data came after close
 * @TCPS_CAUSE_ORPHAN_LIMIT: [orphan-limit] tcp_max_orphans
 * @TCPS_CAUSE_NO_MEMORY: [no-memory] allocation failed, or tcp_mem
 * @TCPS_CAUSE_NO_ROUTE: [no-route] no route to the peer
 * @TCPS_CAUSE_PORTS_EXHAUSTED: [ports-exhausted] EADDRNOTAVAIL
 * @TCPS_CAUSE_PORT_FAILURE: [port-failure] listen() could not get the port
 * @TCPS_CAUSE_ACCEPT_OVERFLOW: [accept-overflow] accept queue full
 * @TCPS_CAUSE_LISTENER_CLOSED: [listener-closed] the listener went away
 * @TCPS_CAUSE_DUPLICATE: [duplicate] lost the race to another packet
 * @TCPS_CAUSE_MIGRATE_FAILED: [migrate-failed] no listener to move to
 * @TCPS_CAUSE_MPTCP_DROP: [mptcp-drop] refused by MPTCP
 * @TCPS_CAUSE_NETNS_EXIT: [netns-exit] the network namespace went away
 * @TCPS_CAUSE_EXPIRED: [expired] TIME_WAIT ran its time
 * @TCPS_CAUSE_REUSED: [reused] connect() took the port over (tcp_tw_reuse)
 * @TCPS_CAUSE_RECYCLED: [recycled] a new SYN took the tuple over
 * @TCPS_CAUSE_TW_OVERFLOW: [tw-overflow] tcp_max_tw_buckets
 * @TCPS_CAUSE_SYN_QUEUE_FULL: [syn-queue-full] SYN refused
 * @TCPS_CAUSE_ACCEPT_QUEUE_FULL: [accept-queue-full] SYN or ACK refused
 * @TCPS_CAUSE_LAST_QUARTER: [last-quarter] SYN refused: without cookies
 *	the last quarter of tcp_max_syn_backlog is for proven peers
 * @TCPS_CAUSE_FILTERED: [filtered] refused by a security module or filter
 * @TCPS_CAUSE_OTHER: [other] refused for a reason not listed
 * @TCPS_CAUSE_COOKIE_SENT: [cookie-sent] SYN-ACK with a cookie sent
 * @TCPS_CAUSE_COOKIE_VALID: [cookie-valid] cookie came back, valid
 * @TCPS_CAUSE_COOKIE_FAILED: [cookie-failed] cookie came back, not valid
 * @TCPS_CAUSE_TIMER: [timer] sent again because of a timer
 * @TCPS_CAUSE_DUPLICATE_SYN: [duplicate-syn] sent again for a second SYN
 * @TCPS_CAUSE_RANGE_USED: [range-used] ip_local_port_range used up
 * @TCPS_CAUSE_TUPLE_TAKEN: [tuple-taken] this four-tuple is in use
 * @TCPS_CAUSE_BIND: [bind] bind() to port 0 found none
 * @TCPS_CAUSE_PRESSURE_ON: [pressure-on] above the tcp_mem pressure mark
 * @TCPS_CAUSE_PRESSURE_OFF: [pressure-off] below the tcp_mem low mark
 * @TCPS_CAUSE_NO_SOCKET: [no-socket] RST for a packet without a socket
 * @TCPS_CAUSE_AUTH: [auth] not signed as the listener wants it (TCP-MD5,
 *	TCP-AO); told since Linux 6.11
 * @TCPS_CAUSE_COUNT: one above the highest number
 */
enum tcps_cause {
	TCPS_CAUSE_NONE = 0,
	TCPS_CAUSE_UNKNOWN = 1,
	TCPS_CAUSE_SYN = 2,
	TCPS_CAUSE_SYN_ACK = 3,
	TCPS_CAUSE_ACK = 4,
	TCPS_CAUSE_FIN = 5,
	TCPS_CAUSE_FIN_ACK = 6,
	TCPS_CAUSE_RST = 7,
	TCPS_CAUSE_COOKIE = 8,
	TCPS_CAUSE_ICMP = 9,
	TCPS_CAUSE_CONNECT = 10,
	TCPS_CAUSE_LISTEN = 11,
	TCPS_CAUSE_CLOSE = 12,
	TCPS_CAUSE_SHUTDOWN = 13,
	TCPS_CAUSE_DISCONNECT = 14,
	TCPS_CAUSE_REPAIR = 15,
	TCPS_CAUSE_ABORT = 16,
	TCPS_CAUSE_TIMEOUT = 17,
	TCPS_CAUSE_KEEPALIVE = 18,
	TCPS_CAUSE_USER_TIMEOUT = 19,
	TCPS_CAUSE_FIN_TIMEOUT = 20,
	TCPS_CAUSE_SYNACK_TIMEOUT = 21,
	TCPS_CAUSE_LINGER0 = 22,
	TCPS_CAUSE_LINGER2 = 23,
	TCPS_CAUSE_UNREAD_DATA = 24,
	TCPS_CAUSE_DATA_AFTER_CLOSE = 25,
	TCPS_CAUSE_ORPHAN_LIMIT = 26,
	TCPS_CAUSE_NO_MEMORY = 27,
	TCPS_CAUSE_NO_ROUTE = 28,
	TCPS_CAUSE_PORTS_EXHAUSTED = 29,
	TCPS_CAUSE_PORT_FAILURE = 30,
	TCPS_CAUSE_ACCEPT_OVERFLOW = 31,
	TCPS_CAUSE_LISTENER_CLOSED = 32,
	TCPS_CAUSE_DUPLICATE = 33,
	TCPS_CAUSE_MIGRATE_FAILED = 34,
	TCPS_CAUSE_MPTCP_DROP = 35,
	TCPS_CAUSE_NETNS_EXIT = 36,
	TCPS_CAUSE_EXPIRED = 37,
	TCPS_CAUSE_REUSED = 38,
	TCPS_CAUSE_RECYCLED = 39,
	TCPS_CAUSE_TW_OVERFLOW = 40,
	TCPS_CAUSE_SYN_QUEUE_FULL = 41,
	TCPS_CAUSE_ACCEPT_QUEUE_FULL = 42,
	TCPS_CAUSE_LAST_QUARTER = 43,
	TCPS_CAUSE_FILTERED = 44,
	TCPS_CAUSE_OTHER = 45,
	TCPS_CAUSE_COOKIE_SENT = 46,
	TCPS_CAUSE_COOKIE_VALID = 47,
	TCPS_CAUSE_COOKIE_FAILED = 48,
	TCPS_CAUSE_TIMER = 49,
	TCPS_CAUSE_DUPLICATE_SYN = 50,
	TCPS_CAUSE_RANGE_USED = 51,
	TCPS_CAUSE_TUPLE_TAKEN = 52,
	TCPS_CAUSE_BIND = 53,
	TCPS_CAUSE_PRESSURE_ON = 54,
	TCPS_CAUSE_PRESSURE_OFF = 55,
	TCPS_CAUSE_NO_SOCKET = 56,
	TCPS_CAUSE_AUTH = 57,
	TCPS_CAUSE_COUNT = 58,
};

/*
 * Flags of a record (tcps_event.flags).
 *
 * OWNER		pid and comm are there. Without it both are 0: the socket is
 *			older than the module, or made by the kernel
 * OWNER_LISTENER	the owner is the listener's: nobody called accept() yet
 * ACTOR		state.actor is there: a system call made the transition
 * TRACKED		life, life_seq are there; without it both are 0 and the
 *			table of live connections was full
 * DWELL		state.dwell_ns is there: the time of entry was seen
 * PREEXISTING		the connection is older than the module
 * PARTIAL		the tuple is not complete: no port was had yet
 * MAPPED		an IPv6 socket with IPv4-mapped addresses, shown as IPv4
 * MPTCP		the socket is an MPTCP subflow
 * FASTOPEN		TCP Fast Open
 * INCOMING		a packet came in; without it, it went out
 * SNAPSHOT		not an event: a connection that is alive (old_state and
 *			new_state are equal, cause is that of its last
 *			transition, life_seq the number of it, dwell_ns its age
 *			in the state)
 * SCOPED		the number of lost records is withheld and shown as 0
 * DISABLED		recording was switched off for a while before this record
 */
#define TCPS_F_OWNER			0x0001
#define TCPS_F_OWNER_LISTENER		0x0002
#define TCPS_F_ACTOR			0x0004
#define TCPS_F_TRACKED			0x0008
#define TCPS_F_DWELL			0x0010
#define TCPS_F_PREEXISTING		0x0020
#define TCPS_F_PARTIAL			0x0040
#define TCPS_F_MAPPED			0x0080
#define TCPS_F_MPTCP			0x0100
#define TCPS_F_FASTOPEN			0x0200
#define TCPS_F_INCOMING			0x0400
#define TCPS_F_SNAPSHOT			0x0800
#define TCPS_F_SCOPED			0x1000
#define TCPS_F_DISABLED			0x2000

/*
 * Lanes of the recorder, as bits (tcpstate_set_start()). A record stands in one
 * of them: RARE has the kinds that tell of trouble, LIVES one record for each
 * ended connection, MAIN the rest.
 */
#define TCPS_LANE_MAIN		0x1
#define TCPS_LANE_RARE		0x2
#define TCPS_LANE_LIVES		0x4

#endif /* TCPSTATE_NUMBERS_H */

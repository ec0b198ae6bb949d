/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libtcpstate - read the life of TCP connections from tcpstate.ko.
 *
 * This header owns the library's interface. It must not show the kernel's
 * record layout: the library translates that into host terms. Functions are
 * called tcpstate_*; types and numbers TCPS_* and tcps_*, because the kernel's
 * header has the long names and a program may want both.
 *
 * The library never prints, never exits, starts no thread, and installs no
 * signal handler. A handle must not be used by two threads at once; different
 * handles do not know of one another.
 *
 * Errors are negative errno values; tcpstate_strerror() puts them into words.
 */
#ifndef TCPSTATE_H
#define TCPSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcpstate-numbers.h"

#ifdef __cplusplus
extern "C" {
#endif

/** TCPS_DEVICE - where the module's device is */
#define TCPS_DEVICE "/dev/tcpstate"
/** TCPS_COMM_LEN - bytes of a command name with its final 0 */
#define TCPS_COMM_LEN 16
/** TCPS_PORTS - ports in each list of a filter */
#define TCPS_PORTS 16
/** TCPS_STEPS - transitions in an ended connection's event */
#define TCPS_STEPS 8
/** TCPS_TCP_FLAGS - flags that a segment can have, from bit 0: FIN to AE */
#define TCPS_TCP_FLAGS 9
/** TCPS_TCP_AE - the last of them (Accurate ECN), which is not in the header's byte */
#define TCPS_TCP_AE 0x100

/** struct tcpstate - an open reader; made by tcpstate_open() */
struct tcpstate;

/**
 * struct tcps_step - one transition of an ended connection
 *
 * @dwell_ns: nanoseconds spent in @state; 0 for the last step, and for the
 *	first of a connection with %TCPS_F_PREEXISTING
 * @state: enum tcps_state that was entered
 * @cause: enum tcps_cause of it
 * @carrier: enum tcps_carrier after it
 */
struct tcps_step {
	uint64_t dwell_ns;
	uint8_t state;
	uint8_t cause;
	uint8_t carrier;
};

/**
 * struct tcps_event - one event
 *
 * Of the union only the member named for @kind is set. Numbers that this
 * library does not know (a newer module) are passed on as they are; the names
 * of such numbers are NULL. Kinds that it does not know are left out.
 *
 * @mono_ns: time of the event, CLOCK_MONOTONIC, nanoseconds
 * @cookie: the kernel's socket cookie, as ss -e shows it; 0 if no socket
 * @seq: number of this record among those given to this reader, from 1
 * @ifindex: interface bound to, or the packet's; 0 if none
 * @netns: inode number of the network namespace; 0 if none
 * @netns_gen: number of the network namespace, never used again
 * @pid: process that owns the connection, if %TCPS_F_OWNER; 0 if it has no
 *	name in the reader's namespace
 * @uid: user that owns the socket
 * @lport: local port
 * @rport: remote port
 * @flags: TCPS_F_* bits
 * @life: number of this life of the socket, if %TCPS_F_TRACKED
 * @kind: enum tcps_kind
 * @family: 4, 6, or 0 if the event has no addresses
 * @old_state: enum tcps_state before; 0 if there is none
 * @new_state: enum tcps_state after; equal to @old_state where nothing changed
 * @cause: enum tcps_cause; NONE for segments
 * @carrier: enum tcps_carrier after the event
 * @laddr: local address, network byte order; IPv4 in the first 4 bytes
 * @raddr: remote address, likewise
 * @comm: command name of @pid, if %TCPS_F_OWNER; any bytes, 0 at the end
 * @state: TCPS_EVENT_STATE: @dwell_ns in the old state, if %TCPS_F_DWELL;
 *	@cgroup id or 0; @actor process whose system call it was, if
 *	%TCPS_F_ACTOR; @life_seq number of the transition, if %TCPS_F_TRACKED
 * @refusal: TCPS_EVENT_SYN_DROP, _ACCEPT_DROP, _COOKIE: the listener's queues
 *	and their limits at that moment; @stands_for: this one plus those counted
 *	but not recorded before it; @backlog: tcp_max_syn_backlog
 * @retransmit: TCPS_EVENT_SYN_RETRANSMIT, _SYNACK_RETRANSMIT: @attempt from 1
 * @tw: TCPS_EVENT_TW_OVERFLOW: @count timewait sockets, @max of them
 * @ports: TCPS_EVENT_PORTS_EXHAUSTED: @low to @high is the port range; @error
 *	errno that the program got, positive
 * @reset: TCPS_EVENT_RESET: @reason the kernel's enum sk_rst_reason plus 1, 0
 *	if it has none; @seq and @ack of the packet
 * @memory: TCPS_EVENT_MEMORY_PRESSURE: @pages in use, @mark that was crossed
 * @segment: TCPS_EVENT_SEGMENT: as the TCP header has them; @len saturates at
 *	65535; @tcp_flags FIN 0x01, SYN 0x02 ... CWR 0x80, %TCPS_TCP_AE; the has_*
 *	members tell which options were there
 * @lost: TCPS_EVENT_LOST: @count of lost records (0 with %TCPS_F_SCOPED: some;
 *	0 with %TCPS_F_DISABLED), @off_ns: how long recording was off, with
 *	%TCPS_F_DISABLED; @cpu; @lane TCPS_LANE_* bit
 * @life_end: TCPS_EVENT_LIFE: the whole connection; @srtt_us 0 if never
 *	measured; @first_closer 1 we, 2 the peer, 0 nobody; @nr_steps valid
 *	elements of @step; @transitions of this life, 65535 for more. All of them
 *	are in @step unless there were more than fit: then the first ones and the
 *	last. With %TCPS_F_PREEXISTING the first step, with cause NONE, is none of
 *	them but the state in which the connection was found. @total_ns is the
 *	sum of the steps' dwell_ns, and the last was at @mono_ns
 */
struct tcps_event {
	uint64_t mono_ns;
	uint64_t cookie;
	uint32_t seq;
	uint32_t ifindex;
	uint32_t netns;
	uint32_t netns_gen;
	uint32_t pid;
	uint32_t uid;
	uint16_t lport;
	uint16_t rport;
	uint16_t flags;
	uint16_t life;
	uint8_t kind;
	uint8_t family;
	uint8_t old_state;
	uint8_t new_state;
	uint8_t cause;
	uint8_t carrier;
	uint8_t laddr[16];
	uint8_t raddr[16];
	char comm[TCPS_COMM_LEN];
	union {
		struct {
			uint64_t dwell_ns;
			uint64_t cgroup;
			uint32_t actor;
			uint16_t life_seq;
		} state;
		struct {
			uint32_t synq;
			uint32_t synq_max;
			uint32_t acceptq;
			uint32_t acceptq_max;
			uint32_t stands_for;
			uint32_t backlog;
		} refusal;
		struct {
			uint32_t attempt;
			uint32_t stands_for;
		} retransmit;
		struct {
			uint32_t count;
			uint32_t max;
			uint32_t stands_for;
		} tw;
		struct {
			uint32_t low;
			uint32_t high;
			uint32_t error;
			uint32_t stands_for;
		} ports;
		struct {
			uint32_t reason;
			uint32_t stands_for;
			uint32_t seq;
			uint32_t ack;
		} reset;
		struct {
			uint64_t pages;
			uint64_t mark;
			uint32_t stands_for;
		} memory;
		struct {
			uint32_t seq;
			uint32_t ack;
			uint32_t tsval;
			uint32_t tsecr;
			uint16_t window;
			uint16_t len;
			uint16_t mss;
			uint16_t tcp_flags;
			uint8_t wscale;
			bool has_mss;
			bool has_wscale;
			bool has_sack_perm;
			bool has_timestamp;
		} segment;
		struct {
			uint64_t count;
			uint64_t off_ns;
			uint32_t cpu;
			uint32_t lane;
		} lost;
		struct {
			uint64_t total_ns;
			uint64_t cgroup;
			uint64_t bytes_in;
			uint64_t bytes_out;
			uint32_t segs_in;
			uint32_t segs_out;
			uint32_t retrans;
			uint32_t srtt_us;
			uint8_t first_closer;
			uint8_t nr_steps;
			uint16_t transitions;
			struct tcps_step step[TCPS_STEPS];
		} life_end;
	};
};

/**
 * struct tcps_filter - which events a reader wants
 *
 * All zero wants everything. An event must satisfy every member; events of
 * kind %TCPS_EVENT_LOST always do.
 *
 * @kinds: bit n set: kind n wanted; 0 means all. To set that of
 *	%TCPS_EVENT_SEGMENT makes the module look at packets with SYN, FIN and
 *	RST, in the reader's namespace or with @all_netns in all, until the handle
 *	is closed or has another filter. With 0 only what others ask for is seen
 * @old_states: bit n set: transitions out of state n wanted; 0 means all
 * @new_states: bit n set: transitions into state n wanted; 0 means all; both
 *	look at %TCPS_EVENT_STATE only
 * @family: 4, 6, or 0 for both
 * @all_netns: events of all network namespaces, not only the reader's own
 * @nr_lports: valid elements of @lports; 0 means any
 * @nr_rports: valid elements of @rports; 0 means any
 * @lports: local ports wanted
 * @rports: remote ports wanted
 */
struct tcps_filter {
	uint64_t kinds;
	uint16_t old_states;
	uint16_t new_states;
	uint8_t family;
	bool all_netns;
	uint8_t nr_lports;
	uint8_t nr_rports;
	uint16_t lports[TCPS_PORTS];
	uint16_t rports[TCPS_PORTS];
};

/**
 * enum tcps_start - where a reader starts
 *
 * @TCPS_START_NOW: with the next event
 * @TCPS_START_OLDEST: with the oldest event still recorded
 * @TCPS_START_SINCE: with the first event at or after a given time
 * @TCPS_START_LIVE: with one event of kind %TCPS_EVENT_STATE and with
 *	%TCPS_F_SNAPSHOT for each connection that is alive, then all that happens:
 *	a transition is either in the snapshot of its connection or follows as an
 *	event of its own, with the next life_seq
 */
enum tcps_start {
	TCPS_START_NOW = 0,
	TCPS_START_OLDEST = 1,
	TCPS_START_SINCE = 2,
	TCPS_START_LIVE = 3,
};

/**
 * struct tcps_stats - what became of the events, for this reader
 *
 * recorded = delivered + filtered + lost + pending, since the start point.
 * Snapshots (%TCPS_START_LIVE) are in none of them.
 *
 * @recorded: records written
 * @delivered: events that were read, without those of kind LOST
 * @filtered: records that the filter took out
 * @lost: records overwritten before this reader came to them
 * @pending: records not read yet
 * @lost_runs: events of kind LOST that were read
 * @scoped: a reader without the right to all namespaces: @recorded and
 *	@pending are 0, @lost is 0 or 1 (some)
 */
struct tcps_stats {
	uint64_t recorded;
	uint64_t delivered;
	uint64_t filtered;
	uint64_t lost;
	uint64_t pending;
	uint64_t lost_runs;
	bool scoped;
};

/**
 * struct tcps_version - what a module, or this library, is
 *
 * @abi: must be equal on both sides
 * @schema: grows when something is added
 * @kinds: bit n set: enum tcps_kind n exists
 * @max_readers: readers that may be open at once; 0 for the library
 */
struct tcps_version {
	uint32_t abi;
	uint32_t schema;
	uint64_t kinds;
	uint32_t max_readers;
};

/**
 * TCPS_OPEN_NONBLOCK - tcpstate_read() gives -EAGAIN rather than wait
 *
 * The descriptor of a stream may be shared with others and is left as it is:
 * there it means that tcpstate_read() asks read(2) only once, so that a caller
 * who polled does not wait for the rest of a record or for an event that the
 * filter lets through.
 */
#define TCPS_OPEN_NONBLOCK 0x1

/**
 * tcpstate_open - open the device and check that the module fits
 * @tsp: where to put the handle; unchanged on error
 * @path: the device; NULL for %TCPS_DEVICE
 * @flags: TCPS_OPEN_* bits
 *
 * The reader starts now, reads all kinds but lives, and filters nothing.
 *
 * Return: 0; -ENOENT, -ENXIO or -ENODEV: no module; -EACCES or -EPERM: no
 * rights; -EBUSY: too many readers; -EPROTO: the module has another ABI;
 * -ENOTTY: not a tcpstate device; -EINVAL: unknown flag; -ENOMEM; or what
 * open(2) says. The caller owns the handle: tcpstate_close().
 */
int tcpstate_open(struct tcpstate **tsp, const char *path, unsigned int flags);

/**
 * tcpstate_open_fd - read a stored or piped stream of records
 * @tsp: where to put the handle; unchanged on error
 * @fd: a file, pipe or socket with what was read from a device of this ABI
 * @flags: TCPS_OPEN_* bits
 *
 * No ioctl is made: the library filters and counts by itself, and there is no
 * start point to set. The stream carries no version: the caller must know that
 * it is one of this machine's byte order and of this library's ABI.
 *
 * Return: 0; -EBADF; -EINVAL: unknown flag; -ENOMEM. The caller owns the handle
 * and keeps owning @fd, which must stay open as long as the handle.
 */
int tcpstate_open_fd(struct tcpstate **tsp, int fd, unsigned int flags);

/**
 * tcpstate_close - close a handle
 * @ts: handle, or NULL
 */
void tcpstate_close(struct tcpstate *ts);

/**
 * tcpstate_fd - descriptor to poll(2) for POLLIN
 * @ts: handle
 *
 * Before waiting ask tcpstate_buffered(). Do not read from it or close it.
 *
 * Return: the descriptor.
 */
int tcpstate_fd(const struct tcpstate *ts);

/**
 * tcpstate_set_filter - say which events are wanted
 * @ts: handle
 * @filter: the filter; not kept
 *
 * It counts for events that have not been read yet.
 *
 * Return: 0; -EINVAL: a state, kind or family that does not exist, or too many
 * ports, or a module older than schema 3 and %TCPS_EVENT_SEGMENT; -EPERM:
 * all_netns without the right; -ENOMEM or -EOPNOTSUPP: segments cannot be seen.
 */
int tcpstate_set_filter(struct tcpstate *ts, const struct tcps_filter *filter);

/**
 * tcpstate_set_start - say where to start, and in which lanes
 * @ts: handle
 * @start: enum tcps_start
 * @lanes: TCPS_LANE_* bits; 0 means MAIN and RARE, that is all but lives
 * @mono_ns: for %TCPS_START_SINCE the time asked for, CLOCK_MONOTONIC; on
 *	return the time from which on nothing is missing. May be NULL otherwise
 *
 * Sets the statistics to 0.
 *
 * Return: 0; -EINVAL: no such start or lane, or no time, or a module older than
 * schema 2 and %TCPS_START_LIVE; -ENOMEM; -ENOTTY: a stream has no start point.
 */
int tcpstate_set_start(struct tcpstate *ts, enum tcps_start start,
		       unsigned int lanes, uint64_t *mono_ns);

/**
 * tcpstate_read - read events
 * @ts: handle
 * @events: the caller's array
 * @max: elements of it, at least 1
 *
 * Waits for the first event only (or not at all: %TCPS_OPEN_NONBLOCK).
 *
 * Return: number of events, 0 at the end of a stream (a device has none);
 * -EAGAIN: nothing to read and not to wait; -EINTR: a signal came first; -EIO:
 * the stream ended within a record; -EBADMSG: this is no stream of records;
 * -EINVAL: @max is 0; or what read(2) says. After -EIO and -EBADMSG every
 * further call says the same.
 */
int tcpstate_read(struct tcpstate *ts, struct tcps_event *events, size_t max);

/**
 * tcpstate_buffered - are there events that were read but not handed out?
 * @ts: handle
 *
 * Return: true if tcpstate_read() would return without asking the kernel, so
 * that poll() must not be waited for.
 */
bool tcpstate_buffered(const struct tcpstate *ts);

/**
 * tcpstate_decode - translate one record
 * @buf: bytes as a device gives them, aligned to 8
 * @len: bytes there
 * @event: where to put it
 *
 * Return: bytes of the record, so that the next one begins so much further on;
 * 0: more bytes are needed; -EBADMSG: this is no record. A record of an
 * unknown kind sets @event->kind and nothing else.
 */
int tcpstate_decode(const void *buf, size_t len, struct tcps_event *event);

/**
 * tcpstate_get_stats - the reader's statistics
 * @ts: handle
 * @stats: where to put them
 *
 * Return: 0, or a negative errno if the device is gone.
 */
int tcpstate_get_stats(struct tcpstate *ts, struct tcps_stats *stats);

/**
 * tcpstate_get_version - version of a module, even if it does not fit
 * @path: the device; NULL for %TCPS_DEVICE
 * @version: where to put it
 *
 * Opens the device for a moment.
 *
 * Return: 0, or as tcpstate_open(), but never -EPROTO.
 */
int tcpstate_get_version(const char *path, struct tcps_version *version);

/**
 * tcpstate_lib_version - version that this library was built for
 * @version: where to put it
 */
void tcpstate_lib_version(struct tcps_version *version);

/**
 * tcpstate_strerror - what went wrong and what to do
 * @error: a negative errno that a function of this library returned
 *
 * Return: a text without full stop and newline. For an errno that has no
 * special meaning here it is strerror(3)'s, valid until that is called again.
 */
const char *tcpstate_strerror(int error);

/**
 * tcpstate_state_name - name of a state: "FIN_WAIT1"
 * @state: any number
 *
 * Return: a constant, or NULL if there is no such state.
 */
const char *tcpstate_state_name(unsigned int state);

/**
 * tcpstate_kind_name - name of a kind of event: "syn-drop"
 * @kind: any number
 *
 * Return: a constant, or NULL if there is no such kind.
 */
const char *tcpstate_kind_name(unsigned int kind);

/**
 * tcpstate_cause_name - name of a cause: "fin+ack"
 * @cause: any number
 *
 * Return: a constant, or NULL if there is no such cause.
 */
const char *tcpstate_cause_name(unsigned int cause);

/**
 * tcpstate_carrier_name - name of a carrier: "timewait"
 * @carrier: any number
 *
 * Return: a constant, or NULL if there is no such carrier.
 */
const char *tcpstate_carrier_name(unsigned int carrier);

/**
 * tcpstate_flag_name - name of a flag of an event: "mptcp"
 * @bit: number of the bit, 0 for 0x0001
 *
 * Return: a constant, or NULL if there is no such flag.
 */
const char *tcpstate_flag_name(unsigned int bit);

/**
 * tcpstate_state_number - state of a name
 * @name: any spelling in use: FIN_WAIT1, TCP_FIN_WAIT1, fin-wait-1, ESTAB ...
 *
 * Return: enum tcps_state, or -ENOENT.
 */
int tcpstate_state_number(const char *name);

/**
 * tcpstate_kind_number - kind of event of a name
 * @name: name in any case
 *
 * Return: enum tcps_kind, or -ENOENT.
 */
int tcpstate_kind_number(const char *name);

/**
 * tcpstate_cause_number - cause of a name
 * @name: name in any case
 *
 * Return: enum tcps_cause, or -ENOENT.
 */
int tcpstate_cause_number(const char *name);

/**
 * tcpstate_carrier_number - carrier of a name
 * @name: name in any case
 *
 * Return: enum tcps_carrier, or -ENOENT.
 */
int tcpstate_carrier_number(const char *name);

#ifdef __cplusplus
}
#endif

#endif /* TCPSTATE_H */

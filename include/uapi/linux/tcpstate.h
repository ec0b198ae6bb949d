/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * tcpstate - the contract between tcpstate.ko and its readers.
 *
 * This is the only header that the kernel module and userspace share. It owns
 * the layout of what read() on /dev/tcpstate returns, the numbers in it, and
 * the ioctls. It must not know how either side works.
 *
 * The device
 * ----------
 * /dev/tcpstate is a stream of fixed-layout records in the byte order of the
 * host. Each open file is a reader: a cursor, a filter and its own loss count.
 * Readers do not disturb one another, and a record is written once however
 * many readers there are. A reader starts at the moment of open() unless
 * TCPSTATE_IOC_SET_START says otherwise. There is no file position: pread()
 * and lseek() fail with ESPIPE.
 *
 * read() returns whole records, as many as there are and fit. It blocks until
 * there is at least one unless O_NONBLOCK is set. Two threads that read one
 * file get disjoint records. Errors:
 *
 *   EINVAL   the buffer is smaller than TCPSTATE_RECORD_SIZE
 *            (TCPSTATE_LIFE_SIZE if the reader reads TCPSTATE_LANE_LIVES)
 *   EAGAIN   nothing to read and O_NONBLOCK is set
 *   EINTR    a signal came before the first record
 *   EFAULT   the buffer is not writable; nothing that was not copied is
 *            counted as delivered, and it is not lost: the next read() has it
 *
 * poll() says EPOLLIN exactly when a read() would not block. An open reader
 * keeps the module loaded (rmmod fails with EBUSY), so there is no hang-up.
 *
 * open() fails with EBUSY when the limit of readers (module parameter
 * max_readers) is reached, with EPERM when the opener lives in a network
 * namespace other than the initial one and lacks CAP_NET_ADMIN over it, and
 * with EACCES when the file mode of the node forbids it.
 *
 * What a reader sees
 * ------------------
 * The records of the network namespace in which the file was opened, decided
 * once, at open(). A file opened in the initial namespace may ask for all
 * namespaces (TCPSTATE_FILTER_ALL_NETNS). Process ids and user ids are those
 * of the namespaces of the opener: 0 for a process without a name there, the
 * overflow uid (65534 as a rule) for such a user. In other than the initial
 * pid namespace the id is looked up when the record is read: a process that
 * ended has none any more, and one that got its number since is taken for it.
 *
 * Lanes
 * -----
 * Records are kept in overwriting rings, one set for each CPU. A record stands
 * in exactly one lane: %TCPSTATE_LANE_RARE has the kinds that tell of trouble
 * (refusals, overflow, exhaustion, pressure), so that a flood of ordinary
 * connections cannot push them out; %TCPSTATE_LANE_LIVES has one packed record
 * for each ended connection; %TCPSTATE_LANE_MAIN has the rest. A reader reads
 * one lane or several merged by time; MAIN and RARE together are all events,
 * and that is what a new reader reads.
 *
 * The rare lane of each CPU is shared among the owners of network namespaces: a
 * namespace of the initial user namespace is one, all those together that one
 * user made are another. Each may have what the others do not ask for. Whatever
 * they do, the initial namespace keeps the newest quarter, that is of its own
 * records as many of the newest as a quarter of the lane has room for; so does
 * each of two others; of up to four others each keeps a twelfth, and has a sixth
 * at least to write in; of up to eight others each has a twelfth to write in. Who
 * comes when there is none left for him writes into the main lane, until somebody
 * has been silent for ten minutes.
 *
 * Live connections
 * ----------------
 * A reader that starts with %TCPSTATE_START_LIVE is first given one record of
 * type %TCPSTATE_EVENT_STATE with %TCPSTATE_F_SNAPSHOT for each connection that
 * is alive, and then the stream, without a gap and without a double: each
 * transition is either in the snapshot of its connection or comes after it as
 * a record of its own, with the next life_seq. The snapshots are in no order.
 * They pass the filter like any record, but count in no statistics; a record
 * of the stream that a snapshot told already counts as filtered. The mono_ns of
 * a snapshot is the moment of looking; a connection older than the module that
 * has not changed since has life_seq 0 and cause none. A connection that the
 * table had no room for has no snapshot; if there was no memory to tell some,
 * a LOST record with %TCPSTATE_F_SNAPSHOT says how many. Without the lane MAIN
 * there are snapshots, but no stream that goes on from them.
 *
 * Storms
 * ------
 * Of like rare events (of one kind, at one listener or else in one namespace)
 * only so many are recorded (module parameters storm_rate, storm_burst). All
 * are counted in /proc/tcpstate/counters, and the next record of the same
 * storm says in stands_for how many it stands for.
 *
 * Order
 * -----
 * Records leave in order of (mono_ns, CPU). The records of one connection,
 * that is of one (cookie, life), always leave in order of life_seq, given a
 * clock that does not stand still between two of its transitions.
 *
 * Segments
 * --------
 * Packets with SYN, FIN or RST are looked at only where somebody asked for it:
 * a reader (%TCPSTATE_FILTER_SEGMENTS), or the module parameter segments for
 * all namespaces. Each is one record when it has passed the rules of netfilter
 * on its way to a socket (%TCPSTATE_F_INCOMING) or out of one; what a rule drops
 * or rejects before that has none. The addresses are those of the connection,
 * or of the packet if it is of none. One packet can stand for several that the
 * device cuts or has put together. Of the fragments of an IPv6 packet the first
 * is recorded as it is. Checksums are not looked at. A packet whose TCP header
 * is not all there has no record, and is counted.
 *
 * Loss
 * ----
 * A reader that is too slow is overtaken. It then gets one record of type
 * %TCPSTATE_EVENT_LOST at the place of the gap, with the exact number of
 * records overwritten; the filter never hides it. At every moment
 *
 *   recorded = delivered + filtered + lost + pending
 *
 * (TCPSTATE_IOC_GET_STATS), in which LOST records made for this reader are in
 * no term. A reader of a namespace other than the initial one learns that it
 * lost records, not how many, because the number tells of other namespaces.
 *
 * Versions
 * --------
 * TCPSTATE_ABI_VERSION changes when an old program could misread the stream or
 * an ioctl: a field moved, a size changed, a meaning changed. A program must
 * refuse to go on if the module's differs from the one it was built with.
 * TCPSTATE_SCHEMA_VERSION grows when something is added that an old program
 * may ignore: an event, a cause, a flag, a field in reserved space. Numbers
 * once given are never given again. Skip what you do not know by
 * &tcpstate_record.size, which is a multiple of 8 and at most 4096. Number,
 * size and first two fields of TCPSTATE_IOC_QUERY never change, whatever else
 * does: it is how a program finds out.
 *
 * ioctls: unknown commands fail with ENOTTY; unknown flags, values out of
 * range and reserved fields that are not zero with EINVAL; nothing is changed
 * by a call that fails. All structures have the same layout for 32-bit
 * programs.
 */
#ifndef _UAPI_LINUX_TCPSTATE_H
#define _UAPI_LINUX_TCPSTATE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/** TCPSTATE_ABI_VERSION - layout and meaning; must be equal on both sides */
#define TCPSTATE_ABI_VERSION	1
/** TCPSTATE_SCHEMA_VERSION - additions that old programs may ignore */
#define TCPSTATE_SCHEMA_VERSION	4

/** TCPSTATE_RECORD_SIZE - bytes of each record but life records */
#define TCPSTATE_RECORD_SIZE	128
/** TCPSTATE_LIFE_SIZE - bytes of a life record */
#define TCPSTATE_LIFE_SIZE	256
/** TCPSTATE_COMM_LEN - bytes of a command name, as the kernel's TASK_COMM_LEN */
#define TCPSTATE_COMM_LEN	16
/** TCPSTATE_FILTER_PORTS - ports in each list of a filter */
#define TCPSTATE_FILTER_PORTS	16
/** TCPSTATE_LIFE_STEPS - transitions in a life record */
#define TCPSTATE_LIFE_STEPS	8

/**
 * enum tcpstate_state - state of a connection (RFC 9293, section 3.3.2)
 *
 * The numbers are the kernel's (include/net/tcp_states.h). There is no
 * NEW_SYN_RECV here: a request sock is SYN_RECV with carrier request.
 *
 * @TCPSTATE_ESTABLISHED: both handshakes done
 * @TCPSTATE_SYN_SENT: connect() sent a SYN
 * @TCPSTATE_SYN_RECV: SYN received, our SYN-ACK not yet acknowledged
 * @TCPSTATE_FIN_WAIT1: we closed first, our FIN not yet acknowledged
 * @TCPSTATE_FIN_WAIT2: we closed first, FIN acknowledged, peer still open
 * @TCPSTATE_TIME_WAIT: both closed, waiting for old segments to die
 * @TCPSTATE_CLOSE: no connection
 * @TCPSTATE_CLOSE_WAIT: peer closed, we have not
 * @TCPSTATE_LAST_ACK: peer closed first, our FIN not yet acknowledged
 * @TCPSTATE_LISTEN: waiting for connections
 * @TCPSTATE_CLOSING: both closed at once, our FIN not yet acknowledged
 * @TCPSTATE_STATE_COUNT: one above the highest number
 */
enum tcpstate_state {
	TCPSTATE_ESTABLISHED	= 1,
	TCPSTATE_SYN_SENT	= 2,
	TCPSTATE_SYN_RECV	= 3,
	TCPSTATE_FIN_WAIT1	= 4,
	TCPSTATE_FIN_WAIT2	= 5,
	TCPSTATE_TIME_WAIT	= 6,
	TCPSTATE_CLOSE		= 7,
	TCPSTATE_CLOSE_WAIT	= 8,
	TCPSTATE_LAST_ACK	= 9,
	TCPSTATE_LISTEN		= 10,
	TCPSTATE_CLOSING	= 11,
	TCPSTATE_STATE_COUNT	= 12,
};

/**
 * enum tcpstate_carrier - the kernel object that holds the connection
 *
 * @TCPSTATE_CARRIER_NONE: the record is not about a connection
 * @TCPSTATE_CARRIER_REQUEST: struct request_sock, the SYN queue
 * @TCPSTATE_CARRIER_SOCK: struct sock, the full socket
 * @TCPSTATE_CARRIER_TIMEWAIT: struct inet_timewait_sock
 * @TCPSTATE_CARRIER_COUNT: one above the highest number
 */
enum tcpstate_carrier {
	TCPSTATE_CARRIER_NONE		= 0,
	TCPSTATE_CARRIER_REQUEST	= 1,
	TCPSTATE_CARRIER_SOCK		= 2,
	TCPSTATE_CARRIER_TIMEWAIT	= 3,
	TCPSTATE_CARRIER_COUNT		= 4,
};

/**
 * enum tcpstate_event - what a record tells
 *
 * @TCPSTATE_EVENT_STATE: a connection changed its state
 * @TCPSTATE_EVENT_LIFE: a connection ended; &struct tcpstate_life_record
 * @TCPSTATE_EVENT_SYN_DROP: a listener refused a SYN
 * @TCPSTATE_EVENT_ACCEPT_DROP: a listener refused the third packet
 * @TCPSTATE_EVENT_COOKIE: a SYN cookie was sent, validated or failed
 * @TCPSTATE_EVENT_SYN_RETRANSMIT: connect() sent its SYN again
 * @TCPSTATE_EVENT_SYNACK_RETRANSMIT: a SYN-ACK was sent again
 * @TCPSTATE_EVENT_TW_OVERFLOW: closed without TIME_WAIT, limit or memory
 * @TCPSTATE_EVENT_PORTS_EXHAUSTED: connect() or bind() found no port
 * @TCPSTATE_EVENT_RESET: an RST was sent or received
 * @TCPSTATE_EVENT_MEMORY_PRESSURE: TCP memory pressure entered or left
 * @TCPSTATE_EVENT_SEGMENT: a packet with SYN, FIN or RST
 * @TCPSTATE_EVENT_LOST: records were overwritten before they were read, or
 *	(flag %TCPSTATE_F_DISABLED) nothing was recorded for a while; the latter
 *	stands in each lane, and a reader gets it once
 * @TCPSTATE_EVENT_COUNT: one above the highest number
 */
enum tcpstate_event {
	TCPSTATE_EVENT_STATE			= 1,
	TCPSTATE_EVENT_LIFE			= 2,
	TCPSTATE_EVENT_SYN_DROP			= 3,
	TCPSTATE_EVENT_ACCEPT_DROP		= 4,
	TCPSTATE_EVENT_COOKIE			= 5,
	TCPSTATE_EVENT_SYN_RETRANSMIT		= 6,
	TCPSTATE_EVENT_SYNACK_RETRANSMIT	= 7,
	TCPSTATE_EVENT_TW_OVERFLOW		= 8,
	TCPSTATE_EVENT_PORTS_EXHAUSTED		= 9,
	TCPSTATE_EVENT_RESET			= 10,
	TCPSTATE_EVENT_MEMORY_PRESSURE		= 11,
	TCPSTATE_EVENT_SEGMENT			= 12,
	TCPSTATE_EVENT_LOST			= 13,
	TCPSTATE_EVENT_COUNT			= 14,
};

/**
 * enum tcpstate_cause - why it happened
 *
 * One enum for all kinds of records; the name in brackets is what programs
 * print. A cause is what the kernel acted upon, never a guess:
 * %TCPSTATE_CAUSE_UNKNOWN says that nothing the kernel left behind tells.
 *
 * @TCPSTATE_CAUSE_NONE: [none] the kind of record has no cause
 * @TCPSTATE_CAUSE_UNKNOWN: [unknown] not known
 * @TCPSTATE_CAUSE_SYN: [syn] a SYN arrived
 * @TCPSTATE_CAUSE_SYN_ACK: [syn-ack] a SYN-ACK arrived
 * @TCPSTATE_CAUSE_ACK: [ack] the ACK waited for arrived; of an RST: an ACK that
 *	belongs to no connection, or acknowledges what was never sent
 * @TCPSTATE_CAUSE_FIN: [fin] a FIN arrived
 * @TCPSTATE_CAUSE_FIN_ACK: [fin+ack] FIN and the ACK of ours arrived together
 * @TCPSTATE_CAUSE_RST: [rst] an RST arrived
 * @TCPSTATE_CAUSE_COOKIE: [cookie] a valid SYN cookie arrived
 * @TCPSTATE_CAUSE_ICMP: [icmp] an ICMP error arrived
 * @TCPSTATE_CAUSE_CONNECT: [connect] connect()
 * @TCPSTATE_CAUSE_LISTEN: [listen] listen()
 * @TCPSTATE_CAUSE_CLOSE: [close] close(), or the last descriptor went
 * @TCPSTATE_CAUSE_SHUTDOWN: [shutdown] shutdown()
 * @TCPSTATE_CAUSE_DISCONNECT: [disconnect] connect() with AF_UNSPEC, or
 *	shutdown() of a listener or of a connect() under way
 * @TCPSTATE_CAUSE_REPAIR: [repair] TCP_REPAIR
 * @TCPSTATE_CAUSE_ABORT: [abort] ss -K (SOCK_DESTROY)
 * @TCPSTATE_CAUSE_TIMEOUT: [timeout] retransmissions or SYN retries used up
 * @TCPSTATE_CAUSE_KEEPALIVE: [keepalive] keepalive probes unanswered
 * @TCPSTATE_CAUSE_USER_TIMEOUT: [user-timeout] TCP_USER_TIMEOUT
 * @TCPSTATE_CAUSE_FIN_TIMEOUT: [fin-timeout] orphan in FIN_WAIT2 too long
 * @TCPSTATE_CAUSE_SYNACK_TIMEOUT: [synack-timeout] SYN-ACK retries used up
 * @TCPSTATE_CAUSE_LINGER0: [linger0] close() with SO_LINGER 0: RST, no FIN
 * @TCPSTATE_CAUSE_LINGER2: [linger2] TCP_LINGER2 below 0
 * @TCPSTATE_CAUSE_UNREAD_DATA: [unread-data] close() with data not read: RST
 * @TCPSTATE_CAUSE_DATA_AFTER_CLOSE: [data-after-close] data came after close
 * @TCPSTATE_CAUSE_ORPHAN_LIMIT: [orphan-limit] tcp_max_orphans
 * @TCPSTATE_CAUSE_NO_MEMORY: [no-memory] allocation failed, or tcp_mem
 * @TCPSTATE_CAUSE_NO_ROUTE: [no-route] no route to the peer
 * @TCPSTATE_CAUSE_PORTS_EXHAUSTED: [ports-exhausted] EADDRNOTAVAIL
 * @TCPSTATE_CAUSE_PORT_FAILURE: [port-failure] listen() could not get the port
 * @TCPSTATE_CAUSE_ACCEPT_OVERFLOW: [accept-overflow] accept queue full
 * @TCPSTATE_CAUSE_LISTENER_CLOSED: [listener-closed] the listener went away
 *	before accept()
 * @TCPSTATE_CAUSE_DUPLICATE: [duplicate] lost the race to another packet
 * @TCPSTATE_CAUSE_MIGRATE_FAILED: [migrate-failed] no listener to move to
 * @TCPSTATE_CAUSE_MPTCP_DROP: [mptcp-drop] refused by MPTCP
 * @TCPSTATE_CAUSE_NETNS_EXIT: [netns-exit] the network namespace went away
 * @TCPSTATE_CAUSE_EXPIRED: [expired] TIME_WAIT ran its time
 * @TCPSTATE_CAUSE_REUSED: [reused] connect() took the port over (tcp_tw_reuse)
 * @TCPSTATE_CAUSE_RECYCLED: [recycled] a new SYN took the tuple over
 * @TCPSTATE_CAUSE_TW_OVERFLOW: [tw-overflow] tcp_max_tw_buckets
 * @TCPSTATE_CAUSE_SYN_QUEUE_FULL: [syn-queue-full] SYN refused
 * @TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL: [accept-queue-full] SYN or ACK refused
 * @TCPSTATE_CAUSE_LAST_QUARTER: [last-quarter] SYN refused: without cookies
 *	the last quarter of tcp_max_syn_backlog is for proven peers
 * @TCPSTATE_CAUSE_FILTERED: [filtered] refused by a security module or filter
 * @TCPSTATE_CAUSE_OTHER: [other] refused for a reason not listed
 * @TCPSTATE_CAUSE_COOKIE_SENT: [cookie-sent] SYN-ACK with a cookie sent
 * @TCPSTATE_CAUSE_COOKIE_VALID: [cookie-valid] cookie came back, valid
 * @TCPSTATE_CAUSE_COOKIE_FAILED: [cookie-failed] cookie came back, not valid
 * @TCPSTATE_CAUSE_TIMER: [timer] sent again because of a timer
 * @TCPSTATE_CAUSE_DUPLICATE_SYN: [duplicate-syn] sent again for a second SYN
 * @TCPSTATE_CAUSE_RANGE_USED: [range-used] ip_local_port_range used up
 * @TCPSTATE_CAUSE_TUPLE_TAKEN: [tuple-taken] this four-tuple is in use
 * @TCPSTATE_CAUSE_BIND: [bind] bind() to port 0, or listen() without bind(),
 *	found none
 * @TCPSTATE_CAUSE_PRESSURE_ON: [pressure-on] above the tcp_mem pressure mark
 * @TCPSTATE_CAUSE_PRESSURE_OFF: [pressure-off] below the tcp_mem low mark
 * @TCPSTATE_CAUSE_NO_SOCKET: [no-socket] RST for a packet without a socket
 * @TCPSTATE_CAUSE_AUTH: [auth] not signed as the listener wants it (TCP-MD5,
 *	TCP-AO); told since Linux 6.11
 * @TCPSTATE_CAUSE_COUNT: one above the highest number
 */
enum tcpstate_cause {
	TCPSTATE_CAUSE_NONE			= 0,
	TCPSTATE_CAUSE_UNKNOWN			= 1,
	TCPSTATE_CAUSE_SYN			= 2,
	TCPSTATE_CAUSE_SYN_ACK			= 3,
	TCPSTATE_CAUSE_ACK			= 4,
	TCPSTATE_CAUSE_FIN			= 5,
	TCPSTATE_CAUSE_FIN_ACK			= 6,
	TCPSTATE_CAUSE_RST			= 7,
	TCPSTATE_CAUSE_COOKIE			= 8,
	TCPSTATE_CAUSE_ICMP			= 9,
	TCPSTATE_CAUSE_CONNECT			= 10,
	TCPSTATE_CAUSE_LISTEN			= 11,
	TCPSTATE_CAUSE_CLOSE			= 12,
	TCPSTATE_CAUSE_SHUTDOWN			= 13,
	TCPSTATE_CAUSE_DISCONNECT		= 14,
	TCPSTATE_CAUSE_REPAIR			= 15,
	TCPSTATE_CAUSE_ABORT			= 16,
	TCPSTATE_CAUSE_TIMEOUT			= 17,
	TCPSTATE_CAUSE_KEEPALIVE		= 18,
	TCPSTATE_CAUSE_USER_TIMEOUT		= 19,
	TCPSTATE_CAUSE_FIN_TIMEOUT		= 20,
	TCPSTATE_CAUSE_SYNACK_TIMEOUT		= 21,
	TCPSTATE_CAUSE_LINGER0			= 22,
	TCPSTATE_CAUSE_LINGER2			= 23,
	TCPSTATE_CAUSE_UNREAD_DATA		= 24,
	TCPSTATE_CAUSE_DATA_AFTER_CLOSE		= 25,
	TCPSTATE_CAUSE_ORPHAN_LIMIT		= 26,
	TCPSTATE_CAUSE_NO_MEMORY		= 27,
	TCPSTATE_CAUSE_NO_ROUTE			= 28,
	TCPSTATE_CAUSE_PORTS_EXHAUSTED		= 29,
	TCPSTATE_CAUSE_PORT_FAILURE		= 30,
	TCPSTATE_CAUSE_ACCEPT_OVERFLOW		= 31,
	TCPSTATE_CAUSE_LISTENER_CLOSED		= 32,
	TCPSTATE_CAUSE_DUPLICATE		= 33,
	TCPSTATE_CAUSE_MIGRATE_FAILED		= 34,
	TCPSTATE_CAUSE_MPTCP_DROP		= 35,
	TCPSTATE_CAUSE_NETNS_EXIT		= 36,
	TCPSTATE_CAUSE_EXPIRED			= 37,
	TCPSTATE_CAUSE_REUSED			= 38,
	TCPSTATE_CAUSE_RECYCLED			= 39,
	TCPSTATE_CAUSE_TW_OVERFLOW		= 40,
	TCPSTATE_CAUSE_SYN_QUEUE_FULL		= 41,
	TCPSTATE_CAUSE_ACCEPT_QUEUE_FULL	= 42,
	TCPSTATE_CAUSE_LAST_QUARTER		= 43,
	TCPSTATE_CAUSE_FILTERED			= 44,
	TCPSTATE_CAUSE_OTHER			= 45,
	TCPSTATE_CAUSE_COOKIE_SENT		= 46,
	TCPSTATE_CAUSE_COOKIE_VALID		= 47,
	TCPSTATE_CAUSE_COOKIE_FAILED		= 48,
	TCPSTATE_CAUSE_TIMER			= 49,
	TCPSTATE_CAUSE_DUPLICATE_SYN		= 50,
	TCPSTATE_CAUSE_RANGE_USED		= 51,
	TCPSTATE_CAUSE_TUPLE_TAKEN		= 52,
	TCPSTATE_CAUSE_BIND			= 53,
	TCPSTATE_CAUSE_PRESSURE_ON		= 54,
	TCPSTATE_CAUSE_PRESSURE_OFF		= 55,
	TCPSTATE_CAUSE_NO_SOCKET		= 56,
	TCPSTATE_CAUSE_AUTH			= 57,
	TCPSTATE_CAUSE_COUNT			= 58,
};

/*
 * Flags of a record (tcpstate_record.flags).
 *
 * OWNER		tgid and comm are there. Without it both are 0: the socket is
 *			older than the module, or made by the kernel
 * OWNER_LISTENER	the owner is the listener's: nobody called accept() yet
 * ACTOR		state.actor is there: a system call made the transition
 * TRACKED		life, life_seq are there; without it both are 0 and the
 *			table of live connections was full
 * DWELL		state.dwell_ns is there: the time of entry was seen
 * PREEXISTING		the connection is older than the module, or changed while
 *			recording was switched off
 * PARTIAL		the tuple is not complete: no port was had yet
 * MAPPED		an IPv6 socket with IPv4-mapped addresses, shown as IPv4
 * MPTCP		an MPTCP subflow; of what has no socket yet: asked to be one
 * FASTOPEN		TCP Fast Open
 * INCOMING		a packet came in; without it, it went out
 * SNAPSHOT		not an event: a connection that is alive (old_state and
 *			new_state are equal, cause is that of its last
 *			transition, life_seq the number of it, dwell_ns its age
 *			in the state)
 * SCOPED		the number of lost records is withheld and shown as 0
 * DISABLED		recording was switched off for a while before this record
 */
#define TCPSTATE_F_OWNER		0x0001
#define TCPSTATE_F_OWNER_LISTENER	0x0002
#define TCPSTATE_F_ACTOR		0x0004
#define TCPSTATE_F_TRACKED		0x0008
#define TCPSTATE_F_DWELL		0x0010
#define TCPSTATE_F_PREEXISTING		0x0020
#define TCPSTATE_F_PARTIAL		0x0040
#define TCPSTATE_F_MAPPED		0x0080
#define TCPSTATE_F_MPTCP		0x0100
#define TCPSTATE_F_FASTOPEN		0x0200
#define TCPSTATE_F_INCOMING		0x0400
#define TCPSTATE_F_SNAPSHOT		0x0800
#define TCPSTATE_F_SCOPED		0x1000
#define TCPSTATE_F_DISABLED		0x2000

/*
 * Lanes of the recorder, as bits (tcpstate_start.lanes). A record stands in
 * one of them.
 */
#define TCPSTATE_LANE_MAIN	0x1
#define TCPSTATE_LANE_RARE	0x2
#define TCPSTATE_LANE_LIVES	0x4
#define TCPSTATE_LANES_ALL	0x7
#define TCPSTATE_LANE_COUNT	3

/**
 * struct tcpstate_state_data - %TCPSTATE_EVENT_STATE
 *
 * @dwell_ns: nanoseconds spent in old_state, if %TCPSTATE_F_DWELL
 * @cgroup: id of the cgroup (v2) of the socket, as cgroup_id(); 0 if none
 * @actor: process (tgid) whose system call made the transition, if
 *	%TCPSTATE_F_ACTOR; 0 when a segment or a timer did
 * @life_seq: number of the transition in its connection, from 1, if
 *	%TCPSTATE_F_TRACKED; stays at 65535 beyond that
 * @reserved: 0
 */
struct tcpstate_state_data {
	__u64 dwell_ns;
	__u64 cgroup;
	__u32 actor;
	__u16 life_seq;
	__u16 reserved;
};

/**
 * struct tcpstate_refusal_data - %TCPSTATE_EVENT_SYN_DROP, _ACCEPT_DROP, _COOKIE
 *
 * The queues of the listener at that moment.
 *
 * @synq: requests in the SYN queue (reqsk_queue_len())
 * @synq_max: its limit: sk_max_ack_backlog, as the kernel compares. All are
 *	those of the moment in which the packet came
 * @acceptq: connections waiting for accept() (sk_ack_backlog)
 * @acceptq_max: its limit (sk_max_ack_backlog)
 * @stands_for: how many like it were counted but not recorded since the last
 *	recorded one of this kind and listener, plus 1 for this one
 * @backlog: net.ipv4.tcp_max_syn_backlog
 */
struct tcpstate_refusal_data {
	__u32 synq;
	__u32 synq_max;
	__u32 acceptq;
	__u32 acceptq_max;
	__u32 stands_for;
	__u32 backlog;
};

/**
 * struct tcpstate_retransmit_data - _SYN_RETRANSMIT, _SYNACK_RETRANSMIT
 *
 * @attempt: 1 for the first retransmission
 * @stands_for: as in &struct tcpstate_refusal_data
 * @reserved: 0
 */
struct tcpstate_retransmit_data {
	__u32 attempt;
	__u32 stands_for;
	__u32 reserved[4];
};

/**
 * struct tcpstate_tw_data - %TCPSTATE_EVENT_TW_OVERFLOW
 *
 * @count: timewait sockets of the namespace
 * @max: net.ipv4.tcp_max_tw_buckets
 * @stands_for: as in &struct tcpstate_refusal_data
 * @reserved: 0
 */
struct tcpstate_tw_data {
	__u32 count;
	__u32 max;
	__u32 stands_for;
	__u32 reserved[3];
};

/**
 * struct tcpstate_ports_data - %TCPSTATE_EVENT_PORTS_EXHAUSTED
 *
 * That bind() failed comes from a return probe, which the kernel may miss: the
 * number of those is a lower bound, and /proc/tcpstate/hooks says how many
 * were missed.
 *
 * @low: first port of net.ipv4.ip_local_port_range, host byte order
 * @high: last port of it
 * @error: errno that the program got, positive
 * @stands_for: as in &struct tcpstate_refusal_data
 * @reserved: 0
 */
struct tcpstate_ports_data {
	__u32 low;
	__u32 high;
	__u32 error;
	__u32 stands_for;
	__u32 reserved[2];
};

/**
 * struct tcpstate_reset_data - %TCPSTATE_EVENT_RESET
 *
 * With %TCPSTATE_F_INCOMING one was received that ended a connection, with
 * cause %TCPSTATE_CAUSE_RST; those that the kernel ignores are not told. Without
 * it the kernel decided to send one; that it then lacked memory or a route,
 * or a key to sign it with (TCP-MD5, TCP-AO), is not seen. The cause is what
 * made it: %TCPSTATE_CAUSE_NO_SOCKET for a packet that belongs to nobody.
 *
 * @reason: the kernel's enum sk_rst_reason plus 1; 0 if the kernel has none, or
 *	for one received
 * @stands_for: as in &struct tcpstate_refusal_data
 * @seq: sequence number of the RST, host byte order. 0, as is @ack, if it was
 *	received and is not known: by a request or timewait sock, or on 5.10
 * @ack: acknowledgment number of the RST, host byte order; 0 without one
 * @reserved: 0
 */
struct tcpstate_reset_data {
	__u32 reason;
	__u32 stands_for;
	__u32 seq;
	__u32 ack;
	__u32 reserved[2];
};

/**
 * struct tcpstate_memory_data - %TCPSTATE_EVENT_MEMORY_PRESSURE
 *
 * @pages: pages that TCP uses (tcp_memory_allocated)
 * @mark: the mark of net.ipv4.tcp_mem that was crossed, pages
 * @stands_for: as in &struct tcpstate_refusal_data
 * @reserved: 0
 */
struct tcpstate_memory_data {
	__u64 pages;
	__u64 mark;
	__u32 stands_for;
	__u32 reserved;
};

/*
 * Options found in a segment (tcpstate_segment_data.opts): the fields mss,
 * wscale, tsval and tsecr are there.
 */
#define TCPSTATE_SEG_MSS	0x01
#define TCPSTATE_SEG_WSCALE	0x02
#define TCPSTATE_SEG_SACK_PERM	0x04
#define TCPSTATE_SEG_TIMESTAMP	0x08
/*
 * No option: the ninth TCP flag, AE (Accurate ECN, RFC 9768), which has no room
 * in &tcpstate_record.cause. New in schema 4.
 */
#define TCPSTATE_SEG_AE		0x80

/**
 * struct tcpstate_segment_data - %TCPSTATE_EVENT_SEGMENT
 *
 * All numbers in host byte order, as the header has them (RFC 9293, section
 * 3.1); the TCP flags (FIN 0x01, SYN 0x02, RST 0x04 ...) stand in
 * &tcpstate_record.cause, but for AE, which is %TCPSTATE_SEG_AE in @opts.
 *
 * @seq: sequence number
 * @ack: acknowledgment number, also without the flag ACK
 * @window: window, not scaled
 * @len: bytes of payload, 65535 for more
 * @mss: maximum segment size option
 * @wscale: window scale option
 * @opts: TCPSTATE_SEG_* bits
 * @tsval: timestamp value
 * @tsecr: timestamp echo reply
 */
struct tcpstate_segment_data {
	__u32 seq;
	__u32 ack;
	__u16 window;
	__u16 len;
	__u16 mss;
	__u8 wscale;
	__u8 opts;
	__u32 tsval;
	__u32 tsecr;
};

/**
 * struct tcpstate_lost_data - %TCPSTATE_EVENT_LOST
 *
 * @count: records overwritten before this reader came to them; 0 with
 *	%TCPSTATE_F_SCOPED (at least one) and with %TCPSTATE_F_DISABLED (nobody
 *	counted)
 * @off_ns: with %TCPSTATE_F_DISABLED how long recording was off, nanoseconds
 * @cpu: CPU whose ring it was; 0 with %TCPSTATE_F_SCOPED
 * @lane: TCPSTATE_LANE_* bit of that ring
 */
struct tcpstate_lost_data {
	__u64 count;
	__u64 off_ns;
	__u32 cpu;
	__u32 lane;
};

/**
 * struct tcpstate_life_data - head of %TCPSTATE_EVENT_LIFE
 *
 * @total_ns: from the first transition to the last, or as far back as we know;
 *	the sum of &tcpstate_life_record.dwell_ns
 * @cgroup: as in &struct tcpstate_state_data
 * @srtt_us: smoothed round-trip time at the end of the full socket
 *	(tcp_sock.srtt_us >> 3), microseconds; 0 if never measured
 * @steps: valid elements of &tcpstate_life_record.step
 * @first_closer: 1 we sent the first FIN or RST, 2 the peer did, 0 nobody
 * @transitions: transitions of this life; more than there are steps (without
 *	the one that is no transition) if some were left out; stays at 65535
 *	beyond that
 */
struct tcpstate_life_data {
	__u64 total_ns;
	__u64 cgroup;
	__u32 srtt_us;
	__u8 steps;
	__u8 first_closer;
	__u16 transitions;
};

/**
 * struct tcpstate_record - one event
 *
 * Natural alignment, no padding that is not named, no kernel pointers; what a
 * kind of record does not use is 0.
 *
 * @size: bytes of this record: the next one starts so much further on
 * @type: enum tcpstate_event
 * @family: AF_INET or AF_INET6; IPv4-mapped addresses are shown as AF_INET;
 *	0 if the record has no tuple
 * @old_state: enum tcpstate_state before
 * @new_state: enum tcpstate_state after; for events that are no transition
 *	both are the state at that moment, 0 without a socket; for
 *	%TCPSTATE_EVENT_ACCEPT_DROP CLOSE if the request is dropped with an RST
 *	(tcp_abort_on_overflow) or there is none (SYN cookie), else it waits on
 * @cause: enum tcpstate_cause; for %TCPSTATE_EVENT_SEGMENT the TCP flags
 * @carrier: enum tcpstate_carrier after the event
 * @seq: number of this record among those given to this reader, from 1, LOST
 *	records included; wraps at 2^32
 * @ifindex: interface the socket is bound to (SO_BINDTODEVICE), or the packet
 *	came through; 0 if none
 * @mono_ns: time of the event, CLOCK_MONOTONIC, nanoseconds; for
 *	%TCPSTATE_EVENT_LOST that of the first record after the gap
 * @cookie: the kernel's socket cookie (sock_gen_cookie()), as ss -e shows it;
 *	unique since boot, the same in request, sock and timewait. Of the
 *	listener for %TCPSTATE_EVENT_SYN_DROP, _ACCEPT_DROP and _COOKIE, and for
 *	an RST that it sent (state LISTEN), as are owner and @uid; 0 without a
 *	socket
 * @netns_inum: inode number of the network namespace, as in /proc/PID/ns/net;
 *	numbers of namespaces that went away are used again by the kernel
 * @netns_gen: number of the network namespace, never used again
 * @laddr: local address, network byte order; IPv4 in the first 4 bytes
 * @raddr: remote address, likewise
 * @lport: local port, host byte order
 * @rport: remote port, host byte order
 * @flags: TCPSTATE_F_* bits
 * @life: number of this life of the socket, from 1, if %TCPSTATE_F_TRACKED. A
 *	connection that changed while recording was switched off goes on as a
 *	life with a higher number, not always the next one
 * @tgid: process that owns the connection, if %TCPSTATE_F_OWNER
 * @uid: user that owns the socket (sk_uid), if @cookie is not 0
 * @comm: its command name, if %TCPSTATE_F_OWNER; always ends with a 0 byte
 * @state: for %TCPSTATE_EVENT_STATE
 * @refusal: for %TCPSTATE_EVENT_SYN_DROP, _ACCEPT_DROP and _COOKIE
 * @retransmit: for %TCPSTATE_EVENT_SYN_RETRANSMIT and _SYNACK_RETRANSMIT
 * @tw: for %TCPSTATE_EVENT_TW_OVERFLOW
 * @ports: for %TCPSTATE_EVENT_PORTS_EXHAUSTED
 * @reset: for %TCPSTATE_EVENT_RESET
 * @memory: for %TCPSTATE_EVENT_MEMORY_PRESSURE
 * @segment: for %TCPSTATE_EVENT_SEGMENT
 * @lost: for %TCPSTATE_EVENT_LOST
 * @life_end: for %TCPSTATE_EVENT_LIFE
 * @raw: all of the union
 */
struct tcpstate_record {
	__u16 size;
	__u8 type;
	__u8 family;
	__u8 old_state;
	__u8 new_state;
	__u8 cause;
	__u8 carrier;
	__u32 seq;
	__u32 ifindex;
	__u64 mono_ns;
	__u64 cookie;
	__u32 netns_inum;
	__u32 netns_gen;
	__u8 laddr[16];
	__u8 raddr[16];
	__u16 lport;
	__u16 rport;
	__u16 flags;
	__u16 life;
	__u32 tgid;
	__u32 uid;
	char comm[TCPSTATE_COMM_LEN];
	union {
		struct tcpstate_state_data state;
		struct tcpstate_refusal_data refusal;
		struct tcpstate_retransmit_data retransmit;
		struct tcpstate_tw_data tw;
		struct tcpstate_ports_data ports;
		struct tcpstate_reset_data reset;
		struct tcpstate_memory_data memory;
		struct tcpstate_segment_data segment;
		struct tcpstate_lost_data lost;
		struct tcpstate_life_data life_end;
		__u64 raw[3];
	};
};

/**
 * struct tcpstate_life_step - one transition of an ended connection
 *
 * @state: enum tcpstate_state that was entered
 * @cause: enum tcpstate_cause of it
 * @carrier: enum tcpstate_carrier after it; timewait of FIN_WAIT2 if a timewait
 *	sock took over while the connection was in it
 * @reserved: 0
 */
struct tcpstate_life_step {
	__u8 state;
	__u8 cause;
	__u8 carrier;
	__u8 reserved;
};

/**
 * struct tcpstate_life_record - a whole connection (%TCPSTATE_EVENT_LIFE)
 *
 * @head: the common part; size is TCPSTATE_LIFE_SIZE; time, states, cause and
 *	carrier are those of the last transition
 * @bytes_in: bytes of payload that came in, each once and only in order, read
 *	by the program or not: 0 if nothing got through. SYN and FIN, which take
 *	a sequence number each, are not counted, data in a SYN is
 *	(tcp_sock.bytes_received, less the FIN)
 * @bytes_out: bytes of payload that the peer acknowledged, likewise: what was
 *	only sent is not in it (tcp_sock.bytes_acked, less SYN and FIN)
 * @segs_in: segments that came to the full socket, whatever they carried: SYN,
 *	ACK alone, FIN, RST, repeated ones. What its request or timewait sock got
 *	is not in it, but the segment that made a child of a request is. Those
 *	that were put together on their way count one by one, as far as that is
 *	known (tcp_sock.segs_in)
 * @segs_out: segments that the full socket sent until it came to CLOSE or went
 *	over to a timewait sock, likewise, retransmissions included; not the
 *	SYN-ACK of a request, nor an RST with which it ended
 *	(tcp_sock.segs_out)
 * @retrans: of those, retransmissions; and SYN-ACKs of its request that were
 *	sent again (tcp_sock.total_retrans)
 * @reserved: 0
 * @dwell_ns: time spent in each state of @step, nanoseconds, exact to one part
 *	in 2^25; 0 for the last, and for the first of a connection older than
 *	the module
 * @step: the transitions in order. For a connection older than the module the
 *	first is the state in which it was found, with cause none, and is no
 *	transition. If there were more than seven, the first five and the last
 *	two, and the time of those left out counts for the fifth
 */
struct tcpstate_life_record {
	struct tcpstate_record head;
	__u64 bytes_in;
	__u64 bytes_out;
	__u32 segs_in;
	__u32 segs_out;
	__u32 retrans;
	__u32 reserved;
	__u64 dwell_ns[TCPSTATE_LIFE_STEPS];
	struct tcpstate_life_step step[TCPSTATE_LIFE_STEPS];
};

/**
 * struct tcpstate_query - what the module is and allows
 *
 * @abi: TCPSTATE_ABI_VERSION of the module
 * @schema: TCPSTATE_SCHEMA_VERSION of the module
 * @record_size: TCPSTATE_RECORD_SIZE of the module
 * @life_size: TCPSTATE_LIFE_SIZE of the module
 * @max_readers: readers that may be open at once
 * @max_ports: TCPSTATE_FILTER_PORTS of the module
 * @lanes: TCPSTATE_LANE_* bits that exist
 * @flags: TCPSTATE_FILTER_* flags that this reader may set
 * @events: bit n set: &enum tcpstate_event n exists
 * @lane_bytes: memory of each lane in bytes, over all CPUs, in order of the
 *	bits; all 0 for a reader of another than the initial namespace
 * @netns_gen: the namespace this reader belongs to
 * @reserved: 0
 */
struct tcpstate_query {
	__u32 abi;
	__u32 schema;
	__u32 record_size;
	__u32 life_size;
	__u32 max_readers;
	__u32 max_ports;
	__u32 lanes;
	__u32 flags;
	__u64 events;
	__u64 lane_bytes[TCPSTATE_LANE_COUNT];
	__u32 netns_gen;
	__u32 reserved[7];
};

/* All network namespaces; only for a file opened in the initial one. */
#define TCPSTATE_FILTER_ALL_NETNS	0x1
/*
 * Have segments seen and recorded while this filter is set: in the namespace
 * of the reader, with ALL_NETNS in all of them, those to come included. Other
 * readers that let %TCPSTATE_EVENT_SEGMENT through get them too. New in schema
 * 3.
 */
#define TCPSTATE_FILTER_SEGMENTS	0x2

/**
 * struct tcpstate_filter - which records a reader wants
 *
 * A record must satisfy every member. It counts for records that have not
 * been read yet. LOST records pass every filter.
 *
 * @events: bit n set: &enum tcpstate_event n wanted; 0 means all. Bits of
 *	kinds that do not exist are refused
 * @flags: TCPSTATE_FILTER_* bits
 * @old_states: bit n set: transitions out of state n wanted; 0 means all
 * @new_states: bit n set: transitions into state n wanted; 0 means all. Both
 *	look at %TCPSTATE_EVENT_STATE only; bits 0 and 12 to 15 are refused
 * @family: AF_INET, AF_INET6, or 0 for both
 * @nr_lports: valid elements of @lports; 0 means any local port
 * @nr_rports: valid elements of @rports; 0 means any remote port
 * @reserved: 0
 * @lports: local ports wanted, host byte order; unused elements 0
 * @rports: remote ports wanted, likewise
 */
struct tcpstate_filter {
	__u64 events;
	__u32 flags;
	__u16 old_states;
	__u16 new_states;
	__u8 family;
	__u8 nr_lports;
	__u8 nr_rports;
	__u8 reserved[5];
	__u16 lports[TCPSTATE_FILTER_PORTS];
	__u16 rports[TCPSTATE_FILTER_PORTS];
};

/**
 * enum tcpstate_start_mode - where a reader starts
 *
 * @TCPSTATE_START_NOW: with the next record written
 * @TCPSTATE_START_OLDEST: with the oldest record still there
 * @TCPSTATE_START_SINCE: with the first record at or after mono_ns
 * @TCPSTATE_START_LIVE: with the connections that are alive, then all that is
 *	written; see "Live connections" above
 */
enum tcpstate_start_mode {
	TCPSTATE_START_NOW	= 0,
	TCPSTATE_START_OLDEST	= 1,
	TCPSTATE_START_SINCE	= 2,
	TCPSTATE_START_LIVE	= 3,
};

/**
 * struct tcpstate_start - start point of a reader
 *
 * Sets cursor and lanes, and all statistics of the reader to 0.
 *
 * @mode: enum tcpstate_start_mode
 * @lanes: TCPSTATE_LANE_* bits, at least one
 * @mono_ns: for %TCPSTATE_START_SINCE the time asked for, CLOCK_MONOTONIC;
 *	otherwise 0. On return the time from which on nothing is missing in
 *	the lanes asked for: it is later than the time asked for if the
 *	recorder does not reach back so far, and never before the module was
 *	loaded. Without the right to all namespaces it is returned as asked
 * @reserved: 0
 */
struct tcpstate_start {
	__u32 mode;
	__u32 lanes;
	__u64 mono_ns;
	__u64 reserved;
};

/**
 * struct tcpstate_stats - what became of the records, for this reader
 *
 * Since its start point, over its lanes. A reader without the right to all
 * namespaces gets @recorded and @pending as 0, @lost as 0 or 1, and @filtered
 * without the records of other namespaces.
 *
 * @recorded: records written
 * @delivered: records that read() returned, without LOST records
 * @filtered: records that the filter took out
 * @lost: records overwritten before this reader came to them
 * @pending: records not read yet
 * @lost_runs: LOST records returned
 * @flags: %TCPSTATE_F_SCOPED if the above restriction applies
 * @reserved: 0
 */
struct tcpstate_stats {
	__u64 recorded;
	__u64 delivered;
	__u64 filtered;
	__u64 lost;
	__u64 pending;
	__u64 lost_runs;
	__u32 flags;
	__u32 reserved[3];
};

#define TCPSTATE_IOC_MAGIC	0xD7

/**
 * TCPSTATE_IOC_QUERY - versions and limits
 *
 * Returns 0; EFAULT.
 */
#define TCPSTATE_IOC_QUERY	_IOR(TCPSTATE_IOC_MAGIC, 0x00, struct tcpstate_query)

/**
 * TCPSTATE_IOC_SET_FILTER - replace the reader's filter
 *
 * Returns 0; EINVAL for an unknown flag, event, state or family, too many
 * ports, or a reserved or unused element that is not 0; EPERM for
 * %TCPSTATE_FILTER_ALL_NETNS without the right; ENOMEM, or EOPNOTSUPP for want
 * of netfilter, for %TCPSTATE_FILTER_SEGMENTS; EFAULT; EINTR.
 */
#define TCPSTATE_IOC_SET_FILTER	_IOW(TCPSTATE_IOC_MAGIC, 0x01, struct tcpstate_filter)

/**
 * TCPSTATE_IOC_SET_START - set start point and lanes
 *
 * Returns 0; EINVAL for an unknown mode or lane, no lane, mono_ns not 0 where
 * it has no meaning, or reserved not 0; ENOMEM; EFAULT.
 */
#define TCPSTATE_IOC_SET_START	_IOWR(TCPSTATE_IOC_MAGIC, 0x02, struct tcpstate_start)

/**
 * TCPSTATE_IOC_GET_STATS - the reader's statistics
 *
 * Returns 0; EFAULT.
 */
#define TCPSTATE_IOC_GET_STATS	_IOR(TCPSTATE_IOC_MAGIC, 0x03, struct tcpstate_stats)

#endif /* _UAPI_LINUX_TCPSTATE_H */

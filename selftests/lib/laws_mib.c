// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the kernel agrees: what its MIBs, its sockstat and its trace event
 * counted, in terms of what we counted.
 *
 * Owns the equations; must not know how a sum is made (laws_expr.h says how it
 * is written). Before each stands where the kernel counts. Line by line that
 * was read in 5.10, 6.1, 6.12 and 7.3; where kernels differ, an equation says
 * for which it holds.
 */
#include "laws_mib.h"

#include <stddef.h>

#include "laws.h"

#define ANY_KERNEL 0, 99999
#define UNTIL(kernel) 0, kernel
#define SINCE(kernel) kernel, 99999

#define AT_LEAST LAWS_AT_LEAST

/*
 * Children that died before they were a connection's carrier: they lost the
 * race for their request (inet_ehash_nolisten), or could not be completed
 * (put_and_exit of tcp_v4_syn_recv_sock); only the latter pass tcp_done().
 */
#define DEAD_CHILDREN ".stray"

/* clang-format off: this is a table */
const struct laws_equation laws_equations[] = {
	/*
	 * tcp_connect(), at its end. Without a count: connect() that failed before,
	 * which tcp_v4_connect(), tcp_v6_connect() and tcp_sendmsg_fastopen() take
	 * back by tcp_set_state(), and TCP_REPAIR, which leaves tcp_connect() early.
	 * A connect() that TCP_FASTOPEN_CONNECT puts off until the first write is not
	 * counted here before that.
	 */
	{ "ActiveOpens", "Tcp:ActiveOpens",
	  "CLOSE>SYN_SENT - SYN_SENT>ESTABLISHED/repair "
	  "- SYN_SENT>CLOSE/ports-exhausted,no-route,no-memory,filtered,unknown",
	  "SYN_SENT>CLOSE/unknown", ANY_KERNEL },
	/*
	 * tcp_create_openreq_child(), for every clone: cookies, Fast Open and those
	 * that die at once included.
	 */
	{ "PassiveOpens", "Tcp:PassiveOpens", ".children", NULL, ANY_KERNEL },
	/*
	 * tcp_done() in SYN_SENT or SYN_RECV, that is tcp_reset(), tcp_write_err(),
	 * tcp_v4_err(), tcp_abort() and a child that cannot be completed; and
	 * tcp_check_req() for RST or SYN, which for Fast Open then calls tcp_reset():
	 * that counts twice. Not counted: close(), disconnect and failed connect()
	 * (tcp_set_state), SYN-ACK retries of requests, ICMP and ss -K for requests.
	 */
	{ "AttemptFails", "Tcp:AttemptFails",
	  "SYN_SENT>CLOSE/rst,timeout,user-timeout,keepalive,icmp,abort "
	  "+ SYN_RECV>CLOSE/rst,syn + SYN_RECV>CLOSE/rst@fastopen "
	  "+ SYN_RECV>CLOSE/timeout,synack-timeout,user-timeout,keepalive,icmp,abort@sock",
	  DEAD_CHILDREN
	  " + SYN_SENT>CLOSE/unknown + SYN_RECV>CLOSE/unknown,mptcp-drop",
	  ANY_KERNEL },
	/* tcp_set_state(CLOSE), from these two states, whatever the cause. */
	{ "EstabResets", "Tcp:EstabResets",
	  "ESTABLISHED>CLOSE + CLOSE_WAIT>CLOSE", NULL, ANY_KERNEL },
	/* tcp_set_state(): a gauge, which counts CLOSE_WAIT too. */
	{ "CurrEstab", "=Tcp:CurrEstab",
	  "=state_ESTABLISHED_now + =state_CLOSE_WAIT_now", NULL, ANY_KERNEL },
	/*
	 * tcp_send_active_reset(), before it sends, and tcp_v4_send_reset(),
	 * tcp_v6_send_response(), which we see at their entry: those that IPv6 has no
	 * route for are not counted here, nor those that TCP-MD5 or TCP-AO forbid.
	 */
	{ "OutRsts", "Tcp:OutRsts",
	  ".event_reset_no_socket + .event_reset_ack + .event_reset_syn "
	  "+ .event_reset_accept_overflow + .event_reset_mptcp_drop "
	  "+ .event_reset_data_after_close + .event_reset_linger0 "
	  "+ .event_reset_linger2 + .event_reset_unread_data "
	  "+ .event_reset_disconnect + .event_reset_listener_closed "
	  "+ .event_reset_abort + .event_reset_keepalive "
	  "+ .event_reset_user_timeout + .event_reset_fin_timeout "
	  "+ .event_reset_orphan_limit + .event_reset_no_memory "
	  "+ .event_reset_unknown", NULL, ANY_KERNEL },
	/*
	 * These ends call tcp_send_active_reset() without exception: __tcp_close(),
	 * tcp_keepalive_timer(), tcp_abort().
	 */
	{ "OutRsts of ends", "Tcp:OutRsts",
	  "*>CLOSE/unread-data,keepalive,fin-timeout "
	  "- FIN_WAIT2>CLOSE/fin-timeout@timewait "
	  "+ ESTABLISHED>CLOSE/linger0,abort + CLOSE_WAIT>CLOSE/linger0,abort",
	  AT_LEAST, ANY_KERNEL },
	/*
	 * tw_timer_handler() of 5.10: timewait socks whose time ran out, in either
	 * state; TWKilled are those that had 4 s or less.
	 */
	{ "TW", "TcpExt:TW + TcpExt:TWKilled",
	  "TIME_WAIT>CLOSE/expired + FIN_WAIT2>CLOSE/fin-timeout@timewait", NULL,
	  UNTIL(6000) },
	/*
	 * __inet_twsk_schedule() of 6.1, with rearm false: timewait socks that were
	 * born, in either state; TWKilled are those that got 4 s or less. Nothing is
	 * killed.
	 */
	{ "TW", "TcpExt:TW + TcpExt:TWKilled", ".tw_births", NULL,
	  SINCE(6001) },
	/*
	 * tcp_time_wait(): its calls from tcp_fin(), for CLOSING and, for an orphan in
	 * FIN_WAIT2, from elsewhere. FIN_WAIT2 becomes TIME_WAIT by the birth of a
	 * timewait sock or within one; the latter had to be born in FIN_WAIT2.
	 */
	{ "tw_births", ".tw_births - .tw_handovers_fin_wait2",
	  "FIN_WAIT1>TIME_WAIT + CLOSING>TIME_WAIT + FIN_WAIT2>TIME_WAIT "
	  "- .tw_handovers_fin_wait2 - <state_FIN_WAIT2_now",
	  ".tw_handovers_fin_wait2 + <state_FIN_WAIT2_now", ANY_KERNEL },
	{ "tw_handovers_fin_wait2", ".tw_births", ".tw_handovers_fin_wait2", AT_LEAST,
	  ANY_KERNEL },
	/*
	 * __inet_check_established(), __inet6_check_established(): connect() takes
	 * over. A SYN that does so has no count. With a bound port a timewait sock in
	 * FIN_WAIT2 is taken over too.
	 */
	{ "TWRecycled", "TcpExt:TWRecycled", "*>CLOSE/reused", NULL,
	  ANY_KERNEL },
	/* tcp_time_wait() without a timewait sock, for its limit or for memory. */
	{ "TCPTimeWaitOverflow", "TcpExt:TCPTimeWaitOverflow",
	  "FIN_WAIT2>CLOSE/tw-overflow + CLOSING>CLOSE/tw-overflow",
	  "FIN_WAIT2>CLOSE/no-memory,unknown + CLOSING>CLOSE/no-memory,unknown",
	  ANY_KERNEL },
	/*
	 * And tcp_check_oom() in __tcp_close() or tcp_out_of_resources(), for orphans.
	 * Both can be for memory: only the sum can be told. connect() without memory
	 * has no count.
	 */
	{ "TCPAbortOnMemory",
	  "TcpExt:TCPAbortOnMemory + TcpExt:TCPTimeWaitOverflow",
	  "*>CLOSE/tw-overflow,orphan-limit,no-memory - SYN_SENT>CLOSE/no-memory "
	  "- SYN_RECV>CLOSE/orphan-limit,no-memory@request",
	  "FIN_WAIT1>CLOSE/unknown + FIN_WAIT2>CLOSE/unknown "
	  "+ CLOSING>CLOSE/unknown + LAST_ACK>CLOSE/unknown",
	  ANY_KERNEL },
	/*
	 * tcp_write_err(): tries used up, of data, probes, keepalive, a SYN, or a
	 * SYN-ACK that a full socket sent; the error it reports may be that of an ICMP.
	 */
	{ "TCPAbortOnTimeout", "TcpExt:TCPAbortOnTimeout",
	  "*>CLOSE/timeout,keepalive,user-timeout + SYN_RECV>CLOSE/synack-timeout@sock",
	  "*>CLOSE/icmp,unknown", ANY_KERNEL },
	/* __tcp_close() with data that nobody read. */
	{ "TCPAbortOnClose", "TcpExt:TCPAbortOnClose", "*>CLOSE/unread-data",
	  "*>CLOSE/unknown", ANY_KERNEL },
	/*
	 * TCPAbortOnData: __tcp_close() with SO_LINGER 0; tcp_rcv_state_process() for
	 * data after close() or shutdown(), and for TCP_LINGER2 below 0 when FIN_WAIT1
	 * has just become FIN_WAIT2. TCPAbortOnLinger: __tcp_close() for TCP_LINGER2
	 * below 0 in FIN_WAIT2. The two ways of TCP_LINGER2 look the same: only the
	 * sum can be told. Data for a timewait sock has no count.
	 */
	{ "TCPAbortOnData", "TcpExt:TCPAbortOnData + TcpExt:TCPAbortOnLinger",
	  "*>CLOSE/linger0,linger2,data-after-close "
	  "- FIN_WAIT2>CLOSE/data-after-close@timewait",
	  "*>CLOSE/unknown", ANY_KERNEL },
	{ "TCPAbortOnLinger", "TcpExt:TCPAbortOnLinger", "0",
	  "FIN_WAIT2>CLOSE/linger2,unknown", ANY_KERNEL },
	/*
	 * tcp_check_req(), if the request was still in the queue: RST, SYN, or a
	 * refused ACK with tcp_abort_on_overflow. Refused ones that die by timer have
	 * the same cause and no count.
	 */
	{ "EmbryonicRsts", "TcpExt:EmbryonicRsts",
	  "SYN_RECV>CLOSE/rst,syn@request",
	  "SYN_RECV>CLOSE/accept-overflow,unknown", ANY_KERNEL },
	/*
	 * tcp_rtx_synack() that sent, where the trace event we count stands, and
	 * __tcp_retransmit_skb() of a SYN, even if it does not send.
	 */
	{ "TCPSynRetrans", "TcpExt:TCPSynRetrans",
	  ".synack_retransmits + .event_syn_retransmit_timer", AT_LEAST,
	  ANY_KERNEL },
	/* What is told stands for no more than what is counted. */
	{ "synack_retransmits", ".synack_retransmits", "!synack-retransmit",
	  AT_LEAST, ANY_KERNEL },
	{ "syn_retransmits", ".event_syn_retransmit_timer", "!syn-retransmit",
	  AT_LEAST, ANY_KERNEL },
	/* tcp_try_fastopen() that made a child. */
	{ "TCPFastOpenPassive", "TcpExt:TCPFastOpenPassive",
	  "CLOSE>SYN_RECV/syn@fastopen", NULL, ANY_KERNEL },
	/* cookie_init_sequence(); cookie_v4_check(), cookie_v6_check(). */
	{ "SyncookiesSent", "TcpExt:SyncookiesSent",
	  ".event_cookie_cookie_sent", NULL, ANY_KERNEL },
	{ "SyncookiesRecv", "TcpExt:SyncookiesRecv",
	  ".event_cookie_cookie_valid", NULL, ANY_KERNEL },
	{ "SyncookiesFailed", "TcpExt:SyncookiesFailed",
	  ".event_cookie_cookie_failed", NULL, ANY_KERNEL },
	{ "cookies told",
	  ".event_cookie_cookie_sent + .event_cookie_cookie_valid "
	  "+ .event_cookie_cookie_failed",
	  "!cookie", AT_LEAST, ANY_KERNEL },
	/* A valid cookie can still fail to become a connection. */
	{ "cookie connections", "TcpExt:SyncookiesRecv",
	  "CLOSE>ESTABLISHED/cookie", AT_LEAST, ANY_KERNEL },
	/*
	 * Accept queue full: tcp_conn_request() for each SYN, tcp_v4_syn_recv_sock()
	 * for each ACK, also of a request that was there before.
	 */
	{ "ListenOverflows", "TcpExt:ListenOverflows",
	  ".event_syn_drop_accept_queue_full "
	  "+ .event_accept_drop_accept_queue_full",
	  NULL, ANY_KERNEL },
	/* tcp_syn_flood_action() without cookies. */
	{ "TCPReqQFullDrop", "TcpExt:TCPReqQFullDrop",
	  ".event_syn_drop_syn_queue_full", NULL, ANY_KERNEL },
	{ "refusals told",
	  ".event_syn_drop_accept_queue_full "
	  "+ .event_accept_drop_accept_queue_full "
	  "+ .event_syn_drop_syn_queue_full",
	  "!syn-drop/accept-queue-full,syn-queue-full "
	  "+ !accept-drop/accept-queue-full",
	  AT_LEAST, ANY_KERNEL },
	{ "accept overflows", "TcpExt:ListenOverflows + <state_SYN_RECV_now",
	  "SYN_RECV>CLOSE/accept-overflow", AT_LEAST, ANY_KERNEL },
	/*
	 * tcp_listendrop(): each of the above, other refused SYNs and ACKs, ICMP for
	 * requests; and SYNs that were sent to a group (tcp_v4_conn_request()).
	 */
	{ "ListenDrops", "TcpExt:ListenDrops",
	  ".event_syn_drop_accept_queue_full + .event_syn_drop_syn_queue_full "
	  "+ .event_syn_drop_last_quarter + .event_syn_drop_no_memory "
	  "+ .event_syn_drop_no_route + .event_syn_drop_filtered "
	  "+ .event_syn_drop_other + .event_accept_drop_accept_queue_full "
	  "+ .event_accept_drop_no_memory + .event_accept_drop_other "
	  "+ SYN_RECV>CLOSE/icmp@request",
	  AT_LEAST, ANY_KERNEL },
	/* tcp_enter_memory_pressure(), if it changes anything. */
	{ "TCPMemoryPressures", "TcpExt:TCPMemoryPressures",
	  ".event_memory_pressure_pressure_on", NULL, ANY_KERNEL },
	/* reuseport_migrate_sock(), inet_reqsk_clone() and their callers. */
	{ "TCPMigrateReqFailure", "TcpExt:TCPMigrateReqFailure",
	  "SYN_RECV>CLOSE/migrate-failed", AT_LEAST, SINCE(5014) },
	/* Timewait socks of both families, of which some are in FIN_WAIT2. */
	{ "sockstat tw", "=sockstat:tw", "=state_TIME_WAIT_now",
	  "=state_FIN_WAIT2_now", ANY_KERNEL },
	/* Full sockets in a hash table, IPv4 only; our gauges have both families. */
	{ "sockstat inuse",
	  "=state_LISTEN_now + =state_SYN_SENT_now + =state_SYN_RECV_now "
	  "+ =state_ESTABLISHED_now + =state_FIN_WAIT1_now + =state_FIN_WAIT2_now "
	  "+ =state_CLOSING_now + =state_CLOSE_WAIT_now + =state_LAST_ACK_now",
	  "=sockstat:inuse", AT_LEAST, ANY_KERNEL },

	/*
	 * The trace event inet_sock_set_state, row by row. It tells of full sockets
	 * only, and of the whole host. Rows that are folded come first.
	 */
	/* inet_csk_clone_lock(), also when the listener has been closed meanwhile. */
	{ "raw child", "~LISTEN>SYN_RECV", ".children - ~CLOSE>SYN_RECV", NULL,
	  ANY_KERNEL },
	{ "raw late child", "~CLOSE>SYN_RECV", "0", ".children", ANY_KERNEL },
	/* A child of a cookie is born into ESTABLISHED. */
	{ "raw open", "~SYN_RECV>ESTABLISHED",
	  "SYN_RECV>ESTABLISHED + CLOSE>ESTABLISHED/cookie", NULL, ANY_KERNEL },
	{ "raw dead child", "~SYN_RECV>CLOSE",
	  "SYN_RECV>CLOSE@sock + " DEAD_CHILDREN, NULL, ANY_KERNEL },
	{ "raw close", "~FIN_WAIT1>FIN_WAIT2",
	  "FIN_WAIT1>FIN_WAIT2 + FIN_WAIT1>TIME_WAIT", NULL, ANY_KERNEL },
	/*
	 * tcp_time_wait() ends in tcp_done(): a socket that a timewait sock replaced
	 * is reported as closed, from FIN_WAIT2 or CLOSING.
	 */
	{ "raw replaced", "~FIN_WAIT2>CLOSE",
	  ".tw_births - CLOSING>TIME_WAIT + FIN_WAIT2>CLOSE@sock", NULL,
	  ANY_KERNEL },
	{ "raw crossed", "~CLOSING>CLOSE", "CLOSING>TIME_WAIT + CLOSING>CLOSE",
	  NULL, ANY_KERNEL },
#define SAME(row)                                          \
	{                                                  \
		"raw " row, "~" row, row, NULL, ANY_KERNEL \
	}
	SAME("CLOSE>LISTEN"),
	SAME("CLOSE>SYN_SENT"),
	SAME("LISTEN>CLOSE"),
	SAME("SYN_SENT>ESTABLISHED"),
	SAME("SYN_SENT>SYN_RECV"),
	SAME("SYN_SENT>CLOSE"),
	SAME("SYN_RECV>FIN_WAIT1"),
	SAME("SYN_RECV>CLOSE_WAIT"),
	SAME("ESTABLISHED>FIN_WAIT1"),
	SAME("ESTABLISHED>CLOSE_WAIT"),
	SAME("ESTABLISHED>CLOSE"),
	SAME("FIN_WAIT1>CLOSING"),
	SAME("FIN_WAIT1>CLOSE"),
	SAME("CLOSE_WAIT>LAST_ACK"),
	SAME("CLOSE_WAIT>CLOSE"),
	SAME("LAST_ACK>CLOSE"),
/* Such rows there are none; one of ours is no transition of a full socket. */
#define NEVER(row)                                         \
	{                                                  \
		"raw " row, "~" row, "0", NULL, ANY_KERNEL \
	}
	NEVER("CLOSE>ESTABLISHED"),
	NEVER("FIN_WAIT1>TIME_WAIT"),
	NEVER("FIN_WAIT2>TIME_WAIT"),
	NEVER("CLOSING>TIME_WAIT"),
	NEVER("TIME_WAIT>CLOSE"),
};

/* clang-format on */

const unsigned int laws_equation_count = ARRAY_SIZE(laws_equations);

// SPDX-License-Identifier: GPL-2.0
/*
 * What a full socket carried in its life: payload, segments, round trips.
 *
 * Knows the kernel's counts of a socket; must not know which hook calls, nor
 * who reads.
 */
#include <linux/tcp.h>
#include <linux/tcpstate.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "life.h"
#include "observe.h"

/* A FIN of ours is queued; it takes the last sequence number. */
static __always_inline bool has_fin(const struct sock *sk)
{
	return (1 << sk->sk_state) &
	       (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | TCPF_CLOSING | TCPF_LAST_ACK);
}

/*
 * Is a SYN among what was acknowledged? Of a connection older than the module
 * what was sent tells: that is counted without. What the device refused counts
 * there twice; then it decides whether the socket came from a listener.
 */
static noinline bool acked_syn_once(const struct sock *sk, u64 acked)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 flight = tp->snd_nxt - tp->snd_una;
	u64 sent;

	if (has_fin(sk) && flight && tp->snd_nxt == tp->write_seq)
		flight--;
	sent = tp->bytes_sent - tp->bytes_retrans - flight;
	if (sent == acked)
		return false;
	return sent + 1 == acked || !READ_ONCE(sk->sk_max_ack_backlog);
}

/* The kernel counts sequence numbers, of which SYN and FIN have one each. */
static __always_inline u64 payload_acked(const struct tcps_life *life,
					 const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u64 acked = tp->bytes_acked;

	if (acked && has_fin(sk) && tp->snd_una == tp->write_seq)
		acked--;
	if (!acked)
		return 0;
	if (unlikely(life->who.id.flags & TCPSTATE_F_PREEXISTING))
		return acked - acked_syn_once(sk, acked);
	return acked - tcps_path_sent_syn(&life->path);
}

/* The SYN of the peer is in no count; its FIN is, before it is acted upon. */
static __always_inline u64 payload_received(const struct sock *sk)
{
	u64 received = tcp_sk(sk)->bytes_received;

	return received - (received && sock_flag(sk, SOCK_DONE));
}

/**
 * tcps_observe_totals() - take what a full socket carried, as it is about to go
 * @life: its entry
 * @sk: the socket, still in the state that it leaves
 */
void tcps_observe_totals(struct tcps_life *life, const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcps_path *path = &life->path;

	path->srtt_us = tp->srtt_us >> 3;
	path->retrans = tp->total_retrans;
	path->bytes_in = payload_received(sk);
	path->bytes_out = payload_acked(life, sk);
	path->segs_in = tp->segs_in;
	path->segs_out = tp->segs_out;
}

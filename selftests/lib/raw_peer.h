/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers on side A of the wire whose segments the test sends one by one, so
 * that a handshake stops where the test wants it to.
 *
 * Must not know what the module says of it.
 */
#ifndef TCPSTATE_TEST_RAW_PEER_H
#define TCPSTATE_TEST_RAW_PEER_H

#include "ends.h"
#include "segment.h"
#include "wire.h"

#define FASTOPEN_COOKIE	16	/* most bytes of one */

/**
 * struct raw_peer - one end of a connection
 * @w: the wire
 * @next: what is sent next, without flags and data
 * @isn: its first sequence number
 * @synacks: SYN-ACKs heard
 * @resets: RSTs heard
 * @cookie: Fast Open cookie heard
 * @cookie_len: bytes of it
 */
struct raw_peer {
	struct wire *w;
	struct segment next;
	__u32 isn;
	unsigned int synacks;
	unsigned int resets;
	unsigned char cookie[FASTOPEN_COOKIE];
	unsigned int cookie_len;
};

/* From @port of side A to port @to of side B. */
void raw_peer_init(struct raw_peer *p, struct wire *w, enum kind kind,
		   unsigned int port, unsigned int to);

/* Sends a segment as it is; the sequence numbers of @p stay. */
void raw_peer_put(struct raw_peer *p, unsigned int flags, __u32 seq,
		  const char *text);

/* A SYN; called again, the same SYN again. */
void raw_peer_syn(struct raw_peer *p);

/* The same with data and the cookie that was heard, if any. */
void raw_peer_fastopen(struct raw_peer *p, const char *text);

/* A SYN that asks for a cookie. */
void raw_peer_ask_cookie(struct raw_peer *p);

void raw_peer_ack(struct raw_peer *p);
void raw_peer_data(struct raw_peer *p, const char *text);
void raw_peer_fin(struct raw_peer *p);
void raw_peer_rst(struct raw_peer *p);

/* Takes all that side B sent off the wire: each segment is for one of @peers. */
void raw_peers_hear(struct raw_peer *peers, unsigned int count);

#endif

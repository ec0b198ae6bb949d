/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A namespace with listeners, and peers outside of it, as many as one likes,
 * each with an address of its own, whose segments the test sends one by one
 * through a tun device.
 *
 * Must not know what is to be refused, nor why.
 */
#ifndef TCPSTATE_TEST_SIEGE_H
#define TCPSTATE_TEST_SIEGE_H

#include <stdbool.h>

#include "device.h"
#include "ends.h"
#include "segment.h"

#define SIEGE_PEERS	4096	/* whose SYN-ACKs are remembered */

/**
 * struct siege - the namespace and what was told of it
 * @kind: of all sockets and peers
 * @home: the namespace of the caller
 * @tun: where packets go in and come out
 * @source: address from which all segments come; NULL: each peer has its own
 * @reader: in the namespace, of all events
 * @rec: what it gave
 * @synacks: SYN-ACKs that came out
 * @resets: RSTs that came out
 * @isn: sequence number of the SYN-ACK of each peer; 0 without one
 */
struct siege {
	enum kind kind;
	int home;
	int tun;
	const char *source;
	int reader;
	struct records rec;
	unsigned int synacks;
	unsigned int resets;
	__u32 isn[SIEGE_PEERS];
};

/* The caller is in the namespace afterwards, and back home again. */
bool siege_up(struct siege *s, enum kind kind);

/* The same without a reader, for where no module may be. */
bool siege_place(struct siege *s, enum kind kind);
void siege_down(struct siege *s);

/* A listener on @port; -1 with a diagnostic. */
int siege_listen(struct siege *s, unsigned int port, int backlog);

/* Its socket cookie. */
__u64 siege_cookie(int fd);

/* Peer @n sends a segment to @port, and what comes out is taken. */
void siege_send(struct siege *s, unsigned int n, unsigned int port, unsigned int flags,
		__u32 seq, __u32 ack);
void siege_syn(struct siege *s, unsigned int n, unsigned int port);

/*
 * @count peers from @first on send a SYN each, as fast as @threads of them can.
 * What comes out is not heard.
 */
void siege_flood(struct siege *s, unsigned int first, unsigned int count,
		 unsigned int port, unsigned int threads);

/* The third packet of a handshake; again, if it was sent before. */
void siege_ack(struct siege *s, unsigned int n, unsigned int port);

/* Takes what came out. */
void siege_hear(struct siege *s);

/* Reads what was told. */
bool siege_read(struct siege *s);

/* Reads until there are @count records of @type and @cause (0: any). */
bool siege_told(struct siege *s, unsigned int type, unsigned int cause,
		unsigned int count);

/* The peer that a record is about; -1 if it is none of ours. */
int siege_peer_of(const struct siege *s, const struct tcpstate_record *rec);

/*
 * How many peers the records of @type name, each with @cause and the listener of
 * that @cookie and @port, which this process owns. They are marked in @told, of
 * SIEGE_PEERS. -1 if a record differs, or names a peer again.
 */
int siege_peers(const struct siege *s, unsigned int type, unsigned int cause, __u64 cookie,
		unsigned int port, bool *told);

/* A number of the line of a listener in /proc/tcpstate/listeners; -1 without. */
long long siege_column(__u64 cookie, const char *column);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A stage for connections whose every transition is known beforehand: two
 * namespaces with a wire, a reader in each, and for each socket the path it
 * has to go. At the end the stream must show exactly these paths and the
 * counters exactly their sum.
 */
#ifndef TCPSTATE_TEST_STAGE_H
#define TCPSTATE_TEST_STAGE_H

#include "device.h"
#include "ends.h"
#include "wire.h"

#define STAGE_ENDS	8
#define STAGE_PORT	7000	/* of the listener on SIDE_B */

/**
 * struct stage_end - one socket
 * @cookie: 0 for a socket the program never gets hold of
 * @path: "STATE STATE:cause ...", from CLOSE to CLOSE
 * @partial: the life whose tuple has no local port, 0 for none
 * @owned: accepted as soon as it was there: all but its birth have an owner
 * @seen: records so far
 */
struct stage_end {
	enum wire_side side;
	__u64 cookie;
	union addr local;
	union addr remote;
	const char *path;
	unsigned int partial;
	bool owned;
	unsigned int seen;
	unsigned int state;
	unsigned int life;
	unsigned int life_seq;
	__u64 mono_ns;
	__u32 netns_gen;
};

struct stage {
	struct wire w;
	enum kind kind;
	bool exact; /* a cause that is unknown is wrong */
	int reader[2];
	__u32 inum[2];
	struct records rec[2];
	struct stage_end end[STAGE_ENDS];
	unsigned int ends;
};

bool stage_up(struct stage *st, enum kind kind);
void stage_down(struct stage *st);

/* Address of a side, as text. */
const char *stage_addr(const struct stage *st, enum wire_side side);

/*
 * Says that @fd, made on @side, has to go @path. Called once its local port is
 * known. @rport is 0 for a listener; @fd is -1 for a child that nobody
 * accepts, and then its ports are @lport and @rport.
 */
struct stage_end *stage_follow(struct stage *st, enum wire_side side, int fd,
			       unsigned int lport, unsigned int rport,
			       const char *path);

/* A socket of a side, listening or on its way to STAGE_PORT of SIDE_B. */
int stage_listen(struct stage *st, const char *path);
int stage_connect(struct stage *st);

/*
 * Client @c on side A, server @s on side B, connected; the listener is closed
 * again. By stage_fast_open(), without cookies, the server is in SYN_RECV: its
 * SYN-ACK is held on the wire.
 */
bool stage_join(struct stage *st, int *c, int *s, const char *client,
		const char *server);
bool stage_fast_open(struct stage *st, int *c, int *s, const char *client,
		     const char *server);

/*
 * Carries packets until all paths are gone to their end, then checks stream
 * and counters. Prints what is wrong.
 */
bool stage_finish(struct stage *st);

#endif

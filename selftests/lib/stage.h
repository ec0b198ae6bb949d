/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A stage for connections whose every transition is known beforehand: two
 * namespaces with a wire, a reader in each, and for each socket the path it
 * has to go. At the end the stream must show exactly these paths, the counters
 * of both namespaces and those of the kernel exactly their sum, and once the
 * stage is gone the table of connections is as it was.
 */
#ifndef TCPSTATE_TEST_STAGE_H
#define TCPSTATE_TEST_STAGE_H

#include "device.h"
#include "ends.h"
#include "story.h"
#include "wire.h"

#define STAGE_ENDS	12
#define STAGE_WORDS	1024	/* bytes of the words of a path */
#define STAGE_PORT	7000	/* of the listener on SIDE_B */

/**
 * struct stage_end - one socket, or one more life of it
 * @side: where it is
 * @story: what has to be told of it
 * @words: of the story
 * @births: timewait socks that take it over
 */
struct stage_end {
	enum wire_side side;
	struct story story;
	char words[STAGE_WORDS];
	unsigned int births;
};

/**
 * struct stage - two namespaces and what was told of them
 * @w: the wire between them
 * @kind: of all sockets
 * @home: the namespace of the caller
 * @entries: in the table of connections beforehand
 * @reader: one in each
 * @inum: inodes of the namespaces
 * @rec: what the readers gave
 * @events: bit n set: enum tcpstate_event n may be told, beside transitions
 *	and what depends on how fast things go
 * @end: the sockets
 * @ends: how many
 * @client: of them, the client that was joined last
 * @server: its server
 */
struct stage {
	struct wire w;
	enum kind kind;
	int home;
	long long entries;
	int reader[2];
	__u32 inum[2];
	struct records rec[2];
	__u64 events;
	struct stage_end end[STAGE_ENDS];
	unsigned int ends;
	struct stage_end *client;
	struct stage_end *server;
};

/* The caller is on SIDE_A afterwards, and back home again. */
bool stage_up(struct stage *st, enum kind kind);

/* False with a diagnostic if something stays in the table of connections. */
bool stage_down(struct stage *st);

/* Address of a side, as text. */
const char *stage_addr(const struct stage *st, enum wire_side side);

/*
 * Says that @fd, made on @side, has to go @path (stage_words.h). Called once its
 * local port is known. @rport is 0 for a listener; @fd is -1 for a child that
 * nobody accepts, and then its ports are @lport and @rport.
 */
struct stage_end *stage_follow(struct stage *st, enum wire_side side, int fd,
			       unsigned int lport, unsigned int rport,
			       const char *path);

/* The same for a Fast Open child on side B that is accepted in SYN_RECV. */
struct stage_end *stage_follow_fast_open(struct stage *st, int fd, unsigned int rport,
					 const char *path);

/* A socket of a side, listening or on its way to STAGE_PORT of SIDE_B. */
int stage_listen(struct stage *st, const char *path);
int stage_connect(struct stage *st);

/* The same for a socket that has been made on side A already. */
bool stage_connect_again(struct stage *st, int fd);

/* Accepts a connection from a listener on side B. */
int stage_accept(struct stage *st, int l);

/*
 * Client @c on side A, server @s on side B, connected; the listener is closed
 * again. By stage_fast_open(), without cookies, the server is in SYN_RECV: its
 * SYN-ACK is held on the wire.
 */
bool stage_join(struct stage *st, int *c, int *s, const char *client,
		const char *server);
bool stage_fast_open(struct stage *st, int *c, int *s, const char *client,
		     const char *server);

/* Client @c on side A; the listener @l on side B has the server in its queue. */
bool stage_queue(struct stage *st, int *c, int *l, const char *client,
		 const char *server);

/* Carries what there is and reads what was told. */
void stage_turn(struct stage *st);

/* Carries until @e has been told to be in @state, for @seconds at most. */
bool stage_reach(struct stage *st, struct stage_end *e, unsigned int state,
		 unsigned int seconds);

/* Carries for so long. */
void stage_pass(struct stage *st, unsigned int ms);

/* The last record of @e that enters @state; all 0 with a diagnostic if none. */
struct tcpstate_record stage_entry(struct stage *st, struct stage_end *e, unsigned int state);

/* The records of a side of another type than transitions; returns how many. */
unsigned int stage_events(const struct stage *st, enum wire_side side, unsigned int type,
			  struct tcpstate_record *rec, unsigned int room);

/* Sets @name of /proc/sys/net/ipv4 on both sides; the caller is on side A then. */
bool stage_sysctl(struct stage *st, const char *name, const char *value);

/*
 * Carries packets until all paths are gone to their end, then checks stream
 * and counters. Prints what is wrong.
 */
bool stage_finish(struct stage *st);

#endif

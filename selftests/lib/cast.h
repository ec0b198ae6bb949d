/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets that belong to one actor or another, in a namespace of their own, and
 * what has to be told of each: its story, with the names of its owners and the
 * process of each system call.
 */
#ifndef TCPSTATE_TEST_CAST_H
#define TCPSTATE_TEST_CAST_H

#include "actor.h"
#include "device.h"
#include "story.h"

#define CAST_PARTS	8

/**
 * struct part - a socket
 * @story: what has to be told of it
 * @name: of its owner
 * @listener_name: of the listener's
 * @uid: user
 * @listener_uid: user before it was accepted
 * @closer: process that closes or shuts it, if not its owner
 */
struct part {
	struct story story;
	const char *name;
	const char *listener_name;
	unsigned int uid;
	unsigned int listener_uid;
	pid_t closer;
};

/**
 * struct cast - the sockets, and what was told of them
 * @kind: of all of them
 * @home: the namespace of the caller
 * @inum: inode of the new one
 * @reader: in it
 * @rec: what was told
 */
struct cast {
	enum kind kind;
	int home;
	__u32 inum;
	int reader;
	struct records rec;
	struct part part[CAST_PARTS];
	unsigned int parts;
};

/* The caller is in a new namespace afterwards, and back home again. */
bool cast_up(struct cast *c, enum kind kind);
void cast_down(struct cast *c);

/*
 * The socket that @a was spoken to last about has to go through @words; its
 * peer's port is 0 for a listener. The owner is @a, under the name @name.
 */
struct part *cast_add(struct cast *c, const struct actor *a, const char *name,
		      unsigned int rport, const char *words);

/* The same for a child of the listener @l, which is @a's by accept(). */
struct part *cast_add_child(struct cast *c, const struct part *l, const struct actor *a,
			    const char *name, unsigned int rport, const char *words);

/* The same for a child that nobody accepts. */
struct part *cast_add_waiting(struct cast *c, const struct part *l, unsigned int rport,
			      const char *words);

/* Waits for all that has to be told, @seconds at most; prints what is wrong. */
bool cast_told(struct cast *c, unsigned int seconds);

#endif

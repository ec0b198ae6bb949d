/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The story of a connection: which records tell it, in words that are written
 * down beforehand, and the comparison of both. A socket that lives again goes
 * on in the same story.
 *
 * Must not know how the connection is made to go through it.
 */
#ifndef TCPSTATE_TEST_STORY_H
#define TCPSTATE_TEST_STORY_H

#include <linux/tcpstate.h>
#include <stdbool.h>

#include "ends.h"

/**
 * struct story - what is to be told of one connection
 * @words: the first is CLOSE; then each stands for one record:
 *	STATE:CAUSE is a transition with carrier sock, STATE:CAUSE/request one
 *	with another carrier; behind it * says that the owner is the listener's,
 *	@ that a system call made it. An empty CAUSE is any that is known, and
 *	says nothing of system calls. ^N:CAUSE says that its SYN-ACK was sent
 *	again, for the Nth time. The word ... stands for any records until
 *	CLOSE
 * @kind: of its addresses
 * @local: address of the end that is told of
 * @remote: address of the other end; port 0 for a listener
 * @inum: inode of the namespace
 * @cookie: 0 if the program cannot know; the first record says it then
 * @flags: of TCPSTATE_F_*: FASTOPEN, MPTCP, all its life
 * @first_life: number of the life with which it begins
 * @partial: the life whose tuple has no local port, 0 for none
 * @late_port: the life that has none in its first record
 * @optional: perhaps there is no such connection
 * @unowned: made by the kernel
 * @listener: process that owns it before accept()
 * @owner: process that owns it afterwards
 * @child: a full socket carried it
 * @seen: records so far
 * @sent_again: of those, SYN-ACKs sent again
 * @state: after the last
 * @life: number of the present life
 * @life_seq: of the last
 * @mono_ns: of the last transition
 * @netns_gen: of the namespace
 */
struct story {
	const char *words;
	enum kind kind;
	union addr local;
	union addr remote;
	__u32 inum;
	__u64 cookie;
	unsigned int flags;
	unsigned int first_life;
	unsigned int partial;
	unsigned int late_port;
	bool optional;
	bool unowned;
	pid_t listener;
	pid_t owner;
	bool child;
	unsigned int seen;
	unsigned int sent_again;
	unsigned int state;
	unsigned int life;
	unsigned int life_seq;
	__u64 mono_ns;
	__u32 netns_gen;
};

/* Both processes are the calling one. */
void story_init(struct story *s, enum kind kind, __u32 inum, const char *words);

/* Is the record about this connection? */
bool story_is_of(struct story *s, const struct tcpstate_record *r);

/* The next record of it; prints what is wrong, returns how much is. */
int story_take(struct story *s, const struct tcpstate_record *r);

/* Are all its records told? */
bool story_is_told(const struct story *s);

/* Prints how far it came; returns 1 if that is not to the end. */
int story_check_end(const struct story *s);

/* A record that is in no story; returns 1. */
int story_stranger(const struct tcpstate_record *r);

#endif

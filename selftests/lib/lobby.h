/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A namespace with a listener, peers whose segments the test sends one by one,
 * and for each connection its story: transitions, and SYN-ACKs sent again. At
 * the end the stream must have told exactly these stories, the counters must be
 * exactly their sum, and nothing may be left in the table of connections.
 */
#ifndef TCPSTATE_TEST_LOBBY_H
#define TCPSTATE_TEST_LOBBY_H

#include "device.h"
#include "raw_peer.h"
#include "story.h"
#include "wire.h"

#define LOBBY_PORT	7000	/* of the listeners, if not said otherwise */
#define LOBBY_PEERS	256
#define LOBBY_STORIES	(2 * LOBBY_PEERS + 8)
#define LOBBY_FDS	(LOBBY_PEERS + 8)

#define LISTENS		"CLOSE LISTEN:listen@ CLOSE:close@"

/**
 * struct lobby_totals - sums of all namespaces that went away
 * @netns: how many did
 * @transitions: theirs
 * @records: of them
 */
struct lobby_totals {
	long long netns;
	long long transitions;
	long long records;
};

/**
 * struct lobby - the namespace, its connections and what was told of them
 * @w: the wire; the lobby is side B
 * @kind: of all sockets and peers
 * @port: of the listeners
 * @reuseport: listeners share their port
 * @patience: seconds to wait for anything
 * @untold_synacks: SYN-ACKs sent again that are in no story
 * @stray: children that took no connection over
 * @vain: RSTs and SYNs to requests that ended none of them
 * @home: the namespace of the caller
 * @reader: in the lobby, unless it is to see all namespaces
 * @inum: inode of the lobby
 * @entries: in the table of connections beforehand
 * @since: when it was made
 * @watched: the reader sees all namespaces
 * @gone: when that began
 * @rec: what the reader gave
 * @taken: records of it that the stories have taken
 * @bad: how much was wrong with them
 */
struct lobby {
	struct wire w;
	enum kind kind;
	unsigned int port;
	bool reuseport;
	unsigned int patience;
	unsigned int untold_synacks;
	unsigned int stray;
	unsigned int vain;
	int home;
	int reader;
	__u32 inum;
	long long entries;
	__u64 since;
	bool watched;
	struct lobby_totals gone;
	struct records rec;
	size_t taken;
	int bad;
	struct raw_peer peer[LOBBY_PEERS];
	unsigned int peers;
	struct story story[LOBBY_STORIES];
	unsigned int stories;
	int fd[LOBBY_FDS];
	unsigned int fds;
};

/* The caller is in the lobby afterwards; and back home again. */
bool lobby_up(struct lobby *lb, enum kind kind);
void lobby_down(struct lobby *lb);

/* A listener, closed at the end if not before. -1 with a diagnostic. */
int lobby_listen(struct lobby *lb, int backlog);

/* Any listening socket whose story is @words. */
void lobby_follow_listener(struct lobby *lb, int fd, const char *words);

/* Closes @fd now. */
void lobby_close(struct lobby *lb, int fd);

/* A peer that is going to have the story @words. */
struct raw_peer *lobby_peer(struct lobby *lb, const char *words);
struct story *lobby_story(struct lobby *lb, const struct raw_peer *p);

/*
 * A socket of side A that is: @port is its own. The wire is carried then, and
 * there must be no other peers.
 */
struct story *lobby_guest(struct lobby *lb, unsigned int port, const char *words);

/* Perhaps there is a second connection of @p, with the same addresses. */
void lobby_twin(struct lobby *lb, const struct raw_peer *p, const char *words);

/* Hears what the lobby sent and takes what was told. */
void lobby_turn(struct lobby *lb);

/* All wait, and give up with a diagnostic. */
bool lobby_until(struct lobby *lb, const struct raw_peer *p, unsigned int state);
bool lobby_until_mib(struct lobby *lb, const char *name, long long value);
bool lobby_until_synacks(struct lobby *lb, const struct raw_peer *p, unsigned int count);
bool lobby_until_resets(struct lobby *lb, const struct raw_peer *p, unsigned int count);

/* @p sends its SYN, and has the SYN-ACK. */
bool lobby_syn(struct lobby *lb, struct raw_peer *p);

/* The same, and its ACK has arrived. */
bool lobby_shake(struct lobby *lb, struct raw_peer *p);

/* Takes the connection of @p from @l: closed at the end. -1 with a diagnostic. */
int lobby_accept(struct lobby *lb, int l, struct raw_peer *p);

/* SYN_RECV has @count connections, say the counters and says what ss asks. */
bool lobby_waiting(unsigned int count);

/* Transitions told so far for this cause, out of @old or, if that is 0, any state. */
unsigned int lobby_told(const struct lobby *lb, unsigned int old, unsigned int cause);

/*
 * Waits until all stories are told, closes all sockets, compares all with the
 * counters. Prints what is wrong.
 */
bool lobby_finish(struct lobby *lb);

/*
 * For a lobby that is to go away while it is watched (lobby_gone.c): is there no
 * namespace but the caller's, after some waiting? Then, after lobby_up(), the
 * reader is replaced by one from home that sees all namespaces; the lobby is
 * left for good, with all that is in it; and what its counters were when it
 * went is compared with what was told, instead of lobby_finish().
 */
bool lobby_alone(void);
bool lobby_watch(struct lobby *lb);
void lobby_leave(struct lobby *lb);
bool lobby_finish_gone(struct lobby *lb);

/* Waits until all that has begun is told; that of listeners only if @listeners. */
void lobby_wait_told(struct lobby *lb, bool listeners);

/* What a test looks at in the end, wherever it is; returns how much is wrong. */
int lobby_check_stories(struct lobby *lb);

/* The part of it that is about counters. */
int lobby_check_books(struct lobby *lb);

#endif

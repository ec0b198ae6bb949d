/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path of a socket, as short as it can be said, becomes the words of its
 * story: who carries it, who owns it and whose system call it was follow from
 * the path in all but a few cases.
 *
 * Must not know sockets or records.
 */
#ifndef TCPSTATE_TEST_STAGE_WORDS_H
#define TCPSTATE_TEST_STAGE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Who owns it: whoever connected or listens, or whoever accepted it, when. */
enum stage_owner {
	STAGE_OWN,		/* from the beginning */
	STAGE_ACCEPTED,		/* from ESTABLISHED on */
	STAGE_FAST_OPEN,	/* from SYN_RECV on: it never was a request */
	STAGE_NOT_ACCEPTED,
};

/*
 * Writes the words of "STATE STATE:CAUSE ..." to @words. A word that has a
 * carrier or a mark of its own stays as it is. The word > says that a timewait
 * sock takes over without a change of state. Returns how many timewait socks
 * there are in it.
 */
unsigned int stage_words(char *words, size_t room, const char *path, enum stage_owner owner);

#endif

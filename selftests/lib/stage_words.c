// SPDX-License-Identifier: GPL-2.0
/*
 * Completes the path of a socket to the words of its story.
 */
#include "stage_words.h"

#include <linux/tcpstate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* What only a system call does. */
static const char *const calls[] = {
	"connect", "listen", "close", "shutdown", "disconnect", "linger0",
	"unread-data", "abort", "ports-exhausted", "no-route", "port-failure",
	"repair", "reused", "listener-closed",
};

/**
 * struct walk - a walk along a path
 * @state: after the last word
 * @carrier: likewise
 * @timewait: a timewait sock carries it
 * @births: timewait socks so far
 */
struct walk {
	unsigned int state;
	const char *carrier;
	bool timewait;
	unsigned int births;
};

static void carry(struct walk *walk, const char *carrier)
{
	bool timewait = !strcmp(carrier, "timewait");

	if (timewait && !walk->timewait)
		walk->births++;
	walk->carrier = carrier;
	walk->timewait = timewait;
}

static void enter(struct walk *walk, unsigned int state, enum stage_owner owner)
{
	switch (state) {
	case TCPSTATE_SYN_RECV:
		if (walk->state == TCPSTATE_CLOSE)
			carry(walk, owner == STAGE_FAST_OPEN ? "sock" : "request");
		break;
	case TCPSTATE_TIME_WAIT:
		carry(walk, "timewait");
		break;
	case TCPSTATE_FIN_WAIT2:
	case TCPSTATE_CLOSING:
	case TCPSTATE_LAST_ACK:
	case TCPSTATE_CLOSE:
		break;
	default:
		carry(walk, "sock");
	}
	walk->state = state;
}

static bool is_call(const char *cause)
{
	for (unsigned int i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i], cause))
			return true;
	return false;
}

/* Is the owner still the listener's when it leaves @old? */
static bool is_listeners(enum stage_owner owner, unsigned int old)
{
	switch (owner) {
	case STAGE_OWN:
		return false;
	case STAGE_NOT_ACCEPTED:
		return true;
	default:
		return old == TCPSTATE_CLOSE ||
		       (old == TCPSTATE_SYN_RECV && owner == STAGE_ACCEPTED);
	}
}

static void complete(struct walk *walk, char *out, size_t room, const char *word,
		     enum stage_owner owner)
{
	unsigned int old = walk->state, state;
	char name[64], *cause;

	strcpy(name, word);
	cause = strchr(name, ':');
	if (cause)
		*cause++ = 0;
	else
		cause = name + strlen(name);
	state = state_number(name);
	if (!state) {
		printf("# no such state: %s\n", word);
		abort();
	}
	enter(walk, state, owner);
	if (strchr(cause, '/')) {
		carry(walk, strncmp(strchr(cause, '/'), "/timewait", 9) ? "sock" : "timewait");
		snprintf(out, room, " %s", word);
		return;
	}
	if (strpbrk(cause, "*@")) {
		/* The marks come last. */
		char marks[8];

		snprintf(marks, sizeof(marks), "%s", strpbrk(cause, "*@"));
		*strpbrk(cause, "*@") = 0;
		snprintf(out, room, " %s:%s/%s%s", name, cause, walk->carrier, marks);
		return;
	}
	snprintf(out, room, " %s:%s/%s%s%s", name, cause, walk->carrier,
		 is_listeners(owner, old) ? "*" : "", is_call(cause) ? "@" : "");
}

unsigned int stage_words(char *words, size_t room, const char *path, enum stage_owner owner)
{
	struct walk walk = { .state = TCPSTATE_CLOSE, .carrier = "sock" };
	size_t used = 0;
	char word[64];
	int len;

	*words = 0;
	for (; sscanf(path, " %63s%n", word, &len) == 1; path += len) {
		if (!strcmp(word, ">")) {
			carry(&walk, "timewait");
			continue;
		}
		if (!used) {
			/* Where it begins: CLOSE. */
			used = snprintf(words, room, "%s", word);
			continue;
		}
		complete(&walk, words + used, room - used, word, owner);
		used += strlen(words + used);
		if (used + sizeof(word) > room)
			abort();
	}
	return walk.births;
}

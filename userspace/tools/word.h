/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - the library's names, ready to be copied.
 *
 * This unit owns what a number is called in a line: its name, or the number
 * itself if it has none. It must not know what stands around it.
 *
 * Most of a line are names, and there are few: the length of each is found out
 * once, so that all it takes is to copy bytes whose number is known beforehand.
 */
#ifndef TOOLS_WORD_H
#define TOOLS_WORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <tcpstate.h>

/* Room for every name; a unit test has them all. */
#define WORD_MAX 24

/* @len is 0 as long as nobody asked. */
struct word {
	char text[WORD_MAX];
	size_t len;
};

/* Of one sort; @name is the library's. The numbers are all that a byte has. */
struct words {
	const char *(*name)(unsigned int number);
	struct word word[UINT8_MAX + 1];
};

extern struct words word_states, word_kinds, word_causes, word_carriers,
	word_flags;

void word_learn(struct words *words, uint8_t number);

/* Writes WORD_MAX bytes, and returns the end of those that count. */
static inline char *word_put(char *p, struct words *words, uint8_t number)
{
	const struct word *word = &words->word[number];

	if (!word->len)
		word_learn(words, number);
	memcpy(p, word->text, WORD_MAX);
	return p + word->len;
}

static inline char *word_state(char *p, uint8_t number)
{
	return word_put(p, &word_states, number);
}

static inline char *word_kind(char *p, uint8_t number)
{
	return word_put(p, &word_kinds, number);
}

static inline char *word_cause(char *p, uint8_t number)
{
	return word_put(p, &word_causes, number);
}

static inline char *word_carrier(char *p, uint8_t number)
{
	return word_put(p, &word_carriers, number);
}

/* @bit is the number of the bit. */
static inline char *word_flag(char *p, uint8_t bit)
{
	return word_put(p, &word_flags, bit);
}

#endif /* TOOLS_WORD_H */

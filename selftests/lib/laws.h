/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - what its parts share: the laws, the options, how to complain.
 *
 * Must not know any law, nor where its input comes from.
 */
#ifndef LIB_LAWS_H
#define LIB_LAWS_H

#include <linux/tcpstate.h>
#include <stdbool.h>
#include <stdint.h>

#define LAWS_STREAMS_MAX 16

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum law {
	LAW_CHAIN,
	LAW_BOOKS,
	LAW_AGREES,
	LAW_LOSS,
	LAW_COUNT,
};

/**
 * struct laws_options - the command line
 * @laws: bit n: enum law n is wanted
 * @limit: violations shown of each law
 * @kernel: whose equations hold, 1000 * version + patchlevel
 * @preexisting_ok: lives may have begun before the stream
 * @complete: all lives must have ended
 * @some_lives: not all lives that ended need to have a life record
 * @empty_ok: no records, no lives, no transitions: fine
 * @filtered: the streams do not have all records
 * @no_loss: lost records break the law of loss
 * @untracked_ok: records without a life may be there
 * @unknown_ok: transitions for which the cause may be unknown
 * @streams: files
 * @closings: for each stream the file with its reader's last words, or NULL
 * @stream_count: elements of @streams
 * @closing_count: elements of @closings
 * @lives: file with life records, or NULL
 * @before: directory with the books before, or NULL
 * @after: directory with the books after, or NULL
 */
struct laws_options {
	unsigned int laws;
	unsigned int limit;
	unsigned int kernel;
	bool preexisting_ok;
	bool complete;
	bool some_lives;
	bool empty_ok;
	bool filtered;
	bool no_loss;
	bool untracked_ok;
	bool unknown_ok[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT];
	const char *streams[LAWS_STREAMS_MAX];
	const char *closings[LAWS_STREAMS_MAX];
	unsigned int stream_count;
	unsigned int closing_count;
	const char *lives;
	const char *before;
	const char *after;
};

extern struct laws_options laws_options;

/* Ends the program if the command line is not what it should be. */
void laws_options_parse(int argc, char **argv);

/* A law is broken: one line "law: ...", if the law is wanted. */
void __attribute__((format(printf, 2, 3)))
laws_broken(enum law law, const char *format, ...);

/* Something that is no violation, but must not go unsaid. */
void __attribute__((format(printf, 2, 3)))
laws_note(enum law law, const char *format, ...);

/* What stands in brackets behind the law's verdict: "1234 lives". */
void __attribute__((format(printf, 2, 3)))
laws_checked(enum law law, const char *format, ...);

/* The input is not what it should be: says so and ends the program. */
void __attribute__((format(printf, 1, 2), noreturn))
laws_bad_input(const char *format, ...);

bool laws_wanted(enum law law);
enum law laws_number(const char *name); /* LAW_COUNT if there is none */

/* The verdict; returns the exit code. */
int laws_verdict(void);

/* Like realloc() for @count more elements of @size, but never fails. */
void *laws_grow(void *array, unsigned long *room, unsigned long count,
		unsigned long size);

#endif /* LIB_LAWS_H */

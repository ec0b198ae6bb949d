// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the files of a moment of rest.
 *
 * Owns their formats; must not know what has to be equal to what. Each file of
 * books_take is read if it is there; whoever needs what is in a missing one
 * complains.
 */
#include "laws_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "laws_names.h"

/* A file under way. */
struct file {
	struct laws_books *books;
	const char *name;
	unsigned long line_number;
	unsigned long room; /* of the array that it fills */
};

static void __attribute__((noreturn))
bad(const struct file *file, const char *why)
{
	laws_bad_input("%s/%s:%lu: %s", file->books->dir, file->name,
		       file->line_number, why);
}

static unsigned long value_room;

static void add_value(struct laws_books *books, const char *prefix,
		      const char *name, int64_t value)
{
	char text[128];

	snprintf(text, sizeof(text), "%s%s%s", prefix, *prefix ? ":" : "",
		 name);
	books->values = laws_grow(books->values, &value_room,
				  books->value_count + 1,
				  sizeof(*books->values));
	books->values[books->value_count].name = strdup(text);
	books->values[books->value_count++].value = value;
}

/* "name value" */
static void counters_line(struct file *file, char *line)
{
	char name[96];
	int64_t value;

	if (sscanf(line, "%95s %" SCNd64, name, &value) != 2)
		bad(file, "not a name and a number");
	add_value(file->books, "", name, value);
}

/* "old new cause count" */
static void transitions_line(struct file *file, char *line)
{
	char old[32], new[32], cause[32];
	int o, n, c;
	uint64_t count;

	if (file->line_number == 1 &&
	    strcmp(line, "old new cause count\n") == 0)
		return;
	if (sscanf(line, "%31s %31s %31s %" SCNu64, old, new, cause, &count) !=
	    4)
		bad(file, "not old, new, cause and count");
	o = laws_state(old);
	n = laws_state(new);
	c = laws_cause(cause);
	if (o < 0 || n < 0 || c < 0 || !laws_legal(o, n, c))
		bad(file, "no such transition");
	file->books->row[o][n][c] += count;
}

/* "old new count" of trace_raw; no change of state is no event. */
static void trace_line(struct file *file, char *line)
{
	char old[32], new[32];
	uint64_t count;
	int o, n;

	if (sscanf(line, "%31s %31s %" SCNu64, old, new, &count) != 3)
		bad(file, "not old, new and count");
	o = laws_state(old);
	n = laws_state(new);
	if (o < 0 || n < 0)
		bad(file, "no such state");
	if (o != n)
		file->books->raw[o][n] += count;
}

/* Pairs of lines: "Tcp: Name Name", "Tcp: 1 2". */
static void mib_line(struct file *file, char *line)
{
	static char head[16384];
	char *names, *numbers, *name, *number, *prefix = line;

	if (file->line_number % 2) {
		if (strlen(line) >= sizeof(head))
			bad(file, "too long");
		strcpy(head, line);
		return;
	}
	name = strtok_r(head, ":\n ", &names);
	number = strtok_r(line, ":\n ", &numbers);
	if (!name || !number || strcmp(name, number) != 0)
		bad(file, "names and numbers do not belong together");
	for (;;) {
		name = strtok_r(NULL, "\n ", &names);
		number = strtok_r(NULL, "\n ", &numbers);
		if (!name || !number)
			break;
		add_value(file->books, prefix, name, strtoll(number, NULL, 10));
	}
	if (name || number)
		bad(file, "more names than numbers, or fewer");
}

/* "TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 125" */
static void sockstat_line(struct file *file, char *line)
{
	char *word, *number, *rest;

	word = strtok_r(line, "\n ", &rest);
	if (!word || strcmp(word, "TCP:") != 0)
		return;
	while ((word = strtok_r(NULL, "\n ", &rest))) {
		number = strtok_r(NULL, "\n ", &rest);
		if (!number)
			bad(file, "a name without a number");
		add_value(file->books, "sockstat", word,
			  strtoll(number, NULL, 10));
	}
}

/* "ESTAB 0 0 127.0.0.1:80 127.0.0.1:40112 ... sk:1a ..." */
static void ss_line(struct file *file, char *line)
{
	struct laws_books *books = file->books;
	char *word, *rest, *port;
	struct laws_sock *sock;
	int state, i;

	word = strtok_r(line, "\n ", &rest);
	state = word ? laws_ss_state(word) : -1;
	if (state < 0)
		bad(file, "no state that ss prints");
	books->socks = laws_grow(books->socks, &file->room,
				 books->sock_count + 1, sizeof(*books->socks));
	sock = &books->socks[books->sock_count++];
	sock->state = state;
	sock->cookie = 0;
	for (i = 0; i < 3; i++)
		word = strtok_r(NULL, "\n ", &rest);
	port = word ? strrchr(word, ':') : NULL;
	if (!port)
		bad(file, "no local address and port");
	sock->port = strtoul(port + 1, NULL, 10);
	while ((word = strtok_r(NULL, "\n ", &rest)))
		if (strncmp(word, "sk:", 3) == 0)
			sock->cookie = strtoull(word + 3, NULL, 16);
	if (!sock->cookie)
		books->has_cookies = false;
}

static void mono_line(struct file *file, char *line)
{
	char *end;

	file->books->mono_ns = strtoull(line, &end, 10);
	if (end == line || strcmp(end, "\n") != 0)
		bad(file, "not a time");
}

/* Returns false if there is no such file. */
static bool read_file(struct laws_books *books, const char *name,
		      void (*each)(struct file *file, char *line))
{
	struct file file = { .books = books, .name = name };
	size_t room = 0;
	char path[4096], *line = NULL;
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", books->dir, name);
	stream = fopen(path, "r");
	if (!stream && errno == ENOENT)
		return false;
	if (!stream)
		laws_bad_input("cannot open %s: %s", path, strerror(errno));
	while (getline(&line, &room, stream) > 0) {
		file.line_number++;
		each(&file, line);
	}
	free(line);
	fclose(stream);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct laws_value *)a)->name,
		      ((const struct laws_value *)b)->name);
}

static int by_cookie(const void *a, const void *b)
{
	const struct laws_sock *s = a, *t = b;

	if (s->cookie != t->cookie)
		return s->cookie < t->cookie ? -1 : 1;
	return (s->state > t->state) - (s->state < t->state);
}

struct laws_books *laws_books_read(const char *dir)
{
	struct laws_books *books = calloc(1, sizeof(*books));

	if (!books)
		laws_bad_input("out of memory");
	books->dir = dir;
	books->has_cookies = true;
	value_room = 0;
	if (!read_file(books, "counters", counters_line) ||
	    !read_file(books, "transitions", transitions_line))
		laws_bad_input("%s: no counters or no transitions in it", dir);
	read_file(books, "snmp", mib_line);
	read_file(books, "netstat", mib_line);
	read_file(books, "sockstat", sockstat_line);
	read_file(books, "mono_ns", mono_line);
	books->has_ss = read_file(books, "ss", ss_line);
	if (read_file(books, "trace", trace_line))
		books->has_raw = true;
	qsort(books->values, books->value_count, sizeof(*books->values),
	      by_name);
	if (books->sock_count)
		qsort(books->socks, books->sock_count, sizeof(*books->socks),
		      by_cookie);
	return books;
}

bool laws_books_value(const struct laws_books *books, const char *name,
		      int64_t *value)
{
	struct laws_value key = { .name = (char *)name };
	const struct laws_value *found = bsearch(
		&key, books->values, books->value_count, sizeof(key), by_name);

	if (found)
		*value = found->value;
	return found;
}

bool laws_books_has_sock(const struct laws_books *books, uint64_t cookie,
			 unsigned int state)
{
	struct laws_sock key = { .cookie = cookie, .state = state };

	return books->sock_count &&
	       bsearch(&key, books->socks, books->sock_count, sizeof(key),
		       by_cookie);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * laws - violations, notes and the verdict.
 *
 * Must not know what a law says. A law that is not wanted says nothing.
 */
#include "laws.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[LAW_COUNT] = {
	[LAW_CHAIN] = "chain",
	[LAW_BOOKS] = "books",
	[LAW_AGREES] = "agrees",
	[LAW_LOSS] = "loss",
};

static unsigned long violations[LAW_COUNT];
static char what[LAW_COUNT][96];

bool laws_wanted(enum law law)
{
	return laws_options.laws & 1U << law;
}

enum law laws_number(const char *name)
{
	unsigned int i;

	for (i = 0; i < LAW_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			break;
	return i;
}

void laws_broken(enum law law, const char *format, ...)
{
	va_list args;

	if (!laws_wanted(law) || violations[law]++ >= laws_options.limit)
		return;
	printf("%s: ", names[law]);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void laws_note(enum law law, const char *format, ...)
{
	va_list args;

	if (!laws_wanted(law))
		return;
	printf("%s: note: ", names[law]);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void laws_checked(enum law law, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(what[law], sizeof(what[law]), format, args);
	va_end(args);
}

void laws_bad_input(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("laws: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

int laws_verdict(void)
{
	const char *separator = "laws: ";
	bool bad = false;
	unsigned int i;

	for (i = 0; i < LAW_COUNT; i++)
		if (violations[i] > laws_options.limit)
			printf("%s: ... and %lu more\n", names[i],
			       violations[i] - laws_options.limit);
	for (i = 0; i < LAW_COUNT; i++) {
		if (!laws_wanted(i))
			continue;
		printf("%s%s ", separator, names[i]);
		separator = ", ";
		if (violations[i]) {
			printf("BROKEN (%lu violations, %s)", violations[i],
			       what[i]);
			bad = true;
		} else {
			printf("ok (%s)", what[i]);
		}
	}
	putchar('\n');
	if (fflush(stdout) || ferror(stdout))
		laws_bad_input("cannot write the verdict");
	return bad ? 1 : 0;
}

void *laws_grow(void *array, unsigned long *room, unsigned long count,
		unsigned long size)
{
	unsigned long more = *room ? *room : 64;

	if (count <= *room)
		return array;
	while (more < count)
		more *= 2;
	array = realloc(array, more * size);
	if (!array)
		laws_bad_input("out of memory");
	*room = more;
	return array;
}

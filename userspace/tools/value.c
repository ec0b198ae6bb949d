// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - numbers and times on the command line. See value.h.
 */
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A decimal number and nothing else: strtoull() alone takes " -1" as well. */
int value_u64(const char *text, uint64_t min, uint64_t max, uint64_t *n)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	*n = strtoull(text, &end, 10);
	if (errno || *end || *n < min || *n > max)
		return -1;
	return 0;
}

/*
 * Seconds with up to nine places as nanoseconds, by hand: strtod() would take
 * "nan", "0x1p3" and the locale's comma. @end is what follows the number.
 */
static int parse_seconds(const char *text, uint64_t *ns, const char **end)
{
	uint64_t whole = 0, part = 0, unit = 100000000;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		whole = whole * 10 + (*p - '0');
		if (whole > 1000000000)
			return -1;
	}
	if (p == text)
		return -1;
	if (*p == '.') {
		if (p[1] < '0' || p[1] > '9')
			return -1;
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			part += (*p - '0') * unit;
	}
	*ns = whole * 1000000000 + part;
	*end = p;
	return *ns ? 0 : -1;
}

int value_seconds(const char *text, uint64_t *ns)
{
	const char *end;

	if (parse_seconds(text, ns, &end) || *end)
		return -1;
	return 0;
}

int value_duration(const char *text, uint64_t *ns)
{
	static const struct {
		const char *name;
		unsigned int seconds;
	} units[] = {
		{ "", 1 },     { "s", 1 },     { "m", 60 },
		{ "h", 3600 }, { "d", 86400 }, { NULL, 0 },
	};
	const char *end;
	size_t i;

	if (parse_seconds(text, ns, &end))
		return -1;
	if (strcmp(end, "ms") == 0) {
		*ns /= 1000;
		return *ns ? 0 : -1;
	}
	for (i = 0; units[i].name; i++)
		if (strcmp(end, units[i].name) == 0)
			return __builtin_mul_overflow(*ns, units[i].seconds,
						      ns) ?
				       -1 :
				       0;
	return -1;
}

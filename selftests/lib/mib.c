// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /proc/net/netstat and /proc/net/snmp: a line of names, a line of
 * numbers, both after the same prefix.
 */
#include "mib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const files[] = {
	"/proc/thread-self/net/netstat",
	"/proc/thread-self/net/snmp",
};

/* "TcpExt: A B" and "TcpExt: 1 2": the number under TcpExtA. */
static long long look_up(char *names, char *values, const char *wanted)
{
	char *n, *v, *prefix, *left, *right;
	char full[96];

	prefix = strtok_r(names, ": \n", &left);
	strtok_r(values, ": \n", &right);
	while ((n = strtok_r(NULL, " \n", &left)) && (v = strtok_r(NULL, " \n", &right))) {
		snprintf(full, sizeof(full), "%s%s", prefix, n);
		if (!strcmp(full, wanted))
			return atoll(v);
	}
	return -1;
}

long long mib(const char *name)
{
	static char names[8192], values[8192];
	long long found = -1;

	for (unsigned int i = 0; i < 2 && found < 0; i++) {
		FILE *f = fopen(files[i], "re");

		if (!f)
			continue;
		while (found < 0 && fgets(names, sizeof(names), f) &&
		       fgets(values, sizeof(values), f))
			found = look_up(names, values, name);
		fclose(f);
	}
	return found;
}

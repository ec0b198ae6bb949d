// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail.
 */
#include "failslab.h"

#include <stdio.h>
#include <unistd.h>

#define FAILSLAB "/sys/kernel/debug/failslab/"

static bool put(const char *path, const char *value)
{
	FILE *f = fopen(path, "w");
	bool done = f && fputs(value, f) >= 0;

	if (f)
		done = !fclose(f) && done;
	if (!done)
		perror(path);
	return done;
}

bool failslab_can(const char *slab)
{
	char path[128];
	int can = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/failslab", slab);
	f = fopen(path, "r");
	if (f) {
		can = getc(f);
		fclose(f);
	}
	return can == '1' && !access(FAILSLAB "probability", W_OK);
}

bool failslab_set(bool fail)
{
	return put(FAILSLAB "cache-filter", "Y") &&
	       put(FAILSLAB "ignore-gfp-wait", "N") && put(FAILSLAB "verbose", "0") &&
	       put(FAILSLAB "times", "-1") &&
	       put(FAILSLAB "probability", fail ? "100" : "0");
}

// SPDX-License-Identifier: GPL-2.0
/*
 * SYNs from spoofed addresses, as in a flood, and what one of them cost; one line
 * a run. What they meet: a listener whose SYN queue is full, one that answers
 * with SYN cookies then, or none at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "siege.h"
#include "stopwatch.h"
#include "sysctl.h"

#define PORT	7000
#define BACKLOG	8
#define SETTLE	300	/* ms until the slowest reader has looked */

int main(int argc, char **argv)
{
	unsigned int count = 10000, warm = 4000, runs = 3;
	const char *what = "full";
	struct stopwatch w;
	struct siege s;
	int option;

	while ((option = getopt(argc, argv, "n:w:r:")) != -1) {
		switch (option) {
		case 'n':
			count = atoi(optarg);
			break;
		case 'w':
			warm = atoi(optarg);
			break;
		case 'r':
			runs = atoi(optarg);
			break;
		default:
			fprintf(stderr, "usage: flood [-n SYNS] [-w WARM-UP] [-r RUNS] "
					"[full|cookies|closed]\n");
			return 2;
		}
	}
	if (argc > optind)
		what = argv[optind];
	if (!count || !siege_place(&s, KIND_V4) ||
	    !sysctl_set("tcp_syncookies", strcmp(what, "cookies") ? "0" : "1") ||
	    !sysctl_set("tcp_synack_retries", "10"))
		return 1;
	if (strcmp(what, "closed") && siege_listen(&s, PORT, BACKLOG) < 0)
		return 1;
	/* The first of a storm are recorded, one by one. */
	siege_flood(&s, 0, warm, PORT, 1);
	siege_hear(&s);
	while (runs--) {
		if (!runs)
			stopwatch_mark();
		stopwatch_start(&w);
		siege_flood(&s, 100000 * (runs + 1), count, PORT, 1);
		printf("%.1f\n", (double)stopwatch_stop(&w, SETTLE) / count);
		fflush(stdout);
		if (!runs)
			stopwatch_mark();
		siege_hear(&s);
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Reads how long the CPUs idled in /proc/timer_list, the one place that says it
 * in nanoseconds.
 */
#include "stopwatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "mark.h"
#include "util.h"

#define RETURN	0xc3	/* the instruction */
#define PAGE	4096

__u64 stopwatch_idle(void)
{
	FILE *f = fopen("/proc/timer_list", "re");
	unsigned long long one;
	char line[256];
	__u64 all = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " .idle_sleeptime : %llu", &one) == 1)
			all += one;
	}
	if (f)
		fclose(f);
	return all;
}

void stopwatch_start(struct stopwatch *w)
{
	w->idle = stopwatch_idle();
	w->start = now_ns();
}

__u64 stopwatch_stop(const struct stopwatch *w, unsigned int ms)
{
	__u64 took;

	stopwatch_rest(ms);
	took = now_ns() - w->start;
	return took - (stopwatch_idle() - w->idle);
}

void stopwatch_rest(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

void stopwatch_mark(void)
{
	static unsigned char *code;

	if (!getenv("BENCH_MARK"))
		return;
	if (!code) {
		code = mmap((void *)MARK, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (code == MAP_FAILED) {
			perror("no page for the mark");
			exit(1);
		}
		*code = RETURN;
	}
	((void (*)(void))code)();
}

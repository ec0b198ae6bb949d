// SPDX-License-Identifier: GPL-2.0
/*
 * Connections over loopback on several CPUs at once, a process pinned to each,
 * marked for the profiler, which counts what all of them execute.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu.h"
#include "ends.h"
#include "stopwatch.h"

/* How many are there, are told to begin, and have finished, in each run. */
struct meeting {
	atomic_uint ready;
	atomic_uint go;
	atomic_uint done;
};

static void connections(int listener, unsigned int count)
{
	union addr to = addr_make(KIND_V4, "127.0.0.1", tcp_port(listener));

	while (count--) {
		int c = socket(AF_INET, SOCK_STREAM, 0), s;

		if (c < 0 || connect(c, &to.any, addr_len(&to)))
			exit(1);
		s = accept(listener, NULL, NULL);
		close(c);
		close(s);
	}
}

static void wait_for(atomic_uint *number, unsigned int all)
{
	while (atomic_load(number) < all)
		stopwatch_rest(1);
}

static void one(unsigned int cpu, unsigned int cpus, unsigned int count, unsigned int runs,
		struct meeting *meeting)
{
	int listener;

	listener = tcp_listen(KIND_V4, "127.0.0.1", 0, 8);
	if (!run_on(cpu) || listener < 0)
		exit(1);
	connections(listener, count / 4);
	for (unsigned int i = 0; i < runs; i++, meeting++) {
		stopwatch_rest(1000);
		atomic_fetch_add(&meeting->ready, 1);
		wait_for(&meeting->ready, cpus);
		if (!cpu)
			stopwatch_mark();
		atomic_fetch_add(&meeting->go, 1);
		wait_for(&meeting->go, cpus);
		connections(listener, count);
		atomic_fetch_add(&meeting->done, 1);
		wait_for(&meeting->done, cpus);
		if (!cpu)
			stopwatch_mark();
	}
}

int main(int argc, char **argv)
{
	unsigned int cpus = argc > 1 ? atoi(argv[1]) : 1;
	unsigned int count = argc > 2 ? atoi(argv[2]) : 1000;
	unsigned int runs = argc > 3 ? atoi(argv[3]) : 3;
	struct meeting *meeting;
	int status, code = 0;

	meeting = mmap(NULL, runs * sizeof(*meeting), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (meeting == MAP_FAILED)
		return 1;
	for (unsigned int i = 0; i < cpus; i++) {
		if (!fork()) {
			one(i, cpus, count, runs, meeting);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		code |= status;
	return !!code;
}

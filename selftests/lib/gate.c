// SPDX-License-Identifier: GPL-2.0
/*
 * A gate at a function of the kernel.
 */
#include "gate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#define PARAMETERS "/sys/module/gate/parameters/"
#define SECONDS 10

/* It is built beside the module under test. */
bool gate_up(const char *function)
{
	const char *ko = getenv("TCPSTATE_KO") ?: "";
	char line[512];
	int len = strrchr(ko, '/') ? strrchr(ko, '/') - ko : 0;

	snprintf(line, sizeof(line), "insmod %.*s/stall/gate.ko function=%s hold=Y", len, ko,
		 function);
	return len && !system(line);
}

void gate_down(void)
{
	gate_open();
	if (system("rmmod gate"))
		printf("# the gate stays\n");
}

bool gate_holds(void)
{
	__u64 until = deadline(SECONDS);
	char held = '0';

	do {
		int fd = open(PARAMETERS "held", O_RDONLY | O_CLOEXEC);

		if (read(fd, &held, 1) != 1)
			held = '0';
		close(fd);
	} while (held == '0' && again(until));
	return held != '0';
}

bool gate_open(void)
{
	int fd = open(PARAMETERS "hold", O_WRONLY | O_CLOEXEC);
	bool done = write(fd, "N", 1) == 1;

	close(fd);
	return done;
}

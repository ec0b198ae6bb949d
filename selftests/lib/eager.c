// SPDX-License-Identifier: GPL-2.0
/*
 * A program that reads the error of its socket all the time.
 */
#include "eager.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu.h"

#define FDS	1024	/* as many as there can be */

static void ask(int fd, int ready)
{
	int error;
	socklen_t len = sizeof(error);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What the caller closes shall be closed. */
	for (int other = 3; other < FDS; other++) {
		if (other != fd && other != ready)
			close(other);
	}
	if (!run_on(1) || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

bool eager_start(struct eager *e, int fd)
{
	int ready[2];
	char byte;

	e->pid = 0;
	if (!run_on(0) || pipe(ready))
		return false;
	e->pid = fork();
	if (!e->pid)
		ask(fd, ready[1]);
	close(ready[1]);
	if (e->pid < 0 || read(ready[0], &byte, 1) != 1) {
		perror("# eager");
		eager_stop(e);
	}
	close(ready[0]);
	return e->pid > 0;
}

void eager_stop(struct eager *e)
{
	if (e->pid <= 0)
		return;
	kill(e->pid, SIGKILL);
	waitpid(e->pid, NULL, 0);
	e->pid = 0;
}

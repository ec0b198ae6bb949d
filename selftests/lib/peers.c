// SPDX-License-Identifier: GPL-2.0
/*
 * Starts tcp_peer, which lies beside the test.
 */
#include "peers.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void __attribute__((noreturn)) run(const char *arguments, int out)
{
	char path[PATH_MAX], command[PATH_MAX + 128];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (len > 0) {
		path[len] = 0;
		*strrchr(path, '/') = 0;
		snprintf(command, sizeof(command), "exec %s/tcp_peer %s", path, arguments);
		dup2(out, STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, NULL);
	}
	_exit(1);
}

bool peers_start(struct peers *peers, bool says_ready, const char *arguments)
{
	char word[8] = "";
	int out[2];
	pid_t pid;

	if (peers->count == PEERS_MAX || pipe2(out, O_CLOEXEC))
		return false;
	fflush(stdout);
	pid = fork();
	if (!pid)
		run(arguments, says_ready ? out[1] : open("/dev/null", O_WRONLY));
	close(out[1]);
	if (pid > 0)
		peers->pid[peers->count++] = pid;
	if (says_ready && (read(out[0], word, sizeof(word)) < 5 || strncmp(word, "ready", 5))) {
		printf("# tcp_peer %s: said \"%.7s\"\n", arguments, word);
		pid = -1;
	}
	close(out[0]);
	return pid > 0;
}

void peers_stop(struct peers *peers)
{
	for (unsigned int i = 0; i < peers->count; i++)
		kill(peers->pid[i], SIGKILL);
	for (unsigned int i = 0; i < peers->count; i++)
		waitpid(peers->pid[i], NULL, 0);
	peers->count = 0;
}

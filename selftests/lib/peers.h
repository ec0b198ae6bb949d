/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs tcp_peer in the background of a test, ended with it.
 */
#ifndef TCPSTATE_TEST_PEERS_H
#define TCPSTATE_TEST_PEERS_H

#include <stdbool.h>
#include <sys/types.h>

#define PEERS_MAX	8

/**
 * struct peers - those that run
 * @pid: processes
 * @count: how many
 */
struct peers {
	pid_t pid[PEERS_MAX];
	unsigned int count;
};

/*
 * Starts one in the caller's namespace, with these words as arguments. If it
 * @says_ready, it has. Its output goes nowhere.
 */
bool peers_start(struct peers *peers, bool says_ready, const char *arguments);
void peers_stop(struct peers *peers);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a lobby: all is told, all is counted, nothing is left.
 */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "lobby.h"
#include "util.h"

void lobby_wait_told(struct lobby *lb, bool listeners)
{
	__u64 until = deadline(lb->patience);
	bool told;

	do {
		lobby_turn(lb);
		told = true;
		for (unsigned int i = 0; i < lb->stories; i++)
			if (listeners || addr_port(&lb->story[i].remote))
				told = told && story_is_told(&lb->story[i]);
	} while (!told && again(until));
}

unsigned int lobby_told(const struct lobby *lb, unsigned int old, unsigned int cause)
{
	unsigned int count = 0;

	for (size_t i = 0; i < lb->rec.count; i++) {
		const struct tcpstate_record *r = &lb->rec.rec[i];

		if (r->type == TCPSTATE_EVENT_STATE && r->cause == cause &&
		    (!old || r->old_state == old))
			count++;
	}
	return count;
}

int lobby_check_stories(struct lobby *lb)
{
	__u64 until;

	lobby_wait_told(lb, true);
	/* What comes too much comes soon. */
	for (until = now_ns() + 30000000; again(until);)
		lobby_turn(lb);
	for (unsigned int i = 0; i < lb->stories; i++)
		lb->bad += story_check_end(&lb->story[i]);
	return lb->bad;
}

/* The table is the whole host's; what dies elsewhere makes it smaller. */
static int check_table(struct lobby *lb)
{
	__u64 until = deadline(lb->patience);
	long long entries;

	setns(lb->home, CLONE_NEWNET);
	do
		entries = counter("table_entries");
	while (entries > lb->entries && again(until));
	wire_go(&lb->w, SIDE_B);
	if (entries <= lb->entries)
		return 0;
	printf("# table_entries %lld, before it was %lld\n", entries, lb->entries);
	return 1;
}

bool lobby_finish(struct lobby *lb)
{
	lobby_wait_told(lb, false);
	while (lb->fds)
		close(lb->fd[--lb->fds]);
	return !(lobby_check_stories(lb) + lobby_check_books(lb) + check_table(lb));
}

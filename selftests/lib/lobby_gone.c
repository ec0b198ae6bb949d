// SPDX-License-Identifier: GPL-2.0
/*
 * A lobby that goes away while it is watched from home.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lobby.h"
#include "util.h"

/* Namespaces go one after the other, and take their time. */
#define PATIENCE 100

static bool wait_counter(const char *name, long long value)
{
	__u64 until = deadline(PATIENCE);

	while (counter(name) < value && again(until))
		;
	if (counter(name) == value)
		return true;
	printf("# %s is %lld, should be %lld\n", name, counter(name), value);
	return false;
}

bool lobby_alone(void)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	long long last = -1;

	/* They are numbered from 1, which is the first of all. */
	if (!unshare(CLONE_NEWNET))
		last = counter("netns_generation");
	if (last < 0 || setns(home, CLONE_NEWNET))
		return false;
	close(home);
	return wait_counter("gone_netns", last - 1);
}

bool lobby_watch(struct lobby *lb)
{
	struct tcpstate_filter all = { .flags = TCPSTATE_FILTER_ALL_NETNS };

	setns(lb->home, CLONE_NEWNET);
	lb->gone.netns = counter("gone_netns");
	lb->gone.transitions = counter("gone_transitions");
	lb->gone.records = counter("gone_records");
	close(lb->reader);
	lb->reader = device_open(O_NONBLOCK);
	lb->watched = true;
	wire_go(&lb->w, SIDE_B);
	return lb->reader >= 0 && !ioctl(lb->reader, TCPSTATE_IOC_SET_FILTER, &all) &&
	       !device_start(lb->reader, TCPSTATE_START_SINCE,
			     TCPSTATE_LANE_MAIN | TCPSTATE_LANE_RARE, lb->since);
}

void lobby_leave(struct lobby *lb)
{
	while (lb->fds)
		close(lb->fd[--lb->fds]);
	setns(lb->home, CLONE_NEWNET);
	wire_down(&lb->w);
	for (int side = 0; side < 2; side++) {
		lb->w.ns[side] = -1;
		lb->w.tun[side] = -1;
	}
}

/* How much the totals of all that went have to grow. */
static unsigned int states_told(const struct lobby *lb)
{
	unsigned int states = 0;

	for (size_t i = 0; i < lb->rec.count; i++)
		states += lb->rec.rec[i].type == TCPSTATE_EVENT_STATE;
	return states;
}

bool lobby_finish_gone(struct lobby *lb)
{
	bool good = !lobby_check_stories(lb);

	/* The other side of the wire went with it. */
	good &= wait_counter("gone_netns", lb->gone.netns + 2);
	good &= wait_counter("gone_transitions", lb->gone.transitions + states_told(lb));
	good &= wait_counter("gone_records", lb->gone.records + states_told(lb));
	if (counter("table_entries") <= lb->entries)
		return good;
	printf("# table_entries %lld, before it was %lld\n", counter("table_entries"),
	       lb->entries);
	return false;
}

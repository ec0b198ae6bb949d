// SPDX-License-Identifier: GPL-2.0
/*
 * Opens and reads readers that come late.
 */
#include "late.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traffic.h"
#include "util.h"

#define EVENTS (TCPSTATE_LANE_MAIN | TCPSTATE_LANE_RARE)

bool late_up(struct late *l)
{
	struct stat ns;

	l->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (l->home < 0 || unshare(CLONE_NEWNET))
		return false;
	l->here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (l->here < 0 || fstat(l->here, &ns))
		return false;
	l->inum = ns.st_ino;
	return loopback_up();
}

void late_down(struct late *l)
{
	if (setns(l->home, CLONE_NEWNET))
		perror("setns");
	close(l->here);
	close(l->home);
}

int late_open(const struct late *l, int ns, struct tcpstate_filter filter)
{
	int fd = -1;

	if (ns == l->home)
		filter.flags |= TCPSTATE_FILTER_ALL_NETNS;
	if (!setns(ns, CLONE_NEWNET))
		fd = device_open(O_NONBLOCK);
	if (fd < 0 || setns(l->here, CLONE_NEWNET) ||
	    ioctl(fd, TCPSTATE_IOC_SET_FILTER, &filter)) {
		printf("# a late reader: %s\n", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static void add(struct records *r, const struct tcpstate_record *rec)
{
	if (r->count == r->room) {
		r->room = r->room ? 2 * r->room : 256;
		r->rec = realloc(r->rec, r->room * sizeof(*r->rec));
		if (!r->rec)
			abort();
	}
	r->rec[r->count++] = *rec;
}

bool late_start(struct records *r, int fd)
{
	/* Few at a time, so that much happens meanwhile. */
	struct tcpstate_record few[8];
	ssize_t len;

	if (device_start(fd, TCPSTATE_START_LIVE, EVENTS, 0))
		return false;
	do {
		len = read(fd, few, sizeof(few));
		for (ssize_t i = 0; i < len / (ssize_t)sizeof(*few); i++)
			add(r, &few[i]);
	} while (len > 0 && r->rec[r->count - 1].flags & TCPSTATE_F_SNAPSHOT);
	return len > 0 || errno == EAGAIN;
}

bool late_read_until(struct records *r, int fd, __u64 until)
{
	struct tcpstate_stats stats;
	__u64 patience = deadline(20);

	do {
		if (records_read(r, fd) < 0)
			return false;
		if (r->count && r->rec[r->count - 1].mono_ns > until &&
		    !(r->rec[r->count - 1].flags & TCPSTATE_F_SNAPSHOT))
			return true;
	} while (again(patience));
	/* It may be that nothing happened any more. */
	return !ioctl(fd, TCPSTATE_IOC_GET_STATS, &stats) && !stats.pending;
}

bool late_figures(const struct records *r, int fd)
{
	struct tcpstate_stats stats;
	unsigned long long given = 0;

	for (size_t i = 0; i < r->count; i++)
		given += !(r->rec[i].flags & TCPSTATE_F_SNAPSHOT);
	/* A reader of one namespace is told only a part of them. */
	if (!stats_add_up(fd, &stats) && !(stats.flags & TCPSTATE_F_SCOPED))
		return false;
	if (stats.delivered == given && !stats.lost && !stats.lost_runs)
		return true;
	printf("# %llu records, but %llu delivered, %llu lost\n", given,
	       (unsigned long long)stats.delivered, (unsigned long long)stats.lost);
	return false;
}

bool late_living(const struct late *l, int ns, struct tcpstate_filter filter,
		 struct records *r)
{
	int fd = late_open(l, ns, filter);
	bool done = fd >= 0 && late_start(r, fd);

	for (size_t i = 0; i < r->count; i++)
		if (r->rec[i].type == TCPSTATE_EVENT_STATE &&
		    !(r->rec[i].flags & TCPSTATE_F_SNAPSHOT)) {
			printf("# something happened: %s to %s\n",
			       state_name(r->rec[i].old_state), state_name(r->rec[i].new_state));
			done = false;
		}
	done = done && late_figures(r, fd);
	close(fd);
	return done;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting with a deadline, and names.
 */
#include "util.h"

#include <linux/tcpstate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static const char *const states[TCPSTATE_STATE_COUNT] = {
	[TCPSTATE_ESTABLISHED] = "ESTABLISHED",
	[TCPSTATE_SYN_SENT] = "SYN_SENT",
	[TCPSTATE_SYN_RECV] = "SYN_RECV",
	[TCPSTATE_FIN_WAIT1] = "FIN_WAIT1",
	[TCPSTATE_FIN_WAIT2] = "FIN_WAIT2",
	[TCPSTATE_TIME_WAIT] = "TIME_WAIT",
	[TCPSTATE_CLOSE] = "CLOSE",
	[TCPSTATE_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCPSTATE_LAST_ACK] = "LAST_ACK",
	[TCPSTATE_LISTEN] = "LISTEN",
	[TCPSTATE_CLOSING] = "CLOSING",
};

static const char *const causes[TCPSTATE_CAUSE_COUNT] = {
	"none", "unknown", "syn", "syn-ack", "ack", "fin", "fin+ack", "rst",
	"cookie", "icmp", "connect", "listen", "close", "shutdown",
	"disconnect", "repair", "abort", "timeout", "keepalive",
	"user-timeout", "fin-timeout", "synack-timeout", "linger0", "linger2",
	"unread-data", "data-after-close", "orphan-limit", "no-memory",
	"no-route", "ports-exhausted", "port-failure", "accept-overflow",
	"listener-closed", "duplicate", "migrate-failed", "mptcp-drop",
	"netns-exit", "expired", "reused", "recycled", "tw-overflow",
	"syn-queue-full", "accept-queue-full", "last-quarter", "filtered",
	"other", "cookie-sent", "cookie-valid", "cookie-failed", "timer",
	"duplicate-syn", "range-used", "tuple-taken", "bind", "pressure-on",
	"pressure-off", "no-socket", "auth",
};

__u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

unsigned int slow(void)
{
	const char *s = getenv("TCPSTATE_SLOW");
	int factor = s ? atoi(s) : 1;

	return factor > 1 ? factor : 1;
}

__u64 deadline(unsigned int seconds)
{
	/* Timeouts grow more slowly than work: most of a wait is idle. */
	unsigned int factor = slow() > 10 ? 10 : slow();

	return now_ns() + seconds * factor * 1000000000ULL;
}

bool again(__u64 until)
{
	struct timespec t = { .tv_nsec = 5000000 };

	nanosleep(&t, NULL);
	return now_ns() < until;
}

bool kernel_before(int major, int minor)
{
	struct utsname u;
	int a = 0, b = 0;

	if (uname(&u) || sscanf(u.release, "%d.%d", &a, &b) != 2)
		return false;
	return a < major || (a == major && b < minor);
}

const char *state_name(unsigned int state)
{
	return state < TCPSTATE_STATE_COUNT && states[state] ? states[state] : "?";
}

unsigned int state_number(const char *name)
{
	for (unsigned int i = 1; i < TCPSTATE_STATE_COUNT; i++)
		if (!strcmp(states[i], name))
			return i;
	return 0;
}

const char *cause_name(unsigned int cause)
{
	return cause < TCPSTATE_CAUSE_COUNT ? causes[cause] : "?";
}

unsigned int cause_number(const char *name)
{
	for (unsigned int i = 0; i < TCPSTATE_CAUSE_COUNT; i++)
		if (!strcmp(causes[i], name))
			return i;
	return TCPSTATE_CAUSE_UNKNOWN;
}

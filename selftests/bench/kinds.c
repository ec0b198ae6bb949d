// SPDX-License-Identifier: GPL-2.0
/*
 * What one event of each kind costs, that is no part of an ordinary connection:
 * makes many of one kind and says what one of them cost, one line a run. Where
 * the module is loaded its counters must have risen by as many.
 *
 * Owns how each kind is made; whoever calls it compares.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "ends.h"
#include "siege.h"
#include "stopwatch.h"
#include "sysctl.h"

#define PORT	7000
#define SETTLE	300	/* ms until the slowest reader has looked */
#define CALM	10000	/* ms after which the kernel has nothing left to do */
#define TIMERS	40000	/* ms in which a timer of TCP fires TRIES times: 1 s, 2 s ... */
#define TRIES	5
#define MOST	4000	/* sockets, peers */

static struct siege siege;
static int fds[MOST];
static unsigned int fd_count, listener_port;
static int listener = -1;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void set(const char *name, const char *value)
{
	if (!sysctl_set(name, value))
		exit(1);
}

static void keep(int fd)
{
	if (fd < 0 || fd_count == MOST)
		fail("socket");
	fds[fd_count++] = fd;
}

static void listen_at(unsigned int port, int backlog)
{
	listener = siege_listen(&siege, port, backlog);
	if (listener < 0)
		exit(1);
	listener_port = port;
}

static int connect_there(void)
{
	int fd = tcp_connect_to(KIND_V4, "127.0.0.1", listener_port);

	if (fd < 0)
		fail("connect");
	return fd;
}

static int accept_it(void)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		fail("accept");
	return fd;
}

/* A device that takes packets and sends none of them anywhere. */
static void swallow_all(void)
{
	if (system("ip link add sink type dummy && ip link set sink up && "
		   "ip -4 route replace default dev sink"))
		exit(1);
}

static void listeners(unsigned int count)
{
	while (count--)
		close(tcp_listen(KIND_V4, "127.0.0.1", PORT, 8));
}

/* The search for a port is looked at. */
static void binds(unsigned int count)
{
	while (count--)
		close(tcp_bound(KIND_V4, "127.0.0.1", 0, 0));
}

static void local_listener(void)
{
	listen_at(PORT, 8);
}

static void resets(unsigned int count)
{
	while (count--) {
		int c = connect_there(), s = accept_it();

		tcp_abort(c);
		close(s);
	}
}

static void no_buckets(void)
{
	set("tcp_max_tw_buckets", "0");
	listen_at(PORT, 8);
}

static void overflows(unsigned int count)
{
	while (count--) {
		int c = connect_there(), s = accept_it();

		close(c);
		close(s);
	}
}

/* All ports are used: by connections to the same place. */
static void all_ports(void)
{
	set("ip_local_port_range", "40000 40009");
	listen_at(PORT, 64);
	for (int i = 0; i < 10; i++) {
		keep(connect_there());
		keep(accept_it());
	}
}

static void no_ports(unsigned int count)
{
	union addr to = addr_make(KIND_V4, "127.0.0.1", PORT);
	int fd = tcp_socket(KIND_V4, 0);

	while (count--) {
		if (!connect(fd, &to.any, addr_len(&to)) || errno != EADDRNOTAVAIL)
			fail("connect without a port");
	}
	close(fd);
}

static void unanswered(unsigned int count)
{
	union addr to = addr_make(KIND_V4, "198.51.100.1", PORT);

	set("tcp_syn_retries", "10");
	for (unsigned int i = 0; i < count / TRIES; i++) {
		keep(tcp_socket(KIND_V4, SOCK_NONBLOCK));
		if (!connect(fds[i], &to.any, addr_len(&to)) || errno != EINPROGRESS)
			fail("connect to nobody");
	}
}

static void syns_from(unsigned int count)
{
	set("tcp_syncookies", "0");
	set("tcp_synack_retries", "10");
	set("tcp_max_syn_backlog", "16384");
	set("../core/somaxconn", "16384");
	listen_at(PORT, 16384);
	siege_flood(&siege, 0, count, PORT, 1);
}

static void half_open(unsigned int count)
{
	syns_from(count / TRIES);
}

/* Their time comes, all of them are sent again. */
static void timers(unsigned int count)
{
	stopwatch_rest(TIMERS);
}

/* Half-open connections, and then no more room for those that get ready. */
static void full_house(unsigned int count)
{
	syns_from(0);
	for (unsigned int n = 0; n < count + 2; n++)
		siege_syn(&siege, n, PORT);
	if (listen(listener, 1))
		fail("listen");
	siege_ack(&siege, count, PORT);
	siege_ack(&siege, count + 1, PORT);
}

static void third_packets(unsigned int count)
{
	for (unsigned int n = 0; n < count; n++)
		siege_ack(&siege, n, PORT);
}

/**
 * struct kind_of_event - how a kind is made
 * @name: of the workload
 * @prepare: once
 * @ready: before each run, for so many
 * @make: so many
 * @counter: rises by one with each; NULL: none is needed
 * @other: so does this one
 * @sinks: no packet that is sent comes to anybody
 */
static const struct kind_of_event {
	const char *name;
	void (*prepare)(void);
	void (*ready)(unsigned int count);
	void (*make)(unsigned int count);
	const char *counter;
	const char *other;
	bool sinks;
} kinds[] = {
	{ "listen", NULL, NULL, listeners, "state_LISTEN_entered", "state_LISTEN_left" },
	{ "bind", NULL, NULL, binds },
	{ "reset", local_listener, NULL, resets, "event_reset_linger0", "event_reset_rst" },
	{ "tw-overflow", no_buckets, NULL, overflows, "event_tw_overflow_tw_overflow" },
	{ "ports", all_ports, NULL, no_ports, "event_ports_exhausted_range_used" },
	{ "syn-again", NULL, unanswered, timers, "event_syn_retransmit_timer", .sinks = true },
	{ "synack-again", NULL, half_open, timers, "event_synack_retransmit_timer",
	  .sinks = true },
	{ "accept-drop", NULL, full_house, third_packets, "event_accept_drop_accept_queue_full" },
};

static const struct kind_of_event *kind_named(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* What @ready made is gone. */
static void tidy(const struct kind_of_event *kind)
{
	if (!kind->ready)
		return;
	while (fd_count)
		close(fds[--fd_count]);
	close(listener);
	listener = -1;
	siege_hear(&siege);
}

static long long rise(const char *name, long long before)
{
	return name ? counter(name) - before : 0;
}

/* False, with what was counted, unless it was as many as were made. */
static bool all_counted(const char *name, long long rose, unsigned int count)
{
	if (name && counter(name) >= 0 && rose != count) {
		fprintf(stderr, "%s rose by %lld, should be %u\n", name, rose, count);
		return false;
	}
	return true;
}

/* The last one is marked for the profiler. */
static bool run(const struct kind_of_event *kind, unsigned int count, bool print, bool last)
{
	long long before, before_other;
	struct stopwatch w;
	__u64 took;

	if (kind->ready)
		kind->ready(count);
	before = rise(kind->counter, 0);
	before_other = rise(kind->other, 0);
	if (last)
		stopwatch_mark();
	stopwatch_start(&w);
	kind->make(count);
	took = stopwatch_stop(&w, SETTLE);
	if (last)
		stopwatch_mark();
	if (print)
		printf("%.1f\n", (double)took / count);
	fflush(stdout);
	if (!all_counted(kind->counter, rise(kind->counter, before), count) ||
	    !all_counted(kind->other, rise(kind->other, before_other), count))
		return false;
	tidy(kind);
	stopwatch_rest(CALM);
	return true;
}

int main(int argc, char **argv)
{
	unsigned int count = 1000, runs = 3;
	const struct kind_of_event *kind;
	int option;

	while ((option = getopt(argc, argv, "n:r:")) != -1) {
		if (option == 'n')
			count = atoi(optarg);
		else if (option == 'r')
			runs = atoi(optarg);
		else
			argc = 0;
	}
	kind = optind + 1 == argc ? kind_named(argv[optind]) : NULL;
	if (!kind || !count || count > MOST - 2 || count % TRIES) {
		fprintf(stderr, "usage: kinds [-n EVENTS] [-r RUNS] KIND\n");
		return 2;
	}
	if (!siege_place(&siege, KIND_V4))
		return 1;
	if (kind->sinks)
		swallow_all();
	if (kind->prepare)
		kind->prepare();
	if (!run(kind, count, false, false))
		return 1;
	while (runs--)
		if (!run(kind, count, true, !runs))
			return 1;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Opens and closes connections over loopback, both ends in one process, and
 * says what one of them cost: until both ends are closed, and then what the end
 * of its TIME_WAIT cost, a minute later. One line a run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "stopwatch.h"
#include "util.h"

#define SETTLE	300	/* ms until the slowest reader has looked */
#define EXPIRE	65000	/* ms until the last TIME_WAIT is over */
#define PLUGS	150	/* messages that a receive buffer holds by default */

static const char *address = "127.0.0.1";
static enum kind kind = KIND_V4;
static int listener;
static unsigned int port;

static void connections(unsigned int count)
{
	union addr to = addr_make(kind, address, port);

	for (unsigned int i = 0; i < count; i++) {
		int c = socket(to.any.sa_family, SOCK_STREAM, 0);
		int s;

		if (c < 0 || connect(c, &to.any, addr_len(&to))) {
			perror("connect");
			exit(1);
		}
		s = accept(listener, NULL, NULL);
		if (s < 0) {
			perror("accept");
			exit(1);
		}
		close(c);
		close(s);
	}
}

/*
 * Segments without payload come from one slab cache. If all of its slabs happen
 * to be nearly full, half of them are allocated and freed the slow way, for as
 * long as it is measured, whoever observes; what lies unread here fills the gaps.
 */
static void plug_slabs(void)
{
	union addr to = addr_make(KIND_V4, "127.0.0.1", 0);
	socklen_t len = sizeof(to);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char message[400] = "";

	if (s < 0 || bind(s, &to.any, len) || getsockname(s, &to.any, &len) ||
	    connect(s, &to.any, len)) {
		perror("plug");
		exit(1);
	}
	for (unsigned int i = 0; i < PLUGS; i++)
		send(s, message, sizeof(message), MSG_DONTWAIT);
}

static void help(void)
{
	fprintf(stderr, "Usage: connect [-6] [-n CONNECTIONS] [-w WARM-UP] [-r RUNS] [-e] [-q]\n"
			"  -e  says how long it took to make them all, in ns, nothing else\n"
			"  -q  quick: neither waits for TIME_WAIT nor tells its cost\n");
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned int count = 1000, warm = 300, runs = 3;
	struct stopwatch w;
	int option, quick = 0, elapsed = 0;
	__u64 open, took;

	while ((option = getopt(argc, argv, "6n:w:r:eq")) != -1) {
		switch (option) {
		case '6':
			kind = KIND_V6;
			address = "::1";
			break;
		case 'n':
			count = atoi(optarg);
			break;
		case 'w':
			warm = atoi(optarg);
			break;
		case 'r':
			runs = atoi(optarg);
			break;
		case 'e':
			elapsed = 1;
			break;
		case 'q':
			quick = 1;
			break;
		default:
			help();
		}
	}
	listener = tcp_listen(kind, address, 0, 128);
	if (listener < 0 || !count || !runs) {
		perror("listen");
		return 1;
	}
	port = tcp_port(listener);
	plug_slabs();
	connections(warm);
	if (!quick)
		stopwatch_rest(EXPIRE);
	while (runs--) {
		if (!runs)
			stopwatch_mark();
		stopwatch_start(&w);
		connections(count);
		took = now_ns() - w.start;
		open = stopwatch_stop(&w, SETTLE);
		if (!runs && quick)
			stopwatch_mark();
		stopwatch_start(&w);
		printf("%llu", elapsed ? took : open / count);
		if (!quick)
			printf(" %llu", stopwatch_stop(&w, EXPIRE) / count);
		printf("\n");
		fflush(stdout);
		if (!runs && !quick)
			stopwatch_mark();
	}
	return 0;
}

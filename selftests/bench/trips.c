// SPDX-License-Identifier: GPL-2.0
/*
 * What is sent over one connection that is there already: requests and answers
 * of one byte, or a stream in one direction. Says what a round trip, or a segment
 * of the stream (those that only acknowledge are segments too), cost; one line a
 * run.
 */
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ends.h"
#include "stopwatch.h"

#define SETTLE	300	/* ms until the slowest reader has looked */
#define PIECE	1400	/* bytes of a segment: no two of them are merged */

static int ends[2];
static char piece[PIECE];

static void pass(int from, int to, size_t len)
{
	if (write(from, piece, len) != (ssize_t)len) {
		perror("write");
		exit(1);
	}
	if (recv(to, piece, len, MSG_WAITALL) != (ssize_t)len) {
		perror("recv");
		exit(1);
	}
}

static void work(unsigned int count, int stream)
{
	while (count--) {
		pass(ends[0], ends[1], stream ? PIECE : 1);
		if (!stream)
			pass(ends[1], ends[0], 1);
	}
}

/* Segments that both ends have sent. */
static unsigned int segments(void)
{
	unsigned int sum = 0;

	for (int i = 0; i < 2; i++) {
		struct tcp_info info = {};
		socklen_t len = sizeof(info);

		getsockopt(ends[i], IPPROTO_TCP, TCP_INFO, &info, &len);
		sum += info.tcpi_segs_out;
	}
	return sum;
}

int main(int argc, char **argv)
{
	unsigned int count = 5000, runs = 3, sent;
	int option, listener, stream = 0;
	struct stopwatch w;
	__u64 cost;

	while ((option = getopt(argc, argv, "sn:r:")) != -1) {
		switch (option) {
		case 's':
			stream = 1;
			break;
		case 'n':
			count = atoi(optarg);
			break;
		case 'r':
			runs = atoi(optarg);
			break;
		default:
			fprintf(stderr, "usage: trips [-s] [-n COUNT] [-r RUNS]\n"
					"  -s  a stream, not requests and answers\n");
			return 2;
		}
	}
	listener = tcp_listen(KIND_V4, "127.0.0.1", 0, 8);
	ends[0] = tcp_connect_to(KIND_V4, "127.0.0.1", tcp_port(listener));
	ends[1] = accept(listener, NULL, NULL);
	if (ends[0] < 0 || ends[1] < 0 || !count || !tcp_set(ends[0], TCP_NODELAY, 1) ||
	    !tcp_set(ends[1], TCP_NODELAY, 1)) {
		perror("no connection");
		return 1;
	}
	work(count / 4 + 1, stream);
	stopwatch_rest(3000);
	while (runs--) {
		sent = segments();
		if (!runs)
			stopwatch_mark();
		stopwatch_start(&w);
		work(count, stream);
		cost = stopwatch_stop(&w, SETTLE);
		if (!runs)
			stopwatch_mark();
		sent = segments() - sent;
		printf("%.1f\n", (double)cost / (stream ? sent : count));
		fflush(stdout);
	}
	return 0;
}

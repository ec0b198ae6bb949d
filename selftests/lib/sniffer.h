/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What passes the network devices of a namespace, seen by a packet socket, and
 * the comparison with what segment records tell of it.
 */
#ifndef TCPSTATE_TEST_SNIFFER_H
#define TCPSTATE_TEST_SNIFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "device.h"
#include "segment.h"

/**
 * struct sniffed - a segment with SYN, FIN or RST
 * @s: the segment
 * @incoming: to this host; on loopback each segment passes both ways
 * @told: a record tells of it
 */
struct sniffed {
	struct segment s;
	bool incoming;
	bool told;
};

/**
 * struct sniffer - a packet socket and what it has seen
 * @fd: the socket
 * @seen: what it saw
 * @count: how many
 * @room: for how many there is room
 */
struct sniffer {
	int fd;
	struct sniffed *seen;
	size_t count;
	size_t room;
};

/* In the namespace of the caller; false with a diagnostic. */
bool sniffer_open(struct sniffer *sn);
void sniffer_close(struct sniffer *sn);

/* Takes all that passed up to now. */
void sniffer_read(struct sniffer *sn);

/* How many of them @flags have, of those @incoming or not. */
unsigned int sniffer_count(const struct sniffer *sn, bool incoming, unsigned int mask,
			   unsigned int flags);

/* Does a record say of a segment all that its header says? */
bool segment_is_told(const struct tcpstate_record *r, const struct segment *s, bool incoming);

/*
 * Each segment has one record and each record has its segment. Prints what is
 * wrong, returns how much is. Records that are no segments are passed over.
 */
int sniffer_compare(struct sniffer *sn, const struct records *rec);

/* Prints a segment record as a diagnostic. */
void segment_record_print(const char *what, const struct tcpstate_record *r);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP segments as bytes: IPv4 or IPv6 header, TCP header, options, data.
 *
 * Must not know connections.
 */
#ifndef TCPSTATE_TEST_SEGMENT_H
#define TCPSTATE_TEST_SEGMENT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define SEGMENT_FIN	0x01
#define SEGMENT_SYN	0x02
#define SEGMENT_RST	0x04
#define SEGMENT_ACK	0x10
#define SEGMENT_AE	0x100	/* in the byte before the others */

#define SEGMENT_MAX	256	/* bytes of a packet that segment_write() makes */
#define SEGMENT_OPTIONS	40

/**
 * struct segment - a segment
 * @v6: IPv6
 * @src: address, network byte order, IPv4 in the first four bytes
 * @dst: likewise
 * @sport: host byte order, as all numbers
 * @window: not scaled; filled in by segment_read() only
 * @option: options as they stand in the header
 * @options: bytes of them
 * @text: data to send; not filled in by segment_read()
 * @len: bytes of data
 */
struct segment {
	bool v6;
	unsigned char src[16];
	unsigned char dst[16];
	unsigned int sport;
	unsigned int dport;
	__u32 seq;
	__u32 ack;
	unsigned int flags;
	unsigned int window;
	unsigned char option[SEGMENT_OPTIONS];
	unsigned int options;
	const char *text;
	size_t len;
};

/* Bytes of the packet written to @packet, which has room for SEGMENT_MAX. */
size_t segment_write(const struct segment *s, unsigned char *packet);

/* False if @packet is no TCP segment. */
bool segment_read(struct segment *s, const unsigned char *packet, size_t len);

/* Adds an option; @len counts @data only. */
void segment_add_option(struct segment *s, unsigned int kind, const void *data,
			unsigned int len);

/* Data of an option and its length, NULL without it. */
const unsigned char *segment_option(const struct segment *s, unsigned int kind,
				    unsigned int *len);

#endif

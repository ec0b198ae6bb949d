/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP segment in a packet: where it is, what its header and options say.
 *
 * Knows packets; must not know sockets, hooks or records' ways.
 */
#ifndef _TCPS_SEGMENT_H
#define _TCPS_SEGMENT_H

#include <linux/types.h>
#include <linux/tcpstate.h>

struct sk_buff;

/* The flags for whose sake a segment is looked at: FIN, SYN, RST. */
#define TCPS_SEGMENT_FLAGS 0x07
/* Where they stand in the header. */
#define TCPS_SEGMENT_FLAGS_AT 13
/* The ninth stands in the byte before, beside the length of the header. */
#define TCPS_SEGMENT_AE 0x01

/**
 * enum tcps_segment_found - what a packet turned out to be
 * @TCPS_SEGMENT_OTHER: no TCP header, or none with SYN, FIN or RST
 * @TCPS_SEGMENT_MALFORMED: TCP, but the header is not all there
 * @TCPS_SEGMENT_WHOLE: a segment
 */
enum tcps_segment_found {
	TCPS_SEGMENT_OTHER,
	TCPS_SEGMENT_MALFORMED,
	TCPS_SEGMENT_WHOLE,
};

/**
 * struct tcps_segment - a segment with SYN, FIN or RST
 * @saddr: source address in the packet
 * @daddr: destination address in the packet
 * @sport: source port
 * @dport: destination port
 * @family: AF_INET or AF_INET6
 * @flags: that byte of the header; the ninth flag is in @data
 * @kind: enum tcps_segment_kind
 * @bad_options: the options are not what RFC 9293 says; those that could be
 *	understood are in @data
 * @data: what goes into a record
 */
struct tcps_segment {
	const void *saddr;
	const void *daddr;
	__be16 sport;
	__be16 dport;
	u8 family;
	u8 flags;
	u8 kind;
	bool bad_options;
	struct tcpstate_segment_data data;
};

enum tcps_segment_found tcps_segment_find_v4(const struct sk_buff *skb,
					     struct tcps_segment *seg);
enum tcps_segment_found tcps_segment_find_v6(const struct sk_buff *skb,
					     struct tcps_segment *seg);

#endif /* _TCPS_SEGMENT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP segment in a packet: where it is, what its header and options say.
 *
 * Knows packets; must not know sockets, hooks or records' ways. Nothing in a
 * packet is believed: it may come from anybody, also from a raw socket of this
 * host. Checksums are not looked at, because that would write to the packet.
 */
#include "segment.h"

#include <linux/build_bug.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/minmax.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "counters.h"

/* Bytes of options that a header can have. */
#define OPTIONS_MAX (15 * 4 - sizeof(struct tcphdr))

static u16 be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 be32(const u8 *p)
{
	return (u32)be16(p) << 16 | be16(p + 2);
}

/* Returns false if an option that we know has another length. */
static bool read_option(struct tcpstate_segment_data *data, u8 kind,
			const u8 *value, unsigned int len)
{
	switch (kind) {
	case TCPOPT_MSS:
		if (len != TCPOLEN_MSS)
			return false;
		data->mss = be16(value);
		data->opts |= TCPSTATE_SEG_MSS;
		return true;
	case TCPOPT_WINDOW:
		if (len != TCPOLEN_WINDOW)
			return false;
		data->wscale = *value;
		data->opts |= TCPSTATE_SEG_WSCALE;
		return true;
	case TCPOPT_SACK_PERM:
		if (len != TCPOLEN_SACK_PERM)
			return false;
		data->opts |= TCPSTATE_SEG_SACK_PERM;
		return true;
	case TCPOPT_TIMESTAMP:
		if (len != TCPOLEN_TIMESTAMP)
			return false;
		data->tsval = be32(value);
		data->tsecr = be32(value + 4);
		data->opts |= TCPSTATE_SEG_TIMESTAMP;
		return true;
	default:
		return true;
	}
}

/*
 * As tcp_parse_options() does: an option of a wrong length is passed over, and
 * behind one whose end is not known there is nothing. Returns false for both.
 */
static bool read_options(struct tcpstate_segment_data *data, const u8 *p,
			 unsigned int left)
{
	bool good = true;

	while (left) {
		if (*p == TCPOPT_EOL)
			break;
		if (*p == TCPOPT_NOP) {
			p++;
			left--;
			continue;
		}
		if (left < 2 || p[1] < 2 || p[1] > left)
			return false;
		good &= read_option(data, p[0], p + 2, p[1]);
		left -= p[1];
		p += p[1];
	}
	return good;
}

/* RST before SYN before FIN, as TCP looks at them: each counts once. */
static u8 kind_of(const struct tcphdr *th)
{
	if (th->rst)
		return TCPS_SEGMENT_RST;
	if (th->syn)
		return th->ack ? TCPS_SEGMENT_SYNACK : TCPS_SEGMENT_SYN;
	return TCPS_SEGMENT_FIN;
}

/* @len bytes of TCP, header included, are said to stand at @at. */
static enum tcps_segment_found read_tcp(const struct sk_buff *skb,
					unsigned int at, unsigned int len,
					struct tcps_segment *seg)
{
	struct tcpstate_segment_data *data = &seg->data;
	u8 options_room[OPTIONS_MAX];
	struct tcphdr header_room;
	const struct tcphdr *th;
	const u8 *options;
	unsigned int head;

	BUILD_BUG_ON(TCPS_SEGMENT_FLAGS !=
		     (TCPHDR_FIN | TCPHDR_SYN | TCPHDR_RST));
	if (len < sizeof(*th))
		return TCPS_SEGMENT_MALFORMED;
	th = skb_header_pointer(skb, at, sizeof(*th), &header_room);
	if (!th)
		return TCPS_SEGMENT_MALFORMED;
	seg->flags = ((const u8 *)th)[TCPS_SEGMENT_FLAGS_AT];
	if (!(seg->flags & TCPS_SEGMENT_FLAGS))
		return TCPS_SEGMENT_OTHER;
	head = th->doff * 4;
	if (head < sizeof(*th) || head > len)
		return TCPS_SEGMENT_MALFORMED;
	seg->kind = kind_of(th);
	seg->sport = th->source;
	seg->dport = th->dest;
	memset(data, 0, sizeof(*data));
	if (((const u8 *)th)[TCPS_SEGMENT_FLAGS_AT - 1] & TCPS_SEGMENT_AE)
		data->opts = TCPSTATE_SEG_AE;
	data->seq = ntohl(th->seq);
	data->ack = ntohl(th->ack_seq);
	data->window = ntohs(th->window);
	data->len = min(len - head, (unsigned int)U16_MAX);

	head -= sizeof(*th);
	options = skb_header_pointer(skb, at + sizeof(*th), head, options_room);
	if (!options)
		return TCPS_SEGMENT_MALFORMED;
	seg->bad_options = !read_options(data, options, head);
	return TCPS_SEGMENT_WHOLE;
}

/**
 * tcps_segment_find_v4() - find a segment in an IPv4 packet
 * @skb: packet at a netfilter hook; the IP header is linear
 * @seg: result, if there is one; points into the packet
 *
 * Return: what it is. What is no first fragment has no header.
 */
enum tcps_segment_found tcps_segment_find_v4(const struct sk_buff *skb,
					     struct tcps_segment *seg)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int at = skb_network_offset(skb), head = iph->ihl * 4;
	unsigned int have = skb->len - at, len = ntohs(iph->tot_len);

	if (iph->protocol != IPPROTO_TCP || iph->frag_off & htons(IP_OFFSET))
		return TCPS_SEGMENT_OTHER;
	/* A segment of more than 64 KiB, to be cut or put together. */
	if (!len && skb_is_gso(skb))
		len = have;
	if (head < sizeof(*iph) || len < head || len > have)
		return TCPS_SEGMENT_MALFORMED;
	seg->family = AF_INET;
	seg->saddr = &iph->saddr;
	seg->daddr = &iph->daddr;
	return read_tcp(skb, at + head, len - head, seg);
}

/* It came to this host on its way to another one. */
static bool is_underway(const struct sk_buff *skb)
{
	int flags = IP6_FH_F_SKIP_RH; /* routing headers that are worked off */
	unsigned int at = 0;

	return ipv6_find_hdr(skb, &at, NEXTHDR_ROUTING, NULL, &flags) ==
	       NEXTHDR_ROUTING;
}

/**
 * tcps_segment_find_v6() - find a segment in an IPv6 packet
 * @skb: packet at a netfilter hook; the fixed header is linear
 * @seg: result, if there is one; points into the packet
 *
 * Fragments come to the hook as they are: the first one has the header, and
 * the length is that of its own payload.
 *
 * Return: what it is. What is no first fragment has no header.
 */
enum tcps_segment_found tcps_segment_find_v6(const struct sk_buff *skb,
					     struct tcps_segment *seg)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	unsigned int start = skb_network_offset(skb) + sizeof(*ip6h);
	unsigned int have = skb->len - start, len = ntohs(ip6h->payload_len);
	u8 next = ip6h->nexthdr;
	__be16 frag_off = 0;
	int at = start;

	if (next != IPPROTO_TCP) {
		at = ipv6_skip_exthdr(skb, start, &next, &frag_off);
		if (at < 0 || next != IPPROTO_TCP || is_underway(skb))
			return TCPS_SEGMENT_OTHER;
	}
	/* More than 64 KiB, as with IPv4, or a jumbogram. */
	if (!len)
		len = have;
	if (len > have || len < at - start)
		return TCPS_SEGMENT_MALFORMED;
	seg->family = AF_INET6;
	seg->saddr = &ip6h->saddr;
	seg->daddr = &ip6h->daddr;
	return read_tcp(skb, at, len - (at - start), seg);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Makes and reads TCP segments (RFC 791, RFC 8200, RFC 9293).
 */
#include "segment.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "inet_sum.h"

#define WINDOW	0xffff
#define TTL	64

/* Returns the sum of the addresses, for the pseudo header. */
static unsigned int write_ip4(const struct segment *s, struct ip *ip, size_t len)
{
	ip->ip_v = 4;
	ip->ip_hl = sizeof(*ip) / 4;
	ip->ip_ttl = TTL;
	ip->ip_p = IPPROTO_TCP;
	ip->ip_len = htons(sizeof(*ip) + len);
	memcpy(&ip->ip_src, s->src, sizeof(ip->ip_src));
	memcpy(&ip->ip_dst, s->dst, sizeof(ip->ip_dst));
	ip->ip_sum = inet_checksum(inet_sum(ip, sizeof(*ip)));
	return inet_sum(&ip->ip_src, 8);
}

static unsigned int write_ip6(const struct segment *s, struct ip6_hdr *ip, size_t len)
{
	ip->ip6_flow = htonl(6U << 28);
	ip->ip6_plen = htons(len);
	ip->ip6_nxt = IPPROTO_TCP;
	ip->ip6_hlim = TTL;
	memcpy(&ip->ip6_src, s->src, sizeof(ip->ip6_src));
	memcpy(&ip->ip6_dst, s->dst, sizeof(ip->ip6_dst));
	return inet_sum(&ip->ip6_src, 32);
}

size_t segment_write(const struct segment *s, unsigned char *packet)
{
	size_t head = s->v6 ? sizeof(struct ip6_hdr) : sizeof(struct ip);
	size_t options = (s->options + 3) & ~3UL;
	size_t len = sizeof(struct tcphdr) + options + s->len;
	struct tcphdr *th = (void *)(packet + head);
	unsigned char *after = (void *)(th + 1);
	unsigned int sum;

	if (head + len > SEGMENT_MAX)
		abort();
	memset(packet, 0, head + len);
	th->th_sport = htons(s->sport);
	th->th_dport = htons(s->dport);
	th->th_seq = htonl(s->seq);
	th->th_ack = htonl(s->ack);
	th->th_off = (sizeof(*th) + options) / 4;
	th->th_flags = s->flags;
	th->th_x2 = s->flags >> 8;
	th->th_win = htons(WINDOW);
	memset(after, TCPOPT_NOP, options);
	memcpy(after, s->option, s->options);
	if (s->len)
		memcpy(after + options, s->text, s->len);
	sum = s->v6 ? write_ip6(s, (void *)packet, len) : write_ip4(s, (void *)packet, len);
	th->th_sum = inet_checksum(sum + IPPROTO_TCP + len + inet_sum(th, len));
	return head + len;
}

bool segment_read(struct segment *s, const unsigned char *packet, size_t len)
{
	const struct ip6_hdr *ip6 = (const void *)packet;
	const struct ip *ip = (const void *)packet;
	const struct tcphdr *th;
	size_t head, options, total;

	memset(s, 0, sizeof(*s));
	if (len < sizeof(*ip6))
		return false;
	s->v6 = ip->ip_v == 6;
	if (s->v6) {
		if (ip6->ip6_nxt != IPPROTO_TCP)
			return false;
		head = sizeof(*ip6);
		total = head + ntohs(ip6->ip6_plen);
		memcpy(s->src, &ip6->ip6_src, 16);
		memcpy(s->dst, &ip6->ip6_dst, 16);
	} else {
		if (ip->ip_p != IPPROTO_TCP)
			return false;
		head = ip->ip_hl * 4;
		total = ntohs(ip->ip_len);
		memcpy(s->src, &ip->ip_src, 4);
		memcpy(s->dst, &ip->ip_dst, 4);
	}
	th = (const void *)(packet + head);
	if (total > len || head + sizeof(*th) > total ||
	    head + th->th_off * 4 > total || th->th_off < 5)
		return false;
	options = th->th_off * 4 - sizeof(*th);
	s->sport = ntohs(th->th_sport);
	s->dport = ntohs(th->th_dport);
	s->seq = ntohl(th->th_seq);
	s->ack = ntohl(th->th_ack);
	s->flags = th->th_flags | (th->th_x2 << 8 & SEGMENT_AE);
	s->window = ntohs(th->th_win);
	s->options = options;
	memcpy(s->option, th + 1, options);
	s->len = total - head - sizeof(*th) - options;
	return true;
}

void segment_add_option(struct segment *s, unsigned int kind, const void *data,
			unsigned int len)
{
	if (s->options + len + 2 > SEGMENT_OPTIONS)
		abort();
	s->option[s->options++] = kind;
	s->option[s->options++] = len + 2;
	memcpy(s->option + s->options, data, len);
	s->options += len;
}

const unsigned char *segment_option(const struct segment *s, unsigned int kind,
				    unsigned int *len)
{
	for (unsigned int at = 0; at < s->options && s->option[at] != TCPOPT_EOL;) {
		unsigned int size = 1;

		if (s->option[at] != TCPOPT_NOP) {
			if (at + 1 >= s->options || s->option[at + 1] < 2 ||
			    at + s->option[at + 1] > s->options)
				return NULL;
			size = s->option[at + 1];
			if (s->option[at] == kind) {
				*len = size - 2;
				return s->option + at + 2;
			}
		}
		at += size;
	}
	return NULL;
}

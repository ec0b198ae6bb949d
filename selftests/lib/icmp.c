// SPDX-License-Identifier: GPL-2.0
/*
 * Makes ICMP and ICMPv6 errors (RFC 792, RFC 4443).
 */
#include "icmp.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inet_sum.h"
#include "util.h"

/* Of TCP: ports and sequence number are enough. */
#define QUOTED	8

static size_t answer4(char *out, const char *packet, enum icmp_error error)
{
	const struct ip *old = (const void *)packet;
	struct ip *ip = (void *)out;
	struct icmphdr *icmp = (void *)(ip + 1);
	size_t quoted = old->ip_hl * 4 + QUOTED, len = sizeof(*icmp) + quoted;

	ip->ip_v = 4;
	ip->ip_hl = 5;
	ip->ip_ttl = 64;
	ip->ip_p = IPPROTO_ICMP;
	ip->ip_len = htons(sizeof(*ip) + len);
	ip->ip_src = old->ip_dst;
	ip->ip_dst = old->ip_src;
	ip->ip_sum = inet_checksum(inet_sum(ip, sizeof(*ip)));
	icmp->type = ICMP_DEST_UNREACH;
	icmp->code = error == ICMP_PORT_UNREACHABLE ? ICMP_PORT_UNREACH : ICMP_HOST_UNREACH;
	memcpy(icmp + 1, packet, quoted);
	icmp->checksum = inet_checksum(inet_sum(icmp, len));
	return sizeof(*ip) + len;
}

static size_t answer6(char *out, const char *packet, enum icmp_error error)
{
	const struct ip6_hdr *old = (const void *)packet;
	struct ip6_hdr *ip = (void *)out;
	struct icmp6_hdr *icmp = (void *)(ip + 1);
	size_t quoted = sizeof(*old) + QUOTED, len = sizeof(*icmp) + quoted;

	ip->ip6_flow = htonl(6U << 28);
	ip->ip6_plen = htons(len);
	ip->ip6_nxt = IPPROTO_ICMPV6;
	ip->ip6_hlim = 64;
	ip->ip6_src = old->ip6_dst;
	ip->ip6_dst = old->ip6_src;
	icmp->icmp6_type = ICMP6_DST_UNREACH;
	icmp->icmp6_code = error == ICMP_PORT_UNREACHABLE ? ICMP6_DST_UNREACH_NOPORT :
							    ICMP6_DST_UNREACH_ADDR;
	memcpy(icmp + 1, packet, quoted);
	icmp->icmp6_cksum = inet_checksum(inet_sum(&ip->ip6_src, 32) + len + IPPROTO_ICMPV6 +
					  inet_sum(icmp, len));
	return sizeof(*ip) + len;
}

static bool is_tcp(const char *packet, ssize_t len)
{
	if (len < (ssize_t)sizeof(struct ip6_hdr))
		return false;
	if (packet[0] >> 4 == 4)
		return ((const struct ip *)packet)->ip_p == IPPROTO_TCP;
	return ((const struct ip6_hdr *)packet)->ip6_nxt == IPPROTO_TCP;
}

bool icmp_answer(struct wire *w, enum wire_side side, enum icmp_error error)
{
	_Alignas(8) char packet[4096], out[256] = { 0 };
	__u64 until = deadline(5);
	ssize_t len;

	do {
		len = read(w->tun[side], packet, sizeof(packet));
		if (!is_tcp(packet, len))
			continue;
		len = packet[0] >> 4 == 4 ? answer4(out, packet, error) :
					    answer6(out, packet, error);
		return write(w->tun[side], out, len) == len;
	} while (len > 0 || again(until));
	printf("# nothing to answer on the wire\n");
	return false;
}

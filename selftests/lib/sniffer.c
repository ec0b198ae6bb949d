// SPDX-License-Identifier: GPL-2.0
/*
 * Sniffs TCP segments with a packet socket (packet(7)).
 */
#include "sniffer.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WANTED	(SEGMENT_FIN | SEGMENT_SYN | SEGMENT_RST)
#define BUFFER	(16 << 20)

bool sniffer_open(struct sniffer *sn)
{
	int room = BUFFER;

	memset(sn, 0, sizeof(*sn));
	sn->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (sn->fd < 0) {
		printf("# no packet socket: %s\n", strerror(errno));
		return false;
	}
	return !setsockopt(sn->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
}

void sniffer_close(struct sniffer *sn)
{
	close(sn->fd);
	free(sn->seen);
}

static void take(struct sniffer *sn, const struct segment *s, bool incoming)
{
	if (sn->count == sn->room) {
		sn->room = sn->room ? 2 * sn->room : 64;
		sn->seen = realloc(sn->seen, sn->room * sizeof(*sn->seen));
		if (!sn->seen)
			abort();
	}
	sn->seen[sn->count++] = (struct sniffed){ .s = *s, .incoming = incoming };
}

void sniffer_read(struct sniffer *sn)
{
	static _Alignas(8) unsigned char packet[1 << 17];
	struct sockaddr_ll from;
	socklen_t size = sizeof(from);
	struct segment s;
	ssize_t len;

	while ((len = recvfrom(sn->fd, packet, sizeof(packet), 0, (struct sockaddr *)&from,
			       &size)) > 0) {
		if (segment_read(&s, packet, len) && s.flags & WANTED)
			take(sn, &s, from.sll_pkttype != PACKET_OUTGOING);
		size = sizeof(from);
	}
}

unsigned int sniffer_count(const struct sniffer *sn, bool incoming, unsigned int mask,
			   unsigned int flags)
{
	unsigned int n = 0;

	for (size_t i = 0; i < sn->count; i++)
		n += sn->seen[i].incoming == incoming && (sn->seen[i].s.flags & mask) == flags;
	return n;
}

/* The options of a segment as a record has them. */
static void read_options(struct tcpstate_segment_data *data, const struct segment *s)
{
	const unsigned char *p;
	unsigned int len;

	p = segment_option(s, TCPOPT_MAXSEG, &len);
	if (p && len == 2) {
		data->opts |= TCPSTATE_SEG_MSS;
		data->mss = p[0] << 8 | p[1];
	}
	p = segment_option(s, TCPOPT_WINDOW, &len);
	if (p && len == 1) {
		data->opts |= TCPSTATE_SEG_WSCALE;
		data->wscale = *p;
	}
	p = segment_option(s, TCPOPT_SACK_PERMITTED, &len);
	if (p && !len)
		data->opts |= TCPSTATE_SEG_SACK_PERM;
	p = segment_option(s, TCPOPT_TIMESTAMP, &len);
	if (p && len == 8) {
		data->opts |= TCPSTATE_SEG_TIMESTAMP;
		data->tsval = (__u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
		data->tsecr = (__u32)p[4] << 24 | p[5] << 16 | p[6] << 8 | p[7];
	}
}

bool segment_is_told(const struct tcpstate_record *r, const struct segment *s, bool incoming)
{
	struct tcpstate_segment_data data = {
		.seq = s->seq,
		.ack = s->ack,
		.window = s->window,
		.len = s->len > 65535 ? 65535 : s->len,
	};

	read_options(&data, s);
	if (s->flags & SEGMENT_AE)
		data.opts |= TCPSTATE_SEG_AE;
	return r->type == TCPSTATE_EVENT_SEGMENT && r->size == sizeof(*r) &&
	       r->cause == (s->flags & 0xff) && r->family == (s->v6 ? AF_INET6 : AF_INET) &&
	       !(r->flags & TCPSTATE_F_INCOMING) == !incoming &&
	       !memcmp(r->laddr, incoming ? s->dst : s->src, 16) &&
	       !memcmp(r->raddr, incoming ? s->src : s->dst, 16) &&
	       r->lport == (incoming ? s->dport : s->sport) &&
	       r->rport == (incoming ? s->sport : s->dport) &&
	       !memcmp(&r->segment, &data, sizeof(data));
}

void segment_record_print(const char *what, const struct tcpstate_record *r)
{
	const struct tcpstate_segment_data *d = &r->segment;

	printf("# %s: %s %u %s %u flags %#x seq %u ack %u win %u len %u opts %#x mss %u ws %u "
	       "ts %u %u, cookie %llu state %u of %s (%#x) if %u\n",
	       what, r->family == AF_INET6 ? "IPv6" : "IPv4", r->lport,
	       r->flags & TCPSTATE_F_INCOMING ? "<-" : "->", r->rport, r->cause, d->seq, d->ack,
	       d->window, d->len, d->opts, d->mss, d->wscale, d->tsval, d->tsecr,
	       (unsigned long long)r->cookie, r->new_state, r->comm, r->flags, r->ifindex);
}

int sniffer_compare(struct sniffer *sn, const struct records *rec)
{
	int bad = 0;

	for (size_t i = 0; i < rec->count; i++) {
		size_t n;

		if (rec->rec[i].type != TCPSTATE_EVENT_SEGMENT)
			continue;
		for (n = 0; n < sn->count; n++)
			if (!sn->seen[n].told &&
			    segment_is_told(&rec->rec[i], &sn->seen[n].s, sn->seen[n].incoming))
				break;
		if (n < sn->count) {
			sn->seen[n].told = true;
			continue;
		}
		segment_record_print("passed no device", &rec->rec[i]);
		bad++;
	}
	for (size_t n = 0; n < sn->count; n++) {
		const struct segment *s = &sn->seen[n].s;

		if (sn->seen[n].told)
			continue;
		printf("# not told: %u %s %u flags %#x seq %u ack %u win %u len %zu\n",
		       sn->seen[n].incoming ? s->dport : s->sport,
		       sn->seen[n].incoming ? "<-" : "->",
		       sn->seen[n].incoming ? s->sport : s->dport, s->flags, s->seq, s->ack,
		       s->window, s->len);
		bad++;
	}
	return bad;
}

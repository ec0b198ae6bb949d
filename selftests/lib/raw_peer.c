// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that send what they are told to.
 */
#include "raw_peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SEQ	0x10000000
#define MSS		1400
#define FASTOPEN	34	/* kind of the option */

void raw_peer_init(struct raw_peer *p, struct wire *w, enum kind kind,
		   unsigned int port, unsigned int to)
{
	union addr a = addr_make(kind, kind == KIND_V6 ? WIRE_A6 : WIRE_A4, port);
	union addr b = addr_make(kind, kind == KIND_V6 ? WIRE_B6 : WIRE_B4, to);

	memset(p, 0, sizeof(*p));
	p->w = w;
	p->isn = FIRST_SEQ + port;
	p->next.v6 = kind == KIND_V6;
	addr_bytes(&a, p->next.src);
	addr_bytes(&b, p->next.dst);
	p->next.sport = port;
	p->next.dport = to;
	p->next.seq = p->isn;
}

static void put(struct raw_peer *p, const struct segment *s)
{
	unsigned char packet[SEGMENT_MAX];
	size_t len = segment_write(s, packet);

	if (write(p->w->tun[SIDE_B], packet, len) != (ssize_t)len)
		perror("wire");
}

void raw_peer_put(struct raw_peer *p, unsigned int flags, __u32 seq,
		  const char *text)
{
	struct segment s = p->next;

	s.flags = flags;
	s.seq = seq;
	s.ack = flags & SEGMENT_ACK ? p->next.ack : 0;
	s.text = text;
	s.len = text ? strlen(text) : 0;
	put(p, &s);
}

static struct segment first(struct raw_peer *p)
{
	unsigned short mss = htons(MSS);
	struct segment s = p->next;

	s.flags = SEGMENT_SYN;
	s.seq = p->isn;
	s.ack = 0;
	segment_add_option(&s, TCPOPT_MAXSEG, &mss, sizeof(mss));
	p->next.seq = p->isn + 1;
	return s;
}

void raw_peer_syn(struct raw_peer *p)
{
	struct segment s = first(p);

	put(p, &s);
}

void raw_peer_fastopen(struct raw_peer *p, const char *text)
{
	struct segment s = first(p);

	if (p->cookie_len)
		segment_add_option(&s, FASTOPEN, p->cookie, p->cookie_len);
	s.text = text;
	s.len = strlen(text);
	p->next.seq += s.len;
	put(p, &s);
}

void raw_peer_ask_cookie(struct raw_peer *p)
{
	struct segment s = first(p);

	segment_add_option(&s, FASTOPEN, "", 0);
	put(p, &s);
}

void raw_peer_ack(struct raw_peer *p)
{
	raw_peer_put(p, SEGMENT_ACK, p->next.seq, NULL);
}

void raw_peer_data(struct raw_peer *p, const char *text)
{
	raw_peer_put(p, SEGMENT_ACK, p->next.seq, text);
	p->next.seq += strlen(text);
}

void raw_peer_fin(struct raw_peer *p)
{
	raw_peer_put(p, SEGMENT_FIN | SEGMENT_ACK, p->next.seq++, NULL);
}

void raw_peer_rst(struct raw_peer *p)
{
	raw_peer_put(p, SEGMENT_RST, p->next.seq, NULL);
}

static void hear(struct raw_peer *p, const struct segment *s)
{
	const unsigned char *cookie;
	unsigned int len = 0;

	if (s->flags & SEGMENT_RST) {
		p->resets++;
		return;
	}
	if (s->flags & SEGMENT_SYN) {
		p->synacks++;
		p->next.ack = s->seq + 1;
		cookie = segment_option(s, FASTOPEN, &len);
		if (cookie && len <= FASTOPEN_COOKIE) {
			memcpy(p->cookie, cookie, len);
			p->cookie_len = len;
		}
		return;
	}
	len = s->len + !!(s->flags & SEGMENT_FIN);
	if (s->seq == p->next.ack)
		p->next.ack += len;
}

void raw_peers_hear(struct raw_peer *peers, unsigned int count)
{
	unsigned char packet[4096];
	struct segment s;
	ssize_t len;

	while (count && (len = read(peers->w->tun[SIDE_B], packet, sizeof(packet))) > 0) {
		if (!segment_read(&s, packet, len))
			continue;
		for (unsigned int i = 0; i < count; i++)
			if (peers[i].next.sport == s.dport && peers[i].next.dport == s.sport)
				hear(&peers[i], &s);
	}
}

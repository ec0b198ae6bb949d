// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=1 timeout=240 */
/*
 * Packets as anybody can send them: every option of a SYN alone and together,
 * options and headers that lie about their length, IPv6 extension headers and
 * fragments. What has a whole TCP header is told as it is, all else is counted
 * or is nothing.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "inet_sum.h"
#include "raw_peer.h"
#include "sniffer.h"
#include "util.h"

#include "harness.h"

#define FROM	40000
#define TO	7000
#define SEQ	0x89abcdef
#define ACK	0x76543210

FIXTURE(packets)
{
	int home;
	int reader;
	int l;
	struct wire w;
	struct raw_peer p;
	struct records rec;
};

FIXTURE_VARIANT(packets)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(packets, v4) { .kind = KIND_V4 };
FIXTURE_VARIANT_ADD(packets, v6) { .kind = KIND_V6 };

FIXTURE_SETUP(packets)
{
	struct tcpstate_filter f = { .flags = TCPSTATE_FILTER_SEGMENTS };

	setvbuf(stdout, NULL, _IOLBF, 0);
	self->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_TRUE(wire_up(&self->w));
	wire_go(&self->w, SIDE_B);
	self->l = tcp_listen(variant->kind, variant->kind == KIND_V6 ? WIRE_B6 : WIRE_B4, TO, 16);
	ASSERT_LE(0, self->l);
	self->reader = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->reader);
	ASSERT_EQ(0, ioctl(self->reader, TCPSTATE_IOC_SET_FILTER, &f));
	raw_peer_init(&self->p, &self->w, variant->kind, FROM, TO);
	self->p.next.seq = SEQ;
}

FIXTURE_TEARDOWN(packets)
{
	close(self->l);
	close(self->reader);
	records_free(&self->rec);
	setns(self->home, CLONE_NEWNET);
	wire_down(&self->w);
	close(self->home);
}

/* The packet reaches side B; the device hands it over at once, or soon. */
static bool put(struct wire *w, const void *packet, size_t len)
{
	return write(w->tun[SIDE_B], packet, len) == (ssize_t)len;
}

/* All counters of segments that came, with @name for those of one kind. */
struct books {
	long long in[4];
	long long malformed;
	long long bad_options;
};

static struct books books(void)
{
	return (struct books){
		.in = { counter("segments_in_syn"), counter("segments_in_synack"),
			counter("segments_in_fin"), counter("segments_in_rst") },
		.malformed = counter("segments_malformed"),
		.bad_options = counter("segments_bad_options"),
	};
}

static long long all_in(const struct books *b)
{
	return b->in[0] + b->in[1] + b->in[2] + b->in[3];
}

/* What came since @before: so many segments, malformed headers and options. */
static bool grown(const struct books *before, int segments, int malformed, int bad_options)
{
	__u64 until = deadline(5);
	struct books now;

	do {
		now = books();
		if (all_in(&now) - all_in(before) == segments &&
		    now.malformed - before->malformed == malformed &&
		    now.bad_options - before->bad_options == bad_options)
			return true;
	} while (again(until));
	printf("# %lld segments, %lld malformed, %lld with bad options; should be %d %d %d\n",
	       all_in(&now) - all_in(before), now.malformed - before->malformed,
	       now.bad_options - before->bad_options, segments, malformed, bad_options);
	return false;
}

/* How many new records there are of what came, and the last of them. */
static unsigned int fresh(struct records *rec, int reader, const struct tcpstate_record **last)
{
	size_t from = rec->count;
	unsigned int n = 0;

	*last = NULL;
	records_read(rec, reader);
	for (size_t i = from; i < rec->count; i++) {
		const struct tcpstate_record *r = &rec->rec[i];

		if (r->type != TCPSTATE_EVENT_SEGMENT || !(r->flags & TCPSTATE_F_INCOMING))
			continue;
		*last = r;
		n++;
	}
	return n;
}

static bool came_nothing(struct records *rec, int reader)
{
	const struct tcpstate_record *r;

	if (!fresh(rec, reader, &r))
		return true;
	segment_record_print("should not be", r);
	return false;
}

/* The one new record of what came; NULL with a diagnostic if there are more. */
static const struct tcpstate_record *came(struct records *rec, int reader)
{
	const struct tcpstate_record *r;
	unsigned int n = fresh(rec, reader, &r);

	if (n > 1)
		segment_record_print("told more than once", r);
	return n == 1 ? r : NULL;
}

/* One of @s came as it is. */
static bool came_as(struct records *rec, int reader, const struct segment *s)
{
	const struct tcpstate_record *r = came(rec, reader);

	if (r && segment_is_told(r, s, true))
		return true;
	if (r)
		segment_record_print("not as it was sent", r);
	else
		printf("# not one record\n");
	return false;
}

static struct segment syn(const struct raw_peer *p)
{
	struct segment s = p->next;

	s.flags = SEGMENT_SYN;
	s.seq = SEQ;
	s.ack = ACK;
	s.window = 0xffff; /* what is always sent */
	return s;
}

/* Every set of the four options, in two orders, with and without padding. */
TEST_F(packets, every_set_of_options)
{
	static const unsigned char mss[2] = { 0x05, 0xb4 }, scale[1] = { 7 },
				   stamp[8] = { 0x81, 2, 3, 4, 0x95, 6, 7, 8 };
	static const struct {
		unsigned int kind;
		const unsigned char *data;
		unsigned int len;
	} option[4] = {
		{ TCPOPT_MAXSEG, mss, 2 },
		{ TCPOPT_WINDOW, scale, 1 },
		{ TCPOPT_SACK_PERMITTED, mss, 0 },
		{ TCPOPT_TIMESTAMP, stamp, 8 },
	};

	for (unsigned int set = 0; set < 64; set++) {
		struct segment s = syn(&self->p);
		unsigned char packet[SEGMENT_MAX];
		struct books before = books();

		for (unsigned int i = 0; i < 4; i++) {
			unsigned int n = set & 16 ? 3 - i : i;

			if (set & 32)
				s.option[s.options++] = TCPOPT_NOP;
			if (set & 1 << n)
				segment_add_option(&s, option[n].kind, option[n].data,
						   option[n].len);
		}
		ASSERT_TRUE(put(&self->w, packet, segment_write(&s, packet)));
		ASSERT_TRUE(grown(&before, 1, 0, 0));
		EXPECT_TRUE(came_as(&self->rec, self->reader, &s)) {
			TH_LOG("set %#x", set);
		}
	}
}

/* @len bytes of options; what is understood of them; are they bad? */
struct lie {
	unsigned int len;
	unsigned char option[12];
	struct tcpstate_segment_data data;
	bool bad;
};

static const struct lie lies[] = {
	{ 4, { 2, 0, 5, 180 }, {}, true },
	{ 4, { 2, 1, 5, 180 }, {}, true },
	{ 4, { 2, 5, 5, 180 }, {}, true },
	{ 4, { 2, 255, 5, 180 }, {}, true },
	{ 4, { 1, 1, 1, 2 }, {}, true },
	{ 4, { 2, 3, 5, 0 }, {}, true },
	{ 8, { 3, 4, 7, 7, 2, 4, 5, 180 }, { .opts = TCPSTATE_SEG_MSS, .mss = 1460 }, true },
	{ 8, { 4, 3, 0, 1, 2, 4, 5, 180 }, { .opts = TCPSTATE_SEG_MSS, .mss = 1460 }, true },
	{ 8, { 2, 4, 5, 180, 4, 0, 3, 3 }, { .opts = TCPSTATE_SEG_MSS, .mss = 1460 }, true },
	{ 8, { 8, 10, 1, 2, 3, 4, 5, 6 }, {}, true },
	{ 8, { 8, 4, 1, 2, 2, 4, 5, 180 }, { .opts = TCPSTATE_SEG_MSS, .mss = 1460 }, true },
	{ 8, { 0, 2, 4, 5, 180, 9, 9, 9 }, {}, false },
	{ 8, { 2, 4, 5, 180, 2, 4, 1, 0 }, { .opts = TCPSTATE_SEG_MSS, .mss = 256 }, false },
	{ 8, { 253, 4, 1, 2, 2, 4, 5, 180 }, { .opts = TCPSTATE_SEG_MSS, .mss = 1460 }, false },
	{ 4, { 3, 3, 255, 1 }, { .opts = TCPSTATE_SEG_WSCALE, .wscale = 255 }, false },
};

TEST_F(packets, options_that_lie)
{
	for (unsigned int i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct tcpstate_segment_data data = lies[i].data;
		struct segment s = syn(&self->p);
		const struct tcpstate_record *r;
		struct books before = books();
		unsigned char packet[SEGMENT_MAX];

		memcpy(s.option, lies[i].option, lies[i].len);
		s.options = lies[i].len;
		ASSERT_TRUE(put(&self->w, packet, segment_write(&s, packet)));
		ASSERT_TRUE(grown(&before, 1, 0, lies[i].bad)) {
			TH_LOG("lie %u", i);
		}
		r = came(&self->rec, self->reader);
		ASSERT_NE(NULL, r);
		data.seq = SEQ;
		data.ack = ACK;
		data.window = 0xffff;
		EXPECT_EQ(0, memcmp(&data, &r->segment, sizeof(data))) {
			segment_record_print("understood", r);
			TH_LOG("lie %u", i);
		}
	}
}

/* Header and data of a segment with @flags; the place of its TCP header. */
static size_t write_packet(const struct raw_peer *p, unsigned int flags, const char *text,
			   unsigned char *packet, struct tcphdr **th)
{
	struct segment s = syn(p);

	s.flags = flags;
	s.text = text;
	s.len = text ? strlen(text) : 0;
	*th = (void *)(packet + (s.v6 ? sizeof(struct ip6_hdr) : sizeof(struct ip)));
	return segment_write(&s, packet);
}

/* The IP header says that @len bytes of TCP follow it. */
static void say_length(unsigned char *packet, unsigned int len)
{
	struct ip6_hdr *ip6 = (void *)packet;
	struct ip *ip = (void *)packet;
	unsigned int sum = 0;

	if (ip->ip_v == 6) {
		ip6->ip6_plen = htons(len);
		return;
	}
	ip->ip_len = htons(sizeof(*ip) + len);
	ip->ip_sum = 0;
	for (unsigned int i = 0; i < sizeof(*ip); i += 2)
		sum += packet[i] << 8 | packet[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	ip->ip_sum = htons(~sum);
}

/* A data offset that is too small, or beyond the end of the packet. */
TEST_F(packets, headers_that_lie)
{
	static const unsigned int flags[] = {
		SEGMENT_SYN, SEGMENT_SYN | SEGMENT_ACK, SEGMENT_FIN | SEGMENT_ACK, SEGMENT_RST
	};
	unsigned char packet[SEGMENT_MAX];
	struct books before = books();
	struct tcphdr *th;
	int sent = 0;
	size_t len;

	for (unsigned int i = 0; i < 4; i++) {
		for (unsigned int off = 0; off < 16; off++) {
			if (off == 5 || off == 6)
				continue;
			len = write_packet(&self->p, flags[i], "four", packet, &th);
			th->th_off = off;
			ASSERT_TRUE(put(&self->w, packet, len));
			sent++;
		}
	}
	ASSERT_TRUE(grown(&before, 0, sent, 0));
	EXPECT_TRUE(came_nothing(&self->rec, self->reader));

	/* Not looked at without one of the flags. */
	len = write_packet(&self->p, SEGMENT_ACK, "four", packet, &th);
	th->th_off = 15;
	ASSERT_TRUE(put(&self->w, packet, len));
	/* Too short to have flags. */
	for (unsigned int bytes = 0; bytes < sizeof(*th); bytes++) {
		len = write_packet(&self->p, SEGMENT_SYN, NULL, packet, &th);
		say_length(packet, bytes);
		ASSERT_TRUE(put(&self->w, packet, len - sizeof(*th) + bytes));
	}
	/* The packet is longer than IP says: that much of it counts. */
	len = write_packet(&self->p, SEGMENT_SYN, "four", packet, &th);
	say_length(packet, sizeof(*th) - 1);
	ASSERT_TRUE(put(&self->w, packet, len));
	ASSERT_TRUE(grown(&before, 0, sent + sizeof(*th) + 1, 0));
	EXPECT_TRUE(came_nothing(&self->rec, self->reader));
}

/* Payload: what IP says it is, not what the device brought. */
TEST_F(packets, trailer)
{
	unsigned char packet[SEGMENT_MAX] = { 0 };
	struct books before = books();
	struct segment s = syn(&self->p);
	struct tcphdr *th;
	size_t len = write_packet(&self->p, SEGMENT_SYN, "four", packet, &th);

	s.len = 4;
	ASSERT_TRUE(put(&self->w, packet, len + 20));
	ASSERT_TRUE(grown(&before, 1, 0, 0));
	EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
}

/* Flags together that nobody sends: each segment counts once. */
TEST_F(packets, flags_together)
{
	static const struct {
		unsigned int flags, kind;
	} odd[] = {
		{ SEGMENT_SYN | SEGMENT_FIN, 0 },
		{ SEGMENT_SYN | SEGMENT_RST, 3 },
		{ SEGMENT_SYN | SEGMENT_FIN | SEGMENT_ACK, 1 },
		{ SEGMENT_FIN | SEGMENT_RST, 3 },
		{ 0xff, 3 },
		{ SEGMENT_FIN, 2 },
		{ SEGMENT_SYN | 0xc0, 0 },
		{ SEGMENT_SYN | 0xc0 | SEGMENT_AE, 0 },
		{ SEGMENT_SYN | SEGMENT_ACK | SEGMENT_AE, 1 },
		{ SEGMENT_FIN | SEGMENT_AE, 2 },
		{ 0xff | SEGMENT_AE, 3 },
	};

	for (unsigned int i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		unsigned char packet[SEGMENT_MAX];
		struct books before = books(), now;
		struct segment s = syn(&self->p);
		struct tcphdr *th;

		s.flags = odd[i].flags;
		ASSERT_TRUE(put(&self->w, packet,
				write_packet(&self->p, s.flags, NULL, packet, &th)));
		ASSERT_TRUE(grown(&before, 1, 0, 0));
		now = books();
		EXPECT_EQ(before.in[odd[i].kind] + 1, now.in[odd[i].kind]);
		EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
	}
}

/* What stands beside the ninth flag is none. */
TEST_F(packets, reserved_bits)
{
	unsigned char packet[SEGMENT_MAX];
	struct books before = books();
	struct segment s = syn(&self->p);
	struct tcphdr *th;
	size_t len;

	s.flags = SEGMENT_SYN | SEGMENT_AE;
	len = write_packet(&self->p, s.flags, NULL, packet, &th);
	th->th_x2 |= 0xe;
	ASSERT_TRUE(put(&self->w, packet, len));
	ASSERT_TRUE(grown(&before, 1, 0, 0));
	EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
}

/* IPv4: options before the header. */
static size_t add_ip_options(unsigned char *packet, size_t len)
{
	struct ip *ip = (void *)packet;

	memmove(packet + 28, packet + 20, len - 20);
	memset(packet + 20, IPOPT_NOP, 8);
	ip->ip_hl = 7;
	ip->ip_len = htons(len + 8);
	ip->ip_sum = 0;
	ip->ip_sum = inet_checksum(inet_sum(packet, 28));
	return len + 8;
}

/* IPv6: @next with @size bytes between the fixed header and the rest. */
static size_t add_extension(unsigned char *packet, size_t len, unsigned char next,
			    const unsigned char *body, size_t size)
{
	struct ip6_hdr *ip6 = (void *)packet;

	memmove(packet + 40 + size, packet + 40, len - 40);
	memcpy(packet + 40, body, size);
	packet[40] = ip6->ip6_nxt;
	ip6->ip6_nxt = next;
	ip6->ip6_plen = htons(ntohs(ip6->ip6_plen) + size);
	return len + size;
}

TEST_F(packets, headers_in_between)
{
	static const unsigned char options[8] = { 0, 0, 1, 4, 0, 0, 0, 0 };
	/* Worked off: no segments left. */
	static const unsigned char routing[8] = { 0, 0, 4, 0, 0, 0, 0, 0 };
	static const unsigned char on_its_way[8] = { 0, 0, 4, 1, 0, 0, 0, 0 };
	struct segment s = syn(&self->p);
	struct books before = books();
	unsigned char packet[SEGMENT_MAX];
	struct tcphdr *th;
	size_t len = write_packet(&self->p, SEGMENT_SYN, NULL, packet, &th);

	if (variant->kind == KIND_V4) {
		ASSERT_TRUE(put(&self->w, packet, add_ip_options(packet, len)));
		ASSERT_TRUE(grown(&before, 1, 0, 0));
		EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
		return;
	}
	/* The first is last in the packet. */
	len = add_extension(packet, len, IPPROTO_DSTOPTS, options, 8);
	ASSERT_TRUE(put(&self->w, packet, len));
	ASSERT_TRUE(grown(&before, 1, 0, 0));
	EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
	len = add_extension(packet, len, IPPROTO_ROUTING, routing, 8);
	ASSERT_TRUE(put(&self->w, packet, len));
	ASSERT_TRUE(grown(&before, 2, 0, 0));
	EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
	len = add_extension(packet, len, IPPROTO_HOPOPTS, options, 8);
	ASSERT_TRUE(put(&self->w, packet, len));
	ASSERT_TRUE(grown(&before, 3, 0, 0));
	EXPECT_TRUE(came_as(&self->rec, self->reader, &s));

	/* For another host; another protocol; TCP beyond the end. */
	len = write_packet(&self->p, SEGMENT_SYN, NULL, packet, &th);
	len = add_extension(packet, len, IPPROTO_ROUTING, on_its_way, 8);
	ASSERT_TRUE(put(&self->w, packet, len));
	len = write_packet(&self->p, SEGMENT_SYN, NULL, packet, &th);
	((struct ip6_hdr *)packet)->ip6_nxt = IPPROTO_NONE;
	ASSERT_TRUE(put(&self->w, packet, len));
	len = write_packet(&self->p, SEGMENT_SYN, NULL, packet, &th);
	len = add_extension(packet, len, IPPROTO_DSTOPTS, options, 8);
	packet[41] = 255;
	ASSERT_TRUE(put(&self->w, packet, len));
	raw_peer_put(&self->p, SEGMENT_FIN, SEQ, NULL);
	ASSERT_TRUE(grown(&before, 4, 1, 0));
	s.flags = SEGMENT_FIN;
	s.ack = 0;
	EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
}

/* Sends bytes @from to @to of what follows the IP header, @more to come. */
static bool put_fragment(struct wire *w, const unsigned char *packet, unsigned int from,
			 unsigned int to, bool more)
{
	unsigned char piece[SEGMENT_MAX];
	struct ip *ip = (void *)piece;

	if (((struct ip *)packet)->ip_v == 6) {
		unsigned char fragment[8] = { 0, 0, from >> 8, (from & 0xf8) | more, 1, 2, 3, 4 };

		memcpy(piece, packet, 40);
		memcpy(piece + 40, packet + 40 + from, to - from);
		say_length(piece, to - from);
		return put(w, piece, add_extension(piece, 40 + to - from, IPPROTO_FRAGMENT,
						   fragment, 8));
	}
	memcpy(piece, packet, 20);
	memcpy(piece + 20, packet + 20 + from, to - from);
	ip->ip_id = htons(99);
	ip->ip_off = htons(from / 8 | (more ? IP_MF : 0));
	say_length(piece, to - from);
	return put(w, piece, 20 + to - from);
}

/*
 * IPv4 puts fragments together before the hook, IPv6 behind it: there the first
 * one is told. The second looks like a SYN and is none.
 */
TEST_F(packets, fragments)
{
	bool v6 = variant->kind == KIND_V6;
	struct segment s = syn(&self->p);
	struct books before = books();
	unsigned char packet[SEGMENT_MAX], text[41];
	struct tcphdr *th;

	memset(text, SEGMENT_SYN, 40);
	text[40] = '\0';
	write_packet(&self->p, SEGMENT_SYN, (char *)text, packet, &th);
	ASSERT_TRUE(put_fragment(&self->w, packet, 24, 60, false));
	ASSERT_TRUE(put_fragment(&self->w, packet, 0, 24, true));
	ASSERT_TRUE(grown(&before, 1, 0, 0));
	s.len = v6 ? 4 : 40;
	EXPECT_TRUE(came_as(&self->rec, self->reader, &s));
	/* The listener had it as a whole. */
	do
		raw_peers_hear(&self->p, 1);
	while (!self->p.synacks);
	/* The SYN-ACK that went out. */
	EXPECT_EQ(1, counter("segments_out_synack"));

	/* A first fragment without a whole header, and one of the same without more. */
	if (!v6)
		return;
	ASSERT_TRUE(put_fragment(&self->w, packet, 0, 16, true));
	ASSERT_TRUE(grown(&before, 1, 1, 0));
	EXPECT_TRUE(came_nothing(&self->rec, self->reader));
}

/* What leaves may be in fragments as well, if somebody made them (raw(7)). */
TEST_F(packets, fragments_that_leave)
{
	bool v6 = variant->kind == KIND_V6;
	union addr to = addr_make(variant->kind, v6 ? WIRE_A6 : WIRE_A4, 0);
	int fd = socket(to.any.sa_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	unsigned char packet[SEGMENT_MAX];
	struct segment s = syn(&self->p);
	struct ip *ip = (void *)packet;

	memcpy(s.src, self->p.next.dst, sizeof(s.src));
	memcpy(s.dst, self->p.next.src, sizeof(s.dst));
	for (unsigned int place = 0; place < 3; place++) {
		unsigned char fragment[8] = { 0, 0, 0, place << 3 | 1, 1, 2, 3, 4 };
		size_t len = segment_write(&s, packet);

		if (v6)
			len = add_extension(packet, len, IPPROTO_FRAGMENT, fragment, 8);
		else
			ip->ip_off = htons(place | IP_MF);
		ASSERT_EQ(len, sendto(fd, packet, len, 0, &to.any, addr_len(&to)));
	}
	close(fd);
	/* The first one has a header. */
	EXPECT_EQ(1, counter("segments_out_syn"));
	EXPECT_EQ(0, counter("segments_malformed"));
}

TEST_HARNESS_MAIN

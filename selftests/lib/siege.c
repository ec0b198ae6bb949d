// SPDX-License-Identifier: GPL-2.0
/*
 * Peers out of a tun device.
 */
#include "siege.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nic.h"
#include "sysctl.h"
#include "util.h"

#define TUN_PATH "/dev/net/tun"
#define NAME "siege"
#define OUR_V4 "10.9.0.2"
#define OUR_V6 "fd09::2"
#define PEERS_V4 0x64400000 /* 100.64.0.0/10 */
#define PEER_PORT 1024
#define PEER_PORTS 60000
#define ISN 1000
#define SIEGE_THREADS 8

static bool tun_up(struct siege *s)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	/* Where no udev makes the node that would load the driver. */
	if (access(TUN_PATH, F_OK) && system("modprobe tun"))
		return false;
	s->tun = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (s->tun < 0)
		return false;
	strcpy(req.ifr_name, NAME);
	if (ioctl(s->tun, TUNSETIFF, &req))
		return false;
	return sysctl_set("../ipv6/conf/" NAME "/accept_dad", "0") &&
	       sysctl_set("../ipv6/conf/" NAME "/router_solicitations", "0") && nic_up("lo") &&
	       nic_up(NAME) && nic_add_v4(NAME, OUR_V4) && nic_add_v6(NAME, OUR_V6) &&
	       !system("ip -4 route add default dev " NAME
		       " && ip -6 route add default dev " NAME);
}

bool siege_place(struct siege *s, enum kind kind)
{
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->tun = -1;
	s->reader = -1;
	s->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (s->home < 0 || unshare(CLONE_NEWNET) || !sysctl_set("conf/all/rp_filter", "0") ||
	    !sysctl_set("conf/default/rp_filter", "0") || !tun_up(s)) {
		printf("# the namespace cannot be made: %s\n", strerror(errno));
		return false;
	}
	return true;
}

bool siege_up(struct siege *s, enum kind kind)
{
	if (!siege_place(s, kind))
		return false;
	s->reader = device_open(O_NONBLOCK);
	if (s->reader < 0)
		printf("# " DEVICE_PATH ": %s\n", strerror(errno));
	return s->reader >= 0;
}

void siege_down(struct siege *s)
{
	records_free(&s->rec);
	close(s->reader);
	close(s->tun);
	if (s->home >= 0 && setns(s->home, CLONE_NEWNET))
		printf("# no way home: %s\n", strerror(errno));
	close(s->home);
}

int siege_listen(struct siege *s, unsigned int port, int backlog)
{
	int fd = tcp_bound(s->kind, s->kind == KIND_V4 ? "0.0.0.0" : "::", port, 0);

	if (fd >= 0 && !listen(fd, backlog))
		return fd;
	printf("# no listener on port %u: %s\n", port, strerror(errno));
	close(fd);
	return -1;
}

__u64 siege_cookie(int fd)
{
	__u64 cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

static bool is_v6(const struct siege *s)
{
	return s->kind == KIND_V6;
}

/* The address of a peer: its number, in a net of their own. */
static void address_of(const struct siege *s, unsigned int n, unsigned char *address)
{
	__u32 low = htonl(is_v6(s) ? n : PEERS_V4 + n);

	memset(address, 0, 16);
	if (is_v6(s)) {
		inet_pton(AF_INET6, "fd64::", address);
		memcpy(address + 12, &low, 4);
	} else {
		memcpy(address, &low, 4);
	}
}

int siege_peer_of(const struct siege *s, const struct tcpstate_record *rec)
{
	unsigned char address[16];
	__u32 low;
	int n;

	memcpy(&low, rec->raddr + (is_v6(s) ? 12 : 0), 4);
	n = ntohl(low) - (is_v6(s) ? 0 : PEERS_V4);
	address_of(s, n, address);
	return !memcmp(address, rec->raddr, 16) &&
			       rec->rport == PEER_PORT + n % PEER_PORTS &&
			       rec->family == (is_v6(s) ? AF_INET6 : AF_INET) ?
		       n :
		       -1;
}

static void put(const struct siege *s, unsigned int n, unsigned int port, unsigned int flags,
		__u32 seq, __u32 ack)
{
	struct segment segment = {
		.v6 = is_v6(s),
		.sport = PEER_PORT + n % PEER_PORTS,
		.dport = port,
		.flags = flags,
		.seq = seq,
		.ack = ack,
	};
	unsigned char packet[SEGMENT_MAX];
	size_t len;

	address_of(s, n, segment.src);
	if (s->source)
		inet_pton(is_v6(s) ? AF_INET6 : AF_INET, s->source, segment.src);
	inet_pton(is_v6(s) ? AF_INET6 : AF_INET, is_v6(s) ? OUR_V6 : OUR_V4, segment.dst);
	len = segment_write(&segment, packet);
	if (write(s->tun, packet, len) != len)
		printf("# peer %u cannot send: %s\n", n, strerror(errno));
}

void siege_send(struct siege *s, unsigned int n, unsigned int port, unsigned int flags,
		__u32 seq, __u32 ack)
{
	put(s, n, port, flags, seq, ack);
	siege_hear(s);
}

/**
 * struct part - what one thread of a flood sends
 * @s: into which
 * @first: first peer
 * @end: one above the last
 * @port: where to
 */
struct part {
	const struct siege *s;
	unsigned int first;
	unsigned int end;
	unsigned int port;
};

static void *send_part(void *data)
{
	const struct part *part = data;

	for (unsigned int n = part->first; n < part->end; n++)
		put(part->s, n, part->port, SEGMENT_SYN, ISN, 0);
	return NULL;
}

void siege_flood(struct siege *s, unsigned int first, unsigned int count,
		 unsigned int port, unsigned int threads)
{
	pthread_t thread[SIEGE_THREADS];
	struct part part[SIEGE_THREADS];

	for (unsigned int i = 0; i < threads; i++) {
		part[i] = (struct part){ s, first + count / threads * i,
					 first + count / threads * (i + 1), port };
		if (i == threads - 1)
			part[i].end = first + count;
		if (pthread_create(&thread[i], NULL, send_part, &part[i]))
			thread[i] = 0;
		if (!thread[i])
			send_part(&part[i]);
	}
	for (unsigned int i = 0; i < threads; i++) {
		if (thread[i])
			pthread_join(thread[i], NULL);
	}
}

/* Of all that others leave of the rare lane, one owner's part is soon full. */
static void keep_pace(struct siege *s, unsigned int n)
{
	if (n % 64 == 63 && s->reader >= 0)
		siege_read(s);
}

void siege_syn(struct siege *s, unsigned int n, unsigned int port)
{
	siege_send(s, n, port, SEGMENT_SYN, ISN, 0);
	keep_pace(s, n);
}

void siege_ack(struct siege *s, unsigned int n, unsigned int port)
{
	siege_send(s, n, port, SEGMENT_ACK, ISN + 1, s->isn[n] + 1);
	keep_pace(s, n);
}

static void take(struct siege *s, const struct segment *segment)
{
	unsigned int flags = segment->flags & (SEGMENT_SYN | SEGMENT_ACK | SEGMENT_RST);
	__u32 low, n;

	if (flags & SEGMENT_RST)
		s->resets++;
	if (flags != (SEGMENT_SYN | SEGMENT_ACK))
		return;
	s->synacks++;
	memcpy(&low, segment->dst + (is_v6(s) ? 12 : 0), 4);
	n = ntohl(low) - (is_v6(s) ? 0 : PEERS_V4);
	if (n < SIEGE_PEERS)
		s->isn[n] = segment->seq;
}

void siege_hear(struct siege *s)
{
	unsigned char packet[2048];
	struct segment segment;
	ssize_t len;

	while ((len = read(s->tun, packet, sizeof(packet))) > 0) {
		if (segment_read(&segment, packet, len))
			take(s, &segment);
	}
}

bool siege_read(struct siege *s)
{
	int n = records_read(&s->rec, s->reader);

	if (n < 0)
		printf("# " DEVICE_PATH ": %s\n", strerror(errno));
	return n >= 0;
}

bool siege_told(struct siege *s, unsigned int type, unsigned int cause, unsigned int count)
{
	__u64 until = deadline(10);
	unsigned int told;

	do {
		if (!siege_read(s))
			return false;
		told = 0;
		for (size_t i = 0; i < s->rec.count; i++)
			told += s->rec.rec[i].type == type &&
				(!cause || s->rec.rec[i].cause == cause);
		if (told >= count)
			return told == count;
	} while (again(until));
	printf("# %u records of kind %u (%s), should be %u\n", told, type, cause_name(cause),
	       count);
	return false;
}

static bool names_owner(const struct tcpstate_record *r)
{
	return r->flags & TCPSTATE_F_OWNER && r->tgid == getpid() && r->uid == getuid();
}

int siege_peers(const struct siege *s, unsigned int type, unsigned int cause, __u64 cookie,
		unsigned int port, bool *told)
{
	unsigned int mapped = s->kind == KIND_MAPPED ? TCPSTATE_F_MAPPED : 0;
	int n = 0;

	for (size_t i = 0; i < s->rec.count; i++) {
		const struct tcpstate_record *r = &s->rec.rec[i];
		int peer = siege_peer_of(s, r);

		if (r->type != type)
			continue;
		if (peer < 0 || peer >= SIEGE_PEERS || told[peer] || r->cause != cause ||
		    r->cookie != cookie || r->lport != port || r->refusal.stands_for != 1 ||
		    !(r->flags & TCPSTATE_F_INCOMING) || !names_owner(r) || r->life ||
		    (r->flags & TCPSTATE_F_MAPPED) != mapped) {
			printf("# peer %d: cause %s cookie %llu stands for %u flags %#x\n", peer,
			       cause_name(r->cause), r->cookie, r->refusal.stands_for, r->flags);
			return -1;
		}
		told[peer] = true;
		n++;
	}
	return n;
}

/* The place of a column in the first line, from 0; -1 without. */
static int place_of(char *head, const char *column)
{
	int place = 0;

	for (char *name = strtok(head, "\n "); name; name = strtok(NULL, "\n "), place++) {
		if (!strcmp(name, column))
			return place;
	}
	return -1;
}

long long siege_column(__u64 cookie, const char *column)
{
	FILE *f = fopen("/proc/tcpstate/listeners", "re");
	long long value = -1;
	char line[4096], key[32];
	int place = -1;

	snprintf(key, sizeof(key), "%llu ", cookie);
	if (!cookie)
		strcpy(key, "gone ");
	if (f && fgets(line, sizeof(line), f))
		place = place_of(line, column);
	while (f && place >= 0 && fgets(line, sizeof(line), f)) {
		char *word = line;

		if (strncmp(line, key, strlen(key)))
			continue;
		for (int i = 0; word && i < place; i++) {
			word = strchr(word, ' ');
			word += !!word;
		}
		if (word)
			value = atoll(word);
	}
	if (f)
		fclose(f);
	return value;
}

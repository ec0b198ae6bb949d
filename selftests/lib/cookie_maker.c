// SPDX-License-Identifier: GPL-2.0
/*
 * A BPF program that makes SYN cookies.
 *
 * It has all it needs in its instructions, and is run once, in the namespace of
 * the caller, on a packet that means nothing.
 */
#include "cookie_maker.h"

#include <errno.h>
#include <linux/bpf.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSTRUCTIONS 64

/* Where things are on the stack of the program. */
#define TUPLE	(-40)
#define IP	(-80)
#define TCP	(-104)

struct program {
	struct bpf_insn insn[INSTRUCTIONS];
	unsigned int len;
};

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void add(struct program *p, __u8 code, __u8 dst, __u8 src, __s16 off, __s32 imm)
{
	p->insn[p->len++] = (struct bpf_insn){ code, dst, src, off, imm };
}

static void set(struct program *p, __u8 dst, __s32 imm)
{
	add(p, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

static void copy(struct program *p, __u8 dst, __u8 src)
{
	add(p, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void call(struct program *p, __s32 function)
{
	add(p, BPF_JMP | BPF_CALL, 0, 0, 0, function);
}

static void point(struct program *p, __u8 dst, __s32 at)
{
	copy(p, dst, BPF_REG_10);
	add(p, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, at);
}

static void store(struct program *p, __s16 at, const void *bytes, size_t len)
{
	__s32 word;

	for (size_t i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, (const char *)bytes + i, sizeof(word));
		add(p, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, at + i, word);
	}
}

/* Returns the cookie, or an error as the kernel says it, or 0: nobody listens. */
static void write_program(struct program *p, const struct raw_peer *peer)
{
	const struct segment *s = &peer->next;
	struct tcphdr tcp = {
		.source = htons(s->sport),
		.dest = htons(s->dport),
		.seq = htonl(peer->isn),
		.doff = sizeof(tcp) / 4,
		.syn = 1,
	};
	struct iphdr v4 = { .ihl = 5, .version = 4, .protocol = IPPROTO_TCP };
	struct ip6_hdr v6 = { .ip6_nxt = IPPROTO_TCP };
	size_t address = s->v6 ? 16 : 4, ip = s->v6 ? sizeof(v6) : sizeof(v4);

	memcpy(&v4.saddr, s->src, 4);
	memcpy(&v4.daddr, s->dst, 4);
	v6.ip6_vfc = 6 << 4;
	memcpy(&v6.ip6_src, s->src, 16);
	memcpy(&v6.ip6_dst, s->dst, 16);

	store(p, TUPLE, s->src, address);
	store(p, TUPLE + address, s->dst, address);
	store(p, TUPLE + 2 * address, &tcp.source, 4);
	store(p, IP, s->v6 ? (void *)&v6 : (void *)&v4, ip);
	store(p, TCP, &tcp, sizeof(tcp));

	point(p, BPF_REG_2, TUPLE);
	set(p, BPF_REG_3, 2 * address + 4);
	set(p, BPF_REG_4, BPF_F_CURRENT_NETNS);
	set(p, BPF_REG_5, 0);
	call(p, BPF_FUNC_sk_lookup_tcp);
	add(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 1, 0);
	add(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	copy(p, BPF_REG_7, BPF_REG_0);
	copy(p, BPF_REG_1, BPF_REG_0);
	point(p, BPF_REG_2, IP);
	set(p, BPF_REG_3, ip);
	point(p, BPF_REG_4, TCP);
	set(p, BPF_REG_5, sizeof(tcp));
	call(p, BPF_FUNC_tcp_gen_syncookie);
	copy(p, BPF_REG_8, BPF_REG_0);
	copy(p, BPF_REG_1, BPF_REG_7);
	call(p, BPF_FUNC_sk_release);
	copy(p, BPF_REG_0, BPF_REG_8);
	add(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int load(const struct raw_peer *peer)
{
	struct program p = { .len = 0 };
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SCHED_CLS,
		.insns = (unsigned long)p.insn,
		.license = (unsigned long)"GPL",
	};

	write_program(&p, peer);
	attr.insn_cnt = p.len;
	return bpf(BPF_PROG_LOAD, &attr);
}

bool cookie_make(struct raw_peer *p)
{
	unsigned char packet[64] = { 0 };
	union bpf_attr attr = { 0 };
	int prog = load(p);

	attr.test.prog_fd = prog;
	attr.test.data_in = (unsigned long)packet;
	attr.test.data_size_in = sizeof(packet);
	if (prog < 0 || bpf(BPF_PROG_TEST_RUN, &attr)) {
		printf("# no program that makes cookies: %s\n", strerror(errno));
		close(prog);
		return false;
	}
	close(prog);
	if (!attr.test.retval || attr.test.retval > -4096U) {
		printf("# no cookie: %d\n", (int)attr.test.retval);
		return false;
	}
	p->next.seq = p->isn + 1;
	p->next.ack = attr.test.retval + 1;
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A control group with a BPF program of two instructions.
 */
#include "egress.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUP "/sys/fs/cgroup/tcpstate-egress"

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(__NR_bpf, command, attr, sizeof(*attr));
}

/* return 0: do not let it pass */
static int load(void)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SKB;
	attr.expected_attach_type = BPF_CGROUP_INET_EGRESS;
	attr.insns = (unsigned long)code;
	attr.insn_cnt = sizeof(code) / sizeof(*code);
	attr.license = (unsigned long)"GPL";
	return bpf(BPF_PROG_LOAD, &attr);
}

static bool enter(void)
{
	FILE *f = fopen(GROUP "/cgroup.procs", "we");
	bool done = f && fprintf(f, "0\n") > 0;

	if (f && fclose(f))
		done = false;
	return done;
}

int egress_refuse(void)
{
	union bpf_attr attr;
	int group, program;

	mkdir(GROUP, 0755);
	group = open(GROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	program = load();
	if (group < 0 || program < 0 || !enter())
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = group;
	attr.attach_bpf_fd = program;
	attr.attach_type = BPF_CGROUP_INET_EGRESS;
	if (bpf(BPF_PROG_ATTACH, &attr))
		return -1;
	close(program);
	return group;
}

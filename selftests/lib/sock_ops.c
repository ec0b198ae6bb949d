// SPDX-License-Identifier: GPL-2.0
/*
 * A BPF program that asks for cookies.
 */
#include "sock_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All control groups are below it. */
#define ROOT_PATH "/sys/fs/cgroup"

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int load(void)
{
	const struct bpf_insn program[] = {
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_socket_cookie },
		/* Nothing is asked of the kernel. */
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCK_OPS,
		.insns = (unsigned long)program,
		.insn_cnt = sizeof(program) / sizeof(*program),
		.license = (unsigned long)"GPL",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

int sock_ops_ask_cookies(void)
{
	int root = open(ROOT_PATH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	union bpf_attr attr = { 0 };
	int prog = load(), link = -1;

	if (root >= 0 && prog >= 0) {
		attr.link_create.prog_fd = prog;
		attr.link_create.target_fd = root;
		attr.link_create.attach_type = BPF_CGROUP_SOCK_OPS;
		link = bpf(BPF_LINK_CREATE, &attr);
	}
	if (link < 0)
		printf("# no program that asks for cookies: %s\n", strerror(errno));
	close(prog);
	close(root);
	return link;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A security module made of BPF.
 *
 * The hook is found in the kernel's own description of its types and functions
 * (BTF), so that no library is needed for these few instructions.
 */
#include "lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BTF_PATH "/sys/kernel/btf/vmlinux"
#define LSM_PATH "/sys/kernel/security/lsm"
#define HOOK "bpf_lsm_inet_conn_request"
#define PORT_OFFSET 14 /* sock.__sk_common.skc_num, in all kernels */

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* What follows a type, by its kind; -1 if that is new to us. */
static int tail_of(const struct btf_type *t)
{
	unsigned int n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
		return sizeof(__u32);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	default:
		return -1;
	}
}

/* The number of a function; 0 without. @data has all of the file. */
static unsigned int number_of(const char *data, size_t size, const char *name)
{
	const struct btf_header *h = (const void *)data;
	const char *names = data + h->hdr_len + h->str_off;
	size_t at = h->hdr_len + h->type_off, end = at + h->type_len;

	if (h->magic != BTF_MAGIC || end > size || names + h->str_len > data + size)
		return 0;
	for (unsigned int id = 1; at + sizeof(struct btf_type) <= end; id++) {
		const struct btf_type *t = (const void *)(data + at);
		int tail = tail_of(t);

		if (tail < 0) {
			printf("# " BTF_PATH " has types of kind %u\n",
			       BTF_INFO_KIND(t->info));
			return 0;
		}
		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC && t->name_off < h->str_len &&
		    !strcmp(names + t->name_off, name))
			return id;
		at += sizeof(*t) + tail;
	}
	return 0;
}

/* The kernel gives no more than a page at a time. */
static bool read_all(int fd, char *data, size_t size)
{
	size_t got = 0;
	ssize_t n;

	while (got < size && (n = read(fd, data + got, size - got)) > 0)
		got += n;
	return got == size;
}

static unsigned int find_hook(void)
{
	int fd = open(BTF_PATH, O_RDONLY | O_CLOEXEC);
	unsigned int id = 0;
	struct stat st;
	char *data;

	if (fd < 0)
		return 0;
	data = fstat(fd, &st) ? NULL : malloc(st.st_size);
	if (data && st.st_size > (off_t)sizeof(struct btf_header) &&
	    read_all(fd, data, st.st_size))
		id = number_of(data, st.st_size, HOOK);
	free(data);
	close(fd);
	return id;
}

/* Without it programs can be attached, and are never asked. */
static bool is_asked(void)
{
	char names[256] = "";
	FILE *f = fopen(LSM_PATH, "r");

	if (f && !fgets(names, sizeof(names), f))
		names[0] = '\0';
	if (f)
		fclose(f);
	for (char *name = strtok(names, ",\n"); name; name = strtok(NULL, ",\n")) {
		if (!strcmp(name, "bpf"))
			return true;
	}
	return false;
}

static int load(unsigned int hook, unsigned int port)
{
	const struct bpf_insn program[] = {
		/* The listener is the first argument. */
		{ BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_1, 0, 0 },
		{ BPF_LDX | BPF_MEM | BPF_H, BPF_REG_2, BPF_REG_1, PORT_OFFSET, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 1, (__s32)port },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, -EPERM },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.attach_btf_id = hook,
		.insns = (unsigned long)program,
		.insn_cnt = sizeof(program) / sizeof(*program),
		.license = (unsigned long)"GPL",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

int lsm_refuse(unsigned int port)
{
	union bpf_attr attr = { 0 };
	unsigned int hook = is_asked() ? find_hook() : 0;
	int prog, link;

	if (!hook)
		return -1;
	prog = load(hook, port);
	if (prog < 0) {
		printf("# the program cannot be loaded: %s\n", strerror(errno));
		return -1;
	}
	attr.raw_tracepoint.prog_fd = prog;
	link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
	if (link < 0)
		printf("# the program cannot be attached: %s\n", strerror(errno));
	close(prog);
	return link;
}

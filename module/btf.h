/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the functions of this kernel take, as its own type information (BTF)
 * says.
 *
 * Knows BTF; must not know which functions matter, nor why.
 */
#ifndef _TCPS_BTF_H
#define _TCPS_BTF_H

#include <linux/types.h>

/**
 * enum tcps_btf_answer - does a function take that?
 * @TCPS_BTF_SILENT: BTF does not know the function, or there is no BTF
 * @TCPS_BTF_SAME: it does
 * @TCPS_BTF_OTHER: it takes something else
 */
enum tcps_btf_answer {
	TCPS_BTF_SILENT,
	TCPS_BTF_SAME,
	TCPS_BTF_OTHER,
};

/**
 * struct tcps_btf - types of the kernel
 *
 * All 0 is one that knows nothing.
 *
 * @data: all of it, as in /sys/kernel/btf/vmlinux
 * @strings: names, inside of @data
 * @strings_len: bytes of them; the last is 0
 * @at: where each type stands in @data, by its number; 0 is void
 * @types: numbers in use
 * @function: the functions among them
 * @functions: how many
 */
struct tcps_btf {
	void *data;
	const char *strings;
	u32 strings_len;
	u32 *at;
	u32 types;
	struct tcps_btf_function *function;
	u32 functions;
};

int tcps_btf_open(struct tcps_btf *btf);
void tcps_btf_close(struct tcps_btf *btf);

enum tcps_btf_answer tcps_btf_takes(const struct tcps_btf *btf,
				    const char *function, const char *takes);

#endif /* _TCPS_BTF_H */

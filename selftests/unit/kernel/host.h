/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Host unit tests - as much of the kernel's words as the pure files of the
 * module need. Include it first.
 */
#ifndef UNIT_KERNEL_HOST_H
#define UNIT_KERNEL_HOST_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;

#define min(a, b)                                  \
	({                                         \
		__typeof__(a) min_a = (a);         \
		__typeof__(b) min_b = (b);         \
		(void)(&min_a == &min_b);          \
		min_a < min_b ? min_a : min_b;     \
	})
#define max(a, b)                                  \
	({                                         \
		__typeof__(a) max_a = (a);         \
		__typeof__(b) max_b = (b);         \
		(void)(&max_a == &max_b);          \
		max_a > max_b ? max_a : max_b;     \
	})
#define min3(a, b, c)		min(min(a, b), c)
#define clamp(value, low, high)	min(max(value, low), high)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define U64_MAX			UINT64_MAX

#define likely(x)		(x)
#define unlikely(x)		(x)

#endif /* UNIT_KERNEL_HOST_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that differs between kernels 5.10 and 7.3, and nothing else.
 *
 * The only file with version tests. A shim whose kernel is no longer
 * supported is deleted, not kept.
 */
#ifndef _TCPS_COMPAT_H
#define _TCPS_COMPAT_H

#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <net/sock.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "tcpstate supports Linux 5.10 and later"
#endif

/*
 * The callback of an ftrace_ops had a struct pt_regs * until 5.10; 5.11
 * (d19ad0775dcd) gave it a struct ftrace_regs *, whose content only accessors
 * may know. ftrace_regs_get_argument() came in 6.2 (94d095ffa0e1).
 *
 * The flag for "this callback protects itself against recursion" was turned
 * round in 5.11 (a25d036d939a): before, RECURSION_SAFE meant that; since then
 * the absence of RECURSION does.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define compat_ftrace_regs pt_regs
#define COMPAT_FTRACE_FLAGS \
	(FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_RECURSION_SAFE)
#define compat_ftrace_arg(fregs, n) regs_get_kernel_argument(fregs, n)
#else
#define compat_ftrace_regs ftrace_regs
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#define COMPAT_FTRACE_FLAGS 0
#else
#define COMPAT_FTRACE_FLAGS FTRACE_OPS_FL_SAVE_REGS
#endif
#ifdef ftrace_regs_get_argument
#define compat_ftrace_arg(fregs, n) ftrace_regs_get_argument(fregs, n)
#else
#define compat_ftrace_arg(fregs, n) regs_get_kernel_argument(&(fregs)->regs, n)
#endif
#endif

/* Function hooks need the function tracer to hand over arguments. */
#if defined(CONFIG_FUNCTION_TRACER) && defined(CONFIG_DYNAMIC_FTRACE) && \
	(defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) ||                     \
	 defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS))
#define COMPAT_HAS_FTRACE 1
#else
#define COMPAT_HAS_FTRACE 0
#endif

/* tcp_reset() is given the segment since 5.11 (049fe386d353). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define COMPAT_RESET_HAS_SKB 0
#else
#define COMPAT_RESET_HAS_SKB 1
#endif

/* sk_uid is read without the socket lock; an accessor came in 6.16. */
static inline kuid_t compat_sk_uid(const struct sock *sk)
{
	return READ_ONCE(sk->sk_uid);
}

#endif /* _TCPS_COMPAT_H */

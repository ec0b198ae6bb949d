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
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/proc_fs.h>
#include <linux/percpu_counter.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>
#include <net/tcp.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "tcpstate supports Linux 5.10 and later"
#endif

/*
 * A variable that is filled in before it is read: kernels that set all that
 * stands on the stack to 0 (CONFIG_INIT_STACK_ALL_ZERO) shall not do so for it,
 * where that would cost as much as what it is used for.
 */
#if defined(__has_attribute)
#if __has_attribute(__uninitialized__)
#define compat_unset __attribute__((__uninitialized__))
#endif
#endif
#ifndef compat_unset
#define compat_unset
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

/*
 * May the compiler have changed what a function takes and left it its name?
 * GCC renames it (.isra, .constprop), but not in link-time optimization; clang
 * never does.
 */
#if IS_ENABLED(CONFIG_CC_IS_CLANG) || IS_ENABLED(CONFIG_LTO) || \
	IS_ENABLED(CONFIG_LTO_CLANG) || IS_ENABLED(CONFIG_LTO_GCC)
#define COMPAT_ARGUMENTS_CAN_CHANGE 1
#else
#define COMPAT_ARGUMENTS_CAN_CHANGE 0
#endif

/*
 * Does a CPU work on one packet of TCP at a time? Since 6.18 not
 * on PREEMPT_RT, where a task that has softirqs off can be preempted by another.
 */
#if defined(CONFIG_PREEMPT_RT) && !defined(CONFIG_PREEMPT_RT_NEEDS_BH_LOCK) && \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define COMPAT_ONE_PACKET_AT_A_TIME 0
#else
#define COMPAT_ONE_PACKET_AT_A_TIME 1
#endif

/* tcp_reset() is given the segment since 5.11 (049fe386d353). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define COMPAT_RESET_HAS_SKB 0
#else
#define COMPAT_RESET_HAS_SKB 1
#endif

/* tcp_retransmit_skb is told of failures too since 6.18. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define COMPAT_RETRANSMIT_HAS_ERR 0
#else
#define COMPAT_RETRANSMIT_HAS_ERR 1
#endif

/*
 * Segments dropped for their signature have tracepoints since 6.11
 * (96be3dcd013d).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define COMPAT_TELLS_SIGNATURES 0
#else
#define COMPAT_TELLS_SIGNATURES 1
#endif

/*
 * Why an RST is sent: the last argument of tcp_v4_send_reset(),
 * tcp_v6_send_reset() and tcp_send_active_reset() since 6.10 (6be49deaa095,
 * 5691276b39da); the latter lost the one before it later. -1 where there is none.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define COMPAT_REPLY_REASON (-1)

static inline int compat_active_reset_reason(void)
{
	return -1;
}
#else
#define COMPAT_REPLY_REASON 2

static inline int compat_active_reset_reason(void)
{
	return __builtin_types_compatible_p(typeof(tcp_send_active_reset),
					    void(struct sock *,
						 enum sk_rst_reason)) ?
		       1 :
		       2;
}
#endif

/*
 * What the kernel will say of an RST that it sends after it has changed the
 * state, plus 1. It told no more than that it does not say until 6.12
 * (90c36325c796 and the ones after it).
 */
enum compat_reset {
	COMPAT_RESET_CLOSE,
	COMPAT_RESET_LINGER2,
	COMPAT_RESET_MEMORY,
	COMPAT_RESET_DISCONNECT,
	COMPAT_RESET_DISCONNECT_DATA,
	COMPAT_RESET_DATA,
};

static inline u32 compat_reset_reason(enum compat_reset which)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	return 0;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return SK_RST_REASON_NOT_SPECIFIED + 1;
#else
	static const u8 reasons[] = {
		[COMPAT_RESET_CLOSE] = SK_RST_REASON_TCP_ABORT_ON_CLOSE,
		[COMPAT_RESET_LINGER2] = SK_RST_REASON_TCP_ABORT_ON_LINGER,
		[COMPAT_RESET_MEMORY] = SK_RST_REASON_TCP_ABORT_ON_MEMORY,
		[COMPAT_RESET_DISCONNECT] = SK_RST_REASON_TCP_STATE,
		[COMPAT_RESET_DISCONNECT_DATA] =
			SK_RST_REASON_TCP_DISCONNECT_WITH_DATA,
		[COMPAT_RESET_DATA] = SK_RST_REASON_TCP_ABORT_ON_DATA,
	};

	return reasons[which] + 1;
#endif
}

/*
 * On PREEMPT_RT an irq_work runs in a thread of its CPU unless it is a hard one
 * (5.12, b5d9e5a4bf4e): one that was queued as its CPU went down would wait for
 * it to come back, and whoever waits for the work as well.
 */
static inline void compat_init_irq_work(struct irq_work *work,
					void (*func)(struct irq_work *work))
{
#ifdef IRQ_WORK_INIT_HARD
	*work = IRQ_WORK_INIT_HARD(func);
#else
	init_irq_work(work, func);
#endif
}

/* Tries at a constant distance came in 6.5 (ccce324dabfe), beside the others. */
static inline u32 compat_syn_linear_timeouts(const struct netns_ipv4 *ipv4)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return 0;
#else
	return READ_ONCE(ipv4->sysctl_tcp_syn_linear_timeouts);
#endif
}

/* TIME_WAIT of a namespace; it lay apart in 5.18 to 6.0 (e9bd0cca09d1). */
static inline const struct inet_timewait_death_row *
compat_death_row(const struct net *net)
{
#if COMPAT_HAS_DEATH_ROW_APART
	return net->ipv4.tcp_death_row;
#else
	return &net->ipv4.tcp_death_row;
#endif
}

/* Its socks; a reference count since 5.18 (fbb8295248e1). */
static inline u32 compat_tw_count(const struct net *net)
{
#if COMPAT_HAS_TW_REFCOUNT
	return refcount_read(&compat_death_row(net)->tw_refcount) - 1;
#else
	return atomic_read(&compat_death_row(net)->tw_count);
#endif
}

static inline u32 compat_tw_max(const struct net *net)
{
	return READ_ONCE(compat_death_row(net)->sysctl_max_tw_buckets);
}

/*
 * net.ipv4.ip_local_port_range: one word since 6.8 (d9f28735af87), two under a
 * seqlock before. That must not be waited for here: both ports may be of
 * different settings while somebody changes them.
 */
static inline void compat_local_ports(const struct net *net, u32 *low,
				      u32 *high)
{
	const u32 *range = (const u32 *)&net->ipv4.ip_local_ports.range;

	*low = READ_ONCE(range[0]);
	if (sizeof(net->ipv4.ip_local_ports.range) == sizeof(u32)) {
		*high = *low >> 16;
		*low &= 0xffff;
	} else {
		*high = READ_ONCE(range[1]);
	}
}

/* Requests can move to another listener since 5.14 (f9ac779f881c). */
static inline bool compat_migrates(const struct net *net)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)
	return false;
#else
	return READ_ONCE(net->ipv4.sysctl_tcp_migrate_req);
#endif
}

/* Hash tables of TCP as a namespace sees them, on all kernels. */
static inline struct inet_hashinfo *compat_hashinfo(const struct net *net)
{
	return compat_death_row(net)->hashinfo;
}

/*
 * The socket of a connection, request and timewait socks included, with a
 * reference for sock_gen_put(); under rcu_read_lock(). The table of hashes is
 * no argument any more since 6.18 (cb16f4b6c73d).
 */
static inline struct sock *compat_lookup_v4(struct net *net, __be32 raddr,
					    __be16 rport, __be32 laddr,
					    __be16 lport, int dif, int sdif)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
	return __inet_lookup_established(net, compat_hashinfo(net), raddr,
					 rport, laddr, ntohs(lport), dif, sdif);
#else
	return __inet_lookup_established(net, raddr, rport, laddr, ntohs(lport),
					 dif, sdif);
#endif
}

/* In a module of its own IPv6 would have to be loaded for ours to be. */
static inline struct sock *
compat_lookup_v6(struct net *net, const struct in6_addr *raddr, __be16 rport,
		 const struct in6_addr *laddr, __be16 lport, int dif, int sdif)
{
#if !IS_BUILTIN(CONFIG_IPV6)
	return NULL;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
	return __inet6_lookup_established(net, compat_hashinfo(net), raddr,
					  rport, laddr, ntohs(lport), dif,
					  sdif);
#else
	return __inet6_lookup_established(net, raddr, rport, laddr,
					  ntohs(lport), dif, sdif);
#endif
}

/*
 * Listeners: by address and port since 5.19 (cae3873c5b3a), which had been the
 * second of two tables; by port alone before.
 */
#if COMPAT_HAS_LISTENING_BY_PORT
static inline unsigned int compat_listen_buckets(const struct inet_hashinfo *h)
{
	return INET_LHTABLE_SIZE;
}

static inline struct inet_listen_hashbucket *
compat_listen_bucket(struct inet_hashinfo *h, unsigned int i)
{
	return &h->listening_hash[i];
}
#else
static inline unsigned int compat_listen_buckets(const struct inet_hashinfo *h)
{
	return h->lhash2_mask + 1;
}

static inline struct inet_listen_hashbucket *
compat_listen_bucket(struct inet_hashinfo *h, unsigned int i)
{
	return &h->lhash2[i];
}
#endif

/* What tcp_out_of_memory() asks, which moved out of the headers in 6.14. */
static inline bool compat_out_of_memory(const struct sock *sk)
{
	const struct proto *prot = sk->sk_prot;

	return READ_ONCE(sk->sk_wmem_queued) > SOCK_MIN_SNDBUF &&
	       atomic_long_read(prot->memory_allocated) >
		       READ_ONCE(prot->sysctl_mem[2]);
}

/*
 * Sockets that no process has any more, as sockstat sums them up; negative where
 * the count is not exported, which it was at least until 6.12. A percpu_counter
 * until 5.16 (19757cebf0c5), which stable kernels took over.
 */
static inline long compat_orphans(void)
{
#if COMPAT_HAS_ORPHANS_SUMMED
	return percpu_counter_sum_positive(&tcp_orphan_count);
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
	int cpu, sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(tcp_orphan_count, cpu));
	return max(sum, 0);
#else
	return -1;
#endif
}

/*
 * tcp_disconnect() refuses while another thread waits, in kernels that count such
 * threads: from 6.4 (4faeee0cf8a5) to 6.6 (419ce133ab92), and in stable ones that
 * took over the one, but not the other yet, as some 5.10, 5.15 and 6.1.
 */
static inline bool compat_disconnect_refused(const struct sock *sk)
{
#if COMPAT_HAS_WAIT_PENDING
	return READ_ONCE(sk->sk_wait_pending);
#else
	return false;
#endif
}

/* Does it carry an SMC socket, if that was built at all? Before its SYN is sent. */
static inline bool compat_is_smc(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_SMC)
	return tcp_sk(sk)->syn_smc;
#else
	return false;
#endif
}

/* What belongs to a file of /proc; PDE_DATA() until 5.17 (359745d78351). */
static inline void *compat_pde_data(const struct inode *inode)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
	return PDE_DATA(inode);
#else
	return pde_data(inode);
#endif
}

/* sk_uid is read without the socket lock; an accessor came in 6.16. */
static inline kuid_t compat_sk_uid(const struct sock *sk)
{
	return READ_ONCE(sk->sk_uid);
}

#endif /* _TCPS_COMPAT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks on packets, in the namespaces that are armed: netfilter's, for what
 * comes to this host and what leaves it.
 *
 * Must not know what becomes of what it passes on. A packet is always accepted
 * and never written to.
 *
 * On both ways ours is the last hook. What comes in has passed all rules then,
 * and NAT has given it the addresses that the socket knows: it is what the
 * socket will see, unless the checksum is wrong. What goes out has passed the
 * rules of OUTPUT: what those drop, or answer with an RST, never left. Its
 * addresses are those that NAT gave it in OUTPUT; if it is of a socket, the
 * record has the socket's all the same. Of two hooks of one priority the one
 * registered later runs first: conntrack's last step, which may drop a packet
 * that lost a race, can come behind ours.
 */
#include "hook_segment.h"

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "observe.h"
#include "segment.h"

#ifdef CONFIG_NETFILTER

/*
 * The way that nearly all packets go: a few loads and compares. A header that
 * is not linear is left to those who look closer.
 */
static __always_inline bool is_wanted(const struct sk_buff *skb,
				      unsigned int at)
{
	if (unlikely(skb_headlen(skb) < at + sizeof(struct tcphdr)))
		return true;
	return skb->data[at + TCPS_SEGMENT_FLAGS_AT] & TCPS_SEGMENT_FLAGS;
}

static __always_inline bool is_wanted_v4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return iph->protocol == IPPROTO_TCP &&
	       unlikely(is_wanted(skb, skb_network_offset(skb) + iph->ihl * 4));
}

static __always_inline bool is_wanted_v6(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	if (likely(ip6h->nexthdr == IPPROTO_TCP))
		return unlikely(is_wanted(skb, skb_network_offset(skb) +
						       sizeof(*ip6h)));
	return unlikely(ipv6_ext_hdr(ip6h->nexthdr));
}

static unsigned int in_v4(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	if (is_wanted_v4(skb))
		tcps_observe_segment_in(state->net, skb, AF_INET);
	return NF_ACCEPT;
}

static unsigned int in_v6(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	if (is_wanted_v6(skb))
		tcps_observe_segment_in(state->net, skb, AF_INET6);
	return NF_ACCEPT;
}

static unsigned int out_v4(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	if (is_wanted_v4(skb))
		tcps_observe_segment_out(state->net, skb, AF_INET, state->out);
	return NF_ACCEPT;
}

static unsigned int out_v6(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	if (is_wanted_v6(skb))
		tcps_observe_segment_out(state->net, skb, AF_INET6, state->out);
	return NF_ACCEPT;
}

static const struct nf_hook_ops segment_hooks[] = {
	{
		.hook = in_v4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = out_v4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = in_v6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST,
	},
	{
		.hook = out_v6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_LAST,
	},
};

static int arm(struct net *net)
{
	return nf_register_net_hooks(net, segment_hooks,
				     ARRAY_SIZE(segment_hooks));
}

static void disarm(struct net *net)
{
	nf_unregister_net_hooks(net, segment_hooks, ARRAY_SIZE(segment_hooks));
}

#else

static int arm(struct net *net)
{
	return -EOPNOTSUPP;
}

static void disarm(struct net *net)
{
}

#endif

const struct tcps_arming_ops tcps_segment_arming = {
	.arm = arm,
	.disarm = disarm,
};

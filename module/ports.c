// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports that connect() has in use, by what they cannot be used for again:
 * local address, remote address and remote port.
 *
 * Knows the table; must not know who wants to know, nor how it is shown.
 *
 * No hook keeps books of this: the table is looked through when somebody asks,
 * one group of it at a time, in memory that does not grow with it. A connection
 * counts if it began with connect() and its port lies in ip_local_port_range,
 * in a timewait sock too. How one that is older than the module began is not
 * known: it does not count.
 */
#include "ports.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <net/ip.h>
#include <net/tcp.h>

#include "compat.h"
#include "keyed.h"
#include "table.h"

/* Places that are told apart: a power of two; and how many of it are used. */
#define SLOTS 4096U
#define GROUPS_MAX (SLOTS / 8 * 3)

/* Slots looked at for each connection, for which interrupts are off. */
#define PROBES 32U

struct look {
	u32 gen;
	struct tcps_ports *ports;
};

static bool is_same(const struct tcps_ports_group *group,
		    const struct tcps_who *who)
{
	return group->family == who->family && group->rport == who->id.rport &&
	       !memcmp(group->laddr, who->id.laddr, sizeof(group->laddr)) &&
	       !memcmp(group->raddr, who->id.raddr, sizeof(group->raddr));
}

static u32 slot_of(const struct tcps_who *who)
{
	struct {
		u8 laddr[16];
		u8 raddr[16];
		u64 rport;
	} key __aligned(8) = { .rport = who->id.rport };

	memcpy(key.laddr, who->id.laddr, sizeof(key.laddr));
	memcpy(key.raddr, who->id.raddr, sizeof(key.raddr));
	return tcps_keyed_bytes(&key, sizeof(key));
}

/* Open addressing; a free slot has no family. */
static struct tcps_ports_group *find(struct tcps_ports *ports,
				     const struct tcps_who *who)
{
	struct tcps_ports_group *group;
	u32 slot = slot_of(who), i;

	for (i = 0; i < PROBES; i++) {
		group = &ports->group[(slot + i) % SLOTS];
		if (!group->family)
			break;
		if (is_same(group, who))
			return group;
	}
	if (i == PROBES || ports->groups == GROUPS_MAX)
		return NULL;
	ports->groups++;
	group->family = who->family;
	group->rport = who->id.rport;
	memcpy(group->laddr, who->id.laddr, sizeof(group->laddr));
	memcpy(group->raddr, who->id.raddr, sizeof(group->raddr));
	return group;
}

static bool is_wanted(const struct tcps_life *life, const struct look *look)
{
	return life->who.id.netns_gen == look->gen &&
	       life->state != TCPSTATE_CLOSE && life->who.family &&
	       life->who.id.lport >= look->ports->low &&
	       life->who.id.lport <= look->ports->high &&
	       !(life->flags & TCPS_HELD) &&
	       tcps_path_first_state(&life->path, life->steps) ==
		       TCPSTATE_SYN_SENT;
}

static void count(struct tcps_life *life, u64 now, void *data)
{
	const u64 span = TCPS_PORTS_SECONDS * NSEC_PER_SEC;
	const u64 wait = TCP_TIMEWAIT_LEN / HZ * NSEC_PER_SEC;
	struct look *look = data;
	struct tcps_ports_group *group;
	u64 age;

	if (!is_wanted(life, look))
		return;
	group = find(look->ports, &life->who);
	if (!group) {
		look->ports->left_out++;
		return;
	}
	age = now > life->since ? now - life->since : 0;
	group->used++;
	group->state[life->state]++;
	if (age + tcps_path_length(&life->path, life->steps) < span)
		group->begun++;
	if (life->state == TCPSTATE_TIME_WAIT && age + span >= wait)
		group->due++;
}

/* Bring the busiest ones to the front, so many as will be asked for. */
static void bring_front(struct tcps_ports *ports)
{
	unsigned int front, i;

	for (front = 0; front < TCPS_PORTS_SORTED; front++) {
		unsigned int most = front;

		for (i = front + 1; i < SLOTS; i++) {
			if (ports->group[i].used > ports->group[most].used)
				most = i;
		}
		swap(ports->group[front], ports->group[most]);
	}
}

static u32 choosable(struct net *net, u32 low, u32 high)
{
	u32 port, n = 0;

	for (port = low; port <= high; port++)
		n += !inet_is_local_reserved_port(net, port);
	return n;
}

/**
 * tcps_ports_range() - which ports connect() may choose
 * @ports: to be filled in
 * @net: network namespace
 */
void tcps_ports_range(struct tcps_ports *ports, struct net *net)
{
	compat_local_ports(net, &ports->low, &ports->high);
	ports->size = choosable(net, ports->low, ports->high);
}

/**
 * tcps_ports_look() - look through the table
 * @net: network namespace
 * @gen: its number
 *
 * May sleep. For those only who may see the result.
 *
 * Return: what was found, to be freed; NULL without memory, or for somebody
 * who is being killed.
 */
struct tcps_ports *tcps_ports_look(struct net *net, u32 gen)
{
	struct tcps_ports *ports;
	struct look look = { .gen = gen };
	unsigned int i;

	ports = kvzalloc(struct_size(ports, group, SLOTS), GFP_KERNEL_ACCOUNT);
	if (!ports)
		return NULL;
	look.ports = ports;
	tcps_ports_range(ports, net);
	for (i = 0; i < tcps_table_groups(); i++) {
		tcps_table_visit(i, false, count, &look);
		cond_resched();
		if (fatal_signal_pending(current)) {
			tcps_ports_free(ports);
			return NULL;
		}
	}
	bring_front(ports);
	return ports;
}

/**
 * tcps_ports_free() - end of a look
 * @ports: what was found
 */
void tcps_ports_free(struct tcps_ports *ports)
{
	kvfree(ports);
}

/**
 * tcps_ports_left() - how long until a group has no port left
 * @ports: the look
 * @group: the group
 *
 * If as many ports go on being taken as were in the last TCPS_PORTS_SECONDS,
 * and as many are given back as will be in the next by the end of TIME_WAIT.
 *
 * Return: seconds; negative if that never happens.
 */
s64 tcps_ports_left(const struct tcps_ports *ports,
		    const struct tcps_ports_group *group)
{
	u32 left = ports->size > group->used ? ports->size - group->used : 0;

	if (!left)
		return 0;
	if (group->begun <= group->due)
		return -1;
	return (u64)left * TCPS_PORTS_SECONDS / (group->begun - group->due);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local ports that connect() has in use, by what they cannot be used for again:
 * local address, remote address and remote port.
 *
 * Knows the table; must not know who wants to know, nor how it is shown.
 */
#ifndef _TCPS_PORTS_H
#define _TCPS_PORTS_H

#include <linux/types.h>
#include <linux/tcpstate.h>

struct net;

/* So long we look back, and ahead. */
#define TCPS_PORTS_SECONDS 10

/* So many groups are put in order, busiest first. */
#define TCPS_PORTS_SORTED 5

/**
 * struct tcps_ports_group - connections to one place
 * @family: AF_INET or AF_INET6
 * @laddr: local address
 * @raddr: remote address
 * @rport: remote port
 * @used: ports in use
 * @state: thereof in each state
 * @begun: thereof begun within the last TCPS_PORTS_SECONDS
 * @due: thereof in TIME_WAIT and given back within the next
 */
struct tcps_ports_group {
	u8 family;
	u8 laddr[16];
	u8 raddr[16];
	u16 rport;
	u32 used;
	u32 state[TCPSTATE_STATE_COUNT];
	u32 begun;
	u32 due;
};

/**
 * struct tcps_ports - all groups of a network namespace
 * @low: first port of the range
 * @high: last port of it
 * @size: ports of it that connect() may choose
 * @groups: how many there are
 * @left_out: connections of groups that found no room
 * @group: the first TCPS_PORTS_SORTED are the busiest ones, in order
 */
struct tcps_ports {
	u32 low;
	u32 high;
	u32 size;
	u32 groups;
	u32 left_out;
	struct tcps_ports_group group[];
};

void tcps_ports_range(struct tcps_ports *ports, struct net *net);
struct tcps_ports *tcps_ports_look(struct net *net, u32 gen);
void tcps_ports_free(struct tcps_ports *ports);

s64 tcps_ports_left(const struct tcps_ports *ports,
		    const struct tcps_ports_group *group);

#endif /* _TCPS_PORTS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In which network namespaces segments are seen: who asked for it, since when
 * it is so, what was counted since then.
 *
 * Knows namespaces; must not know readers, packets or hooks.
 */
#ifndef _TCPS_ARMING_H
#define _TCPS_ARMING_H

#include <linux/types.h>

#include "counters.h"

struct net;
struct tcps_net;

/**
 * enum tcps_arming - where somebody wants segments to be seen
 * @TCPS_ARMING_NOWHERE: he did not ask
 * @TCPS_ARMING_OWN: in his own namespace
 * @TCPS_ARMING_ALL: in all, those to come included
 */
enum tcps_arming {
	TCPS_ARMING_NOWHERE,
	TCPS_ARMING_OWN,
	TCPS_ARMING_ALL,
};

/* How it is done; both may sleep. */
struct tcps_arming_ops {
	int (*arm)(struct net *net);
	void (*disarm)(struct net *net);
};

void tcps_arming_init(const struct tcps_arming_ops *ops);
int tcps_arming_ask(u32 gen, enum tcps_arming *has, enum tcps_arming wants);
void tcps_arming_net_up(struct net *net);
void tcps_arming_net_down(struct net *net);
unsigned int tcps_arming_failed(void);

/**
 * struct tcps_arming_report - what is known of a namespace
 * @since: CLOCK_MONOTONIC since when segments are seen; 0 if they are not
 * @failed: 0, or the error for which they are not seen although somebody asks
 * @cells: what was counted since then, or while they were seen last
 */
struct tcps_arming_report {
	u64 since;
	int failed;
	struct tcps_segment_cells cells;
};

void tcps_arming_report(struct tcps_net *tn, struct tcps_arming_report *report);

#endif /* _TCPS_ARMING_H */

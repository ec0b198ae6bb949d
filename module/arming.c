// SPDX-License-Identifier: GPL-2.0
/*
 * In which network namespaces segments are seen: who asked for it, since when
 * it is so, what was counted since then.
 *
 * Knows namespaces; must not know readers, packets or hooks. Who asks for his
 * own namespace is remembered by its generation: it may go away before he does.
 *
 * Locks: arming_lock is taken by readers that ask, with their own lock held,
 * and by namespaces that come and go, with pernet_ops_rwsem held. Under it are
 * taken the lock of netns.c, which keeps namespaces from going, and what
 * netfilter takes to change its hooks; none of those waits for a reader or for
 * pernet_ops_rwsem.
 */
#include "arming.h"

#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "netns.h"

/* Covers all below and tcps_net.arming; for the order see above. */
static DEFINE_MUTEX(arming_lock);
static const struct tcps_arming_ops *arming_ops; /* constant after init */
static unsigned int everywhere; /* how many asked for all namespaces */

/**
 * struct pass - what became of the namespaces
 * @err: error of the last one that could not be armed
 * @disarmed: some were
 */
struct pass {
	int err;
	bool disarmed;
};

/**
 * struct change - who asks
 * @gen: for this namespace
 * @by: how many more ask
 */
struct change {
	u32 gen;
	int by;
};

static void fold(struct tcps_segment_cells *sum, const struct tcps_net *tn)
{
	u64 *to = (u64 *)sum;
	unsigned int i;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const u64 *from =
			(const u64 *)&per_cpu_ptr(tn->cells, cpu)->segments;

		for (i = 0; i < sizeof(*sum) / sizeof(u64); i++)
			to[i] += READ_ONCE(from[i]);
	}
}

/* Make it as it is wanted. */
static void settle_net(struct net *net, struct tcps_net *tn, void *data)
{
	struct tcps_net_arming *arming = &tn->arming;
	struct pass *pass = data;
	bool wanted = !arming->down && (everywhere || arming->readers);
	int err;

	if (wanted == !!arming->since)
		return;
	if (!wanted) {
		arming_ops->disarm(net);
		arming->since = 0;
		pass->disarmed = true;
		return;
	}
	fold(&arming->base, tn);
	err = arming_ops->arm(net);
	if (err)
		pass->err = err;
	else
		arming->since = ktime_get_ns(); /* all since then is seen */
}

/* Returns an error if it cannot be armed where it should be. */
static int settle(void)
{
	struct pass pass = {};

	tcps_netns_walk(settle_net, &pass);
	/*
	 * What runs still counts for the time before: the next to arm must not
	 * find it running.
	 */
	if (pass.disarmed)
		synchronize_rcu();
	return pass.err;
}

static void count_net(struct net *net, struct tcps_net *tn, void *data)
{
	const struct change *change = data;

	if (tn->gen == change->gen)
		tn->arming.readers += change->by;
}

static void count(u32 gen, enum tcps_arming where, int by)
{
	struct change change = { gen, by };

	if (where == TCPS_ARMING_ALL)
		everywhere += by;
	else if (where == TCPS_ARMING_OWN)
		tcps_netns_walk(count_net, &change);
}

/**
 * tcps_arming_ask() - somebody asks for segments, or does not any more
 * @gen: generation of his namespace, which may be gone; 0 for none
 * @has: what he asked for until now; changed
 * @wants: what he asks for from now on
 *
 * May sleep. To ask for less never fails.
 *
 * Return: 0, or an error, and nothing is changed.
 */
int tcps_arming_ask(u32 gen, enum tcps_arming *has, enum tcps_arming wants)
{
	int err;

	if (*has == wants)
		return 0;
	mutex_lock(&arming_lock);
	/* More first: what he had and wants stays armed meanwhile. */
	count(gen, wants, 1);
	err = settle();
	count(gen, err ? wants : *has, -1);
	settle();
	if (!err)
		*has = wants;
	mutex_unlock(&arming_lock);
	return err;
}

/**
 * tcps_arming_net_up() - a namespace came up
 * @net: it; without memory it is not armed, and says so
 */
void tcps_arming_net_up(struct net *net)
{
	struct tcps_net *tn = tcps_net_of(net);
	struct pass pass = {};

	mutex_lock(&arming_lock);
	settle_net(net, tn, &pass);
	if (pass.err)
		pr_warn_ratelimited("segments of netns %u are not seen: %d\n",
				    tn->inum, pass.err);
	mutex_unlock(&arming_lock);
}

/**
 * tcps_arming_net_down() - a namespace goes
 * @net: it; is never armed again
 */
void tcps_arming_net_down(struct net *net)
{
	struct tcps_net *tn = tcps_net_of(net);
	struct pass pass = {};

	mutex_lock(&arming_lock);
	tn->arming.down = true;
	settle_net(net, tn, &pass);
	mutex_unlock(&arming_lock);
}

/**
 * tcps_arming_report() - what is known of a namespace
 * @tn: our state of it
 * @report: result
 */
void tcps_arming_report(const struct tcps_net *tn,
			struct tcps_arming_report *report)
{
	u64 *now = (u64 *)&report->cells;
	const u64 *base = (const u64 *)&tn->arming.base;
	unsigned int i;

	mutex_lock(&arming_lock);
	report->since = tn->arming.since;
	fold(&report->cells, tn);
	for (i = 0; i < sizeof(report->cells) / sizeof(u64); i++)
		now[i] -= base[i];
	mutex_unlock(&arming_lock);
}

/**
 * tcps_arming_init() - before anybody asks
 * @ops: how it is done
 */
void tcps_arming_init(const struct tcps_arming_ops *ops)
{
	arming_ops = ops;
}

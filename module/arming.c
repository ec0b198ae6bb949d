// SPDX-License-Identifier: GPL-2.0
/*
 * In which network namespaces segments are seen: who asked for it, since when
 * it is so, what was counted since then.
 *
 * Knows namespaces; must not know readers, packets or hooks. Who asks for his
 * own namespace is remembered by its generation: it may go away before he does.
 *
 * Locks: each namespace has its own. Under it are taken those that netfilter
 * takes to change its hooks; none of those waits for a reader or for
 * pernet_ops_rwsem. Readers that ask take it with their own lock held; a namespace
 * that comes or goes takes that of its own only. So it waits for who just arms or
 * disarms it, and not for who asks for all of them.
 *
 * What is wanted is set before anybody looks what is, and a namespace that comes
 * up is on the list before it looks: who asks for all finds it, or it finds who
 * asked.
 *
 * Who only looks takes no lock: it could be kept from running with it.
 */
#include "arming.h"

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "netns.h"

static const struct tcps_arming_ops *arming_ops; /* constant after init */

/* How many asked for all namespaces. Whoever asks counts. */
static atomic_t everywhere = ATOMIC_INIT(0);

/* Namespaces with tcps_net_arming.failed; counted under the lock of each. */
static atomic_t unarmed = ATOMIC_INIT(0);

/* Returns false, and 0, for want of memory. */
static bool fold(struct tcps_segment_cells *sum, const struct tcps_net *tn)
{
	struct tcps_cells *all = kzalloc(sizeof(*all), GFP_KERNEL);

	memset(sum, 0, sizeof(*sum));
	if (!all)
		return false;
	tcps_ledger_fold(all, &tn->ledger);
	*sum = all->segments;
	kfree(all);
	return true;
}

static void set_failed(struct tcps_net *tn, int err)
{
	struct tcps_net_arming *arming = &tn->arming;

	atomic_add(!!err - !!arming->failed, &unarmed);
	WRITE_ONCE(arming->failed, err);
	if (err)
		pr_warn_ratelimited(
			"segments of netns %u are not seen: error %d\n",
			tn->inum, -err);
}

static void disarm(struct net *net, struct tcps_net_arming *arming)
{
	arming_ops->disarm(net);
	WRITE_ONCE(arming->since, 0);
	/* What runs still counts for the time before. */
	arming->quiet = get_state_synchronize_rcu();
}

static int arm(struct net *net, struct tcps_net *tn)
{
	struct tcps_net_arming *arming = &tn->arming;
	struct tcps_segment_cells base;
	int err;

	if (arming->quiet)
		cond_synchronize_rcu(arming->quiet);
	if (!fold(&base, tn))
		return -ENOMEM;
	write_seqcount_begin(&arming->seq);
	arming->base = base;
	write_seqcount_end(&arming->seq);
	err = arming_ops->arm(net);
	if (!err) /* all since then is seen */
		WRITE_ONCE(arming->since, ktime_get_ns());
	return err;
}

/* Make it as it is wanted; the lock is held. Returns an error if that fails. */
static int settle(struct net *net, struct tcps_net *tn)
{
	struct tcps_net_arming *arming = &tn->arming;
	bool wanted = !arming->down &&
		      (atomic_read(&everywhere) || arming->readers);
	int err = 0;

	if (wanted && !arming->since)
		err = arm(net, tn);
	else if (!wanted && arming->since)
		disarm(net, arming);
	if (err || arming->failed)
		set_failed(tn, err);
	return err;
}

static void settle_net(struct net *net, struct tcps_net *tn, void *unused)
{
	mutex_lock(&tn->arming.lock);
	settle(net, tn);
	mutex_unlock(&tn->arming.lock);
}

/* One that cannot be armed says so, and is no reason not to see the others. */
static int ask_all(int by)
{
	atomic_add(by, &everywhere);
	tcps_netns_walk(settle_net, NULL);
	return 0;
}

static int ask_own(u32 gen, int by)
{
	struct tcps_net *tn = tcps_netns_pin(gen);
	int err;

	if (!tn)
		return 0;
	mutex_lock(&tn->arming.lock);
	tn->arming.readers += by;
	err = settle(tn->net, tn);
	if (err && by > 0) {
		tn->arming.readers -= by;
		settle(tn->net, tn);
	}
	mutex_unlock(&tn->arming.lock);
	tcps_netns_unpin(tn);
	return by > 0 ? err : 0;
}

static int ask(u32 gen, enum tcps_arming where, int by)
{
	switch (where) {
	case TCPS_ARMING_ALL:
		return ask_all(by);
	case TCPS_ARMING_OWN:
		return ask_own(gen, by);
	default:
		return 0;
	}
}

/**
 * tcps_arming_ask() - somebody asks for segments, or does not any more
 * @gen: generation of his namespace, which may be gone; 0 for none
 * @has: what he asked for until now; changed. Nobody else knows it
 * @wants: what he asks for from now on
 *
 * May sleep. To ask for less never fails, nor to ask for all.
 *
 * Return: 0, or an error, and nothing is changed.
 */
int tcps_arming_ask(u32 gen, enum tcps_arming *has, enum tcps_arming wants)
{
	int err;

	if (*has == wants)
		return 0;
	/* More first: what he had and wants stays armed meanwhile. */
	err = ask(gen, wants, 1);
	if (err)
		return err;
	ask(gen, *has, -1);
	*has = wants;
	return 0;
}

/**
 * tcps_arming_net_up() - a namespace came up
 * @net: it; if it cannot be armed, it says so
 */
void tcps_arming_net_up(struct net *net)
{
	settle_net(net, tcps_net_of(net), NULL);
}

/**
 * tcps_arming_net_down() - a namespace goes
 * @net: it; is never armed again
 */
void tcps_arming_net_down(struct net *net)
{
	struct tcps_net *tn = tcps_net_of(net);

	mutex_lock(&tn->arming.lock);
	tn->arming.down = true;
	settle(net, tn);
	mutex_unlock(&tn->arming.lock);
}

/**
 * tcps_arming_failed() - namespaces in which segments are not seen although
 *	somebody asks
 *
 * Return: how many.
 */
unsigned int tcps_arming_failed(void)
{
	return atomic_read(&unarmed);
}

/**
 * tcps_arming_report() - what is known of a namespace
 * @tn: our state of it
 * @report: result
 */
void tcps_arming_report(struct tcps_net *tn, struct tcps_arming_report *report)
{
	const struct tcps_net_arming *arming = &tn->arming;
	u64 *now = (u64 *)&report->cells;
	struct tcps_segment_cells base;
	unsigned int i, seq;
	bool folded;

	do {
		seq = read_seqcount_begin(&arming->seq);
		base = arming->base;
		report->since = READ_ONCE(arming->since);
		report->failed = -READ_ONCE(arming->failed);
		folded = fold(&report->cells, tn);
	} while (read_seqcount_retry(&arming->seq, seq));
	for (i = 0; folded && i < sizeof(base) / sizeof(u64); i++)
		now[i] -= ((const u64 *)&base)[i];
}

/**
 * tcps_arming_init() - before anybody asks
 * @ops: how it is done
 */
void tcps_arming_init(const struct tcps_arming_ops *ops)
{
	arming_ops = ops;
}

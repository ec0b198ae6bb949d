// SPDX-License-Identifier: GPL-2.0
/*
 * What we keep for each network namespace: its generation and its cells.
 *
 * Must not know what is counted, nor who reads it.
 *
 * Lifetime. Our pernet exit runs before TCP's: after it, TCP still ends the
 * timewaits, requests and kernel sockets of the namespace, and hooks run for
 * them. So exit frees nothing. It puts the state on the list of the dead and
 * starts a work item, which registers and unregisters an empty set of pernet
 * operations. That takes pernet_ops_rwsem for writing, which is not exported
 * everywhere; cleanup_net() holds it for reading from before the first exit of
 * a namespace until after the last, so when the work had it, no TCP object of
 * the dead namespaces is left and no hook can find their state any more. One
 * RCU grace period later the last hook that had found it is done, the cells
 * are final, and are added to the totals of the gone and freed.
 */
#include "netns.h"

#include <linux/mutex.h>
#include <linux/proc_ns.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

/*
 * The barrier makes namespaces that come up wait for those that go down: one
 * for all that went in so much time, and not one for each.
 */
#define BURY_DELAY (10 * HZ)

unsigned int tcps_net_id;

static const struct tcps_net_listener *net_listener;

/* Last generation given; only pernet init writes, from several CPUs. */
static atomic_t last_gen = ATOMIC_INIT(0);
static atomic64_t unobserved = ATOMIC64_INIT(0);

/* Covers live_list. Whoever holds it keeps namespaces from going. */
static DEFINE_MUTEX(live_lock);
static LIST_HEAD(live_list);

static DEFINE_SPINLOCK(dead_lock); /* covers dead_list */
static LIST_HEAD(dead_list);

static DEFINE_MUTEX(gone_lock); /* covers gone_cells, gone_count */
static struct tcps_cells gone_cells;
static u64 gone_count;

/* Nothing: only to wait for cleanup_net(). */
static struct pernet_operations barrier_ops;

static void bury(struct tcps_net *tn)
{
	mutex_lock(&gone_lock);
	tcps_counters_fold(&gone_cells, tn->cells);
	gone_count++;
	mutex_unlock(&gone_lock);
	tcps_owner_put(tn->owner);
	kvfree(tn->dwell);
	free_percpu(tn->cells);
	kfree(tn);
}

static void bury_all(struct work_struct *work)
{
	struct tcps_net *tn, *next;
	LIST_HEAD(list);

	spin_lock(&dead_lock);
	list_splice_init(&dead_list, &list);
	spin_unlock(&dead_lock);
	if (list_empty(&list))
		return;

	if (WARN_ON(register_pernet_subsys(&barrier_ops)))
		return; /* cannot happen; a leak is better than a crash */
	unregister_pernet_subsys(&barrier_ops);
	synchronize_rcu();

	list_for_each_entry_safe(tn, next, &list, list)
		bury(tn);
}

static DECLARE_DELAYED_WORK(bury_work, bury_all);

static int __net_init net_up(struct net *net)
{
	struct tcps_net_slot *slot = net_generic(net, tcps_net_id);
	struct tcps_net *tn = kzalloc(sizeof(*tn), GFP_KERNEL);

	/*
	 * An observer must not be the reason why a container does not start:
	 * without memory the namespace is not observed, and we say so.
	 */
	if (tn) {
		tn->cells = alloc_percpu(struct tcps_cells);
		tn->dwell = kvcalloc(TCPSTATE_STATE_COUNT, sizeof(*tn->dwell),
				     GFP_KERNEL);
	}
	if (!tn || !tn->cells || !tn->dwell) {
		if (tn) {
			kvfree(tn->dwell);
			free_percpu(tn->cells);
		}
		kfree(tn);
		atomic64_inc(&unobserved);
		return 0;
	}
	tn->gen = atomic_inc_return(&last_gen);
	tn->inum = net->ns.inum;
	tn->born_ns = ktime_get_ns();
	tn->net = net;
	tn->owner = tcps_owner_of(net);
	slot->net = tn;
	mutex_lock(&live_lock);
	list_add_tail(&tn->list, &live_list);
	mutex_unlock(&live_lock);
	if (net_listener->up(net))
		pr_warn_ratelimited("no memory for /proc files of netns %u\n",
				    tn->inum);
	return 0;
}

static void __net_exit net_down(struct net *net)
{
	struct tcps_net *tn = tcps_net_of(net);

	if (!tn)
		return;
	WRITE_ONCE(tn->dying, true);
	net_listener->down(net);
	mutex_lock(&live_lock);
	list_del(&tn->list);
	mutex_unlock(&live_lock);
	spin_lock(&dead_lock);
	list_add_tail(&tn->list, &dead_list);
	spin_unlock(&dead_lock);
	schedule_delayed_work(&bury_work, BURY_DELAY);
}

static struct pernet_operations net_ops = {
	.init = net_up,
	.exit = net_down,
	.id = &tcps_net_id,
	.size = sizeof(struct tcps_net_slot),
};

/**
 * tcps_netns_walk() - visit all namespaces that are alive
 * @each: called for each; may sleep; none goes away meanwhile
 * @data: for it
 */
void tcps_netns_walk(void (*each)(struct net *net, struct tcps_net *tn,
				  void *data),
		     void *data)
{
	struct tcps_net *tn;

	mutex_lock(&live_lock);
	list_for_each_entry(tn, &live_list, list)
		each(tn->net, tn, data);
	mutex_unlock(&live_lock);
}

/**
 * tcps_netns_init() - take in all namespaces, present and future
 * @listener: told of each; must stay until tcps_netns_exit()
 *
 * Return: 0 or an error of register_pernet_subsys().
 */
int tcps_netns_init(const struct tcps_net_listener *listener)
{
	int err;

	net_listener = listener;
	err = register_pernet_subsys(&net_ops);
	if (err)
		flush_delayed_work(
			&bury_work); /* those that came up before the one that failed */
	return err;
}

/* No hook may run any more. */
void tcps_netns_exit(void)
{
	unregister_pernet_subsys(&net_ops);
	flush_delayed_work(&bury_work);
	WARN_ON(!list_empty(&dead_list));
}

/**
 * tcps_netns_gone() - totals of the namespaces that went away
 * @gone: result
 */
void tcps_netns_gone(struct tcps_net_gone *gone)
{
	mutex_lock(&gone_lock);
	gone->cells = gone_cells;
	gone->namespaces = gone_count;
	mutex_unlock(&gone_lock);
	gone->unobserved = tcps_netns_unobserved();
}

/**
 * tcps_netns_unobserved() - namespaces we had no memory for
 *
 * Return: how many since the module was loaded.
 */
u64 tcps_netns_unobserved(void)
{
	return atomic64_read(&unobserved);
}

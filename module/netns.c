// SPDX-License-Identifier: GPL-2.0
/*
 * What we keep for each network namespace: its generation and its cells.
 *
 * Must not know what is counted, nor who reads it; nor when what is left of one
 * that went away can be freed, which is that of dead.c.
 *
 * The kernel holds pernet_ops_rwsem for reading while namespaces come and go;
 * others may wait in line to write, and everybody behind them. So what happens
 * here waits for nothing but memory and for whoever has pinned that one
 * namespace, and we never ask for that lock ourselves between load and unload.
 */
#include "netns.h"

#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

unsigned int tcps_net_id;

static const struct tcps_net_listener *net_listener;

static atomic64_t unobserved = ATOMIC64_INIT(0);

/*
 * Covers all below, tcps_net.pins and tcps_net.dying; taken last, and nothing is
 * waited for under it.
 */
static DEFINE_MUTEX(live_lock);
static LIST_HEAD(live_list); /* by generation */
static u32 last_gen;

static struct kmem_cache *net_cache;

/* All that a namespace costs while there is no TCP in it; for more see ledger.c. */
static_assert(sizeof(struct tcps_net) + sizeof(struct tcps_cells) <= 4096);

static void enlist(struct tcps_net *tn)
{
	mutex_lock(&live_lock);
	tn->gen = ++last_gen;
	list_add_tail(&tn->list, &live_list);
	mutex_unlock(&live_lock);
}

static void free_net(struct tcps_dead *dead)
{
	struct tcps_net *tn = container_of(dead, struct tcps_net, dead);

	tcps_owner_put(tn->owner);
	kmem_cache_free(net_cache, tn);
}

static struct tcps_net *make_net(struct net *net)
{
	struct tcps_net *tn = kmem_cache_zalloc(net_cache, GFP_KERNEL);

	if (!tn)
		return NULL;
	if (tcps_ledger_open(&tn->ledger, net_eq(net, &init_net))) {
		kmem_cache_free(net_cache, tn);
		return NULL;
	}
	return tn;
}

static int __net_init net_up(struct net *net)
{
	struct tcps_net_slot *slot = net_generic(net, tcps_net_id);
	struct tcps_net *tn = make_net(net);

	/*
	 * An observer must not be the reason why a container does not start:
	 * without memory the namespace is not observed, and we say so.
	 */
	if (!tn) {
		atomic64_inc(&unobserved);
		return 0;
	}
	tn->inum = net->ns.inum;
	tn->born_ns = ktime_get_ns();
	tn->net = net;
	tn->owner = tcps_owner_of(net);
	mutex_init(&tn->arming.lock);
	seqcount_mutex_init(&tn->arming.seq, &tn->arming.lock);
	enlist(tn);
	slot->net = tn;
	if (net_listener->up(net))
		pr_warn_ratelimited("no memory for /proc files of netns %u\n",
				    tn->inum);
	return 0;
}

/* Nobody pins it any more, and whoever had is done with it. */
static void unlist(struct tcps_net *tn)
{
	mutex_lock(&live_lock);
	WRITE_ONCE(tn->dying, true);
	mutex_unlock(&live_lock);
	wait_var_event(&tn->pins, !READ_ONCE(tn->pins));
	mutex_lock(&live_lock);
	list_del(&tn->list);
	mutex_unlock(&live_lock);
}

static void die(struct net *net, bool dismantled)
{
	struct tcps_net_slot *slot = net_generic(net, tcps_net_id);
	struct tcps_net *tn = slot->net;

	tn->dead.free = free_net;
	tn->dead.ledger = &tn->ledger;
	tcps_ledger_close(&tn->ledger);
	if (dismantled) {
		tcps_dead_add(&tn->dead);
		return;
	}
	WRITE_ONCE(slot->net, NULL);
	tcps_dead_add_unfound(&tn->dead);
}

/* The kernel's dismantle begins, and no exit has been called yet. */
static void __net_exit net_going(struct net *net)
{
	if (!check_net(net) && current_work())
		tcps_dead_going();
}

static void __net_exit nets_down(struct list_head *nets)
{
	struct net *first = list_first_entry(nets, struct net, exit_list);
	/* Or one did not come up, or we are unloaded. */
	bool dismantled = !check_net(first) && current_work();
	struct net *net;

	if (dismantled)
		tcps_dead_begin();
	list_for_each_entry(net, nets, exit_list) {
		if (!tcps_net_of(net))
			continue;
		unlist(tcps_net_of(net));
		net_listener->down(net);
		cond_resched();
	}
	net_listener->gone();
	list_for_each_entry(net, nets, exit_list) {
		if (tcps_net_of(net))
			die(net, dismantled);
	}
	tcps_dead_bury();
}

static struct pernet_operations net_ops = {
	.init = net_up,
	.pre_exit = net_going,
	.exit_batch = nets_down,
	.id = &tcps_net_id,
	.size = sizeof(struct tcps_net_slot),
};

/* The first one alive after another, pinned. The lock is held. */
static struct tcps_net *pin_next(struct tcps_net *tn)
{
	tn = tn ? list_next_entry(tn, list) :
		  list_first_entry(&live_list, struct tcps_net, list);
	list_for_each_entry_from(tn, &live_list, list) {
		if (!tn->dying) {
			tn->pins++;
			return tn;
		}
	}
	return NULL;
}

/**
 * tcps_netns_unpin() - it may go away
 * @tn: from tcps_netns_pin()
 */
void tcps_netns_unpin(struct tcps_net *tn)
{
	mutex_lock(&live_lock);
	WRITE_ONCE(tn->pins, tn->pins - 1);
	if (!tn->pins)
		wake_up_var(&tn->pins);
	mutex_unlock(&live_lock);
}

/**
 * tcps_netns_pin() - keep a namespace for a while
 * @gen: its generation
 *
 * It waits for us when it goes, and others for it: not to be held over what
 * takes long.
 *
 * Return: our state of it, to be unpinned; NULL if it is gone.
 */
struct tcps_net *tcps_netns_pin(u32 gen)
{
	struct tcps_net *tn, *found = NULL;

	mutex_lock(&live_lock);
	list_for_each_entry(tn, &live_list, list) {
		if (tn->gen == gen && !tn->dying) {
			tn->pins++;
			found = tn;
			break;
		}
	}
	mutex_unlock(&live_lock);
	return found;
}

static struct tcps_net *walk_on(struct tcps_net *from)
{
	struct tcps_net *next;

	mutex_lock(&live_lock);
	next = pin_next(from);
	mutex_unlock(&live_lock);
	if (from)
		tcps_netns_unpin(from);
	return next;
}

/**
 * tcps_netns_walk() - visit all namespaces that are alive
 * @each: called for each; may sleep, but see tcps_netns_pin(): that one does not
 *	go away meanwhile; others come and go
 * @data: for it
 *
 * One that came up before the walk and has not gone when it ends is visited.
 */
void tcps_netns_walk(void (*each)(struct net *net, struct tcps_net *tn,
				  void *data),
		     void *data)
{
	struct tcps_net *tn;

	for (tn = walk_on(NULL); tn; tn = walk_on(tn)) {
		each(tn->net, tn, data);
		cond_resched();
	}
}

static void grow(struct net *net, struct tcps_net *tn, void *unused)
{
	tcps_ledger_grow(&tn->ledger);
}

static void grow_all(void)
{
	tcps_netns_walk(grow, NULL);
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
	net_cache = kmem_cache_create("tcpstate_net", sizeof(struct tcps_net),
				      0, SLAB_ACCOUNT, NULL);
	if (!net_cache)
		return -ENOMEM;
	err = tcps_ledger_init(grow_all);
	if (err)
		goto no_ledger;
	err = register_pernet_subsys(&net_ops);
	if (!err)
		return 0;
	tcps_dead_exit(); /* of those before the one that failed */
	tcps_ledger_exit();
no_ledger:
	kmem_cache_destroy(net_cache);
	return err;
}

/* No hook may run any more. */
void tcps_netns_exit(void)
{
	tcps_ledger_quiet();
	tcps_dead_wait();
	unregister_pernet_subsys(&net_ops);
	tcps_dead_exit();
	tcps_ledger_exit();
	kmem_cache_destroy(net_cache);
}

/**
 * tcps_netns_gone() - totals of the namespaces that went away
 * @gone: result
 */
void tcps_netns_gone(struct tcps_net_gone *gone)
{
	gone->namespaces = tcps_dead_totals(&gone->cells);
	gone->kept = tcps_dead_kept();
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

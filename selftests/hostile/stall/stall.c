// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces that do not go, and that do not come: what a slow or broken
 * part of the kernel does to all others. For guests of the tests only.
 *
 * Load it before the module under test. Its exit then runs after that one's,
 * because the kernel goes back in the order of registration; its init, as that
 * of a device, runs after all that are none.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "Whatever namespace goes stays until this is N");

static int held;
module_param(held, int, 0444);
MODULE_PARM_DESC(held, "Namespaces that stay now");

static bool refuse;
module_param(refuse, bool, 0644);
MODULE_PARM_DESC(refuse, "No namespace comes up while this is Y");

static void __net_exit stay(struct net *net)
{
	if (!READ_ONCE(hold))
		return;
	WRITE_ONCE(held, held + 1);
	while (READ_ONCE(hold))
		schedule_timeout_idle(1);
	WRITE_ONCE(held, held - 1);
}

static int __net_init come(struct net *net)
{
	return READ_ONCE(refuse) ? -ENOMEM : 0;
}

static struct pernet_operations stay_ops = {
	.exit = stay,
};

static struct pernet_operations come_ops = {
	.init = come,
};

static int __init stall_init(void)
{
	int err = register_pernet_subsys(&stay_ops);

	if (err)
		return err;
	err = register_pernet_device(&come_ops);
	if (err)
		unregister_pernet_subsys(&stay_ops);
	return err;
}

static void __exit stall_exit(void)
{
	unregister_pernet_device(&come_ops);
	unregister_pernet_subsys(&stay_ops);
}

module_init(stall_init);
module_exit(stall_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The tcpstate authors");
MODULE_DESCRIPTION("Network namespaces that neither come nor go");

// SPDX-License-Identifier: GPL-2.0
/*
 * A gate at the entry of a function of the kernel: the first CPU that comes to
 * it stands there until it is let go, all others pass. So that a race has the
 * outcome that a test wants. For guests of the tests only.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

/* Microseconds that a CPU stands there at most: less than the watchdog waits. */
#define PATIENCE 10000000

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "Where the gate is");

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "The next one that comes stands until this is N");

static int held;
module_param(held, int, 0444);
MODULE_PARM_DESC(held, "CPUs that stand there now");

static atomic_t taken = ATOMIC_INIT(0);

static int come(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int us;

	if (!READ_ONCE(hold) || atomic_xchg(&taken, 1))
		return 0;
	WRITE_ONCE(held, 1);
	for (us = 0; READ_ONCE(hold) && us < PATIENCE; us++)
		udelay(1);
	WRITE_ONCE(held, 0);
	atomic_set(&taken, 0);
	return 0;
}

static struct kprobe probe = {
	.pre_handler = come,
};

static int __init gate_init(void)
{
	probe.symbol_name = function;
	return function ? register_kprobe(&probe) : -EINVAL;
}

static void __exit gate_exit(void)
{
	hold = false;
	unregister_kprobe(&probe);
}

module_init(gate_init);
module_exit(gate_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The tcpstate authors");
MODULE_DESCRIPTION("A function that does not begin until it may");

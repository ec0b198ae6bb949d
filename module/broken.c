// SPDX-License-Identifier: GPL-2.0
/*
 * Deliberate faults: which one, and when. Only in a test build.
 *
 * Must not know where the faults are.
 */
#include "broken.h"

#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

/* All constant after load. */
unsigned int tcps_broken_law;
module_param_named(test_break, tcps_broken_law, uint, 0444);
char *tcps_broken_attach;
module_param_named(test_attach, tcps_broken_attach, charp, 0444);
char *tcps_broken_probe;
module_param_named(test_probe, tcps_broken_probe, charp, 0444);
char *tcps_broken_arguments;
module_param_named(test_arguments, tcps_broken_arguments, charp, 0444);
bool tcps_broken_doubt;
module_param_named(test_doubt, tcps_broken_doubt, bool, 0444);

/* What the kernel does to itself after a bug; there is no way back. */
static int kill_tracer(const char *value, const struct kernel_param *kp)
{
	struct kprobe found = {
		.symbol_name = "ftrace_kill",
		.flags = KPROBE_FLAG_DISABLED,
	};
	int err = register_kprobe(&found);

	if (err)
		return err;
	unregister_kprobe(&found);
	((void (*)(void))found.addr)();
	return 0;
}

static const struct kernel_param_ops kill_tracer_ops = {
	.set = kill_tracer,
};

module_param_cb(test_ftrace_kill, &kill_tracer_ops, NULL, 0200);

bool tcps_broken_is(const char *broken, const char *name)
{
	return broken && !strcmp(broken, name);
}

/* Now and then: what happens always is found by any test. */
bool tcps_broken_now(void)
{
	static atomic_t calls = ATOMIC_INIT(0);

	return atomic_inc_return(&calls) % 61 == 0;
}

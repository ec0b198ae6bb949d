// SPDX-License-Identifier: GPL-2.0
/*
 * Load and unload: the order in which the parts come up and go down.
 *
 * Knows every part by its init and exit, and the parameters; must not know
 * what any part does.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/stringify.h>
#include <linux/tcpstate.h>

#include "arming.h"
#include "burst.h"
#include "chardev.h"
#include "counters.h"
#include "gate.h"
#include "hook_segment.h"
#include "hooks.h"
#include "keyed.h"
#include "late.h"
#include "listener.h"
#include "netns.h"
#include "note.h"
#include "observe.h"
#include "observe_hooks.h"
#include "older.h"
#include "procfs.h"
#include "reader.h"
#include "recorder.h"
#include "sizes.h"
#include "storm.h"
#include "table.h"
#include "tell.h"
#include "untracked.h"
#include "wake.h"

static ulong recorder_kb;
module_param(recorder_kb, ulong, 0444);
MODULE_PARM_DESC(
	recorder_kb,
	"Memory of the recorder in KiB (default: 1% of memory, at most 65536 or 256 for each CPU; at most a quarter of memory)");

static ulong rare_kb;
module_param(rare_kb, ulong, 0444);
MODULE_PARM_DESC(
	rare_kb,
	"Part of recorder_kb that is kept for rare events (default: an eighth; at most half)");

static uint max_readers = 64;
module_param(max_readers, uint, 0444);
MODULE_PARM_DESC(
	max_readers,
	"How many may have /dev/tcpstate open at once (1 to 1024, default 64)");

static ulong table_max;
module_param(table_max, ulong, 0444);
MODULE_PARM_DESC(
	table_max,
	"Connections remembered at most (up to 4194304, default by memory)");

static uint listeners_max = 4096;
module_param(listeners_max, uint, 0444);
MODULE_PARM_DESC(
	listeners_max,
	"Listeners whose refusals are counted one by one at most (64 to 65536, default 4096)");

static uint storm_rate = 128;
module_param(storm_rate, uint, 0444);
MODULE_PARM_DESC(
	storm_rate,
	"Records per second of like rare events, as SYNs refused by one listener (1 to 100000, default 128)");

static uint storm_burst = 1024;
module_param(storm_burst, uint, 0444);
MODULE_PARM_DESC(storm_burst,
		 "The same at once after a calm (1 to 1000000, default 1024)");

static bool segments;
module_param(segments, bool, 0444);
MODULE_PARM_DESC(
	segments,
	"See packets with SYN, FIN or RST in all namespaces from the start (default N: while a reader asks for them)");

static bool ftrace = true;
module_param(ftrace, bool, 0444);
MODULE_PARM_DESC(
	ftrace,
	"Hook functions by the function tracer; N: by kprobes, which can miss calls (default Y)");

static bool enable = true;
static bool ready; /* enable acts at once; under kernel_param_lock() */

/* All that was missed is found by a walk, in the context of the caller. */
static int switch_on(void)
{
	int err = tcps_older_begin();

	if (err)
		return err;
	tcps_gate_set(true);
	tcps_older_walk();
	tcps_gate_make_good();
	return 0;
}

static void switch_off(void)
{
	tcps_late_bring();
	tcps_older_shut();
	tcps_gate_set(false);
	tcps_note_forget();
}

static int set_enable(const char *value, const struct kernel_param *kp)
{
	bool was = enable;
	int err = param_set_bool(value, kp);

	if (err || !ready || enable == was)
		return err;
	if (!enable)
		switch_off();
	else
		err = switch_on();
	if (err)
		enable = was;
	return err;
}

static const struct kernel_param_ops enable_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = set_enable,
	.get = param_get_bool,
};

module_param_cb(enable, &enable_ops, &enable, 0644);
MODULE_PARM_DESC(enable,
		 "Count and record (default Y); may be switched at any time");

/* The parameter's file is there before init and after exit: shut it out. */
static void set_ready(bool yes)
{
	kernel_param_lock(THIS_MODULE);
	if (yes) {
		tcps_gate_set(enable);
		tcps_older_walk();
		if (enable)
			tcps_gate_make_good();
	}
	ready = yes;
	kernel_param_unlock(THIS_MODULE);
}

static void tell_hooks(void)
{
	const struct tcps_observe_hooks hooks = {
		.shutdown = tcps_hooks_attached("tcp_shutdown"),
		.disconnect = tcps_hooks_attached("tcp_disconnect"),
		.reset = tcps_hooks_attached("tcp_reset"),
		.active_reset = tcps_hooks_attached("tcp_send_active_reset"),
		.abort = tcps_hooks_attached("tcp_abort"),
		.failed = tcps_hooks_attached("tcp_done_with_error") ||
			  tcps_hooks_attached("sock_def_error_report"),
		.connect = tcps_hooks_attached("tcp_connect"),
		.drops = tcps_hooks_attached("inet_csk_reqsk_queue_drop") &&
			 tcps_hooks_attached(
				 "inet_csk_reqsk_queue_drop_and_put") &&
			 (tcps_hooks_attached("__inet_csk_reqsk_queue_drop") ||
			  tcps_hooks_attached("reqsk_queue_unlink")),
		.timewait = tcps_hooks_attached("inet_twsk_hashdance") ||
			    tcps_hooks_attached("inet_twsk_hashdance_schedule"),
		.exact = tcps_hooks_exact(),
	};

	tcps_observe_init(&hooks);
}

static bool set_sizes(struct tcps_sizes *sizes)
{
	const struct tcps_sizes_host host = {
		.present = num_present_cpus(),
		.possible = num_possible_cpus(),
		.memory = (u64)totalram_pages() << PAGE_SHIFT,
		.page = PAGE_SIZE,
	};
	const struct tcps_sizes_asked asked = {
		.recorder_kb = recorder_kb,
		.rare_kb = rare_kb,
		.table_max = table_max,
		.max_readers = max_readers,
		.listeners_max = listeners_max,
		.storm_rate = storm_rate,
		.storm_burst = storm_burst,
	};
	struct tcps_sizes_refused no;

	if (tcps_sizes_set(sizes, &host, &asked, &no)) {
		table_max = sizes->table_max;
		return true;
	}
	pr_err("%s=%lu is out of range: allowed are %lu to %lu%s\n", no.name,
	       no.value, no.least, no.most, no.note);
	return false;
}

/* Where segments were asked for by the parameter. */
static enum tcps_arming armed;

static int net_up(struct net *net)
{
	tcps_arming_net_up(net);
	return tcps_procfs_net_up(net);
}

static void net_down(struct net *net)
{
	tcps_procfs_net_down(net);
	tcps_arming_net_down(net);
}

static const struct tcps_net_listener net_listener = {
	.up = net_up,
	.down = net_down,
	.gone = tcps_note_down,
};

static int __init tcpstate_init(void)
{
	struct tcps_sizes sizes;
	int err;

	if (!set_sizes(&sizes))
		return -EINVAL;
	tcps_storm_init(storm_rate, storm_burst);
	tcps_keyed_init();
	tcps_counters_init();
	tcps_tell_init();
	tcps_readers_init(max_readers);
	tcps_arming_init(&tcps_segment_arming);
	err = tcps_recorder_init(&sizes);
	if (err)
		return err;
	err = tcps_table_init(sizes.table_max, sizes.table_keep);
	if (err)
		goto no_table;
	err = tcps_listener_init(listeners_max);
	if (err)
		goto no_listeners;
	tcps_untracked_init(tcps_older_again);
	tcps_observe_listen_init();
	tcps_observe_memory_init();
	err = tcps_netns_init(&net_listener);
	if (err)
		goto no_netns;
	err = tcps_procfs_init();
	if (err)
		goto no_procfs;

	tcps_hooks_add(tcps_request_hooks, tcps_request_hook_count);
	tcps_hooks_add(tcps_listen_hooks, tcps_listen_hook_count);
	tcps_hooks_add(tcps_timewait_hooks, tcps_timewait_hook_count);
	tcps_hooks_add(tcps_reset_hooks, tcps_reset_hook_count);
	tcps_hooks_add(tcps_memory_hooks, tcps_memory_hook_count);
	tcps_hooks_add(tcps_ports_hooks, tcps_ports_hook_count);
	tcps_hooks_add(tcps_state_hooks, tcps_state_hook_count);
	err = tcps_hooks_attach(ftrace);
	if (err)
		goto no_hooks;
	tell_hooks();
	set_ready(true);
	if (segments) {
		err = tcps_arming_ask(0, &armed, TCPS_ARMING_ALL);
		if (err)
			goto no_segments;
	}

	err = tcps_chardev_init();
	if (err)
		goto no_chardev;
	return 0;

no_chardev:
	tcps_arming_ask(0, &armed, TCPS_ARMING_NOWHERE);
no_segments:
	set_ready(false);
	tcps_hooks_detach();
	tcps_untracked_exit();
	tcps_older_quiet();
no_hooks:
	tcps_procfs_exit();
no_procfs:
	tcps_netns_exit();
no_netns:
	tcps_untracked_exit();
	tcps_observe_memory_exit();
	tcps_note_exit();
	tcps_listener_exit();
no_listeners:
	tcps_table_quiet();
	tcps_table_exit();
no_table:
	tcps_wake_quiet();
	tcps_recorder_exit();
	return err;
}

static void __exit tcpstate_exit(void)
{
	tcps_chardev_exit();
	set_ready(false);
	tcps_burst_end();
	tcps_arming_ask(0, &armed, TCPS_ARMING_NOWHERE);
	tcps_hooks_detach();
	tcps_untracked_exit();
	tcps_older_quiet();
	tcps_observe_memory_exit();
	tcps_note_exit();
	tcps_wake_quiet();
	tcps_table_quiet();
	tcps_procfs_exit();
	tcps_netns_exit();
	tcps_listener_exit();
	tcps_table_exit();
	tcps_recorder_exit();
}

module_init(tcpstate_init);
module_exit(tcpstate_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The tcpstate authors");
MODULE_DESCRIPTION("Every TCP state transition, exactly and at once");
MODULE_VERSION("0.1.0");
MODULE_INFO(tcpstate_abi, __stringify(TCPSTATE_ABI_VERSION));
MODULE_INFO(tcpstate_schema, __stringify(TCPSTATE_SCHEMA_VERSION));

// SPDX-License-Identifier: GPL-2.0
/*
 * Self-describing records on demand, for tests of the recorder.
 *
 * Linked with TCPSTATE_TEST=1 only. Knows the recorder alone.
 *
 * Writing N to the parameter test_burst makes each online CPU write N records
 * into every lane, from a kernel thread, while hard interrupts on the same CPUs
 * write more of them. Each record names its CPU and its number in (CPU, lane);
 * every word from offset 40 on is derived from that.
 */
#include "burst.h"

#include <linux/cpu.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <net/net_namespace.h>

#include "netns.h"
#include "recorder.h"

#define MAGIC 0x7e57ULL
#define MIX 0x9E3779B97F4A7C15ULL
#define FROM_IRQ 4 /* records of one interrupt in each lane */

/* Records so far; written by the owning CPU with interrupts off. */
static DEFINE_PER_CPU(u32[TCPSTATE_LANE_COUNT], written);

static DEFINE_MUTEX(burst_lock); /* one burst at a time; covers all below */
static unsigned int burst;
static bool over; /* the module is going */
static atomic_t running;
static DEFINE_PER_CPU(struct task_struct *, threads);

static void write_one(unsigned int lane)
{
	struct tcpstate_life_record rec = {};
	struct tcps_section section;
	u64 *words = (u64 *)&rec;
	unsigned int cpu, i, size;

	size = lane == TCPS_LANE_LIVES ? TCPSTATE_LIFE_SIZE :
					 TCPSTATE_RECORD_SIZE;
	tcps_recorder_enter(&section);
	cpu = smp_processor_id();
	rec.head.size = size;
	rec.head.type = lane == TCPS_LANE_LIVES ? TCPSTATE_EVENT_LIFE :
						  TCPSTATE_EVENT_SEGMENT;
	rec.head.mono_ns = section.now;
	rec.head.netns_inum = init_net.ns.inum;
	rec.head.netns_gen = tcps_net_of(&init_net)->gen;
	rec.head.cookie = MAGIC << 48 | (u64)cpu << 32 |
			  __this_cpu_inc_return(written[lane]);
	for (i = 5; i < size / sizeof(u64); i++)
		words[i] = (rec.head.cookie * MIX) ^ i;
	/* No record in a ring has this one. */
	rec.head.flags &= ~TCPSTATE_F_SNAPSHOT;
	tcps_recorder_write(&section, lane, &rec);
	tcps_recorder_leave(&section);
}

static void write_lanes(unsigned int count)
{
	unsigned int lane;

	while (count--) {
		for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++)
			write_one(lane);
	}
}

static void write_in_irq(void *unused)
{
	write_lanes(FROM_IRQ);
}

static int write_in_thread(void *data)
{
	unsigned int left = burst;

	while (left--) {
		write_lanes(1);
		if (!(left & 15))
			cond_resched();
	}
	atomic_dec(&running);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

static int run_burst(void)
{
	int cpu, err = 0;

	atomic_set(&running, 0);
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		struct task_struct *task = kthread_create_on_node(
			write_in_thread, NULL, cpu_to_node(cpu), "tcps_burst");

		if (IS_ERR(task)) {
			err = PTR_ERR(task);
			break;
		}
		get_task_struct(task);
		kthread_bind(task, cpu);
		per_cpu(threads, cpu) = task;
		atomic_inc(&running);
		wake_up_process(task);
	}
	while (atomic_read(&running)) {
		on_each_cpu(write_in_irq, NULL, 1);
		schedule_timeout_uninterruptible(1);
	}
	for_each_online_cpu(cpu) {
		if (per_cpu(threads, cpu)) {
			kthread_stop(per_cpu(threads, cpu));
			put_task_struct(per_cpu(threads, cpu));
			per_cpu(threads, cpu) = NULL;
		}
	}
	cpus_read_unlock();
	return err;
}

static int set_burst(const char *value, const struct kernel_param *kp)
{
	int err;

	mutex_lock(&burst_lock);
	err = param_set_uint(value, kp);
	if (!err && burst && !over && THIS_MODULE->state == MODULE_STATE_LIVE)
		err = run_burst();
	mutex_unlock(&burst_lock);
	return err;
}

static const struct kernel_param_ops burst_ops = {
	.set = set_burst,
	.get = param_get_uint,
};

module_param_cb(test_burst, &burst_ops, &burst, 0600);
MODULE_PARM_DESC(
	test_burst,
	"TEST BUILD: records that each CPU writes into each lane, at once");

/* Ends a burst that goes on, and allows no other. */
void tcps_burst_end(void)
{
	mutex_lock(&burst_lock);
	over = true;
	mutex_unlock(&burst_lock);
}

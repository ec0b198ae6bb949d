// SPDX-License-Identifier: GPL-2.0
/*
 * A packet that came to a listener, noted until the kernel is done with it.
 *
 * Knows CPUs and times; must not know what follows from a note.
 *
 * The kernel works on one such packet at a time on each CPU, with softirqs off
 * from before our hook until it has decided; so one note for each CPU will do,
 * and a softirq on that CPU is never in the middle.
 */
#include "note.h"

#include <linux/cpu.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "compat.h"
#include "late.h"
#include "netns.h"

DEFINE_PER_CPU(struct tcps_note, tcps_notes);

/* Looks at the note of its CPU when that has done with softirqs. */
static DEFINE_PER_CPU(struct timer_list, late_timers);
static DEFINE_PER_CPU(struct irq_work, late_works);

/* Covers the notes of CPUs that are off; taken for one note at a time. */
static DEFINE_RAW_SPINLOCK(offline_lock);

static void (*settle_note)(struct tcps_note *note,
			   int cpu); /* constant after init */

/**
 * tcps_note_look_soon() - it may be that no other packet comes after this one
 *
 * Interrupts are off.
 */
void tcps_note_look_soon(void)
{
	if (!timer_pending(this_cpu_ptr(&late_timers)))
		irq_work_queue(this_cpu_ptr(&late_works));
}

/*
 * Softirqs that are off where we interrupt: the kernel may be at work on it. On
 * PREEMPT_RT another task may be, which does not show; there only the timer is
 * sure not to run meanwhile.
 */
static bool at_work(void)
{
	return softirq_count() || IS_ENABLED(CONFIG_PREEMPT_RT);
}

static void settle_here(void *unused)
{
	struct tcps_note *note = this_cpu_ptr(&tcps_notes);

	if (note->kind == TCPS_NOTE_NOTHING)
		return;
	if (at_work())
		tcps_note_look_soon();
	else
		settle_note(note, smp_processor_id());
}

static bool is_of_dying(const struct tcps_note *note)
{
	const struct tcps_net *tn = tcps_net_of(note->net);

	return !tn || READ_ONCE(tn->dying);
}

static void let_go_here(void *unused)
{
	struct tcps_note *note = this_cpu_ptr(&tcps_notes);

	if (note->kind == TCPS_NOTE_NOTHING || !is_of_dying(note))
		return;
	if (!at_work())
		settle_note(note, smp_processor_id());
	note->kind = TCPS_NOTE_NOTHING;
}

static bool has_note(int cpu, void *unused)
{
	return READ_ONCE(per_cpu(tcps_notes, cpu).kind) != TCPS_NOTE_NOTHING;
}

static void settle_offline(int cpu)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&offline_lock, flags);
	/* Somebody else may have been here. */
	if (has_note(cpu, NULL))
		settle_note(per_cpu_ptr(&tcps_notes, cpu), cpu);
	raw_spin_unlock_irqrestore(&offline_lock, flags);
}

/*
 * CPUs that are off do nothing more to theirs. cpus_read_lock() is held. Returns
 * whether others have one.
 */
static bool settle_all_offline(void)
{
	bool online = false;
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!has_note(cpu, NULL))
			continue;
		if (cpu_online(cpu))
			online = true;
		else
			settle_offline(cpu);
	}
	return online;
}

/* Before somebody looks at counters. Nobody waits for anybody else here. */
static void settle_all(void)
{
	unsigned int tries = 2;

	/* What a CPU is at work on is one packet; its timer looks after it. */
	while (tries--) {
		bool open;

		cpus_read_lock();
		open = settle_all_offline();
		if (open)
			on_each_cpu_cond(has_note, settle_here, NULL, true);
		cpus_read_unlock();
		if (!open)
			return;
		if (tries)
			schedule_timeout_uninterruptible(1);
	}
}

/**
 * tcps_note_down() - namespaces go away
 *
 * After this no note of one that has tcps_net.dying set is there and none will be
 * made. One call will do for any number of them.
 */
void tcps_note_down(void)
{
	cpus_read_lock();
	settle_all_offline();
	on_each_cpu(let_go_here, NULL, true);
	cpus_read_unlock();
}

static void forget_here(void *unused)
{
	this_cpu_write(tcps_notes.kind, TCPS_NOTE_NOTHING);
}

/* Recording was switched off: what comes now is not to be told later. */
void tcps_note_forget(void)
{
	on_each_cpu(forget_here, NULL, true);
}

/* The kernel is done with whatever it had softirqs off for on this CPU. */
static void look(struct timer_list *timer)
{
	unsigned long flags;

	local_irq_save(flags);
	settle_note(this_cpu_ptr(&tcps_notes), smp_processor_id());
	local_irq_restore(flags);
}

/* On the CPU that asked. */
static void start_timer(struct irq_work *work)
{
	mod_timer(this_cpu_ptr(&late_timers), jiffies + 1);
}

/**
 * tcps_note_init() - get ready
 * @settle: sees what became of a packet and makes its note NOTHING; called
 *	with interrupts off
 */
void tcps_note_init(void (*settle)(struct tcps_note *note, int cpu))
{
	int cpu;

	for_each_possible_cpu(cpu) {
		timer_setup(per_cpu_ptr(&late_timers, cpu), look, TIMER_PINNED);
		compat_init_irq_work(per_cpu_ptr(&late_works, cpu),
				     start_timer);
	}
	settle_note = settle;
	tcps_late_set(settle_all);
}

/* No hook runs any more. */
void tcps_note_exit(void)
{
	int cpu;

	tcps_late_set(NULL);
	for_each_possible_cpu(cpu) {
		irq_work_sync(per_cpu_ptr(&late_works, cpu));
		timer_delete_sync(per_cpu_ptr(&late_timers, cpu));
		per_cpu(tcps_notes, cpu).kind = TCPS_NOTE_NOTHING;
	}
}

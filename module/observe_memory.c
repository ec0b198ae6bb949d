// SPDX-License-Identifier: GPL-2.0
/*
 * That memory pressure begins or ends becomes an event.
 *
 * Knows memory and events; must not know which hook calls, nor who reads. The
 * pressure is the whole host's; the event stands in the namespace of the socket
 * for which memory was accounted, where the kernel counts it too. Of that socket
 * nothing is told: it is the last straw, not the load.
 *
 * That it ends is found out by looking every now and then while it lasts, and
 * stands where it began.
 */
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/tcpstate.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "compat.h"
#include "event.h"
#include "gate.h"
#include "memory.h"
#include "netns.h"
#include "observe.h"

#define LOOK_DELAY max(1UL, HZ / 100UL)

static void start_looking(struct irq_work *work);
static void look(struct work_struct *work);

static struct irq_work start_work;
static DECLARE_DELAYED_WORK(look_work, look);

/* Where it began: generation of the namespace. Any hook that begins it writes. */
static u32 began_in;

static void tell(const struct net *net, u8 cause)
{
	struct tcpstate_record rec = {
		.type = TCPSTATE_EVENT_MEMORY_PRESSURE,
		.cause = cause,
	};
	struct tcps_who who = {};
	struct tcps_event event compat_unset;

	if (!tcps_gate_open() || !tcps_event_begin(&event, net))
		return;
	rec.memory.stands_for =
		tcps_event_tell(&event, &event.tn->storm[TCPS_STORM_MEMORY],
				rec.type, rec.cause);
	if (rec.memory.stands_for) {
		rec.memory.pages = tcps_memory_pages();
		rec.memory.mark =
			tcps_memory_mark(cause == TCPSTATE_CAUSE_PRESSURE_ON ?
						 TCPS_MEMORY_PRESSURE :
						 TCPS_MEMORY_LOW);
		tcps_event_rare(&event, &who, &rec);
	}
	WRITE_ONCE(began_in, event.tn->gen);
	tcps_event_end(&event);
}

/**
 * tcps_observe_pressure() - tcp_enter_memory_pressure() begins
 * @sk: a socket
 */
void tcps_observe_pressure(const struct sock *sk)
{
	/* Kept up even when switched off. */
	switch (tcps_memory_enter()) {
	case TCPS_MEMORY_SAME:
		return;
	case TCPS_MEMORY_AGAIN:
		tell(sock_net(sk), TCPSTATE_CAUSE_PRESSURE_OFF);
		break;
	case TCPS_MEMORY_NEW:
		break;
	}
	tell(sock_net(sk), TCPSTATE_CAUSE_PRESSURE_ON);
	irq_work_queue(&start_work);
}

static void start_looking(struct irq_work *work)
{
	schedule_delayed_work(&look_work, LOOK_DELAY);
}

static void tell_there(struct net *net, struct tcps_net *tn, void *data)
{
	if (tn->gen == READ_ONCE(began_in))
		tell(net, TCPSTATE_CAUSE_PRESSURE_OFF);
}

static void look(struct work_struct *work)
{
	if (tcps_memory_leave())
		tcps_netns_walk(tell_there, NULL);
	else if (tcps_memory_lasts())
		schedule_delayed_work(&look_work, LOOK_DELAY);
}

/* Before the hooks: there can be pressure already. */
void tcps_observe_memory_init(void)
{
	compat_init_irq_work(&start_work, start_looking);
	tcps_memory_init();
	if (tcps_memory_lasts())
		schedule_delayed_work(&look_work, LOOK_DELAY);
}

/* No hook runs any more. */
void tcps_observe_memory_exit(void)
{
	irq_work_sync(&start_work);
	cancel_delayed_work_sync(&look_work);
}

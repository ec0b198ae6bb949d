// SPDX-License-Identifier: GPL-2.0
/*
 * That memory pressure begins or ends becomes an event.
 *
 * Knows memory and events; must not know which hook calls, nor who reads. The
 * pressure is the whole host's; the event stands in the namespace of the socket
 * for which memory was accounted, where the kernel counts it too. Of that socket
 * nothing is told: it is the last straw, not the load.
 */
#include <linux/tcpstate.h>
#include <net/sock.h>

#include "event.h"
#include "gate.h"
#include "memory.h"
#include "observe.h"

/**
 * tcps_observe_pressure() - tcp_enter_memory_pressure() or
 *	tcp_leave_memory_pressure() begins
 * @sk: a socket
 * @enter: the former
 */
void tcps_observe_pressure(const struct sock *sk, bool enter)
{
	struct tcpstate_record rec = {
		.type = TCPSTATE_EVENT_MEMORY_PRESSURE,
		.cause = enter ? TCPSTATE_CAUSE_PRESSURE_ON :
				 TCPSTATE_CAUSE_PRESSURE_OFF,
	};
	struct tcps_who who = {};
	struct tcps_event event;

	/* Kept up even when switched off. */
	if (likely(enter ? !tcps_memory_enter() : !tcps_memory_leave()))
		return;
	if (!tcps_gate_open() || !tcps_event_begin(&event, sock_net(sk)))
		return;
	rec.memory.stands_for =
		tcps_event_tell(&event, &event.tn->storm[TCPS_STORM_MEMORY],
				rec.type, rec.cause);
	if (rec.memory.stands_for) {
		rec.memory.pages = tcps_memory_pages();
		rec.memory.mark = tcps_memory_mark(
			enter ? TCPS_MEMORY_PRESSURE : TCPS_MEMORY_LOW);
		tcps_event_rare(&event, &who, &rec);
	}
	tcps_event_end(&event);
}

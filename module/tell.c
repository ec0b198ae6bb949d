// SPDX-License-Identifier: GPL-2.0
/*
 * Counting what is no transition: the list of such events.
 *
 * Must not know who counts or who reads.
 */
#include "tell.h"

#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>

/* clang-format off */
#define TELL(e, c)	{ TCPSTATE_EVENT_##e, TCPSTATE_CAUSE_##c }
const struct tcps_tell tcps_tells[] = {
	TELL(SYN_DROP, SYN_QUEUE_FULL),
	TELL(SYN_DROP, ACCEPT_QUEUE_FULL),
	TELL(SYN_DROP, LAST_QUARTER),
	TELL(SYN_DROP, NO_MEMORY),
	TELL(SYN_DROP, NO_ROUTE),
	TELL(SYN_DROP, FILTERED),
	TELL(SYN_DROP, OTHER),
	TELL(ACCEPT_DROP, ACCEPT_QUEUE_FULL),
	TELL(ACCEPT_DROP, NO_MEMORY),
	TELL(ACCEPT_DROP, OTHER),
	TELL(COOKIE, COOKIE_SENT),
	TELL(COOKIE, COOKIE_VALID),
	TELL(COOKIE, COOKIE_FAILED),
	TELL(SYN_RETRANSMIT, TIMER),
	TELL(SYNACK_RETRANSMIT, TIMER),
	TELL(SYNACK_RETRANSMIT, DUPLICATE_SYN),
	TELL(TW_OVERFLOW, TW_OVERFLOW),
	TELL(TW_OVERFLOW, NO_MEMORY),
	TELL(PORTS_EXHAUSTED, RANGE_USED),
	TELL(PORTS_EXHAUSTED, TUPLE_TAKEN),
	TELL(PORTS_EXHAUSTED, BIND),
	TELL(MEMORY_PRESSURE, PRESSURE_ON),
	TELL(MEMORY_PRESSURE, PRESSURE_OFF),
	TELL(RESET, RST),
	TELL(RESET, NO_SOCKET),
	TELL(RESET, ACK),
	TELL(RESET, SYN),
	TELL(RESET, ACCEPT_OVERFLOW),
	TELL(RESET, MPTCP_DROP),
	TELL(RESET, DATA_AFTER_CLOSE),
	TELL(RESET, LINGER0),
	TELL(RESET, LINGER2),
	TELL(RESET, UNREAD_DATA),
	TELL(RESET, DISCONNECT),
	TELL(RESET, LISTENER_CLOSED),
	TELL(RESET, ABORT),
	TELL(RESET, KEEPALIVE),
	TELL(RESET, USER_TIMEOUT),
	TELL(RESET, FIN_TIMEOUT),
	TELL(RESET, ORPHAN_LIMIT),
	TELL(RESET, NO_MEMORY),
	TELL(RESET, UNKNOWN),
	TELL(SYN_DROP, AUTH),
};

/* clang-format on */

const unsigned int tcps_tell_count = ARRAY_SIZE(tcps_tells);

u8 tcps_tell_of[TCPSTATE_EVENT_COUNT][TCPSTATE_CAUSE_COUNT];

void tcps_tell_init(void)
{
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(tcps_tells) > TCPS_TELLS_MAX);
	for (i = 0; i < ARRAY_SIZE(tcps_tells); i++) {
		const struct tcps_tell *tell = &tcps_tells[i];

		WARN_ON(tcps_tell_of[tell->event][tell->cause]);
		tcps_tell_of[tell->event][tell->cause] = i + 1;
	}
}

/**
 * tcps_counters_told() - how many such events there were
 * @sum: folded cells
 * @event: enum tcpstate_event
 * @cause: why; TCPSTATE_CAUSE_NONE for all
 *
 * Return: how many, recorded or not.
 */
u64 tcps_counters_told(const struct tcps_cells *sum, u8 event, u8 cause)
{
	unsigned int i;
	u64 told = 0;

	for (i = 0; i < ARRAY_SIZE(tcps_tells); i++) {
		if (tcps_tells[i].event == event &&
		    (!cause || tcps_tells[i].cause == cause))
			told += sum->told[i];
	}
	return told;
}

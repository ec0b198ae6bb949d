// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of a lobby against what was told of it, and against what ss
 * asks.
 */
#include <stdio.h>

#include "diag.h"
#include "ledger.h"
#include "lobby.h"
#include "mib.h"
#include "util.h"

#define WHO "lobby"

bool lobby_waiting(unsigned int count)
{
	long long now = counter("state_SYN_RECV_now");
	struct diag_count diag;

	if (!diag_count(&diag))
		return false;
	if (diag.n[TCPSTATE_SYN_RECV] == count && now == count)
		return true;
	printf("# SYN_RECV has %u connections; the kernel says %u, the counters %lld\n", count,
	       diag.n[TCPSTATE_SYN_RECV], now);
	return false;
}

/* Nothing is left in any state; the ledger compares that with the kernel's. */
static int check_empty(void)
{
	char name[64];
	int bad = 0;

	for (unsigned int i = 1; i < TCPSTATE_STATE_COUNT; i++) {
		snprintf(name, sizeof(name), "state_%s_now", state_name(i));
		if (i != TCPSTATE_CLOSE)
			bad += ledger_counter(WHO, name, 0);
	}
	return bad;
}

int lobby_check_books(struct lobby *lb)
{
	struct ledger_untold untold = { .stray = lb->stray, .vain = lb->vain };
	unsigned int synacks = lb->untold_synacks, children = lb->stray, unknown;
	int bad = ledger_check(&lb->rec, &untold, WHO) + check_empty();

	for (unsigned int i = 0; i < lb->stories; i++) {
		synacks += lb->story[i].sent_again;
		children += lb->story[i].child;
	}
	unknown = lobby_told(lb, 0, TCPSTATE_CAUSE_UNKNOWN);
	if (unknown) {
		printf("# %u causes are unknown\n", unknown);
		bad++;
	}
	if (mib("TcpPassiveOpens") != children) {
		printf("# the kernel made %lld children\n", mib("TcpPassiveOpens"));
		bad++;
	}
	return bad + ledger_counter(WHO, "synack_retransmits", synacks) +
	       ledger_counter(WHO, "children", children);
}

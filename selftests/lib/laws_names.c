// SPDX-License-Identifier: GPL-2.0
/*
 * laws - states, causes, carriers and legal transitions, by name and number.
 *
 * Must not know streams or books. The legal transitions and the names are not
 * written down here once more: laws_table.inc is cut out of module/counters.c
 * when this is built, so that a row the module learns is legal here at once.
 */
#include "laws_names.h"

#include <assert.h>
#include <linux/tcpstate.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "laws.h"

struct tcps_row {
	uint8_t old;
	uint8_t new;
	uint8_t cause;
};

#include "laws_table.inc"

static_assert(ARRAY_SIZE(tcps_rows) > 100, "not cut out of counters.c whole");

static const char *const carriers[] = { "none", "request", "sock", "timewait" };

static_assert(ARRAY_SIZE(carriers) == TCPSTATE_CARRIER_COUNT, "carriers");

static int number_of(const char *const *names, unsigned int count,
		     const char *name)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return i;
	return -1;
}

int laws_state(const char *name)
{
	int state = number_of(tcps_state_names, TCPSTATE_STATE_COUNT, name);

	return state > 0 ? state : -1;
}

int laws_ss_state(const char *name)
{
	static const struct {
		const char *name;
		int state;
	} states[] = {
		{ "ESTAB", TCPSTATE_ESTABLISHED },
		{ "SYN-SENT", TCPSTATE_SYN_SENT },
		{ "SYN-RECV", TCPSTATE_SYN_RECV },
		{ "FIN-WAIT-1", TCPSTATE_FIN_WAIT1 },
		{ "FIN-WAIT-2", TCPSTATE_FIN_WAIT2 },
		{ "TIME-WAIT", TCPSTATE_TIME_WAIT },
		{ "UNCONN", TCPSTATE_CLOSE },
		{ "CLOSE-WAIT", TCPSTATE_CLOSE_WAIT },
		{ "LAST-ACK", TCPSTATE_LAST_ACK },
		{ "LISTEN", TCPSTATE_LISTEN },
		{ "CLOSING", TCPSTATE_CLOSING },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (strcmp(states[i].name, name) == 0)
			return states[i].state;
	return -1;
}

int laws_cause(const char *name)
{
	return number_of(tcps_cause_names, TCPSTATE_CAUSE_COUNT, name);
}

int laws_carrier(const char *name)
{
	return number_of(carriers, TCPSTATE_CARRIER_COUNT, name);
}

const char *laws_state_name(unsigned int state)
{
	return state < TCPSTATE_STATE_COUNT ? tcps_state_names[state] : "?";
}

const char *laws_cause_name(unsigned int cause)
{
	return cause < TCPSTATE_CAUSE_COUNT ? tcps_cause_names[cause] : "?";
}

const char *laws_carrier_name(unsigned int carrier)
{
	return carrier < TCPSTATE_CARRIER_COUNT ? carriers[carrier] : "?";
}

bool laws_legal(unsigned int old, unsigned int new, unsigned int cause)
{
	static bool legal[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT]
			 [TCPSTATE_CAUSE_COUNT];
	unsigned int i;

	if (!legal[TCPSTATE_CLOSE][TCPSTATE_LISTEN][TCPSTATE_CAUSE_LISTEN])
		for (i = 0; i < ARRAY_SIZE(tcps_rows); i++)
			legal[tcps_rows[i].old][tcps_rows[i].new]
			     [tcps_rows[i].cause] = true;
	return legal[old][new][cause];
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What must be equal to what, transition by transition and sum by sum.
 */
#include "ledger.h"

#include <stdio.h>
#include <string.h>

#include "diag.h"
#include "mib.h"
#include "util.h"

/* Transitions by old state, new state and cause. */
struct rows {
	unsigned long long n[TCPSTATE_STATE_COUNT][TCPSTATE_STATE_COUNT][TCPSTATE_CAUSE_COUNT];
};

static void add_row(unsigned int old, unsigned int new, unsigned int cause,
		    unsigned long long count, void *data)
{
	struct rows *rows = data;

	rows->n[old][new][cause] += count;
}

static int differ(const char *who, const char *what, long long is, long long should)
{
	if (is == should)
		return 0;
	printf("# %s: %s is %lld, should be %lld\n", who, what, is, should);
	return 1;
}

int ledger_counter(const char *who, const char *name, long long should)
{
	return differ(who, name, counter(name), should);
}

/* The counters have each transition that was told, and no other. */
static int check_rows(const struct records *told, const char *who)
{
	static struct rows said, counted;
	long long states = 0;
	char name[128];
	int bad = 0;

	memset(&said, 0, sizeof(said));
	memset(&counted, 0, sizeof(counted));
	for (size_t i = 0; i < told->count; i++) {
		const struct tcpstate_record *r = &told->rec[i];

		if (r->type != TCPSTATE_EVENT_STATE)
			continue;
		add_row(r->old_state, r->new_state, r->cause, 1, &said);
		states++;
	}
	if (transitions_each(add_row, &counted)) {
		printf("# /proc/tcpstate/transitions cannot be read\n");
		return 1;
	}
	for (int i = 0; i < TCPSTATE_STATE_COUNT; i++)
		for (int j = 0; j < TCPSTATE_STATE_COUNT; j++)
			for (int k = 0; k < TCPSTATE_CAUSE_COUNT; k++) {
				snprintf(name, sizeof(name), "the count of %s -> %s (%s)",
					 state_name(i), state_name(j), cause_name(k));
				bad += differ(who, name, counted.n[i][j][k], said.n[i][j][k]);
			}
	return bad + ledger_counter(who, "records_state", states) +
	       ledger_counter(who, "transitions_unlisted", 0) +
	       ledger_counter(who, "untracked", 0) + ledger_counter(who, "books_exact", 1);
}

/* Each gauge is what ss says of its state. */
static int check_gauges(const char *who)
{
	struct diag_count ss;
	char name[64];
	int bad = 0;

	if (!diag_count(&ss))
		return 1;
	for (unsigned int i = 1; i < TCPSTATE_STATE_COUNT; i++) {
		if (i == TCPSTATE_CLOSE)
			continue;
		snprintf(name, sizeof(name), "state_%s_now", state_name(i));
		bad += differ(who, name, counter(name), ss.n[i]);
	}
	return bad;
}

static bool is_one_of(const struct tcpstate_record *r, const char *causes)
{
	const char *name = cause_name(r->cause), *at = causes;
	size_t len = strlen(name);

	while ((at = strstr(at, name))) {
		if ((at == causes || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

/*
 * What the kernel counts when a connection ends, from its sources: in
 * tcp_set_state(), tcp_done(), tcp_check_req(), tcp_write_err(), __tcp_close(),
 * tcp_out_of_resources(), tcp_rcv_state_process(), tcp_time_wait() and
 * __inet_check_established().
 */
static unsigned int estab_resets(const struct tcpstate_record *r)
{
	return r->old_state == TCPSTATE_ESTABLISHED || r->old_state == TCPSTATE_CLOSE_WAIT;
}

static unsigned int attempt_fails(const struct tcpstate_record *r)
{
	bool request = r->carrier == TCPSTATE_CARRIER_REQUEST;

	if (r->old_state == TCPSTATE_SYN_RECV && request)
		return is_one_of(r, "rst syn");
	if (r->old_state != TCPSTATE_SYN_SENT && r->old_state != TCPSTATE_SYN_RECV)
		return 0;
	/* tcp_check_req() and then tcp_done(). */
	if (r->flags & TCPSTATE_F_FASTOPEN && is_one_of(r, "rst"))
		return 2;
	return is_one_of(r, "rst syn icmp timeout user-timeout synack-timeout abort");
}

static unsigned int reused(const struct tcpstate_record *r)
{
	return is_one_of(r, "reused");
}

static unsigned int timeouts(const struct tcpstate_record *r)
{
	return is_one_of(r, "timeout user-timeout keepalive") ||
	       (is_one_of(r, "synack-timeout") && r->carrier == TCPSTATE_CARRIER_SOCK);
}

static unsigned int ended_for_memory(const struct tcpstate_record *r)
{
	return is_one_of(r, "orphan-limit no-memory") && r->old_state != TCPSTATE_SYN_SENT;
}

static unsigned int ended_with_unread(const struct tcpstate_record *r)
{
	return is_one_of(r, "unread-data");
}

/* And TCPAbortOnLinger, which is the same for one half of linger2. */
static unsigned int aborts(const struct tcpstate_record *r)
{
	return is_one_of(r, "linger0 linger2") ||
	       (is_one_of(r, "data-after-close") && r->carrier == TCPSTATE_CARRIER_SOCK);
}

/* Timewait socks that ran out, which is what 5.10 counts as TW. */
static unsigned int ran_out(const struct tcpstate_record *r)
{
	return is_one_of(r, "expired") ||
	       (is_one_of(r, "fin-timeout") && r->carrier == TCPSTATE_CARRIER_TIMEWAIT);
}

static const struct {
	const char *name;
	const char *plus;
	unsigned int (*of)(const struct tcpstate_record *end);
} equations[] = {
	{ "TcpEstabResets", NULL, estab_resets },
	{ "TcpAttemptFails", NULL, attempt_fails },
	{ "TcpExtTWRecycled", NULL, reused },
	{ "TcpExtTCPAbortOnTimeout", NULL, timeouts },
	{ "TcpExtTCPAbortOnMemory", NULL, ended_for_memory },
	{ "TcpExtTCPAbortOnClose", NULL, ended_with_unread },
	{ "TcpExtTCPAbortOnData", "TcpExtTCPAbortOnLinger", aborts },
};

static unsigned int sum(const struct records *told,
			unsigned int (*of)(const struct tcpstate_record *end))
{
	unsigned int n = 0;

	for (size_t i = 0; i < told->count; i++) {
		const struct tcpstate_record *r = &told->rec[i];

		if (r->type == TCPSTATE_EVENT_STATE && r->new_state == TCPSTATE_CLOSE)
			n += of(r);
	}
	return n;
}

/* Timewait socks that were not to be had: for the limit, and for lack of memory. */
static unsigned int no_timewait(const struct records *told, unsigned int cause)
{
	unsigned int n = 0;

	for (size_t i = 0; i < told->count; i++)
		n += told->rec[i].type == TCPSTATE_EVENT_TW_OVERFLOW &&
		     told->rec[i].cause == cause;
	return n;
}

/* RSTs that were sent, those of which no record was written included. */
static unsigned int resets_sent(const struct records *told)
{
	unsigned int n = 0;

	for (size_t i = 0; i < told->count; i++)
		if (told->rec[i].type == TCPSTATE_EVENT_RESET &&
		    !(told->rec[i].flags & TCPSTATE_F_INCOMING))
			n += told->rec[i].reset.stands_for;
	return n;
}

static int check_mibs(const struct records *told, const struct ledger_untold *untold,
		      const char *who)
{
	unsigned int limit = no_timewait(told, TCPSTATE_CAUSE_TW_OVERFLOW);
	unsigned int memory = no_timewait(told, TCPSTATE_CAUSE_NO_MEMORY);
	unsigned int births = untold->births;
	long long tw = mib("TcpExtTW") + mib("TcpExtTWKilled");
	int bad = 0;

	for (unsigned int i = 0; i < sizeof(equations) / sizeof(*equations); i++) {
		long long is = mib(equations[i].name);

		if (equations[i].plus)
			is += mib(equations[i].plus);
		if (equations[i].of == attempt_fails)
			is -= untold->vain;
		/* Counted elsewhere if it was that of a timewait sock. */
		if (equations[i].of == ended_for_memory)
			is += memory;
		bad += differ(who, equations[i].name, is, sum(told, equations[i].of));
	}
	bad += differ(who, "TcpExtTCPTimeWaitOverflow", mib("TcpExtTCPTimeWaitOverflow"),
		      limit + memory);
	bad += differ(who, "TcpOutRsts", mib("TcpOutRsts"), resets_sent(told));
	if (kernel_before(6, 1))
		bad += differ(who, "TcpExtTW", tw, sum(told, ran_out));
	else
		bad += differ(who, "TcpExtTW", tw, births);
	return bad + ledger_counter(who, "tw_births", births);
}

int ledger_check(const struct records *told, const struct ledger_untold *untold,
		 const char *who)
{
	return check_rows(told, who) + check_gauges(who) +
	       ledger_counter(who, "stray", untold->stray) +
	       check_mibs(told, untold, who);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Which function of the kernel called a hooked one.
 *
 * Knows addresses; must not know what follows from it.
 *
 * A function can have parts of its own elsewhere, made by the compiler, and
 * the callers of interest are few: their bounds are looked up by name once. A
 * caller that is in none of them is nobody's, and the cause stays unknown.
 */
#include "caller.h"

#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/string.h>

#define PARTS_MAX 12

static const struct {
	const char *name;
	enum tcps_caller who;
} functions[] = {
	{ "tcp_check_req", TCPS_BY_CHECK_REQ },
	{ "tcp_req_err", TCPS_BY_REQ_ERR },
	{ "tcp_abort", TCPS_BY_ABORT },
	{ "reqsk_timer_handler", TCPS_BY_REQ_TIMER },
	{ "tcp_v4_rcv", TCPS_BY_RCV },
	{ "tcp_v6_rcv", TCPS_BY_RCV },
	{ "inet_twsk_purge", TCPS_BY_PURGE },
	{ "tcp_timewait_state_process", TCPS_BY_TW_STATE },
	{ "__inet_check_established", TCPS_BY_HASH },
	{ "__inet6_check_established", TCPS_BY_HASH },
	{ "__inet_hash_connect", TCPS_BY_HASH },
	{ "inet_twsk_deschedule_put", TCPS_BY_DESCHEDULE },
};

/* What compilers append to the parts of a function. */
static const char *const suffixes[] = {
	"",	   ".cold",	   ".part.0",	   ".part.0.cold",
	".isra.0", ".isra.0.cold", ".constprop.0",
};

struct part {
	unsigned long from;
	unsigned long to;
};

/* Written by init only. */
static struct part parts[TCPS_CALLERS][PARTS_MAX];
static unsigned int part_count[TCPS_CALLERS];

/* Bounds of a function, by way of its printed form "name+0x4/0x1f0". */
static bool bounds_of(const char *name, struct part *part)
{
	char text[KSYM_SYMBOL_LEN];
	unsigned long offset, size;
	struct kprobe kprobe = {
		.symbol_name = name,
		.flags = KPROBE_FLAG_DISABLED,
	};
	const char *plus;

	/* The symbol table is not for modules, but kprobes may search it. */
	if (register_kprobe(&kprobe))
		return false;
	unregister_kprobe(&kprobe);
	sprint_symbol(text, (unsigned long)kprobe.addr);
	plus = strchr(text, '+');
	if (!plus || sscanf(plus, "+%lx/%lx", &offset, &size) != 2)
		return false;
	part->from = (unsigned long)kprobe.addr - offset;
	part->to = part->from + size;
	return true;
}

static void find_parts(const char *name, enum tcps_caller who)
{
	char full[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(full, sizeof(full), "%s%s", name, suffixes[i]);
		if (part_count[who] < PARTS_MAX &&
		    bounds_of(full, &parts[who][part_count[who]]))
			part_count[who]++;
	}
}

/* Before any hook runs. */
void tcps_caller_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		find_parts(functions[i].name, functions[i].who);
}

/**
 * tcps_caller_is() - does an address lie in a function?
 * @address: return address of the hooked function
 * @who: the function
 *
 * Return: true if it does.
 */
bool tcps_caller_is(unsigned long address, enum tcps_caller who)
{
	unsigned int i;

	for (i = 0; i < part_count[who]; i++) {
		/* A call that never returns can be the last instruction. */
		if (address > parts[who][i].from && address <= parts[who][i].to)
			return true;
	}
	return false;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Which function of the kernel called a hooked one.
 *
 * Knows addresses; must not know what follows from it.
 *
 * The places that call are few: the name of each is looked up when it shows
 * itself first, which takes no lock, and then remembered. Parts of a function
 * that the compiler put elsewhere bear its name and a suffix. A caller that is
 * none of those of interest is nobody, and the cause stays unknown. A place in a
 * module is not remembered: another module can have it later.
 */
#include "caller.h"

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/string.h>

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
	{ "tcp_rcv_state_process", TCPS_BY_STATE },
	{ "tcp_keepalive_timer", TCPS_BY_KEEPALIVE },
	{ "tcp_fastopen_synack_timer", TCPS_BY_WRITE_TIMER },
	{ "tcp_out_of_resources", TCPS_BY_WRITE_TIMER },
	{ "tcp_probe_timer", TCPS_BY_WRITE_TIMER },
	{ "tcp_retransmit_timer", TCPS_BY_WRITE_TIMER },
	{ "tcp_write_err", TCPS_BY_WRITE_TIMER },
	{ "tcp_write_timeout", TCPS_BY_WRITE_TIMER },
	{ "tcp_write_timer", TCPS_BY_WRITE_TIMER },
	{ "tcp_write_timer_handler", TCPS_BY_WRITE_TIMER },
	{ "tcp_v4_err", TCPS_BY_ICMP },
	{ "tcp_v6_err", TCPS_BY_ICMP },
	{ "inet_csk_complete_hashdance", TCPS_BY_COMPLETE },
	{ "nf_tproxy_handle_time_wait4", TCPS_BY_TPROXY },
	{ "nf_tproxy_handle_time_wait6", TCPS_BY_TPROXY },
};

/* The highest bits of an address say no more than that it is the kernel's. */
#define WHO_BITS 5
#define PLACE_BITS 8
#define PROBES 8

/*
 * An address, shifted, and its enum tcps_caller in one word, found by hash. Any
 * CPU fills an empty word, once, with what any other would write there; more
 * calling places than there is room for are looked up each time.
 */
static u64 places[BIT(PLACE_BITS)];

static enum tcps_caller look_up(unsigned long address, bool *stays)
{
	char name[KSYM_SYMBOL_LEN];
	unsigned int i;
	size_t len;

	/* A call that never returns can be the last instruction. */
	sprint_symbol_no_offset(name, address - 1);
	len = strcspn(name, ". ");
	*stays = !strchr(name, '[');
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		if (strlen(functions[i].name) == len &&
		    !strncmp(functions[i].name, name, len))
			return functions[i].who;
	}
	return TCPS_BY_NOBODY;
}

/**
 * tcps_caller_of() - the function in which an address lies
 * @address: return address of a hooked function
 *
 * Return: which of those of interest.
 */
enum tcps_caller tcps_caller_of(unsigned long address)
{
	u64 key = (u64)address << WHO_BITS, word;
	unsigned int first = hash_long(address, PLACE_BITS), i;
	enum tcps_caller who;
	bool stays;

	BUILD_BUG_ON(1 << WHO_BITS < TCPS_CALLERS);
	for (i = 0; i < PROBES; i++) {
		u64 *place = &places[(first + i) % ARRAY_SIZE(places)];

		word = READ_ONCE(*place);
		if (!word) {
			who = look_up(address, &stays);
			if (stays)
				cmpxchg(place, 0, key | who);
			return who;
		}
		if (word >> WHO_BITS == key >> WHO_BITS)
			return word & (BIT(WHO_BITS) - 1);
	}
	return look_up(address, &stays);
}

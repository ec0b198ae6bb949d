// SPDX-License-Identifier: GPL-2.0
/* vm: noload cpus=1 */
/*
 * The contract, number by number, written a second time: whoever changes a
 * layout or a number has to change it here too. Needs no module; it holds when
 * it compiles, for 64-bit programs and (layout32) for 32-bit ones.
 */
#include <linux/tcpstate.h>
#include <stddef.h>
#include <stdio.h>

#define AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), #type)
#define IS(name, value)	_Static_assert((name) == (value), #name)

AT(tcpstate_record, size, 0);
AT(tcpstate_record, type, 2);
AT(tcpstate_record, family, 3);
AT(tcpstate_record, old_state, 4);
AT(tcpstate_record, new_state, 5);
AT(tcpstate_record, cause, 6);
AT(tcpstate_record, carrier, 7);
AT(tcpstate_record, seq, 8);
AT(tcpstate_record, ifindex, 12);
AT(tcpstate_record, mono_ns, 16);
AT(tcpstate_record, cookie, 24);
AT(tcpstate_record, netns_inum, 32);
AT(tcpstate_record, netns_gen, 36);
AT(tcpstate_record, laddr, 40);
AT(tcpstate_record, raddr, 56);
AT(tcpstate_record, lport, 72);
AT(tcpstate_record, rport, 74);
AT(tcpstate_record, flags, 76);
AT(tcpstate_record, life, 78);
AT(tcpstate_record, tgid, 80);
AT(tcpstate_record, uid, 84);
AT(tcpstate_record, comm, 88);
AT(tcpstate_record, raw, 104);
SIZE(tcpstate_record, 128);

AT(tcpstate_state_data, dwell_ns, 0);
AT(tcpstate_state_data, cgroup, 8);
AT(tcpstate_state_data, actor, 16);
AT(tcpstate_state_data, life_seq, 20);
SIZE(tcpstate_state_data, 24);
SIZE(tcpstate_refusal_data, 24);
SIZE(tcpstate_retransmit_data, 24);
SIZE(tcpstate_tw_data, 24);
SIZE(tcpstate_ports_data, 24);
SIZE(tcpstate_reset_data, 24);
SIZE(tcpstate_memory_data, 24);
SIZE(tcpstate_segment_data, 24);
AT(tcpstate_segment_data, wscale, 14);
AT(tcpstate_segment_data, tsval, 16);
AT(tcpstate_lost_data, count, 0);
AT(tcpstate_lost_data, off_ns, 8);
AT(tcpstate_lost_data, cpu, 16);
AT(tcpstate_lost_data, lane, 20);
SIZE(tcpstate_lost_data, 24);
SIZE(tcpstate_life_data, 24);

AT(tcpstate_life_record, bytes_in, 128);
AT(tcpstate_life_record, segs_in, 144);
AT(tcpstate_life_record, dwell_ns, 160);
AT(tcpstate_life_record, step, 224);
SIZE(tcpstate_life_record, 256);

AT(tcpstate_query, events, 32);
AT(tcpstate_query, lane_bytes, 40);
AT(tcpstate_query, netns_gen, 64);
SIZE(tcpstate_query, 96);

AT(tcpstate_filter, flags, 8);
AT(tcpstate_filter, old_states, 12);
AT(tcpstate_filter, family, 16);
AT(tcpstate_filter, nr_lports, 17);
AT(tcpstate_filter, nr_rports, 18);
AT(tcpstate_filter, lports, 24);
AT(tcpstate_filter, rports, 56);
SIZE(tcpstate_filter, 88);

AT(tcpstate_start, lanes, 4);
AT(tcpstate_start, mono_ns, 8);
SIZE(tcpstate_start, 24);

AT(tcpstate_stats, delivered, 8);
AT(tcpstate_stats, filtered, 16);
AT(tcpstate_stats, lost, 24);
AT(tcpstate_stats, pending, 32);
AT(tcpstate_stats, lost_runs, 40);
AT(tcpstate_stats, flags, 48);
SIZE(tcpstate_stats, 64);

IS(TCPSTATE_IOC_QUERY, 0x8060d700);
IS(TCPSTATE_IOC_SET_FILTER, 0x4058d701);
IS(TCPSTATE_IOC_SET_START, 0xc018d702);
IS(TCPSTATE_IOC_GET_STATS, 0x8040d703);

IS(TCPSTATE_ABI_VERSION, 1);
IS(TCPSTATE_ESTABLISHED, 1);
IS(TCPSTATE_CLOSING, 11);
IS(TCPSTATE_CARRIER_TIMEWAIT, 3);
IS(TCPSTATE_EVENT_STATE, 1);
IS(TCPSTATE_EVENT_LOST, 13);
IS(TCPSTATE_CAUSE_UNKNOWN, 1);
IS(TCPSTATE_CAUSE_ICMP, 9);
IS(TCPSTATE_CAUSE_TIMEOUT, 17);
IS(TCPSTATE_CAUSE_LINGER0, 22);
IS(TCPSTATE_CAUSE_EXPIRED, 37);
IS(TCPSTATE_CAUSE_NO_SOCKET, 56);
IS(TCPSTATE_CAUSE_AUTH, 57);
IS(TCPSTATE_F_OWNER, 0x0001);
IS(TCPSTATE_F_DISABLED, 0x2000);

int main(void)
{
	puts("TAP version 13");
	puts("1..1");
	printf("ok 1 layout of %zu-bit programs\n", 8 * sizeof(long));
	return 0;
}

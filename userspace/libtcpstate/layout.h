/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libtcpstate - the kernel's layout as this library was written for.
 *
 * This header owns the numbers of the contract once more, so that a change of
 * the kernel's header that moves a byte fails here and not in a user's hands.
 * It is included once, by decode.c.
 */
#ifndef LIBTCPSTATE_LAYOUT_H
#define LIBTCPSTATE_LAYOUT_H

#include <assert.h>
#include <stddef.h>

#include <linux/tcpstate.h>

#define AT(type, member, offset)                                            \
	static_assert(offsetof(struct tcpstate_##type, member) == (offset), \
		      #type "." #member)
#define SIZE(type, size) \
	static_assert(sizeof(struct tcpstate_##type) == (size), #type)

static_assert(TCPSTATE_ABI_VERSION == 1, "written for ABI 1");
static_assert(TCPSTATE_RECORD_SIZE == 128, "record");
static_assert(TCPSTATE_LIFE_SIZE == 256, "life record");

SIZE(record, TCPSTATE_RECORD_SIZE);
AT(record, size, 0);
AT(record, type, 2);
AT(record, family, 3);
AT(record, old_state, 4);
AT(record, new_state, 5);
AT(record, cause, 6);
AT(record, carrier, 7);
AT(record, seq, 8);
AT(record, ifindex, 12);
AT(record, mono_ns, 16);
AT(record, cookie, 24);
AT(record, netns_inum, 32);
AT(record, netns_gen, 36);
AT(record, laddr, 40);
AT(record, raddr, 56);
AT(record, lport, 72);
AT(record, rport, 74);
AT(record, flags, 76);
AT(record, life, 78);
AT(record, tgid, 80);
AT(record, uid, 84);
AT(record, comm, 88);
AT(record, raw, 104);

SIZE(state_data, 24);
AT(state_data, dwell_ns, 0);
AT(state_data, cgroup, 8);
AT(state_data, actor, 16);
AT(state_data, life_seq, 20);
AT(state_data, reserved, 22);

SIZE(refusal_data, 24);
AT(refusal_data, synq, 0);
AT(refusal_data, synq_max, 4);
AT(refusal_data, acceptq, 8);
AT(refusal_data, acceptq_max, 12);
AT(refusal_data, stands_for, 16);
AT(refusal_data, backlog, 20);

SIZE(retransmit_data, 24);
AT(retransmit_data, attempt, 0);
AT(retransmit_data, stands_for, 4);
AT(retransmit_data, reserved, 8);

SIZE(tw_data, 24);
AT(tw_data, count, 0);
AT(tw_data, max, 4);
AT(tw_data, stands_for, 8);
AT(tw_data, reserved, 12);

SIZE(ports_data, 24);
AT(ports_data, low, 0);
AT(ports_data, high, 4);
AT(ports_data, error, 8);
AT(ports_data, stands_for, 12);
AT(ports_data, reserved, 16);

SIZE(reset_data, 24);
AT(reset_data, reason, 0);
AT(reset_data, stands_for, 4);
AT(reset_data, seq, 8);
AT(reset_data, ack, 12);
AT(reset_data, reserved, 16);

SIZE(memory_data, 24);
AT(memory_data, pages, 0);
AT(memory_data, mark, 8);
AT(memory_data, stands_for, 16);
AT(memory_data, reserved, 20);

SIZE(segment_data, 24);
AT(segment_data, seq, 0);
AT(segment_data, ack, 4);
AT(segment_data, window, 8);
AT(segment_data, len, 10);
AT(segment_data, mss, 12);
AT(segment_data, wscale, 14);
AT(segment_data, opts, 15);
AT(segment_data, tsval, 16);
AT(segment_data, tsecr, 20);

SIZE(lost_data, 24);
AT(lost_data, count, 0);
AT(lost_data, off_ns, 8);
AT(lost_data, cpu, 16);
AT(lost_data, lane, 20);

SIZE(life_data, 24);
AT(life_data, total_ns, 0);
AT(life_data, cgroup, 8);
AT(life_data, srtt_us, 16);
AT(life_data, steps, 20);
AT(life_data, first_closer, 21);
AT(life_data, transitions, 22);

SIZE(life_step, 4);
AT(life_step, state, 0);
AT(life_step, cause, 1);
AT(life_step, carrier, 2);
AT(life_step, reserved, 3);

SIZE(life_record, TCPSTATE_LIFE_SIZE);
AT(life_record, bytes_in, 128);
AT(life_record, bytes_out, 136);
AT(life_record, segs_in, 144);
AT(life_record, segs_out, 148);
AT(life_record, retrans, 152);
AT(life_record, reserved, 156);
AT(life_record, dwell_ns, 160);
AT(life_record, step, 224);

SIZE(query, 96);
AT(query, abi, 0);
AT(query, schema, 4);
AT(query, record_size, 8);
AT(query, life_size, 12);
AT(query, max_readers, 16);
AT(query, max_ports, 20);
AT(query, lanes, 24);
AT(query, flags, 28);
AT(query, events, 32);
AT(query, lane_bytes, 40);
AT(query, netns_gen, 64);
AT(query, reserved, 68);

SIZE(filter, 88);
AT(filter, events, 0);
AT(filter, flags, 8);
AT(filter, old_states, 12);
AT(filter, new_states, 14);
AT(filter, family, 16);
AT(filter, nr_lports, 17);
AT(filter, nr_rports, 18);
AT(filter, reserved, 19);
AT(filter, lports, 24);
AT(filter, rports, 56);

SIZE(start, 24);
AT(start, mode, 0);
AT(start, lanes, 4);
AT(start, mono_ns, 8);
AT(start, reserved, 16);

SIZE(stats, 64);
AT(stats, recorded, 0);
AT(stats, delivered, 8);
AT(stats, filtered, 16);
AT(stats, lost, 24);
AT(stats, pending, 32);
AT(stats, lost_runs, 40);
AT(stats, flags, 48);
AT(stats, reserved, 52);

#undef AT
#undef SIZE

#endif /* LIBTCPSTATE_LAYOUT_H */

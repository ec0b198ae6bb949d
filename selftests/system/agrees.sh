#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=600
#
# The kernel agrees: over a run with a real web server and thousands of
# connections of every kind, the transitions the module counted are, row by
# row, those that the kernel's own trace event reported, after the folding;
# and each of two readers was given exactly these.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"
. "$(dirname "$0")/../lib/compare.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"
many=$(scaled 1000)
some=$(scaled 200)

workload()
{
	load_code=0
	server_start 8180 || return 1
	for a in 127.0.0.1 ::1; do
		http_load "$a" "$many" || load_code=1
		for how in first reset; do
			"$testbin/tcp_peer" load "$a" 8180 "$some" 4 "$how" || load_code=1
		done
		"$testbin/tcp_peer" load "$a" 8181 "$some" 2 refused || load_code=1
	done
	server_stop
	return "$load_code"
}

kernel_agrees()
{
	side_by_side kernel "$netns_tmp/kernel" tcpstate "$netns_tmp/counted"
}

readers_agree()
{
	side_by_side counters "$netns_tmp/counted" \
		reader1 "$netns_tmp/reader.1" reader2 "$netns_tmp/reader.2"
}

# Each open is an ESTABLISHED on both ends.
enough()
{
	opened=$(awk '$2 == "ESTABLISHED" { n += $3 } END { print int(n / 2) }' "$netns_tmp/counted")
	echo "$opened connections, $((4 * some + 2 * many)) asked for"
	[ "$opened" -ge $((4 * some + 2 * many)) ]
}

books_exact()
{
	[ "$(counter books_exact)" = 1 ] && [ "$(counter untracked)" = 0 ] &&
		[ "$(counter transitions_unlisted)" = 0 ]
}

trap 'trace_stop 2>/dev/null; netns_cleanup' EXIT
ktap_plan 7
compare_run 2 workload
ktap_result $? "workload came to rest"
check "workload is what was asked for" enough
check "transitions: kernel = tcpstate" kernel_agrees
check "records: reader 1 = reader 2 = counters" readers_agree
check "nothing was lost" nothing_lost
check "both families were seen" both_families
check "books are exact" books_exact
ktap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=300
#
# A short look at the main job, for kernels that do not get the whole suite:
# all hooks attached, counters equal to the kernel's trace event, records in
# the stream, and the module comes and goes. Needs sh, awk, ip, ss, tcp_peer
# and tcpstate-tail.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"
. "$(dirname "$0")/../lib/compare.sh"

[ -e /dev/tcpstate ] || insmod "$TCPSTATE_KO" || exit 1
some=$(scaled 50)

hooks_attached()
{
	cat "$PROC/hooks"
	awk 'NR > 1 { n++; if ($3 != "attached" && $3 != "absent") bad = 1 } END { exit bad || !n }' "$PROC/hooks"
}

workload()
{
	load_code=0
	server_start 8180 || return 1
	for a in 127.0.0.1 ::1; do
		http_load "$a" "$some" || load_code=1
		"$testbin/tcp_peer" load "$a" 8180 "$some" 2 first || load_code=1
		"$testbin/tcp_peer" load "$a" 8180 "$some" 2 reset || load_code=1
		"$testbin/tcp_peer" load "$a" 8181 "$some" 2 refused || load_code=1
	done
	server_stop
	return "$load_code"
}

agrees()
{
	side_by_side kernel "$netns_tmp/kernel" tcpstate "$netns_tmp/counted" \
		reader "$netns_tmp/reader.1"
}

proc_is_readable()
{
	for f in summary counters transitions hooks readers; do
		[ "$(wc -l <"$PROC/$f")" -ge 1 ] || return 1
	done
	[ "$(counter books_exact)" = 1 ]
}

comes_and_goes()
{
	rmmod tcpstate || return 1
	[ ! -e /dev/tcpstate ] && [ ! -e "$PROC/summary" ] || return 1
	insmod "$TCPSTATE_KO" && [ -c /dev/tcpstate ] && [ -r "$PROC/summary" ]
}

trap 'trace_stop 2>/dev/null; netns_cleanup' EXIT
ktap_plan 7
echo "# kernel $(uname -r)"
check "hooks are attached" hooks_attached
check "proc files are readable" proc_is_readable
compare_run 1 workload
ktap_result $? "workload came to rest"
check "kernel = counters = reader" agrees
check "both families were seen" both_families
check "nothing was lost" nothing_lost
if [ -n "$TCPSTATE_KO" ]; then
	check "module is removed and comes back" comes_and_goes
else
	skip "module is removed and comes back" "TCPSTATE_KO is not set"
fi
ktap_end

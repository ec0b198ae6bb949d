#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=4 timeout=600
#
# Readers that come, filter, stall, die and come again while there is traffic:
# the counters stay those of the kernel, a reader that stays all the time gets
# every record, and in the end nobody is left.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"
. "$(dirname "$0")/../lib/compare.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"
many=$(scaled 600)

# A reader with a filter of its own that ends in one of four ways.
short_reader()
{
	case $(($1 % 4)) in
	0)	timeout -s KILL 0.5 "$tail" --json -4 ;;
	1)	timeout -s TERM 0.3 "$tail" -L 9500 ;;
	2)	"$tail" --oldest --count 50 --timeout 5 ;;
	3)	timeout -s KILL 0.4 sh -c 'exec 3</dev/tcpstate; sleep 5' ;;
	esac >/dev/null 2>&1
}

churn()
{
	turn=0
	while [ ! -e "$netns_tmp/stop" ]; do
		turn=$((turn + 1))
		short_reader "$turn" &
		short_reader $((turn + 1)) &
		short_reader $((turn + 2)) &
		cat "$PROC/readers" "$PROC/summary" >/dev/null
		wait
	done
}

workload()
{
	load_code=0
	rm -f "$netns_tmp/stop"
	churn & churner=$!
	"$testbin/tcp_peer" serve 127.0.0.1 9500 >"$netns_tmp/s4" & s4=$!
	"$testbin/tcp_peer" serve ::1 9500 >"$netns_tmp/s6" & s6=$!
	wait_for 30 has_line "$netns_tmp/s4" ready
	wait_for 30 has_line "$netns_tmp/s6" ready
	for a in 127.0.0.1 ::1; do
		for how in get first reset; do
			"$testbin/tcp_peer" load "$a" 9500 "$many" 4 "$how" || load_code=1
		done
	done
	: >"$netns_tmp/stop"
	wait "$churner"
	kill "$s4" "$s6"
	return "$load_code"
}

agrees()
{
	side_by_side kernel "$netns_tmp/kernel" tcpstate "$netns_tmp/counted" \
		reader "$netns_tmp/reader.1"
}

nobody_left()
{
	[ "$(counter readers_open)" = 0 ] && [ "$(wc -l <"$PROC/readers")" = 1 ]
}

trap 'trace_stop 2>/dev/null; netns_cleanup' EXIT
ktap_plan 4
compare_run 1 workload
ktap_result $? "workload came to rest"
check "kernel = counters = the reader that stayed" agrees
check "it lost nothing" nothing_lost
wait_for 20 nobody_left
ktap_result $? "nobody is left"
ktap_end

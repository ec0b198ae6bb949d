#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=300
#
# Network namespaces: counters and stream of each are its own, and a namespace
# made again under the same name is another one.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"

# connections NAMESPACE COUNT: refused, so each is two transitions.
connections()
{
	ip netns exec "$1" "$testbin/tcp_peer" load 127.0.0.1 9400 "$2" 1 refused
}

# shows NAMESPACE COUNT: its counters have that many connections, no more.
shows()
{
	in_ns "$1" transitions >"$netns_tmp/seen"
	if [ "$2" = 0 ]; then
		: >"$netns_tmp/expected"
	else
		printf '%s\n' "CLOSE SYN_SENT $2" "SYN_SENT CLOSE $2" >"$netns_tmp/expected"
	fi
	diff "$netns_tmp/expected" "$netns_tmp/seen"
}

# What connections opens. What others left in the middle of its end may end at any time.
opened()
{
	transitions | awk '$1 == "CLOSE" || $1 == "SYN_SENT"'
}

unchanged()
{
	opened | diff "$netns_tmp/initial" -
}

# reads NAMESPACE FILE
reads()
{
	background ip netns exec "$1" "$tail" --json --event state >"$2" 2>"$2.err"
}

has_lines()
{
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# streamed FILE NAMESPACE COUNT: all records are of that namespace.
streamed()
{
	wait_for 30 has_lines "$1" $((2 * $3))
	inum=$(in_ns "$2" counter netns_inum)
	others=$(grep -vc "\"netns\":${inum}[,}]" "$1")
	echo "$(wc -l <"$1") records, $others of other namespaces"
	[ "$others" = 0 ] && [ "$(wc -l <"$1")" = $((2 * $3)) ]
}

readers_are()
{
	[ "$(counter readers_open)" = "$1" ]
}

new_generation()
{
	echo "generation $generation, then $(in_ns "$one" counter netns_generation)"
	[ "$(in_ns "$one" counter netns_generation)" -gt "$generation" ]
}

host_wide_hidden()
{
	for name in recorder_bytes recorder_records readers_open readers_max; do
		counter "$name" >/dev/null || return 1
		! in_ns "$one" counter "$name" || return 1
	done
}

right_inode()
{
	[ "$(in_ns "$one" counter netns_inum)" = "$(stat -L -c %i "/run/netns/$one")" ]
}

netns_add one
netns_add two
ktap_plan 13
opened >"$netns_tmp/initial"
check "a new namespace has counted nothing" shows "$one" 0
check "counters name the namespace" right_inode
check "host-wide counters are for the initial namespace" host_wide_hidden
reads "$one" "$netns_tmp/one" && one_reader=$pid
reads "$two" "$netns_tmp/two"
wait_for 30 readers_are 2
ktap_result $? "readers in both"
connections "$one" 7
connections "$two" 11
check "counters of one" shows "$one" 7
check "counters of the other" shows "$two" 11
check "initial namespace counted nothing" unchanged
check "stream of one" streamed "$netns_tmp/one" "$one" 7
check "stream of the other" streamed "$netns_tmp/two" "$two" 11

kill "$one_reader"
wait "$one_reader"
wait_for 30 readers_are 1
generation=$(in_ns "$one" counter netns_generation)
ip netns del "$one"
ip netns add "$one"
ip -n "$one" link set lo up
check "made again, it has counted nothing" shows "$one" 0
check "made again, it has a new generation" new_generation
connections "$one" 3
check "made again, it counts" shows "$one" 3
check "the other namespace is as it was" shows "$two" 11
ktap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=300
#
# What a network namespace costs: little while there is no TCP in it, not much
# with, and nothing when it has gone. That the bounds hold for any number of CPUs
# is asserted where the module is built.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"

at_most()
{
	bytes=$(in_ns "$1" counter netns_bytes) || return 1
	echo "$bytes bytes"
	[ "$bytes" -le "$2" ]
}

# Both ends, all there is to leave.
connections()
{
	ip netns exec "$1" "$testbin/tcp_peer" serve 127.0.0.1 9400 >/dev/null &
	server=$!
	wait_for 60 in_ns "$1" listening 127.0.0.1 9400
	ip netns exec "$1" "$testbin/tcp_peer" load 127.0.0.1 9400 40 2 first
	connections_code=$?
	kill $server
	return $connections_code
}

# What took long is in a histogram, each time: as many as connections that left.
timed()
{
	left=$(in_ns "$1" counter state_ESTABLISHED_left)
	dwell=$(in_ns "$1" dwell_of ESTABLISHED)
	echo "$left left, $dwell timed, $(in_ns "$1" counter dwell_untimed) not"
	[ "$left" = "$dwell" ] && [ "$left" -ge 80 ] && [ "$(in_ns "$1" counter dwell_untimed)" = 0 ]
}

dwell_of()
{
	$in cat "$PROC/dwell" | awk -v state="$1" '$1 == state { n += $4 } END { print n + 0 }'
}

grown()
{
	wait_for 60 in_ns "$1" has_more_than 8192
}

has_more_than()
{
	[ "$(counter netns_bytes)" -gt "$1" ]
}

# It is still right when the counters lie in more places.
right_after()
{
	connections "$1" && wait_for 60 timed "$1"
}

ktap_plan 7
netns_add idle
netns_add busy
check "without TCP" at_most "$idle" 4096
connections "$busy"
ktap_result $? "connections"
check "the first ones are all timed" wait_for 60 timed "$busy"
check "it gets what it needs" grown "$busy"
check "with TCP" at_most "$busy" 65536
check "and counts on" right_after "$busy"
check "the other one has not grown" at_most "$idle" 4096
ktap_end

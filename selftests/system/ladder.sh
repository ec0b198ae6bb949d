#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=1 timeout=200
#
# tcpstate-tail --ladder on real connections: both ends on this host, each
# segment one arrow, states and segments in the order in which they happened.
# Needs sh, awk, tcp_peer and tcpstate-tail.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

chart=$netns_tmp/chart

armed()
{
	[ "$(counter segments_armed)" = 1 ]
}

# draw ADDRESS PORT HOW: one connection that ends so, and its chart.
draw()
{
	"$tail" --ladder -L "$2" -c 1 --timeout 20 >"$chart" 2>"$chart.err" &
	pid=$!
	wait_for 10 armed || return 1
	"$testbin/tcp_peer" load "$1" "$2" 1 1 "$3" || return 1
	wait "$pid"
	cat "$chart" "$chart.err"
	[ "$(grep -c ' SYN seq 0 ' "$chart")" = 1 ]
}

# in_order PATTERN...: lines of the chart, one after the other.
in_order()
{
	at=0
	for pattern; do
		next=$(awk -v at="$at" -v p="$pattern" 'NR > at && $0 ~ p { print NR; exit }' "$chart")
		[ -n "$next" ] || {
			echo "not in the chart, or not there: $pattern"
			return 1
		}
		at=$next
	done
}

# The client resets: both ends are closed, nothing is left to wait for.
reset()
{
	draw "$1" 8180 reset || return 1
	in_order 'SYN_SENT +\* \(connect\)' '---- SYN seq 0 ' '\(syn\) \* SYN_RECV' \
		'--- SYN,ACK seq 0 ack 1 ' ' RST(,ACK)? seq 1 ' && in_order \
		'ESTABLISHED \* \(syn-ack\)' 'CLOSE +\* \(linger0\)' &&
		in_order '\(ack\).* \* ESTABLISHED' '\(rst\).* \* CLOSE$' &&
		! grep -q 'not seen to arrive' "$chart"
}

# Nobody listens: one SYN, one RST.
refused()
{
	draw "$1" 8181 refused || return 1
	in_order 'SYN_SENT +\* \(connect\)' '---- SYN seq 0 ' '<--- RST,ACK' \
		'CLOSE +\* \(rst\)' && ! grep -q 'SYN,ACK' "$chart"
}

ktap_plan 5
for a in 127.0.0.1 ::1; do
	background "$testbin/tcp_peer" serve $a 8180 >"$netns_tmp/ready.$a"
	wait_for 10 grep -q ready "$netns_tmp/ready.$a"
	check "a connection that is reset: $a" reset $a
	check "a connection that is refused: $a" refused $a
done
check "nobody looks at segments any more" [ "$(counter segments_armed)" = 0 ]
ktap_end

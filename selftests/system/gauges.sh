#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=300
#
# At rest the state gauges equal what ss counts, in every state in which a
# connection can rest, and in every state now = preexisting + entered - left.
# Runs in a network namespace of its own.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
if [ -z "$GAUGES_INSIDE" ]; then
	GAUGES_INSIDE=1 exec unshare -n -- "$0"
fi

. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"
ip link set lo up
states="ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE_WAIT LAST_ACK LISTEN CLOSING"

ss_rows()
{
	ss -Htan | awk '
	BEGIN {
		n = split("'"$states"'", want, " ")
		name["ESTAB"] = "ESTABLISHED"
		name["FIN-WAIT-1"] = "FIN_WAIT1"
		name["FIN-WAIT-2"] = "FIN_WAIT2"
	}
	{ s = $1 in name ? name[$1] : $1; gsub("-", "_", s); count[s]++ }
	END { for (i = 1; i <= n; i++) print want[i], "now", count[want[i]] + 0 }'
}

gauge_rows()
{
	for s in $states; do
		echo "$s now $(counter "state_${s}_now")"
	done
}

equal()
{
	ss_rows >"$netns_tmp/ss"
	gauge_rows >"$netns_tmp/gauge"
	side_by_side ss "$netns_tmp/ss" tcpstate "$netns_tmp/gauge"
}

add_up()
{
	awk '
	/^state_/ {
		state = $1
		sub("^state_", "", state)
		field = state
		sub(".*_", "", field)
		sub("_[a-z]*$", "", state)
		v[state, field] = $2
		seen[state] = 1
	}
	END {
		for (s in seen) {
			n++
			if (v[s, "now"] != v[s, "preexisting"] + v[s, "entered"] - v[s, "left"]) {
				print s, v[s, "now"], v[s, "preexisting"], v[s, "entered"], v[s, "left"]
				bad = 1
			}
		}
		print n, "states"
		exit bad || n != 10
	}' "$PROC/counters"
}

# hold ADDRESS PORT
hold()
{
	background "$testbin/tcp_peer" hold "$1" "$2" 5 >"$netns_tmp/hold.$2"
	wait_for 60 has_line "$netns_tmp/hold.$2" ready
}

all_states_held()
{
	awk '$3 == 0 { print $1; bad = 1 } END { exit bad }' "$netns_tmp/ss"
}

let_go()
{
	for p in $netns_pids; do
		kill "$p"
		wait "$p" 2>/dev/null
	done
	netns_pids=
	wait_for 60 tcp_idle
}

all_zero()
{
	awk '$3 != 0 && $1 != "TIME_WAIT" { print; bad = 1 } END { exit bad }' "$netns_tmp/gauge"
}

ktap_plan 9
check "namespace starts empty" equal
hold 127.0.0.1 9000
ktap_result $? "IPv4 sockets rest in every state"
check "IPv4: gauges = ss" equal
check "every state has sockets" all_states_held
hold ::1 9000
ktap_result $? "IPv6 sockets rest in every state"
check "IPv4 and IPv6: gauges = ss" equal
check "now = preexisting + entered - left" add_up
let_go
check "afterwards: gauges = ss" equal
check "afterwards: nothing but TIME_WAIT" all_zero
ktap_end

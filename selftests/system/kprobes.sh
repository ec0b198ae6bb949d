#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=4 timeout=400
#
# Somebody else has a kprobe and a kretprobe on each function that the module
# hooks, set after its load or before, while connections come and go on all
# CPUs: nothing is missed, all laws hold, and each hook saw as many calls as
# the probe beside it.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/books.sh"
. "$(dirname "$0")/../lib/probes.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"
[ -e $PROBES/kprobe_events ] || ktap_skip_all "this kernel has no kprobe events"
[ -n "$(probes_hooked)" ] || ktap_skip_all "no function is hooked by ftrace"

each=$(scaled 400)
port=7000

cleanup()
{
	probes_clear
	netns_cleanup
	# shellcheck disable=SC2153 # comes from the environment
	[ -d /sys/module/tcpstate ] || insmod "$TCPSTATE_KO"
}
trap cleanup EXIT

readers_are()
{
	[ "$(counter readers_open)" = "$1" ]
}

# Calls seen by each hook: "function hits".
hook_hits()
{
	awk 'NR > 1 && $2 == "ftrace" { print $1, $4 }' "$PROC/hooks" | sort
}

crowds_come()
{
	crowds=
	for seed in 1 2 3; do
		ip netns exec "$ns" "$testbin/tcp_peer" crowd 127.0.0.1 ::1 $port "$each" 30 $seed &
		crowds="$crowds $!"
	done
	crowds_code=0
	for p in $crowds; do
		wait "$p" || crowds_code=1
	done
	return $crowds_code
}

# run NAME: a burst of connections, watched from rest to rest; the results are
# in $dir.
run()
{
	dir=$netns_tmp/$1
	mkdir -p "$dir"
	netns_add ns
	background ip netns exec "$ns" "$tail" --json >"$dir/stream" 2>"$dir/closing"
	reader=$pid
	wait_for 30 readers_are 1 && in_ns "$ns" books_take "$dir/before" || return 1
	hook_hits >"$dir/hooks.before"
	probes_hits >"$dir/probes.before"
	background ip netns exec "$ns" "$testbin/tcp_peer" house $port >"$dir/house"
	house=$pid
	wait_for 30 has_line "$dir/house" ready && crowds_come || return 1
	kill "$house"
	wait "$house" 2>/dev/null
	wait_for 60 in_ns "$ns" tcp_idle || return 1
	# What runs out while it is looked at would be counted here and not there.
	ip netns exec "$ns" ss -HKtn state time-wait >/dev/null
	in_ns "$ns" books_take "$dir/after" || return 1
	probes_hits >"$dir/probes.after"
	hook_hits >"$dir/hooks.after"
	kill -INT "$reader"
	wait "$reader"
}

all_laws()
{
	laws_check --no-loss --stream "$dir/stream" --closing "$dir/closing" \
		--before "$dir/before" --after "$dir/after" >"$dir/laws" || {
		cat "$dir/laws"
		return 1
	}
	tail -n 1 "$dir/laws"
}

nothing_missed()
{
	awk 'NR > 1 { n++; missed += $5 } END { print n, "hooks,", missed + 0, "missed"; exit missed != 0 }' \
		"$PROC/hooks" && [ "$(counter books_exact)" = 1 ]
}

# The calls that a probe had or missed are those that the hook had.
same_calls()
{
	awk '
	FILENAME ~ /probes.before$/ { had[$1] = $2 + $3; next }
	FILENAME ~ /probes.after$/ { calls[$1] = $2 + $3 - had[$1]; missed += $3; next }
	FILENAME ~ /hooks.before$/ { was[$1] = $2; next }
	{
		if (!($1 in calls))
			next
		n++
		sum += calls[$1]
		if ($2 - was[$1] == calls[$1])
			next
		print $1 ": the hook had", $2 - was[$1], "calls, the probe", calls[$1]
		bad = 1
	}
	END {
		print n, "functions,", sum, "calls,", missed + 0, "missed by the probes"
		exit bad || !n || !sum
	}' "$dir/probes.before" "$dir/probes.after" "$dir/hooks.before" "$dir/hooks.after"
}

# before_the_module: the module is loaded when the probes are there already.
before_the_module()
{
	hooked=$(probes_hooked)
	probes_clear && rmmod tcpstate || return 1
	# shellcheck disable=SC2086 # one word each
	probes_set $hooked && insmod "$TCPSTATE_KO" || return 1
	[ "$(probes_hooked)" = "$hooked" ]
}

ktap_plan 10
# shellcheck disable=SC2046 # one word each
check "probes on all hooked functions" probes_set $(probes_hooked)
run after >"$netns_tmp/out" 2>&1
ktap_result $? "connections come and go"
sed 's/^/# /' "$netns_tmp/out"
check "all laws hold" all_laws
check "nothing was missed" nothing_missed
check "each hook had the calls that the probe had" same_calls
check "the same before the module is loaded" before_the_module
run before >"$netns_tmp/out" 2>&1
ktap_result $? "connections come and go again"
sed 's/^/# /' "$netns_tmp/out"
check "all laws hold again" all_laws
check "nothing was missed again" nothing_missed
check "each hook had the calls that the probe had again" same_calls
ktap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=4 timeout=600
#
# CPUs go and come back, one by one and all but one, while connections come and
# go: no transition is lost, each record is read or told as lost, and the books
# are the kernel's.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/books.sh"

cpus=/sys/devices/system/cpu
[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"
[ -w "$cpus/cpu1/online" ] || ktap_skip_all "CPUs cannot be taken away"

each=$(scaled 300)
rounds=3
port=7000

cleanup()
{
	for n in 1 2 3; do
		echo 1 >"$cpus/cpu$n/online"
	done 2>/dev/null
	netns_cleanup
}
trap cleanup EXIT

readers_are()
{
	[ "$(counter readers_open)" = "$1" ]
}

# Through all of them while there is traffic; ends when that does.
plug()
{
	turns=0
	while [ ! -e "$netns_tmp/over" ] || [ "$turns" = 0 ]; do
		for n in 1 2 3; do
			echo 0 >"$cpus/cpu$n/online" || return 1
			cat "$PROC/counters" "$PROC/summary" >/dev/null || return 1
		done
		for n in 3 1 2; do
			echo 1 >"$cpus/cpu$n/online" || return 1
		done
		turns=$((turns + 1))
	done
	echo "each of three CPUs went away and came back $turns times"
}

crowds()
{
	for round in $(seq "$rounds"); do
		peers=
		for seed in 1 2; do
			ip netns exec "$ns" "$testbin/tcp_peer" crowd 127.0.0.1 ::1 "$port" "$each" 30 "$round$seed" &
			peers="$peers $!"
		done
		for p in $peers; do
			wait "$p" || return 1
		done
	done
}

come_and_go()
{
	rm -f "$netns_tmp/over"
	plug >"$netns_tmp/plug" 2>&1 &
	plugger=$!
	crowd_code=0
	crowds || crowd_code=1
	: >"$netns_tmp/over"
	plug_code=0
	wait "$plugger" || plug_code=1
	cat "$netns_tmp/plug"
	[ "$crowd_code" = 0 ] && [ "$plug_code" = 0 ]
}

# In this shell, whose children all of them are; what it says goes to a file.
whole_run()
{
	netns_add ns
	background ip netns exec "$ns" "$tail" --json >"$netns_tmp/stream" 2>"$netns_tmp/closing"
	reader=$pid
	wait_for 30 readers_are 1 && in_ns "$ns" books_take "$netns_tmp/before" || return 1
	background ip netns exec "$ns" "$testbin/tcp_peer" house "$port" >"$netns_tmp/house"
	house=$pid
	wait_for 30 has_line "$netns_tmp/house" ready && come_and_go || return 1
	kill "$house"
	wait "$house" 2>/dev/null
	wait_for 60 in_ns "$ns" tcp_idle || return 1
	# What runs out while it is looked at would be counted here and not there.
	ip netns exec "$ns" ss -HKtn state time-wait >/dev/null
	in_ns "$ns" books_take "$netns_tmp/after" || return 1
	kill -INT "$reader"
	wait "$reader"
}

all_laws()
{
	laws_check --stream "$netns_tmp/stream" --closing "$netns_tmp/closing" \
		--before "$netns_tmp/before" --after "$netns_tmp/after"
}

exact()
{
	[ "$(counter books_exact)" = 1 ]
}

ktap_plan 3
whole_run >"$netns_tmp/out" 2>&1
ktap_result $? "CPUs go and come back under traffic"
sed 's/^/# /' "$netns_tmp/out"
check "all laws hold" all_laws
check "counts are exact" exact
ktap_end

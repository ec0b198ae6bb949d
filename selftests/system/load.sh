#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload cpus=2 turns timeout=600
#
# Coming and going: bad parameters are refused with a word in the log, the
# module loads and unloads under traffic, an open reader keeps it, and nothing
# stays behind.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || exit 1
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing

dev=/dev/tcpstate

# Words in the kernel's own tables that only the loaded module puts there.
traces()
{
	for f in /sys/module/tcpstate /dev/tcpstate "$PROC/summary" /proc/net/tcpstate; do
		[ ! -e "$f" ] || echo "$f is there"
	done
	[ ! -L "$PROC" ] || echo "the link $PROC is there"
	grep -H tcpstate /proc/vmallocinfo /proc/misc /proc/modules /proc/timer_list \
		/sys/kernel/tracing/enabled_functions /sys/kernel/debug/kprobes/list 2>/dev/null
	# A hook of ours would be listed with the function's name alone.
	grep -H '^tcp_connect' /sys/kernel/tracing/enabled_functions 2>/dev/null
}

no_trace_left()
{
	left=$(traces)
	[ -z "$left" ] || {
		echo "$left"
		return 1
	}
}

# refused NAME PARAMETERS: the log names the parameter and what is allowed.
refused()
{
	marker="tcpstate-test $$ $(date +%s%N)"
	echo "$marker" >/dev/kmsg
	# shellcheck disable=SC2086 # parameters are words
	if message=$(insmod "$TCPSTATE_KO" $2 2>&1); then
		rmmod tcpstate
		echo "was loaded"
		return 1
	fi
	echo "$message" | grep -i 'invalid' || {
		echo "not EINVAL: $message"
		return 1
	}
	lines=$(dmesg | sed "1,/$marker/d" | grep 'tcpstate: ' | grep -v taint)
	echo "$lines"
	[ "$(echo "$lines" | wc -l)" = 1 ] || return 1
	echo "$lines" | grep -q "$1.* [0-9].* to [0-9]" || return 1
	no_trace_left
}

# load [PARAMETER]
# shellcheck disable=SC2120
load()
{
	insmod "$TCPSTATE_KO" "$@" && [ -c /dev/tcpstate ] && [ -r "$PROC/summary" ]
}

unload()
{
	wait_for 30 rmmod tcpstate && no_trace_left
}

in_use()
{
	exec 3<"$dev"
	if message=$(rmmod tcpstate 2>&1); then
		echo "was removed"
		return 1
	fi
	echo "$message"
	cat "$PROC/readers"
	exec 3<&-
}

readers_limited()
{
	exec 3<"$dev" 4<"$dev"
	if message=$( (exec 5<"$dev") 2>&1); then
		echo "a third reader was let in"
		return 1
	fi
	echo "$message"
	exec 4<&-
	exec 4<"$dev"
	reopened=$?
	exec 3<&- 4<&-
	return "$reopened"
}

# Sockets older than the module, then their end: no gauge may stay off zero.
older_sockets()
{
	background "$testbin/tcp_peer" hold 127.0.0.1 9100 3 >"$netns_tmp/hold"
	wait_for 60 has_line "$netns_tmp/hold" ready || return 1
	load || return 1
	kill "$pid"
	wait "$pid" 2>/dev/null
	wait_for 60 tcp_idle && wait_for 10 counters_rest
	grep '_preexisting [1-9]' "$PROC/counters" || {
		echo "nothing was adopted"
		return 1
	}
	# What sits in TIME_WAIT stays for a minute.
	! grep '^state_.*_now -*[1-9]' "$PROC/counters" | grep -v '^state_TIME_WAIT_' || return 1
	[ "$(counter state_TIME_WAIT_now)" = "$(ss -Htan state time-wait | wc -l)" ]
}

# Where the function tracer is not there (or not wanted): kprobes, and then
# nobody claims exact books.
kprobes_instead()
{
	load ftrace=N || return 1
	cat "$PROC/hooks"
	awk '$1 == "tcp_connect" { found = $2 == "kprobe" && $3 == "attached" }
	     END { exit !found }' "$PROC/hooks" || return 1
	[ "$(counter books_exact)" = 0 ] || return 1
	"$testbin/tcp_peer" load 127.0.0.1 9101 5 1 refused || return 1
	transitions >"$netns_tmp/kprobes"
	cat "$netns_tmp/kprobes"
	has_line "$netns_tmp/kprobes" 'CLOSE SYN_SENT 5'
}

traffic_loop()
{
	while [ ! -e "$netns_tmp/stop" ]; do
		for a in 127.0.0.1 ::1; do
			for how in get first reset; do
				"$testbin/tcp_peer" load "$a" 9200 20 2 "$how" || return 1
			done
		done
	done
}

under_traffic()
{
	rounds=6
	rm -f "$netns_tmp/stop"
	"$testbin/tcp_peer" serve 127.0.0.1 9200 >"$netns_tmp/s4" & s4=$!
	"$testbin/tcp_peer" serve ::1 9200 >"$netns_tmp/s6" & s6=$!
	wait_for 30 has_line "$netns_tmp/s4" ready
	wait_for 30 has_line "$netns_tmp/s6" ready
	traffic_loop & loop=$!
	bad=0
	while [ "$rounds" -gt 0 ]; do
		rounds=$((rounds - 1))
		load || bad=1
		wait_for 30 counts_something || bad=1
		if [ $((rounds % 2)) = 0 ]; then
			timeout 20 "$tail" --count 20 >/dev/null 2>"$netns_tmp/tail" || {
				cat "$netns_tmp/tail"
				bad=1
			}
		fi
		unload || bad=1
	done
	: >"$netns_tmp/stop"
	wait "$loop" || bad=1
	kill "$s4" "$s6"
	return "$bad"
}

counts_something()
{
	[ "$(counter records_state)" -gt 20 ]
}

huge=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) / 3))
ktap_plan 19
check "nothing is there at first" no_trace_left
check "recorder_kb=1 is refused" refused recorder_kb recorder_kb=1
check "recorder_kb above a quarter of memory is refused" refused recorder_kb recorder_kb=$huge
check "rare_kb=1 is refused" refused rare_kb rare_kb=1
check "rare_kb above half of the recorder is refused" refused rare_kb "recorder_kb=4096 rare_kb=2049"
check "max_readers=0 is refused" refused max_readers max_readers=0
check "max_readers=1025 is refused" refused max_readers max_readers=1025
check "table_max=1023 is refused" refused table_max table_max=1023
check "table_max=4194305 is refused" refused table_max table_max=4194305
check "loads" load
check "an open reader keeps it" in_use
check "unloads, nothing stays" unload
check "sockets older than the module end at zero" older_sockets
unload
check "loads with max_readers=2" load max_readers=2
check "a third reader is refused" readers_limited
check "unloads again" unload
check "loads with kprobes instead of ftrace" kprobes_instead
check "unloads those too" unload
check "loads and unloads under traffic" under_traffic
ktap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload cpus=4 mem=1536 timeout=900
#
# All laws at once: thousands of connections (twenty thousand, if CHECK_LONG is
# set) of every kind between two network namespaces over a line that loses and reorders packets, on four CPUs,
# with three readers. Nothing is lost; in the end each life is told from its
# beginning to its end, the books of both namespaces equal the kernel's, and no
# entry stays behind.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/books.sh"
. "$(dirname "$0")/../lib/mixed.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
lacks=$(mixed_lacks)
[ -z "$lacks" ] || ktap_skip_all "$lacks"

pairs=4
each=$(scaled 2000)
# Few, so that what is in TIME_WAIT is taken over.
first=32768
last=33567
[ -z "${CHECK_LONG:-}" ] || {
	each=$(scaled 5000)
	last=34767
}
events=state,life,syn-drop,accept-drop,cookie,syn-retransmit,synack-retransmit
events=$events,tw-overflow,ports-exhausted,reset,memory-pressure,segment
books=$netns_tmp/books
readers_pids=

now()
{
	date +%s
}

# As much memory as all of it takes: readers may then be as slow as they are.
load()
{
	[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || return 1
	insmod "$TCPSTATE_KO" recorder_kb=131072 && mixed_up || return 1
	for ns in "$west" "$east"; do
		mixed_sysctl "$ns" ip_local_port_range "$first $last"
		mixed_sysctl "$ns" tcp_tw_reuse 1
	done
	entries=$(counter table_entries)
}

# reads NAME COMMAND...
reads()
{
	file=$netns_tmp/$1
	shift
	background "$@" >"$file" 2>"$file.closing"
	readers_pids="$readers_pids $pid"
}

readers_are()
{
	[ "$(counter readers_open)" = "$1" ]
}

take_both()
{
	in_ns "$west" books_take "$books.west.$1" &&
		in_ns "$east" books_take "$books.east.$1"
}

# One on each side for all events, and one for the lives of both.
start_readers()
{
	reads west ip netns exec "$west" "$tail" --json --event "$events"
	reads east ip netns exec "$east" "$tail" --json --event "$events"
	reads lives "$tail" --json --all-netns --event life
	wait_for 30 readers_are 3 && take_both before
}

stop_readers()
{
	for p in $readers_pids; do
		kill -INT "$p"
	done
	for p in $readers_pids; do
		wait "$p" || return 1
	done
}

# Ends a few connections in all states, now and then.
killer()
{
	port=$first
	while [ ! -e "$netns_tmp/stop" ]; do
		for ns in "$west" "$east"; do
			mixed_kill "$ns" "dport >= :$port and dport < :$((port + 50))"
			mixed_kill "$ns" "sport >= :$port and sport < :$((port + 50))"
			mixed_kill "$ns" state syn-recv
		done
		port=$((port + 50))
		[ "$port" -lt "$last" ] || port=$first
		sleep 1
	done
}

workload()
{
	start=$(now)
	mixed_serve "$pairs" || return 1
	mixed_crowd "$each" 100
	killer >"$netns_tmp/killed" & killer=$!
	code=0
	mixed_wait || code=1
	: >"$netns_tmp/stop"
	wait "$killer"
	mixed_end
	seconds=$(($(now) - start))
	[ "$seconds" -gt 0 ] || seconds=1
	awk '{ n += $1 } END { print n, "ended by ss -K" }' "$netns_tmp/killed"
	echo "$((pairs * each)) connections in $seconds s: $((pairs * each / seconds)) a second"
	return "$code"
}

# What a lost FIN or a peer that is gone leaves is ended, and all but a few in
# TIME_WAIT: if they ran out by the dozen, nothing would be at rest.
come_to_rest()
{
	for ns in "$west" "$east"; do
		wait_for 5 in_ns "$ns" tcp_idle ||
			echo "$(mixed_kill "$ns" exclude time-wait) left over and ended"
		echo "$(mixed_kill "$ns" state time-wait \
			"( sport < :$((last - 4)) and dport < :$((last - 4)) )") ended in TIME_WAIT"
	done
	for ns in "$west" "$east"; do
		wait_for 60 in_ns "$ns" tcp_idle || return 1
	done
	take_both rest
}

gone()
{
	[ -z "$($in ss -Htan)" ]
}

time_wait_ends()
{
	for ns in "$west" "$east"; do
		wait_for 90 in_ns "$ns" gone || return 1
	done
	take_both after
}

# laws OPTION...: only the verdict if all is well.
laws()
{
	laws_check "$@" >"$netns_tmp/laws.$$" || {
		laws_code=$?
		cat "$netns_tmp/laws.$$"
		return "$laws_code"
	}
	tail -n 1 "$netns_tmp/laws.$$"
}

at_rest()
{
	laws --laws books,agrees --before "$books.$1.before" --after "$books.$1.rest"
}

# side_laws SIDE: of its whole story.
side_laws()
{
	laws --complete --no-loss --stream "$netns_tmp/$1" --closing "$netns_tmp/$1.closing" \
		--before "$books.$1.before" --after "$books.$1.after"
}

# Without the number in the stream and times of day, which are the reader's.
what_is_told()
{
	sed 's/"seq":[0-9]*,//; s/"time":"[^"]*",//g'
}

# The reader of all is told the same lives as those of the two sides together.
same_lives()
{
	cat "$netns_tmp/lives.closing"
	grep -h '"event":"life"' "$netns_tmp/west" "$netns_tmp/east" | what_is_told |
		sort >"$netns_tmp/lives.sides"
	what_is_told <"$netns_tmp/lives" | sort >"$netns_tmp/lives.all"
	cmp "$netns_tmp/lives.all" "$netns_tmp/lives.sides" || {
		diff "$netns_tmp/lives.all" "$netns_tmp/lives.sides" | head -n 4
		return 1
	}
	[ -s "$netns_tmp/lives.sides" ] && has_line "$netns_tmp/lives.closing" '^0 events lost'
}

rows()
{
	$in cat "$PROC/transitions"
}

no_unknown()
{
	! in_ns "$1" rows | grep unknown
}

entries_are()
{
	[ "$(counter table_entries)" = "$1" ]
}

no_entry_left()
{
	wait_for 30 entries_are "$entries" || {
		echo "$(counter table_entries) entries, $entries at first"
		return 1
	}
}

figures()
{
	for name in table_size table_full recorder_records recorder_unrecorded; do
		echo "$name $(counter "$name")"
	done
	for ns in "$west" "$east"; do
		in_ns "$ns" rows
	done | awk '$1 != "old" { n[$1 " " $2 " " $3] += $4 } END { for (k in n) print k, n[k] }' |
		sort
	[ "$(counter table_full)" = 0 ] && [ "$(counter recorder_unrecorded)" = 0 ]
}

# step NAME COMMAND...: like check, for what sets variables or starts processes.
step()
{
	step_name=$1
	step_code=0
	step_start=$(now)
	shift
	"$@" >"$netns_tmp/step" 2>&1 || step_code=$?
	sed 's/^\(# \)*/# /' "$netns_tmp/step"
	echo "# $(($(now) - step_start)) s"
	ktap_result "$step_code" "$step_name"
}

ktap_plan 15
step "loads, and the line is there" load
step "readers" start_readers
step "mixed traffic" workload
step "comes to rest" come_to_rest
check "west: books and kernel at rest" at_rest west
check "east: books and kernel at rest" at_rest east
step "TIME_WAIT ends" time_wait_ends
step "readers end" stop_readers
check "all told the same lives" same_lives
step "west: all laws" side_laws west
step "east: all laws" side_laws east
check "west: no unknown cause" no_unknown "$west"
check "east: no unknown cause" no_unknown "$east"
check "no entry is left" no_entry_left
check "room for all" figures
ktap_end

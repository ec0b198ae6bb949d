#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload cpus=2 mem=2048 turns timeout=600
#
# Nobody can make the sections long for which the module keeps others waiting:
# chosen cookies do not meet in one bucket, one socket that lives again and again
# does not fill one, a reader's walk shows each listener once however many they
# are, and who may not see a result causes no walk.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || exit 1
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing

# value NAME: of the initial namespace
value()
{
	sed -n "s/^$1 //p" "$PROC/counters"
}

# value_of NETNS NAME
value_of()
{
	ip netns exec "$1" sed -n "s/^$2 //p" "$PROC/counters"
}

# is WHAT VALUE SHOULD
is()
{
	[ "$2" = "$3" ] || {
		echo "$1 is $2, not $3"
		return 1
	}
}

# A table as small as can be has 2^12 buckets.
load()
{
	insmod "$TCPSTATE_KO" table_max=1024 listeners_max=4096
}

# Each of them has an entry; that many in one bucket would be deep.
chosen()
{
	background "$testbin/meet" chosen 12 40 >"$netns_tmp/out" 2>&1
	wait_for 100 grep -q ready "$netns_tmp/out" || return 1
	entries=$(value table_entries)
	deepest=$(value table_deepest)
	kill "$pid"
	wait "$pid"
	[ "$entries" -ge 40 ] || is entries "$entries" "40 or more"
	is table_deepest "$deepest" 0
}

# rows NETNS COOKIE: how many connections have the cookie
rows()
{
	ip netns exec "$1" cat "$PROC/connections" | grep -c "^$2 "
}

# It fills its part of a bucket, says so, and nobody else's books suffer.
again()
{
	cookie=$(ip netns exec "$one" "$testbin/meet" again 100) || return 1
	is "entries of one cookie" "$(rows "$one" "$cookie")" 64 || return 1
	echo "refused $(value_of "$one" untracked_crowded) times, deepest $(value table_deepest)"
	[ "$(value_of "$one" untracked_crowded)" -gt 0 ] || return 1
	is "books_exact of the other" "$(value_of "$other" books_exact)" 1 || return 1
	is "books_exact" "$(value_of "$one" books_exact)" 0 || return 1
	is TIME_WAIT "$(value_of "$one" state_TIME_WAIT_now)" 100
}

listeners()
{
	# shellcheck disable=SC3045 # dash has it
	(ulimit -n 65536 && ip netns exec "$one" "$testbin/meet" listeners "$1" "$PROC/listeners")
}

# Neither a reader's buffer nor his pace changes what is shown.
same()
{
	background ip netns exec "$one" "$testbin/meet" chosen 1 300 >"$netns_tmp/out" 2>&1
	wait_for 100 grep -q ready "$netns_tmp/out" || return 1
	for size in 1 100 4096 1000000; do
		ip netns exec "$one" dd if="$PROC/listeners" bs="$size" status=none |
			cut -d ' ' -f 1-8 | cksum
		ip netns exec "$one" dd if="$PROC/connections" bs="$size" status=none |
			cut -d ' ' -f 1-5 | cksum
	done | sort | uniq -c >"$netns_tmp/sums"
	kill "$pid"
	wait "$pid"
	cat "$netns_tmp/sums"
	is "different contents" "$(wc -l <"$netns_tmp/sums")" 2
}

# visits UID: how often a group of the table was looked at for a reader
visits()
{
	echo tcps_table_visit >/sys/kernel/tracing/set_ftrace_filter &&
		echo function >/sys/kernel/tracing/current_tracer || return 1
	echo >/sys/kernel/tracing/trace
	for file in summary connections counters listeners memory transitions dwell hooks readers; do
		setpriv --reuid "$1" --clear-groups cat "$PROC/$file" >"$netns_tmp/text" 2>&1
	done
	grep -c 'tcps_table_visit' /sys/kernel/tracing/trace
	echo nop >/sys/kernel/tracing/current_tracer
	echo >/sys/kernel/tracing/set_ftrace_filter
}

no_walk()
{
	[ "$(visits 0)" -gt 0 ] || {
		echo "the walk of root is not seen"
		return 1
	}
	is "groups visited for nobody" "$(visits 65534)" 0
}

load || exit 1
netns_add one
netns_add other
ktap_plan 5
check "chosen cookies do not meet" chosen
check "one socket that lives again and again has its part of a bucket" again
check "10,000 listeners on one port are shown, each once, while others come and go" listeners 10000
check "what is shown does not depend on how it is read" same
check "who may not see what comes of it causes no walk" no_walk
rmmod tcpstate || exit 1
ktap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload module=test cpus=2 timeout=600
#
# The tests themselves: for each law a module is loaded that breaks it now and
# then, by a fault built into it, and whatever checks that law must say so. Must
# not know how the checks work.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"
. "$(dirname "$0")/../lib/compare.sh"
. "$(dirname "$0")/../lib/books.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || exit 1
modinfo -F parm "$TCPSTATE_KO" | grep -q '^test_break:' ||
	ktap_skip_all "the module is no test build"

some=$(scaled 150)
table_max=1024

nothing_pending()
{
	awk 'NR > 1 && $NF { exit 1 }' "$PROC/readers"
}

# recorded = delivered + filtered + lost + pending, for every reader.
readers_add_up()
{
	awk 'NR > 1 { n++; print; if ($6 != $7 + $8 + $9 + $10) bad++ }
	     END { exit bad || !n }' "$netns_tmp/readers"
}

# Connections of both families, watched by one reader of all that is recorded.
watch_load()
{
	background "$tail" --json >"$netns_tmp/stream" 2>"$netns_tmp/closing"
	reader=$pid
	wait_for 30 readers_are_open 1 || return 1
	server_start 8180 || return 1
	books_take "$netns_tmp/before"
	for a in 127.0.0.1 ::1; do
		"$testbin/tcp_peer" load "$a" 8180 "$some" 2 first
		"$testbin/tcp_peer" load "$a" 8180 "$some" 2 reset
	done
	wait_for 30 counters_rest
	wait_for 30 nothing_pending
	books_take "$netns_tmp/after"
	cat "$PROC/readers" >"$netns_tmp/readers"
	server_stop
	kill -INT "$reader"
	wait "$reader"
}

# laws_say LAW: what the checker finds; 1 if it finds something.
laws_say()
{
	laws_check --laws "$1" --stream "$netns_tmp/stream" --closing "$netns_tmp/closing" \
		--before "$netns_tmp/before" --after "$netns_tmp/after" \
		>"$netns_tmp/laws.$1" 2>&1
	laws_code=$?
	[ "$1" != loss ] || readers_add_up || laws_code=1
	grep -v ': ok  ' "$netns_tmp/laws.$1" | head -n 12
	return "$laws_code"
}

# The checker must find a violation, and only that (2 is bad input).
law_is_missed()
{
	laws_say "$1"
	[ "$laws_code" = 1 ]
}

law_holds()
{
	laws_say "$1"
}

# More connections than the table has room for, in TIME_WAIT at the end.
table_is_bounded()
{
	server_start 8180 || return 1
	"$testbin/tcp_peer" load 127.0.0.1 8180 $((table_max + table_max / 4)) 2 first
	server_stop
	echo "entries $(counter table_entries), at most $table_max, full $(counter table_full)"
	[ "$(counter table_entries)" -le "$table_max" ]
}

table_is_not_bounded()
{
	! table_is_bounded
}

link_left()
{
	[ -L "$PROC" ]
}

no_link_left()
{
	! link_left
}

trap 'trace_stop 2>/dev/null; netns_cleanup' EXIT
ktap_plan 12

insmod "$TCPSTATE_KO"
watch_load
for law in chain books agrees loss; do
	check "nothing broken: $law" law_holds $law
done
rmmod tcpstate
check "nothing broken: no trace" no_link_left

broken=0
for law in chain books agrees loss; do
	broken=$((broken + 1))
	insmod "$TCPSTATE_KO" test_break=$broken
	watch_load
	check "broken on purpose: $law" law_is_missed $law
	rmmod tcpstate
done

insmod "$TCPSTATE_KO" table_max=$table_max
check "nothing broken: bounds" table_is_bounded
rmmod tcpstate
insmod "$TCPSTATE_KO" test_break=5 table_max=$table_max
check "broken on purpose: bounds" table_is_not_bounded
rmmod tcpstate
# The last one, because what is left behind stays.
insmod "$TCPSTATE_KO" test_break=6
rmmod tcpstate
check "broken on purpose: no trace" link_left
ktap_end

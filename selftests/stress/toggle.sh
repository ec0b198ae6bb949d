#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload cpus=4 mem=1536 timeout=1200
#
# Recording is switched off and on again, dozens of times (hundreds, if CHECK_LONG
# is set), while connections of every kind come and go as fast as they can, and others rest in every state. As
# soon as the traffic pauses, the books of each network namespace equal ss, the
# file of connections has each of them once, and the books are exact. When all
# TIME_WAITs have run their time none is left in the books either. What the
# stream tells meanwhile is connected, as far as it goes.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/books.sh"
. "$(dirname "$0")/../lib/mixed.sh"
. "$(dirname "$0")/../lib/rest.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
lacks=$(mixed_lacks)
[ -z "$lacks" ] || ktap_skip_all "$lacks"
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || exit 1
insmod "$TCPSTATE_KO" || exit 1
switch=/sys/module/tcpstate/parameters/enable
trap 'netns_cleanup; wait_for 60 rmmod tcpstate' EXIT

rounds=1
toggles=60
load=2000
[ -z "${CHECK_LONG:-}" ] || {
	rounds=2
	toggles=120
	load=4000
}
[ "$slow" -le 1 ] || toggles=20

# rush NAMESPACE ADDRESS HOW: short connections as fast as they can be made.
rush()
{
	background ip netns exec "$1" "$testbin/tcp_peer" load "$2" 9100 $load 4 "$3" \
		>>"$netns_tmp/rush" 2>&1
	rushes="$rushes $pid"
}

rush_serve()
{
	background ip netns exec "$west" "$testbin/tcp_peer" serve "$1" 9100 \
		>"$netns_tmp/serve.$1"
	wait_for 30 has_line "$netns_tmp/serve.$1" ready
}

traffic()
{
	rest_traffic 65536 && rush_serve 127.0.0.1 && rush_serve ::1 && mixed_crowd 0 15
}

rush_is_over()
{
	for rush_pid in $rushes; do
		! kill -0 "$rush_pid" 2>/dev/null || return 1
	done
}

# Until it has been done often enough and nobody rushes any more.
toggle()
{
	done=0
	while :; do
		if rush_is_over; then
			[ $done -lt $toggles ] || return 0
			rushes=
			rush "$west" 127.0.0.1 get
			rush "$west" ::1 first
			made=$((made + 2 * load))
		fi
		echo 0 >$switch && echo 1 >$switch || return 1
		done=$((done + 1))
		total=$((total + 1))
	done
}

# All namespaces, at one moment of rest each: TIME_WAITs may have to run out first.
all_match()
{
	for ns in "$west" "$east" "$mute"; do
		tries=300
		until rest_look "$ns" "$netns_tmp/look.$ns"; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || {
				echo "$ns does not come to rest"
				return 1
			}
			sleep 0.3
		done
		rest_matches "$netns_tmp/look.$ns" || {
			echo "in $ns, after $total toggles"
			return 1
		}
		grep -q '^books_exact 1' "$netns_tmp/look.$ns/counters" || {
			echo "the books of $ns are not exact"
			return 1
		}
	done
}

one_round()
{
	toggle || return 1
	mixed_signal STOP
	code=0
	all_match || code=1
	mixed_signal CONT
	return $code
}

# Some of what happens, from the first toggle on.
listen()
{
	background "$tail" --json --wide --all-netns --event state,life -c 30000 \
		>"$netns_tmp/stream" 2>"$netns_tmp/closing"
	reader=$pid
	reader_is_open() { [ "$(counter readers_open)" -ge 1 ]; }
	wait_for 60 reader_is_open
}

# In this shell, whose child the reader is: elsewhere nobody can wait for it.
listening_ends()
{
	kill -INT "$reader" 2>/dev/null
	reader_code=0
	wait "$reader" || reader_code=$?
}

is_connected()
{
	gaps=$(grep -c '"event":"lost"' "$netns_tmp/stream")
	echo "$(wc -l <"$netns_tmp/stream") lines, $gaps of them gaps; the reader ended with $reader_code"
	cat "$netns_tmp/closing"
	laws_check --laws chain --preexisting-ok --untracked-ok --some-lives \
		--stream "$netns_tmp/stream" >"$netns_tmp/laws" && [ "$reader_code" = 0 ] &&
		[ "$gaps" -ge 5 ] && return
	cat "$netns_tmp/laws"
	# All that was told of the first one.
	cookie=$(sed -n '/ cookie /{s/.* cookie \([0-9]*\) .*/\1/p;q;}' "$netns_tmp/laws")
	[ -z "$cookie" ] || grep -e "\"cookie\":$cookie," -e '"event":"lost"' "$netns_tmp/stream" |
		grep -B 1 -A 1 "\"cookie\":$cookie," | head -n 20
	return 1
}

all_rounds()
{
	total=0
	made=0
	rushes=
	round=0
	while [ $round -lt $rounds ]; do
		round=$((round + 1))
		one_round || return 1
	done
	echo "$total toggles, $made connections made in the rush"
}

# ss_time_waits: of both sides, as ss counts them.
no_time_waits()
{
	for ns in "$west" "$east"; do
		[ "$(ip netns exec "$ns" ss -Htan state time-wait | wc -l)" = 0 ] || return 1
	done
}

nothing_stays()
{
	wait_for 150 no_time_waits || return 1
	all_match
}

ktap_plan 4
traffic >"$netns_tmp/out" 2>&1
ktap_result $? "traffic in three namespaces"
sed 's/^/# /' "$netns_tmp/out"
listen
all_rounds >"$netns_tmp/out" 2>&1
code=$?
sed 's/^/# /' "$netns_tmp/out"
ktap_result "$code" "whenever it is switched on the books are right again"
listening_ends
check "what was told is connected" is_connected
mixed_signal STOP
check "every TIME_WAIT ends" nothing_stays
mixed_signal CONT
mixed_end
ktap_end

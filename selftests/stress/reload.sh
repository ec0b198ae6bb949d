#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload cpus=4 mem=1536 turns timeout=1200
#
# Coming and going in the middle of it: the module is loaded and unloaded again
# and again while connections of every kind come and go in two network
# namespaces, and others rest there in every state. After each load, as soon as
# the traffic pauses, the books of each namespace equal ss, and the file of
# connections has each of them once; after each unload nothing is left.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154,SC2016,SC2015 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/books.sh"
. "$(dirname "$0")/../lib/mixed.sh"
. "$(dirname "$0")/../lib/rest.sh"
. "$(dirname "$0")/../lib/leftovers.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
lacks=$(mixed_lacks)
[ -z "$lacks" ] || ktap_skip_all "$lacks"
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || exit 1
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing

rounds=8
[ -z "${CHECK_LONG:-}" ] || rounds=20
[ "$slow" -le 1 ] || rounds=4
# More would run out so fast that nothing is ever at rest.
time_waits=60
seen=$netns_tmp/seen
: >"$seen"

traffic()
{
	rest_traffic $time_waits && mixed_crowd 0 15
}

# Which states older connections were found in, in which family.
note_seen()
{
	awk 'FNR > 1 && $NF ~ /^0x[0-9a-f]*[2367abef][0-9a-f]$/ {
		print $4, $5, ($7 ~ /^\[/ ? "IPv6" : "IPv4")
	}' "$1/connections" >>"$seen"
}

# All namespaces, at one moment of rest each.
all_match()
{
	for ns in "$west" "$east" "$mute"; do
		tries=30
		until rest_look "$ns" "$netns_tmp/look.$ns"; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || {
				echo "$ns does not come to rest"
				return 1
			}
		done
		rest_matches "$netns_tmp/look.$ns" || {
			echo "in $ns, round $round"
			return 1
		}
		note_seen "$netns_tmp/look.$ns"
	done
}

goes_on()
{
	[ "$(counter recorder_records)" -gt $((records + 200)) ]
}

# Somebody who comes late follows from the connections that are alive. Until the
# tool has come up SIGINT is ignored, as for all that the shell has in the background.
reader_comes()
{
	background "$tail" --json --wide --all-netns --live >"$netns_tmp/stream" \
		2>"$netns_tmp/closing"
	reader=$pid
	wait_for 60 test -s "$netns_tmp/stream"
}

reader_goes()
{
	kill -INT "$reader"
	wait "$reader" || {
		cat "$netns_tmp/closing"
		return 1
	}
	laws_check --laws chain,loss --no-loss --preexisting-ok --stream "$netns_tmp/stream" \
		--closing "$netns_tmp/closing" >"$netns_tmp/laws" || {
		cat "$netns_tmp/laws"
		return 1
	}
}

# Every second time the traffic stands still while the kernel's text changes.
one_round()
{
	code=0
	[ $((round % 2)) != 0 ] || mixed_signal STOP
	timeout 120 insmod "$TCPSTATE_KO" recorder_kb=65536 || {
		echo "insmod ended with $? in round $round"
		mixed_signal CONT
		return 1
	}
	mixed_signal STOP
	all_match || code=1
	mixed_signal CONT
	records=$(counter recorder_records)
	[ $((round % 4)) != 0 ] || reader_comes || {
		echo "no reader in round $round"
		return 1
	}
	wait_for 30 goes_on || {
		echo "nothing was recorded in round $round"
		code=1
	}
	[ $((round % 4)) != 0 ] || reader_goes || code=1
	[ $((round % 2)) != 0 ] || mixed_signal STOP
	wait_for 60 rmmod tcpstate && nothing_left || {
		echo "rmmod failed, or something was left, in round $round"
		code=1
	}
	mixed_signal CONT
	return "$code"
}

all_rounds()
{
	round=0
	while [ $round -lt $rounds ]; do
		round=$((round + 1))
		# What shows in the log where it stood if the machine hangs.
		echo "tcpstate-test: round $round" >/dev/kmsg
		one_round || return 1
	done
	echo "$round rounds"
}

every_state()
{
	sort "$seen" | uniq -c
	for s in LISTEN SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE_WAIT \
		LAST_ACK CLOSING; do
		for f in IPv4 IPv6; do
			grep -q "^$s .* $f" "$seen" || {
				echo "no older connection in $s, $f"
				return 1
			}
		done
	done
	grep -q ' request ' "$seen" && grep -q ' timewait ' "$seen"
}

ktap_plan 5
check "nothing is there at first" nothing_left
traffic >"$netns_tmp/out" 2>&1
ktap_result $? "traffic in three namespaces"
sed 's/^/# /' "$netns_tmp/out"
all_rounds >"$netns_tmp/out" 2>&1
code=$?
sed 's/^/# /' "$netns_tmp/out"
ktap_result "$code" "each load finds all, each unload leaves nothing"
check "older connections were found in every state" every_state
mixed_end
check "nothing is left at last" nothing_left
ktap_end

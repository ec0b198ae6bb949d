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
. "$(dirname "$0")/../lib/leftovers.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
lacks=$(mixed_lacks)
[ -z "$lacks" ] || ktap_skip_all "$lacks"
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || exit 1
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing

rounds=20
[ "$slow" -le 1 ] || rounds=4
# More would run out so fast that nothing is ever at rest.
time_waits=60
seen=$netns_tmp/seen
: >"$seen"

# hold NAMESPACE ADDRESS: sockets that rest in every state of a full socket.
hold()
{
	background ip netns exec "$1" "$testbin/tcp_peer" hold "$2" 9000 2 \
		>"$netns_tmp/hold.$1.$2"
	wait_for 60 has_line "$netns_tmp/hold.$1.$2" ready
}

# knock ADDRESS: half-open connections in the east, whose SYN-ACKs get lost.
knock()
{
	background ip netns exec "$mute" "$testbin/tcp_peer" knock "$1" $mixed_port 5 \
		>"$netns_tmp/knock.$1"
	wait_for 30 has_line "$netns_tmp/knock.$1" ready
}

hardware_address()
{
	ip -n "$1" link show "$2" | sed -n 's,.*link/ether \([0-9a-f:]*\).*,\1,p'
}

# A third namespace that hears nothing: it has to know all addresses.
mute_line()
{
	netns_add mute
	ip link add deaf netns "$mute" type veth peer name deaf netns "$east" || return 1
	there=$(hardware_address "$east" deaf)
	here=$(hardware_address "$mute" deaf)
	for side in "$mute 1 2 $there" "$east 2 1 $here"; do
		# shellcheck disable=SC2086 # words
		set -- $side
		ip -n "$1" addr add "10.78.0.$2/24" dev deaf &&
			ip -n "$1" addr add "fd78::$2/64" dev deaf nodad &&
			ip -n "$1" link set deaf up &&
			ip -n "$1" neigh add "10.78.0.$3" lladdr "$4" dev deaf &&
			ip -n "$1" neigh add "fd78::$3" lladdr "$4" dev deaf || return 1
	done
	mixed_sysctl "$mute" tcp_syn_retries 20
	mixed_sysctl "$east" tcp_synack_retries 20
	mixed_netem "$east" deaf loss 100%
}

has_half_open()
{
	[ "$(ip netns exec "$east" ss -Htan state syn-recv "( sport = :$mixed_port )" |
		grep -c '78[.:]')" -ge 10 ]
}

traffic()
{
	mixed_up && mute_line || return 1
	for ns in "$west" "$east"; do
		mixed_sysctl "$ns" tcp_max_tw_buckets $time_waits
		hold "$ns" 127.0.0.1 && hold "$ns" ::1 || return 1
	done
	mixed_serve 2 && knock 10.78.0.2 && knock fd78::2 &&
		wait_for 30 has_half_open || return 1
	mixed_crowd 0 15
}

# look NAMESPACE DIR: all that is to be compared; fails if it changed meanwhile.
look()
{
	mkdir -p "$2"
	# shellcheck disable=SC2016 # expanded by that shell
	ip netns exec "$1" sh -c '
		cat /proc/net/tcpstate/transitions >"$1/first"
		cat /proc/net/tcpstate/counters >"$1/counters"
		cat /proc/net/tcpstate/connections >"$1/connections"
		ss -Htane >"$1/ss" 2>/dev/null
		cat /proc/net/tcpstate/transitions >"$1/last"' sh "$2"
	cmp -s "$2/first" "$2/last"
}

# matches DIR: counters and connections against ss.
matches()
{
	awk '
	function decimal(hex,   i, n) {
		for (i = 1; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return n
	}
	BEGIN {
		split("LISTEN SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE_WAIT LAST_ACK CLOSING", states, " ")
		name["ESTAB"] = "ESTABLISHED"
		name["FIN-WAIT-1"] = "FIN_WAIT1"
		name["FIN-WAIT-2"] = "FIN_WAIT2"
	}
	FILENAME ~ /ss$/ {
		s = $1 in name ? name[$1] : $1
		gsub("-", "_", s)
		ss[s]++
		if (match($0, / sk:[0-9a-f]+/))
			cookie[decimal(substr($0, RSTART + 4, RLENGTH - 4))] = s
		else
			bad = bad "\nno cookie: " $0
	}
	FILENAME ~ /counters$/ && $1 ~ /^state_.*_(now|preexisting)$/ {
		s = substr($1, 7)
		kind = s
		sub(/.*_/, "", kind)
		sub(/_[a-z]*$/, "", s)
		book[kind, s] = $2
	}
	FILENAME ~ /connections$/ && FNR > 1 {
		listed[$4]++
		if (times[$1]++)
			bad = bad "\ntwice: " $0
		if (cookie[$1] != $4)
			bad = bad "\nss says " cookie[$1] ": " $0
	}
	END {
		for (i = 1; i in states; i++) {
			s = states[i]
			line = sprintf("%-12s ss %4d  now %4d  connections %4d  preexisting %4d", \
				s, ss[s], book["now", s], listed[s], book["preexisting", s])
			if (ss[s] != book["now", s] || ss[s] != listed[s])
				bad = bad "\n" line "  <-- differs"
			else
				good = good "\n" line
		}
		for (c in cookie)
			if (!(c in times))
				bad = bad "\nnot among the connections: " c " " cookie[c]
		if (bad)
			print substr(good bad, 2)
		exit bad != ""
	}' "$1/ss" "$1/counters" "$1/connections"
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
		until look "$ns" "$netns_tmp/look.$ns"; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || {
				echo "$ns does not come to rest"
				return 1
			}
		done
		matches "$netns_tmp/look.$ns" || {
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

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=300
#
# Segments and the firewall: what a rule drops or rejects on its way in never
# reached the socket, what it drops on its way out never left, and where NAT
# changes addresses the records have those of the connection.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"
command -v nft >/dev/null || ktap_skip_all "nft is not installed"
netns_add ns
ip netns exec "$ns" nft list ruleset >/dev/null 2>&1 ||
	ktap_skip_all "the kernel has no nf_tables"

# counts NAME...: the counters segments_NAME of the namespace, in a row.
counts()
{
	ip netns exec "$ns" cat $PROC/counters | awk -v names="$*" '
		{ value[$1] = $2 }
		END { n = split(names, name); while (i++ < n) printf "%d ", value["segments_" name[i]] }'
}

# differ NAME...: by how much they grew since $before.
differ()
{
	# shellcheck disable=SC2086,SC2046 # numbers
	set -- $before -- $(counts out_syn in_syn out_synack in_synack out_rst in_rst)
	echo $(($8 - $1)) $(($9 - $2)) $((${10} - $3)) $((${11} - $4)) $((${12} - $5)) $((${13} - $6))
}

is_armed()
{
	[ "$(counts armed)" = "1 " ]
}

# rules TEXT: these and no others.
rules()
{
	printf 'flush ruleset\n%s\n' "$1" | ip netns exec "$ns" nft -f -
}

# table FAMILY CHAIN RULE: one chain at its hook.
table()
{
	echo "table $1 t { chain $2 { type filter hook $2 priority filter; $3; }; }"
}

# None is on its way: what comes of one attempt is over before the next.
none_open()
{
	[ -z "$(ip netns exec "$ns" ss -Htn state syn-sent state syn-recv)" ]
}

# One attempt that is given up after a SYN or two, or refused.
attempt()
{
	wait_for 30 none_open || return 1
	ip netns exec "$ns" nc -w 1 "$1" "$2" </dev/null
	true
}

# One connection that is served, however long that takes.
served()
{
	wait_for 30 none_open || return 1
	ip netns exec "$ns" "$testbin/tcp_peer" load "$1" "$2" 1 1 get
}

# passes HOW ADDRESS EXPECTED...: an attempt, or a connection that is served, while
# rules are in force; EXPECTED are out and in of SYN, SYN-ACK and RST, each a
# number or + for at least one.
passes()
{
	how=$1
	address=$2
	shift 2
	wait_for 30 none_open || return 1
	before=$(counts out_syn in_syn out_synack in_synack out_rst in_rst)
	"$how" "$address" 9500 || return 1
	seen=$(differ)
	echo "out and in of SYN, SYN-ACK, RST: $seen"
	for number in $seen; do
		case $1 in
		+) [ "$number" -gt 0 ] || return 1 ;;
		*) [ "$number" = "$1" ] || return 1 ;;
		esac
		shift
	done
}

# The stream says what the counters say.
as_counted()
{
	all=$(counts out_syn in_syn out_synack in_synack out_fin in_fin out_rst in_rst)
	sum=0
	for number in $all; do
		sum=$((sum + number))
	done
	echo "$sum counted, $(wc -l <"$netns_tmp/stream") recorded"
	[ "$(wc -l <"$netns_tmp/stream")" = "$sum" ]
}

# nat ADDRESS: connected to another port than the client asked for.
nat()
{
	rules "table inet n { chain output { type nat hook output priority -100;
		tcp dport 9501 redirect to :9500; }; }" || return 1
	served "$1" 9501 || return 1
	wait_for 10 as_counted
	# SYN out, SYN-ACK in, at least one FIN out: not as the packets have it.
	grep "\"raddr\":\"$1\",\"rport\":9501," "$netns_tmp/stream" >"$netns_tmp/nat"
	echo "segments of the client's connection: $(wc -l <"$netns_tmp/nat")"
	! grep '"cookie":0,' "$netns_tmp/nat" && [ "$(wc -l <"$netns_tmp/nat")" -ge 3 ]
}

background ip netns exec "$ns" "$tail" --json --event segment >"$netns_tmp/stream" 2>"$netns_tmp/err"
wait_for 30 is_armed
ip netns exec "$ns" sysctl -qw net.ipv4.tcp_synack_retries=0
ktap_plan 24
ktap_result $? "armed by the tool"
for address in 127.0.0.1 ::1; do
	background ip netns exec "$ns" "$testbin/tcp_peer" serve $address 9500
	server=$pid
	wait_for 30 in_ns "$ns" listening $address 9500
	rules ""
	check "$address: no rule" passes served $address 1 1 1 1 0 0
	rules "$(table inet input 'tcp dport 9500 drop')"
	check "$address: dropped on its way in" passes attempt $address + 0 0 0 0 0
	rules "$(table inet input 'tcp dport 9500 reject with tcp reset')"
	check "$address: rejected on its way in" passes attempt $address + 0 0 0 + +
	rules "$(table inet input 'tcp sport 9500 drop')"
	check "$address: answers dropped on their way in" passes attempt $address + + + 0 0 0
	rules "$(table inet output 'tcp dport 9500 drop')"
	check "$address: dropped on its way out" passes attempt $address 0 0 0 0 0 0
	rules "$(table inet output 'tcp dport 9500 reject with tcp reset')"
	check "$address: rejected on its way out" passes attempt $address 0 0 0 0 + +
	rules "$(table inet output 'tcp sport 9500 drop')"
	check "$address: answers dropped on their way out" passes attempt $address + + 0 0 0 0
	rules "table inet c { chain input { type filter hook input priority 0; ct state invalid drop; }; }"
	check "$address: with conntrack" passes served $address 1 1 1 1 0 0
	check "$address: with NAT the addresses of the connection" nat $address
	rules ""
	check "$address: recorded as counted" wait_for 10 as_counted
	check "$address: none was malformed" [ "$(counts malformed bad_options)" = "0 0 " ]
	kill "$server"
	wait "$server" 2>/dev/null
done
check "the tool had nothing to say" [ ! -s "$netns_tmp/err" ]
ktap_end

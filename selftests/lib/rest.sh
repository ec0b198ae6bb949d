# shellcheck shell=sh disable=SC2154,SC2034
# SPDX-License-Identifier: GPL-2.0
#
# Connections that rest in every state, in three network namespaces ($west,
# $east and $mute), and the comparison of the books with them. Sourced after
# ktap.sh, netns.sh and mixed.sh, never run.

# rest_hold NAMESPACE ADDRESS: sockets that rest in every state of a full socket.
rest_hold()
{
	background ip netns exec "$1" "$testbin/tcp_peer" hold "$2" 9000 2 \
		>"$netns_tmp/hold.$1.$2"
	wait_for 60 has_line "$netns_tmp/hold.$1.$2" ready
}

# rest_knock ADDRESS: half-open connections in the east, whose SYN-ACKs get lost.
rest_knock()
{
	background ip netns exec "$mute" "$testbin/tcp_peer" knock "$1" "$mixed_port" 5 \
		>"$netns_tmp/knock.$1"
	wait_for 30 has_line "$netns_tmp/knock.$1" ready
}

rest_hardware_address()
{
	ip -n "$1" link show "$2" | sed -n 's,.*link/ether \([0-9a-f:]*\).*,\1,p'
}

# A third namespace that hears nothing: it has to know all addresses.
rest_mute_line()
{
	netns_add mute
	ip link add deaf netns "$mute" type veth peer name deaf netns "$east" || return 1
	there=$(rest_hardware_address "$east" deaf)
	here=$(rest_hardware_address "$mute" deaf)
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

rest_has_half_open()
{
	[ "$(ip netns exec "$east" ss -Htan state syn-recv "( sport = :$mixed_port )" |
		grep -c '78[.:]')" -ge 10 ]
}

# rest_traffic TIME_WAITS: all that rests, and houses that wait for crowds. More
# TIME_WAITs are not let into a namespace.
rest_traffic()
{
	mixed_up && rest_mute_line || return 1
	for ns in "$west" "$east"; do
		mixed_sysctl "$ns" tcp_max_tw_buckets "$1"
		rest_hold "$ns" 127.0.0.1 && rest_hold "$ns" ::1 || return 1
	done
	mixed_serve 2 && rest_knock 10.78.0.2 && rest_knock fd78::2 &&
		wait_for 30 rest_has_half_open
}

# rest_look NAMESPACE DIR: all that is to be compared; fails if it changed meanwhile.
rest_look()
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

# rest_matches DIR: counters and connections against ss.
rest_matches()
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

# shellcheck shell=sh disable=SC2154,SC2034,SC2016
# SPDX-License-Identifier: GPL-2.0
#
# Mixed traffic: two network namespaces, $west and $east, joined by a bad line,
# with houses on both sides and crowds that go to the other side. Sourced after
# ktap.sh and netns.sh, never run.

mixed_port=7000
mixed_crowds=
mixed_houses=

# mixed_side NAMESPACE NUMBER: its end of the line.
mixed_side()
{
	ip -n "$1" addr add "10.77.0.$2/24" dev line &&
		ip -n "$1" addr add "fd77::$2/64" dev line nodad &&
		ip -n "$1" link set line up
}

# mixed_netem NAMESPACE DEVICE RULE...
mixed_netem()
{
	mixed_ns=$1
	mixed_dev=$2
	shift 2
	tc -n "$mixed_ns" qdisc replace dev "$mixed_dev" root netem limit 10000 "$@"
}

# mixed_sysctl NAMESPACE NAME VALUE: of net.ipv4.
mixed_sysctl()
{
	# shellcheck disable=SC2016 # expanded by that shell
	ip netns exec "$1" sh -c 'echo "$2" >"/proc/sys/net/ipv4/$1"' sh "$2" "$3"
}

# What a kernel or a machine may lack, in words; nothing if all is there.
mixed_lacks()
{
	command -v tc >/dev/null || { echo "there is no tc (iproute2)"; return; }
	modprobe -q veth 2>/dev/null
	modprobe -q sch_netem 2>/dev/null
	ip link add mixed0 type veth peer name mixed1 2>/dev/null || {
		echo "this kernel has no veth"
		return
	}
	tc qdisc add dev mixed0 root netem loss 1% 2>/dev/null ||
		echo "this kernel has no netem (sch_netem)"
	ip link del mixed0
}

# mixed_up: makes both sides and the line.
mixed_up()
{
	netns_add west
	netns_add east
	ip link add line netns "$west" type veth peer name line netns "$east" || return 1
	mixed_side "$west" 1 && mixed_side "$east" 2 || return 1
	mixed_netem "$west" line delay 1ms 1ms loss 1.5% reorder 5% 25% &&
		mixed_netem "$east" line delay 1ms 1ms loss 1.5% reorder 5% 25%
}

# mixed_serve PAIRS: houses, by turns in the east and in the west.
mixed_serve()
{
	mixed_pairs=$1
	mixed_n=0
	while [ $mixed_n -lt "$mixed_pairs" ]; do
		mixed_ns=$east
		[ $((mixed_n % 2)) = 0 ] || mixed_ns=$west
		background ip netns exec "$mixed_ns" "$testbin/tcp_peer" house \
			$((mixed_port + 10 * mixed_n)) >"$netns_tmp/house.$mixed_n"
		mixed_houses="$mixed_houses $pid"
		wait_for 30 has_line "$netns_tmp/house.$mixed_n" ready || return 1
		mixed_n=$((mixed_n + 1))
	done
}

# mixed_crowd COUNT AT_ONCE: a crowd for each house, each of COUNT; 0: endless.
mixed_crowd()
{
	mixed_n=0
	while [ $mixed_n -lt "$mixed_pairs" ]; do
		mixed_ns=$west
		mixed_to=2
		[ $((mixed_n % 2)) = 0 ] || { mixed_ns=$east; mixed_to=1; }
		background ip netns exec "$mixed_ns" "$testbin/tcp_peer" crowd \
			"10.77.0.$mixed_to" "fd77::$mixed_to" \
			$((mixed_port + 10 * mixed_n)) "$1" "$2" $((mixed_n + 1)) \
			>"$netns_tmp/crowd.$mixed_n" 2>&1
		mixed_crowds="$mixed_crowds $pid"
		mixed_n=$((mixed_n + 1))
	done
}

# mixed_signal SIGNAL: to crowds and houses.
mixed_signal()
{
	# shellcheck disable=SC2086 # one word each
	kill "-$1" $mixed_crowds $mixed_houses
}

# Waits until the crowds have gone.
mixed_wait()
{
	mixed_code=0
	for p in $mixed_crowds; do
		wait "$p" || mixed_code=1
	done
	mixed_crowds=
	sed 's/^/# crowd: /' "$netns_tmp"/crowd.*
	return $mixed_code
}

# mixed_end: the crowds too, if they are endless.
mixed_end()
{
	for p in $mixed_crowds $mixed_houses; do
		kill "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	mixed_crowds=
	mixed_houses=
}

# mixed_kill SIDE FILTER...: ss -K; prints how many there were.
mixed_kill()
{
	mixed_ns=$1
	shift
	ip netns exec "$mixed_ns" ss -HKtn "$@" 2>/dev/null | wc -l
}

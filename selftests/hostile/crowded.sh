#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 noload timeout=300
#
# A network namespace full of chains of nft, into which no more hooks go: it is
# marked, counted and named, and is nobody else's reason not to see segments.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154,SC2153 # functions are called by check; netns_add sets; the environment
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

command -v nft >/dev/null || ktap_skip_all "there is no nft"
insmod "$TCPSTATE_KO" || ktap_skip_all "the module does not load"

# As many as netfilter takes in one place.
crowd()
{
	{
		echo "table ip crowd {"
		n=0
		while [ $n -lt 1024 ]; do
			echo "chain c$n { type filter hook input priority 0; }"
			n=$((n + 1))
		done
		echo "}"
	} | ip netns exec "$1" nft -f -
}

is_armed()
{
	[ "$($in cat "$PROC/counters" | awk '$1 == "segments_armed" { print $2 }')" = "$1" ]
}

is_failed()
{
	[ "$(counter segments_failed)" = "$1" ]
}

unarmed_are()
{
	[ "$(counter netns_unarmed)" = "$1" ]
}

for_all()
{
	background "$tail" --json --segments --all-netns >/dev/null 2>"$netns_tmp/err"
	echo "$pid" >"$netns_tmp/pid"
	wait_for 60 is_armed 1 || { cat "$netns_tmp/err"; return 1; }
	wait_for 60 in_ns "$free" is_armed 1
}

# It says so where it is, and in the log; E2BIG is 7.
marked()
{
	in_ns "$full" is_armed 0 && in_ns "$full" is_failed 7 &&
		ip netns exec "$full" grep -q 'segments: not seen, error 7' "$PROC/summary" &&
		in_ns "$free" is_failed 0 && unarmed_are 1 || return 1
	inum=$(in_ns "$full" counter netns_inum)
	dmesg | grep "segments of netns $inum are not seen: error 7"
}

newborn()
{
	netns_add newborn
	in_ns "$newborn" is_armed 1
}

own()
{
	! timeout 60 ip netns exec "$full" "$tail" --json --segments -c 1 --timeout 1 2>&1 &&
		unarmed_are 1
}

forgotten()
{
	kill "$(cat "$netns_tmp/pid")"
	wait_for 60 is_armed 0
	wait_for 60 in_ns "$free" is_armed 0
	wait_for 60 unarmed_are 0 && in_ns "$full" is_failed 0
}

from_the_start()
{
	wait_for 60 rmmod tcpstate && insmod "$TCPSTATE_KO" segments=Y || return 1
	is_armed 1 && in_ns "$free" is_armed 1 && in_ns "$full" is_armed 0 && unarmed_are 1
}

gone()
{
	ip netns del "$full"
	wait_for 60 unarmed_are 0
}

netns_add free
netns_add full
crowd "$full" || ktap_skip_all "nft does not take so many chains"
ktap_plan 7
check "who asks for all sees the others" for_all
check "it is marked, counted and named" marked
check "one that comes up is seen" newborn
check "who asks for it alone is told" own
check "nobody asks any more" forgotten
check "from the start by the parameter" from_the_start
check "it goes" gone
rmmod tcpstate
ktap_end

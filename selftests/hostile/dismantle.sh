#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 noload timeout=400
#
# A network namespace whose dismantle is stuck, and namespaces that fail to come
# up: nobody waits for the module because of them, little is kept of the dead
# meanwhile, and nothing in the end.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/stall.sh"

stall_load || ktap_skip_all "there is no module that stalls"
insmod "$TCPSTATE_KO" || ktap_skip_all "the module does not load"

# lived NAME: sets it to a namespace that has seen connections.
lived()
{
	netns_add "$1" || return 1
	ip netns exec "$netns_name" "$testbin/tcp_peer" load 127.0.0.1 9400 20 1 refused
}

# is_gone NUMBER: so many at least; what a test before left may come on top.
is_gone()
{
	[ "$(counter gone_netns)" -ge "$1" ]
}

nothing_kept()
{
	[ "$(counter netns_dying)" = 0 ]
}

# memory_of_the_dead: its counters were added up and freed, stuck or not.
memory_of_the_dead()
{
	wait_for 60 is_gone $((gone + 1)) || return 1
	echo "$(counter netns_dying) is kept"
	stall_holds && [ "$(counter netns_dying)" = 1 ]
}

# come_and_go: for longer than whoever comes late to the dead would wait. Each has
# to come up; none can go.
come_and_go()
{
	born=0
	end=$(($(date +%s) + 12))
	while [ "$(date +%s)" -lt "$end" ] || [ "$born" -lt 5 ]; do
		timeout $((60 * slow)) unshare -n true || return 1
		born=$((born + 1))
	done
	echo "$born namespaces came up"
	echo "$born" >"$netns_tmp/born"
	stall_holds
}

# The dead that the kernel has not begun with are the kernel's.
no_pile()
{
	echo "$(counter netns_dying) are kept"
	[ "$(counter netns_dying)" = 1 ]
}

all_gone()
{
	stall_release
	wait_for 60 is_gone $((gone + 1 + $(cat "$netns_tmp/born"))) && wait_for 60 nothing_kept
}

transitions_kept()
{
	echo "$transitions, then $(counter gone_transitions)"
	[ "$(counter gone_transitions)" -gt "$transitions" ]
}

# Failing to come up, with others that do, and with walks over all of them.
refused()
{
	gone=$(counter gone_netns)
	stall_set refuse Y
	tries=0
	while [ "$tries" -lt 20 ]; do
		! unshare -n true 2>/dev/null || return 1
		tries=$((tries + 1))
	done
	stall_set refuse N
	unshare -n true || return 1
	wait_for 60 is_gone $((gone + 21)) && wait_for 60 nothing_kept
}

is_going()
{
	[ "$(cat /sys/module/tcpstate/initstate 2>/dev/null)" = going ]
}

is_unloaded()
{
	[ ! -d /sys/module/tcpstate ]
}

# Unloading waits, alone.
unload_waits()
{
	lived last || return 1
	stall_set hold Y
	ip netns del "$last"
	wait_for 60 stall_holds || return 1
	rmmod tcpstate >/dev/null 2>&1 &
	wait_for 60 is_going || return 1
	come_and_go && is_going
}

unload_ends()
{
	stall_release
	wait_for 60 is_unloaded
}

ktap_plan 9
lived one
lived two
gone=$(counter gone_netns)
transitions=$(counter gone_transitions)
stall_set hold Y
ip netns del "$one"
wait_for 60 stall_holds
ktap_result $? "a dismantle is stuck"
check "its memory is not kept" memory_of_the_dead
check "namespaces come up beside it" come_and_go
check "nothing piles up" no_pile
check "let go, nothing is left" all_gone
check "what was counted there is not lost" transitions_kept
check "namespaces that fail to come up leave nothing" refused
check "unloading beside a stuck dismantle makes nobody wait" unload_waits
check "let go, it is unloaded" unload_ends
rmmod stall
ktap_end

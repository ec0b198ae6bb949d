# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# What an unloaded module might leave behind. Sourced after ktap.sh, never run.

# leftovers: words in the kernel's own tables that only the loaded module puts
# there. A hook would be listed with the name of the function alone.
leftovers()
{
	for f in /sys/module/tcpstate /dev/tcpstate "$PROC/summary" /proc/net/tcpstate; do
		[ ! -e "$f" ] || echo "$f is there"
	done
	[ ! -L "$PROC" ] || echo "the link $PROC is there"
	grep -H tcpstate /proc/vmallocinfo /proc/misc /proc/modules /proc/timer_list \
		/proc/slabinfo /sys/kernel/tracing/enabled_functions \
		/sys/kernel/debug/kprobes/list 2>/dev/null
	grep -H '^\(tcp_\|inet_\|security_\)' /sys/kernel/tracing/enabled_functions 2>/dev/null
}

# Fails and prints it if there is anything.
nothing_left()
{
	leftovers_found=$(leftovers)
	[ -z "$leftovers_found" ] || {
		echo "$leftovers_found"
		return 1
	}
}

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Network namespaces for shell tests. Sourced after ktap.sh, never run. Each
# namespace made here and each process started by background is gone when the
# script ends.

netns_list=
netns_count=0
netns_pids=
netns_tmp=$(mktemp -d)

netns_cleanup()
{
	for p in $netns_pids; do
		kill "$p" 2>/dev/null
	done
	for p in $netns_pids; do
		wait "$p" 2>/dev/null
	done
	for n in $netns_list; do
		ip netns del "$n" 2>/dev/null
	done
	rm -rf "$netns_tmp"
}
trap netns_cleanup EXIT
trap 'exit 1' INT TERM

# netns_add NAME: sets the variable NAME to the name of a new namespace, also if
# it holds that of another one.
netns_add()
{
	netns_count=$((netns_count + 1))
	netns_name=tcpstate-$$-$netns_count-$1
	ip netns add "$netns_name" || exit 1
	netns_list="$netns_list $netns_name"
	ip -n "$netns_name" link set lo up
	eval "$1=\$netns_name"
}

# background COMMAND...: sets $pid
background()
{
	"$@" &
	pid=$!
	netns_pids="$netns_pids $pid"
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 noload timeout=600
#
# Whoever fills the table of connections or the list of listeners takes nothing
# of the share of others: the victim keeps entries, rows and exact books. The
# one who took too much is told so alone, and is exact again when he has let
# most of it go.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119,SC2154 # functions are called by check; variables are set by them
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

[ -n "$TCPSTATE_KO" ] || ktap_skip_all "there is no module"

# of PID NAME: a counter of the namespace of a process
of()
{
	awk -v name="$2" '$1 == name { print $2 }' "/proc/$1/net/tcpstate/counters"
}

is()
{
	[ "$(of "$1" "$2")" = "$3" ]
}

hogs=0
# hog NAME KIND COUNT UID own|here: sets NAME to its pid
hog()
{
	hogs=$((hogs + 1))
	background "$testbin/hog" "$2" "$3" "$4" "$5" >"$netns_tmp/hog.$hogs"
	eval "$1=$pid"
	wait_for 120 has_line "$netns_tmp/hog.$hogs" ready
}

# Of nobody but those who take too much.
exact()
{
	echo "exact $(of "$1" books_exact) untracked $(of "$1" untracked_now) rows $(of "$1" listeners_unlisted)"
	is "$1" books_exact 1 && is "$1" books_inexact_since_ns 0
}

inexact()
{
	echo "exact $(of "$1" books_exact) untracked $(of "$1" untracked_now) rows $(of "$1" listeners_unlisted)"
	grep '^books:' "/proc/$1/net/tcpstate/summary"
	is "$1" books_exact 0 && ! is "$1" books_inexact_since_ns 0 &&
		grep -q "^books: NOT exact: $2" "/proc/$1/net/tcpstate/summary"
}

# The victim's connections all have entries.
all_remembered()
{
	echo "untracked $(of "$1" untracked), ESTABLISHED $(of "$1" state_ESTABLISHED_now)"
	is "$1" untracked 0 && [ "$(of "$1" state_ESTABLISHED_now)" -ge "$2" ]
}

# No row of the victim lacks its counts.
all_rows()
{
	awk 'NR > 1 && $1 != "gone" { n++; if ($6 == "-") bad++ }
	     END { print n + 0, "rows,", bad + 0, "without counts"; exit bad || n < '"$2"' }' \
		"/proc/$1/net/tcpstate/listeners"
}

# Its gauges are what the kernel's tables hold.
gauges_agree()
{
	nsenter -t "$1" -n ss -Htan | awk '{ n[$1]++ } END { print n["ESTAB"] + 0, n["LISTEN"] + 0 }' >"$netns_tmp/ss"
	echo "$(of "$1" state_ESTABLISHED_now) $(of "$1" state_LISTEN_now)" >"$netns_tmp/gauge"
	cat "$netns_tmp/ss" "$netns_tmp/gauge"
	cmp -s "$netns_tmp/ss" "$netns_tmp/gauge"
}

less()
{
	kill -USR1 "$1" && wait_for 60 has_line "$netns_tmp/hog.$2" less
}

# comes_back PID: all that is left of it was taken in
comes_back()
{
	wait_for 120 is "$1" books_exact 1
	echo "exact $(of "$1" books_exact) untracked $(of "$1" untracked_now) rows $(of "$1" listeners_unlisted)"
	is "$1" books_exact 1 && is "$1" untracked_now 0 && is "$1" listeners_unlisted 0
}

unload()
{
	for p in $netns_pids; do
		kill "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	netns_pids=
	rmmod tcpstate
}

# attack WHAT COUNT NEED VICTIM_COUNT REASON: by two namespaces of one user and
# by a container of root; the host and another user are the victims.
attack()
{
	hogs=0
	insmod "$TCPSTATE_KO" table_max=1024 listeners_max=64 || return 1
	hog user "$1" "$2" 1001 own
	hog again "$1" "$2" 1001 own
	hog container "$1" "$2" 0 own
	hog other "$1" "$4" 1002 own
	hog host "$1" "$4" 0 here
	check "$1: the user is told" inexact "$user" "$5"
	check "$1: of his other namespace too" inexact "$again" "$5"
	check "$1: the container is told" inexact "$container" "$5"
	check "$1: the host is exact" exact "$host"
	check "$1: another user is exact" exact "$other"
	check "$1: the host's connections are remembered" all_remembered "$host" "$3"
	check "$1: the other user's too" all_remembered "$other" "$3"
	check "$1: no row of the host is missing" all_rows "$host" 1
	check "$1: nor of the other user" all_rows "$other" 1
	less "$user" 1
	less "$again" 2
	less "$container" 3
	check "$1: the user is exact again" comes_back "$user"
	check "$1: his other namespace too" comes_back "$again"
	check "$1: the container too" comes_back "$container"
	check "$1: the user's gauges are right" gauges_agree "$user"
	check "$1: the container's too" gauges_agree "$container"
	check "$1: the host's too" gauges_agree "$host"
	unload
}

trap 'netns_cleanup; rmmod tcpstate 2>/dev/null' EXIT
ktap_plan 30
attack connections 800 8 4 connections
attack listeners 70 0 1 listeners
ktap_end

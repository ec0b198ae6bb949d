# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# The books at a moment of rest, and the laws that hold between two of them.
# Sourced after ktap.sh, and after trace.sh where the trace event is counted;
# never run.
#
#	tcpstate-tail --json >stream 2>closing &
#	books_take before
#	(what is to be looked at)
#	books_take after
#	laws_check --stream stream --closing closing --before before --after after
#
# The network namespace is the one we are in, or that of in_ns. The trace event
# tells of the whole host: count it only if nothing else on it uses TCP.

# Time of the records, in nanoseconds.
books_clock()
{
	sed -n '/^now at/{s/^now at \([0-9]*\) nsecs.*/\1/p;q;}' /proc/timer_list
}

books_once()
{
	$in cat "$PROC"/transitions >"$1/transitions" &&
		$in cat "$PROC"/counters >"$1/counters" &&
		$in cat /proc/net/snmp >"$1/snmp" &&
		$in cat /proc/net/netstat >"$1/netstat" &&
		$in cat /proc/net/sockstat >"$1/sockstat" &&
		$in ss -Htane >"$1/ss" &&
		books_clock >"$1/mono_ns" || return 1
	[ -s "$1/mono_ns" ] || rm -f "$1/mono_ns"
	[ -z "${trace_how:-}" ] || [ ! -d "$TRACE" ] || trace_raw >"$1/trace"
}

# books_take DIR: all books of one moment, in which no transition is counted.
books_take()
{
	mkdir -p "$1" || return 1
	for books_try in 1 2 3 4 5 6 7 8 9 10; do
		books_once "$1" || return 1
		$in cat "$PROC"/transitions | cmp -s - "$1/transitions" && return 0
		[ "$books_try" = 10 ] || sleep 0.2
	done
	echo "# transitions do not come to rest"
	return 1
}

# laws_check OPTION...: see laws --help.
laws_check()
{
	"$testbin/laws" "$@"
}

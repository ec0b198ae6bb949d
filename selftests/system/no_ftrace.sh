#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=120
#
# The function tracer is switched off when the module is loaded: no function
# entry can be hooked, by kprobes neither. The module says what it does not see
# and guesses nothing.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

sysctl=/proc/sys/kernel/ftrace_enabled
[ -n "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
[ -e "$sysctl" ] || ktap_skip_all "the kernel has no function tracer"

restore()
{
	netns_cleanup
	rmmod tcpstate 2>/dev/null
	echo 1 >"$sysctl"
	insmod "$TCPSTATE_KO"
}
trap restore EXIT

loads()
{
	dmesg >"$netns_tmp/before"
	insmod "$TCPSTATE_KO" || return 1
	dmesg | tail -n +"$(($(wc -l <"$netns_tmp/before") + 1))" >"$netns_tmp/log"
	cat "$netns_tmp/log"
}

# Tracepoints are there, nothing else is, and there is something else.
entries_missing()
{
	cat "$PROC/hooks"
	awk '
	NR == 1 { next }
	$2 == "tracepoint" { if ($3 != "attached") bad = 1; next }
	$3 == "absent" { next }
	{ n++; if ($3 != "missing" || $2 == "kprobe") bad = 1 }
	END { exit bad || !n }' "$PROC/hooks"
}

log_says_why()
{
	grep tcpstate "$netns_tmp/log" | grep -i -e ftrace -e 'function tracer'
}

# Half of the clients shut down first, of the others the servers close.
ends_are_unknown()
{
	"$testbin/tcp_peer" load 127.0.0.1 9500 5 1 first || return 1
	"$testbin/tcp_peer" load 127.0.0.1 9500 5 1 get || return 1
	wait_for 30 counters_rest || return 1
	grep -e FIN_WAIT1 -e LAST_ACK "$PROC/transitions"
	awk '
	$1 == "ESTABLISHED" && $2 == "FIN_WAIT1" { n += $4; if ($3 != "unknown") bad = 1 }
	$1 == "CLOSE_WAIT" && $2 == "LAST_ACK" { if ($3 != "unknown") bad = 1 }
	END { exit bad || n != 10 }' "$PROC/transitions"
}

comes_back()
{
	rmmod tcpstate || return 1
	echo 1 >"$sysctl"
	insmod "$TCPSTATE_KO" || return 1
	! grep missing "$PROC/hooks"
}

# Nobody may switch it off under a module that uses it.
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate
echo 0 >"$sysctl" || ktap_skip_all "the function tracer cannot be switched off"
ktap_plan 5
check "the module loads" loads
check "hooks shows function entries as missing" entries_missing
check "the log says why" log_says_why
background "$testbin/tcp_peer" serve 127.0.0.1 9500 >"$netns_tmp/server"
wait_for 30 has_line "$netns_tmp/server" ready
check "shutdown() and close() are not told apart" ends_are_unknown
check "with the function tracer all hooks are there" comes_back
ktap_end

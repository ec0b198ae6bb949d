# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# The end of the function tracer, for ever: only in a guest of one's own. Sourced
# after ktap.sh and netns.sh, never run.

# tracer_needed: or all is skipped. A server is there afterwards.
tracer_needed()
{
	[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
	grep -q tcpstate.dead /proc/cmdline || ktap_skip_all "this guest is for others, too"
	modinfo -F parm "$TCPSTATE_KO" | grep -q '^test_attach:' ||
		ktap_skip_all "the module is no test build"
	[ -e /proc/sys/kernel/ftrace_enabled ] || ktap_skip_all "the kernel has no function tracer"
	background "$testbin/tcp_peer" serve 127.0.0.1 9700 >"$netns_tmp/server" 2>&1
	wait_for 30 has_line "$netns_tmp/server" ready
}

tracer_kill()
{
	grep -q '^tcp_connect ftrace attached' "$PROC/hooks" || return 1
	echo 1 >/sys/module/tcpstate/parameters/test_ftrace_kill || return 1
	# There is nothing any more that could be switched on.
	! cat /proc/sys/kernel/ftrace_enabled 2>/dev/null
}

# Connections, namespaces, and other modules.
tracer_life_goes_on()
{
	"$testbin/tcp_peer" load 127.0.0.1 9700 20 1 first &&
		"$testbin/tcp_peer" load 127.0.0.1 9700 20 1 reset || return 1
	for _ in 1 2 3; do
		unshare -n true || return 1
	done
	modprobe tun && echo "connections, namespaces and modules come and go"
}

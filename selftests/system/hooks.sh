#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload module=test cpus=2 timeout=300
#
# One function that cannot be hooked costs that hook and no other: it alone is
# by a kprobe, or missing, and the books say what that means. One that takes
# something else than its hook reads is not hooked at all; nor is one of which
# that is not known, where the compiler could have changed it.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

# shellcheck disable=SC2153 # comes from the environment
[ -r "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"
[ ! -d /sys/module/tcpstate ] || rmmod tcpstate || exit 1
modinfo -F parm "$TCPSTATE_KO" | grep -q '^test_attach:' ||
	ktap_skip_all "the module is no test build"

btf=/sys/kernel/btf
one=tcp_shutdown

restore()
{
	netns_cleanup
	umount "$btf" 2>/dev/null
	[ ! -d /sys/module/tcpstate ] || rmmod tcpstate
}
trap restore EXIT

# loads PARAMETER...: what it says goes to $netns_tmp/log.
loads()
{
	mark="hooks $$ $*"
	echo "$mark" >/dev/kmsg
	insmod "$TCPSTATE_KO" "$@" || return 1
	dmesg | sed "1,/$mark/d" | grep 'tcpstate: ' >"$netns_tmp/log"
	awk '{ $4 = ""; print }' "$PROC/hooks"
}

# all_but NAME MECHANISM STATUS NOTE: NAME is so, every other function by ftrace.
all_but()
{
	awk -v name="$1" -v how="$2" -v status="$3" -v note="$4" '
	NR == 1 || $3 == "absent" { next }
	$1 == name {
		found = 1
		if ($2 != how || $3 != status || !index($0, note))
			bad = bad " " $1
		next
	}
	$3 != "attached" { bad = bad " " $1 }
	$2 == "ftrace" { n++ }
	$2 == "kprobe" { bad = bad " " $1 }
	END {
		if (bad)
			print "not so:" bad
		exit bad != "" || n < 20 || (name != "" && !found)
	}' "$PROC/hooks"
}

proven()
{
	loads && all_but "" || return 1
	if grep 'not proven' "$PROC/hooks"; then
		return 1
	fi
	grep -q 'arguments proven' "$PROC/hooks" && [ "$(counter books_exact)" = 1 ]
}

# Half of the clients shut down first: told or not, no other cause is wrong.
shutdowns()
{
	"$testbin/tcp_peer" load 127.0.0.1 9600 5 1 first || return 1
	wait_for 30 counters_rest || return 1
	awk -v cause="$1" '
	{ print "# " $0 }
	$1 == "ESTABLISHED" && $2 == "FIN_WAIT1" { n += $4; if ($3 != cause) bad = 1 }
	END { exit bad || n != 5 }' "$PROC/transitions"
}

by_kprobe()
{
	loads test_attach="$one" && all_but "$one" kprobe attached "arguments proven" &&
		[ "$(counter books_exact)" = 0 ] && shutdowns shutdown
}

is_missing()
{
	loads test_attach="$one" test_probe="$one" && all_but "$one" - missing "error -22; not seen" &&
		[ "$(counter books_exact)" = 1 ] && grep "$one.*error -22" "$netns_tmp/log" &&
		shutdowns unknown
}

takes_other()
{
	loads test_arguments="$one" && all_but "$one" - missing "error -91: it does not take" &&
		grep "$one.*error -91" "$netns_tmp/log" && shutdowns unknown
}

doubt_dispelled()
{
	loads test_doubt=1 && all_but ""
}

# The kernel's types cannot be read.
without_types()
{
	mount -t tmpfs none "$btf" && loads && all_but "" &&
		! grep 'arguments proven' "$PROC/hooks" && grep BTF "$netns_tmp/log"
}

# Nothing but tracepoints is left, and it says so.
in_doubt()
{
	loads test_doubt=1 && awk '
	NR == 1 || $3 == "absent" || $2 == "tracepoint" { next }
	{ n++; if ($3 != "missing" || !index($0, "error -61: what it takes is not known")) bad = 1 }
	END { exit bad || n < 20 }' "$PROC/hooks" && [ "$(counter books_exact)" = 0 ] &&
		grep 'tcp_connect.*error -61' "$netns_tmp/log" &&
		"$testbin/tcp_peer" load 127.0.0.1 9600 5 1 first
}

leaves()
{
	rmmod tcpstate && ! grep -q tcpstate /sys/kernel/tracing/enabled_functions
}

mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
background "$testbin/tcp_peer" serve 127.0.0.1 9600 >"$netns_tmp/server"
wait_for 30 has_line "$netns_tmp/server" ready
ktap_plan 14
if [ -r "$btf/vmlinux" ]; then
	check "what every hooked function takes is proven" proven
	check "it leaves" leaves
	check "a function that ftrace refuses is hooked by a kprobe, alone" by_kprobe
	check "it leaves" leaves
	check "one that a kprobe refuses too is missing, alone" is_missing
	check "it leaves" leaves
	check "one that takes something else is not hooked" takes_other
	check "it leaves" leaves
	check "where types prove it, the compiler makes no difference" doubt_dispelled
	check "it leaves" leaves
	check "without types hooks are attached, and not proven" without_types
	check "it leaves" leaves
	check "a compiler that can change arguments, and no types: no function is hooked" in_doubt
	check "it leaves" leaves
else
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
		skip "hooks $n" "this kernel does not tell its types"
	done
fi
ktap_end

# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: GPL-2.0
#
# KTAP output and waiting for shell tests. Sourced, never run. A test says
# ktap_plan N, then calls "check NAME COMMAND..." N times, then ktap_end.

KSFT_SKIP=4
export LC_ALL=C
ktap_number=0
ktap_failed=0

# Where helpers and tools are.
testbin=${TCPSTATE_TESTBIN:-$(dirname "$0")}
TCPSTATE_TOP=${TCPSTATE_TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
tail=${TCPSTATE_TAIL:-$TCPSTATE_TOP/userspace/tools/tcpstate-tail}
slow=${TCPSTATE_SLOW:-1}
PROC=/proc/tcpstate

ktap_plan()
{
	echo "TAP version 13"
	echo "1..$1"
}

ktap_skip_all()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit $KSFT_SKIP
}

ktap_result()
{
	ktap_number=$((ktap_number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $ktap_number $2"
	else
		echo "not ok $ktap_number $2"
		ktap_failed=1
	fi
}

skip()
{
	ktap_number=$((ktap_number + 1))
	echo "ok $ktap_number $1 # SKIP $2"
}

# check NAME COMMAND...: a result line; the command's output as diagnostics.
check()
{
	check_name=$1
	shift
	check_code=0
	check_out=$("$@" 2>&1) || check_code=$?
	[ -z "$check_out" ] || echo "$check_out" | sed 's/^\(# \)*/# /'
	ktap_result $check_code "$check_name"
}

ktap_end()
{
	exit $ktap_failed
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
	wait_tries=$(($1 * 10))
	[ "$slow" -le 1 ] || wait_tries=$((wait_tries * 5))
	shift
	while ! "$@" >/dev/null 2>&1; do
		wait_tries=$((wait_tries - 1))
		if [ $wait_tries -le 0 ]; then
			echo "# waited in vain for: $*"
			return 1
		fi
		sleep 0.1
	done
}

# scaled N: fewer of them in a slow kernel, at least ten.
scaled()
{
	scaled_n=$(($1 / slow))
	[ $scaled_n -ge 10 ] || scaled_n=10
	echo $scaled_n
}

# in_ns NAMESPACE COMMAND...: the functions below look at that namespace.
in=
in_ns()
{
	in="ip netns exec $1"
	shift
	in_code=0
	"$@" || in_code=$?
	in=
	return $in_code
}

# counter NAME: a value of the counters file.
counter()
{
	$in cat $PROC/counters | awk -v name="$1" '$1 == name { print $2; found = 1 } END { exit !found }'
}

# transitions: "old new count", summed over the causes, sorted.
transitions()
{
	$in cat $PROC/transitions |
		awk 'NR > 1 { n[$1 " " $2] += $4 } END { for (k in n) print k, n[k] }' | sort
}

# subtract BEFORE AFTER: rows of "old new count" that grew, and by how much.
subtract()
{
	awk 'FILENAME == ARGV[1] { was[$1 " " $2] = $3; next }
	     { d = $3 - was[$1 " " $2]; if (d) print $1, $2, d }' "$1" "$2" | sort
}

# listening ADDRESS PORT
listening()
{
	$in ss -Htln | awk '{ print $4 }' | grep -qxF -e "$1:$2" -e "[$1]:$2"
}

# No TCP socket but what is in TIME_WAIT.
tcp_idle()
{
	! $in ss -Htan | grep -v '^TIME-WAIT' | grep -q .
}

# All that is counted but TIME_WAITs that have run their time: those of others may
# do so one after the other for a minute.
moves()
{
	transitions | grep -v '^TIME_WAIT CLOSE '
}

# The module counts nothing any more: twice the same.
counters_rest()
{
	rest_before=$(moves)
	sleep 0.3
	[ "$rest_before" = "$(moves)" ]
}

# has_line FILE TEXT
has_line()
{
	grep -q -- "$2" "$1" 2>/dev/null
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=5 noload timeout=120
#
# Parameters out of range: the module does not load, and one line of the log
# says which parameter it is and what is allowed.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"

[ -n "$TCPSTATE_KO" ] || ktap_skip_all "TCPSTATE_KO is not set"

# refused NAME VALUE TEXT...: the line has name, value and each text.
refused()
{
	name=$1 value=$2
	shift 2
	dmesg -C
	if insmod "$TCPSTATE_KO" "$name=$value" 2>/dev/null; then
		rmmod tcpstate
		echo "$name=$value was taken"
		return 1
	fi
	line=$(dmesg | grep "$name=$value")
	echo "$line"
	[ "$(echo "$line" | grep -c .)" = 1 ] || return 1
	for text; do
		case $line in
		*"$text"*) ;;
		*) return 1 ;;
		esac
	done
}

taken()
{
	insmod "$TCPSTATE_KO" "$1=$2" || return 1
	value=$(cat "/sys/module/tcpstate/parameters/$1")
	rmmod tcpstate && [ "$value" = "$2" ]
}

# Each CPU keeps some entries of the table for itself.
cpus=$(sed 's/.*[-,]//' /sys/devices/system/cpu/possible)
least=$(((cpus + 1) * 256))
[ $least -ge 1024 ] || least=1024

ktap_plan 13
echo "# $((cpus + 1)) possible CPUs"
check "table_max: one below the least for these CPUs" refused table_max $((least - 1)) "$least" 4194304
check "table_max: the least" taken table_max $least
check "table_max: above the greatest" refused table_max 4194305 "$least" 4194304
check "max_readers: 0" refused max_readers 0 1024
check "max_readers: above the greatest" refused max_readers 1025 1024
check "max_readers: the greatest" taken max_readers 1024
check "listeners_max: below the least" refused listeners_max 63 64 65536
check "listeners_max: above the greatest" refused listeners_max 65537 64 65536
check "listeners_max: the least" taken listeners_max 64
check "storm_rate: 0" refused storm_rate 0 1 100000
check "storm_rate: above the greatest" refused storm_rate 100001 100000
check "storm_burst: 0" refused storm_burst 0 1 1000000
check "storm_burst: above the greatest" refused storm_burst 1000001 1000000
ktap_end

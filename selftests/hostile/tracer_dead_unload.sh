#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload module=test cpus=2 boot=tcpstate.dead=b timeout=200
#
# The function tracer is given up for ever and nobody has noticed yet when the
# module is unloaded: nothing is freed that the kernel calls still. rmmod waits,
# and nobody else does.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/tracer.sh"

tracer_needed

# It is not to be waited for, by the shell neither.
unloads()
{
	setsid rmmod tcpstate >/dev/null 2>&1 </dev/null &
	rmmod=$!
	echo "$rmmod" >"$netns_tmp/rmmod"
	wait_for 60 says_so
}

says_so()
{
	dmesg | grep 'tcpstate: .*this process waits until the next boot'
}

still_waits()
{
	[ -d "/proc/$(cat "$netns_tmp/rmmod")" ] && [ -d /sys/module/tcpstate ]
}

ktap_plan 5
check "the module is loaded" insmod "$TCPSTATE_KO"
check "the function tracer is no more" tracer_kill
check "unloading says that it cannot" unloads
check "everything else goes on" tracer_life_goes_on
check "what is called is still there" still_waits
ktap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: noload module=test cpus=2 boot=tcpstate.dead=a timeout=200
#
# The kernel gives up on its function tracer for ever, as it does after a bug of
# its own: hooks cannot be taken away any more. The module finds out, stays
# loaded, and says so.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/tracer.sh"

tracer_needed

finds_out()
{
	# Reading is what makes it look at once.
	cat "$PROC/hooks" >/dev/null
	dmesg | grep 'tcpstate: .*given up on its function tracer'
}

not_exact()
{
	[ "$(counter books_exact)" = 0 ]
}

# Each answer comes at once: nobody waits for anything.
cannot_go()
{
	for _ in 1 2 3; do
		if rmmod tcpstate; then
			return 1
		fi
	done 2>&1 | grep -i 'in use' && [ -d /sys/module/tcpstate ]
}

ktap_plan 6
check "the module is loaded" insmod "$TCPSTATE_KO"
check "the function tracer is no more" tracer_kill
check "the module finds out" finds_out
check "counts are not exact any more" not_exact
check "it cannot be unloaded" cannot_go
check "everything else goes on" tracer_life_goes_on
ktap_end

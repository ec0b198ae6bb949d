# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The module whose namespaces neither come nor go (hostile/stall). Sourced after
# ktap.sh, never run. It is built beside the module under test.

stall_parameters=/sys/module/stall/parameters

# stall_load: before the module under test.
stall_load()
{
	insmod "${TCPSTATE_KO%/*}/stall/stall.ko"
}

stall_set()
{
	echo "$2" >$stall_parameters/"$1"
}

# stall_holds: a namespace that should go does not.
stall_holds()
{
	[ "$(cat $stall_parameters/held)" -gt 0 ]
}

stall_let_go()
{
	! stall_holds
}

stall_release()
{
	stall_set hold N
	wait_for 60 stall_let_go
}

# shellcheck shell=sh disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Kprobes and kretprobes of somebody else on the functions that the module
# hooks, as a tracing tool sets them. Sourced after ktap.sh, never run.

PROBES=/sys/kernel/tracing

# probes_hooked: the functions, by the module's own account.
probes_hooked()
{
	awk 'NR > 1 && $2 == "ftrace" && $3 == "attached" { print $1 }' "$PROC/hooks"
}

# probes_set FUNCTION...: both kinds on each; says how many there are.
probes_set()
{
	mountpoint -q $PROBES || mount -t tracefs tracefs $PROBES
	for f; do
		echo "p:others/p_$f $f" >>$PROBES/kprobe_events || return 1
		echo "r:others/r_$f $f" >>$PROBES/kprobe_events || return 1
	done
	echo 1 >$PROBES/events/others/enable
	grep -c others $PROBES/kprobe_events
}

probes_clear()
{
	[ ! -d $PROBES/events/others ] || echo 0 >$PROBES/events/others/enable
	while read -r event _; do
		echo "-:${event#*:}" >>$PROBES/kprobe_events
	done <<-END
		$(grep ':others/' $PROBES/kprobe_events)
	END
}

# probes_hits: "function hits missed" of those on entries.
probes_hits()
{
	sed -n 's/^ *p_\([^ ]*\)  *\([0-9]*\)  *\([0-9]*\).*/\1 \2 \3/p' \
		$PROBES/kprobe_profile | sort
}

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own record of TCP transitions: trace event
# sock:inet_sock_set_state in a trace instance of our own, counted by a
# histogram where the kernel has them, else by reading the trace buffer.
# Sourced after ktap.sh, never run.

TRACE=/sys/kernel/tracing/instances/tcpstate-test-$$

trace_start()
{
	mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
	mkdir "$TRACE" || return 1
	trace_event=$TRACE/events/sock/inet_sock_set_state
	# The number is IPPROTO_TCP: MPTCP and others use the event as well.
	if [ -z "$TRACE_BUFFER" ] &&
	   echo 'hist:keys=oldstate,newstate:size=1024 if protocol == 6' \
		>"$trace_event/trigger" 2>/dev/null; then
		trace_how=histogram
	else
		trace_how=buffer
		echo 16384 >"$TRACE/buffer_size_kb"
		echo 'protocol == 6' >"$trace_event/filter"
		echo 1 >"$trace_event/enable"
	fi
	echo "# trace event counted by $trace_how"
}

# Rows "old new count" in names, as they were reported.
trace_raw()
{
	if [ "$trace_how" = histogram ]; then
		sed -n 's/^{ oldstate: *\([0-9]*\), newstate: *\([0-9]*\) } hitcount: *\([0-9]*\).*/\1 \2 \3/p' \
			"$trace_event/hist"
	else
		if grep -hE '^(overrun|dropped events): *[1-9]' "$TRACE"/per_cpu/cpu*/stats; then
			echo "the trace buffer was too small" >&2
			return 1
		fi
		sed -n 's/.*oldstate=TCP_\([A-Z0-9_]*\) newstate=TCP_\([A-Z0-9_]*\).*/\1 \2/p' \
			"$TRACE/trace" | sort | uniq -c | awk '{ print $2, $3, $1 }'
	fi | awk '
	BEGIN {
		split("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING", name, " ")
	}
	{ print ($1 in name ? name[$1] : $1), ($2 in name ? name[$2] : $2), $3 }'
}

# The same after the folding: no change is no event, what the kernel reports
# as LISTEN -> SYN_RECV is the birth of a child, which its request had before,
# and a socket that it closes in the middle of the end went to a timewait sock.
# True as long as nobody is refused and no orphan is left in FIN_WAIT2.
trace_folded()
{
	trace_raw | awk '
	$1 == $2 { next }
	$1 == "LISTEN" && $2 == "SYN_RECV" { $1 = "CLOSE" }
	($1 == "FIN_WAIT2" || $1 == "CLOSING") && $2 == "CLOSE" { $2 = "TIME_WAIT" }
	{ n[$1 " " $2] += $3 }
	END { for (k in n) print k, n[k] }' | sort
}

trace_stop()
{
	[ -d "$TRACE" ] || return 0
	if [ "$trace_how" = histogram ]; then
		trace_trigger=$(sed -n 's/^\(hist:.*\) \[active\]/!\1/p' "$trace_event/trigger")
		echo "$trace_trigger" >"$trace_event/trigger"
	else
		echo 0 >"$trace_event/enable"
	fi
	rmdir "$TRACE"
}

# side_by_side NAME FILE NAME FILE...: rows of all files as columns; fails if
# a row differs or there is none.
side_by_side()
{
	awk '
	BEGIN {
		for (i = 1; i < ARGC; i += 2) {
			head[++files] = ARGV[i]
			while ((getline line < ARGV[i + 1]) > 0) {
				split(line, f, " ")
				key = sprintf("%-12s %-12s", f[1], f[2])
				seen[key] = 1
				n[key, files] += f[3]
			}
		}
		printf "%-25s", ""
		for (i = 1; i <= files; i++)
			printf " %12s", head[i]
		print ""
		bad = 0
		sort = "sort"
		for (key in seen) {
			rows++
			line = key
			mark = ""
			for (i = 1; i <= files; i++) {
				line = line sprintf(" %12d", n[key, i])
				sum[i] += n[key, i]
				if (n[key, i] != n[key, 1]) {
					mark = "  <-- differs"
					bad = 1
				}
			}
			print line mark | sort
		}
		close(sort)
		printf "%-25s", "all"
		for (i = 1; i <= files; i++)
			printf " %12d", sum[i]
		print ""
		exit bad || !rows
	}' "$@"
}

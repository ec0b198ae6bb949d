# shellcheck shell=sh disable=SC2154,SC2015
# SPDX-License-Identifier: GPL-2.0
#
# The acceptance run: some workload in the initial network namespace, watched
# by the kernel's trace event, by the counters and by readers, all from the
# same moment of rest to the same moment of rest. Sourced after ktap.sh,
# netns.sh and trace.sh, never run.

# State records of a tcpstate-tail --json output as "old new count".
reader_rows()
{
	awk '
	function value(key,   at, rest) {
		at = index($0, "\"" key "\":\"")
		rest = substr($0, at + length(key) + 4)
		return substr(rest, 1, index(rest, "\"") - 1)
	}
	index($0, "\"event\":\"state\"") { n[value("old") " " value("new")]++ }
	END { for (k in n) print k, n[k] }' "$1"
}

# What becomes of timewait socks the trace event does not tell, nor half-open
# connections that come to nothing: those are left out as if they never were.
of_socks()
{
	awk '
	$1 == "TIME_WAIT" && $2 == "CLOSE" { next }
	$1 == "SYN_RECV" && $2 == "CLOSE" { n["CLOSE SYN_RECV"] -= $3; next }
	{ n[$1 " " $2] += $3 }
	END { for (k in n) print k, n[k] }' | sort
}

readers_are_open()
{
	[ "$(counter readers_open)" -ge "$1" ]
}

# A reader has all records: as many as the transitions counted by now.
has_records()
{
	[ "$(grep -c '"event":"state"' "$1")" -ge "$2" ]
}

# compare_run READERS WORKLOAD: leaves rows in $netns_tmp: kernel, counted,
# reader.1 ...; fails if something did not come to rest.
compare_run()
{
	run_readers=$1
	run_load=$2
	run_pids=
	run_code=0
	wait_for 60 tcp_idle || return 1
	run_had=$(counter readers_open)
	for i in $(seq "$run_readers"); do
		background "$tail" --json >"$netns_tmp/json.$i" 2>"$netns_tmp/err.$i"
		run_pids="$run_pids $pid"
	done
	wait_for 30 readers_are_open $((run_had + run_readers)) || {
		cat "$netns_tmp"/err.*
		return 1
	}
	wait_for 30 counters_rest || return 1
	trace_start || return 1
	transitions >"$netns_tmp/before"
	$run_load || run_code=1
	wait_for 90 tcp_idle && wait_for 30 counters_rest || run_code=1
	transitions >"$netns_tmp/after"
	trace_folded >"$netns_tmp/raw" || run_code=1
	of_socks <"$netns_tmp/raw" >"$netns_tmp/kernel"
	trace_stop
	subtract "$netns_tmp/before" "$netns_tmp/after" >"$netns_tmp/all"
	of_socks <"$netns_tmp/all" >"$netns_tmp/counted"
	run_all=$(awk '{ n += $3 } END { print n + 0 }' "$netns_tmp/all")
	for i in $(seq "$run_readers"); do
		wait_for 60 has_records "$netns_tmp/json.$i" "$run_all" || run_code=1
	done
	i=0
	for p in $run_pids; do
		i=$((i + 1))
		kill -INT "$p"
		wait "$p" || {
			echo "# reader $i ended with $?"
			run_code=1
		}
		sed "s/^/# reader $i: /" "$netns_tmp/err.$i"
		reader_rows "$netns_tmp/json.$i" | of_socks >"$netns_tmp/reader.$i"
	done
	return $run_code
}

nothing_lost()
{
	! grep -h '"event":"lost"' "$netns_tmp"/json.*
}

# Each reader saw both families.
both_families()
{
	for i in "$netns_tmp"/json.*; do
		grep -q '"family":4' "$i" && grep -q '"family":6' "$i" || return 1
	done
}

# $server, $server_port and how clients come: nginx and ab where they are.
server_start()
{
	server_port=$1
	if command -v nginx >/dev/null; then
		mkdir -p "$netns_tmp/nginx"
		cat >"$netns_tmp/nginx.conf" <<-CONF
			daemon off;
			user root;
			worker_processes 2;
			pid $netns_tmp/nginx/pid;
			error_log $netns_tmp/nginx/error.log;
			events { worker_connections 512; }
			http {
				access_log off;
				keepalive_timeout 5;
				client_body_temp_path $netns_tmp/nginx;
				proxy_temp_path $netns_tmp/nginx;
				fastcgi_temp_path $netns_tmp/nginx;
				uwsgi_temp_path $netns_tmp/nginx;
				scgi_temp_path $netns_tmp/nginx;
				server {
					listen 127.0.0.1:$server_port;
					listen [::1]:$server_port;
					location / { return 200 "hello\n"; }
				}
			}
		CONF
		background nginx -p "$netns_tmp/nginx" -c "$netns_tmp/nginx.conf"
		server_pids=$pid
		echo "# server: nginx"
	else
		background "$testbin/tcp_peer" serve 127.0.0.1 "$server_port" >/dev/null
		server_pids=$pid
		background "$testbin/tcp_peer" serve ::1 "$server_port" >/dev/null
		server_pids="$server_pids $pid"
		echo "# server: tcp_peer"
	fi
	wait_for 30 listening 127.0.0.1 "$server_port" &&
		wait_for 30 listening ::1 "$server_port" || {
		cat "$netns_tmp/nginx/error.log"
		return 1
	}
}

server_stop()
{
	for p in $server_pids; do
		kill "$p"
		wait "$p" 2>/dev/null
	done
	return 0
}

# http_load ADDRESS COUNT: whole requests and answers.
http_load()
{
	if command -v ab >/dev/null; then
		case $1 in
		*:*) url="http://[$1]:$server_port/" ;;
		*) url="http://$1:$server_port/" ;;
		esac
		ab -q -n "$2" -c 10 "$url" >"$netns_tmp/ab" 2>&1 || {
			cat "$netns_tmp/ab"
			return 1
		}
	else
		"$testbin/tcp_peer" load "$1" "$server_port" "$2" 4 get
	fi
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tool itself on synthetic streams: what it prints, how it ends, and what it
# says. No module.

dir=$(cd "$(dirname "$0")" && pwd)
tool=$dir/build/tcpstate-tail
stream=$dir/build/make_stream
fake=$dir/build/tail-on-fake
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export TZ=UTC

number=0
failed=0

# result NAME STATUS
result()
{
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number $1"
	else
		failed=$((failed + 1))
		sed 's/^/# out: /' out 2>/dev/null | head -5
		sed 's/^/# err: /' err 2>/dev/null | head -5
		echo "not ok $number $1"
	fi
}

skip()
{
	number=$((number + 1))
	echo "ok $number $1 # SKIP $2"
}

# run STATUS COMMAND...: output in out and err; fails unless that is its status
run()
{
	want=$1
	shift
	got=0
	"$@" >out 2>err || got=$?
	[ "$got" -eq "$want" ] || { echo "# status $got, not $want: $*"; return 1; }
}

# closing DELIVERED FILTERED LOST: the last three lines of err
closing()
{
	printf '%s events delivered\n%s events filtered\n%s\n' "$1" "$2" "$3" \
		>want
	tail -n 3 err | cmp -s - want
}

all_kinds_text()
{
	run 0 "$tool" --read kinds &&
		[ "$(wc -l <out)" -eq 14 ] &&
		head -n 1 out | grep -q '^PID .*OLDSTATE *-> NEWSTATE *MS *CAUSE$' &&
		grep -q '^\*\*\* 1234 records lost (cpu 1): reader too slow' out &&
		closing 12 0 '1234 events lost'
}

all_kinds_json()
{
	run 0 "$tool" --json --read - <kinds && [ "$(wc -l <out)" -eq 13 ] &&
		closing 12 0 '1234 events lost'
}

json_is_valid()
{
	"$stream" 3 >three &&
		run 0 "$tool" -jw --read kinds && mv out valid &&
		run 0 "$tool" -j --read three && cat out >>valid &&
		python3 - valid <<-'END'
		import json, sys
		events = []
		for line in open(sys.argv[1], encoding="utf-8", errors="strict"):
		    event = json.loads(line)
		    events.append(event["event"])
		    assert len(event) >= 22, event
		assert len(events) == 16 and len(set(events)) == 13, events
		assert event["comm"] == 'a"b\\\ufffd\n', event["comm"]
		END
}

no_header()
{
	run 0 "$tool" -H --read three && [ "$(wc -l <out)" -eq 3 ]
}

count_stops()
{
	run 0 "$tool" -H -c 2 --read three && [ "$(wc -l <out)" -eq 2 ] &&
		closing 2 0 '0 events lost'
}

count_of_many()
{
	"$stream" 1000 >many &&
		run 0 "$tool" -j -c 777 --read many &&
		[ "$(wc -l <out)" -eq 777 ] &&
		[ "$(tail -n 1 out | cut -c1-11)" = '{"seq":777,' ]
}

losses_do_not_count()
{
	cat kinds kinds | "$tool" -H -c 13 --read - >out 2>err &&
		[ "$(wc -l <out)" -eq 14 ] && closing 13 0 '1234 events lost'
}

filters()
{
	run 0 "$tool" -H -L 8080 -D 40112 -4 --state estab --read three &&
		closing 3 0 '0 events lost' &&
		run 0 "$tool" -H -6 --read three && [ ! -s out ] &&
		closing 0 3 '0 events lost' &&
		run 0 "$tool" -H --event reset --read kinds &&
		[ "$(wc -l <out)" -eq 2 ] && closing 1 11 '1234 events lost'
}

through_a_slow_pipe()
{
	"$stream" 20 slow | "$tool" -H --read - >out 2>err &&
		[ "$(wc -l <out)" -eq 20 ] && closing 20 0 '0 events lost'
}

# What is alive is shown as no transition, counts for -c, and is no event.
live_connections()
{
	"$stream" live >alive && run 0 "$tool" -H --read alive &&
		[ "$(grep -c -e '->' out)" -eq 1 ] &&
		[ "$(grep -c '(alive)     in ' out)" -eq 2 ] &&
		grep -q ' (alive)     in LISTEN      -         none$' out &&
		[ "$(head -n 1 err)" = '2 connections alive' ] &&
		closing 1 0 '0 events lost' &&
		run 0 "$tool" -H -c 1 --read alive && [ "$(wc -l <out)" -eq 1 ] &&
		closing 0 0 '0 events lost' &&
		run 0 "$tool" -H --state listen --read alive &&
		[ "$(wc -l <out)" -eq 1 ] && closing 0 1 '0 events lost' &&
		run 0 "$tool" -j --read alive &&
		[ "$(grep -c '"flags":\[.*"snapshot"\]' out)" -eq 2 ]
}

lifelines_text()
{
	run 0 "$tool" --lifelines -t --read ended || return 1
	cat >want <<-'END'
	  TIME(s)      AT(ms)     STATE       CAUSE            CARRIER  DWELL(ms)
	127.0.0.1:8080 <- 192.0.2.199:40112, nginx[812], uid 33, remote closed first, 1250.300 ms, cookie 4711 life 1
	  0.000000     0.000      SYN_RECV    syn              request  0.200
	  0.000200     0.200      ESTABLISHED ack              sock     1249.900
	  1.250100     1250.100   CLOSE_WAIT  fin              sock     0.100
	  1.250200     1250.200   LAST_ACK    close            sock     0.100
	  1.250300     1250.300   CLOSE       ack              sock     -
	  in 1 B, 3 segments; out 2 B, 4 segments, 5 retransmitted; smoothed round trip 0.006 ms

	  -2.626243    *** 1234 records lost (cpu 1): reader too slow ***

	127.0.0.1:8080 -- 192.0.2.199:40112, owner unknown, uid 33, local closed first, more than 1.000 ms, cookie 4711 life 1
	  found in                ESTABLISHED -                sock     -
	  1.249300     0.000      FIN_WAIT1   shutdown         sock     1.000
	  1.250300     1.000      CLOSE       timeout          sock     -
	  in 1 B, 3 segments; out 2 B, 4 segments, 5 retransmitted; round trip never measured

	127.0.0.1:8080 listener, nginx[812], uid 33, nobody closed first, 2000.000 ms, cookie 4711 life 1
	  -0.749700    0.000      LISTEN      listen           sock     2000.000
	  1.250300     2000.000   CLOSE       close            sock     -

	[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:8080 -> [fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd]:40112, nginx[812], uid 33, local closed first, 6035.200 ms, cookie 4711 life 1
	  -4.784900    0.000      SYN_SENT    connect          sock     30.000
	  -4.754900    30.000     ESTABLISHED syn-ack          sock     5.000
	  -4.749900    35.000     FIN_WAIT1   close            sock     0.100
	  -4.749800    35.100     FIN_WAIT2   ack              sock     0.100
	  -4.749700    35.200     TIME_WAIT   fin              timewait 6000.000
	  1.250300     6035.200   CLOSE       expired          timewait -
	  not shown, for want of room: 3 transitions; their time counts for the step before
	  in 1 B, 3 segments; out 2 B, 4 segments, 5 retransmitted; smoothed round trip 0.006 ms

	END
	diff want out >&2 && closing 4 0 '1234 events lost'
}

# Wall clock, unless asked for otherwise; -H takes the titles away.
lifelines_times()
{
	run 0 "$tool" --lifelines -H --read ended &&
		[ "$(grep -cE '^  [0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{6} ' out)" -eq 16 ] &&
		! grep -q STATE out && sed 's/[0-9:.]\{15\}/TIME/' out >want &&
		run 0 "$tool" --lifelines -HT --read ended &&
		sed 's/[0-9:.]\{15\}/TIME/' out | cmp -s - want &&
		run 0 "$tool" --lifelines -w --read ended &&
		grep -qE '^  [0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:' out
}

lifelines_json()
{
	run 0 "$tool" --lifelines -j --read ended &&
		[ "$(wc -l <out)" -eq 5 ] && closing 4 0 '1234 events lost' &&
		mv out lifelines &&
		run 0 "$tool" --event life -j --read ended &&
		sed 's/"time":"[^"]*"//g' lifelines >want &&
		sed 's/"time":"[^"]*"//g' out | cmp -s - want
}

lifelines_are_valid_json()
{
	python3 - lifelines <<-'END'
		import json, sys
		from datetime import datetime
		lives = [json.loads(line) for line in open(sys.argv[1])]
		assert [l["event"] for l in lives] == ["life", "lost"] + ["life"] * 3
		for life in lives:
		    if life["event"] == "lost":
		        continue
		    steps = life["steps"]
		    found = "preexisting" in life["flags"]
		    assert (steps[0]["time"] is None) == found, steps
		    assert (steps[0]["dwell_ns"] is None) == found, steps
		    assert steps[-1]["time"] == life["time"], life
		    assert life["total_ns"] == sum(s["dwell_ns"] or 0 for s in steps)
		    times = [s["time"] for s in steps if s["time"]]
		    assert times == sorted(times), times
		    for t in times:
		        datetime.strptime(t[:26], "%Y-%m-%dT%H:%M:%S.%f")
		assert lives[-1]["transitions"] == 9 and len(lives[-1]["steps"]) == 6
		END
}

lifelines_filters()
{
	run 0 "$tool" --lifelines -6 --read ended &&
		closing 1 3 '1234 events lost' &&
		run 0 "$tool" --lifelines -4 -L 8080 -D 40112 --read ended &&
		closing 2 2 '1234 events lost' &&
		run 0 "$tool" --lifelines -H -c 2 --read ended &&
		[ "$(grep -c cookie out)" -eq 2 ] && closing 2 0 '1234 events lost' &&
		run 0 "$tool" --lifelines --read three && [ "$(wc -l <out)" -eq 1 ] &&
		closing 0 3 '0 events lost'
}

ladder_charts()
{
	run 0 "$tool" --ladder --read charts || return 1
	cat >want <<-'END'
	AT(ms)     LEFT                                                                         RIGHT
	192.0.2.199:40112 -> 127.0.0.1:8080, TIME, 0.006 ms
	  left  not seen: what left for it may not have arrived
	  right nginx[812], uid 33, cookie 4711 life 1
	0.000                  |---- SYN seq 0 win 1000 -------------------------------------->|
	                       |   = seq 100                                                   |
	0.001                  |                                                         (syn) * SYN_RECV
	0.002                  |<--- SYN,ACK seq 0 ack 1 win 1000 -----------------------------|
	                       |   = seq 200 ack 101                                           |
	0.005                  |---- RST,ACK seq 1 ack 1 win 1000 ---------------------------->|
	                       |   = seq 101 ack 201                                           |
	0.006                  |                                                         (rst) * CLOSE

	192.0.2.199:40113 -> 127.0.0.1:8080, TIME, 0.001 ms, still open
	  left  not seen: what left for it may not have arrived
	  right nginx[812], uid 33, cookie 4712 life 1
	0.000                  |---- SYN seq 0 win 1000 -------------------------------------->|
	                       |   = seq 300                                                   |
	0.001                  |                                                         (syn) * SYN_RECV

	END
	sed 's/[0-9:]\{8\}\.[0-9]\{6\}/TIME/' out | diff want - >&2 &&
		closing 7 0 '0 events lost' &&
		[ "$(head -n 1 err)" = '2 connections drawn' ]
}

# drawn CHARTS DELIVERED FILTERED OPTION...
drawn()
{
	wanted=$1
	delivered=$2
	filtered=$3
	shift 3
	run 0 "$tool" --ladder --read charts "$@" &&
		[ "$(grep -c ' uid 33, ' out)" -eq "$wanted" ] &&
		closing "$delivered" "$filtered" '0 events lost' &&
		[ "$(head -n 1 err)" = "$wanted connections drawn" ]
}

ladder_filters()
{
	drawn 2 7 0 -H -4 -L 8080 && drawn 1 7 0 -D 40113 &&
		drawn 0 7 0 -L 40113 && drawn 0 0 7 -6 && drawn 1 7 0 -c 1 &&
		grep -q '40112' out && ! grep -q '40113' out &&
		drawn 2 7 0 -TtwH &&
		grep -q '^[0-9-]* [0-9:.]* 1\.000001 *0\.001 ' out
}

# What ended is drawn while the stream is still open, the rest at its end.
ladder_does_not_wait()
{
	rm -f fifo seen
	mkfifo fifo || return 1
	(
		exec 3>fifo
		head -c 640 charts >&3
		while [ ! -e seen ]; do sleep 0.05; done
		tail -c +641 charts >&3
	) &
	writer=$!
	: >out
	"$tool" -H --ladder --timeout 20 --read fifo >out 2>err &
	reader=$!
	tries=0
	while [ "$(wc -l <out)" -lt 12 ] && [ $tries -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	lines=$(wc -l <out)
	: >seen
	wait $writer
	wait $reader && [ "$lines" -eq 12 ] && [ $tries -lt 200 ] &&
		[ "$(wc -l <out)" -eq 19 ] && closing 7 0 '0 events lost' &&
		rm fifo seen
}

ladder_and_losses()
{
	cat charts kinds | "$tool" --ladder --read - >out 2>err &&
		grep -q '^  [0-9:.]* \*\*\* 1234 records lost (cpu 1)' out &&
		[ "$(grep -c ': records were lost: something may be missing  *:$' out)" -eq 2 ]
}

# starts MODE LANES OPTION...: what the module is asked for
starts()
{
	asked="start $1 lanes $2"
	shift 2
	run 0 env FAKE_SHOW=1 "$fake" --device /dev/null "$@" &&
		[ "$(head -n 1 err)" = "$asked" ]
}

start_points()
{
	starts 0 3 && starts 1 3 --oldest && starts 3 3 --live &&
		grep -q '^0 connections alive$' err &&
		closing 0 0 '0 events lost' &&
		starts 3 7 --live --event state,life,reset &&
		starts 3 3 --live --state estab &&
		starts 0 4 --lifelines && starts 1 4 --lifelines --oldest &&
		starts 2 4 --lifelines --since 5m &&
		starts 0 3 --ladder && starts 2 3 --ladder --since 5m -L 80
}

# too_old SCHEMA OPTION...: the first words of the message
too_old()
{
	needed=$(($1 + 1))
	had=$1
	shift
	run 2 env FAKE_SCHEMA="$had" "$fake" --device /dev/null "$@" &&
		[ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -q "^tcpstate-tail: $*: the loaded module is too old .*schema $had, needed is $needed" err
}

module_too_old()
{
	too_old 1 --live && too_old 1 --lifelines && too_old 1 --event life &&
		too_old 2 --segments && too_old 2 --event segment && too_old 2 --ladder &&
		run 0 env FAKE_SCHEMA=2 "$fake" --device /dev/null --live &&
		run 0 env FAKE_SCHEMA=2 "$fake" --segments --read kinds &&
		run 0 env FAKE_SCHEMA=1 "$fake" --device /dev/null &&
		run 0 env FAKE_SCHEMA=1 "$fake" --lifelines --read ended
}

# Every line is there while the stream is still open.
lines_do_not_wait()
{
	mkfifo fifo || return 1
	(
		exec 3>fifo
		cat three >&3
		while [ ! -e seen ]; do sleep 0.05; done
	) &
	writer=$!
	: >out # what is looked at below must be there
	"$tool" -H --timeout 20 --read fifo >out 2>err &
	reader=$!
	tries=0
	while [ "$(wc -l <out)" -lt 3 ] && [ $tries -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	lines=$(wc -l <out)
	: >seen
	wait $writer
	wait $reader && [ "$lines" -eq 3 ] && [ $tries -lt 200 ]
}

# stopped_by SIGNAL
stopped_by()
{
	rm -f fifo
	mkfifo fifo || return 1
	(
		exec 3>fifo
		cat three >&3
		exec sleep 60
	) &
	writer=$!
	: >out
	"$tool" -H --read fifo >out 2>err &
	reader=$!
	tries=0
	while [ "$(wc -l <out)" -lt 3 ] && [ $tries -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill -s "$1" $reader
	wait $reader
	status=$?
	kill $writer
	wait $writer 2>/dev/null
	[ $status -eq 0 ] && closing 3 0 '0 events lost'
}

timeout_stops()
{
	rm -f fifo
	mkfifo fifo || return 1
	sleep 60 >fifo &
	writer=$!
	run 0 "$tool" -H --timeout 0.2 --read fifo
	status=$?
	kill $writer
	wait $writer 2>/dev/null
	[ $status -eq 0 ] && closing 0 0 '0 events lost'
}

# Half a record and then nothing must not make the deadline wait.
timeout_within_a_record()
{
	rm -f fifo
	mkfifo fifo || return 1
	( exec 3>fifo; head -c 200 three >&3; exec sleep 60 ) &
	writer=$!
	run 0 "$tool" -H --timeout 0.3 --read fifo
	status=$?
	kill $writer
	wait $writer 2>/dev/null
	[ $status -eq 0 ] && closing 1 0 '0 events lost'
}

reader_of_output_goes()
{
	: >err
	{ "$tool" --read many 2>err; echo $? >status; } | head -n 1 >out
	[ "$(cat status)" -eq 0 ] && [ ! -s err ]
}

# Also while nothing happens: nobody would see the next write fail.
reader_of_output_goes_in_silence()
{
	rm -f fifo
	mkfifo fifo || return 1
	sleep 60 >fifo &
	writer=$!
	: >err
	{ timeout 20 "$tool" --read fifo 2>err; echo $? >status; } |
		head -n 1 >out
	kill $writer
	wait $writer 2>/dev/null
	[ "$(cat status)" -eq 0 ] && [ ! -s err ]
}

output_full()
{
	[ -e /dev/full ] || return 0
	got=0
	"$tool" --read three >/dev/full 2>err || got=$?
	: >out
	[ $got -eq 1 ] && grep -q 'cannot write: No space left' err
}

cut_off()
{
	head -c 200 three >short &&
		run 1 "$tool" -H --read short && [ "$(wc -l <out)" -eq 1 ] &&
		grep -q 'cannot read: the stream ends within a record' err &&
		closing 1 0 '0 events lost'
}

no_stream()
{
	head -c 1000 /dev/zero >zero &&
		run 1 "$tool" --read zero &&
		grep -q 'not one of tcpstate records' err
}

no_such_file()
{
	run 1 "$tool" --read nothing-there && grep -q 'nothing-there' err &&
		[ "$(wc -l <err)" -eq 1 ]
}

no_module()
{
	run 3 "$tool" --device /nonexistent/tcpstate && [ ! -s out ] &&
		[ "$(wc -l <err)" -eq 1 ] && grep -q 'insmod tcpstate.ko' err
}

no_rights()
{
	: >device
	chmod 0 device
	run 4 setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$tool" --device "$work/device" && grep -q 'run as root' err
}

not_the_device()
{
	run 1 "$tool" --device /dev/null &&
		grep -q 'not a tcpstate device' err
}

bad_option()
{
	run 2 "$tool" -L 99999 && [ ! -s out ] &&
		grep -q "^tcpstate-tail: -L: '99999' .*1 to 65535" err
}

# excludes OPTIONS MESSAGE: refused before anything is opened
excludes()
{
	# shellcheck disable=SC2086 # several options
	run 2 "$tool" --device /nonexistent $1 && [ ! -s out ] &&
		[ "$(cat err)" = "tcpstate-tail: $2" ]
}

excluding_options()
{
	excludes '--live --since 5m' \
		'--live and --since exclude each other: give one start point' &&
	excludes '--oldest --live' \
		'--live and --oldest exclude each other: give one start point' &&
	excludes '--live --event reset' \
		"--live shows connections as event 'state', which --event does not ask for: add it, or leave out --live" &&
	excludes '--lifelines --live' \
		'--lifelines tells of connections that ended, --live of those that did not: give one of the two' &&
	excludes '--lifelines --event state' \
		"--lifelines shows the event 'life' and no other: leave out --event" &&
	excludes '--lifelines --state close' \
		'--lifelines shows whole connections, and --state chooses transitions: choose by -4, -6, -L, -D or -a' &&
	excludes '--ladder --json' \
		'--ladder draws for people, --json writes for programs: give one of the two' &&
	excludes '--ladder --lifelines' \
		'--ladder and --lifelines exclude each other: give one of the two' &&
	run 2 "$tool" --live --read alive && [ "$(cat err)" = \
		'tcpstate-tail: --read has no start point: leave out --live' ]
}

says_help()
{
	run 0 "$tool" --help && grep -q Examples out && [ ! -s err ]
}

says_version()
{
	run 0 "$tool" -V --device /nonexistent/tcpstate &&
		grep -q '^tcpstate-tail .*, ABI 1, schema 4$' out &&
		grep -q '^module: not loaded$' out
}

"$stream" all >kinds
echo 'TAP version 13'
echo '1..39'

# check FUNCTION [ARGUMENT]
check()
{
	rm -f out err
	"$@"
	result "$(echo "$*" | tr ' ' '_')" $?
}

check all_kinds_text
check all_kinds_json
if command -v python3 >/dev/null && python3 -c '' 2>/dev/null; then
	check json_is_valid
else
	"$stream" 3 >three
	skip json_is_valid 'no python3'
fi
check no_header
check count_stops
check count_of_many
check losses_do_not_count
check filters
check live_connections
"$stream" lives >ended
check lifelines_text
check lifelines_times
check lifelines_json
if command -v python3 >/dev/null && python3 -c '' 2>/dev/null; then
	check lifelines_are_valid_json
else
	skip lifelines_are_valid_json 'no python3'
fi
check lifelines_filters
"$stream" ladder >charts
check ladder_charts
check ladder_filters
check ladder_does_not_wait
check ladder_and_losses
check start_points
check module_too_old
check excluding_options
check through_a_slow_pipe
check lines_do_not_wait
check stopped_by INT
check stopped_by TERM
check timeout_stops
check timeout_within_a_record
check reader_of_output_goes
check reader_of_output_goes_in_silence
check output_full
check cut_off
check no_stream
check no_such_file
check no_module
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$work"
	check no_rights
else
	skip no_rights 'not root, or no setpriv'
fi
check not_the_device
check bad_option
check says_help
check says_version
echo "# Totals: pass:$((number - failed)) fail:$failed xfail:0 xpass:0 skip:0 error:0"
[ $failed -eq 0 ]

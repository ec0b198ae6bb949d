#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tool itself on synthetic streams: what it prints, how it ends, and what it
# says. No module.

dir=$(cd "$(dirname "$0")" && pwd)
tool=$dir/build/tcpstate-tail
stream=$dir/build/make_stream
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

says_help()
{
	run 0 "$tool" --help && grep -q Examples out && [ ! -s err ]
}

says_version()
{
	run 0 "$tool" -V --device /nonexistent/tcpstate &&
		grep -q '^tcpstate-tail .*, ABI 1, schema 1$' out &&
		grep -q '^module: not loaded$' out
}

"$stream" all >kinds
echo 'TAP version 13'
echo '1..26'

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

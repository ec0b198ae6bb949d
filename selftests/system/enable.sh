#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=120
#
# The switch: off, nothing is counted and nothing recorded, and the books are not
# exact; on again, the stream says that something is missing, and what is there
# now has been found: the books are exact.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2119 # functions are called by check
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"

switch=/sys/module/tcpstate/parameters/enable
[ -e $switch ] || ktap_skip_all "the module is not loaded"
trap 'echo 1 >$switch; netns_cleanup' EXIT

refused_connections()
{
	"$testbin/tcp_peer" load 127.0.0.1 9300 10 1 refused
}

same_as_before()
{
	transitions | diff "$netns_tmp/before" - && [ "$(counter enabled)" = 0 ]
}

ktap_plan 8
[ "$(counter books_exact) $(counter enabled)" = "1 1" ]
ktap_result $? "books are exact at first"
background "$tail" --json >"$netns_tmp/json" 2>"$netns_tmp/err"
reader=$pid
reader_is_open()
{
	[ "$(counter readers_open)" -ge 1 ]
}
wait_for 30 reader_is_open
echo 0 >$switch
# From here on nothing may be counted, whatever others left ends meanwhile.
transitions >"$netns_tmp/before"
[ "$(counter books_exact)" = 0 ]
ktap_result $? "off: the books are not exact"
refused_connections
check "off: nothing is counted" same_as_before
echo 1 >$switch
refused_connections
wait_for 30 has_line "$netns_tmp/json" '"event":"state"'
check "on: there are records again" has_line "$netns_tmp/json" '"event":"state"'
check "on: the stream says so" has_line "$netns_tmp/json" '"event":"lost"'
lost=$(grep -c '"event":"lost"' "$netns_tmp/json")
# TIME_WAIT of others can end before, while it is still on.
first=$(grep -E '"event":"lost"|"new":"SYN_SENT"' "$netns_tmp/json" |
	head -n 1 | grep -c '"event":"lost"')
echo "# $lost lost records, first of all that came after: $first"
[ "$lost $first" = "1 1" ]
ktap_result $? "one lost record, before what came after"
[ "$(counter books_exact)" = 1 ]
ktap_result $? "on: the books are exact"
kill -INT "$reader"
wait "$reader"
ktap_result $? "the reader ended well"
ktap_end

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 timeout=900
#
# Segments against tcpdump: a capture of the same run shows the same packets with
# SYN, FIN or RST, one by one, with the same flags, numbers and options.

# shellcheck source-path=SCRIPTDIR/../lib
# shellcheck disable=SC2317,SC2154 # functions are called by check; netns_add sets
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/netns.sh"
. "$(dirname "$0")/../lib/trace.sh"

[ -e /dev/tcpstate ] || ktap_skip_all "the module is not loaded"
command -v tcpdump >/dev/null || ktap_skip_all "tcpdump is not installed"
command -v perl >/dev/null || ktap_skip_all "perl is not installed"
netns_add client
netns_add server
count=$(scaled 100)

# A cable between the two: each packet leaves one and comes to the other.
ip -n "$client" link add cable type veth peer name cable netns "$server"
for n in "$client 1" "$server 2"; do
	ip -n "${n% *}" addr add "10.77.0.${n#* }/24" dev cable
	ip -n "${n% *}" addr add "fd77::${n#* }/64" dev cable nodad
	ip -n "${n% *}" link set cable up
done

# dumped NAMESPACE FILE: "out|in sport dport flags seq ack window len options" of
# each packet in a capture, sorted. Link type 113 (cooked) says the direction.
dumped()
{
	perl -e '
	binmode STDIN; local $/; my $f = <STDIN>;
	my $at = 24;
	while ($at + 16 <= length $f) {
		my ($size) = unpack("x8 V", substr($f, $at, 16));
		my $p = substr($f, $at + 16, $size);
		$at += 16 + $size;
		my ($type, $proto) = unpack("n x12 n", $p);
		my ($ip, $next, $head, $total) = (substr($p, 16));
		if ($proto == 0x0800) {
			($head, $total, $next) = ((ord($ip) & 15) * 4, unpack("x2 n x5 C", $ip));
		} elsif ($proto == 0x86dd) {
			($total, $next) = unpack("x4 n C", $ip);
			($head, $total) = (40, $total + 40);
		} else {
			next;
		}
		next unless $next == 6;
		my ($s, $d, $seq, $ack, $off, $flags, $win) = unpack("n n N N C C n", substr($ip, $head));
		next unless $flags & 7;
		my $opt = substr($ip, $head + 20, ($off >> 4) * 4 - 20);
		my %o = (mss => "-", ws => "-", sack => 0, ts => "-");
		while (length $opt) {
			my $kind = ord $opt;
			last unless $kind;
			if ($kind == 1) { $opt = substr($opt, 1); next; }
			my $size = ord substr($opt, 1);
			my $data = substr($opt, 2, $size - 2);
			$o{mss} = unpack("n", $data) if $kind == 2;
			$o{ws} = ord $data if $kind == 3;
			$o{sack} = 1 if $kind == 4;
			$o{ts} = join(":", unpack("N N", $data)) if $kind == 8;
			$opt = substr($opt, $size);
		}
		print join(" ", $type == 4 ? "out" : "in", $s, $d, $flags, $seq, $ack, $win,
			   $total - $head - ($off >> 4) * 4, @o{qw(mss ws sack ts)}), "\n";
	}' <"$1" | sort
}

# recorded FILE: the same of a raw stream of records.
recorded()
{
	perl -e '
	binmode STDIN; local $/; my $f = <STDIN>;
	for (my $at = 0; $at + 128 <= length $f; $at += 128) {
		my $r = substr($f, $at, 128);
		next unless ord(substr($r, 2)) == 12;
		my $flags = ord substr($r, 6);
		my ($l, $rp, $f2) = unpack("x72 v v v", $r);
		my ($seq, $ack, $win, $len, $mss, $ws, $o, $v, $e) = unpack("x104 V V v v v C C V V", $r);
		my $in = $f2 & 0x400;
		print join(" ", $in ? "in" : "out", $in ? ($rp, $l) : ($l, $rp), $flags, $seq, $ack,
			   $win, $len, $o & 1 ? $mss : "-", $o & 2 ? $ws : "-", $o & 4 ? 1 : 0,
			   $o & 8 ? "$v:$e" : "-"), "\n";
	}' <"$1" | sort
}

# watch NAMESPACE: capture and stream of it.
watch()
{
	background ip netns exec "$1" tcpdump -i any -y LINUX_SLL -U -B 16384 -s 200 \
		-w "$netns_tmp/$1.pcap" tcp 2>"$netns_tmp/$1.err"
	eval "dump_$2=$pid"
	# The tool arms and keeps what it is given; the records themselves are
	# read beside it.
	background ip netns exec "$1" "$tail" --event segment >/dev/null 2>&1
	eval "arm_$2=$pid"
	wait_for 30 in_ns "$1" eval "[ \$(counter segments_armed) = 1 ]"
	background ip netns exec "$1" cat /dev/tcpstate >"$netns_tmp/$1.records"
	wait_for 30 has_line "$netns_tmp/$1.err" "listening on"
}

sum()
{
	all=0
	for name in syn synack fin rst; do
		for way in in out; do
			all=$((all + $(in_ns "$1" counter "segments_${way}_$name")))
		done
	done
	echo "$all"
}

captured()
{
	dumped "$netns_tmp/$1.pcap" | wc -l
}

# All that was counted is in both files.
is_complete()
{
	[ "$(captured "$1")" = "$(sum "$1")" ] &&
		[ "$(recorded "$netns_tmp/$1.records" | wc -l)" = "$(sum "$1")" ]
}

same()
{
	wait_for 10 is_complete "$1"
	dumped "$netns_tmp/$1.pcap" >"$netns_tmp/dumped"
	recorded "$netns_tmp/$1.records" >"$netns_tmp/recorded"
	echo "$(sum "$1") counted, $(wc -l <"$netns_tmp/dumped") captured, $(wc -l <"$netns_tmp/recorded") recorded"
	diff "$netns_tmp/dumped" "$netns_tmp/recorded" | head -n 10
	[ -s "$netns_tmp/dumped" ] && cmp -s "$netns_tmp/dumped" "$netns_tmp/recorded" && is_complete "$1"
}

load()
{
	ip netns exec "$client" "$testbin/tcp_peer" load "$1" 9600 "$count" 4 "$2"
}

rest()
{
	in_ns "$client" counters_rest && in_ns "$server" counters_rest
}

background ip netns exec "$server" "$testbin/tcp_peer" serve 10.77.0.2 9600
background ip netns exec "$server" "$testbin/tcp_peer" serve fd77::2 9600
wait_for 30 in_ns "$server" listening 10.77.0.2 9600
wait_for 30 in_ns "$server" listening fd77::2 9600
watch "$client" client
watch "$server" server
ktap_plan 12
for address in 10.77.0.2 fd77::2; do
	for how in get first reset; do
		check "$address: $count connections, $how" load $address $how
	done
done
check "fd77::2: refused" ip netns exec "$client" "$testbin/tcp_peer" load fd77::2 9601 "$count" 2 refused
wait_for 30 rest
check "the client's capture is its records" same "$client"
check "the server's capture is its records" same "$server"
# What leaves one comes to the other.
recorded "$netns_tmp/$client.records" | sed -n 's/^out //p' >"$netns_tmp/left"
recorded "$netns_tmp/$server.records" | sed -n 's/^in //p' >"$netns_tmp/came"
check "all that left the client came to the server" cmp "$netns_tmp/left" "$netns_tmp/came"
sent=$(grep -c . "$netns_tmp/left")
echo "# $sent segments left the client"
check "there were at least two a connection" [ "$sent" -ge $((count * 12)) ]
kill "$arm_client" "$arm_server"
wait "$arm_client" "$arm_server"
check "not armed any more" [ "$(in_ns "$client" counter segments_armed)$(in_ns "$server" counter segments_armed)" = 00 ]
ktap_end

# SPDX-License-Identifier: GPL-2.0
#
# The table for people, of the lines of sums.awk. Owns what cases and workloads
# are called, whom they are compared with, and what we want of our own.

BEGIN {
	# Recording is compared with recording, printing with printing.
	title("idle", "tcpstate records, nobody reads")
	title("sleeping", "the same, 1 reader sleeps")
	title("sleeping16", "the same, 16 readers sleep")
	title("armed", "the same, and segments")
	title("text", "tcpstate-tail >/dev/null")
	title("json", "tcpstate-tail --json >/dev/null")
	title("segments", "tcpstate-tail --segments >/dev/null")
	title("ftrace", "ftrace event, nobody reads", "idle")
	title("bpftrace", "bpftrace, counts by state", "idle")
	title("tcpstates-stopped", "libbpf tcpstates, stopped", "idle")
	title("tcpstates", "libbpf tcpstates >/dev/null", "text")
	title("tcplife", "libbpf tcplife >/dev/null", "text")
	title("perf-trace", "perf trace -m 2048 >/dev/null", "text")
	title("conntrack", "conntrack -E >/dev/null", "text")
	thing["live"] = "live connections"
	thing["timewait"] = "TIME_WAITs"
	thing["netns"] = "network namespaces"
	thing["readers"] = "sleeping readers"
	thing["cpus"] = "CPUs, all writing"
	want["connect", "idle"] = 4400
	want["connect", "text"] = 17500
	want["connect", "json"] = 26000

	workload("connect6", "connection over IPv6")
	workload("reset", "connection reset by linger 0")
	workload("tw-overflow", "connection, TIME_WAIT finds no room")
	workload("expiry", "end of a TIME_WAIT")
	workload("transition", "transition of a full socket")
	workload("listen", "listener: socket, listen, close")
	workload("bind", "socket, bind to any port, close")
	workload("ports", "connect, no port is free")
	workload("trip", "request of 1 byte and answer")
	workload("segment", "segment of a stream, or its ACK")
	workload("flagged", "SYN, FIN or RST, sent or received")
	workload("syn-again", "SYN sent again by timer")
	workload("synack-again", "SYN-ACK sent again by timer")
	workload("each-full", "SYN refused, SYN queue full")
	workload("syn-full", "the same, one of a flood")
	workload("each-cookies", "SYN answered with a cookie")
	workload("syn-cookies", "the same, one of a flood")
	workload("each-closed", "SYN to a port nobody listens on")
	workload("syn-closed", "the same, one of a flood")
	workload("accept-drop", "third packet, accept queue full")
	want["trip", "idle"] = want["segment", "idle"] = 0
	want["segment", "armed"] = 220
	want["syn-full", "idle"] = 300
}

function title(name, text, peer)
{
	case_name[++cases] = name
	case_text[name] = text
	ours[name] = peer
}

function workload(name, text)
{
	work_name[++works] = name
	work_text[name] = text
}

function number(n,    text, out)
{
	text = sprintf("%.0f", n < 0 ? -n : n)
	while (length(text) > 3) {
		out = "," substr(text, length(text) - 2) out
		text = substr(text, 1, length(text) - 3)
	}
	return (n <= -0.5 ? "-" : "") text out
}

function target(work, name)
{
	return (work, name) in want ? number(want[work, name]) : ""
}

function events(name)
{
	return (name in seen) ? sprintf("%.1f", seen[name]) : ""
}

function ratio(name,    mine)
{
	mine = ours[name] == "" ? 0 : adds["connect", ours[name]]
	return mine > 0 ? sprintf("%.1f x", adds["connect", name] / mine) : ""
}

function growth(    i, part, kind)
{
	if (growths)
		printf "\nThe cost of a connection as other things grow:\n\n%-20s%14s%10s%10s%14s\n",
		       "", "", "alone", "recording", "of the first"
	for (i = 1; i <= growths; i++) {
		split(grown[i], part, "-")
		if (part[1] != kind)
			first = adds[grown[i]]
		kind = part[1]
		printf "%-20s%14s%10s%10s%13.1f%%\n", thing[kind], number(part[2]),
		       number(bare[grown[i]]), number(adds[grown[i]]), 100 * adds[grown[i]] / first
	}
	if (kind == "cpus")
		print "\nCPUs: counted is only what runs in tcpstate itself, and waiting for spin locks."
}

function memory(    few, many)
{
	few = "live-1000"
	many = ("live-1000000" in size) ? "live-1000000" : "live-100000"
	if (!(few in size) || !(many in size))
		return
	printf "\nMemory: %d bytes for a connection remembered; for each live connection from 1,000 " \
	       "to\n%s, with what is kept ready for more: %.0f (wanted: 192). The recorder has " \
	       "%s KiB.\n", object, number(substr(many, 6)),
	       (size[many] - size[few]) * object / (entries[many] - entries[few]), number(vmalloc / 1024)
	if (slot)
		printf "An event in it takes %.1f bytes.\n", slot
}

function loss(    i, part)
{
	if (rate_count)
		print "\nLoss, default buffers, lines to a file in memory. shared: one CPU for connections and\n" \
		      "reader; burst: the reader does not run until all connections were made.\n"
	for (i = 1; i <= rate_count; i++) {
		split(rates[i], part, " ")
		printf "%-16s%8s%10s events%10s lost%12s events a second\n", part[2] == "text" ? "tcpstate-tail" : part[2],
		       part[3], number(part[4]), number(part[4] > part[5] ? part[4] - part[5] : 0),
		       number(part[4] * 1000000000 / part[6])
	}
}

$1 == "cost" && $2 ~ /^(live|timewait|netns|readers|cpus)-/ {
	grown[++growths] = $2
	# The number of readers means nothing without tcpstate: measured once.
	bare[$2] = $2 ~ /^readers-[1-9]/ ? bare["readers-0"] : $5
	adds[$2] = $4 - bare[$2]
	next
}
$1 == "cost" { adds[$2, $3] = $4 - $5; base[$2, $3] = $5; next }
$1 == "base" && $3 { bare[$2] = $3; next }
$1 == "events" { seen[$2] = $3 / $4; next }
$1 == "missing" { name = $2; $1 = $2 = ""; missing[name] = $0; lost++; next }
$1 == "drift" { drift[++drifts] = ($2 ": " $3 " before, " $4 " after"); next }
$1 == "memory" { entries[$2] = $3; size[$2] = $4; object = $5; vmalloc = $6; next }
$1 == "rate" { rates[++rate_count] = $0; next }
$1 == "records" { slot = ($5 - $3) / ($4 - $2); next }
$1 == "hook" && $2 == "connect" {
	hook[++hooks] = $3
	hits[$3] = $4 / $6
	each[$3] = $5
	hook_sum += $4 / $6 * $5
	next
}
$1 == "hook" && $4 >= $6 / 2 && ($5 - each[$3]) ^ 2 > 2500 {
	elsewhere[++others] = $3
	where[others] = $2
	there[others] = $5
	next
}

function observers(    i, name)
{
	if (!bare["connect"])
		return
	printf "A connection over loopback, both ends: %s instructions. Who watches adds:\n\n",
	       number(bare["connect"])
	printf "%-37s%10s%9s%10s%10s%9s%9s\n", "", "instruct.", "per cent", "TIME_WAIT", "events",
	       "of ours", "wanted"
	for (i = 1; i <= cases; i++) {
		name = case_name[i]
		if (name in missing)
			printf "%-37s  NOT MEASURED:%s\n", case_text[name], missing[name]
		if (!(("connect", name) in adds))
			continue
		printf "%-37s%10s%9.1f%10s%10s%9s%9s\n", case_text[name],
		       number(adds["connect", name]),
		       100 * adds["connect", name] / base["connect", name],
		       number(adds["expiry", name]), events(name), ratio(name),
		       target("connect", name)
	}
	print "\nTIME_WAIT: added to the end of it, a minute later. events: seen for one connection.\n" \
	      "of ours: compared with tcpstate recording, or with tcpstate-tail printing text."

}

function workloads(    i, name, any)
{
	for (i = 1; i <= works; i++) {
		name = work_name[i]
		if (!((name, "idle") in adds) && !((name, "armed") in adds))
			continue
		if (!any++)
			printf "\n%-37s%10s%10s%9s%9s%10s\n", "", "alone", "recording", "wanted",
			       "segments", "wanted"
		printf "%-37s%10s%10s%9s%9s%10s\n", work_text[name],
		       bare[name] ? number(bare[name]) : "",
		       ((name, "idle") in adds) ? number(adds[name, "idle"]) : "",
		       target(name, "idle"),
		       ((name, "armed") in adds) ? number(adds[name, "armed"]) : "",
		       target(name, "armed")
	}
	if (any)
		print "\nalone: without tcpstate; recording: what it adds; segments: the same while it looks at\n" \
		      "those with SYN, FIN or RST. In a flood most are counted only, elsewhere each is recorded."
}

function hook_text(name,    part)
{
	if (split(name, part, ",") == 2)
		return part[1] ", return"
	return name
}

# What is measured by differences, and what hooks tell, are to agree.
function all_hooks(    i, name, whole)
{
	if (hooks)
		printf "\nHooks, the way there and back included, for one connection and its TIME_WAIT:\n\n" \
		       "%-37s%10s%10s%10s\n", "", "calls", "for one", "for all"
	for (i = 1; i <= hooks; i++) {
		name = hook[i]
		printf "%-37s%10.2f%10s%10s\n", hook_text(name), hits[name], number(each[name]),
		       number(hits[name] * each[name])
	}
	whole = adds["connect", "idle"] + adds["expiry", "idle"]
	if (hooks)
		printf "%-37s%10s%10s%10s%s\n", "all of them", "", "", number(hook_sum),
		       adds["connect", "idle"] ? "  by difference: " number(whole) : ""
	if (others)
		printf "\nWhere a call costs something else, or is none of a connection:\n\n"
	for (i = 1; i <= others; i++)
		printf "%-37s%10s%10s  %s\n", hook_text(elsewhere[i]), "", number(there[i]),
		       work_text[where[i] in work_text ? where[i] : ""]
}

END {
	# Of others: a segment is what looking at them adds to a connection, divided.
	if ("inet_sock_set_state" in each)
		adds["transition", "idle"] = each["inet_sock_set_state"]
	if (seen["armed"] > seen["idle"])
		adds["flagged", "armed"] = (adds["connect", "armed"] - adds["connect", "idle"]) / \
					   (seen["armed"] - seen["idle"])
	observers()
	workloads()
	growth()
	memory()
	loss()
	all_hooks()
	for (i = 1; i <= drifts; i++)
		print "\nUNSTEADY: without observers " drift[i]
	for (name in missing)
		print "\nNOT MEASURED: " name missing[name]
	exit lost > 0
}

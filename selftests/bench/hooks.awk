# SPDX-License-Identifier: GPL-2.0
#
# What one call of each hook cost, of a trace of the profiler: the way there, our
# code, what it calls, the way back. Files, in this order: kallsyms, the table of
# hooks, the trace. For each mark, and each hook that was called, one line
#   hook MARK NAME CALLS INSTRUCTIONS
# or "missing" if the trace was too long. A call into which an interrupt fell counts as
# the mean of the others. Knows how hooks are called; no workload.
#
# A hooked function calls the tracer's trampoline first: its first block ends
# behind that call, and the hook is over when the block that begins there comes.
# One with a return probe has a row more for the way back, "NAME,return".
# A tracepoint jumps to code of its own that calls our handler, and back to
# behind the jump: where the block before ended. Addresses are compared as text.

BEGIN {
	handler["set_state"] = "inet_sock_set_state"
	handler["destroy_sock"] = "tcp_destroy_sock"
	handler["retransmit"] = "tcp_retransmit_skb"
	handler["synack"] = "tcp_retransmit_synack"
	BACK = 16	# blocks before a handler among which the jump is looked for
	FORTH = 6	# blocks after it that may come before the way back
	DETOUR = 4	# blocks before a function of which one ends with the call of it
	TICK = 2000	# instructions; an interrupt takes more
}

FILENAME != file {
	file = FILENAME
	files++
}

files == 1 {
	if ($4 == "[tcpstate]" && $3 in handler)
		at_handler[$1] = handler[$3]
	else if ($3 ~ /^(arch_rethook_trampoline|__kretprobe_trampoline|kretprobe_trampoline)$/)
		way_back = $1
	else if (NF == 3 && !($3 in address))
		address[$3] = $1
	next
}

files == 2 {
	if ($3 != "attached" || $2 == "tracepoint" || !($1 in address))
		next
	at_entry[address[$1]] = $1
	returns[$1] = $2 == "kretprobe"
	next
}

# A call of a hook is over.
function sample(name, cost)
{
	if (!((mark, name) in calls))
		names[++name_count] = mark SUBSEP name
	calls[mark, name]++
	cost_of[mark, name, calls[mark, name]] = cost
}

function push(name, end)
{
	depth++
	open_name[depth] = name
	open_end[depth] = end
	open_cost[depth] = 0
}

# Is the hook that was called last over? Where a call returns to, perhaps of a
# detour, one of the blocks before it ended.
function is_over(    i)
{
	if (open_name[depth] != "return")
		return open_end[depth] == start
	for (i = 1; i <= DETOUR; i++)
		if (return_to[i] == start)
			return 1
	return 0
}

# A handler has returned: is this block where the jump to it would go on?
function jumped_back(    i, extra)
{
	for (i = 1; i <= ring_count; i++) {
		extra += ring_cost[i]
		if (ring_end[i] == start && start != after) {
			sample(back_name, back_cost + extra - ring_cost[i] + forth_cost)
			return 1
		}
	}
	return 0
}

function over(name, cost,    i)
{
	if (name == "return") {
		sample(return_of ",return", cost)
	} else if (name in traced) {
		back_name = name
		back_cost = cost
		after = start
		forth = FORTH
		forth_cost = 0
	} else {
		sample(name, cost)
	}
}

# The blocks before the one that begins, the last one first.
function remember(    i)
{
	ring_count = blocks < BACK ? blocks : BACK
	for (i = 1; i <= ring_count; i++) {
		ring_end[i] = before[(blocks - i) % BACK]
		ring_cost[i] = cost_before[(blocks - i) % BACK]
	}
}

$1 == "mark" {
	mark = $2
	depth = forth = blocks = 0
	next
}

$1 == "full" {
	print "missing hooks the trace became too long"
	next
}

NF == 4 {
	block_start[$1] = $2 ""
	block_end[$1] = $3 ""
	block_cost[$1] = $4
}

{
	start = block_start[$1]
	end = block_end[$1]
	cost = block_cost[$1]
	if (forth) {
		if (jumped_back()) {
			forth = 0
		} else {
			forth_cost += cost
			if (!--forth)
				sample(back_name, back_cost + 1)
		}
	}
	if (depth && open_cost[depth] && is_over()) {
		depth--
		over(open_name[depth + 1], open_cost[depth + 1])
		if (forth)
			forth_cost = cost
	} else if (depth && !open_cost[depth] && open_end[depth] == start) {
		open_end[depth] = end	# the first block was cut in two
	} else if (start in at_entry) {
		push(at_entry[start], end)
		if (returns[at_entry[start]]) {
			return_of = at_entry[start]
			for (i = 1; i <= DETOUR; i++)
				return_to[i] = before[(blocks - i + BACK) % BACK]
		}
	} else if (start in at_handler) {
		traced[at_handler[start]]
		remember()
		push(at_handler[start], ring_end[1])
		open_cost[depth] = cost
	} else if (start == way_back) {
		push("return", "")
		open_cost[depth] = cost
	} else if (depth) {
		open_cost[depth] += cost
	}
	before[blocks % BACK] = end
	cost_before[blocks % BACK] = cost
	blocks++
}

END {
	for (n = 1; n <= name_count; n++) {
		split(names[n], part, SUBSEP)
		least = 0
		for (i = 1; i <= calls[names[n]]; i++)
			if (i == 1 || cost_of[names[n], i] < least)
				least = cost_of[names[n], i]
		sum = quiet = 0
		for (i = 1; i <= calls[names[n]]; i++)
			if (cost_of[names[n], i] < least + TICK) {
				sum += cost_of[names[n], i]
				quiet++
			}
		printf "hook %d %s %d %.1f\n", part[1], part[2], calls[names[n]], sum / quiet
	}
}

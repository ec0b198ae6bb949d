# SPDX-License-Identifier: GPL-2.0
#
# Of what the guest printed, one line a case and workload:
#   cost WORKLOAD CASE MEDIAN BASE
# BASE being the same work without an observer, as measured before and after it.
# Where the two differ by more than 0.3 per cent, "drift WORKLOAD BEFORE AFTER"
# stands there as well; by 2 per cent where a minute of doing nothing is in it, or
# much of the kernel's memory. All other lines pass. Knows no case but "base".

# The runs of one case are over: their median.
function close_case(    i, j, swap)
{
	for (i = 1; i <= runs; i++)
		for (j = i + 1; j <= runs; j++)
			if (run[j] < run[i]) {
				swap = run[i]
				run[i] = run[j]
				run[j] = swap
			}
	if (runs) {
		n[open_work]++
		cost[open_work, n[open_work]] = run[int((runs + 1) / 2)]
		name[open_work, n[open_work]] = open_case
	}
	runs = 0
}

function show(work,    i, k, before, after, base, unlike)
{
	unlike = work ~ /^(expiry|listen|syn-again|synack-again)$/ ? 0.02 : 0.003
	for (i = 1; i <= n[work]; i++) {
		if (name[work, i] == "base") {
			if (before && (cost[work, i] - before) ^ 2 > (unlike * before) ^ 2)
				print "drift", work, before, cost[work, i]
			before = cost[work, i]
			continue
		}
		after = 0
		for (k = i + 1; k <= n[work] && !after; k++)
			if (name[work, k] == "base")
				after = cost[work, k]
		base = before && after ? (before + after) / 2 : before + after
		print "cost", work, name[work, i], cost[work, i], base
	}
	print "base", work, before
}

$1 !~ /^(missing|events|hooks|memory|rate)$/ && NF == 3 && $3 ~ /^[0-9.]+$/ {
	if ($1 != open_work || $2 != open_case)
		close_case()
	if (!($1 in n)) {
		works[++count] = $1
		n[$1] = 0
	}
	open_work = $1
	open_case = $2
	run[++runs] = $3 + 0
	next
}

{ print }

END {
	close_case()
	for (w = 1; w <= count; w++)
		show(works[w])
}

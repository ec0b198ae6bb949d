// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the kernel agrees: prints the equations with both sides, and says
 * which do not hold.
 *
 * Must not know what an equation is about.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "laws.h"
#include "laws_books.h"
#include "laws_mib.h"
#include "laws_names.h"

enum verdict {
	HOLDS,
	IDLE, /* 0 = 0: holds, but says little */
	BROKEN,
	SKIPPED,
	VERDICTS,
};

static void print(enum verdict verdict, const struct laws_equation *eq,
		  int64_t left, int64_t right, int64_t slack)
{
	static const char *const words[VERDICTS] = { "ok", "ok", "BROKEN",
						     "skipped" };
	char sides[80];

	if (verdict == SKIPPED)
		strcpy(sides, "");
	else if (!eq->slack)
		snprintf(sides, sizeof(sides), "%" PRId64 " = %" PRId64, left,
			 right);
	else if (strcmp(eq->slack, LAWS_AT_LEAST) == 0)
		snprintf(sides, sizeof(sides), "%" PRId64 " >= %" PRId64, left,
			 right);
	else if (slack)
		snprintf(sides, sizeof(sides),
			 "%" PRId64 " in %" PRId64 " to %" PRId64, left, right,
			 right + slack);
	else
		snprintf(sides, sizeof(sides), "%" PRId64 " = %" PRId64, left,
			 right);
	printf("agrees: %-7s %-26s %-16s %s : %s\n", words[verdict], eq->name,
	       sides, eq->left, eq->right);
}

/* One that does not hold: both sides, and what they consist of. */
static void complain(const struct laws_equation *eq, bool at_least,
		     const struct laws_result *left,
		     const struct laws_result *right,
		     const struct laws_result *slack)
{
	bool more = left->value > right->value;
	const char *relation = "";

	if (at_least)
		relation = "at least ";
	else if (slack->value)
		relation = more ? "at most " : "at least ";
	laws_broken(LAW_AGREES,
		    "%s: %" PRId64 " is not %s%" PRId64 ": %s against %s%s%s",
		    eq->name, left->value, relation,
		    right->value + (more ? slack->value : 0), left->terms,
		    right->terms, slack->value ? ", uncertain: " : "",
		    slack->value ? slack->terms : "");
}

static enum verdict check(const struct laws_equation *eq,
			  const struct laws_inputs *in)
{
	bool at_least = eq->slack && strcmp(eq->slack, LAWS_AT_LEAST) == 0;
	struct laws_result result[3] = {}, *left = result, *right = result + 1;
	struct laws_result *slack = result + 2;
	enum verdict verdict = HOLDS;
	const char *skip = "";
	unsigned int i;

	laws_expr(eq->left, in, left);
	laws_expr(eq->right, in, right);
	if (eq->slack && !at_least)
		laws_expr(eq->slack, in, slack);

	for (i = 0; i < ARRAY_SIZE(result) && verdict != BROKEN; i++) {
		if (*result[i].error) {
			laws_broken(LAW_AGREES, "%s: %s", eq->name,
				    result[i].error);
			verdict = BROKEN;
		} else if (*result[i].skip) {
			skip = result[i].skip;
			verdict = SKIPPED;
		}
	}
	if (verdict == SKIPPED) {
		laws_note(LAW_AGREES, "%s: not compared: %s", eq->name, skip);
	} else if (verdict == HOLDS &&
		   (left->value < right->value ||
		    (!at_least && left->value > right->value + slack->value))) {
		complain(eq, at_least, left, right, slack);
		verdict = BROKEN;
	} else if (verdict == HOLDS && !left->value && !right->value) {
		verdict = IDLE;
	}
	print(verdict, eq, left->value, right->value, slack->value);
	return verdict;
}

/* What the trace event reported that no equation is about. */
static void check_strangers(const struct laws_books *after)
{
	unsigned int from, to, i;
	char left[64];

	for (from = 0; from < TCPSTATE_STATE_COUNT; from++) {
		for (to = 0; to < TCPSTATE_STATE_COUNT; to++) {
			if (!after->raw[from][to])
				continue;
			snprintf(left, sizeof(left), "~%s>%s",
				 laws_state_name(from), laws_state_name(to));
			for (i = 0; i < laws_equation_count; i++)
				if (strcmp(laws_equations[i].left, left) == 0)
					break;
			if (i == laws_equation_count)
				laws_broken(
					LAW_AGREES,
					"the trace event reported %s to %s %" PRIu64
					" times, which there should not be",
					laws_state_name(from),
					laws_state_name(to),
					after->raw[from][to]);
		}
	}
}

void laws_agrees(const struct laws_inputs *in)
{
	unsigned int i, verdicts[VERDICTS] = {};

	if (!laws_wanted(LAW_AGREES))
		return;
	for (i = 0; i < laws_equation_count; i++) {
		const struct laws_equation *eq = &laws_equations[i];

		if (laws_options.kernel < eq->from ||
		    laws_options.kernel > eq->to)
			continue;
		/* Not to be told one by one. */
		if (*eq->left == '~' && !in->after->has_raw)
			continue;
		verdicts[check(eq, in)]++;
	}
	if (!in->after->has_raw)
		laws_note(LAW_AGREES, "nobody counted the trace event");
	check_strangers(in->after);
	laws_checked(LAW_AGREES, "%u equations, %u of nothing, %u skipped",
		     verdicts[HOLDS] + verdicts[IDLE] + verdicts[BROKEN],
		     verdicts[IDLE], verdicts[SKIPPED]);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * laws - sums of numbers from the books and the stream, written as text.
 *
 * Must not know which sums have to be equal. The texts are those of a table
 * of this program: one that cannot be read is a bug of it and says so.
 */
#include "laws_expr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "laws_names.h"

/* Which transitions a term means. */
struct rows {
	int old; /* -1: any */
	int new;
	bool causes[TCPSTATE_CAUSE_COUNT];
	int carrier; /* -1: any */
};

static void __attribute__((noreturn)) no_term(const char *term)
{
	laws_bad_input("no such term: %s", term);
}

static int known(int number, const char *term)
{
	if (number < 0)
		no_term(term);
	return number;
}

/* "rst,icmp" */
static void parse_causes(char *list, bool *causes, const char *term)
{
	char *rest, *name;

	for (name = strtok_r(list, ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest))
		causes[known(laws_cause(name), term)] = true;
}

static void parse_rows(const char *term, struct rows *rows)
{
	char text[256], *into, *causes, *carrier;
	unsigned int i;

	snprintf(text, sizeof(text), "%s", term);
	carrier = strchr(text, '@');
	if (carrier)
		*carrier++ = '\0';
	causes = strchr(text, '/');
	if (causes)
		*causes++ = '\0';
	into = strchr(text, '>');
	if (!into)
		no_term(term);
	*into++ = '\0';

	rows->old = strcmp(text, "*") ? known(laws_state(text), term) : -1;
	rows->new = known(laws_state(into), term);
	rows->carrier = -1;
	if (carrier && strcmp(carrier, "fastopen") == 0)
		rows->carrier = LAWS_FASTOPEN;
	else if (carrier)
		rows->carrier = known(laws_carrier(carrier), term);
	for (i = 0; i < TCPSTATE_CAUSE_COUNT; i++)
		rows->causes[i] = !causes;
	if (causes)
		parse_causes(causes, rows->causes, term);
}

static int64_t count_rows(const struct rows *rows, const struct laws_inputs *in,
			  bool of_carrier)
{
	unsigned int old, cause;
	int64_t sum = 0;

	for (old = 0; old < TCPSTATE_STATE_COUNT; old++) {
		if (rows->old >= 0 && old != (unsigned int)rows->old)
			continue;
		for (cause = 0; cause < TCPSTATE_CAUSE_COUNT; cause++) {
			if (!rows->causes[cause])
				continue;
			if (of_carrier)
				sum += in->sums->state[old][rows->new][cause]
						      [rows->carrier];
			else
				sum += in->after->row[old][rows->new][cause] -
				       in->before->row[old][rows->new][cause];
		}
	}
	return sum;
}

static void need_stream(const struct laws_inputs *in, bool whole,
			struct laws_result *result)
{
	if (!in->sums)
		snprintf(result->skip, sizeof(result->skip),
			 "needs the stream");
	else if (whole && !in->sums->whole)
		snprintf(result->skip, sizeof(result->skip),
			 "needs the whole stream");
}

static int64_t rows_term(const char *term, const struct laws_inputs *in,
			 struct laws_result *result)
{
	struct rows rows;
	int64_t all;

	parse_rows(term, &rows);
	all = count_rows(&rows, in, false);
	/* None at all is none with this carrier. */
	if (rows.carrier < 0 || !all)
		return all;
	need_stream(in, true, result);
	return *result->skip ? 0 : count_rows(&rows, in, true);
}

static int64_t raw_term(const char *term, const struct laws_inputs *in,
			struct laws_result *result)
{
	struct rows rows;

	parse_rows(term, &rows);
	if (!in->after->has_raw)
		snprintf(result->skip, sizeof(result->skip),
			 "needs the counts of the trace event");
	return in->after->raw[rows.old][rows.new] -
	       in->before->raw[rows.old][rows.new];
}

/* "cookie/cookie-sent" */
static int64_t event_term(const char *term, const struct laws_inputs *in,
			  struct laws_result *result)
{
	bool causes[TCPSTATE_CAUSE_COUNT] = {};
	char text[256], *list;
	unsigned int i;
	int64_t sum = 0;
	int kind;

	snprintf(text, sizeof(text), "%s", term);
	list = strchr(text, '/');
	if (list) {
		*list++ = '\0';
		parse_causes(list, causes, term);
	}
	kind = laws_kind(text);
	if (!kind)
		no_term(term);
	/* Losses make it smaller; it stands where it must not be greater. */
	need_stream(in, false, result);
	for (i = 0; !*result->skip && i < TCPSTATE_CAUSE_COUNT; i++)
		if (!list || causes[i])
			sum += in->sums->event[kind][i];
	return sum;
}

static int64_t value_of(const struct laws_books *books, const char *name,
			struct laws_result *result)
{
	int64_t value = 0;

	if (!laws_books_value(books, name, &value) && !*result->error)
		snprintf(result->error, sizeof(result->error),
			 "there is no %s in %s", name, books->dir);
	return value;
}

static int64_t term_value(const char *term, const struct laws_inputs *in,
			  struct laws_result *result)
{
	int64_t now;

	switch (*term) {
	case '=':
		return value_of(in->after, term + 1, result);
	case '<':
		return value_of(in->before, term + 1, result);
	case '~':
		return raw_term(term + 1, in, result);
	case '!':
		return event_term(term + 1, in, result);
	case '.':
		term++;
		break;
	default:
		if (strchr(term, '>'))
			return rows_term(term, in, result);
		if (strcmp(term, "0") == 0)
			return 0;
	}
	now = value_of(in->after, term, result);
	return now - value_of(in->before, term, result);
}

/* For people: what the sum consists of. */
static void tell(struct laws_result *result, bool minus, const char *term,
		 int64_t value)
{
	unsigned int len = strlen(result->terms);

	if (len || minus)
		len += snprintf(result->terms + len,
				sizeof(result->terms) - len, "%s%c ",
				len ? " " : "", minus ? '-' : '+');
	if (len < sizeof(result->terms) && value)
		snprintf(result->terms + len, sizeof(result->terms) - len,
			 "%s(%" PRId64 ")", term, value);
	else if (len < sizeof(result->terms))
		snprintf(result->terms + len, sizeof(result->terms) - len, "%s",
			 term);
}

void laws_expr(const char *text, const struct laws_inputs *in,
	       struct laws_result *result)
{
	char *copy = strdup(text), *term, *rest;
	bool minus = false;
	int64_t value;

	if (!copy)
		laws_bad_input("out of memory");
	memset(result, 0, sizeof(*result));
	for (term = strtok_r(copy, " ", &rest); term;
	     term = strtok_r(NULL, " ", &rest)) {
		if (strcmp(term, "+") == 0 || strcmp(term, "-") == 0) {
			minus = *term == '-';
			continue;
		}
		value = term_value(term, in, result);
		tell(result, minus, term, value);
		result->value += minus ? -value : value;
		minus = false;
	}
	free(copy);
}

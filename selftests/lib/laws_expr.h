/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - sums of numbers from the books and the stream, written as text.
 *
 * Must not know which sums have to be equal.
 *
 * A sum is terms with + or - between them, and blanks around those:
 *
 *   Tcp:ActiveOpens	how much a MIB grew from one moment to the other
 *   .children		the same for a value of our counters
 *   =sockstat:tw	what a value was at the later moment
 *   <state_SYN_RECV_now	what it was at the earlier one
 *   ESTABLISHED>CLOSE	how many transitions there were
 *   SYN_SENT>CLOSE/rst,icmp	the same for these causes only
 *   *>CLOSE/reused	the same from any state
 *   SYN_RECV>CLOSE@sock	the same with this carrier, or with @fastopen,
 *			the flag, which only the stream tells
 *   ~LISTEN>SYN_RECV	what the kernel's trace event reported
 *   !cookie/cookie-sent	events of this kind, with those they stand for
 */
#ifndef LIB_LAWS_EXPR_H
#define LIB_LAWS_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "laws_files.h"
#include "laws_sums.h"

/**
 * struct laws_inputs - where numbers are from
 * @before: the earlier moment
 * @after: the later moment
 * @sums: of the stream between them; NULL if there is none
 */
struct laws_inputs {
	const struct laws_books *before;
	const struct laws_books *after;
	const struct laws_sums *sums;
};

/**
 * struct laws_result - what a sum is
 * @value: the number, if @error and @skip are empty
 * @error: what should be there and is not
 * @skip: why this cannot be said with these inputs
 * @terms: the sum again, with the value of each term that is not 0
 */
struct laws_result {
	int64_t value;
	char error[160];
	char skip[160];
	char terms[1024];
};

void laws_expr(const char *text, const struct laws_inputs *in,
	       struct laws_result *result);

#endif /* LIB_LAWS_EXPR_H */

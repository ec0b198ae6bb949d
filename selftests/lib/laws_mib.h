/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - the equations between what the kernel counts and what we count.
 *
 * Must not know where the numbers are from.
 */
#ifndef LIB_LAWS_MIB_H
#define LIB_LAWS_MIB_H

/* A slack: the left side may be greater than the right one by any number. */
#define LAWS_AT_LEAST "*"

/**
 * struct laws_equation - left = right, or right <= left <= right + slack
 * @name: for messages
 * @left: a sum as of laws_expr.h, what the kernel counted
 * @right: a sum, what we counted
 * @slack: a sum, by how much we cannot tell; NULL if we can; or LAWS_AT_LEAST
 * @from: first kernel for which it holds, 1000 * version + patchlevel
 * @to: last one
 */
struct laws_equation {
	const char *name;
	const char *left;
	const char *right;
	const char *slack;
	unsigned int from;
	unsigned int to;
};

extern const struct laws_equation laws_equations[];
extern const unsigned int laws_equation_count;

#endif /* LIB_LAWS_MIB_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * laws - the laws that look at the books of two moments of rest.
 *
 * Must not know the formats of files.
 */
#ifndef LIB_LAWS_BOOKS_H
#define LIB_LAWS_BOOKS_H

#include "laws_chain.h"
#include "laws_expr.h"

/* The kernel agrees: each equation that holds for this kernel (laws_mib.c). */
void laws_agrees(const struct laws_inputs *in);

/* The books are right: gauges, ss and transitions. */
void laws_books(const struct laws_inputs *in);

/* The books and a stream tell the same. @name: of the stream, or NULL. */
void laws_books_stream(const struct laws_books *before,
		       const struct laws_books *after,
		       const struct laws_sums *sums, const char *name);
void laws_books_lives(const struct laws_books *after,
		      const struct laws_chain *chain);

#endif /* LIB_LAWS_BOOKS_H */

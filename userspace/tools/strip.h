/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - the text between the two lines of a chart: pieces that are
 * never broken, on as many lines as they need.
 *
 * This header owns the wrapping. It must not know what the pieces say.
 */
#ifndef TOOLS_STRIP_H
#define TOOLS_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
	STRIP_WIDTH = 59,
	STRIP_LINES = 12,
	STRIP_PIECE = 80,
};

/* @first is the width of the first line; 0 for that of all. */
struct strip {
	unsigned int first;
	unsigned int lines;
	unsigned int len[STRIP_LINES];
	char text[STRIP_LINES][STRIP_WIDTH];
};

/* What comes next begins a line. */
static inline void strip_break(struct strip *s)
{
	if (s->lines < STRIP_LINES && (!s->lines || s->len[s->lines - 1]))
		s->len[s->lines++] = 0;
}

/* A piece of no more than @n bytes on the last line. */
static inline void strip_put(struct strip *s, const char *text, size_t n)
{
	unsigned int *len = &s->len[s->lines - 1];
	size_t width = s->lines == 1 && s->first ? s->first : STRIP_WIDTH;

	if (n > width - *len)
		n = width - *len;
	memcpy(s->text[s->lines - 1] + *len, text, n);
	*len += n;
}

static inline bool strip_fits(const struct strip *s, size_t n)
{
	size_t width = s->lines == 1 && s->first ? s->first : STRIP_WIDTH;

	return s->lines && n <= width - s->len[s->lines - 1];
}

/*
 * Add the piece from @from to @to, and before it @glue, of which a line ends
 * without the blank and none begins with it. What has no room is cut off.
 */
static inline void strip_add(struct strip *s, const char *glue,
			     const char *from, const char *to)
{
	size_t n = to - from;

	if (!s->lines)
		strip_break(s);
	if (!s->len[s->lines - 1]) {
		strip_put(s, from, n);
		return;
	}
	if (strip_fits(s, strlen(glue) + n)) {
		strip_put(s, glue, strlen(glue));
		strip_put(s, from, n);
		return;
	}
	if (*glue == ',')
		strip_put(s, glue, 1);
	if (s->lines == STRIP_LINES)
		return;
	strip_break(s);
	strip_put(s, from, n);
}

#endif /* TOOLS_STRIP_H */

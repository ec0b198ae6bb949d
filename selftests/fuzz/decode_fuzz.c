// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: any bytes as a stream. Decoding must neither look beyond
 * them nor stand still, and every event must fit a line, as must each part of the
 * charts of all of them.
 *
 *   make && ./build/decode_fuzz -max_total_time=60
 */
#include <stdlib.h>
#include <string.h>

#include <format.h>
#include <ladder.h>
#include <tcpstate.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char line[FORMAT_LINE_MAX];
static struct ladder ladder;

static void draw(struct format *format, struct ladder_connection *c)
{
	unsigned int i;

	if (format_ladder_head(format, c, line) > line + sizeof(line))
		abort();
	for (i = 0; i < c->nr_rows; i++)
		if (format_ladder_row(format, c, i, line) > line + sizeof(line))
			abort();
	ladder_drop(&ladder, c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct format format = { .wide = true, .wall_clock = true };
	struct ladder_connection *c;
	struct tcps_event event;
	uint8_t *copy = malloc(size + !size);
	size_t at = 0;
	int n;

	memcpy(copy, data, size);
	while ((n = tcpstate_decode(copy + at, size - at, &event)) > 0) {
		at += n;
		if (at > size)
			abort();
		if (!tcpstate_kind_name(event.kind))
			continue;
		if (format_json(&format, &event, line) > line + sizeof(line))
			abort();
		format.cached_text[0] = '\0';
		if (format_text(&format, &event, line) > line + sizeof(line))
			abort();
		format.cached_text[0] = '\0';
		if (format_lifeline(&format, &event, line) >
		    line + sizeof(line))
			abort();
		format.cached_text[0] = '\0';
		while ((c = ladder_next(&ladder, event.mono_ns)))
			draw(&format, c);
		ladder_take(&ladder, &event);
	}
	while ((c = ladder_last(&ladder)))
		draw(&format, c);
	free(copy);
	return 0;
}

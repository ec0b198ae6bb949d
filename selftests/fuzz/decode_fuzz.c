// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: any bytes as a stream. Decoding must neither look beyond
 * them nor stand still, and every event must fit a line.
 *
 *   make && ./build/decode_fuzz -max_total_time=60
 */
#include <stdlib.h>
#include <string.h>

#include <format.h>
#include <tcpstate.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char line[FORMAT_LINE_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct format format = { .wide = true, .wall_clock = true };
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
	}
	free(copy);
	return 0;
}

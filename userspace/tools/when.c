// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - the times of what is drawn as a block. See when.h.
 */
#include "when.h"

#include <time.h>

#include "emit.h"
#include "text.h"

enum {
	W_CLOCK = 15,
	W_CLOCK_WIDE = 26,
	W_SECONDS = 12,
};

#define QUARTER_HOUR 900

void when_start(struct format *f, uint64_t mono_ns)
{
	if (f->started)
		return;
	f->started = true;
	f->first_ns = mono_ns;
}

/* Without an option it is the time of day: a step needs one. */
static bool has_clock(const struct format *f)
{
	return f->wall_clock || !f->seconds;
}

static size_t clock_width(const struct format *f)
{
	return f->wide ? W_CLOCK_WIDE : W_CLOCK;
}

/*
 * Local time minus UTC, seconds. Clocks are changed at full quarters of an
 * hour, so that one look-up of the time zone serves most steps of most
 * connections.
 */
static int64_t zone(struct format *f, int64_t second)
{
	int64_t quarter = second / QUARTER_HOUR + 1;
	time_t when = second;
	struct tm tm;

	if (quarter != f->cached_quarter) {
		f->cached_zone = localtime_r(&when, &tm) ? tm.tm_gmtoff : 0;
		f->cached_quarter = quarter;
	}
	return f->cached_zone;
}

char *when_clock(struct format *f, uint64_t mono_ns, char *p)
{
	int64_t ns = mono_ns + (uint64_t)f->real_offset;
	int64_t second = ns / 1000000000;

	if (ns < 0)
		return emit_char(p, '-');

	second += zone(f, second);
	if (f->wide)
		p = emit_char(emit_date(p, second), ' ');
	p = emit_char(emit_clock(p, second), '.');
	return emit_places(p, ns % 1000000000 / 1000, 6);
}

/* Since the first that was shown; what is shown later may be older. */
static char *seconds_column(const struct format *f, uint64_t mono_ns, char *p)
{
	uint64_t ns = mono_ns - f->first_ns;
	char *from = p;

	if (mono_ns < f->first_ns) {
		ns = f->first_ns - mono_ns;
		p = emit_char(p, '-');
	}
	p = emit_char(emit_u64(p, ns / 1000000000), '.');
	p = emit_places(p, ns % 1000000000 / 1000, 6);
	return emit_pad(p, from, W_SECONDS);
}

size_t when_width(const struct format *f)
{
	size_t width = 0;

	if (has_clock(f))
		width += clock_width(f) + 1;
	if (f->seconds)
		width += W_SECONDS + 1;
	return width;
}

char *when_header(const struct format *f, char *p)
{
	if (has_clock(f))
		p = text_column(p, "TIME", clock_width(f));
	if (f->seconds)
		p = text_column(p, "TIME(s)", W_SECONDS);
	return p;
}

char *when_columns(struct format *f, uint64_t mono_ns, char *p)
{
	if (has_clock(f))
		p = emit_pad(when_clock(f, mono_ns, p), p, clock_width(f));
	if (f->seconds)
		p = seconds_column(f, mono_ns, p);
	return p;
}

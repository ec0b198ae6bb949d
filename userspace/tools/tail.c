// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - from an open reader to printed lines. See tail.h.
 */
#include "tail.h"

#include <errno.h>
#include <time.h>

#include "stop.h"

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/*
 * Wall-clock time is monotonic time plus an offset. Somebody may set the clock,
 * so it is looked at for each batch; but two clocks cannot be read at once, and
 * a difference that comes of that alone would put events out of order.
 */
static void follow_clock(struct format *f)
{
	int64_t offset = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	int64_t change = offset - f->real_offset;

	if (change > 1000000 || change < -1000000)
		f->real_offset = offset;
}

static int print_header(struct tail *t)
{
	char *p;

	if (t->config->no_header || t->config->json)
		return 0;

	t->doing = "write";
	p = buffer_reserve(&t->out, FORMAT_LINE_MAX);
	if (!p)
		return -errno;
	if (t->config->ladder)
		p = format_ladder_header(&t->format, p);
	else if (t->config->lifelines)
		p = format_lifeline_header(&t->format, p);
	else
		p = format_text_header(&t->format, p);
	buffer_commit(&t->out, p);
	return buffer_flush(&t->out);
}

static bool is_enough(const struct tail *t)
{
	uint64_t limit = t->config->count;

	return limit && (t->config->ladder ? t->drawn : t->count) >= limit;
}

static int draw(struct tail *t, const struct ladder_connection *c)
{
	unsigned int i;
	char *p;

	p = buffer_reserve(&t->out, FORMAT_LINE_MAX);
	if (!p)
		return -errno;
	buffer_commit(&t->out, format_ladder_head(&t->format, c, p));
	for (i = 0; i < c->nr_rows; i++) {
		p = buffer_reserve(&t->out, FORMAT_LINE_MAX);
		if (!p)
			return -errno;
		buffer_commit(&t->out, format_ladder_row(&t->format, c, i, p));
	}
	t->drawn++;
	return 0;
}

/* Draw what ended and waited long enough; with @all whatever there is. */
static int draw_ready(struct tail *t, uint64_t now_ns, bool all)
{
	struct ladder_connection *c;
	int err;

	while (!is_enough(t)) {
		c = all ? ladder_last(&t->ladder) :
			  ladder_next(&t->ladder, now_ns);
		if (!c)
			break;
		err = draw(t, c);
		if (err)
			return err;
		ladder_drop(&t->ladder, c);
	}
	return 0;
}

/* How a line looks: the same for all of them. */
static void choose_line(struct tail *t)
{
	if (t->config->json)
		t->line = format_json;
	else if (t->config->lifelines || t->config->ladder)
		t->line = format_lifeline;
	else
		t->line = format_text;
}

static int print_line(struct tail *t, const struct tcps_event *event)
{
	char *p = buffer_reserve(&t->out, FORMAT_LINE_MAX);

	if (!p)
		return -errno;
	buffer_commit(&t->out, t->line(&t->format, event, p));
	return 0;
}

/* A loss is told at once, as between life lines. */
static int print(struct tail *t, const struct tcps_event *event)
{
	int err = 0;

	if (t->config->ladder) {
		err = draw_ready(t, event->mono_ns, false);
		ladder_take(&t->ladder, event);
	}
	if (!err && (!t->config->ladder || event->kind == TCPS_EVENT_LOST))
		err = print_line(t, event);
	if (err)
		return err;

	t->last_ns = event->mono_ns;
	if (event->kind != TCPS_EVENT_LOST)
		t->count++;
	if (event->kind == TCPS_EVENT_STATE && event->flags & TCPS_F_SNAPSHOT)
		t->alive++;
	return 0;
}

/* How many events may still be printed, as far as a batch is concerned. */
static size_t room(const struct tail *t)
{
	uint64_t limit = t->config->count;

	if (is_enough(t))
		return 0;
	if (!limit || t->config->ladder || limit - t->count > TAIL_BATCH)
		return TAIL_BATCH;
	return limit - t->count;
}

/*
 * Read events, print them, and write everything out. Return how many there
 * were, losses included; 0 at the end of a stream; or a negative errno.
 */
static int batch(struct tail *t)
{
	int i, n, err;

	t->doing = "read";
	n = tcpstate_read(t->ts, t->events, room(t));
	if (n <= 0)
		return n;

	t->doing = "write";
	follow_clock(&t->format);
	for (i = 0; i < n; i++) {
		err = print(t, &t->events[i]);
		if (err)
			return err;
	}
	err = buffer_flush(&t->out);
	return err ? err : n;
}

/*
 * Told to stop: print what was recorded before that and not read yet, so that
 * what a user saw happen is there. It ends under any load, because later events
 * are left alone. A stream may make us wait: it is left as it is.
 */
static int drain(struct tail *t)
{
	uint64_t stopped = clock_ns(CLOCK_MONOTONIC);
	int n = 1;

	if (t->config->read)
		return 0;
	while (n > 0 && room(t) && t->last_ns < stopped)
		n = batch(t);
	return n == -EAGAIN || n > 0 ? 0 : n;
}

/* Wait for events; meanwhile what has ended is shown. */
static int wait_for_events(struct tail *t)
{
	uint64_t patience = t->ladder.first_ended_ns ? LADDER_GRACE_NS : 0;
	int err;

	if (tcpstate_buffered(t->ts))
		return 0;
	err = stop_wait(tcpstate_fd(t->ts), t->out.fd, patience);
	if (err != -EAGAIN)
		return err;

	t->doing = "write";
	err = draw_ready(t, UINT64_MAX, false);
	if (!err)
		err = buffer_flush(&t->out);
	return err ? err : -EAGAIN;
}

static int run(struct tail *t)
{
	int n;

	choose_line(t);
	n = print_header(t);
	if (n)
		return n;

	while (room(t)) {
		t->doing = "read";
		n = wait_for_events(t);
		if (n == -EAGAIN)
			continue;
		if (n)
			return n;
		if (stop_requested())
			return drain(t);

		n = batch(t);
		if (n == -EAGAIN || (n == -EINTR && !stop_requested()))
			continue;
		if (n <= 0)
			return n;
	}
	return 0;
}

int tail_run(struct tail *t)
{
	int n = run(t);
	int err;

	/* What is still open is drawn as well, unless nobody takes it. */
	if (!t->config->ladder || (n && *t->doing == 'w') || n == -EPIPE)
		return n;
	err = draw_ready(t, UINT64_MAX, true);
	if (!err)
		err = buffer_flush(&t->out);
	if (err)
		t->doing = "write";
	return err ? err : n;
}

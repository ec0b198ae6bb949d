// SPDX-License-Identifier: GPL-2.0
/*
 * The handle on a stream: whole, cut off, in drops, corrupt; the filter and the
 * statistics that the library keeps for it; and what open() refuses.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tcpstate.h>

#include "records.h"
#include "test.h"

#define MAX 64

static struct tcps_event events[MAX];

/* A pipe with these bytes in it; the writer's end is closed unless @open. */
static int stream_of(const void *bytes, size_t len, int *open)
{
	int fds[2];

	if (pipe(fds) || write(fds[1], bytes, len) != (ssize_t)len)
		abort();
	if (open)
		*open = fds[1];
	else
		close(fds[1]);
	return fds[0];
}

static struct tcpstate *open_stream(const void *bytes, size_t len)
{
	struct tcpstate *ts = NULL;

	if (tcpstate_open_fd(&ts, stream_of(bytes, len, NULL), 0))
		abort();
	return ts;
}

static void close_stream(struct tcpstate *ts)
{
	int fd = tcpstate_fd(ts);

	tcpstate_close(ts);
	/* It was ours and must still be open. */
	CHECK_EQ(close(fd), 0);
}

static void whole_records(void)
{
	struct tcpstate_record r[3] = {
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_LOST),
		make_record(TCPSTATE_EVENT_RESET),
	};
	struct tcpstate *ts = open_stream(r, sizeof(r));

	CHECK(!tcpstate_buffered(ts));
	CHECK_EQ(tcpstate_read(ts, events, MAX), 3);
	CHECK_EQ(events[0].kind, TCPS_EVENT_STATE);
	CHECK_EQ(events[1].kind, TCPS_EVENT_LOST);
	CHECK_EQ(events[2].kind, TCPS_EVENT_RESET);
	CHECK_EQ(tcpstate_read(ts, events, MAX), 0);
	CHECK_EQ(tcpstate_read(ts, events, MAX), 0);
	close_stream(ts);
}

static void empty_stream(void)
{
	struct tcpstate *ts = open_stream("", 0);

	CHECK_EQ(tcpstate_read(ts, events, MAX), 0);
	close_stream(ts);
}

static void one_at_a_time(void)
{
	struct tcpstate_record r[3] = {
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_STATE),
	};
	struct tcpstate *ts = open_stream(r, sizeof(r));

	CHECK_EQ(tcpstate_read(ts, events, 0), -EINVAL);
	CHECK_EQ(tcpstate_read(ts, events, 1), 1);
	/* A read asks for no less than the largest record: two came. */
	CHECK(tcpstate_buffered(ts));
	CHECK_EQ(tcpstate_read(ts, events, 1), 1);
	CHECK(!tcpstate_buffered(ts));
	CHECK_EQ(tcpstate_read(ts, events, 1), 1);
	CHECK_EQ(tcpstate_read(ts, events, 1), 0);
	close_stream(ts);
}

static void cut_off(void)
{
	struct tcpstate_record r[2] = {
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_STATE),
	};
	struct tcpstate *ts = open_stream(r, sizeof(r) - 1);

	CHECK_EQ(tcpstate_read(ts, events, MAX), 1);
	CHECK_EQ(tcpstate_read(ts, events, MAX), -EIO);
	CHECK_EQ(tcpstate_read(ts, events, MAX), -EIO);
	CHECK(tcpstate_buffered(ts));
	close_stream(ts);
}

/* Each record in two halves; with NONBLOCK the first half is no event. */
static void in_drops(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	const char *bytes = (const char *)&r;
	struct tcpstate *ts;
	int in, i;

	if (tcpstate_open_fd(&ts, stream_of("", 0, &in), TCPS_OPEN_NONBLOCK))
		abort();
	for (i = 1; i < 128; i++) {
		CHECK_EQ(write(in, bytes, i), i);
		CHECK_EQ(tcpstate_read(ts, events, MAX), -EAGAIN);
		CHECK(!tcpstate_buffered(ts));
		CHECK_EQ(write(in, bytes + i, 128 - i), 128 - i);
		CHECK_EQ(tcpstate_read(ts, events, MAX), 1);
		CHECK_EQ(events[0].cookie, 4711);
	}
	close(in);
	CHECK_EQ(tcpstate_read(ts, events, MAX), 0);
	close_stream(ts);
}

static void corrupt(void)
{
	struct tcpstate_record r[2] = {
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_STATE),
	};
	struct tcpstate *ts;

	r[1].size = 0;
	ts = open_stream(r, sizeof(r));
	CHECK_EQ(tcpstate_read(ts, events, MAX), 1);
	CHECK_EQ(tcpstate_read(ts, events, MAX), -EBADMSG);
	CHECK_EQ(tcpstate_read(ts, events, MAX), -EBADMSG);
	close_stream(ts);
}

static void unknown_kinds_are_left_out(void)
{
	struct tcpstate_record r[3] = {
		make_record(TCPSTATE_EVENT_STATE),
		make_record(200),
		make_record(TCPSTATE_EVENT_STATE),
	};
	struct tcpstate *ts;

	r[0].seq = 1;
	r[1].seq = 2;
	r[2].seq = 3;
	ts = open_stream(r, sizeof(r));
	CHECK_EQ(tcpstate_read(ts, events, MAX), 2);
	CHECK_EQ(events[0].seq, 1);
	CHECK_EQ(events[1].seq, 3);
	close_stream(ts);

	ts = open_stream(&r[1], sizeof(r[1]));
	CHECK_EQ(tcpstate_read(ts, events, MAX), 0);
	close_stream(ts);
}

static void many(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	char name[] = "/tmp/tcpstate-unit-XXXXXX";
	int fd = mkstemp(name), total = 0, n, i;
	struct tcpstate *ts;

	CHECK(fd >= 0);
	unlink(name);
	for (i = 0; i < 5000; i++) {
		r.seq = i;
		if (write(fd, &r, sizeof(r)) != sizeof(r))
			abort();
	}
	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(tcpstate_open_fd(&ts, fd, 0), 0);
	while ((n = tcpstate_read(ts, events, MAX)) > 0)
		for (i = 0; i < n; i++)
			CHECK_EQ(events[i].seq, total++);
	CHECK_EQ(n, 0);
	CHECK_EQ(total, 5000);
	close_stream(ts);
}

/* How many of @r, of @n, pass @filter. */
static int passing(const struct tcpstate_record *r, size_t n,
		   const struct tcps_filter *filter)
{
	struct tcpstate *ts = open_stream(r, n * sizeof(*r));
	struct tcps_stats s;
	int got;

	CHECK_EQ(tcpstate_set_filter(ts, filter), 0);
	got = tcpstate_read(ts, events, MAX);
	CHECK_EQ(tcpstate_get_stats(ts, &s), 0);
	CHECK_EQ(s.delivered + s.lost_runs, got);
	CHECK_EQ(s.recorded, s.delivered + s.filtered + s.lost + s.pending);
	close_stream(ts);
	return got;
}

static void filter(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_STATE);
	struct tcpstate_record drop = make_record(TCPSTATE_EVENT_SYN_DROP);
	struct tcpstate_record lost = make_record(TCPSTATE_EVENT_LOST);
	struct tcps_filter f = { 0 };

	CHECK_EQ(passing(&r, 1, &f), 1);
	f.kinds = 1 << TCPS_EVENT_RESET;
	CHECK_EQ(passing(&r, 1, &f), 0);
	CHECK_EQ(passing(&lost, 1, &f), 1);
	f.kinds |= 1 << TCPS_EVENT_STATE;
	CHECK_EQ(passing(&r, 1, &f), 1);
	f.family = 6;
	CHECK_EQ(passing(&r, 1, &f), 0);
	CHECK_EQ(passing(&lost, 1, &f), 1);
	f.family = 4;
	CHECK_EQ(passing(&r, 1, &f), 1);
	f.lports[0] = 80;
	f.lports[1] = 8080;
	f.nr_lports = 1;
	CHECK_EQ(passing(&r, 1, &f), 0);
	f.nr_lports = 2;
	CHECK_EQ(passing(&r, 1, &f), 1);
	f.rports[0] = 8080;
	f.nr_rports = 1;
	CHECK_EQ(passing(&r, 1, &f), 0);
	f.rports[0] = 40112;
	CHECK_EQ(passing(&r, 1, &f), 1);

	memset(&f, 0, sizeof(f));
	f.new_states = 1 << TCPS_CLOSE;
	CHECK_EQ(passing(&r, 1, &f), 0);
	CHECK_EQ(passing(&drop, 1, &f), 1);
	f.new_states |= 1 << TCPS_ESTABLISHED;
	CHECK_EQ(passing(&r, 1, &f), 1);
	f.old_states = 1 << TCPS_CLOSE;
	CHECK_EQ(passing(&r, 1, &f), 0);
	f.old_states |= 1 << TCPS_SYN_RECV;
	CHECK_EQ(passing(&r, 1, &f), 1);
	r.new_state = 200;
	CHECK_EQ(passing(&r, 1, &f), 0);
}

static void bad_filters(void)
{
	struct tcpstate *ts = open_stream("", 0);
	struct tcps_filter f;

#define REFUSED(member, value)                                  \
	do {                                                    \
		memset(&f, 0, sizeof(f));                       \
		f.member = (value);                             \
		CHECK_EQ(tcpstate_set_filter(ts, &f), -EINVAL); \
	} while (0)

	REFUSED(kinds, 1);
	REFUSED(kinds, UINT64_C(1) << TCPS_EVENT_COUNT);
	REFUSED(kinds, UINT64_C(1) << 63);
	REFUSED(old_states, 1);
	REFUSED(old_states, 1 << 12);
	REFUSED(new_states, 1);
	REFUSED(new_states, 1 << 15);
	REFUSED(family, 2);
	REFUSED(family, 10);
	REFUSED(nr_lports, TCPS_PORTS + 1);
	REFUSED(nr_rports, TCPS_PORTS + 1);
	close_stream(ts);
}

static void statistics(void)
{
	struct tcpstate_record r[4] = {
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_LOST),
		make_record(TCPSTATE_EVENT_LOST),
		make_record(TCPSTATE_EVENT_RESET),
	};
	struct tcps_filter f = { .kinds = 1 << TCPS_EVENT_RESET };
	struct tcpstate *ts = open_stream(r, sizeof(r));
	struct tcps_stats s;

	tcpstate_set_filter(ts, &f);
	CHECK_EQ(tcpstate_read(ts, events, MAX), 3);
	CHECK_EQ(tcpstate_get_stats(ts, &s), 0);
	CHECK_EQ(s.delivered, 1);
	CHECK_EQ(s.filtered, 1);
	CHECK_EQ(s.lost, 2 * 1234);
	CHECK_EQ(s.lost_runs, 2);
	CHECK_EQ(s.recorded, 2 + 2 * 1234);
	CHECK_EQ(s.pending, 0);
	CHECK(!s.scoped);
	close_stream(ts);

	r[1].flags = TCPSTATE_F_SCOPED;
	ts = open_stream(r, sizeof(r));
	tcpstate_read(ts, events, MAX);
	tcpstate_get_stats(ts, &s);
	CHECK(s.scoped);
	close_stream(ts);
}

/* A connection that is alive is filtered, and counted nowhere. */
static void snapshots(void)
{
	struct tcpstate_record r[4] = {
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_STATE),
		make_record(TCPSTATE_EVENT_RESET),
	};
	struct tcps_filter f = { .new_states = 1 << TCPS_CLOSE_WAIT };
	struct tcpstate *ts;
	struct tcps_stats s;

	r[0].flags |= TCPSTATE_F_SNAPSHOT;
	r[1].flags |= TCPSTATE_F_SNAPSHOT;
	r[1].old_state = TCPSTATE_CLOSE_WAIT;
	r[1].new_state = TCPSTATE_CLOSE_WAIT;
	/* The flag has a meaning for transitions only. */
	r[3].flags |= TCPSTATE_F_SNAPSHOT;

	ts = open_stream(r, sizeof(r));
	CHECK_EQ(tcpstate_set_filter(ts, &f), 0);
	CHECK_EQ(tcpstate_read(ts, events, MAX), 2);
	CHECK_EQ(events[0].new_state, TCPS_CLOSE_WAIT);
	CHECK_EQ(events[0].flags & TCPS_F_SNAPSHOT, TCPS_F_SNAPSHOT);
	CHECK_EQ(tcpstate_get_stats(ts, &s), 0);
	CHECK_EQ(s.delivered, 1);
	CHECK_EQ(s.filtered, 1);
	CHECK_EQ(s.recorded, 2);
	close_stream(ts);
}

static void no_start_point(void)
{
	struct tcpstate *ts = open_stream("", 0);

	CHECK_EQ(tcpstate_set_start(ts, TCPS_START_LIVE, 0, NULL), -ENOTTY);
	CHECK_EQ(tcpstate_set_start(ts, TCPS_START_OLDEST, 0, NULL), -ENOTTY);
	close_stream(ts);
}

static void bad_opens(void)
{
	struct tcpstate *ts = (struct tcpstate *)&ts, *before = ts;
	struct tcps_version v;
	char name[] = "/tmp/tcpstate-unit-XXXXXX";

	CHECK_EQ(tcpstate_open(&ts, "/nonexistent/tcpstate", 0), -ENOENT);
	CHECK_EQ(tcpstate_open(&ts, "/dev/null", 0), -ENOTTY);
	CHECK_EQ(tcpstate_open(&ts, "/dev/zero", 0), -ENOTTY);
	CHECK_EQ(tcpstate_open(&ts, "/", 0), -ENOTTY);
	CHECK_EQ(tcpstate_open(&ts, "/dev/null", 2), -EINVAL);
	CHECK_EQ(tcpstate_open_fd(&ts, -1, 0), -EBADF);
	CHECK_EQ(tcpstate_open_fd(&ts, 0, 2), -EINVAL);
	CHECK_EQ(tcpstate_get_version("/dev/null", &v), -ENOTTY);

	/* A FIFO without a writer must not make open() wait. */
	CHECK(mkdtemp(name));
	CHECK_EQ(chdir(name), 0);
	CHECK_EQ(mkfifo("fifo", 0600), 0);
	CHECK_EQ(tcpstate_open(&ts, "fifo", 0), -ENOTTY);
	unlink("fifo");
	rmdir(name);
	CHECK(ts == before);
	tcpstate_close(NULL);
}

static void library_version(void)
{
	struct tcps_version v;

	tcpstate_lib_version(&v);
	CHECK_EQ(v.abi, TCPSTATE_ABI_VERSION);
	CHECK_EQ(v.schema, TCPSTATE_SCHEMA_VERSION);
	CHECK_EQ(v.kinds, 0x3ffe);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(whole_records),
		TEST(empty_stream),
		TEST(one_at_a_time),
		TEST(cut_off),
		TEST(in_drops),
		TEST(corrupt),
		TEST(unknown_kinds_are_left_out),
		TEST(many),
		TEST(filter),
		TEST(bad_filters),
		TEST(statistics),
		TEST(snapshots),
		TEST(no_start_point),
		TEST(bad_opens),
		TEST(library_version),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

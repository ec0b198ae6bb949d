// SPDX-License-Identifier: GPL-2.0
/*
 * libtcpstate - the handle: open, set up, read, close.
 *
 * This file owns every system call of the library. It must not know what is in
 * a record beyond its size: decode.c does.
 */
#include "internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert((int)TCPS_START_NOW == TCPSTATE_START_NOW, "start");
static_assert((int)TCPS_START_OLDEST == TCPSTATE_START_OLDEST, "start");
static_assert((int)TCPS_START_SINCE == TCPSTATE_START_SINCE, "start");
static_assert((int)TCPS_START_LIVE == TCPSTATE_START_LIVE, "start");
static_assert(TCPS_LANE_MAIN == TCPSTATE_LANE_MAIN, "lane");
static_assert(TCPS_LANE_RARE == TCPSTATE_LANE_RARE, "lane");
static_assert(TCPS_LANE_LIVES == TCPSTATE_LANE_LIVES, "lane");

/*
 * Open @path and ask what is there. O_NONBLOCK at first: @path may be a FIFO
 * by mistake, and open() must not wait for its writer.
 */
static int open_device(const char *path, struct tcpstate_query *query)
{
	struct stat st;
	int fd, err;

	fd = open(path ? path : TCPS_DEVICE,
		  O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;

	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISCHR(st.st_mode))
		err = -ENOTTY;
	else if (ioctl(fd, TCPSTATE_IOC_QUERY, query))
		/* Other devices have their own ideas of an unknown ioctl. */
		err = errno == EINVAL ? -ENOTTY : -errno;
	else
		return fd;

	close(fd);
	return err;
}

static int new_handle(struct tcpstate **tsp, int fd, bool stream)
{
	struct tcpstate *ts;

	ts = malloc(sizeof(*ts));
	if (!ts)
		return -ENOMEM;

	memset(ts, 0, offsetof(struct tcpstate, buffer));
	ts->fd = fd;
	ts->stream = stream;
	ts->owns_fd = !stream;
	*tsp = ts;
	return 0;
}

int tcpstate_open(struct tcpstate **tsp, const char *path, unsigned int flags)
{
	struct tcpstate_query query;
	int fd, err, fl;

	if (flags & ~TCPS_OPEN_NONBLOCK)
		return -EINVAL;

	fd = open_device(path, &query);
	if (fd < 0)
		return fd;

	err = -EPROTO;
	if (query.abi != TCPSTATE_ABI_VERSION ||
	    query.record_size != TCPSTATE_RECORD_SIZE ||
	    query.life_size != TCPSTATE_LIFE_SIZE)
		goto fail;

	if (!(flags & TCPS_OPEN_NONBLOCK)) {
		fl = fcntl(fd, F_GETFL);
		if (fl < 0 || fcntl(fd, F_SETFL, fl & ~O_NONBLOCK)) {
			err = -errno;
			goto fail;
		}
	}

	err = new_handle(tsp, fd, false);
	if (err)
		goto fail;
	return 0;

fail:
	close(fd);
	return err;
}

int tcpstate_open_fd(struct tcpstate **tsp, int fd, unsigned int flags)
{
	int err;

	if (flags & ~TCPS_OPEN_NONBLOCK)
		return -EINVAL;
	if (fcntl(fd, F_GETFD) < 0)
		return -errno;

	err = new_handle(tsp, fd, true);
	if (!err)
		(*tsp)->once = flags & TCPS_OPEN_NONBLOCK;
	return err;
}

void tcpstate_close(struct tcpstate *ts)
{
	if (!ts)
		return;
	if (ts->owns_fd)
		close(ts->fd);
	free(ts);
}

int tcpstate_fd(const struct tcpstate *ts)
{
	return ts->fd;
}

int tcpstate_set_filter(struct tcpstate *ts, const struct tcps_filter *filter)
{
	struct tcpstate_filter f = {
		.events = filter->kinds,
		.old_states = filter->old_states,
		.new_states = filter->new_states,
		.nr_lports = filter->nr_lports,
		.nr_rports = filter->nr_rports,
	};
	int err;

	err = tcps_filter_check(filter);
	if (err)
		return err;

	if (ts->stream) {
		ts->filter = *filter;
		return 0;
	}

	if (filter->all_netns)
		f.flags |= TCPSTATE_FILTER_ALL_NETNS;
	/* To name them is to ask for them. */
	if (filter->kinds >> TCPSTATE_EVENT_SEGMENT & 1)
		f.flags |= TCPSTATE_FILTER_SEGMENTS;
	if (filter->family)
		f.family = filter->family == 4 ? AF_INET : AF_INET6;
	/* Only what counts: the kernel wants the rest to be 0. */
	memcpy(f.lports, filter->lports, f.nr_lports * sizeof(f.lports[0]));
	memcpy(f.rports, filter->rports, f.nr_rports * sizeof(f.rports[0]));

	if (ioctl(ts->fd, TCPSTATE_IOC_SET_FILTER, &f))
		return -errno;
	return 0;
}

int tcpstate_set_start(struct tcpstate *ts, enum tcps_start start,
		       unsigned int lanes, uint64_t *mono_ns)
{
	struct tcpstate_start s = {
		.mode = start,
		.lanes = lanes ? lanes : TCPS_LANE_MAIN | TCPS_LANE_RARE,
	};

	if (ts->stream)
		return -ENOTTY;
	if (start == TCPS_START_SINCE) {
		if (!mono_ns)
			return -EINVAL;
		s.mono_ns = *mono_ns;
	}

	if (ioctl(ts->fd, TCPSTATE_IOC_SET_START, &s))
		return -errno;

	/* What was read before belongs to the old start point. */
	ts->begin = 0;
	ts->end = 0;
	if (mono_ns)
		*mono_ns = s.mono_ns;
	return 0;
}

/* What the kernel does for a device. Return whether the caller gets @event. */
static bool account(struct tcpstate *ts, const struct tcps_event *event)
{
	bool wanted = tcps_filter_match(&ts->filter, event);

	/* Made for the reader, and in no ring: in no number either. */
	if (event->kind == TCPS_EVENT_STATE && event->flags & TCPS_F_SNAPSHOT)
		return wanted;

	if (!wanted) {
		ts->stats.filtered++;
		ts->stats.recorded++;
		return false;
	}

	if (event->kind != TCPS_EVENT_LOST) {
		ts->stats.delivered++;
		ts->stats.recorded++;
		return true;
	}

	ts->stats.lost_runs++;
	ts->stats.lost += event->lost.count;
	ts->stats.recorded += event->lost.count;
	if (event->flags & TCPS_F_SCOPED)
		ts->stats.scoped = true;
	return true;
}

/* Decode what is buffered. Return the number of events, or an error. */
static int drain(struct tcpstate *ts, struct tcps_event *events, size_t max)
{
	size_t n = 0;
	int size;

	while (n < max) {
		size = tcpstate_decode(ts->buffer + ts->begin,
				       ts->end - ts->begin, &events[n]);
		if (size < 0)
			ts->broken = size;
		if (size <= 0)
			break;
		ts->begin += size;
		if (!tcps_kind_known(events[n].kind))
			continue;
		if (!ts->stream || account(ts, &events[n]))
			n++;
	}

	/* Hand out what came before the fault; the fault comes next time. */
	return n || !ts->broken ? (int)n : ts->broken;
}

/*
 * Read more. No more bytes than the caller's array can take, so that as a rule
 * nothing stays here while a caller polls; but room for the largest record.
 */
static ssize_t fill(struct tcpstate *ts, size_t max)
{
	size_t room, want;
	ssize_t got;

	if (ts->begin) {
		memmove(ts->buffer, ts->buffer + ts->begin,
			ts->end - ts->begin);
		ts->end -= ts->begin;
		ts->begin = 0;
	}

	room = sizeof(ts->buffer) - ts->end;
	want = max > BUFFER_SIZE / TCPSTATE_RECORD_SIZE ?
		       BUFFER_SIZE :
		       max * TCPSTATE_RECORD_SIZE;
	if (want < TCPSTATE_LIFE_SIZE)
		want = TCPSTATE_LIFE_SIZE;
	if (want > room)
		want = room;

	got = read(ts->fd, ts->buffer + ts->end, want);
	if (got < 0)
		return -errno;
	ts->end += got;
	return got;
}

int tcpstate_read(struct tcpstate *ts, struct tcps_event *events, size_t max)
{
	bool asked = false;
	ssize_t got;
	int n;

	if (max == 0)
		return -EINVAL;
	if (max > BUFFER_SIZE)
		max = BUFFER_SIZE;

	for (;;) {
		n = ts->broken ? ts->broken : drain(ts, events, max);
		if (n)
			return n;
		if (asked && ts->once)
			return -EAGAIN;
		got = fill(ts, max);
		if (got < 0)
			return got;
		asked = true;
		if (got > 0)
			continue;
		if (ts->begin == ts->end)
			return 0;
		ts->broken = -EIO;
		return ts->broken;
	}
}

bool tcpstate_buffered(const struct tcpstate *ts)
{
	struct tcps_event event;
	size_t at = ts->begin;
	int size;

	if (ts->broken)
		return true;
	for (;; at += size) {
		size = tcpstate_decode(ts->buffer + at, ts->end - at, &event);
		if (size <= 0)
			return size < 0;
		if (!tcps_kind_known(event.kind))
			continue;
		if (!ts->stream || tcps_filter_match(&ts->filter, &event))
			return true;
	}
}

int tcpstate_get_stats(struct tcpstate *ts, struct tcps_stats *stats)
{
	struct tcpstate_stats s;

	if (ts->stream) {
		*stats = ts->stats;
		return 0;
	}

	if (ioctl(ts->fd, TCPSTATE_IOC_GET_STATS, &s))
		return -errno;
	stats->recorded = s.recorded;
	stats->delivered = s.delivered;
	stats->filtered = s.filtered;
	stats->lost = s.lost;
	stats->pending = s.pending;
	stats->lost_runs = s.lost_runs;
	stats->scoped = s.flags & TCPSTATE_F_SCOPED;
	return 0;
}

int tcpstate_get_version(const char *path, struct tcps_version *version)
{
	struct tcpstate_query query;
	int fd;

	fd = open_device(path, &query);
	if (fd < 0)
		return fd;
	close(fd);

	version->abi = query.abi;
	version->schema = query.schema;
	version->kinds = query.events;
	version->max_readers = query.max_readers;
	return 0;
}

void tcpstate_lib_version(struct tcps_version *version)
{
	version->abi = TCPSTATE_ABI_VERSION;
	version->schema = TCPSTATE_SCHEMA_VERSION;
	version->kinds = (UINT64_C(1) << TCPSTATE_EVENT_COUNT) - 1 - 1;
	version->max_readers = 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * laws - reads what tcpstate told of a run, and what the kernel's books say,
 * and says which law was broken for which connection.
 *
 * This file owns what is read and asked in which order. The laws are in
 * laws_chain.c and laws_ends.c, laws_books.c, laws_agrees.c and laws_mib.c,
 * laws_loss.c. Exits with 0 if all that was asked for holds, 1 if something is
 * broken, 2 if the command line or the input is not what it should be.
 */
#include "laws.h"

#include <inttypes.h>
#include <stdio.h>

#include "laws_books.h"
#include "laws_chain.h"
#include "laws_loss.h"

/**
 * struct stream - one stream and what the laws make of it
 * @chain: its lives
 * @loss: its numbers
 * @sums: its events
 */
struct stream {
	struct laws_chain chain;
	struct laws_loss loss;
	struct laws_sums sums;
};

static struct stream streams[LAWS_STREAMS_MAX];
static struct laws_books *before, *after;

/* The kernel still has this listener, by its cookie or else by its port. */
static bool listed(const struct laws_life *life)
{
	unsigned long i;

	if (!after)
		return false;
	if (after->has_cookies)
		return laws_books_has_sock(after, life->cookie,
					   TCPSTATE_LISTEN);
	for (i = 0; i < after->sock_count; i++)
		if (after->socks[i].state == TCPSTATE_LISTEN &&
		    after->socks[i].port == life->port)
			return true;
	return false;
}

static void take_event(const struct laws_event *event, void *data)
{
	struct stream *stream = data;

	laws_loss_add(&stream->loss, event);
	laws_chain_add(&stream->chain, event);
	laws_sums_add(&stream->sums, event);
}

/* Life records that were read by a reader of their own. */
static void take_life(const struct laws_event *event, void *data)
{
	struct stream *stream = data;

	laws_loss_add(&stream->loss, event);
	if (event->kind == TCPSTATE_EVENT_LIFE)
		laws_chain_add_end(&streams->chain, event);
	else if (event->kind == TCPSTATE_EVENT_LOST)
		streams->chain.ends_lost = true;
}

static void read_lives(void)
{
	static struct stream lives;

	lives.loss.path = laws_options.lives;
	laws_stream_read(laws_options.lives, take_life, &lives);
	laws_loss_end(&lives.loss, NULL);
}

static void read_stream(struct stream *stream, const char *path,
			const char *closing)
{
	int64_t netns;

	stream->chain.name = laws_options.stream_count > 1 ? path : NULL;
	stream->loss.path = path;
	stream->sums.whole = !laws_options.filtered;
	stream->sums.before = before;
	stream->sums.after = after;
	if (after && laws_books_value(after, "netns_inum", &netns))
		stream->sums.netns = netns;
	laws_stream_read(path, take_event, stream);

	laws_loss_end(&stream->loss, closing);
	/* A snapshot takes the place of records that are then filtered. */
	if (stream->loss.filtered && !stream->loss.snapshots &&
	    stream->sums.whole) {
		laws_note(LAW_BOOKS, "%s was filtered", path);
		stream->sums.whole = false;
	}
}

static void check_stream(struct stream *stream)
{
	laws_chain_end(&stream->chain, listed);
	if (stream->chain.end_count ||
	    (laws_options.lives && stream == streams)) {
		if (stream->chain.losses)
			stream->chain.ends_lost = true;
		laws_chain_check_ends(&stream->chain);
	}
	if (!before || !after)
		return;
	laws_books_stream(before, after, &stream->sums, stream->chain.name);
	laws_books_lives(after, &stream->chain);
}

static void summarise(void)
{
	unsigned long lives = 0, ended = 0;
	uint64_t records = 0, lost = 0;
	unsigned int i;

	for (i = 0; i < laws_options.stream_count; i++) {
		lives += streams[i].chain.count;
		ended += streams[i].chain.ended;
		records += streams[i].loss.lines;
		lost += streams[i].loss.lost;
	}
	laws_checked(LAW_CHAIN, "%lu lives, %lu ended", lives, ended);
	laws_checked(LAW_LOSS, "%" PRIu64 " records, %" PRIu64 " lost", records,
		     lost);
}

/* The stream to count events in: the first that has them all. */
static const struct laws_sums *best_sums(void)
{
	unsigned int i;

	for (i = 0; i < laws_options.stream_count; i++)
		if (streams[i].sums.whole)
			return &streams[i].sums;
	return laws_options.stream_count ? &streams->sums : NULL;
}

int main(int argc, char **argv)
{
	struct laws_inputs in;
	unsigned int i;

	laws_options_parse(argc, argv);
	if (laws_options.before)
		before = laws_books_read(laws_options.before);
	if (laws_options.after)
		after = laws_books_read(laws_options.after);
	for (i = 0; i < laws_options.stream_count; i++)
		read_stream(&streams[i], laws_options.streams[i],
			    laws_options.closings[i]);
	if (laws_options.lives)
		read_lives();
	for (i = 0; i < laws_options.stream_count; i++)
		check_stream(&streams[i]);
	if (before && after) {
		in.before = before;
		in.after = after;
		in.sums = best_sums();
		laws_books(&in);
		if (!laws_options.stream_count)
			laws_note(LAW_BOOKS, "there is no stream to compare");
		laws_agrees(&in);
	}
	summarise();
	return laws_verdict();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - print what happens to TCP connections.
 *
 * This file owns the order of things: parse, open, set up, print, close; what is
 * said on stderr; and the exit status. It must not know about options' syntax,
 * lines or signals.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tcpstate.h>

#include "options.h"
#include "stop.h"
#include "tail.h"

enum {
	EXIT_OK = 0,
	EXIT_ERROR = 1,
	EXIT_USAGE = 2,
	EXIT_NO_MODULE = 3,
	EXIT_NO_RIGHTS = 4,
	EXIT_OTHER_ABI = 5,
	EXIT_TOO_MANY = 6,
};

static int exit_status(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return EXIT_NO_MODULE;
	case -EACCES:
	case -EPERM:
		return EXIT_NO_RIGHTS;
	case -EPROTO:
		return EXIT_OTHER_ABI;
	case -EBUSY:
		return EXIT_TOO_MANY;
	default:
		return EXIT_ERROR;
	}
}

static int fail(const char *what, const char *of, int err)
{
	fprintf(stderr, "tcpstate-tail: cannot %s %s: %s\n", what, of,
		tcpstate_strerror(err));
	return exit_status(err);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int print_version(const struct config *config)
{
	struct tcps_version v;
	int err;

	tcpstate_lib_version(&v);
	printf("tcpstate-tail %s, ABI %" PRIu32 ", schema %" PRIu32 "\n",
	       TCPSTATE_TOOL_VERSION, v.abi, v.schema);

	err = tcpstate_get_version(config->device, &v);
	if (!err)
		printf("module: ABI %" PRIu32 ", schema %" PRIu32 "\n", v.abi,
		       v.schema);
	else if (exit_status(err) == EXIT_NO_MODULE)
		printf("module: not loaded\n");
	else
		printf("module: cannot ask: %s\n", tcpstate_strerror(err));
	return fflush(stdout) ? EXIT_ERROR : EXIT_OK;
}

/* The schema that the module must have, and for which option. */
static uint32_t needed_schema(const struct config *config, const char **option)
{
	uint64_t kinds = config->filter.kinds;

	*option = config->ladder ? "--ladder" : "--segments";
	if (config->segments)
		return 3;
	*option = "--event segment";
	if (kinds >> TCPS_EVENT_SEGMENT & 1)
		return 3;
	*option = "--live";
	if (config->live)
		return 2;
	*option = "--lifelines";
	if (config->lifelines)
		return 2;
	*option = "--event life";
	if (kinds >> TCPS_EVENT_LIFE & 1)
		return 2;
	return 0;
}

/*
 * A module of schema 1 refuses --live with no word of why, and knows the event
 * life without ever writing one: the tool would wait for ever. So it is with
 * segments before schema 3.
 */
static int check_schema(const struct config *config)
{
	struct tcps_version v;
	const char *option;
	uint32_t needed;

	needed = needed_schema(config, &option);
	if (config->read || tcpstate_get_version(config->device, &v) ||
	    v.schema >= needed)
		return 0;
	fprintf(stderr,
		"tcpstate-tail: %s: the loaded module is too old for it "
		"(schema %" PRIu32 ", needed is %" PRIu32
		"): load a newer module\n",
		option, v.schema, needed);
	return EXIT_USAGE;
}

/* The part of --event that the loaded module is too old for, or 0. */
static uint64_t missing_kinds(const struct config *config)
{
	struct tcps_version v;

	if (config->read || tcpstate_get_version(config->device, &v))
		return 0;
	return config->filter.kinds & ~v.kinds;
}

static int set_filter(struct tcpstate *ts, const struct config *config)
{
	uint64_t missing;
	int err;

	err = tcpstate_set_filter(ts, &config->filter);
	if (err != -EINVAL)
		return err ? fail("set", "the filter", err) : 0;

	missing = missing_kinds(config);
	if (!missing)
		return fail("set", "the filter", err);
	fprintf(stderr,
		"tcpstate-tail: %s: the loaded module has no event '%s': "
		"leave it out, or load a newer module\n",
		config->ladder ? "--ladder" : "--event",
		tcpstate_kind_name(__builtin_ctzll(missing)));
	return EXIT_USAGE;
}

/* Lives have a lane of their own, read only if asked for. */
static unsigned int lanes(const struct config *config)
{
	uint64_t kinds = config->filter.kinds;
	uint64_t life = UINT64_C(1) << TCPS_EVENT_LIFE;
	unsigned int lanes = 0;

	if (kinds & life)
		lanes |= TCPS_LANE_LIVES;
	if (kinds & ~life || !kinds)
		lanes |= TCPS_LANE_MAIN | TCPS_LANE_RARE;
	return lanes;
}

static int set_start(struct tcpstate *ts, const struct config *config)
{
	uint64_t now = now_ns();
	uint64_t asked = now > config->since_ns ? now - config->since_ns : 0;
	enum tcps_start start = TCPS_START_NOW;
	uint64_t from = asked;
	int err;

	if (config->read)
		return 0;

	if (config->live)
		start = TCPS_START_LIVE;
	if (config->oldest)
		start = TCPS_START_OLDEST;
	if (config->since_ns)
		start = TCPS_START_SINCE;

	err = tcpstate_set_start(ts, start, lanes(config), &from);
	if (err)
		return fail("set", "the start point", err);
	if (start == TCPS_START_SINCE && from > asked)
		fprintf(stderr,
			"tcpstate-tail: the recorder reaches back %.3f s, not "
			"%.3f s\n",
			(now > from ? now - from : 0) / 1e9,
			config->since_ns / 1e9);
	return 0;
}

static int open_stream(struct tcpstate **ts, const char *path)
{
	int fd = STDIN_FILENO;
	int err;

	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "tcpstate-tail: cannot open %s: %s\n", path,
			strerror(errno));
		return EXIT_ERROR;
	}
	err = tcpstate_open_fd(ts, fd, TCPS_OPEN_NONBLOCK);
	if (err) {
		fprintf(stderr, "tcpstate-tail: cannot read %s: %s\n", path,
			strerror(-err));
		return EXIT_ERROR;
	}
	return 0;
}

static void print_totals(const struct tail *t)
{
	struct tcps_stats stats;
	int err;

	if (t->config->ladder)
		fprintf(stderr, "%" PRIu64 " connections drawn\n", t->drawn);
	if (t->config->live || t->alive)
		fprintf(stderr, "%" PRIu64 " connections alive\n", t->alive);
	fprintf(stderr, "%" PRIu64 " events delivered\n", t->count - t->alive);
	err = tcpstate_get_stats(t->ts, &stats);
	if (err) {
		fail("read", "the statistics", err);
		return;
	}
	fprintf(stderr, "%" PRIu64 " events filtered\n", stats.filtered);
	if (stats.scoped && stats.lost_runs + stats.lost > 0)
		fprintf(stderr, "some events lost\n");
	else
		fprintf(stderr, "%" PRIu64 " events lost\n", stats.lost);
}

static int run(struct tcpstate *ts, const struct config *config)
{
	static struct tail tail;
	int err;

	err = check_schema(config);
	if (!err)
		err = set_filter(ts, config);
	if (!err)
		err = set_start(ts, config);
	if (err)
		return err;

	tail.config = config;
	tail.ts = ts;
	tail.format.wide = config->wide;
	tail.format.wall_clock = config->wall_clock;
	tail.format.seconds = config->seconds;
	if (config->pick.nr_lports || config->pick.nr_rports)
		tail.ladder.pick = &config->pick;
	buffer_init(&tail.out, STDOUT_FILENO);

	err = tail_run(&tail);
	/* Whoever read our output has had enough. */
	if (err == -EPIPE)
		return EXIT_OK;
	/* We were told to stop while nobody took our output. */
	if (err == -EINTR)
		err = 0;
	if (err)
		fprintf(stderr, "tcpstate-tail: cannot %s: %s\n", tail.doing,
			*tail.doing == 'r' ? tcpstate_strerror(err) :
					     strerror(-err));
	print_totals(&tail);
	return err ? EXIT_ERROR : EXIT_OK;
}

int main(int argc, char **argv)
{
	char why[OPTIONS_WHY_MAX];
	struct config config;
	struct tcpstate *ts;
	int err;

	if (options_parse(&config, argc, argv, why)) {
		fprintf(stderr, "tcpstate-tail: %s\n", why);
		return EXIT_USAGE;
	}
	if (config.help)
		return fputs(options_help, stdout) < 0 || fflush(stdout);
	if (config.version)
		return print_version(&config);

	err = stop_init(config.timeout_ns);
	if (err)
		return fail("prepare for", "signals", err);

	if (config.read) {
		err = open_stream(&ts, config.read);
		if (err)
			return err;
	} else {
		err = tcpstate_open(&ts, config.device, TCPS_OPEN_NONBLOCK);
		if (err)
			return fail("open",
				    config.device ? config.device : TCPS_DEVICE,
				    err);
	}

	err = run(ts, &config);
	tcpstate_close(ts);
	return err;
}

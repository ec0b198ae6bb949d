// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - the command line. See options.h.
 */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "value.h"

enum {
	OPT_TIMEOUT = 256,
	OPT_EVENT,
	OPT_STATE,
	OPT_SINCE,
	OPT_OLDEST,
	OPT_LIVE,
	OPT_LIFELINES,
	OPT_LADDER,
	OPT_SEGMENTS,
	OPT_DEVICE,
	OPT_READ,
};

/* The first colon: a lacking value is ':', not '?'. */
#define LETTERS ":46L:D:TtwHc:jalhV"

static const struct option long_options[] = {
	{ "ipv4", no_argument, NULL, '4' },
	{ "ipv6", no_argument, NULL, '6' },
	{ "localport", required_argument, NULL, 'L' },
	{ "remoteport", required_argument, NULL, 'D' },
	{ "time", no_argument, NULL, 'T' },
	{ "timestamp", no_argument, NULL, 't' },
	{ "wide", no_argument, NULL, 'w' },
	{ "no-header", no_argument, NULL, 'H' },
	{ "count", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "all-netns", no_argument, NULL, 'a' },
	{ "line-buffered", no_argument, NULL, 'l' },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "event", required_argument, NULL, OPT_EVENT },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "oldest", no_argument, NULL, OPT_OLDEST },
	{ "live", no_argument, NULL, OPT_LIVE },
	{ "lifelines", no_argument, NULL, OPT_LIFELINES },
	{ "ladder", no_argument, NULL, OPT_LADDER },
	{ "segments", no_argument, NULL, OPT_SEGMENTS },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "read", required_argument, NULL, OPT_READ },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

#define KIND(name) (UINT64_C(1) << TCPS_EVENT_##name)

/* All, but ended connections have a lane of their own, and losses no choice. */
#define KINDS_DEFAULT (KIND(LOST) - 1 - KIND(LIFE) - 1)

/* Bad values: where to put the sentence. */
struct complaint {
	char *why;
};

__attribute__((format(printf, 2, 3))) static int
complain(const struct complaint *c, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(c->why, OPTIONS_WHY_MAX, format, ap);
	va_end(ap);
	return -1;
}

/*
 * Call @add for each element of a comma list, which is taken apart in place: it
 * belongs to argv. An empty element is handed on as "".
 */
static int for_each(char *list, int (*add)(char *item, void *arg), void *arg)
{
	char *item;
	int err;

	while ((item = strsep(&list, ","))) {
		err = add(item, arg);
		if (err)
			return err;
	}
	return 0;
}

struct ports {
	const struct complaint *complaint;
	const char *option;
	uint16_t *ports;
	uint8_t *count;
};

static int add_port(char *item, void *arg)
{
	struct ports *ports = arg;
	uint64_t port;

	if (value_u64(item, 1, 65535, &port))
		return complain(ports->complaint,
				"%s: '%s' is no port: give 1 to 65535, "
				"several with commas",
				ports->option, item);
	if (*ports->count == TCPS_PORTS)
		return complain(ports->complaint,
				"%s: '%s' is one too many: at most %d ports",
				ports->option, item, TCPS_PORTS);
	ports->ports[(*ports->count)++] = port;
	return 0;
}

/* All names of a table in one string, for a complaint. */
static void all_names(const char *(*name)(unsigned int), unsigned int n,
		      char *text, size_t size)
{
	unsigned int i;
	size_t len = 0;

	text[0] = '\0';
	for (i = 1; i < n && len < size; i++)
		len += snprintf(text + len, size - len, "%s%s",
				i == 1 ? "" : " ", name(i));
}

struct config_arg {
	const struct complaint *complaint;
	struct config *config;
};

static int add_event(char *item, void *arg)
{
	struct config_arg *a = arg;
	int kind = tcpstate_kind_number(item);
	char names[256];

	/* Losses are always shown; to ask for them alone makes no sense. */
	if (kind < 0 || kind == TCPS_EVENT_LOST) {
		all_names(tcpstate_kind_name, TCPS_EVENT_LOST, names,
			  sizeof(names));
		return complain(
			a->complaint,
			"--event: '%s' is no event: give one or more of %s",
			item, names);
	}
	a->config->filter.kinds |= UINT64_C(1) << kind;
	return 0;
}

static int add_state(char *item, void *arg)
{
	struct config_arg *a = arg;
	int state = tcpstate_state_number(item);
	char names[256];

	if (state < 0) {
		all_names(tcpstate_state_name, TCPS_STATE_COUNT, names,
			  sizeof(names));
		return complain(
			a->complaint,
			"--state: '%s' is no state: give one or more of %s",
			item, names);
	}
	a->config->filter.new_states |= 1U << state;
	return 0;
}

static int parse_option(struct config *config, int opt, char *value,
			const struct complaint *c)
{
	struct config_arg arg = { c, config };
	struct tcps_filter *f = &config->filter;

	switch (opt) {
	case '4':
		config->ipv4 = true;
		return 0;
	case '6':
		config->ipv6 = true;
		return 0;
	case 'L':
		return for_each(value, add_port,
				&(struct ports){ c, "-L", f->lports,
						 &f->nr_lports });
	case 'D':
		return for_each(value, add_port,
				&(struct ports){ c, "-D", f->rports,
						 &f->nr_rports });
	case 'T':
		config->wall_clock = true;
		return 0;
	case 't':
		config->seconds = true;
		return 0;
	case 'w':
		config->wide = true;
		return 0;
	case 'H':
		config->no_header = true;
		return 0;
	case 'c':
		if (value_u64(value, 1, UINT64_MAX, &config->count))
			return complain(c,
					"-c: '%s' is no number of events: "
					"give 1 or more",
					value);
		return 0;
	case 'j':
		config->json = true;
		return 0;
	case 'a':
		f->all_netns = true;
		return 0;
	case 'l':
		return 0; /* always so; tcpdump users type it */
	case OPT_TIMEOUT:
		if (value_seconds(value, &config->timeout_ns))
			return complain(c,
					"--timeout: '%s' is no time: give "
					"seconds above 0, as 10 or 0.5",
					value);
		return 0;
	case OPT_EVENT:
		return for_each(value, add_event, &arg);
	case OPT_STATE:
		return for_each(value, add_state, &arg);
	case OPT_SINCE:
		if (value_duration(value, &config->since_ns))
			return complain(c,
					"--since: '%s' is no duration: give "
					"a number above 0 with ms, s, m, h or "
					"d, as 30s or 5m",
					value);
		return 0;
	case OPT_OLDEST:
		config->oldest = true;
		return 0;
	case OPT_LIVE:
		config->live = true;
		return 0;
	case OPT_LIFELINES:
		config->lifelines = true;
		return 0;
	case OPT_LADDER:
		config->ladder = true;
		return 0;
	case OPT_SEGMENTS:
		config->segments = true;
		return 0;
	case OPT_DEVICE:
		config->device = value;
		return 0;
	case OPT_READ:
		config->read = value;
		return 0;
	case 'h':
		config->help = true;
		return 0;
	case 'V':
		config->version = true;
		return 0;
	}
	return -1;
}

/* A reader starts at one point, and a stored stream where it does. */
static int check_start(const struct config *config, const struct complaint *c)
{
	const char *given[3];
	unsigned int n = 0;

	if (config->live)
		given[n++] = "--live";
	if (config->since_ns)
		given[n++] = "--since";
	if (config->oldest)
		given[n++] = "--oldest";

	if (n > 1)
		return complain(c,
				"%s and %s exclude each other: give one "
				"start point",
				given[0], given[1]);
	if (n && config->read)
		return complain(c, "--read has no start point: leave out %s",
				given[0]);
	return 0;
}

/* Ended connections are of one kind, and no filter looks at their states. */
static int check_lifelines(const struct config *config,
			   const struct complaint *c)
{
	const struct tcps_filter *f = &config->filter;

	if (config->live)
		return complain(c, "--lifelines tells of connections that "
				   "ended, --live of those that did not: give "
				   "one of the two");
	if (f->kinds & ~KIND(LIFE))
		return complain(c, "--lifelines shows the event 'life' and no "
				   "other: leave out --event");
	if (config->segments)
		return complain(c, "--lifelines shows the event 'life' and no "
				   "other: leave out --segments");
	if (f->new_states)
		return complain(c, "--lifelines shows whole connections, and "
				   "--state chooses transitions: choose by -4, "
				   "-6, -L, -D or -a");
	return 0;
}

/* Charts are for people, and of whole connections. */
static int check_ladder(const struct config *config, const struct complaint *c)
{
	const struct tcps_filter *f = &config->filter;

	if (config->json)
		return complain(c, "--ladder draws for people, --json writes "
				   "for programs: give one of the two");
	if (config->lifelines)
		return complain(c, "--ladder and --lifelines exclude each "
				   "other: give one of the two");
	if (config->live)
		return complain(c, "--ladder draws what happens, --live starts "
				   "with what does not: leave out --live");
	if (f->kinds)
		return complain(c, "--ladder draws states and segments: leave "
				   "out --event");
	if (f->new_states)
		return complain(c, "--ladder shows whole connections, and "
				   "--state chooses transitions: choose by -4, "
				   "-6, -L, -D or -a");
	return 0;
}

/* All that a chart is drawn of, from both ends. */
static void ask_for_ladder(struct config *config)
{
	struct tcps_filter *f = &config->filter;

	config->segments = true;
	config->pick = *f;
	f->nr_lports = 0;
	f->nr_rports = 0;
	memset(f->lports, 0, sizeof(f->lports));
	memset(f->rports, 0, sizeof(f->rports));
	f->kinds = KIND(STATE) | KIND(SEGMENT) | KIND(SYN_DROP) |
		   KIND(ACCEPT_DROP) | KIND(COOKIE) | KIND(SYN_RETRANSMIT) |
		   KIND(SYNACK_RETRANSMIT) | KIND(TW_OVERFLOW) | KIND(RESET);
}

/* What fits each by itself and not together. */
static int check(struct config *config, const struct complaint *c)
{
	struct tcps_filter *f = &config->filter;

	if (check_start(config, c))
		return -1;
	if (config->read && config->device)
		return complain(c, "--read and --device exclude each other: "
				   "give one source");
	if (config->ladder && check_ladder(config, c))
		return -1;
	if (config->lifelines && check_lifelines(config, c))
		return -1;

	if (config->ipv4 != config->ipv6)
		f->family = config->ipv4 ? 4 : 6;
	/* Who asks for a state does not want refusals in between. */
	if (f->new_states && !f->kinds)
		f->kinds = KIND(STATE);
	if (config->segments)
		f->kinds = (f->kinds ? f->kinds : KINDS_DEFAULT) |
			   KIND(SEGMENT);
	if (config->lifelines)
		f->kinds = KIND(LIFE);
	if (config->ladder)
		ask_for_ladder(config);
	if (config->live && f->kinds && !(f->kinds & KIND(STATE)))
		return complain(c, "--live shows connections as event 'state', "
				   "which --event does not ask for: add it, or "
				   "leave out --live");
	return 0;
}

/*
 * What getopt_long() did not like. It says it in optopt: 0 for an unknown long
 * option, a number of ours for a known one that lacks a value or has one too
 * many, otherwise the letter.
 */
static int complain_option(const struct complaint *c, int opt, char **argv)
{
	const char *text = argv[optind - 1];
	char letter[] = { '-', optopt, '\0' };
	bool known = optopt > 255 || (optopt && strchr(LETTERS, optopt));

	if (optopt && (!known || strncmp(text, "--", 2) != 0))
		text = letter;
	if (opt == ':')
		return complain(c, "%s needs a value: see --help", text);
	if (known)
		return complain(c, "option '%s' takes no value: see --help",
				text);
	return complain(c, "unknown option '%s': see --help", text);
}

int options_parse(struct config *config, int argc, char **argv,
		  char why[OPTIONS_WHY_MAX])
{
	const struct complaint c = { why };
	int opt;

	memset(config, 0, sizeof(*config));
	why[0] = '\0';
	opterr = 0;
	optind = 0;

	while ((opt = getopt_long(argc, argv, LETTERS, long_options, NULL)) !=
	       -1) {
		if (opt == '?' || opt == ':')
			return complain_option(&c, opt, argv);
		if (parse_option(config, opt, optarg, &c))
			return -1;
	}
	if (optind < argc)
		return complain(&c, "unexpected argument '%s': see --help",
				argv[optind]);
	return check(config, &c);
}

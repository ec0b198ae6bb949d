// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the command line.
 *
 * Must not know what the options do.
 */
#include "laws.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "laws_names.h"

struct laws_options laws_options = { .limit = 20 };

static const char usage[] =
	"usage: laws [OPTION]... --stream FILE [FILE]... --before DIR --after DIR\n"
	"Checks what tcpstate told against itself and against the kernel's books.\n"
	"  --laws LIST        of chain, books, agrees, loss; default: those for which\n"
	"                     there is input\n"
	"  --stream FILE...   output of tcpstate-tail --json; each is checked\n"
	"  --closing FILE     what that reader said on stderr; once per stream, in order\n"
	"  --lives FILE       output of tcpstate-tail --json --event life\n"
	"  --before DIR       the books before, see books_take in books.sh\n"
	"  --after DIR        the books after\n"
	"  --preexisting-ok   connections may be older than the stream\n"
	"  --complete         all connections must have ended, but listeners in ss\n"
	"  --filtered         the streams were filtered: only the chain is asked of them\n"
	"  --no-loss          lost records are a violation\n"
	"  --untracked-ok     records of connections that are in no table are none\n"
	"  --some-lives       life records may have been overwritten before the others\n"
	"  --empty-ok         that nothing happened is none\n"
	"  --allow-unknown OLD,NEW  an unknown cause of this transition is none\n"
	"  --limit N          violations shown of each law (20)\n"
	"  --kernel RELEASE   whose equations hold (that of uname -r)\n";

static void add_path(const char **paths, unsigned int *count, const char *path)
{
	if (*count == LAWS_STREAMS_MAX)
		laws_bad_input("more than %d streams", LAWS_STREAMS_MAX);
	paths[(*count)++] = path;
}

static void add_stream(const char *path)
{
	add_path(laws_options.streams, &laws_options.stream_count, path);
}

static void choose_laws(char *list)
{
	char *rest, *name;

	for (name = strtok_r(list, ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest)) {
		enum law law = laws_number(name);

		if (law == LAW_COUNT)
			laws_bad_input("there is no law '%s'", name);
		laws_options.laws |= 1U << law;
	}
}

static void allow_unknown(char *pair)
{
	char *rest, *old = strtok_r(pair, ",", &rest);
	char *new = old ? strtok_r(NULL, ",", &rest) : NULL;
	int o = old ? laws_state(old) : -1, n = new ? laws_state(new) : -1;

	if (o < 0 || n < 0)
		laws_bad_input("--allow-unknown: not two states: %s", pair);
	laws_options.unknown_ok[o][n] = true;
}

static void set_kernel(const char *release)
{
	unsigned int version, patchlevel;

	if (sscanf(release, "%u.%u", &version, &patchlevel) != 2 ||
	    patchlevel > 999)
		laws_bad_input("'%s' is no release of a kernel", release);
	laws_options.kernel = 1000 * version + patchlevel;
}

static void this_kernel(void)
{
	struct utsname name;

	if (!uname(&name))
		set_kernel(name.release);
}

static unsigned int parse_number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || n > 1000000)
		laws_bad_input("'%s' is no number", text);
	return n;
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "laws", required_argument, NULL, 'l' },
		{ "stream", required_argument, NULL, 's' },
		{ "closing", required_argument, NULL, 'c' },
		{ "lives", required_argument, NULL, 'L' },
		{ "before", required_argument, NULL, 'b' },
		{ "after", required_argument, NULL, 'a' },
		{ "preexisting-ok", no_argument, NULL, 'p' },
		{ "complete", no_argument, NULL, 'C' },
		{ "filtered", no_argument, NULL, 'f' },
		{ "no-loss", no_argument, NULL, 'n' },
		{ "untracked-ok", no_argument, NULL, 'u' },
		{ "some-lives", no_argument, NULL, 'S' },
		{ "empty-ok", no_argument, NULL, 'e' },
		{ "allow-unknown", required_argument, NULL, 'U' },
		{ "limit", required_argument, NULL, 'N' },
		{ "kernel", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	/* "-": whatever is no option is one more stream. */
	while ((c = getopt_long(argc, argv, "-h", options, NULL)) != -1) {
		switch (c) {
		case 1:
			if (!laws_options.stream_count)
				laws_bad_input("'%s' is no option", optarg);
			add_stream(optarg);
			break;
		case 's':
			add_stream(optarg);
			break;
		case 'c':
			add_path(laws_options.closings,
				 &laws_options.closing_count, optarg);
			break;
		case 'l':
			choose_laws(optarg);
			break;
		case 'L':
			laws_options.lives = optarg;
			break;
		case 'b':
			laws_options.before = optarg;
			break;
		case 'a':
			laws_options.after = optarg;
			break;
		case 'p':
			laws_options.preexisting_ok = true;
			break;
		case 'C':
			laws_options.complete = true;
			break;
		case 'f':
			laws_options.filtered = true;
			break;
		case 'n':
			laws_options.no_loss = true;
			break;
		case 'u':
			laws_options.untracked_ok = true;
			break;
		case 'S':
			laws_options.some_lives = true;
			break;
		case 'e':
			laws_options.empty_ok = true;
			break;
		case 'U':
			allow_unknown(optarg);
			break;
		case 'N':
			laws_options.limit = parse_number(optarg);
			break;
		case 'k':
			set_kernel(optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	while (optind < argc)
		add_stream(argv[optind++]);
}

static void check(void)
{
	unsigned int with_stream = 1U << LAW_CHAIN | 1U << LAW_LOSS;
	unsigned int with_books = 1U << LAW_BOOKS | 1U << LAW_AGREES;
	bool books = laws_options.before && laws_options.after;

	if (!laws_options.laws)
		laws_options.laws =
			(laws_options.stream_count ? with_stream : 0) |
			(books ? with_books : 0);
	if (!laws_options.laws)
		laws_bad_input(
			"no input: give --stream, or --before and --after");
	if (laws_options.laws & with_stream && !laws_options.stream_count)
		laws_bad_input("chain and loss need --stream");
	if (laws_options.laws & with_books && !books)
		laws_bad_input("books and agrees need --before and --after");
	if (laws_options.closing_count > laws_options.stream_count)
		laws_bad_input("more --closing than --stream");
	if (laws_options.lives && !laws_options.stream_count)
		laws_bad_input("--lives needs --stream");
	if (!laws_options.kernel)
		this_kernel();
}

void laws_options_parse(int argc, char **argv)
{
	parse(argc, argv);
	check();
}

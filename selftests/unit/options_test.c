// SPDX-License-Identifier: GPL-2.0
/*
 * The command line: what each option sets, and each rejection alone, with the
 * option, the bad value and what is allowed in its sentence.
 */
#include <stdlib.h>

#include <options.h>

#include "test.h"

#define KIND(name) (1 << TCPS_EVENT_##name)

static char why[OPTIONS_WHY_MAX];

/* @line split at blanks; the words live until the next call. */
static int parse(struct config *config, const char *line)
{
	static char words[2048];
	char *argv[64] = { "tcpstate-tail" };
	int argc = 1;
	char *p = words, *word;

	snprintf(words, sizeof(words), "%s", line);
	while ((word = strsep(&p, " ")) && argc < 63)
		if (*word)
			argv[argc++] = strcmp(word, "''") ? word : "";
	return options_parse(config, argc, argv, why);
}

static struct config good(const char *line)
{
	struct config config;

	if (parse(&config, line))
		FAIL("'%s' refused: %s", line, why);
	CHECK_STR(why, "");
	return config;
}

static void refused(const char *line, const char *option, const char *value,
		    const char *allowed)
{
	struct config config;

	if (!parse(&config, line)) {
		FAIL("'%s' accepted", line);
		return;
	}
	if (!strstr(why, option) || !strstr(why, value) ||
	    !strstr(why, allowed))
		FAIL("'%s': %s", line, why);
}

static void nothing(void)
{
	struct config config = good(""), zero;

	memset(&zero, 0, sizeof(zero));
	CHECK(memcmp(&config, &zero, sizeof(zero)) == 0);
}

static void flags(void)
{
	CHECK(good("-T").wall_clock);
	CHECK(good("-t").seconds);
	CHECK(good("-w").wide);
	CHECK(good("-H").no_header);
	CHECK(good("-j").json);
	CHECK(good("--json").json);
	CHECK(good("-a").filter.all_netns);
	CHECK(good("--all-netns").filter.all_netns);
	CHECK(good("--oldest").oldest);
	CHECK(good("--live").live);
	CHECK(good("--lifelines").lifelines);
	CHECK(good("-h").help);
	CHECK(good("--help").help);
	CHECK(good("-V").version);
	CHECK(good("--version").version);
	good("-l");
	good("-TtwHjl");
}

static void families(void)
{
	CHECK_EQ(good("-4").filter.family, 4);
	CHECK_EQ(good("-6").filter.family, 6);
	CHECK_EQ(good("-46").filter.family, 0);
	CHECK_EQ(good("-6 -4 -4").filter.family, 0);
}

static void ports(void)
{
	struct config c = good("-L 80,443 -D 1 -L 65535");

	CHECK_EQ(c.filter.nr_lports, 3);
	CHECK_EQ(c.filter.lports[0], 80);
	CHECK_EQ(c.filter.lports[1], 443);
	CHECK_EQ(c.filter.lports[2], 65535);
	CHECK_EQ(c.filter.nr_rports, 1);
	CHECK_EQ(c.filter.rports[0], 1);
	c = good("-D 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16");
	CHECK_EQ(c.filter.nr_rports, 16);
}

static void bad_ports(void)
{
	static const char *const bad[] = {
		"0",	"65536", "-1",
		"+1",	"x",	 "80x",
		"0x50", "1.5",	 "99999999999999999999"
	};
	char line[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(line, sizeof(line), "-L %s", bad[i]);
		refused(line, "-L", bad[i], "1 to 65535");
		snprintf(line, sizeof(line), "-D 80,%s", bad[i]);
		refused(line, "-D", bad[i], "1 to 65535");
	}
	refused("-L ''", "-L", "''", "1 to 65535");
	refused("-L 80,", "-L", "''", "1 to 65535");
	refused("-L ,80", "-L", "''", "1 to 65535");
	refused("-L 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "-L", "'17'",
		"at most 16");
}

static void count_option(void)
{
	CHECK_EQ(good("-c 1").count, 1);
	CHECK_EQ(good("--count 18446744073709551615").count, UINT64_MAX);
	refused("-c 0", "-c", "'0'", "1 or more");
	refused("-c -5", "-c", "'-5'", "1 or more");
	refused("-c 1k", "-c", "'1k'", "1 or more");
	refused("-c 18446744073709551616", "-c", "18446744073709551616",
		"1 or more");
	refused("-c ''", "-c", "''", "1 or more");
}

static void timeout_option(void)
{
	CHECK_EQ(good("--timeout 10").timeout_ns, 10000000000);
	CHECK_EQ(good("--timeout 0.5").timeout_ns, 500000000);
	CHECK_EQ(good("--timeout=0.000000001").timeout_ns, 1);
	CHECK_EQ(good("--timeout 1.0000000019").timeout_ns, 1000000001);
	CHECK_EQ(good("--timeout 1000000000").timeout_ns, 1000000000000000000);
	refused("--timeout 0", "--timeout", "'0'", "above 0");
	refused("--timeout 0.0", "--timeout", "'0.0'", "above 0");
	refused("--timeout -1", "--timeout", "'-1'", "above 0");
	refused("--timeout nan", "--timeout", "'nan'", "above 0");
	refused("--timeout inf", "--timeout", "'inf'", "above 0");
	refused("--timeout 0x10", "--timeout", "'0x10'", "above 0");
	refused("--timeout 1e3", "--timeout", "'1e3'", "above 0");
	refused("--timeout 5s", "--timeout", "'5s'", "above 0");
	refused("--timeout .5", "--timeout", "'.5'", "above 0");
	refused("--timeout 5.", "--timeout", "'5.'", "above 0");
	refused("--timeout ''", "--timeout", "''", "above 0");
	refused("--timeout 1000000001", "--timeout", "'1000000001'", "above 0");
	refused("--timeout 99999999999999999999999", "--timeout", "999",
		"above 0");
}

static void since_option(void)
{
	CHECK_EQ(good("--since 30s").since_ns, 30000000000);
	CHECK_EQ(good("--since 30").since_ns, 30000000000);
	CHECK_EQ(good("--since 5m").since_ns, 300000000000);
	CHECK_EQ(good("--since 1.5h").since_ns, 5400000000000);
	CHECK_EQ(good("--since 1d").since_ns, 86400000000000);
	CHECK_EQ(good("--since 500ms").since_ns, 500000000);
	refused("--since 0", "--since", "'0'", "30s or 5m");
	refused("--since 0.0000001ms", "--since", "ms'", "30s or 5m");
	refused("--since 5w", "--since", "'5w'", "30s or 5m");
	refused("--since -5m", "--since", "'-5m'", "30s or 5m");
	refused("--since m", "--since", "'m'", "30s or 5m");
	refused("--since ''", "--since", "''", "30s or 5m");
	refused("--since 1000000000d", "--since", "d'", "30s or 5m");
}

static void events(void)
{
	CHECK_EQ(good("--event state").filter.kinds, 1 << TCPS_EVENT_STATE);
	CHECK_EQ(good("--event syn-drop,RESET --event life").filter.kinds,
		 1 << TCPS_EVENT_SYN_DROP | 1 << TCPS_EVENT_RESET |
			 1 << TCPS_EVENT_LIFE);
	refused("--event foo", "--event", "'foo'", "memory-pressure segment");
	refused("--event state,", "--event", "''", "state life");
	refused("--event lost", "--event", "'lost'", "state life");
}

static void states(void)
{
	struct config c = good("--state time-wait,TCP_CLOSE,estab");

	CHECK_EQ(c.filter.new_states,
		 1 << TCPS_TIME_WAIT | 1 << TCPS_CLOSE | 1 << TCPS_ESTABLISHED);
	CHECK_EQ(c.filter.old_states, 0);
	CHECK_EQ(c.filter.kinds, 1 << TCPS_EVENT_STATE);
	c = good("--state CLOSE --event state,reset");
	CHECK_EQ(c.filter.kinds, 1 << TCPS_EVENT_STATE | 1 << TCPS_EVENT_RESET);
	refused("--state foo", "--state", "'foo'", "LISTEN CLOSING");
	refused("--state ''", "--state", "''", "ESTABLISHED");
}

static void sources(void)
{
	CHECK_STR(good("--device /dev/x").device, "/dev/x");
	CHECK_STR(good("--read -").read, "-");
	refused("--read a --device b", "--read", "--device", "one source");
	refused("--read a --oldest", "--read", "--oldest", "no start point");
	refused("--read a --since 5m", "--read", "--since", "no start point");
	refused("--since 5m --oldest", "--since", "--oldest",
		"one start point");
}

static void live_option(void)
{
	CHECK_EQ(good("--live").filter.kinds, 0);
	CHECK_EQ(good("--live --state estab").filter.kinds, KIND(STATE));
	CHECK_EQ(good("--live --event state,reset").filter.kinds,
		 KIND(STATE) | KIND(RESET));
	good("--live -46 -L 80 -D 81 -a -c 5 --timeout 1 -TtwHjl");
	refused("--live --oldest", "--live", "--oldest", "one start point");
	refused("--live --since 5m", "--live", "--since", "one start point");
	refused("--live --read a", "--read", "no start point",
		"leave out --live");
	refused("--live --event reset,life", "--live", "event 'state'",
		"leave out --live");
}

static void lifelines_option(void)
{
	CHECK_EQ(good("--lifelines").filter.kinds, KIND(LIFE));
	CHECK_EQ(good("--lifelines --event life").filter.kinds, KIND(LIFE));
	good("--lifelines -46 -L 80 -D 81 -a -c 5 --timeout 1 -TtwHjl");
	good("--lifelines --since 5m --device /dev/x");
	good("--lifelines --oldest");
	good("--lifelines --read -");
	refused("--lifelines --live", "--lifelines", "--live", "one of the two");
	refused("--lifelines --event state", "--lifelines", "'life'",
		"leave out --event");
	refused("--event life,reset --lifelines", "--lifelines", "'life'",
		"leave out --event");
	refused("--lifelines --state close", "--lifelines", "--state",
		"choose by -4, -6, -L, -D or -a");
	refused("--lifelines --since 5m --oldest", "--since", "--oldest",
		"one start point");
	refused("--lifelines=yes", "option", "--lifelines=yes", "--help");
}

static void ladder_option(void)
{
	struct config c = good("--ladder -L 80,81 -D 90 -4 -a");

	CHECK(c.ladder);
	CHECK(c.segments);
	CHECK(c.filter.kinds >> TCPS_EVENT_SEGMENT & 1);
	CHECK(c.filter.kinds >> TCPS_EVENT_STATE & 1);
	CHECK(!(c.filter.kinds >> TCPS_EVENT_LIFE & 1));
	/* The other end of a connection has the ports the other way round. */
	CHECK_EQ(c.filter.nr_lports + c.filter.nr_rports, 0);
	CHECK_EQ(c.filter.lports[0] + c.filter.rports[0], 0);
	CHECK_EQ(c.filter.family, 4);
	CHECK(c.filter.all_netns);
	CHECK_EQ(c.pick.nr_lports, 2);
	CHECK_EQ(c.pick.lports[1], 81);
	CHECK_EQ(c.pick.nr_rports, 1);
	CHECK_EQ(c.pick.rports[0], 90);
	CHECK(!good("--lifelines").segments);
	CHECK(!good("").segments);
	good("--ladder --oldest -c 5 --timeout 1 -TtwHl");
	good("--ladder --since 5m");
	good("--ladder --read -");
	refused("--ladder --json", "--ladder", "--json", "one of the two");
	refused("-j --ladder", "--ladder", "--json", "one of the two");
	refused("--ladder --lifelines", "--ladder", "--lifelines",
		"one of the two");
	refused("--ladder --live", "--ladder", "--live", "leave out --live");
	refused("--ladder --event segment", "--ladder", "segments",
		"leave out --event");
	refused("--ladder --state close", "--ladder", "--state",
		"choose by -4, -6, -L, -D or -a");
	refused("--ladder=yes", "option", "--ladder=yes", "--help");
}

static void segments_option(void)
{
	uint64_t usual = KIND(LOST) - 2 - KIND(LIFE);

	CHECK_EQ(good("--event segment").filter.kinds, KIND(SEGMENT));
	CHECK(!good("--event segment").segments);
	CHECK(good("--segments").segments);
	CHECK_EQ(good("--segments").filter.kinds, usual);
	CHECK_EQ(good("--segments --live").filter.kinds, usual);
	CHECK_EQ(good("--segments --event state").filter.kinds,
		 KIND(STATE) | KIND(SEGMENT));
	CHECK_EQ(good("--state close --segments").filter.kinds,
		 KIND(STATE) | KIND(SEGMENT));
	CHECK_EQ(good("").filter.kinds, 0);
	good("--segments -46 -L 80 -D 81 -a -c 5 --since 5m -TtwHjl");
	good("--segments --read -");
	refused("--lifelines --segments", "--lifelines", "'life'",
		"leave out --segments");
	refused("--segments --live --event reset", "--live", "event 'state'",
		"leave out --live");
}

static void unknown(void)
{
	refused("-x", "unknown option", "'-x'", "--help");
	refused("-4x", "unknown option", "'-x'", "--help");
	refused("--nonsense", "unknown option", "'--nonsense'", "--help");
	refused("--json=yes", "option", "--json=yes", "--help");
	refused("file", "unexpected argument", "'file'", "--help");
	refused("-c", "-c", "needs", "a value");
	refused("--since", "--since", "needs", "a value");
}

/* A parser that keeps state between calls would fail the second time. */
static void twice(void)
{
	refused("-4x -w", "unknown option", "'-x'", "--help");
	CHECK_EQ(good("-6").filter.family, 6);
	CHECK_EQ(good("-6").filter.family, 6);
}

static void help_text(void)
{
	static const char *const said[] = {
		"-4",	   "-6",      "-L",	     "-D",	 "-T",
		"-t",	   "-w",      "-H",	     "-c",	 "-j",
		"-a",	   "-l",      "-h",	     "-V",	 "--timeout",
		"--event", "--state", "--since",     "--oldest", "--device",
		"--read",  "--json",  "--all-netns", "Examples", "Exit status",
		"  tcpstate-tail --live",
		"  tcpstate-tail --lifelines",
		"      --live ",
		"      --lifelines ",
		"  tcpstate-tail --ladder",
		"      --ladder ",
		"      --segments ",
	};
	unsigned int kind;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(said); i++)
		if (!strstr(options_help, said[i]))
			FAIL("%s is not in --help", said[i]);
	for (kind = 1; kind < TCPS_EVENT_LOST; kind++)
		CHECK(strstr(options_help, tcpstate_kind_name(kind)));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(nothing),	      TEST(flags),	  TEST(families),
		TEST(ports),	      TEST(bad_ports),	  TEST(count_option),
		TEST(timeout_option), TEST(since_option), TEST(events),
		TEST(states),	      TEST(sources),	  TEST(live_option),
		TEST(lifelines_option), TEST(ladder_option), TEST(segments_option),
		TEST(unknown),	  TEST(twice),
		TEST(help_text),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Ended connections: the whole block, byte by byte, for every sort of life and
 * every option, times in any zone, the same life as JSON, and records that no
 * module would write.
 */
#include <stdlib.h>
#include <time.h>

#include <format.h>
#include <lifeline.h>

#include "any_event.h"
#include "records.h"
#include "test.h"

static char block[FORMAT_LINE_MAX + 1];

static const char *end(char *p)
{
	CHECK(p - block <= FORMAT_LINE_MAX);
	*p = '\0';
	return block;
}

static struct tcps_event decode(const struct tcpstate_life_record *l)
{
	struct tcps_event e = { 0 };

	CHECK_EQ(tcpstate_decode(l, sizeof(*l), &e), sizeof(*l));
	return e;
}

static const char *lifeline(struct tcpstate_life_record l)
{
	struct tcps_event e = decode(&l);
	struct format f = { 0 };

	return end(format_lifeline(&f, &e, block));
}

static const char *json(struct tcpstate_life_record l)
{
	struct tcps_event e = decode(&l);
	struct format f = { 0 };

	return end(format_json(&f, &e, block));
}

static void contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		FAIL("no <%s> in\n%s", part, text);
}

static void header(void)
{
	struct format f = { 0 };

	CHECK_STR(end(format_lifeline_header(&f, block)),
		  "  TIME            AT(ms)     STATE       CAUSE            "
		  "CARRIER  DWELL(ms)\n");
	f.seconds = true;
	CHECK_STR(end(format_lifeline_header(&f, block)),
		  "  TIME(s)      AT(ms)     STATE       CAUSE            "
		  "CARRIER  DWELL(ms)\n");
	f.wall_clock = true;
	contains(end(format_lifeline_header(&f, block)),
		 "  TIME            TIME(s)      AT(ms)     STATE ");
	f.wide = true;
	contains(end(format_lifeline_header(&f, block)),
		 "  TIME                       TIME(s)      AT(ms)     STATE ");
}

/* Each heading stands where its column begins, also for what was found. */
static void columns_under_headings(void)
{
	struct tcpstate_life_record lives[] = { make_passive(), make_found() };
	char head[FORMAT_LINE_MAX + 1];
	struct tcps_event e;
	const char *row;
	int options, i;

	for (options = 0; options < 16; options++) {
		struct format f = {
			.wide = options & 1,
			.wall_clock = options & 2,
			.seconds = options & 4,
		};

		e = decode(&lives[options >> 3]);
		strcpy(head, end(format_lifeline_header(&f, block)));
		row = strchr(end(format_lifeline(&f, &e, block)), '\n') + 1;
		/* In the row of what was found the times are one column. */
		i = options >> 3 ? strstr(head, "STATE") - head : 1;
		for (; head[i] != '\n'; i++)
			if (head[i] != ' ' && head[i - 1] == ' ')
				CHECK(row[i] != ' ' && row[i - 1] == ' ');
	}
}

static void passive(void)
{
	CHECK_STR(lifeline(make_passive()),
		  "127.0.0.1:8080 <- 192.0.2.199:40112, nginx[812], uid 33, "
		  "remote closed first, 1250.300 ms, cookie 4711 life 1\n"
		  "  00:00:07.749700 0.000      SYN_RECV    syn              "
		  "request  0.200\n"
		  "  00:00:07.749900 0.200      ESTABLISHED ack              "
		  "sock     1249.900\n"
		  "  00:00:08.999800 1250.100   CLOSE_WAIT  fin              "
		  "sock     0.100\n"
		  "  00:00:08.999900 1250.200   LAST_ACK    close            "
		  "sock     0.100\n"
		  "  00:00:09.000000 1250.300   CLOSE       ack              "
		  "sock     -\n"
		  "  in 1 B, 3 segments; out 2 B, 4 segments, 5 retransmitted; "
		  "smoothed round trip 0.006 ms\n\n");
}

static void older_than_the_module(void)
{
	CHECK_STR(lifeline(make_found()),
		  "127.0.0.1:8080 -- 192.0.2.199:40112, owner unknown, uid 33, "
		  "local closed first, more than 1.000 ms, cookie 4711 life 1\n"
		  "  found in                   ESTABLISHED -                "
		  "sock     -\n"
		  "  00:00:08.999000 0.000      FIN_WAIT1   shutdown         "
		  "sock     1.000\n"
		  "  00:00:09.000000 1.000      CLOSE       timeout          "
		  "sock     -\n"
		  "  in 1 B, 3 segments; out 2 B, 4 segments, 5 retransmitted; "
		  "round trip never measured\n\n");
}

static void listening(void)
{
	CHECK_STR(lifeline(make_listener()),
		  "127.0.0.1:8080 listener, nginx[812], uid 33, nobody closed "
		  "first, 2000.000 ms, cookie 4711 life 1\n"
		  "  00:00:07.000000 0.000      LISTEN      listen           "
		  "sock     2000.000\n"
		  "  00:00:09.000000 2000.000   CLOSE       close            "
		  "sock     -\n\n");
}

static void active6(void)
{
	CHECK_STR(lifeline(make_active6()),
		  "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:8080 -> "
		  "[fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd]:40112, "
		  "nginx[812], uid 33, local closed first, 6035.200 ms, "
		  "cookie 4711 life 1\n"
		  "  00:00:02.964800 0.000      SYN_SENT    connect          "
		  "sock     30.000\n"
		  "  00:00:02.994800 30.000     ESTABLISHED syn-ack          "
		  "sock     5.000\n"
		  "  00:00:02.999800 35.000     FIN_WAIT1   close            "
		  "sock     0.100\n"
		  "  00:00:02.999900 35.100     FIN_WAIT2   ack              "
		  "sock     0.100\n"
		  "  00:00:03.000000 35.200     TIME_WAIT   fin              "
		  "timewait 6000.000\n"
		  "  00:00:09.000000 6035.200   CLOSE       expired          "
		  "timewait -\n"
		  "  in 1 B, 3 segments; out 2 B, 4 segments, 5 retransmitted; "
		  "smoothed round trip 0.006 ms\n\n");
}

/* Who opened it is told only by a first transition that was seen. */
static void directions(void)
{
	struct tcpstate_life_record l = make_passive();

	l.step[0].state = TCPSTATE_ESTABLISHED;
	l.step[0].cause = TCPSTATE_CAUSE_COOKIE;
	contains(lifeline(l), ":8080 <- 192");
	l.step[0].cause = TCPSTATE_CAUSE_UNKNOWN;
	contains(lifeline(l), ":8080 -- 192");
	l = make_found();
	l.step[0].state = TCPSTATE_SYN_RECV;
	contains(lifeline(l), ":8080 -- 192");
	contains(lifeline(l), "\n  found in                   SYN_RECV ");
	/* A first step without a cause is no find if the module was there. */
	l.head.flags = TCPSTATE_F_TRACKED;
	contains(lifeline(l), ":8080 <- 192");
	contains(lifeline(l), " 0.000      SYN_RECV    none ");
	/* Nor is one with a cause: it was seen. */
	l.head.flags |= TCPSTATE_F_PREEXISTING;
	l.step[0].cause = TCPSTATE_CAUSE_SYN;
	contains(lifeline(l), " 0.000      SYN_RECV    syn ");
}

static void owners(void)
{
	struct tcpstate_life_record l = make_passive();

	l.head.tgid = 0;
	contains(lifeline(l), ", nginx[-], uid 33, ");
	memcpy(l.head.comm, "a\nb\033\xff", 6);
	contains(lifeline(l), ", a\\012b\\033\\377[-], uid 33, ");
	l.head.flags |= TCPSTATE_F_OWNER_LISTENER;
	contains(lifeline(l), "[-] (the listener's: not accepted), uid 33, ");
	l.head.flags = 0;
	contains(lifeline(l), ", owner unknown, uid 33, ");
	contains(lifeline(l), " ms, cookie 4711\n");
	l.head.cookie = 0;
	contains(lifeline(l), ", owner unknown, remote closed first, ");
}

/* Their interface is part of them, as ss writes it. */
static void link_local_addresses(void)
{
	struct tcpstate_life_record l = make_passive();

	l.head.family = AF_INET6;
	l.head.ifindex = 7;
	memset(l.head.laddr, 0, sizeof(l.head.laddr));
	memset(l.head.raddr, 0, sizeof(l.head.raddr));
	memcpy(l.head.laddr, "\xfe\x80", 2);
	l.head.raddr[15] = 9;
	contains(lifeline(l), "[fe80::]%7:8080 <- [::9]:");
}

static void closers(void)
{
	struct tcpstate_life_record l = make_passive();

	l.head.life_end.first_closer = 0;
	contains(lifeline(l), ", nobody closed first, ");
	contains(json(l), "\"first_closer\":null");
	l.head.life_end.first_closer = 1;
	contains(lifeline(l), ", local closed first, ");
	contains(json(l), "\"first_closer\":\"local\"");
	l.head.life_end.first_closer = 3;
	contains(lifeline(l), ", 3 closed first, ");
	contains(json(l), "\"first_closer\":null");
}

/* More transitions than steps; what was found is none. */
static void left_out(void)
{
	struct tcpstate_life_record l = make_passive();

	l.head.life_end.transitions = 17;
	contains(lifeline(l), "sock     -\n  not shown, for want of room: 12 "
			      "transitions; their time counts for the step "
			      "before\n  in 1 B");
	contains(json(l), "\"transitions\":17,");
	l.head.life_end.transitions = 65535;
	contains(lifeline(l), " at least 65530 transitions; ");
	/* Fewer than steps: schema 1 did not count. */
	l.head.life_end.transitions = 0;
	CHECK(!strstr(lifeline(l), "not shown"));

	l = make_found();
	CHECK(!strstr(lifeline(l), "not shown"));
	l.head.life_end.transitions = 3;
	contains(lifeline(l), "for want of room: 1 transitions;");
}

static void time_options(void)
{
	struct tcpstate_life_record first = make_passive();
	struct tcpstate_life_record older = make_active6();
	struct tcps_event a = decode(&first), b = decode(&older);
	struct format f = { .seconds = true };

	contains(end(format_lifeline(&f, &a, block)),
		 "\n  0.000000     0.000      SYN_RECV ");
	contains(block, "\n  1.250300     1250.300   CLOSE ");
	/* It began before the first one did. */
	contains(end(format_lifeline(&f, &b, block)),
		 "\n  -4.784900    0.000      SYN_SENT ");
	contains(block, "\n  1.250300     6035.200   CLOSE ");

	f.wall_clock = true;
	contains(end(format_lifeline(&f, &b, block)),
		 "\n  00:00:02.964800 -4.784900    0.000      SYN_SENT ");

	memset(&f, 0, sizeof(f));
	f.wall_clock = true;
	contains(end(format_lifeline(&f, &b, block)),
		 "\n  00:00:02.964800 0.000      SYN_SENT ");
}

static void wide(void)
{
	struct tcpstate_life_record l = make_passive();
	struct format f = { .wide = true };
	struct tcps_event e;

	l.head.flags |= TCPSTATE_F_MPTCP;
	e = decode(&l);
	contains(end(format_lifeline(&f, &e, block)),
		 " life 1, netns 4026531840, ifindex 3, cgroup 77 mptcp\n"
		 "  1970-01-01 00:00:07.749700 0.000      SYN_RECV ");
	e.ifindex = 0;
	e.life_end.cgroup = 0;
	contains(end(format_lifeline(&f, &e, block)),
		 " life 1, netns 4026531840 mptcp\n");
}

/* Any zone and any time, across changes of the clock. */
static void zones(void)
{
	static const char *const names[] = {
		"UTC", "NPT-5:45", "CET-1CEST,M3.5.0,M10.5.0/3",
		"LHST-10:30LHDT-11,M10.1.0,M4.1.0", "EST5EDT,M3.2.0,M11.1.0",
	};
	struct tcpstate_life_record l = make_passive();
	struct tcps_event e = decode(&l);
	char want[64];
	time_t when;
	struct tm tm;
	size_t i;
	int j;

	srandom(5);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct format f = { .wide = true };

		setenv("TZ", names[i], 1);
		tzset();
		/* Hours in order, so that the look-up is kept and dropped. */
		when = 1769860800 + random() % 100000;
		for (j = 0; j < 20000; j++) {
			when += random() % 1000;
			f.real_offset = when * 1000000000 - 9000000000;
			localtime_r(&when, &tm);
			strftime(want, sizeof(want),
				 "\n  %Y-%m-%d %H:%M:%S.000000 1250.300 ", &tm);
			if (!strstr(end(format_lifeline(&f, &e, block)), want))
				FAIL("%s: no <%s> in\n%s", names[i], want,
				     block);
		}
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

static void before_1970(void)
{
	struct tcpstate_life_record l = make_passive();
	struct tcps_event e = decode(&l);
	struct format f = { .real_offset = -8500000000 };

	contains(end(format_lifeline(&f, &e, block)),
		 "\n  -               0.000      SYN_RECV ");
	contains(block, "\n  00:00:00.500000 1250.300   CLOSE ");
	contains(end(format_json(&f, &e, block)),
		 "\"carrier\":\"request\",\"time\":null,\"dwell_ns\":200000}");
}

static void as_json(void)
{
	contains(json(make_found()),
		 "\"transitions\":2,\"steps\":["
		 "{\"state\":\"ESTABLISHED\",\"cause\":\"none\","
		 "\"carrier\":\"sock\",\"time\":null,\"dwell_ns\":null},"
		 "{\"state\":\"FIN_WAIT1\",\"cause\":\"shutdown\","
		 "\"carrier\":\"sock\","
		 "\"time\":\"1970-01-01T00:00:08.999000000Z\","
		 "\"dwell_ns\":1000000},"
		 "{\"state\":\"CLOSE\",\"cause\":\"timeout\","
		 "\"carrier\":\"sock\","
		 "\"time\":\"1970-01-01T00:00:09.000000000Z\","
		 "\"dwell_ns\":0}],\"flags\":[\"preexisting\"]}\n");
	contains(json(make_active6()),
		 "{\"state\":\"CLOSE\",\"cause\":\"expired\","
		 "\"carrier\":\"timewait\","
		 "\"time\":\"1970-01-01T00:00:09.000000000Z\","
		 "\"dwell_ns\":0}]");
}

static void losses(void)
{
	struct tcpstate_record r = make_record(TCPSTATE_EVENT_LOST);
	struct format f = { 0 };
	struct tcps_event e;

	CHECK_EQ(tcpstate_decode(&r, sizeof(r), &e), sizeof(r));
	CHECK_STR(end(format_lifeline(&f, &e, block)),
		  "  00:00:05.123456 "
		  "*** 1234 records lost (cpu 1): reader too slow ***\n\n");
	f.seconds = true;
	CHECK_STR(end(format_lifeline(&f, &e, block)),
		  "  0.000000     "
		  "*** 1234 records lost (cpu 1): reader too slow ***\n\n");
	e.flags = TCPS_F_DISABLED;
	e.lost.off_ns = 1500000000;
	e.mono_ns += 1000;
	CHECK_STR(end(format_lifeline(&f, &e, block)),
		  "  0.000001     "
		  "*** recording was switched off for 1500.000 ms ***\n\n");
}

static void unknown_numbers(void)
{
	struct tcpstate_life_record l = make_passive();

	l.step[1].state = 200;
	l.step[1].cause = 201;
	l.step[1].carrier = 202;
	l.step[2].state = 0;
	contains(lifeline(l), " 200         201              202      1249.900\n");
	contains(lifeline(l), " -           fin              sock     0.100\n");
	contains(json(l), "{\"state\":\"200\",\"cause\":\"201\","
			  "\"carrier\":\"202\",");
	contains(json(l), "{\"state\":null,\"cause\":\"fin\",");
}

static void no_steps(void)
{
	struct tcpstate_life_record l = make_life(0);

	l.head.flags |= TCPSTATE_F_PREEXISTING;
	CHECK_STR(lifeline(l),
		  "127.0.0.1:8080 -- 192.0.2.199:40112, nginx[812], uid 33, "
		  "remote closed first, 3.000 ms, cookie 4711 life 1\n"
		  "  in 1 B, 3 segments; out 2 B, 4 segments, 5 retransmitted; "
		  "smoothed round trip 0.006 ms\n\n");
	contains(json(l), "\"transitions\":0,\"steps\":[],");
}

/* Times that do not add up, and a life longer than the host is up. */
static void impossible_times(void)
{
	struct tcpstate_life_record l = make_passive();
	struct lifeline line;
	struct tcps_event e;

	l.head.life_end.total_ns = UINT64_MAX;
	l.dwell_ns[1] = UINT64_MAX;
	e = decode(&l);
	lifeline_of(&e, &line);
	CHECK_EQ(line.start_ns, 0);
	contains(lifeline(l), ", 18446744073709.551 ms, ");
	contains(lifeline(l), "\n  00:00:00.000000 0.000      SYN_RECV ");
}

/* Any bytes give a block of printable lines with one empty line at its end. */
static void any_bytes(void)
{
	struct tcps_event e;
	unsigned int i;
	const char *p;

	srandom(11);
	for (i = 0; i < 100000; i++) {
		struct format f = any_format(i);

		any_event(&e, i, i % 7 ? TCPS_EVENT_LIFE : TCPS_EVENT_LOST);

		end(format_lifeline(&f, &e, block));
		for (p = block; *p == '\n' || (*p >= ' ' && *p <= '~'); p++)
			;
		if (*p || strstr(block, "\n\n") != p - 2) {
			FAIL("no block: %s", block);
			break;
		}
	}
}

static void longest_block(void)
{
	struct format f = { .wide = true,
			    .wall_clock = true,
			    .seconds = true,
			    .real_offset = INT64_MAX / 2 };
	struct tcps_event e;
	unsigned int i;

	memset(&e, 0xff, sizeof(e));
	memset(e.comm, 1, sizeof(e.comm));
	e.comm[TCPS_COMM_LEN - 1] = '\0';
	e.kind = TCPS_EVENT_LIFE;
	e.mono_ns = INT64_MAX / 4;
	e.family = 6;
	e.life_end.nr_steps = TCPS_STEPS;
	for (i = 0; i < TCPS_STEPS; i++) {
		e.life_end.step[i].state = TCPS_ESTABLISHED;
		e.life_end.step[i].cause = TCPS_CAUSE_ACCEPT_QUEUE_FULL;
		e.life_end.step[i].carrier = TCPS_CARRIER_TIMEWAIT;
	}
	/* Not by a hair: names may grow. */
	CHECK(strlen(end(format_lifeline(&f, &e, block))) < FORMAT_LINE_MAX / 2);
	CHECK(strlen(end(format_json(&f, &e, block))) <
	      FORMAT_LINE_MAX * 3 / 4);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(header),	       TEST(columns_under_headings),
		TEST(passive),	       TEST(older_than_the_module),
		TEST(listening),	       TEST(active6),
		TEST(directions),      TEST(owners),	TEST(link_local_addresses),
		TEST(closers),	       TEST(left_out),
		TEST(time_options),    TEST(wide),
		TEST(zones),	       TEST(before_1970),
		TEST(as_json),	       TEST(losses),
		TEST(unknown_numbers), TEST(no_steps),
		TEST(impossible_times), TEST(any_bytes),
		TEST(longest_block),
	};

	setenv("TZ", "UTC", 1);
	return run_tests(tests, ARRAY_SIZE(tests));
}

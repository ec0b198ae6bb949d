// SPDX-License-Identifier: GPL-2.0
/*
 * Lines: columns of every kind of event, keys of every kind of event, a strict
 * JSON check of all, and that no event makes a line longer than it may be.
 */
#include <ctype.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <format.h>

#include "any_event.h"
#include "records.h"
#include "test.h"

static char line[FORMAT_LINE_MAX + 1];

static const char *end(char *p)
{
	CHECK(p - line <= FORMAT_LINE_MAX);
	*p = '\0';
	return line;
}

static struct tcps_event event(unsigned int kind)
{
	struct tcpstate_record r = make_record(kind);
	struct tcpstate_life_record l = make_life(2);
	struct tcps_event e = { 0 };

	tcpstate_decode(kind == TCPSTATE_EVENT_LIFE ? (void *)&l : (void *)&r,
			sizeof(l), &e);
	return e;
}

static const char *text(unsigned int kind)
{
	struct tcps_event e = event(kind);
	struct format f = { 0 };

	return end(format_text(&f, &e, line));
}

static const char *json(const struct tcps_event *e)
{
	struct format f = { 0 };

	return end(format_json(&f, e, line));
}

/* The columns before OLDSTATE, with and without an owner. */
#define OWNED "812     nginx      127.0.0.1       8080  192.0.2.199     40112 "
#define BARE "-       -          127.0.0.1       8080  192.0.2.199     40112 "

static void header(void)
{
	struct format f = { 0 };

	CHECK_STR(end(format_text_header(&f, line)),
		  "PID     COMM       LADDR           LPORT RADDR           "
		  "RPORT OLDSTATE    -> NEWSTATE    MS        CAUSE\n");
	f.wall_clock = true;
	f.seconds = true;
	CHECK_STR(end(format_text_header(&f, line)),
		  "TIME     TIME(s)   "
		  "PID     COMM       LADDR           LPORT RADDR           "
		  "RPORT OLDSTATE    -> NEWSTATE    MS        CAUSE\n");
}

/* Each heading stands where its column begins. */
static void columns_under_headings(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);
	char head[FORMAT_LINE_MAX + 1];
	int options, i;

	for (options = 0; options < 8; options++) {
		struct format f = {
			.wide = options & 1,
			.wall_clock = options & 2,
			.seconds = options & 4,
		};

		strcpy(head, end(format_text_header(&f, line)));
		end(format_text(&f, &e, line));
		for (i = 1; head[i] != '\n'; i++)
			if (head[i] != ' ' && head[i - 1] == ' ')
				CHECK(line[i] != ' ' && line[i - 1] == ' ');
	}
}

static void text_state(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);
	struct format f = { 0 };

	CHECK_STR(text(TCPS_EVENT_STATE),
		  OWNED "SYN_RECV    -> ESTABLISHED 0.041     ack\n");
	e.flags = 0;
	CHECK_STR(end(format_text(&f, &e, line)),
		  BARE "SYN_RECV    -> ESTABLISHED -         ack\n");
	e.old_state = 200;
	e.new_state = 0;
	e.cause = 201;
	e.flags = TCPS_F_OWNER;
	e.pid = 0;
	CHECK_STR(end(format_text(&f, &e, line)),
		  "-       nginx      127.0.0.1       8080  192.0.2.199     "
		  "40112 200         -> -           -         201\n");
}

/* A connection that is alive: state, how long in it, why; no arrow. */
static void text_snapshot(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);
	struct format f = { 0 };

	e.old_state = e.new_state;
	e.state.dwell_ns = 86400000000000;
	e.flags |= TCPS_F_SNAPSHOT;
	CHECK_STR(end(format_text(&f, &e, line)),
		  OWNED "(alive)     in ESTABLISHED 86400000.000 ack\n");
	/* Older than the module: neither since when nor why. */
	e.flags = TCPS_F_SNAPSHOT | TCPS_F_PREEXISTING | TCPS_F_TRACKED;
	e.cause = TCPS_CAUSE_NONE;
	CHECK_STR(end(format_text(&f, &e, line)),
		  BARE "(alive)     in ESTABLISHED -         none\n");
	f.wide = true;
	CHECK(strstr(end(format_text(&f, &e, line)),
		     " (alive)     in ESTABLISHED -         none preexisting "
		     "snapshot\n"));
}

static void json_snapshot(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);

	e.old_state = e.new_state;
	e.flags |= TCPS_F_SNAPSHOT;
	CHECK(strstr(json(&e), "\"event\":\"state\""));
	CHECK(strstr(line, "\"life_seq\":2,"));
	CHECK(strstr(line, "\"old\":\"ESTABLISHED\",\"new\":\"ESTABLISHED\","
			   "\"cause\":\"ack\""));
	CHECK(strstr(line, "\"dwell_ns\":41999,"));
	CHECK(strstr(line, "\"flags\":[\"snapshot\"]}"));
}

static void text_wide(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);
	struct format f = { .wide = true };

	e.flags |= TCPS_F_MPTCP | TCPS_F_INCOMING;
	CHECK_STR(end(format_text(&f, &e, line)),
		  "812     nginx           33    4026531840 4711       4  "
		  "127.0.0.1                               8080  "
		  "192.0.2.199                             40112 "
		  "SYN_RECV    -> ESTABLISHED 0.041     ack mptcp incoming\n");
}

static void text_times(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);
	struct format f = { .wall_clock = true, .seconds = true };

	setenv("TZ", "UTC", 1);
	f.real_offset = 3600LL * 1000000000;
	CHECK(strncmp(end(format_text(&f, &e, line)), "01:00:05 0.000     812 ",
		      23) == 0);
	e.mono_ns += 12345678901;
	CHECK(strncmp(end(format_text(&f, &e, line)), "01:00:17 12.345    812 ",
		      23) == 0);
	/* Another CPU's record may be a little older than the first line. */
	e.mono_ns = 5123456788;
	CHECK(strncmp(end(format_text(&f, &e, line)), "01:00:05 0.000     812 ",
		      23) == 0);
}

/* What @e says must be there although the line before said @before. */
static void says(const struct tcps_event *before, const struct tcps_event *e,
		 const char *in_text, const char *in_json)
{
	struct format f = { 0 };
	int i;

	end(format_text(&f, before, line));
	for (i = 0; i < 2; i++) {
		if (!strstr(end(format_text(&f, e, line)), in_text))
			FAIL("no '%s': %s", in_text, line);
	}
	f.cached_text[0] = '\0';
	end(format_json(&f, before, line));
	for (i = 0; i < 2; i++) {
		if (!strstr(end(format_json(&f, e, line)), in_json))
			FAIL("no '%s': %s", in_json, line);
	}
}

/* Text that is kept for the next line belongs to all that it is made of. */
static void differs_from_line_before(void)
{
	const struct tcps_event a = event(TCPS_EVENT_STATE);
	struct tcps_event e;

	e = a;
	e.pid = 813;
	says(&a, &e, "813 ", "\"pid\":813,");
	e = a;
	e.pid = 0;
	says(&a, &e, "-       nginx ", "\"pid\":null,\"comm\":\"nginx\"");
	e = a;
	strcpy(e.comm, "nginy");
	says(&a, &e, " nginy ", "\"comm\":\"nginy\"");
	e = a;
	strcpy(e.comm, "nginx: worker 2");
	says(&a, &e, " nginx: wor ", "\"comm\":\"nginx: worker 2\"");
	e = a;
	e.flags &= ~TCPS_F_OWNER;
	says(&a, &e, "-       -  ", "\"pid\":null,\"comm\":null");
	says(&e, &a, "812     nginx ", "\"pid\":812,\"comm\":\"nginx\"");
	e = a;
	e.netns++;
	says(&a, &e, "", "\"netns\":4026531841,");
	e.netns = 0;
	says(&a, &e, "", "\"netns\":null,\"family\":4,");
	e = a;
	e.laddr[3] = 2;
	says(&a, &e, " 127.0.0.2 ", "\"laddr\":\"127.0.0.2\"");
	e = a;
	e.raddr[0] = 193;
	says(&a, &e, " 193.0.2.199 ", "\"raddr\":\"193.0.2.199\"");
	e = a;
	e.lport = 8081;
	says(&a, &e, " 8081 ", "\"lport\":8081,");
	e = a;
	e.rport = 40113;
	says(&a, &e, " 40113 ", "\"rport\":40113,");
	e = a;
	e.family = 6;
	says(&a, &e, " 7f00:1:: ", "\"family\":6,\"laddr\":\"7f00:1::\"");
	e.laddr[15] = 1;
	says(&a, &e, " 7f00:1::1 ", "\"laddr\":\"7f00:1::1\"");
	e.family = 0;
	says(&a, &e, "- ", "\"family\":null,\"laddr\":null,");
}

static void text_others(void)
{
	CHECK_STR(text(TCPS_EVENT_LIFE),
		  OWNED "life (ack) ESTABLISHED SYN_SENT, 3.000 ms, 1 B in, "
			"2 B out, 5 retransmitted\n");
	CHECK_STR(text(TCPS_EVENT_SYN_DROP),
		  BARE "syn-drop (ack) SYN queue 1 of 2, accept queue 3 of 4, "
		       "stands for 5\n");
	CHECK_STR(text(TCPS_EVENT_ACCEPT_DROP), BARE
		  "accept-drop (ack) SYN queue 1 of 2, accept queue 3 of 4, "
		  "stands for 5\n");
	CHECK_STR(text(TCPS_EVENT_COOKIE),
		  BARE "cookie (ack) SYN queue 1 of 2, accept queue 3 of 4, "
		       "stands for 5\n");
	CHECK_STR(text(TCPS_EVENT_SYN_RETRANSMIT),
		  OWNED "syn-retransmit (ack) attempt 1, stands for 2\n");
	CHECK_STR(text(TCPS_EVENT_SYNACK_RETRANSMIT),
		  OWNED "synack-retransmit (ack) attempt 1, stands for 2\n");
	CHECK_STR(text(TCPS_EVENT_TW_OVERFLOW),
		  OWNED "tw-overflow (ack) 1 of 2, stands for 3\n");
	CHECK_STR(text(TCPS_EVENT_PORTS_EXHAUSTED),
		  OWNED "ports-exhausted (ack) ports 1 to 2, errno 3, "
			"stands for 4\n");
	CHECK_STR(text(TCPS_EVENT_RESET),
		  BARE "reset (ack) received in ESTABLISHED, stands for 2\n");
	CHECK_STR(text(TCPS_EVENT_MEMORY_PRESSURE),
		  "-       -          -               -     -               "
		  "-     memory-pressure (pressure-on) 1 pages, mark 2, "
		  "stands for 3\n");
	CHECK_STR(text(TCPS_EVENT_SEGMENT),
		  BARE "segment in SYN+ACK seq 1 ack 2 win 3 len 4 mss 5 "
		       "ts 7/8\n");
}

static void text_lost(void)
{
	struct tcps_event e = event(TCPS_EVENT_LOST);
	struct format f = { 0 };

	CHECK_STR(text(TCPS_EVENT_LOST),
		  "*** 1234 records lost (cpu 1): reader too slow ***\n");
	e.flags = TCPS_F_SCOPED;
	CHECK_STR(end(format_text(&f, &e, line)),
		  "*** some records lost: reader too slow ***\n");
	e.flags = TCPS_F_DISABLED;
	e.lost.off_ns = 1500000000;
	CHECK_STR(end(format_text(&f, &e, line)),
		  "*** recording was switched off for 1500.000 ms ***\n");
}

/* The line of the design, key by key. */
static void json_state(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);
	struct format f = { .real_offset = 1769860800000000000LL };

	CHECK_STR(end(format_json(&f, &e, line)),
		  "{\"seq\":17,\"time\":\"2026-01-31T12:00:05.123456789Z\","
		  "\"mono_ns\":5123456789,\"event\":\"state\",\"cookie\":4711,"
		  "\"life\":1,\"life_seq\":2,\"netns\":4026531840,"
		  "\"family\":4,\"laddr\":\"127.0.0.1\",\"lport\":8080,"
		  "\"raddr\":\"192.0.2.199\",\"rport\":40112,"
		  "\"old\":\"SYN_RECV\",\"new\":\"ESTABLISHED\","
		  "\"cause\":\"ack\",\"carrier\":\"sock\","
		  "\"dwell_ns\":41999,\"pid\":812,\"comm\":\"nginx\","
		  "\"uid\":33,\"actor\":null,\"flags\":[]}\n");

	e.flags = TCPS_F_ACTOR | TCPS_F_OWNER_LISTENER | 0x8000;
	e.cause = 200;
	CHECK_STR(end(format_json(&f, &e, line)),
		  "{\"seq\":17,\"time\":\"2026-01-31T12:00:05.123456789Z\","
		  "\"mono_ns\":5123456789,\"event\":\"state\",\"cookie\":4711,"
		  "\"life\":null,\"life_seq\":null,\"netns\":4026531840,"
		  "\"family\":4,\"laddr\":\"127.0.0.1\",\"lport\":8080,"
		  "\"raddr\":\"192.0.2.199\",\"rport\":40112,"
		  "\"old\":\"SYN_RECV\",\"new\":\"ESTABLISHED\","
		  "\"cause\":\"200\",\"carrier\":\"sock\","
		  "\"dwell_ns\":null,\"pid\":null,\"comm\":null,"
		  "\"uid\":33,\"actor\":99,"
		  "\"flags\":[\"owner-listener\",\"15\"]}\n");

	/* Every second anew, and nanoseconds with their zeros. */
	e.mono_ns = 6000000007;
	CHECK(strstr(end(format_json(&f, &e, line)), "12:00:06.000000007Z"));
}

static void json_payloads(void)
{
	static const struct {
		unsigned int kind;
		const char *part;
	} table[] = {
		{ TCPS_EVENT_SYN_DROP,
		  "\"synq\":1,\"synq_max\":2,\"acceptq\":3,\"acceptq_max\":4,"
		  "\"backlog\":6,\"stands_for\":5,\"flags\":[\"incoming\"]}" },
		{ TCPS_EVENT_ACCEPT_DROP, "\"event\":\"accept-drop\"" },
		{ TCPS_EVENT_COOKIE, "\"event\":\"cookie\"" },
		{ TCPS_EVENT_SYN_RETRANSMIT, "\"attempt\":1,\"stands_for\":2" },
		{ TCPS_EVENT_SYNACK_RETRANSMIT,
		  "\"attempt\":1,\"stands_for\":2" },
		{ TCPS_EVENT_TW_OVERFLOW,
		  "\"count\":1,\"max\":2,\"stands_for\":3" },
		{ TCPS_EVENT_PORTS_EXHAUSTED,
		  "\"low\":1,\"high\":2,\"error\":3,\"stands_for\":4" },
		{ TCPS_EVENT_RESET,
		  "\"reason\":0,\"tcp_seq\":3,\"tcp_ack\":4,\"stands_for\":2" },
		{ TCPS_EVENT_MEMORY_PRESSURE,
		  "\"pages\":1,\"mark\":2,\"stands_for\":3" },
		{ TCPS_EVENT_MEMORY_PRESSURE,
		  "\"family\":null,\"laddr\":null,\"lport\":null,"
		  "\"raddr\":null,\"rport\":null,\"old\":null,\"new\":null" },
		{ TCPS_EVENT_SEGMENT,
		  "\"tcp_flags\":[\"syn\",\"ack\"],\"tcp_seq\":1,\"tcp_ack\":2,"
		  "\"window\":3,\"len\":4,\"mss\":5,\"wscale\":null,"
		  "\"sack_perm\":false,\"tsval\":7,\"tsecr\":8" },
		{ TCPS_EVENT_LOST,
		  "\"count\":1234,\"off_ns\":null,\"cpu\":1,\"lane\":\"main\"" },
		{ TCPS_EVENT_LIFE,
		  "\"total_ns\":3000000,\"srtt_us\":6,"
		  "\"first_closer\":\"remote\",\"bytes_in\":1,\"bytes_out\":2,"
		  "\"segs_in\":3,\"segs_out\":4,\"retrans\":5,"
		  "\"transitions\":2,\"steps\":["
		  "{\"state\":\"ESTABLISHED\",\"cause\":\"syn\","
		  "\"carrier\":\"sock\","
		  "\"time\":\"1970-01-01T00:00:05.120456789Z\","
		  "\"dwell_ns\":100},"
		  "{\"state\":\"SYN_SENT\",\"cause\":\"syn-ack\","
		  "\"carrier\":\"sock\","
		  "\"time\":\"1970-01-01T00:00:05.120456889Z\","
		  "\"dwell_ns\":101}]" },
	};
	struct tcps_event e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		e = event(table[i].kind);
		if (!strstr(json(&e), table[i].part))
			FAIL("no %s in %s", table[i].part, line);
	}

	e = event(TCPS_EVENT_LOST);
	e.flags = TCPS_F_SCOPED;
	CHECK(strstr(json(&e), "\"count\":null,\"off_ns\":null,\"cpu\":null"));
	e.flags = TCPS_F_DISABLED;
	e.lost.off_ns = 7;
	CHECK(strstr(json(&e), "\"count\":null,\"off_ns\":7,\"cpu\":null"));
	e.lost.lane = 3;
	CHECK(strstr(json(&e), "\"lane\":\"3\""));
	e.lost.lane = UINT32_MAX;
	CHECK(strstr(json(&e), "\"lane\":\"4294967295\""));
}

static void json_wide(void)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);
	struct format f = { .wide = true };

	CHECK(strstr(end(format_json(&f, &e, line)),
		     "\"flags\":[],\"cgroup\":77,\"ifindex\":3,"
		     "\"netns_gen\":21}"));
}

/* From fe80::1 to fe80::2, at the interface 1. */
static struct tcps_event link_local(uint32_t netns)
{
	struct tcps_event e = event(TCPS_EVENT_STATE);

	e.netns = netns;
	e.ifindex = 1;
	e.family = 6;
	memset(e.laddr, 0, sizeof(e.laddr));
	memcpy(e.laddr, "\xfe\x80", 2);
	memcpy(e.raddr, e.laddr, sizeof(e.raddr));
	e.laddr[15] = 1;
	e.raddr[15] = 2;
	return e;
}

/* Their interface is part of them: its name, if it is one of ours. */
static void link_local_addresses(void)
{
	struct tcps_event there = link_local(1), here, other;
	struct format f = { 0 };
	struct stat st;

	CHECK(!stat("/proc/self/ns/net", &st));
	here = link_local(st.st_ino);
	says(&there, &here, " fe80::1%lo      8080  fe80::2%lo      40112 ",
	     "\"laddr\":\"fe80::1\"");
	says(&here, &there, " fe80::1%1       8080  fe80::2%1       40112 ",
	     "\"flags\":[],\"ifindex\":1}");
	other = there;
	other.ifindex = 4294967295;
	says(&there, &other, " fe80::1%4294967295 8080 ",
	     "\"ifindex\":4294967295}");
	/* febf is the last of them. */
	other.laddr[0] = 0xfe;
	other.laddr[1] = 0xbf;
	other.raddr[1] = 0xc0;
	says(&there, &other, " febf::1%4294967295 8080  fec0::2 ", "");
	other.laddr[1] = 0x7f;
	says(&there, &other, " fe7f::1 ", "\"flags\":[]}");
	there.ifindex = 0;
	says(&here, &there, " fe80::1 ", "\"ifindex\":null}");
	f.wide = true;
	end(format_text(&f, &here, line));
	CHECK(strstr(line, " fe80::1%lo                              8080  "));
}

/*
 * A strict reader of RFC 8259, as far as these lines go: no blanks, no floats,
 * no control characters. Returns the first byte behind the value, or NULL.
 */
static const char *value(const char *p);

static const char *string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\')
			continue;
		p++;
		if (*p == 'u') {
			if (strspn(p + 1, "0123456789abcdef") < 4)
				return NULL;
			p += 4;
		} else if (!strchr("\"\\", *p)) {
			return NULL;
		}
	}
	return p + 1;
}

static const char *number(const char *p)
{
	if (*p == '0')
		return p + 1;
	if (!isdigit((unsigned char)*p))
		return NULL;
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

static const char *list(const char *p, char last, bool keys)
{
	if (*++p == last)
		return p + 1;
	for (;; p++) {
		if (keys) {
			p = string(p);
			if (!p || *p++ != ':')
				return NULL;
		}
		p = value(p);
		if (!p)
			return NULL;
		if (*p == last)
			return p + 1;
		if (*p != ',')
			return NULL;
	}
}

static const char *value(const char *p)
{
	if (strncmp(p, "null", 4) == 0 || strncmp(p, "true", 4) == 0)
		return p + 4;
	if (strncmp(p, "false", 5) == 0)
		return p + 5;
	switch (*p) {
	case '{':
		return list(p, '}', true);
	case '[':
		return list(p, ']', false);
	case '"':
		return string(p);
	default:
		return number(p);
	}
}

/* Any bytes in an event give one line of valid JSON, and one of text. */
static void any_bytes(void)
{
	struct tcps_event e;
	unsigned int i;
	const char *p;

	srandom(7);
	for (i = 0; i < 100000; i++) {
		struct format f = any_format(i);

		any_event(&e, i, i % 16);
		if (e.kind == TCPS_EVENT_SEGMENT)
			memset(&e.segment.has_mss, i >> 5 & 1, 4);

		p = value(end(format_json(&f, &e, line)));
		if (!p || strcmp(p, "\n") != 0) {
			FAIL("no JSON: %s", line);
			break;
		}
		memset(f.cached_text, 0, sizeof(f.cached_text));
		end(format_text(&f, &e, line));
		if (strchr(line, '\n') != line + strlen(line) - 1) {
			FAIL("not one line: %s", line);
			break;
		}
	}
}

/* The largest number everywhere, the longest name, every flag. */
static void longest_line(void)
{
	struct format f = { .wide = true,
			    .wall_clock = true,
			    .seconds = true,
			    .real_offset = INT64_MAX / 2 };
	struct tcps_event e;
	size_t longest = 0;
	unsigned int kind;

	for (kind = 0; kind < 256; kind++) {
		memset(&e, 0xff, sizeof(e));
		memset(e.comm, 1, sizeof(e.comm));
		e.comm[TCPS_COMM_LEN - 1] = '\0';
		e.mono_ns = INT64_MAX / 4;
		e.kind = kind;
		e.family = 6;
		e.old_state = TCPS_ESTABLISHED;
		e.new_state = TCPS_ESTABLISHED;
		e.cause = TCPS_CAUSE_ACCEPT_QUEUE_FULL;
		if (kind == TCPS_EVENT_LIFE)
			e.life_end.nr_steps = TCPS_STEPS;
		if (kind == TCPS_EVENT_SEGMENT)
			memset(&e.segment.has_mss, 1, 4);
		end(format_json(&f, &e, line));
		if (strlen(line) > longest)
			longest = strlen(line);
		memset(f.cached_text, 0, sizeof(f.cached_text));
		end(format_text(&f, &e, line));
		memset(f.cached_text, 0, sizeof(f.cached_text));
	}
	/* Not by a hair: names may grow. */
	CHECK(longest < FORMAT_LINE_MAX / 2);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(header),	     TEST(columns_under_headings),
		TEST(text_state),    TEST(text_wide),
		TEST(text_times),    TEST(differs_from_line_before), TEST(text_others),
		TEST(text_lost),     TEST(text_snapshot),
		TEST(json_state),    TEST(json_snapshot),
		TEST(json_payloads), TEST(json_wide),
		TEST(any_bytes),     TEST(longest_line),
		TEST(link_local_addresses),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

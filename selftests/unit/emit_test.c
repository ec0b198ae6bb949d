// SPDX-License-Identifier: GPL-2.0
/*
 * emit.h against the C library's own printf() and inet_ntop(), and JSON strings
 * byte by byte.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include <emit.h>

#include "test.h"

static char text[256];

static const char *end(char *p)
{
	*p = '\0';
	return text;
}

static void numbers(void)
{
	static const uint64_t edges[] = {
		0,   1,	  9,	10,    11,	   99,	      100,
		101, 999, 1000, 65535, UINT32_MAX, INT64_MAX, UINT64_MAX
	};
	char want[32];
	uint64_t n;
	size_t i;

	for (i = 0; i < 20000; i++) {
		n = i;
		if (i < ARRAY_SIZE(edges))
			n = edges[i];
		else if (i > 10000)
			n = (uint64_t)random() << (random() % 33);
		snprintf(want, sizeof(want), "%" PRIu64, n);
		CHECK_STR(end(emit_u64(text, n)), want);
	}
}

static void milliseconds(void)
{
	CHECK_STR(end(emit_ms(text, 0)), "0.000");
	CHECK_STR(end(emit_ms(text, 999)), "0.000");
	CHECK_STR(end(emit_ms(text, 1000)), "0.001");
	CHECK_STR(end(emit_ms(text, 41999)), "0.041");
	CHECK_STR(end(emit_ms(text, 999999)), "0.999");
	CHECK_STR(end(emit_ms(text, 1000000)), "1.000");
	CHECK_STR(end(emit_ms(text, 60012345678)), "60012.345");
	CHECK_STR(end(emit_ms(text, UINT64_MAX)), "18446744073709.551");
}

static void ipv4(void)
{
	uint8_t a[16] = { 0 };
	char want[64];
	int i;

	for (i = 0; i < 256; i++) {
		a[0] = i;
		a[1] = 255 - i;
		a[3] = i / 2;
		inet_ntop(AF_INET, a, want, sizeof(want));
		CHECK_STR(end(emit_addr(text, 4, a)), want);
	}
}

static void ipv6(void)
{
	char want[64];
	uint8_t a[16];
	int i, j;

	srandom(1);
	for (i = 0; i < 50000; i++) {
		/* Many zeros: the runs are what goes wrong. */
		for (j = 0; j < 16; j++) {
			a[j] = random() % 3 ? 0 : random();
			if (random() % 8 == 0)
				a[j] = 0xff;
		}
		if (i % 7 == 0)
			memset(a, 0, i % 17);
		inet_ntop(AF_INET6, a, want, sizeof(want));
		CHECK_STR(end(emit_addr(text, 6, a)), want);
	}
}

static void ipv6_known(void)
{
	static const char *const known[] = {
		"::",
		"::1",
		"1::",
		"::ffff:192.0.2.1",
		"2001:db8::1",
		"2001:db8:0:1:1:1:1:1",
		"2001:0:0:1::1",
		"fe80::1:2:3",
		"1:2:3:4:5:6:7:8",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:0",
		"64:ff9b::c000:201",
	};
	char want[64];
	uint8_t a[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		CHECK_EQ(inet_pton(AF_INET6, known[i], a), 1);
		inet_ntop(AF_INET6, a, want, sizeof(want));
		CHECK_STR(end(emit_addr(text, 6, a)), want);
	}
	CHECK_STR(end(emit_addr(text, 0, a)), "-");
}

/* A name as a record has it; nothing behind its end may count. */
static const char *json(const char *s)
{
	char comm[EMIT_COMM_BYTES];

	memset(comm, '\xff', sizeof(comm));
	memcpy(comm, s, strlen(s) + 1);
	return end(emit_comm_json(text, comm));
}

static const char *terminal(const char *s, size_t max)
{
	char comm[EMIT_COMM_BYTES];

	memset(comm, '\xff', sizeof(comm));
	memcpy(comm, s, strlen(s) + 1);
	return end(emit_comm(text, comm, max));
}

static void json_plain(void)
{
	CHECK_STR(json(""), "\"\"");
	CHECK_STR(json("nginx: worker"), "\"nginx: worker\"");
	CHECK_STR(json("a/b"), "\"a/b\"");
}

static void json_escapes(void)
{
	char want[16], c[2] = "";
	int i;

	CHECK_STR(json("\""), "\"\\\"\"");
	CHECK_STR(json("\\"), "\"\\\\\"");
	CHECK_STR(json("a\"b\\c"), "\"a\\\"b\\\\c\"");
	for (i = 1; i < 0x80; i++) {
		c[0] = i;
		if (i < 0x20 || i == 0x7f)
			snprintf(want, sizeof(want), "\"\\u%04x\"", i);
		else if (i == '"' || i == '\\')
			snprintf(want, sizeof(want), "\"\\%c\"", i);
		else
			snprintf(want, sizeof(want), "\"%c\"", i);
		CHECK_STR(json(c), want);
	}
}

static void json_utf8(void)
{
	CHECK_STR(json("\xc2\x80"), "\"\\u0080\"");
	CHECK_STR(json("\xc2\x9b"), "\"\\u009b\"");
	CHECK_STR(json("\xc2\x9f."), "\"\\u009f.\"");
	CHECK_STR(json("\xc2\xa0"), "\"\xc2\xa0\"");
	CHECK_STR(json("\xc3\xa9"), "\"\xc3\xa9\"");
	CHECK_STR(json("\xdf\xbf"), "\"\xdf\xbf\"");
	CHECK_STR(json("\xe0\xa0\x80"), "\"\xe0\xa0\x80\"");
	CHECK_STR(json("\xe2\x82\xac"), "\"\xe2\x82\xac\"");
	CHECK_STR(json("\xed\x9f\xbf"), "\"\xed\x9f\xbf\"");
	CHECK_STR(json("\xef\xbf\xbd"), "\"\xef\xbf\xbd\"");
	CHECK_STR(json("\xf0\x90\x80\x80"), "\"\xf0\x90\x80\x80\"");
	CHECK_STR(json("\xf4\x8f\xbf\xbf"), "\"\xf4\x8f\xbf\xbf\"");
}

#define BAD "\\ufffd"

static void json_bad_utf8(void)
{
	char c[2] = "";
	int i;

	for (i = 0x80; i < 0x100; i++) {
		c[0] = i;
		CHECK_STR(json(c), "\"" BAD "\"");
	}
	/* Overlong, surrogate, too high, cut off, tail without a head. */
	CHECK_STR(json("\xc0\x80"), "\"" BAD BAD "\"");
	CHECK_STR(json("\xc1\xbf"), "\"" BAD BAD "\"");
	CHECK_STR(json("\xe0\x9f\xbf"), "\"" BAD BAD BAD "\"");
	CHECK_STR(json("\xed\xa0\x80"), "\"" BAD BAD BAD "\"");
	CHECK_STR(json("\xf0\x8f\xbf\xbf"), "\"" BAD BAD BAD BAD "\"");
	CHECK_STR(json("\xf4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\"");
	CHECK_STR(json("\xf5\x80\x80\x80"), "\"" BAD BAD BAD BAD "\"");
	CHECK_STR(json("\xe2\x82"), "\"" BAD BAD "\"");
	CHECK_STR(json("\xf0\x90\x80"), "\"" BAD BAD BAD "\"");
	CHECK_STR(json("a\xc3z"), "\"a" BAD "z\"");
	CHECK_STR(json("\xc3\xc3\xa9"), "\"" BAD "\xc3\xa9\"");
}

static void comm(void)
{
	CHECK_STR(terminal("nginx", 10), "nginx");
	CHECK_STR(terminal("0123456789abc", 10), "0123456789");
	CHECK_STR(terminal("0123456789abcde", 15), "0123456789abcde");
	CHECK_STR(terminal("\x1b[31m\n\x7f", 15), "\\033[31m\\012");
	CHECK_STR(terminal("\xc2\x9b\xc3", 15), "\\302\\233\\303");
	CHECK_STR(terminal("quote\"back\\", 15), "quote\"back\\134");
	/* Whole or not at all. */
	CHECK_STR(terminal("abcdef\n", 10), "abcdef\\012");
	CHECK_STR(terminal("abcdefg\n", 10), "abcdefg");
	CHECK_STR(terminal("", 10), "");
}

/* Each byte at each place of a name, against one that is printed as it is. */
static void comm_any_byte(void)
{
	char want[64], comm[EMIT_COMM_BYTES];
	int byte, at;

	for (byte = 1; byte < 0x100; byte++) {
		for (at = 0; at < 15; at++) {
			strcpy(comm, "abcdefghijklmno");
			comm[at] = byte;
			strcpy(want, comm);
			want[at] = '\0';
			if (byte < ' ' || byte > '~' || byte == '\\')
				sprintf(want + at, "\\%03o%s", byte,
					comm + at + 1);
			else
				strcpy(want + at, comm + at);
			/* What is cut is never part of an escape. */
			if (want[15])
				want[at > 11 && want[at] == '\\' ? at : 15] = '\0';
			CHECK_STR(terminal(comm, 15), want);
			want[at] = '\0';
			if (byte == '"' || byte == '\\')
				strcat(want, byte == '"' ? "\\\"" : "\\\\");
			else if (byte < ' ' || byte == 0x7f)
				sprintf(want + at, "\\u%04x", byte);
			else
				strcat(want, byte > '~' ? "\\ufffd" :
							  (char[]){ byte, 0 });
			strcat(want, comm + at + 1);
			memmove(want + 1, want, strlen(want) + 1);
			want[0] = '"';
			CHECK_STR(json(comm), strcat(want, "\""));
		}
	}
}

static void padding(void)
{
	CHECK_STR(end(emit_pad(emit_str(text, "ab"), text, 4)), "ab   ");
	CHECK_STR(end(emit_pad(emit_str(text, "abcd"), text, 4)), "abcd ");
	CHECK_STR(end(emit_pad(emit_str(text, "abcde"), text, 4)), "abcde ");
	CHECK_STR(end(emit_pad(emit_str(text, "a"), text, 39)),
		  "a                                       ");
}

static void places(void)
{
	CHECK_STR(end(emit_places(text, 0, 2)), "00");
	CHECK_STR(end(emit_places(text, 7, 3)), "007");
	CHECK_STR(end(emit_places(text, 7, 8)), "00000007");
	CHECK_STR(end(emit_places(text, 99999999, 8)), "99999999");
}

/* Every number of four digits, in the upper and in the lower half. */
static void digits(void)
{
	char want[16];
	uint32_t n;

	for (n = 0; n < 10000; n++) {
		snprintf(want, sizeof(want), "%04u%04u", n, 9999 - n);
		CHECK_STR(end(emit_places(text, n * 10000 + 9999 - n, 8)),
			  want);
	}
}

/* Every day of four centuries and of 1969, and any second. */
static void dates(void)
{
	char want[32];
	struct tm tm;
	time_t when;
	int64_t day;

	srandom(3);
	for (day = -365; day < 146097 + 366; day++) {
		when = day * 86400 + random() % 86400;
		gmtime_r(&when, &tm);
		strftime(want, sizeof(want), "%Y-%m-%d", &tm);
		CHECK_STR(end(emit_date(text, when)), want);
		strftime(want, sizeof(want), "%H:%M:%S", &tm);
		CHECK_STR(end(emit_clock(text, when)), want);
	}
	CHECK_STR(end(emit_date(text, 951782400)), "2000-02-29");
	CHECK_STR(end(emit_date(text, 951868800)), "2000-03-01");
	CHECK_STR(end(emit_date(text, 9223372036)), "2262-04-11");
	CHECK_STR(end(emit_clock(text, -1)), "23:59:59");
}

int main(void)
{
	static const struct test tests[] = {
		TEST(numbers),	    TEST(milliseconds), TEST(ipv4),
		TEST(ipv6),	    TEST(ipv6_known),	TEST(json_plain),
		TEST(json_escapes), TEST(json_utf8),	TEST(json_bad_utf8),
		TEST(comm),	    TEST(comm_any_byte), TEST(padding),
		TEST(places),	    TEST(digits),	TEST(dates),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

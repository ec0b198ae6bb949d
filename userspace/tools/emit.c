// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - bytes of a line: numbers and addresses. See emit.h.
 */
#include "emit.h"

static const char hex[] = "0123456789abcdef";

static __attribute__((noinline)) char *emit_long(char *p, uint64_t n)
{
	p = emit_u64(p, n / 100000000);
	return emit_places(p, n % 100000000, 8);
}

char *emit_u64(char *p, uint64_t n)
{
	uint64_t digits;
	unsigned int zeros;

	if (n < 10)
		return emit_char(p, '0' + n);
	if (n >= 100000000)
		return emit_long(p, n);
	digits = emit_digits(n);
	zeros = __builtin_ctzll(digits) / 8;
	emit_bytes(p, (digits | EMIT_ZEROS) >> 8 * zeros);
	return p + 8 - zeros;
}

/* Milliseconds with three places, cut off. */
char *emit_ms(char *p, uint64_t ns)
{
	uint64_t us = ns / 1000;

	p = emit_char(emit_u64(p, us / 1000), '.');
	return emit_places(p, us % 1000, 3);
}

/* Each byte of an address with the dot after it, and how long that is. */
#define TEN(tens, len)                                                      \
	{ tens "0.", len }, { tens "1.", len }, { tens "2.", len },         \
		{ tens "3.", len }, { tens "4.", len }, { tens "5.", len }, \
		{ tens "6.", len }, { tens "7.", len }, { tens "8.", len }, \
	{                                                                   \
		tens "9.", len                                              \
	}

static const struct {
	char text[7];
	uint8_t len;
} octets[] = {
	TEN("", 2),   TEN("1", 3),  TEN("2", 3),  TEN("3", 3),	TEN("4", 3),
	TEN("5", 3),  TEN("6", 3),  TEN("7", 3),  TEN("8", 3),	TEN("9", 3),
	TEN("10", 4), TEN("11", 4), TEN("12", 4), TEN("13", 4), TEN("14", 4),
	TEN("15", 4), TEN("16", 4), TEN("17", 4), TEN("18", 4), TEN("19", 4),
	TEN("20", 4), TEN("21", 4), TEN("22", 4), TEN("23", 4), TEN("24", 4),
	TEN("25", 4),
};

static char *emit_ipv4(char *p, const uint8_t *a)
{
	int i;

	for (i = 0; i < 4; i++) {
		memcpy(p, octets[a[i]].text, 4);
		p += octets[a[i]].len;
	}
	/* Without the last dot. */
	return p - 1;
}

static char *emit_hex16(char *p, unsigned int n)
{
	if (n > 0xfff)
		*p++ = hex[n >> 12];
	if (n > 0xff)
		*p++ = hex[n >> 8 & 0xf];
	if (n > 0xf)
		*p++ = hex[n >> 4 & 0xf];
	*p++ = hex[n & 0xf];
	return p;
}

/* RFC 5952, as inet_ntop() of glibc: "::" for the first longest run of 0. */
static char *emit_ipv6(char *p, const uint8_t *a)
{
	unsigned int word[8];
	int run = -1, run_len = 1;
	int i, j;

	for (i = 0; i < 8; i++)
		word[i] = (unsigned int)a[2 * i] << 8 | a[2 * i + 1];

	for (i = 0; i < 8; i = j + 1) {
		for (j = i; j < 8 && !word[j]; j++)
			;
		if (j - i > run_len) {
			run = i;
			run_len = j - i;
		}
	}

	for (i = 0; i < 8; i++) {
		if (i == run) {
			*p++ = ':';
			i += run_len - 1;
			if (i == 7)
				*p++ = ':';
			continue;
		}
		if (i)
			*p++ = ':';
		if (i == 6 && run == 0 &&
		    (run_len == 6 || (run_len == 5 && word[5] == 0xffff)))
			return emit_ipv4(p, a + 12);
		p = emit_hex16(p, word[i]);
	}
	return p;
}

/* @family 4 or 6; anything else is "-". */
char *emit_addr(char *p, unsigned int family, const uint8_t *addr)
{
	if (family == 4)
		return emit_ipv4(p, addr);
	if (family == 6)
		return emit_ipv6(p, addr);
	return emit_char(p, '-');
}

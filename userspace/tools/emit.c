// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - bytes of a line: numbers, strings, addresses. See emit.h.
 */
#include "emit.h"

#include <stdbool.h>

static const char hex[] = "0123456789abcdef";

char *emit_u64(char *p, uint64_t n)
{
	char digits[EMIT_U64_MAX];
	char *d = digits + sizeof(digits);
	unsigned int pair;
	size_t len;

	/* Two at a time: half the long divisions. */
	while (n >= 100) {
		pair = n % 100;
		n /= 100;
		*--d = '0' + pair % 10;
		*--d = '0' + pair / 10;
	}
	pair = n;
	*--d = '0' + pair % 10;
	if (pair >= 10)
		*--d = '0' + pair / 10;

	len = digits + sizeof(digits) - d;
	memcpy(p, d, len);
	return p + len;
}

/* Milliseconds with three places, cut off. */
char *emit_ms(char *p, uint64_t ns)
{
	unsigned int us = ns / 1000 % 1000;

	p = emit_u64(p, ns / 1000000);
	*p++ = '.';
	*p++ = '0' + us / 100;
	*p++ = '0' + us / 10 % 10;
	*p++ = '0' + us % 10;
	return p;
}

static char *emit_ipv4(char *p, const uint8_t *a)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		if (a[i] >= 100)
			*p++ = '0' + a[i] / 100;
		if (a[i] >= 10)
			*p++ = '0' + a[i] / 10 % 10;
		*p++ = '0' + a[i] % 10;
	}
	return p;
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

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/*
 * Bytes of the UTF-8 character at @s (RFC 3629: no overlong form, no surrogate,
 * nothing above U+10FFFF), or 0 if it is none. The final 0 byte is no tail, so
 * this does not look beyond it.
 */
static size_t utf8_length(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || !is_tail(s[1]))
		return 0;
	if (s[0] < 0xe0)
		return 2;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ||
	    !is_tail(s[2]))
		return 0;
	if (s[0] < 0xf0)
		return 3;
	return is_tail(s[3]) ? 4 : 0;
}

/*
 * A JSON string with its quotes (RFC 8259). A command name may be any bytes:
 * one that is no UTF-8 becomes U+FFFD, so that every line is valid JSON.
 */
char *emit_json_string(char *p, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	*p++ = '"';
	while (*s) {
		if (*s == '"' || *s == '\\') {
			*p++ = '\\';
			*p++ = *s++;
			continue;
		}
		if (*s < 0x20 || *s == 0x7f) {
			p = EMIT_LIT(p, "\\u00");
			*p++ = hex[*s >> 4];
			*p++ = hex[*s & 0xf];
			s++;
			continue;
		}
		n = utf8_length(s);
		if (!n) {
			p = EMIT_LIT(p, "\\ufffd");
			s++;
			continue;
		}
		memcpy(p, s, n);
		p += n;
		s += n;
	}
	*p++ = '"';
	return p;
}

/*
 * A command name for a terminal, cut at @max bytes. Whatever could move the
 * cursor or break a column is shown as '?'.
 */
char *emit_comm(char *p, const char *comm, size_t max)
{
	size_t i;

	for (i = 0; i < max && comm[i]; i++)
		*p++ = comm[i] >= ' ' && comm[i] <= '~' ? comm[i] : '?';
	return p;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - bytes of a line: command names. See emit.h.
 *
 * A name may be any bytes, but hardly ever is: one of printable ASCII is copied
 * as it stands.
 */
#include "emit.h"

#include <endian.h>
#include <stdbool.h>

static const char hex[] = "0123456789abcdef";

#define EACH(byte) (0x0101010101010101ULL * (byte))

/*
 * Bit 7 of each byte of @v that is no printable ASCII, or that is escaped in a
 * JSON string. Above the first such byte, counted from the lowest, others may be
 * marked as well.
 */
static uint64_t odd_bytes(uint64_t v)
{
	uint64_t below_blank = v - EACH(' ');
	uint64_t quote = (v ^ EACH('"')) - EACH(1);
	uint64_t backslash = (v ^ EACH('\\')) - EACH(1);
	uint64_t delete = v + EACH(1);

	return (below_blank | quote | backslash | delete | v) & EACH(0x80);
}

/* Bytes of a name before its final 0, or -1 if one of them is odd. */
static int plain_length(const char *comm)
{
	uint64_t v, odd;
	int at;

	for (at = 0; at < EMIT_COMM_BYTES; at += 8) {
		memcpy(&v, comm + at, 8);
		odd = odd_bytes(le64toh(v));
		if (odd) {
			at += __builtin_ctzll(odd) / 8;
			return comm[at] ? -1 : at;
		}
	}
	return -1;
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

static char *emit_escaped(char *p, const char *comm)
{
	const unsigned char *s = (const unsigned char *)comm;
	size_t n;

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
		/* C1: some terminals obey these as well. */
		if (*s == 0xc2 && s[1] < 0xa0) {
			p = EMIT_LIT(p, "\\u00");
			*p++ = hex[s[1] >> 4];
			*p++ = hex[s[1] & 0xf];
			s += n;
			continue;
		}
		memcpy(p, s, n);
		p += n;
		s += n;
	}
	return p;
}

/*
 * A JSON string with its quotes (RFC 8259). A command name may be any bytes:
 * one that is no UTF-8 becomes U+FFFD, so that every line is valid JSON.
 */
char *emit_comm_json(char *p, const char *comm)
{
	int n = plain_length(comm);

	p = emit_char(p, '"');
	if (n < 0)
		p = emit_escaped(p, comm);
	else
		p = (char *)memcpy(p, comm, EMIT_COMM_BYTES) + n;
	return emit_char(p, '"');
}

/* In octal, as the kernel writes such bytes in /proc. */
static char *emit_octal(char *p, unsigned char c)
{
	*p++ = '\\';
	*p++ = '0' + (c >> 6);
	*p++ = '0' + (c >> 3 & 7);
	*p++ = '0' + (c & 7);
	return p;
}

/*
 * A command name for a terminal, cut at @max columns. Whatever could move the
 * cursor or break a column is three octal digits behind a backslash, and so is
 * a backslash.
 */
char *emit_comm(char *p, const char *comm, size_t max)
{
	int n = plain_length(comm);
	char *end = p + max;

	if (n >= 0) {
		memcpy(p, comm, EMIT_COMM_BYTES);
		return p + ((size_t)n < max ? (size_t)n : max);
	}

	for (; *comm; comm++) {
		if (*comm < ' ' || *comm > '~' || *comm == '\\') {
			if (end - p < 4)
				break;
			p = emit_octal(p, *comm);
		} else {
			if (p == end)
				break;
			*p++ = *comm;
		}
	}
	return p;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - bytes of a line: numbers, strings, addresses, times.
 *
 * This unit owns how a value looks. It must not know about events or columns.
 *
 * Why not printf(): the tool shall print each event of a busy host at a cost
 * nobody notices. A dozen fields a line through printf() alone would take
 * several times the instructions that the whole way from kernel to output may.
 *
 * Each function writes at @p and returns the end; nothing ends with a 0 byte.
 * The caller has room: FORMAT_LINE_MAX (format.h) is more than any line needs.
 */
#ifndef TOOLS_EMIT_H
#define TOOLS_EMIT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EMIT_U64_MAX 20
#define EMIT_ADDR_MAX 45

/* A string constant, copied without looking for its end. */
#define EMIT_LIT(p, text) \
	((char *)memcpy((p), (text), sizeof(text) - 1) + sizeof(text) - 1)

char *emit_u64(char *p, uint64_t n);
char *emit_ms(char *p, uint64_t ns);
char *emit_addr(char *p, unsigned int family, const uint8_t *addr);
char *emit_json_string(char *p, const char *s);
char *emit_comm(char *p, const char *comm, size_t max);

/* Seconds since 1970, also a few before: "2026-01-31" and "12:00:05". */
char *emit_date(char *p, int64_t second);
char *emit_clock(char *p, int64_t second);

static inline char *emit_char(char *p, char c)
{
	*p = c;
	return p + 1;
}

static inline char *emit_str(char *p, const char *s)
{
	size_t n = strlen(s);

	memcpy(p, s, n);
	return p + n;
}

/* @n with as many digits as @places, zeros first. */
static inline char *emit_places(char *p, unsigned int n, unsigned int places)
{
	unsigned int i;

	for (i = places; i-- > 0; n /= 10)
		p[i] = '0' + n % 10;
	return p + places;
}

/*
 * What began at @from is a column of @width: fill up, and one blank. Eight at a
 * time, up to seven too many: the next column overwrites them.
 */
static inline char *emit_pad(char *p, const char *from, size_t width)
{
	size_t used = p - from;
	char *end = used < width ? p + (width - used) : p;

	for (; p < end; p += 8)
		memcpy(p, "        ", 8);
	*end = ' ';
	return end + 1;
}

#pragma GCC poison u8 u16 u32 u64 s8 s16 s32 s64

#endif /* TOOLS_EMIT_H */

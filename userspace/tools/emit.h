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

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EMIT_U64_MAX 20
#define EMIT_ADDR_MAX 45
#define EMIT_COMM_BYTES 16

/* A string constant, copied without looking for its end. */
#define EMIT_LIT(p, text) \
	((char *)memcpy((p), (text), sizeof(text) - 1) + sizeof(text) - 1)

char *emit_u64(char *p, uint64_t n);
char *emit_ms(char *p, uint64_t ns);
char *emit_addr(char *p, unsigned int family, const uint8_t *addr);

/* A command name, 0 at the end; all of its bytes can be read. */
char *emit_comm(char *p, const char *comm, size_t max);
char *emit_comm_json(char *p, const char *comm);

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

/*
 * The eight digits of @n, below 10^8, as numbers, one a byte, the first in the
 * lowest: halves, pairs and then single digits part in all places at once. The
 * multiplications are divisions by 100 and by 10, exact for what comes there.
 */
static inline uint64_t emit_digits(uint32_t n)
{
	uint64_t v = n / 10000 | (uint64_t)(n % 10000) << 32;
	uint64_t high;

	high = v * 5243 >> 19 & 0x0000007f0000007fULL;
	v = high | (v - high * 100) << 16;
	high = v * 103 >> 10 & 0x000f000f000f000fULL;
	return high | (v - high * 10) << 8;
}

#define EMIT_ZEROS 0x3030303030303030ULL

/* The eight bytes of @v, the lowest first. */
static inline void emit_bytes(char *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

/* @n with as many digits as @places, zeros first; eight at most. */
static inline char *emit_places(char *p, uint32_t n, unsigned int places)
{
	unsigned int i;

	if (places > 3) {
		emit_bytes(p,
			   (emit_digits(n) | EMIT_ZEROS) >> 8 * (8 - places));
		return p + places;
	}
	for (i = places; i-- > 0; n /= 10)
		p[i] = '0' + n % 10;
	return p + places;
}

/*
 * What began at @from is a column of @width: fill up, and one blank. Sixteen at
 * a time, up to as many too many: the next column overwrites them.
 */
static inline char *emit_pad(char *p, char *from, size_t width)
{
	char *end = from + width;
	size_t i;

	for (i = 0; i <= width; i += 16)
		memset(p + i, ' ', 16);
	return (end > p ? end : p) + 1;
}

#pragma GCC poison u8 u16 u32 u64 s8 s16 s32 s64

#endif /* TOOLS_EMIT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - bytes of a line: dates and times of day. See emit.h.
 *
 * Why not strftime(): a life line has many times that lie far apart, so that
 * keeping the text of the last second, which is enough for a stream of events,
 * would help none of them.
 */
#include "emit.h"

/* Days from 0000-03-01 to 1970-01-01: beyond that nothing is negative. */
#define DAYS_TO_EPOCH 719468
#define SECONDS_A_DAY 86400

/*
 * The Gregorian calendar with years that begin in March: then the leap day is
 * the last of its year, and months have lengths that one division yields.
 * 146097 days are 400 years, 36524 are 100 without the leap day of the 400th,
 * 1460 are 4 without theirs.
 */
char *emit_date(char *p, int64_t second)
{
	unsigned int days = (second + (int64_t)DAYS_TO_EPOCH * SECONDS_A_DAY) /
			    SECONDS_A_DAY;
	unsigned int day = days % 146097;
	unsigned int year =
		(day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned int month;

	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	year += days / 146097 * 400;

	/* 0 was March: January and February belong to the year after. */
	if (month >= 10)
		year++;
	month = month < 10 ? month + 3 : month - 9;

	p = emit_char(emit_places(p, year, 4), '-');
	p = emit_char(emit_places(p, month, 2), '-');
	return emit_places(p, day + 1, 2);
}

char *emit_clock(char *p, int64_t second)
{
	unsigned int s = (second + (int64_t)DAYS_TO_EPOCH * SECONDS_A_DAY) %
			 SECONDS_A_DAY;

	p = emit_char(emit_places(p, s / 3600, 2), ':');
	p = emit_char(emit_places(p, s / 60 % 60, 2), ':');
	return emit_places(p, s % 60, 2);
}

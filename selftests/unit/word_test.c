// SPDX-License-Identifier: GPL-2.0
/*
 * word.h against the library's names: each number that a byte can have, asked
 * twice, because the first time it is learnt.
 */
#include <stdio.h>

#include <word.h>

#include "test.h"

static void check(char *(*put)(char *p, uint8_t number),
		  const char *(*name)(unsigned int number))
{
	char text[WORD_MAX + 1], want[WORD_MAX + 1];
	unsigned int n;

	for (n = 0; n < 2 * 256; n++) {
		if (name(n % 256))
			CHECK(strlen(name(n % 256)) <= WORD_MAX);
		if (name(n % 256))
			snprintf(want, sizeof(want), "%s", name(n % 256));
		else
			snprintf(want, sizeof(want), "%u", n % 256);
		*put(text, n % 256) = '\0';
		CHECK_STR(text, want);
	}
}

static void names(void)
{
	check(word_state, tcpstate_state_name);
	check(word_kind, tcpstate_kind_name);
	check(word_cause, tcpstate_cause_name);
	check(word_carrier, tcpstate_carrier_name);
	check(word_flag, tcpstate_flag_name);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(names),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

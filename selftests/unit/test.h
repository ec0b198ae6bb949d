/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Host unit tests - checks and KTAP output.
 *
 * A test program is a table of functions. A check that fails is printed and
 * noted; the test goes on. Include once per program.
 */
#ifndef UNIT_TEST_H
#define UNIT_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(function)              \
	{                           \
#function, function \
	}

static bool test_failed;

#define FAIL(...)                                        \
	do {                                             \
		printf("# %s:%d: ", __FILE__, __LINE__); \
		printf(__VA_ARGS__);                     \
		putchar('\n');                           \
		test_failed = true;                      \
	} while (0)

#define CHECK(condition)                        \
	do {                                    \
		if (!(condition))               \
			FAIL("%s", #condition); \
	} while (0)

#define CHECK_EQ(a, b)                                              \
	do {                                                        \
		long long a_ = (long long)(a), b_ = (long long)(b); \
		if (a_ != b_)                                       \
			FAIL("%s is %lld, not %lld", #a, a_, b_);   \
	} while (0)

#define CHECK_STR(a, b)                                            \
	do {                                                       \
		const char *a_ = (a), *b_ = (b);                   \
		if (!a_ || strcmp(a_, b_) != 0)                    \
			FAIL("%s is\n#   <%s>, not\n#   <%s>", #a, \
			     a_ ? a_ : "NULL", b_);                \
	} while (0)

static inline int run_tests(const struct test *tests, size_t n)
{
	size_t i, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%zu\n", n);
	for (i = 0; i < n; i++) {
		test_failed = false;
		tests[i].run();
		printf("%sok %zu %s\n", test_failed ? "not " : "", i + 1,
		       tests[i].name);
		bad += test_failed;
	}
	printf("# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:0 error:0\n",
	       n - bad, bad);
	return bad ? 1 : 0;
}

#endif /* UNIT_TEST_H */

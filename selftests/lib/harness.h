/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's test harness, with more patience: on an emulated machine with a
 * debug kernel a test takes sixty times as long. What bounds a test that hangs
 * is the limit of its whole program.
 */
#ifndef _SELFTESTS_HARNESS_H
#define _SELFTESTS_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

/* Each test of the fixture once for each kind of address: variant->kind. */
#define FOR_EACH_KIND(name)						\
FIXTURE_VARIANT(name)							\
{									\
	enum kind kind;							\
};									\
									\
FIXTURE_VARIANT_ADD(name, v4) { .kind = KIND_V4 };			\
FIXTURE_VARIANT_ADD(name, v6) { .kind = KIND_V6 };			\
FIXTURE_VARIANT_ADD(name, mapped) { .kind = KIND_MAPPED };		\
									\
_Static_assert(KIND_COUNT == 3, "a variant for each kind")

#endif /* _SELFTESTS_HARNESS_H */

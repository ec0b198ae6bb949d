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

#endif /* _SELFTESTS_HARNESS_H */

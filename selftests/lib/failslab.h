/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel that can be told to have no memory finds none: for the objects that
 * it was told of at boot (slub_debug=A,NAME...).
 */
#ifndef TCPSTATE_TEST_FAILSLAB_H
#define TCPSTATE_TEST_FAILSLAB_H

#include <stdbool.h>

/* Why a test that needs it cannot be made. */
#define FAILSLAB_NEEDED "this kernel has no failslab, or no slub_debug=A for these objects"

/* Can allocations of this slab fail? */
bool failslab_can(const char *slab);

/* From now on all of them do, or none; false if that cannot be set. */
bool failslab_set(bool fail);

#endif

// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 module=test timeout=600 */
/*
 * Rings that wrap around, written by 2 CPUs at once. See wrap.h.
 */
#include "wrap.h"

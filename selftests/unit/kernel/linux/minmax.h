/* SPDX-License-Identifier: GPL-2.0 */
/* Host unit tests - in place of the kernel's header; see host.h. */

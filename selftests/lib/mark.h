/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a program of the benchmark says "from here" and "until here" to the
 * profiler, a plugin of the emulator. Owns the address only.
 *
 * The page is mapped at a fixed place and holds one return instruction, so that
 * no linker script is needed and nothing happens where no profiler listens.
 */
#ifndef TCPSTATE_TEST_MARK_H
#define TCPSTATE_TEST_MARK_H

#define MARK 0x7c95a7e000ULL

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A security module that lets nobody in on one port: a BPF program.
 */
#ifndef TCPSTATE_TEST_LSM_H
#define TCPSTATE_TEST_LSM_H

/* Why a test that needs it cannot be made. */
#define LSM_NEEDED "this kernel has no BPF security module, was booted without lsm=bpf, or has no BTF"

/*
 * From now on SYNs to @port, and third packets with a SYN cookie, are refused,
 * in all namespaces, until what is returned is closed; -1 if that cannot be.
 */
int lsm_refuse(unsigned int port);

#endif

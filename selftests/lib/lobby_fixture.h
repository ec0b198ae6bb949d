/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fixture of the test harness that is a lobby, for IPv4, IPv6 and IPv4-mapped
 * addresses.
 */
#ifndef TCPSTATE_TEST_LOBBY_FIXTURE_H
#define TCPSTATE_TEST_LOBBY_FIXTURE_H

#include "lobby.h"

#include "harness.h"

/* How a connection comes; how far it comes by itself. */
#define ARRIVES	"CLOSE SYN_RECV:syn/request* "
#define OPENS	ARRIVES "ESTABLISHED:ack* "

#define LOBBY_FIXTURE(name)						\
FIXTURE(name)								\
{									\
	struct lobby lb;						\
};									\
									\
FOR_EACH_KIND(name);							\
									\
FIXTURE_SETUP(name)							\
{									\
	setvbuf(stdout, NULL, _IOLBF, 0);				\
	ASSERT_TRUE(lobby_up(&self->lb, variant->kind));		\
}									\
									\
FIXTURE_TEARDOWN(name)							\
{									\
	lobby_down(&self->lb);						\
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests on a stage, each for IPv4, IPv6 and IPv4-mapped addresses: the fixture
 * and the words in which tests are written. Included last, by tests only.
 */
#ifndef TCPSTATE_TEST_STAGE_TEST_H
#define TCPSTATE_TEST_STAGE_TEST_H

#include <stdio.h>

#include "stage.h"
#include "util.h"

#include "harness.h"

/* How connections open, and how they usually close. */
#define LISTENS		"CLOSE LISTEN:listen CLOSE:close"
#define ACTIVE_OPEN	"CLOSE SYN_SENT:connect ESTABLISHED:syn-ack "
#define PASSIVE_OPEN	"CLOSE SYN_RECV:syn ESTABLISHED:ack "
#define CLOSES		"FIN_WAIT1:close FIN_WAIT2:ack TIME_WAIT:fin "
#define IS_CLOSED	"CLOSE_WAIT:fin LAST_ACK:close CLOSE:ack "
#define SHUTS		"FIN_WAIT1:shutdown FIN_WAIT2:ack "

/*
 * In SYN_RECV after SYNs that crossed, then a SYN-ACK and an RST come. Old kernels
 * drop the first of them, which 23e89e8ee7be mended.
 */
#define CROSSED_AND_RESET(before)					\
	(kernel_before(6, 1) ? before "CLOSE:rst" : before "ESTABLISHED:ack CLOSE:rst")

/* A fixture of that name: a stage, a listener, a client, a server. */
#define STAGE_FIXTURE(name)						\
FIXTURE(name)								\
{									\
	struct stage st;						\
	int l, c, s;							\
};									\
									\
FOR_EACH_KIND(name);							\
									\
FIXTURE_SETUP(name)							\
{									\
	setvbuf(stdout, NULL, _IOLBF, 0);				\
	ASSERT_TRUE(stage_up(&self->st, variant->kind));		\
}									\
									\
FIXTURE_TEARDOWN(name)							\
{									\
	EXPECT_TRUE(stage_down(&self->st));				\
}

/* A connection from self->c to self->s, and what each of them goes through. */
#define JOIN(client, server)						\
	ASSERT_TRUE(stage_join(&self->st, &self->c, &self->s, client, server))

/* What happens to the packets of side A and side B. */
#define WIRE(a, b)	wire_mode(&self->st.w, WIRE_##a, WIRE_##b)

/*
 * Carries until the socket says that it is in @state; until it was told of
 * @who, client or server.
 */
#define UNTIL(fd, state)						\
	ASSERT_TRUE(wire_until(&self->st.w, fd, TCPSTATE_##state))
#define REACH(who, state)						\
	ASSERT_TRUE(stage_reach(&self->st, self->st.who, TCPSTATE_##state, 10))

/* The same on the virtual clock, where it may take @seconds. */
#define REACH_IN(who, state, seconds)					\
	ASSERT_TRUE(stage_reach(&self->st, self->st.who, TCPSTATE_##state, seconds))

/* A setting of both sides. */
#define SYSCTL(name, value)						\
	ASSERT_TRUE(stage_sysctl(&self->st, name, value))

/* The client gives up within @seconds; its server never hears of it. */
#define GIVE_UP(seconds)						\
do {									\
	REACH_IN(client, CLOSE, seconds);				\
	tcp_abort(self->s);						\
	wire_carry(&self->st.w);					\
	FINISH();							\
	close(self->c);							\
} while (0)

/* Nothing but what was to be told has been told. */
#define FINISH()	EXPECT_TRUE(stage_finish(&self->st))

#endif

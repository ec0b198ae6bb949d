// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=120 */
/*
 * Whoever closes and waits in vain for an answer to its FIN. Checks as
 * timeouts.c does.
 */
#include <netinet/tcp.h>

#include "stage_test.h"

#define PATIENCE	3000
#define LONG		1000	/* seconds in which anything has ended */

STAGE_FIXTURE(timeouts)

/* Our FIN is lost. */
TEST_F_TIMEOUT(timeouts, fin_wait1, PATIENCE)
{
	SYSCTL("tcp_retries2", "4");
	JOIN(ACTIVE_OPEN "FIN_WAIT1:shutdown CLOSE:timeout", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, DROP);
	shutdown(self->c, SHUT_WR);
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, orphan_in_fin_wait1, PATIENCE)
{
	SYSCTL("tcp_orphan_retries", "3");
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:timeout", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, DROP);
	close(self->c);
	self->c = -1;
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, orphan_in_fin_wait1_user_timeout, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:user-timeout", PASSIVE_OPEN "CLOSE:linger0");
	ASSERT_TRUE(tcp_set(self->c, TCP_USER_TIMEOUT, 10000));
	WIRE(DROP, DROP);
	close(self->c);
	self->c = -1;
	GIVE_UP(LONG);
}

TEST_F_TIMEOUT(timeouts, last_ack, PATIENCE)
{
	SYSCTL("tcp_orphan_retries", "3");
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:linger0",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:timeout");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	WIRE(DROP, DROP);
	close(self->s);
	REACH_IN(server, CLOSE, LONG);
	tcp_abort(self->c);
	wire_carry(&self->st.w);
	FINISH();
}

TEST_F_TIMEOUT(timeouts, closing, PATIENCE)
{
	SYSCTL("tcp_orphan_retries", "3");
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSING:fin CLOSE:timeout",
	     PASSIVE_OPEN "FIN_WAIT1:close CLOSE:timeout");
	WIRE(DROP, HOLD);
	close(self->c);
	wire_carry(&self->st.w);
	close(self->s);
	WIRE(DROP, CARRY);
	REACH_IN(client, CLOSE, LONG);
	REACH_IN(server, CLOSE, LONG);
	FINISH();
}

TEST_HARNESS_MAIN

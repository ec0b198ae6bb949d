// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=120 */
/*
 * Orphans that the kernel ends because there are too many, or because memory
 * is short: when they are closed, and when a timer looks at them.
 */
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>

#include "sysctl.h"
#include "traffic.h"
#include "window.h"

#include "stage_test.h"

#define PATIENCE	2000
#define CROWD		80	/* orphans; what 5.10 counts in one piece is 32 */
#define BUFFER		(8 << 20)
#define MUCH		(3 << 20)	/* bytes; more than a CPU takes at a time */

FIXTURE(orphans)
{
	struct stage st;
	int c, s, orphanage;
	char max_orphans[64], mem[64];
};

FOR_EACH_KIND(orphans);

FIXTURE_SETUP(orphans)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(sysctl_get("tcp_max_orphans", self->max_orphans, sizeof(self->max_orphans)));
	ASSERT_TRUE(sysctl_get("tcp_mem", self->mem, sizeof(self->mem)));
	self->orphanage = -1;
	ASSERT_TRUE(stage_up(&self->st, variant->kind));
}

/* Both settings are the whole host's. */
static bool set_home(struct stage *st, const char *name, const char *value)
{
	bool done = !setns(st->home, CLONE_NEWNET) && sysctl_set(name, value);

	wire_go(&st->w, SIDE_A);
	return done;
}

FIXTURE_TEARDOWN(orphans)
{
	EXPECT_TRUE(set_home(&self->st, "tcp_max_orphans", self->max_orphans));
	EXPECT_TRUE(set_home(&self->st, "tcp_mem", self->mem));
	close(self->orphanage);
	EXPECT_TRUE(stage_down(&self->st));
}

/* Orphans in FIN_WAIT2, in a namespace of their own. Returns their listener. */
static int make_orphans(struct stage *st)
{
	unsigned int port;
	int l;

	if (unshare(CLONE_NEWNET) || !loopback_up())
		return -1;
	l = tcp_listen(KIND_V4, "127.0.0.1", 0, CROWD);
	port = tcp_port(l);
	for (int i = 0; i < CROWD; i++) {
		int fd = tcp_connect_to(KIND_V4, "127.0.0.1", port);

		if (fd < 0 || !tcp_set(fd, TCP_LINGER2, 120))
			return -1;
		close(fd);
	}
	wire_go(&st->w, SIDE_A);
	return l;
}

/* One more is too many, as soon as the kernel has counted. */
static bool forbid_orphans(struct stage *st, int *orphanage)
{
	*orphanage = make_orphans(st);
	return *orphanage >= 0 && set_home(st, "tcp_max_orphans", "0");
}

#define FORBID_ORPHANS()						\
do {									\
	ASSERT_TRUE(forbid_orphans(&self->st, &self->orphanage));	\
	stage_pass(&self->st, 500);					\
} while (0)

TEST_F_TIMEOUT(orphans, closed, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:orphan-limit@",
	     PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	FORBID_ORPHANS();
	close(self->c);
	FINISH();
	close(self->s);
}

TEST_F_TIMEOUT(orphans, closed_in_fin_wait2, PATIENCE)
{
	JOIN(ACTIVE_OPEN SHUTS "CLOSE:orphan-limit@", PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:rst");
	ASSERT_TRUE(tcp_set(self->c, TCP_LINGER2, 120));
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	FORBID_ORPHANS();
	close(self->c);
	FINISH();
	close(self->s);
}

/* The RST that follows the FIN finds TIME_WAIT. */
TEST_F_TIMEOUT(orphans, closed_in_close_wait, PATIENCE)
{
	JOIN(ACTIVE_OPEN SHUTS "TIME_WAIT:fin CLOSE:rst",
	     PASSIVE_OPEN "CLOSE_WAIT:fin LAST_ACK:close CLOSE:orphan-limit@");
	shutdown(self->c, SHUT_WR);
	REACH(client, FIN_WAIT2);
	FORBID_ORPHANS();
	close(self->s);
	FINISH();
	close(self->c);
}

TEST_F_TIMEOUT(orphans, sends_again, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:orphan-limit", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, DROP);
	close(self->c);
	FORBID_ORPHANS();
	REACH_IN(client, CLOSE, 300);
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
}

TEST_F_TIMEOUT(orphans, probes, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:orphan-limit", PASSIVE_OPEN "CLOSE:unread-data");
	ASSERT_TRUE(window_shut(&self->st.w, self->c));
	close(self->c);
	WIRE(DROP, DROP);
	FORBID_ORPHANS();
	REACH_IN(client, CLOSE, 300);
	close(self->s);
	wire_carry(&self->st.w);
	FINISH();
}

/* Much is in the queue, and will stay there. */
static bool fill(int fd)
{
	static char block[65536];
	int buffer = BUFFER;
	size_t sent = 0;
	ssize_t n;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)))
		return false;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (sent < MUCH && (n = write(fd, block, sizeof(block))) > 0)
		sent += n;
	printf("# %zu bytes are in the queue\n", sent);
	return sent >= MUCH;
}

TEST_F_TIMEOUT(orphans, closed_without_memory, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:no-memory", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, DROP);
	ASSERT_TRUE(fill(self->c));
	ASSERT_TRUE(set_home(&self->st, "tcp_mem", "1 1 1"));
	close(self->c);
	REACH(client, CLOSE);
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
}

TEST_F_TIMEOUT(orphans, sends_again_without_memory, PATIENCE)
{
	JOIN(ACTIVE_OPEN "FIN_WAIT1:close CLOSE:no-memory", PASSIVE_OPEN "CLOSE:linger0");
	WIRE(DROP, DROP);
	ASSERT_TRUE(fill(self->c));
	close(self->c);
	ASSERT_TRUE(set_home(&self->st, "tcp_mem", "1 1 1"));
	REACH_IN(client, CLOSE, 300);
	tcp_abort(self->s);
	wire_carry(&self->st.w);
	FINISH();
}

TEST_HARNESS_MAIN

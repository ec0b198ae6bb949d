// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * A network namespace that goes away while connections stand in its SYN queue:
 * who watches from the initial one sees the end of each, and the totals of all
 * that went have them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lobby.h"
#include "util.h"

#include "harness.h"

#define REQUESTS	20

FIXTURE(netns)
{
	struct lobby lb;
	bool up;
};

FOR_EACH_KIND(netns);

FIXTURE_SETUP(netns)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	self->up = false;
	ASSERT_TRUE(lobby_alone());
}

FIXTURE_TEARDOWN(netns)
{
	if (self->up)
		lobby_down(&self->lb);
}

static bool up(struct _test_data_netns *n, enum kind kind)
{
	n->up = lobby_up(&n->lb, kind) && lobby_watch(&n->lb);
	return n->up;
}

static bool fill(struct lobby *lb, const char *words, bool unowned)
{
	for (int i = 0; i < REQUESTS; i++) {
		struct raw_peer *p = lobby_peer(lb, words);

		lobby_story(lb, p)->unowned = unowned;
		if (!lobby_syn(lb, p))
			return false;
	}
	return lobby_waiting(REQUESTS);
}

/* Its requests keep a listener, and with it the namespace, until they end. */
TEST_F(netns, with_requests_of_a_program)
{
	struct lobby *lb = &self->lb;

	ASSERT_TRUE(up(self, variant->kind));
	ASSERT_LE(0, lobby_listen(lb, 2 * REQUESTS));
	ASSERT_TRUE(fill(lb, "CLOSE SYN_RECV:syn/request* CLOSE:listener-closed/request*", false));
	lobby_leave(lb);
	EXPECT_TRUE(lobby_finish_gone(lb));
}

/* A listener of the kernel's own does not keep the namespace. */
#define KERNEL_PORT	16385	/* of RDS, in each namespace */

static struct story *kernel_listener(struct lobby *lb)
{
	struct story *s;

	lb->port = KERNEL_PORT;
	s = lobby_guest(lb, 0, "CLOSE LISTEN:listen@ CLOSE:close");
	s->kind = KIND_V6;
	s->local = addr_make(KIND_V6, "::", KERNEL_PORT);
	s->remote = addr_make(KIND_V6, "::", 0);
	s->unowned = true;
	return s;
}

/* Loading the module takes an unknown time under a virtual clock. */
TEST_F_TIMEOUT(netns, with_requests_of_the_kernel, 3000)
{
	struct lobby *lb = &self->lb;

	if (variant->kind == KIND_V4)
		SKIP(return, "the kernel's listener is one of IPv6");
	if (kernel_before(6, 1))
		SKIP(return, "this kernel leaves such requests behind");
	if (system("modprobe -q rds_tcp"))
		SKIP(return, "there is no module rds_tcp, which would listen");
	EXPECT_TRUE(up(self, variant->kind));
	kernel_listener(lb);
	EXPECT_TRUE(fill(lb, "CLOSE SYN_RECV:syn/request CLOSE:netns-exit/request", true));
	lobby_leave(lb);
	EXPECT_TRUE(lobby_finish_gone(lb));
	EXPECT_EQ(0, system("modprobe -r rds_tcp"));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * Two packets for one connection in the SYN queue, on two CPUs at once: only
 * one of them can act. What the other one did comes to nothing, is counted, and
 * is not told.
 */
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include "cpu.h"
#include "gate.h"
#include "lobby_fixture.h"
#include "mib.h"
#include "sysctl.h"
#include "util.h"

#define ROUNDS	200

LOBBY_FIXTURE(race)

typedef void (*race_send)(struct raw_peer *p);

/**
 * struct race - the second sender, and what it sends
 * @thread: it
 * @send: sends the packet
 * @peer: copy of the peer, which only the second sender uses
 * @round: grows when both are to send
 * @done: grows when the second has sent
 * @over: no more rounds
 */
struct race {
	pthread_t thread;
	race_send send;
	struct raw_peer peer;
	atomic_uint round;
	atomic_uint done;
	atomic_bool over;
};

static void *second(void *data)
{
	struct race *r = data;
	unsigned int round = 0;

	run_on(1);
	while (!atomic_load(&r->over)) {
		if (atomic_load(&r->round) == round) {
			/* On a machine with fewer CPUs of its own, too. */
			if (!(random() % 64))
				sched_yield();
			continue;
		}
		r->send(&r->peer);
		atomic_store(&r->done, ++round);
	}
	return NULL;
}

/* When both packets come. */
enum race_start {
	AT_ONCE,
	AFTER_SYN,
};

/* Each of ROUNDS connections gets @first and, at the same time, @other. */
static bool run_races(struct lobby *lb, enum race_start start, const char *words,
		      race_send first, race_send other)
{
	struct race r = { .send = other };
	bool good = true;

	run_on(0);
	if (pthread_create(&r.thread, NULL, second, &r))
		return false;
	for (unsigned int i = 1; i <= ROUNDS && good; i++) {
		struct raw_peer *p = lobby_peer(lb, words);

		if (start == AT_ONCE)
			lobby_twin(lb, p, words);
		else if (!lobby_syn(lb, p))
			good = false;
		r.peer = *p;
		atomic_store(&r.round, i);
		first(p);
		while (atomic_load(&r.done) != i)
			sched_yield();
	}
	atomic_store(&r.over, true);
	pthread_join(r.thread, NULL);
	lb->stray = counter("stray");
	printf("# %u of %u races made a child that came to nothing\n", lb->stray, ROUNDS);
	return good;
}

TEST_F(race, two_third_packets)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 2 * ROUNDS);

	ASSERT_TRUE(run_races(lb, AFTER_SYN, OPENS "CLOSE:listener-closed*@",
			      raw_peer_ack, raw_peer_ack));
	EXPECT_EQ(ROUNDS, counter("state_ESTABLISHED_now"));
	EXPECT_TRUE(lobby_waiting(0));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_finish(lb));
}

/*
 * The third packet, and @send in each round: which of them comes first decides
 * how it ends.
 */
static bool race_to_end(struct lobby *lb, race_send send, unsigned int cause)
{
	int l = lobby_listen(lb, 2 * ROUNDS);
	unsigned int ends;

	if (!run_races(lb, AFTER_SYN, ARRIVES "...", raw_peer_ack, send) || !lobby_waiting(0))
		return false;
	lobby_close(lb, l);
	lobby_wait_told(lb, true);
	ends = lobby_told(lb, TCPSTATE_SYN_RECV, cause);
	lb->vain = mib("TcpAttemptFails") - ends;
	printf("# %u of %u ended the request, %u came too late to\n", ends, ROUNDS, lb->vain);
	return lb->vain <= ROUNDS - ends && lobby_finish(lb);
}

TEST_F(race, third_packet_and_reset)
{
	EXPECT_TRUE(race_to_end(&self->lb, raw_peer_rst, TCPSTATE_CAUSE_RST));
}

static void next_syn(struct raw_peer *p)
{
	raw_peer_put(p, SEGMENT_SYN, p->isn + 1, NULL);
}

TEST_F(race, third_packet_and_bad_syn)
{
	EXPECT_TRUE(race_to_end(&self->lb, next_syn, TCPSTATE_CAUSE_SYN));
}

/*
 * Each finds no request and makes one. Only one of them gets into the queue,
 * but old kernels let both in.
 */
TEST_F(race, two_syns)
{
	struct lobby *lb = &self->lb;
	bool both = kernel_before(6, 1);

	ASSERT_LE(0, lobby_listen(lb, 2 * ROUNDS));
	ASSERT_TRUE(run_races(lb, AT_ONCE, ARRIVES "...", raw_peer_syn, raw_peer_syn));
	printf("# %lld SYNs came in %u races\n", counter("state_SYN_RECV_entered"), ROUNDS);
	EXPECT_TRUE(lobby_waiting(both ? counter("state_SYN_RECV_entered") : ROUNDS));
	for (unsigned int i = 0; i < 2 * lb->peers; i++)
		raw_peer_rst(&lb->peer[i / 2]);
	EXPECT_TRUE(lobby_waiting(0));
	EXPECT_TRUE(lobby_finish(lb));
	EXPECT_EQ(both ? 0 : lobby_told(lb, TCPSTATE_CLOSE, TCPSTATE_CAUSE_SYN) - ROUNDS,
		  lobby_told(lb, TCPSTATE_SYN_RECV, TCPSTATE_CAUSE_DUPLICATE));
}

/* What closes_listener() closes. */
static struct lobby *closing;
static int closing_fd;

static void close_listener(struct raw_peer *p)
{
	lobby_close(closing, closing_fd);
}

/* Whatever moment it is: the third packet comes while the listener is closed. */
TEST_F(race, third_packet_and_close)
{
	struct lobby *lb = &self->lb;
	struct race r = { .send = close_listener };

	closing = lb;
	run_on(0);
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, second, &r));
	for (unsigned int i = 1; i <= ROUNDS; i++) {
		struct raw_peer *p = lobby_peer(lb, ARRIVES "...");

		closing_fd = lobby_listen(lb, 1);
		ASSERT_LE(0, closing_fd);
		ASSERT_TRUE(lobby_syn(lb, p));
		atomic_store(&r.round, i);
		for (long spin = random() % 4096; spin; spin--)
			__asm__ volatile("");
		raw_peer_ack(p);
		while (atomic_load(&r.done) != i)
			sched_yield();
		/* What is still half-open learns of it by the next packet. */
		raw_peer_rst(p);
	}
	atomic_store(&r.over, true);
	pthread_join(r.thread, NULL);
	lb->stray = counter("stray");
	printf("# %u of %u children came too late, %lld of them for a port\n", lb->stray, ROUNDS,
	       mib("TcpAttemptFails"));
	/* The listener's port is gone before it could share it. */
	lb->vain = mib("TcpAttemptFails");
	EXPECT_LE(lb->vain, lb->stray);
	EXPECT_EQ(mib("TcpPassiveOpens"), counter("children"));
	EXPECT_TRUE(lobby_waiting(0));
	EXPECT_TRUE(lobby_finish(lb));
}

static void fast_syn(struct raw_peer *p)
{
	raw_peer_fastopen(p, "x");
}

/*
 * Its SYN has made a child, which is not in the accept queue yet when there is no
 * such queue any more: it is told of both, of the SYN that it was refused.
 */
TEST_F(race, fastopen_and_close)
{
	int queue = 8, l = lobby_listen(&self->lb, 8);
	struct race r = { .send = fast_syn };
	struct lobby *lb = &self->lb;
	struct raw_peer *p;

	ASSERT_LE(0, l);
	ASSERT_TRUE(sysctl_set("tcp_fastopen", "514"));
	ASSERT_EQ(0, setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)));
	/* Between the two it is answered. */
	if (!gate_up(variant->kind == KIND_V6 ? "tcp_v6_send_synack" : "tcp_v4_send_synack"))
		SKIP(return, "no gate can be put up in this kernel");
	p = lobby_peer(lb, "CLOSE SYN_RECV:syn CLOSE:listener-closed@");
	lobby_story(lb, p)->flags = TCPSTATE_F_FASTOPEN;
	/* Whose the listener was is forgotten by then. */
	lobby_story(lb, p)->unowned = true;
	run_on(0);
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, second, &r));
	r.peer = *p;
	atomic_store(&r.round, 1);
	EXPECT_TRUE(gate_holds());
	lobby_close(lb, l);
	gate_down();
	atomic_store(&r.over, true);
	pthread_join(r.thread, NULL);
	EXPECT_TRUE(lobby_until(lb, p, TCPSTATE_CLOSE));
	EXPECT_EQ(1, mib("TcpExtListenDrops"));
	EXPECT_EQ(1, counter("event_syn_drop_other"));
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_F(race, two_cookies)
{
	struct lobby *lb = &self->lb;
	int l = lobby_listen(lb, 2 * ROUNDS);

	ASSERT_TRUE(sysctl_set("tcp_syncookies", "2"));
	ASSERT_TRUE(run_races(lb, AFTER_SYN, "CLOSE ESTABLISHED:cookie* CLOSE:listener-closed*@",
			      raw_peer_ack, raw_peer_ack));
	EXPECT_EQ(ROUNDS, counter("state_ESTABLISHED_now"));
	lobby_close(lb, l);
	EXPECT_TRUE(lobby_finish(lb));
}

TEST_HARNESS_MAIN

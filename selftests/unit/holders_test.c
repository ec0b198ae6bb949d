// SPDX-License-Identifier: GPL-2.0
/*
 * Host unit tests - who may write into which ring: what an owner has is the
 * newest of its records, and a share of the rings whatever others do.
 */
#include "kernel/host.h"
#include "../../module/holders.h"
#include "test.h"

#include <stdint.h>
#include <stdlib.h>

#define SLOTS	16
#define RINGS	TCPS_RARE_RINGS
#define ALL	(SLOTS * RINGS)
#define QUARTER	(ALL / 4)
#define OWNERS	1000
#define HOST	TCPS_HOLDERS_HOST

/*
 * A lane that remembers what stands where: @owner and @number of each slot,
 * @head records written to a ring, @count written by each owner, @other thereof
 * to none of the rings.
 */
struct lane {
	struct tcps_holders holders;
	u64 now;
	u32 owner[RINGS][SLOTS];
	u32 number[RINGS][SLOTS];
	u32 head[RINGS];
	u32 count[OWNERS];
	u32 other[OWNERS];
};

static struct lane *lane_make(void)
{
	struct lane *l = calloc(1, sizeof(*l));

	tcps_holders_init(&l->holders, SLOTS);
	l->now = 1;
	return l;
}

static void put(struct lane *l, u32 owner, unsigned int count)
{
	while (count--) {
		int ring = tcps_holders_take(&l->holders, owner, ++l->now);
		u32 slot;

		l->count[owner]++;
		if (ring < 0) {
			l->other[owner]++;
			continue;
		}
		if (ring >= RINGS || l->holders.ring[ring].owner != owner) {
			FAIL("owner %u was given ring %d", owner, ring);
			return;
		}
		slot = l->head[ring]++ % SLOTS;
		l->owner[ring][slot] = owner;
		l->number[ring][slot] = l->count[owner];
	}
}

/* How many of an owner's newest records are there without a gap. */
static unsigned int newest(const struct lane *l, u32 owner)
{
	bool *there = calloc(l->count[owner] + 1, sizeof(*there));
	unsigned int i, n = 0;

	for (i = 0; i < ALL; i++) {
		if (l->owner[i / SLOTS][i % SLOTS] == owner)
			there[l->number[i / SLOTS][i % SLOTS]] = true;
	}
	while (n < l->count[owner] && there[l->count[owner] - n])
		n++;
	free(there);
	return n;
}

static void alone(void)
{
	struct lane *l = lane_make();
	unsigned int n;

	for (n = 1; n < 5 * ALL; n++) {
		put(l, 7, 1);
		CHECK_EQ(newest(l, 7), n < ALL ? n : ALL);
	}
	free(l);
}

/* One floods, and there were others before, and come others later. */
static void flood(u32 attacker, u32 victim, u32 late)
{
	struct lane *l = lane_make();
	unsigned int n;

	put(l, victim, 2 * QUARTER + 5);
	CHECK_EQ(newest(l, victim), 2 * QUARTER + 5);
	for (n = 0; n < 3 * ALL; n++) {
		put(l, attacker, 1);
		CHECK(newest(l, victim) >= QUARTER);
	}
	for (n = 1; n <= 3 * QUARTER; n++) {
		put(l, late, 1);
		put(l, attacker, 3);
		CHECK(newest(l, late) >= min(n, QUARTER + 0U));
		CHECK(newest(l, victim) >= QUARTER);
	}
	put(l, attacker, 10 * ALL);
	put(l, late, 10 * ALL);
	put(l, attacker, 10 * ALL);
	CHECK(newest(l, late) >= QUARTER);
	CHECK(newest(l, victim) >= QUARTER);
	CHECK(newest(l, attacker) >= QUARTER);
	CHECK_EQ(l->other[victim] + l->other[attacker] + l->other[late], 0);
	free(l);
}

static void one_floods(void)
{
	flood(2, HOST, 3);
	flood(2, 3, HOST);
	flood(2, 3, 4);
	flood(HOST, 2, 3);
}

/* What is sure to one that is not the host, where so many are not. */
static unsigned int sure(unsigned int others)
{
	return others <= 2 ? QUARTER : others <= 4 ? SLOTS : 0;
}

static void mixture(u32 attackers, bool early)
{
	struct lane *l = lane_make();
	u32 share = sure(attackers + 1), quarter = QUARTER, i;

	if (early) {
		put(l, HOST, rand() % ALL);
		put(l, 2, rand() % ALL);
	}
	for (i = 0; i < 400; i++) {
		put(l, 10 + rand() % attackers, rand() % (2 * SLOTS));
		put(l, HOST, i % 7 == 0);
		put(l, 2, i % 5 == 0);
		CHECK(newest(l, HOST) >= min(l->count[HOST], quarter));
		CHECK(newest(l, 2) >= min(l->count[2], share));
	}
	CHECK_EQ(l->other[HOST], 0);
	if (attackers < 8)
		CHECK_EQ(l->other[2], 0);
	free(l);
}

static void many_flood(void)
{
	u32 attackers, seed;

	for (attackers = 1; attackers < 20; attackers++) {
		for (seed = 0; seed < 20; seed++) {
			srand(seed);
			mixture(attackers, seed % 2);
		}
	}
}

/* Four that all come to a flood have a quarter each, whoever they are. */
static void four_together(void)
{
	u32 first;

	for (first = HOST; first < HOST + 2; first++) {
		struct lane *l = lane_make();
		u32 i, owner;

		for (i = 0; i < 10 * ALL; i++)
			put(l, first + rand() % 4, 1 + rand() % 3);
		for (owner = first; owner < first + 4; owner++)
			CHECK(newest(l, owner) >= QUARTER);
		free(l);
	}
}

/* Nobody is shut out for ever by those who once were there. */
static void silence(void)
{
	struct lane *l = lane_make();
	u32 owner;

	for (owner = 1; owner < 20; owner++)
		put(l, owner, 1);
	CHECK_EQ(l->other[19], 1);
	CHECK_EQ(newest(l, 3), 1);
	l->now += TCPS_HOLDERS_IDLE;
	put(l, 3, SLOTS);
	put(l, 19, SLOTS + 1);
	CHECK_EQ(l->other[19], 1);
	CHECK_EQ(newest(l, 19), SLOTS);
	CHECK_EQ(newest(l, 3), SLOTS);
	CHECK_EQ(newest(l, HOST), 1);
	/* But who holds something, however long ago, loses it to nobody new. */
	put(l, 18, 1);
	CHECK_EQ(newest(l, HOST), 1);
	free(l);
}

/* The host has its share even where all rings are somebody's only one. */
static void host_comes_last(void)
{
	struct lane *l = lane_make();
	u32 owner;

	for (owner = 2; owner < 2 + RINGS; owner++)
		put(l, owner, SLOTS);
	put(l, HOST, QUARTER);
	for (owner = 2; owner < 2 + 3 * RINGS; owner++)
		put(l, owner, 3 * ALL);
	put(l, HOST, 3);
	CHECK_EQ(newest(l, HOST), QUARTER);
	CHECK_EQ(l->other[HOST], 0);
	free(l);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(alone),	     TEST(one_floods), TEST(many_flood),
		TEST(four_together), TEST(silence),    TEST(host_comes_last),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Host unit tests - defaults and limits of the module's parameters, on every
 * host from 1 to 8,192 CPUs and from 256 MB to 24 TB of memory.
 */
#include "kernel/host.h"
#include "../../module/sizes.h"
#include "test.h"

#define MB	(1UL << 20)
#define CPUS	8192
#define LEAST	(256 * MB)
#define MOST	(24UL << 40)

static const struct tcps_sizes_asked nothing = {
	.max_readers = 64,
	.listeners_max = 4096,
	.storm_rate = 128,
	.storm_burst = 1024,
};

static bool set(struct tcps_sizes *s, const struct tcps_sizes_host *h,
		const struct tcps_sizes_asked *asked)
{
	struct tcps_sizes_refused refused;

	memset(s, 0xff, sizeof(*s));
	return tcps_sizes_set(s, h, asked, &refused);
}

/* What all that is accepted has in common; one look at the first that is bad. */
static bool is_sound(const struct tcps_sizes *s, const struct tcps_sizes_host *h)
{
	unsigned long rare = TCPS_RARE_RINGS *
			     tcps_sizes_ring_bytes(s->slots[1], TCPSTATE_RECORD_SIZE);
	unsigned long cpu = TCPS_SIZES_HEAD + rare +
			    tcps_sizes_ring_bytes(s->slots[0], TCPSTATE_RECORD_SIZE) +
			    tcps_sizes_ring_bytes(s->slots[2], TCPSTATE_LIFE_SIZE);
	bool sound = cpu <= s->cpu_bytes && !(s->cpu_bytes % h->page) &&
		     s->cpu_bytes * h->present <= s->recorder_kb * 1024 &&
		     rare * h->present <= s->rare_kb * 1024 &&
		     s->recorder_kb <= h->memory / 1024 / 4 &&
		     s->rare_kb <= s->recorder_kb / 2 && s->slots[0] >= 4 &&
		     s->slots[1] >= 2 && s->slots[2] >= 4 &&
		     s->slots[0] < 1U << 31 &&
		     s->table_keep && s->table_keep <= s->table_max &&
		     s->table_keep * 256 <= h->memory / 4;

	if (!sound)
		FAIL("%u of %u CPUs, %llu MB: %lu KiB, rare %lu KiB, %lu bytes a CPU, %lu used, slots %u %u %u, table %lu %lu",
		     h->present, h->possible, (unsigned long long)h->memory / MB,
		     s->recorder_kb, s->rare_kb, s->cpu_bytes, cpu, s->slots[0],
		     s->slots[1], s->slots[2], s->table_max, s->table_keep);
	return sound;
}

/* Calls for all hosts, or for a grid of them, until one returns false. */
static void each_host(unsigned int cpus_by, bool (*look)(const struct tcps_sizes_host *h))
{
	struct tcps_sizes_host h = { .page = 4096 };

	for (h.present = 1; h.present <= CPUS; h.present += cpus_by) {
		for (h.memory = LEAST; h.memory <= MOST; h.memory += h.memory / 4) {
			h.possible = h.present;
			if (!look(&h))
				return;
			h.possible = CPUS;
			if (!look(&h))
				return;
		}
	}
}

static bool look_defaults(const struct tcps_sizes_host *h)
{
	struct tcps_sizes s, more;
	struct tcps_sizes_host larger = *h;

	if (!set(&s, h, &nothing)) {
		FAIL("%u CPUs, %llu MB: refused", h->present,
		     (unsigned long long)h->memory / MB);
		return false;
	}
	if (!is_sound(&s, h))
		return false;
	if (s.table_max * 256 > h->memory / 4) {
		FAIL("%u CPUs, %llu MB: table_max %lu", h->possible,
		     (unsigned long long)h->memory / MB, s.table_max);
		return false;
	}
	/* More memory never makes anything smaller. */
	larger.memory += h->memory / 4;
	set(&more, &larger, &nothing);
	if (more.recorder_kb < s.recorder_kb || more.rare_kb < s.rare_kb ||
	    more.slots[0] < s.slots[0] || more.slots[1] < s.slots[1] ||
	    more.slots[2] < s.slots[2] || more.table_max < s.table_max ||
	    more.table_keep < s.table_keep) {
		FAIL("%u CPUs: %llu MB gives less than %llu", h->present,
		     (unsigned long long)larger.memory / MB,
		     (unsigned long long)h->memory / MB);
		return false;
	}
	return true;
}

static void defaults(void)
{
	each_host(1, look_defaults);
}

/* More CPUs never make the whole smaller, nor what one of them has larger. */
static void more_cpus(void)
{
	struct tcps_sizes_host h = { .page = 4096 };

	for (h.memory = LEAST; h.memory <= MOST; h.memory += h.memory / 4) {
		struct tcps_sizes s, last = { .cpu_bytes = ~0UL };

		for (h.present = h.possible = 1; h.present <= CPUS;
		     h.possible = ++h.present) {
			CHECK(set(&s, &h, &nothing));
			if (s.recorder_kb < last.recorder_kb ||
			    s.table_max < last.table_max || s.cpu_bytes > last.cpu_bytes) {
				FAIL("%u CPUs, %llu MB: %lu KiB after %lu", h.present,
				     (unsigned long long)h.memory / MB, s.recorder_kb,
				     last.recorder_kb);
				return;
			}
			last = s;
		}
	}
}

/* What ordinary hosts have had all the time. */
static void ordinary(void)
{
	static const struct {
		unsigned int cpus;
		unsigned long memory;
		unsigned long recorder_kb, rare_kb, table_max;
	} table[] = {
		{ 1, 1024 * MB, 10485, 1310, 65536 },
		{ 2, 2048 * MB, 20971, 2621, 131072 },
		{ 8, 16384 * MB, 65536, 8192, 1048576 },
		{ 128, 1024UL << 30, 65536, 8192, 1048576 },
		{ 497, 1024UL << 30, 127232, 15904, 1048576 },
	};
	struct tcps_sizes s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		const struct tcps_sizes_host h = { table[i].cpus, table[i].cpus,
						   table[i].memory, 4096 };

		CHECK(set(&s, &h, &nothing));
		CHECK_EQ(s.recorder_kb, table[i].recorder_kb);
		CHECK_EQ(s.rare_kb, table[i].rare_kb);
		CHECK_EQ(s.table_max, table[i].table_max);
	}
}

/* A parameter by its name. */
static struct tcps_sizes_asked with(const char *name, unsigned long value)
{
	struct tcps_sizes_asked a = nothing;

	if (!strcmp(name, "recorder_kb"))
		a.recorder_kb = value;
	else if (!strcmp(name, "rare_kb"))
		a.rare_kb = value;
	else if (!strcmp(name, "table_max"))
		a.table_max = value;
	else if (!strcmp(name, "max_readers"))
		a.max_readers = value;
	else if (!strcmp(name, "listeners_max"))
		a.listeners_max = value;
	else if (!strcmp(name, "storm_rate"))
		a.storm_rate = value;
	else if (!strcmp(name, "storm_burst"))
		a.storm_burst = value;
	else
		FAIL("no parameter %s", name);
	return a;
}

/* The range that is told when a parameter is refused. */
static bool is_refused(const struct tcps_sizes_host *h, const char *name,
		       unsigned long value, struct tcps_sizes_refused *r)
{
	const struct tcps_sizes_asked a = with(name, value);
	struct tcps_sizes s;

	if (!tcps_sizes_set(&s, h, &a, r) && !strcmp(r->name, name) &&
	    r->value == value && r->least <= r->most)
		return true;
	FAIL("%u CPUs, %llu MB: %s=%lu was taken, or told as %s=%lu", h->present,
	     (unsigned long long)h->memory / MB, name, value, r->name, r->value);
	return false;
}

static bool is_taken(const struct tcps_sizes_host *h, const char *name,
		     unsigned long value)
{
	const struct tcps_sizes_asked a = with(name, value);
	struct tcps_sizes_refused r;
	struct tcps_sizes s;

	if (tcps_sizes_set(&s, h, &a, &r))
		return is_sound(&s, h);
	FAIL("%u CPUs, %llu MB: %s=%lu was refused: %s %lu to %lu", h->present,
	     (unsigned long long)h->memory / MB, name, value, r.name, r.least, r.most);
	return false;
}

/* What no parameter of that name may be, in as many bits as it has. */
static unsigned long largest(const char *name)
{
	return strstr(name, "_kb") || !strcmp(name, "table_max") ? ~0UL : ~0U;
}

/* The range that is told is the range. */
static bool look_range(const struct tcps_sizes_host *h, const char *name)
{
	struct tcps_sizes_refused r, again;
	unsigned long value;

	if (!is_refused(h, name, largest(name), &r))
		return false;
	if (!is_refused(h, name, r.most + 1, &again) || again.least != r.least ||
	    again.most != r.most)
		return false;
	if (r.least > 1 && !is_refused(h, name, r.least - 1, &again))
		return false;
	for (value = r.least; value < r.most; value += value / 3 + 1) {
		if (!is_taken(h, name, value))
			return false;
	}
	return is_taken(h, name, r.most);
}

static bool look_ranges(const struct tcps_sizes_host *h)
{
	static const char *const names[] = {
		"recorder_kb", "rare_kb", "table_max", "max_readers",
		"listeners_max", "storm_rate", "storm_burst",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!look_range(h, names[i]))
			return false;
	}
	return true;
}

static void ranges(void)
{
	each_host(91, look_ranges);
}

/* Both of them at once: rare_kb has its range by what recorder_kb is. */
static bool look_both(const struct tcps_sizes_host *h)
{
	struct tcps_sizes_asked a = nothing;
	struct tcps_sizes_refused r;
	struct tcps_sizes s;

	is_refused(h, "recorder_kb", ~0UL, &r);
	for (a.recorder_kb = r.least; a.recorder_kb <= r.most;
	     a.recorder_kb += a.recorder_kb / 2) {
		struct tcps_sizes_refused rare;

		a.rare_kb = ~0UL;
		if (tcps_sizes_set(&s, h, &a, &rare) || rare.least > rare.most)
			FAIL("recorder_kb=%lu: no rare_kb", a.recorder_kb);
		for (a.rare_kb = rare.least; a.rare_kb <= rare.most;
		     a.rare_kb += a.rare_kb / 3 + 1) {
			if (!set(&s, h, &a) || !is_sound(&s, h))
				return false;
		}
	}
	return !test_failed;
}

static void both(void)
{
	each_host(455, look_both);
}

/* Larger pages round more away, and nothing else. */
static void pages(void)
{
	struct tcps_sizes_host h = { .memory = 4096 * MB, .page = 65536 };
	struct tcps_sizes s;

	for (h.present = h.possible = 1; h.present <= CPUS; h.possible = ++h.present) {
		CHECK(set(&s, &h, &nothing));
		if (!is_sound(&s, &h))
			return;
	}
}

int main(void)
{
	static const struct test tests[] = {
		TEST(defaults), TEST(more_cpus), TEST(ordinary), TEST(ranges),
		TEST(both),	TEST(pages),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

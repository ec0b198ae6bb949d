// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence charts: when one is drawn, bounded memory, and events that no module
 * would write.
 */
#include "any_event.h"
#include "scene.h"

/* The first rows and the latest; the break says how many are not there. */
static void too_many_rows(void)
{
	unsigned int i;

	to_state(0, &caller, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	for (i = 0; i < 99; i++)
		sends(10 + i, &caller, SYN, 100, 0);
	CHECK_EQ(count(scene_charts(), "|---- SYN seq 0"), LADDER_ROWS - 1);
	CHECK(strstr(scene_text, "                       : 36 rows left out "
				 "for want of room "));
	CHECK(strstr(scene_text, " retransmission 30 -"));
	CHECK(!strstr(scene_text, " retransmission 31 -"));
	CHECK(!strstr(scene_text, " retransmission 66 -"));
	CHECK(strstr(scene_text, " retransmission 67 -"));
	CHECK(strstr(scene_text, " retransmission 98 -"));
}

/* The oldest gives way, unless one ended. */
static void too_many_connections(void)
{
	struct actor a = caller;
	unsigned int i;

	for (i = 0; i < LADDER_CONNECTIONS; i++) {
		a.port = 1 + i;
		to_state(i, &a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	}
	CHECK_EQ(scene_end - scene_text, 0);
	a.port = 700;
	a.cookie = caller.cookie;
	to_state(5000, &a, S(SYN_SENT), S(CLOSE), C(TIMEOUT), 5000);
	CHECK(strstr(scene_text, "192.0.2.7:1 -> 198.51.100.9:443, 00:00:01."
				 "000000, 0.000 ms, still open: more than "
				 "4095 at once\n"));
	CHECK_EQ(count(scene_text, "uid 33"), 1);
	a.port = 5001;
	to_state(5001, &a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	a.port = 5002;
	to_state(5002, &a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	CHECK_EQ(count(scene_text, "uid 33"), 2);
	CHECK(strstr(scene_text, "192.0.2.7:700 -> 198.51.100.9:443, "
				 "00:00:01.000699, 4.301 ms\n"));
	scene_end = scene_text;
	CHECK_EQ(count(scene_charts(), "uid 33"), LADDER_CONNECTIONS);
}

/* What was dropped leaves nothing behind: as many again, and a third time. */
static void places_are_used_again(void)
{
	struct actor a = caller;
	unsigned int i, drawn = 0;

	for (i = 0; i < 20000; i++) {
		a.port = 1 + i;
		a.cookie = i;
		to_state(i * 100.0, &a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
		to_state(i * 100.0, &a, S(SYN_SENT), S(CLOSE), C(CLOSE), 1);
		drawn += count(scene_text, "uid 33");
		scene_end = scene_text;
		*scene_end = '\0';
		/* As many as end in the time of grace, and the last one. */
		CHECK(scene.used <= 2001);
	}
	CHECK_EQ(drawn + scene.used, 20000);
	scene_charts();
}

/* It waits for the last words, not for ever. */
static void drawn_when_it_ended(void)
{
	struct actor other = caller;

	other.port = 1;
	handshake(0, &client, &server, 100, 200);
	to_state(500, &server, S(ESTABLISHED), S(CLOSE), C(ABORT), 470);
	to_state(510, &client, S(ESTABLISHED), S(CLOSE), C(RST), 485);
	to_state(200509, &other, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	CHECK(scene_end == scene_text);
	to_state(200511, &other, S(SYN_SENT), S(CLOSE), C(CLOSE), 0);
	CHECK_EQ(count(scene_text, "curl[158]"), 1);
	CHECK(!strstr(scene_text, "wget"));
	CHECK(strstr(scene_charts(), "wget"));
}

static void check_charts(const char *text)
{
	const char *p;

	for (p = text; *p == '\n' || (*p >= ' ' && *p <= '~'); p++)
		;
	CHECK_EQ(*p, '\0');
	CHECK(p == text || (p[-1] == '\n' && p[-2] == '\n'));
}

/*
 * Any events of few connections, so that they meet: whatever they say, there are
 * printable charts.
 */
static void any_events(void)
{
	static const unsigned char kinds[] = {
		TCPS_EVENT_STATE, TCPS_EVENT_SEGMENT, TCPS_EVENT_SEGMENT,
	};
	unsigned int i, j;

	srandom(12);
	for (i = 0; i < 300000; i++) {
		struct tcps_event e;

		if (i % 1000 == 0) {
			check_charts(scene_charts());
			scene_new();
			scene_format = any_format(i / 1000);
		}
		any_event(&e, i, i % 5 ? kinds[random() % 3] : i / 5 % 15);
		e.netns_gen %= 2;
		e.cookie %= 4;
		e.life %= 2;
		if (i % 3)
			e.new_state = 1 + random() % 12;
		if (i % 4)
			e.segment.seq = i % 2;
		/* Both directions of eight connections, or of any. */
		for (j = 0; i % 11 && j < 16; j++) {
			e.laddr[j] = e.lport & 1;
			e.raddr[j] = e.rport & 1;
		}
		if (i % 11) {
			e.lport %= 3;
			e.rport %= 3;
		}
		scene_take(&e);
		if (scene_end - scene_text > (long)sizeof(scene_text) / 2) {
			check_charts(scene_text);
			scene_end = scene_text;
		}
		CHECK(scene.used <= LADDER_CONNECTIONS);
	}
	scene_charts();
}

/* As many as can be, of any time. */
static void any_crowd(void)
{
	unsigned int i;

	scene_charts();
	scene_new();
	for (i = 0; i < 100000; i++) {
		struct tcps_event e;

		any_event(&e, i, i % 2 ? TCPS_EVENT_STATE : TCPS_EVENT_SEGMENT);
		e.flags &= ~TCPS_F_SNAPSHOT;
		scene_take(&e);
		if (scene_end - scene_text > (long)sizeof(scene_text) / 2)
			scene_end = scene_text;
	}
	CHECK(scene.used <= LADDER_CONNECTIONS);
	scene_end = scene_text;
	for (i = 0; scene.used && i <= LADDER_CONNECTIONS; i++) {
		scene_draw(ladder_last(&scene));
		scene_end = scene_text;
	}
	CHECK_EQ(scene.used, 0);
	CHECK(!ladder_last(&scene));
	for (i = 0; i < LADDER_BUCKETS; i++)
		CHECK_EQ(scene.bucket[i], 0);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(too_many_rows),
		TEST(too_many_connections),
		TEST(places_are_used_again),
		TEST(drawn_when_it_ended),
		TEST(any_events),
		TEST(any_crowd),
	};

	setenv("TZ", "UTC", 1);
	return run_tests(tests, ARRAY_SIZE(tests));
}

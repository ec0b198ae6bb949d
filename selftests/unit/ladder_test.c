// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence charts: what belongs to which connection, and which are wanted.
 */
#include "scene.h"

static void interleaved(void)
{
	struct actor second = client, third = server;

	second.port = 40114;
	second.cookie = 13;
	third.peer_port = 40114;
	third.cookie = 16;
	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	to_state(1, &second, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(2, &client, SYN, 100, 0);
	sends(3, &second, SYN, 100, 0);
	gets(5, &third, 3, SYN, 100, 0);
	gets(6, &server, 2, SYN, 100, 0);
	to_state(7, &second, S(SYN_SENT), S(CLOSE), C(CLOSE), 6);
	to_state(8, &server, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40114 -> 127.0.0.1:8080, 00:00:01.000001, 0.006 ms\n"
		  "  left  curl[158], uid 33, cookie 13 life 1\n"
		  "  right no socket seen\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.002                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.002 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.006      CLOSE       * (close) 0.006 ms in SYN_SENT                                  |\n"
		  "\n"
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.008 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.002                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.004 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.008                  |                                                         (syn) * SYN_RECV\n"
		  "\n");
}

/* The port is used again: by a new socket, while the old one is in TIME_WAIT. */
static void same_ports_again(void)
{
	struct actor again = client, served = server;

	again.cookie = 112;
	served.cookie = 115;
	handshake(0, &server, &client, 10, 20);
	close_both(1525, &server, &client, 10, 20);
	handshake(2000, &again, &served, 100, 200);
	to_state(2031, &server, S(TIME_WAIT), S(CLOSE), C(RECYCLED), 400);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:8080 -> 127.0.0.1:40112, 00:00:01.000000, 2.031 ms\n"
		  "  left  nginx[812], uid 33, cookie 15 life 1\n"
		  "  right curl[158], uid 33, cookie 12 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 10, arrived 0.003 ms later                            |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.015                  |                                                         (syn) * SYN_RECV\n"
		  "0.020                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 20 ack 11, arrived 0.003 ms later                     |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.025      ESTABLISHED * (syn-ack) 0.025 ms in SYN_SENT                                |\n"
		  "0.030                  |                                    (ack) 0.015 ms in SYN_RECV * ESTABLISHED\n"
		  "1.525      FIN_WAIT1   * (close) 1.500 ms in ESTABLISHED                               |\n"
		  "1.527                  |---- FIN,ACK seq 80 ack 1001 win 65495 ----------------------->|\n"
		  "                       |   = seq 90 ack 1021, arrived 0.003 ms later                   |\n"
		  "                       |   TS val 3000000001 ecr 3000000000                            |\n"
		  "1.531                  |                                 (fin) 1.501 ms in ESTABLISHED * CLOSE_WAIT\n"
		  "1.533      FIN_WAIT2   * (ack) 0.008 ms in FIN_WAIT1                                   |\n"
		  "1.575                  |                                (close) 0.044 ms in CLOSE_WAIT * LAST_ACK\n"
		  "1.576                  |<--- FIN,ACK seq 1001 ack 81 win 65495 ------------------------|\n"
		  "                       |   = seq 1021 ack 91, arrived 0.003 ms later                   |\n"
		  "                       |   TS val 3000000001 ecr 3000000000                            |\n"
		  "1.580      TIME_WAIT   * (fin) 0.047 ms in FIN_WAIT2                                   |\n"
		  "1.582                  |                                    (ack) 0.007 ms in LAST_ACK * CLOSE\n"
		  "2.031      CLOSE       * (recycled) 0.400 ms in TIME_WAIT                              |\n"
		  "\n"
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.002000, 0.030 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 112 life 1\n"
		  "  right nginx[812], uid 33, cookie 115 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000002 ecr 0,wscale 7           |\n"
		  "0.015                  |                                                         (syn) * SYN_RECV\n"
		  "0.020                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 200 ack 101, arrived 0.003 ms later                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000002 ecr 3000000000,wscale 7  |\n"
		  "0.025      ESTABLISHED * (syn-ack) 0.025 ms in SYN_SENT                                |\n"
		  "0.030                  |                                    (ack) 0.015 ms in SYN_RECV * ESTABLISHED\n"
		  "\n");
}

/* No socket is there to tell them apart: the sequence number does. */
static void another_syn(void)
{
	gets(0, &called, 0, SYN, 100, 0);
	gets(10, &called, 10, SYN, 100, 0);
	gets(20, &called, 20, SYN, 7777, 0);
	sends(25, &called, RST | ACK, 0, 7778);
	CHECK_EQ(count(scene_charts(), " -> "), 2);
	CHECK_EQ(count(scene_text, "retransmission 1"), 1);
	CHECK_EQ(count(scene_text, "still open"), 1);

	/* What ended does not begin again. */
	gets(0, &called, 0, SYN, 100, 0);
	sends(5, &called, RST | ACK, 0, 101);
	to_state(9, &called, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	CHECK_EQ(count(scene_charts(), " -> "), 2);

	/* Nor does one whose beginning was not seen. */
	to_state(0, &called, S(FIN_WAIT2), S(TIME_WAIT), C(FIN), 5);
	gets(9, &called, 9, SYN, 100, 0);
	CHECK_EQ(count(scene_charts(), " -> "), 1);
	CHECK_EQ(count(scene_text, " -- "), 1);
}

/* A socket that is connected again has the cookie of its first life. */
static void second_life(void)
{
	struct tcps_event e;

	to_state(0, &caller, S(FIN_WAIT2), S(TIME_WAIT), C(FIN), 5);
	e = scene_event(1, &caller, TCPS_EVENT_STATE);
	e.flags = TCPS_F_TRACKED;
	e.cookie = caller.cookie;
	e.life = 2;
	e.old_state = S(CLOSE);
	e.new_state = S(SYN_SENT);
	e.cause = C(CONNECT);
	scene_take(&e);
	to_state(2, &caller, S(TIME_WAIT), S(CLOSE), C(REUSED), 2);
	CHECK_STR(scene_charts(),
		  "192.0.2.7:51000 -- 198.51.100.9:443, 00:00:01.000000, 0.002 ms\n"
		  "  left  wget[900], uid 33, cookie 21 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "  no segment of it was recorded\n"
		  "0.000      TIME_WAIT   * (fin) 0.005 ms in FIN_WAIT2                                   |\n"
		  "0.002      CLOSE       * (reused) 0.002 ms in TIME_WAIT                                |\n"
		  "\n"
		  "192.0.2.7:51000 -> 198.51.100.9:443, 00:00:01.000001, 0.000 ms, still open\n"
		  "  left  owner unknown, uid 0, cookie 21 life 2\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "  no segment of it was recorded\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "\n");
}

/* The FIN of the old one, told by its cookie, after the new one began. */
static void told_by_cookie(void)
{
	struct actor again = caller;
	struct tcps_event e;

	again.cookie = 77;
	to_state(0, &caller, S(ESTABLISHED), S(FIN_WAIT1), C(CLOSE), 5);
	to_state(1, &again, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	e = scene_segment(2, &caller, FIN | ACK, 500, 600);
	e.cookie = caller.cookie;
	scene_take(&e);
	CHECK(strstr(strstr(scene_charts(), " -- "), "FIN,ACK") <
	      strstr(scene_text, " -> "));
}

/* Two containers with the same addresses, each with a peer of its own. */
static void same_addresses_elsewhere(void)
{
	struct actor far = client, near = server;

	far.netns = 2;
	far.cookie = 31;
	near.netns = 2;
	near.cookie = 32;
	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	to_state(1, &far, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	to_state(2, &server, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	to_state(3, &near, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	sends(4, &client, SYN, 100, 0);
	gets(5, &near, 1, SYN, 900, 0);
	scene_format.wide = true;
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 1970-01-01 00:00:01.000000, 0.004 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1, netns 4026531841\n"
		  "  right nginx[812], uid 33, cookie 15 life 1, netns 4026531841\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.002                  |                                                         (syn) * SYN_RECV\n"
		  "0.004                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "\n"
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 1970-01-01 00:00:01.000001, 0.004 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 31 life 1, netns 4026531842\n"
		  "  right nginx[812], uid 33, cookie 32 life 1, netns 4026531842\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.002                  |                                                         (syn) * SYN_RECV\n"
		  "0.004                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 900                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "\n");
}

/* Two namespaces joined by a cable: the head says which end is in which. */
static void across_namespaces(void)
{
	struct actor a = { 4, "10.0.0.1", 40112, "10.0.0.2", 80, 41, 1, 5, "a" };
	struct actor b = { 4, "10.0.0.2", 80, "10.0.0.1", 40112, 42, 2, 6, "b" };

	to_state(0, &a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	passes(5, &a, &b, SYN, 100, 0);
	to_state(9, &b, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	CHECK_STR(scene_charts(),
		  "10.0.0.1:40112 -> 10.0.0.2:80, 00:00:01.000000, 0.009 ms, still open\n"
		  "  left  a[5], uid 33, cookie 41 life 1, netns 4026531841\n"
		  "  right b[6], uid 33, cookie 42 life 1, netns 4026531842\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.005                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.009                  |                                                         (syn) * SYN_RECV\n"
		  "\n");
}

/* By port: one end of it is enough, and the other one is drawn with it. */
static void picked_by_port(void)
{
	struct tcps_filter pick = { .nr_lports = 1, .lports = { 8080 } };
	struct actor remote = caller;

	scene_new();
	scene.pick = &pick;
	remote.peer_port = 8080;
	handshake(0, &client, &server, 100, 200);
	to_state(50, &remote, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	to_state(51, &called, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	scene_charts();
	CHECK_EQ(count(scene_text, " -> "), 1);
	CHECK(strstr(scene_text, "  left  curl[158], "));
	CHECK(strstr(scene_text, "  right nginx[812], "));

	pick.nr_rports = 1;
	pick.rports[0] = 40113;
	scene_new();
	scene.pick = &pick;
	handshake(0, &client, &server, 100, 200);
	CHECK_STR(scene_charts(), "");
	pick.rports[0] = 40112;
	scene_new();
	scene.pick = &pick;
	handshake(0, &client, &server, 100, 200);
	CHECK_EQ(count(scene_charts(), " -> "), 1);
}

/* Listeners, what is alive, and words about nobody make no chart. */
static void no_connections(void)
{
	struct tcps_event e;

	to_state(0, &server, S(CLOSE), S(LISTEN), C(LISTEN), 0);
	to_state(1, &server, S(LISTEN), S(CLOSE), C(CLOSE), 0);
	e = scene_event(2, &client, TCPS_EVENT_STATE);
	e.flags = TCPS_F_SNAPSHOT;
	e.old_state = S(ESTABLISHED);
	e.new_state = S(ESTABLISHED);
	scene_take(&e);
	e = scene_event(3, &client, TCPS_EVENT_SYN_DROP);
	scene_take(&e);
	e = scene_event(4, &client, TCPS_EVENT_SEGMENT);
	e.family = 0;
	scene_take(&e);
	e = scene_event(5, &client, TCPS_EVENT_MEMORY_PRESSURE);
	scene_take(&e);
	CHECK_EQ(scene.used, 0);
	CHECK_STR(scene_charts(), "");
}

/* One socket that is connected to itself. */
static void connected_to_itself(void)
{
	struct actor self = client;

	self.peer_port = self.port;
	to_state(0, &self, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(5, &self, SYN, 100, 0);
	gets(8, &self, 5, SYN, 100, 0);
	to_state(9, &self, S(SYN_SENT), S(SYN_RECV), C(SYN), 9);
	CHECK_EQ(count(scene_charts(), " -> "), 1);
	CHECK_EQ(count(scene_text, "cookie 12"), 1);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(interleaved),
		TEST(same_ports_again),
		TEST(another_syn),
		TEST(second_life),
		TEST(told_by_cookie),
		TEST(same_addresses_elsewhere),
		TEST(across_namespaces),
		TEST(picked_by_port),
		TEST(no_connections),
		TEST(connected_to_itself),
		};

	setenv("TZ", "UTC", 1);
	return run_tests(tests, ARRAY_SIZE(tests));
}

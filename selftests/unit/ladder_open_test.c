// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence charts of connections that open, or do not: the whole chart, byte by
 * byte, from both ends and from one.
 */
#include "scene.h"

static void both_ends(void)
{
	handshake(0, &client, &server, 3735928559U, 48879);
	close_both(1525, &client, &server, 3735928559U, 48879);
	to_state(60001580, &client, S(TIME_WAIT), S(CLOSE), C(EXPIRED),
		 60000000);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 60001.580 ms\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 3735928559, arrived 0.003 ms later                    |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.015                  |                                                         (syn) * SYN_RECV\n"
		  "0.020                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 48879 ack 3735928560, arrived 0.003 ms later          |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.025      ESTABLISHED * (syn-ack) 0.025 ms in SYN_SENT                                |\n"
		  "0.030                  |                                    (ack) 0.015 ms in SYN_RECV * ESTABLISHED\n"
		  "1.525      FIN_WAIT1   * (close) 1.500 ms in ESTABLISHED                               |\n"
		  "1.527                  |---- FIN,ACK seq 80 ack 1001 win 65495 ----------------------->|\n"
		  "                       |   = seq 3735928639 ack 49880, arrived 0.003 ms later          |\n"
		  "                       |   TS val 3000000001 ecr 3000000000                            |\n"
		  "1.531                  |                                 (fin) 1.501 ms in ESTABLISHED * CLOSE_WAIT\n"
		  "1.533      FIN_WAIT2   * (ack) 0.008 ms in FIN_WAIT1                                   |\n"
		  "1.575                  |                                (close) 0.044 ms in CLOSE_WAIT * LAST_ACK\n"
		  "1.576                  |<--- FIN,ACK seq 1001 ack 81 win 65495 ------------------------|\n"
		  "                       |   = seq 49880 ack 3735928640, arrived 0.003 ms later          |\n"
		  "                       |   TS val 3000000001 ecr 3000000000                            |\n"
		  "1.580      TIME_WAIT   * (fin) 0.047 ms in FIN_WAIT2                                   |\n"
		  "1.582                  |                                    (ack) 0.007 ms in LAST_ACK * CLOSE\n"
		  "60001.580  CLOSE       * (expired) 60000.000 ms in TIME_WAIT                           |\n"
		  "\n");
}

static void our_end_only(void)
{
	to_state(0, &caller, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(10, &caller, SYN, 1000, 0);
	gets(12010, &caller, 6000, SYN | ACK, 7000, 1001);
	to_state(12012, &caller, S(SYN_SENT), S(ESTABLISHED), C(SYN_ACK),
		 12012);
	gets(50000, &caller, 44000, FIN | ACK, 7501, 1080);
	to_state(50001, &caller, S(ESTABLISHED), S(CLOSE_WAIT), C(FIN), 37989);
	to_state(50100, &caller, S(CLOSE_WAIT), S(LAST_ACK), C(SHUTDOWN), 99);
	sends(50101, &caller, FIN | ACK, 1080, 7502);
	to_state(62000, &caller, S(LAST_ACK), S(CLOSE), C(ACK), 11900);
	CHECK_STR(scene_charts(),
		  "192.0.2.7:51000 -> 198.51.100.9:443, 00:00:01.000000, 62.000 ms\n"
		  "  left  wget[900], uid 33, cookie 21 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 1000                                                  |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "12.010                 |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 7000 ack 1001                                         |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000006 ecr 3000000000,wscale 7  |\n"
		  "12.012     ESTABLISHED * (syn-ack) 12.012 ms in SYN_SENT                               |\n"
		  "50.000                 |<--- FIN,ACK seq 501 ack 80 win 65495 -------------------------|\n"
		  "                       |   = seq 7501 ack 1080                                         |\n"
		  "                       |   TS val 3000000044 ecr 3000000000                            |\n"
		  "50.001     CLOSE_WAIT  * (fin) 37.989 ms in ESTABLISHED                                |\n"
		  "50.100     LAST_ACK    * (shutdown) 0.099 ms in CLOSE_WAIT                             |\n"
		  "50.101                 |---- FIN,ACK seq 80 ack 502 win 65495 ------------------------>|\n"
		  "                       |   = seq 1080 ack 7502                                         |\n"
		  "                       |   TS val 3000000050 ecr 3000000000                            |\n"
		  "62.000     CLOSE       * (ack) 11.900 ms in LAST_ACK                                   |\n"
		  "\n");
}

/* The client is the left one, also if only the server is here. */
static void served_end_only(void)
{
	gets(0, &called, 0, SYN, 500, 0);
	to_state(2, &called, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	sends(5, &called, SYN | ACK, 900, 501);
	to_state(9000, &called, S(SYN_RECV), S(ESTABLISHED), C(ACK), 8998);
	CHECK_STR(scene_charts(),
		  "198.51.100.9:33000 -> 192.0.2.7:443, 00:00:01.000000, 9.000 ms, still open\n"
		  "  left  not seen: what left for it may not have arrived\n"
		  "  right nginx[812], uid 33, cookie 22 life 1\n"
		  "0.000                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 500                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.002                  |                                                         (syn) * SYN_RECV\n"
		  "0.005                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 900 ack 501                                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "9.000                  |                                    (ack) 8.998 ms in SYN_RECV * ESTABLISHED\n"
		  "\n");
}

/* The first SYN does not arrive, nor the first SYN-ACK. */
static void lost_on_the_way(void)
{
	struct tcps_event e;

	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(10, &client, SYN, 100, 0);
	e = scene_event(1000005, &client, TCPS_EVENT_SYN_RETRANSMIT);
	e.retransmit.attempt = 1;
	scene_take(&e); /* the arrow tells it */
	passes(1000010, &client, &server, SYN, 100, 0);
	to_state(1000015, &server, S(CLOSE), S(SYN_RECV), C(SYN), 0);
	sends(1000020, &server, SYN | ACK, 200, 101);
	passes(2000020, &server, &client, SYN | ACK, 200, 101);
	to_state(2000025, &client, S(SYN_SENT), S(ESTABLISHED), C(SYN_ACK),
		 2000025);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 2000.025 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 -----------------------------------x  |\n"
		  "                       |   = seq 100, not seen to arrive                               |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "1000.010               |---- SYN seq 0 win 65495, retransmission 1 ------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000001000 ecr 0,wscale 7           |\n"
		  "1000.015               |                                                         (syn) * SYN_RECV\n"
		  "1000.020               |  x- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 200 ack 101, not seen to arrive                       |\n"
		  "                       |   mss 65495,sackOK,TS val 3000001000 ecr 3000000000,wscale 7  |\n"
		  "2000.020               |<--- SYN,ACK seq 0 ack 1 win 65495, retransmission 1 ----------|\n"
		  "                       |   = seq 200 ack 101, arrived 0.003 ms later                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000002000 ecr 3000000000,wscale 7  |\n"
		  "2000.025   ESTABLISHED * (syn-ack) 2000.025 ms in SYN_SENT                             |\n"
		  "\n");
}

static void never_answered(void)
{
	to_state(0, &caller, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(10, &caller, SYN, 100, 0);
	sends(1000010, &caller, SYN, 100, 0);
	sends(3000010, &caller, SYN, 100, 0);
	to_state(7000000, &caller, S(SYN_SENT), S(CLOSE), C(TIMEOUT), 7000000);
	CHECK_STR(scene_charts(),
		  "192.0.2.7:51000 -> 198.51.100.9:443, 00:00:01.000000, 7000.000 ms\n"
		  "  left  wget[900], uid 33, cookie 21 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "1000.010               |---- SYN seq 0 win 65495, retransmission 1 ------------------->|\n"
		  "                       |   = seq 100                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000001000 ecr 0,wscale 7           |\n"
		  "3000.010               |---- SYN seq 0 win 65495, retransmission 2 ------------------->|\n"
		  "                       |   = seq 100                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000003000 ecr 0,wscale 7           |\n"
		  "7000.000   CLOSE       * (timeout) 7000.000 ms in SYN_SENT                             |\n"
		  "\n");
}

static void closed_port(void)
{
	struct tcps_event e;

	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	passes(10, &client, &server, SYN, 100, 0);
	e = scene_event(14, &server, TCPS_EVENT_RESET);
	e.cause = C(NO_SOCKET);
	scene_take(&e);
	passes(15, &server, &client, RST | ACK, 0, 101);
	to_state(20, &client, S(SYN_SENT), S(CLOSE), C(RST), 20);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.020 ms\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right no socket seen\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.014                  |                                        reset (no-socket) sent !\n"
		  "0.015                  |<--- RST,ACK ack 1 win 0 --------------------------------------|\n"
		  "                       |   = seq 0 ack 101, arrived 0.003 ms later                     |\n"
		  "0.020      CLOSE       * (rst) 0.020 ms in SYN_SENT                                    |\n"
		  "\n");
}

/* A scan from elsewhere: nobody here ever had a socket. */
static void closed_port_for_a_stranger(void)
{
	gets(0, &called, 0, SYN, 100, 0);
	sends(5, &called, RST | ACK, 0, 101);
	CHECK_STR(scene_charts(),
		  "198.51.100.9:33000 -> 192.0.2.7:443, 00:00:01.000000, 0.005 ms\n"
		  "  left  not seen: what left for it may not have arrived\n"
		  "  right no socket seen\n"
		  "0.000                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.005                  |<--- RST,ACK ack 1 win 0 --------------------------------------|\n"
		  "                       |   = seq 0 ack 101                                             |\n"
		  "\n");
}

static void crossing_syns(void)
{
	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(5, &client, SYN, 100, 0);
	to_state(7, &server, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(9, &server, SYN, 300, 0);
	gets(15, &server, 5, SYN, 100, 0);
	to_state(16, &server, S(SYN_SENT), S(SYN_RECV), C(SYN), 9);
	sends(17, &server, SYN | ACK, 300, 101);
	gets(19, &client, 9, SYN, 300, 0);
	to_state(20, &client, S(SYN_SENT), S(SYN_RECV), C(SYN), 20);
	sends(21, &client, SYN | ACK, 100, 301);
	gets(27, &client, 17, SYN | ACK, 300, 101);
	to_state(28, &client, S(SYN_RECV), S(ESTABLISHED), C(ACK), 8);
	gets(31, &server, 21, SYN | ACK, 100, 301);
	to_state(32, &server, S(SYN_RECV), S(ESTABLISHED), C(ACK), 16);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.032 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.005                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.010 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.007                  |                                                     (connect) * SYN_SENT\n"
		  "0.009                  |<--- SYN seq 0 win 65495 --------------------------------------|\n"
		  "                       |   = seq 300, arrived 0.010 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.016                  |                                    (syn) 0.009 ms in SYN_SENT * SYN_RECV\n"
		  "0.017                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 300 ack 101, arrived 0.010 ms later                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.020      SYN_RECV    * (syn) 0.020 ms in SYN_SENT                                    |\n"
		  "0.021                  |---- SYN,ACK seq 0 ack 1 win 65495 --------------------------->|\n"
		  "                       |   = seq 100 ack 301, arrived 0.010 ms later                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.028      ESTABLISHED * (ack) 0.008 ms in SYN_RECV                                    |\n"
		  "0.032                  |                                    (ack) 0.016 ms in SYN_RECV * ESTABLISHED\n"
		  "\n");
}

static void syn_cookie(void)
{
	struct tcps_event e;

	gets(0, &called, 0, SYN, 500, 0);
	e = scene_event(1, &called, TCPS_EVENT_COOKIE);
	e.cookie = 3; /* the listener's */
	e.cause = C(COOKIE_SENT);
	scene_take(&e);
	sends(3, &called, SYN | ACK, 900, 501);
	to_state(9000, &called, S(CLOSE), S(ESTABLISHED), C(COOKIE), 0);
	CHECK_STR(scene_charts(),
		  "198.51.100.9:33000 -> 192.0.2.7:443, 00:00:01.000000, 9.000 ms, still open\n"
		  "  left  not seen: what left for it may not have arrived\n"
		  "  right nginx[812], uid 33, cookie 22 life 1\n"
		  "0.000                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 500                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.001                  |                                          cookie (cookie-sent) !\n"
		  "0.003                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 900 ack 501                                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "9.000                  |                                                      (cookie) * ESTABLISHED\n"
		  "\n");
}

static void refused_by_a_full_queue(void)
{
	struct tcps_event e;

	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	passes(10, &client, &server, SYN, 100, 0);
	e = scene_event(14, &server, TCPS_EVENT_SYN_DROP);
	e.cause = C(ACCEPT_QUEUE_FULL);
	e.refusal.acceptq = 129;
	e.refusal.acceptq_max = 128;
	e.refusal.synq = 1;
	e.refusal.synq_max = 128;
	scene_take(&e);
	passes(1000010, &client, &server, SYN, 100, 0);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 1000.013 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right no socket seen\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.014                  |                       syn-drop (accept-queue-full) 129 of 128 !\n"
		  "1000.010               |---- SYN seq 0 win 65495, retransmission 1 ------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000001000 ecr 0,wscale 7           |\n"
		  "\n");
}

int main(void)
{
	static const struct test tests[] = {
		TEST(both_ends),
		TEST(our_end_only),
		TEST(served_end_only),
		TEST(lost_on_the_way),
		TEST(never_answered),
		TEST(closed_port),
		TEST(closed_port_for_a_stranger),
		TEST(crossing_syns),
		TEST(syn_cookie),
		TEST(refused_by_a_full_queue),
	};

	setenv("TZ", "UTC", 1);
	return run_tests(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence charts of other than the usual: ends, times, numbers, owners, losses,
 * and what is not seen. The whole chart, byte by byte.
 */
#include "scene.h"

/* close() with data that nobody read: CLOSE first, then the RST. */
static void reset_by_close(void)
{
	handshake(0, &client, &server, 100, 200);
	to_state(500, &server, S(ESTABLISHED), S(CLOSE), C(UNREAD_DATA), 470);
	passes(502, &server, &client, RST | ACK, 201, 180);
	to_state(510, &client, S(ESTABLISHED), S(CLOSE), C(RST), 485);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.510 ms\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.015                  |                                                         (syn) * SYN_RECV\n"
		  "0.020                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 200 ack 101, arrived 0.003 ms later                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.025      ESTABLISHED * (syn-ack) 0.025 ms in SYN_SENT                                |\n"
		  "0.030                  |                                    (ack) 0.015 ms in SYN_RECV * ESTABLISHED\n"
		  "0.500                  |                         (unread-data) 0.470 ms in ESTABLISHED * CLOSE\n"
		  "0.502                  |<--- RST,ACK seq 1 ack 80 win 0 -------------------------------|\n"
		  "                       |   = seq 201 ack 180, arrived 0.003 ms later                   |\n"
		  "0.510      CLOSE       * (rst) 0.485 ms in ESTABLISHED                                 |\n"
		  "\n");
}

static void crossing_fins(void)
{
	handshake(0, &client, &server, 100, 200);
	to_state(100, &client, S(ESTABLISHED), S(FIN_WAIT1), C(CLOSE), 75);
	sends(101, &client, FIN | ACK, 101, 201);
	to_state(102, &server, S(ESTABLISHED), S(FIN_WAIT1), C(CLOSE), 72);
	sends(103, &server, FIN | ACK, 201, 101);
	gets(111, &server, 101, FIN | ACK, 101, 201);
	to_state(112, &server, S(FIN_WAIT1), S(CLOSING), C(FIN), 10);
	gets(113, &client, 103, FIN | ACK, 201, 101);
	to_state(114, &client, S(FIN_WAIT1), S(CLOSING), C(FIN), 14);
	to_state(120, &server, S(CLOSING), S(TIME_WAIT), C(ACK), 8);
	to_state(121, &client, S(CLOSING), S(TIME_WAIT), C(ACK), 7);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.121 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.015                  |                                                         (syn) * SYN_RECV\n"
		  "0.020                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 200 ack 101, arrived 0.003 ms later                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.025      ESTABLISHED * (syn-ack) 0.025 ms in SYN_SENT                                |\n"
		  "0.030                  |                                    (ack) 0.015 ms in SYN_RECV * ESTABLISHED\n"
		  "0.100      FIN_WAIT1   * (close) 0.075 ms in ESTABLISHED                               |\n"
		  "0.101                  |---- FIN,ACK seq 1 ack 1 win 65495 --------------------------->|\n"
		  "                       |   = seq 101 ack 201, arrived 0.010 ms later                   |\n"
		  "                       |   TS val 3000000000 ecr 3000000000                            |\n"
		  "0.102                  |                               (close) 0.072 ms in ESTABLISHED * FIN_WAIT1\n"
		  "0.103                  |<--- FIN,ACK seq 1 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 201 ack 101, arrived 0.010 ms later                   |\n"
		  "                       |   TS val 3000000000 ecr 3000000000                            |\n"
		  "0.112                  |                                   (fin) 0.010 ms in FIN_WAIT1 * CLOSING\n"
		  "0.114      CLOSING     * (fin) 0.014 ms in FIN_WAIT1                                   |\n"
		  "0.120                  |                                     (ack) 0.008 ms in CLOSING * TIME_WAIT\n"
		  "0.121      TIME_WAIT   * (ack) 0.007 ms in CLOSING                                     |\n"
		  "\n");
}

static void older_than_the_stream(void)
{
	close_both(0, &client, &server, 3735928559U, 48879);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -- 127.0.0.1:8080, 00:00:01.000000, 0.057 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "  the SYN of left was not seen: its sequence numbers are absolute\n"
		  "  the SYN of right was not seen: its sequence numbers are absolute\n"
		  "0.000      FIN_WAIT1   * (close) 1.500 ms in ESTABLISHED                               |\n"
		  "0.002                  |---- FIN,ACK win 65495 --------------------------------------->|\n"
		  "                       |   = seq 3735928639 ack 49880, arrived 0.003 ms later          |\n"
		  "                       |   TS val 3000000000 ecr 3000000000                            |\n"
		  "0.006                  |                                 (fin) 1.501 ms in ESTABLISHED * CLOSE_WAIT\n"
		  "0.008      FIN_WAIT2   * (ack) 0.008 ms in FIN_WAIT1                                   |\n"
		  "0.050                  |                                (close) 0.044 ms in CLOSE_WAIT * LAST_ACK\n"
		  "0.051                  |<--- FIN,ACK win 65495 ----------------------------------------|\n"
		  "                       |   = seq 49880 ack 3735928640, arrived 0.003 ms later          |\n"
		  "                       |   TS val 3000000000 ecr 3000000000                            |\n"
		  "0.055      TIME_WAIT   * (fin) 0.047 ms in FIN_WAIT2                                   |\n"
		  "0.057                  |                                    (ack) 0.007 ms in LAST_ACK * CLOSE\n"
		  "\n");
}

/* Older, and nobody told how long it was in the state it was found in. */
static void older_than_the_module(void)
{
	struct actor found = caller;

	found.comm = NULL;
	to_state(0, &found, S(ESTABLISHED), S(CLOSE), C(KEEPALIVE), 0);
	CHECK_STR(scene_charts(),
		  "192.0.2.7:51000 -- 198.51.100.9:443, 00:00:01.000000, 0.000 ms\n"
		  "  left  owner unknown, uid 33, cookie 21 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "  no segment of it was recorded\n"
		  "0.000      CLOSE       * (keepalive) from ESTABLISHED                                  |\n"
		  "\n");
}

static void sequence_wraps(void)
{
	handshake(0, &client, &server, 4294967290U, 4294967295U);
	close_both(1525, &client, &server, 4294967290U, 4294967295U);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 1.582 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right nginx[812], uid 33, cookie 15 life 1\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 4294967290, arrived 0.003 ms later                    |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.015                  |                                                         (syn) * SYN_RECV\n"
		  "0.020                  |<--- SYN,ACK seq 0 ack 1 win 65495 ----------------------------|\n"
		  "                       |   = seq 4294967295 ack 4294967291, arrived 0.003 ms later     |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.025      ESTABLISHED * (syn-ack) 0.025 ms in SYN_SENT                                |\n"
		  "0.030                  |                                    (ack) 0.015 ms in SYN_RECV * ESTABLISHED\n"
		  "1.525      FIN_WAIT1   * (close) 1.500 ms in ESTABLISHED                               |\n"
		  "1.527                  |---- FIN,ACK seq 80 ack 1001 win 65495 ----------------------->|\n"
		  "                       |   = seq 74 ack 1000, arrived 0.003 ms later                   |\n"
		  "                       |   TS val 3000000001 ecr 3000000000                            |\n"
		  "1.531                  |                                 (fin) 1.501 ms in ESTABLISHED * CLOSE_WAIT\n"
		  "1.533      FIN_WAIT2   * (ack) 0.008 ms in FIN_WAIT1                                   |\n"
		  "1.575                  |                                (close) 0.044 ms in CLOSE_WAIT * LAST_ACK\n"
		  "1.576                  |<--- FIN,ACK seq 1001 ack 81 win 65495 ------------------------|\n"
		  "                       |   = seq 1000 ack 75, arrived 0.003 ms later                   |\n"
		  "                       |   TS val 3000000001 ecr 3000000000                            |\n"
		  "1.580      TIME_WAIT   * (fin) 0.047 ms in FIN_WAIT2                                   |\n"
		  "1.582                  |                                    (ack) 0.007 ms in LAST_ACK * CLOSE\n"
		  "\n");
}

static void ipv6(void)
{
	struct actor a = {
		6, "2001:db8:1234:5678:9abc:def0:1234:5678", 40112,
		"2001:db8:8765:4321:fedc:ba98:7654:3210", 8080, 51, 1, 5, "a",
	};

	to_state(0, &a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(5, &a, SYN, 100, 0);
	CHECK_STR(scene_charts(),
		  "[2001:db8:1234:5678:9abc:def0:1234:5678]:40112 -> [2001:db8:8765:4321:fedc:ba98:7654:3210]:8080, 00:00:01.000000, 0.005 ms, still open\n"
		  "  left  a[5], uid 33, cookie 51 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.005                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100                                                   |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "\n");
}

static void strange_owners(void)
{
	struct actor a = caller;

	a.comm = "a\n\033[2J\xff|";
	a.pid = 0;
	to_state(0, &a, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	CHECK_STR(scene_charts(),
		  "192.0.2.7:51000 -> 198.51.100.9:443, 00:00:01.000000, 0.000 ms, still open\n"
		  "  left  a\\012\\033[2J[-], uid 33, cookie 21 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "  no segment of it was recorded\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "\n");
}

/* The listener's until somebody accepts. */
static void who_accepts_owns(void)
{
	struct tcps_event e =
		scene_event(0, &called, TCPS_EVENT_STATE);

	e.flags = TCPS_F_OWNER | TCPS_F_OWNER_LISTENER;
	e.pid = 1;
	strcpy(e.comm, "listener");
	e.old_state = S(CLOSE);
	e.new_state = S(SYN_RECV);
	e.cookie = 22;
	e.life = 1;
	scene_take(&e);
	CHECK(strstr(scene_charts(),
		     "  right listener[1] (the listener's: not accepted), "));
	scene_new();
	scene_take(&e);
	to_state(1, &called, S(SYN_RECV), S(ESTABLISHED), C(ACK), 1);
	e.mono_ns += 2000;
	e.old_state = S(ESTABLISHED);
	e.new_state = S(CLOSE_WAIT);
	scene_take(&e);
	CHECK(strstr(scene_charts(), "  right nginx[812], uid "));
}

static void losses(void)
{
	struct tcps_event lost = { .kind = TCPS_EVENT_LOST,
				   .mono_ns = 1000005000 };

	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	scene_take(&lost);
	scene_take(&lost);
	to_state(25, &client, S(SYN_SENT), S(ESTABLISHED), C(SYN_ACK), 25);
	lost.mono_ns += 25000;
	scene_take(&lost);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.025 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "  no segment of it was recorded\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.005                  : records were lost: something may be missing                   :\n"
		  "0.025      ESTABLISHED * (syn-ack) 0.025 ms in SYN_SENT                                |\n"
		  "0.030                  : records were lost: something may be missing                   :\n"
		  "\n");
}

/* What is lost after the end does not matter. */
static void lost_afterwards(void)
{
	struct tcps_event lost = { .kind = TCPS_EVENT_LOST,
				   .mono_ns = 1000005000 };

	to_state(0, &caller, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	to_state(1, &caller, S(SYN_SENT), S(CLOSE), C(CLOSE), 0);
	scene_take(&lost);
	CHECK_EQ(count(scene_charts(), "wget"), 1);
	CHECK_EQ(count(scene_text, "lost"), 0);
}

/* A slow path: sent again, and then both come. Their time stamps tell. */
static void slow_path(void)
{
	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(10, &client, SYN, 100, 0);
	sends(1000010, &client, SYN, 100, 0);
	gets(1200010, &server, 10, SYN, 100, 0);
	gets(1200015, &server, 1000010, SYN, 100, 0);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 1200.015 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right no socket seen\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 1200.000 ms later                        |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "1000.010               |---- SYN seq 0 win 65495, retransmission 1 ------------------->|\n"
		  "                       |   = seq 100, arrived 200.005 ms later                         |\n"
		  "                       |   mss 65495,sackOK,TS val 3000001000 ecr 0,wscale 7           |\n"
		  "\n");
}

/* The FIN is the same one, though data before it is sent again with it. */
static void fin_sent_again(void)
{
	struct tcps_event e;

	to_state(0, &caller, S(ESTABLISHED), S(FIN_WAIT1), C(CLOSE), 9);
	sends(1, &caller, FIN | ACK, 600, 900);
	e = scene_segment(200000, &caller, FIN | ACK, 500, 900);
	e.segment.len = 100;
	scene_take(&e);
	CHECK_STR(scene_charts(),
		  "192.0.2.7:51000 -- 198.51.100.9:443, 00:00:01.000000, 200.000 ms, still open\n"
		  "  left  wget[900], uid 33, cookie 21 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "  the SYN of left was not seen: its sequence numbers are absolute\n"
		  "0.000      FIN_WAIT1   * (close) 0.009 ms in ESTABLISHED                               |\n"
		  "0.001                  |---- FIN,ACK win 65495 --------------------------------------->|\n"
		  "                       |   = seq 600 ack 900                                           |\n"
		  "                       |   TS val 3000000000 ecr 3000000000                            |\n"
		  "200.000                |---- FIN,ACK win 65495 len 100, retransmission 1 ------------->|\n"
		  "                       |   = seq 500 ack 900                                           |\n"
		  "                       |   TS val 3000000200 ecr 3000000000                            |\n"
		  "\n");
}

/* Old streams have none, and retransmissions are told by events. */
static void without_segments(void)
{
	struct tcps_event e;

	to_state(0, &caller, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	e = scene_event(1000010, &caller, TCPS_EVENT_SYN_RETRANSMIT);
	e.cause = C(TIMER);
	e.retransmit.attempt = 1;
	scene_take(&e);
	e = scene_event(1000500, &caller, TCPS_EVENT_RESET);
	e.cause = C(RST);
	e.flags = TCPS_F_INCOMING;
	scene_take(&e);
	to_state(1000501, &caller, S(SYN_SENT), S(CLOSE), C(RST), 1000501);
	CHECK_STR(scene_charts(),
		  "192.0.2.7:51000 -> 198.51.100.9:443, 00:00:01.000000, 1000.501 ms\n"
		  "  left  wget[900], uid 33, cookie 21 life 1\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "  no segment of it was recorded\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "1000.010               ! syn-retransmit (timer) attempt 1                              |\n"
		  "1000.500               ! reset (rst) received                                          |\n"
		  "1000.501   CLOSE       * (rst) 1000.501 ms in SYN_SENT                                 |\n"
		  "\n");
}

/* Every option, at its longest. */
static void longest_segment(void)
{
	struct tcps_event e = scene_segment(0, &client, 0xff, 4294967295U,
					    4294967295U);

	sends(0, &client, SYN, 0, 0);
	gets(0, &client, 0, SYN | ACK, 0, 0);
	e.segment.window = 65535;
	e.segment.len = 65535;
	e.segment.mss = 65535;
	e.segment.wscale = 255;
	e.segment.tsval = 4294967295U;
	e.segment.tsecr = 4294967295U;
	e.segment.has_mss = true;
	e.segment.has_sack_perm = true;
	e.segment.has_wscale = true;
	e.segment.has_timestamp = true;
	scene_take(&e);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.000 ms\n"
		  "  left  no socket seen\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "0.000                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 0                                                     |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.000                  |<--- SYN,ACK seq 0 ack 0 win 65495 ----------------------------|\n"
		  "                       |   = seq 0 ack 0                                               |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 3000000000,wscale 7  |\n"
		  "0.000                  |---- FIN,SYN,RST,PSH,ACK,URG,ECE,CWR seq 4294967295 ---------->|\n"
		  "                       |   ack 4294967295 win 65535 len 65535                          |\n"
		  "                       |   = seq 4294967295 ack 4294967295                             |\n"
		  "                       |   mss 65535,sackOK,TS val 4294967295 ecr 4294967295,          |\n"
		  "                       |   wscale 255                                                  |\n"
		  "\n");
}

/* A network that doubles: nobody sent the second one. */
static void doubled(void)
{
	to_state(0, &client, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	passes(5, &client, &server, SYN, 100, 0);
	gets(9, &server, 5, SYN, 100, 0);
	CHECK_STR(scene_charts(),
		  "127.0.0.1:40112 -> 127.0.0.1:8080, 00:00:01.000000, 0.009 ms, still open\n"
		  "  left  curl[158], uid 33, cookie 12 life 1\n"
		  "  right no socket seen\n"
		  "0.000      SYN_SENT    * (connect)                                                     |\n"
		  "0.005                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, arrived 0.003 ms later                           |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "0.009                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                       |   = seq 100, not seen to leave                                |\n"
		  "                       |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "\n");
}

static void time_columns(void)
{
	to_state(0, &caller, S(CLOSE), S(SYN_SENT), C(CONNECT), 0);
	sends(10, &caller, SYN, 100, 0);
	scene_format.wall_clock = true;
	scene_format.seconds = true;
	scene_format.wide = true;
	scene_line(format_ladder_header(&scene_format, scene_end));
	CHECK_STR(scene_charts(),
		  "TIME                       TIME(s)      AT(ms)     LEFT                                                                         RIGHT\n"
		  "192.0.2.7:51000 -> 198.51.100.9:443, 1970-01-01 00:00:01.000000, 0.010 ms, still open\n"
		  "  left  wget[900], uid 33, cookie 21 life 1, netns 4026531841\n"
		  "  right not seen: what left for it may not have arrived\n"
		  "1970-01-01 00:00:01.000000 0.000000     0.000      SYN_SENT    * (connect)                                                     |\n"
		  "1970-01-01 00:00:01.000010 0.000010     0.010                  |---- SYN seq 0 win 65495 ------------------------------------->|\n"
		  "                                                               |   = seq 100                                                   |\n"
		  "                                                               |   mss 65495,sackOK,TS val 3000000000 ecr 0,wscale 7           |\n"
		  "\n");
	scene_new();
	scene_line(format_ladder_header(&scene_format, scene_end));
	CHECK_STR(scene_charts(),
		  "AT(ms)     LEFT                                                                         RIGHT\n");
}

int main(void)
{
	static const struct test tests[] = {
		TEST(reset_by_close),
		TEST(crossing_fins),
		TEST(older_than_the_stream),
		TEST(older_than_the_module),
		TEST(sequence_wraps),
		TEST(ipv6),
		TEST(strange_owners),
		TEST(who_accepts_owns),
		TEST(losses),
		TEST(lost_afterwards),
		TEST(slow_path),
		TEST(fin_sent_again),
		TEST(without_segments),
		TEST(longest_segment),
		TEST(doubled),
		TEST(time_columns),
	};

	setenv("TZ", "UTC", 1);
	return run_tests(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Names both ways: every number has one, each leads back, every spelling that
 * other tools use is understood, and nothing lies beyond the tables.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>

#include <tcpstate.h>

#include "test.h"

static void both_ways(const char *(*name)(unsigned int),
		      int (*number)(const char *), unsigned int first,
		      unsigned int count)
{
	char other[64];
	unsigned int i, j;
	const char *text;

	for (i = first; i < count; i++) {
		text = name(i);
		if (!text) {
			FAIL("%u has no name", i);
			continue;
		}
		CHECK_EQ(number(text), i);
		for (j = 0; text[j]; j++)
			other[j] = islower((unsigned char)text[j]) ?
					   toupper((unsigned char)text[j]) :
					   tolower((unsigned char)text[j]);
		other[j] = '\0';
		CHECK_EQ(number(other), i);
		/* Nearly right is wrong. */
		other[j] = 'x';
		other[j + 1] = '\0';
		CHECK_EQ(number(other), -ENOENT);
		other[j - 1] = '\0';
		CHECK(number(other) != (int)i);
	}
	if (first)
		CHECK(!name(0));
	CHECK(!name(count));
	CHECK(!name(255));
	CHECK(!name(UINT_MAX));
	CHECK_EQ(number(""), -ENOENT);
	CHECK_EQ(number("-"), -ENOENT);
	CHECK_EQ(number(" "), -ENOENT);
	CHECK_EQ(number("nonsense"), -ENOENT);
}

static void states(void)
{
	both_ways(tcpstate_state_name, tcpstate_state_number, 1,
		  TCPS_STATE_COUNT);
}

static void kinds(void)
{
	both_ways(tcpstate_kind_name, tcpstate_kind_number, 1,
		  TCPS_EVENT_COUNT);
}

static void causes(void)
{
	both_ways(tcpstate_cause_name, tcpstate_cause_number, 0,
		  TCPS_CAUSE_COUNT);
}

static void carriers(void)
{
	both_ways(tcpstate_carrier_name, tcpstate_carrier_number, 0,
		  TCPS_CARRIER_COUNT);
}

static void flags(void)
{
	unsigned int bit;

	for (bit = 0; bit < 14; bit++)
		CHECK(tcpstate_flag_name(bit));
	CHECK(!tcpstate_flag_name(14));
	CHECK(!tcpstate_flag_name(UINT_MAX));
	CHECK_STR(tcpstate_flag_name(4), "dwell");
	CHECK_STR(tcpstate_flag_name(8), "mptcp");
}

static void names_as_written_down(void)
{
	CHECK_STR(tcpstate_state_name(TCPS_FIN_WAIT1), "FIN_WAIT1");
	CHECK_STR(tcpstate_kind_name(TCPS_EVENT_SYNACK_RETRANSMIT),
		  "synack-retransmit");
	CHECK_STR(tcpstate_cause_name(TCPS_CAUSE_FIN_ACK), "fin+ack");
	CHECK_STR(tcpstate_cause_name(TCPS_CAUSE_NO_SOCKET), "no-socket");
	CHECK_STR(tcpstate_cause_name(TCPS_CAUSE_AUTH), "auth");
	CHECK_STR(tcpstate_carrier_name(TCPS_CARRIER_TIMEWAIT), "timewait");
}

static void spellings_of_other_tools(void)
{
	static const struct {
		const char *name;
		int state;
	} table[] = {
		{ "TCP_ESTABLISHED", TCPS_ESTABLISHED },
		{ "tcp_fin_wait1", TCPS_FIN_WAIT1 },
		{ "TCP_FIN_WAIT2", TCPS_FIN_WAIT2 },
		{ "ESTAB", TCPS_ESTABLISHED },
		{ "estab", TCPS_ESTABLISHED },
		{ "FIN-WAIT-1", TCPS_FIN_WAIT1 },
		{ "fin-wait-2", TCPS_FIN_WAIT2 },
		{ "fin_wait_1", TCPS_FIN_WAIT1 },
		{ "time-wait", TCPS_TIME_WAIT },
		{ "TIME_WAIT", TCPS_TIME_WAIT },
		{ "syn-sent", TCPS_SYN_SENT },
		{ "syn-recv", TCPS_SYN_RECV },
		{ "UNCONN", TCPS_CLOSE },
		{ "closed", TCPS_CLOSE },
		{ "close-wait", TCPS_CLOSE_WAIT },
		{ "last-ack", TCPS_LAST_ACK },
		{ "listening", TCPS_LISTEN },
		{ "closing", TCPS_CLOSING },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		CHECK_EQ(tcpstate_state_number(table[i].name), table[i].state);
	CHECK_EQ(tcpstate_state_number("TCP_"), -ENOENT);
	CHECK_EQ(tcpstate_state_number("FIN_WAIT"), -ENOENT);
	CHECK_EQ(tcpstate_state_number("NEW_SYN_RECV"), -ENOENT);
	CHECK_EQ(tcpstate_kind_number("SYN_DROP"), TCPS_EVENT_SYN_DROP);
}

static void errors_have_words(void)
{
	static const int errors[] = { -ENOENT, -ENXIO,	-ENODEV, -EACCES,
				      -EPERM,  -EBUSY,	-EPROTO, -ENOTTY,
				      -EIO,    -EBADMSG };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++)
		CHECK(strchr(tcpstate_strerror(errors[i]), ':'));
	CHECK(strstr(tcpstate_strerror(-ENOENT), "insmod tcpstate.ko"));
	CHECK_STR(tcpstate_strerror(-ENOMEM), strerror(ENOMEM));
	CHECK(tcpstate_strerror(INT_MAX));
}

int main(void)
{
	static const struct test tests[] = {
		TEST(states),
		TEST(kinds),
		TEST(causes),
		TEST(carriers),
		TEST(flags),
		TEST(names_as_written_down),
		TEST(spellings_of_other_tools),
		TEST(errors_have_words),
	};

	return run_tests(tests, ARRAY_SIZE(tests));
}

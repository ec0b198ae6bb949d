// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * Connections that the module did not see from their beginning, because they
 * are older than it or because it was switched off: what is told of them is
 * right as far as it goes, and nothing is made up.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>

#include "device.h"
#include "diag.h"
#include "stage.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

FIXTURE(older)
{
	int fd, l, c, s;
	unsigned int port;
	struct records rec;
};

FIXTURE_SETUP(older)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	self->fd = -1;
	self->l = traffic_listen(KIND_V4, &self->port);
	ASSERT_LE(0, self->l);
	self->c = -1;
	self->s = -1;
}

FIXTURE_TEARDOWN(older)
{
	records_free(&self->rec);
	close(self->fd);
	close(self->c);
	close(self->s);
	close(self->l);
	if (module_reload(""))
		printf("# the module could not be loaded again\n");
}

/* Client and, if wanted, its accepted server. */
static bool open_pair(struct _test_data_older *o, bool accepted)
{
	o->c = tcp_connect_to(KIND_V4, "127.0.0.1", o->port);
	if (accepted)
		o->s = accept(o->l, NULL, NULL);
	return o->c >= 0 && (!accepted || o->s >= 0);
}

static bool open_reader(struct _test_data_older *o)
{
	o->fd = device_open(O_NONBLOCK);
	return o->fd >= 0;
}

/* The record of @sk entering @state, waited for. */
static struct tcpstate_record entered(struct records *r, int fd, __u64 cookie, unsigned int state)
{
	struct tcpstate_record none = { 0 };
	__u64 until = deadline(5);

	do {
		records_read(r, fd);
		for (size_t i = 0; i < r->count; i++)
			if (r->rec[i].type == TCPSTATE_EVENT_STATE &&
			    r->rec[i].cookie == cookie && r->rec[i].new_state == state)
				return r->rec[i];
	} while (again(until));
	printf("# no record of %s\n", state_name(state));
	return none;
}

/* No gauge of this namespace is below 0. */
static bool gauges_legal(void)
{
	bool legal = true;
	char name[64];

	for (unsigned int i = 1; i < TCPSTATE_STATE_COUNT; i++) {
		long long now;

		if (i == TCPSTATE_CLOSE || i == TCPSTATE_TIME_WAIT)
			continue;
		snprintf(name, sizeof(name), "state_%s_now", state_name(i));
		now = counter(name);
		if (now >= 0)
			continue;
		printf("# %s %lld\n", name, now);
		legal = false;
	}
	return legal;
}

#define EXPECT_CAUSE(name, rec) EXPECT_STREQ(name, cause_name((rec).cause))
#define EXPECT_PREEXISTING(rec) \
	EXPECT_EQ(TCPSTATE_F_PREEXISTING, (rec).flags & TCPSTATE_F_PREEXISTING)

TEST_F(older, shutdown_comes_first)
{
	struct tcpstate_record rec;

	ASSERT_TRUE(open_pair(self, true));
	ASSERT_EQ(0, module_reload(""));
	ASSERT_TRUE(open_reader(self));
	shutdown(self->c, SHUT_WR);
	rec = entered(&self->rec, self->fd, tcp_cookie(self->c), TCPSTATE_FIN_WAIT1);
	EXPECT_CAUSE("shutdown", rec);
	EXPECT_PREEXISTING(rec);
	ASSERT_TRUE(tcp_wait_state(self->s, TCPSTATE_CLOSE_WAIT));
	shutdown(self->s, SHUT_WR);
	rec = entered(&self->rec, self->fd, tcp_cookie(self->s), TCPSTATE_LAST_ACK);
	EXPECT_CAUSE("shutdown", rec);
	EXPECT_PREEXISTING(rec);
	EXPECT_TRUE(gauges_legal());
}

TEST_F(older, shutdown_after_the_switch)
{
	struct tcpstate_record rec;

	ASSERT_TRUE(module_enable(false));
	ASSERT_TRUE(open_pair(self, true));
	ASSERT_TRUE(module_enable(true));
	ASSERT_TRUE(open_reader(self));
	shutdown(self->c, SHUT_WR);
	rec = entered(&self->rec, self->fd, tcp_cookie(self->c), TCPSTATE_FIN_WAIT1);
	EXPECT_CAUSE("shutdown", rec);
	EXPECT_PREEXISTING(rec);
	EXPECT_TRUE(gauges_legal());
}

/* The first life was seen, the beginning of the second was not. */
TEST_F(older, next_life_after_the_switch)
{
	union addr to = addr_make(KIND_V4, "127.0.0.1", self->port);
	struct tcpstate_record first, rec;
	__u64 cookie;

	ASSERT_TRUE(open_reader(self));
	ASSERT_TRUE(open_pair(self, true));
	cookie = tcp_cookie(self->c);
	first = entered(&self->rec, self->fd, cookie, TCPSTATE_ESTABLISHED);
	EXPECT_EQ(1, first.life);
	tcp_disconnect(self->c);
	ASSERT_TRUE(tcp_wait_state(self->s, TCPSTATE_CLOSE));
	close(self->s);
	ASSERT_TRUE(module_enable(false));
	ASSERT_EQ(0, connect(self->c, &to.any, addr_len(&to)));
	self->s = accept(self->l, NULL, NULL);
	ASSERT_LE(0, self->s);
	ASSERT_TRUE(module_enable(true));
	shutdown(self->c, SHUT_WR);
	rec = entered(&self->rec, self->fd, cookie, TCPSTATE_FIN_WAIT1);
	EXPECT_CAUSE("shutdown", rec);
	EXPECT_PREEXISTING(rec);
	EXPECT_LT(first.life, rec.life);
	EXPECT_EQ(1, rec.state.life_seq);
	EXPECT_EQ(0, rec.flags & TCPSTATE_F_DWELL);
	EXPECT_TRUE(gauges_legal());
	EXPECT_LE(1, counter("state_ESTABLISHED_preexisting"));
}

/* The life that the table has of a cookie; 0 if none. */
static unsigned int life_of(__u64 cookie)
{
	FILE *f = fopen("/proc/net/tcpstate/connections", "re");
	unsigned long long is;
	unsigned int life = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llu %u", &is, &life) == 2 && is == cookie)
			break;
		life = 0;
	}
	if (f)
		fclose(f);
	return life;
}

static bool time_waits_are(unsigned int count)
{
	struct diag_count ss;
	__u64 until = deadline(5);
	bool read;

	do
		read = diag_count(&ss);
	while (read && ss.n[TCPSTATE_TIME_WAIT] != count && again(until));
	return read && ss.n[TCPSTATE_TIME_WAIT] == count;
}

/*
 * Its sock was there before, its timewait sock is there after: what is told of the
 * one has not the number of the other.
 */
TEST_F(older, time_wait_after_the_switch)
{
	struct tcpstate_record first;
	__u64 cookie;

	ASSERT_TRUE(open_reader(self));
	ASSERT_TRUE(open_pair(self, true));
	cookie = tcp_cookie(self->c);
	first = entered(&self->rec, self->fd, cookie, TCPSTATE_ESTABLISHED);
	EXPECT_EQ(first.life, life_of(cookie));
	ASSERT_TRUE(module_enable(false));
	close(self->c);
	self->c = -1;
	ASSERT_TRUE(tcp_wait_state(self->s, TCPSTATE_CLOSE_WAIT));
	close(self->s);
	self->s = -1;
	ASSERT_TRUE(time_waits_are(1));
	ASSERT_TRUE(module_enable(true));
	EXPECT_LT(first.life, life_of(cookie));
	EXPECT_EQ(1, counter("state_TIME_WAIT_now"));
}

TEST_F(older, owner_by_accept)
{
	struct tcpstate_record rec;

	ASSERT_TRUE(open_pair(self, false));
	ASSERT_EQ(0, module_reload(""));
	ASSERT_TRUE(open_reader(self));
	self->s = accept(self->l, NULL, NULL);
	ASSERT_LE(0, self->s);
	shutdown(self->s, SHUT_WR);
	rec = entered(&self->rec, self->fd, tcp_cookie(self->s), TCPSTATE_FIN_WAIT1);
	EXPECT_PREEXISTING(rec);
	EXPECT_EQ(TCPSTATE_F_OWNER, rec.flags & TCPSTATE_F_OWNER);
	EXPECT_EQ(getpid(), rec.tgid);
	EXPECT_TRUE(gauges_legal());
}

FIXTURE(half_open)
{
	struct stage st;
	int fd, c, s;
	struct records rec;
	__u64 cookie;
};

FIXTURE_SETUP(half_open)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(wire_up(&self->st.w));
	self->st.kind = KIND_V4;
	ASSERT_TRUE(stage_fast_open(&self->st, &self->c, &self->s, "", ""));
	self->cookie = tcp_cookie(self->s);
	ASSERT_EQ(0, module_reload(""));
	wire_go(&self->st.w, SIDE_B);
	self->fd = device_open(O_NONBLOCK);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(half_open)
{
	records_free(&self->rec);
	close(self->fd);
	wire_down(&self->st.w);
	if (module_reload(""))
		printf("# the module could not be loaded again\n");
}

/* One record out of SYN_RECV, none into it, and books that say so. */
static bool only_left(struct records *r, int fd, __u64 cookie, unsigned int to)
{
	struct tcpstate_record rec = entered(r, fd, cookie, to);
	struct matrix m;

	for (size_t i = 0; i < r->count; i++)
		if (r->rec[i].type == TCPSTATE_EVENT_STATE &&
		    r->rec[i].new_state == TCPSTATE_SYN_RECV) {
			printf("# %s -> SYN_RECV was recorded\n",
			       state_name(r->rec[i].old_state));
			return false;
		}
	if (matrix_read(&m))
		return false;
	printf("# SYN_RECV preexisting %lld now %lld\n",
	       counter("state_SYN_RECV_preexisting"), counter("state_SYN_RECV_now"));
	return rec.old_state == TCPSTATE_SYN_RECV &&
	       (rec.flags & TCPSTATE_F_PREEXISTING) &&
	       !m.n[TCPSTATE_CLOSE][TCPSTATE_SYN_RECV] &&
	       counter("state_SYN_RECV_preexisting") == 1 &&
	       counter("state_SYN_RECV_now") == 0 && gauges_legal();
}

TEST_F(half_open, closed)
{
	close(self->s);
	EXPECT_TRUE(only_left(&self->rec, self->fd, self->cookie, TCPSTATE_FIN_WAIT1));
	tcp_abort(self->c);
}

TEST_F(half_open, aborted)
{
	tcp_abort(self->s);
	EXPECT_TRUE(only_left(&self->rec, self->fd, self->cookie, TCPSTATE_CLOSE));
	tcp_abort(self->c);
}

TEST_HARNESS_MAIN

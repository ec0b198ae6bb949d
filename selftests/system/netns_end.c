// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=120 */
/*
 * A network namespace goes away while connections are in the hands of timewait
 * socks. Whoever looks from the initial namespace is told how each of them
 * ends, the totals of the gone have them, and nothing is left of the namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "stage_test.h"

#define PATIENCE	2000
#define PAIRS		5

/**
 * struct view - what the initial namespace sees
 * @fd: a reader of all namespaces
 * @rec: what it gave
 * @entries: in the table of connections beforehand
 * @namespaces: that had gone beforehand
 * @transitions: of the gone beforehand
 * @records: of the gone beforehand
 */
struct view {
	int fd;
	struct records rec;
	long long entries;
	long long namespaces;
	long long transitions;
	long long records;
};

FIXTURE(netns_end)
{
	struct stage st;
	struct view view;
	int c[PAIRS], s[PAIRS];
};

FOR_EACH_KIND(netns_end);

/* Namespaces are counted as gone some time after they are. */
static bool at_rest(void)
{
	__u64 until = deadline(100);
	long long was, is = -1;

	do {
		was = is;
		is = counter("gone_netns");
		sleep(20);
	} while (is != was && again(until));
	return is == was;
}

FIXTURE_SETUP(netns_end)
{
	struct tcpstate_filter all = {
		.flags = TCPSTATE_FILTER_ALL_NETNS,
		.events = 1ULL << TCPSTATE_EVENT_STATE,
	};
	struct view *v = &self->view;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(at_rest());
	v->entries = counter("table_entries");
	v->namespaces = counter("gone_netns");
	v->transitions = counter("gone_transitions");
	v->records = counter("gone_records");
	v->fd = device_open_main(O_NONBLOCK);
	ASSERT_LE(0, v->fd);
	ASSERT_EQ(0, ioctl(v->fd, TCPSTATE_IOC_SET_FILTER, &all));
	ASSERT_TRUE(stage_up(&self->st, variant->kind));
}

FIXTURE_TEARDOWN(netns_end)
{
	close(self->view.fd);
	records_free(&self->view.rec);
}

/* The namespaces go, and the caller is at home. */
static bool leave(struct stage *st)
{
	for (int side = 0; side < 2; side++) {
		close(st->reader[side]);
		records_free(&st->rec[side]);
	}
	if (setns(st->home, CLONE_NEWNET))
		return false;
	close(st->home);
	wire_down(&st->w);
	return true;
}

/* Each connection was told as it should have been, and nothing else was. */
static int check_told(struct stage *st, const struct records *rec)
{
	int bad = 0;

	for (size_t i = 0; i < rec->count; i++) {
		unsigned int n = st->ends;

		while (n && !story_is_of(&st->end[n - 1].story, &rec->rec[i]))
			n--;
		bad += n ? story_take(&st->end[n - 1].story, &rec->rec[i]) :
			   story_stranger(&rec->rec[i]);
	}
	for (unsigned int i = 0; i < st->ends; i++)
		bad += story_check_end(&st->end[i].story);
	return bad;
}

static int differ(const char *name, long long before, long long should)
{
	long long grown = counter(name) - before;

	if (grown == should)
		return 0;
	printf("# %s grew by %lld, not by %lld\n", name, grown, should);
	return 1;
}

/* Waits until @namespaces are gone, and compares all that is known of them. */
static bool told_to_the_end(struct stage *st, struct view *v, unsigned int seconds)
{
	__u64 until = deadline(seconds);
	int bad;

	while (counter("gone_netns") < v->namespaces + 2 && again(until))
		;
	records_read(&v->rec, v->fd);
	bad = check_told(st, &v->rec);
	bad += differ("gone_netns", v->namespaces, 2);
	bad += differ("gone_transitions", v->transitions, v->rec.count);
	bad += differ("gone_records", v->records, v->rec.count);
	bad += differ("table_entries", v->entries, 0);
	return !bad;
}

#define ENDS	"CLOSE:netns-exit"

TEST_F_TIMEOUT(netns_end, full_of_timewait_socks, PATIENCE)
{
	struct stage *st = &self->st;

	/* Two that were closed one side after the other, one from each side. */
	ASSERT_TRUE(stage_join(st, &self->c[0], &self->s[0], ACTIVE_OPEN CLOSES ENDS,
			       PASSIVE_OPEN IS_CLOSED));
	close(self->c[0]);
	REACH(client, FIN_WAIT2);
	close(self->s[0]);
	REACH(client, TIME_WAIT);
	REACH(server, CLOSE);
	ASSERT_TRUE(stage_join(st, &self->c[1], &self->s[1], ACTIVE_OPEN IS_CLOSED,
			       PASSIVE_OPEN CLOSES ENDS));
	close(self->s[1]);
	REACH(server, FIN_WAIT2);
	close(self->c[1]);
	REACH(server, TIME_WAIT);
	REACH(client, CLOSE);
	/* One in TIME_WAIT on both sides. */
	ASSERT_TRUE(stage_join(st, &self->c[2], &self->s[2],
			       ACTIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack " ENDS,
			       PASSIVE_OPEN "FIN_WAIT1:close CLOSING:fin TIME_WAIT:ack " ENDS));
	WIRE(HOLD, HOLD);
	close(self->c[2]);
	close(self->s[2]);
	WIRE(CARRY, CARRY);
	REACH(client, TIME_WAIT);
	REACH(server, TIME_WAIT);
	/* One in FIN_WAIT2, whose other side ended unheard. */
	ASSERT_TRUE(stage_join(st, &self->c[3], &self->s[3],
			       ACTIVE_OPEN "FIN_WAIT1:close FIN_WAIT2:ack > " ENDS,
			       PASSIVE_OPEN "CLOSE_WAIT:fin CLOSE:linger0"));
	close(self->c[3]);
	REACH(client, FIN_WAIT2);
	WIRE(CARRY, DROP);
	tcp_abort(self->s[3]);
	wire_carry(&st->w);
	EXPECT_EQ(2, counter("state_TIME_WAIT_now"));
	EXPECT_EQ(1, counter("state_FIN_WAIT2_now"));
	ASSERT_TRUE(leave(st));
	EXPECT_TRUE(told_to_the_end(st, &self->view, 50));
}

/*
 * An orphan keeps its namespace: it goes on until its own end, and the
 * namespace goes after it.
 */
TEST_F_TIMEOUT(netns_end, with_an_orphan, PATIENCE)
{
	struct stage *st = &self->st;

	SYSCTL("tcp_orphan_retries", "8");
	ASSERT_TRUE(stage_join(st, &self->c[0], &self->s[0],
			       ACTIVE_OPEN "FIN_WAIT1:close CLOSE:timeout",
			       PASSIVE_OPEN "CLOSE:linger0"));
	WIRE(DROP, DROP);
	close(self->c[0]);
	tcp_abort(self->s[0]);
	wire_carry(&st->w);
	ASSERT_TRUE(leave(st));
	EXPECT_TRUE(told_to_the_end(st, &self->view, 1000));
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0
/* vm: clock=virtual timeout=300 */
/*
 * What the files of /proc/tcpstate show of owners and addresses: the same
 * process as the stream does, alive or not, in a form that no terminal obeys,
 * and of a link-local address its interface. Over IPv4, IPv6 and IPv4-mapped
 * addresses.
 */
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "cast.h"
#include "nic.h"
#include "util.h"

#include "harness.h"

/* What is in a name, and how it has to be written. */
#define LISTENS_AS	"\033]0;a b\007\\"
#define LISTENS_TOLD	"\\033]0;a\\040b\\007\\134"
#define CONNECTS_AS	"\302\233\377\n\tc"
#define CONNECTS_TOLD	"\\302\\233\\377\\012\\011c"

#define CONNECTIONS	"/proc/tcpstate/connections"
#define LISTENERS	"/proc/tcpstate/listeners"

/* Ann listens, Bob connects; Cid and Dee keep what is theirs. */
FIXTURE(shown)
{
	struct cast cast;
	struct actor ann, bob, cid, dee;
	__u64 listener, client;
};

FOR_EACH_KIND(shown);

FIXTURE_SETUP(shown)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ASSERT_TRUE(cast_up(&self->cast, variant->kind));
	ASSERT_TRUE(actor_start(&self->ann, LISTENS_AS));
	ASSERT_TRUE(actor_start(&self->bob, CONNECTS_AS));
	ASSERT_TRUE(actor_start(&self->cid, "cid"));
	ASSERT_TRUE(actor_start(&self->dee, "dee"));
	ASSERT_TRUE(actor_listen(&self->ann, variant->kind));
	ASSERT_TRUE(actor_connect(&self->bob, variant->kind, self->ann.port));
	self->listener = self->ann.cookie;
	self->client = self->bob.cookie;
}

FIXTURE_TEARDOWN(shown)
{
	actor_end(&self->dee, SIGKILL);
	actor_end(&self->cid, SIGKILL);
	actor_end(&self->bob, SIGKILL);
	actor_end(&self->ann, SIGKILL);
	cast_down(&self->cast);
}

/* Word @at of a line; its number of words without @word. */
static int take_word(const char *line, int at, char *word, size_t room)
{
	int n = 0;

	for (; *line && *line != '\n'; n++) {
		size_t len = strcspn(line, " \n");

		if (word && n == at)
			snprintf(word, room, "%.*s", (int)len, line);
		line += len + (line[len] == ' ');
	}
	return n;
}

/* What the row of a socket says in the column @title; "?" without. */
static const char *column(const char *path, __u64 cookie, const char *title)
{
	static char head[4096], row[4096], word[256];
	FILE *f = fopen(path, "re");
	char name[256] = "";
	int at = 0;

	if (!f || !fgets(head, sizeof(head), f))
		return "?";
	while (strcmp(name, title) && at < take_word(head, 0, NULL, 0))
		take_word(head, at++, name, sizeof(name));
	strcpy(word, "?");
	while (fgets(row, sizeof(row), f)) {
		if (strtoull(row, NULL, 10) != cookie)
			continue;
		if (take_word(row, 0, NULL, 0) != take_word(head, 0, NULL, 0))
			printf("# not as many columns as titles: %s", row);
		else
			take_word(row, at - 1, word, sizeof(word));
		break;
	}
	fclose(f);
	return word;
}

static bool says(const char *path, __u64 cookie, const char *title, const char *wanted)
{
	const char *seen = column(path, cookie, title);

	if (!strcmp(seen, wanted))
		return true;
	printf("# %s of %llu in %s: %s instead of %s\n", title, cookie, path, seen, wanted);
	return false;
}

/* The number of a process, 0 for unknown, and its name. */
static bool is_owned(const char *path, __u64 cookie, pid_t pid, const char *comm)
{
	char number[16] = "-";

	if (pid)
		snprintf(number, sizeof(number), "%d", pid);
	return says(path, cookie, "pid", number) & says(path, cookie, "comm", comm);
}

TEST_F(shown, names_that_are_none)
{
	EXPECT_TRUE(is_owned(LISTENERS, self->listener, self->ann.pid, LISTENS_TOLD));
	EXPECT_TRUE(is_owned(CONNECTIONS, self->listener, self->ann.pid, LISTENS_TOLD));
	EXPECT_TRUE(is_owned(CONNECTIONS, self->client, self->bob.pid, CONNECTS_TOLD));
}

/* As a daemon does whose parent called listen() and is gone. */
TEST_F(shown, owners_that_are_gone)
{
	pid_t ann = self->ann.pid, bob = self->bob.pid;

	ASSERT_TRUE(actor_pass(&self->ann, &self->cid, ACTOR_LISTENER));
	ASSERT_TRUE(actor_pass(&self->bob, &self->dee, ACTOR_SOCKET));
	actor_end(&self->ann, 0);
	actor_end(&self->bob, 0);
	EXPECT_TRUE(is_owned(LISTENERS, self->listener, ann, LISTENS_TOLD));
	EXPECT_TRUE(is_owned(CONNECTIONS, self->listener, ann, LISTENS_TOLD));
	EXPECT_TRUE(is_owned(CONNECTIONS, self->client, bob, CONNECTS_TOLD));
}

/* Runs @look in a process that is the first of a new pid namespace. */
static bool in_new_pid_namespace(bool (*look)(void *data), void *data)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		if (unshare(CLONE_NEWPID))
			_exit(2);
		pid = fork();
		if (!pid)
			_exit(!look(data));
		waitpid(pid, &status, 0);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	return !status;
}

static bool look_as_first(void *data)
{
	const struct _test_data_shown *self = data;
	int l = tcp_listen(self->cast.kind, self->cast.kind == KIND_V6 ? "::1" : "127.0.0.1",
			   0, 8);

	/* Its own has a number there, those of others have none. */
	prctl(PR_SET_NAME, "-");
	return is_owned(LISTENERS, tcp_cookie(l), 1, "shown") &
	       is_owned(LISTENERS, self->listener, 0, LISTENS_TOLD) &
	       is_owned(CONNECTIONS, self->client, 0, CONNECTS_TOLD);
}

TEST_F(shown, processes_of_another_namespace)
{
	EXPECT_TRUE(in_new_pid_namespace(look_as_first, self));
}

/* The sign for what is not known is no name. */
TEST_F(shown, a_name_that_is_the_sign)
{
	struct actor kid;

	ASSERT_TRUE(actor_fork(&self->cid, &kid, "-"));
	ASSERT_TRUE(actor_connect(&kid, variant->kind, self->ann.port));
	EXPECT_TRUE(is_owned(CONNECTIONS, kid.cookie, kid.pid, "\\055"));
	actor_end(&kid, SIGKILL);
}

#define LINK_LOCAL	"fe80::5"

/* A socket of the interface lo, which is that of the address. */
static union addr link_local(unsigned int port)
{
	union addr a = addr_make(KIND_V6, LINK_LOCAL, port);

	a.v6.sin6_scope_id = if_nametoindex("lo");
	return a;
}

TEST_F(shown, link_local_addresses)
{
	char listens[64], client[64];
	union addr a = link_local(0);
	__u64 until = deadline(10);
	int l, c, s;

	if (variant->kind != KIND_V6)
		SKIP(return, "no such addresses");
	ASSERT_TRUE(nic_add_v6("lo", LINK_LOCAL));
	l = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* It is tentative for a moment. */
	while (bind(l, &a.any, sizeof(a.v6)) && again(until))
		;
	ASSERT_EQ(0, listen(l, 1));
	a = link_local(tcp_port(l));
	c = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, connect(c, &a.any, sizeof(a.v6)));
	s = accept(l, NULL, NULL);
	ASSERT_LE(0, s);
	snprintf(listens, sizeof(listens), "[" LINK_LOCAL "]%%lo:%u", tcp_port(l));
	snprintf(client, sizeof(client), "[" LINK_LOCAL "]%%lo:%u", tcp_port(c));
	EXPECT_TRUE(says(LISTENERS, tcp_cookie(l), "local", listens));
	EXPECT_TRUE(says(CONNECTIONS, tcp_cookie(c), "local", client));
	EXPECT_TRUE(says(CONNECTIONS, tcp_cookie(c), "remote", listens));
	EXPECT_TRUE(says(CONNECTIONS, tcp_cookie(s), "local", listens));
	EXPECT_TRUE(says(CONNECTIONS, tcp_cookie(s), "remote", client));
	/* Of no other address. */
	EXPECT_EQ(NULL, strchr(column(CONNECTIONS, self->client, "local"), '%'));
}

TEST_HARNESS_MAIN

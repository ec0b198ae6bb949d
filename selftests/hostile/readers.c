// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=240 */
/*
 * Readers without any right who stand still in the middle of bringing counters
 * up to date, because somebody else has their CPU: who reads on another CPU is
 * done all the same. What it costs to have them beside oneself is printed, and
 * what it costs with /proc/net/netstat; nothing depends on it.
 *
 * All open their files beforehand: who stands still in the middle of finding a
 * file in /proc does keep others, whatever the file, and that is the kernel's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "cpu.h"
#include "ends.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define READERS 200
#define NOBODY	65534
#define SECONDS 60

#define COUNTERS "/proc/net/tcpstate/counters"
#define LISTENERS "/proc/net/tcpstate/listeners"
#define NETSTAT	 "/proc/net/netstat"

/* The victim's CPU, and that of the readers. */
enum { OURS, THEIRS };

/* In memory that all processes of a test have. */
struct shared {
	atomic_bool hold;
	atomic_bool held;
	atomic_ulong reads;
};

FIXTURE(readers)
{
	struct shared *shared;
	pid_t reader[READERS], holder, visitor;
	int stack[READERS];
};

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, value, strlen(value)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* All of it, anew. */
static bool read_once(int fd)
{
	char text[65536];
	ssize_t got, all = 0;

	while ((got = pread(fd, text, sizeof(text), all)) > 0)
		all += got;
	return !got && all;
}

static pid_t become(int cpu, bool nobody)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!run_on(cpu) || (nobody && (setgid(NOBODY) || setuid(NOBODY))))
		_exit(2);
	return 0;
}

static pid_t start_reader(struct shared *shared, const char *path)
{
	pid_t pid = become(THEIRS, true);
	int fd;

	if (pid)
		return pid;
	fd = open_file(path);
	while (read_once(fd))
		atomic_fetch_add(&shared->reads, 1);
	_exit(1);
}

/* Takes the readers' CPU when it is told to, and nobody is as urgent. */
static pid_t start_holder(struct shared *shared)
{
	struct sched_param urgent = { .sched_priority = 50 };
	pid_t pid = become(THEIRS, false);

	if (pid)
		return pid;
	if (sched_setscheduler(0, SCHED_FIFO, &urgent))
		_exit(2);
	for (;;) {
		while (!atomic_load(&shared->hold))
			usleep(1000);
		atomic_store(&shared->held, true);
		while (atomic_load(&shared->hold))
			;
		atomic_store(&shared->held, false);
	}
}

/*
 * Without any right: third packets that nobody wants as yet. Of each it shows
 * only when somebody looks what became of it, so that there is always something
 * to be waited for.
 */
static pid_t start_visitor(void)
{
	struct linger at_once = { 1, 0 };
	unsigned int port;
	pid_t pid = become(OURS, true);
	int l;

	if (pid)
		return pid;
	l = tcp_listen(KIND_V4, "127.0.0.1", 0, 16);
	if (l < 0 || !tcp_set(l, TCP_DEFER_ACCEPT, 100))
		_exit(2);
	port = tcp_port(l);
	for (;;) {
		int fd = tcp_connect_to(KIND_V4, "127.0.0.1", port);

		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		usleep(500);
		close(fd);
	}
}

/* The name of a process; empty for what is none. */
static void name_of(const char *pid, char *name, size_t room)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, name, room - 1);
	name[len < 0 ? 0 : len] = 0;
	close(fd);
}

/* What the kernel itself has to do on that CPU is more urgent than the holder. */
static void let_kernel_work(void)
{
	struct sched_param urgent = { .sched_priority = 60 };
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char name[64];

	while (dir && (entry = readdir(dir))) {
		name_of(entry->d_name, name, sizeof(name));
		if (!strncmp(name, "ksoftirqd/", 10) || !strncmp(name, "rcu", 3) ||
		    !strncmp(name, "kworker/1:", 10))
			sched_setscheduler(atoi(entry->d_name), SCHED_FIFO, &urgent);
	}
	if (dir)
		closedir(dir);
}

/* The kernel keeps no CPU for those who are not urgent. */
static void let_hold(void)
{
	char path[128];

	let_kernel_work();
	put("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	snprintf(path, sizeof(path), "/sys/kernel/debug/sched/fair_server/cpu%d/runtime", THEIRS);
	if (!access(path, W_OK))
		put(path, "0");
}

FIXTURE_SETUP(readers)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "there is one CPU only");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_TRUE(loopback_up());
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	ASSERT_TRUE(run_on(OURS));
	let_hold();
}

static void stop(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

static void stop_readers(FIXTURE_DATA(readers) * self)
{
	for (int i = 0; i < READERS; i++)
		if (self->reader[i] > 0)
			kill(self->reader[i], SIGKILL);
	for (int i = 0; i < READERS; i++)
		stop(&self->reader[i]);
}

FIXTURE_TEARDOWN(readers)
{
	/* First who has their CPU. */
	stop(&self->holder);
	stop(&self->visitor);
	stop_readers(self);
}

static bool start_readers(FIXTURE_DATA(readers) * self, const char *path)
{
	unsigned long before = atomic_load(&self->shared->reads);
	__u64 until = deadline(SECONDS);

	for (int i = 0; i < READERS; i++) {
		self->reader[i] = start_reader(self->shared, path);
		if (self->reader[i] < 0)
			return false;
	}
	while (atomic_load(&self->shared->reads) < before + READERS && again(until))
		;
	return atomic_load(&self->shared->reads) >= before + READERS;
}

/* To see later where they stand. */
static bool open_stacks(FIXTURE_DATA(readers) * self)
{
	char path[64];

	for (int i = 0; i < READERS; i++) {
		snprintf(path, sizeof(path), "/proc/%d/stack", self->reader[i]);
		self->stack[i] = open_file(path);
		if (self->stack[i] < 0)
			return false;
	}
	return true;
}

/*
 * Is it in the middle of bringing in what is not written yet (note.c), and not
 * before, where it waits to be let in?
 */
static bool is_inside(int fd)
{
	char stack[4096];
	ssize_t len = pread(fd, stack, sizeof(stack) - 1, 0);

	stack[len < 0 ? 0 : len] = 0;
	return strstr(stack, "settle_all");
}

static int inside(FIXTURE_DATA(readers) * self, bool *who)
{
	int n = 0;

	for (int i = 0; i < READERS; i++) {
		who[i] = is_inside(self->stack[i]);
		n += who[i];
	}
	return n;
}

/* Whoever has their CPU keeps it from now on. */
static bool hold(struct shared *shared, bool on)
{
	__u64 until = deadline(SECONDS);

	atomic_store(&shared->hold, on);
	while (atomic_load(&shared->held) != on && again(until))
		;
	return atomic_load(&shared->held) == on;
}

/* At least one of them stands still inside; how many do. */
static int hold_inside(FIXTURE_DATA(readers) * self, bool *who)
{
	__u64 until = deadline(SECONDS);

	do {
		unsigned long reads;
		int n;

		if (!hold(self->shared, true))
			return -1;
		n = inside(self, who);
		if (n)
			return n;
		/* Nobody: let them go on for a while. */
		reads = atomic_load(&self->shared->reads);
		if (!hold(self->shared, false))
			return -1;
		while (atomic_load(&self->shared->reads) < reads + 50 && again(until))
			;
	} while (again(until));
	return 0;
}

/* By a process of its own, which may hang. */
static bool reads_end(int fd, int count)
{
	__u64 until = deadline(SECONDS);
	pid_t pid = become(OURS, false);
	int status;

	if (!pid) {
		while (count && read_once(fd))
			count--;
		_exit(!!count);
	}
	do {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) && !WEXITSTATUS(status);
	} while (again(until));
	printf("# it does not come back\n");
	kill(pid, SIGKILL);
	return false;
}

TEST_F_TIMEOUT(readers, who_stand_still_keep_nobody, 3 * SECONDS)
{
	bool before[READERS] = { false }, after[READERS] = { false };
	int counters = open_file(COUNTERS), listeners = open_file(LISTENERS);
	int n;

	self->visitor = start_visitor();
	ASSERT_LT(0, self->visitor);
	self->holder = start_holder(self->shared);
	ASSERT_LT(0, self->holder);
	ASSERT_TRUE(start_readers(self, COUNTERS));
	ASSERT_TRUE(open_stacks(self));
	n = hold_inside(self, before);
	ASSERT_LT(0, n);
	printf("# %d of %d readers stand still inside\n", n, READERS);
	EXPECT_TRUE(reads_end(counters, 20));
	EXPECT_TRUE(reads_end(listeners, 20));
	/* And while they did, not because they did no longer. */
	EXPECT_LE(n, inside(self, after));
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
	hold(self->shared, false);
}

/* Nanoseconds of a read, on average. */
static __u64 average(const char *path, int count)
{
	int fd = open_file(path);
	__u64 since = now_ns();

	for (int i = 0; i < count; i++)
		if (!read_once(fd))
			return 0;
	close(fd);
	return (now_ns() - since) / count;
}

static double beside_readers(FIXTURE_DATA(readers) * self, const char *path)
{
	__u64 alone = average(path, 50), beside;

	if (!start_readers(self, path))
		return 0;
	beside = average(path, 50);
	stop_readers(self);
	printf("# %s: %llu us alone, %llu us beside %d readers\n", path, alone / 1000,
	       beside / 1000, READERS);
	return alone && beside ? (double)beside / alone : 0;
}

TEST_F_TIMEOUT(readers, what_they_cost, 3 * SECONDS)
{
	double counters, netstat;

	self->visitor = start_visitor();
	ASSERT_LT(0, self->visitor);
	counters = beside_readers(self, COUNTERS);
	netstat = beside_readers(self, NETSTAT);
	ASSERT_LT(0, counters);
	ASSERT_LT(0, netstat);
	printf("# readers make counters %.2f times slower, netstat %.2f times\n", counters,
	       netstat);
}

TEST_HARNESS_MAIN

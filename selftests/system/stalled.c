// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 timeout=300 */
/*
 * A reader that stands still inside read(), because the page it reads into
 * does not come (userfaultfd, and nobody serves it), holds up nobody: not the
 * list of readers, not who opens the device, not who asks for its figures.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "device.h"
#include "traffic.h"
#include "util.h"

#include "harness.h"

#define SECONDS	5

FIXTURE(stalled)
{
	int l;
	unsigned int port;
	int say[2]; /* from the victim */
	pid_t victim;
	int victim_fd; /* number of its descriptor */
};

/* What the victim says. */
struct word {
	int fd; /* its device, -1 if it cannot be made to stall */
	int error;
};

struct victim {
	int fd, uffd, say;
};

/* Another thread of the victim: says that it stalls, then asks its figures. */
static void *beside(void *arg)
{
	const struct victim *v = arg;
	struct pollfd p = { .fd = v->uffd, .events = POLLIN };
	struct word word = { .fd = v->fd };
	struct tcpstate_stats stats;

	if (poll(&p, 1, -1) != 1)
		_exit(1);
	if (write(v->say, &word, sizeof(word)) != sizeof(word))
		_exit(1);
	word.error = ioctl(v->fd, TCPSTATE_IOC_GET_STATS, &stats) ? errno : 0;
	if (write(v->say, &word, sizeof(word)) != sizeof(word))
		_exit(1);
	return NULL;
}

static void __attribute__((noreturn)) stall(int say)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct victim v = { .say = say };
	struct word failed = { .fd = -1 };
	size_t len = 2 * getpagesize();
	pthread_t thread;
	char *page;

	page = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (unsigned long)page;
	reg.range.len = len;
	v.fd = device_open_main(0);
	v.uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (v.fd < 0 || v.uffd < 0 || page == MAP_FAILED || ioctl(v.uffd, UFFDIO_API, &api) ||
	    ioctl(v.uffd, UFFDIO_REGISTER, &reg) ||
	    pthread_create(&thread, NULL, beside, &v)) {
		failed.error = errno;
		if (write(say, &failed, sizeof(failed)) < 0)
			_exit(1);
		_exit(0);
	}
	/* Only now is there something to read: it blocks first, stalls then. */
	if (read(v.fd, page, len) < 0)
		_exit(1);
	_exit(0);
}

static bool heard(int fd, struct word *word)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, SECONDS * 1000 * slow()) == 1 &&
	       read(fd, word, sizeof(*word)) == sizeof(*word);
}

static bool ends(pid_t pid)
{
	__u64 until = deadline(SECONDS);

	while (!waitpid(pid, NULL, WNOHANG))
		if (!again(until))
			return false;
	return true;
}

/* One process more reads the file, one byte at least, and is not held up. */
static bool readable_at_once(const char *path)
{
	char buf[4096];
	pid_t pid = fork();
	int fd;

	if (!pid) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		_exit(fd < 0 || (read(fd, buf, sizeof(buf)) <= 0 && errno != EAGAIN));
	}
	if (ends(pid))
		return true;
	printf("# whoever reads %s is held up\n", path);
	kill(pid, SIGKILL);
	return false;
}

FIXTURE_SETUP(stalled)
{
	struct word word = { .fd = -1 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	self->l = traffic_listen(KIND_V4, &self->port);
	ASSERT_LE(0, self->l);
	ASSERT_EQ(0, counter("readers_open"));
	ASSERT_EQ(0, pipe(self->say));
	self->victim = fork();
	if (!self->victim)
		stall(self->say[1]);
	for (__u64 until = deadline(SECONDS); counter("readers_open") != 1;)
		if (!again(until))
			break;
	ASSERT_TRUE(traffic(KIND_V4, self->l, 1));
	ASSERT_TRUE(heard(self->say[0], &word));
	if (word.fd < 0)
		SKIP(return, "userfaultfd: %s", strerror(word.error));
	self->victim_fd = word.fd;
}

FIXTURE_TEARDOWN(stalled)
{
	if (self->victim > 0) {
		kill(self->victim, SIGKILL);
		ends(self->victim);
	}
	close(self->l);
}

TEST_F(stalled, list_of_readers)
{
	EXPECT_TRUE(readable_at_once("/proc/tcpstate/readers"));
	EXPECT_TRUE(readable_at_once("/proc/tcpstate/summary"));
	EXPECT_TRUE(readable_at_once("/proc/tcpstate/counters"));
}

/* The list is read by somebody when others open. */
TEST_F(stalled, open_while_the_list_is_read)
{
	pid_t list = fork();

	if (!list) {
		readable_at_once("/proc/tcpstate/readers");
		_exit(0);
	}
	EXPECT_TRUE(readable_at_once(DEVICE_PATH));
	EXPECT_TRUE(readable_at_once(DEVICE_PATH));
	kill(list, SIGKILL);
	EXPECT_TRUE(ends(list));
}

TEST_F(stalled, description_of_the_file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", self->victim, self->victim_fd);
	EXPECT_TRUE(readable_at_once(path));
}

TEST_F(stalled, figures)
{
	struct word word = { .error = -1 };

	ASSERT_TRUE(heard(self->say[0], &word));
	EXPECT_EQ(0, word.error);
}

/* Others see what happens meanwhile. */
TEST_F(stalled, other_reader)
{
	int fd = device_open_main(O_NONBLOCK);
	struct records r = { 0 };

	ASSERT_LE(0, fd);
	ASSERT_TRUE(traffic(KIND_V4, self->l, 1));
	EXPECT_EQ(TRAFFIC_RECORDS, records_read(&r, fd));
	EXPECT_TRUE(stats_add_up(fd, NULL));
	records_free(&r);
	close(fd);
}

TEST_F(stalled, killed)
{
	__u64 until = deadline(SECONDS);

	EXPECT_TRUE(readable_at_once("/proc/tcpstate/readers"));
	kill(self->victim, SIGKILL);
	EXPECT_TRUE(ends(self->victim));
	self->victim = 0;
	while (counter("readers_open") != 0 && again(until))
		;
	EXPECT_EQ(0, counter("readers_open"));
	EXPECT_EQ(0, module_reload(""));
}

TEST_HARNESS_MAIN

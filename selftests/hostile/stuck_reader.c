// SPDX-License-Identifier: GPL-2.0
/* vm: cpus=2 noload timeout=240 */
/*
 * A reader of a file in /proc that stands still inside read(), because the page
 * it reads into does not come (userfaultfd): unloading says at once that the
 * module is in use, others read the same file and all other files, network
 * namespaces come up beside it, and once the page has come the reader has what
 * it asked for and the module goes. And what else can be done with these files is
 * what could be done with any.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "util.h"

#include "harness.h"

#define PAGE 4096
#define SECONDS 60
#define FILES "/proc/net/tcpstate/"

static int load(void)
{
	char line[512];

	snprintf(line, sizeof(line), "insmod %s", getenv("TCPSTATE_KO"));
	return system(line);
}

static int unload(void)
{
	return syscall(SYS_delete_module, "tcpstate", O_NONBLOCK) ? errno : 0;
}

/* A page that does not come. */
struct page {
	char *at;
	int uffd;
};

static bool page_make(struct page *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range.len = PAGE,
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	page->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	page->at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	area.range.start = (unsigned long)page->at;
	return page->uffd >= 0 && !ioctl(page->uffd, UFFDIO_API, &api) &&
	       !ioctl(page->uffd, UFFDIO_REGISTER, &area);
}

/* Somebody stands still there. */
static bool page_is_wanted(const struct page *page)
{
	struct pollfd p = { .fd = page->uffd, .events = POLLIN };

	return poll(&p, 1, SECONDS * 1000) == 1;
}

static bool page_give(const struct page *page)
{
	struct uffdio_zeropage zero = {
		.range = { (unsigned long)page->at, PAGE },
	};

	return !ioctl(page->uffd, UFFDIO_ZEROPAGE, &zero);
}

struct wish {
	const char *name;
	char *to;
};

static int read_file(void *arg)
{
	const struct wish *wish = arg;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), FILES "%s", wish->name);
	fd = open(path, O_RDONLY);
	_exit(fd < 0 || read(fd, wish->to, PAGE) <= 0);
}

/*
 * Ends with 0 if it got something. A process with our memory, because that is
 * whose page does not come; so nobody else may do much meanwhile.
 */
static pid_t reader(const char *name, char *to)
{
	static char stack[65536] __attribute__((aligned(16)));
	static struct wish wish;

	wish = (struct wish){ name, to };
	return clone(read_file, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		     &wish);
}

/* In a process that can hang without us. */
static pid_t unloader(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(unload());
	return pid;
}

static pid_t creator(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(unshare(CLONE_NEWNET) ? 1 : 0);
	return pid;
}

/* Somebody else, who reads all of it. */
static pid_t other_reader(const char *name)
{
	pid_t pid = fork();
	char path[128], text[4096];
	ssize_t got = -1;
	int fd;

	if (pid)
		return pid;
	snprintf(path, sizeof(path), FILES "%s", name);
	fd = open(path, O_RDONLY);
	while (fd >= 0 && (got = read(fd, text, sizeof(text))) > 0)
		;
	_exit(!!got);
}

/* Its exit code, or -1 if it does not end. */
static int ended(pid_t pid)
{
	__u64 until = deadline(SECONDS);
	int status;

	do {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	} while (again(until));
	return -1;
}

FIXTURE(stuck)
{
	struct page page;
};

FIXTURE_VARIANT(stuck)
{
	const char *name;
};

#define FILE_VARIANT(file) \
	FIXTURE_VARIANT_ADD(stuck, file) { .name = #file }

FILE_VARIANT(summary);
FILE_VARIANT(counters);
FILE_VARIANT(transitions);
FILE_VARIANT(dwell);
FILE_VARIANT(hooks);
FILE_VARIANT(readers);
FILE_VARIANT(memory);
FILE_VARIANT(connections);
FILE_VARIANT(listeners);

FIXTURE_SETUP(stuck)
{
	ASSERT_TRUE(page_make(&self->page));
	ASSERT_EQ(0, load());
}

FIXTURE_TEARDOWN(stuck)
{
	unload();
}

TEST_F(stuck, nobody_waits)
{
	static const char *const all[] = { "summary", "counters", "transitions", "dwell",
					   "hooks", "readers", "memory", "connections",
					   "listeners" };
	pid_t read = reader(variant->name, self->page.at);
	pid_t unload_first, create;

	ASSERT_TRUE(page_is_wanted(&self->page));
	for (unsigned int i = 0; i < sizeof(all) / sizeof(*all); i++)
		EXPECT_EQ(0, ended(other_reader(all[i])));
	unload_first = unloader();
	EXPECT_EQ(EAGAIN, ended(unload_first));
	create = creator();
	EXPECT_EQ(0, ended(create));
	ASSERT_TRUE(page_give(&self->page));
	EXPECT_EQ(0, ended(read));
	/* The file's name at least is there, and what it says. */
	EXPECT_NE(0, self->page.at[0]);
	EXPECT_EQ(0, ended(unloader()));
	EXPECT_NE(0, access("/sys/module/tcpstate", F_OK));
}

/* Nor does it wait if whoever reads is killed. */
TEST_F(stuck, killed)
{
	pid_t read = reader(variant->name, self->page.at);
	int status;

	ASSERT_TRUE(page_is_wanted(&self->page));
	EXPECT_EQ(EAGAIN, ended(unloader()));
	kill(read, SIGKILL);
	ASSERT_EQ(read, waitpid(read, &status, 0));
	EXPECT_EQ(0, ended(unloader()));
}

FIXTURE(files)
{
	char whole[65536];
	ssize_t size;
	int fd;
};

FIXTURE_SETUP(files)
{
	ASSERT_EQ(0, load());
	/* Here nothing happens, so that each time it says the same. */
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->fd = open(FILES "hooks", O_RDONLY);
	ASSERT_LE(0, self->fd);
	self->size = read(self->fd, self->whole, sizeof(self->whole));
	ASSERT_LT(PAGE / 4, self->size);
	ASSERT_EQ(0, read(self->fd, self->whole + self->size, 100));
}

FIXTURE_TEARDOWN(files)
{
	close(self->fd);
	unload();
}

TEST_F(files, small_pieces)
{
	char piece[7];
	ssize_t at = 0, got;

	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	while ((got = read(self->fd, piece, sizeof(piece))) > 0) {
		ASSERT_EQ(0, memcmp(self->whole + at, piece, got));
		at += got;
	}
	EXPECT_EQ(0, got);
	EXPECT_EQ(self->size, at);
}

TEST_F(files, any_place)
{
	char piece[100];

	for (ssize_t at = self->size - 50; at > 0; at -= 333) {
		ssize_t expected = at + 100 > self->size ? self->size - at : 100;

		ASSERT_EQ(expected, pread(self->fd, piece, 100, at));
		ASSERT_EQ(0, memcmp(self->whole + at, piece, expected));
		ASSERT_EQ(at, lseek(self->fd, at, SEEK_SET));
		ASSERT_EQ(expected, read(self->fd, piece, 100));
		ASSERT_EQ(0, memcmp(self->whole + at, piece, expected));
	}
	EXPECT_EQ(0, pread(self->fd, piece, 100, self->size));
	EXPECT_EQ(0, read(self->fd, piece, 0));
}

/* What is in memory is given; what is beyond it is an error. */
TEST_F(files, bad_memory)
{
	char *two = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, two);
	ASSERT_EQ(0, munmap(two + PAGE, PAGE));
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(100, read(self->fd, two + PAGE - 100, 1000));
	EXPECT_EQ(0, memcmp(self->whole, two + PAGE - 100, 100));
	/* It goes on where it was. */
	EXPECT_EQ(100, read(self->fd, two, 100));
	EXPECT_EQ(0, memcmp(self->whole + 100, two, 100));
	EXPECT_EQ(-1, read(self->fd, two + PAGE, 100));
	EXPECT_EQ(EFAULT, errno);
}

/* It shows the namespace of whoever opened it, whoever reads, and keeps it. */
TEST_F(files, of_the_opener)
{
	char before[PAGE] = "", after[PAGE] = "";
	int fd = open(FILES "counters", O_RDONLY);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, before, 40));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	ASSERT_LT(0, read(fd, after, 40));
	EXPECT_STREQ(before, after);
	close(fd);
	fd = open(FILES "counters", O_RDONLY);
	ASSERT_LT(0, read(fd, after, 40));
	EXPECT_STRNE(before, after);
	close(fd);
}

TEST_HARNESS_MAIN

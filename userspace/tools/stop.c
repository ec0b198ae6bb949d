// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - when to stop: SIGINT, SIGTERM, or a deadline. See stop.h.
 */
#include "stop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/*
 * The handler sets the flag and makes @wake_fd readable: a signal that comes
 * just before poll() ends it. ppoll() would not do: with input always there it
 * returns before it looks at signals.
 */
static volatile sig_atomic_t stopped;
static int wake_fd = -1;
static uint64_t deadline;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void on_signal(int sig)
{
	uint64_t one = 1;
	int saved = errno;
	ssize_t n;

	(void)sig;
	stopped = 1;
	/* If it is full, it is readable already. */
	n = write(wake_fd, &one, sizeof(one));
	(void)n;
	errno = saved;
}

int stop_init(uint64_t timeout_ns)
{
	/* No SA_RESTART: a write() to a reader that sleeps must end, too. */
	struct sigaction stop = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (timeout_ns)
		deadline = now() + timeout_ns;

	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		return -errno;
	if (sigaction(SIGINT, &stop, NULL) || sigaction(SIGTERM, &stop, NULL) ||
	    sigaction(SIGPIPE, &ignore, NULL))
		return -errno;
	return 0;
}

bool stop_requested(void)
{
	return stopped || (deadline && now() >= deadline);
}

/* Milliseconds to @when, rounded up so as not to spin before it; 0 is never. */
static int patience(uint64_t when)
{
	uint64_t t, ms;

	if (!when)
		return -1;
	t = now();
	if (t >= when)
		return 0;
	ms = (when - t + 999999) / 1000000;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

int stop_wait(int in, int out, uint64_t idle_ns)
{
	uint64_t idle = idle_ns ? now() + idle_ns : 0;
	uint64_t first = !idle || (deadline && deadline < idle) ? deadline :
								  idle;
	struct pollfd pfds[] = {
		{ .fd = in, .events = POLLIN },
		{ .fd = wake_fd, .events = POLLIN },
		{ .fd = out }, /* POLLERR comes unasked */
	};

	while (!stop_requested()) {
		if (poll(pfds, 3, patience(first)) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (pfds[2].revents & POLLERR)
			return -EPIPE;
		/* Also for an error: read() says which. */
		if (pfds[0].revents)
			return 0;
		if (idle && now() >= idle)
			return -EAGAIN;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and writes files below /proc/sys.
 */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool sysctl_set(const char *name, const char *value)
{
	char path[128];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	if (!done)
		printf("# %s = %s: %s\n", path, value, strerror(errno));
	close(fd);
	return done;
}

bool sysctl_get(const char *name, char *value, size_t room)
{
	char path[128];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, value, room - 1);
	if (len < 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
	value[len < 0 ? 0 : len] = 0;
	return len > 0;
}

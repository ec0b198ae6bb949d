// SPDX-License-Identifier: GPL-2.0
/*
 * Sets up network devices (netdevice(7)).
 */
#include "nic.h"

#include <arpa/inet.h>
#include <linux/types.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* As in linux/ipv6.h, which libc's headers do not go with. */
struct in6_request {
	struct in6_addr address;
	__u32 prefix;
	int index;
};

static bool control(int family, unsigned long command, void *request)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done = fd >= 0 && !ioctl(fd, command, request);

	close(fd);
	return done;
}

static struct ifreq request_for(const char *name)
{
	struct ifreq req;

	memset(&req, 0, sizeof(req));
	strncpy(req.ifr_name, name, IFNAMSIZ - 1);
	return req;
}

bool nic_up(const char *name)
{
	struct ifreq req = request_for(name);

	req.ifr_flags = IFF_UP;
	return control(AF_INET, SIOCSIFFLAGS, &req);
}

static bool set_v4(const char *name, unsigned long command, const char *address)
{
	struct ifreq req = request_for(name);
	struct sockaddr_in *a = (void *)&req.ifr_addr;

	a->sin_family = AF_INET;
	return inet_pton(AF_INET, address, &a->sin_addr) == 1 && control(AF_INET, command, &req);
}

bool nic_add_v4(const char *name, const char *address)
{
	return set_v4(name, SIOCSIFADDR, address) && set_v4(name, SIOCSIFNETMASK, "255.255.255.0");
}

bool nic_add_v6(const char *name, const char *address)
{
	struct in6_request req = {
		.prefix = 64,
		.index = if_nametoindex(name),
	};

	return inet_pton(AF_INET6, address, &req.address) == 1 &&
	       control(AF_INET6, SIOCSIFADDR, &req);
}

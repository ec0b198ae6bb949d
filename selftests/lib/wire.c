// SPDX-License-Identifier: GPL-2.0
/*
 * A wire between two network namespaces out of two tun devices.
 */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ends.h"
#include "nic.h"
#include "sysctl.h"
#include "util.h"

#define TUN_PATH "/dev/net/tun"
#define NAME "wire"

/* A setting of the device, for IPv6. */
static bool set(const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "../ipv6/conf/" NAME "/%s", name);
	return sysctl_set(path, value);
}

/* The kernel takes an IPv6 address into use some time after it was added. */
static bool in_use(const char *address)
{
	__u64 until = deadline(5);
	int fd;

	do
		fd = tcp_bound(KIND_V6, address, 0, 0);
	while (fd < 0 && again(until));
	close(fd);
	return fd >= 0;
}

static bool side_up(struct wire *w, enum wire_side side)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	const char *v6 = side == SIDE_A ? WIRE_A6 : WIRE_B6;

	if (unshare(CLONE_NEWNET))
		return false;
	w->ns[side] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	w->tun[side] = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (w->ns[side] < 0 || w->tun[side] < 0)
		return false;
	strcpy(req.ifr_name, NAME);
	if (ioctl(w->tun[side], TUNSETIFF, &req))
		return false;
	/* No address of the kernel's own choice, no solicitation. */
	return nic_up("lo") && set("disable_ipv6", "1") && set("router_solicitations", "0") &&
	       nic_up(NAME) && nic_add_v4(NAME, side == SIDE_A ? WIRE_A4 : WIRE_B4) &&
	       set("disable_ipv6", "0") && nic_add_v6(NAME, v6) && in_use(v6);
}

bool wire_up(struct wire *w)
{
	memset(w, 0, sizeof(*w));
	for (int i = 0; i < 2; i++) {
		w->ns[i] = -1;
		w->tun[i] = -1;
	}
	/* Where no udev makes the node that would load the driver. */
	if (access(TUN_PATH, F_OK) && system("modprobe tun"))
		return false;
	if (side_up(w, SIDE_B) && side_up(w, SIDE_A))
		return true;
	printf("# the wire cannot be made: %s\n", strerror(errno));
	return false;
}

void wire_down(struct wire *w)
{
	for (int i = 0; i < 2; i++) {
		close(w->tun[i]);
		close(w->ns[i]);
	}
}

void wire_go(struct wire *w, enum wire_side side)
{
	if (setns(w->ns[side], CLONE_NEWNET)) {
		perror("setns");
		exit(1);
	}
}

void wire_mode(struct wire *w, enum wire_mode a, enum wire_mode b)
{
	w->mode[SIDE_A] = a;
	w->mode[SIDE_B] = b;
}

/* The next packet that @side sent; 0 if there is none. */
static ssize_t take(struct wire *w, enum wire_side side, unsigned char *packet, size_t room)
{
	ssize_t len = read(w->tun[side], packet, room);
	struct segment s;

	if (len <= 0)
		return 0;
	if (segment_read(&s, packet, len))
		w->last[side] = s;
	return len;
}

bool wire_carry(struct wire *w)
{
	_Alignas(8) unsigned char packet[4096];
	bool carried = false;

	for (int side = 0; side < 2; side++) {
		while (w->mode[side] != WIRE_HOLD) {
			ssize_t len = take(w, side, packet, sizeof(packet));

			if (!len)
				break;
			if (w->mode[side] == WIRE_CARRY &&
			    write(w->tun[!side], packet, len) != len)
				perror("wire");
			carried = true;
		}
	}
	return carried;
}

bool wire_until(struct wire *w, int fd, unsigned int state)
{
	__u64 until = deadline(5);

	for (;;) {
		wire_carry(w);
		if (tcp_state(fd) == state)
			return true;
		if (!again(until)) {
			printf("# waited for %s, the socket is in %s\n",
			       state_name(state), state_name(tcp_state(fd)));
			return false;
		}
	}
}

bool wire_readable(struct wire *w, int fd)
{
	__u64 until = deadline(5);
	int bytes = 0;

	do {
		wire_carry(w);
		ioctl(fd, FIONREAD, &bytes);
	} while (!bytes && again(until));
	return bytes > 0;
}

bool wire_step(struct wire *w, enum wire_side from, int fd, unsigned int state)
{
	_Alignas(8) unsigned char packet[4096];
	__u64 until = deadline(5);
	ssize_t len;

	while (tcp_state(fd) != state) {
		len = take(w, from, packet, sizeof(packet));
		if (len > 0 && write(w->tun[!from], packet, len) != len)
			perror("wire");
		if (len <= 0 && !again(until)) {
			printf("# stepped for %s, the socket is in %s\n",
			       state_name(state), state_name(tcp_state(fd)));
			return false;
		}
	}
	return true;
}

bool wire_forge(struct wire *w, enum wire_side from, unsigned int flags,
		unsigned int ahead, const char *text)
{
	_Alignas(8) unsigned char packet[SEGMENT_MAX];
	struct segment s = w->last[from];
	ssize_t len;

	s.seq += s.len + !!(s.flags & SEGMENT_FIN) + !!(s.flags & SEGMENT_SYN) + ahead;
	s.flags = flags;
	s.text = text;
	s.len = text ? strlen(text) : 0;
	len = segment_write(&s, packet);
	return write(w->tun[!from], packet, len) == len;
}

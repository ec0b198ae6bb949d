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
#include "util.h"

#define TUN_PATH "/dev/net/tun"

static bool side_up(struct wire *w, enum wire_side side)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	char command[512];

	if (unshare(CLONE_NEWNET))
		return false;
	w->ns[side] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	w->tun[side] = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (w->ns[side] < 0 || w->tun[side] < 0)
		return false;
	strcpy(req.ifr_name, "wire");
	if (ioctl(w->tun[side], TUNSETIFF, &req))
		return false;
	/* No address of the kernel's own choice, no solicitation. */
	snprintf(command, sizeof(command),
		 "cd /proc/sys/net/ipv6/conf/wire && echo 1 >disable_ipv6 && echo 0 >router_solicitations &&"
		 "ip link set lo up && ip link set wire up &&"
		 "ip addr add %s/24 dev wire && echo 0 >disable_ipv6 &&"
		 "ip addr add %s/64 dev wire nodad",
		 side == SIDE_A ? WIRE_A4 : WIRE_B4,
		 side == SIDE_A ? WIRE_A6 : WIRE_B6);
	return !system(command);
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

bool wire_carry(struct wire *w)
{
	bool carried = false;
	char packet[4096];

	for (int side = 0; side < 2; side++) {
		while (w->mode[side] != WIRE_HOLD) {
			ssize_t len = read(w->tun[side], packet, sizeof(packet));

			if (len <= 0)
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
	__u64 until = deadline(5);
	char packet[4096];
	ssize_t len;

	while (tcp_state(fd) != state) {
		len = read(w->tun[from], packet, sizeof(packet));
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

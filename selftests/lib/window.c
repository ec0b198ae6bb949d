// SPDX-License-Identifier: GPL-2.0
/*
 * Fills a connection. The kernel's own header knows more of struct tcp_info
 * than the C library's, and they exclude each other.
 */
#include "window.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

bool window_shut(struct wire *w, int fd)
{
	static char block[65536];
	__u64 until = deadline(60);
	struct tcp_info info;
	socklen_t len;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	do {
		while (write(fd, block, sizeof(block)) > 0)
			;
		wire_carry(w);
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
			break;
		if (!info.tcpi_unacked && info.tcpi_notsent_bytes && !info.tcpi_snd_wnd)
			return true;
	} while (again(until));
	printf("# %u unacknowledged, %u bytes not sent, window %u\n", info.tcpi_unacked,
	       info.tcpi_notsent_bytes, info.tcpi_snd_wnd);
	return false;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * libtcpstate - errors in words: what is wrong and what to do.
 *
 * This file owns the texts. It must not know which call failed.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>

const char *tcpstate_strerror(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return "the tcpstate module is not loaded: load it with "
		       "'modprobe tcpstate', or 'insmod tcpstate.ko' where it was built";
	case -EACCES:
		return "no permission to open the device: run as root, or have "
		       "your user added to the group tcpstate";
	case -EPERM:
		return "not permitted in this network namespace: a reader needs "
		       "CAP_NET_ADMIN over its own, and only one in the initial "
		       "namespace may ask for all";
	case -EBUSY:
		return "too many readers: close one of those in "
		       "/proc/tcpstate/readers, or raise the module's parameter max_readers";
	case -EPROTO:
		return "the loaded module has another ABI version than this "
		       "program: install both from the same release";
	case -ENOTTY:
		return "not a tcpstate device: check the path, or, for a stored "
		       "stream, read it as one (tcpstate-tail --read)";
	case -EIO:
		return "the stream ends within a record: it was cut off, or is "
		       "no tcpstate stream";
	case -EBADMSG:
		return "the stream is not one of tcpstate records: it is damaged, "
		       "or of another version or machine";
	default:
		return strerror(error < 0 ? -error : error);
	}
}

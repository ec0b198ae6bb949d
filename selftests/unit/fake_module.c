// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in for the module. See fake_module.h. For a whole program:
 *
 *   FAKE_SCHEMA=N    the schema version; without it the present one
 *   FAKE_SHOW=1      say on standard error where the reader starts
 */
#include "fake_module.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_module fake_module = {
	.query = {
		.abi = TCPSTATE_ABI_VERSION,
		.schema = TCPSTATE_SCHEMA_VERSION,
		.record_size = TCPSTATE_RECORD_SIZE,
		.life_size = TCPSTATE_LIFE_SIZE,
		.max_readers = 64,
		.events = (1U << TCPSTATE_EVENT_COUNT) - 1 - 1,
	},
};

static int query(struct tcpstate_query *result)
{
	const char *schema = getenv("FAKE_SCHEMA");

	*result = fake_module.query;
	if (schema)
		result->schema = atoi(schema);
	return 0;
}

static int set_start(struct tcpstate_start *start)
{
	fake_module.start = *start;
	start->mono_ns = fake_module.from;
	if (getenv("FAKE_SHOW"))
		fprintf(stderr, "start %u lanes %u\n", start->mode,
			start->lanes);
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);

	if (request == TCPSTATE_IOC_QUERY)
		return query(arg);
	if (fake_module.error) {
		errno = fake_module.error;
		return -1;
	}
	switch (request) {
	case TCPSTATE_IOC_SET_FILTER:
		fake_module.filter = *(struct tcpstate_filter *)arg;
		return 0;
	case TCPSTATE_IOC_SET_START:
		return set_start(arg);
	case TCPSTATE_IOC_GET_STATS:
		memset(arg, 0, sizeof(struct tcpstate_stats));
		return 0;
	default:
		errno = ENOTTY;
		return -1;
	}
}

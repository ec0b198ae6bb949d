/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - the command line.
 *
 * This unit owns the options and what they may be. It must not open or print
 * anything.
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <tcpstate.h>

/*
 * Everything that the command line says. @device is NULL for the default;
 * @read is a stored stream instead of a device, "-" for standard input.
 * @filter.family follows from @ipv4 and @ipv6: both are neither. With
 * @lifelines @filter.kinds is life alone. With @ladder it is what a chart is
 * drawn of, and the ports stand in @pick and not in @filter: of a connection
 * with both ends here both are wanted. With @segments segment is among the
 * kinds.
 * @count, @timeout_ns and @since_ns are 0 where there is no limit.
 */
struct config {
	struct tcps_filter filter;
	struct tcps_filter pick;
	const char *device;
	const char *read;
	uint64_t count;
	uint64_t timeout_ns;
	uint64_t since_ns;
	bool ipv4;
	bool ipv6;
	bool oldest;
	bool live;
	bool lifelines;
	bool ladder;
	bool segments;
	bool json;
	bool wide;
	bool wall_clock;
	bool seconds;
	bool no_header;
	bool help;
	bool version;
};

/* What is wrong: option, value, what is allowed. */
#define OPTIONS_WHY_MAX 512

/* 0, or -1 with a sentence in @why. Values of @config point into @argv. */
int options_parse(struct config *config, int argc, char **argv,
		  char why[OPTIONS_WHY_MAX]);

/* The text of --help. */
extern const char options_help[];

#endif /* TOOLS_OPTIONS_H */

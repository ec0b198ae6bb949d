/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From rings to reader: records merged by time, filtered, translated, counted.
 *
 * Knows the recorder and struct tcps_reader; must not know files, ioctls or
 * user memory. All functions need reader->lock but set_filter, which takes both.
 */
#ifndef _TCPS_MERGE_H
#define _TCPS_MERGE_H

#include <linux/types.h>

struct tcps_reader;
struct tcpstate_filter;
struct tcpstate_record;
struct tcpstate_stats;

bool tcps_merge_fill(struct tcps_reader *reader);
const void *tcps_merge_peek(struct tcps_reader *reader, size_t room,
			    size_t *size);
size_t tcps_merge_took(struct tcps_reader *reader, size_t size);
int tcps_merge_set_filter(struct tcps_reader *reader,
			  const struct tcpstate_filter *filter);
void tcps_merge_stats(struct tcps_reader *reader, struct tcpstate_stats *stats);

#endif /* _TCPS_MERGE_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * What has happened but is not written yet: brought in before somebody looks.
 *
 * Must not know what it is, nor who looks: it stands between the two, because
 * hooks and those who read what hooks saw do not know each other.
 */
#include "late.h"

#include <linux/rwsem.h>

/*
 * Covers the below; held while it runs, so that unset means not running. Any
 * number run it at once; to set it is for load and unload.
 */
static DECLARE_RWSEM(late_lock);
static void (*late_bring)(void);

/**
 * tcps_late_set() - say how to bring it in
 * @bring: may sleep and run several times at once; NULL: there is nothing any more
 */
void tcps_late_set(void (*bring)(void))
{
	down_write(&late_lock);
	late_bring = bring;
	up_write(&late_lock);
}

/* Process context. What happened before the call is counted after it. */
void tcps_late_bring(void)
{
	down_read(&late_lock);
	if (late_bring)
		late_bring();
	up_read(&late_lock);
}

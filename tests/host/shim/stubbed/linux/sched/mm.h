/* SPDX-License-Identifier: GPL-2.0 */
/* A host program can sleep anywhere. */
#ifndef _LINUX_SCHED_MM_H
#define _LINUX_SCHED_MM_H

#include <linux/gfp.h>

static inline void might_alloc(gfp_t gfp)
{
}

#endif /* _LINUX_SCHED_MM_H */

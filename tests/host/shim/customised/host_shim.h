/* SPDX-License-Identifier: GPL-2.0 */
/* What tests can ask of the shim. */
#ifndef _HOST_SHIM_H
#define _HOST_SHIM_H

#include <linux/types.h>

/**
 * struct host_shim_stats - what the shim has seen
 * @allocs: allocations asked for so far, failed ones included
 * @live: allocations that were not freed
 * @warnings: warnings so far
 * @messages: lines logged so far, warnings included
 */
struct host_shim_stats {
	unsigned long	allocs;
	unsigned long	live;
	unsigned long	warnings;
	unsigned long	messages;
};

/*
 * Let the @first-th allocation from now on fail, and @count in a row. @failed,
 * which may be NULL, is called for each.
 */
void host_fail_alloc(unsigned long first, unsigned long count,
		     void (*failed)(void));

/* Whether messages of the library are printed; they are counted anyway. */
void host_log(bool on);

void host_get_stats(struct host_shim_stats *stats);

#endif /* _HOST_SHIM_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_SHRINKER_H
#define _POOL_SHIM_SHRINKER_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>

#define SHRINK_STOP		(~0UL)
#define SHRINK_EMPTY		(~0UL - 1)
#define SHRINKER_NUMA_AWARE	1

struct shrink_control {
	int		nid;
	unsigned long	nr_to_scan;
};

struct shrinker {
	unsigned long	(*count_objects)(struct shrinker *shrinker,
					 struct shrink_control *sc);
	unsigned long	(*scan_objects)(struct shrinker *shrinker,
					struct shrink_control *sc);
	long			batch;
	int			seeks;
	void			*private_data;
	struct list_head	all;
};

__printf(2, 3) struct shrinker *shrinker_alloc(unsigned int flags,
					       const char *format, ...);
void shrinker_register(struct shrinker *shrinker);
void shrinker_free(struct shrinker *shrinker);
/* Ask all shrinkers once; returns how many pages they gave. */
unsigned long shrink_all(void);

#endif /* _POOL_SHIM_SHRINKER_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/gfp_types.h>

void *host_alloc(size_t size, gfp_t gfp);
void host_free(const void *ptr);

static inline void *kmalloc(size_t size, gfp_t gfp)
{
	return host_alloc(size, gfp);
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return host_alloc(size, gfp | __GFP_ZERO);
}

static inline void kfree(const void *ptr)
{
	host_free(ptr);
}

#endif /* _LINUX_SLAB_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H

#include <linux/slab.h>

static inline void *vmalloc(size_t size)
{
	return host_alloc(size, GFP_KERNEL);
}

static inline void *vzalloc(size_t size)
{
	return host_alloc(size, GFP_KERNEL | __GFP_ZERO);
}

static inline void vfree(const void *ptr)
{
	host_free(ptr);
}

static inline void kvfree(const void *ptr)
{
	host_free(ptr);
}

#endif /* _LINUX_VMALLOC_H */

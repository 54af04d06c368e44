/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/gfp_types.h>

void *host_alloc(size_t size, gfp_t gfp);
void host_free(const void *ptr);

/* No functions, so that the caller is who asked for memory. */
#define kmalloc(size, gfp)	host_alloc(size, gfp)
#define kzalloc(size, gfp)	host_alloc(size, (gfp) | __GFP_ZERO)
#define kfree(ptr)		host_free(ptr)

#endif /* _LINUX_SLAB_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H

#include <linux/slab.h>

#define vmalloc(size)	host_alloc(size, GFP_KERNEL)
#define vmalloc_array(n, size)	host_alloc((n) * (size), GFP_KERNEL)
#define vzalloc(size)	host_alloc(size, GFP_KERNEL | __GFP_ZERO)
#define vfree(ptr)	host_free(ptr)
#define kvfree(ptr)	host_free(ptr)

#endif /* _LINUX_VMALLOC_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_SLAB_H
#define _POOL_SHIM_SLAB_H

#include_next <linux/slab.h>

#define kmalloc_array(n, size, gfp)	kmalloc((n) * (size), gfp)

#endif /* _POOL_SHIM_SLAB_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A radix tree like the kernel's, of nodes with 64 slots and as high as the
 * largest index takes, for one thread.
 */
#ifndef _POOL_SHIM_XARRAY_H
#define _POOL_SHIM_XARRAY_H

#include <linux/gfp_types.h>

#define XA_NODE_SHIFT	6
#define XA_NODE_SLOTS	(1U << XA_NODE_SHIFT)

struct xa_node {
	unsigned int	used;
	void		*slots[XA_NODE_SLOTS];
};

struct xarray {
	struct xa_node	*root;
	unsigned int	levels;
};

static inline void xa_init(struct xarray *xa)
{
	xa->root = NULL;
	xa->levels = 0;
}

void *xa_load(struct xarray *xa, unsigned long index);
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
bool xa_empty(const struct xarray *xa);
void xa_destroy(struct xarray *xa);

#endif /* _POOL_SHIM_XARRAY_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_MEMCONTROL_H
#define _POOL_SHIM_MEMCONTROL_H

#include <linux/mm.h>

int memcg_kmem_charge_page(struct page *page, gfp_t gfp, int order);
void __memcg_kmem_uncharge_page(struct page *page, int order);

static inline bool PageMemcgKmem(const struct page *page)
{
	return page->flags & PG_MEMCG;
}

#endif /* _POOL_SHIM_MEMCONTROL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* What mm/ knows of compound pages, and how it takes a certain free page. */
#ifndef _POOL_SHIM_INTERNAL_H
#define _POOL_SHIM_INTERNAL_H

#include <linux/mm.h>

void prep_compound_page(struct page *page, unsigned int order);
bool take_page_off_buddy(struct page *page);

static inline void set_page_refcounted(struct page *page)
{
	page->refs = 1;
}

static inline void post_alloc_hook(struct page *page, unsigned int order,
				   gfp_t gfp)
{
}

#endif /* _POOL_SHIM_INTERNAL_H */

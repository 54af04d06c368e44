// SPDX-License-Identifier: GPL-2.0
/*
 * Secret memory where there are no pools: each page leaves the direct map for
 * itself.
 */
#include <linux/atomic.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/secretmem.h>
#include <linux/set_memory.h>

#include <asm/tlbflush.h>

#include "secretmem_pages.h"

static atomic_long_t n_pages;

struct folio *secretmem_alloc_folio(gfp_t gfp)
{
	struct folio *folio = folio_alloc(gfp | __GFP_ZERO, 0);
	unsigned long addr;

	if (!folio)
		return NULL;
	if (set_direct_map_invalid_noflush(&folio->page)) {
		folio_put(folio);
		return NULL;
	}
	addr = (unsigned long)folio_address(folio);
	flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
	atomic_long_inc(&n_pages);
	return folio;
}

/*
 * If a large leaf had to be split that happened when the page left the map, so
 * the way back cannot fail.
 */
static void restore(struct folio *folio)
{
	set_direct_map_default_noflush(&folio->page);
	atomic_long_dec(&n_pages);
}

void secretmem_drop_folio(struct folio *folio)
{
	restore(folio);
	folio_put(folio);
}

int secretmem_add_folio(struct address_space *mapping, struct folio *folio,
			pgoff_t index, gfp_t gfp)
{
	return filemap_add_folio(mapping, folio, index, gfp);
}

void secretmem_give_back(struct folio *folio)
{
	restore(folio);
	folio_zero_segment(folio, 0, folio_size(folio));
}

unsigned long secretmem_pages(void)
{
	return atomic_long_read(&n_pages);
}

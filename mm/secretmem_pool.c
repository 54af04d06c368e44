// SPDX-License-Identifier: GPL-2.0
/*
 * Secret memory from a pool outside of the direct map.
 *
 * The pool keeps a reference to each page. A page has another one for the page
 * cache while it is in a file, and is not on an LRU list: nothing can be
 * reclaimed or moved.
 *
 * Where a process may have huge pages it gets a whole block, as one folio. The
 * pool's reference keeps that from being split.
 */
#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/secretmem.h>
#include <linux/sizes.h>
#include <linux/vmstat.h>

#include "internal.h"
#include "secretmem_pages.h"

static struct direct_map_pool *pool __ro_after_init;

static struct folio *alloc_folio(unsigned int order, gfp_t gfp)
{
	struct page *page;

	page = direct_map_pool_alloc(pool, order,
				     gfp | __GFP_ZERO | __GFP_COMP,
				     NUMA_NO_NODE);
	if (!page)
		return NULL;
	get_page(page);
	return page_rmappable_folio(page);
}

struct folio *secretmem_alloc_folio(gfp_t gfp)
{
	return alloc_folio(0, gfp);
}

static void free_folio(struct folio *folio)
{
	direct_map_pool_free(pool, &folio->page, folio_order(folio));
}

void secretmem_drop_folio(struct folio *folio)
{
	folio_put(folio);
	free_folio(folio);
}

int secretmem_add_folio(struct address_space *mapping, struct folio *folio,
			pgoff_t index, gfp_t gfp)
{
	int ret = mem_cgroup_charge(folio, NULL, gfp);

	if (ret)
		return ret;
	__folio_set_locked(folio);
	ret = __filemap_add_folio(mapping, folio, index, gfp, NULL);
	if (ret) {
		__folio_clear_locked(folio);
		mem_cgroup_uncharge(folio);
	} else {
		/* For those who would look for it on a list otherwise. */
		folio_set_unevictable(folio);
	}
	return ret;
}

void secretmem_give_back(struct folio *folio)
{
	mem_cgroup_uncharge(folio);
	free_folio(folio);
}

/* Are the pages around an address missing, and room for a huge one instead? */
static bool huge_fits(const struct vm_fault *vmf, pgoff_t index)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	loff_t start = (loff_t)index << PAGE_SHIFT;

	return thp_vma_suitable_order(vmf->vma, vmf->address, PMD_ORDER) &&
	       start + PMD_SIZE <= i_size_read(mapping->host) &&
	       !filemap_range_has_page(mapping, start, start + PMD_SIZE - 1);
}

/* If there is no memory for it, or too much is in use, then there is none. */
static bool add_huge(struct address_space *mapping, pgoff_t index, gfp_t gfp)
{
	struct secretmem_inode_state *state = mapping->host->i_private;
	struct folio *folio = alloc_folio(PMD_ORDER, gfp);

	if (!folio)
		return false;
	if (!secretmem_account_folio(state, folio))
		goto drop;
	__folio_mark_uptodate(folio);
	if (secretmem_add_folio(mapping, folio, index, gfp))
		goto unaccount;
	folio_unlock(folio);
	folio_put(folio);
	return true;
unaccount:
	secretmem_unaccount_folio(state, folio);
drop:
	secretmem_drop_folio(folio);
	return false;
}

/*
 * Whether a process may have huge pages was asked before this is called. The
 * usual fault follows: it finds the page, and maps it as large as it is.
 */
vm_fault_t secretmem_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	pgoff_t index = round_down(vmf->pgoff, PTRS_PER_PTE);

	if (order != PMD_ORDER)
		return VM_FAULT_FALLBACK;
	filemap_invalidate_lock_shared(mapping);
	if (huge_fits(vmf, index))
		count_vm_event(add_huge(mapping, index,
					vmf->gfp_mask | __GFP_NORETRY) ?
			       THP_FILE_ALLOC : THP_FILE_FALLBACK);
	filemap_invalidate_unlock_shared(mapping);
	return VM_FAULT_FALLBACK;
}

unsigned long secretmem_pages(void)
{
	return pool ? direct_map_pool_used(pool) : 0;
}

/* Before there is a file system of secret memory. */
static int __init secretmem_pool_init(void)
{
	const struct direct_map_pool_config config = {
		.name = "secretmem",
		.max_idle = SZ_16M >> PAGE_SHIFT,
		.prepopulate = SZ_1M >> PAGE_SHIFT,
		.zero_on_free = true,
	};
	struct direct_map_pool *made = direct_map_pool_create(&config);

	/* Without a pool there is no secret memory: see can_set_direct_map(). */
	if (IS_ERR(made))
		return PTR_ERR(made) == -EOPNOTSUPP ? 0 : PTR_ERR(made);
	pool = made;
	return 0;
}
subsys_initcall(secretmem_pool_init);

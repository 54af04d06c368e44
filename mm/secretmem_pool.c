// SPDX-License-Identifier: GPL-2.0
/*
 * Secret memory from a pool outside of the direct map.
 *
 * The pool keeps a reference to each page. A page has another one for the page
 * cache while it is in a file, and is not on an LRU list: nothing can be
 * reclaimed or moved.
 */
#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/memcontrol.h>
#include <linux/pagemap.h>
#include <linux/secretmem.h>
#include <linux/sizes.h>

#include "internal.h"
#include "secretmem_pages.h"

static struct direct_map_pool *pool __ro_after_init;

struct folio *secretmem_alloc_folio(gfp_t gfp)
{
	struct page *page;

	page = direct_map_pool_alloc(pool, 0, gfp | __GFP_ZERO, NUMA_NO_NODE);
	if (!page)
		return NULL;
	get_page(page);
	return page_folio(page);
}

void secretmem_drop_folio(struct folio *folio)
{
	folio_put(folio);
	direct_map_pool_free(pool, &folio->page, 0);
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
	direct_map_pool_free(pool, &folio->page, 0);
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

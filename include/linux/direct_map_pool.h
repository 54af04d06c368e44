/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pools of pages that are outside of the direct map, or read-only there, or
 * hidden from what follows it.
 *
 * Each user has a pool of its own. Memory leaves the direct map by whole blocks
 * where there are free ones, for one flush each, and page by page where there
 * are none. A page that its user gives back stays in the pool, out of the map,
 * until its block is empty and more is idle than the pool may keep, or memory is
 * wanted elsewhere.
 */
#ifndef _LINUX_DIRECT_MAP_POOL_H
#define _LINUX_DIRECT_MAP_POOL_H

#include <linux/gfp_types.h>
#include <linux/types.h>

struct direct_map_pool;
struct page;
struct pg_table;

/**
 * struct direct_map_pool_config - what a pool is like
 * @name: shown in debugfs; must stay
 * @max_idle: pages that may be idle in each node before blocks that are empty
 *	are given back
 * @prepopulate: pages that are taken of each node before any other, as far as
 *	there are some that boot mapped one by one
 * @zero_on_free: pages are zeroed when they come back, not only before they are
 *	used again
 * @read_only: pages stay in the direct map, where they can be read but not
 *	written. Such a pool has whole blocks only
 * @hidden_in: if there is one, pages stay in the direct map as they are, but not
 *	in this clone of it, which direct_map_follow() made and which outlives
 *	the pool: each block is a hole there before a page of it is handed out,
 *	until it goes back. Such a pool has whole blocks only, and zeroes what
 *	comes back; neither @read_only nor @prepopulate goes with it
 * @give_back: if there is one, called before all that is idle goes back: what
 *	its user keeps in reserve is idle, too. May sleep
 */
struct direct_map_pool_config {
	const char	*name;
	unsigned long	max_idle;
	unsigned int	prepopulate;
	bool		zero_on_free;
	bool		read_only;
	struct pg_table	*hidden_in;
	void		(*give_back)(void);
};

/**
 * enum direct_map_page - who has a page
 * @DIRECT_MAP_PAGE_OTHER: no pool
 * @DIRECT_MAP_PAGE_IDLE: a pool
 * @DIRECT_MAP_PAGE_USED: a pool's user
 */
enum direct_map_page {
	DIRECT_MAP_PAGE_OTHER,
	DIRECT_MAP_PAGE_IDLE,
	DIRECT_MAP_PAGE_USED,
};

#ifdef CONFIG_DIRECT_MAP

struct direct_map_pool *
direct_map_pool_create(const struct direct_map_pool_config *config);
int direct_map_pool_destroy(struct direct_map_pool *pool);

struct page *direct_map_pool_alloc(struct direct_map_pool *pool,
				   unsigned int order, gfp_t gfp, int nid);
unsigned int direct_map_pool_alloc_bulk(struct direct_map_pool *pool,
					unsigned int n, struct page **pages,
					gfp_t gfp, int nid);
void direct_map_pool_free(struct direct_map_pool *pool, struct page *page,
			  unsigned int order);
unsigned long direct_map_pool_shrink(struct direct_map_pool *pool);
unsigned long direct_map_pool_used(struct direct_map_pool *pool);
enum direct_map_page direct_map_pool_hold(struct page *page);
void direct_map_pool_let_go(struct page *page, bool failed);
void direct_map_pools_shrink(void);

#else /* !CONFIG_DIRECT_MAP */

static inline enum direct_map_page direct_map_pool_hold(struct page *page)
{
	return DIRECT_MAP_PAGE_OTHER;
}

static inline void direct_map_pool_let_go(struct page *page, bool failed)
{
}

static inline void direct_map_pools_shrink(void)
{
}

#endif /* !CONFIG_DIRECT_MAP */

#endif /* _LINUX_DIRECT_MAP_POOL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The direct map: pages leave it and come back without shattering it.
 *
 * A *block* is what one leaf of level 1 maps, 2 MiB on x86. Blocks leave whole
 * where they can; of others single pages do, and then the block's leaf is split.
 * What left comes back without memory: the tables that it takes are kept.
 */
#ifndef _LINUX_DIRECT_MAP_H
#define _LINUX_DIRECT_MAP_H

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/pgtable.h>

struct page;
struct pg_table;

#define DIRECT_MAP_BLOCK_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define DIRECT_MAP_BLOCK_PAGES	BIT(DIRECT_MAP_BLOCK_ORDER)

#ifdef CONFIG_DIRECT_MAP

void direct_map_init(void);

void direct_map_lock(void);
bool direct_map_trylock(void);
void direct_map_unlock(void);
int direct_map_reclaim(gfp_t gfp);

int direct_map_unmap(unsigned long pfn, unsigned long n, gfp_t gfp);
void direct_map_map(unsigned long pfn, unsigned long n);
void direct_map_map_locked(unsigned long pfn, unsigned long n);
void direct_map_map_mask_locked(unsigned long pfn, const unsigned long *mask,
				unsigned long n);
int direct_map_make_ro(unsigned long pfn, unsigned long n, gfp_t gfp);
void direct_map_make_rw_locked(unsigned long pfn, unsigned long n);
int direct_map_map_but_locked(unsigned long pfn, const unsigned long *lost,
			      gfp_t gfp);
void direct_map_lose_locked(unsigned long pfn);
int direct_map_unmap_pages(struct page **pages, unsigned int n, gfp_t gfp);
void direct_map_map_pages(struct page **pages, unsigned int n);
int direct_map_protect(unsigned long pfn, unsigned long n, pgprot_t set,
		       pgprot_t clear, gfp_t gfp);
void direct_map_collapse(unsigned long pfn, unsigned long n);
int direct_map_split_locked(unsigned long va, unsigned int level, gfp_t gfp);
int direct_map_keep_small_locked(unsigned long va, unsigned long size,
				 gfp_t gfp);
bool direct_map_is_split(unsigned long pfn);
unsigned long direct_map_next_split(unsigned long pfn);

int direct_map_follow(struct pg_table *clone);
int direct_map_hide(struct pg_table *clone, unsigned long pfn, unsigned long n,
		    gfp_t gfp);
void direct_map_show(struct pg_table *clone, unsigned long pfn,
		     unsigned long n);
void direct_map_show_locked(struct pg_table *clone, unsigned long pfn,
			    unsigned long n);
void direct_map_sync(unsigned long va, unsigned long size);
bool direct_map_disown(void *table);

#else /* !CONFIG_DIRECT_MAP */

static inline void direct_map_init(void)
{
}

static inline void direct_map_sync(unsigned long va, unsigned long size)
{
}

#endif /* !CONFIG_DIRECT_MAP */

#endif /* _LINUX_DIRECT_MAP_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page is as small as it can be, so that large machines fit; machine.c has
 * them by blocks.
 */
#ifndef _POOL_SHIM_MM_H
#define _POOL_SHIM_MM_H

#include <asm/pgtable.h>
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/math.h>

#define PG_MEMCG	0x1u
#define PG_HWPOISON	0x2u
/* Set by users, and of no meaning to whoever has the page next. */
#define PG_PRIVATE	0x4u
/* Parts of a compound page. */
#define PG_HEAD		0x8u
#define PG_TAIL		0x10u
#define PAGE_FLAGS_CHECK_AT_PREP	(PG_MEMCG | PG_PRIVATE | PG_HEAD)

struct page {
	u8	flags;
	u8	refs : 4;
	u8	index : 2;
	u8	private : 1;
	bool	mapping : 1;
};

#define NUMA_NO_NODE	(-1)
#define nr_node_ids	1
#define for_each_node_state(nid, state) \
	for ((nid) = 0; (nid) < nr_node_ids; (nid)++)

static inline int numa_mem_id(void)
{
	return 0;
}

static inline int page_to_nid(const struct page *page)
{
	return 0;
}

static inline int page_ref_count(const struct page *page)
{
	return page->refs;
}

/* Does nobody have a reference to it but @refs? Then nobody can take one. */
static inline bool page_ref_freeze(struct page *page, int refs)
{
	if (page->refs != refs)
		return false;
	page->refs = 0;
	return true;
}

static inline void page_ref_unfreeze(struct page *page, int refs)
{
	page->refs = refs;
}

static inline bool PageCompound(const struct page *page)
{
	return page->flags & (PG_HEAD | PG_TAIL);
}

static inline void clear_compound_head(struct page *page)
{
	page->flags &= ~PG_TAIL;
}

struct page *compound_head(struct page *page);
unsigned int compound_order(struct page *page);

static inline void get_page(struct page *page)
{
	if (PageCompound(page))
		page = compound_head(page);
	page->refs++;
}

/* Here nobody but the pool frees pages. */
static inline void put_page(struct page *page)
{
	if (PageCompound(page))
		page = compound_head(page);
	page->refs--;
}

static inline bool PageHWPoison(const struct page *page)
{
	return page->flags & PG_HWPOISON;
}

static inline void SetPageHWPoison(struct page *page)
{
	page->flags |= PG_HWPOISON;
}

static inline void ClearPageHWPoison(struct page *page)
{
	page->flags &= ~PG_HWPOISON;
}

static inline void set_page_private(struct page *page, unsigned long value)
{
	page->private = value;
}

struct page *pfn_to_page(unsigned long pfn);
void *page_address(const struct page *page);
unsigned long page_to_pfn(const struct page *page);
struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order);
void __free_page(struct page *page);

/* Pages of a block are pages by themselves already. */
static inline void split_page(struct page *page, unsigned int order)
{
}

#endif /* _POOL_SHIM_MM_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of a simulated machine's direct map: as mm/direct_map.c keeps it,
 * and as a stock kernel does.
 */
#include <errno.h>
#include <limits.h>

#include <linux/mutex.h>
#include <linux/slab.h>

#include "machine.h"

static DEFINE_MUTEX(map_mutex);

/* The first GiB has a table, and its first block has one. */
void map_boot(void)
{
	struct map_stats *map = &machine->map;

	map->leaves[2] = machine->n_blocks / GIANT_BLOCKS - 1;
	map->leaves[1] = GIANT_BLOCKS - 1;
	map->leaves[0] = BLOCK_PAGES;
	machine->blocks[0].map = MAP_SPLIT;
	machine->giants[0] = (struct giant) { .other = 1, .split = true };
}

void direct_map_lock(void)
{
	mutex_lock(&map_mutex);
}

bool direct_map_trylock(void)
{
	return mutex_trylock(&map_mutex);
}

void direct_map_unlock(void)
{
	mutex_unlock(&map_mutex);
}

static struct block *block_of(unsigned long pfn)
{
	return &machine->blocks[pfn / BLOCK_PAGES];
}

static struct giant *giant_of(unsigned long pfn)
{
	return &machine->giants[pfn / BLOCK_PAGES / GIANT_BLOCKS];
}

bool direct_map_is_split(unsigned long pfn)
{
	return block_of(pfn)->map != MAP_LARGE;
}

unsigned long direct_map_next_split(unsigned long pfn)
{
	unsigned long block;

	for (block = pfn / BLOCK_PAGES; block < machine->n_blocks; block++) {
		if (machine->blocks[block].map == MAP_SPLIT)
			return block * BLOCK_PAGES;
	}
	return ULONG_MAX;
}

static void split_giant(unsigned long pfn)
{
	struct map_stats *map = &machine->map;

	if (giant_of(pfn)->split)
		return;
	giant_of(pfn)->split = true;
	map->leaves[2]--;
	map->leaves[1] += GIANT_BLOCKS;
	map->splits[2]++;
	map->flushes++;
}

static void split_block(unsigned long pfn)
{
	struct map_stats *map = &machine->map;

	split_giant(pfn);
	if (block_of(pfn)->map != MAP_LARGE)
		return;
	block_of(pfn)->map = MAP_SPLIT;
	giant_of(pfn)->other++;
	map->leaves[1]--;
	map->leaves[0] += BLOCK_PAGES;
	map->splits[1]++;
	map->flushes++;
}

static void page_leaves(unsigned long pfn)
{
	struct block_pages *bp = block_pages(pfn / BLOCK_PAGES);

	if (test_bit(pfn % BLOCK_PAGES, bp->away))
		machine_error("leaves the map twice", pfn);
	__set_bit(pfn % BLOCK_PAGES, bp->away);
	block_of(pfn)->away++;
	machine->map.leaves[0]--;
}

static void page_returns(unsigned long pfn)
{
	struct block_pages *bp = block_pages(pfn / BLOCK_PAGES);

	if (!test_bit(pfn % BLOCK_PAGES, bp->away))
		machine_error("comes back but is in the map", pfn);
	__clear_bit(pfn % BLOCK_PAGES, bp->away);
	block_of(pfn)->away--;
	machine->map.leaves[0]++;
}

static void block_leaves(unsigned long pfn)
{
	if (block_of(pfn)->map != MAP_LARGE)
		machine_error("leaves as a block but is none", pfn);
	bitmap_set(block_pages(pfn / BLOCK_PAGES)->away, 0, BLOCK_PAGES);
	block_of(pfn)->map = MAP_GONE;
	block_of(pfn)->away = BLOCK_PAGES;
	giant_of(pfn)->other++;
	machine->map.leaves[1]--;
}

static void block_returns(unsigned long pfn)
{
	if (block_of(pfn)->map != MAP_GONE)
		machine_error("comes back as a block but is none", pfn);
	bitmap_clear(block_pages(pfn / BLOCK_PAGES)->away, 0, BLOCK_PAGES);
	block_of(pfn)->map = MAP_LARGE;
	block_of(pfn)->away = 0;
	giant_of(pfn)->other--;
	machine->map.leaves[1]++;
}

/* What is uniform again becomes large, for one flush. */
static void collapse(unsigned long pfn)
{
	struct map_stats *map = &machine->map;
	unsigned long flush = 0;

	if (block_of(pfn)->map == MAP_SPLIT && !block_of(pfn)->away) {
		block_of(pfn)->map = MAP_LARGE;
		giant_of(pfn)->other--;
		map->leaves[0] -= BLOCK_PAGES;
		map->leaves[1]++;
		map->collapses[1]++;
		flush = 1;
	}
	if (giant_of(pfn)->split && !giant_of(pfn)->other) {
		giant_of(pfn)->split = false;
		map->leaves[1] -= GIANT_BLOCKS;
		map->leaves[2]++;
		map->collapses[2]++;
		flush = 1;
	}
	map->flushes += flush;
}

/* One of the allocations that a page's way out takes. */
static bool table_fails(unsigned long pfn)
{
	return machine_must_fail() ||
	       (block_of(pfn)->map == MAP_LARGE && machine_must_fail());
}

int direct_map_unmap(unsigned long pfn, unsigned long n, gfp_t gfp)
{
	int ret = -ENOMEM;

	direct_map_lock();
	split_giant(pfn);
	if (!table_fails(pfn)) {
		block_leaves(pfn);
		machine->map.flushes++;
		ret = 0;
	}
	collapse(pfn);
	direct_map_unlock();
	return ret;
}

static void unmap_one(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);

	if (!direct_map_is_split(pfn) && machine_free_blocks() &&
	    !machine->injecting)
		machine->map.wasted++;
	split_block(pfn);
	page_leaves(pfn);
}

int direct_map_unmap_pages(struct page **pages, unsigned int n, gfp_t gfp)
{
	unsigned int i;
	int ret = 0;

	direct_map_lock();
	for (i = 0; i < n && !ret; i++) {
		if (table_fails(page_to_pfn(pages[i])))
			ret = -ENOMEM;
		else
			unmap_one(pages[i]);
	}
	/* All or nothing. */
	for (i = ret ? i - 1 : 0; ret && i; i--) {
		page_returns(page_to_pfn(pages[i - 1]));
		collapse(page_to_pfn(pages[i - 1]));
	}
	machine->map.flushes += !ret;
	direct_map_unlock();
	return ret;
}

static void assert_locked(unsigned long pfn)
{
	if (mutex_trylock(&map_mutex))
		machine_error("comes back without the lock", pfn);
}

/* A whole block. */
void direct_map_map_locked(unsigned long pfn, unsigned long n)
{
	assert_locked(pfn);
	block_returns(pfn);
	collapse(pfn);
}

void direct_map_map_mask_locked(unsigned long pfn, const unsigned long *mask,
				unsigned long n)
{
	unsigned long i;

	assert_locked(pfn);
	for_each_set_bit(i, mask, n)
		page_returns(pfn + i);
	collapse(pfn);
}

/* No pool here is read-only: it would be the same in all that is looked at. */
int direct_map_make_ro(unsigned long pfn, unsigned long n, gfp_t gfp)
{
	return direct_map_unmap(pfn, n, gfp);
}

void direct_map_make_rw_locked(unsigned long pfn, unsigned long n)
{
	direct_map_map_locked(pfn, n);
}

/* Nor does any hide what it has. */
int direct_map_hide(struct pg_table *clone, unsigned long pfn, unsigned long n,
		    gfp_t gfp)
{
	return direct_map_unmap(pfn, n, gfp);
}

void direct_map_show_locked(struct pg_table *clone, unsigned long pfn,
			    unsigned long n)
{
	direct_map_map_locked(pfn, n);
}

/* The block has a table from now on, like any other that is split. */
int direct_map_map_but_locked(unsigned long pfn, const unsigned long *lost,
			      gfp_t gfp)
{
	unsigned int i;

	assert_locked(pfn);
	if (block_of(pfn)->map != MAP_GONE)
		machine_error("comes back as a block but is none", pfn);
	if (machine_must_fail())
		return -ENOMEM;
	block_of(pfn)->map = MAP_SPLIT;
	for (i = 0; i < BLOCK_PAGES; i++) {
		if (!test_bit(i, lost))
			page_returns(pfn + i);
	}
	return 0;
}

void direct_map_lose_locked(unsigned long pfn)
{
	assert_locked(pfn);
	if (block_of(pfn)->map != MAP_SPLIT)
		machine_error("is given up but is in a block", pfn);
}

/* A stock kernel: each page for itself, and nothing that was split heals. */
void stock_unmap_page(unsigned long pfn)
{
	split_block(pfn);
	page_leaves(pfn);
	machine->map.flushes++;
}

/* All pages of a block, one after the other. */
void stock_unmap_block(unsigned long pfn)
{
	split_block(pfn);
	bitmap_set(block_pages(pfn / BLOCK_PAGES)->away, 0, BLOCK_PAGES);
	block_of(pfn)->away = BLOCK_PAGES;
	machine->map.leaves[0] -= BLOCK_PAGES;
	machine->map.flushes += BLOCK_PAGES;
}

void stock_map_page(unsigned long pfn)
{
	page_returns(pfn);
}

void stock_map_block(unsigned long pfn)
{
	bitmap_clear(block_pages(pfn / BLOCK_PAGES)->away, 0, BLOCK_PAGES);
	block_of(pfn)->away = 0;
	machine->map.leaves[0] += BLOCK_PAGES;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine of up to 64 TiB as the pool sees it: memory by blocks of 2 MiB, the
 * page allocator, and the layout of the direct map.
 *
 * What is free, or in use as a whole by others, is not more than a number. Only
 * blocks of which pages were allocated have struct pages.
 */
#ifndef POOL_MACHINE_H
#define POOL_MACHINE_H

#include <linux/bitmap.h>
#include <linux/direct_map.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#define BLOCK_PAGES	DIRECT_MAP_BLOCK_PAGES
#define BLOCK_ORDER	DIRECT_MAP_BLOCK_ORDER
/* Blocks in what one leaf of level 2 maps, 1 GiB. */
#define GIANT_BLOCKS	512UL
#define GIB		GIANT_BLOCKS
#define TIB		(1024 * GIB)
/* Boot and the kernel have the first of them, mapped by smaller leaves. */
#define BOOT_BLOCKS	GIANT_BLOCKS

/**
 * struct block_pages - the pages of a block that are not all free
 * @pfn: the first
 * @link: in the list of blocks with free pages
 * @n_used: how many are allocated
 * @movable: whose list it belongs to
 * @cleared: the last round of mermap_flush_all() before pages were cleared
 * @used: those that are allocated
 * @away: those that are out of the direct map
 * @taken: those that a user of a pool has
 * @dirty: those that are not zero
 * @secret: those that hold what a user wrote
 * @pages: all of them
 */
struct block_pages {
	unsigned long		pfn;
	struct list_head	link;
	unsigned int		n_used;
	bool			movable;
	unsigned int		cleared;
	DECLARE_BITMAP(used, BLOCK_PAGES);
	DECLARE_BITMAP(away, BLOCK_PAGES);
	DECLARE_BITMAP(taken, BLOCK_PAGES);
	DECLARE_BITMAP(dirty, BLOCK_PAGES);
	DECLARE_BITMAP(secret, BLOCK_PAGES);
	struct page		pages[BLOCK_PAGES];
};

/**
 * enum block_map - how the direct map has a block
 * @MAP_LARGE: by a leaf of level 1, or a part of one of level 2
 * @MAP_SPLIT: by leaves of level 0
 * @MAP_GONE: not at all
 */
enum block_map { MAP_LARGE, MAP_SPLIT, MAP_GONE };

/**
 * struct block - what is known of each block
 * @pages: its struct block_pages by number, from 1 on, or 0
 * @away: how many pages are out of the map
 * @map: how it is mapped
 */
struct block {
	u32	pages;
	u16	away;
	u8	map;
};

/**
 * struct giant - what is known of each GiB
 * @other: blocks that are not MAP_LARGE
 * @split: there is a table, not a leaf
 */
struct giant {
	u16	other;
	bool	split;
};

/**
 * struct map_stats - the direct map
 * @leaves: by level
 * @splits: by the level that was split, so far
 * @collapses: by the level that came of it, so far
 * @flushes: on all CPUs, so far
 * @wasted: leaves of level 1 that a pool split while there was a free block
 */
struct map_stats {
	long		leaves[3];
	unsigned long	splits[3];
	unsigned long	collapses[3];
	unsigned long	flushes;
	unsigned long	wasted;
};

/**
 * struct machine - a machine
 * @n_blocks: its memory
 * @fresh: blocks from here to @n_blocks - @bulk were never in use, or are again
 * @stride: from one of these to the next, round the machine
 * @bulk: blocks that others have, as a whole
 * @freed: blocks that were in use, the last that became free at the end
 * @n_freed: how many
 * @blocks: all blocks
 * @giants: all GiB
 * @partial: blocks with free pages, of pages that cannot be moved and that can
 * @n_open: blocks that are not free, but for @bulk
 * @n_used: pages that are allocated
 * @node: as the kernel knows it
 * @map: the direct map
 * @rounds: of mermap_flush_all(), from 1 on
 * @n_cleared: pages that were cleared
 * @n_charged: pages charged to a memory cgroup
 * @errors: things that must not happen
 * @injecting: allocations of pages can be made to fail, as those of kmalloc()
 */
struct machine {
	unsigned long		n_blocks;
	unsigned long		fresh;
	unsigned long		stride;
	unsigned long		bulk;
	u32			*freed;
	unsigned long		n_freed;
	struct block		*blocks;
	struct giant		*giants;
	struct list_head	partial[2];
	unsigned long		n_open;
	unsigned long		n_used;
	struct pglist_data	node;
	struct map_stats	map;
	unsigned int		rounds;
	unsigned long		n_cleared;
	unsigned long		n_charged;
	unsigned long		errors;
	bool			injecting;
};

/* The machine that the pool runs on. */
extern struct machine *machine;

struct machine *machine_create(unsigned long n_blocks, unsigned long stride);
void machine_destroy(struct machine *m);
void machine_error(const char *what, unsigned long pfn);
unsigned long machine_free_blocks(void);
void machine_set_bulk(unsigned long n_blocks);
bool machine_must_fail(void);

/* The pages of a block in use, found by a page of it or the block's number. */
struct block_pages *pages_of(const struct page *page);
struct block_pages *block_pages(unsigned long block);

/* A user of a pool takes a page, which must be as promised, and gives it back. */
void machine_hand_out(struct page *page, unsigned int order, bool zeroed);
void machine_hand_back(struct page *page, unsigned int order);

/* The direct map. */
void map_boot(void);
void stock_unmap_page(unsigned long pfn);
void stock_unmap_block(unsigned long pfn);
void stock_map_page(unsigned long pfn);
void stock_map_block(unsigned long pfn);

#endif /* POOL_MACHINE_H */

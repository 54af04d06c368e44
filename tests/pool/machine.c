// SPDX-License-Identifier: GPL-2.0
/*
 * The page allocator of a simulated machine, and what sees that nobody gets a
 * page that another one has.
 *
 * Free blocks are handed out the last first, single pages from blocks that are
 * in use already, those of pages that can be moved apart from others. A block of
 * which all is free again is a free block.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <linux/memcontrol.h>
#include <linux/memory_hotplug.h>
#include <linux/mermap.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "internal.h"
#include "machine.h"

#define ARENA_BLOCKS	(8 * TIB)

struct machine *machine;

/* Room for all struct block_pages; unused ones are in a list by number. */
static struct block_pages *arena;
static u32 arena_used, arena_idle;

static void *room(size_t size)
{
	void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (ptr == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return ptr;
}

struct machine *machine_create(unsigned long n_blocks, unsigned long stride)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!arena)
		arena = room(ARENA_BLOCKS * sizeof(*arena));
	m->n_blocks = n_blocks;
	m->fresh = BOOT_BLOCKS;
	m->stride = stride;
	m->freed = room(n_blocks * sizeof(*m->freed));
	m->blocks = room(n_blocks * sizeof(*m->blocks));
	m->giants = room(n_blocks / GIANT_BLOCKS * sizeof(*m->giants));
	m->rounds = 1;
	INIT_LIST_HEAD(&m->partial[0]);
	INIT_LIST_HEAD(&m->partial[1]);
	machine = m;
	map_boot();
	return m;
}

void machine_destroy(struct machine *m)
{
	munmap(m->freed, m->n_blocks * sizeof(*m->freed));
	munmap(m->blocks, m->n_blocks * sizeof(*m->blocks));
	munmap(m->giants, m->n_blocks / GIANT_BLOCKS * sizeof(*m->giants));
	free(m);
}

void machine_error(const char *what, unsigned long pfn)
{
	if (!machine->errors++)
		fprintf(stderr, "pool-sim: page %#lx %s\n", pfn, what);
}

unsigned long machine_free_blocks(void)
{
	return machine->n_freed + machine->n_blocks - machine->bulk -
	       machine->fresh;
}

unsigned long node_end_pfn(int nid)
{
	return machine->n_blocks * BLOCK_PAGES;
}

struct pglist_data *machine_node(void)
{
	return &machine->node;
}

bool zone_watermark_ok(struct zone *zone, unsigned int order,
		       unsigned long mark, int highest, unsigned int flags)
{
	unsigned long blocks = machine_free_blocks() + machine->n_open;

	return blocks * BLOCK_PAGES - machine->n_used >= mark;
}

/* Others take blocks that were never in use; they can have no more. */
void machine_set_bulk(unsigned long n_blocks)
{
	machine->bulk = min(n_blocks, machine->n_blocks - machine->fresh);
}

/* Whether an allocation of pages is the one that shall fail. */
bool machine_must_fail(void)
{
	void *ptr;

	if (!machine->injecting)
		return false;
	ptr = kmalloc(1, GFP_KERNEL);
	kfree(ptr);
	return !ptr;
}

static u32 arena_get(void)
{
	u32 i = arena_idle;

	if (!i) {
		if (arena_used == ARENA_BLOCKS - 1) {
			fprintf(stderr, "pool-sim: too much memory in use\n");
			exit(1);
		}
		return ++arena_used;
	}
	arena_idle = arena[i].n_used;
	return i;
}

static void arena_put(u32 i)
{
	arena[i].n_used = arena_idle;
	arena_idle = i;
}

struct block_pages *block_pages(unsigned long block)
{
	u32 i = machine->blocks[block].pages;

	return i ? &arena[i] : NULL;
}

struct block_pages *pages_of(const struct page *page)
{
	return &arena[((char *)page - (char *)arena) / sizeof(*arena)];
}

struct page *pfn_to_page(unsigned long pfn)
{
	return &block_pages(pfn / BLOCK_PAGES)->pages[pfn % BLOCK_PAGES];
}

unsigned long page_to_pfn(const struct page *page)
{
	struct block_pages *bp = pages_of(page);

	return bp->pfn + (page - bp->pages);
}

/* A tail has no reference of its own, and a mapping that no page has. */
void prep_compound_page(struct page *page, unsigned int order)
{
	unsigned int i;

	page->flags |= PG_HEAD;
	for (i = 1; i < 1U << order; i++) {
		if (page[i].refs)
			machine_error("is a tail with a reference",
				      page_to_pfn(page + i));
		page[i].flags |= PG_TAIL;
		page[i].mapping = true;
	}
}

struct page *compound_head(struct page *page)
{
	while (page->flags & PG_TAIL)
		page--;
	return page;
}

unsigned int compound_order(struct page *page)
{
	const struct page *end = pages_of(page)->pages + BLOCK_PAGES;
	const struct page *next = page + 1;

	while (next < end && next->flags & PG_TAIL)
		next++;
	return ilog2(next - page);
}

/* The number of a free block, or 0. */
static unsigned long take_free_block(void)
{
	unsigned long i, n = machine->n_blocks - BOOT_BLOCKS;

	if (machine->n_freed)
		return machine->freed[--machine->n_freed];
	if (!machine_free_blocks())
		return 0;
	i = machine->fresh++ - BOOT_BLOCKS;
	return BOOT_BLOCKS + i * machine->stride % n;
}

/* A free block gets struct pages. */
static struct block_pages *open_block(bool movable)
{
	unsigned long block = take_free_block();
	struct block_pages *bp;
	u32 i;

	if (!block)
		return NULL;
	i = arena_get();
	machine->n_open++;
	machine->blocks[block].pages = i;
	bp = &arena[i];
	memset(bp, 0, sizeof(*bp));
	bp->pfn = block * BLOCK_PAGES;
	bp->movable = movable;
	INIT_LIST_HEAD(&bp->link);
	bitmap_set(bp->dirty, 0, BLOCK_PAGES);
	return bp;
}

static void close_block(struct block_pages *bp)
{
	unsigned long block = bp->pfn / BLOCK_PAGES;

	list_del_init(&bp->link);
	machine->freed[machine->n_freed++] = block;
	arena_put(machine->blocks[block].pages);
	machine->blocks[block].pages = 0;
	machine->n_open--;
}

static struct page *alloc_block(void)
{
	struct block_pages *bp = open_block(false);
	unsigned int i;

	if (!bp)
		return NULL;
	bitmap_set(bp->used, 0, BLOCK_PAGES);
	bp->n_used = BLOCK_PAGES;
	machine->n_used += BLOCK_PAGES;
	for (i = 0; i < BLOCK_PAGES; i++)
		bp->pages[i].refs = 1;
	return bp->pages;
}

static struct block_pages *first_partial(bool movable)
{
	struct list_head *list = &machine->partial[movable];

	return list_empty(list) ? NULL :
	       list_entry(list->next, struct block_pages, link);
}

static void use_page(struct block_pages *bp, unsigned int i)
{
	__set_bit(i, bp->used);
	machine->n_used++;
	if (++bp->n_used == BLOCK_PAGES)
		list_del_init(&bp->link);
}

static struct page *alloc_single(bool movable)
{
	struct block_pages *bp = first_partial(movable);
	unsigned int i;

	if (!bp) {
		bp = open_block(movable);
		if (!bp)
			bp = first_partial(!movable);
		if (!bp)
			return NULL;
		if (!bp->n_used)
			list_add(&bp->link, &machine->partial[movable]);
	}
	i = find_next_zero_bit(bp->used, BLOCK_PAGES, 0);
	bp->pages[i] = (struct page) { .refs = 1, .flags = 0 };
	use_page(bp, i);
	return &bp->pages[i];
}

/* Free pages have struct pages where others of their block are in use. */
struct page *pfn_to_online_page(unsigned long pfn)
{
	return block_pages(pfn / BLOCK_PAGES) ? pfn_to_page(pfn) : NULL;
}

bool take_page_off_buddy(struct page *page)
{
	struct block_pages *bp = pages_of(page);
	unsigned int i = page - bp->pages;

	if (test_bit(i, bp->used))
		return false;
	*page = (struct page) { };
	use_page(bp, i);
	return true;
}

struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (machine_must_fail())
		return NULL;
	if (order) {
		page = alloc_block();
		if (page && gfp & __GFP_ZERO)
			bitmap_clear(pages_of(page)->dirty, 0, BLOCK_PAGES);
		return page;
	}
	page = alloc_single(gfp & __GFP_MOVABLE);
	if (!page && shrink_all())
		page = alloc_single(gfp & __GFP_MOVABLE);
	return page;
}

void __free_page(struct page *page)
{
	struct block_pages *bp = pages_of(page);
	unsigned int i = page - bp->pages;

	if (!test_bit(i, bp->used))
		machine_error("is freed but is free", bp->pfn + i);
	if (test_bit(i, bp->away))
		machine_error("is freed but not in the map", bp->pfn + i);
	if (test_bit(i, bp->taken) || page->refs != 1)
		machine_error("is freed but in use", bp->pfn + i);
	if (test_bit(i, bp->secret))
		machine_error("is freed with a secret in it", bp->pfn + i);
	if (page->flags || page->mapping)
		machine_error("is freed with flags, or failed", bp->pfn + i);
	page->refs = 0;
	__set_bit(i, bp->dirty);
	__clear_bit(i, bp->used);
	machine->n_used--;
	if (!--bp->n_used)
		close_block(bp);
	else if (list_empty(&bp->link))
		list_add(&bp->link, &machine->partial[bp->movable]);
}

void machine_hand_out(struct page *page, unsigned int order, bool zeroed)
{
	struct block_pages *bp = pages_of(page);
	unsigned int n = 1U << order, i = page - bp->pages, end = i + n, k;

	for (k = 0; k < n; k++) {
		if (PageHWPoison(page + k))
			machine_error("is handed out but failed", bp->pfn + i);
	}
	if (find_next_bit(bp->taken, end, i) < end)
		machine_error("is handed out twice", bp->pfn + i);
	if (find_next_zero_bit(bp->used, end, i) < end)
		machine_error("is handed out but free", bp->pfn + i);
	if (find_next_zero_bit(bp->away, end, i) < end)
		machine_error("is handed out but in the map", bp->pfn + i);
	if (zeroed && find_next_bit(bp->dirty, end, i) < end)
		machine_error("is handed out but not zeroed", bp->pfn + i);
	if (PageCompound(page) && compound_order(page) != order)
		machine_error("is a compound page of another size", bp->pfn + i);
	bitmap_set(bp->taken, i, n);
	bitmap_set(bp->dirty, i, n);
	bitmap_set(bp->secret, i, n);
	page->flags |= PG_PRIVATE;
}

void machine_hand_back(struct page *page, unsigned int order)
{
	struct block_pages *bp = pages_of(page);

	bitmap_clear(bp->taken, page - bp->pages, 1U << order);
}

/* No memory is simulated, only what is known of it. */
void *page_address(const struct page *page)
{
	machine_error("is asked for its address", page_to_pfn(page));
	return NULL;
}

/* mermap: what a CPU may still reach, and what is zero. */
void mermap_clear(unsigned long pfn, unsigned int n)
{
	struct block_pages *bp = block_pages(pfn / BLOCK_PAGES);
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (PageHWPoison(&bp->pages[pfn % BLOCK_PAGES + i]))
			machine_error("is touched but has failed", pfn + i);
	}
	bitmap_clear(bp->dirty, pfn % BLOCK_PAGES, n);
	bitmap_clear(bp->secret, pfn % BLOCK_PAGES, n);
	bp->cleared = machine->rounds;
	machine->n_cleared += n;
}

void mermap_flush_all(void)
{
	machine->rounds++;
}

void mermap_assert_flushed(unsigned long pfn, unsigned int n)
{
	struct block_pages *bp = block_pages(pfn / BLOCK_PAGES);

	if (bp->cleared == machine->rounds)
		machine_error("is given back while a CPU can reach it", pfn);
}

int memcg_kmem_charge_page(struct page *page, gfp_t gfp, int order)
{
	if (machine_must_fail())
		return -ENOMEM;
	page->flags |= PG_MEMCG;
	machine->n_charged += 1UL << order;
	return 0;
}

void __memcg_kmem_uncharge_page(struct page *page, int order)
{
	page->flags &= ~PG_MEMCG;
	machine->n_charged -= 1UL << order;
}

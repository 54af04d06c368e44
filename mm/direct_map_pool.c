// SPDX-License-Identifier: GPL-2.0
/*
 * Pools of pages that are outside of the direct map, or read-only there, or
 * hidden from what follows it.
 *
 * A pool consists of blocks. A *whole* block was one free block of the page
 * allocator and left the direct map as such. Where no block is free single pages
 * are taken, preferably where the map is split already: these are *loose*.
 *
 * Pages are taken from the fullest block that has them, so that others empty. An
 * empty block goes back to the page allocator when more is idle than the pool
 * may keep, or when memory is short: into the direct map first, by one store.
 *
 * The pool keeps a reference to each of its pages for as long as it has them. A
 * page that was given back is used again once no other reference is left, for
 * whoever holds one may still be about to unlock it.
 *
 * A page whose memory has failed is not used again. When its block goes back it
 * stays behind, out of the direct map, where nothing can run into it.
 */
#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/direct_map.h>
#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/memory_hotplug.h>
#include <linux/mermap.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/page-isolation.h>
#include <linux/seq_file.h>
#include <linux/set_memory.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/suspend.h>
#include <linux/swap.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <asm/barrier.h>

#include "internal.h"

#define BLOCK_PAGES	DIRECT_MAP_BLOCK_PAGES
#define BLOCK_ORDER	DIRECT_MAP_BLOCK_ORDER
/* Loose pages leave the map together, for one flush. */
#define LOOSE_PAGES	256U
/* So many at once where memory is short. */
#define LOOSE_PAGES_SHORT	64U
/* When to give back what others still looked at. */
#define TRIM_AGAIN	HZ
/* One page of memory, taken so that most of a block is freed. */
#define LOST_GFP	(GFP_NOWAIT | __GFP_MEMALLOC | __GFP_NOWARN)

/**
 * struct pool_block - pages of one block of memory that are in a pool
 * @list: links blocks that are about equally full
 * @pfn: the block's first page
 * @in: in which lists of its node the block is
 * @run: log2 of the most idle pages in a row, as they are aligned; there may be
 *	fewer by now
 * @owned: how many of the pages the pool has
 * @n_free: how many of these are idle
 * @whole: the block left the direct map as one
 * @free: the idle ones
 * @have: the pool's own
 * @clean: of the idle ones those that are zeroed
 * @held: those whose memory has failed, with a reference for that
 */
struct pool_block {
	struct list_head	list;
	unsigned long		pfn;
	unsigned int		owned;
	unsigned int		n_free;
	unsigned int		in;
	unsigned int		run;
	bool			whole;
	DECLARE_BITMAP(free, BLOCK_PAGES);
	DECLARE_BITMAP(have, BLOCK_PAGES);
	DECLARE_BITMAP(clean, BLOCK_PAGES);
	DECLARE_BITMAP(held, BLOCK_PAGES);
};

/*
 * Blocks with 2^i to 2^(i + 1) - 1 idle pages are in lists i, but those of which
 * all is idle in lists of their own, the last. There is one for each length of
 * what is idle in a row, so that nobody looks at blocks that have too little.
 */
#define BLOCK_LISTS	(BLOCK_ORDER + 2)
#define BLOCK_EMPTY	(BLOCK_LISTS - 1)
#define BLOCK_RUNS	(BLOCK_ORDER + 1)

/**
 * struct pool_node - what a pool has of one node's memory
 * @lock: protects what follows
 * @lists: blocks with idle pages, by how many, and how many of them in a row
 * @runs: which lists have blocks: bit i if those with 2^i pages in a row do
 * @n_free: idle pages
 * @n_used: pages that users have
 * @n_whole: whole blocks
 * @n_loose: loose pages
 * @refills: times that memory was taken from the page allocator
 * @n_prepopulated: pages that were taken first, see prepopulate()
 * @searched: somebody looked for these
 * @refill: serialises those who add blocks and take them away; taken before
 *	direct_map_lock()
 */
struct pool_node {
	spinlock_t		lock; /* see above */
	struct list_head	lists[BLOCK_LISTS][BLOCK_RUNS];
	unsigned int		runs[BLOCK_LISTS];
	unsigned long		n_free;
	unsigned long		n_used;
	unsigned long		n_whole;
	unsigned long		n_loose;
	unsigned long		refills;
	unsigned long		n_prepopulated;
	bool			searched;
	struct mutex		refill; /* see above */
};

/**
 * struct direct_map_pool - see direct_map_pool_create()
 * @config: as given
 * @all: links all pools
 * @blocks: by the number of the block
 * @shrinker: gives blocks back when memory is short
 * @trim: gives blocks back when too much is idle
 * @drained: the CPUs' lists were emptied for what is too much still
 * @dir: its knobs in debugfs
 * @nodes: one for each node
 */
struct direct_map_pool {
	struct direct_map_pool_config	config;
	struct list_head		all;
	struct xarray			blocks;
	struct shrinker			*shrinker;
	struct delayed_work		trim;
	bool				drained;
	struct dentry			*dir;
	struct pool_node		nodes[];
};

static LIST_HEAD(pools);
static DEFINE_MUTEX(pools_lock);

/* Set while nothing may leave the direct map: who hibernates reads it. */
static bool pools_frozen;

static unsigned int block_list(const struct pool_block *block)
{
	return block->n_free == block->owned ? BLOCK_EMPTY :
					       ilog2(block->n_free);
}

/*
 * Of runs of 2^@order pages, which their first pages stand for, those stay that
 * have the other half of a run twice as long. Are there any?
 */
static bool pair_runs(unsigned long *map, unsigned int order)
{
#define EVERY_SECOND(order) \
	((unsigned long)(~0ULL / ((1ULL << (1 << (order))) + 1)))
	static const unsigned long firsts[] = {
		EVERY_SECOND(0), EVERY_SECOND(1), EVERY_SECOND(2),
		EVERY_SECOND(3), EVERY_SECOND(4), EVERY_SECOND(5),
	};
#undef EVERY_SECOND
	unsigned int i, half = (1U << order) / BITS_PER_LONG;
	unsigned long any = 0;

	for (i = 0; i < BITS_TO_LONGS(BLOCK_PAGES); i += half ? 2 * half : 1) {
		if (half)
			map[i] &= map[i + half];
		else
			map[i] &= map[i] >> (1U << order) & firsts[order];
		any |= map[i];
	}
	return any;
}

/* log2 of the most idle pages in a row that a block has, of some. */
static unsigned int longest_run(const struct pool_block *block)
{
	DECLARE_BITMAP(map, BLOCK_PAGES);
	unsigned int order = 0;

	if (block->n_free == BLOCK_PAGES)
		return BLOCK_ORDER;
	bitmap_copy(map, block->free, BLOCK_PAGES);
	while (pair_runs(map, order))
		order++;
	return order;
}

/* log2 of how many pages in a row are idle, of which 2^@order from @i on are. */
static unsigned int run_around(const struct pool_block *block, unsigned int i,
			       unsigned int order)
{
	unsigned int other, end;

	for (; order < BLOCK_ORDER; order++) {
		other = round_down(i, 1U << order) ^ 1U << order;
		end = other + (1U << order);
		if (find_next_zero_bit(block->free, end, other) < end)
			break;
	}
	return order;
}

static void unlist_block(struct pool_node *node, struct pool_block *block)
{
	list_del_init(&block->list);
	if (list_empty(&node->lists[block->in][block->run]))
		node->runs[block->in] &= ~BIT(block->run);
}

/* A block belongs where its idle pages say, of which @run are in a row. */
static void place_block(struct pool_node *node, struct pool_block *block,
			unsigned int run)
{
	if (!list_empty(&block->list)) {
		if (block->n_free && block->in == block_list(block) &&
		    block->run == run)
			return;
		unlist_block(node, block);
	}
	block->run = block->n_free ? run : 0;
	if (!block->n_free)
		return;
	block->in = block_list(block);
	list_add(&block->list, &node->lists[block->in][run]);
	node->runs[block->in] |= BIT(run);
}

static struct page *block_page(const struct pool_block *block, unsigned int i)
{
	return pfn_to_page(block->pfn + i);
}

/* A page as the page allocator would hand it out. */
static void prepare_page(struct page *page)
{
	page->flags &= ~PAGE_FLAGS_CHECK_AT_PREP;
	set_page_private(page, 0);
	page->index = 0;
}

/*
 * Make a compound page of single ones. No reference is left to those that become
 * parts of it, and while somebody has one there is no compound page.
 */
static bool put_together(struct page *page, unsigned int order)
{
	unsigned int i, n = 1U << order;

	for (i = 1; i < n && page_ref_freeze(page + i, 1); i++)
		;
	if (i == n) {
		prep_compound_page(page, order);
		return true;
	}
	while (--i)
		page_ref_unfreeze(page + i, 1);
	return false;
}

/* How many references to page @i of a block are the pool's own. */
static unsigned int own_refs(const struct pool_block *block, unsigned int i)
{
	return 1 + test_bit(i, block->held);
}

/* Undo it, with a compound page that was given back and @page is a part of. */
static bool take_apart(const struct pool_block *block, struct page *page)
{
	struct page *head = compound_head(page);
	unsigned int first = page_to_pfn(head) - block->pfn;
	unsigned int i, n = 1U << compound_order(head);
	unsigned int refs = 1;

	for (i = 0; i < n; i++)
		refs += test_bit(first + i, block->held);
	if (!page_ref_freeze(head, refs))
		return false;
	for (i = 1; i < n; i++) {
		prepare_page(head + i);
		head[i].mapping = NULL;
		/* Nobody shall take what the head has for what it will have. */
		smp_wmb();
		clear_compound_head(head + i);
		page_ref_unfreeze(head + i, own_refs(block, first + i));
	}
	prepare_page(head);
	page_ref_unfreeze(head, own_refs(block, first));
	return true;
}

/*
 * Is nobody about to look at a page that was given back? Then it is a page by
 * itself.
 */
static bool is_quiet(const struct pool_block *block, unsigned int i)
{
	struct page *page = block_page(block, i);

	if (PageCompound(page) && !take_apart(block, page))
		return false;
	return page_ref_count(page) == own_refs(block, i);
}

/* Are 2^@order pages from @i on idle, and known to nobody else? */
static bool is_idle_run(const struct pool_block *block, unsigned int i,
			unsigned int order)
{
	unsigned int end = i + (1U << order);

	for (; i < end; i++) {
		if (!test_bit(i, block->free) || !is_quiet(block, i) ||
		    test_bit(i, block->held) ||
		    PageHWPoison(block_page(block, i)))
			return false;
	}
	return true;
}

/* Where in a block there are 2^@order idle pages; BLOCK_PAGES for nowhere. */
static unsigned int find_run(const struct pool_block *block, unsigned int order)
{
	unsigned int i = 0;

	for (;;) {
		i = find_next_bit(block->free, BLOCK_PAGES, i);
		i = round_up(i, 1U << order);
		if (i >= BLOCK_PAGES || is_idle_run(block, i, order))
			return min_t(unsigned int, i, BLOCK_PAGES);
		i += 1U << order;
	}
}

/* A block of one list that has 2^@order idle pages, which begin with page @i. */
static struct pool_block *find_in_list(struct pool_node *node,
				       struct list_head *list,
				       unsigned int order, unsigned int *i)
{
	struct pool_block *block, *next;

	list_for_each_entry_safe(block, next, list, list) {
		*i = find_run(block, order);
		if (*i < BLOCK_PAGES)
			return block;
		/* It has fewer than it had: nobody shall look at it again. */
		place_block(node, block, longest_run(block));
	}
	return NULL;
}

/* The fullest block that has them. */
static struct pool_block *find_block(struct pool_node *node, unsigned int order,
				     unsigned int *i)
{
	struct pool_block *block;
	unsigned int list, run;

	for (list = order; list < BLOCK_LISTS; list++) {
		for (run = order; node->runs[list] >> run; run++) {
			block = find_in_list(node, &node->lists[list][run],
					     order, i);
			if (block)
				return block;
		}
	}
	return NULL;
}

/*
 * Take 2^@order pages from the fullest block that has them. @clean tells whether
 * they are zeroed.
 */
static struct page *take_pages(struct pool_node *node, unsigned int order,
			       bool *clean)
{
	struct pool_block *block;
	unsigned int i, k;

	block = find_block(node, order, &i);
	if (!block)
		return NULL;
	*clean = true;
	for (k = i; k < i + (1U << order); k++) {
		*clean &= __test_and_clear_bit(k, block->clean);
		prepare_page(block_page(block, k));
	}
	bitmap_clear(block->free, i, 1U << order);
	block->n_free -= 1U << order;
	node->n_free -= 1U << order;
	node->n_used += 1U << order;
	place_block(node, block, block->run);
	return block_page(block, i);
}

/* Pages of a block become the pool's, idle. */
static void own_pages(struct pool_node *node, struct pool_block *block,
		      unsigned int i, unsigned int n)
{
	bitmap_set(block->have, i, n);
	bitmap_set(block->free, i, n);
	block->owned += n;
	block->n_free += n;
	node->n_free += n;
	if (block->whole)
		node->n_whole++;
	else
		node->n_loose += n;
	place_block(node, block,
		    max(block->run, run_around(block, i, ilog2(n))));
}

static struct pool_block *new_block(struct direct_map_pool *pool,
				    unsigned long pfn, gfp_t gfp)
{
	struct pool_block *block = kzalloc(sizeof(*block), gfp);

	if (!block)
		return NULL;
	INIT_LIST_HEAD(&block->list);
	block->pfn = round_down(pfn, BLOCK_PAGES);
	if (xa_insert(&pool->blocks, pfn / BLOCK_PAGES, block, gfp)) {
		kfree(block);
		return NULL;
	}
	return block;
}

static void free_block(struct direct_map_pool *pool, struct pool_block *block)
{
	xa_erase(&pool->blocks, block->pfn / BLOCK_PAGES);
	kfree(block);
}

static void free_pages_of(struct page **pages, unsigned int n)
{
	while (n--)
		__free_page(pages[n]);
}

/* What to ask the page allocator for: the pool clears pages itself. */
static gfp_t refill_gfp(gfp_t gfp)
{
	gfp &= ~(__GFP_ZERO | __GFP_ACCOUNT | __GFP_COMP | __GFP_HIGHMEM |
		 __GFP_MOVABLE);
	return gfp | __GFP_NOWARN;
}

/* Are the pool's pages in the direct map? Then it has whole blocks only. */
static bool stays_mapped(const struct direct_map_pool *pool)
{
	return pool->config.read_only || pool->config.hidden_in;
}

static int take_out(const struct direct_map_pool *pool,
		    const struct pool_block *block, gfp_t gfp)
{
	if (pool->config.hidden_in)
		return direct_map_hide(pool->config.hidden_in, block->pfn,
				       BLOCK_PAGES, gfp);
	if (pool->config.read_only)
		return direct_map_make_ro(block->pfn, BLOCK_PAGES, gfp);
	return direct_map_unmap(block->pfn, BLOCK_PAGES, gfp);
}

/* Take one free block of memory out of the direct map. */
static int refill_block(struct direct_map_pool *pool, gfp_t gfp, int nid)
{
	struct pool_node *node = &pool->nodes[nid];
	struct pool_block *block;
	struct page *page;
	unsigned int i;
	int ret;

	/* What is to be zero is best zeroed while it has an address. */
	page = alloc_pages_node(nid, gfp | __GFP_NORETRY | __GFP_THISNODE |
				(pool->config.zero_on_free ? __GFP_ZERO : 0),
				BLOCK_ORDER);
	if (!page)
		return -ENOMEM;
	split_page(page, BLOCK_ORDER);
	block = new_block(pool, page_to_pfn(page), gfp);
	ret = block ? take_out(pool, block, gfp) : -ENOMEM;
	if (ret) {
		if (block)
			free_block(pool, block);
		for (i = 0; i < BLOCK_PAGES; i++)
			__free_page(page + i);
		return ret;
	}
	spin_lock(&node->lock);
	block->whole = true;
	if (pool->config.zero_on_free)
		bitmap_set(block->clean, 0, BLOCK_PAGES);
	own_pages(node, block, 0, BLOCK_PAGES);
	spin_unlock(&node->lock);
	return 0;
}

/*
 * Single pages, those first that are mapped one by one already: of more than are
 * wanted the others go back.
 */
static unsigned int alloc_loose(struct page **pages, unsigned int n, gfp_t gfp,
				int nid)
{
	unsigned int got, split = 0, keep;

	for (got = 0; got < n; got++) {
		struct page *page = alloc_pages_node(nid, gfp, 0);

		if (!page)
			break;
		if (page_to_nid(page) != nid) {
			/* Another node's, where other locks are to be had. */
			__free_page(page);
			break;
		}
		pages[got] = page;
		if (direct_map_is_split(page_to_pfn(page))) {
			/* The macro evaluates its arguments twice. */
			swap(pages[split], pages[got]);
			split++;
		}
	}
	keep = split ?: min(got, n / 4);
	free_pages_of(pages + keep, got - keep);
	return keep;
}

static void add_loose(struct direct_map_pool *pool, struct page *page)
{
	struct pool_node *node = &pool->nodes[page_to_nid(page)];
	unsigned long pfn = page_to_pfn(page);
	struct pool_block *block = xa_load(&pool->blocks, pfn / BLOCK_PAGES);

	spin_lock(&node->lock);
	own_pages(node, block, pfn % BLOCK_PAGES, 1);
	spin_unlock(&node->lock);
}

/* Forget blocks that were made for pages which could not be had. */
static void drop_unused(struct direct_map_pool *pool, struct page **pages,
			unsigned int n)
{
	while (n--) {
		unsigned long pfn = page_to_pfn(pages[n]);
		struct pool_block *block = xa_load(&pool->blocks,
						   pfn / BLOCK_PAGES);

		if (block && !block->owned)
			free_block(pool, block);
	}
}

/* Take single pages out of the direct map; those that stay are freed. */
static int take_loose(struct direct_map_pool *pool, struct page **pages,
		      unsigned int n, gfp_t gfp)
{
	int ret = -ENOMEM;
	unsigned int i;

	for (i = 0; i < n; i++) {
		unsigned long pfn = page_to_pfn(pages[i]);

		if (!xa_load(&pool->blocks, pfn / BLOCK_PAGES) &&
		    !new_block(pool, pfn, gfp))
			break;
	}
	if (n && i == n)
		ret = direct_map_unmap_pages(pages, n, gfp);
	if (ret) {
		drop_unused(pool, pages, i);
		free_pages_of(pages, n);
	}
	for (i = 0; !ret && i < n; i++)
		add_loose(pool, pages[i]);
	return ret;
}

static int refill_loose(struct direct_map_pool *pool, unsigned int n, gfp_t gfp,
			int nid)
{
	struct page **pages = kmalloc_array(n, sizeof(*pages), gfp);
	int ret;

	if (!pages)
		return -ENOMEM;
	n = alloc_loose(pages, n, gfp, nid);
	ret = take_loose(pool, pages, n, gfp);
	kfree(pages);
	return ret;
}

#ifdef CONFIG_MEMORY_FAILURE
/* A certain page, if it is free and nobody depends on it. */
static struct page *take_free_page(unsigned long pfn, int nid)
{
	struct page *page = pfn_to_online_page(pfn);

	if (!page || page_to_nid(page) != nid || PageHWPoison(page) ||
	    is_migrate_cma_page(page) || is_migrate_isolate_page(page) ||
	    is_zone_movable_page(page) ||
	    (IS_ENABLED(CONFIG_ZONE_DMA) &&
	     page_zonenum(page) == gfp_zone(GFP_DMA)))
		return NULL;
	/* Memory that fails is taken in the same way. */
	if (!take_page_off_buddy(page))
		return NULL;
	set_page_refcounted(page);
	post_alloc_hook(page, 0, GFP_KERNEL);
	return page;
}
#else
static struct page *take_free_page(unsigned long pfn, int nid)
{
	return NULL;
}
#endif

/* Free pages of blocks that are split. */
static unsigned int find_free(struct page **pages, unsigned int n, int nid)
{
	unsigned long block = node_start_pfn(nid);
	unsigned int got = 0, i;

	for (;; block += BLOCK_PAGES) {
		block = direct_map_next_split(block);
		if (block >= node_end_pfn(nid))
			return got;
		for (i = 0; i < BLOCK_PAGES; i++) {
			if (got == n)
				return got;
			pages[got] = take_free_page(block + i, nid);
			got += !!pages[got];
		}
	}
}

/*
 * Boot mapped memory page by page where there are holes in it. For what is free
 * there nothing is split, so a pool takes it before all else.
 */
static int prepopulate(struct direct_map_pool *pool, gfp_t gfp, int nid)
{
	struct pool_node *node = &pool->nodes[nid];
	unsigned int n = pool->config.prepopulate;
	struct page **pages;
	int ret;

	if (!n || node->searched)
		return -ENOENT;
	pages = kmalloc_array(n, sizeof(*pages), gfp);
	if (!pages)
		return -ENOMEM;
	node->searched = true;
	n = find_free(pages, n, nid);
	ret = take_loose(pool, pages, n, gfp);
	if (!ret)
		node->n_prepopulated = n;
	kfree(pages);
	return ret;
}

/* Would a node have less than it should if a block were gone? */
static bool is_short(int nid, gfp_t gfp)
{
	struct zone *zones = NODE_DATA(nid)->node_zones;
	int i, last = gfp_zone(gfp);

	for (i = 0; i <= last; i++) {
		unsigned long low = low_wmark_pages(&zones[i]) + BLOCK_PAGES;

		if (zone_watermark_ok(&zones[i], 0, low, last, 0))
			return false;
	}
	return true;
}

/*
 * Get more memory, for 2^@order pages at least. Where it is short no block is
 * taken, unless somebody needs that many pages and can't do with fewer.
 */
static int refill(struct direct_map_pool *pool, unsigned int order, gfp_t gfp,
		  int nid)
{
	int ret = -ENOENT;
	bool few;

	if (READ_ONCE(pools_frozen))
		return -EBUSY;
	gfp = refill_gfp(gfp);
	few = is_short(nid, gfp);
	if (!order && !few)
		ret = prepopulate(pool, gfp, nid);
	if (ret && (!few || (order && !(gfp & __GFP_NORETRY))))
		ret = refill_block(pool, gfp, nid);
	if (ret && !order && !stays_mapped(pool))
		ret = refill_loose(pool, few ? LOOSE_PAGES_SHORT : LOOSE_PAGES,
				   gfp, nid);
	pool->nodes[nid].refills += !ret;
	return ret;
}

static struct page *take_locked(struct pool_node *node, unsigned int order,
				bool *clean)
{
	struct page *page;

	spin_lock(&node->lock);
	page = take_pages(node, order, clean);
	spin_unlock(&node->lock);
	return page;
}

/* Idle pages of the pool, or new ones. */
static struct page *find_pages(struct direct_map_pool *pool,
			       unsigned int order, gfp_t gfp, int nid,
			       bool *clean)
{
	struct pool_node *node = &pool->nodes[nid];
	struct page *page = take_locked(node, order, clean);

	if (page || !gfpflags_allow_blocking(gfp))
		return page;
	mutex_lock(&node->refill);
	do {
		/* Somebody may have refilled it meanwhile. */
		page = take_locked(node, order, clean);
	} while (!page && !refill(pool, order, gfp, nid));
	mutex_unlock(&node->refill);
	return page;
}

/* The same from any node, the nearest first. */
static struct page *find_anywhere(struct direct_map_pool *pool,
				  unsigned int order, gfp_t gfp, bool *clean)
{
	int nid, nearest = numa_mem_id();
	struct page *page = find_pages(pool, order, gfp, nearest, clean);

	for_each_node_state(nid, N_MEMORY) {
		if (!page && nid != nearest)
			page = find_pages(pool, order, gfp, nid, clean);
	}
	return page;
}

/* What has an address is zeroed there: no CPU needs another for it. */
static void zero_pages(const struct direct_map_pool *pool, struct page *page,
		       unsigned int n)
{
	if (pool->config.hidden_in)
		memset(page_address(page), 0, n * PAGE_SIZE);
	else
		mermap_clear(page_to_pfn(page), n);
}

/**
 * direct_map_pool_alloc - get pages that are outside of the direct map
 * @pool: the pool
 * @order: log2 of how many, up to a block's
 * @gfp: how memory may be allocated; with __GFP_ZERO the pages are zeroed, with
 *	__GFP_ACCOUNT charged to the memory cgroup, with __GFP_COMP one compound
 *	page
 * @nid: the node whose memory it should be, or NUMA_NO_NODE
 *
 * The pages have no address, see mermap_get(), unless the pool is read-only or
 * hides them: then page_address() is theirs. Each has a reference of its own,
 * the pool's; whoever takes another must drop it. A compound page has one, which
 * keeps it from being split, and is given back as a whole.
 *
 * Context: Process context; sleeps if @gfp lets it and the pool is empty.
 * Return: the first of the pages, or NULL.
 */
struct page *direct_map_pool_alloc(struct direct_map_pool *pool,
				   unsigned int order, gfp_t gfp, int nid)
{
	struct page *page;
	bool clean;

	if (order > BLOCK_ORDER)
		return NULL;
	page = nid == NUMA_NO_NODE ?
	       find_anywhere(pool, order, gfp, &clean) :
	       find_pages(pool, order, gfp, nid, &clean);
	if (!page)
		return NULL;
	if ((gfp & __GFP_COMP && order && !put_together(page, order)) ||
	    (gfp & __GFP_ACCOUNT && memcg_kmem_charge_page(page, gfp, order))) {
		direct_map_pool_free(pool, page, order);
		return NULL;
	}
	if (gfp & __GFP_ZERO && !clean)
		zero_pages(pool, page, 1U << order);
	return page;
}
EXPORT_SYMBOL_GPL(direct_map_pool_alloc);

/**
 * direct_map_pool_alloc_bulk - get single pages, several at once
 * @pool: the pool
 * @n: how many
 * @pages: where they go
 * @gfp: as for direct_map_pool_alloc()
 * @nid: likewise
 *
 * Context: As direct_map_pool_alloc().
 * Return: how many there are; fewer than @n if memory is short.
 */
unsigned int direct_map_pool_alloc_bulk(struct direct_map_pool *pool,
					unsigned int n, struct page **pages,
					gfp_t gfp, int nid)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		pages[i] = direct_map_pool_alloc(pool, 0, gfp, nid);
		if (!pages[i])
			break;
	}
	return i;
}
EXPORT_SYMBOL_GPL(direct_map_pool_alloc_bulk);

/* Clear pages, but not those that nobody may touch any more. */
static void clear_sound(const struct direct_map_pool *pool, struct page *page,
			unsigned int n)
{
	unsigned int i, end;

	for (i = 0; i < n; i = end + 1) {
		for (end = i; end < n && !PageHWPoison(page + end); end++)
			;
		if (end > i)
			zero_pages(pool, page + i, end - i);
	}
}

/**
 * direct_map_pool_free - give pages back
 * @pool: the pool
 * @page: the first of them
 * @order: log2 of how many
 *
 * Context: Process context.
 */
void direct_map_pool_free(struct direct_map_pool *pool, struct page *page,
			  unsigned int order)
{
	struct pool_node *node = &pool->nodes[page_to_nid(page)];
	unsigned long pfn = page_to_pfn(page);
	unsigned int i = pfn % BLOCK_PAGES, n = 1U << order;
	struct pool_block *block = xa_load(&pool->blocks, pfn / BLOCK_PAGES);
	bool excess;

	if (WARN_ON_ONCE(!block || find_next_bit(block->free, i + n, i) < i + n))
		return;
	if (PageMemcgKmem(page))
		__memcg_kmem_uncharge_page(page, order);
	if (pool->config.zero_on_free)
		clear_sound(pool, page, n);
	spin_lock(&node->lock);
	bitmap_set(block->free, i, n);
	if (pool->config.zero_on_free)
		bitmap_set(block->clean, i, n);
	block->n_free += n;
	node->n_free += n;
	node->n_used -= n;
	place_block(node, block, max(block->run, run_around(block, i, order)));
	excess = node->n_free > READ_ONCE(pool->config.max_idle) &&
		 node->runs[BLOCK_EMPTY];
	spin_unlock(&node->lock);
	/* If it is to try again it does so soon enough. */
	if (excess)
		schedule_delayed_work(&pool->trim, 0);
}
EXPORT_SYMBOL_GPL(direct_map_pool_free);

/*
 * May an empty block ever go back? What has failed may be missing from a block
 * that is in the map, which then could not become what it was as a whole.
 */
static bool may_ever_return(const struct direct_map_pool *pool,
			    const struct pool_block *block)
{
	return !stays_mapped(pool) ||
	       !bitmap_intersects(block->have, block->held, BLOCK_PAGES);
}

/* May it now? Not as long as others look at a page of it. */
static bool may_return(const struct direct_map_pool *pool,
		       const struct pool_block *block)
{
	unsigned int i;

	for_each_set_bit(i, block->have, BLOCK_PAGES) {
		if (!is_quiet(block, i))
			return false;
	}
	return may_ever_return(pool, block);
}

/* A block of which all is idle, and which @may go back. */
static struct pool_block *
find_empty(const struct direct_map_pool *pool, struct pool_node *node,
	   bool (*may)(const struct direct_map_pool *pool,
		       const struct pool_block *block))
{
	struct pool_block *block;
	unsigned int run;

	for (run = 0; run < BLOCK_RUNS; run++) {
		list_for_each_entry(block, &node->lists[BLOCK_EMPTY][run],
				    list) {
			if (may(pool, block))
				return block;
		}
	}
	return NULL;
}

/* An empty block leaves the pool (@sign is -1), or stays after all (1). */
static void count_block(struct pool_node *node, const struct pool_block *block,
			int sign)
{
	node->n_free += sign * (long)block->owned;
	if (block->whole)
		node->n_whole += sign;
	else
		node->n_loose += sign * (long)block->owned;
}

/* Take an empty block out of the pool. */
static struct pool_block *take_block(const struct direct_map_pool *pool,
				     struct pool_node *node)
{
	struct pool_block *block;

	spin_lock(&node->lock);
	block = find_empty(pool, node, may_return);
	if (block) {
		unlist_block(node, block);
		count_block(node, block, -1);
	}
	spin_unlock(&node->lock);
	return block;
}

/* A block that could not go back is as it was. */
static void keep_block(struct pool_node *node, struct pool_block *block)
{
	spin_lock(&node->lock);
	count_block(node, block, 1);
	place_block(node, block, longest_run(block));
	spin_unlock(&node->lock);
}

static void find_lost(const struct pool_block *block, unsigned long *lost)
{
	unsigned int i;

	bitmap_zero(lost, BLOCK_PAGES);
	for_each_set_bit(i, block->have, BLOCK_PAGES) {
		if (test_bit(i, block->held) ||
		    PageHWPoison(block_page(block, i)))
			__set_bit(i, lost);
	}
}

/* Bring a block back into the direct map, but for what is lost. */
static int map_block(const struct direct_map_pool *pool,
		     const struct pool_block *block, const unsigned long *lost)
{
	DECLARE_BITMAP(sound, BLOCK_PAGES);
	unsigned int i;

	/* Of such blocks nothing is lost, see may_return(). */
	if (pool->config.hidden_in) {
		direct_map_show_locked(pool->config.hidden_in, block->pfn,
				       BLOCK_PAGES);
		return 0;
	}
	if (pool->config.read_only) {
		direct_map_make_rw_locked(block->pfn, BLOCK_PAGES);
		return 0;
	}
	if (block->whole && !bitmap_empty(lost, BLOCK_PAGES))
		return direct_map_map_but_locked(block->pfn, lost,
						 LOST_GFP);
	if (block->whole) {
		direct_map_map_locked(block->pfn, BLOCK_PAGES);
		return 0;
	}
	bitmap_andnot(sound, block->have, lost, BLOCK_PAGES);
	direct_map_map_mask_locked(block->pfn, sound, BLOCK_PAGES);
	for_each_set_bit(i, lost, BLOCK_PAGES)
		direct_map_lose_locked(block->pfn + i);
	return 0;
}

/*
 * Bring a block back into the direct map, and to the page allocator. That takes
 * memory only where a page of a whole block is lost.
 */
static int return_block(struct direct_map_pool *pool, struct pool_block *block)
{
	DECLARE_BITMAP(lost, BLOCK_PAGES);
	unsigned int i;
	int ret;

	/* No CPU may reach what others will have through what it cleared. */
	mermap_flush_all();
	mermap_assert_flushed(block->pfn, BLOCK_PAGES);
	find_lost(block, lost);
	ret = map_block(pool, block, lost);
	if (ret)
		return ret;
	for_each_set_bit(i, block->have, BLOCK_PAGES) {
		struct page *page = block_page(block, i);

		/* The pool's reference to what is lost stays for good. */
		if (test_bit(i, lost))
			continue;
		prepare_page(page);
		__free_page(page);
	}
	free_block(pool, block);
	return 0;
}

/* Give back empty blocks until at most @keep pages are idle. */
static unsigned long trim_locked(struct direct_map_pool *pool,
				 struct pool_node *node, unsigned long keep)
{
	struct pool_block *block;
	unsigned long owned, freed = 0;

	while (READ_ONCE(node->n_free) > keep) {
		block = take_block(pool, node);
		if (!block)
			break;
		owned = block->owned;
		if (return_block(pool, block)) {
			keep_block(node, block);
			break;
		}
		freed += owned;
	}
	return freed;
}

static unsigned long trim_node(struct direct_map_pool *pool, int nid,
			       unsigned long keep)
{
	struct pool_node *node = &pool->nodes[nid];
	unsigned long freed;

	mutex_lock(&node->refill);
	direct_map_lock();
	freed = trim_locked(pool, node, keep);
	direct_map_unlock();
	mutex_unlock(&node->refill);
	return freed;
}

/* The same for who reclaims memory: it may be needed by who has the locks. */
static unsigned long try_trim_node(struct direct_map_pool *pool, int nid,
				   unsigned long keep)
{
	struct pool_node *node = &pool->nodes[nid];
	unsigned long freed = 0;

	if (!mutex_trylock(&node->refill))
		return 0;
	if (direct_map_trylock()) {
		freed = trim_locked(pool, node, keep);
		direct_map_unlock();
	}
	mutex_unlock(&node->refill);
	return freed;
}

/* Is too much idle, and a part of it to go back some day? */
static bool is_in_excess(const struct direct_map_pool *pool,
			 struct pool_node *node)
{
	bool found;

	spin_lock(&node->lock);
	found = node->n_free > READ_ONCE(pool->config.max_idle) &&
		find_empty(pool, node, may_ever_return);
	spin_unlock(&node->lock);
	return found;
}

/* Give back what is too much; returns whether something has to stay for now. */
static bool trim(struct direct_map_pool *pool)
{
	bool stays = false;
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		trim_node(pool, nid, READ_ONCE(pool->config.max_idle));
		stays |= is_in_excess(pool, &pool->nodes[nid]);
	}
	return stays;
}

/*
 * Pages that were just given back may wait in lists of each CPU, which are emptied
 * once. Nobody tells when others no longer look at one, so that is tried again.
 */
static void trim_work(struct work_struct *work)
{
	struct direct_map_pool *pool =
		container_of(to_delayed_work(work), struct direct_map_pool,
			     trim);
	bool stays = trim(pool);

	if (stays && !pool->drained) {
		lru_add_drain_all();
		stays = trim(pool);
	}
	pool->drained = stays;
	if (stays)
		schedule_delayed_work(&pool->trim, TRIM_AGAIN);
}

/**
 * direct_map_pool_shrink - give back all that is idle, by whole blocks
 * @pool: the pool
 *
 * Context: Process context, sleeps.
 * Return: how many pages went back.
 */
unsigned long direct_map_pool_shrink(struct direct_map_pool *pool)
{
	unsigned long freed = 0;
	int nid;

	if (pool->config.give_back)
		pool->config.give_back();
	for_each_node_state(nid, N_MEMORY)
		freed += trim_node(pool, nid, 0);
	return freed;
}
EXPORT_SYMBOL_GPL(direct_map_pool_shrink);

/**
 * direct_map_pool_used - how many pages users have
 * @pool: the pool
 *
 * Context: Any.
 * Return: the number.
 */
unsigned long direct_map_pool_used(struct direct_map_pool *pool)
{
	unsigned long used = 0;
	int nid;

	for_each_node_state(nid, N_MEMORY)
		used += READ_ONCE(pool->nodes[nid].n_used);
	return used;
}
EXPORT_SYMBOL_GPL(direct_map_pool_used);

/*
 * The block that has a page, if the pool does. Nobody takes the page, gives it
 * back or takes the block apart until unlock_node().
 */
static struct pool_block *lock_node(struct direct_map_pool *pool,
				    struct pool_node *node,
				    const struct page *page)
	__acquires(&node->lock)
{
	unsigned long pfn = page_to_pfn(page);
	struct pool_block *block;

	mutex_lock(&node->refill);
	spin_lock(&node->lock);
	block = xa_load(&pool->blocks, pfn / BLOCK_PAGES);
	return block && test_bit(pfn % BLOCK_PAGES, block->have) ? block : NULL;
}

static void unlock_node(struct pool_node *node)
	__releases(&node->lock)
{
	spin_unlock(&node->lock);
	mutex_unlock(&node->refill);
}

static enum direct_map_page hold_in(struct direct_map_pool *pool,
				    struct page *page)
{
	struct pool_node *node = &pool->nodes[page_to_nid(page)];
	struct pool_block *block = lock_node(pool, node, page);
	enum direct_map_page state = DIRECT_MAP_PAGE_OTHER;
	unsigned int i = page_to_pfn(page) % BLOCK_PAGES;

	if (block) {
		if (!__test_and_set_bit(i, block->held))
			get_page(page);
		/* Who took the page meanwhile can have overwritten the flag. */
		SetPageHWPoison(page);
		get_page(page);
		state = test_bit(i, block->free) ? DIRECT_MAP_PAGE_IDLE :
						   DIRECT_MAP_PAGE_USED;
	}
	unlock_node(node);
	return state;
}

/**
 * direct_map_pool_hold - is a page whose memory has failed in a pool?
 * @page: the page, with PG_hwpoison set
 *
 * If so the pool does not use it again. It gets one more reference, which stays:
 * nobody can mistake the page for one that was only said to have failed, and free
 * it. Until direct_map_pool_let_go() it stays what it is, a part of a compound
 * page if it is one.
 *
 * Context: Process context, sleeps.
 * Return: who has the page.
 */
enum direct_map_page direct_map_pool_hold(struct page *page)
{
	enum direct_map_page state = DIRECT_MAP_PAGE_OTHER;
	struct direct_map_pool *pool;

	mutex_lock(&pools_lock);
	list_for_each_entry(pool, &pools, all) {
		state = hold_in(pool, page);
		if (state != DIRECT_MAP_PAGE_OTHER)
			break;
	}
	mutex_unlock(&pools_lock);
	return state;
}

static bool sound_in(struct direct_map_pool *pool, struct page *page)
{
	struct pool_node *node = &pool->nodes[page_to_nid(page)];
	struct pool_block *block = lock_node(pool, node, page);

	if (block) {
		__clear_bit(page_to_pfn(page) % BLOCK_PAGES, block->held);
		ClearPageHWPoison(page);
		put_page(page);
	}
	unlock_node(node);
	return block;
}

/**
 * direct_map_pool_let_go - end what direct_map_pool_hold() began
 * @page: the page, which is in a pool
 * @failed: its memory has failed indeed
 *
 * Context: Process context, sleeps.
 */
void direct_map_pool_let_go(struct page *page, bool failed)
{
	struct direct_map_pool *pool;

	if (!failed) {
		mutex_lock(&pools_lock);
		list_for_each_entry(pool, &pools, all) {
			if (sound_in(pool, page))
				break;
		}
		mutex_unlock(&pools_lock);
	}
	put_page(page);
}

static unsigned long pool_count(struct shrinker *shrinker,
				struct shrink_control *sc)
{
	struct direct_map_pool *pool = shrinker->private_data;
	struct pool_node *node = &pool->nodes[sc->nid];

	/* Of blocks that are in use nothing can be had. */
	if (!READ_ONCE(node->runs[BLOCK_EMPTY]))
		return SHRINK_EMPTY;
	return READ_ONCE(node->n_free) ?: SHRINK_EMPTY;
}

static unsigned long pool_scan(struct shrinker *shrinker,
			       struct shrink_control *sc)
{
	struct direct_map_pool *pool = shrinker->private_data;
	unsigned long n_free = READ_ONCE(pool->nodes[sc->nid].n_free);

	return try_trim_node(pool, sc->nid,
			     n_free - min(n_free, sc->nr_to_scan)) ?:
	       SHRINK_STOP;
}

#ifdef CONFIG_DEBUG_FS
static struct dentry *debugfs_dir;

static int max_idle_get(void *data, u64 *value)
{
	struct direct_map_pool *pool = data;

	*value = READ_ONCE(pool->config.max_idle);
	return 0;
}

static int max_idle_set(void *data, u64 value)
{
	struct direct_map_pool *pool = data;

	WRITE_ONCE(pool->config.max_idle, value);
	mod_delayed_work(system_wq, &pool->trim, 0);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(max_idle_fops, max_idle_get, max_idle_set, "%llu\n");

/* The memory that a pool has, by physical addresses. */
static int blocks_show(struct seq_file *m, void *unused)
{
	struct direct_map_pool *pool = m->private;
	struct pool_block *block;
	unsigned long index;

	xa_for_each(&pool->blocks, index, block)
		seq_printf(m, "0x%llx-0x%llx %s\n",
			   (u64)PFN_PHYS(index * BLOCK_PAGES),
			   (u64)PFN_PHYS((index + 1) * BLOCK_PAGES) - 1,
			   pool->config.name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(blocks);

/* Pools that are older than debugfs get theirs with it. */
static void make_knobs(struct direct_map_pool *pool)
{
	if (!debugfs_dir)
		return;
	pool->dir = debugfs_create_dir(pool->config.name, debugfs_dir);
	debugfs_create_file_unsafe("max_idle", 0600, pool->dir, pool,
				   &max_idle_fops);
	debugfs_create_file("blocks", 0400, pool->dir, pool, &blocks_fops);
}

static void remove_knobs(struct direct_map_pool *pool)
{
	debugfs_remove(pool->dir);
}
#else
static void make_knobs(struct direct_map_pool *pool)
{
}

static void remove_knobs(struct direct_map_pool *pool)
{
}
#endif

static int make_shrinker(struct direct_map_pool *pool)
{
	pool->shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE, "direct-map:%s",
					pool->config.name);
	if (!pool->shrinker)
		return -ENOMEM;
	pool->shrinker->count_objects = pool_count;
	pool->shrinker->scan_objects = pool_scan;
	/* A block is what it takes to free anything. */
	pool->shrinker->batch = BLOCK_PAGES;
	/* Idle pages cost nothing to make again, so half of them go at once. */
	pool->shrinker->seeks = 0;
	pool->shrinker->private_data = pool;
	shrinker_register(pool->shrinker);
	return 0;
}

static void init_node(struct pool_node *node)
{
	unsigned int list, run;

	spin_lock_init(&node->lock);
	mutex_init(&node->refill);
	for (list = 0; list < BLOCK_LISTS; list++) {
		for (run = 0; run < BLOCK_RUNS; run++)
			INIT_LIST_HEAD(&node->lists[list][run]);
	}
}

/**
 * direct_map_pool_create - make a pool
 * @config: what it is like; copied
 *
 * It is empty, and takes memory as it is needed.
 *
 * Context: Process context, sleeps.
 * Return: the pool; ERR_PTR(-EINVAL) for a configuration that makes no sense,
 * ERR_PTR(-ENOMEM), or ERR_PTR(-EOPNOTSUPP) if this machine cannot change its
 * direct map.
 */
struct direct_map_pool *
direct_map_pool_create(const struct direct_map_pool_config *config)
{
	struct direct_map_pool *pool;
	int nid, ret;

	if (config->hidden_in && (config->read_only || config->prepopulate))
		return ERR_PTR(-EINVAL);
	if (!can_set_direct_map())
		return ERR_PTR(-EOPNOTSUPP);
	pool = kzalloc(struct_size(pool, nodes, nr_node_ids), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->config = *config;
	/* What was worth hiding is not to be found where it was. */
	pool->config.zero_on_free |= !!config->hidden_in;
	xa_init(&pool->blocks);
	INIT_DELAYED_WORK(&pool->trim, trim_work);
	for (nid = 0; nid < nr_node_ids; nid++)
		init_node(&pool->nodes[nid]);
	ret = make_shrinker(pool);
	if (ret) {
		kfree(pool);
		return ERR_PTR(ret);
	}
	mutex_lock(&pools_lock);
	list_add_tail(&pool->all, &pools);
	make_knobs(pool);
	mutex_unlock(&pools_lock);
	return pool;
}
EXPORT_SYMBOL_GPL(direct_map_pool_create);

/**
 * direct_map_pool_destroy - undo direct_map_pool_create()
 * @pool: the pool
 *
 * Context: Process context, sleeps. Nobody else may use the pool.
 * Return: 0; -EBUSY while somebody has pages of it.
 */
int direct_map_pool_destroy(struct direct_map_pool *pool)
{
	direct_map_pool_shrink(pool);
	if (!xa_empty(&pool->blocks))
		return -EBUSY;
	mutex_lock(&pools_lock);
	list_del(&pool->all);
	mutex_unlock(&pools_lock);
	remove_knobs(pool);
	shrinker_free(pool->shrinker);
	cancel_delayed_work_sync(&pool->trim);
	xa_destroy(&pool->blocks);
	kfree(pool);
	return 0;
}
EXPORT_SYMBOL_GPL(direct_map_pool_destroy);

/**
 * direct_map_pools_shrink - all pools give back what is idle
 *
 * For those who want certain memory: what is idle in a pool cannot be moved.
 *
 * Context: Process context, sleeps.
 */
void direct_map_pools_shrink(void)
{
	struct direct_map_pool *pool;

	/* Pages that were just given back may wait for lists of each CPU. */
	lru_add_drain_all();
	mutex_lock(&pools_lock);
	list_for_each_entry(pool, &pools, all)
		direct_map_pool_shrink(pool);
	mutex_unlock(&pools_lock);
}

static bool some_are_missing(void)
{
	struct direct_map_pool *pool;
	bool missing = false;

	mutex_lock(&pools_lock);
	list_for_each_entry(pool, &pools, all)
		missing |= !stays_mapped(pool) && !xa_empty(&pool->blocks);
	mutex_unlock(&pools_lock);
	return missing;
}

/* Hibernation reads all memory through the direct map: none may be missing. */
static int pools_pm(struct notifier_block *nb, unsigned long event, void *unused)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
		WRITE_ONCE(pools_frozen, true);
		direct_map_pools_shrink();
		if (!some_are_missing())
			break;
		WRITE_ONCE(pools_frozen, false);
		return notifier_from_errno(-EBUSY);
	case PM_POST_HIBERNATION:
		WRITE_ONCE(pools_frozen, false);
		break;
	}
	return NOTIFY_OK;
}

#ifdef CONFIG_DEBUG_FS
static void show_node(struct seq_file *m, const struct direct_map_pool *pool,
		      int nid)
{
	const struct pool_node *node = &pool->nodes[nid];

	seq_printf(m, "%s %d %lu %lu %lu %lu %lu %lu %lu\n",
		   pool->config.name, nid, READ_ONCE(node->n_used),
		   READ_ONCE(node->n_free), READ_ONCE(node->n_whole),
		   READ_ONCE(node->n_loose), READ_ONCE(node->refills),
		   READ_ONCE(node->n_prepopulated),
		   READ_ONCE(pool->config.max_idle));
}

static int pools_show(struct seq_file *m, void *unused)
{
	struct direct_map_pool *pool;
	int nid;

	seq_puts(m, "name node used_pages idle_pages whole_blocks loose_pages refills prepopulated_pages max_idle\n");
	mutex_lock(&pools_lock);
	list_for_each_entry(pool, &pools, all) {
		for_each_node_state(nid, N_MEMORY)
			show_node(m, pool, nid);
	}
	mutex_unlock(&pools_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pools);

static int shrink_set(void *data, u64 value)
{
	direct_map_pools_shrink();
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(shrink_fops, NULL, shrink_set, "%llu\n");

static void __init make_files(void)
{
	struct direct_map_pool *pool;

	mutex_lock(&pools_lock);
	debugfs_dir = debugfs_create_dir("direct_map", NULL);
	list_for_each_entry(pool, &pools, all)
		make_knobs(pool);
	mutex_unlock(&pools_lock);
	debugfs_create_file("pools", 0400, debugfs_dir, NULL, &pools_fops);
	debugfs_create_file_unsafe("shrink", 0200, debugfs_dir, NULL,
				   &shrink_fops);
}
#else
static void __init make_files(void)
{
}
#endif

/* Runs after debugfs was made. */
static int __init pools_init(void)
{
	pm_notifier(pools_pm, 0);
	make_files();
	return 0;
}
postcore_initcall(pools_init);

// SPDX-License-Identifier: GPL-2.0
/*
 * The direct map as a table that the library edits in place.
 *
 * Boot made it, of the largest leaves that memory allows, and its tables stay.
 * A leaf that is split here gets a table of the library's own, which can become
 * a leaf again. While pages are out of the map the tables that they take to come
 * back are reserved.
 *
 * One mutex serialises all that is done to the map. Some shrinkers change the
 * map, too, so nothing is reclaimed while it is held: where memory is missing it
 * is dropped, memory is reclaimed, and the work is tried again.
 */
#include <linux/bitmap.h>
#include <linux/direct_map.h>
#include <linux/init.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pg_table.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include <asm/direct_map.h>

static struct pg_table *direct_map __ro_after_init;
static DEFINE_MUTEX(direct_map_mutex);

/* How often memory is reclaimed for one call. */
#define DIRECT_MAP_TRIES	16
/* The bits that protection @a has and @b lacks. */
#define PROT_ONLY(a, b)		__pgprot(pgprot_val(a) & ~pgprot_val(b))
/* What makes pages of the map read-only, and what writable. */
#define PROT_RO			PROT_ONLY(PAGE_KERNEL_RO, PAGE_KERNEL)
#define PROT_RW			PROT_ONLY(PAGE_KERNEL, PAGE_KERNEL_RO)

/**
 * struct direct_map_layout - leaves of the map, by level
 * @leaves: how many
 */
struct direct_map_layout {
	long	leaves[PG_TABLE_MAX_LEVELS];
};

static int count_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct direct_map_layout *layout = arg;

	layout->leaves[leaf->level]++;
	return 0;
}

/* The layout around a range that an edit can change. */
static void read_layout(unsigned long va, unsigned long size,
			struct direct_map_layout *layout)
{
	static const struct pg_table_walk_ops ops = { .leaf = count_leaf };

	*layout = (struct direct_map_layout) { };
	pg_table_walk(direct_map, va, size, &ops, layout);
}

/*
 * Boot counts a leaf each time that it comes by. With DEBUG_PAGEALLOC what is
 * free is not there to be counted by now, and it is small anyway.
 */
static void __init recount(void)
{
	struct direct_map_layout layout;
	unsigned int level;

	if (debug_pagealloc_enabled())
		return;
	read_layout(PAGE_OFFSET, PHYSMEM_END + 1, &layout);
	for (level = 0; level < 3; level++)
		direct_map_arch_set_count(level, layout.leaves[level]);
}

/**
 * direct_map_init - make the direct map known to the library
 *
 * Context: Once, early at boot.
 */
void __init direct_map_init(void)
{
	const struct pg_table_config config = {
		.name = "direct_map",
		.root = init_mm.pgt.pgd,
		.va_first = PAGE_OFFSET,
		.va_last = PAGE_OFFSET + PHYSMEM_END,
		/* What boot mapped is not ours to judge. */
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_EXCLUSIVE |
			 PG_TABLE_IN_PLACE | PG_TABLE_ALLOW_WX,
	};

	direct_map = pg_table_create(&config);
	if (IS_ERR(direct_map))
		panic("direct_map: no memory for its description\n");
	recount();
	direct_map_arch_init();
	/* Let lockdep know the order before a shrinker shows it. */
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&direct_map_mutex);
	fs_reclaim_release(GFP_KERNEL);
}

/**
 * direct_map_lock - keep the direct map from changing
 *
 * Context: Process context, sleeps. Inside, memory may be allocated but not
 * reclaimed, see direct_map_reclaim().
 */
void direct_map_lock(void)
{
	mutex_lock(&direct_map_mutex);
}

/**
 * direct_map_trylock - the same for those who reclaim memory
 *
 * Context: Process context.
 * Return: whether the lock was taken.
 */
bool direct_map_trylock(void)
{
	return mutex_trylock(&direct_map_mutex);
}

/**
 * direct_map_unlock - undo direct_map_lock()
 *
 * Context: Process context.
 */
void direct_map_unlock(void)
{
	mutex_unlock(&direct_map_mutex);
}

/**
 * direct_map_reclaim - make room for a table that could not be allocated
 * @gfp: how it may be done
 *
 * For those who need memory under direct_map_lock(): there they allocate without
 * __GFP_DIRECT_RECLAIM. If that fails they unlock, call this, and try again.
 *
 * Context: Process context, without direct_map_lock(). Sleeps if @gfp allows it.
 * Return: 0 if it is worth another try; -ENOMEM.
 */
int direct_map_reclaim(gfp_t gfp)
{
	struct page *page;

	if (!gfpflags_allow_blocking(gfp))
		return -ENOMEM;
	page = alloc_page(gfp);
	if (!page)
		return -ENOMEM;
	__free_page(page);
	return 0;
}

static gfp_t locked_gfp(gfp_t gfp)
{
	return gfp ? (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN : 0;
}

static unsigned long pfn_va(unsigned long pfn)
{
	return (unsigned long)__va(PFN_PHYS(pfn));
}

/* Level of the leaf that maps @va, or -ENOENT. */
static int leaf_level(unsigned long va)
{
	struct pg_table_leaf leaf;
	int ret = pg_table_lookup(direct_map, va, &leaf);

	return ret ?: leaf.level;
}

static unsigned long level_size(unsigned int level)
{
	return 1UL << pg_table_level_shift(&pg_table_native, level);
}

static void count_event(enum vm_event_item item, long n)
{
	if (n > 0)
		count_vm_events(item, n);
}

/* Account for what became of the leaves of a range. */
static void account(const struct direct_map_layout *before,
		    const struct direct_map_layout *after)
{
	unsigned int level;

	for (level = 0; level < 3; level++) {
		long more = after->leaves[level] - before->leaves[level];

		if (more)
			direct_map_arch_count(level, more);
	}
}

/**
 * struct direct_map_edit - an edit that must be accounted for
 * @va: the range whose layout it can change
 * @size: its size
 * @before: the layout before
 */
struct direct_map_edit {
	unsigned long			va;
	unsigned long			size;
	struct direct_map_layout	before;
};

/*
 * What lies in one block changes no leaf beyond the block, unless it is part of
 * a larger leaf.
 */
static void edit_begin(struct direct_map_edit *edit, unsigned long va)
{
	unsigned int level = max(leaf_level(va), 1);

	edit->size = level_size(level);
	edit->va = va & ~(edit->size - 1);
	read_layout(edit->va, edit->size, &edit->before);
}

static void edit_end(struct direct_map_edit *edit)
{
	struct direct_map_layout after;

	read_layout(edit->va, edit->size, &after);
	account(&edit->before, &after);
}

/* Split what is larger than @level in a part of a block, and flush. */
static int split_range(unsigned long va, unsigned long size, unsigned int level,
		       gfp_t gfp)
{
	struct direct_map_edit edit;
	int old = leaf_level(va), ret;

	edit_begin(&edit, va);
	ret = pg_table_split(direct_map, va, size, level, gfp);
	edit_end(&edit);
	if (ret || old <= (int)level)
		return ret;
	count_vm_event(DIRECT_MAP_FLUSH);
	count_event(DIRECT_MAP_LEVEL3_SPLIT, old > 1);
	count_event(DIRECT_MAP_LEVEL2_SPLIT, !level);
	return 0;
}

static void flush(struct pg_table_gather *gather)
{
	if (gather->first <= gather->last)
		count_vm_event(DIRECT_MAP_FLUSH);
	pg_table_gather_flush(gather);
}

static int note_table(unsigned long va, size_t size, unsigned int level,
		      const struct pg_table_page *page, void *arg)
{
	unsigned long *found = arg;

	/* Those on the way from the root are reported, too. */
	if (level)
		return 0;
	*found = va;
	return 1;
}

/* The first block of a range that is mapped by small leaves, if there is one. */
static bool find_small(unsigned long va, unsigned long size,
		       unsigned long *found)
{
	static const struct pg_table_walk_ops ops = { .table = note_table };

	return pg_table_walk(direct_map, va, size, &ops, found);
}

/* Is all of a range mapped by leaves of level 1? Then @layout is how. */
static bool all_large(unsigned long va, unsigned long size,
		      struct direct_map_layout *layout)
{
	unsigned long small;

	if (find_small(va, size, &small))
		return false;
	read_layout(va, size, layout);
	return layout->leaves[1] == size / PMD_SIZE;
}

/* Make larger leaves around @va, as far as the library made the tables. */
static void collapse_around(unsigned long va, struct pg_table_gather *gather)
{
	struct direct_map_layout before, after;
	unsigned long block = va & PMD_MASK, giant = va & PUD_MASK;
	struct direct_map_edit edit;

	if (leaf_level(block) == 0) {
		edit_begin(&edit, block);
		pg_table_collapse_gather(direct_map, block, PMD_SIZE, gather);
		edit_end(&edit);
		count_event(DIRECT_MAP_LEVEL2_COLLAPSE, leaf_level(block) == 1);
	}
	if (leaf_level(block) != 1 || !all_large(giant, PUD_SIZE, &before))
		return;
	pg_table_collapse_gather(direct_map, giant, PUD_SIZE, gather);
	read_layout(giant, PUD_SIZE, &after);
	account(&before, &after);
	count_event(DIRECT_MAP_LEVEL3_COLLAPSE, after.leaves[2]);
}

/**
 * struct direct_map_set - pages that leave the map, or come back, together
 * @pages: the pages, if they are scattered
 * @pfn: the first, if they are a range
 * @mask: which of the range, if not all
 * @n: how many, of the range if there is one
 * @read_only: they do not leave, they only can't be written
 */
struct direct_map_set {
	struct page		**pages;
	unsigned long		pfn;
	const unsigned long	*mask;
	unsigned long		n;
	bool			read_only;
};

/*
 * A set is worked on by pieces: pages, or what of a range lies in one block.
 * Whole blocks are mapped by leaves of level 1, where there are such. What is
 * reserved is counted, so pages that left one by one come back so.
 */
struct direct_map_piece {
	unsigned long	va;
	unsigned long	size;
	unsigned int	level;
};

/* The first page of the set from @i on. */
static unsigned long next_page(const struct direct_map_set *set,
			       unsigned long i)
{
	return set->mask ? find_next_bit(set->mask, set->n, i) : i;
}

/* The piece that begins with page @i of the set; returns where the next does. */
static unsigned long get_piece(const struct direct_map_set *set,
			       unsigned long i, struct direct_map_piece *piece)
{
	unsigned int sizes = pg_table_format_leaf_sizes(&pg_table_native);

	piece->va = set->pages ? (unsigned long)page_address(set->pages[i]) :
				 pfn_va(set->pfn + i);
	piece->size = PAGE_SIZE;
	if (!set->pages && !set->mask)
		piece->size = min((set->n - i) * PAGE_SIZE,
				  (piece->va | ~PMD_MASK) + 1 - piece->va);
	piece->level = piece->size == PMD_SIZE && sizes > 1 ? 1 : 0;
	return next_page(set, i + piece->size / PAGE_SIZE);
}

/*
 * The leaves of a piece come or go. None reaches beyond it: what did was split
 * before the piece left.
 */
static void account_piece(const struct direct_map_piece *piece, int sign)
{
	struct direct_map_layout layout;
	unsigned int level;

	read_layout(piece->va, piece->size, &layout);
	for (level = 0; level < 3; level++) {
		if (layout.leaves[level])
			direct_map_arch_count(level,
					      sign * layout.leaves[level]);
	}
}

/* Make the tables that the first @n pages take to come back, and keep them. */
static int reserve_set(const struct direct_map_set *set, gfp_t gfp,
		       unsigned long *n)
{
	struct direct_map_piece piece;
	unsigned long i, next;
	int ret = 0;

	for (i = 0; i < set->n; i = next) {
		next = get_piece(set, i, &piece);
		ret = split_range(piece.va, piece.size, piece.level, gfp);
		if (!ret)
			ret = pg_table_reserve(direct_map, piece.va, piece.size,
					       piece.level, gfp);
		if (ret)
			break;
	}
	*n = i;
	return ret;
}

/*
 * Let go of the tables of the first @n pages, which are mapped. What of the set
 * is uniform becomes large again, and what was about to be split behind them.
 */
static void unreserve_set(const struct direct_map_set *set, unsigned long n)
{
	struct pg_table_gather gather;
	struct direct_map_piece piece;
	unsigned long i, next, block = 0;

	pg_table_gather_init(&gather, direct_map);
	for (i = next_page(set, 0); i < n; i = next) {
		next = get_piece(set, i, &piece);
		WARN_ON_ONCE(pg_table_unreserve_gather(direct_map, piece.va,
						       piece.size, &gather));
	}
	for (i = next_page(set, 0); i < min(n + 1, set->n); i = next) {
		next = get_piece(set, i, &piece);
		/* Pages of one block mostly follow each other: look once. */
		if ((piece.va & PMD_MASK) != block)
			collapse_around(piece.va, &gather);
		block = piece.va & PMD_MASK;
	}
	flush(&gather);
}

/* A piece goes. Nothing is left to split, so this needs no memory. */
static void unmap_piece(const struct direct_map_set *set,
			const struct direct_map_piece *piece,
			struct pg_table_gather *gather)
{
	int ret;

	if (set->read_only) {
		ret = pg_table_protect_gather(direct_map, piece->va,
					      piece->size, PROT_RO, PROT_RW, 0,
					      gather);
	} else {
		account_piece(piece, -1);
		ret = pg_table_unmap_gather(direct_map, piece->va, piece->size,
					    0, gather);
	}
	WARN_ON_ONCE(ret);
}

/* It comes back: what may be done with it grows, so no flush is needed. */
static void map_piece(const struct direct_map_set *set,
		      const struct direct_map_piece *piece)
{
	int ret;

	if (set->read_only) {
		ret = pg_table_protect(direct_map, piece->va, piece->size,
				       PROT_RW, PROT_RO, 0);
	} else {
		ret = pg_table_map(direct_map, piece->va, __pa(piece->va),
				   piece->size, PAGE_KERNEL, 0);
		account_piece(piece, 1);
	}
	WARN_ON_ONCE(ret);
}

static int try_unmap_set(const struct direct_map_set *set, gfp_t gfp)
{
	struct pg_table_gather gather;
	struct direct_map_piece piece;
	unsigned long i, next;
	int ret;

	direct_map_lock();
	ret = reserve_set(set, gfp, &i);
	if (ret) {
		unreserve_set(set, i);
		goto out;
	}
	pg_table_gather_init(&gather, direct_map);
	for (i = 0; i < set->n; i = next) {
		next = get_piece(set, i, &piece);
		unmap_piece(set, &piece, &gather);
	}
	flush(&gather);
out:
	direct_map_unlock();
	return ret;
}

static int unmap_set(const struct direct_map_set *set, gfp_t gfp)
{
	unsigned int tries = DIRECT_MAP_TRIES;
	int ret;

	do {
		ret = try_unmap_set(set, locked_gfp(gfp));
	} while (ret == -ENOMEM && tries-- && !direct_map_reclaim(gfp));
	return ret;
}

static void map_set(const struct direct_map_set *set)
{
	struct direct_map_piece piece;
	unsigned long i, next;

	lockdep_assert_held(&direct_map_mutex);
	for (i = next_page(set, 0); i < set->n; i = next) {
		next = get_piece(set, i, &piece);
		map_piece(set, &piece);
	}
	unreserve_set(set, set->n);
}

/**
 * direct_map_unmap - take pages out of the direct map
 * @pfn: the first
 * @n: how many
 * @gfp: how tables are allocated
 *
 * Whole blocks leave as such. Of others the leaf is split, which takes a table.
 * No CPU can reach the pages through the map any more when this returns, for
 * one flush; only a leaf that was split takes another.
 *
 * Context: Process context, sleeps.
 * Return: 0; -ENOENT if some are not in the map; -ENOMEM. Then all are where
 * they were.
 */
int direct_map_unmap(unsigned long pfn, unsigned long n, gfp_t gfp)
{
	const struct direct_map_set set = { .pfn = pfn, .n = n };

	return unmap_set(&set, gfp);
}

/**
 * direct_map_map - bring pages back that direct_map_unmap() took out
 * @pfn: the first
 * @n: how many: the same range that was taken out, or whole blocks of it
 *
 * What becomes uniform by it becomes large again, which takes a flush. Never
 * fails.
 *
 * Context: Process context, sleeps.
 */
void direct_map_map(unsigned long pfn, unsigned long n)
{
	direct_map_lock();
	direct_map_map_locked(pfn, n);
	direct_map_unlock();
}

/**
 * direct_map_map_locked - the same for those who have the lock
 * @pfn: the first page
 * @n: how many
 *
 * Context: Process context, with direct_map_lock() held. Never allocates.
 */
void direct_map_map_locked(unsigned long pfn, unsigned long n)
{
	const struct direct_map_set set = { .pfn = pfn, .n = n };

	map_set(&set);
}

/**
 * direct_map_map_mask_locked - the same for pages that left one by one
 * @pfn: first page of the range that they are in
 * @mask: a bit for each page of the range, set if the page shall come back
 * @n: how many pages the range has
 *
 * For one flush at most.
 *
 * Context: Process context, with direct_map_lock() held. Never allocates.
 */
void direct_map_map_mask_locked(unsigned long pfn, const unsigned long *mask,
				unsigned long n)
{
	const struct direct_map_set set = {
		.pfn = pfn,
		.mask = mask,
		.n = n,
	};

	map_set(&set);
}

/**
 * direct_map_make_ro - let pages be read through the direct map only
 * @pfn: the first
 * @n: how many
 * @gfp: how tables are allocated
 *
 * In all else as direct_map_unmap().
 *
 * Context: Process context, sleeps.
 * Return: As direct_map_unmap().
 */
int direct_map_make_ro(unsigned long pfn, unsigned long n, gfp_t gfp)
{
	const struct direct_map_set set = {
		.pfn = pfn, .n = n, .read_only = true,
	};

	return unmap_set(&set, gfp);
}

/**
 * direct_map_make_rw_locked - undo direct_map_make_ro()
 * @pfn: the first
 * @n: how many: the same range, or whole blocks of it
 *
 * Context: Process context, with direct_map_lock() held. Never allocates, never
 * fails.
 */
void direct_map_make_rw_locked(unsigned long pfn, unsigned long n)
{
	const struct direct_map_set set = {
		.pfn = pfn, .n = n, .read_only = true,
	};

	map_set(&set);
}

/**
 * direct_map_map_but_locked - bring a whole block back but for some pages
 * @pfn: the block's first page
 * @lost: a bitmap of the block's pages: those that stay out of the map for good
 * @gfp: how a table is allocated; without __GFP_DIRECT_RECLAIM
 *
 * Context: Process context, with direct_map_lock() held.
 * Return: 0; -ENOMEM, then all stay out.
 */
int direct_map_map_but_locked(unsigned long pfn, const unsigned long *lost,
			      gfp_t gfp)
{
	const struct direct_map_set set = {
		.pfn = pfn,
		.n = DIRECT_MAP_BLOCK_PAGES,
	};
	unsigned long va = pfn_va(pfn);
	const struct direct_map_piece piece = { .va = va, .size = PMD_SIZE };
	unsigned int first, end;
	int ret;

	lockdep_assert_held(&direct_map_mutex);
	ret = pg_table_reserve(direct_map, va, PMD_SIZE, 0, gfp);
	if (ret)
		return ret;
	for_each_clear_bitrange(first, end, lost, DIRECT_MAP_BLOCK_PAGES)
		WARN_ON_ONCE(pg_table_map(direct_map, va + first * PAGE_SIZE,
					  __pa(va) + first * PAGE_SIZE,
					  (end - first) * PAGE_SIZE,
					  PAGE_KERNEL, 0));
	account_piece(&piece, 1);
	/* What left as one comes back in pieces. */
	count_vm_event(DIRECT_MAP_LEVEL2_SPLIT);
	/* That of the table, then the one that the block left behind. */
	unreserve_set(&set, set.n);
	unreserve_set(&set, set.n);
	return 0;
}

/**
 * direct_map_lose_locked - let a page that was taken out never come back
 * @pfn: the page, which left for itself, not in a block
 *
 * Context: Process context, with direct_map_lock() held. Never allocates.
 */
void direct_map_lose_locked(unsigned long pfn)
{
	const struct direct_map_set set = { .pfn = pfn, .n = 1 };

	lockdep_assert_held(&direct_map_mutex);
	unreserve_set(&set, set.n);
}

/**
 * direct_map_unmap_pages - take scattered pages out of the direct map
 * @pages: the pages
 * @n: how many
 * @gfp: how tables are allocated
 *
 * As direct_map_unmap(), with one flush for all.
 *
 * Context: Process context, sleeps.
 * Return: As direct_map_unmap().
 */
int direct_map_unmap_pages(struct page **pages, unsigned int n, gfp_t gfp)
{
	const struct direct_map_set set = { .pages = pages, .n = n };

	return unmap_set(&set, gfp);
}

/**
 * direct_map_map_pages - bring back what direct_map_unmap_pages() took out
 * @pages: the pages, which need not be those of one call
 * @n: how many
 *
 * Blocks that become uniform by it become large again, for one flush at most.
 * Never fails.
 *
 * Context: Process context, sleeps.
 */
void direct_map_map_pages(struct page **pages, unsigned int n)
{
	const struct direct_map_set set = { .pages = pages, .n = n };

	direct_map_lock();
	map_set(&set);
	direct_map_unlock();
}

/**
 * direct_map_sync - others changed entries of the map
 * @va: first address that these entries span
 * @size: bytes
 *
 * For who writes entries of level 1 or above by himself, or unlinks tables: after
 * the store and before the flush, which has to reach every CPU, whatever it has
 * loaded. Costs next to nothing unless a clone follows the map.
 *
 * Context: Process context, with direct_map_lock() held.
 */
void direct_map_sync(unsigned long va, unsigned long size)
{
	if (direct_map)
		pg_table_sync(direct_map, va, size);
}

/**
 * direct_map_disown - others are about to free a table of the map
 * @table: the table
 *
 * What follows the map lets go of it, and is flushed; if the library made it, it
 * is theirs now.
 *
 * Context: Process context, with direct_map_lock() held, also while the table is
 * unlinked.
 * Return: whether the library had made it.
 */
bool direct_map_disown(void *table)
{
	return direct_map && pg_table_disown(direct_map, table);
}

/* Take a part of the kernel's half that is no memory, as a whole. */
static int follow_kernel(struct pg_table *clone, unsigned long first,
			 unsigned long end)
{
	if (first == end)
		return 0;
	return pg_table_clone(clone, &init_mm.pgt, first, end - first,
			      PG_TABLE_FOLLOW, GFP_KERNEL);
}

static int follow_map(struct pg_table *clone, unsigned long end)
{
	unsigned int tries = DIRECT_MAP_TRIES;
	int ret;

	do {
		direct_map_lock();
		ret = pg_table_clone(clone, direct_map, PAGE_OFFSET,
				     end - PAGE_OFFSET, PG_TABLE_FOLLOW,
				     locked_gfp(GFP_KERNEL));
		direct_map_unlock();
	} while (ret == -ENOMEM && tries-- && !direct_map_reclaim(GFP_KERNEL));
	return ret;
}

/* Undo follow_kernel() and follow_map(). */
static void unfollow(struct pg_table *clone, unsigned long first,
		     unsigned long end)
{
	if (first != end)
		WARN_ON_ONCE(pg_table_unmap(clone, first, end - first, 0));
}

/**
 * direct_map_follow - map the kernel in a clone that can have holes in its memory
 * @clone: the clone, whose kernel half is empty; with PG_TABLE_ALLOW_WX, since
 *	what boot mapped is not ours to judge
 *
 * The kernel half becomes that of the kernel's own table, and stays so, as with
 * pg_table_follow_kernel(). What direct_map_hide() hides in the clone is not
 * there.
 *
 * Context: Process context, sleeps.
 * Return: 0; -EOPNOTSUPP, with a warning, if vmalloc's area shares a root entry of
 * the map; or an error as pg_table_clone(). Then the clone is as it was.
 */
int direct_map_follow(struct pg_table *clone)
{
	unsigned long first = init_mm.pgt.desc->kernel_first;
	unsigned long start = PAGE_OFFSET & PGDIR_MASK;
	unsigned long end = PAGE_OFFSET + PHYSMEM_END + 1;
	unsigned long next = round_up(end, PGDIR_SIZE);
	int ret;

	/* Of what vmalloc does in a root entry of the map nobody would tell. */
	if (WARN_ON_ONCE(next > VMALLOC_START))
		return -EOPNOTSUPP;
	ret = follow_kernel(clone, first, start);
	if (ret)
		return ret;
	ret = follow_kernel(clone, next, 0);
	if (ret)
		goto fail;
	ret = follow_map(clone, end);
	if (!ret)
		return 0;
	unfollow(clone, next, 0);
fail:
	unfollow(clone, first, start);
	return ret;
}

static bool is_blocks(unsigned long pfn, unsigned long n)
{
	return n && !((pfn | n) & (DIRECT_MAP_BLOCK_PAGES - 1));
}

static int try_hide(struct pg_table *clone, unsigned long pfn, unsigned long n,
		    gfp_t gfp)
{
	struct pg_table_gather gather;
	int ret;

	pg_table_gather_init(&gather, clone);
	direct_map_lock();
	ret = pg_table_unmap_gather(clone, pfn_va(pfn), n * PAGE_SIZE, gfp,
				    &gather);
	flush(&gather);
	direct_map_unlock();
	return ret;
}

/**
 * direct_map_hide - leave blocks out of a clone of the map
 * @clone: what direct_map_follow() made
 * @pfn: the first page of the first block
 * @n: how many pages, of whole blocks
 * @gfp: how tables are allocated
 *
 * Nothing is mapped there in the clone any more, nor in clones that follow it,
 * whatever becomes of the blocks in the direct map, which is not touched. No CPU
 * can reach them through the clone when this returns, for one flush of it.
 *
 * Context: Process context, sleeps.
 * Return: 0; -EINVAL if it is not whole blocks; -EPERM if a part of it is not
 * followed; -ENOMEM. Then all is as it was.
 */
int direct_map_hide(struct pg_table *clone, unsigned long pfn, unsigned long n,
		    gfp_t gfp)
{
	unsigned int tries = DIRECT_MAP_TRIES;
	int ret;

	if (!is_blocks(pfn, n))
		return -EINVAL;
	do {
		ret = try_hide(clone, pfn, n, locked_gfp(gfp));
	} while (ret == -ENOMEM && tries-- && !direct_map_reclaim(gfp));
	return ret;
}

/**
 * direct_map_show - undo direct_map_hide()
 * @clone: the clone
 * @pfn: the first page of the first block
 * @n: how many pages: what one call has hidden, or several
 *
 * Never allocates, never fails. Flushes only if tables of the clone's own are not
 * needed any more.
 *
 * Context: Process context, sleeps.
 */
void direct_map_show(struct pg_table *clone, unsigned long pfn, unsigned long n)
{
	direct_map_lock();
	direct_map_show_locked(clone, pfn, n);
	direct_map_unlock();
}

/**
 * direct_map_show_locked - the same for those who have the lock
 * @clone: the clone
 * @pfn: the first page
 * @n: how many
 *
 * Context: Process context, with direct_map_lock() held.
 */
void direct_map_show_locked(struct pg_table *clone, unsigned long pfn,
			    unsigned long n)
{
	lockdep_assert_held(&direct_map_mutex);
	WARN_ON_ONCE(!is_blocks(pfn, n) ||
		     pg_table_clone(clone, direct_map, pfn_va(pfn),
				    n * PAGE_SIZE, PG_TABLE_FOLLOW, 0));
}

static int try_protect(unsigned long pfn, unsigned long n, pgprot_t set,
		       pgprot_t clear, gfp_t gfp)
{
	unsigned long first = pfn_va(pfn), end = first + n * PAGE_SIZE, va;
	struct direct_map_layout before, after;
	struct pg_table_gather gather;
	int ret;

	pg_table_gather_init(&gather, direct_map);
	direct_map_lock();
	read_layout(first & PUD_MASK, round_up(end, PUD_SIZE) -
		    (first & PUD_MASK), &before);
	ret = pg_table_protect_gather(direct_map, first, end - first, set,
				      clear, gfp, &gather);
	read_layout(first & PUD_MASK, round_up(end, PUD_SIZE) -
		    (first & PUD_MASK), &after);
	account(&before, &after);
	count_event(DIRECT_MAP_LEVEL3_SPLIT,
		    before.leaves[2] - after.leaves[2]);
	count_event(DIRECT_MAP_LEVEL2_SPLIT,
		    (after.leaves[0] - before.leaves[0]) / PTRS_PER_PTE);
	if (!ret) {
		flush(&gather);
		for (va = first; va < end; va = (va & PMD_MASK) + PMD_SIZE)
			collapse_around(va, &gather);
	}
	flush(&gather);
	direct_map_unlock();
	return ret;
}

/**
 * direct_map_protect - change the protection of pages in the direct map
 * @pfn: the first
 * @n: how many
 * @set: bits to set
 * @clear: bits to clear before
 * @gfp: how tables are allocated
 *
 * Large leaves are split only around the ends of the range, and what becomes
 * uniform becomes large again.
 *
 * Context: Process context, sleeps.
 * Return: 0; -ENOENT if some are not in the map; -EINVAL for a protection that
 * allows nothing; -ENOMEM. Then nothing has changed.
 */
int direct_map_protect(unsigned long pfn, unsigned long n, pgprot_t set,
		       pgprot_t clear, gfp_t gfp)
{
	unsigned int tries = DIRECT_MAP_TRIES;
	int ret;

	do {
		ret = try_protect(pfn, n, set, clear, locked_gfp(gfp));
	} while (ret == -ENOMEM && tries-- && !direct_map_reclaim(gfp));
	return ret;
}

/**
 * direct_map_collapse - make leaves of a range as large as they were
 * @pfn: the first page
 * @n: how many
 *
 * Looks at each block of the range, and at what the blocks are parts of. What is
 * not uniform, was made small by boot, or is kept small on purpose stays.
 *
 * Context: Process context, sleeps. Never allocates.
 */
void direct_map_collapse(unsigned long pfn, unsigned long n)
{
	unsigned long va = pfn_va(pfn), end = va + n * PAGE_SIZE;
	struct pg_table_gather gather;

	pg_table_gather_init(&gather, direct_map);
	direct_map_lock();
	for (; va < end; va = (va & PMD_MASK) + PMD_SIZE)
		collapse_around(va, &gather);
	flush(&gather);
	direct_map_unlock();
}

/**
 * direct_map_split_locked - split the leaf that maps an address by one level
 * @va: the address
 * @level: level that the leaf is of
 * @gfp: how the table is allocated; without __GFP_DIRECT_RECLAIM
 *
 * For those who change leaves of the map by themselves. Flushes.
 *
 * Context: Process context, with direct_map_lock() held.
 * Return: 0, also if the leaf is smaller by now; -ENOENT if nothing is mapped;
 * -ENOMEM.
 */
int direct_map_split_locked(unsigned long va, unsigned int level, gfp_t gfp)
{
	lockdep_assert_held(&direct_map_mutex);
	return split_range(va & ~(level_size(level - 1) - 1),
			   level_size(level - 1), level - 1, gfp);
}

/**
 * direct_map_keep_small_locked - never collapse pages that were made small
 * @va: first address, of pages that are mapped one by one
 * @size: bytes
 * @gfp: for allocations; without __GFP_DIRECT_RECLAIM
 *
 * Context: Process context, with direct_map_lock() held.
 * Return: 0; -EEXIST if a larger leaf is among them; -ENOMEM.
 */
int direct_map_keep_small_locked(unsigned long va, unsigned long size,
				 gfp_t gfp)
{
	lockdep_assert_held(&direct_map_mutex);
	return pg_table_reserve(direct_map, va, size, 0, gfp);
}

/**
 * direct_map_is_split - is a page mapped for itself, or not at all?
 * @pfn: the page
 *
 * Context: Any. An answer that can be out of date.
 * Return: whether taking the page out of the map splits nothing.
 */
bool direct_map_is_split(unsigned long pfn)
{
	return leaf_level(pfn_va(pfn)) <= 0;
}

/**
 * direct_map_next_split - find a block that is mapped by small leaves
 * @pfn: the first page of the block to begin with
 *
 * Context: Process context, sleeps. An answer that can be out of date.
 * Return: the first page of the first such block; ULONG_MAX if there is none.
 */
unsigned long direct_map_next_split(unsigned long pfn)
{
	unsigned long va = pfn_va(pfn), end = PAGE_OFFSET + PHYSMEM_END + 1;
	unsigned long small;
	bool found;

	direct_map_lock();
	found = find_small(va, end - va, &small);
	direct_map_unlock();
	return found ? PHYS_PFN(__pa(small)) : ULONG_MAX;
}

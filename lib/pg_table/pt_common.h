/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers that need the format's entries. Included once per format.
 */
#ifndef PT_FORMAT
#error "include through a format"
#endif

/* One root translates one half of the address space. */
#ifndef PT_TWO_ROOTS
#define PT_TWO_ROOTS	false
#endif

#include "pt_run.h"

/*
 * Break before make: some changes of a live entry must go by way of an empty
 * entry and a flush, or the TLB may hold two that do not fit together. A format
 * whose CPUs want that defines PT_HAS_BBM and
 *
 *	pt_break_to_resize()		to split a leaf, or to unfold a run
 *	pt_break_to_change(old, new)	to replace one leaf by the other
 */
#ifndef PT_HAS_BBM
#define PT_HAS_BBM	0

static __always_inline bool pt_break_to_resize(void)
{
	return false;
}

static __always_inline bool pt_break_to_change(pt_entry_t old, pt_entry_t new)
{
	return false;
}
#endif

/* A hypervisor may want to know of a table while it is linked. */
#ifndef pt_announce
static inline void pt_announce(pt_entry_t entry, unsigned int level)
{
}

static inline void pt_retract(pt_entry_t entry, unsigned int level)
{
}
#endif

/* @entry, which points to a table in memory that is not encrypted. */
#ifndef pt_plain_table
static inline pt_entry_t pt_plain_table(pt_entry_t entry)
{
	return entry;
}
#endif

static __always_inline pt_entry_t pt_point_to(const struct pg_table_ops *ops,
					      const void *table)
{
	pt_entry_t entry = pt_make_table(pg_table_pa(ops, table));

	return ops->plain ? pt_plain_table(entry) : entry;
}

/* Is @entry, which points to a table, what the library writes for one? */
#ifndef pt_table_sane
static inline bool pt_table_sane(pt_entry_t entry)
{
	return entry == pt_make_table(pt_table_pa(entry));
}
#endif

/* What others took out of use may hide its address. */
#ifndef pt_flip_hidden
static inline pt_entry_t pt_flip_hidden(pt_entry_t entry, unsigned int level)
{
	return entry;
}
#endif

/* Functions that stay visible in backtraces carry the format's name. */
#define __PT_NAME(format, name)	format ## _ ## name
#define _PT_NAME(format, name)	__PT_NAME(format, name)
#define PT_NAME(name)		_PT_NAME(PT_FORMAT, name)

#define pt_fill		PT_NAME(pt_fill)
#define pt_fill_runs	PT_NAME(pt_fill_runs)
#define pt_map_build	PT_NAME(pt_map_build)
#define pt_link_table	PT_NAME(pt_link_table)
#define pt_map_plan	PT_NAME(pt_map_plan)
#define pt_map_commit	PT_NAME(pt_map_commit)
#define pt_map		PT_NAME(pt_map)
#define pt_map_one	PT_NAME(pt_map_one)
#define pt_break	PT_NAME(pt_break)
#define pt_unfold	PT_NAME(pt_unfold)
#define pt_split_leaf	PT_NAME(pt_split_leaf)
#define pt_edit_plan	PT_NAME(pt_edit_plan)
#define pt_edit_commit	PT_NAME(pt_edit_commit)
#define pt_edit_again	PT_NAME(pt_edit_again)
#define pt_edit		PT_NAME(pt_edit)
#define pt_unmap_one	PT_NAME(pt_unmap_one)
#define pt_collapse_table	PT_NAME(pt_collapse_table)
#define pt_drop		PT_NAME(pt_drop)
#define pt_discard	PT_NAME(pt_discard)
#define pt_clone_build	PT_NAME(pt_clone_build)
#define pt_clone_plan	PT_NAME(pt_clone_plan)
#define pt_clone_commit	PT_NAME(pt_clone_commit)
#define pt_clone	PT_NAME(pt_clone)
#define pt_range_used	PT_NAME(pt_range_used)
#define pt_copy_table	PT_NAME(pt_copy_table)
#define pt_view_maps	PT_NAME(pt_view_maps)
#define pt_copy_build	PT_NAME(pt_copy_build)
#define pt_copy_plan	PT_NAME(pt_copy_plan)
#define pt_copy_commit	PT_NAME(pt_copy_commit)
#define pt_copy		PT_NAME(pt_copy)
#define pt_replace	PT_NAME(pt_replace)
#define pt_mirror	PT_NAME(pt_mirror)
#define pt_follow	PT_NAME(pt_follow)
#define pt_find_table	PT_NAME(pt_find_table)
#define pt_hole_build	PT_NAME(pt_hole_build)
#define pt_hole_plan	PT_NAME(pt_hole_plan)
#define pt_hole_commit	PT_NAME(pt_hole_commit)
#define pt_hole		PT_NAME(pt_hole)
#define pt_reserve	PT_NAME(pt_reserve)
#define pt_unreserve	PT_NAME(pt_unreserve)
#define pt_lookup	PT_NAME(pt_lookup)
#define pt_walk		PT_NAME(pt_walk)
#define pt_verify	PT_NAME(pt_verify)

/* May a leaf of @pgt have protection @prot? */
static __always_inline int pt_check_prot(const struct pg_table *pgt, u64 prot)
{
	if (unlikely(!pt_prot_valid(prot)))
		return -EINVAL;
	if (unlikely(pt_prot_wx(prot) &&
		     !(pgt->desc->config.flags & PG_TABLE_ALLOW_WX)))
		return -EPERM;
	return 0;
}

static __always_inline unsigned int pt_entries(unsigned int level)
{
	return 1U << pt_bits(level);
}

static __always_inline unsigned int pt_top(void)
{
	return pt_levels() - 1;
}

/* Bytes that an entry of @level spans, less one: the top may span all. */
static __always_inline unsigned long pt_span(unsigned int level)
{
	return (1UL << pt_shift(level)) - 1;
}

static __always_inline unsigned int pt_index(unsigned long va,
					     unsigned int level)
{
	return (va >> pt_shift(level)) & (pt_entries(level) - 1);
}

/* First address that slot @i of the root spans. */
static inline unsigned long pt_root_va(const struct pg_table *pgt,
				       unsigned int i)
{
	unsigned long va = (unsigned long)i << pt_shift(pt_top());

	if (PT_VA_SIGNED && i >= pt_entries(pt_top()) / 2)
		va |= ~0UL << (pt_va_bits() - 1);
	if (PT_TWO_ROOTS && pgt->desc->config.flags & PG_TABLE_KERNEL_HALF)
		va |= ~0UL << pt_va_bits();
	return va;
}

static __always_inline void *pt_table_ptr(const struct pg_table_ops *ops,
					  pt_entry_t entry)
{
	return pg_table_ptr(ops, pt_table_pa(entry));
}

static __always_inline struct pg_table_page *
pt_table_page(const struct pg_table_ops *ops, pt_entry_t entry)
{
	return pg_table_page(ops, pt_table_pa(entry));
}

/* One step down: 0, -ENOENT where nothing is, 1 where a leaf is. */
static __always_inline int pt_descend(const struct pg_table_ops *ops,
				      void **table, unsigned long va,
				      unsigned int level)
{
	pt_entry_t entry = pt_read(*table, level, pt_index(va, level));

	/* What is not present, an empty entry too, counts as a leaf. */
	if (unlikely(pt_is_leaf(entry, level)))
		return pt_is_none(entry) ? -ENOENT : 1;
	*table = pt_table_ptr(ops, entry);
	return 0;
}

/*
 * The table of level 0 that holds @va, or a result of pt_descend(). Not a loop,
 * because each level's shift and mask are constants this way.
 */
static __always_inline int pt_find_page_table(const struct pg_table *pgt,
					      const struct pg_table_ops *ops,
					      unsigned long va, void **table)
{
	int ret = 0;

	*table = pgt->pgd;
	if (pt_top() > 3)
		ret = pt_descend(ops, table, va, 4);
	if (pt_top() > 2 && likely(!ret))
		ret = pt_descend(ops, table, va, 3);
	if (likely(!ret))
		ret = pt_descend(ops, table, va, 2);
	if (likely(!ret))
		ret = pt_descend(ops, table, va, 1);
	return ret;
}

/* Slot @i as others are to see it: a hole is its owner's, and nothing here. */
static __always_inline pt_entry_t pt_read_shown(const void *table,
						unsigned int level,
						unsigned int i)
{
	pt_entry_t entry = pt_read(table, level, i);

	return pt_is_hole(entry) ? pt_none_entry(level) : entry;
}

/* Unrolled, or the loop costs more than the stores. */
static __always_inline void pt_fill_level(void *table, unsigned int level,
					  unsigned int i, unsigned int end,
					  pt_entry_t leaf)
{
#pragma GCC unroll 4
	for (; i < end; i++) {
		pt_write(table, level, i, leaf);
		leaf = pt_next_leaf(leaf, level);
	}
}

/*
 * Write @n leaves of @level, the first of them @leaf, from slot @i on. A loop
 * of its own for each level, in which the distance of leaves is a constant.
 */
static void pt_fill(void *table, unsigned int level, unsigned int i,
		    unsigned int n, pt_entry_t leaf)
{
	if (level == 0)
		pt_fill_level(table, 0, i, i + n, leaf);
	else if (level == 1)
		pt_fill_level(table, 1, i, i + n, leaf);
	else
		pt_fill_level(table, level, i, i + n, leaf);
}

/*
 * The same, as runs wherever a whole one lies in the slots. The first leaf's
 * slot and physical address say whether the two are aligned to each other.
 */
static void pt_fill_runs(void *table, unsigned int level, unsigned int i,
			 unsigned int n, pt_entry_t leaf)
{
	unsigned int mask = pt_run_entries(level) - 1;
	unsigned int first = (i + mask) & ~mask;
	unsigned int end = i + n, stop = end & ~mask;

	if (((pt_leaf_pa(leaf, level) >> pt_shift(level)) ^ i) & mask)
		stop = 0;
	for (; i < end; i++) {
		pt_write(table, level, i,
			 i >= first && i < stop ? pt_set_run(leaf) : leaf);
		leaf = pt_next_leaf(leaf, level);
	}
}

/* Write @n leaves as the largest items that they make, if that is wanted. */
static __always_inline void pt_fill_items(void *table, unsigned int level,
					  unsigned int i, unsigned int n,
					  pt_entry_t leaf, bool runs)
{
	if (PT_HAS_RUNS && runs && pt_run_bits(level))
		pt_fill_runs(table, level, i, n, leaf);
	else
		pt_fill(table, level, i, n, leaf);
}

/* Are the @n entries from slot @i on all empty? */
static __always_inline bool pt_all_none(const void *table, unsigned int level,
					unsigned int i, unsigned int n)
{
	unsigned int end = i + n;

	for (; i < end; i++) {
		if (!pt_is_none(pt_read(table, level, i)))
			return false;
	}
	return true;
}

/*
 * Counting the entries of a table that are in use. The root is not counted: it
 * is never freed for being empty. Nor are tables that others made.
 *
 * Where the range covers a whole table nobody else edits it, and an exclusive
 * table has no other editor: there plain arithmetic will do. Of a table that
 * the range shares with others' ranges this is the protocol, of which
 * tests/model/live.pml is a model that spin checks exhaustively:
 *
 * - Who adds entries counts them with pt_get() before it stores them. It fails
 *   if the table is dead. So a table with an entry, or with one to come, lives.
 * - Who removed entries counts them down with pt_put(). Who makes the count
 *   zero has killed the table: nobody will store in it any more. It takes the
 *   table out of the parent by cmpxchg, and frees it after a flush and a grace
 *   period.
 * - Who finds a dead table in its way, still linked, exchanges it for a new one;
 *   then the cmpxchg of the one who killed it fails, and it only frees it.
 * - An entry of the parent is counted there once, whatever table is in it: so a
 *   table with tables below it is not dead.
 */
static __always_inline void pt_count(const struct pg_table_ops *ops,
				     const void *table, unsigned int level,
				     int change)
{
	struct pg_table_page *page;

	if (level == pt_top())
		return;
	page = pg_table_page_of(ops, table);
	if (likely(page->owner))
		atomic_set(&page->live, atomic_read(&page->live) + change);
}

/* Count @n more entries, unless the table is dead. */
static __always_inline bool pt_get(struct pg_table_page *page, unsigned int n)
{
	int live = atomic_read(&page->live);

	do {
		if (unlikely(!live))
			return false;
	} while (unlikely(!atomic_try_cmpxchg(&page->live, &live, live + n)));
	return true;
}

/* Count @n entries less, if others remain. */
static __always_inline bool pt_put_some(struct pg_table_page *page,
					unsigned int n)
{
	int live = atomic_read(&page->live);

	do {
		if (unlikely(live <= (int)n))
			return false;
	} while (unlikely(!atomic_try_cmpxchg(&page->live, &live, live - n)));
	return true;
}

/* Count @n entries less; returns whether the table is dead now. */
static inline bool pt_put(struct pg_table_txn *txn, struct pg_table_page *page,
			  unsigned int n)
{
	if (pt_put_some(page, n))
		return false;
	/* Before anybody can see that the table is dead. */
	pg_table_gather_unlink(txn->gather);
	return atomic_sub_and_test(n, &page->live);
}

/* Take back one entry that was counted ahead; others keep the table alive. */
static inline void pt_uncount(const struct pg_table_ops *ops, const void *table,
			      unsigned int level)
{
	if (level != pt_top())
		atomic_dec(&pg_table_page_of(ops, table)->live);
}

/* Is the table of @level shared with others' ranges if this one is ours? */
static __always_inline bool pt_is_shared(const struct pg_table_txn *txn,
					 unsigned int level, unsigned long va,
					 unsigned long last)
{
	unsigned long span;

	/* With the locks of all sources there is no other editor. */
	if (!txn->shared || txn->family || level == pt_top())
		return false;
	span = pt_span(level + 1);
	return va & span || ~last & span;
}

/* Flush all that can be left in the TLB from before [va, last] was emptied. */
static inline void pt_finish_break(struct pg_table *pgt, unsigned long va,
				   unsigned long last)
{
	struct pg_table_gather gather;

	pg_table_gather_unlinked(&gather, pgt, va, last);
	pg_table_flush(pgt, &gather);
}

/*
 * Flush what the table took from others, who removed it and have not flushed it
 * yet: all of a leaf of which [va, last] is a part.
 */
static noinline void pt_settle_taken(struct pg_table *pgt, unsigned long va,
				     unsigned long last)
{
	unsigned long span = pt_run_span(min(pt_leaf_sizes(), pt_levels()) - 1);

	va &= ~span;
	last |= span;
	if (pg_table_link_pends(pgt, va, last))
		pt_finish_break(pgt, va, last);
}

/* Flush what others unlinked in [va, last] and did not, if that is a break. */
static inline void pt_settle_unlinked(const struct pg_table_txn *txn,
				      unsigned long va, unsigned long last)
{
	if (PT_HAS_BBM && unlikely(atomic_read(&txn->pgt->desc->unlinking)))
		pt_finish_break(txn->pgt, va, last);
}

/*
 * Before a call makes something in [va, last]: flush what others unlinked there,
 * and what sources removed, of which there can be no more as long as it runs.
 */
static inline void pt_settle(const struct pg_table_txn *txn, unsigned long va,
			     unsigned long last)
{
	pt_settle_unlinked(txn, va, last);
	if (unlikely(txn->family))
		pt_settle_taken(txn->pgt, va, last);
}

/* An entry of a clone is about to point to what @entry does. */
static inline void pt_borrow(const struct pg_table_ops *ops, pt_entry_t entry,
			     unsigned int level)
{
	struct pg_table_page *page;

	if (pt_is_leaf(entry, level))
		return;
	page = pt_table_page(ops, entry);
	if (page->owner)
		atomic_inc(&page->borrows);
}

/* An entry of a clone let go of a table; adopted ones are not counted. */
static inline void pt_unborrow_page(struct pg_table_page *page)
{
	/* All that the clone read of the table comes before the owner frees it. */
	if (page->owner)
		atomic_dec_return_release(&page->borrows);
}

/*
 * Take back a table that nobody has seen yet, and the tables below it; what it
 * borrowed is given back.
 */
static noinline void pt_discard(struct pg_table_txn *txn, void *table)
{
	const struct pg_table_ops *ops = pg_table_ops(txn->pgt);
	struct pg_table_page *page = pg_table_page_of(ops, table);
	unsigned int level = page->level;
	unsigned int i;

	for (i = 0; level && i < pt_entries(level); i++) {
		pt_entry_t entry = pt_read(table, level, i);
		struct pg_table_page *child;

		if (pt_is_none(entry) || pt_is_leaf(entry, level))
			continue;
		child = pt_table_page(ops, entry);
		if (child->owner != txn->pgt) {
			pt_unborrow_page(child);
			continue;
		}
		pt_retract(entry, level);
		pt_discard(txn, pt_table_ptr(ops, entry));
	}
	pg_table_txn_recycle(txn, page);
}

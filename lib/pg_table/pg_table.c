// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs: check the arguments, take the lock, call the format's algorithm,
 * flush.
 *
 * Two callers may edit disjoint ranges of one table at the same time. Neither
 * they nor readers take a lock; tables are freed behind RCU.
 */
#include <linux/export.h>
#include <linux/rcupdate.h>

#include <trace/events/pg_table.h>

#include "internal.h"

/* May the library edit the table at all? */
int pg_table_may_edit(const struct pg_table *pgt)
{
	const struct pg_table_desc *desc = pgt->desc;

	if (unlikely(!desc || desc->sealed ||
		     (desc->config.flags & PG_TABLE_FOREIGN)))
		return -EPERM;
	return 0;
}

static __always_inline int pg_table_find_last(const struct pg_table *pgt,
					      unsigned long va, size_t size,
					      unsigned long *last)
{
	const struct pg_table_desc *desc = pgt->desc;

	*last = va + (size - 1);
	if (unlikely(!size || *last < va ||
		     (va | size) & (desc->page_size - 1)))
		return -EINVAL;
	if (unlikely(va < desc->config.va_first ||
		     *last > desc->config.va_last))
		return -EINVAL;
	if (unlikely(*last > desc->user_last && va < desc->kernel_first))
		return -EINVAL;
	return 0;
}

/* Finds the last address of a range that lies where the table allows. */
int pg_table_check_range(struct pg_table *pgt, unsigned long va, size_t size,
			 unsigned long *last)
{
	return pg_table_find_last(pgt, va, size, last);
}

typedef int (*pg_table_verb_t)(struct pg_table_txn *txn, unsigned long va,
			       unsigned long last, const void *args);

/*
 * Run a verb until it does not fail for want of memory that can be had outside,
 * or because a table died under it. @verb is a constant, so that this is
 * inlined. With @pend the gather is the caller's to flush.
 */
static __always_inline int pg_table_run(struct pg_table_txn *txn,
					unsigned long va, unsigned long last,
					pg_table_verb_t verb, const void *args,
					bool pend)
{
	struct pg_table *pgt = txn->pgt;
	struct pg_table_desc *desc = pgt->desc;
	int ret;

	txn->first = va;
	do {
		txn->locked = pg_table_begin(pgt);
		/* These must not change where the range leads to their tables. */
		if (unlikely(!list_empty(&desc->sources)) &&
		    pg_table_link_covers(pgt, va, last))
			pg_table_txn_lock_family(txn);
		ret = verb(txn, va, last, args);
		pg_table_txn_commit(txn, ret);
		if (!ret && unlikely(!list_empty(&desc->clones)))
			pg_table_follow(pgt, va, last);
		/* What a clone sees of the edit it does not meet unflushed. */
		if (unlikely(txn->locked) && pend)
			pg_table_gather_pend_locked(txn->gather);
		else if (unlikely(txn->locked && !list_empty(&desc->clones)))
			pg_table_gather_flush_locked(txn->gather);
		if (unlikely(txn->family))
			pg_table_txn_unlock_family(txn);
		pg_table_end(pgt, txn->locked);
		if (unlikely(txn->freeze && !txn->frozen)) {
			pg_table_freeze(pgt);
			txn->frozen = true;
		}
	} while (unlikely(ret == -EAGAIN ||
			  (ret == -ENOMEM && pg_table_txn_retry(txn))));
	if (unlikely(txn->frozen))
		pg_table_thaw(pgt);
	if (pend)
		pg_table_gather_pend(txn->gather);
	if (unlikely(txn->spare))
		pg_table_txn_end(txn);
	return ret;
}

/*
 * What is sealed, pending in a gather, or belongs to a source must not be
 * edited.
 */
static inline int pg_table_refuse(struct pg_table *pgt, bool locked,
				  unsigned long va, unsigned long last,
				  bool fills)
{
	struct pg_table_desc *desc = pgt->desc;

	/* Looked at before, but the verb can have slept since. */
	if (unlikely(READ_ONCE(desc->sealed)))
		return -EPERM;
	if (fills && unlikely(!list_empty(&desc->gathers))) {
		if (!locked && !pg_table_exclusive(pgt))
			return -EAGAIN;
		if (pg_table_gather_overlaps(pgt, va, last))
			return -EBUSY;
	}
	if (unlikely(!list_empty(&desc->sources)))
		return pg_table_link_check(pgt, va, last);
	return 0;
}

struct pg_table_map_args {
	phys_addr_t	pa;
	u64		prot;
};

static inline int pg_table_do_map(struct pg_table_txn *txn, unsigned long va,
				  unsigned long last, const void *args)
{
	const struct pg_table_map_args *map = args;
	int ret = pg_table_refuse(txn->pgt, txn->locked, va, last, true);

	return ret ?: pg_table_format(txn->pgt)->map(txn, va, last, map->pa,
						     map->prot);
}

static __always_inline int
pg_table_check_map(struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		   size_t size, unsigned long *last)
{
	const struct pg_table_desc *desc = pgt->desc;
	int ret = pg_table_find_last(pgt, va, size, last);

	if (unlikely(ret))
		return ret;
	if (unlikely(pa & (desc->page_size - 1) ||
		     pa > desc->pa_last || size - 1 > desc->pa_last - pa))
		return -EINVAL;
	return 0;
}

static bool pg_table_is_page(const struct pg_table *pgt, size_t size)
{
	return size == pgt->desc->page_size;
}

/* Does an edit of the range concern another table? */
static inline bool pg_table_is_linked(struct pg_table *pgt, unsigned long va,
				      unsigned long last)
{
	const struct pg_table_desc *desc = pgt->desc;

	return unlikely(!list_empty(&desc->clones)) ||
	       (unlikely(!list_empty(&desc->sources)) &&
		pg_table_link_covers(pgt, va, last));
}

/* Try it without a transaction: 1 if that is not possible. */
static __always_inline int pg_table_map_one(struct pg_table *pgt,
					    unsigned long va,
					    unsigned long last, phys_addr_t pa,
					    pgprot_t prot)
{
	bool locked = pg_table_begin(pgt);
	int ret = 0;

	if (unlikely(atomic_read(&pgt->desc->frozen)))
		ret = pg_table_is_linked(pgt, va, last) ? 1 :
		      pg_table_refuse(pgt, locked, va, last, true);
	if (likely(!ret))
		ret = pg_table_format(pgt)->map_one(pgt, va, pa,
						    pgprot_val(prot));
	pg_table_end(pgt, locked);
	return ret == -EAGAIN ? 1 : ret;
}

/* Apart, so that mapping one page does not pay for its frame. */
static noinline int pg_table_map_range(struct pg_table *pgt, unsigned long va,
				       unsigned long last, phys_addr_t pa,
				       pgprot_t prot, gfp_t gfp)
{
	struct pg_table_map_args args = { .pa = pa, .prot = pgprot_val(prot) };
	struct pg_table_gather gather;
	struct pg_table_txn txn;
	int ret;

	pg_table_gather_init(&gather, pgt);
	pg_table_txn_init(&txn, pgt, gfp, &gather);
	ret = pg_table_run(&txn, va, last, pg_table_do_map, &args, false);
	pg_table_gather_flush(&gather);
	return ret;
}

/**
 * pg_table_map - map a range of physical memory
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @pa: first physical address, likewise
 * @size: bytes to map, likewise
 * @prot: protection of the leaves, see pg_table_prot()
 * @gfp: how tables are allocated; 0 for not at all
 *
 * Uses the largest items that addresses, size, the CPU and the table's
 * configuration allow. The range must be empty: nothing is ever mapped over.
 * Where the range is reserved no table is needed. Where a clone borrows a table
 * it gets a copy, which takes memory and a flush; the source never changes.
 *
 * Context: Any but NMI; from interrupts only if the table is exclusive. May
 * sleep as @gfp says.
 * Return: 0; -EINVAL for a bad range, physical address or protection; -EPERM
 * if the table is sealed, foreign or a process's, if it follows another one in
 * the range or has tables there that others made, or for a writable and
 * executable mapping that it does not allow; -EEXIST if something is mapped in
 * the range; -EBUSY if an unflushed gather covers a part of it; -EOPNOTSUPP if
 * a borrowed table would have to be replaced, which the CPU cannot do while the
 * table is loaded; -ENOMEM.
 */
int pg_table_map(struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		 size_t size, pgprot_t prot, gfp_t gfp)
{
	unsigned long last;
	int ret;

	might_alloc(gfp);
	ret = pg_table_may_edit(pgt);
	if (likely(!ret))
		ret = pg_table_check_map(pgt, va, pa, size, &last);
	if (unlikely(ret))
		goto out;
	ret = pg_table_is_page(pgt, size) ?
	      pg_table_map_one(pgt, va, last, pa, prot) : 1;
	if (ret > 0)
		ret = pg_table_map_range(pgt, va, last, pa, prot, gfp);
	if (unlikely(!ret && atomic_read(&pgt->desc->unlinking)))
		pg_table_flush_unlinked(pgt, va, last);
out:
	trace_pg_table_map(pgt, va, pa, size, prot, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_map);

static int pg_table_edit_leaves(struct pg_table_txn *txn, unsigned long va,
				unsigned long last,
				const struct pg_table_edit *edit)
{
	struct pg_table *pgt = txn->pgt;
	int ret = pg_table_format(pgt)->edit(txn, va, last, edit);

	if (!ret && unlikely(!list_empty(&pgt->desc->gathers)) &&
	    (txn->locked || pg_table_exclusive(pgt)))
		pg_table_gather_others(txn->gather, va, last);
	return ret;
}

/* The table took ranges from others: unmap gives them up or leaves a hole. */
static noinline int pg_table_unmap_taken(struct pg_table_txn *txn,
					 unsigned long va, unsigned long last,
					 const struct pg_table_edit *edit)
{
	struct pg_table_link *hole;
	int ret = pg_table_link_check_unmap(txn->pgt, va, last, &hole);

	if (READ_ONCE(txn->pgt->desc->sealed))
		return -EPERM;
	if (ret)
		return ret;
	if (hole)
		return pg_table_link_hole(txn, hole, va, last, false);
	ret = pg_table_edit_leaves(txn, va, last, edit);
	if (!ret)
		pg_table_link_cut(txn, va, last);
	return ret;
}

static inline int pg_table_do_edit(struct pg_table_txn *txn, unsigned long va,
				   unsigned long last, const void *args)
{
	const struct pg_table_edit *edit = args;
	int ret;

	if (edit->verb == PT_UNMAP &&
	    unlikely(!list_empty(&txn->pgt->desc->sources)))
		return pg_table_unmap_taken(txn, va, last, edit);
	ret = pg_table_refuse(txn->pgt, txn->locked, va, last, false);
	return ret ?: pg_table_edit_leaves(txn, va, last, edit);
}

/* 1 if the range does not follow the source. */
static int pg_table_do_fill(struct pg_table_txn *txn, unsigned long va,
			    unsigned long last, const void *args)
{
	struct pg_table *dst = txn->pgt, *const *src = args;
	struct pg_table_link *link;

	if (READ_ONCE(dst->desc->sealed))
		return -EPERM;
	link = pg_table_link_find(dst, *src, va, last);
	if (!link)
		return 1;
	if (pg_table_gather_overlaps(dst, va, last) ||
	    pg_table_gather_overlaps(*src, va, last))
		return -EBUSY;
	return pg_table_link_hole(txn, link, va, last, true);
}

/*
 * Fill holes in what @dst follows of @src, if it follows all of [va, last]; if
 * not it is 1.
 */
int pg_table_fill(struct pg_table *dst, struct pg_table *src, unsigned long va,
		  unsigned long last, gfp_t gfp)
{
	struct pg_table_gather own;
	struct pg_table_txn txn;
	int ret;

	pg_table_gather_init(&own, dst);
	pg_table_txn_init(&txn, dst, gfp, &own);
	ret = pg_table_run(&txn, va, last, pg_table_do_fill, &src, false);
	pg_table_gather_flush(&own);
	if (!ret && atomic_read(&dst->desc->unlinking))
		pg_table_flush_unlinked(dst, va, last);
	return ret;
}

static noinline void pg_table_flush_range(struct pg_table *pgt,
					  unsigned long va, unsigned long last)
{
	struct pg_table_gather gather;

	pg_table_gather_init(&gather, pgt);
	pg_table_gather_range(&gather, va, last, 0);
	pg_table_gather_flush(&gather);
}

/* Try it without a transaction: 1 if that is not possible. */
static __always_inline int pg_table_unmap_one(struct pg_table *pgt,
					      unsigned long va,
					      unsigned long last,
					      struct pg_table_gather *gather)
{
	struct pg_table_desc *desc = pgt->desc;
	bool locked = pg_table_begin(pgt);
	int ret = 0;

	if (unlikely(atomic_read(&desc->frozen)))
		ret = pg_table_is_linked(pgt, va, last) ? 1 :
		      pg_table_refuse(pgt, locked, va, last, false);
	if (likely(!ret))
		ret = desc->format->unmap_one(pgt, va);
	pg_table_end(pgt, locked);
	if (gather && !ret) {
		pg_table_gather_range(gather, va, last, 0);
		pg_table_gather_pend(gather);
	}
	if (unlikely(ret))
		return ret == -ENOENT ? 0 : ret;
	if (!gather && desc->ops->flush)
		pg_table_flush_range(pgt, va, last);
	return 0;
}

/* unmap, protect and split; without @gather the flush is done here. */
static noinline int pg_table_edit_range(struct pg_table *pgt, unsigned long va,
					unsigned long last,
					const struct pg_table_edit *edit,
					gfp_t gfp,
					struct pg_table_gather *gather)
{
	struct pg_table_gather own;
	struct pg_table_txn txn;
	int ret;

	might_alloc(gfp);
	if (gather) {
		pg_table_txn_init(&txn, pgt, gfp, gather);
		return pg_table_run(&txn, va, last, pg_table_do_edit, edit,
				    true);
	}
	pg_table_gather_init(&own, pgt);
	pg_table_txn_init(&txn, pgt, gfp, &own);
	ret = pg_table_run(&txn, va, last, pg_table_do_edit, edit, false);
	pg_table_gather_flush(&own);
	return ret;
}

static __always_inline int
pg_table_check_edit(struct pg_table *pgt, unsigned long va, size_t size,
		    const struct pg_table_gather *gather, unsigned long *last)
{
	int ret = pg_table_may_edit(pgt);

	if (likely(!ret))
		ret = pg_table_find_last(pgt, va, size, last);
	if (gather && !ret && unlikely(gather->pgt != pgt))
		ret = -EINVAL;
	return ret;
}

static int pg_table_edit(struct pg_table *pgt, unsigned long va, size_t size,
			 const struct pg_table_edit *edit, gfp_t gfp,
			 struct pg_table_gather *gather)
{
	unsigned long last;
	int ret = pg_table_check_edit(pgt, va, size, gather, &last);

	return ret ?: pg_table_edit_range(pgt, va, last, edit, gfp, gather);
}

/**
 * pg_table_unmap_gather - unmap a range, leave the flush to the caller
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes to unmap, likewise
 * @gfp: how tables are allocated; 0 for not at all
 * @gather: takes what must be flushed; NULL to flush at once
 *
 * What is not mapped in the range is no error. Memory is needed only where the
 * range ends inside a larger leaf, which is split, or inside a table that a
 * clone borrows, which gets a copy. Tables that become empty are
 * freed, unless reserved. The memory that was mapped must not be used for
 * anything else before the flush; that is the caller's duty.
 *
 * A range that follows another table is given up as a whole; in a part of it a
 * hole is left, see pg_table_clone(), which can take memory whether anything is
 * mapped there or not. A hole cannot reach out of the followed range.
 *
 * Context: Any but NMI; from interrupts only if the table is exclusive. May
 * sleep as @gfp says.
 * Return: 0; -EINVAL for a bad range or the gather of another table; -EPERM if
 * the table is sealed, foreign or a process's, if a hole would reach out of what
 * it follows, or if the range ends inside a table that others made; -EOPNOTSUPP
 * if an item would have to be split, or a table to be replaced, that a CPU can
 * see, and CPUs cannot do that without a break, or if @gfp does not let the call
 * wait for other editors where it needs one; -ENOMEM.
 */
int pg_table_unmap_gather(struct pg_table *pgt, unsigned long va, size_t size,
			  gfp_t gfp, struct pg_table_gather *gather)
{
	static const struct pg_table_edit edit = { .verb = PT_UNMAP };
	unsigned long last;
	int ret;

	ret = pg_table_check_edit(pgt, va, size, gather, &last);
	if (unlikely(ret))
		goto out;
	ret = pg_table_is_page(pgt, size) ?
	      pg_table_unmap_one(pgt, va, last, gather) : 1;
	if (ret > 0)
		ret = pg_table_edit_range(pgt, va, last, &edit, gfp, gather);
out:
	trace_pg_table_unmap(pgt, va, size, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_unmap_gather);

/**
 * pg_table_unmap - unmap a range and flush it
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes to unmap, likewise
 * @gfp: how tables are allocated; 0 for not at all
 *
 * See pg_table_unmap_gather().
 *
 * Context: As pg_table_unmap_gather() and pg_table_gather_flush().
 * Return: As pg_table_unmap_gather().
 */
int pg_table_unmap(struct pg_table *pgt, unsigned long va, size_t size,
		   gfp_t gfp)
{
	return pg_table_unmap_gather(pgt, va, size, gfp, NULL);
}
EXPORT_SYMBOL_GPL(pg_table_unmap);

/**
 * pg_table_protect_gather - change protections, leave the flush to the caller
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes to change, likewise
 * @set: bits to set, in the format's encoding
 * @clear: bits to clear before; PG_TABLE_PROT_ALL makes @set the whole new
 *	protection
 * @gfp: how tables are allocated; 0 for not at all
 * @gather: takes what must be flushed; NULL to flush at once
 *
 * Memory is needed only where the range ends inside a larger leaf, which is
 * split, and for copies of tables that a clone borrows. What the CPU recorded in
 * a leaf, accessed and dirty, is kept.
 *
 * Context: As pg_table_unmap_gather().
 * Return: 0; -EINVAL for a bad range, a protection that results in no access,
 * or the gather of another table; -ENOENT if a part of the range is not mapped;
 * -EPERM as pg_table_unmap_gather(), and if leaves would become writable and
 * executable in a table that does not allow it; -EOPNOTSUPP as there, and for a
 * change of memory type that needs a break; -ENOMEM.
 */
int pg_table_protect_gather(struct pg_table *pgt, unsigned long va,
			    size_t size, pgprot_t set, pgprot_t clear,
			    gfp_t gfp, struct pg_table_gather *gather)
{
	const struct pg_table_edit edit = {
		.verb = PT_PROTECT,
		.set = pgprot_val(set),
		.clear = pgprot_val(clear),
	};
	int ret = pg_table_edit(pgt, va, size, &edit, gfp, gather);

	trace_pg_table_protect(pgt, va, size, set, clear, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_protect_gather);

/**
 * pg_table_protect - change protections and flush
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes to change, likewise
 * @set: bits to set, in the format's encoding
 * @clear: bits to clear before
 * @gfp: how tables are allocated; 0 for not at all
 *
 * See pg_table_protect_gather().
 *
 * Context: As pg_table_unmap().
 * Return: As pg_table_protect_gather().
 */
int pg_table_protect(struct pg_table *pgt, unsigned long va, size_t size,
		     pgprot_t set, pgprot_t clear, gfp_t gfp)
{
	return pg_table_protect_gather(pgt, va, size, set, clear, gfp, NULL);
}
EXPORT_SYMBOL_GPL(pg_table_protect);

/**
 * pg_table_split_gather - split large leaves, leave the flush to the caller
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes of the range, likewise
 * @level: largest level that may remain in the range
 * @gfp: how tables are allocated; 0 for not at all
 * @gather: takes what must be flushed; NULL to flush at once
 *
 * Each leaf is replaced in one step by a table that maps the same, so that no
 * access ever faults; runs of @level become single leaves. Around the range
 * items stay as large as they can. Where CPUs want break before make there is a
 * hole for a moment, in a table that no CPU has loaded.
 *
 * Context: As pg_table_unmap_gather().
 * Return: 0; -EINVAL for a bad range or level, or the gather of another table;
 * -ENOENT if a part of the range is not mapped; -EPERM and -EOPNOTSUPP as
 * pg_table_unmap_gather(); -ENOMEM.
 */
int pg_table_split_gather(struct pg_table *pgt, unsigned long va, size_t size,
			  unsigned int level, gfp_t gfp,
			  struct pg_table_gather *gather)
{
	const struct pg_table_edit edit = { .verb = PT_SPLIT, .level = level };
	int ret = pg_table_may_edit(pgt);

	if (!ret && level >= pg_table_format(pgt)->leaf_sizes())
		ret = -EINVAL;
	ret = ret ?: pg_table_edit(pgt, va, size, &edit, gfp, gather);
	trace_pg_table_split(pgt, va, size, level, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_split_gather);

/**
 * pg_table_split - split large leaves and flush
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes of the range, likewise
 * @level: largest level that may remain in the range
 * @gfp: how tables are allocated; 0 for not at all
 *
 * See pg_table_split_gather().
 *
 * Context: As pg_table_unmap().
 * Return: As pg_table_split_gather().
 */
int pg_table_split(struct pg_table *pgt, unsigned long va, size_t size,
		   unsigned int level, gfp_t gfp)
{
	return pg_table_split_gather(pgt, va, size, level, gfp, NULL);
}
EXPORT_SYMBOL_GPL(pg_table_split);

static inline int pg_table_do_collapse(struct pg_table_txn *txn,
				       unsigned long va, unsigned long last,
				       const void *args)
{
	int ret = pg_table_refuse(txn->pgt, txn->locked, va, last, false);

	if (txn->pgt->desc->config.flags & PG_TABLE_KEEP_SMALL)
		return ret;
	return ret ?: pg_table_format(txn->pgt)->collapse(txn, va, last);
}

/**
 * pg_table_collapse_gather - make large items, leave the flush to the caller
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes of the range, likewise
 * @gather: takes what must be flushed; NULL to flush at once
 *
 * Replaces a table by a leaf where its leaves map adjoining memory with the same
 * protection, in one step, so that no access ever faults; and single leaves by a
 * run. What the CPU recorded may differ: the large item has it all, and counts
 * as accessed, and as dirty if it can be written. From the lowest level up, as
 * far as the configured leaf sizes go, and never beyond the range. Reserved
 * tables stay, and those that clones share, though leaves in them can become
 * runs; clones that follow let go of a table under the same flush. With
 * PG_TABLE_KEEP_SMALL all stays as it is. Where CPUs want break before
 * make there is a hole for a moment, in a range that no CPU can see.
 *
 * Context: As pg_table_unmap_gather(); never allocates, but may sleep where CPUs
 * want break before make, unless the table is exclusive.
 * Return: 0, whether there was something to collapse or not; -EINVAL for a bad
 * range or the gather of another table; -EPERM if the table is sealed, foreign,
 * a process's, or follows another in the range; -EOPNOTSUPP if there is something
 * to collapse that CPUs want a break for, and they can see a part of the range.
 */
int pg_table_collapse_gather(struct pg_table *pgt, unsigned long va,
			     size_t size, struct pg_table_gather *gather)
{
	struct pg_table_gather own;
	struct pg_table_txn txn;
	unsigned long last;
	int ret = pg_table_check_edit(pgt, va, size, gather, &last);

	if (ret)
		return ret;
	pg_table_gather_init(&own, pgt);
	/* Other editors must not meet a break; to wait for them means to sleep. */
	pg_table_txn_init(&txn, pgt, GFP_KERNEL, gather ?: &own);
	ret = pg_table_run(&txn, va, last, pg_table_do_collapse, NULL, gather);
	pg_table_gather_flush(&own);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_collapse_gather);

/**
 * pg_table_collapse - make large items and flush
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes of the range, likewise
 *
 * See pg_table_collapse_gather().
 *
 * Context: As pg_table_unmap(); never allocates.
 * Return: As pg_table_collapse_gather().
 */
int pg_table_collapse(struct pg_table *pgt, unsigned long va, size_t size)
{
	return pg_table_collapse_gather(pgt, va, size, NULL);
}
EXPORT_SYMBOL_GPL(pg_table_collapse);

static inline int pg_table_do_reserve(struct pg_table_txn *txn,
				      unsigned long va, unsigned long last,
				      const void *args)
{
	const unsigned int *level = args;
	int ret = pg_table_refuse(txn->pgt, txn->locked, va, last, true);

	return ret ?: pg_table_format(txn->pgt)->reserve(txn, va, last, *level);
}

/**
 * pg_table_reserve - make and keep the tables of a range
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes of the range, likewise
 * @level: level of the leaves that will be mapped
 * @gfp: how tables are allocated; 0 for not at all
 *
 * Mapping and unmapping leaves of @level in the range never allocates and never
 * frees a table until pg_table_unreserve() of the same range. Reservations are
 * counted per table, so those of one level may overlap.
 *
 * Context: As pg_table_map().
 * Return: 0; -EINVAL for a bad range, or if @level is the root's; -EEXIST if a
 * larger leaf is mapped in the range; -EPERM, -EBUSY and -EOPNOTSUPP as
 * pg_table_map(); -ENOMEM.
 */
int pg_table_reserve(struct pg_table *pgt, unsigned long va, size_t size,
		     unsigned int level, gfp_t gfp)
{
	struct pg_table_gather own;
	struct pg_table_txn txn;
	unsigned long last;
	int ret;

	might_alloc(gfp);
	ret = pg_table_may_edit(pgt) ?:
	      pg_table_check_range(pgt, va, size, &last);
	if (ret)
		return ret;
	pg_table_gather_init(&own, pgt);
	pg_table_txn_init(&txn, pgt, gfp, &own);
	pg_table_freeze(pgt);
	ret = pg_table_run(&txn, va, last, pg_table_do_reserve, &level, false);
	pg_table_thaw(pgt);
	pg_table_gather_flush(&own);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_reserve);

static inline int pg_table_do_unreserve(struct pg_table_txn *txn,
					unsigned long va, unsigned long last,
					const void *args)
{
	if (READ_ONCE(txn->pgt->desc->sealed))
		return -EPERM;
	return pg_table_format(txn->pgt)->unreserve(txn, va, last);
}

/**
 * pg_table_unreserve_gather - undo a reservation, leave the flush to the caller
 * @pgt: the table
 * @va: first address of the range that was reserved
 * @size: its size in bytes
 * @gather: takes the tables that are freed; NULL to flush at once
 *
 * Takes one reservation from each table of the range, of the lowest level at
 * which all of them have one. What is mapped stays mapped; tables that are empty
 * are freed.
 *
 * Context: As pg_table_unmap_gather(); never allocates.
 * Return: 0; -EINVAL for a bad range or the gather of another table; -ENOENT if
 * the range was not reserved; -EPERM if the table is sealed, foreign or a
 * process's.
 */
int pg_table_unreserve_gather(struct pg_table *pgt, unsigned long va,
			      size_t size, struct pg_table_gather *gather)
{
	struct pg_table_gather own;
	struct pg_table_txn txn;
	unsigned long last;
	int ret;

	ret = pg_table_may_edit(pgt) ?:
	      pg_table_check_range(pgt, va, size, &last);
	if (ret)
		return ret;
	if (gather && gather->pgt != pgt)
		return -EINVAL;
	pg_table_gather_init(&own, pgt);
	pg_table_txn_init(&txn, pgt, 0, gather ?: &own);
	pg_table_freeze(pgt);
	ret = pg_table_run(&txn, va, last, pg_table_do_unreserve, NULL,
			   gather);
	pg_table_thaw(pgt);
	pg_table_gather_flush(&own);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_unreserve_gather);

/**
 * pg_table_unreserve - undo a reservation and flush
 * @pgt: the table
 * @va: first address of the range that was reserved
 * @size: its size in bytes
 *
 * See pg_table_unreserve_gather().
 *
 * Context: As pg_table_unmap(); never allocates.
 * Return: As pg_table_unreserve_gather().
 */
int pg_table_unreserve(struct pg_table *pgt, unsigned long va, size_t size)
{
	return pg_table_unreserve_gather(pgt, va, size, NULL);
}
EXPORT_SYMBOL_GPL(pg_table_unreserve);

/**
 * pg_table_seal - forbid all further changes
 * @pgt: the table
 *
 * From now on every verb that would change the table fails with -EPERM. It can
 * still be read, loaded, cloned from and destroyed, and it goes on following.
 *
 * Context: Any but NMI.
 * Return: 0; -EPERM for a foreign table or a process's.
 */
int pg_table_seal(struct pg_table *pgt)
{
	if (!pgt->desc || pgt->desc->config.flags & PG_TABLE_FOREIGN)
		return -EPERM;
	WRITE_ONCE(pgt->desc->sealed, true);
	/* For good: who edits without looking for seals has to look now. */
	pg_table_freeze(pgt);
	return 0;
}
EXPORT_SYMBOL_GPL(pg_table_seal);

/**
 * pg_table_lookup - find the leaf that maps an address
 * @pgt: the table
 * @va: the address, not necessarily aligned
 * @leaf: set to the leaf; its first address, not @va's own
 *
 * Context: Any. Takes no lock: the answer holds for as long as the caller keeps
 * others from editing the range.
 * Return: 0; -ENOENT if nothing is mapped at @va; -EINVAL if the address lies
 * outside of the table's bounds; -EPERM for the table of a process.
 */
int pg_table_lookup(struct pg_table *pgt, unsigned long va,
		    struct pg_table_leaf *leaf)
{
	unsigned long last;
	int ret;

	if (!pgt->desc)
		return -EPERM;
	va &= ~(pgt->desc->page_size - 1);
	ret = pg_table_check_range(pgt, va, pgt->desc->page_size, &last);
	if (ret)
		return ret;
	rcu_read_lock();
	ret = pg_table_format(pgt)->lookup(pgt, va, leaf);
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_lookup);

/**
 * pg_table_walk - visit the tables and leaves of a range
 * @pgt: the table
 * @va: first address, a multiple of the smallest page size
 * @size: bytes of the range, likewise
 * @ops: what to call
 * @arg: passed on
 *
 * Items are reported whole, though the range may cover a part of them. Goes
 * through borrowed and adopted tables too.
 *
 * Context: Any. Takes no lock; the callbacks run under RCU and must not sleep.
 * Return: 0, what a callback returned, -EINVAL for a bad range, or -EPERM for
 * the table of a process.
 */
int pg_table_walk(struct pg_table *pgt, unsigned long va, size_t size,
		  const struct pg_table_walk_ops *ops, void *arg)
{
	unsigned long last;
	int ret;

	if (!pgt->desc)
		return -EPERM;
	ret = pg_table_check_range(pgt, va, size, &last);
	if (ret)
		return ret;
	rcu_read_lock();
	ret = pg_table_format(pgt)->walk(pgt, va, last, ops, arg);
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_walk);

/**
 * pg_table_verify - check a table against all that the library knows of it
 * @pgt: the table
 *
 * Checks that every entry is one that the library writes, that holes lie where
 * the table follows another, that the counts of each table are right, those of
 * its borrowers too, that no leaf breaks W^X unless the table allows it, and
 * that the size of all tables is what is accounted. Says what is wrong in the
 * log. A foreign table passes unread.
 *
 * Context: Process context; may sleep unless the table is exclusive or foreign.
 * Takes the locks of the table and of its clones.
 * Return: 0; -EUCLEAN if something is wrong; -EPERM for the table of a process.
 */
int pg_table_verify(struct pg_table *pgt)
{
	int ret;

	if (!pgt->desc)
		return -EPERM;
	pg_table_freeze(pgt);
	pg_table_lock_links(pgt);
	ret = pg_table_format(pgt)->verify(pgt);
	pg_table_unlock_links(pgt);
	pg_table_thaw(pgt);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_verify);

/**
 * pg_table_get_stats - count what a table consists of
 * @pgt: the table
 * @stats: set to the counts; all zero for the table of a process
 *
 * Walks the owned tables.
 *
 * Context: Any but NMI. Takes no lock: while others edit, the counts are of no
 * single moment.
 */
void pg_table_get_stats(struct pg_table *pgt, struct pg_table_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	if (!pgt->desc)
		return;
	rcu_read_lock();
	pg_table_format(pgt)->get_stats(pgt, stats);
	rcu_read_unlock();
	stats->bytes = atomic_long_read(&pgt->pgtables_bytes);
}
EXPORT_SYMBOL_GPL(pg_table_get_stats);

/**
 * pg_table_prot - the format's encoding of a protection
 * @format: the format
 * @flags: PG_TABLE_READ and so on, with at most one memory type
 *
 * Without PG_TABLE_READ the result maps nothing and is refused by the verbs.
 * What a format lacks becomes what is next to it and promises no less: device
 * memory becomes UC, write-through becomes WC. PG_TABLE_ENCRYPTED is ignored
 * where nothing is encrypted. pg_table_prot_flags() tells what it became.
 *
 * Context: Any.
 * Return: the protection.
 */
pgprot_t pg_table_prot(const struct pg_table_format *format,
		       unsigned int flags)
{
	return __pgprot(format->prot(flags));
}
EXPORT_SYMBOL_GPL(pg_table_prot);

/**
 * pg_table_prot_flags - the meaning of a protection
 * @format: the format
 * @prot: a protection in its encoding
 *
 * Context: Any.
 * Return: PG_TABLE_READ and so on.
 */
unsigned int pg_table_prot_flags(const struct pg_table_format *format,
				 pgprot_t prot)
{
	return format->prot_flags(pgprot_val(prot));
}
EXPORT_SYMBOL_GPL(pg_table_prot_flags);

/**
 * pg_table_format_name - name of a format
 * @format: the format
 *
 * Context: Any.
 * Return: the name, such as "x86_64".
 */
const char *pg_table_format_name(const struct pg_table_format *format)
{
	return format->name;
}
EXPORT_SYMBOL_GPL(pg_table_format_name);

/**
 * pg_table_format_levels - how many levels a format has
 * @format: the format
 *
 * Context: Any.
 * Return: 1 to PG_TABLE_MAX_LEVELS.
 */
unsigned int pg_table_format_levels(const struct pg_table_format *format)
{
	return format->levels();
}
EXPORT_SYMBOL_GPL(pg_table_format_levels);

/**
 * pg_table_format_leaf_sizes - at how many levels a format has leaves
 * @format: the format
 *
 * Context: Any.
 * Return: 1 to pg_table_format_levels(); the levels are 0 and up.
 */
unsigned int pg_table_format_leaf_sizes(const struct pg_table_format *format)
{
	return format->leaf_sizes();
}
EXPORT_SYMBOL_GPL(pg_table_format_leaf_sizes);

/**
 * pg_table_level_shift - how much an entry spans
 * @format: the format
 * @level: the level, below pg_table_format_levels()
 *
 * Context: Any.
 * Return: log2 of the bytes that an entry of the level spans.
 */
unsigned int pg_table_level_shift(const struct pg_table_format *format,
				  unsigned int level)
{
	return format->level_shift(level);
}
EXPORT_SYMBOL_GPL(pg_table_level_shift);

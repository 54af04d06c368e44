// SPDX-License-Identifier: GPL-2.0
/*
 * Gathers: what was removed must be flushed before it is used again.
 */
#include <linux/bug.h>
#include <linux/export.h>

#include "internal.h"

static void pg_table_gather_cover_nothing(struct pg_table_gather *gather)
{
	gather->first = ~0UL;
	gather->last = 0;
	gather->edited_first = ~0UL;
	gather->edited_last = 0;
	gather->levels = 0;
	gather->tables = false;
}

/**
 * pg_table_gather_init - begin a gather
 * @gather: the gather, in the caller's memory
 * @pgt: the table that verbs will edit
 *
 * The gather can be passed to any number of verbs on @pgt. Until it is flushed
 * its memory must stay, and what it covers cannot be mapped again in @pgt. A clone
 * that maps something of its own there flushes before.
 *
 * Context: Any.
 */
void pg_table_gather_init(struct pg_table_gather *gather, struct pg_table *pgt)
{
	gather->pgt = pgt;
	pg_table_gather_cover_nothing(gather);
	gather->unlinks = false;
	gather->freed = NULL;
	INIT_LIST_HEAD(&gather->pending);
}
EXPORT_SYMBOL_GPL(pg_table_gather_init);

/* Was a leaf of [va, last] edited, or of what lies around it? */
static bool pg_table_gather_edits(const struct pg_table_gather *gather,
				  unsigned long va, unsigned long last)
{
	return gather->edited_first <= last && va <= gather->edited_last;
}

static bool pg_table_gather_is_new(const struct pg_table_gather *gather)
{
	return !pg_table_gather_empty(gather) && list_empty(&gather->pending);
}

/* Remember what a verb leaves to its caller, before clones can see the edit. */
void pg_table_gather_pend_locked(struct pg_table_gather *gather)
{
	if (!pg_table_gather_is_new(gather))
		return;
	atomic_inc(&gather->pgt->desc->frozen);
	list_add(&gather->pending, &gather->pgt->desc->gathers);
}

/* The same afterwards, where there is no clone. */
void pg_table_gather_pend(struct pg_table_gather *gather)
{
	if (!pg_table_gather_is_new(gather))
		return;
	pg_table_lock(gather->pgt);
	pg_table_gather_pend_locked(gather);
	pg_table_unlock(gather->pgt);
}

/*
 * Was a leaf of the range edited and not flushed yet? Under the table's lock. An
 * exclusive table's editor is to flush, too, before it maps where a table went;
 * of others nobody knows what else was in a table, so map flushes by itself.
 */
bool pg_table_gather_overlaps(struct pg_table *pgt, unsigned long va,
			      unsigned long last)
{
	bool all = pg_table_exclusive(pgt);
	struct pg_table_gather *gather;

	list_for_each_entry(gather, &pgt->desc->gathers, pending) {
		if (pg_table_gather_edits(gather, va, last))
			return true;
		if (all && gather->first <= last && va <= gather->last)
			return true;
	}
	return false;
}

/* All that walks through unlinked tables can have found in [va, last]. */
void pg_table_gather_unlinked(struct pg_table_gather *gather,
			      struct pg_table *pgt, unsigned long va,
			      unsigned long last)
{
	pg_table_gather_init(gather, pgt);
	pg_table_gather_walks(gather, va, last);
	/* In a clone also what was mapped through its source's tables. */
	gather->levels = ~0U;
}

/*
 * Others unlinked tables that [va, last] shared, and have not flushed yet: walks
 * to these would miss what was mapped since.
 */
void pg_table_flush_unlinked(struct pg_table *pgt, unsigned long va,
			     unsigned long last)
{
	struct pg_table_gather gather;

	pg_table_gather_unlinked(&gather, pgt, va, last);
	pg_table_gather_flush(&gather);
}

/*
 * What others edited in [va, last] and did not flush, TLBs can hold as it was
 * before, of any level: who edits it anew flushes that, too. Under the lock.
 */
void pg_table_gather_others(struct pg_table_gather *gather, unsigned long va,
			    unsigned long last)
{
	struct pg_table_gather *other;

	list_for_each_entry(other, &gather->pgt->desc->gathers, pending) {
		if (other != gather &&
		    pg_table_gather_edits(other, va, last))
			gather->levels = ~0U;
	}
}

/* Flush under the lock what a call edited itself; nothing is freed yet. */
void pg_table_gather_flush_locked(struct pg_table_gather *gather)
{
	if (gather->first > gather->last)
		return;
	pg_table_flush(gather->pgt, gather);
	pg_table_gather_cover_nothing(gather);
}

static void pg_table_gather_free(struct pg_table_gather *gather)
{
	const struct pg_table_format *format = pg_table_format(gather->pgt);
	const struct pg_table_ops *ops = pg_table_ops(gather->pgt);

	while (gather->freed) {
		struct pg_table_page *page = gather->freed;

		gather->freed = page->next;
		ops->free(gather->pgt, pg_table_of_page(ops, page),
			  format->table_size(page->level));
	}
}

/**
 * pg_table_gather_flush - flush what a gather holds, then free it
 * @gather: the gather, which is empty afterwards and can be used again
 *
 * Flushes the table and every clone that can reach the range through it.
 *
 * Context: As the flush of the table's memory demands; with the kernel's,
 * interrupts must be on unless no other CPU has the table loaded.
 */
void pg_table_gather_flush(struct pg_table_gather *gather)
{
	struct pg_table *pgt = gather->pgt;
	struct pg_table_desc *desc = pgt->desc;

	if (pg_table_gather_empty(gather))
		return;
	/* A verb's own gather on a table without clones: nothing to protect. */
	if (list_empty(&gather->pending) && list_empty(&desc->clones)) {
		if (gather->first <= gather->last && desc->ops->flush)
			desc->ops->flush(pgt, gather);
	} else {
		pg_table_lock(pgt);
		if (!list_empty(&gather->pending))
			atomic_dec(&desc->frozen);
		list_del(&gather->pending);
		pg_table_gather_flush_locked(gather);
		pg_table_unlock(pgt);
	}
	if (gather->unlinks)
		atomic_dec(&desc->unlinking);
	if (gather->freed)
		pg_table_gather_free(gather);
	pg_table_gather_init(gather, pgt);
}
EXPORT_SYMBOL_GPL(pg_table_gather_flush);

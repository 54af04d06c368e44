// SPDX-License-Identifier: GPL-2.0
/*
 * Clones and the tables they come from.
 *
 * A link records a range that a clone took from its source. It is how a source
 * finds the entries of its clones: when it is about to free a table that they
 * borrow, when its root entries change, and when a range must be flushed.
 *
 * A table that has links is frozen: who edits it takes its lock. The editor of
 * one in place, which is exclusive, does so as long as it has clones.
 *
 * Locks: pg_table_link_lock, then the source, then the clone. The lists change
 * under all three; a source's lock is enough to read its list of clones, and a
 * clone's to read its list of sources. A clone that gives a range up marks the
 * link as cut and leaves the rest to whoever next drops links.
 *
 * Whoever changes a table tells the clones, and goes down from source to clone
 * for it. Whoever reads the tables that a clone borrows goes up: it holds
 * pg_table_link_lock, and locks all sources before the clone.
 */
#include <linux/export.h>

#include <trace/events/pg_table.h>

#include "internal.h"

static DEFINE_SPINLOCK(pg_table_link_lock);

/* Counts walks over sources or clones, under the lock. */
static unsigned long pg_table_visit;

/* Is a part of [va, last] in the range, cut or not? */
static bool pg_table_link_spans(const struct pg_table_link *link,
				unsigned long va, unsigned long last)
{
	return link->first <= last && va <= link->last;
}

static bool pg_table_link_overlaps(const struct pg_table_link *link,
				   unsigned long va, unsigned long last)
{
	return !link->cut && pg_table_link_spans(link, va, last);
}

/* What follows a source is the source's to edit. */
int pg_table_link_check(struct pg_table *pgt, unsigned long va,
			unsigned long last)
{
	struct pg_table_link *link;

	list_for_each_entry(link, &pgt->desc->sources, in_dst) {
		if (link->mode != PG_TABLE_FOLLOW)
			break;
		if (pg_table_link_overlaps(link, va, last))
			return -EPERM;
	}
	return 0;
}

/*
 * Only unmap may touch it: it gives up a followed range as a whole, or, if @hole
 * is set then, leaves a part of one out.
 */
int pg_table_link_check_unmap(struct pg_table *pgt, unsigned long va,
			      unsigned long last, struct pg_table_link **hole)
{
	struct pg_table_link *link;

	*hole = NULL;
	list_for_each_entry(link, &pgt->desc->sources, in_dst) {
		if (link->mode != PG_TABLE_FOLLOW)
			break;
		if (!pg_table_link_overlaps(link, va, last) ||
		    (va <= link->first && link->last <= last))
			continue;
		if (va < link->first || link->last < last)
			return -EPERM;
		*hole = link;
	}
	return 0;
}

static unsigned int pg_table_top(struct pg_table *pgt)
{
	return pg_table_format(pgt)->levels() - 1;
}

/* Does the range end inside of an entry of @level? */
static bool pg_table_link_cuts(struct pg_table *pgt, unsigned long va,
			       unsigned long last, unsigned int level)
{
	unsigned long span = BIT(pg_table_format(pgt)->level_shift(level)) - 1;

	return (va & span) || (last & span) != span;
}

/*
 * The lowest level of which the library hears of all that becomes of entries
 * there. Others write a table in place, too, but tell of all but single pages;
 * of their own tables they tell of the root alone.
 */
static unsigned int pg_table_link_level(struct pg_table *pgt, unsigned long va,
					unsigned long last)
{
	struct pg_table_link *link;
	unsigned int level = 0;

	if (pgt->desc->config.root)
		return pg_table_in_place(pgt) ? 1 : pg_table_top(pgt);
	list_for_each_entry(link, &pgt->desc->sources, in_dst) {
		if (pg_table_link_overlaps(link, va, last))
			level = max(level, pg_table_link_level(link->src, va,
							       last));
	}
	return level;
}

/* Does the library hear of what others do to tables that they made there? */
bool pg_table_link_told(struct pg_table *pgt, unsigned long va,
			unsigned long last)
{
	struct pg_table_link *link;

	if (pg_table_in_place(pgt))
		return true;
	list_for_each_entry(link, &pgt->desc->sources, in_dst) {
		if (!link->cut && link->first <= va && last <= link->last &&
		    pg_table_link_told(link->src, va, last))
			return true;
	}
	return false;
}

/* Does a clone of the table, or one of its own, mirror what it has there? */
static bool pg_table_link_mirrored(struct pg_table *pgt, unsigned long va,
				   unsigned long last)
{
	struct pg_table_link *link;

	list_for_each_entry(link, &pgt->desc->clones, in_src) {
		if (pg_table_link_overlaps(link, va, last) &&
		    (link->deep || pg_table_link_mirrored(link->dst, va, last)))
			return true;
	}
	return false;
}

/* Leave a part of a followed range out, or take it in again. */
int pg_table_link_hole(struct pg_table_txn *txn, struct pg_table_link *link,
		       unsigned long va, unsigned long last, bool fill)
{
	struct pg_table *pgt = txn->pgt;
	int ret;

	if (pg_table_link_cuts(pgt, va, last,
			       pg_table_link_level(link->src, va, last)))
		return -EPERM;
	ret = pg_table_format(pgt)->hole(txn, link->src, va, last, fill);
	if (!ret)
		link->deep |= pg_table_link_cuts(pgt, va, last,
						 pg_table_top(pgt));
	return ret;
}

/* The range in which @dst follows @src, if it has all of [va, last], or NULL. */
struct pg_table_link *pg_table_link_find(struct pg_table *dst,
					 struct pg_table *src,
					 unsigned long va, unsigned long last)
{
	struct pg_table_link *link;

	list_for_each_entry(link, &dst->desc->sources, in_dst) {
		if (link->mode != PG_TABLE_FOLLOW)
			break;
		if (link->src == src && !link->cut && link->first <= va &&
		    last <= link->last)
			return link;
	}
	return NULL;
}

/* How many followed ranges cover a part of [va, last], and not all of it? */
unsigned int pg_table_link_edges(struct pg_table *pgt, unsigned long va,
				 unsigned long last)
{
	struct pg_table_link *link;
	unsigned int n = 0;

	list_for_each_entry(link, &pgt->desc->sources, in_dst) {
		if (link->mode == PG_TABLE_FOLLOW &&
		    pg_table_link_overlaps(link, va, last))
			n += va < link->first || link->last < last;
	}
	return n;
}

/* Did the table ever take a part of [va, last] from another? */
bool pg_table_link_covers(struct pg_table *pgt, unsigned long va,
			  unsigned long last)
{
	struct pg_table_link *link;

	list_for_each_entry(link, &pgt->desc->sources, in_dst) {
		if (pg_table_link_spans(link, va, last))
			return true;
	}
	return false;
}

/*
 * Is a leaf that the table took from others on its way out there, and not
 * flushed yet? The sources are locked.
 */
bool pg_table_link_pends(struct pg_table *pgt, unsigned long va,
			 unsigned long last)
{
	struct pg_table_link *link;

	list_for_each_entry(link, &pgt->desc->sources, in_dst) {
		if (pg_table_link_spans(link, va, last) &&
		    (pg_table_gather_overlaps(link->src, va, last) ||
		     pg_table_link_pends(link->src, va, last)))
			return true;
	}
	return false;
}

/* Lock a clone inside its source. */
static void pg_table_lock_clone(const struct pg_table_link *link)
	__acquires(&link->dst->page_table_lock)
{
	pg_table_lock_nested(link->dst, link->src->desc->depth + 1);
}

/* True for the first time that a walk comes to the table. */
static bool pg_table_visit_first(struct pg_table *pgt)
{
	bool first = pgt->desc->visited != pg_table_visit;

	pgt->desc->visited = pg_table_visit;
	return first;
}

/* Each source comes before its clones. Sparse is told by the callers. */
static unsigned int pg_table_lock_up(struct pg_table *pgt, unsigned int depth)
{
	struct pg_table_link *link;

	if (!pg_table_visit_first(pgt))
		return depth;
	if (pgt->desc->source)
		depth = pg_table_lock_up(pgt->desc->source, depth);
	else
		list_for_each_entry(link, &pgt->desc->sources, in_dst)
			depth = pg_table_lock_up(link->src, depth);
	pg_table_lock_nested(pgt, depth);
	__release(&pgt->page_table_lock);
	return depth + 1;
}

static void pg_table_unlock_up(struct pg_table *pgt);

static void pg_table_unlock_sources(struct pg_table *pgt)
{
	struct pg_table_link *link;

	if (pgt->desc->source)
		pg_table_unlock_up(pgt->desc->source);
	else
		list_for_each_entry(link, &pgt->desc->sources, in_dst)
			pg_table_unlock_up(link->src);
}

static void pg_table_unlock_up(struct pg_table *pgt)
{
	if (!pg_table_visit_first(pgt))
		return;
	__acquire(&pgt->page_table_lock);
	pg_table_unlock(pgt);
	pg_table_unlock_sources(pgt);
}

/*
 * Begin once more, with the table of @txn locked and all that it took something
 * from. To sparse the lock of the table is held before and after.
 */
void pg_table_txn_lock_family(struct pg_table_txn *txn)
	__must_hold(&txn->pgt->page_table_lock)
{
	struct pg_table *pgt = txn->pgt;

	if (txn->locked)
		spin_unlock(&pgt->page_table_lock);
	else
		__release(&pgt->page_table_lock);
	spin_lock(&pg_table_link_lock);
	pg_table_visit++;
	pg_table_lock_up(pgt, 0);
	txn->locked = !pg_table_exclusive(pgt);
	txn->family = true;
	txn->nowait = true;
	__release(&pg_table_link_lock);
	__acquire(&pgt->page_table_lock);
}

/* The table of @txn stays locked. */
void pg_table_txn_unlock_family(struct pg_table_txn *txn)
	__must_hold(&txn->pgt->page_table_lock)
{
	struct pg_table *pgt = txn->pgt;

	__acquire(&pg_table_link_lock);
	txn->family = false;
	pg_table_visit++;
	pg_table_visit_first(pgt);
	pgt->desc->depth = 0;
	pg_table_unlock_sources(pgt);
	spin_unlock(&pg_table_link_lock);
}

/* The clone unmapped [va, last]: links that lie in it are void. */
void pg_table_link_cut(struct pg_table_txn *txn, unsigned long va,
		       unsigned long last)
{
	struct pg_table *dst = txn->pgt;
	struct pg_table_link *link;

	list_for_each_entry(link, &dst->desc->sources, in_dst) {
		if (link->cut || link->first < va || last < link->last)
			continue;
		if (link->mode == PG_TABLE_FOLLOW)
			pg_table_format(dst)->unfollow(txn, link->first,
						       link->last);
		link->cut = true;
	}
}

/*
 * Does the clone hold the range, or one of its own clones, which took it from
 * there and holds it though the clone let go?
 */
static bool pg_table_link_held(const struct pg_table_link *link)
{
	const struct pg_table_link *next;

	if (!link->cut)
		return true;
	list_for_each_entry(next, &link->dst->desc->clones, in_src) {
		if (pg_table_link_spans(next, link->first, link->last) &&
		    pg_table_link_held(next))
			return true;
	}
	return false;
}

/* Does a clone still hold a range of @src? */
bool pg_table_link_busy(struct pg_table *src)
{
	struct pg_table_link *link;
	bool busy = false;

	spin_lock(&pg_table_link_lock);
	list_for_each_entry(link, &src->desc->clones, in_src)
		busy |= pg_table_link_held(link);
	spin_unlock(&pg_table_link_lock);
	return busy;
}

/*
 * The source takes a table out of the clone: until it flushes, the clone is to
 * flush what it maps there.
 */
static void pg_table_link_spoil(struct pg_table_link *link, unsigned long va,
				unsigned long last)
{
	if (!link->stale) {
		link->stale = true;
		link->stale_first = va;
		link->stale_last = last;
		atomic_inc_return(&link->dst->desc->unlinking);
	}
	link->stale_first = min(link->stale_first, va);
	link->stale_last = max(link->stale_last, last);
}

static void pg_table_link_fresh(struct pg_table_link *link)
{
	if (link->stale)
		atomic_dec(&link->dst->desc->unlinking);
	link->stale = false;
}

static void pg_table_link_free(struct pg_table_link *link)
{
	struct pg_table *src = link->src, *dst = link->dst;

	pg_table_lock(src);
	pg_table_lock_clone(link);
	pg_table_link_fresh(link);
	list_del(&link->in_src);
	list_del(&link->in_dst);
	if (list_empty(&dst->desc->sources))
		dst->desc->source = NULL;
	pg_table_unlock(dst);
	pg_table_unlock(src);
	pg_table_thaw(dst);
	pg_table_thaw(src);
	kfree(link);
}

/* @pgt goes: it is not busy as a source, and no clone any more. */
void pg_table_link_drop_all(struct pg_table *pgt)
{
	struct pg_table_link *link, *next;

	spin_lock(&pg_table_link_lock);
	list_for_each_entry_safe(link, next, &pgt->desc->sources, in_dst)
		pg_table_link_free(link);
	list_for_each_entry_safe(link, next, &pgt->desc->clones, in_src)
		pg_table_link_free(link);
	spin_unlock(&pg_table_link_lock);
}

/* Is @dst, directly or not, a source of @src? */
static bool pg_table_link_cycle(struct pg_table *dst, struct pg_table *src)
{
	struct pg_table_link *link;

	if (dst == src)
		return true;
	list_for_each_entry(link, &src->desc->sources, in_dst) {
		if (pg_table_link_cycle(dst, link->src))
			return true;
	}
	return false;
}

/* Lock a table and keep all links as they are. */
void pg_table_lock_links(struct pg_table *pgt)
	__acquires(&pgt->page_table_lock)
{
	spin_lock(&pg_table_link_lock);
	pg_table_lock(pgt);
	__release(&pg_table_link_lock);
}

void pg_table_unlock_links(struct pg_table *pgt)
	__releases(&pgt->page_table_lock)
{
	__acquire(&pg_table_link_lock);
	pg_table_unlock(pgt);
	spin_unlock(&pg_table_link_lock);
}

static unsigned int pg_table_count_from(struct pg_table *src, unsigned long va,
					unsigned int level, const void *table)
{
	const struct pg_table_format *format = pg_table_format(src);
	unsigned long last = va | (BIT(format->level_shift(level + 1)) - 1);
	struct pg_table_link *link;
	unsigned int n = 0;

	list_for_each_entry(link, &src->desc->clones, in_src) {
		if (!pg_table_link_spans(link, va, last) ||
		    !pg_table_visit_first(link->dst))
			continue;
		pg_table_lock_clone(link);
		n += format->borrows(link->dst, va, level, table);
		n += pg_table_count_from(link->dst, va, level, table);
		pg_table_unlock(link->dst);
	}
	return n;
}

/*
 * How many clones of @src, whose links are locked, have an entry that points to
 * its @table of @level, which spans @va?
 */
unsigned int pg_table_count_borrows(struct pg_table *src, unsigned long va,
				    unsigned int level, const void *table)
{
	pg_table_visit++;
	return pg_table_count_from(src, va, level, table);
}

/*
 * How many of these have it because they follow @src, or one that follows it?
 * They let go of it as soon as something else takes its place. There can't be
 * more of them as long as @src is locked.
 */
unsigned int pg_table_count_followers(struct pg_table *src, unsigned long va,
				      unsigned int level, const void *table)
{
	const struct pg_table_format *format = pg_table_format(src);
	unsigned long last = va | (BIT(format->level_shift(level + 1)) - 1);
	struct pg_table_link *link;
	unsigned int n = 0;

	list_for_each_entry(link, &src->desc->clones, in_src) {
		if (link->mode != PG_TABLE_FOLLOW || link->first > va ||
		    link->last < last)
			continue;
		pg_table_lock_clone(link);
		if (!link->cut) {
			n += format->borrows(link->dst, va, level, table);
			n += pg_table_count_followers(link->dst, va, level,
						      table);
		}
		pg_table_unlock(link->dst);
	}
	return n;
}

/* Is there something new for the clone? Both tables are locked. */
static void pg_table_link_sync(const struct pg_table_link *link,
			       unsigned long va, unsigned long last)
{
	if (link->mode == PG_TABLE_FOLLOW && !link->cut)
		pg_table_format(link->dst)->sync(link->dst, link->src,
						 max(va, link->first),
						 min(last, link->last));
}

/*
 * @src is about to free @table of @level, which spans @va: the clones that
 * borrow it let go. What becomes empty there joins the gather of @txn, so that
 * one flush covers both.
 */
void pg_table_unborrow(struct pg_table_txn *txn, struct pg_table *src,
		       unsigned long va, unsigned int level, const void *table)
{
	const struct pg_table_format *format = pg_table_format(src);
	unsigned long last = va | (BIT(format->level_shift(level + 1)) - 1);
	struct pg_table_link *link;

	list_for_each_entry(link, &src->desc->clones, in_src) {
		struct pg_table_txn sub;

		/* Cut or not: what the clone gave up, its clones can have. */
		if (!pg_table_link_spans(link, va, last))
			continue;
		pg_table_lock_clone(link);
		pg_table_link_spoil(link, va, last);
		/* What follows has what came instead, or nothing, before. */
		pg_table_link_sync(link, va, last);
		pg_table_unborrow(txn, link->dst, va, level, table);
		pg_table_txn_init(&sub, link->dst, 0, txn->gather);
		format->unborrow(&sub, va, level, table);
		pg_table_txn_commit(&sub, 0);
		pg_table_unlock(link->dst);
	}
}

/*
 * Something in [va, last] may have changed in @src: tell those that follow, and
 * those who follow them. One that shares, in between, has changed by itself.
 */
void pg_table_follow(struct pg_table *src, unsigned long va,
		     unsigned long last)
{
	struct pg_table_link *link;

	list_for_each_entry(link, &src->desc->clones, in_src) {
		if (!pg_table_link_spans(link, va, last))
			continue;
		pg_table_lock_clone(link);
		pg_table_link_sync(link, va, last);
		pg_table_follow(link->dst, max(va, link->first),
				min(last, link->last));
		pg_table_unlock(link->dst);
	}
}

/* Take @table out of the first clone that has it. Returns whether one had. */
static bool pg_table_leave_first(struct pg_table *src, const void *table,
				 struct pg_table_gather *gather)
{
	const struct pg_table_format *format = pg_table_format(src);
	struct pg_table_link *link;
	bool found = false;

	list_for_each_entry(link, &src->desc->clones, in_src) {
		struct pg_table *dst = link->dst;
		unsigned long va = link->first;
		struct pg_table_txn txn;
		int level;

		pg_table_lock_clone(link);
		level = format->find(dst, &va, link->last, table);
		if (level >= 0) {
			found = true;
			pg_table_gather_init(gather, dst);
			pg_table_txn_init(&txn, dst, 0, gather);
			format->unborrow(&txn, va, level, table);
			pg_table_txn_commit(&txn, 0);
		} else {
			found = pg_table_leave_first(dst, table, gather);
		}
		pg_table_unlock(dst);
		if (found)
			break;
	}
	return found;
}

/*
 * Others are about to free @table, which can be theirs, so that nobody knows who
 * borrows it: all clones of @src let go of it, and it is flushed there. Those of
 * a foreign table can have it in their roots only, where nothing is ever freed.
 */
void pg_table_leave(struct pg_table *src, const void *table)
{
	struct pg_table_gather gather;
	bool found;

	if (src->desc->config.flags & PG_TABLE_FOREIGN ||
	    list_empty(&src->desc->clones))
		return;
	do {
		pg_table_lock(src);
		found = pg_table_leave_first(src, table, &gather);
		pg_table_unlock(src);
		if (found)
			pg_table_gather_flush(&gather);
	} while (found);
}

/*
 * Flush a gather in @pgt, whose lock is held, and in all that reach its range
 * through clones.
 */
void pg_table_flush(struct pg_table *pgt, const struct pg_table_gather *gather)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	struct pg_table_gather parts = *gather;
	struct pg_table_link *link;

	if (ops->flush)
		ops->flush(pgt, gather);
	/* Who mirrors a leaf can have the parts of it, of any lower level. */
	if (gather->levels)
		parts.levels = BIT(PG_TABLE_MAX_LEVELS) - 1;
	list_for_each_entry(link, &pgt->desc->clones, in_src) {
		if (!pg_table_link_spans(link, gather->first, gather->last))
			continue;
		pg_table_lock_clone(link);
		pg_table_flush(link->dst, link->deep ? &parts : gather);
		if (gather->first <= link->stale_first &&
		    link->stale_last <= gather->last)
			pg_table_link_fresh(link);
		pg_table_unlock(link->dst);
	}
}

/*
 * Can a CPU see the range now, through @pgt, whose lock is held, or through a
 * clone of it?
 */
bool pg_table_live(struct pg_table *pgt, unsigned long va, unsigned long last)
{
	struct pg_table_link *link;
	bool live = atomic_read(&pgt->desc->loaded);

	list_for_each_entry(link, &pgt->desc->clones, in_src) {
		if (live || !pg_table_link_spans(link, va, last))
			continue;
		pg_table_lock_clone(link);
		live = pg_table_live(link->dst, va, last);
		pg_table_unlock(link->dst);
	}
	return live;
}

/**
 * pg_table_sync - tell the library that others changed entries
 * @src: the table: a foreign one, of which others write the root, or one that is
 *	edited in place
 * @va: first address that the changed entries span
 * @size: bytes that they span
 *
 * Of a foreign table it is about root entries; of one in place about entries of
 * all levels but the lowest. Who changes or removes some calls this after the
 * store and before the flush, which is his and has to reach every CPU, whatever
 * it has loaded. Clones of @src that FOLLOW the range have the same entries when
 * it returns. Does nothing for a table that the library does not know, and
 * next to nothing for one in place that has no clones.
 *
 * Context: Any but NMI; for a table in place as its verbs, and serialised with
 * them and with whoever clones from it. Takes the locks of @src and of its
 * clones.
 */
void pg_table_sync(struct pg_table *src, unsigned long va, size_t size)
{
	unsigned long last = va + (size - 1);

	if (!src->desc || !size)
		return;
	if (pg_table_in_place(src) && list_empty(&src->desc->clones))
		return;
	pg_table_lock(src);
	pg_table_follow(src, va, last < va ? ~0UL : last);
	pg_table_unlock(src);
}
EXPORT_SYMBOL_GPL(pg_table_sync);

static int pg_table_take(struct pg_table_txn *txn,
			 const struct pg_table_link *link)
{
	const struct pg_table_format *format = pg_table_format(link->dst);
	unsigned int level;

	if (link->mode == PG_TABLE_COPY)
		return format->copy(txn, link->src, link->first, link->last);
	level = pg_table_link_level(link->src, link->first, link->last);
	if (link->mode == PG_TABLE_FOLLOW &&
	    pg_table_link_cuts(link->dst, link->first, link->last, level))
		return -EPERM;
	if (level &&
	    pg_table_link_mirrored(link->dst, link->first, link->last))
		return -EPERM;
	if (link->mode == PG_TABLE_FOLLOW)
		return format->follow(txn, link->src, link->first, link->last);
	return format->clone(txn, link->src, link->first, link->last,
			     link->replace);
}

static void pg_table_link_add(struct pg_table_link *link)
{
	struct pg_table_desc *dst = link->dst->desc;

	if (list_empty(&dst->sources))
		dst->source = link->src;
	else if (dst->source != link->src)
		dst->source = NULL;
	list_add(&link->in_src, &link->src->desc->clones);
	/* Those that follow come first: only they restrict what may be done. */
	if (link->mode == PG_TABLE_FOLLOW)
		list_add(&link->in_dst, &dst->sources);
	else
		list_add_tail(&link->in_dst, &dst->sources);
}

/* With all locks held: take the range and remember where it came from. */
static int pg_table_clone_locked(struct pg_table_txn *txn,
				 struct pg_table_link *link, bool *kept)
{
	int ret = pg_table_link_check(link->dst, link->first, link->last);

	if (ret)
		return ret;
	if (pg_table_gather_overlaps(link->dst, link->first, link->last) ||
	    pg_table_gather_overlaps(link->src, link->first, link->last))
		return -EBUSY;
	ret = pg_table_txn_commit(txn, pg_table_take(txn, link));
	if (ret)
		return ret;
	if (link->replace)
		pg_table_link_cut(txn, link->first, link->last);
	*kept = link->mode != PG_TABLE_COPY;
	if (*kept)
		pg_table_link_add(link);
	pg_table_follow(link->dst, link->first, link->last);
	return 0;
}

/* Lock source and clone, and all that they took something from. */
static void pg_table_clone_lock(struct pg_table_txn *txn,
				struct pg_table *src)
{
	pg_table_visit++;
	pg_table_lock_up(txn->pgt, pg_table_lock_up(src, 0));
}

static void pg_table_clone_unlock(struct pg_table_txn *txn,
				  struct pg_table *src)
{
	pg_table_visit++;
	pg_table_unlock_up(txn->pgt);
	pg_table_unlock_up(src);
}

static int pg_table_clone_link(struct pg_table_link *link, gfp_t gfp,
			       bool *kept)
{
	struct pg_table_gather own;
	struct pg_table_txn txn;
	int ret;

	pg_table_gather_init(&own, link->dst);
	pg_table_txn_init(&txn, link->dst, gfp, &own);
	txn.nowait = true;
	txn.frozen = true;
	txn.family = true;
	pg_table_freeze(link->src);
	pg_table_freeze(link->dst);
	do {
		ret = -EINVAL;
		spin_lock(&pg_table_link_lock);
		if (!pg_table_link_cycle(link->dst, link->src)) {
			pg_table_clone_lock(&txn, link->src);
			ret = pg_table_clone_locked(&txn, link, kept);
			pg_table_clone_unlock(&txn, link->src);
		}
		spin_unlock(&pg_table_link_lock);
	} while (ret == -ENOMEM && pg_table_txn_retry(&txn));
	pg_table_txn_end(&txn);
	pg_table_gather_flush(&own);
	/* The link keeps them frozen. */
	if (ret || link->mode == PG_TABLE_COPY) {
		pg_table_thaw(link->dst);
		pg_table_thaw(link->src);
	}
	if (!ret && atomic_read(&link->dst->desc->unlinking))
		pg_table_flush_unlinked(link->dst, link->first, link->last);
	return ret;
}

static int pg_table_clone_check(struct pg_table *dst, struct pg_table *src,
				unsigned long va, size_t size,
				enum pg_table_clone_mode mode,
				unsigned long *last)
{
	int ret = pg_table_may_edit(dst);

	if (ret)
		return ret;
	if (!src->desc || pg_table_in_place(dst) ||
	    (pg_table_in_place(src) && mode != PG_TABLE_FOLLOW))
		return -EPERM;
	if (mode != PG_TABLE_SHARE && mode != PG_TABLE_FOLLOW &&
	    mode != PG_TABLE_COPY &&
	    mode != (PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE))
		return -EINVAL;
	if (dst == src || dst->desc->format != src->desc->format ||
	    dst->desc->ops != src->desc->ops)
		return -EINVAL;
	/* A copy is judged leaf by leaf, an alias by what it may become. */
	if (mode != PG_TABLE_COPY &&
	    src->desc->config.flags & ~dst->desc->config.flags &
	    PG_TABLE_ALLOW_WX)
		return -EPERM;
	return pg_table_check_range(dst, va, size, last) ?:
	       pg_table_check_range(src, va, size, last);
}

/**
 * pg_table_clone - take a range from another table
 * @dst: the clone, in which the range must be empty unless it is replaced
 * @src: the source, of the same format and memory
 * @va: first address of the range, in both
 * @size: its size in bytes
 * @mode: PG_TABLE_SHARE, PG_TABLE_FOLLOW or PG_TABLE_COPY, see
 *	&enum pg_table_clone_mode
 * @gfp: how the clone's own tables are allocated; 0 for not at all
 *
 * Entries that the range covers wholly, at the highest level where it does,
 * are copied as they stand: tables below them are shared from then on. The
 * clone owns no more than the tables on the way to such entries below the
 * root. Where the range ends inside a leaf of the source it is -EINVAL.
 *
 * With PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE what the clone maps in the range
 * goes, and where source and clone both have an entry one store turns the one
 * into the other, so that nothing is absent in between. It is flushed, and
 * tables that the clone owned are freed, before the call returns. What is
 * reserved cannot be replaced, nor what follows.
 *
 * With PG_TABLE_FOLLOW every address of the range goes on to map in the clone
 * what it maps in the source: changes are there when a verb of the source
 * returns, and flushed with it. Where the range ends inside of root entries the
 * clone owns the tables that it covers in part, and they stay. What follows
 * cannot be edited in the clone, only unmapped: as a whole, which ends the
 * following, or in part, which leaves a hole. In a hole nothing is mapped,
 * whatever the source does, until it is filled by following the same source in
 * the same range, or a part of it, again. Filling takes memory only if a part of
 * a larger hole is filled, whose tables are gone: what was unmapped by one call
 * is filled by one with @gfp 0. What CPUs record in leaves of the clone's own
 * tables, accessed and dirty, is kept as long as the clone needs these tables,
 * and no longer.
 *
 * Of a source with tables that others made, and write without saying so, only
 * whole root entries can be followed or left out. Of a table that is edited in
 * place, which can be followed only, it is whole entries of level 1 or above,
 * see pg_table_sync(). To take a range from it is one of its edits, so that its
 * editor has to agree. From then on he takes its lock, as those of others do, and
 * what is done to the clone needs no consent of his.
 *
 * A table that is freed in the source leaves the clones under the same flush.
 * The source cannot be destroyed as long as a clone holds a range of it.
 *
 * PG_TABLE_COPY maps in the clone what the source maps at the moment, by leaves
 * of the same size, in tables of the clone's own. A leaf in which the range ends
 * is split in the copy. The tables may be reserved in the clone. The source is
 * no source afterwards, and tables that others made are as good as any; they
 * must not change meanwhile.
 *
 * Context: Process context, may sleep as @gfp says. Takes the locks of both
 * tables; counts as an edit of both where they are exclusive, but for the source
 * of a hole that is filled. As long as @dst has the range, its verbs there count as
 * edits of @src if that is exclusive and not edited in place, take the locks of
 * both, and want interrupts on.
 * Return: 0; -EINVAL for a bad range or mode, tables that do not fit, or a
 * source that has @dst as its own source; -EEXIST if @dst maps something there
 * that is not to be replaced, or reserves it other than for a copy; -EPERM if
 * @dst is sealed, foreign, a process's or follows another table there, where
 * writable and executable leaves could get into a clone that does not allow
 * them, where tables that others made would have to be mirrored, or for a table
 * in place that is not to be followed; -EBUSY for
 * a range in an unflushed gather; -EOPNOTSUPP as pg_table_map(); -ENOMEM.
 */
int pg_table_clone(struct pg_table *dst, struct pg_table *src,
		   unsigned long va, size_t size,
		   enum pg_table_clone_mode mode, gfp_t gfp)
{
	struct pg_table_link want = {
		.dst = dst,
		.src = src,
		.first = va,
		.mode = mode & ~PG_TABLE_CLONE_REPLACE,
		.replace = mode & PG_TABLE_CLONE_REPLACE,
	};
	struct pg_table_link *link = &want;
	bool kept = false;
	int ret;

	might_alloc(gfp);
	ret = pg_table_clone_check(dst, src, va, size, mode, &want.last);
	if (ret)
		goto out;
	if (mode == PG_TABLE_FOLLOW) {
		ret = pg_table_fill(dst, src, va, want.last, gfp);
		if (ret <= 0)
			goto out;
		want.deep = pg_table_link_cuts(dst, va, want.last,
					       pg_table_top(dst));
	}
	if (mode != PG_TABLE_COPY) {
		link = gfp ? kmalloc(sizeof(*link), gfp) : NULL;
		ret = -ENOMEM;
		if (!link)
			goto out;
		*link = want;
	}
	ret = pg_table_clone_link(link, gfp, &kept);
	if (!kept && link != &want)
		kfree(link);
out:
	trace_pg_table_clone(dst, src, va, size, mode, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_clone);

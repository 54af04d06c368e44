/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the format-independent core and the algorithms share.
 *
 * The algorithms are compiled once per format. Their headers come in a fixed
 * order, each using only what comes before it:
 *
 *	internal.h	definitions
 *	format/NAME.h	the format: pure functions on entries
 *	pt_common.h	helpers that need entries
 *	pt_iter.h	stepping through the entries of a range
 *	pt_unshare.h	copy on write of borrowed tables
 *	pt_map.h, pt_edit.h, pt_collapse.h, pt_reserve.h, pt_clone.h, pt_walk.h:
 *			algorithms
 *	pt_instance.h	the struct pg_table_format that makes them reachable
 */
#ifndef _PG_TABLE_INTERNAL_H
#define _PG_TABLE_INTERNAL_H

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/pg_table.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/stringify.h>

/**
 * struct pg_table_claim - entries that are counted before they are stored
 * @page: the table
 * @va: an address in the table's span
 * @n: how many
 */
struct pg_table_claim {
	struct pg_table_page	*page;
	unsigned long		va;
	unsigned int		n;
};

/**
 * struct pg_table_txn - one call of a verb, until it commits or gives up
 * @pgt: the table that is edited
 * @gfp: how tables may be allocated; 0 for not at all
 * @gather: takes what the call removes
 * @subtrees: private tables in the order in which they will be linked
 * @tail: where the next one goes
 * @spare: tables that are allocated but not used
 * @nowait: tables are allocated under a spinlock
 * @bytes: by how much the size of all tables changes
 * @missing: level of the table whose allocation failed
 * @first: first address of the range
 * @locked: the table's lock is held
 * @shared: others may edit other ranges of @pgt at the same time
 * @freeze: the call must have the table for itself
 * @frozen: it has
 * @built: levels at which the entry that holds the first and the last address
 *	of the range gets a private table
 * @n_claims: how many of @claims are used
 * @claims: what was counted ahead in tables that the range shares with others
 * @family: the call holds pg_table_link_lock and the lock of every source, so
 *	it is the only one
 *
 * A verb first builds all that it needs out of sight, which can fail, and then
 * links it in one pass over the range, which cannot.
 */
struct pg_table_txn {
	struct pg_table		*pgt;
	gfp_t			gfp;
	struct pg_table_gather	*gather;
	struct pg_table_page	*subtrees;
	struct pg_table_page	**tail;
	struct pg_table_page	*spare;
	bool			nowait;
	long			bytes;
	unsigned int		missing;
	unsigned long		first;
	bool			locked;
	bool			shared;
	bool			freeze;
	bool			frozen;
	u8			built[2];
	unsigned int		n_claims;
	struct pg_table_claim	claims[2 * PG_TABLE_MAX_LEVELS];
	bool			family;
};

/**
 * struct pg_table_edit - what unmap, protect or split do to a leaf
 * @verb: which of them
 * @set: protection bits to set
 * @clear: protection bits to clear first
 * @level: largest level that split leaves behind
 */
struct pg_table_edit {
	enum { PT_UNMAP, PT_PROTECT, PT_SPLIT } verb;
	u64		set;
	u64		clear;
	unsigned int	level;
};

/**
 * struct pg_table_link - a range that a clone took from its source
 * @dst: the clone
 * @src: the source
 * @first: first address
 * @last: last address
 * @mode: how it follows
 * @replace: what the clone had is replaced
 * @deep: the clone mirrors tables below the root
 * @cut: the clone gave the range up; the link waits to be freed
 * @stale: the source took tables out of the clone and did not flush it yet
 * @stale_first: first address that these tables spanned
 * @stale_last: last address
 * @in_src: in the source's list of clones
 * @in_dst: in the clone's list of sources
 */
struct pg_table_link {
	struct pg_table			*dst;
	struct pg_table			*src;
	unsigned long			first;
	unsigned long			last;
	enum pg_table_clone_mode	mode;
	bool				replace;
	bool				deep;
	bool				cut;
	bool				stale;
	unsigned long			stale_first;
	unsigned long			stale_last;
	struct list_head		in_src;
	struct list_head		in_dst;
};

/*
 * struct pg_table_format - one MMU format, with the algorithms compiled for it
 *
 * Ranges are inclusive here, [va, last], so that the last page of the address
 * space is nothing special; they were checked by the caller.
 */
struct pg_table_format {
	const char	*name;
	unsigned int	page_shift;
	bool		va_signed;
	bool		two_roots;
	unsigned int (*va_bits)(void);
	u64 (*pa_last)(void);
	unsigned int (*levels)(void);
	unsigned int (*leaf_sizes)(void);
	unsigned int (*level_shift)(unsigned int level);
	size_t (*table_size)(unsigned int level);

	u64 (*prot)(unsigned int flags);
	unsigned int (*prot_flags)(u64 prot);
	void (*clear_root)(struct pg_table *pgt, void *root);

	/*
	 * One page where the tables are there and stay: 0 or an error as of
	 * the verb, 1 if it is not that simple. unmap_one: -ENOENT if nothing
	 * was mapped.
	 */
	int (*map_one)(struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		       u64 prot);
	int (*unmap_one)(struct pg_table *pgt, unsigned long va);

	int (*map)(struct pg_table_txn *txn, unsigned long va,
		   unsigned long last, phys_addr_t pa, u64 prot);
	int (*edit)(struct pg_table_txn *txn, unsigned long va,
		    unsigned long last, const struct pg_table_edit *edit);
	int (*collapse)(struct pg_table_txn *txn, unsigned long va,
			unsigned long last);
	int (*clone)(struct pg_table_txn *txn, struct pg_table *src,
		     unsigned long va, unsigned long last, bool replace);
	int (*copy)(struct pg_table_txn *txn, struct pg_table *src,
		    unsigned long va, unsigned long last);
	int (*follow)(struct pg_table_txn *txn, struct pg_table *src,
		      unsigned long va, unsigned long last);
	void (*unfollow)(struct pg_table_txn *txn, unsigned long va,
			 unsigned long last);
	void (*sync)(struct pg_table *dst, struct pg_table *src,
		     unsigned long va, unsigned long last);
	int (*hole)(struct pg_table_txn *txn, struct pg_table *src,
		    unsigned long va, unsigned long last, bool fill);
	bool (*borrows)(struct pg_table *pgt, unsigned long va,
			unsigned int level, const void *table);
	int (*find)(struct pg_table *pgt, unsigned long *va,
		    unsigned long last, const void *table);
	void (*unborrow)(struct pg_table_txn *txn, unsigned long va,
			 unsigned int level, const void *table);
	int (*reserve)(struct pg_table_txn *txn, unsigned long va,
		       unsigned long last, unsigned int level);
	int (*unreserve)(struct pg_table_txn *txn, unsigned long va,
			 unsigned long last);
	void (*rollback)(struct pg_table_txn *txn);
	void (*free_all)(struct pg_table_txn *txn);

	int (*lookup)(struct pg_table *pgt, unsigned long va,
		      struct pg_table_leaf *leaf);
	int (*walk)(struct pg_table *pgt, unsigned long va, unsigned long last,
		    const struct pg_table_walk_ops *ops, void *arg);
	int (*verify)(struct pg_table *pgt);
	void (*get_stats)(struct pg_table *pgt, struct pg_table_stats *stats);
};

static inline const struct pg_table_format *pg_table_format(struct pg_table *pgt)
{
	return pgt->desc->format;
}

static inline const struct pg_table_ops *pg_table_ops(const struct pg_table *pgt)
{
	return pgt->desc->ops;
}

static inline bool pg_table_exclusive(const struct pg_table *pgt)
{
	return pgt->desc->config.flags & PG_TABLE_EXCLUSIVE;
}

static inline bool pg_table_in_place(const struct pg_table *pgt)
{
	return pgt->desc->config.flags & PG_TABLE_IN_PLACE;
}

/*
 * Does the table's lock mean anything? Of one that is edited in place there is
 * one editor, but clones that follow it look at it, too.
 */
static inline bool pg_table_has_lock(const struct pg_table *pgt)
{
	return !pg_table_exclusive(pgt) || pg_table_in_place(pgt);
}

/* What the library knows of the table page at physical address @pa. */
static inline struct pg_table_page *
pg_table_page(const struct pg_table_ops *ops, phys_addr_t pa)
{
	return ops->pages + (pa >> ops->page_shift) * ops->page_stride;
}

static inline void *pg_table_ptr(const struct pg_table_ops *ops, phys_addr_t pa)
{
	return ops->memory + pa;
}

static inline phys_addr_t pg_table_pa(const struct pg_table_ops *ops,
				      const void *table)
{
	return table - (const void *)ops->memory;
}

static inline struct pg_table_page *
pg_table_page_of(const struct pg_table_ops *ops, const void *table)
{
	return pg_table_page(ops, pg_table_pa(ops, table));
}

/* May verbs on @pgt write the table as it is? */
static inline bool pg_table_may_write(const struct pg_table *pgt,
				      const struct pg_table_page *page)
{
	return likely(page->owner == pgt) ||
	       (!page->owner && pg_table_in_place(pgt));
}

/* The table that @page stands for. */
static inline void *pg_table_of_page(const struct pg_table_ops *ops,
				     const struct pg_table_page *page)
{
	unsigned long index = (unsigned long)((const void *)page - ops->pages) /
			      ops->page_stride;

	return ops->memory + (index << ops->page_shift);
}

static inline bool pg_table_gather_empty(const struct pg_table_gather *gather)
{
	return gather->first > gather->last && !gather->freed &&
	       !gather->unlinks;
}

/* Note that leaves of @level in [va, last] were changed. */
static inline void pg_table_gather_range(struct pg_table_gather *gather,
					 unsigned long va, unsigned long last,
					 unsigned int level)
{
	gather->first = min(gather->first, va);
	gather->last = max(gather->last, last);
	gather->edited_first = min(gather->edited_first, va);
	gather->edited_last = max(gather->edited_last, last);
	gather->levels |= BIT(level);
}

/* Note that walks to tables of [va, last] must not be cached any more. */
static inline void pg_table_gather_walks(struct pg_table_gather *gather,
					 unsigned long va, unsigned long last)
{
	gather->first = min(gather->first, va);
	gather->last = max(gather->last, last);
	gather->tables = true;
}

/*
 * Say that a table which others' ranges share is about to be unlinked: until
 * the flush who maps something there must flush too.
 */
static inline void pg_table_gather_unlink(struct pg_table_gather *gather)
{
	if (gather->unlinks)
		return;
	gather->unlinks = true;
	atomic_inc_return(&gather->pgt->desc->unlinking);
}

/* Note that @page was unlinked and is to be freed after the flush. */
static inline void pg_table_gather_table(struct pg_table_gather *gather,
					 struct pg_table_page *page)
{
	page->next = gather->freed;
	gather->freed = page;
}

static inline void pg_table_txn_init(struct pg_table_txn *txn,
				     struct pg_table *pgt, gfp_t gfp,
				     struct pg_table_gather *gather)
{
	txn->pgt = pgt;
	txn->gfp = gfp;
	txn->nowait = pg_table_has_lock(pgt);
	txn->gather = gather;
	txn->subtrees = NULL;
	txn->tail = &txn->subtrees;
	txn->spare = NULL;
	txn->bytes = 0;
	txn->missing = 0;
	txn->first = 0;
	txn->locked = false;
	txn->shared = !pg_table_exclusive(pgt);
	txn->freeze = false;
	txn->frozen = false;
	txn->built[0] = 0;
	txn->built[1] = 0;
	txn->n_claims = 0;
	txn->family = false;
}

/* txn.c */
struct pg_table_page *pg_table_page_init(struct pg_table *pgt, void *table,
					 unsigned int level);
void *pg_table_txn_alloc(struct pg_table_txn *txn, unsigned int level);
void pg_table_txn_recycle(struct pg_table_txn *txn, struct pg_table_page *page);
void pg_table_txn_add(struct pg_table_txn *txn, const void *table);
void *pg_table_txn_next(struct pg_table_txn *txn);
void pg_table_txn_set_queue(struct pg_table_txn *txn,
			    struct pg_table_page *subtrees);
int pg_table_txn_commit(struct pg_table_txn *txn, int ret);
bool pg_table_txn_retry(struct pg_table_txn *txn);
void pg_table_txn_end(struct pg_table_txn *txn);

/* gather.c */
bool pg_table_gather_overlaps(struct pg_table *pgt, unsigned long va,
			      unsigned long last);
void pg_table_gather_others(struct pg_table_gather *gather, unsigned long va,
			    unsigned long last);
void pg_table_gather_flush_locked(struct pg_table_gather *gather);
void pg_table_gather_pend_locked(struct pg_table_gather *gather);
void pg_table_gather_pend(struct pg_table_gather *gather);
void pg_table_gather_unlinked(struct pg_table_gather *gather,
			      struct pg_table *pgt, unsigned long va,
			      unsigned long last);
void pg_table_flush_unlinked(struct pg_table *pgt, unsigned long va,
			     unsigned long last);

/* link.c: clones and their sources */
int pg_table_link_check(struct pg_table *pgt, unsigned long va,
			unsigned long last);
int pg_table_link_check_unmap(struct pg_table *pgt, unsigned long va,
			      unsigned long last, struct pg_table_link **hole);
int pg_table_link_hole(struct pg_table_txn *txn, struct pg_table_link *link,
		       unsigned long va, unsigned long last, bool fill);
struct pg_table_link *pg_table_link_find(struct pg_table *dst,
					 struct pg_table *src,
					 unsigned long va, unsigned long last);
bool pg_table_link_told(struct pg_table *pgt, unsigned long va,
			unsigned long last);
void pg_table_link_cut(struct pg_table_txn *txn, unsigned long va,
		       unsigned long last);
unsigned int pg_table_link_edges(struct pg_table *pgt, unsigned long va,
				 unsigned long last);
bool pg_table_link_busy(struct pg_table *src);
void pg_table_link_drop_all(struct pg_table *pgt);
void pg_table_unborrow(struct pg_table_txn *txn, struct pg_table *src,
		       unsigned long va, unsigned int level, const void *table);
void pg_table_lock_links(struct pg_table *pgt);
void pg_table_unlock_links(struct pg_table *pgt);
unsigned int pg_table_count_borrows(struct pg_table *src, unsigned long va,
				    unsigned int level, const void *table);
unsigned int pg_table_count_followers(struct pg_table *src, unsigned long va,
				      unsigned int level, const void *table);
void pg_table_leave(struct pg_table *src, const void *table);
void pg_table_follow(struct pg_table *src, unsigned long va,
		     unsigned long last);
bool pg_table_live(struct pg_table *pgt, unsigned long va, unsigned long last);
void pg_table_txn_lock_family(struct pg_table_txn *txn);
void pg_table_txn_unlock_family(struct pg_table_txn *txn);
bool pg_table_link_covers(struct pg_table *pgt, unsigned long va,
			  unsigned long last);
bool pg_table_link_pends(struct pg_table *pgt, unsigned long va,
			 unsigned long last);
void pg_table_flush(struct pg_table *pgt, const struct pg_table_gather *gather);

/* object.c */
void pg_table_freeze(struct pg_table *pgt);
void pg_table_thaw(struct pg_table *pgt);

/* pg_table.c */
int pg_table_check_range(struct pg_table *pgt, unsigned long va, size_t size,
			 unsigned long *last);
int pg_table_may_edit(const struct pg_table *pgt);
int pg_table_fill(struct pg_table *dst, struct pg_table *src, unsigned long va,
		  unsigned long last, gfp_t gfp);

/* debugfs.c */
#ifdef CONFIG_PG_TABLE_DEBUGFS
extern struct dentry *pg_table_debugfs_root;
struct dentry *pg_table_debugfs_dir(struct pg_table *pgt);
void pg_table_debugfs_update(void);
#else
static inline void pg_table_debugfs_update(void)
{
}
#endif

/* The memory that a configuration without ops means, or ERR_PTR. */
#if defined(CONFIG_PG_TABLE_NATIVE) || !defined(__KERNEL__)
const struct pg_table_ops *pg_table_default_ops(void);
#else
static inline const struct pg_table_ops *pg_table_default_ops(void)
{
	return ERR_PTR(-EOPNOTSUPP);
}
#endif

/*
 * What editors do around a verb. Of tables that are not exclusive several can
 * be at work: tables outlive what they read of them, and the lock is taken only
 * if the table is frozen, by gathers that wait to be flushed, too. The editor of
 * one in place takes it if there are clones: that there are none yet is the
 * caller's to see to. Returns whether it was taken; to sparse both always are.
 */
static inline bool pg_table_begin(struct pg_table *pgt)
	__acquires(&pgt->page_table_lock)
{
	struct pg_table_desc *desc = pgt->desc;

	if (!pg_table_exclusive(pgt)) {
		rcu_read_lock();
		if (unlikely(atomic_read(&desc->frozen))) {
			spin_lock(&pgt->page_table_lock);
			return true;
		}
	} else {
		__acquire(RCU);
		if (pg_table_in_place(pgt) &&
		    unlikely(!list_empty(&desc->clones))) {
			spin_lock(&pgt->page_table_lock);
			return true;
		}
	}
	__acquire(&pgt->page_table_lock);
	return false;
}

static inline void pg_table_end(struct pg_table *pgt, bool locked)
	__releases(&pgt->page_table_lock)
{
	if (unlikely(locked))
		spin_unlock(&pgt->page_table_lock);
	else
		__release(&pgt->page_table_lock);
	if (!pg_table_exclusive(pgt))
		rcu_read_unlock();
	else
		__release(RCU);
}

/* To sparse an exclusive table's lock is held, too. */
static inline void pg_table_lock(struct pg_table *pgt)
	__acquires(&pgt->page_table_lock)
{
	if (pg_table_has_lock(pgt))
		spin_lock(&pgt->page_table_lock);
	else
		__acquire(&pgt->page_table_lock);
}

static inline void pg_table_unlock(struct pg_table *pgt)
	__releases(&pgt->page_table_lock)
{
	pgt->desc->depth = 0;
	if (pg_table_has_lock(pgt))
		spin_unlock(&pgt->page_table_lock);
	else
		__release(&pgt->page_table_lock);
}

/* A clone is locked inside its source, and a clone of it one deeper. */
static inline void pg_table_lock_nested(struct pg_table *pgt, unsigned int depth)
	__acquires(&pgt->page_table_lock)
{
	if (pg_table_has_lock(pgt))
		spin_lock_nested(&pgt->page_table_lock, depth);
	else
		__acquire(&pgt->page_table_lock);
	pgt->desc->depth = depth;
}

#endif /* _PG_TABLE_INTERNAL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clone: alias the tables of a source, or copy them. What the clone will own is
 * built out of sight first; of an alias that is the way down to entries below
 * the root.
 *
 * Where a clone follows, it has tables of its own only on the way to where the
 * range begins or ends, or a hole does. These mirror the source: every entry is
 * what the source has there, or a part of the larger leaf that it has. All of
 * them exist from the start, so whatever the source does, mirroring it takes no
 * memory. A hole is an entry that is neither empty nor present.
 *
 * The transaction is the clone's; the source is only read, but for the count
 * of borrows in its tables.
 */

/**
 * struct pt_cloning - one call of clone, or a change that reaches a clone
 * @pgt: the clone
 * @ops: the memory, one for both
 * @txn: the transaction of the clone
 * @gather: takes what is replaced; NULL if that is flushed with the source or
 *	was never seen
 * @fill: a hole is filled, not made
 * @swap: table pointers can be replaced
 * @replace: what the clone has is replaced
 * @told: others say what becomes of the tables that they made in the source
 */
struct pt_cloning {
	struct pg_table			*pgt;
	const struct pg_table_ops	*ops;
	struct pg_table_txn		*txn;
	struct pg_table_gather		*gather;
	bool				fill;
	bool				swap;
	bool				replace;
	bool				told;
};

/**
 * struct pt_view - what a source has where a clone has one table
 * @table: the source's table; NULL if there is none
 * @leaf: the entry above, if there is no table: a larger leaf, or nothing
 */
struct pt_view {
	const void	*table;
	pt_entry_t	leaf;
};

/*
 * What slot @i shows, of a run the leaf for itself; where there is no table, a
 * part of the larger leaf.
 */
static pt_entry_t pt_view_entry(const struct pt_view *view, unsigned int level,
				unsigned int i)
{
	if (view->table) {
		pt_entry_t entry = pt_read_shown(view->table, level, i);

		if (PT_HAS_RUNS && pt_is_leaf(entry, level) && pt_is_run(entry))
			return pt_fold_run(view->table, level, i,
					   pt_clear_run(entry, i));
		return entry;
	}
	if (!pt_is_present(view->leaf))
		return pt_none_entry(level);
	return pt_make_leaf(pt_leaf_pa(view->leaf, level + 1) +
			    ((phys_addr_t)i << pt_shift(level)),
			    pt_leaf_prot(view->leaf, level + 1), level);
}

/* What the source has below @entry, which a view of @level showed. */
static struct pt_view pt_view_below(const struct pg_table_ops *ops,
				    pt_entry_t entry, unsigned int level)
{
	struct pt_view below = { .leaf = entry };

	if (!pt_is_leaf(entry, level))
		below.table = pt_table_ptr(ops, entry);
	return below;
}

/*
 * What a clone of [first, ...] gets of @entry in @src at @s: of a run that the
 * range cuts, or whose leaves take the place of others, a leaf for itself.
 */
static inline pt_entry_t pt_clone_entry(const struct pt_cloning *c,
					const void *src, pt_entry_t entry,
					const struct pt_step *s,
					unsigned long first)
{
	if (PT_HAS_RUNS && pt_is_leaf(entry, s->level) && pt_is_run(entry) &&
	    (c->replace || pt_cuts_run(s, first)))
		return pt_fold_run(src, s->level, s->i,
				   pt_clear_run(entry, s->i));
	return entry;
}

static struct pt_cloning pt_cloning(struct pg_table_txn *txn)
{
	return (struct pt_cloning) {
		.pgt = txn->pgt,
		.ops = pg_table_ops(txn->pgt),
		.txn = txn,
		.gather = txn->gather,
		.swap = !PT_HAS_BBM || !pg_table_live(txn->pgt, 0, ~0UL),
	};
}

/* Put a copy of @entry in slot @i; a table in it becomes a borrowed one. */
static void pt_alias(const struct pt_cloning *c, void *table,
		     unsigned int level, unsigned int i, pt_entry_t entry)
{
	pt_borrow(c->ops, entry, level);
	pt_write(table, level, i, entry);
}

/* A leaf of a source that is not ours to judge can be writable and executable. */
static bool pt_may_alias(const struct pt_cloning *c, pt_entry_t entry,
			 unsigned int level)
{
	return !pt_is_leaf(entry, level) || !pt_is_present(entry) ||
	       !pt_prot_wx(pt_leaf_prot(entry, level)) ||
	       c->txn->pgt->desc->config.flags & PG_TABLE_ALLOW_WX;
}

/* Is anything in the table that @entry points to, if it does? */
static bool pt_below_used(const struct pt_cloning *c, pt_entry_t entry,
			  unsigned int level, const struct pt_step *s)
{
	return !pt_is_none(entry) &&
	       pt_range_used(c->ops, pt_table_ptr(c->ops, entry), level - 1,
			     s->va, s->last);
}

/* A private table with copies of what @src has in [va, last]. */
static noinline void *pt_clone_build(const struct pt_cloning *c,
				     const void *src, unsigned int level,
				     unsigned long va, unsigned long last)
{
	void *table = pg_table_txn_alloc(c->txn, level);
	struct pt_step s;

	if (!table)
		return ERR_PTR(-ENOMEM);
	pt_clear(table, level, 0, pt_entries(level));

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read_shown(src, level, s.i);
		void *child;

		if (pt_is_none(entry))
			continue;
		if (s.full && pt_may_alias(c, entry, level)) {
			pt_alias(c, table, level, s.i,
				 pt_clone_entry(c, src, entry, &s, va));
			pt_count(c->ops, table, level, 1);
			continue;
		}
		child = ERR_PTR(s.full ? -EPERM : -EINVAL);
		if (!pt_is_leaf(entry, level)) {
			if (!pt_below_used(c, entry, level, &s))
				continue;
			child = pt_clone_build(c, pt_table_ptr(c->ops, entry),
					       level - 1, s.va, s.last);
		}
		if (IS_ERR(child)) {
			pt_discard(c->txn, table);
			return child;
		}
		pt_write_table(c->txn->pgt, table, level, s.i,
			       pt_point_to(c->ops, child));
		pt_count(c->ops, table, level, 1);
	} while (pt_next_step(&s));
	return table;
}

/* Must @old be gone from the TLB before @new may take its place? */
static bool pt_replace_breaks(pt_entry_t old, pt_entry_t new,
			      unsigned int level)
{
	if (!pt_is_present(old) || !pt_is_present(new))
		return false;
	return !pt_is_leaf(old, level) || !pt_is_leaf(new, level) ||
	       pt_break_to_change(old, new);
}

static bool pt_maps_same(pt_entry_t a, pt_entry_t b, unsigned int level)
{
	return pt_is_leaf(a, level) && pt_is_present(a) &&
	       pt_is_leaf(b, level) && pt_is_present(b) &&
	       pt_leaf_pa(a, level) == pt_leaf_pa(b, level);
}

/* What the CPU recorded in leaf @old goes on in @new if both map the same. */
static pt_entry_t pt_keep_ad(pt_entry_t new, pt_entry_t old,
			     unsigned int level)
{
	return pt_maps_same(new, old, level) ? pt_add_ad(new, old) : new;
}

/*
 * What the CPU recorded in @seen goes on in @table, which took its place and can
 * be the source's. Others record for themselves in tables that they made.
 */
static void pt_hand_on(const struct pt_cloning *c, const struct pt_view *seen,
		       void *table, unsigned int level)
{
	unsigned int i;

	if (!pg_table_page_of(c->ops, table)->owner)
		return;
	for (i = 0; i < pt_entries(level); i++) {
		pt_entry_t part = pt_view_entry(seen, level, i);
		pt_entry_t entry = pt_read(table, level, i);

		if (!pt_is_leaf(entry, level)) {
			const struct pt_view below = { .leaf = part };

			pt_hand_on(c, &below, pt_table_ptr(c->ops, entry),
				   level - 1);
			continue;
		}
		while (pt_maps_same(pt_plain(entry, i), part, level) &&
		       pt_add_ad(entry, part) != entry &&
		       !pt_cmpxchg(table, level, i, &entry,
				   pt_add_ad(entry, part)))
			;
	}
}

/*
 * Store @new in slot @i, in which there was @old, or still is but for what the
 * CPU records in it. Returns @old with all of that.
 */
static pt_entry_t pt_store(const struct pt_cloning *c, void *table,
			   unsigned int level, unsigned int i, pt_entry_t old,
			   pt_entry_t new)
{
	pt_entry_t now = pt_read(table, level, i);

	do {
		if (pt_is_present(now))
			old = now;
	} while (!pt_cmpxchg(table, level, i, &now,
			     c->replace ? new : pt_keep_ad(new, old, level)));
	return old;
}

/*
 * One store puts @new in the place of @old, in a table of the clone's own: no
 * moment in between in which neither is there, unless the CPU wants that. What
 * @new points to is borrowed if it is not the clone's; what @old pointed to is
 * let go, or freed. Returns by how much more entries are in use.
 */
static noinline int pt_replace(const struct pt_cloning *c, void *table,
			       unsigned int level, const struct pt_step *s,
			       pt_entry_t old, pt_entry_t new)
{
	bool leaf = pt_is_leaf(old, level) && pt_is_present(old);
	bool own = pt_is_own(c->pgt, new, level);
	unsigned long va = s->va & ~pt_span(level);
	struct pt_view seen = { .leaf = old };

	if (!c->replace)
		new = pt_keep_ad(new, old, level);
	if (new == old)
		return 0;
	if (c->gather && c->txn->shared && !pt_is_leaf(old, level))
		pg_table_gather_unlink(c->gather);
	if (PT_HAS_BBM && pt_replace_breaks(old, new, level))
		seen.leaf = pt_break_walks(c->pgt, table, s);
	if (!own)
		pt_borrow(c->ops, new, level);
	else if (leaf)
		pt_announce(new, level);
	if (pt_is_own(c->pgt, old, level))
		pt_unlink_table(c->pgt, table, level, s->i, new);
	else if (own && !leaf)
		pt_write_table(c->pgt, table, level, s->i, new);
	else
		seen.leaf = pt_store(c, table, level, s->i, seen.leaf, new);
	if (leaf && !c->replace && !pt_is_leaf(new, level))
		pt_hand_on(c, &seen, pt_table_ptr(c->ops, new), level - 1);
	if (c->gather && pt_is_present(old))
		pg_table_gather_range(c->gather, va, va | pt_span(level),
				      pt_is_leaf(old, level) ? level : 0);
	if (c->gather && !pt_is_leaf(old, level))
		pg_table_gather_walks(c->gather, va, va | pt_span(level));
	if (pt_is_own(c->pgt, old, level))
		pt_drop(c->txn, pt_table_ptr(c->ops, old), level - 1, va);
	else if (!pt_is_leaf(old, level))
		pt_unborrow_page(pt_table_page(c->ops, old));
	return !pt_is_none(new) - !pt_is_none(old);
}

/* What the clone gets of @src, which may not be there at all, at @s. */
static pt_entry_t pt_source_entry(const struct pt_cloning *c, const void *src,
				  const struct pt_step *s, unsigned long first)
{
	if (!src)
		return pt_none_entry(s->level);
	return pt_clone_entry(c, src, pt_read_shown(src, s->level, s->i), s,
			      first);
}

/* May @to, a whole entry of the clone, be turned into @from? */
static int pt_clone_check(const struct pt_cloning *c, pt_entry_t from,
			  pt_entry_t to, unsigned int level)
{
	if (!pt_is_none(to) && !c->replace)
		return -EEXIST;
	if (!pt_may_alias(c, from, level))
		return -EPERM;
	if (pt_is_own(c->pgt, to, level) && pt_table_page(c->ops, to)->pins)
		return -EEXIST;
	return PT_HAS_BBM && !c->swap && pt_replace_breaks(to, from, level) ?
	       -EOPNOTSUPP : 0;
}

/*
 * Does a part of an entry stay as it is? It does if the source has nothing
 * there, and the clone has nothing that would have to go.
 */
static int pt_clone_passes(const struct pt_cloning *c, pt_entry_t from,
			   pt_entry_t to, unsigned int level,
			   const struct pt_step *s)
{
	bool used = !pt_is_none(to) && (pt_is_leaf(to, level) ||
					pt_below_used(c, to, level, s));

	if (used && !c->replace)
		return -EEXIST;
	if (!pt_is_none(from) && pt_is_leaf(from, level))
		return -EINVAL;
	return !used && !pt_below_used(c, from, level, s);
}

/* Replacing needs every leaf for itself. */
static const struct pg_table_edit pt_to_single = { .verb = PT_SPLIT };

/* The table that a part of @to is replaced in; @to may be a larger leaf. */
static void *pt_clone_open(const struct pt_cloning *c, pt_entry_t to,
			   const struct pt_step *s)
{
	const struct pg_table_edit edit = {
		.verb = PT_SPLIT,
		.level = s->level - 1,
	};
	const struct pt_editing x = {
		.txn = c->txn,
		.ops = c->ops,
		.edit = &edit,
	};
	void *table;

	if (!pt_is_leaf(to, s->level))
		return pt_plan_table(c->txn, to, s);
	if (pt_break_to_resize() && !c->swap)
		return ERR_PTR(-EOPNOTSUPP);
	table = pt_split_leaf(&x, pt_plain(to, s->i), s->level, s->va, s->last);
	if (!table)
		return ERR_PTR(-ENOMEM);
	pg_table_txn_add(c->txn, table);
	return table;
}

/* Make leaves of the runs that are to be replaced, or see if that can be. */
static int pt_clone_unfold(const struct pt_cloning *c, void *dst,
			   unsigned int level, unsigned long va,
			   unsigned long last, enum pt_unfold_stage stage)
{
	const struct pt_editing x = {
		.txn = c->txn,
		.ops = c->ops,
		.edit = &pt_to_single,
	};

	return c->replace ? pt_unfold_range(&x, dst, level, va, last, stage) :
			    0;
}

static noinline int pt_clone_plan(const struct pt_cloning *c, const void *dst,
				  const void *src, unsigned int level,
				  unsigned long va, unsigned long last)
{
	struct pt_step s;
	int ret;

	ret = pt_clone_unfold(c, (void *)dst, level, va, last, PT_UNFOLD_PLAN);
	if (ret)
		return ret;
	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_source_entry(c, src, &s, va);
		pt_entry_t to = pt_read(dst, level, s.i);
		void *below, *table;

		if (s.full) {
			ret = pt_clone_check(c, from, to, level);
			if (ret)
				return ret;
			continue;
		}
		ret = pt_clone_passes(c, from, to, level, &s);
		if (ret < 0)
			return ret;
		if (ret)
			continue;
		below = pt_is_none(from) ? NULL : pt_table_ptr(c->ops, from);
		if (pt_is_none(to)) {
			table = pt_clone_build(c, below, level - 1, s.va,
					       s.last);
			if (IS_ERR(table))
				return PTR_ERR(table);
			pg_table_txn_add(c->txn, table);
			continue;
		}
		table = pt_clone_open(c, to, &s);
		if (IS_ERR(table))
			return PTR_ERR(table);
		ret = pt_clone_plan(c, table, below, level - 1, s.va, s.last);
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return 0;
}

/* Has the clone's table lost its last entry? */
static bool pt_is_dead(const struct pg_table_ops *ops, pt_entry_t entry)
{
	return !atomic_read(&pt_table_page(ops, entry)->live);
}

/* The same in the commit. Returns the entry, whose table is the clone's. */
static pt_entry_t pt_clone_enter(const struct pt_cloning *c, void *dst,
				 unsigned int level, pt_entry_t to,
				 const struct pt_step *s)
{
	const struct pt_editing x = {
		.txn = c->txn,
		.ops = c->ops,
		.edit = &pt_to_single,
		.young = true,
	};

	if (!pt_is_leaf(to, level))
		return pt_commit_table(c->txn, dst, level, to, s);
	pt_install_split(&x, dst, level, s);
	return pt_read(dst, level, s->i);
}

/* Takes the same way as the plan, and meets the same entries. */
static noinline void pt_clone_commit(const struct pt_cloning *c, void *dst,
				     const void *src, unsigned int level,
				     unsigned long va, unsigned long last)
{
	int added = 0;
	struct pt_step s;

	pt_clone_unfold(c, dst, level, va, last, PT_UNFOLD_LIVE);
	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_source_entry(c, src, &s, va);
		pt_entry_t to = pt_read(dst, level, s.i), new = from;
		void *below, *table;

		if (!s.full) {
			if (pt_clone_passes(c, from, to, level, &s))
				continue;
			below = pt_is_none(from) ? NULL :
						   pt_table_ptr(c->ops, from);
			if (pt_is_none(to)) {
				table = pg_table_txn_next(c->txn);
				new = pt_point_to(c->ops, table);
			} else {
				to = pt_clone_enter(c, dst, level, to, &s);
				pt_clone_commit(c, pt_table_ptr(c->ops, to),
						below, level - 1, s.va, s.last);
				new = pt_is_dead(c->ops, to) ?
				      pt_none_entry(level) : to;
			}
		}
		added += pt_replace(c, dst, level, &s, to, new);
	} while (pt_next_step(&s));
	pt_count(c->ops, dst, level, added);
}

static int pt_clone(struct pg_table_txn *txn, struct pg_table *src,
		    unsigned long va, unsigned long last, bool replace)
{
	struct pt_cloning c = pt_cloning(txn);
	int ret;

	c.replace = replace;
	ret = pt_clone_plan(&c, txn->pgt->pgd, src->pgd, pt_top(), va, last);
	if (ret)
		return ret;
	pt_settle(txn, va, last);
	pt_clone_commit(&c, txn->pgt->pgd, src->pgd, pt_top(), va, last);
	return 0;
}

/* Does the source map anything there? */
static noinline bool pt_view_maps(const struct pg_table_ops *ops,
				  const struct pt_view *view,
				  unsigned int level, unsigned long va,
				  unsigned long last)
{
	struct pt_step s;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_view_entry(view, level, s.i);
		struct pt_view below = pt_view_below(ops, entry, level);

		if (!pt_is_present(entry))
			continue;
		if (pt_is_leaf(entry, level) ||
		    pt_view_maps(ops, &below, level - 1, s.va, s.last))
			return true;
	} while (pt_next_step(&s));
	return false;
}

/*
 * Can the leaf at @s be in a run of @table? It can if it is in one in what @view
 * shows, or in a larger leaf, and neither the range nor a table cuts the run.
 */
static bool pt_copies_run(const struct pt_view *view, const void *table,
			  const struct pt_step *s, unsigned long first)
{
	unsigned int i = pt_run_first(s->level, s->i);
	unsigned int end = i + pt_run_entries(s->level);

	if (!pt_run_bits(s->level) || pt_cuts_run(s, first) ||
	    (view->table && !pt_is_run(pt_read(view->table, s->level, s->i))))
		return false;
	for (; i < end; i++) {
		if (!pt_is_leaf(pt_read(table, s->level, i), s->level))
			return false;
	}
	return true;
}

/* What leaf @entry is in the clone, for itself. */
static pt_entry_t pt_fixed_leaf(const struct pt_cloning *c, pt_entry_t entry,
				unsigned int level)
{
	return pt_make_leaf(pt_leaf_pa(entry, level),
			    pt_fix_prot(c->txn->pgt,
					pt_leaf_prot(entry, level)), level);
}

/* What becomes of leaf @entry at @s in @table. */
static pt_entry_t pt_copied_leaf(const struct pt_cloning *c, pt_entry_t entry,
				 const struct pt_view *view, const void *table,
				 const struct pt_step *s, unsigned long first)
{
	pt_entry_t leaf = pt_fixed_leaf(c, entry, s->level);

	if (pt_wants_runs(c->txn->pgt) && pt_copies_run(view, table, s, first))
		return pt_set_run(leaf);
	return leaf;
}

static int pt_check_copy(const struct pt_cloning *c, pt_entry_t entry,
			 unsigned int level)
{
	return pt_check_prot(c->txn->pgt,
			     pt_fix_prot(c->txn->pgt,
					 pt_leaf_prot(entry, level)));
}

/* Copy pages for themselves. Most are of one kind, and change the same way. */
static int pt_copy_pages(const struct pt_cloning *c, void *table,
			 const void *from, unsigned long va,
			 unsigned long last)
{
	unsigned int i = pt_index(va, 0), end = pt_index(last, 0) + 1;
	pt_entry_t kind = PT_NO_KIND, change = 0;
	unsigned int added = 0;

	for (; i < end; i++) {
		pt_entry_t entry = pt_read(from, 0, i);

		if (!pt_is_present(entry))
			continue;
		if (unlikely(pt_page_kind(entry) != kind)) {
			int ret = pt_check_copy(c, entry, 0);

			if (ret)
				return ret;
			kind = pt_page_kind(entry);
			change = entry ^ pt_fixed_leaf(c, entry, 0);
		}
		pt_write(table, 0, i, entry ^ change);
		added++;
	}
	pt_count(c->ops, table, 0, added);
	return 0;
}

/* A private table that maps what @view does in [va, last]. */
static noinline void *pt_copy_build(const struct pt_cloning *c,
				    const struct pt_view *view,
				    unsigned int level, unsigned long va,
				    unsigned long last)
{
	void *table = pg_table_txn_alloc(c->txn, level);
	struct pt_step s;
	int ret;

	if (!table)
		return ERR_PTR(-ENOMEM);
	pt_clear(table, level, 0, pt_entries(level));
	if (!PT_HAS_RUNS && !level && view->table) {
		ret = pt_copy_pages(c, table, view->table, va, last);
		if (!ret)
			return table;
		pt_discard(c->txn, table);
		return ERR_PTR(ret);
	}

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_view_entry(view, level, s.i);
		struct pt_view below = pt_view_below(c->ops, entry, level);
		void *child;

		if (!pt_is_present(entry))
			continue;
		if (s.full && pt_is_leaf(entry, level)) {
			child = ERR_PTR(pt_check_copy(c, entry, level));
			pt_write(table, level, s.i,
				 pt_copied_leaf(c, entry, view, table, &s,
						va));
		} else {
			if (!pt_view_maps(c->ops, &below, level - 1, s.va,
					  s.last))
				continue;
			child = pt_copy_build(c, &below, level - 1, s.va,
					      s.last);
			if (!IS_ERR(child))
				pt_write_table(c->txn->pgt, table, level, s.i,
					       pt_point_to(c->ops, child));
		}
		if (IS_ERR(child)) {
			pt_discard(c->txn, table);
			return child;
		}
		pt_count(c->ops, table, level, 1);
	} while (pt_next_step(&s));
	return table;
}

/* A table of others in the way is left alone if both sides are empty there. */
static bool pt_copy_passes(const struct pt_cloning *c, pt_entry_t to,
			   unsigned int level, const struct pt_view *below,
			   const struct pt_step *s)
{
	return !pt_is_own(c->txn->pgt, to, level) &&
	       !pt_range_used(c->ops, pt_table_ptr(c->ops, to), level - 1,
			      s->va, s->last) &&
	       !pt_view_maps(c->ops, below, level - 1, s->va, s->last);
}

static noinline int pt_copy_plan(const struct pt_cloning *c, const void *dst,
				 const struct pt_view *view,
				 unsigned int level, unsigned long va,
				 unsigned long last)
{
	struct pt_step s;
	int ret = 0;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_view_entry(view, level, s.i);
		pt_entry_t to = pt_read(dst, level, s.i);
		struct pt_view below = pt_view_below(c->ops, from, level);
		void *child;

		if (!pt_is_none(to)) {
			if (pt_is_leaf(to, level))
				return -EEXIST;
			if (pt_copy_passes(c, to, level, &below, &s))
				continue;
			child = pt_plan_table(c->txn, to, &s);
			if (IS_ERR(child))
				return PTR_ERR(child);
			ret = pt_copy_plan(c, child, &below, level - 1, s.va,
					   s.last);
		} else if (!pt_is_present(from)) {
			continue;
		} else if (s.full && pt_is_leaf(from, level)) {
			ret = pt_check_copy(c, from, level);
		} else if (pt_view_maps(c->ops, &below, level - 1, s.va,
					s.last)) {
			child = pt_copy_build(c, &below, level - 1, s.va,
					      s.last);
			if (IS_ERR(child))
				return PTR_ERR(child);
			pg_table_txn_add(c->txn, child);
		}
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return 0;
}

/* Takes the same way as the plan, and meets the same entries. */
static noinline void pt_copy_commit(const struct pt_cloning *c, void *dst,
				    const struct pt_view *view,
				    unsigned int level, unsigned long va,
				    unsigned long last)
{
	unsigned int added = 0;
	struct pt_step s;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_view_entry(view, level, s.i);
		pt_entry_t to = pt_read(dst, level, s.i);
		struct pt_view below = pt_view_below(c->ops, from, level);
		void *child;

		if (!pt_is_none(to)) {
			if (pt_copy_passes(c, to, level, &below, &s))
				continue;
			to = pt_commit_table(c->txn, dst, level, to, &s);
			pt_copy_commit(c, pt_table_ptr(c->ops, to), &below,
				       level - 1, s.va, s.last);
			continue;
		}
		if (!pt_is_present(from))
			continue;
		if (s.full && pt_is_leaf(from, level)) {
			pt_write(dst, level, s.i,
				 pt_copied_leaf(c, from, view, dst, &s, va));
		} else {
			if (!pt_view_maps(c->ops, &below, level - 1, s.va,
					  s.last))
				continue;
			child = pg_table_txn_next(c->txn);
			pt_write_table(c->txn->pgt, dst, level, s.i,
				       pt_point_to(c->ops, child));
		}
		added++;
	} while (pt_next_step(&s));
	pt_count(c->ops, dst, level, added);
}

static int pt_copy(struct pg_table_txn *txn, struct pg_table *src,
		   unsigned long va, unsigned long last)
{
	const struct pt_cloning c = pt_cloning(txn);
	const struct pt_view view = { .table = src->pgd };
	int ret;

	ret = pt_copy_plan(&c, txn->pgt->pgd, &view, pt_top(), va, last);
	if (ret)
		return ret;
	pt_settle(txn, va, last);
	pt_copy_commit(&c, txn->pgt->pgd, &view, pt_top(), va, last);
	return 0;
}

/* Make what @table, the clone's, has in [va, last] what the source has there. */
static noinline void pt_mirror(const struct pt_cloning *c, void *table,
			       const struct pt_view *view, unsigned int level,
			       unsigned long va, unsigned long last)
{
	int added = 0;
	struct pt_step s;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t old = pt_read(table, level, s.i);
		pt_entry_t new = pt_view_entry(view, level, s.i);
		struct pt_view below = pt_view_below(c->ops, new, level);

		if (pt_is_own(c->pgt, old, level))
			pt_mirror(c, pt_table_ptr(c->ops, old), &below,
				  level - 1, s.va, s.last);
		else if (!pt_is_hole(old))
			added += pt_replace(c, table, level, &s, old, new);
	} while (pt_next_step(&s));
	pt_count(c->ops, table, level, added);
}

/* The source changed something in [va, last], or could have. */
static void PT_NAME(pt_sync)(struct pg_table *dst, struct pg_table *src,
			     unsigned long va, unsigned long last)
{
	const struct pt_cloning c = {
		.pgt = dst,
		.ops = pg_table_ops(dst),
	};
	const struct pt_view view = { .table = src->pgd };

	pt_mirror(&c, dst->pgd, &view, pt_top(), va, last);
}

/* Tables of which nobody hears what others do to them are not to be mirrored. */
static bool pt_may_mirror(const struct pt_cloning *c,
			  const struct pt_view *view)
{
	return c->told || !view->table ||
	       pg_table_page_of(c->ops, view->table)->owner;
}

/* Can the clone follow what the source has in [va, last]? */
static int pt_follow_check(const struct pt_cloning *c,
			   const struct pt_view *view, unsigned int level,
			   unsigned long va, unsigned long last)
{
	struct pt_step s;
	int ret = 0;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_view_entry(view, level, s.i);
		struct pt_view below = pt_view_below(c->ops, entry, level);

		if (s.full)
			ret = pt_may_alias(c, entry, level) ? 0 : -EPERM;
		else if (!pt_may_mirror(c, &below))
			ret = -EPERM;
		else
			ret = pt_follow_check(c, &below, level - 1, s.va,
					      s.last);
	} while (!ret && pt_next_step(&s));
	return ret;
}

static int pt_follow(struct pg_table_txn *txn, struct pg_table *src,
		     unsigned long va, unsigned long last)
{
	const struct pt_view view = { .table = src->pgd };
	struct pt_cloning c = pt_cloning(txn);
	const struct pt_reserving frame = {
		.txn = txn,
		.ops = c.ops,
		.level = PG_TABLE_MAX_LEVELS,
		.edges = true,
	};
	void *root = txn->pgt->pgd;
	int ret;

	if (pt_range_used(c.ops, root, pt_top(), va, last))
		return -EEXIST;
	c.told = pg_table_link_told(src, va, last);
	ret = pt_follow_check(&c, &view, pt_top(), va, last) ?:
	      pt_reserve_plan(&frame, root, pt_top(), va, last);
	if (ret)
		return ret;
	pt_settle(txn, va, last);
	pt_reserve_commit(&frame, root, pt_top(), va, last);
	pt_mirror(&c, root, &view, pt_top(), va, last);
	return 0;
}

/* The clone has given up [va, last], so its ends are not special any more. */
static void PT_NAME(pt_unfollow)(struct pg_table_txn *txn, unsigned long va,
				 unsigned long last)
{
	const struct pt_reserving frame = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
		.level = PG_TABLE_MAX_LEVELS,
		.edges = true,
	};

	pt_unreserve_commit(&frame, txn->pgt->pgd, pt_top(), va, last);
}

/* @entry goes into slot @i, which is empty, of a table that nobody has seen. */
static void pt_fill_slot(const struct pt_cloning *c, void *table,
			 unsigned int level, unsigned int i, pt_entry_t entry)
{
	if (pt_is_own(c->pgt, entry, level))
		pt_write_table(c->pgt, table, level, i, entry);
	else
		pt_alias(c, table, level, i, entry);
	pt_count(c->ops, table, level, !pt_is_none(entry));
}

/*
 * A private table for where a hole begins or ends: [va, last] is a hole in it
 * and the rest is as in the source; if a hole is filled, the other way round.
 */
static noinline void *pt_hole_build(const struct pt_cloning *c,
				    const struct pt_view *view,
				    unsigned int level, unsigned long va,
				    unsigned long last)
{
	unsigned long span = pt_span(level + 1);
	struct pt_step s;
	void *table;

	if (!pt_may_mirror(c, view))
		return ERR_PTR(-EPERM);
	table = pg_table_txn_alloc(c->txn, level);
	if (!table)
		return ERR_PTR(-ENOMEM);
	pt_clear(table, level, 0, pt_entries(level));
	s = pt_first_step(level, va & ~span, va | span);
	do {
		pt_entry_t from = pt_view_entry(view, level, s.i);
		bool inside = va <= s.last && s.va <= last;
		pt_entry_t new = inside == c->fill ? from :
						     pt_hole_entry(level);

		if (inside && (s.va < va || last < s.last)) {
			struct pt_view below = pt_view_below(c->ops, from,
							     level);
			void *child = pt_hole_build(c, &below, level - 1,
						    max(va, s.va),
						    min(last, s.last));

			if (IS_ERR(child)) {
				pt_discard(c->txn, table);
				return child;
			}
			new = pt_point_to(c->ops, child);
		}
		pt_fill_slot(c, table, level, s.i, new);
	} while (pt_next_step(&s));
	return table;
}

static noinline int pt_hole_plan(const struct pt_cloning *c, const void *dst,
				 const struct pt_view *view,
				 unsigned int level, unsigned long va,
				 unsigned long last)
{
	struct pt_step s;
	int ret = 0;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_view_entry(view, level, s.i);
		pt_entry_t old = pt_read(dst, level, s.i);
		struct pt_view below = pt_view_below(c->ops, from, level);
		void *child;

		if (s.full)
			continue;
		if (pt_is_own(c->pgt, old, level)) {
			ret = pt_hole_plan(c, pt_table_ptr(c->ops, old),
					   &below, level - 1, s.va, s.last);
		} else if (pt_is_hole(old) == c->fill) {
			if (pt_is_present(old) && !c->swap)
				return -EOPNOTSUPP;
			child = pt_hole_build(c, &below, level - 1, s.va,
					      s.last);
			if (IS_ERR(child))
				return PTR_ERR(child);
			pg_table_txn_add(c->txn, child);
		}
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return 0;
}

/* Does a hole or the end of the range need the clone's own table? */
static bool pt_must_mirror(const struct pt_cloning *c, pt_entry_t entry,
			   unsigned int level)
{
	const void *table = pt_table_ptr(c->ops, entry);
	unsigned int i;

	if (pt_table_page(c->ops, entry)->pins)
		return true;
	for (i = 0; i < pt_entries(level - 1); i++) {
		pt_entry_t below = pt_read(table, level - 1, i);

		if (pt_is_hole(below) || pt_is_own(c->pgt, below, level - 1))
			return true;
	}
	return false;
}

/* Then one entry can stand for the table. */
static bool pt_is_all_hole(const struct pt_cloning *c, pt_entry_t entry,
			   unsigned int level)
{
	const void *table = pt_table_ptr(c->ops, entry);
	unsigned int i;

	if (pt_table_page(c->ops, entry)->pins)
		return false;
	for (i = 0; i < pt_entries(level - 1); i++) {
		if (!pt_is_hole(pt_read(table, level - 1, i)))
			return false;
	}
	return true;
}

/* Takes the same way as the plan, and meets the same entries. */
static noinline void pt_hole_commit(const struct pt_cloning *c, void *dst,
				    const struct pt_view *view,
				    unsigned int level, unsigned long va,
				    unsigned long last)
{
	int added = 0;
	struct pt_step s;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_view_entry(view, level, s.i);
		pt_entry_t old = pt_read(dst, level, s.i), new = old;
		struct pt_view below = pt_view_below(c->ops, from, level);

		if (pt_is_own(c->pgt, old, level) &&
		    (!s.full || (c->fill && !c->swap))) {
			pt_hole_commit(c, pt_table_ptr(c->ops, old), &below,
				       level - 1, s.va, s.last);
			/* Of what is in place a part is filled without memory. */
			if (!c->fill && !c->told &&
			    pt_is_all_hole(c, old, level))
				new = pt_hole_entry(level);
			if (c->fill && c->swap &&
			    !pt_must_mirror(c, old, level))
				new = from;
		} else if (s.full) {
			new = c->fill ? from : pt_hole_entry(level);
		} else if (pt_is_hole(old) == c->fill) {
			new = pt_point_to(c->ops, pg_table_txn_next(c->txn));
		}
		added += pt_replace(c, dst, level, &s, old, new);
	} while (pt_next_step(&s));
	pt_count(c->ops, dst, level, added);
}

/* Make a hole in what follows @src, or fill it again. */
static int pt_hole(struct pg_table_txn *txn, struct pg_table *src,
		   unsigned long va, unsigned long last, bool fill)
{
	const struct pt_view view = { .table = src->pgd };
	struct pt_cloning c = pt_cloning(txn);
	int ret;

	c.fill = fill;
	c.told = pg_table_link_told(src, va, last);
	ret = pt_hole_plan(&c, txn->pgt->pgd, &view, pt_top(), va, last);
	if (ret)
		return ret;
	/* A table can take the place of a leaf that is gone in the source. */
	pt_settle(txn, va, last);
	pt_hole_commit(&c, txn->pgt->pgd, &view, pt_top(), va, last);
	return 0;
}

/* Does the clone have an entry of its own that points to @table of @level? */
static bool PT_NAME(pt_borrows)(struct pg_table *pgt, unsigned long va,
				unsigned int level, const void *table)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	const void *t = pgt->pgd;
	unsigned int l;

	for (l = pt_top(); l > level; l--) {
		pt_entry_t entry = pt_read(t, l, pt_index(va, l));

		if (pt_is_none(entry) || pt_is_leaf(entry, l))
			return false;
		/* What is borrowed itself is its owner's. */
		if (l != pt_top() && pg_table_page_of(ops, t)->owner != pgt)
			return false;
		t = pt_table_ptr(ops, entry);
	}
	return t == table;
}

/*
 * Where between @va and @last does the clone have an entry of its own that points
 * to @gone? Returns the level of that table, or -1.
 */
static noinline int pt_find_table(struct pg_table *pgt, const void *table,
				  unsigned int level, unsigned long *va,
				  unsigned long last, const void *gone)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	struct pt_step s = pt_first_step(level, *va, last);
	int ret = -1;

	do {
		pt_entry_t entry = pt_read(table, level, s.i);

		if (pt_is_leaf(entry, level))
			continue;
		*va = s.va;
		if (pt_table_ptr(ops, entry) == gone) {
			*va &= ~pt_span(level);
			ret = level - 1;
		} else if (level > 1 && pt_is_own(pgt, entry, level)) {
			ret = pt_find_table(pgt, pt_table_ptr(ops, entry),
					    level - 1, va, s.last, gone);
		}
	} while (ret < 0 && pt_next_step(&s));
	return ret;
}

static int PT_NAME(pt_find)(struct pg_table *pgt, unsigned long *va,
			    unsigned long last, const void *table)
{
	return pt_find_table(pgt, pgt->pgd, pt_top(), va, last, table);
}

/*
 * The source of clone @txn->pgt is about to lose @table of @level at @va: let
 * go of it, and of the clone's own tables that are empty then.
 */
static void PT_NAME(pt_unborrow)(struct pg_table_txn *txn, unsigned long va,
				 unsigned int level, const void *table)
{
	const struct pg_table_edit edit = { .verb = PT_UNMAP };
	struct pt_editing x = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
		.edit = &edit,
	};

	if (PT_NAME(pt_borrows)(txn->pgt, va, level, table))
		pt_edit_commit(&x, txn->pgt->pgd, pt_top(), va,
			       va | pt_span(level + 1));
}

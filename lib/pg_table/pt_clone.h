/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clone: alias the tables of a source, or copy them. What the clone will own is
 * built out of sight first; of an alias that is the way down to entries below
 * the root.
 *
 * The transaction is the clone's; the source is only read, but for the count
 * of borrows in its tables.
 */

/**
 * struct pt_cloning - one call of clone
 * @txn: the transaction of the clone
 * @ops: the memory, one for both
 */
struct pt_cloning {
	struct pg_table_txn		*txn;
	const struct pg_table_ops	*ops;
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
		pt_entry_t entry = pt_read(view->table, level, i);

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
 * range cuts, a leaf for itself.
 */
static inline pt_entry_t pt_clone_entry(const void *src, pt_entry_t entry,
					const struct pt_step *s,
					unsigned long first)
{
	if (PT_HAS_RUNS && pt_is_leaf(entry, s->level) && pt_is_run(entry) &&
	    pt_cuts_run(s, first))
		return pt_fold_run(src, s->level, s->i,
				   pt_clear_run(entry, s->i));
	return entry;
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
		pt_entry_t entry = pt_read(src, level, s.i);
		void *child;

		if (pt_is_none(entry))
			continue;
		if (s.full && pt_may_alias(c, entry, level)) {
			pt_alias(c, table, level, s.i,
				 pt_clone_entry(src, entry, &s, va));
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
			       pt_make_table(pg_table_pa(c->ops, child)));
		pt_count(c->ops, table, level, 1);
	} while (pt_next_step(&s));
	return table;
}

static noinline int pt_clone_plan(const struct pt_cloning *c, const void *dst,
				  const void *src, unsigned int level,
				  unsigned long va, unsigned long last)
{
	struct pt_step s;
	int ret;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_read(src, level, s.i);
		pt_entry_t to = pt_read(dst, level, s.i);
		void *child, *own;

		if (!pt_is_none(to) && (s.full || pt_is_leaf(to, level)))
			return -EEXIST;
		if (s.full && !pt_is_none(from)) {
			if (!pt_may_alias(c, from, level))
				return -EPERM;
			continue;
		}
		if (!pt_is_none(from) && pt_is_leaf(from, level))
			return -EINVAL;
		if (!pt_below_used(c, from, level, &s)) {
			if (pt_below_used(c, to, level, &s))
				return -EEXIST;
			continue;
		}
		child = pt_table_ptr(c->ops, from);
		if (pt_is_none(to)) {
			child = pt_clone_build(c, child, level - 1, s.va,
					       s.last);
			if (IS_ERR(child))
				return PTR_ERR(child);
			pg_table_txn_add(c->txn, child);
			continue;
		}
		own = pt_plan_table(c->txn, to, &s);
		if (IS_ERR(own))
			return PTR_ERR(own);
		ret = pt_clone_plan(c, own, child, level - 1, s.va, s.last);
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return 0;
}

/* Takes the same way as the plan, and meets the same entries. */
static noinline void pt_clone_commit(const struct pt_cloning *c, void *dst,
				     const void *src, unsigned int level,
				     unsigned long va, unsigned long last)
{
	unsigned int added = 0;
	struct pt_step s;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t from = pt_read(src, level, s.i);
		pt_entry_t to = pt_read(dst, level, s.i);
		void *child;

		if (pt_is_none(from))
			continue;
		if (s.full) {
			pt_alias(c, dst, level, s.i,
				 pt_clone_entry(src, from, &s, va));
			added++;
			continue;
		}
		if (!pt_below_used(c, from, level, &s))
			continue;
		child = pt_table_ptr(c->ops, from);
		if (!pt_is_none(to)) {
			to = pt_commit_table(c->txn, dst, level, to, &s);
			pt_clone_commit(c, pt_table_ptr(c->ops, to), child,
					level - 1, s.va, s.last);
		} else {
			child = pg_table_txn_next(c->txn);
			pt_write_table(c->txn->pgt, dst, level, s.i,
				       pt_make_table(pg_table_pa(c->ops,
								 child)));
			added++;
		}
	} while (pt_next_step(&s));
	pt_count(c->ops, dst, level, added);
}

static int pt_clone(struct pg_table_txn *txn, struct pg_table *src,
		    unsigned long va, unsigned long last, bool root_only)
{
	struct pt_cloning c = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
	};
	unsigned long span = pt_span(pt_top());
	int ret;

	if (root_only && ((va & span) || (last & span) != span))
		return -EINVAL;
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

/* What becomes of leaf @entry at @s in @table. */
static pt_entry_t pt_copied_leaf(const struct pt_cloning *c, pt_entry_t entry,
				 const struct pt_view *view, const void *table,
				 const struct pt_step *s, unsigned long first)
{
	struct pg_table *pgt = c->txn->pgt;
	u64 prot = pt_fix_prot(pgt, pt_leaf_prot(entry, s->level));
	pt_entry_t leaf = pt_make_leaf(pt_leaf_pa(entry, s->level), prot,
				       s->level);

	if (pt_wants_runs(pgt) && pt_copies_run(view, table, s, first))
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

/* A private table that maps what @view does in [va, last]. */
static noinline void *pt_copy_build(const struct pt_cloning *c,
				    const struct pt_view *view,
				    unsigned int level, unsigned long va,
				    unsigned long last)
{
	void *table = pg_table_txn_alloc(c->txn, level);
	struct pt_step s;

	if (!table)
		return ERR_PTR(-ENOMEM);
	pt_clear(table, level, 0, pt_entries(level));

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
					       pt_make_table(pg_table_pa(c->ops,
									 child)));
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
				       pt_make_table(pg_table_pa(c->ops,
								 child)));
		}
		added++;
	} while (pt_next_step(&s));
	pt_count(c->ops, dst, level, added);
}

static int pt_copy(struct pg_table_txn *txn, struct pg_table *src,
		   unsigned long va, unsigned long last)
{
	const struct pt_cloning c = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
	};
	const struct pt_view view = { .table = src->pgd };
	int ret;

	ret = pt_copy_plan(&c, txn->pgt->pgd, &view, pt_top(), va, last);
	if (ret)
		return ret;
	pt_copy_commit(&c, txn->pgt->pgd, &view, pt_top(), va, last);
	return 0;
}

/* Make the clone's root entries for [va, last] what the source's are. */
static void PT_NAME(pt_follow)(struct pg_table *dst, struct pg_table *src,
			       unsigned long va, unsigned long last)
{
	struct pt_cloning c = { .ops = pg_table_ops(dst) };
	unsigned int top = pt_top();
	struct pt_step s;

	s = pt_first_step(top, va, last);
	do {
		pt_entry_t from = pt_read(src->pgd, top, s.i);
		pt_entry_t to = pt_read(dst->pgd, top, s.i);

		if (from == to)
			continue;
		if (!pt_is_none(to) && !pt_is_leaf(to, top))
			pt_unborrow_page(pt_table_page(c.ops, to));
		if (pt_is_none(from))
			pt_write(dst->pgd, top, s.i, from);
		else
			pt_alias(&c, dst->pgd, top, s.i, from);
	} while (pt_next_step(&s));
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
	const void *t = txn->pgt->pgd;
	unsigned int l;

	for (l = pt_top(); l > level; l--) {
		pt_entry_t entry = pt_read(t, l, pt_index(va, l));

		if (pt_is_none(entry) || pt_is_leaf(entry, l))
			return;
		/* What is borrowed itself is cleared by its owner. */
		if (l != pt_top() &&
		    pg_table_page_of(x.ops, t)->owner != txn->pgt)
			return;
		t = pt_table_ptr(x.ops, entry);
	}
	if (t == table)
		pt_edit_commit(&x, txn->pgt->pgd, pt_top(), va,
			       va | pt_span(level + 1));
}

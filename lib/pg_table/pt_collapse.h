/* SPDX-License-Identifier: GPL-2.0 */
/*
 * collapse: back to the largest items, from the lowest level up. What does not
 * fit together stays as it is: only a break that the CPU wants and the table
 * does not allow is an error, and it is found before anything changes.
 */

/**
 * struct pt_collapsing - one call of collapse
 * @x: the edit
 * @va: first address of the range
 * @last: last address of it
 * @breaks: the range may be broken
 */
struct pt_collapsing {
	struct pt_editing	x;
	unsigned long		va;
	unsigned long		last;
	bool			breaks;
};

static int pt_collapse_table(struct pt_collapsing *c, void *table,
			     unsigned int level, unsigned long va,
			     unsigned long last);

/*
 * May collapse change anything? If that takes breaks it may only if no CPU can
 * see any of the range: asked before the first change, it is true of the rest.
 */
static int pt_may_resize(struct pt_collapsing *c)
{
	int ret;

	if (!PT_HAS_BBM || !pt_break_to_resize() || c->breaks)
		return 0;
	ret = pt_may_break_range(c->x.txn, c->va, c->last);
	c->breaks = !ret;
	return ret;
}

/* Do two leaves differ in nothing but what the CPU recorded? */
static __always_inline bool pt_same_leaf(pt_entry_t a, pt_entry_t b)
{
	return pt_add_ad(a, b) == pt_add_ad(b, a);
}

/*
 * Do the @n entries from slot @i on map what one item would? Then @leaf is the
 * first of them, with what was recorded in any, as it would be alone.
 */
static bool pt_is_uniform(const void *table, unsigned int level, unsigned int i,
			  unsigned int n, pt_entry_t *leaf)
{
	pt_entry_t want = pt_plain(pt_read(table, level, i), i);
	unsigned int end = i + n;

	if (!pt_is_leaf(want, level) || !pt_is_present(want) ||
	    pt_leaf_pa(want, level) & (((u64)n << pt_shift(level)) - 1))
		return false;
	*leaf = pt_add_ad(want, want);
	while (++i < end) {
		pt_entry_t entry = pt_plain(pt_read(table, level, i), i);

		want = pt_next_leaf(want, level);
		if (likely(entry == want))
			continue;
		if (!pt_is_leaf(entry, level) || !pt_same_leaf(want, entry))
			return false;
		*leaf = pt_add_ad(*leaf, entry);
	}
	return true;
}

/* Does any clone have the table other than by following? */
static bool pt_is_kept(const struct pt_editing *x, pt_entry_t entry,
		       const struct pt_step *s)
{
	/* Looked at first: while followers are counted some can only go. */
	unsigned int borrows = atomic_read(&pt_table_page(x->ops, entry)->borrows);

	return borrows &&
	       borrows != pg_table_count_followers(x->txn->pgt, s->va,
						   s->level - 1,
						   pt_table_ptr(x->ops, entry));
}

/*
 * Can the table behind @entry at @s become @leaf? The library made it, its
 * entries are all in use, nobody reserved it and nobody else keeps it.
 */
static bool pt_may_collapse(const struct pt_editing *x, pt_entry_t entry,
			    const struct pt_step *s, pt_entry_t *leaf)
{
	unsigned int level = s->level;
	const struct pg_table_page *page = pt_table_page(x->ops, entry);
	unsigned int sizes = x->txn->pgt->desc->config.leaf_sizes;
	unsigned int n = pt_entries(level - 1);

	if (level >= min(pt_leaf_sizes(), sizes ?: pt_leaf_sizes()) ||
	    !page->owner || page->pins || atomic_read(&page->live) != n ||
	    !pt_is_uniform(pt_table_ptr(x->ops, entry), level - 1, 0, n, leaf) ||
	    pt_is_kept(x, entry, s))
		return false;
	/* Accesses that come from now on are recorded in advance. */
	*leaf = pt_make_leaf(pt_leaf_pa(*leaf, level - 1),
			     pt_new_prot(pt_leaf_prot(*leaf, level - 1)), level);
	return true;
}

/* Put @leaf in the place of the table in slot @s, which goes into the gather. */
static void pt_replace_table(const struct pt_editing *x, void *table,
			     const struct pt_step *s, pt_entry_t entry,
			     pt_entry_t leaf)
{
	struct pg_table_txn *txn = x->txn;

	if (PT_HAS_BBM && pt_break_to_resize()) {
		struct pg_table_gather gather;

		pt_unlink_table(txn->pgt, table, s->level, s->i,
				pt_none_entry(s->level));
		pg_table_gather_init(&gather, txn->pgt);
		pg_table_gather_range(&gather, s->va, s->last, s->level - 1);
		pg_table_gather_walks(&gather, s->va, s->last);
		pg_table_flush(txn->pgt, &gather);
	} else {
		pt_retract(entry, s->level);
		/* Who makes a table there again must flush walks to this one. */
		if (PT_HAS_BBM)
			pg_table_gather_unlink(txn->gather);
	}
	pt_write(table, s->level, s->i, leaf);
	pg_table_gather_range(txn->gather, s->va, s->last, s->level - 1);
	pg_table_gather_walks(txn->gather, s->va, s->last);
	pt_drop(txn, pt_table_ptr(x->ops, entry), s->level - 1, s->va);
}

/* Make runs of single leaves, where they fit and lie in the range. */
static int pt_collapse_runs(struct pt_collapsing *c, void *table,
			    unsigned int level, unsigned long va,
			    unsigned long last)
{
	const struct pt_editing *x = &c->x;
	unsigned int n = pt_run_entries(level);
	struct pt_step s = pt_first_step(level, va, last);
	pt_entry_t leaf;
	int ret;

	do {
		unsigned int i = s.i;
		unsigned long span = pt_run_span(level), at = s.va;

		if (pt_cuts_run(&s, va) || pt_is_run(pt_read(table, level, i)) ||
		    !pt_is_uniform(table, level, i, n, &leaf)) {
			pt_skip_run(&s);
			continue;
		}
		ret = pt_may_resize(c);
		if (ret)
			return ret;
		if (PT_HAS_BBM && pt_break_to_resize())
			leaf = pt_break(x, table, level, i, n, at);
		leaf = pt_make_leaf(pt_leaf_pa(leaf, level),
				    pt_new_prot(pt_leaf_prot(leaf, level)),
				    level);
		pt_fill_runs(table, level, i, n, leaf);
		pg_table_gather_range(x->txn->gather, at, at | span, level);
		pt_skip_run(&s);
	} while (pt_next_step(&s));
	return 0;
}

static noinline int pt_collapse_table(struct pt_collapsing *c, void *table,
				      unsigned int level, unsigned long va,
				      unsigned long last)
{
	const struct pt_editing *x = &c->x;
	struct pt_step s = pt_first_step(level, va, last);
	pt_entry_t leaf;
	int ret;

	do {
		pt_entry_t entry = pt_read(table, level, s.i);

		if (!pt_may_write(x->txn->pgt, entry, level))
			continue;
		ret = pt_collapse_table(c, pt_table_ptr(x->ops, entry),
					level - 1, s.va, s.last);
		if (ret)
			return ret;
		if (!s.full || !pt_may_collapse(x, entry, &s, &leaf))
			continue;
		ret = pt_may_resize(c);
		if (ret)
			return ret;
		pt_replace_table(x, table, &s, entry, leaf);
	} while (pt_next_step(&s));
	if (PT_HAS_RUNS && pt_run_bits(level) && pt_wants_runs(x->txn->pgt))
		return pt_collapse_runs(c, table, level, va, last);
	return 0;
}

static int PT_NAME(pt_collapse)(struct pg_table_txn *txn, unsigned long va,
				unsigned long last)
{
	struct pt_collapsing c = {
		.x = {
			.txn = txn,
			.ops = pg_table_ops(txn->pgt),
		},
		.va = va,
		.last = last,
	};

	return pt_collapse_table(&c, txn->pgt->pgd, pt_top(), va, last);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unmap, protect and split: one plan and one commit for the three.
 *
 * A leaf that the range covers only in part, or that is to be split, is
 * replaced in one step by a private table that already holds the outcome. Of a
 * run that is concerned only in part each leaf becomes one for itself first.
 *
 * Where the CPU wants break before make, "in one step" is not for it: the plan
 * refuses such changes of a table that a CPU has loaded, and the commit leaves
 * a hole for a moment in one that none has.
 */

/**
 * struct pt_editing - one call of unmap, protect or split
 * @txn: the transaction
 * @ops: the memory
 * @edit: what to do to a leaf
 * @young: a leaf to be replaced can still record accesses
 */
struct pt_editing {
	struct pg_table_txn		*txn;
	const struct pg_table_ops	*ops;
	const struct pg_table_edit	*edit;
	bool				young;
};

static __always_inline bool pt_must_split(const struct pg_table_edit *edit,
					  const struct pt_step *s,
					  unsigned int level)
{
	return edit->verb == PT_SPLIT ? level > edit->level : !s->full;
}

static __always_inline pt_entry_t
pt_edited_leaf(const struct pg_table_edit *edit, pt_entry_t entry,
	       unsigned int level)
{
	pt_entry_t leaf = pt_make_leaf(pt_leaf_pa(entry, level),
				       pt_change_prot(pt_leaf_prot(entry, level),
						      edit->set, edit->clear),
				       level);

	return PT_HAS_RUNS && pt_is_run(entry) ? pt_set_run(leaf) : leaf;
}

/*
 * Break: take the @n leaves from slot @i on away, which begin at @va, and
 * flush. Returns the first of them, with what was recorded in any.
 */
static noinline pt_entry_t pt_break(const struct pt_editing *x, void *table,
				    unsigned int level, unsigned int i,
				    unsigned int n, unsigned long va)
{
	unsigned long last = va + ((unsigned long)n << pt_shift(level)) - 1;
	pt_entry_t leaf = pt_plain(pt_read(table, level, i), i);
	struct pg_table_gather gather;
	unsigned int end = i + n;

	for (; i < end; i++)
		leaf = pt_add_ad(leaf, pt_take(table, level, i));
	pg_table_gather_init(&gather, x->txn->pgt);
	pg_table_gather_range(&gather, va, last, level);
	/* Also the larger leaf that was split, if that was not flushed yet. */
	gather.levels = ~0U;
	pg_table_flush(x->txn->pgt, &gather);
	return leaf;
}

/* Must the leaf @entry be broken to be split? */
static bool pt_split_breaks(const struct pt_editing *x, pt_entry_t entry,
			    unsigned int level)
{
	return pt_break_to_resize() ||
	       (x->edit->verb == PT_PROTECT &&
		pt_break_to_change(entry, pt_edited_leaf(x->edit, entry, level)));
}

/*
 * May what is in the range be broken? Not if a CPU can see it; and to others it
 * must not look as if nothing were there, so there have to be none.
 */
static int pt_may_break_range(struct pg_table_txn *txn, unsigned long va,
			      unsigned long last)
{
	if (pg_table_live(txn->pgt, va, last))
		return -EOPNOTSUPP;
	if (!txn->shared || txn->frozen)
		return 0;
	if (!gfpflags_allow_blocking(txn->gfp))
		return -EOPNOTSUPP;
	txn->freeze = true;
	return -EAGAIN;
}

/* The item at @s, of which the range may be a part. */
static int pt_may_break(const struct pt_editing *x, const struct pt_step *s)
{
	unsigned long span = pt_run_span(s->level);

	return pt_may_break_range(x->txn, s->va & ~span, s->va | span);
}

/*
 * Make the leaves of the run from slot @i on leaves for themselves. Whatever
 * the CPU records in one of them meanwhile reaches all. Others, whose ranges
 * share the run, can do the same now, and change what they have unfolded: so
 * leaves that are in no run any more are left alone.
 */
static noinline void pt_unfold(void *table, unsigned int level, unsigned int i)
{
	unsigned int k, end = i + pt_run_entries(level);
	pt_entry_t seen = pt_none_entry(level), old;
	bool found = false;

	for (k = i; k < end; k++) {
		old = pt_read(table, level, k);
		while (pt_is_leaf(old, level) && pt_is_run(old)) {
			if (!pt_cmpxchg(table, level, k, &old,
					pt_clear_run(old, k)))
				continue;
			seen = found ? pt_add_ad(seen, old) : old;
			found = true;
			break;
		}
	}
	for (k = i; found && k < end; k++) {
		old = pt_read(table, level, k);
		while (pt_is_leaf(old, level) && pt_is_present(old) &&
		       old != pt_add_ad(old, seen) &&
		       !pt_cmpxchg(table, level, k, &old, pt_add_ad(old, seen)))
			;
	}
}

/* Does a run that [va, last] touches at @s have to be unfolded? */
static __always_inline bool pt_must_unfold(const struct pg_table_edit *edit,
					   const struct pt_step *s,
					   unsigned long va)
{
	return edit->verb == PT_SPLIT ? s->level >= edit->level :
					pt_cuts_run(s, va);
}

/* Is a leaf in a run among those that a run from slot @i on would have? */
static bool pt_has_run(const void *table, unsigned int level, unsigned int i)
{
	unsigned int end = i + pt_run_entries(level);

	for (; i < end; i++) {
		pt_entry_t entry = pt_read(table, level, i);

		if (pt_is_leaf(entry, level) && pt_is_run(entry))
			return true;
	}
	return false;
}

/* Unfold the run at @s, if there is one, in a table that others can see. */
static void pt_unfold_live(const struct pt_editing *x, void *table,
			   const struct pt_step *s)
{
	unsigned int i = pt_run_first(s->level, s->i);
	unsigned int n = pt_run_entries(s->level);
	unsigned long span = pt_run_span(s->level);
	unsigned long va = s->va & ~span;

	if (!pt_has_run(table, s->level, i))
		return;
	if (PT_HAS_BBM && pt_break_to_resize())
		pt_fill(table, s->level, i, n,
			pt_break(x, table, s->level, i, n, va));
	else
		pt_unfold(table, s->level, i);
	pg_table_gather_range(x->txn->gather, va, va | span, s->level);
}

enum pt_unfold_stage { PT_UNFOLD_PLAN, PT_UNFOLD_PRIVATE, PT_UNFOLD_LIVE };

/*
 * Unfold what must not stay a run in one table, or find out if that is possible.
 * Done before anything else in the table changes.
 */
static int pt_unfold_range(const struct pt_editing *x, void *table,
			   unsigned int level, unsigned long va,
			   unsigned long last, enum pt_unfold_stage stage)
{
	struct pt_step s;
	int ret = 0;

	if (!pt_run_bits(level))
		return 0;
	s = pt_first_step(level, va, last);
	do {
		unsigned int i = pt_run_first(level, s.i);

		if (pt_must_unfold(x->edit, &s, va)) {
			if (stage == PT_UNFOLD_LIVE)
				pt_unfold_live(x, table, &s);
			else if (stage == PT_UNFOLD_PRIVATE)
				pt_unfold(table, level, i);
			else if (pt_break_to_resize() &&
				 pt_has_run(table, level, i))
				ret = pt_may_break(x, &s);
		}
		pt_skip_run(&s);
	} while (!ret && pt_next_step(&s));
	return ret;
}

/*
 * A private table that maps what leaf @entry of @level does, with the edit
 * done to [va, last], which lies in the leaf.
 */
static noinline void *pt_split_leaf(const struct pt_editing *x,
				    pt_entry_t entry, unsigned int level,
				    unsigned long va, unsigned long last)
{
	void *table = pg_table_txn_alloc(x->txn, --level);
	struct pg_table_page *page;
	struct pt_step s;
	unsigned int i;
	bool hidden;

	if (!table)
		return NULL;
	hidden = !pt_is_present(entry);
	if (unlikely(hidden))
		entry = pt_flip_hidden(entry, level + 1);
	page = pg_table_page_of(x->ops, table);
	atomic_set(&page->live, pt_entries(level));
	pt_fill_items(table, level, 0, pt_entries(level),
		      pt_make_leaf(pt_leaf_pa(entry, level + 1),
				   pt_leaf_prot(entry, level + 1), level),
		      pt_wants_runs(x->txn->pgt));
	for (i = 0; unlikely(hidden) && i < pt_entries(level); i++)
		pt_write(table, level, i,
			 pt_flip_hidden(pt_read(table, level, i), level));
	if (PT_HAS_RUNS)
		pt_unfold_range(x, table, level, va, last, PT_UNFOLD_PRIVATE);
	if (x->edit->verb == PT_SPLIT && level <= x->edit->level)
		return table;

	s = pt_first_step(level, va, last);
	do {
		void *child;

		entry = pt_read(table, level, s.i);
		if (!pt_must_split(x->edit, &s, level)) {
			if (x->edit->verb == PT_UNMAP) {
				entry = pt_none_entry(level);
				pt_count(x->ops, table, level, -1);
			} else {
				entry = pt_edited_leaf(x->edit, entry, level);
			}
			pt_write(table, level, s.i, entry);
			continue;
		}
		child = pt_split_leaf(x, entry, level, s.va, s.last);
		if (!child) {
			pt_discard(x->txn, table);
			return NULL;
		}
		pt_write_table(x->txn->pgt, table, level, s.i,
			       pt_point_to(x->ops, child));
	} while (pt_next_step(&s));
	return table;
}

/* Must the leaf @entry at @s be broken for what the edit does to it? */
static bool pt_leaf_breaks(const struct pt_editing *x, pt_entry_t entry,
			   const struct pt_step *s)
{
	if (pt_must_split(x->edit, s, s->level))
		return pt_split_breaks(x, entry, s->level);
	return x->edit->verb == PT_PROTECT &&
	       pt_break_to_change(entry, pt_edited_leaf(x->edit, entry,
							s->level));
}

/* May leaf @entry get the protection that the edit would give it? */
static int pt_check_protect(const struct pt_editing *x, pt_entry_t entry,
			    unsigned int level)
{
	u64 prot = pt_change_prot(pt_leaf_prot(entry, level), x->edit->set,
				  x->edit->clear);

	return pt_check_prot(x->txn->pgt, prot);
}

/*
 * Is there something to protect or to split? Others can have made a leaf that
 * is not present and still knows its address: the parts of it know theirs.
 */
static bool pt_may_change(const struct pt_editing *x, pt_entry_t entry)
{
	return pt_is_present(entry) ||
	       (x->edit->verb == PT_SPLIT && pg_table_in_place(x->txn->pgt) &&
		!pt_is_hole(entry));
}

static int pt_plan_leaf(struct pt_editing *x, pt_entry_t entry,
			unsigned int level, const struct pt_step *s)
{
	bool run = PT_HAS_RUNS && pt_is_run(entry);
	void *table;
	int ret;

	if (x->edit->verb != PT_UNMAP && !pt_may_change(x, entry))
		return -ENOENT;
	if (x->edit->verb == PT_PROTECT) {
		ret = pt_check_protect(x, entry, level);
		if (ret)
			return ret;
	}
	if (PT_HAS_BBM && pt_leaf_breaks(x, entry, s)) {
		ret = pt_may_break(x, s);
		if (ret)
			return ret;
	}
	if (!pt_must_split(x->edit, s, level))
		return 0;
	table = pt_split_leaf(x, pt_plain(entry, s->i), level, s->va, s->last);
	if (!table)
		return -ENOMEM;
	pg_table_txn_add(x->txn, table);
	pt_note_built(x->txn, s);
	/* What was recorded in the rest of a run comes when it is unfolded. */
	x->young |= run || !pt_ad_full(entry);
	return 0;
}

/*
 * A table that unmap can take away whole: its span lies in the range, and it
 * is an alias or nothing below it is reserved.
 */
static __always_inline bool pt_may_drop(const struct pt_editing *x,
					const struct pg_table_page *page,
					const struct pt_step *s)
{
	const struct pg_table_desc *desc = x->txn->pgt->desc;

	if (x->edit->verb != PT_UNMAP || !s->full)
		return false;
	if (page->owner == x->txn->pgt)
		return !page->pins;
	/* Other page tables' own, and those of nobody. */
	if (pg_table_in_place(x->txn->pgt))
		return false;
	/* What was in an adopted root before it was adopted is not ours. */
	return page->owner || !desc->config.root || !list_empty(&desc->sources);
}

/* A table of others in which unmap finds nothing: it stays shared. */
static bool pt_may_pass(const struct pt_editing *x, pt_entry_t entry,
			unsigned int level, const struct pt_step *s)
{
	return x->edit->verb == PT_UNMAP &&
	       !pt_may_write(x->txn->pgt, entry, level) &&
	       !pt_range_used(x->ops, pt_table_ptr(x->ops, entry), level - 1,
			      s->va, s->last);
}

/*
 * Pages for themselves are protected by loops of their own: most are of one kind
 * with the page before, and change in the same bits. Runs and breaks concern
 * more than one page.
 */
static __always_inline bool pt_protects_pages(const struct pt_editing *x,
					      unsigned int level)
{
	return !PT_HAS_RUNS && !PT_HAS_BBM && !level &&
	       x->edit->verb == PT_PROTECT;
}

/* All of a page's entry but the address; so it is never all ones. */
#define PT_NO_KIND	((pt_entry_t)~0ULL)

static __always_inline pt_entry_t pt_page_kind(pt_entry_t entry)
{
	return entry ^ pt_leaf_pa(entry, 0);
}

static int pt_protect_plan(const struct pt_editing *x, const void *table,
			   unsigned long va, unsigned long last)
{
	unsigned int i = pt_index(va, 0), end = pt_index(last, 0) + 1;
	pt_entry_t kind = PT_NO_KIND;
	int ret;

	for (; i < end; i++) {
		pt_entry_t entry = pt_read(table, 0, i);

		if (unlikely(pt_is_none(entry) || !pt_is_present(entry)))
			return -ENOENT;
		if (likely(pt_page_kind(entry) == kind))
			continue;
		kind = pt_page_kind(entry);
		ret = pt_check_protect(x, entry, 0);
		if (ret)
			return ret;
	}
	return 0;
}

static void pt_protect_pages(const struct pt_editing *x, void *table,
			     unsigned long va, unsigned long last)
{
	unsigned int i = pt_index(va, 0), end = pt_index(last, 0) + 1;
	pt_entry_t kind = PT_NO_KIND, change = 0;
	unsigned int first = end, done = i;

	for (; i < end; i++) {
		pt_entry_t old = pt_read(table, 0, i);

		if (unlikely(pt_is_none(old)))
			continue;
		if (unlikely(pt_page_kind(old) != kind)) {
			kind = pt_page_kind(old);
			change = old ^ pt_edited_leaf(x->edit, old, 0);
		}
		if (!change)
			continue;
		first = min(first, i);
		done = i;
		if (likely(pt_ad_full(old))) {
			pt_write(table, 0, i, old ^ change);
			continue;
		}
		while (!pt_cmpxchg(table, 0, i, &old,
				   pt_edited_leaf(x->edit, old, 0)))
			;
	}
	if (first == end)
		return;
	va &= ~pt_span(1);
	pg_table_gather_range(x->txn->gather,
			      va + ((unsigned long)first << pt_shift(0)),
			      va + ((unsigned long)(done + 1) << pt_shift(0)) - 1,
			      0);
}

static noinline int pt_edit_plan(struct pt_editing *x, const void *table,
				 unsigned int level, unsigned long va,
				 unsigned long last)
{
	struct pt_step s;
	int ret;

	if (PT_HAS_RUNS && PT_HAS_BBM) {
		ret = pt_unfold_range(x, (void *)table, level, va, last,
				      PT_UNFOLD_PLAN);
		if (ret)
			return ret;
	}
	/* At level 0 unmap can neither fail nor need anything else. */
	if (!level && x->edit->verb == PT_UNMAP)
		return 0;
	if (pt_protects_pages(x, level))
		return pt_protect_plan(x, table, va, last);

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);
		void *child;

		if (pt_is_none(entry)) {
			if (x->edit->verb != PT_UNMAP)
				return -ENOENT;
			continue;
		}
		if (pt_is_leaf(entry, level)) {
			ret = pt_plan_leaf(x, entry, level, &s);
			if (ret)
				return ret;
			continue;
		}
		if (pt_may_drop(x, pt_table_page(x->ops, entry), &s) ||
		    pt_may_pass(x, entry, level, &s))
			continue;
		child = pt_plan_table(x->txn, entry, &s);
		if (IS_ERR(child))
			return PTR_ERR(child);
		ret = pt_edit_plan(x, child, level - 1, s.va, s.last);
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return 0;
}

/* Carry accesses that came after the plan over to a private table. */
static void pt_carry_ad(const struct pg_table_ops *ops, void *table,
			pt_entry_t seen)
{
	unsigned int level = pg_table_page_of(ops, table)->level;
	unsigned int i;

	for (i = 0; i < pt_entries(level); i++) {
		pt_entry_t entry = pt_read(table, level, i);

		if (pt_is_none(entry))
			continue;
		if (pt_is_leaf(entry, level))
			pt_write(table, level, i, pt_add_ad(entry, seen));
		else
			pt_carry_ad(ops, pt_table_ptr(ops, entry), seen);
	}
}

/*
 * Another caller, whose range lies in the same leaf, was first to split it. The
 * tables that were meant for that serve below its table, and they suffice.
 */
static void pt_edit_again(const struct pt_editing *x, void *child,
			  pt_entry_t entry, unsigned int level,
			  const struct pt_step *s);

/* Replace a leaf by the table that was built for it, by way of a break. */
static void pt_remake_split(const struct pt_editing *x, void *table,
			    unsigned int level, const struct pt_step *s,
			    void *child)
{
	pt_entry_t old = pt_break(x, table, level, s->i, 1,
				  s->va & ~pt_span(level));

	if (x->young)
		pt_carry_ad(x->ops, child, old);
	pt_write_table(x->txn->pgt, table, level, s->i,
		       pt_point_to(x->ops, child));
}

/*
 * Replace a live leaf by the table that was built for it. The CPU may record
 * an access in the leaf at any moment, and others may split it: hence the
 * exchange.
 */
static void pt_install_split(const struct pt_editing *x, void *table,
			     unsigned int level, const struct pt_step *s)
{
	pt_entry_t old = pt_read(table, level, s->i);
	void *child = pg_table_txn_next(x->txn);
	pt_entry_t entry = pt_point_to(x->ops, child);

	/* Walks to a table that collapse put the leaf in the place of. */
	pt_settle_unlinked(x->txn, s->va & ~pt_span(level),
			   s->va | pt_span(level));
	/* What somebody else has split since is no leaf to be judged. */
	if (PT_HAS_BBM && pt_is_leaf(old, level) &&
	    pt_split_breaks(x, old, level)) {
		pt_remake_split(x, table, level, s, child);
		goto out;
	}
	pt_announce(entry, level);
	do {
		if (unlikely(!pt_is_leaf(old, level))) {
			pt_retract(entry, level);
			pt_edit_again(x, child, old, level, s);
			return;
		}
		if (x->young)
			pt_carry_ad(x->ops, child, old);
	} while (!pt_cmpxchg(table, level, s->i, &old, entry));
out:
	pg_table_gather_range(x->txn->gather, s->va & ~pt_span(level),
			      s->va | pt_span(level), level);
}

/* Replace the item that begins at @s, as @old says, by way of a break. */
static void pt_remake_item(const struct pt_editing *x, void *table,
			   pt_entry_t old, struct pt_step *s)
{
	bool run = PT_HAS_RUNS && pt_is_run(old);
	unsigned int i = s->i, n = run ? pt_run_entries(s->level) : 1;
	pt_entry_t leaf = pt_break(x, table, s->level, i, n, s->va);

	if (run)
		pt_skip_run(s);
	pt_fill_items(table, s->level, i, n,
		      pt_edited_leaf(x->edit, leaf, s->level), run);
}

static __always_inline void pt_protect_leaf(const struct pt_editing *x,
					    void *table, unsigned int level,
					    pt_entry_t old, struct pt_step *s)
{
	pt_entry_t entry = pt_edited_leaf(x->edit, old, level);
	unsigned long va = s->va;

	if (entry == old)
		return;
	if (PT_HAS_BBM && pt_break_to_change(old, entry)) {
		pt_remake_item(x, table, old, s);
	} else if (pt_ad_full(old)) {
		pt_write(table, level, s->i, entry);
	} else {
		while (!pt_cmpxchg(table, level, s->i, &old, entry))
			entry = pt_edited_leaf(x->edit, old, level);
	}
	pg_table_gather_range(x->txn->gather, va, s->last, level);
}

/*
 * Gather a table that is not linked any more and all that it owns. Tables of
 * level 0 are not even read.
 */
static noinline void pt_drop(struct pg_table_txn *txn, void *table,
			     unsigned int level, unsigned long va)
{
	const struct pg_table_ops *ops = pg_table_ops(txn->pgt);
	struct pg_table_page *page = pg_table_page_of(ops, table);
	unsigned int i;

	if (atomic_read_acquire(&page->borrows))
		pg_table_unborrow(txn, txn->pgt, va, level, table);

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
		pt_drop(txn, pt_table_ptr(ops, entry), level - 1,
			va + ((unsigned long)i << pt_shift(level)));
	}
	txn->bytes -= PT_NAME(pt_table_size)(level);
	pg_table_gather_table(txn->gather, page);
}

/* Empty slot @i, unless another caller has changed it. */
static bool pt_exchange_table(void *table, unsigned int level, unsigned int i,
			      pt_entry_t entry)
{
	pt_entry_t old = entry;

	if (!pt_cmpxchg(table, level, i, &old, pt_none_entry(level)))
		return false;
	pt_retract(entry, level);
	return true;
}

/*
 * Unlink the table in slot @s. All that it spans is flushed, though the range
 * may be a part of it: walks of the rest can be cached too. Returns whether the
 * slot is empty now: another caller may have put a table of its own in the place
 * of a dead one.
 */
static noinline bool pt_unlink(const struct pt_editing *x, void *table,
			       unsigned int level, pt_entry_t entry,
			       const struct pt_step *s)
{
	struct pg_table_page *child = pt_table_page(x->ops, entry);
	unsigned long va = s->va & ~pt_span(level);
	bool done = true;

	if (x->txn->shared && !s->full)
		done = pt_exchange_table(table, level, s->i, entry);
	else
		pt_unlink_table(x->txn->pgt, table, level, s->i,
				pt_none_entry(level));
	pg_table_gather_range(x->txn->gather, s->va, s->last, 0);
	pg_table_gather_walks(x->txn->gather, va, va | pt_span(level));
	if (child->owner == x->txn->pgt)
		pt_drop(x->txn, pt_table_ptr(x->ops, entry), level - 1, va);
	else
		pt_unborrow_page(child);
	return done;
}

static unsigned int pt_unmap_pages(const struct pt_editing *x, void *table,
				   unsigned long va, unsigned long last)
{
	unsigned int i = pt_index(va, 0);
	unsigned int end = pt_index(last, 0) + 1;
	unsigned int removed = 0;

	for (; i < end; i++) {
		if (pt_is_none(pt_read(table, 0, i)))
			continue;
		pt_write(table, 0, i, pt_none_entry(0));
		removed++;
	}
	if (removed)
		pg_table_gather_range(x->txn->gather, va, last, 0);
	return removed;
}

/* Count @removed entries less; returns whether the table is to be unlinked. */
static bool pt_uncount_removed(const struct pt_editing *x, void *table,
			       unsigned int level, unsigned long va,
			       unsigned long last, unsigned int removed)
{
	struct pg_table_page *page = pg_table_page_of(x->ops, table);

	if (!removed || level == pt_top() || !page->owner)
		return false;
	if (pt_is_shared(x->txn, level, va, last))
		return pt_put(x->txn, page, removed);
	pt_count(x->ops, table, level, -removed);
	if (atomic_read(&page->live))
		return false;
	if (x->txn->shared)
		pg_table_gather_unlink(x->txn->gather);
	return true;
}

static bool pt_edit_commit(const struct pt_editing *x, void *table,
			   unsigned int level, unsigned long va,
			   unsigned long last);

/* Do the edit below a table; returns whether its slot is empty now. */
static bool pt_edit_table(const struct pt_editing *x, void *table,
			  unsigned int level, pt_entry_t entry,
			  const struct pt_step *s)
{
	if (!pt_may_drop(x, pt_table_page(x->ops, entry), s)) {
		if (pt_may_pass(x, entry, level, s))
			return false;
		entry = pt_commit_table(x->txn, table, level, entry, s);
		if (!pt_edit_commit(x, pt_table_ptr(x->ops, entry), level - 1,
				    s->va, s->last))
			return false;
	}
	return pt_unlink(x, table, level, entry, s);
}

/* Returns whether the table lost its last entry and is to be unlinked. */
static noinline bool pt_edit_commit(const struct pt_editing *x, void *table,
				    unsigned int level, unsigned long va,
				    unsigned long last)
{
	unsigned int removed = 0;
	struct pt_step s;

	if (PT_HAS_RUNS)
		pt_unfold_range(x, table, level, va, last, PT_UNFOLD_LIVE);
	if (!level && x->edit->verb == PT_UNMAP) {
		removed = pt_unmap_pages(x, table, va, last);
		return pt_uncount_removed(x, table, 0, va, last, removed);
	}
	if (pt_protects_pages(x, level)) {
		pt_protect_pages(x, table, va, last);
		return false;
	}

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);

		if (pt_is_none(entry))
			continue;
		if (!s.full && pt_was_built(x->txn, &s)) {
			pt_install_split(x, table, level, &s);
		} else if (!pt_is_leaf(entry, level)) {
			removed += pt_edit_table(x, table, level, entry, &s);
		} else if (pt_must_split(x->edit, &s, level)) {
			pt_install_split(x, table, level, &s);
		} else if (x->edit->verb == PT_PROTECT) {
			pt_protect_leaf(x, table, level, entry, &s);
		} else if (x->edit->verb == PT_UNMAP) {
			pt_write(table, level, s.i, pt_none_entry(level));
			pg_table_gather_range(x->txn->gather, s.va, s.last,
					      level);
			removed++;
		}
	} while (pt_next_step(&s));
	return pt_uncount_removed(x, table, level, va, last, removed);
}

static void pt_edit_again(const struct pt_editing *x, void *child,
			  pt_entry_t entry, unsigned int level,
			  const struct pt_step *s)
{
	struct pg_table_txn *txn = x->txn;
	struct pg_table_page *rest = txn->subtrees;
	struct pt_editing again = *x;

	pt_discard(txn, child);
	pg_table_txn_set_queue(txn, NULL);
	WARN_ON_ONCE(pt_edit_plan(&again, pt_table_ptr(x->ops, entry), level - 1,
				  s->va, s->last));
	pt_edit_commit(&again, pt_table_ptr(x->ops, entry), level - 1, s->va,
		       s->last);
	pg_table_txn_set_queue(txn, rest);
}

/*
 * Unlink a dead table, which lies below @table at @va; tables above it can die
 * of that. Returns whether @table is to be unlinked.
 */
static bool pt_reap(const struct pt_editing *x, void *table, unsigned int level,
		    struct pg_table_page *dead, unsigned long va)
{
	struct pt_step s = pt_first_step(level, va, va);
	pt_entry_t entry = pt_read(table, level, s.i);

	if (level == dead->level + 1)
		entry = pt_point_to(x->ops, pg_table_of_page(x->ops, dead));
	else if (pt_is_leaf(entry, level) ||
		 !pt_reap(x, pt_table_ptr(x->ops, entry), level - 1, dead, va))
		return false;
	return pt_unlink(x, table, level, entry, &s) &&
	       pt_uncount_removed(x, table, level, va, va, 1);
}

/* Undo what the plan of a call did that failed. */
static void PT_NAME(pt_rollback)(struct pg_table_txn *txn)
{
	const struct pg_table_edit edit = { .verb = PT_UNMAP };
	const struct pt_editing x = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
		.edit = &edit,
	};
	void *table;

	while ((table = pg_table_txn_next(txn)))
		pt_discard(txn, table);
	while (txn->n_claims) {
		const struct pg_table_claim *claim =
			&txn->claims[--txn->n_claims];

		if (pt_put(txn, claim->page, claim->n))
			pt_reap(&x, txn->pgt->pgd, pt_top(), claim->page,
				claim->va);
	}
}

/* One page of a table that keeps others: no plan, one look. */
static int pt_unmap_one(struct pg_table *pgt, unsigned long va)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	struct pg_table_page *page;
	unsigned int i;
	void *table;
	int ret;

	ret = pt_find_page_table(pgt, ops, va, &table);
	if (unlikely(ret))
		return ret;
	page = pg_table_page_of(ops, table);
	if (unlikely(!pg_table_may_write(pgt, page)))
		return 1;
	i = pt_index(va, 0);
	if (unlikely(pt_is_none(pt_read(table, 0, i))))
		return -ENOENT;
	if (PT_HAS_RUNS && unlikely(pt_is_run(pt_read(table, 0, i))))
		return 1;
	/* Counted first, for the last entry needs more. */
	if (unlikely(page->owner && atomic_read(&page->live) < 2))
		return 1;
	if (pg_table_exclusive(pgt))
		pt_count(ops, table, 0, -1);
	else if (unlikely(!pt_put_some(page, 1)))
		return 1;
	pt_write(table, 0, i, pt_none_entry(0));
	return 0;
}

static int pt_edit(struct pg_table_txn *txn, unsigned long va,
		   unsigned long last, const struct pg_table_edit *edit)
{
	const struct pg_table_edit fixed = {
		.verb = edit->verb,
		.set = pt_fix_prot(txn->pgt, edit->set),
		.clear = edit->clear,
		.level = edit->level,
	};
	struct pt_editing x = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
		.edit = &fixed,
	};
	int ret;

	ret = pt_edit_plan(&x, txn->pgt->pgd, pt_top(), va, last);
	if (ret)
		return ret;
	/* A source can have collapsed what is mapped there. */
	if (unlikely(txn->family))
		pt_settle_taken(txn->pgt, va, last);
	pt_edit_commit(&x, txn->pgt->pgd, pt_top(), va, last);
	return 0;
}

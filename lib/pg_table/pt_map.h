/* SPDX-License-Identifier: GPL-2.0 */
/*
 * map: build what is missing out of sight, then link and fill it.
 */

/**
 * struct pt_mapping - one call of map
 * @txn: the transaction
 * @ops: the memory
 * @prot: protection of the leaves
 * @offset: physical less virtual address
 * @leaf_level: largest leaf that the alignment of the two allows
 * @runs: runs are wanted
 */
struct pt_mapping {
	struct pg_table_txn		*txn;
	const struct pg_table_ops	*ops;
	u64				prot;
	u64				offset;
	unsigned int			leaf_level;
	bool				runs;
};

static __always_inline pt_entry_t pt_mapping_leaf(const struct pt_mapping *m,
						  unsigned long va,
						  unsigned int level)
{
	return pt_make_leaf(va + m->offset, m->prot, level);
}

static __always_inline bool pt_mapping_is_leaf(const struct pt_mapping *m,
					       const struct pt_step *s,
					       unsigned int level)
{
	return s->full && level <= m->leaf_level;
}

/*
 * Can a run begin at @s? If the table is new to all, what is in it does not
 * matter: @fresh. Otherwise a reserved table may be in the way.
 */
static __always_inline bool pt_mapping_fits_run(const struct pt_mapping *m,
						const struct pt_step *s,
						const void *table, bool fresh)
{
	unsigned long span = pt_run_span(s->level);

	return pt_run_bits(s->level) && !((s->va | (s->va + m->offset)) & span) &&
	       s->end - s->va >= span &&
	       (fresh || pt_all_none(table, s->level, s->i,
				     pt_run_entries(s->level)));
}

/*
 * Write the largest item that can begin at @s, and let the step end with it.
 * Returns how many entries it took.
 */
static __always_inline unsigned int
pt_mapping_write(const struct pt_mapping *m, struct pt_step *s, void *table,
		 bool fresh)
{
	pt_entry_t leaf = pt_mapping_leaf(m, s->va, s->level);

	if (PT_HAS_RUNS && m->runs && pt_mapping_fits_run(m, s, table, fresh)) {
		pt_fill_runs(table, s->level, s->i, pt_run_entries(s->level),
			     leaf);
		pt_skip_run(s);
		return pt_run_entries(s->level);
	}
	pt_write(table, s->level, s->i, leaf);
	return 1;
}

/* Does the part of one table that maps [va, last] hold nothing but leaves? */
static __always_inline bool pt_mapping_is_run(const struct pt_mapping *m,
					      unsigned int level,
					      unsigned long va,
					      unsigned long last)
{
	return level <= m->leaf_level && !((va | (last + 1)) & pt_span(level));
}

/*
 * A private table of @level that maps [va, last]. Its memory comes as it is:
 * what the range does not fill is cleared here, what it fills is written once.
 */
static noinline void *pt_map_build(const struct pt_mapping *m,
				   unsigned int level, unsigned long va,
				   unsigned long last)
{
	unsigned int first = pt_index(va, level);
	unsigned int end = pt_index(last, level) + 1;
	void *table = pg_table_txn_alloc(m->txn, level);
	struct pt_step s;

	if (!table)
		return NULL;
	if (first)
		pt_clear(table, level, 0, first);
	if (end < pt_entries(level))
		pt_clear(table, level, end, pt_entries(level) - end);
	atomic_set(&pg_table_page_of(m->ops, table)->live, end - first);
	if (pt_mapping_is_run(m, level, va, last)) {
		pt_fill_items(table, level, first, end - first,
			      pt_mapping_leaf(m, va, level), m->runs);
		return table;
	}

	s = pt_first_step(level, va, last);
	do {
		void *child;

		if (pt_mapping_is_leaf(m, &s, level)) {
			pt_mapping_write(m, &s, table, true);
			continue;
		}
		child = pt_map_build(m, level - 1, s.va, s.last);
		if (!child) {
			pt_clear(table, level, s.i, end - s.i);
			pt_discard(m->txn, table);
			return NULL;
		}
		pt_write_table(m->txn->pgt, table, level, s.i,
			       pt_point_to(m->ops, child));
	} while (pt_next_step(&s));
	return table;
}

/*
 * Count ahead the entries that the commit will store in a table that is shared
 * with others' ranges.
 */
static int pt_map_claim(const struct pt_mapping *m, const void *table,
			unsigned int level, unsigned long va,
			unsigned long last, unsigned int added)
{
	struct pg_table_txn *txn = m->txn;
	struct pg_table_claim *claim = &txn->claims[txn->n_claims];

	if (!added || !pt_is_shared(txn, level, va, last))
		return 0;
	claim->page = pg_table_page_of(m->ops, table);
	claim->n = added;
	claim->va = va;
	if (!pt_get(claim->page, added))
		return -EAGAIN;
	txn->n_claims++;
	return 0;
}

/* What a dead table stands for is nothing. */
static __always_inline bool pt_map_is_none(const struct pt_mapping *m,
					   pt_entry_t entry,
					   unsigned int level,
					   const struct pt_step *s)
{
	if (pt_is_none(entry))
		return true;
	return m->txn->shared && !s->full && !pt_is_leaf(entry, level) &&
	       unlikely(!atomic_read(&pt_table_page(m->ops, entry)->live)) &&
	       pt_table_page(m->ops, entry)->owner == m->txn->pgt;
}

/* Find what is in the way of [va, last] and build what it lacks. */
static noinline int pt_map_plan(const struct pt_mapping *m, const void *table,
				unsigned int level, unsigned long va,
				unsigned long last)
{
	unsigned int added = 0;
	struct pt_step s;
	int ret;

	if (!level) {
		unsigned int first = pt_index(va, 0);

		added = pt_index(last, 0) + 1 - first;
		if (!pt_all_none(table, 0, first, added))
			return -EEXIST;
		return pt_map_claim(m, table, 0, va, last, added);
	}

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);
		void *child;

		if (pt_map_is_none(m, entry, level, &s)) {
			added++;
			if (pt_mapping_is_leaf(m, &s, level))
				continue;
			child = pt_map_build(m, level - 1, s.va, s.last);
			if (!child)
				return -ENOMEM;
			pg_table_txn_add(m->txn, child);
			pt_note_built(m->txn, &s);
			continue;
		}
		if (pt_is_leaf(entry, level))
			return -EEXIST;
		child = pt_plan_table(m->txn, entry, &s);
		if (IS_ERR(child))
			return PTR_ERR(child);
		ret = pt_map_plan(m, child, level - 1, s.va, s.last);
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return pt_map_claim(m, table, level, va, last, added);
}

/* Move what is in a private table to one that another caller linked first. */
static void pt_map_merge(const struct pt_mapping *m, void *table, void *from,
			 unsigned int level, unsigned long va,
			 unsigned long last);

/* A dead table is out of its slot: it does not count, and walks must go. */
static void pt_forget_dead(const struct pt_mapping *m, void *table,
			   unsigned int level, const struct pt_step *s)
{
	unsigned long va = s->va & ~pt_span(level);

	pt_uncount(m->ops, table, level);
	pg_table_gather_walks(m->txn->gather, va, va | pt_span(level));
}

/* Empty the slot of a dead table, unless others do it, and flush. */
static void pt_break_link(const struct pt_mapping *m, void *table,
			  unsigned int level, const struct pt_step *s,
			  pt_entry_t dead)
{
	if (pt_cmpxchg(table, level, s->i, &dead, pt_none_entry(level)))
		pt_forget_dead(m, table, level, s);
	pt_settle_unlinked(m->txn, s->va, s->last);
}

/*
 * Link a private table in a slot that other ranges share. The entry is counted.
 * Somebody else's table may have got there first, and a dead one may be there
 * still.
 */
static noinline void pt_link_table(const struct pt_mapping *m, void *table,
				   unsigned int level,
				   const struct pt_step *s, void *child)
{
	pt_entry_t entry = pt_point_to(m->ops, child);
	struct pg_table_page *page = pg_table_page_of(m->ops, child);
	pt_entry_t old = pt_read(table, level, s->i);
	unsigned int live = atomic_read(&page->live);

	pt_announce(entry, level);
	do {
		pt_settle_unlinked(m->txn, s->va, s->last);
		if (pt_is_none(old))
			continue;
		if (WARN_ON_ONCE(pt_is_leaf(old, level))) {
			/* Two callers map one range. */
			pt_uncount(m->ops, table, level);
			pt_discard(m->txn, child);
			return;
		}
		if (pt_get(pt_table_page(m->ops, old), live)) {
			pt_uncount(m->ops, table, level);
			pt_map_merge(m, pt_table_ptr(m->ops, old), child,
				     level - 1, s->va, s->last);
			pt_retract(entry, level);
			pg_table_txn_recycle(m->txn, page);
			return;
		}
		pg_table_gather_unlink(m->txn->gather);
		if (PT_HAS_BBM) {
			pt_break_link(m, table, level, s, old);
			old = pt_none_entry(level);
		}
	} while (!pt_cmpxchg(table, level, s->i, &old, entry));

	if (!pt_is_none(old))
		pt_forget_dead(m, table, level, s);
}

static void pt_map_merge(const struct pt_mapping *m, void *table, void *from,
			 unsigned int level, unsigned long va,
			 unsigned long last)
{
	struct pt_step s = pt_first_step(level, va, last);

	do {
		pt_entry_t entry = pt_read(from, level, s.i);

		if (pt_is_leaf(entry, level))
			pt_write(table, level, s.i, entry);
		else if (s.full)
			pt_write_table(m->txn->pgt, table, level, s.i, entry);
		else
			pt_link_table(m, table, level, &s,
				      pt_table_ptr(m->ops, entry));
	} while (pt_next_step(&s));
}

/* Takes the same way as the plan, and meets the same entries. */
static noinline void pt_map_commit(const struct pt_mapping *m, void *table,
				   unsigned int level, unsigned long va,
				   unsigned long last)
{
	unsigned int added = 0;
	struct pt_step s;

	if (!level) {
		unsigned int first = pt_index(va, 0);

		added = pt_index(last, 0) + 1 - first;
		pt_fill_items(table, 0, first, added, pt_mapping_leaf(m, va, 0),
			      m->runs);
		if (!pt_is_shared(m->txn, 0, va, last))
			pt_count(m->ops, table, 0, added);
		return;
	}

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);
		void *child;

		if (s.full ? !pt_is_none(entry) : !pt_was_built(m->txn, &s)) {
			entry = pt_commit_table(m->txn, table, level, entry,
						&s);
			pt_map_commit(m, pt_table_ptr(m->ops, entry),
				      level - 1, s.va, s.last);
			continue;
		}
		if (pt_mapping_is_leaf(m, &s, level)) {
			added += pt_mapping_write(m, &s, table, false);
			continue;
		}
		added++;
		child = pg_table_txn_next(m->txn);
		if (m->txn->shared && !s.full)
			pt_link_table(m, table, level, &s, child);
		else
			pt_write_table(m->txn->pgt, table, level, s.i,
				       pt_point_to(m->ops, child));
	} while (pt_next_step(&s));
	if (!pt_is_shared(m->txn, level, va, last))
		pt_count(m->ops, table, level, added);
}

/* One page whose tables are all there: no plan, no second look at anything. */
static int pt_map_one(struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		      u64 prot)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	struct pg_table_page *page;
	unsigned int i;
	void *table;
	int ret;

	prot = pt_fix_prot(pgt, prot);
	ret = pt_check_prot(pgt, prot);
	if (unlikely(ret))
		return ret;
	ret = pt_find_page_table(pgt, ops, va, &table);
	if (unlikely(ret))
		return ret == -ENOENT ? 1 : -EEXIST;
	page = pg_table_page_of(ops, table);
	if (unlikely(!pg_table_may_write(pgt, page)))
		return 1;
	i = pt_index(va, 0);
	if (unlikely(!pt_is_none(pt_read(table, 0, i))))
		return -EEXIST;
	if (pg_table_exclusive(pgt))
		pt_count(ops, table, 0, 1);
	else if (unlikely(!pt_get(page, 1)))
		return 1;
	pt_write(table, 0, i,
		 pt_make_leaf(pa, pt_new_prot(prot), 0));
	return 0;
}

static unsigned int pt_mapping_level(const struct pg_table *pgt,
				     unsigned long va, phys_addr_t pa)
{
	unsigned int sizes = pgt->desc->config.leaf_sizes;
	unsigned int level = min(pt_leaf_sizes(), pt_levels());

	if (sizes)
		level = min(level, sizes);
	while (--level && ((va ^ pa) & pt_span(level)))
		;
	return level;
}

static int pt_map(struct pg_table_txn *txn, unsigned long va,
		  unsigned long last, phys_addr_t pa, u64 prot)
{
	struct pt_mapping m = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
		.offset = pa - va,
		.runs = pt_wants_runs(txn->pgt),
	};
	int ret;

	prot = pt_fix_prot(txn->pgt, prot);
	ret = pt_check_prot(txn->pgt, prot);
	if (ret)
		return ret;
	m.prot = pt_new_prot(prot);
	m.leaf_level = pt_mapping_level(txn->pgt, va, pa);
	ret = pt_map_plan(&m, txn->pgt->pgd, pt_top(), va, last);
	if (ret)
		return ret;
	pt_settle(txn, va, last);
	pt_map_commit(&m, txn->pgt->pgd, pt_top(), va, last);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copy on write: a call that must edit a table of others edits a private copy,
 * which takes the table's place. What is below stays shared.
 *
 * What the CPU records in leaves through the old table until then is recorded
 * there, for the owner.
 */

/*
 * A table pointer can be replaced by one store, unless the CPU wants it broken
 * first: that cannot be done under those who walk it.
 */
static int pt_may_swap(struct pg_table *pgt, unsigned long va,
		       unsigned int level)
{
	va &= ~pt_span(level);
	return PT_HAS_BBM && pg_table_live(pgt, va, va | pt_span(level)) ?
	       -EOPNOTSUPP : 0;
}

/* Empty a slot. Returns what was in it, with all that the CPU recorded. */
static pt_entry_t pt_take(void *table, unsigned int level, unsigned int i)
{
	pt_entry_t old = pt_read(table, level, i);

	while (!pt_cmpxchg(table, level, i, &old, pt_none_entry(level)))
		;
	return old;
}

/*
 * Forget what is in slot @s, which is about to hold something else. Returns it,
 * with all that the CPU recorded.
 */
static pt_entry_t pt_break_walks(struct pg_table *pgt, void *table,
				 const struct pt_step *s)
{
	unsigned long va = s->va & ~pt_span(s->level);
	pt_entry_t old = pt_take(table, s->level, s->i);
	struct pg_table_gather gather;

	pg_table_gather_init(&gather, pgt);
	pg_table_gather_range(&gather, va, va | pt_span(s->level), 0);
	pg_table_gather_walks(&gather, va, va | pt_span(s->level));
	pg_table_flush(pgt, &gather);
	return old;
}

static bool pt_is_own(const struct pg_table *pgt, pt_entry_t entry,
		      unsigned int level)
{
	return !pt_is_leaf(entry, level) &&
	       pt_table_page(pg_table_ops(pgt), entry)->owner == pgt;
}

/* Can the table behind @entry be written as it is, by this page table's verbs? */
static bool pt_may_write(const struct pg_table *pgt, pt_entry_t entry,
			 unsigned int level)
{
	return !pt_is_leaf(entry, level) &&
	       pg_table_may_write(pgt, pt_table_page(pg_table_ops(pgt), entry));
}

static noinline bool pt_range_used(const struct pg_table_ops *ops,
				   const void *table, unsigned int level,
				   unsigned long va, unsigned long last)
{
	struct pt_step s;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read_shown(table, level, s.i);

		if (pt_is_none(entry))
			continue;
		if (s.full || pt_is_leaf(entry, level) ||
		    pt_range_used(ops, pt_table_ptr(ops, entry), level - 1,
				  s.va, s.last))
			return true;
	} while (pt_next_step(&s));
	return false;
}

/* A private table with the same entries: what it points to is borrowed. */
static noinline void *pt_copy_table(struct pg_table_txn *txn, const void *from,
				    unsigned int level)
{
	const struct pg_table_ops *ops = pg_table_ops(txn->pgt);
	void *table = pg_table_txn_alloc(txn, level);
	unsigned int i;

	if (!table)
		return NULL;
	for (i = 0; i < pt_entries(level); i++) {
		pt_entry_t entry = pt_read_shown(from, level, i);

		if (!pt_is_none(entry)) {
			pt_borrow(ops, entry, level);
			pt_count(ops, table, level, 1);
		}
		pt_write(table, level, i, entry);
	}
	return table;
}

/*
 * The table below @entry as this call will edit it. For a table of others that
 * is a copy, which pt_commit_table() will link: call the two in the same order.
 */
static void *pt_plan_table(struct pg_table_txn *txn, pt_entry_t entry,
			   const struct pt_step *s)
{
	unsigned int level = s->level;
	const struct pg_table_ops *ops = pg_table_ops(txn->pgt);
	void *table = pt_table_ptr(ops, entry);
	int ret;

	if (pt_may_write(txn->pgt, entry, level))
		return table;
	/* Who knows who writes and frees what others made. */
	if (!pt_table_page(ops, entry)->owner || pg_table_in_place(txn->pgt))
		return ERR_PTR(-EPERM);
	ret = pt_may_swap(txn->pgt, s->va, level);
	if (ret)
		return ERR_PTR(ret);
	table = pt_copy_table(txn, table, level - 1);
	if (!table)
		return ERR_PTR(-ENOMEM);
	pg_table_txn_add(txn, table);
	return table;
}

/* Returns the entry, whose table is the page table's own now. */
static pt_entry_t pt_commit_table(struct pg_table_txn *txn, void *table,
				  unsigned int level, pt_entry_t entry,
				  const struct pt_step *s)
{
	const struct pg_table_ops *ops = pg_table_ops(txn->pgt);
	unsigned long va = s->va & ~pt_span(level);
	pt_entry_t own;

	if (pt_may_write(txn->pgt, entry, level))
		return entry;
	own = pt_point_to(ops, pg_table_txn_next(txn));
	if (txn->shared)
		pg_table_gather_unlink(txn->gather);
	if (PT_HAS_BBM)
		pt_break_walks(txn->pgt, table, s);
	pt_write_table(txn->pgt, table, level, s->i, own);
	pt_unborrow_page(pt_table_page(ops, entry));
	pg_table_gather_range(txn->gather, va, va | pt_span(level), 0);
	pg_table_gather_walks(txn->gather, va, va | pt_span(level));
	return own;
}

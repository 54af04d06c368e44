/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reserve: make the tables of a range and pin them, so that mapping there
 * neither allocates nor fails for want of memory; unreserve: let them go.
 *
 * A range that follows another table is framed in the same way: the tables that
 * it covers in part only are there and stay, so that what it shows can change
 * without memory. Only an edge is pinned, what lies between is not.
 */

/**
 * struct pt_reserving - one call of reserve or unreserve
 * @txn: the transaction
 * @ops: the memory
 * @level: level of the tables to be pinned
 * @edges: pin the tables that the range covers in part, of all levels
 */
struct pt_reserving {
	struct pg_table_txn		*txn;
	const struct pg_table_ops	*ops;
	unsigned int			level;
	bool				edges;
};

/*
 * Add to what a table knows of the pins in it and below it. Those of others stay
 * anyway.
 */
static void pt_add_pins(struct pg_table_page *page, int pins, bool own)
{
	if (!page->owner)
		return;
	page->pins += pins;
	atomic_set(&page->live, atomic_read(&page->live) + pins);
	if (own)
		page->own_pins += pins;
}

/* A private empty path of tables down to the level that is reserved. */
static void *pt_reserve_build(const struct pt_reserving *r, unsigned int level,
			      unsigned long va, unsigned long last)
{
	void *table = pg_table_txn_alloc(r->txn, level);
	struct pg_table_page *page;
	struct pt_step s;

	if (!table)
		return NULL;
	pt_clear(table, level, 0, pt_entries(level));
	page = pg_table_page_of(r->ops, table);
	if (level == r->level) {
		pt_add_pins(page, 1, true);
		return table;
	}
	pt_add_pins(page, r->edges, false);

	s = pt_first_step(level, va, last);
	do {
		void *child;

		if (r->edges && s.full)
			continue;
		child = pt_reserve_build(r, level - 1, s.va, s.last);
		if (!child) {
			pt_discard(r->txn, table);
			return NULL;
		}
		pt_write_table(r->txn->pgt, table, level, s.i,
			       pt_point_to(r->ops, child));
		pt_count(r->ops, table, level, 1);
		pt_add_pins(page, pg_table_page_of(r->ops, child)->pins, false);
	} while (pt_next_step(&s));
	return table;
}

static int pt_reserve_plan(const struct pt_reserving *r, const void *table,
			   unsigned int level, unsigned long va,
			   unsigned long last)
{
	struct pt_step s;
	int ret;

	if (level == r->level)
		return 0;
	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);
		void *child;

		if (r->edges && s.full)
			continue;
		if (pt_is_none(entry)) {
			child = pt_reserve_build(r, level - 1, s.va, s.last);
			if (!child)
				return -ENOMEM;
			pg_table_txn_add(r->txn, child);
			continue;
		}
		if (pt_is_leaf(entry, level))
			return -EEXIST;
		child = pt_plan_table(r->txn, entry, &s);
		if (IS_ERR(child))
			return PTR_ERR(child);
		ret = pt_reserve_plan(r, child, level - 1, s.va, s.last);
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return 0;
}

/* Returns how many tables it pinned in @table and below. */
static int pt_reserve_commit(const struct pt_reserving *r, void *table,
			     unsigned int level, unsigned long va,
			     unsigned long last)
{
	int pins = 0, added = 0;
	struct pt_step s;

	if (level == r->level) {
		pt_add_pins(pg_table_page_of(r->ops, table), 1, true);
		return 1;
	}
	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);
		void *child;

		if (r->edges && s.full)
			continue;
		if (!pt_is_none(entry)) {
			entry = pt_commit_table(r->txn, table, level, entry,
						&s);
			pins += pt_reserve_commit(r,
						  pt_table_ptr(r->ops, entry),
						  level - 1, s.va, s.last);
			continue;
		}
		child = pg_table_txn_next(r->txn);
		pins += pg_table_page_of(r->ops, child)->pins;
		pt_write_table(r->txn->pgt, table, level, s.i,
			       pt_point_to(r->ops, child));
		added++;
	} while (pt_next_step(&s));
	if (level != pt_top()) {
		pins += r->edges;
		pt_count(r->ops, table, level, added);
		pt_add_pins(pg_table_page_of(r->ops, table), pins, false);
	}
	return pins;
}

static int pt_reserve(struct pg_table_txn *txn, unsigned long va,
		      unsigned long last, unsigned int level)
{
	struct pt_reserving r = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
		.level = level,
	};
	int ret;

	if (level >= pt_top())
		return -EINVAL;
	ret = pt_reserve_plan(&r, txn->pgt->pgd, pt_top(), va, last);
	if (ret)
		return ret;
	pt_settle(txn, va, last);
	pt_reserve_commit(&r, txn->pgt->pgd, pt_top(), va, last);
	return 0;
}

static bool pt_is_pinned(const struct pg_table_page *page)
{
	return !page->owner || page->own_pins;
}

/* Is every table of the level that [va, last] touches pinned for itself? */
static bool pt_is_reserved(const struct pt_reserving *r, const void *table,
			   unsigned int level, unsigned long va,
			   unsigned long last)
{
	struct pt_step s;

	if (level == r->level)
		return pt_is_pinned(pg_table_page_of(r->ops, table));
	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);

		if (pt_is_none(entry) ||
		    !pt_may_write(r->txn->pgt, entry, level) ||
		    !pt_is_reserved(r, pt_table_ptr(r->ops, entry), level - 1,
				    s.va, s.last))
			return false;
	} while (pt_next_step(&s));
	return true;
}

/* Returns how many pins it took from @table and below. */
static int pt_unreserve_commit(const struct pt_reserving *r, void *table,
			       unsigned int level, unsigned long va,
			       unsigned long last)
{
	const struct pg_table_edit edit = { .verb = PT_UNMAP };
	const struct pt_editing x = {
		.txn = r->txn,
		.ops = r->ops,
		.edit = &edit,
	};
	int pins = 0, removed = 0;
	struct pt_step s;

	if (level == r->level) {
		pt_add_pins(pg_table_page_of(r->ops, table), -1, true);
		return 1;
	}
	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);
		struct pg_table_page *child;

		if (r->edges && s.full)
			continue;
		pins += pt_unreserve_commit(r, pt_table_ptr(r->ops, entry),
					    level - 1, s.va, s.last);
		child = pt_table_page(r->ops, entry);
		if (!child->owner || atomic_read(&child->live))
			continue;
		/* Others may map there before the flush. */
		if (r->txn->shared)
			pg_table_gather_unlink(r->txn->gather);
		pt_unlink(&x, table, level, entry, &s);
		removed++;
	} while (pt_next_step(&s));
	if (level != pt_top()) {
		pins += r->edges;
		pt_count(r->ops, table, level, -removed);
		pt_add_pins(pg_table_page_of(r->ops, table), -pins, false);
	}
	return pins;
}

static int pt_unreserve(struct pg_table_txn *txn, unsigned long va,
			unsigned long last)
{
	struct pt_reserving r = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
	};

	for (; r.level < pt_top(); r.level++) {
		if (!pt_is_reserved(&r, txn->pgt->pgd, pt_top(), va, last))
			continue;
		pt_unreserve_commit(&r, txn->pgt->pgd, pt_top(), va, last);
		return 0;
	}
	return -ENOENT;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading: lookup, walk, statistics, and verify, which trusts nothing.
 */

/* The item that @entry of @table is, or belongs to. */
static void pt_report_leaf(struct pg_table_leaf *leaf, const void *table,
			   pt_entry_t entry, unsigned int level,
			   unsigned long va)
{
	unsigned int i = pt_index(va, level);

	if (PT_HAS_RUNS && pt_is_run(entry)) {
		entry = pt_fold_run(table, level, i, pt_clear_run(entry, i));
		leaf->va = va & ~pt_run_span(level);
		leaf->pa = pt_leaf_pa(entry, level) & ~(u64)pt_run_span(level);
		leaf->size = pt_run_span(level) + 1;
		leaf->prot = __pgprot(pt_leaf_prot(entry, level));
		leaf->level = level;
		return;
	}
	leaf->va = va & ~pt_span(level);
	leaf->pa = pt_leaf_pa(entry, level);
	leaf->size = pt_span(level) + 1;
	leaf->prot = __pgprot(pt_leaf_prot(entry, level));
	leaf->level = level;
}

static int pt_lookup(struct pg_table *pgt, unsigned long va,
		     struct pg_table_leaf *leaf)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	const void *table = pgt->pgd;
	unsigned int level;

	for (level = pt_top(); ; level--) {
		pt_entry_t entry = pt_read(table, level, pt_index(va, level));

		if (!pt_is_present(entry))
			return -ENOENT;
		if (pt_is_leaf(entry, level)) {
			pt_report_leaf(leaf, table, entry, level, va);
			return 0;
		}
		table = pt_table_ptr(ops, entry);
	}
}

static int pt_walk_table(struct pg_table *pgt, const void *table,
			 unsigned int level, unsigned long va,
			 unsigned long last,
			 const struct pg_table_walk_ops *walk, void *arg)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	struct pg_table_leaf leaf;
	struct pt_step s;
	int ret = 0;

	s = pt_first_step(level, va, last);
	do {
		pt_entry_t entry = pt_read(table, level, s.i);
		struct pg_table_page *page;

		if (pt_is_hole(entry) && walk->hole)
			ret = walk->hole(s.va & ~pt_span(level),
					 pt_span(level) + 1, arg);
		if (ret)
			return ret;
		if (!pt_is_present(entry))
			continue;
		if (pt_is_leaf(entry, level)) {
			pt_report_leaf(&leaf, table, entry, level, s.va);
			if (PT_HAS_RUNS && pt_is_run(entry))
				pt_skip_run(&s);
			if (walk->leaf)
				ret = walk->leaf(&leaf, arg);
		} else {
			page = pt_table_page(ops, entry);
			if (walk->table)
				ret = walk->table(s.va & ~pt_span(level),
						  pt_span(level) + 1, level - 1,
						  page->owner ? page : NULL,
						  arg);
			if (!ret)
				ret = pt_walk_table(pgt,
						    pt_table_ptr(ops, entry),
						    level - 1, s.va, s.last,
						    walk, arg);
		}
		if (ret)
			return ret;
	} while (pt_next_step(&s));
	return 0;
}

static int pt_walk(struct pg_table *pgt, unsigned long va, unsigned long last,
		   const struct pg_table_walk_ops *walk, void *arg)
{
	return pt_walk_table(pgt, pgt->pgd, pt_top(), va, last, walk, arg);
}

/* Entries [i, end) of one table, and what is below them. */
static void pt_table_stats(struct pg_table *pgt, const void *table,
			   unsigned int level, unsigned int i,
			   unsigned int end, struct pg_table_stats *stats)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);

	for (; i < end; i++) {
		pt_entry_t entry = pt_read(table, level, i);
		struct pg_table_page *page;

		if (pt_is_hole(entry))
			stats->holes += pt_span(level) + 1;
		if (!pt_is_present(entry))
			continue;
		if (pt_is_leaf(entry, level)) {
			stats->leaves[level]++;
			stats->runs += PT_HAS_RUNS && pt_is_run(entry) &&
				       i == pt_run_first(level, i);
			stats->mapped += pt_span(level) + 1;
			stats->wx += pt_prot_wx(pt_leaf_prot(entry, level));
			continue;
		}
		page = pt_table_page(ops, entry);
		if (page->owner != pgt) {
			stats->borrowed += !!page->owner;
			stats->adopted += !page->owner;
			continue;
		}
		stats->tables++;
		/* The pins of a table are those below it, too. */
		if (level == pt_top() ||
		    pg_table_page_of(ops, table)->owner != pgt)
			stats->pins += page->pins;
		pt_table_stats(pgt, pt_table_ptr(ops, entry), level - 1, 0,
			       pt_entries(level - 1), stats);
	}
}

/*
 * Of a table that is edited in place: others can write and free all that does
 * not lie in its bounds, so nothing else is looked at.
 */
static void pt_stats_in_place(struct pg_table *pgt, const void *table,
			      unsigned int level, unsigned long va,
			      unsigned long last, struct pg_table_stats *stats)
{
	const struct pg_table_ops *ops = pg_table_ops(pgt);
	struct pt_step s = pt_first_step(level, va, last);

	do {
		pt_entry_t entry = pt_read(table, level, s.i);

		pt_table_stats(pgt, table, level, s.i, s.i + 1, stats);
		if (!pt_is_own(pgt, entry, level) &&
		    pt_may_write(pgt, entry, level))
			pt_stats_in_place(pgt, pt_table_ptr(ops, entry),
					  level - 1, s.va, s.last, stats);
	} while (pt_next_step(&s));
}

static void PT_NAME(pt_get_stats)(struct pg_table *pgt,
				  struct pg_table_stats *stats)
{
	const struct pg_table_config *config = &pgt->desc->config;

	stats->tables = !config->root;
	if (pg_table_in_place(pgt))
		pt_stats_in_place(pgt, pgt->pgd, pt_top(), config->va_first,
				  config->va_last, stats);
	else
		pt_table_stats(pgt, pgt->pgd, pt_top(), 0, pt_entries(pt_top()),
			       stats);
}

/* Is @entry what the library writes for such a leaf? */
static bool pt_leaf_sane(const struct pg_table *pgt, pt_entry_t entry,
			 unsigned int level)
{
	u64 prot = pt_leaf_prot(entry, level);
	phys_addr_t pa = pt_leaf_pa(entry, level);

	return level < pt_leaf_sizes() && !(pa & pt_span(level)) &&
	       !pt_check_prot(pgt, prot) &&
	       entry == pt_make_leaf(pa, prot, level);
}

/*
 * Others can take a leaf out of use where tables are edited in place, and where
 * clones mirror these.
 */
static bool pt_is_theirs(struct pg_table *pgt, pt_entry_t entry,
			 unsigned int level, unsigned long va)
{
	return !pt_is_present(entry) &&
	       pg_table_link_told(pgt, va, va | pt_span(level));
}

/*
 * Is @entry in slot @i a run's member as the run's first leaf is, but for what
 * the CPU recorded in the two? Or are both in no run?
 */
static bool pt_run_sane(const void *table, pt_entry_t entry, unsigned int level,
			unsigned int i)
{
	unsigned int first = pt_run_first(level, i);
	pt_entry_t head = pt_read(table, level, first), want;
	u64 pa;

	if (!pt_is_run(entry))
		return i == first || !pt_is_leaf(head, level) ||
		       !pt_is_run(head);
	if (!pt_run_bits(level) || !pt_is_leaf(head, level) ||
	    !pt_is_run(head) || entry != pt_set_run(pt_clear_run(entry, i)))
		return false;
	head = pt_clear_run(head, first);
	pa = pt_leaf_pa(head, level);
	want = pt_make_leaf(pa + ((u64)(i - first) << pt_shift(level)),
			    pt_leaf_prot(head, level), level);
	entry = pt_clear_run(entry, i);
	return !(pa & pt_run_span(level)) &&
	       pt_add_ad(want, entry) == pt_add_ad(entry, want);
}

/**
 * struct pt_audit - what verify has seen so far
 * @pgt: the table
 * @bytes: size of the tables below the root
 */
struct pt_audit {
	struct pg_table	*pgt;
	unsigned long	bytes;
};

static int pt_verify_table(struct pt_audit *audit, const void *table,
			   unsigned int level, unsigned long va);

static int pt_verify_child(struct pt_audit *audit, pt_entry_t entry,
			   unsigned int level, unsigned long va)
{
	const struct pg_table_ops *ops = pg_table_ops(audit->pgt);
	struct pg_table_page *page = pt_table_page(ops, entry);
	u32 borrows = atomic_read(&page->borrows), found;

	if (page->owner != audit->pgt)
		return !page->owner || borrows ? 0 : -EUCLEAN;
	if (page->level != level || !pt_table_sane(entry))
		return -EUCLEAN;
	found = pg_table_count_borrows(audit->pgt, va, level,
				       pt_table_ptr(ops, entry));
	/* Clones of those who share the root borrow what is edited in place. */
	if (pg_table_in_place(audit->pgt) ? borrows < found : borrows != found)
		return -EUCLEAN;
	audit->bytes += PT_NAME(pt_table_size)(level);
	return pt_verify_table(audit, pt_table_ptr(ops, entry), level, va);
}

/* A hole is one only in what follows. */
static int pt_verify_hole(const struct pt_audit *audit, unsigned int level,
			  unsigned long va)
{
	return pg_table_link_check(audit->pgt, va, va | pt_span(level)) ?
	       0 : -EUCLEAN;
}

/* Counts of a table against what is in it. */
static int pt_verify_counts(const struct pt_audit *audit,
			    const struct pg_table_page *page, u32 used,
			    u32 pins, unsigned long va)
{
	u32 live = atomic_read(&page->live);

	pins += page->own_pins +
		pg_table_link_edges(audit->pgt, va,
				    va | pt_span(page->level + 1));
	if (live != used + page->pins || page->pins != pins || !live)
		return -EUCLEAN;
	return 0;
}

static int pt_verify_table(struct pt_audit *audit, const void *table,
			   unsigned int level, unsigned long va)
{
	const struct pg_table_ops *ops = pg_table_ops(audit->pgt);
	u32 used = 0, pins = 0;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < pt_entries(level) && !ret; i++) {
		unsigned long at = level == pt_top() ?
				   pt_root_va(audit->pgt, i) :
				   va + ((unsigned long)i << pt_shift(level));
		pt_entry_t entry = pt_read(table, level, i);

		if (pt_is_none(entry))
			continue;
		used++;
		if (pt_is_hole(entry)) {
			ret = pt_verify_hole(audit, level, at);
		} else if (pt_is_leaf(entry, level)) {
			ret = pt_is_theirs(audit->pgt, entry, level, at) ||
			      pt_leaf_sane(audit->pgt, pt_plain(entry, i),
					   level) ? 0 : -EUCLEAN;
			if (PT_HAS_RUNS && !ret &&
			    !pt_run_sane(table, entry, level, i))
				ret = -EUCLEAN;
		} else {
			if (pt_table_page(ops, entry)->owner == audit->pgt)
				pins += pt_table_page(ops, entry)->pins;
			ret = pt_verify_child(audit, entry, level - 1, at);
		}
		if (ret)
			pr_err("pg_table: %s: bad entry of level %u at %#lx\n",
			       audit->pgt->desc->name, level, at);
	}
	if (!ret && level != pt_top()) {
		ret = pt_verify_counts(audit, pg_table_page_of(ops, table),
				       used, pins, va);
		if (ret)
			pr_err("pg_table: %s: bad counts of level %u at %#lx\n",
			       audit->pgt->desc->name, level, va);
	}
	return ret;
}

/* What the library made among the tables of others. */
static int pt_verify_in_place(struct pt_audit *audit, const void *table,
			      unsigned int level, unsigned long va,
			      unsigned long last)
{
	const struct pg_table_ops *ops = pg_table_ops(audit->pgt);
	struct pt_step s = pt_first_step(level, va, last);
	int ret = 0;

	do {
		pt_entry_t entry = pt_read(table, level, s.i);

		if (pt_is_own(audit->pgt, entry, level))
			ret = pt_verify_child(audit, entry, level - 1,
					      s.va & ~pt_span(level));
		else if (pt_may_write(audit->pgt, entry, level))
			ret = pt_verify_in_place(audit,
						 pt_table_ptr(ops, entry),
						 level - 1, s.va, s.last);
	} while (!ret && pt_next_step(&s));
	return ret;
}

static int pt_verify(struct pg_table *pgt)
{
	const struct pg_table_config *config = &pgt->desc->config;
	struct pt_audit audit = { .pgt = pgt };
	int ret;

	/* What others write is theirs to judge. */
	if (config->flags & PG_TABLE_FOREIGN)
		return 0;
	ret = pg_table_in_place(pgt) ?
	      pt_verify_in_place(&audit, pgt->pgd, pt_top(), config->va_first,
				 config->va_last) :
	      pt_verify_table(&audit, pgt->pgd, pt_top(), 0);
	if (!ret && list_empty(&pgt->desc->gathers) &&
	    audit.bytes != atomic_long_read(&pgt->pgtables_bytes)) {
		pr_err("pg_table: %s: %lu bytes of tables, %ld accounted\n",
		       pgt->desc->name, audit.bytes,
		       atomic_long_read(&pgt->pgtables_bytes));
		ret = -EUCLEAN;
	}
	return ret;
}

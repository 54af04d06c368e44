// SPDX-License-Identifier: GPL-2.0
/* lookup, walk and statistics: reading what is there. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(lookup_reports_the_whole_leaf)
{
	struct pg_table_leaf leaf;
	unsigned int l;

	for (l = 0; l < f->sizes; l++) {
		unsigned long va = (l + 1) * f->base;

		CHECK_OK(pg_table_map(f->pgt, va, f->pa, f->size[l], f->rw,
				      GFP_KERNEL));
		CHECK_OK(pg_table_lookup(f->pgt, va + f->size[l] - 1, &leaf));
		CHECK_EQ(leaf.va, va);
		CHECK_EQ(leaf.pa, f->pa);
		CHECK_EQ(leaf.size, f->size[l]);
		CHECK_EQ(leaf.level, l);
		CHECK_EQ(pg_table_prot_flags(f->format, leaf.prot), RW);
		CHECK_EQ(pg_table_lookup(f->pgt, va - 1, &leaf), -ENOENT);
		CHECK_EQ(pg_table_lookup(f->pgt, va + f->size[l], &leaf),
			 -ENOENT);
	}
}

TEST(what_lookup_reports_can_be_mapped_again)
{
	pgprot_t prot = pg_table_prot(f->format, RW | PG_TABLE_WT |
				      PG_TABLE_GLOBAL);
	struct pg_table_leaf leaf;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], prot,
			      GFP_KERNEL));
	CHECK_OK(pg_table_lookup(f->pgt, f->base, &leaf));
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, leaf.pa, leaf.size,
			      leaf.prot, GFP_KERNEL));
	check_maps(f, f->pgt, 2 * f->base, f->pa, f->size[1],
		   RW | PG_TABLE_WT | PG_TABLE_GLOBAL);
}

struct visits {
	unsigned int leaves;
	unsigned int tables;
	unsigned int stop_at;
	unsigned long last_va;
	size_t bytes;
	bool pages;
};

static int visit_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct visits *v = arg;

	CHECK(!v->leaves || leaf->va > v->last_va);
	v->last_va = leaf->va;
	v->bytes += leaf->size;
	return ++v->leaves == v->stop_at ? 42 : 0;
}

static int visit_table(unsigned long va, size_t size, unsigned int level,
		       const struct pg_table_page *page, void *arg)
{
	struct visits *v = arg;

	CHECK(!page == !v->pages);
	CHECK(!(va & (size - 1)));
	v->tables++;
	return 0;
}

static const struct pg_table_walk_ops visit = {
	.leaf = visit_leaf,
	.table = visit_table,
};

TEST(walk_visits_tables_and_leaves_in_order)
{
	struct visits v = { .pages = true };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1] + PAGES(3),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_walk(f->pgt, f->base, f->base, &visit, &v));
	CHECK_EQ(v.leaves, 4);
	CHECK_EQ(v.bytes, f->size[1] + PAGES(3));
	CHECK_EQ(v.tables, f->top);
}

TEST(walk_keeps_to_its_range_and_reports_leaves_whole)
{
	struct visits v = { .pages = true };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1] + PAGES(3),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_walk(f->pgt, f->base + PAGES(5), f->size[1] -
			       PAGES(4), &visit, &v));
	CHECK_EQ(v.leaves, 2);
	CHECK_EQ(v.bytes, f->size[1] + PAGES(1));
}

TEST(walk_ends_when_told_and_returns_the_reason)
{
	struct visits v = { .pages = true, .stop_at = 2 };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(9), f->rw,
			      GFP_KERNEL));
	CHECK_EQ(pg_table_walk(f->pgt, 0, 2 * f->base, &visit, &v), 42);
	CHECK_EQ(v.leaves, 2);
}

TEST(walk_of_a_bad_range_is_refused)
{
	struct visits v = { };

	CHECK_EQ(pg_table_walk(f->pgt, f->base, 0, &visit, &v), -EINVAL);
	CHECK_EQ(pg_table_walk(f->pgt, f->base + 1, PAGES(1), &visit, &v),
		 -EINVAL);
	CHECK_OK(pg_table_walk(f->pgt, f->base, PAGES(1), &visit, &v));
	CHECK_EQ(v.leaves + v.tables, 0);
}

TEST(walk_goes_through_what_is_borrowed)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct visits v = { .pages = true };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(9), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_walk(dst, 0, 2 * f->base, &visit, &v));
	CHECK_EQ(v.leaves, 9);
	CHECK_OK(pg_table_destroy(dst));
}

TEST(statistics_count_what_is_there)
{
	struct pg_table_stats s;
	size_t table = 0;
	unsigned int l;

	for (l = 0; l < f->top; l++)
		table += max(entries_of(f->d, l) * 8, 4096U);

	pg_table_get_stats(f->pgt, &s);
	CHECK_EQ(s.tables, 1);
	CHECK_EQ(s.bytes + s.mapped + s.pins + s.borrowed + s.adopted, 0);

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1] + PAGES(3),
			      f->rw, GFP_KERNEL));
	pg_table_get_stats(f->pgt, &s);
	CHECK_EQ(s.tables, f->top + 1);
	CHECK_EQ(s.bytes, table);
	CHECK_EQ(s.bytes, atomic_long_read(&f->pgt->pgtables_bytes));
	CHECK_EQ(s.mapped, f->size[1] + PAGES(3));
	CHECK_EQ(s.leaves[0], 3);
	CHECK_EQ(s.leaves[1], 1);
	CHECK_EQ(s.wx, 0);

	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	pg_table_get_stats(f->pgt, &s);
	CHECK_EQ(s.tables, 1);
	CHECK_EQ(s.bytes + s.mapped, 0);
}

TEST(bytes_of_tables_follow_every_verb)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct pg_table_stats s;
	unsigned long own;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, 2 * f->base, PAGES(1), 0,
				  GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->size[1],
				PG_TABLE_SHARE, GFP_KERNEL));
	pg_table_get_stats(f->pgt, &s);
	own = s.bytes;
	pg_table_get_stats(dst, &s);
	CHECK_EQ(sim_used(f), own / 4096 + s.bytes / 4096 + ROOTS(2));
	CHECK_EQ(s.tables, f->top);
	CHECK_OK(pg_table_destroy(dst));
}

static int visit_hole(unsigned long va, size_t size, void *arg)
{
	struct visits *v = arg;

	v->bytes += size;
	return ++v->leaves == v->stop_at ? 42 : 0;
}

TEST(walk_reports_the_holes_of_what_follows)
{
	static const struct pg_table_walk_ops holes = { .hole = visit_hole };
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct visits v = { };

	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	CHECK_OK(pg_table_unmap(dst, f->base + PAGES(2), PAGES(3), GFP_KERNEL));
	CHECK_OK(pg_table_walk(dst, f->base, f->base, &holes, &v));
	CHECK_EQ(v.bytes, PAGES(3));
	v = (struct visits){ .stop_at = 2 };
	CHECK_EQ(pg_table_walk(dst, f->base, f->base, &holes, &v), 42);
	CHECK_EQ(v.leaves, 2);
	v = (struct visits){ .pages = true };
	CHECK_OK(pg_table_walk(dst, f->base, f->base, &visit, &v));
	CHECK_EQ(v.leaves, 0);
	CHECK_OK(pg_table_destroy(dst));
}

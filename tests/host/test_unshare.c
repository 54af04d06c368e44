// SPDX-License-Identifier: GPL-2.0
/* Copy on write: an edit of a clone through tables that it borrows. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

static void map_pages(struct fix *f, struct pg_table *pgt, unsigned long va,
		      unsigned int n)
{
	CHECK_OK(pg_table_map(pgt, va, f->pa, PAGES(n), f->rw, GFP_KERNEL));
}

/* A source with pages in two tables of level 0, and a clone of all of it. */
static struct pg_table *two_tables(struct fix *f)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	map_pages(f, f->pgt, f->base, 9);
	map_pages(f, f->pgt, f->base + f->size[1], 9);
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	return dst;
}

static void check_source(struct fix *f)
{
	CHECK_OK(pg_table_verify(f->pgt));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(9), RW);
	check_empty(f, f->pgt, f->base + PAGES(9), f->size[1] - PAGES(9));
	check_maps(f, f->pgt, f->base + f->size[1], f->pa, PAGES(9), RW);
}

/* The clone owns the path, borrows the other table, and was flushed. */
static void check_path(struct fix *f, struct pg_table *dst)
{
	struct pg_table_sim_stats sim = sim_stats(f);
	struct pg_table_stats stats;

	pg_table_get_stats(dst, &stats);
	CHECK_EQ(stats.tables, 1 + f->top);
	CHECK_EQ(stats.borrowed, 1);
	CHECK_OK(pg_table_verify(dst));
	CHECK(sim.last.tables);
	CHECK(sim.last.first <= f->base);
	CHECK(sim.last.last >= 2 * f->base - 1);
}

TEST(a_map_in_a_clone_copies_the_tables_on_its_way_and_no_more)
{
	struct pg_table *dst = two_tables(f);

	map_pages(f, dst, f->base + PAGES(20), 1);
	check_path(f, dst);
	check_source(f);
	check_maps(f, dst, f->base, f->pa, PAGES(9), RW);
	check_maps(f, dst, f->base + PAGES(20), f->pa, PAGES(1), RW);
	check_maps(f, dst, f->base + f->size[1], f->pa, PAGES(9), RW);
	fix_destroy(dst);
}

TEST(an_unmap_in_a_clone_copies_the_tables_on_its_way)
{
	struct pg_table *dst = two_tables(f);

	CHECK_OK(pg_table_unmap(dst, f->base + PAGES(2), PAGES(1),
				GFP_KERNEL));
	check_path(f, dst);
	check_source(f);
	check_empty(f, dst, f->base + PAGES(2), PAGES(1));
	check_maps(f, dst, f->base, f->pa, PAGES(2), RW);
	fix_destroy(dst);
}

TEST(a_protect_in_a_clone_copies_the_tables_on_its_way)
{
	struct pg_table *dst = two_tables(f);

	CHECK_OK(pg_table_protect(dst, f->base, PAGES(2), f->ro,
				  PG_TABLE_PROT_ALL, GFP_KERNEL));
	check_path(f, dst);
	check_source(f);
	check_maps(f, dst, f->base, f->pa, PAGES(2), PG_TABLE_READ);
	fix_destroy(dst);
}

TEST(a_split_in_a_clone_leaves_the_leaf_of_the_source)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_split(dst, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_EQ(leaf_at(dst, f->base, NULL), 0);
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	check_maps(f, dst, f->base, f->pa, f->size[1], RW);
	fix_destroy(dst);
}

TEST(a_reservation_in_a_clone_copies_the_tables_on_its_way)
{
	struct pg_table *dst = two_tables(f);

	CHECK_OK(pg_table_reserve(dst, f->base, PAGES(1), 0, GFP_KERNEL));
	check_path(f, dst);
	check_source(f);
	CHECK_OK(pg_table_map(dst, f->base + PAGES(30), f->pa, PAGES(1), f->rw,
			      0));
	CHECK_OK(pg_table_unreserve(dst, f->base, PAGES(1)));
	fix_destroy(dst);
}

TEST(an_edit_that_must_copy_and_may_not_allocate_changes_nothing)
{
	struct pg_table *src = f->pgt, *dst = two_tables(f);

	f->pgt = dst;
	CHECK_FAILS(-ENOMEM, pg_table_map(dst, f->base + PAGES(20), f->pa,
					  PAGES(1), f->rw, 0));
	CHECK_FAILS(-ENOMEM, pg_table_unmap(dst, f->base, PAGES(1), 0));
	CHECK_FAILS(-ENOMEM, pg_table_protect(dst, f->base, PAGES(1), f->ro,
					      PG_TABLE_PROT_ALL, 0));
	f->pgt = src;
	check_source(f);
	fix_destroy(dst);
}

TEST(an_edit_that_is_refused_leaves_all_shared)
{
	struct pg_table *src = f->pgt, *dst = two_tables(f);

	f->pgt = dst;
	CHECK_FAILS(-EEXIST, pg_table_map(dst, f->base + PAGES(8), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-ENOENT, pg_table_protect(dst, f->base, PAGES(10), f->ro,
					      PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_protect(dst, f->base, PAGES(1), f->rwx,
					     PG_TABLE_PROT_ALL, GFP_KERNEL));
	f->pgt = src;
	check_source(f);
	fix_destroy(dst);
}

TEST(an_unmap_of_nothing_leaves_all_shared)
{
	struct pg_table *dst = two_tables(f);
	struct pg_table_stats stats;

	CHECK_OK(pg_table_unmap(dst, f->base + PAGES(9), PAGES(3), 0));
	CHECK_OK(pg_table_unmap(dst, f->base + 2 * f->size[1], f->size[1], 0));
	pg_table_get_stats(dst, &stats);
	CHECK_EQ(stats.tables, 1 + f->small_root);
	fix_destroy(dst);
}

TEST(an_unmap_of_all_that_a_borrowed_table_maps_leaves_no_copy)
{
	struct pg_table *dst = two_tables(f);

	CHECK_OK(pg_table_unmap(dst, f->base, PAGES(9), GFP_KERNEL));
	check_empty(f, dst, f->base, f->size[1]);
	check_maps(f, dst, f->base + f->size[1], f->pa, PAGES(9), RW);
	check_source(f);
	CHECK_OK(pg_table_unmap(dst, f->base + f->size[1], PAGES(9),
				GFP_KERNEL));
	CHECK_EQ(count_tables(f, dst), 1);
	check_source(f);
	fix_destroy(dst);
}

TEST(what_was_copied_is_the_clones_and_the_rest_stays_shared)
{
	struct pg_table *dst = two_tables(f);

	map_pages(f, dst, f->base + PAGES(20), 1);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	map_pages(f, f->pgt, f->base + PAGES(20), 5);
	check_maps(f, dst, f->base, f->pa, PAGES(9), RW);
	check_empty(f, dst, f->base + PAGES(21), PAGES(4));
	map_pages(f, f->pgt, f->base + f->size[1] + PAGES(9), 1);
	check_maps(f, dst, f->base + f->size[1] + PAGES(9), f->pa, PAGES(1),
		   RW);
	/* A copied path leads to tables that the source can still free. */
	CHECK_OK(pg_table_unmap(f->pgt, f->base + f->size[1], f->size[1], 0));
	check_empty(f, dst, f->base + f->size[1], f->size[1]);
	check_maps(f, dst, f->base, f->pa, PAGES(9), RW);
	fix_destroy(dst);
}

TEST(a_clone_of_a_clone_keeps_what_its_source_copied)
{
	struct pg_table *mid = two_tables(f), *leaf;

	leaf = fix_table(f, "leaf", f->flags);
	CHECK_OK(pg_table_clone(leaf, mid, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_unmap(mid, f->base, PAGES(1), GFP_KERNEL));
	check_maps(f, leaf, f->base, f->pa, PAGES(9), RW);
	CHECK_OK(pg_table_protect(leaf, f->base, PAGES(3), f->ro,
				  PG_TABLE_PROT_ALL, GFP_KERNEL));
	check_maps(f, leaf, f->base, f->pa, PAGES(3), PG_TABLE_READ);
	check_maps(f, mid, f->base + PAGES(1), f->pa + PAGES(1), PAGES(8), RW);
	check_source(f);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, 2 * f->size[1], 0));
	check_empty(f, leaf, f->base + f->size[1], f->size[1]);
	fix_destroy(leaf);
	fix_destroy(mid);
}

static int find_table(unsigned long va, size_t size, unsigned int level,
		      const struct pg_table_page *page, void *arg)
{
	*(const struct pg_table_page **)arg = page;
	return !level;
}

/* Who knows when others free a table that the copy would lead to. */
TEST(tables_that_others_made_are_not_copied_on_write)
{
	static const struct pg_table_walk_ops walk = { .table = find_table };
	struct pg_table *src = f->pgt, *dst = two_tables(f);
	struct pg_table_page *page = NULL;

	CHECK_EQ(pg_table_walk(src, f->base, PAGES(1), &walk, &page), 1);
	page->owner = NULL;
	f->pgt = dst;
	CHECK_FAILS(-EPERM, pg_table_map(dst, f->base + PAGES(20), f->pa,
					 PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(dst, f->base, PAGES(1),
					   GFP_KERNEL));
	page->owner = src;
	f->pgt = src;
	check_source(f);
	fix_destroy(dst);
}

/* Some want a table pointer broken before another is made. */
TEST(a_loaded_clone_copies_on_write_only_where_the_cpu_can)
{
	struct pg_table *src = f->pgt, *dst = two_tables(f);
	bool can = !wants_breaks(f);

	atomic_inc(&dst->desc->loaded);
	f->pgt = dst;
	if (can) {
		map_pages(f, dst, f->base + PAGES(20), 1);
	} else {
		CHECK_FAILS(-EOPNOTSUPP,
			    pg_table_map(dst, f->base + PAGES(20), f->pa,
					 PAGES(1), f->rw, GFP_KERNEL));
		CHECK_FAILS(-EOPNOTSUPP, pg_table_unmap(dst, f->base, PAGES(1),
							GFP_KERNEL));
	}
	atomic_dec(&dst->desc->loaded);
	CHECK_OK(pg_table_unmap(dst, f->base, PAGES(1), GFP_KERNEL));
	f->pgt = src;
	check_source(f);
	fix_destroy(dst);
}

/* The gather takes the flush, and what is pending stays out of use. */
TEST(a_copy_on_write_can_leave_the_flush_to_its_caller)
{
	struct pg_table *dst = two_tables(f);
	struct pg_table_gather gather;
	unsigned long flushes = sim_stats(f).flushes;

	pg_table_gather_init(&gather, dst);
	CHECK_OK(pg_table_unmap_gather(dst, f->base, PAGES(1), GFP_KERNEL,
				       &gather));
	/* A break takes a flush of its own. */
	if (!wants_breaks(f))
		CHECK_EQ(sim_stats(f).flushes, flushes);
	CHECK(gather.tables);
	CHECK(gather.first <= f->base && gather.last >= 2 * f->base - 1);
	CHECK_EQ(pg_table_map(dst, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL), -EBUSY);
	pg_table_gather_flush(&gather);
	check_path(f, dst);
	fix_destroy(dst);
}

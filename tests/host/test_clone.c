// SPDX-License-Identifier: GPL-2.0
/* clone: what is shared, what follows, and who may change or free what. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

static struct pg_table *clone_of(struct fix *f, unsigned long va, size_t size,
				 enum pg_table_clone_mode mode)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_clone(dst, f->pgt, va, size, mode, GFP_KERNEL));
	return dst;
}

static void map_pages(struct fix *f, struct pg_table *pgt, unsigned long va,
		      unsigned int n)
{
	CHECK_OK(pg_table_map(pgt, va, f->pa, PAGES(n), f->rw, GFP_KERNEL));
}

TEST(a_shared_clone_owns_no_table_but_its_root)
{
	struct pg_table_stats stats;
	struct pg_table *dst;

	map_pages(f, f->pgt, f->base, 7);
	map_pages(f, f->pgt, 2 * f->base + f->size[1], 7);
	dst = clone_of(f, f->base, 2 * f->base, PG_TABLE_SHARE);
	check_maps(f, dst, f->base, f->pa, PAGES(7), RW);
	check_maps(f, dst, 2 * f->base + f->size[1], f->pa, PAGES(7), RW);
	pg_table_get_stats(dst, &stats);
	CHECK_EQ(stats.tables, 1 + f->small_root);
	CHECK_EQ(stats.borrowed, 2);
	CHECK_EQ(stats.mapped, 0);
	CHECK_OK(pg_table_verify(f->pgt));
	fix_destroy(dst);
}

/* The range ends in a table of the source's that has nothing up to there. */
TEST(a_clone_takes_no_table_for_an_empty_end_of_its_range)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct pg_table_stats stats;

	map_pages(f, f->pgt, f->base, 1);
	map_pages(f, f->pgt, f->base + f->size[1] + PAGES(5), 1);
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->size[1] + PAGES(2),
				PG_TABLE_SHARE, GFP_KERNEL));
	pg_table_get_stats(dst, &stats);
	CHECK_EQ(stats.tables, f->top);
	CHECK_EQ(stats.borrowed, 1);
	check_maps(f, dst, f->base, f->pa, PAGES(1), RW);
	check_empty(f, dst, f->base + PAGES(1), f->base - PAGES(1));
	fix_destroy(dst);
}

/* Who edits a table with links takes its lock; later nobody has to. */
TEST(tables_are_frozen_as_long_as_they_are_linked)
{
	struct pg_table *dst, *second;

	map_pages(f, f->pgt, f->base, 1);
	dst = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	second = clone_of(f, f->base, f->base, PG_TABLE_FOLLOW);
	CHECK(atomic_read(&f->pgt->desc->frozen));
	CHECK(atomic_read(&dst->desc->frozen));
	fix_destroy(dst);
	CHECK(atomic_read(&f->pgt->desc->frozen));
	fix_destroy(second);
	CHECK_EQ(atomic_read(&f->pgt->desc->frozen), 0);
}

TEST(a_shared_clone_sees_what_the_source_does_below)
{
	struct pg_table *dst;

	map_pages(f, f->pgt, f->base, 1);
	dst = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	map_pages(f, f->pgt, f->base + PAGES(5), 2);
	check_maps(f, dst, f->base + PAGES(5), f->pa, PAGES(2), RW);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	check_empty(f, dst, f->base, PAGES(1));
	CHECK_OK(pg_table_protect(f->pgt, f->base + PAGES(5), PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	check_maps(f, dst, f->base + PAGES(5), f->pa, PAGES(1),
		   PG_TABLE_READ);
	fix_destroy(dst);
}

TEST(a_shared_clone_does_not_see_new_entries_above_what_it_shares)
{
	struct pg_table *dst;

	map_pages(f, f->pgt, f->base, 1);
	dst = clone_of(f, f->base, 2 * f->base, PG_TABLE_SHARE);
	map_pages(f, f->pgt, 2 * f->base, 1);
	check_empty(f, dst, 2 * f->base, f->base);
	fix_destroy(dst);
}

TEST(unmap_of_an_alias_as_a_whole_lets_go_of_it)
{
	struct pg_table *dst;

	map_pages(f, f->pgt, f->base, 9);
	dst = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	CHECK_FAILS(-EBUSY, pg_table_destroy(f->pgt));
	CHECK_OK(pg_table_unmap(dst, f->base, f->base, 0));
	check_empty(f, dst, f->base, f->base);
	check_maps(f, f->pgt, f->base, f->pa, PAGES(9), RW);
	CHECK(sim_stats(f).last.tables);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	fix_destroy(dst);
}

TEST(a_source_cannot_go_while_a_clone_borrows_from_it)
{
	struct pg_table *dst;

	map_pages(f, f->pgt, f->base, 1);
	dst = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	CHECK_FAILS(-EBUSY, pg_table_destroy(f->pgt));
	map_pages(f, f->pgt, f->base + PAGES(1), 1);
	fix_destroy(dst);
	CHECK_OK(pg_table_verify(f->pgt));
}

TEST(a_table_that_the_source_frees_leaves_its_clones_first)
{
	struct pg_table *dst;
	unsigned long flushes;

	map_pages(f, f->pgt, f->base, 9);
	dst = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	flushes = sim_stats(f).flushes;
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(9), 0));
	check_empty(f, dst, f->base, f->base);
	CHECK_EQ(count_tables(f, dst), 1);
	CHECK_EQ(sim_used(f), ROOTS(2));
	/* One flush for each table that could reach it. */
	CHECK_EQ(sim_stats(f).flushes, flushes + 2);
	map_pages(f, dst, f->base, 1);
	fix_destroy(dst);
}

/* A walk of the clone can be cached, though the clone keeps its entry. */
TEST(an_edit_in_the_source_is_flushed_in_the_clone)
{
	struct pg_table *dst;
	unsigned long flushes;

	map_pages(f, f->pgt, f->base, 9);
	dst = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	flushes = sim_stats(f).flushes;
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK_EQ(sim_stats(f).flushes, flushes + 2);
	fix_destroy(dst);
}

TEST(a_clone_below_the_root_has_a_path_of_its_own)
{
	const unsigned long va = f->base + f->size[1];
	struct pg_table_stats stats;
	struct pg_table *dst;

	map_pages(f, f->pgt, va, 9);
	map_pages(f, f->pgt, va + f->size[1], 9);
	dst = clone_of(f, va, f->size[1], PG_TABLE_SHARE);
	check_maps(f, dst, va, f->pa, PAGES(9), RW);
	check_empty(f, dst, va + f->size[1], f->size[1]);
	pg_table_get_stats(dst, &stats);
	CHECK_EQ(stats.tables, f->top);
	CHECK_EQ(stats.borrowed, 1);
	map_pages(f, dst, va + f->size[1], 1);
	check_maps(f, f->pgt, va + f->size[1], f->pa, PAGES(9), RW);

	/* The alias goes, and the path stays for what the clone mapped. */
	CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(9), 0));
	check_empty(f, dst, va, f->size[1]);
	check_maps(f, dst, va + f->size[1], f->pa, PAGES(1), RW);
	CHECK_OK(pg_table_verify(dst));
	CHECK_OK(pg_table_unmap(dst, va + f->size[1], PAGES(1), 0));
	CHECK_EQ(count_tables(f, dst), 1);
	fix_destroy(dst);
}

TEST(an_empty_path_of_a_clone_is_freed_with_its_last_alias)
{
	const unsigned long va = f->base + f->size[1];
	struct pg_table *dst;

	map_pages(f, f->pgt, va, 9);
	dst = clone_of(f, va, f->size[1], PG_TABLE_SHARE);
	CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(9), 0));
	CHECK_EQ(count_tables(f, dst), 1);
	CHECK_EQ(sim_used(f), ROOTS(2));
	fix_destroy(dst);
}

TEST(a_clone_copies_leaves_and_goes_on_after_empty_entries)
{
	const unsigned long far = 3 * f->base + f->huge;
	struct pg_table *dst;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, far, f->pa, f->huge, f->ro,
			      GFP_KERNEL));
	dst = clone_of(f, f->base, 4 * f->base, PG_TABLE_SHARE);
	check_maps(f, dst, f->base, f->pa, f->huge, RW);
	check_maps(f, dst, far, f->pa, f->huge, PG_TABLE_READ);
	fix_destroy(dst);
}

TEST(a_clone_of_a_part_goes_on_after_empty_entries_too)
{
	const unsigned long va = f->base + f->size[1], far = 5 * f->size[1];
	struct pg_table *dst;

	map_pages(f, f->pgt, va + PAGES(3), 1);
	map_pages(f, f->pgt, va + PAGES(7), 1);
	map_pages(f, f->pgt, va + far, 2);
	dst = clone_of(f, va + PAGES(1), far + PAGES(1), PG_TABLE_SHARE);
	check_maps(f, dst, va + PAGES(3), f->pa, PAGES(1), RW);
	check_maps(f, dst, va + PAGES(7), f->pa, PAGES(1), RW);
	check_maps(f, dst, va + far, f->pa, PAGES(2), RW);
	fix_destroy(dst);
}

TEST(a_clone_of_single_pages_copies_them)
{
	const unsigned long va = f->base + f->size[1] - PAGES(3);
	struct pg_table *dst;

	map_pages(f, f->pgt, va - PAGES(2), 12);
	dst = clone_of(f, va, PAGES(8), PG_TABLE_SHARE);
	check_maps(f, dst, va, f->pa + PAGES(2), PAGES(8), RW);
	check_empty(f, dst, va - PAGES(2), PAGES(2));
	check_empty(f, dst, va + PAGES(8), PAGES(2));

	/* Copies are the clone's own. */
	CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(1), 0));
	check_maps(f, dst, va, f->pa + PAGES(2), PAGES(8), RW);
	CHECK_OK(pg_table_unmap(dst, va + PAGES(1), PAGES(1), 0));
	check_maps(f, f->pgt, va + PAGES(1), f->pa + PAGES(3), PAGES(8), RW);
	fix_destroy(dst);
}

TEST(a_clone_that_would_cut_a_leaf_is_refused)
{
	struct pg_table *src = f->pgt, *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_map(src, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	f->pgt = dst;
	CHECK_FAILS(-EINVAL, pg_table_clone(dst, src, f->base, PAGES(1),
					    PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_clone(dst, src, f->base - PAGES(1),
					    PAGES(2), PG_TABLE_SHARE,
					    GFP_KERNEL));
	f->pgt = src;
	fix_destroy(dst);
}

TEST(a_populated_clone_is_refused)
{
	struct pg_table *src = f->pgt, *dst = fix_table(f, "clone", f->flags);
	const unsigned long va = f->base + f->size[1];

	map_pages(f, src, va, 9);
	map_pages(f, dst, va + PAGES(4), 1);
	f->pgt = dst;
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, f->base, f->base,
					    PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, va, f->size[1],
					    PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, va, PAGES(5),
					    PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, f->base - f->size[1],
					    f->base, PG_TABLE_SHARE,
					    GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, src, va, PAGES(4), PG_TABLE_SHARE,
				GFP_KERNEL));
	f->pgt = src;
	fix_destroy(dst);
}

/* What counts is what is mapped in the clone, not where the source is empty. */
TEST(a_clone_populated_where_the_source_is_empty_is_refused)
{
	struct pg_table *src = f->pgt, *dst = fix_table(f, "clone", f->flags);
	const unsigned long va = f->base + f->size[1];

	map_pages(f, dst, va + PAGES(4), 1);
	f->pgt = dst;
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, va, PAGES(9),
					    PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, va, f->size[1],
					    PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, f->base, f->base,
					    PG_TABLE_SHARE, GFP_KERNEL));
	f->pgt = src;
	fix_destroy(dst);
}

TEST(a_clone_of_nothing_maps_nothing)
{
	struct pg_table *dst = clone_of(f, f->base, 3 * f->base,
					PG_TABLE_SHARE);

	CHECK_EQ(count_tables(f, dst), 1);
	fix_destroy(dst);
}

TEST(a_range_that_is_not_aligned_skips_nothing)
{
	const unsigned long va = f->base + f->size[1] - PAGES(1);
	const size_t size = f->base + f->size[1] + PAGES(2);
	struct pg_table *dst;

	CHECK_OK(pg_table_map(f->pgt, va, f->pa + f->size[1] - PAGES(1), size,
			      f->rw, GFP_KERNEL));
	dst = clone_of(f, va, size, PG_TABLE_SHARE);
	check_maps(f, dst, va, f->pa + f->size[1] - PAGES(1), size, RW);
	fix_destroy(dst);
}

TEST(a_clone_must_fit_its_source)
{
	struct pg_table *src = f->pgt, *dst = fix_table(f, "clone", f->flags);
	struct pg_table_sim *sim = pg_table_sim_create(1 << 20);
	struct pg_table_config other = {
		.format = f->format,
		.ops = pg_table_sim_ops(sim),
	};
	struct pg_table *far = pg_table_create(&other), *alien;

	other.ops = f->ops;
	other.format = f->format == &pg_table_fake ? &pg_table_x86_64 :
						     &pg_table_fake;
	alien = pg_table_create(&other);
	map_pages(f, src, f->base, 1);
	CHECK_EQ(pg_table_clone(far, src, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL), -EINVAL);
	CHECK_EQ(pg_table_clone(alien, src, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL), -EINVAL);
	CHECK_EQ(pg_table_clone(src, src, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL), -EINVAL);
	CHECK_EQ(pg_table_clone(dst, src, f->base, f->base, 77, GFP_KERNEL),
		 -EINVAL);
	CHECK_EQ(pg_table_clone(dst, src, f->base, f->base, PG_TABLE_SHARE, 0),
		 -ENOMEM);
	fix_destroy(dst);
	fix_destroy(alien);
	fix_destroy(far);
	pg_table_sim_destroy(sim);
}

TEST(tables_cannot_be_clones_of_each_other)
{
	struct pg_table *mid = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	struct pg_table *leaf = fix_table(f, "leaf", f->flags);

	CHECK_OK(pg_table_clone(leaf, mid, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_clone(f->pgt, leaf, f->base, f->base,
					    PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_clone(f->pgt, mid, f->base, f->base,
					    PG_TABLE_SHARE, GFP_KERNEL));
	fix_destroy(leaf);
	fix_destroy(mid);
}

TEST(a_clone_of_a_clone_lets_go_with_it)
{
	struct pg_table *leaf = fix_table(f, "leaf", f->flags), *mid;

	map_pages(f, f->pgt, f->base, 9);
	mid = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	CHECK_OK(pg_table_clone(leaf, mid, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	check_maps(f, leaf, f->base, f->pa, PAGES(9), RW);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(9), 0));
	check_empty(f, mid, f->base, f->base);
	check_empty(f, leaf, f->base, f->base);
	CHECK_EQ(sim_used(f), ROOTS(3));
	fix_destroy(leaf);
	fix_destroy(mid);
}

/* The way from the source to the borrower led through a table that let go. */
TEST(a_clone_of_a_clone_that_let_go_is_still_found)
{
	struct pg_table *leaf = fix_table(f, "leaf", f->flags), *mid;

	map_pages(f, f->pgt, f->base, 9);
	mid = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	CHECK_OK(pg_table_clone(leaf, mid, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_unmap(mid, f->base, f->base, 0));
	check_empty(f, mid, f->base, f->base);
	check_maps(f, leaf, f->base, f->pa, PAGES(9), RW);
	CHECK_EQ(pg_table_destroy(f->pgt), -EBUSY);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(9), 0));
	check_empty(f, leaf, f->base, f->base);
	CHECK_EQ(sim_used(f), ROOTS(3));
	fix_destroy(leaf);
	fix_destroy(mid);
}

/* It borrows the table that held the alias, which is not its own to edit. */
TEST(a_path_that_was_borrowed_with_its_alias_is_freed_with_it)
{
	struct pg_table *leaf = fix_table(f, "leaf", f->flags);
	const unsigned long va = f->base + f->size[1];
	struct pg_table *mid;

	map_pages(f, f->pgt, va, 9);
	mid = clone_of(f, va, f->size[1], PG_TABLE_SHARE);
	CHECK_OK(pg_table_clone(leaf, mid, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	check_maps(f, leaf, va, f->pa, PAGES(9), RW);
	CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(9), 0));
	CHECK_EQ(count_tables(f, mid), 1);
	CHECK_EQ(count_tables(f, leaf), 1);
	CHECK_EQ(sim_used(f), ROOTS(3));
	fix_destroy(leaf);
	fix_destroy(mid);
}

TEST(two_clones_of_one_table_both_let_go)
{
	struct pg_table *a, *b;

	map_pages(f, f->pgt, f->base, 3);
	a = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	b = clone_of(f, f->base, f->base, PG_TABLE_SHARE);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	check_empty(f, a, f->base, f->base);
	check_empty(f, b, f->base, f->base);
	fix_destroy(a);
	fix_destroy(b);
}

TEST(a_follower_gets_new_root_entries)
{
	struct pg_table *dst;

	if (f->small_root)
		return;
	dst = clone_of(f, f->base, 3 * f->base, PG_TABLE_FOLLOW);
	map_pages(f, f->pgt, f->base, 3);
	map_pages(f, f->pgt, 3 * f->base, 5);
	map_pages(f, f->pgt, 5 * f->base, 1);
	check_maps(f, dst, f->base, f->pa, PAGES(3), RW);
	check_maps(f, dst, 3 * f->base, f->pa, PAGES(5), RW);
	check_empty(f, dst, 2 * f->base, f->base);
	check_empty(f, dst, 4 * f->base, 4 * f->base);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(3), 0));
	check_empty(f, dst, f->base, f->base);
	map_pages(f, f->pgt, f->base + PAGES(2), 1);
	check_maps(f, dst, f->base + PAGES(2), f->pa, PAGES(1), RW);
	CHECK_OK(pg_table_verify(dst));
	CHECK_OK(pg_table_verify(f->pgt));
	fix_destroy(dst);
}

TEST(a_follower_of_a_follower_gets_them_too)
{
	const unsigned long root = f->size[f->top];
	struct pg_table *mid = clone_of(f, root, root, PG_TABLE_FOLLOW);
	struct pg_table *leaf = fix_table(f, "leaf", f->flags);

	CHECK_OK(pg_table_clone(leaf, mid, root, root, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	map_pages(f, f->pgt, root, 3);
	check_maps(f, leaf, root, f->pa, PAGES(3), RW);
	CHECK_OK(pg_table_unmap(f->pgt, root, PAGES(3), 0));
	check_empty(f, leaf, root, root);
	fix_destroy(leaf);
	fix_destroy(mid);
}

TEST(what_follows_cannot_be_edited)
{
	struct pg_table *src = f->pgt, *dst;

	if (f->small_root)
		return;
	map_pages(f, src, f->base, 3);
	dst = clone_of(f, f->base, 2 * f->base, PG_TABLE_FOLLOW);
	f->pgt = dst;
	CHECK_FAILS(-EPERM, pg_table_map(dst, 2 * f->base, f->pa, PAGES(1),
					 f->rw, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_protect(dst, f->base, PAGES(3), f->ro,
					     PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_reserve(dst, 2 * f->base, PAGES(1), 0,
					     GFP_KERNEL));
	CHECK_OK(pg_table_unmap(dst, f->base, 2 * f->base, 0));
	f->pgt = src;
	map_pages(f, src, 2 * f->base, 1);
	check_empty(f, dst, f->base, 2 * f->base);
	map_pages(f, dst, 2 * f->base + PAGES(1), 1);
	fix_destroy(dst);
}

/* The root of a foreign table is written by others, who then say so. */
TEST(a_follower_of_a_foreign_table_changes_when_told)
{
	struct pg_table_config config = {
		.name = "foreign",
		.format = f->format,
		.ops = f->ops,
		.root = f->pgt->pgd,
		.flags = f->flags | PG_TABLE_FOREIGN,
	};
	struct pg_table *foreign, *dst;

	if (f->small_root)
		return;
	foreign = pg_table_create(&config);
	CHECK(!IS_ERR(foreign));
	dst = fix_table(f, "clone", f->flags);
	CHECK_OK(pg_table_clone(dst, foreign, f->base, 2 * f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL));
	map_pages(f, f->pgt, f->base, 3);
	check_empty(f, dst, f->base, f->base);
	pg_table_sync(foreign, f->base, f->base);
	check_maps(f, dst, f->base, f->pa, PAGES(3), RW);
	map_pages(f, f->pgt, 2 * f->base, 1);
	pg_table_sync(foreign, 0, ~0UL);
	check_maps(f, dst, 2 * f->base, f->pa, PAGES(1), RW);
	fix_destroy(dst);
	fix_destroy(foreign);
	check_maps(f, f->pgt, f->base, f->pa, PAGES(3), RW);
}

TEST(a_foreign_table_is_read_and_never_edited)
{
	struct pg_table_config config = {
		.name = "foreign",
		.format = f->format,
		.ops = f->ops,
		.root = f->pgt->pgd,
		.flags = f->flags | PG_TABLE_FOREIGN,
	};
	struct pg_table *own = f->pgt;

	map_pages(f, own, f->base, 3);
	f->pgt = pg_table_create(&config);
	CHECK(!IS_ERR(f->pgt));
	CHECK_FAILS(-EPERM, pg_table_map(f->pgt, 2 * f->base, f->pa, PAGES(1),
					 f->rw, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(f->pgt, f->base, PAGES(3),
					   GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_protect(f->pgt, f->base, PAGES(3), f->ro,
					     PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_split(f->pgt, f->base, PAGES(3), 0,
					   GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_reserve(f->pgt, f->base, PAGES(3), 0,
					     GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unreserve(f->pgt, f->base, PAGES(3)));
	CHECK_FAILS(-EPERM, pg_table_seal(f->pgt));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, own, 2 * f->base, f->base,
					   PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	fix_destroy(f->pgt);
	f->pgt = own;
	check_maps(f, own, f->base, f->pa, PAGES(3), RW);
}

TEST(a_source_with_something_pending_cannot_be_cloned)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct pg_table_gather gather;

	map_pages(f, f->pgt, f->base, 3);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0,
				       &gather));
	CHECK_EQ(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL), -EBUSY);
	pg_table_gather_flush(&gather);
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	fix_destroy(dst);
}

/* What the source has not flushed the clone's CPUs can still know. */
TEST(a_clone_that_maps_what_its_source_has_not_flushed_flushes_for_itself)
{
	struct pg_table *dst = fix_table(f, "clone", 0);
	struct pg_table_gather gather;
	unsigned long flushes;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->size[1],
				PG_TABLE_SHARE, GFP_KERNEL));
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0,
				       &gather));
	flushes = sim_stats(f).flushes;
	CHECK_OK(pg_table_map(dst, f->base, f->pa + PAGES(1), PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK(sim_stats(f).flushes > flushes);
	pg_table_gather_flush(&gather);
	flushes = sim_stats(f).flushes;
	CHECK_OK(pg_table_map(dst, f->base + PAGES(1), f->pa + PAGES(2),
			      PAGES(1), f->rw, GFP_KERNEL));
	CHECK_EQ(sim_stats(f).flushes, flushes);
	CHECK_OK(pg_table_destroy(dst));
}

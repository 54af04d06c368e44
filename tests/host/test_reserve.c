// SPDX-License-Identifier: GPL-2.0
/* reserve and unreserve: tables that stay. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(a_reserved_range_is_mapped_without_memory)
{
	const unsigned long va = f->base + f->size[1] - PAGES(2);
	unsigned long used;
	unsigned int i;

	CHECK_OK(pg_table_reserve(f->pgt, va, PAGES(4), 0, GFP_KERNEL));
	used = sim_used(f);
	for (i = 0; i < 3; i++) {
		CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(4), f->rw, 0));
		check_maps(f, f->pgt, va, f->pa, PAGES(4), RW);
		CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(4), 0));
		CHECK_EQ(sim_used(f), used);
		CHECK_OK(pg_table_verify(f->pgt));
	}
	CHECK_OK(pg_table_unreserve(f->pgt, va, PAGES(4)));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(tables_of_large_leaves_can_be_reserved)
{
	unsigned int level = f->top - 1;

	CHECK_OK(pg_table_reserve(f->pgt, f->base, f->size[1], level,
				  GFP_KERNEL));
	CHECK_EQ(count_tables(f, f->pgt), 2);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[level], f->rw,
			      level < f->d->leaf_sizes ? 0 : GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[level], 0));
	CHECK_EQ(count_tables(f, f->pgt), 2);
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, f->size[1]));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(unmap_of_more_than_the_reserved_range_spares_its_tables)
{
	const unsigned long va = f->base + f->size[1];

	CHECK_OK(pg_table_reserve(f->pgt, va, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa + PAGES(1),
			      3 * f->size[1], f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, 0, 3 * f->base, 0));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 1);
	CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(1), f->rw, 0));
	CHECK_OK(pg_table_unreserve(f->pgt, va, PAGES(1)));
	check_maps(f, f->pgt, va, f->pa, PAGES(1), RW);
}

TEST(reservations_overlap_and_end_one_by_one)
{
	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(4), 0, GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, f->base + PAGES(2),
				  f->size[1], 0, GFP_KERNEL));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 2);
	CHECK_OK(pg_table_unreserve(f->pgt, f->base + PAGES(2), f->size[1]));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 1);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(4), f->rw, 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(4), 0));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(4)));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* The smaller one lies over a part of the larger one only. */
TEST(a_reservation_of_a_higher_level_is_undone_for_itself)
{
	struct pg_table_stats stats;

	if (f->top < 3)
		return;
	CHECK_OK(pg_table_reserve(f->pgt, f->base, 2 * f->huge, 1,
				  GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, f->base, f->huge, 1,
				  GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, 2 * f->huge));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.pins, 2);
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, f->huge));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* Level 0 is pinned in all of the first part of the range, and not in the rest. */
TEST(reservations_of_two_levels_do_not_hide_each_other)
{
	const unsigned long va = f->base + f->huge - PAGES(1);

	CHECK_OK(pg_table_reserve(f->pgt, va, PAGES(2), 1, GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, va, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_unreserve(f->pgt, va, PAGES(2)));
	CHECK_FAILS(-ENOENT, pg_table_unreserve(f->pgt, va, PAGES(2)));
	CHECK_OK(pg_table_unreserve(f->pgt, va, PAGES(1)));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(unreserve_of_what_is_not_reserved_is_refused)
{
	CHECK_FAILS(-ENOENT, pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-ENOENT, pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0, 0));
	CHECK_FAILS(-ENOENT, pg_table_unreserve(f->pgt, f->base,
						f->size[1] + PAGES(1)));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	CHECK_FAILS(-ENOENT, pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(1), RW);
}

TEST(reserve_over_a_larger_leaf_is_refused)
{
	CHECK_OK(pg_table_map(f->pgt, f->base + f->size[1], f->pa, f->size[1],
			      f->rw, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_reserve(f->pgt, f->base,
					      f->size[1] + PAGES(1), 0,
					      GFP_KERNEL));
	if (f->top < 3)
		return;
	CHECK_OK(pg_table_reserve(f->pgt, f->base, 2 * f->size[1], 1, 0));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, 2 * f->size[1]));
}

TEST(the_root_cannot_be_reserved)
{
	CHECK_FAILS(-EINVAL, pg_table_reserve(f->pgt, f->base, f->base,
					      f->top, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_reserve(f->pgt, f->base, f->base, ~0U,
					      GFP_KERNEL));
}

TEST(reserve_without_memory_changes_nothing)
{
	CHECK_FAILS(-ENOMEM, pg_table_reserve(f->pgt, f->base, PAGES(1), 0,
					      0));
}

TEST(statistics_count_reservations)
{
	struct pg_table_stats stats;

	CHECK_OK(pg_table_reserve(f->pgt, f->base + f->size[1] - PAGES(1),
				  PAGES(2), 0, GFP_KERNEL));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.pins, 2);
	CHECK_EQ(stats.tables, f->top + 2);
	CHECK_EQ(stats.mapped, 0);
}

TEST(a_reserved_table_can_be_destroyed)
{
	CHECK_OK(pg_table_reserve(f->pgt, f->base, 3 * f->size[1], 0,
				  GFP_KERNEL));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	CHECK_EQ(sim_used(f), 0);
}

TEST(a_shared_reserved_table_is_seen_though_empty)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw, 0));
	check_maps(f, dst, f->base, f->pa, PAGES(1), RW);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	CHECK_EQ(count_tables(f, dst), 1);
	CHECK_OK(pg_table_destroy(dst));
}

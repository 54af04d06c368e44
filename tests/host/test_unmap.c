// SPDX-License-Identifier: GPL-2.0
/* unmap: what goes, what stays, and which tables are left. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(unmap_leaves_no_table_behind)
{
	unsigned int l;

	for (l = 0; l < f->sizes; l++) {
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[l],
				      f->rw, GFP_KERNEL));
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[l], 0));
		CHECK_EQ(count_tables(f, f->pgt), 1);
		CHECK_EQ(sim_used(f), ROOTS(1));
	}
}

TEST(unmap_page_by_page_leaves_no_table_behind)
{
	const unsigned long va = f->base + f->size[1] - PAGES(8);
	unsigned int i;

	CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(16), f->rw,
			      GFP_KERNEL));
	for (i = 0; i < 16; i++) {
		unsigned long page = va + PAGES((i * 7) % 16);

		CHECK_OK(pg_table_unmap(f->pgt, page, PAGES(1), 0));
		check_empty(f, f->pgt, page, PAGES(1));
		CHECK_OK(pg_table_verify(f->pgt));
	}
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(unmap_of_nothing_is_no_error)
{
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, 3 * f->base, 0));
	CHECK_EQ(sim_stats(f).flushes, 0);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(1), PAGES(1), 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(2), f->size[1], 0));
	CHECK_EQ(sim_stats(f).flushes, 0);
	check_maps(f, f->pgt, f->base, f->pa, PAGES(1), RW);
}

TEST(unmap_keeps_what_is_around)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(9), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(3), PAGES(2), 0));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(3), RW);
	check_empty(f, f->pgt, f->base + PAGES(3), PAGES(2));
	check_maps(f, f->pgt, f->base + PAGES(5), f->pa + PAGES(5), PAGES(4),
		   RW);
}

TEST(unmap_of_a_part_splits_the_leaf)
{
	unsigned int l;

	for (l = 1; l < f->sizes; l++) {
		unsigned long hole = f->base + f->size[l - 1];
		unsigned long end = f->base + f->size[l];

		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[l],
				      f->rw, GFP_KERNEL));
		CHECK_OK(pg_table_unmap(f->pgt, hole, PAGES(1), GFP_KERNEL));
		check_maps(f, f->pgt, f->base, f->pa, hole - f->base, RW);
		check_empty(f, f->pgt, hole, PAGES(1));
		check_maps(f, f->pgt, hole + PAGES(1),
			   f->pa + (hole + PAGES(1) - f->base),
			   end - hole - PAGES(1), RW);
		CHECK_EQ(leaf_at(f->pgt, end - 1, NULL), l - 1);
		CHECK_OK(pg_table_verify(f->pgt));
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[l], 0));
		CHECK_EQ(sim_used(f), ROOTS(1));
	}
}

TEST(unmap_of_two_parts_splits_both_leaves)
{
	const unsigned long va = f->base + f->huge - PAGES(1);

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 2 * f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(2), GFP_KERNEL));
	check_maps(f, f->pgt, f->base, f->pa, f->huge - PAGES(1), RW);
	check_empty(f, f->pgt, va, PAGES(2));
	check_maps(f, f->pgt, va + PAGES(2), f->pa + f->huge + PAGES(1),
		   f->huge - PAGES(1), RW);
}

TEST(unmap_of_whole_leaves_needs_no_memory)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa,
			      f->huge + f->size[1] + PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + f->huge, f->size[1], 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->huge, 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + f->huge + f->size[1],
				PAGES(1), 0));
	CHECK_EQ(count_tables(f, f->pgt), 1);
}

TEST(unmap_that_must_split_fails_without_memory)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-ENOMEM, pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK_FAILS(-ENOMEM, pg_table_unmap(f->pgt, f->base,
					    f->size[f->sizes - 2], 0));
	CHECK_FAILS(-ENOMEM, pg_table_unmap(f->pgt, f->base - PAGES(1),
					    f->huge, 0));
}

TEST(unmap_flushes_what_it_removed)
{
	struct pg_table_sim_stats stats;
	unsigned int l;

	for (l = 0; l < f->sizes; l++) {
		unsigned long last = f->base + f->size[l] - 1;

		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[l],
				      f->rw, GFP_KERNEL));
		CHECK_OK(pg_table_unmap(f->pgt, f->base - PAGES(1),
					f->size[l] + PAGES(2), 0));
		stats = sim_stats(f);
		CHECK_EQ(stats.flushes, l + 1);
		CHECK(stats.last.first <= f->base && stats.last.last >= last);
		CHECK_EQ(stats.last.tables, l < f->top);
	}
}

TEST(split_by_unmap_flushes_the_whole_old_leaf)
{
	struct pg_table_sim_stats stats;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(5), PAGES(1),
				GFP_KERNEL));
	stats = sim_stats(f);
	CHECK(stats.last.first <= f->base);
	CHECK(stats.last.last >= f->base + f->huge - 1);
	CHECK(stats.last.levels & BIT(f->sizes - 1));
}

TEST(unmap_drops_covered_tables_and_spares_the_rest)
{
	const unsigned long va = f->base + f->size[1] - PAGES(1);
	const size_t size = 3 * f->size[1] + PAGES(2);

	CHECK_OK(pg_table_map(f->pgt, va, f->pa, size, f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, va + PAGES(1), size - PAGES(2), 0));
	check_maps(f, f->pgt, va, f->pa, PAGES(1), RW);
	check_empty(f, f->pgt, va + PAGES(1), size - PAGES(2));
	check_maps(f, f->pgt, va + size - PAGES(1), f->pa + size - PAGES(1),
		   PAGES(1), RW);
	CHECK_EQ(count_tables(f, f->pgt), f->top + 2);
}

TEST(random_unmaps_leave_no_table_behind)
{
	const unsigned int span = 64;
	unsigned int i, slot = 1;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa + PAGES(1),
			      span * f->size[1], f->rw, GFP_KERNEL));
	for (i = 0; i < 20000; i++) {
		slot = slot * 1103515245 + 12345;
		CHECK_OK(pg_table_unmap(f->pgt, f->base +
					PAGES((slot >> 8) %
					      (span * entries_of(f->d, 0))),
					PAGES(1), 0));
	}
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, span * f->size[1], 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

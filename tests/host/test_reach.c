// SPDX-License-Identifier: GPL-2.0
/* reach: what memory a table gives access to. */
#include "test.h"

#define EXTENTS	8

/**
 * struct found - what was emitted
 * @first: first address of each range
 * @last: last address of each
 * @n: how many there are
 * @stop: end after so many
 */
struct found {
	u64		first[EXTENTS];
	u64		last[EXTENTS];
	unsigned int	n;
	unsigned int	stop;
};

static int emit(phys_addr_t pa, phys_addr_t last, void *arg)
{
	struct found *found = arg;

	CHECK(found->n < EXTENTS);
	CHECK(pa <= last);
	/* Sorted, and neither overlapping nor adjoining. */
	CHECK(!found->n || pa > found->last[found->n - 1] + 1);
	found->first[found->n] = pa;
	found->last[found->n] = last;
	return ++found->n == found->stop ? 7 : 0;
}

static void check_extent(const struct found *found, unsigned int i, u64 pa,
			 u64 size)
{
	CHECK_EQ(found->first[i], pa);
	CHECK_EQ(found->last[i], pa + (size - 1));
}

TEST(an_empty_table_reaches_nothing)
{
	struct found found = { };

	CHECK_OK(pg_table_reach(f->pgt, emit, &found));
	CHECK_EQ(found.n, 0);
}

TEST(what_a_table_reaches_is_sorted_and_merged)
{
	struct found found = { };
	u64 far = f->pa + 4 * f->huge;

	/* Out of order, by leaves of all sizes, twice, overlapping. */
	CHECK_OK(pg_table_map(f->pgt, f->base, far, f->size[1] + PAGES(2),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa + PAGES(4), PAGES(4),
			      f->ro, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base + f->size[1], f->pa, PAGES(4),
			      f->ro, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 3 * f->base, far + f->size[1], PAGES(8),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 4 * f->base, far + 2 * f->huge,
			      f->huge, f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_reach(f->pgt, emit, &found));
	CHECK_EQ(found.n, 3);
	check_extent(&found, 0, f->pa, PAGES(8));
	check_extent(&found, 1, far, f->size[1] + PAGES(8));
	check_extent(&found, 2, far + 2 * f->huge, f->huge);
}

TEST(what_lies_in_a_longer_range_is_reached_once)
{
	struct found found = { };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(8), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa + PAGES(2), PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_reach(f->pgt, emit, &found));
	CHECK_EQ(found.n, 1);
	check_extent(&found, 0, f->pa, PAGES(8));
}

TEST(the_last_page_of_the_address_space_is_reached)
{
	unsigned long last = f->pgt->desc->config.va_last;
	struct found found = { };

	CHECK_OK(pg_table_map(f->pgt, last - (PAGES(1) - 1), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_reach(f->pgt, emit, &found));
	CHECK_EQ(found.n, 1);
	check_extent(&found, 0, f->pa, PAGES(1));
}

TEST(a_clone_reaches_what_its_source_maps_there_and_no_more)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct found found = { };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa + PAGES(8), PAGES(3),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, 2 * f->base, f->base,
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_reach(dst, emit, &found));
	CHECK_EQ(found.n, 1);
	check_extent(&found, 0, f->pa + PAGES(8), PAGES(3));
	CHECK_OK(pg_table_destroy(dst));
}

TEST(the_last_memory_that_a_leaf_can_map_is_reached)
{
	u64 last = f->pgt->desc->pa_last;
	struct found found = { };

	CHECK_OK(pg_table_map(f->pgt, f->base, last - (PAGES(1) - 1), PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_reach(f->pgt, emit, &found));
	CHECK_EQ(found.n, 1);
	check_extent(&found, 0, last - (PAGES(1) - 1), PAGES(1));
}

TEST(what_emit_returns_ends_the_report)
{
	struct found found = { .stop = 1 };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa + PAGES(8), PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_EQ(pg_table_reach(f->pgt, emit, &found), 7);
	CHECK_EQ(found.n, 1);
}

TEST(a_report_without_memory_fails)
{
	struct found found = { };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	host_fail_alloc(1, 1, NULL);
	CHECK_FAILS(-ENOMEM, pg_table_reach(f->pgt, emit, &found));
	CHECK_EQ(found.n, 0);
}

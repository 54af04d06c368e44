// SPDX-License-Identifier: GPL-2.0
/* Tests of reserve, unreserve and gathers. */
#include "fixture.h"

static void reserved_range_is_mapped_without_memory(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot reserved;

	KUNIT_EXPECT_EQ(test, pg_table_reserve(f->pgt, f->va, 2 * f->page, 0,
					       GFP_KERNEL), 0);
	pg_table_snapshot_take(test, f->pgt, &reserved);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va, f->pa, 2 * f->page,
					   f->rw, 0), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, 2 * f->page, 0),
			0);
	pg_table_expect_unchanged(test, f->pgt, &reserved);
	KUNIT_EXPECT_EQ(test, pg_table_unreserve(f->pgt, f->va, 2 * f->page),
			0);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
}

static void unmap_around_keeps_the_reserved_tables(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot reserved;

	KUNIT_EXPECT_EQ(test, pg_table_reserve(f->pgt, f->va, f->page, 0,
					       GFP_KERNEL), 0);
	pg_table_snapshot_take(test, f->pgt, &reserved);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, f->root_span, 0),
			0);
	pg_table_expect_unchanged(test, f->pgt, &reserved);
	KUNIT_EXPECT_EQ(test, pg_table_unreserve(f->pgt, f->va, f->page), 0);
}

static void reservations_are_undone_one_by_one(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot first;

	KUNIT_EXPECT_EQ(test, pg_table_reserve(f->pgt, f->va, f->page, 0,
					       GFP_KERNEL), 0);
	pg_table_snapshot_take(test, f->pgt, &first);
	KUNIT_EXPECT_EQ(test, pg_table_reserve(f->pgt, f->va, f->huge / 2, 0,
					       GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unreserve(f->pgt, f->va, f->huge / 2),
			0);
	pg_table_expect_unchanged(test, f->pgt, &first);
	KUNIT_EXPECT_EQ(test, pg_table_unreserve(f->pgt, f->va, f->page), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unreserve(f->pgt, f->va, f->page),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
}

static void unreserve_keeps_what_is_mapped(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, pg_table_reserve(f->pgt, f->va, f->page, 0,
					       GFP_KERNEL), 0);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_unreserve(f->pgt, f->va, f->page), 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->page, f->rw, 0);
}

static void reserve_where_a_larger_leaf_is_changes_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va + f->large, f->pa, f->large);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_reserve(f->pgt, f->va, 2 * f->large, 0,
					       GFP_KERNEL), -EEXIST);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void reserve_of_the_root_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	unsigned int top = pg_table_format_levels(f->format) - 1;

	KUNIT_EXPECT_EQ(test, pg_table_reserve(f->pgt, f->va, f->page, top,
					       GFP_KERNEL), -EINVAL);
}

static void destroy_frees_reserved_tables(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *pgt = pg_table_fixture_create(test, 0);

	KUNIT_EXPECT_EQ(test, pg_table_reserve(pgt, f->va, f->page, 0,
					       GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
}

static void gather_keeps_tables_until_the_flush(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_gather gather;
	unsigned long used;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	used = pg_table_fixture_used(test);
	pg_table_gather_init(&gather, f->pgt);
	KUNIT_EXPECT_EQ(test, pg_table_unmap_gather(f->pgt, f->va, f->page, 0,
						    &gather), 0);
	pg_table_expect_hole(test, f->pgt, f->va, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test), used);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 0);
	pg_table_gather_flush(&gather);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 1);
	pg_table_expect_flushed(test, f->va, f->page);
}

static void range_in_an_unflushed_gather_is_not_mapped(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_gather gather;

	pg_table_fixture_map(test, f->va, f->pa + f->page, 4 * f->page);
	pg_table_gather_init(&gather, f->pgt);
	KUNIT_EXPECT_EQ(test, pg_table_unmap_gather(f->pgt, f->va, f->page, 0,
						    &gather), 0);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va, f->pa, f->page,
					   f->rw, GFP_KERNEL), -EBUSY);
	pg_table_expect_hole(test, f->pgt, f->va, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va + f->large, f->pa,
					   f->page, f->rw, GFP_KERNEL), 0);
	pg_table_gather_flush(&gather);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va, f->pa, f->page,
					   f->rw, GFP_KERNEL), 0);
}

static void gather_takes_several_verbs(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_gather gather;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->huge);
	pg_table_gather_init(&gather, f->pgt);
	KUNIT_EXPECT_EQ(test, pg_table_split_gather(f->pgt, f->va, f->page, 0,
						    GFP_KERNEL, &gather), 0);
	KUNIT_EXPECT_EQ(test, pg_table_protect_gather(f->pgt, f->va, f->page,
						      f->ro,
						      PG_TABLE_PROT_ALL, 0,
						      &gather), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap_gather(f->pgt, f->va + f->huge,
						    f->huge, 0, &gather), 0);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 0);
	pg_table_gather_flush(&gather);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 1);
	pg_table_expect_flushed(test, f->va, 2 * f->huge);
}

static void gather_of_another_table_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *other = pg_table_fixture_create(test, 0);
	struct pg_table_gather gather;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	pg_table_gather_init(&gather, other);
	KUNIT_EXPECT_EQ(test, pg_table_unmap_gather(f->pgt, f->va, f->page, 0,
						    &gather), -EINVAL);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->page, f->rw, 0);
	pg_table_gather_flush(&gather);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(other), 0);
}

static struct kunit_case reserve_cases[] = {
	PG_TABLE_CASE(reserved_range_is_mapped_without_memory),
	PG_TABLE_CASE(unmap_around_keeps_the_reserved_tables),
	PG_TABLE_CASE(reservations_are_undone_one_by_one),
	PG_TABLE_CASE(unreserve_keeps_what_is_mapped),
	PG_TABLE_CASE(reserve_where_a_larger_leaf_is_changes_nothing),
	PG_TABLE_CASE(reserve_of_the_root_is_refused),
	PG_TABLE_CASE(destroy_frees_reserved_tables),
	PG_TABLE_CASE(gather_keeps_tables_until_the_flush),
	PG_TABLE_CASE(range_in_an_unflushed_gather_is_not_mapped),
	PG_TABLE_CASE(gather_takes_several_verbs),
	PG_TABLE_CASE(gather_of_another_table_is_refused),
	{ }
};

static struct kunit_suite reserve_suite = {
	.name		= "pg_table_reserve",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= reserve_cases,
};

kunit_test_suite(reserve_suite);

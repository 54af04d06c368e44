// SPDX-License-Identifier: GPL-2.0
/* Tests of unmap, protect and split. */
#include "fixture.h"

static void unmap_frees_the_tables_it_empties(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_snapshot_take(test, f->pgt, &before);
	pg_table_fixture_map(test, f->va, f->pa, f->large + f->page);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va,
					     f->large + f->page, 0), 0);
	pg_table_expect_unchanged(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 1);
	pg_table_expect_flushed(test, f->va, f->large + f->page);
}

static void unmap_page_by_page_frees_the_tables_too(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;
	size_t at;

	pg_table_snapshot_take(test, f->pgt, &before);
	pg_table_fixture_map(test, f->va + f->page, f->pa, 8 * f->page);
	for (at = f->page; at <= 8 * f->page; at += f->page)
		KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va + at,
						     f->page, 0), 0);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void unmap_leaves_neighbours_alone(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa + f->page, 3 * f->page);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va + f->page, f->page,
					     0), 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa + f->page, f->page,
			       f->rw, 0);
	pg_table_expect_hole(test, f->pgt, f->va + f->page, f->page);
	pg_table_expect_mapped(test, f->pgt, f->va + 2 * f->page,
			       f->pa + 3 * f->page, f->page, f->rw, 0);
}

static void unmap_of_nothing_is_no_error(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, 2 * f->root_span,
					     0), 0);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 0);
}

static void unmap_of_a_part_splits_the_leaf(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	unsigned long hole = f->va + f->large + f->page;

	if (f->huge_level < 2)
		return;
	pg_table_fixture_map(test, f->va, f->pa, f->huge);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, hole, f->page,
					     GFP_KERNEL), 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->large, f->rw, 1);
	pg_table_expect_mapped(test, f->pgt, f->va + f->large,
			       f->pa + f->large, f->page, f->rw, 0);
	pg_table_expect_hole(test, f->pgt, hole, f->page);
	pg_table_expect_mapped(test, f->pgt, hole + f->page,
			       f->pa + f->large + 2 * f->page,
			       f->large - 2 * f->page, f->rw, 0);
	pg_table_expect_mapped(test, f->pgt, f->va + 2 * f->large,
			       f->pa + 2 * f->large, f->huge - 2 * f->large,
			       f->rw, 1);
	/* The TLB may hold the old leaf under any address in it. */
	pg_table_expect_flushed(test, f->va, f->huge);
}

static void unmap_that_must_split_needs_memory(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->huge);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va + f->page, f->huge,
					     0), -ENOMEM);
	pg_table_expect_unchanged(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 0);
}

static void unmap_of_a_bad_range_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va + 1, f->page, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, f->page - 1, 0),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, 0 - f->page, 2 * f->page,
					     0), -EINVAL);
}

static void protect_changes_nothing_but_the_protection(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa, f->large + f->page);
	KUNIT_EXPECT_EQ(test, pg_table_protect(f->pgt, f->va,
					       f->large + f->page, f->ro,
					       PG_TABLE_PROT_ALL, 0), 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->large, f->ro, 1);
	pg_table_expect_mapped(test, f->pgt, f->va + f->large,
			       f->pa + f->large, f->page, f->ro, 0);
	pg_table_expect_flushed(test, f->va, f->large + f->page);
}

static void protect_of_a_part_splits_the_leaf(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	KUNIT_EXPECT_EQ(test, pg_table_protect(f->pgt, f->va + f->page,
					       f->page, f->ro,
					       PG_TABLE_PROT_ALL, GFP_KERNEL),
			0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->page, f->rw, 0);
	pg_table_expect_mapped(test, f->pgt, f->va + f->page, f->pa + f->page,
			       f->page, f->ro, 0);
	pg_table_expect_mapped(test, f->pgt, f->va + 2 * f->page,
			       f->pa + 2 * f->page, f->large - 2 * f->page,
			       f->rw, 0);
	pg_table_expect_flushed(test, f->va, f->large);
}

static void protect_across_a_hole_changes_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_protect(f->pgt, f->va,
					       f->large + f->page, f->ro,
					       PG_TABLE_PROT_ALL, GFP_KERNEL),
			-ENOENT);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void protect_that_ends_all_access_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_protect(f->pgt, f->va, f->page,
					       __pgprot(0), PG_TABLE_PROT_ALL,
					       0), -EINVAL);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void protect_writable_and_executable_needs_the_flag(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->page);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_protect(f->pgt, f->va, 2 * f->page,
					       f->rwx, PG_TABLE_PROT_ALL, 0),
			-EPERM);
	pg_table_expect_unchanged(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_protect(f->pgt, f->va, 2 * f->page,
					       f->rx, PG_TABLE_PROT_ALL, 0),
			0);
}

static void split_keeps_what_is_mapped(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	if (f->huge_level < 2)
		return;
	pg_table_fixture_map(test, f->va, f->pa, f->huge);
	KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, f->va, f->huge, 1,
					     GFP_KERNEL), 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->huge, f->rw, 1);
	pg_table_expect_flushed(test, f->va, f->huge);
	KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, f->va + f->large,
					     f->page, 0, GFP_KERNEL), 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->large, f->rw, 1);
	pg_table_expect_mapped(test, f->pgt, f->va + f->large,
			       f->pa + f->large, f->large, f->rw, 0);
	pg_table_expect_flushed(test, f->va + f->large, f->large);
}

static void split_of_small_leaves_does_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, f->va, f->large, 1, 0),
			0);
	pg_table_expect_unchanged(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 0);
}

static void split_of_a_hole_changes_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, f->va, 2 * f->large, 0,
					     GFP_KERNEL), -ENOENT);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void split_to_a_level_without_leaves_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, f->va, f->page,
					     PG_TABLE_MAX_LEVELS, GFP_KERNEL),
			-EINVAL);
}

static void split_needs_memory(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, f->va, f->large, 0, 0),
			-ENOMEM);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

/* It may, unless the CPU wants break before make. */
static void split_of_a_loaded_table_may_be_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;
	int ret;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	pg_table_snapshot_take(test, f->pgt, &before);
	atomic_inc(&f->pgt->desc->loaded);
	pg_table_sim_cpu.bbml2 = false;
	ret = pg_table_split(f->pgt, f->va, f->page, 0, GFP_KERNEL);
	pg_table_sim_cpu.bbml2 = true;
	if (ret) {
		KUNIT_EXPECT_EQ(test, ret, -EOPNOTSUPP);
		pg_table_expect_unchanged(test, f->pgt, &before);
		KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, f->va, f->page, 0,
						     GFP_KERNEL), 0);
	}
	atomic_dec(&f->pgt->desc->loaded);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->large, f->rw, 0);
}

static struct kunit_case edit_cases[] = {
	PG_TABLE_CASE(unmap_frees_the_tables_it_empties),
	PG_TABLE_CASE(unmap_page_by_page_frees_the_tables_too),
	PG_TABLE_CASE(unmap_leaves_neighbours_alone),
	PG_TABLE_CASE(unmap_of_nothing_is_no_error),
	PG_TABLE_CASE(unmap_of_a_part_splits_the_leaf),
	PG_TABLE_CASE(unmap_that_must_split_needs_memory),
	PG_TABLE_CASE(unmap_of_a_bad_range_is_refused),
	PG_TABLE_CASE(protect_changes_nothing_but_the_protection),
	PG_TABLE_CASE(protect_of_a_part_splits_the_leaf),
	PG_TABLE_CASE(protect_across_a_hole_changes_nothing),
	PG_TABLE_CASE(protect_that_ends_all_access_is_refused),
	PG_TABLE_CASE(protect_writable_and_executable_needs_the_flag),
	PG_TABLE_CASE(split_keeps_what_is_mapped),
	PG_TABLE_CASE(split_of_small_leaves_does_nothing),
	PG_TABLE_CASE(split_of_a_hole_changes_nothing),
	PG_TABLE_CASE(split_to_a_level_without_leaves_is_refused),
	PG_TABLE_CASE(split_needs_memory),
	PG_TABLE_CASE(split_of_a_loaded_table_may_be_refused),
	{ }
};

static struct kunit_suite edit_suite = {
	.name		= "pg_table_edit",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= edit_cases,
};

kunit_test_suite(edit_suite);

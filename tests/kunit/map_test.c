// SPDX-License-Identifier: GPL-2.0
/* Tests of map. */
#include "fixture.h"

static void map_uses_the_largest_leaf(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->huge);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, 2 * f->huge, f->rw,
			       f->huge_level);
	pg_table_expect_hole(test, f->pgt, f->va - f->page, f->page);
	pg_table_expect_hole(test, f->pgt, f->va + 2 * f->huge, f->page);
}

static void map_puts_small_leaves_around_large_ones(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	unsigned long va = f->va + f->large - f->page;
	phys_addr_t pa = f->pa + f->large - f->page;

	pg_table_fixture_map(test, va, pa, f->large + 2 * f->page);
	pg_table_expect_mapped(test, f->pgt, va, pa, f->page, f->rw, 0);
	pg_table_expect_mapped(test, f->pgt, va + f->page, pa + f->page,
			       f->large, f->rw, 1);
	pg_table_expect_mapped(test, f->pgt, va + f->page + f->large,
			       pa + f->page + f->large, f->page, f->rw, 0);
}

static void map_minds_the_alignment_of_pa(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa + f->page, f->large);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa + f->page, f->large,
			       f->rw, 0);
}

static void map_minds_the_largest_leaf_allowed(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_config config = {
		.name		= "small",
		.format		= f->format,
		.ops		= pg_table_sim_ops(f->sim),
		.leaf_sizes	= 1,
	};
	struct pg_table *pgt = pg_table_create(&config);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, f->va, f->pa, f->large, f->rw,
					   GFP_KERNEL), 0);
	pg_table_expect_mapped(test, pgt, f->va, f->pa, f->large, f->rw, 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void map_over_something_changes_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	unsigned long last = f->va + f->huge + f->large - f->page;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, last, f->pa, f->page);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va, f->pa,
					   f->huge + f->large, f->rw,
					   GFP_KERNEL), -EEXIST);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void map_into_a_larger_leaf_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->huge);
	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va + 4 * f->page, f->pa,
					   f->page, f->rw, GFP_KERNEL),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va + f->huge - f->page, f->pa,
					   2 * f->page, f->rw, GFP_KERNEL),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va - f->page, f->pa,
					   2 * f->page, f->rw, GFP_KERNEL),
			-EEXIST);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void map_of_a_bad_range_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	const struct {
		unsigned long	va;
		phys_addr_t	pa;
		size_t		size;
	} bad[] = {
		{ f->va, f->pa, 0 },
		{ f->va + 1, f->pa, f->page },
		{ f->va + f->page / 2, f->pa, f->page },
		{ f->va, f->pa + f->page / 2, f->page },
		{ f->va, f->pa, f->page + 1 },
		{ f->va, f->pa, f->page / 2 },
		{ 0 - f->page, f->pa, 2 * f->page },
		{ f->va, f->pa, 0 - f->page },
		{ f->va, ~(phys_addr_t)0 & ~(f->page - 1), f->page },
		{ f->va, f->pgt->desc->pa_last + 1 - f->page, 2 * f->page },
		{ f->pgt->desc->user_last + 1 - f->page, f->pa, 2 * f->page },
	};
	struct pg_table_snapshot before;
	unsigned int i;

	pg_table_snapshot_take(test, f->pgt, &before);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    pg_table_map(f->pgt, bad[i].va, bad[i].pa,
						 bad[i].size, f->rw,
						 GFP_KERNEL),
				    -EINVAL, "case %u", i);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void map_keeps_to_the_bounds(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_config config = {
		.name		= "bounds",
		.format		= f->format,
		.ops		= pg_table_sim_ops(f->sim),
		.va_first	= f->va,
		.va_last	= f->va + 2 * f->page - 1,
	};
	struct pg_table *pgt = pg_table_create(&config);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, f->va - f->page, f->pa,
					   f->page, f->rw, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, f->va + f->page, f->pa,
					   2 * f->page, f->rw, GFP_KERNEL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, f->va, f->pa, 2 * f->page,
					   f->rw, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void map_reaches_the_highest_address(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	unsigned long va = f->pgt->desc->config.va_last - f->huge + 1;

	pg_table_fixture_map(test, va, f->pa, f->huge);
	pg_table_expect_mapped(test, f->pgt, va, f->pa, f->huge, f->rw,
			       f->huge_level);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, va + f->huge - f->page,
					     f->page, GFP_KERNEL), 0);
	pg_table_expect_hole(test, f->pgt, va + f->huge - f->page, f->page);
	pg_table_expect_mapped(test, f->pgt, va, f->pa, f->huge - f->large,
			       f->rw, 1);
}

static void map_without_read_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	pgprot_t none = pg_table_prot(f->format, PG_TABLE_WRITE);

	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va, f->pa, f->page, none,
					   GFP_KERNEL), -EINVAL);
	pg_table_expect_hole(test, f->pgt, f->va, f->page);
}

static void map_writable_and_executable_needs_the_flag(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *pgt = pg_table_fixture_create(test, PG_TABLE_ALLOW_WX);
	struct pg_table_stats stats;

	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va, f->pa, f->page,
					   f->rwx, GFP_KERNEL), -EPERM);
	pg_table_expect_hole(test, f->pgt, f->va, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, f->va, f->pa, f->page, f->rwx,
					   GFP_KERNEL), 0);
	pg_table_get_stats(pgt, &stats);
	KUNIT_EXPECT_EQ(test, stats.wx, 1);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void map_without_gfp_uses_the_tables_that_are_there(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;

	pg_table_snapshot_take(test, f->pgt, &before);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va, f->pa, f->page,
					   f->rw, 0), -ENOMEM);
	pg_table_expect_unchanged(test, f->pgt, &before);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, f->va + f->page, f->pa,
					   f->page, f->rw, 0), 0);
}

static void map_needs_no_flush(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa, f->large + f->page);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_flushes(test), 0);
}

static void map_counts_what_it_makes(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_stats stats;

	pg_table_fixture_map(test, f->va, f->pa, f->large + f->page);
	pg_table_get_stats(f->pgt, &stats);
	KUNIT_EXPECT_EQ(test, stats.tables,
			pg_table_format_levels(f->format));
	KUNIT_EXPECT_EQ(test, stats.leaves[0], 1);
	KUNIT_EXPECT_EQ(test, stats.leaves[1], 1);
	KUNIT_EXPECT_EQ(test, stats.mapped, f->large + f->page);
	KUNIT_EXPECT_GE(test, stats.bytes, 4096 * (stats.tables - 1));
	KUNIT_EXPECT_EQ(test, stats.wx, 0);
}

static struct kunit_case map_cases[] = {
	PG_TABLE_CASE(map_uses_the_largest_leaf),
	PG_TABLE_CASE(map_puts_small_leaves_around_large_ones),
	PG_TABLE_CASE(map_minds_the_alignment_of_pa),
	PG_TABLE_CASE(map_minds_the_largest_leaf_allowed),
	PG_TABLE_CASE(map_over_something_changes_nothing),
	PG_TABLE_CASE(map_into_a_larger_leaf_is_refused),
	PG_TABLE_CASE(map_of_a_bad_range_is_refused),
	PG_TABLE_CASE(map_keeps_to_the_bounds),
	PG_TABLE_CASE(map_reaches_the_highest_address),
	PG_TABLE_CASE(map_without_read_is_refused),
	PG_TABLE_CASE(map_writable_and_executable_needs_the_flag),
	PG_TABLE_CASE(map_without_gfp_uses_the_tables_that_are_there),
	PG_TABLE_CASE(map_needs_no_flush),
	PG_TABLE_CASE(map_counts_what_it_makes),
	{ }
};

static struct kunit_suite map_suite = {
	.name		= "pg_table_map",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= map_cases,
};

kunit_test_suite(map_suite);

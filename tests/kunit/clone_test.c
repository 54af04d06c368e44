// SPDX-License-Identifier: GPL-2.0
/* Tests of clone, SHARE and FOLLOW. */
#include "fixture.h"

static void clone_is_gone(struct kunit *test, struct pg_table *clone)
{
	KUNIT_EXPECT_EQ(test, pg_table_verify(clone), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(clone), 0);
}

static void share_takes_one_table_for_whole_root_entries(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone;
	struct pg_table_stats stats;

	if (f->small_root)
		return;
	clone = pg_table_fixture_create(test, 0);
	/* The first entry is empty, and a whole root entry lies between. */
	pg_table_fixture_map(test, f->va + f->root_span, f->pa, f->large);
	pg_table_fixture_map(test, f->va + 3 * f->root_span, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     4 * f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), 0);
	pg_table_expect_mapped(test, clone, f->va + f->root_span, f->pa,
			       f->large, f->rw, 1);
	pg_table_expect_mapped(test, clone, f->va + 3 * f->root_span, f->pa,
			       f->page, f->rw, 0);
	pg_table_get_stats(clone, &stats);
	KUNIT_EXPECT_EQ(test, stats.tables, 1);
	KUNIT_EXPECT_EQ(test, stats.borrowed, 2);
	KUNIT_EXPECT_EQ(test, stats.bytes, 0);
	clone_is_gone(test, clone);
	pg_table_expect_mapped(test, f->pgt, f->va + f->root_span, f->pa,
			       f->large, f->rw, 1);
}

static void share_below_the_root_makes_the_path(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_stats stats;

	/* Nothing is mapped in the first quarter of the range. */
	pg_table_fixture_map(test, f->va + f->large, f->pa, f->page);
	pg_table_fixture_map(test, f->va + 3 * f->large, f->pa, f->large);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     4 * f->large, PG_TABLE_SHARE,
					     GFP_KERNEL), 0);
	pg_table_expect_mapped(test, clone, f->va + f->large, f->pa, f->page,
			       f->rw, 0);
	pg_table_expect_mapped(test, clone, f->va + 3 * f->large, f->pa,
			       f->large, f->rw, 1);
	pg_table_get_stats(clone, &stats);
	KUNIT_EXPECT_EQ(test, stats.tables,
			pg_table_format_levels(f->format) - 1);
	KUNIT_EXPECT_EQ(test, stats.borrowed, 1);
	clone_is_gone(test, clone);
}

static void share_shows_what_the_source_does_below(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), 0);
	pg_table_fixture_map(test, f->va + f->page, f->pa + f->page, f->page);
	pg_table_expect_mapped(test, clone, f->va + f->page, f->pa + f->page,
			       f->page, f->rw, 0);
	pg_table_fixture_map(test, f->va + f->root_span, f->pa, f->page);
	pg_table_expect_hole(test, clone, f->va + f->root_span, f->page);
	clone_is_gone(test, clone);
}

static void table_freed_in_the_source_leaves_the_clone(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_stats stats;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va, f->large,
					     PG_TABLE_SHARE, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, f->page, 0), 0);
	pg_table_expect_hole(test, clone, f->va, f->large);
	pg_table_get_stats(clone, &stats);
	KUNIT_EXPECT_EQ(test, stats.borrowed, 0);
	KUNIT_EXPECT_EQ(test, stats.tables, 1);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			2 * f->root_pages);
	clone_is_gone(test, clone);
}

static void edit_of_a_clone_copies_its_path_only(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_stats stats;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->page);
	pg_table_fixture_map(test, f->va + f->large, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, f->va, f->page, 0),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, f->va, f->page,
					     GFP_KERNEL), 0);
	pg_table_expect_flushed(test, f->va, f->root_span);
	KUNIT_EXPECT_EQ(test, pg_table_protect(clone, f->va + f->page, f->page,
					       f->ro, PG_TABLE_PROT_ALL, 0),
			0);
	pg_table_expect_hole(test, clone, f->va, f->page);
	pg_table_expect_mapped(test, clone, f->va + f->page, f->pa + f->page,
			       f->page, f->ro, 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, 2 * f->page, f->rw,
			       0);
	pg_table_get_stats(clone, &stats);
	KUNIT_EXPECT_EQ(test, stats.tables, pg_table_format_levels(f->format));
	KUNIT_EXPECT_EQ(test, stats.borrowed, 1);
	pg_table_fixture_map(test, f->va + f->large + f->page, f->pa, f->page);
	pg_table_expect_mapped(test, clone, f->va + f->large + f->page, f->pa,
			       f->page, f->rw, 0);
	clone_is_gone(test, clone);
}

static void refused_edit_of_a_clone_copies_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_snapshot before, source;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), 0);
	pg_table_snapshot_take(test, clone, &before);
	pg_table_snapshot_take(test, f->pgt, &source);
	KUNIT_EXPECT_EQ(test, pg_table_map(clone, f->va, f->pa, 2 * f->page,
					   f->rw, GFP_KERNEL), -EEXIST);
	KUNIT_EXPECT_EQ(test, pg_table_protect(clone, f->va, 2 * f->page,
					       f->ro, PG_TABLE_PROT_ALL,
					       GFP_KERNEL), -ENOENT);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, f->va + f->page, f->page,
					     0), 0);
	pg_table_expect_unchanged(test, clone, &before);
	pg_table_expect_unchanged(test, f->pgt, &source);
	clone_is_gone(test, clone);
}

static void clone_onto_something_changes_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_map(clone, f->va + f->large, f->pa,
					   f->page, f->rw, GFP_KERNEL), 0);
	pg_table_snapshot_take(test, clone, &before);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     2 * f->large, PG_TABLE_SHARE,
					     GFP_KERNEL), -EEXIST);
	pg_table_expect_unchanged(test, clone, &before);
	clone_is_gone(test, clone);
}

static void clone_of_a_part_of_a_leaf_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, f->huge);
	pg_table_snapshot_take(test, clone, &before);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va, f->page,
					     PG_TABLE_SHARE, GFP_KERNEL),
			-EINVAL);
	pg_table_expect_unchanged(test, clone, &before);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va, f->huge,
					     PG_TABLE_SHARE, GFP_KERNEL), 0);
	pg_table_expect_mapped(test, clone, f->va, f->pa, f->huge, f->rw,
			       f->huge_level);
	clone_is_gone(test, clone);
}

static void clone_of_itself_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);

	KUNIT_EXPECT_EQ(test, pg_table_clone(f->pgt, f->pgt, f->va,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(f->pgt, clone,
					     f->va + f->root_span,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), -EINVAL);
	clone_is_gone(test, clone);
}

static void source_stays_while_a_clone_borrows(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(f->pgt), -EBUSY);
	pg_table_expect_mapped(test, clone, f->va, f->pa, f->page, f->rw, 0);
	clone_is_gone(test, clone);
}

static void follow_sees_every_change_of_the_source(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone;

	if (f->small_root)
		return;
	clone = pg_table_fixture_create(test, 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     2 * f->root_span,
					     PG_TABLE_FOLLOW, GFP_KERNEL), 0);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	pg_table_fixture_map(test, f->va + f->root_span, f->pa, f->large);
	pg_table_expect_mapped(test, clone, f->va, f->pa, f->page, f->rw, 0);
	pg_table_expect_mapped(test, clone, f->va + f->root_span, f->pa,
			       f->large, f->rw, 1);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, f->root_span, 0),
			0);
	pg_table_expect_hole(test, clone, f->va, f->page);
	pg_table_expect_mapped(test, clone, f->va + f->root_span, f->pa,
			       f->large, f->rw, 1);
	clone_is_gone(test, clone);
}

static void follow_reaches_clones_of_clones(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone;
	struct pg_table *second;

	if (f->small_root)
		return;
	clone = pg_table_fixture_create(test, 0);
	second = pg_table_fixture_create(test, 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(second, clone, f->va,
					     f->root_span, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	pg_table_expect_mapped(test, second, f->va, f->pa, f->page, f->rw, 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, f->page, 0), 0);
	pg_table_expect_hole(test, second, f->va, f->page);
	clone_is_gone(test, second);
	clone_is_gone(test, clone);
}

static void follow_of_a_part_of_root_entries_stays_true(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	unsigned long va = f->va + f->large - 2 * f->page;
	unsigned long used = pg_table_fixture_used(test);

	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, va, 4 * f->page,
					     PG_TABLE_FOLLOW, GFP_KERNEL), 0);
	pg_table_fixture_map(test, f->va, f->pa, 2 * f->large);
	pg_table_expect_mapped(test, clone, va, f->pa + f->large - 2 * f->page,
			       4 * f->page, f->rw, 0);
	pg_table_expect_hole(test, clone, f->va, f->large - 2 * f->page);
	KUNIT_EXPECT_EQ(test, pg_table_protect(f->pgt, va, f->page, f->ro,
					       PG_TABLE_PROT_ALL, GFP_KERNEL),
			0);
	pg_table_expect_mapped(test, clone, va, f->pa + f->large - 2 * f->page,
			       f->page, f->ro, 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, 2 * f->large, 0),
			0);
	pg_table_expect_hole(test, clone, f->va, 2 * f->large);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, va, 4 * f->page, 0), 0);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test), used);
	clone_is_gone(test, clone);
}

static void hole_stays_whatever_the_source_does(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	unsigned long hole = f->va + 5 * f->page;
	struct pg_table_stats stats;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, hole, f->page, 0),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, hole, f->page, GFP_KERNEL),
			0);
	pg_table_expect_flushed(test, f->va, f->root_span);
	pg_table_get_stats(clone, &stats);
	KUNIT_EXPECT_EQ(test, stats.holes, f->page);
	KUNIT_EXPECT_EQ(test, stats.tables, pg_table_format_levels(f->format));
	pg_table_expect_mapped(test, clone, f->va, f->pa, 5 * f->page, f->rw,
			       0);
	pg_table_expect_hole(test, clone, hole, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, f->large, 0), 0);
	pg_table_expect_hole(test, clone, f->va, f->large);
	pg_table_fixture_map(test, f->va, f->pa, f->huge);
	pg_table_expect_hole(test, clone, hole, f->page);
	pg_table_expect_mapped(test, clone, f->va, f->pa, 5 * f->page, f->rw,
			       0);
	if (f->huge > f->large)
		pg_table_expect_mapped(test, clone, f->va + f->large,
				       f->pa + f->large, f->huge - f->large,
				       f->rw, 1);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->huge, f->rw,
			       f->huge_level);
	clone_is_gone(test, clone);
}

static void hole_is_filled_by_following_again(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	unsigned long used;

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	used = pg_table_fixture_used(test);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, f->va, 3 * f->page,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va + f->page,
					     f->page, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	pg_table_expect_hole(test, clone, f->va, f->page);
	pg_table_expect_mapped(test, clone, f->va + f->page, f->pa + f->page,
			       f->page, f->rw, 0);
	pg_table_expect_hole(test, clone, f->va + 2 * f->page, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	pg_table_expect_mapped(test, clone, f->va, f->pa, f->large, f->rw, 1);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test), used);
	clone_is_gone(test, clone);
}

static void hole_is_inherited_by_clones_of_clones(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table *second = pg_table_fixture_create(test, 0);

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(second, clone, f->va + f->page,
					     f->large, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, f->va + 3 * f->page,
					     f->page, GFP_KERNEL), 0);
	pg_table_expect_hole(test, second, f->va + 3 * f->page, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(second, f->va + 5 * f->page,
					     f->page, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, f->va, 8 * f->page,
					     GFP_KERNEL), 0);
	pg_table_expect_hole(test, second, f->va, 8 * f->page);
	pg_table_fixture_map(test, f->va, f->pa, 8 * f->page);
	pg_table_expect_hole(test, second, f->va + 3 * f->page, f->page);
	pg_table_expect_hole(test, second, f->va + 5 * f->page, f->page);
	pg_table_expect_mapped(test, second, f->va + 4 * f->page,
			       f->pa + 4 * f->page, f->page, f->rw, 0);
	pg_table_expect_mapped(test, clone, f->va + 4 * f->page,
			       f->pa + 4 * f->page, 2 * f->page, f->rw, 0);
	clone_is_gone(test, second);
	clone_is_gone(test, clone);
}

static void follow_ends_by_unmapping_the_whole(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone;

	if (f->small_root)
		return;
	clone = pg_table_fixture_create(test, 0);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     2 * f->root_span,
					     PG_TABLE_FOLLOW, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, f->va, f->root_span, 0), 0);
	KUNIT_EXPECT_EQ(test, pg_table_map(clone, f->va + f->root_span, f->pa,
					   f->page, f->rw, GFP_KERNEL),
			-EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(clone, f->va, 2 * f->root_span,
					     0), 0);
	pg_table_fixture_map(test, f->va + f->root_span, f->pa, f->page);
	pg_table_expect_hole(test, clone, f->va + f->root_span, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_map(clone, f->va + f->root_span, f->pa,
					   f->page, f->rw, GFP_KERNEL), 0);
	clone_is_gone(test, clone);
}

static void follow_of_others_changes_needs_the_hook(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_config config = {
		.name	= "foreign",
		.format	= f->format,
		.ops	= pg_table_sim_ops(f->sim),
		.root	= f->pgt->pgd,
		.flags	= f->flags | PG_TABLE_FOREIGN,
	};
	struct pg_table *foreign;
	struct pg_table *clone;

	if (f->small_root)
		return;
	foreign = pg_table_create(&config);
	clone = pg_table_fixture_create(test, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, foreign);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, foreign, f->va,
					     f->root_span, PG_TABLE_FOLLOW,
					     GFP_KERNEL), 0);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	pg_table_expect_hole(test, clone, f->va, f->page);
	pg_table_sync(foreign, f->va, f->root_span);
	pg_table_expect_mapped(test, clone, f->va, f->pa, f->page, f->rw, 0);
	clone_is_gone(test, clone);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(foreign), 0);
}

static void replace_turns_one_entry_into_another(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_stats stats;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->page);
	KUNIT_EXPECT_EQ(test, pg_table_map(clone, f->va, f->pa + f->large,
					   3 * f->page, f->rw, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va + f->page,
					     f->root_span - f->page,
					     PG_TABLE_SHARE |
					     PG_TABLE_CLONE_REPLACE,
					     GFP_KERNEL), 0);
	pg_table_expect_flushed(test, f->va + f->page, 2 * f->page);
	pg_table_expect_mapped(test, clone, f->va, f->pa + f->large, f->page,
			       f->rw, 0);
	pg_table_expect_mapped(test, clone, f->va + f->page, f->pa + f->page,
			       f->page, f->rw, 0);
	pg_table_expect_hole(test, clone, f->va + 2 * f->page, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_clone(clone, f->pgt, f->va,
					     f->root_span,
					     PG_TABLE_SHARE |
					     PG_TABLE_CLONE_REPLACE,
					     GFP_KERNEL), 0);
	pg_table_expect_flushed(test, f->va, f->root_span);
	pg_table_expect_mapped(test, clone, f->va, f->pa, 2 * f->page, f->rw,
			       0);
	pg_table_get_stats(clone, &stats);
	KUNIT_EXPECT_EQ(test, stats.tables, 1 + f->small_root);
	KUNIT_EXPECT_EQ(test, stats.borrowed, 1);
	clone_is_gone(test, clone);
}

static void copy_outlives_its_source(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *source = pg_table_fixture_create(test, 0);

	KUNIT_EXPECT_EQ(test, pg_table_map(source, f->va, f->pa,
					   f->large + f->page, f->rw,
					   GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(f->pgt, source, f->va,
					     f->root_span, PG_TABLE_COPY,
					     GFP_KERNEL), 0);
	clone_is_gone(test, source);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->large, f->rw, 1);
	pg_table_expect_mapped(test, f->pgt, f->va + f->large,
			       f->pa + f->large, f->page, f->rw, 0);
}

static void copy_splits_where_the_range_ends_in_a_leaf(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;
	struct pg_table *copy;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->large);
	pg_table_snapshot_take(test, f->pgt, &before);
	copy = pg_table_fixture_create(test, 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(copy, f->pgt, f->va,
					     f->large + f->page,
					     PG_TABLE_COPY, GFP_KERNEL), 0);
	pg_table_expect_mapped(test, copy, f->va, f->pa, f->large, f->rw, 1);
	pg_table_expect_mapped(test, copy, f->va + f->large, f->pa + f->large,
			       f->page, f->rw, 0);
	pg_table_expect_hole(test, copy, f->va + f->large + f->page, f->page);
	KUNIT_EXPECT_EQ(test, pg_table_verify(copy), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(copy), 0);
	pg_table_expect_unchanged(test, f->pgt, &before);
}

static void copy_onto_something_changes_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *copy = pg_table_fixture_create(test, 0);
	struct pg_table_snapshot before;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->large);
	KUNIT_EXPECT_EQ(test, pg_table_map(copy, f->va + f->large, f->pa,
					   f->page, f->rw, GFP_KERNEL), 0);
	pg_table_snapshot_take(test, copy, &before);
	KUNIT_EXPECT_EQ(test, pg_table_clone(copy, f->pgt, f->va,
					     f->root_span, PG_TABLE_COPY,
					     GFP_KERNEL), -EEXIST);
	pg_table_expect_unchanged(test, copy, &before);
	clone_is_gone(test, copy);
}

static struct kunit_case clone_cases[] = {
	PG_TABLE_CASE(share_takes_one_table_for_whole_root_entries),
	PG_TABLE_CASE(share_below_the_root_makes_the_path),
	PG_TABLE_CASE(share_shows_what_the_source_does_below),
	PG_TABLE_CASE(table_freed_in_the_source_leaves_the_clone),
	PG_TABLE_CASE(edit_of_a_clone_copies_its_path_only),
	PG_TABLE_CASE(refused_edit_of_a_clone_copies_nothing),
	PG_TABLE_CASE(clone_onto_something_changes_nothing),
	PG_TABLE_CASE(clone_of_a_part_of_a_leaf_is_refused),
	PG_TABLE_CASE(clone_of_itself_is_refused),
	PG_TABLE_CASE(source_stays_while_a_clone_borrows),
	PG_TABLE_CASE(follow_sees_every_change_of_the_source),
	PG_TABLE_CASE(follow_reaches_clones_of_clones),
	PG_TABLE_CASE(follow_of_a_part_of_root_entries_stays_true),
	PG_TABLE_CASE(hole_stays_whatever_the_source_does),
	PG_TABLE_CASE(hole_is_filled_by_following_again),
	PG_TABLE_CASE(hole_is_inherited_by_clones_of_clones),
	PG_TABLE_CASE(follow_ends_by_unmapping_the_whole),
	PG_TABLE_CASE(follow_of_others_changes_needs_the_hook),
	PG_TABLE_CASE(replace_turns_one_entry_into_another),
	PG_TABLE_CASE(copy_outlives_its_source),
	PG_TABLE_CASE(copy_splits_where_the_range_ends_in_a_leaf),
	PG_TABLE_CASE(copy_onto_something_changes_nothing),
	{ }
};

static struct kunit_suite clone_suite = {
	.name		= "pg_table_clone",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= clone_cases,
};

kunit_test_suite(clone_suite);

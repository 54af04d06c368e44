// SPDX-License-Identifier: GPL-2.0
/* Tests of tables as objects: how they come and go, and who may edit them. */
#include "fixture.h"

/* Every verb that would change @pgt, which has a leaf at f->va, is refused. */
static void expect_read_only(struct kunit *test, struct pg_table *pgt)
{
	struct pg_table_fixture *f = test->priv;
	unsigned long free = f->va + f->root_span;

	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, free, f->pa, f->page, f->rw,
					   GFP_KERNEL), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(pgt, f->va, f->page, GFP_KERNEL),
			-EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_protect(pgt, f->va, f->page, f->ro,
					       PG_TABLE_PROT_ALL, GFP_KERNEL),
			-EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_split(pgt, f->va, f->page, 0,
					     GFP_KERNEL), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_reserve(pgt, free, f->page, 0,
					       GFP_KERNEL), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_unreserve(pgt, f->va, f->page), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_clone(pgt, f->pgt, free, f->root_span,
					     PG_TABLE_SHARE, GFP_KERNEL),
			-EPERM);
}

static void sealed_table_can_be_read_but_not_changed(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *pgt = pg_table_fixture_create(test, 0);
	struct pg_table_snapshot before;

	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, f->va, f->pa, f->large, f->rw,
					   GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_seal(pgt), 0);
	pg_table_snapshot_take(test, pgt, &before);
	expect_read_only(test, pgt);
	pg_table_expect_unchanged(test, pgt, &before);
	pg_table_expect_mapped(test, pgt, f->va, f->pa, f->large, f->rw, 1);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void sealed_table_goes_on_following(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *pgt;

	if (f->small_root)
		return;
	pgt = pg_table_fixture_create(test, 0);
	KUNIT_EXPECT_EQ(test, pg_table_clone(pgt, f->pgt, f->va, f->root_span,
					     PG_TABLE_FOLLOW, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_seal(pgt), 0);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	pg_table_expect_mapped(test, pgt, f->va, f->pa, f->page, f->rw, 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void foreign_table_can_be_read_but_not_changed(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_config config = {
		.name	= "foreign",
		.format	= f->format,
		.ops	= pg_table_sim_ops(f->sim),
		.root	= f->pgt->pgd,
		.flags	= f->flags | PG_TABLE_FOREIGN,
	};
	struct pg_table *pgt = pg_table_create(&config);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
	expect_read_only(test, pgt);
	KUNIT_EXPECT_EQ(test, pg_table_seal(pgt), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_verify(pgt), 0);
	pg_table_expect_mapped(test, pgt, f->va, f->pa, f->page, f->rw, 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
	pg_table_expect_mapped(test, f->pgt, f->va, f->pa, f->page, f->rw, 0);
}

static void table_of_a_process_is_left_alone(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table process = { .pgd = f->pgt->pgd };
	struct pg_table_leaf leaf;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	expect_read_only(test, &process);
	KUNIT_EXPECT_EQ(test, pg_table_seal(&process), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_lookup(&process, f->va, &leaf), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_verify(&process), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_fini(&process), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_clone(f->pgt, &process,
					     f->va + f->root_span,
					     f->root_span, PG_TABLE_SHARE,
					     GFP_KERNEL), -EPERM);
}

static void loaded_table_is_not_destroyed(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	atomic_inc(&f->pgt->desc->loaded);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(f->pgt), -EBUSY);
	atomic_dec(&f->pgt->desc->loaded);
	pg_table_fixture_map(test, f->va, f->pa, f->page);
}

static void bad_configuration_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	const struct pg_table_config bad[] = {
		{ .flags = BIT(31) },
		{ .leaf_sizes = PG_TABLE_MAX_LEVELS + 1 },
		{ .va_first = f->va, .va_last = f->page - 1 },
		{ .flags = PG_TABLE_FOREIGN },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct pg_table_config config = bad[i];
		struct pg_table *pgt;

		config.format = f->format;
		config.ops = pg_table_sim_ops(f->sim);
		pgt = pg_table_create(&config);
		KUNIT_EXPECT_TRUE_MSG(test, IS_ERR(pgt) &&
				      PTR_ERR(pgt) == -EINVAL, "case %u", i);
	}
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
}

static void create_without_memory_leaves_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_config config = {
		.format	= f->format,
		.ops	= pg_table_sim_ops(f->sim),
	};
	struct pg_table *pgt;

	pg_table_sim_fail(f->sim, 1, 1);
	pgt = pg_table_create(&config);
	KUNIT_EXPECT_TRUE(test, IS_ERR(pgt) && PTR_ERR(pgt) == -ENOMEM);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
}

static void table_in_the_callers_memory_comes_and_goes(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_config config = {
		.name	= "embedded",
		.format	= f->format,
		.ops	= pg_table_sim_ops(f->sim),
		.flags	= f->flags,
	};
	struct pg_table pgt;

	/* As in a copy of another mm_struct: the old bytes mean nothing. */
	memset(&pgt, 0x5a, sizeof(pgt));
	KUNIT_ASSERT_EQ(test, pg_table_init(&pgt, &config), 0);
	KUNIT_EXPECT_EQ(test, pg_table_map(&pgt, f->va, f->pa, f->page, f->rw,
					   GFP_KERNEL), 0);
	KUNIT_EXPECT_STREQ(test, pg_table_name(&pgt), "embedded");
	KUNIT_EXPECT_EQ(test, pg_table_fini(&pgt), 0);
	KUNIT_EXPECT_NULL(test, pgt.desc);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
}

static int count_tables(struct pg_table *pgt, void *arg)
{
	unsigned int *count = arg;

	(*count)++;
	return 0;
}

static void every_table_is_listed(struct kunit *test)
{
	unsigned int before = 0, with = 0, after = 0;
	struct pg_table *pgt;

	pg_table_for_each(count_tables, &before);
	pgt = pg_table_fixture_create(test, 0);
	pg_table_for_each(count_tables, &with);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
	pg_table_for_each(count_tables, &after);
	KUNIT_EXPECT_EQ(test, with, before + 1);
	KUNIT_EXPECT_EQ(test, after, before);
}

static struct kunit_case object_cases[] = {
	PG_TABLE_CASE(sealed_table_can_be_read_but_not_changed),
	PG_TABLE_CASE(sealed_table_goes_on_following),
	PG_TABLE_CASE(foreign_table_can_be_read_but_not_changed),
	PG_TABLE_CASE(table_of_a_process_is_left_alone),
	PG_TABLE_CASE(loaded_table_is_not_destroyed),
	PG_TABLE_CASE(bad_configuration_is_refused),
	PG_TABLE_CASE(create_without_memory_leaves_nothing),
	PG_TABLE_CASE(table_in_the_callers_memory_comes_and_goes),
	PG_TABLE_CASE(every_table_is_listed),
	{ }
};

static struct kunit_suite object_suite = {
	.name		= "pg_table_object",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= object_cases,
};

kunit_test_suite(object_suite);

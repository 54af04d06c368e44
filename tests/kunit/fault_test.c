// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation of every verb fails once, alone and with all that follow:
 * either the verb fails and nothing has changed, or it did without.
 */
#include "fixture.h"

/**
 * struct attempt - one verb that allocates
 * @name: for messages
 * @prepare: what must be there before
 * @run: the verb
 * @undo: takes back what a run that succeeded did, may be NULL
 */
struct attempt {
	const char	*name;
	void (*prepare)(struct kunit *test);
	int (*run)(struct kunit *test);
	int (*undo)(struct kunit *test);
};

static void prepare_nothing(struct kunit *test)
{
}

static void prepare_huge(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa, 2 * f->huge);
}

static int run_map(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	return pg_table_map(f->pgt, f->va - f->page, f->pa - f->page,
			    f->huge + f->large + 2 * f->page, f->rw,
			    GFP_KERNEL);
}

static int run_unmap(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	return pg_table_unmap(f->pgt, f->va + f->page, f->huge, GFP_KERNEL);
}

static int run_protect(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	return pg_table_protect(f->pgt, f->va + f->page, f->huge, f->ro,
				PG_TABLE_PROT_ALL, GFP_KERNEL);
}

static int run_split(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	return pg_table_split(f->pgt, f->va + f->large, f->large, 0,
			      GFP_KERNEL);
}

static int run_reserve(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	return pg_table_reserve(f->pgt, f->va - f->page, 2 * f->page, 0,
				GFP_KERNEL);
}

static int undo_reserve(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	return pg_table_unreserve(f->pgt, f->va - f->page, 2 * f->page);
}

static const struct attempt attempts[] = {
	{ "map", prepare_nothing, run_map, NULL },
	{ "unmap", prepare_huge, run_unmap, NULL },
	{ "protect", prepare_huge, run_protect, NULL },
	{ "split", prepare_huge, run_split, NULL },
	{ "reserve", prepare_nothing, run_reserve, undo_reserve },
};

static unsigned long allocations(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_sim_stats stats;

	pg_table_sim_get_stats(f->sim, &stats);
	return stats.allocs;
}

/* Back to an empty table. */
static void clean_up(struct kunit *test, const struct attempt *attempt, int ret)
{
	struct pg_table_fixture *f = test->priv;

	if (!ret && attempt->undo)
		KUNIT_EXPECT_EQ(test, attempt->undo(test), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(f->pgt, 0, 4 * f->root_span, 0),
			0);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test),
			f->root_pages);
}

/*
 * Let @count allocations fail from allocation @site on. Returns whether there
 * was such an allocation.
 */
static bool fail_at(struct kunit *test, const struct attempt *attempt,
		    unsigned long site, unsigned long count)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_snapshot before;
	unsigned long seen;
	int ret;

	attempt->prepare(test);
	pg_table_snapshot_take(test, f->pgt, &before);
	seen = allocations(test);
	pg_table_sim_fail(f->sim, site, count);
	ret = attempt->run(test);
	pg_table_sim_fail(f->sim, 0, 0);
	seen = allocations(test) - seen;
	if (ret) {
		KUNIT_EXPECT_EQ_MSG(test, ret, -ENOMEM, "%s", attempt->name);
		KUNIT_EXPECT_GE(test, seen, site);
		pg_table_expect_unchanged(test, f->pgt, &before);
	}
	KUNIT_EXPECT_EQ(test, pg_table_verify(f->pgt), 0);
	clean_up(test, attempt, ret);
	return seen >= site;
}

static void failed_allocations_change_nothing(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		unsigned long site = 1;

		while (fail_at(test, &attempts[i], site, 1))
			site++;
		KUNIT_EXPECT_GT_MSG(test, site, 1, "%s", attempts[i].name);
		for (site = 1; fail_at(test, &attempts[i], site, ~0UL); )
			site++;
	}
}

/* Clones allocate from the same memory; the source is in f->pgt. */
static void failed_allocations_of_clone_change_nothing(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *clone = pg_table_fixture_create(test, 0);
	struct pg_table_snapshot before, source;
	unsigned long site = 0;
	int ret;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	pg_table_fixture_map(test, f->va + f->large, f->pa, f->large);
	pg_table_snapshot_take(test, clone, &before);
	pg_table_snapshot_take(test, f->pgt, &source);
	do {
		pg_table_sim_fail(f->sim, ++site, ~0UL);
		ret = pg_table_clone(clone, f->pgt, f->va, 2 * f->large,
				     PG_TABLE_SHARE, GFP_KERNEL);
		pg_table_sim_fail(f->sim, 0, 0);
		if (ret) {
			KUNIT_EXPECT_EQ(test, ret, -ENOMEM);
			pg_table_expect_unchanged(test, clone, &before);
			pg_table_expect_unchanged(test, f->pgt, &source);
		}
	} while (ret && site < 100);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_GE(test, site, pg_table_format_levels(f->format) - 1);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(clone), 0);
}

static struct kunit_case fault_cases[] = {
	PG_TABLE_CASE(failed_allocations_change_nothing),
	PG_TABLE_CASE(failed_allocations_of_clone_change_nothing),
	{ }
};

static struct kunit_suite fault_suite = {
	.name		= "pg_table_fault",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= fault_cases,
};

kunit_test_suite(fault_suite);

// SPDX-License-Identifier: GPL-2.0
/* Tests of what only reads: lookup, walk, verify, statistics, protections. */
#include "fixture.h"

static void lookup_finds_the_leaf_around_an_address(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_leaf leaf;

	pg_table_fixture_map(test, f->va, f->pa, f->huge);
	KUNIT_EXPECT_EQ(test, pg_table_lookup(f->pgt, f->va + f->huge - 5,
					      &leaf), 0);
	KUNIT_EXPECT_EQ(test, leaf.va, f->va);
	KUNIT_EXPECT_EQ(test, leaf.pa, f->pa);
	KUNIT_EXPECT_EQ(test, leaf.size, f->huge);
	KUNIT_EXPECT_EQ(test, leaf.level, f->huge_level);
}

static void lookup_outside_of_the_address_space_is_refused(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_leaf leaf;

	KUNIT_EXPECT_EQ(test, pg_table_lookup(f->pgt,
					      f->pgt->desc->user_last + 1,
					      &leaf), -EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_lookup(f->pgt, f->va, &leaf), -ENOENT);
}

/**
 * struct trail - what a walk has met
 * @leaves: leaves so far
 * @tables: tables so far
 * @next: lowest address that the next leaf may have
 * @ordered: addresses came in order
 * @stop: leaf at which to stop; 0 for never
 */
struct trail {
	unsigned int	leaves;
	unsigned int	tables;
	unsigned long	next;
	bool		ordered;
	unsigned int	stop;
};

static int trail_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct trail *trail = arg;

	trail->ordered &= leaf->va >= trail->next;
	trail->next = leaf->va + leaf->size;
	trail->leaves++;
	return trail->leaves == trail->stop ? -EINTR : 0;
}

static int trail_table(unsigned long va, size_t size, unsigned int level,
		       const struct pg_table_page *page, void *arg)
{
	struct trail *trail = arg;

	trail->tables++;
	return 0;
}

static const struct pg_table_walk_ops trail_ops = {
	.leaf	= trail_leaf,
	.table	= trail_table,
};

static void walk_visits_all_in_order(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct trail trail = { .ordered = true };
	struct pg_table_stats stats;

	pg_table_fixture_map(test, f->va + f->root_span, f->pa, f->page);
	pg_table_fixture_map(test, f->va + f->large - f->page,
			     f->pa + f->large - f->page, f->large + f->page);
	KUNIT_EXPECT_EQ(test, pg_table_walk(f->pgt, f->va, 2 * f->root_span,
					    &trail_ops, &trail), 0);
	pg_table_get_stats(f->pgt, &stats);
	KUNIT_EXPECT_EQ(test, trail.leaves, 3);
	KUNIT_EXPECT_EQ(test, trail.tables, stats.tables - 1);
	KUNIT_EXPECT_TRUE(test, trail.ordered);
}

static void walk_ends_with_the_first_result(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct trail trail = { .stop = 2 };

	pg_table_fixture_map(test, f->va, f->pa + f->page, 3 * f->page);
	KUNIT_EXPECT_EQ(test, pg_table_walk(f->pgt, f->va, 3 * f->page,
					    &trail_ops, &trail), -EINTR);
	KUNIT_EXPECT_EQ(test, trail.leaves, 2);
}

static void walk_reports_leaves_whole(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct trail trail = { };

	pg_table_fixture_map(test, f->va, f->pa, f->large);
	KUNIT_EXPECT_EQ(test, pg_table_walk(f->pgt, f->va + f->page, f->page,
					    &trail_ops, &trail), 0);
	KUNIT_EXPECT_EQ(test, trail.leaves, 1);
	KUNIT_EXPECT_EQ(test, trail.next, f->va + f->large);
}

static int find_page(unsigned long va, size_t size, unsigned int level,
		     const struct pg_table_page *page, void *arg)
{
	const struct pg_table_page **found = arg;

	*found = page;
	return 0;
}

static void verify_finds_a_wrong_count(struct kunit *test)
{
	static const struct pg_table_walk_ops ops = { .table = find_page };
	struct pg_table_fixture *f = test->priv;
	struct pg_table_page *page = NULL;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	KUNIT_ASSERT_EQ(test, pg_table_walk(f->pgt, f->va, f->page, &ops,
					    &page), 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	atomic_inc(&page->live);
	KUNIT_EXPECT_EQ(test, pg_table_verify(f->pgt), -EUCLEAN);
	atomic_dec(&page->live);
	KUNIT_EXPECT_EQ(test, pg_table_verify(f->pgt), 0);
}

static void verify_finds_a_wrong_size(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	pg_table_fixture_map(test, f->va, f->pa, f->page);
	atomic_long_add(4096, &f->pgt->pgtables_bytes);
	KUNIT_EXPECT_EQ(test, pg_table_verify(f->pgt), -EUCLEAN);
	atomic_long_add(-4096, &f->pgt->pgtables_bytes);
}

static void verify_finds_writable_and_executable_leaves(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table *pgt = pg_table_fixture_create(test, PG_TABLE_ALLOW_WX);

	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, f->va, f->pa, f->page, f->rwx,
					   GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_verify(pgt), 0);
	pgt->desc->config.flags &= ~PG_TABLE_ALLOW_WX;
	KUNIT_EXPECT_EQ(test, pg_table_verify(pgt), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void protections_mean_what_they_were_made_of(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	const unsigned int types[] = {
		PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_WT, PG_TABLE_UC,
	};
	const unsigned int mask = PG_TABLE_WRITE | PG_TABLE_EXEC |
				  PG_TABLE_USER | PG_TABLE_GLOBAL;
	unsigned int flags, i;

	for (flags = 0; flags <= mask; flags++) {
		for (i = 0; i < ARRAY_SIZE(types); i++) {
			unsigned int want = (flags & mask) | PG_TABLE_READ |
					    types[i];
			pgprot_t prot = pg_table_prot(f->format, want);
			unsigned int is = pg_table_prot_flags(f->format, prot);

			/* Where there is no write-through, it is not cached. */
			if (types[i] == PG_TABLE_WT && (is & PG_TABLE_WC))
				is ^= PG_TABLE_WC | PG_TABLE_WT;
			KUNIT_EXPECT_EQ(test, is, want);
		}
	}
}

/* Every memory type at every level, where its bits may be in other places. */
static void leaves_of_all_levels_keep_the_memory_type(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	const unsigned int types[] = { PG_TABLE_WC, PG_TABLE_WT, PG_TABLE_UC };
	unsigned long va = f->va;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++, va += f->root_span) {
		pgprot_t prot = pg_table_prot(f->format, PG_TABLE_READ |
							 types[i]);

		KUNIT_EXPECT_EQ(test, pg_table_map(f->pgt, va, f->pa, f->huge,
						   prot, GFP_KERNEL), 0);
		KUNIT_EXPECT_EQ(test, pg_table_split(f->pgt, va, f->page, 0,
						     GFP_KERNEL), 0);
		pg_table_expect_mapped(test, f->pgt, va, f->pa, f->large, prot,
				       0);
		pg_table_expect_mapped(test, f->pgt, va + f->large,
				       f->pa + f->large, f->huge - f->large,
				       prot, 1);
	}
}

static struct kunit_case read_cases[] = {
	PG_TABLE_CASE(lookup_finds_the_leaf_around_an_address),
	PG_TABLE_CASE(lookup_outside_of_the_address_space_is_refused),
	PG_TABLE_CASE(walk_visits_all_in_order),
	PG_TABLE_CASE(walk_ends_with_the_first_result),
	PG_TABLE_CASE(walk_reports_leaves_whole),
	PG_TABLE_CASE(verify_finds_a_wrong_count),
	PG_TABLE_CASE(verify_finds_a_wrong_size),
	PG_TABLE_CASE(verify_finds_writable_and_executable_leaves),
	PG_TABLE_CASE(protections_mean_what_they_were_made_of),
	PG_TABLE_CASE(leaves_of_all_levels_keep_the_memory_type),
	{ }
};

static struct kunit_suite read_suite = {
	.name		= "pg_table_read",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= read_cases,
};

kunit_test_suite(read_suite);

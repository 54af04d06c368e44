// SPDX-License-Identifier: GPL-2.0
/* The table that each interface test starts from, and ways to look at it. */
#include "fixture.h"

#define FIXTURE_MEMORY	(4UL << 20)

/**
 * struct pg_table_variant - what tests are repeated for
 * @format: the format
 * @flags: of the configuration
 */
struct pg_table_variant {
	const struct pg_table_format	*format;
	unsigned int			flags;
};

/* Each format comes with several editors, and with one. */
const void *pg_table_variant_gen_params(const void *prev, char *desc)
{
	static struct pg_table_variant variants[64];
	unsigned int i = 0;

	if (prev)
		i = (const struct pg_table_variant *)prev - variants + 1;
	if (i == ARRAY_SIZE(variants) || !pg_table_sim_format(i / 2))
		return NULL;
	variants[i].format = pg_table_sim_format(i / 2);
	variants[i].flags = i % 2 ? PG_TABLE_EXCLUSIVE : 0;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s",
		 pg_table_format_name(variants[i].format),
		 i % 2 ? " exclusive" : "");
	return &variants[i];
}

/* Another table in the same memory, of the same format. */
struct pg_table *pg_table_fixture_create(struct kunit *test,
					 unsigned int flags)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_config config = {
		.name	= "test",
		.format	= f->format,
		.ops	= pg_table_sim_ops(f->sim),
		.flags	= f->flags | flags,
	};
	struct pg_table *pgt = pg_table_create(&config);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	return pgt;
}

static void fixture_set_sizes(struct pg_table_fixture *f)
{
	unsigned int top = pg_table_format_levels(f->format) - 1;

	/* The tests use some entries of the root, so not where it has but two. */
	f->small_root = f->pgt->desc->user_last >>
			pg_table_level_shift(f->format, top) < 7;
	if (f->small_root)
		top--;
	f->huge_level = min(pg_table_format_leaf_sizes(f->format) - 1, 2U);

	f->page = 1UL << pg_table_level_shift(f->format, 0);
	f->large = 1UL << pg_table_level_shift(f->format, 1);
	f->huge = 1UL << pg_table_level_shift(f->format, f->huge_level);
	f->root_span = 1UL << pg_table_level_shift(f->format, top);
	f->va = 2 * f->root_span;
	f->pa = 8 * (phys_addr_t)f->huge;
}

static void fixture_set_prots(struct pg_table_fixture *f)
{
	f->ro = pg_table_prot(f->format, PG_TABLE_READ);
	f->rw = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_WRITE);
	f->rx = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_EXEC);
	f->rwx = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_WRITE |
					  PG_TABLE_EXEC);
}

int pg_table_fixture_init(struct kunit *test)
{
	const struct pg_table_variant *variant = test->param_value;
	struct pg_table_fixture *f;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);
	f->format = variant->format;
	f->flags = variant->flags;
	fixture_set_prots(f);
	f->sim = pg_table_sim_create(FIXTURE_MEMORY);
	KUNIT_ASSERT_NOT_NULL(test, f->sim);
	pg_table_sim_poison(f->sim, true);
	test->priv = f;
	f->pgt = pg_table_fixture_create(test, 0);
	f->root_pages = pg_table_fixture_used(test);
	fixture_set_sizes(f);
	return 0;
}

/* Whatever the test did, the table is sound, and nothing of it stays. */
void pg_table_fixture_exit(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	if (!f || !f->pgt)
		return;
	pg_table_sim_fail(f->sim, 0, 0);
	KUNIT_EXPECT_EQ(test, pg_table_verify(f->pgt), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(f->pgt), 0);
	KUNIT_EXPECT_EQ(test, pg_table_fixture_used(test), 0);
	pg_table_sim_destroy(f->sim);
}

/* Map something writable, which is not what the test is about. */
void pg_table_fixture_map(struct kunit *test, unsigned long va,
			  phys_addr_t pa, size_t size)
{
	struct pg_table_fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, pg_table_map(f->pgt, va, pa, size, f->rw,
					   GFP_KERNEL), 0);
}

unsigned long pg_table_fixture_used(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_sim_stats stats;

	pg_table_sim_get_stats(f->sim, &stats);
	return stats.used;
}

unsigned long pg_table_fixture_flushes(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_sim_stats stats;

	pg_table_sim_get_stats(f->sim, &stats);
	return stats.flushes;
}

static u64 mix(u64 digest, u64 value)
{
	return ((digest << 7 | digest >> 57) ^ value) * 0x9e3779b97f4a7c15ULL;
}

static int digest_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	u64 *digest = arg;

	*digest = mix(*digest, leaf->va);
	*digest = mix(*digest, leaf->pa);
	*digest = mix(*digest, leaf->size);
	*digest = mix(*digest, pgprot_val(leaf->prot));
	*digest = mix(*digest, leaf->level);
	return 0;
}

static int digest_table(unsigned long va, size_t size, unsigned int level,
			const struct pg_table_page *page, void *arg)
{
	u64 *digest = arg;

	*digest = mix(*digest, va);
	*digest = mix(*digest, level);
	*digest = mix(*digest, atomic_read(&page->live));
	*digest = mix(*digest, page->pins);
	*digest = mix(*digest, atomic_read(&page->borrows));
	return 0;
}

/* Both halves, where the format has such. */
static int walk_all(struct pg_table *pgt, const struct pg_table_walk_ops *ops,
		    void *arg)
{
	const struct pg_table_desc *desc = pgt->desc;
	int ret = pg_table_walk(pgt, 0, desc->user_last + 1, ops, arg);

	if (!ret && desc->kernel_first > desc->user_last &&
	    desc->kernel_first < desc->config.va_last)
		ret = pg_table_walk(pgt, desc->kernel_first,
				    0 - desc->kernel_first, ops, arg);
	return ret;
}

void pg_table_snapshot_take(struct kunit *test, struct pg_table *pgt,
			    struct pg_table_snapshot *snapshot)
{
	static const struct pg_table_walk_ops ops = {
		.leaf	= digest_leaf,
		.table	= digest_table,
	};

	pg_table_get_stats(pgt, &snapshot->stats);
	snapshot->used = pg_table_fixture_used(test);
	snapshot->digest = 0;
	KUNIT_ASSERT_EQ(test, walk_all(pgt, &ops, &snapshot->digest), 0);
}

void pg_table_expect_unchanged(struct kunit *test, struct pg_table *pgt,
			       const struct pg_table_snapshot *before)
{
	struct pg_table_snapshot now;

	pg_table_snapshot_take(test, pgt, &now);
	KUNIT_EXPECT_EQ(test, now.digest, before->digest);
	KUNIT_EXPECT_EQ(test, now.used, before->used);
	KUNIT_EXPECT_EQ(test, now.stats.bytes, before->stats.bytes);
	KUNIT_EXPECT_EQ(test, memcmp(&now.stats, &before->stats,
				     sizeof(now.stats)), 0);
	KUNIT_EXPECT_EQ(test, pg_table_verify(pgt), 0);
}

/* [va, va + size) is mapped to @pa by leaves of @level, or runs of such. */
void pg_table_expect_mapped(struct kunit *test, struct pg_table *pgt,
			    unsigned long va, phys_addr_t pa, size_t size,
			    pgprot_t prot, unsigned int level)
{
	struct pg_table_fixture *f = test->priv;
	unsigned int flags = pg_table_prot_flags(f->format, prot);
	struct pg_table_leaf leaf;
	size_t done;

	for (done = 0; done < size; done += leaf.size) {
		KUNIT_ASSERT_EQ(test, pg_table_lookup(pgt, va + done, &leaf),
				0);
		KUNIT_ASSERT_EQ(test, leaf.va, va + done);
		KUNIT_EXPECT_EQ(test, leaf.pa, pa + done);
		KUNIT_EXPECT_EQ(test, leaf.level, level);
		KUNIT_EXPECT_GE(test, leaf.size,
				1UL << pg_table_level_shift(f->format, level));
		KUNIT_EXPECT_EQ(test, flags,
				pg_table_prot_flags(f->format, leaf.prot));
	}
	KUNIT_EXPECT_EQ(test, done, size);
}

static int stop_at_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	return 1;
}

/* Nothing is mapped in [va, va + size). */
void pg_table_expect_hole(struct kunit *test, struct pg_table *pgt,
			  unsigned long va, size_t size)
{
	static const struct pg_table_walk_ops ops = { .leaf = stop_at_leaf };
	struct pg_table_leaf leaf;

	KUNIT_EXPECT_EQ(test, pg_table_walk(pgt, va, size, &ops, NULL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_lookup(pgt, va, &leaf), -ENOENT);
	KUNIT_EXPECT_EQ(test, pg_table_lookup(pgt, va + size - 1, &leaf),
			-ENOENT);
}

/* The last flush covered [va, va + size). */
void pg_table_expect_flushed(struct kunit *test, unsigned long va, size_t size)
{
	struct pg_table_fixture *f = test->priv;
	struct pg_table_sim_stats stats;

	pg_table_sim_get_stats(f->sim, &stats);
	KUNIT_EXPECT_LE(test, stats.last.first, va);
	KUNIT_EXPECT_GE(test, stats.last.last, va + (size - 1));
}

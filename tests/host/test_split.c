// SPDX-License-Identifier: GPL-2.0
/* split: the translation stays, the leaves become smaller. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(split_keeps_every_translation)
{
	unsigned int from, to;

	for (from = 1; from < f->sizes; from++) {
		for (to = 0; to < from; to++) {
			CHECK_OK(pg_table_map(f->pgt, f->base, f->pa,
					      f->size[from], f->rw,
					      GFP_KERNEL));
			CHECK_OK(pg_table_split(f->pgt, f->base,
						f->size[from], to,
						GFP_KERNEL));
			check_maps(f, f->pgt, f->base, f->pa, f->size[from],
				   RW);
			CHECK_EQ(leaf_at(f->pgt, f->base, NULL), to);
			CHECK_EQ(leaf_at(f->pgt, f->base + f->size[from] - 1,
					 NULL), to);
			CHECK_OK(pg_table_verify(f->pgt));
			CHECK_OK(pg_table_unmap(f->pgt, f->base,
						f->size[from], 0));
			CHECK_EQ(sim_used(f), ROOTS(1));
		}
	}
}

TEST(split_keeps_every_attribute)
{
	static const unsigned int flags[] = {
		PG_TABLE_WRITE, PG_TABLE_EXEC, PG_TABLE_USER, PG_TABLE_GLOBAL,
		PG_TABLE_ENCRYPTED, PG_TABLE_WC, PG_TABLE_WT, PG_TABLE_UC,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		unsigned int want = flags[i] | PG_TABLE_READ;

		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge,
				      pg_table_prot(f->format, want),
				      GFP_KERNEL));
		CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0,
					GFP_KERNEL));
		check_maps(f, f->pgt, f->base, f->pa, f->huge, want);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->huge, 0));
	}
}

TEST(split_leaves_the_surroundings_large)
{
	const unsigned long at = f->base + f->size[1] + PAGES(3);

	if (f->sizes < 3)
		return;
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, at, PAGES(1), 0, GFP_KERNEL));
	CHECK_EQ(leaf_at(f->pgt, at, NULL), 0);
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	CHECK_EQ(leaf_at(f->pgt, f->base + 2 * f->size[1], NULL), 1);
	check_maps(f, f->pgt, f->base, f->pa, f->huge, RW);
	CHECK_EQ(count_tables(f, f->pgt), f->top + 1);
}

TEST(split_of_small_leaves_does_nothing)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(4), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(4), 0, 0));
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(4),
				f->sizes - 1, 0));
	CHECK_EQ(sim_stats(f).flushes, 0);
}

TEST(split_flushes_the_whole_old_leaf)
{
	struct pg_table_sim_stats stats;
	unsigned int l;

	for (l = 1; l < f->sizes; l++) {
		unsigned long va = l * f->base;

		CHECK_OK(pg_table_map(f->pgt, va, f->pa, f->size[l], f->rw,
				      GFP_KERNEL));
		CHECK_OK(pg_table_split(f->pgt, va + PAGES(1), PAGES(1), 0,
					GFP_KERNEL));
		stats = sim_stats(f);
		CHECK(stats.last.first <= va);
		CHECK(stats.last.last >= va + f->size[l] - 1);
		CHECK(stats.last.levels & BIT(l));
	}
}

TEST(split_of_a_hole_changes_nothing)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-ENOENT, pg_table_split(f->pgt, f->base,
					    f->size[1] + PAGES(1), 0,
					    GFP_KERNEL));
	CHECK_FAILS(-ENOENT, pg_table_split(f->pgt, f->base - PAGES(1),
					    PAGES(2), 0, GFP_KERNEL));
	CHECK_FAILS(-ENOENT, pg_table_split(f->pgt, 4 * f->base, f->huge, 0,
					    GFP_KERNEL));
}

TEST(split_to_a_level_without_leaves_is_refused)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_split(f->pgt, f->base, f->huge,
					    f->d->leaf_sizes, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_split(f->pgt, f->base, f->huge, ~0U,
					    GFP_KERNEL));
}

TEST(split_without_memory_changes_nothing)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-ENOMEM, pg_table_split(f->pgt, f->base, PAGES(1), 0, 0));
}

TEST(split_of_split_leaves_goes_on)
{
	if (f->sizes < 3)
		return;
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base, f->huge, 1, GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base + f->size[1], 2 * f->size[1], 0,
				GFP_KERNEL));
	check_maps(f, f->pgt, f->base, f->pa, f->huge, RW);
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	CHECK_EQ(leaf_at(f->pgt, f->base + f->size[1], NULL), 0);
	CHECK_EQ(leaf_at(f->pgt, f->base + 3 * f->size[1], NULL), 1);
}

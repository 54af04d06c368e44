// SPDX-License-Identifier: GPL-2.0
/* map: what it makes, and what it refuses. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(map_uses_the_largest_leaves)
{
	struct pg_table_leaf leaf;
	unsigned int l;

	for (l = 0; l < f->sizes; l++) {
		unsigned long va = f->base + l * f->base;

		CHECK_OK(pg_table_map(f->pgt, va, f->pa, f->size[l], f->rw,
				      GFP_KERNEL));
		CHECK_EQ(leaf_at(f->pgt, va, &leaf), l);
		CHECK_EQ(leaf.va, va);
		CHECK_EQ(leaf.pa, f->pa);
		CHECK_EQ(leaf.size, f->size[l]);
		check_maps(f, f->pgt, va, f->pa, f->size[l], RW);
	}
}

TEST(map_mixes_leaf_sizes_at_ragged_edges)
{
	unsigned long va = f->base + f->huge - f->size[1] - f->size[0];
	size_t size = f->huge + 2 * (f->size[1] + f->size[0]);
	u64 pa = f->pa + f->huge - f->size[1] - f->size[0];

	CHECK_OK(pg_table_map(f->pgt, va, pa, size, f->rw, GFP_KERNEL));
	check_maps(f, f->pgt, va, pa, size, RW);
	CHECK_EQ(leaf_at(f->pgt, va, NULL), 0);
	CHECK_EQ(leaf_at(f->pgt, va + f->size[0], NULL), 1);
	CHECK_EQ(leaf_at(f->pgt, f->base + f->huge, NULL), f->sizes - 1);
	CHECK_EQ(leaf_at(f->pgt, f->base + 2 * f->huge, NULL), 1);
	CHECK_EQ(leaf_at(f->pgt, va + size - 1, NULL), 0);
	check_empty(f, f->pgt, va - f->size[0], f->size[0]);
	check_empty(f, f->pgt, va + size, f->size[0]);
}

/* As much as an entry of the level above spans, if it is only for tables. */
TEST(no_leaf_is_larger_than_the_largest_of_the_format)
{
	const unsigned int level = f->d->leaf_sizes;
	unsigned long size;

	if (level > f->top)
		return;
	size = f->size[level];
	CHECK_OK(pg_table_map(f->pgt, size, size, size, f->rw, GFP_KERNEL));
	CHECK_EQ(leaf_at(f->pgt, size, NULL), level - 1);
	CHECK_OK(pg_table_collapse(f->pgt, size, size));
	CHECK_EQ(leaf_at(f->pgt, size, NULL), level - 1);
	check_maps(f, f->pgt, size, size, size, RW);
}

TEST(map_uses_small_leaves_where_the_physical_address_is_not_aligned)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa + f->size[0], f->size[1],
			      f->rw, GFP_KERNEL));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	check_maps(f, f->pgt, f->base, f->pa + f->size[0], f->size[1], RW);

	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa + f->size[1],
			      f->huge, f->rw, GFP_KERNEL));
	CHECK_EQ(leaf_at(f->pgt, 2 * f->base, NULL), 1);
	check_maps(f, f->pgt, 2 * f->base, f->pa + f->size[1], f->huge, RW);
}

TEST(map_uses_no_larger_leaf_than_configured)
{
	unsigned int sizes;

	for (sizes = 1; sizes <= f->sizes; sizes++) {
		fix_replace(f, &(struct pg_table_config){
			.leaf_sizes = sizes,
		});
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 2 * f->size[1],
				      f->rw, GFP_KERNEL));
		CHECK_EQ(leaf_at(f->pgt, f->base, NULL), sizes > 1);
		CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa,
				      sizes > 1 ? f->huge : f->size[1],
				      f->rw, GFP_KERNEL));
		CHECK_EQ(leaf_at(f->pgt, 2 * f->base, NULL), sizes - 1);
	}
}

TEST(map_makes_no_more_tables_than_it_needs)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 1);
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(3), f->pa, PAGES(5),
			      f->rw, GFP_KERNEL));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 1);
	CHECK_OK(pg_table_map(f->pgt, f->base + f->size[1] - PAGES(1), f->pa,
			      PAGES(2), f->rw, GFP_KERNEL));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 2);
}

TEST(map_never_flushes)
{
	CHECK_OK(pg_table_map(f->pgt, f->base - PAGES(1), f->pa,
			      2 * f->size[1], f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base + 2 * f->size[1], f->pa,
			      PAGES(1), f->rw, GFP_KERNEL));
	CHECK_EQ(sim_stats(f).flushes, 0);
}

TEST(map_writes_every_attribute_at_every_level)
{
	static const unsigned int flags[] = {
		PG_TABLE_WRITE, PG_TABLE_EXEC, PG_TABLE_USER, PG_TABLE_GLOBAL,
		PG_TABLE_ENCRYPTED, PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_WT,
		PG_TABLE_UC, PG_TABLE_DEVICE,
		PG_TABLE_USER | PG_TABLE_WT | PG_TABLE_ENCRYPTED,
	};
	unsigned int i, l;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		unsigned int want = flags[i] | PG_TABLE_READ;

		for (l = 0; l < f->sizes; l++) {
			pgprot_t prot = pg_table_prot(f->format, want);

			CHECK_EQ(pg_table_prot_flags(f->format, prot),
				 expressed(f->d, want));
			CHECK_OK(pg_table_map(f->pgt, f->base, f->pa,
					      f->size[l], prot, GFP_KERNEL));
			check_maps(f, f->pgt, f->base, f->pa, f->size[l],
				   want);
			CHECK_EQ(leaf_at(f->pgt, f->base, NULL), l);
			CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[l],
						0));
		}
	}
}

TEST(a_protection_that_does_not_say_read_is_none)
{
	const unsigned int all = PG_TABLE_READ | PG_TABLE_WRITE | PG_TABLE_EXEC;
	pgprot_t none = pg_table_prot(f->format, 0);

	CHECK_EQ(pg_table_prot_flags(f->format, none) & all, 0);
}

TEST(mapped_leaves_are_accessed_and_if_writable_dirty)
{
	struct mappings list = { };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK(decode(f->d, f->sim, f->pgt->pgd, 0, ~0UL, &list));
	CHECK_EQ(list.n, 1);
	CHECK(list.run[0].flags & MAPPING_ACCESSED);
	CHECK(list.run[0].flags & MAPPING_DIRTY);
	mappings_free(&list);
}

TEST(overmap_changes_nothing)
{
	const unsigned long va = f->base + f->size[1];
	const size_t size = PAGES(3);

	CHECK_OK(pg_table_map(f->pgt, va, f->pa, size, f->rw, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va, f->pa, size, f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va + PAGES(1), f->pa,
					  PAGES(1), f->ro, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va - PAGES(1), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va + PAGES(2), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va, f->pa, f->size[1],
					  f->rw, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, f->base, f->pa,
					  f->huge + f->size[1], f->rw,
					  GFP_KERNEL));
}

TEST(overmap_of_large_leaves_changes_nothing)
{
	unsigned int l;

	for (l = 1; l < f->sizes; l++) {
		unsigned long va = f->base * (l + 1);
		unsigned long end = va + f->size[l];

		CHECK_OK(pg_table_map(f->pgt, va, f->pa, f->size[l], f->rw,
				      GFP_KERNEL));
		CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va, f->pa, PAGES(1),
						  f->rw, GFP_KERNEL));
		CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, end - PAGES(1), f->pa,
						  PAGES(1), f->rw,
						  GFP_KERNEL));
		CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va, f->pa,
						  f->size[l], f->rw,
						  GFP_KERNEL));
		CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, end - PAGES(1), f->pa,
						  PAGES(2), f->rw,
						  GFP_KERNEL));
	}
}

TEST(what_is_in_the_way_at_the_far_end_is_found_before_the_first_store)
{
	const size_t size = f->huge + f->size[1] + PAGES(1);
	const unsigned long far = f->base + size - PAGES(1);

	CHECK_OK(pg_table_map(f->pgt, far, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, f->base, f->pa, size, f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, f->base - PAGES(1), f->pa,
					  size + PAGES(1), f->rw,
					  GFP_KERNEL));
}

TEST(map_fills_a_gap_exactly)
{
	const unsigned long va = f->base + f->size[1] - PAGES(2);

	CHECK_OK(pg_table_map(f->pgt, va - PAGES(1), f->pa, PAGES(1), f->ro,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, va + PAGES(4), f->pa, PAGES(1), f->ro,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(4), f->rw, GFP_KERNEL));
	check_maps(f, f->pgt, va - PAGES(1), f->pa, PAGES(1), PG_TABLE_READ);
	check_maps(f, f->pgt, va, f->pa, PAGES(4), RW);
	check_maps(f, f->pgt, va + PAGES(4), f->pa, PAGES(1), PG_TABLE_READ);
}

TEST(map_goes_on_across_root_entries)
{
	const unsigned long va = 2 * f->base - PAGES(2);

	CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(4), f->rw, GFP_KERNEL));
	check_maps(f, f->pgt, va, f->pa, PAGES(4), RW);
	CHECK_EQ(count_tables(f, f->pgt), 2 * f->top + !f->small_root);
}

TEST(map_without_gfp_uses_the_tables_that_are_there)
{
	CHECK_FAILS(-ENOMEM, pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
					  f->rw, 0));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(1), f->pa, PAGES(7),
			      f->rw, 0));
	CHECK_FAILS(-ENOMEM, pg_table_map(f->pgt, f->base + f->size[1] -
					  PAGES(1), f->pa, PAGES(2), f->rw,
					  0));
}

static u64 pa_of(struct fix *f, unsigned long va)
{
	return f->pa + (va - f->base);
}

/* The pages around [va, va + size) are mapped, and only these. */
static void check_around(struct fix *f, unsigned long va, size_t size)
{
	check_maps(f, f->pgt, va - PAGES(1), pa_of(f, va) - PAGES(1),
		   PAGES(1), RW);
	check_maps(f, f->pgt, va + size, pa_of(f, va) + size, PAGES(1), RW);
}

static void check_ro(struct fix *f, unsigned long va, size_t size)
{
	check_maps(f, f->pgt, va, pa_of(f, va), size, PG_TABLE_READ);
	check_around(f, va, size);
}

/* All verbs on a range, with two pages more on either side. */
static void use_range(struct fix *f, unsigned long va, size_t size,
		      unsigned int level)
{
	CHECK_OK(pg_table_map(f->pgt, va - PAGES(2), pa_of(f, va) - PAGES(2),
			      size + PAGES(4), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, va, size, f->ro, PG_TABLE_PROT_ALL,
				  GFP_KERNEL));
	check_ro(f, va, size);
	CHECK_OK(pg_table_split(f->pgt, va, size, level, GFP_KERNEL));
	check_ro(f, va, size);
	CHECK_OK(pg_table_unmap(f->pgt, va, size, GFP_KERNEL));
	check_empty(f, f->pgt, va, size);
	check_around(f, va, size);
	CHECK_OK(pg_table_map(f->pgt, va, pa_of(f, va), size, f->ro,
			      GFP_KERNEL));
	check_ro(f, va, size);
	CHECK_OK(pg_table_unmap(f->pgt, va - PAGES(2), size + PAGES(4),
				GFP_KERNEL));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* Before, at and behind where an entry of each level begins. */
TEST(a_range_may_begin_and_end_anywhere_and_nothing_of_it_is_skipped)
{
	unsigned int l, i;

	for (l = 1; l < f->sizes; l++) {
		for (i = 0; i < 9; i++)
			use_range(f, f->base + (i % 3 - 1UL) * PAGES(1),
				  2 * f->size[l] + (i / 3 - 1UL) * PAGES(1),
				  l - 1);
	}
}

/* Sizes and counts do not fit into 32 bits anywhere. */
TEST(map_of_more_than_16_tebibytes_counts_right)
{
	const size_t half = 1UL << (f->d->shift[f->top + 1] - 1);
	const size_t size = min(20UL << 40, half / 2);
	const unsigned int level = f->d->leaf_sizes - 1;
	struct pg_table_stats stats;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, size, f->rw,
			      GFP_KERNEL));
	check_maps(f, f->pgt, f->base, f->pa, size, RW);
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.mapped, size);
	CHECK_EQ(stats.leaves[level], size / f->size[level]);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, size, 0));
	CHECK_EQ(count_tables(f, f->pgt), 1);
}

TEST(map_works_without_sleeping)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_ATOMIC));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(1), RW);
}

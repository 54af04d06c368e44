// SPDX-License-Identifier: GPL-2.0
/* protect: which leaves change, and what stays in them. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)
#define NONE	__pgprot(0)

/* What must be set and cleared to get from one protection to another. */
static pgprot_t set_bits(pgprot_t from, pgprot_t to)
{
	return __pgprot(pgprot_val(to) & ~pgprot_val(from));
}

static int protect(struct fix *f, unsigned long va, size_t size, pgprot_t from,
		   pgprot_t to, gfp_t gfp)
{
	return pg_table_protect(f->pgt, va, size, set_bits(from, to),
				set_bits(to, from), gfp);
}

TEST(protect_changes_the_range_and_nothing_else)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(9), f->rw,
			      GFP_KERNEL));
	CHECK_OK(protect(f, f->base + PAGES(2), PAGES(3), f->rw, f->ro, 0));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(2), RW);
	check_maps(f, f->pgt, f->base + PAGES(2), f->pa + PAGES(2), PAGES(3),
		   PG_TABLE_READ);
	check_maps(f, f->pgt, f->base + PAGES(5), f->pa + PAGES(5), PAGES(4),
		   RW);
}

TEST(protect_reaches_all_levels_at_once)
{
	const size_t size = f->huge + f->size[1] + PAGES(1);

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, size, f->rw,
			      GFP_KERNEL));
	CHECK_OK(protect(f, f->base, size, f->rw, f->ro, 0));
	check_maps(f, f->pgt, f->base, f->pa, size, PG_TABLE_READ);
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), f->sizes - 1);
}

TEST(protect_of_a_part_splits_the_leaf)
{
	unsigned int l;

	for (l = 1; l < f->sizes; l++) {
		const unsigned long va = l * f->base;
		const unsigned long at = va + f->size[l] - PAGES(2);

		CHECK_OK(pg_table_map(f->pgt, va, f->pa, f->size[l], f->rw,
				      GFP_KERNEL));
		CHECK_FAILS(-ENOMEM, protect(f, at, PAGES(1), f->rw, f->ro,
					     0));
		CHECK_OK(protect(f, at, PAGES(1), f->rw, f->ro, GFP_KERNEL));
		check_maps(f, f->pgt, va, f->pa, at - va, RW);
		check_maps(f, f->pgt, at, f->pa + (at - va), PAGES(1),
			   PG_TABLE_READ);
		check_maps(f, f->pgt, at + PAGES(1),
			   f->pa + (at + PAGES(1) - va), PAGES(1), RW);
		CHECK_EQ(leaf_at(f->pgt, va, NULL), l - 1);
		CHECK(sim_stats(f).last.first <= va);
		CHECK(sim_stats(f).last.last >= va + f->size[l] - 1);
	}
}

TEST(protect_of_a_hole_changes_nothing)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1] + PAGES(2),
			      f->rw, GFP_KERNEL));
	CHECK_FAILS(-ENOENT, protect(f, 5 * f->base, PAGES(1), f->rw, f->ro,
				     GFP_KERNEL));
	CHECK_FAILS(-ENOENT, protect(f, f->base, f->size[1] + PAGES(3), f->rw,
				     f->ro, GFP_KERNEL));
	CHECK_FAILS(-ENOENT, protect(f, f->base + PAGES(1), 2 * f->size[1],
				     f->rw, f->ro, GFP_KERNEL));
	CHECK_FAILS(-ENOENT, protect(f, f->base - PAGES(1), PAGES(3), f->rw,
				     f->ro, GFP_KERNEL));
}

TEST(protect_all_replaces_the_protection)
{
	pgprot_t old = pg_table_prot(f->format, PG_TABLE_READ |
				     PG_TABLE_WRITE | PG_TABLE_USER |
				     PG_TABLE_GLOBAL | PG_TABLE_WT);

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], old,
			      GFP_KERNEL));
	/* A break may have to wait for other editors. */
	CHECK_OK(pg_table_protect(f->pgt, f->base, f->size[1], f->rx,
				  PG_TABLE_PROT_ALL,
				  f->d->breaks ? GFP_KERNEL : 0));
	check_maps(f, f->pgt, f->base, f->pa, f->size[1],
		   PG_TABLE_READ | PG_TABLE_EXEC);
}

TEST(protect_changes_the_memory_type_of_large_leaves)
{
	static const unsigned int types[] = {
		PG_TABLE_WT, PG_TABLE_UC, PG_TABLE_WC, PG_TABLE_WB,
	};
	unsigned int i, l;

	for (l = 0; l < f->sizes; l++) {
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[l],
				      f->rw, GFP_KERNEL));
		for (i = 0; i < ARRAY_SIZE(types); i++) {
			pgprot_t to = pg_table_prot(f->format, RW | types[i]);

			CHECK_OK(pg_table_protect(f->pgt, f->base, f->size[l],
						  to, PG_TABLE_PROT_ALL,
						  f->d->breaks ? GFP_KERNEL :
								 0));
			check_maps(f, f->pgt, f->base, f->pa, f->size[l],
				   RW | types[i]);
		}
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[l], 0));
	}
}

TEST(protect_flushes_what_it_changed)
{
	struct pg_table_sim_stats stats;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(9), f->rw,
			      GFP_KERNEL));
	CHECK_OK(protect(f, f->base + PAGES(2), PAGES(3), f->rw, f->ro, 0));
	stats = sim_stats(f);
	CHECK_EQ(stats.flushes, 1);
	CHECK(stats.last.first <= f->base + PAGES(2));
	CHECK(stats.last.last >= f->base + PAGES(5) - 1);
	CHECK(stats.last.levels & BIT(0));
}

TEST(protect_that_changes_no_bit_flushes_nothing)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(9), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(9), NONE, NONE, 0));
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(9), f->rw, NONE, 0));
	CHECK_EQ(sim_stats(f).flushes, 0);
}

TEST(protect_to_no_access_is_refused)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(2), f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_protect(f->pgt, f->base, PAGES(2), NONE,
					      PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_FAILS(-EINVAL,
		    pg_table_protect(f->pgt, f->base, PAGES(2),
				     pg_table_prot(f->format, PG_TABLE_WRITE),
				     PG_TABLE_PROT_ALL, GFP_KERNEL));
}

TEST(protect_cannot_change_the_physical_address)
{
	const u64 bit = 1UL << 30;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_protect(f->pgt, f->base, PAGES(1),
					      __pgprot(bit), NONE, 0));
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(1), PG_TABLE_READ);
}

static unsigned int flags_at(struct fix *f, unsigned long va)
{
	struct mappings list = { };
	unsigned int flags;

	CHECK(decode(f->d, f->sim, f->pgt->pgd, va, va, &list));
	CHECK_EQ(list.n, 1);
	flags = list.run[0].flags;
	mappings_free(&list);
	return flags;
}

TEST(dirty_survives_a_time_without_write_access)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_OK(protect(f, f->base, f->size[1], f->rw, f->ro, 0));
	CHECK(flags_at(f, f->base) & MAPPING_DIRTY);
	CHECK_OK(protect(f, f->base, PAGES(1), f->ro, f->rw, GFP_KERNEL));
	CHECK(flags_at(f, f->base) & MAPPING_DIRTY);
	CHECK(flags_at(f, f->base + PAGES(1)) & MAPPING_DIRTY);
}

TEST(protect_cannot_clear_accessed)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	CHECK(flags_at(f, f->base) & MAPPING_ACCESSED);
}

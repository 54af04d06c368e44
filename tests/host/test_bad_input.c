// SPDX-License-Identifier: GPL-2.0
/* Arguments that make no sense: refused, with nothing changed. */
#include "test.h"

TEST(misaligned_ranges_are_refused)
{
	static const unsigned long off[] = { 1, 8, 2048, 4095 };
	unsigned int i;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(4), f->rw,
			      GFP_KERNEL));
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		unsigned long va = f->base + PAGES(1) + off[i];
		unsigned long new = f->base + PAGES(9);

		CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, new + off[i], f->pa,
						  PAGES(1), f->rw,
						  GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, new, f->pa + off[i],
						  PAGES(1), f->rw,
						  GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, new, f->pa,
						  PAGES(1) + off[i], f->rw,
						  GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, va, PAGES(1),
						    GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, f->base, off[i],
						    GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_protect(f->pgt, va, PAGES(1),
						      f->ro, PG_TABLE_PROT_ALL,
						      GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_split(f->pgt, va, PAGES(1), 0,
						    GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_reserve(f->pgt, va, PAGES(1), 0,
						      GFP_KERNEL));
		CHECK_FAILS(-EINVAL, pg_table_unreserve(f->pgt, va,
							PAGES(1)));
	}
}

TEST(half_a_page_of_a_larger_page_size_is_misaligned)
{
	if (f->size[0] == 4096)
		return;
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base + 4096, f->pa,
					  PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, f->pa, 4096, f->rw,
					  GFP_KERNEL));
}

TEST(empty_ranges_are_refused)
{
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, f->pa, 0, f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, 0, f->pa, 0, f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, f->base, 0, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_protect(f->pgt, f->base, 0, f->ro,
					      PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_split(f->pgt, f->base, 0, 0,
					    GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_reserve(f->pgt, f->base, 0, 0,
					      GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_unreserve(f->pgt, f->base, 0));
	CHECK_FAILS(-EINVAL, pg_table_clone(f->pgt, f->pgt, f->base, 0,
					    PG_TABLE_SHARE, GFP_KERNEL));
}

TEST(physical_addresses_that_no_leaf_can_hold_are_refused)
{
	const u64 end = 1ULL << f->d->pa_bits;

	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, end, PAGES(1),
					  f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, end - PAGES(1),
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, -PAGES(1),
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base, end - PAGES(1), PAGES(1),
			      f->rw, GFP_KERNEL));
	check_maps(f, f->pgt, f->base, end - PAGES(1), PAGES(1),
		   PG_TABLE_READ | PG_TABLE_WRITE);
}

TEST(protections_that_the_format_does_not_know_are_refused)
{
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
					  __pgprot(0), GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
					  __pgprot(~0UL), GFP_KERNEL));
	CHECK_FAILS(-EINVAL,
		    pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
				 __pgprot(pgprot_val(f->rw) | 1UL << 30),
				 GFP_KERNEL));
	CHECK_FAILS(-EINVAL,
		    pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
				 pg_table_prot(f->format, PG_TABLE_WRITE),
				 GFP_KERNEL));
}

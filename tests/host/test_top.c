// SPDX-License-Identifier: GPL-2.0
/* The ends of the address space and of its halves. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

static unsigned long last_address(struct fix *f)
{
	return f->d->va_signed ? ~0UL :
				 (1UL << f->d->shift[f->top + 1]) - 1;
}

TEST(the_last_page_of_the_address_space_is_like_any_other)
{
	const unsigned long va = last_address(f) - PAGES(1) + 1;

	CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	check_maps(f, f->pgt, va, f->pa, PAGES(1), RW);
	check_empty(f, f->pgt, 0, f->huge);
	CHECK_EQ(leaf_at(f->pgt, last_address(f), NULL), 0);
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, va, f->pa, PAGES(1), f->rw,
					  GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, va, PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	check_maps(f, f->pgt, va, f->pa, PAGES(1), PG_TABLE_READ);
	CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(1), 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(large_leaves_reach_up_to_the_last_address)
{
	const unsigned long va = last_address(f) - 2 * f->huge + 1;

	CHECK_OK(pg_table_map(f->pgt, va, f->pa, 2 * f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_EQ(leaf_at(f->pgt, last_address(f), NULL), f->sizes - 1);
	CHECK_OK(pg_table_split(f->pgt, va + f->huge, f->huge, 1,
				GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, last_address(f) - PAGES(1) + 1,
				PAGES(1), 0, GFP_KERNEL));
	check_maps(f, f->pgt, va, f->pa, 2 * f->huge, RW);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_unmap(f->pgt, va + PAGES(1),
				2 * f->huge - PAGES(1), GFP_KERNEL));
	check_maps(f, f->pgt, va, f->pa, PAGES(1), RW);
	CHECK_OK(pg_table_unmap(f->pgt, va, 2 * f->huge, 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(a_range_must_not_wrap)
{
	const unsigned long va = last_address(f) - PAGES(1) + 1;

	CHECK_OK(pg_table_map(f->pgt, 0, f->pa, PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, va, f->pa, PAGES(2), f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, va, PAGES(2),
					    GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, PAGES(1), -PAGES(1),
					    GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_reserve(f->pgt, va, PAGES(2), 0,
					      GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_split(f->pgt, va, -va + PAGES(1), 0,
					    GFP_KERNEL));
}

TEST(the_first_page_is_like_any_other)
{
	CHECK_OK(pg_table_map(f->pgt, 0, f->pa, PAGES(1), f->rw, GFP_KERNEL));
	check_maps(f, f->pgt, 0, f->pa, PAGES(1), RW);
	CHECK_EQ(leaf_at(f->pgt, 0, NULL), 0);
	CHECK_OK(pg_table_unmap(f->pgt, 0, f->huge, 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(the_last_root_entry_can_be_shared_and_followed)
{
	const unsigned long va = last_address(f) - f->size[f->top] + 1;
	const unsigned long page = last_address(f) - PAGES(1) + 1;
	struct pg_table *a = fix_table(f, "a", f->flags);
	struct pg_table *b = fix_table(f, "b", f->flags);

	CHECK_OK(pg_table_clone(a, f->pgt, va, f->size[f->top], PG_TABLE_FOLLOW,
				GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, page, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_clone(b, f->pgt, va, f->size[f->top], PG_TABLE_SHARE,
				GFP_KERNEL));
	check_maps(f, a, page, f->pa, PAGES(1), RW);
	check_maps(f, b, page, f->pa, PAGES(1), RW);
	CHECK_OK(pg_table_unmap(f->pgt, page, PAGES(1), 0));
	CHECK_EQ(count_tables(f, a), 1);
	CHECK_EQ(count_tables(f, b), 1);
	CHECK_OK(pg_table_destroy(a));
	CHECK_OK(pg_table_destroy(b));
}

/* x86-64: addresses between the halves are not canonical. */
TEST(addresses_between_the_halves_are_refused)
{
	const unsigned long half = 1UL << (f->d->shift[f->top + 1] - 1);

	if (!f->d->va_signed)
		return;
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, half, f->pa, PAGES(1),
					  f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, half - PAGES(1), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, -half - PAGES(1), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, PAGES(1), -PAGES(2),
					    GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, half - PAGES(1), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, -half, f->pa, PAGES(1), f->ro,
			      GFP_KERNEL));
	check_maps(f, f->pgt, half - PAGES(1), f->pa, PAGES(1), RW);
	check_maps(f, f->pgt, -half, f->pa, PAGES(1), PG_TABLE_READ);
}

TEST(addresses_beyond_the_last_one_are_refused)
{
	const unsigned long end = last_address(f) + 1;

	if (f->d->va_signed)
		return;
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, end, f->pa, PAGES(1), f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, end - PAGES(1), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, -PAGES(1), PAGES(1), 0));
	CHECK_EQ(pg_table_lookup(f->pgt, end, &(struct pg_table_leaf){ }),
		 -EINVAL);
	CHECK_EQ(pg_table_lookup(f->pgt, ~0UL, &(struct pg_table_leaf){ }),
		 -EINVAL);
}

TEST(the_whole_address_space_can_be_unmapped_at_once)
{
	const unsigned long half = 1UL << (f->d->shift[f->top + 1] - 1);

	CHECK_OK(pg_table_map(f->pgt, 0, f->pa, PAGES(1), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, half - f->huge, f->pa, f->huge,
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, last_address(f) - PAGES(1) + 1, f->pa,
			      PAGES(1), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, 0, half, 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->d->va_signed ? -half : half, half,
				0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

// SPDX-License-Identifier: GPL-2.0
/* Writable and executable at once: only where it is allowed. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(a_writable_and_executable_mapping_is_refused)
{
	CHECK_FAILS(-EPERM, pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
					 f->rwx, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_map(f->pgt, f->base, f->pa, f->size[2],
					 f->rwx, GFP_KERNEL));
}

TEST(protect_to_writable_and_executable_is_refused_as_a_whole)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->ro,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(3), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
	/* Only the last page would end up with both. */
	CHECK_FAILS(-EPERM, pg_table_protect(f->pgt, f->base, PAGES(4),
					     __pgprot(pgprot_val(f->rx) &
						      ~pgprot_val(f->ro)),
					     __pgprot(pgprot_val(f->ro) &
						      ~pgprot_val(f->rx)),
					     GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_protect(f->pgt, f->base, PAGES(4),
					     f->rwx, PG_TABLE_PROT_ALL,
					     GFP_KERNEL));
}

TEST(from_writable_to_executable_in_one_step_is_allowed)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(3), f->rx,
				  PG_TABLE_PROT_ALL, 0));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(3),
		   PG_TABLE_READ | PG_TABLE_EXEC);
}

TEST(a_table_may_be_configured_to_hold_both)
{
	struct pg_table_stats stats;

	fix_replace(f, &(struct pg_table_config){
		.flags = PG_TABLE_ALLOW_WX,
	});
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rwx,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(1), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, f->base + PAGES(1), PAGES(1),
				  f->rwx, PG_TABLE_PROT_ALL, 0));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(1), RW | PG_TABLE_EXEC);
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.wx, 2);
}

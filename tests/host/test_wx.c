// SPDX-License-Identifier: GPL-2.0
/* Writable and executable at once: only where it is allowed. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(a_writable_and_executable_mapping_is_refused)
{
	CHECK_FAILS(-EPERM, pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
					 f->rwx, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_map(f->pgt, f->base, f->pa, f->huge,
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

/* By an alias, which the source can fill later, as well as by a copied leaf. */
TEST(a_clone_does_not_get_what_it_does_not_allow)
{
	struct pg_table *wild = fix_table(f, "wild",
					  f->flags | PG_TABLE_ALLOW_WX);

	CHECK_OK(pg_table_map(wild, f->base, f->pa, PAGES(1), f->rwx,
			      GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, wild, f->base, f->base,
					   PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, wild, f->base, PAGES(1),
					   PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, wild, 2 * f->base, f->base,
					   PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_OK(pg_table_clone(wild, f->pgt, 2 * f->base, f->base,
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_destroy(wild));
}

/* What a foreign table holds is known only when it is copied. */
TEST(a_clone_does_not_copy_such_a_leaf_of_a_foreign_table)
{
	struct pg_table *wild = fix_table(f, "wild",
					  f->flags | PG_TABLE_ALLOW_WX);
	struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
		.root = wild->pgd,
		.flags = PG_TABLE_FOREIGN,
	};
	struct pg_table *foreign = pg_table_create(&config);
	const unsigned long large = f->base + f->size[1];

	CHECK(!IS_ERR(foreign));
	CHECK_OK(pg_table_map(wild, f->base, f->pa, PAGES(3), f->rwx,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(wild, large, f->pa, f->size[1], f->rwx,
			      GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, foreign, f->base, PAGES(2),
					   PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, foreign, f->base,
					   2 * f->size[1], PG_TABLE_SHARE,
					   GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(9), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, foreign, f->base, PAGES(2),
					   PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_clone(f->pgt, foreign, f->base + PAGES(3), PAGES(6),
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	CHECK_OK(pg_table_destroy(foreign));
	CHECK_OK(pg_table_destroy(wild));
}

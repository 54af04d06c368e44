// SPDX-License-Identifier: GPL-2.0
/* COPY: tables of the clone's own, and nothing that connects the two. */
#include <string.h>

#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

static struct pg_table *copy_of(struct fix *f, unsigned long va, size_t size)
{
	struct pg_table *dst = fix_table(f, "copy", f->flags);

	CHECK_OK(pg_table_clone(dst, f->pgt, va, size, PG_TABLE_COPY,
				GFP_KERNEL));
	return dst;
}

static void map(struct fix *f, unsigned long va, size_t size, pgprot_t prot)
{
	CHECK_OK(pg_table_map(f->pgt, va, f->pa + va % f->base, size, prot,
			      GFP_KERNEL));
}

TEST(a_copy_has_tables_of_its_own_and_leaves_as_large)
{
	struct pg_table_stats src, dst;
	struct pg_table *copy;

	map(f, f->base, f->size[2], f->rw);
	map(f, f->base + f->size[2], f->size[1], f->ro);
	map(f, 3 * f->base + PAGES(3), PAGES(4), f->rw);
	copy = copy_of(f, f->base, 3 * f->base);
	check_maps(f, copy, f->base, f->pa, f->size[2], RW);
	check_maps(f, copy, f->base + f->size[2], f->pa + f->size[2] % f->base,
		   f->size[1], PG_TABLE_READ);
	check_maps(f, copy, 3 * f->base + PAGES(3), f->pa + PAGES(3), PAGES(4),
		   RW);
	pg_table_get_stats(f->pgt, &src);
	pg_table_get_stats(copy, &dst);
	CHECK(!memcmp(&src, &dst, sizeof(src)));
	CHECK_EQ(dst.borrowed, 0);
	fix_destroy(copy);
}

TEST(a_copy_outlives_its_source)
{
	struct pg_table *copy;

	map(f, f->base, f->size[1] + PAGES(3), f->rw);
	copy = copy_of(f, f->base, f->base);
	fix_destroy(f->pgt);
	f->pgt = copy;
	check_maps(f, copy, f->base, f->pa, f->size[1] + PAGES(3), RW);
}

TEST(a_copy_and_its_source_do_not_see_each_others_changes)
{
	struct pg_table *copy;

	map(f, f->base, PAGES(4), f->rw);
	copy = copy_of(f, f->base, f->base);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK_OK(pg_table_protect(copy, f->base + PAGES(1), PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	check_maps(f, copy, f->base, f->pa, PAGES(1), RW);
	check_maps(f, f->pgt, f->base + PAGES(1), f->pa + PAGES(1), PAGES(3),
		   RW);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	check_maps(f, copy, f->base + PAGES(1), f->pa + PAGES(1), PAGES(1),
		   PG_TABLE_READ);
	check_maps(f, copy, f->base + PAGES(2), f->pa + PAGES(2), PAGES(2),
		   RW);
	fix_destroy(copy);
}

/* The range begins and ends inside of the largest leaves. */
TEST(a_copy_of_a_part_of_a_leaf_is_split_and_the_source_is_not)
{
	const unsigned long va = f->base + PAGES(1);
	const size_t size = 2 * f->huge - PAGES(3);
	struct pg_table *copy;

	map(f, f->base, 2 * f->huge, f->rw);
	copy = copy_of(f, va, size);
	check_maps(f, copy, va, f->pa + PAGES(1), size, RW);
	check_empty(f, copy, f->base, PAGES(1));
	check_empty(f, copy, va + size, PAGES(2));
	CHECK_EQ(leaf_at(copy, va, NULL), 0);
	if (f->sizes > 2)
		CHECK_EQ(leaf_at(copy, f->base + f->size[1], NULL), 1);
	CHECK_EQ(leaf_at(copy, va + size - 1, NULL), 0);
	CHECK_EQ(leaf_at(f->pgt, va, NULL), f->sizes - 1);
	fix_destroy(copy);
}

TEST(a_copy_of_runs_has_those_that_the_range_does_not_cut)
{
	const unsigned long va = f->base + PAGES(3);
	const size_t size = f->size[1] / 2 - PAGES(4);
	struct pg_table_stats stats;
	struct pg_table *copy;

	if (!f->d->run[0])
		return;
	map(f, f->base, f->size[1] / 2, f->rw);
	copy = copy_of(f, va, size);
	check_maps(f, copy, va, f->pa + PAGES(3), size, RW);
	pg_table_get_stats(copy, &stats);
	CHECK_EQ(stats.runs, f->size[1] / 2 / run_size(f->d, 0) - 2);
	fix_destroy(copy);
}

TEST(a_copy_to_where_something_is_mapped_is_refused)
{
	struct pg_table *src = f->pgt, *dst = fix_table(f, "copy", f->flags);

	map(f, f->base, 3 * f->size[1], f->rw);
	f->pgt = dst;
	CHECK_OK(pg_table_map(dst, f->base + 2 * f->size[1] + PAGES(1), f->pa,
			      PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, f->base, f->base,
					    PG_TABLE_COPY, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, f->base,
					    2 * f->size[1] + PAGES(2),
					    PG_TABLE_COPY, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, src, f->base, 2 * f->size[1] + PAGES(1),
				PG_TABLE_COPY, GFP_KERNEL));
	f->pgt = src;
	fix_destroy(dst);
}

/* What counts is what is mapped in the copy, not where the source is empty. */
TEST(a_copy_of_nothing_to_where_something_is_mapped_is_refused)
{
	struct pg_table *src = f->pgt, *dst = fix_table(f, "copy", f->flags);

	f->pgt = dst;
	map(f, f->base, PAGES(1), f->rw);
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, f->base, f->base,
					    PG_TABLE_COPY, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, src, 2 * f->base, f->base, PG_TABLE_COPY,
				GFP_KERNEL));
	CHECK_EQ(count_tables(f, dst), f->top + 1);
	f->pgt = src;
	fix_destroy(dst);
}

TEST(a_copy_into_reserved_tables_needs_no_memory)
{
	struct pg_table *dst = fix_table(f, "copy", f->flags);

	map(f, f->base + PAGES(1), PAGES(3), f->rw);
	CHECK_EQ(pg_table_clone(dst, f->pgt, f->base, f->size[1],
				PG_TABLE_COPY, 0), -ENOMEM);
	CHECK_OK(pg_table_reserve(dst, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->size[1],
				PG_TABLE_COPY, 0));
	check_maps(f, dst, f->base + PAGES(1), f->pa + PAGES(1), PAGES(3), RW);
	fix_destroy(dst);
}

/* An alias of the source's is copied like any other table. */
TEST(a_copy_of_a_clone_borrows_nothing)
{
	struct pg_table *mid = fix_table(f, "mid", f->flags);
	struct pg_table *src = f->pgt, *copy;
	struct pg_table_stats stats;

	map(f, f->base, f->size[1] + PAGES(3), f->rw);
	CHECK_OK(pg_table_clone(mid, src, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	f->pgt = mid;
	copy = copy_of(f, f->base, f->base);
	pg_table_get_stats(copy, &stats);
	CHECK_EQ(stats.borrowed, 0);
	CHECK_EQ(stats.tables, 1 + f->top);
	fix_destroy(mid);
	f->pgt = src;
	CHECK_OK(pg_table_unmap(src, f->base, f->base, 0));
	check_maps(f, copy, f->base, f->pa, f->size[1] + PAGES(3), RW);
	fix_destroy(copy);
}

/* Its locks come in the order from source to clone. */
TEST(a_source_cannot_take_a_copy_of_what_its_clone_has)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_map(dst, 2 * f->base, f->pa, PAGES(2), f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_clone(f->pgt, dst, 2 * f->base, f->base,
					    PG_TABLE_COPY, GFP_KERNEL));
	fix_destroy(dst);
}

TEST(a_copy_gets_no_writable_and_executable_leaf_it_does_not_allow)
{
	struct pg_table *wild = fix_table(f, "wild",
					  f->flags | PG_TABLE_ALLOW_WX);

	CHECK_OK(pg_table_map(wild, f->base, f->pa, PAGES(2), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(wild, f->base + PAGES(2), f->pa, PAGES(1),
			      f->rwx, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, wild, f->base, f->base,
					   PG_TABLE_COPY, GFP_KERNEL));
	CHECK_OK(pg_table_clone(f->pgt, wild, f->base, PAGES(2), PG_TABLE_COPY,
				GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, wild, f->base + PAGES(2),
					   PAGES(1), PG_TABLE_COPY,
					   GFP_KERNEL));
	fix_destroy(wild);
	check_maps(f, f->pgt, f->base, f->pa, PAGES(2), RW);
}

TEST(a_copy_can_be_taken_of_a_foreign_table)
{
	struct pg_table_config config = {
		.name = "foreign",
		.format = f->format,
		.ops = f->ops,
		.root = f->pgt->pgd,
		.flags = f->flags | PG_TABLE_FOREIGN,
	};
	struct pg_table *own = f->pgt, *copy;

	map(f, f->base, f->size[1] + PAGES(3), f->rw);
	f->pgt = pg_table_create(&config);
	CHECK(!IS_ERR(f->pgt));
	copy = copy_of(f, f->base + PAGES(1), f->base - PAGES(1));
	fix_destroy(f->pgt);
	f->pgt = own;
	CHECK_OK(pg_table_unmap(own, f->base, f->base, 0));
	check_maps(f, copy, f->base + PAGES(1), f->pa + PAGES(1),
		   f->size[1] + PAGES(2), RW);
	fix_destroy(copy);
}

/* Reserved tables of the source are of no use to it. */
TEST(a_copy_has_no_tables_for_where_nothing_is_mapped)
{
	struct pg_table *copy;

	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	map(f, f->base + f->size[1], PAGES(3), f->rw);
	copy = copy_of(f, f->base, 2 * f->size[1]);
	check_maps(f, copy, f->base + f->size[1],
		   f->pa + f->size[1] % f->base, PAGES(3), RW);
	CHECK_EQ(count_tables(f, copy), f->top + 1);
	fix_destroy(copy);
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(1)));
}

/* A table that is reserved in the copy lies in one of the slots. */
TEST(a_copy_of_a_run_around_a_table_has_single_leaves)
{
	unsigned int l;

	for (l = 1; l < f->top; l++) {
		size_t one = f->size[l], size = run_size(f->d, l);
		struct pg_table *copy = fix_table(f, "copy", f->flags);
		struct pg_table_leaf leaf;

		if (size > one) {
			map(f, f->base, size, f->rw);
			CHECK_OK(pg_table_reserve(copy, f->base + 2 * one,
						  PAGES(1), l - 1,
						  GFP_KERNEL));
			CHECK_OK(pg_table_clone(copy, f->pgt, f->base, size,
						PG_TABLE_COPY, GFP_KERNEL));
			check_maps(f, copy, f->base, f->pa, size, RW);
			CHECK_OK(pg_table_lookup(copy, f->base + 3 * one,
						 &leaf));
			CHECK_EQ(leaf.size, one);
			CHECK_EQ(leaf_at(copy, f->base + 2 * one, NULL), l - 1);
			CHECK_OK(pg_table_unmap(f->pgt, f->base, size, 0));
		}
		fix_destroy(copy);
	}
}

TEST(a_copy_beside_what_is_borrowed_leaves_it_shared_if_it_can)
{
	struct pg_table *lender = f->pgt, *src, *copy;
	struct pg_table_stats stats;

	map(f, f->base, PAGES(1), f->rw);
	copy = fix_table(f, "copy", f->flags);
	CHECK_OK(pg_table_clone(copy, lender, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	src = fix_table(f, "source", f->flags);
	CHECK_OK(pg_table_map(src, f->base + PAGES(9), f->pa, PAGES(1), f->ro,
			      GFP_KERNEL));
	f->pgt = copy;
	CHECK_OK(pg_table_clone(copy, src, f->base + PAGES(4), PAGES(4),
				PG_TABLE_COPY, GFP_KERNEL));
	pg_table_get_stats(copy, &stats);
	CHECK_EQ(stats.tables, 1 + f->small_root);
	CHECK_FAILS(-ENOMEM, pg_table_clone(copy, src, f->base + PAGES(8),
					    PAGES(4), PG_TABLE_COPY, 0));
	CHECK_OK(pg_table_clone(copy, src, f->base + PAGES(8), PAGES(4),
				PG_TABLE_COPY, GFP_KERNEL));
	pg_table_get_stats(copy, &stats);
	CHECK_EQ(stats.tables, f->top + 1);
	check_maps(f, copy, f->base, f->pa, PAGES(1), RW);
	check_maps(f, copy, f->base + PAGES(9), f->pa, PAGES(1), PG_TABLE_READ);
	CHECK_EQ(leaf_at(lender, f->base + PAGES(9), NULL), -1);
	f->pgt = lender;
	fix_destroy(src);
	fix_destroy(copy);
}

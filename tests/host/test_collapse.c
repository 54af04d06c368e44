// SPDX-License-Identifier: GPL-2.0
/* collapse: back to the largest leaves and runs. */
#include <stdio.h>
#include <string.h>

#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

/* All that is mapped, item by item. */
static void items(struct fix *f, struct mappings *list)
{
	memset(list, 0, sizeof(*list));
	CHECK(decode(f->d, f->sim, f->pgt->pgd, 0, ~0UL, list));
}

/* Are the items of the table those that were there before? */
static void check_items(struct fix *f, struct mappings *before)
{
	struct mappings now;

	items(f, &now);
	if (!mappings_equal(before, &now)) {
		fprintf(stderr, "  before:\n");
		mappings_print(f->d, before);
		fprintf(stderr, "  now:\n");
		mappings_print(f->d, &now);
	}
	CHECK(mappings_equal(before, &now));
	CHECK_OK(pg_table_verify(f->pgt));
	mappings_free(before);
	mappings_free(&now);
}

static void map(struct fix *f, unsigned long va, u64 pa, size_t size)
{
	CHECK_OK(pg_table_map(f->pgt, va, pa, size, f->rw, GFP_KERNEL));
}

/* Whatever split made of a mapping, collapse brings it back. */
TEST(collapse_undoes_split_at_every_level)
{
	size_t size = f->huge + f->size[1] + PAGES(3);
	unsigned int level, sizes = pg_table_format_leaf_sizes(f->format);
	unsigned long used;

	for (level = 0; level < sizes; level++) {
		struct mappings before;

		map(f, f->base, f->pa, size);
		used = sim_used(f);
		items(f, &before);
		CHECK_OK(pg_table_split(f->pgt, f->base, size, level,
					GFP_KERNEL));
		CHECK_OK(pg_table_collapse(f->pgt, f->base, size));
		check_items(f, &before);
		CHECK_EQ(sim_used(f), used);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, size, GFP_KERNEL));
	}
}

TEST(collapse_flushes_before_it_frees)
{
	struct pg_table_gather gather;
	unsigned long used;

	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	used = sim_used(f);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_collapse_gather(f->pgt, f->base, f->size[1],
					  &gather));
	CHECK(gather.tables && gather.first <= f->base &&
	      gather.last >= f->base + (f->size[1] - 1));
	CHECK_EQ(sim_used(f), used);
	pg_table_gather_flush(&gather);
	CHECK(sim_used(f) < used);
	CHECK(sim_stats(f).last.tables);
}

/* A CPU can have the pages still, and the leaf is all that is in the table. */
TEST(what_is_unmapped_after_an_unflushed_collapse_goes_by_pages_too)
{
	struct pg_table *clone = fix_table(f, "clone", f->flags);
	struct pg_table_gather gather;
	unsigned long flushes;

	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(clone, f->pgt, f->base, f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	/* So that no table goes. */
	map(f, f->base + f->size[1], f->pa, PAGES(1));
	CHECK_OK(pg_table_map(clone, f->base + f->size[1], f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_collapse_gather(f->pgt, f->base, f->size[1],
					  &gather));
	flushes = sim_stats(f).flushes;
	CHECK_OK(pg_table_unmap(clone, f->base, f->size[1], GFP_KERNEL));
	CHECK_EQ(sim_stats(f).flushes, flushes + 2);
	CHECK_OK(pg_table_destroy(clone));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], GFP_KERNEL));
	CHECK(sim_stats(f).last.levels & BIT(0));
	pg_table_gather_flush(&gather);
}

TEST(collapse_keeps_to_its_range)
{
	struct mappings before;

	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	items(f, &before);
	CHECK_OK(pg_table_collapse(f->pgt, f->base, PAGES(1)));
	CHECK_OK(pg_table_collapse(f->pgt, f->base + f->size[1] - PAGES(1),
				   PAGES(1)));
	check_items(f, &before);
}

/* One page of the block differs in something that collapse must not lose. */
TEST(collapse_leaves_alone_what_does_not_fit_together)
{
	unsigned int odd;

	for (odd = 0; odd < 4; odd++) {
		unsigned long va = f->base + f->size[1] / 2;

		map(f, f->base, f->pa, f->size[1]);
		CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0,
					GFP_KERNEL));
		if (odd == 0)
			CHECK_OK(pg_table_protect(f->pgt, va, PAGES(1), f->ro,
						  PG_TABLE_PROT_ALL, 0));
		else
			CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(1), 0));
		if (odd == 2)
			map(f, va, f->pa + 4 * f->size[1], PAGES(1));
		if (odd == 3)
			CHECK_OK(pg_table_map(f->pgt, va,
					      f->pa + f->size[1] / 2, PAGES(1),
					      f->ro, 0));
		CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
		CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
		CHECK_OK(pg_table_verify(f->pgt));
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], 0));
	}
}

/* Pages that differ in whether they were written to, and in nothing else. */
TEST(what_was_recorded_in_one_leaf_is_true_of_the_collapsed_one)
{
	const unsigned long dirty = f->base + f->size[1] / 2;
	struct mappings now;
	unsigned int i;

	for (i = 0; i < entries_of(f->d, 0); i++) {
		unsigned long va = f->base + PAGES(i);

		CHECK_OK(pg_table_map(f->pgt, va, f->pa + PAGES(i), PAGES(1),
				      va == dirty ? f->rw : f->ro, GFP_KERNEL));
	}
	CHECK_OK(pg_table_protect(f->pgt, dirty, PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	items(f, &now);
	CHECK_EQ(now.n, 1);
	CHECK(now.run[0].flags & MAPPING_DIRTY);
	mappings_free(&now);
}

/* Adjoining memory is not enough: the block has to begin where a leaf can. */
TEST(collapse_needs_memory_that_is_aligned_to_the_leaf)
{
	map(f, f->base, f->pa + PAGES(1), f->size[1]);
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	check_maps(f, f->pgt, f->base, f->pa + PAGES(1), f->size[1], RW);
}

TEST(collapse_keeps_what_was_made_small_on_purpose)
{
	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
}

/* As on a CPU without large pages. */
TEST(collapse_makes_no_larger_leaf_than_configured)
{
	const struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
		.flags = f->flags,
		.leaf_sizes = 1,
	};

	fix_replace(f, &config);
	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
}

TEST(collapse_changes_nothing_in_a_table_that_keeps_leaves_small)
{
	const struct pg_table_config config = { .flags = PG_TABLE_KEEP_SMALL };

	fix_replace(f, &config);
	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
}

TEST(collapse_of_what_a_clone_borrows_waits_for_the_clone)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->size[1],
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	check_maps(f, dst, f->base, f->pa, f->size[1], RW);
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	CHECK_OK(pg_table_destroy(dst));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
}

/* Who follows has the leaf in its place, and so has who follows that one. */
TEST(clones_that_follow_let_go_of_what_is_collapsed)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct pg_table *next = fix_table(f, "next", f->flags);
	struct pg_table_gather gather;
	unsigned long used;

	map(f, f->base, f->pa, 2 * f->size[1]);
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_OK(pg_table_clone(next, dst, f->base, f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	used = sim_used(f);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_EQ(leaf_at(next, f->base, NULL), 0);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_collapse_gather(f->pgt, f->base, f->size[1],
					  &gather));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	CHECK_EQ(leaf_at(dst, f->base, NULL), 1);
	CHECK_EQ(leaf_at(next, f->base, NULL), 1);
	CHECK(sim_used(f) > used);
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_used(f), used);
	check_maps(f, next, f->base, f->pa, f->size[1], RW);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_destroy(next));
	CHECK_OK(pg_table_destroy(dst));
}

TEST(collapse_below_what_a_clone_borrows_shows_in_the_clone)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base,
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	if (f->top > 1)
		CHECK_EQ(leaf_at(dst, f->base, NULL), 1);
	check_maps(f, dst, f->base, f->pa, f->size[1], RW);
	CHECK_OK(pg_table_destroy(dst));
}

TEST(collapse_in_a_clone_leaves_the_tables_of_its_source_alone)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base,
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_collapse(dst, f->base, f->base));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_verify(dst));
	CHECK_OK(pg_table_destroy(dst));
}

TEST(collapse_of_a_bad_range_changes_nothing)
{
	struct pg_table *other = fix_table(f, "other", f->flags);
	struct pg_table_gather gather;

	map(f, f->base, f->pa, f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	pg_table_gather_init(&gather, other);
	CHECK_FAILS(-EINVAL, pg_table_collapse(f->pgt, f->base, 0));
	CHECK_FAILS(-EINVAL, pg_table_collapse(f->pgt, f->base + 1,
					       f->size[1]));
	CHECK_FAILS(-EINVAL, pg_table_collapse_gather(f->pgt, f->base,
						      f->size[1], &gather));
	CHECK_OK(pg_table_collapse(f->pgt, 2 * f->base, f->base));
	CHECK_OK(pg_table_seal(f->pgt));
	CHECK_FAILS(-EPERM, pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_OK(pg_table_destroy(other));
}

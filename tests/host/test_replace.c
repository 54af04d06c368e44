// SPDX-License-Identifier: GPL-2.0
/* SHARE over what the clone has: one store for each entry. */
#include "watch.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)
#define REPLACE	(PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE)

static void map(struct fix *f, struct pg_table *pgt, unsigned long va, u64 pa,
		size_t size)
{
	CHECK_OK(pg_table_map(pgt, va, pa, size, f->rw, GFP_KERNEL));
}

static void replace(struct fix *f, struct pg_table *dst, unsigned long va,
		    size_t size)
{
	CHECK_OK(pg_table_clone(dst, f->pgt, va, size, REPLACE, GFP_KERNEL));
}

/* The source maps pages in two tables, the clone others in three. */
static struct pg_table *populated(struct fix *f)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	map(f, f->pgt, f->base, f->pa, PAGES(9));
	map(f, f->pgt, f->base + f->size[1], f->pa, PAGES(9));
	map(f, dst, f->base, 2 * f->pa, PAGES(12));
	map(f, dst, f->base + f->size[1], 2 * f->pa, PAGES(12));
	map(f, dst, f->base + 2 * f->size[1], 2 * f->pa, PAGES(12));
	return dst;
}

TEST(what_a_clone_has_is_replaced_and_its_tables_are_freed)
{
	struct pg_table *dst = populated(f);
	unsigned long used = sim_used(f), flushes = sim_stats(f).flushes;

	replace(f, dst, f->base, f->base);
	CHECK_EQ(count_tables(f, dst), count_tables(f, f->pgt));
	CHECK(sim_used(f) < used);
	/* A break takes a flush of its own. */
	if (!wants_breaks(f))
		CHECK_EQ(sim_stats(f).flushes, flushes + 1);
	CHECK(sim_stats(f).last.tables);
	CHECK(sim_stats(f).last.first <= f->base);
	CHECK(sim_stats(f).last.last >= 2 * f->base - 1);
	check_maps(f, dst, f->base, f->pa, PAGES(9), RW);
	check_empty(f, dst, f->base + PAGES(9), f->size[1] - PAGES(9));
	check_maps(f, dst, f->base + f->size[1], f->pa, PAGES(9), RW);
	check_empty(f, dst, f->base + 2 * f->size[1], f->size[1]);
	CHECK_OK(pg_table_verify(f->pgt));
	fix_destroy(dst);
}

/* The range begins and ends inside of tables that both have. */
TEST(around_what_is_replaced_a_clone_keeps_what_it_has)
{
	struct pg_table *dst = populated(f);

	replace(f, dst, f->base + PAGES(2), 2 * f->size[1] + PAGES(2));
	check_maps(f, dst, f->base, 2 * f->pa, PAGES(2), RW);
	check_maps(f, dst, f->base + PAGES(2), f->pa + PAGES(2), PAGES(7), RW);
	check_empty(f, dst, f->base + PAGES(9), f->size[1] - PAGES(9));
	check_maps(f, dst, f->base + f->size[1], f->pa, PAGES(9), RW);
	check_empty(f, dst, f->base + 2 * f->size[1], PAGES(4));
	check_maps(f, dst, f->base + 2 * f->size[1] + PAGES(4),
		   2 * f->pa + PAGES(4), PAGES(8), RW);
	fix_destroy(dst);
}

TEST(a_larger_leaf_in_the_way_is_split)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	const unsigned long va = f->base + PAGES(3);

	map(f, f->pgt, va, f->pa, PAGES(2));
	map(f, dst, f->base, 2 * f->pa, f->size[1]);
	replace(f, dst, va, PAGES(3));
	check_maps(f, dst, f->base, 2 * f->pa, PAGES(3), RW);
	check_maps(f, dst, va, f->pa, PAGES(2), RW);
	check_empty(f, dst, va + PAGES(2), PAGES(1));
	check_maps(f, dst, va + PAGES(3), 2 * f->pa + PAGES(6),
		   f->size[1] - PAGES(6), RW);
	CHECK(sim_stats(f).last.first <= f->base);
	CHECK(sim_stats(f).last.last >= f->base + f->size[1] - 1);
	fix_destroy(dst);
}

TEST(a_clone_replaced_by_nothing_is_empty)
{
	struct pg_table *src = fix_table(f, "empty", f->flags);
	struct pg_table *dst = populated(f), *own = f->pgt;

	f->pgt = src;
	replace(f, dst, f->base, 2 * f->size[1]);
	check_empty(f, dst, f->base, 2 * f->size[1]);
	replace(f, dst, f->base + 2 * f->size[1], PAGES(12));
	CHECK_EQ(count_tables(f, dst), 1);
	f->pgt = own;
	fix_destroy(dst);
	fix_destroy(src);
}

/* Aliases of one source become those of another, which alone is needed. */
TEST(a_source_that_was_replaced_is_free)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct pg_table *other = fix_table(f, "other", f->flags);

	map(f, other, f->base, 2 * f->pa, PAGES(3));
	map(f, f->pgt, f->base, f->pa, PAGES(3));
	CHECK_OK(pg_table_clone(dst, other, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	replace(f, dst, f->base, f->base);
	fix_destroy(other);
	check_maps(f, dst, f->base, f->pa, PAGES(3), RW);
	CHECK_EQ(pg_table_destroy(f->pgt), -EBUSY);
	fix_destroy(dst);
}

TEST(what_is_reserved_or_follows_cannot_be_replaced)
{
	struct pg_table *src = f->pgt, *dst = populated(f);

	f->pgt = dst;
	CHECK_FAILS(-EINVAL, pg_table_clone(dst, src, f->base, f->base,
					    PG_TABLE_FOLLOW |
					    PG_TABLE_CLONE_REPLACE,
					    GFP_KERNEL));
	CHECK_FAILS(-ENOMEM, pg_table_clone(dst, src, f->base, f->base,
					    REPLACE, 0));
	CHECK_OK(pg_table_reserve(dst, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_FAILS(-EEXIST, pg_table_clone(dst, src, f->base, f->base,
					    REPLACE, GFP_KERNEL));
	CHECK_OK(pg_table_unreserve(dst, f->base, PAGES(1)));
	CHECK_OK(pg_table_unmap(dst, f->base, f->base, 0));
	CHECK_OK(pg_table_clone(dst, src, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(dst, src, f->base, f->base,
					   REPLACE, GFP_KERNEL));
	f->pgt = src;
	fix_destroy(dst);
}

/* Some want a table pointer broken before another is made. */
TEST(a_loaded_clone_is_replaced_only_where_the_cpu_can)
{
	struct pg_table *src = f->pgt, *dst = populated(f);

	atomic_inc(&dst->desc->loaded);
	f->pgt = dst;
	if (wants_breaks(f))
		CHECK_FAILS(-EOPNOTSUPP, pg_table_clone(dst, src, f->base,
							f->base, REPLACE,
							GFP_KERNEL));
	f->pgt = src;
	if (!wants_breaks(f))
		replace(f, dst, f->base, f->base);
	atomic_dec(&dst->desc->loaded);
	fix_destroy(dst);
}

/**
 * struct both - pages that are mapped before and after
 * @f: the fixture
 * @va: the pages
 * @n: how many
 */
struct both {
	struct fix	*f;
	unsigned long	va[8];
	unsigned int	n;
};

static void look(void *arg, u64 *slot, bool done)
{
	struct both *both = arg;
	unsigned int i;

	for (i = 0; i < both->n; i++)
		CHECK(leaf_at(both->f->pgt, both->va[i], NULL) >= 0);
}

TEST(while_it_is_replaced_nothing_is_absent)
{
	struct pg_table *src = f->pgt, *dst = populated(f);
	struct both both = { .f = f, .n = 4, .va = {
		f->base, f->base + PAGES(4), f->base + f->size[1],
		f->base + f->size[1] + PAGES(8),
	} };
	unsigned int i;

	if (!watch_possible() || wants_breaks(f))
		return fix_destroy(dst);
	for (i = 0; i < 2; i++) {
		f->pgt = dst;
		watch_begin(f, look, &both);
		CHECK_OK(pg_table_clone(dst, src, f->base + PAGES(2 - 2 * i),
					f->base, REPLACE, GFP_KERNEL));
		CHECK(watch_end());
		f->pgt = src;
	}
	fix_destroy(dst);
}

/* Nor in one that follows, when a table of the one in the middle goes. */
TEST(while_a_table_of_the_source_is_replaced_nothing_is_absent)
{
	struct pg_table *mid = fix_table(f, "mid", f->flags);
	struct pg_table *leaf = fix_table(f, "leaf", f->flags);
	struct pg_table *src = f->pgt;
	struct both both = { .f = f, .n = 3, .va = {
		f->base, f->base + PAGES(4), f->base + f->size[1],
	} };

	map(f, src, f->base, f->pa, PAGES(9));
	map(f, src, f->base + f->size[1], f->pa, PAGES(9));
	CHECK_OK(pg_table_clone(mid, src, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	CHECK_OK(pg_table_clone(leaf, mid, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	if (watch_possible() && !wants_breaks(f)) {
		f->pgt = leaf;
		watch_begin(f, look, &both);
		CHECK_OK(pg_table_unmap(mid, f->base + PAGES(2), PAGES(1),
					GFP_KERNEL));
		CHECK_OK(pg_table_clone(mid, src, f->base, f->base,
					PG_TABLE_FOLLOW, GFP_KERNEL));
		CHECK(watch_end());
		f->pgt = src;
	}
	fix_destroy(leaf);
	fix_destroy(mid);
}

/* The leaf, or the run, would have to be split first. */
TEST(a_part_of_an_item_is_replaced_only_where_the_cpu_can)
{
	const size_t sizes[] = { f->huge, max(run_size(f->d, 0), PAGES(4)) };
	struct pg_table *src = f->pgt;
	unsigned int i;

	map(f, src, f->base + PAGES(1), 2 * f->pa, PAGES(2));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct pg_table *dst = fix_table(f, "clone", f->flags);

		map(f, dst, f->base, f->pa, sizes[i]);
		pg_table_sim_cpu.bbml2 = false;
		if (wants_breaks(f)) {
			atomic_inc(&dst->desc->loaded);
			f->pgt = dst;
			CHECK_FAILS(-EOPNOTSUPP,
				    pg_table_clone(dst, src,
						   f->base + PAGES(1),
						   PAGES(2), REPLACE,
						   GFP_KERNEL));
			f->pgt = src;
			atomic_dec(&dst->desc->loaded);
		}
		replace(f, dst, f->base + PAGES(1), PAGES(2));
		pg_table_sim_cpu.bbml2 = true;
		check_maps(f, dst, f->base, f->pa, PAGES(1), RW);
		check_maps(f, dst, f->base + PAGES(1), 2 * f->pa, PAGES(2), RW);
		check_maps(f, dst, f->base + PAGES(3), f->pa + PAGES(3),
			   sizes[i] - PAGES(3), RW);
		fix_destroy(dst);
	}
}

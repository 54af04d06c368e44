// SPDX-License-Identifier: GPL-2.0
/* Gathers: nothing is used again before it was flushed. */
#include "test.h"

static void map_pages(struct fix *f, unsigned long va, unsigned int n)
{
	CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(n), f->rw, GFP_KERNEL));
}

static bool covers(const struct pg_table_gather *gather, unsigned long va,
		   size_t size)
{
	return gather->first <= va && va + (size - 1) <= gather->last;
}

TEST(a_gather_leaves_the_flush_to_the_caller)
{
	struct pg_table_sim_stats stats;
	struct pg_table_gather gather;

	map_pages(f, f->base, 9);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(3), 0,
				       &gather));
	CHECK_OK(pg_table_protect_gather(f->pgt, f->base + PAGES(5), PAGES(1),
					 f->ro, PG_TABLE_PROT_ALL, 0,
					 &gather));
	CHECK_EQ(sim_stats(f).flushes, 0);
	CHECK(covers(&gather, f->base, PAGES(6)));
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_stats(f).flushes, 1);
	stats = sim_stats(f);
	CHECK(covers(&stats.last, f->base, PAGES(6)));
}

TEST(tables_are_not_used_again_before_the_flush)
{
	struct pg_table_gather gather;
	unsigned long used;

	map_pages(f, f->base, 3);
	used = sim_used(f);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(3), 0,
				       &gather));
	CHECK_EQ(count_tables(f, f->pgt), 1);
	CHECK_EQ(sim_used(f), used);
	CHECK(gather.tables);
	CHECK_OK(pg_table_verify(f->pgt));
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_used(f), ROOTS(1));
	CHECK(sim_stats(f).last.tables);
}

TEST(what_is_pending_is_not_mapped_again)
{
	struct pg_table_gather gather;

	map_pages(f, f->base, 9);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base + PAGES(3), PAGES(3), 0,
				       &gather));
	CHECK_FAILS(-EBUSY, pg_table_map(f->pgt, f->base + PAGES(3), f->pa,
					 PAGES(3), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EBUSY, pg_table_map(f->pgt, f->base + PAGES(5), f->pa,
					 PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EBUSY, pg_table_reserve(f->pgt, f->base + PAGES(4),
					     PAGES(1), 0, GFP_KERNEL));
	map_pages(f, 2 * f->base, 1);
	pg_table_gather_flush(&gather);
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(3), f->pa, PAGES(3),
			      f->rw, 0));
}

TEST(what_is_pending_for_a_freed_table_is_all_that_it_spanned)
{
	struct pg_table_gather gather;

	map_pages(f, f->base, 1);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0,
				       &gather));
	CHECK(covers(&gather, f->base, f->base));
	if (f->flags & PG_TABLE_EXCLUSIVE)
		CHECK_FAILS(-EBUSY,
			    pg_table_map(f->pgt, f->base + f->base / 2, f->pa,
					 PAGES(1), f->rw, GFP_KERNEL));
	pg_table_gather_flush(&gather);
	map_pages(f, f->base + f->base / 2, 1);
}

TEST(a_neighbour_of_what_is_pending_can_map_and_flushes_for_itself)
{
	unsigned long va = f->base + f->base / 2;
	struct pg_table_gather gather;
	struct pg_table_sim_stats sim;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	map_pages(f, f->base, 1);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0,
				       &gather));
	map_pages(f, va, 1);
	sim = sim_stats(f);
	/* Where CPUs want breaks also before it puts something there. */
	CHECK(f->d->breaks ? sim.flushes > 1 : sim.flushes == 1);
	CHECK(sim.last.tables && covers(&sim.last, va, PAGES(1)));
	pg_table_gather_flush(&gather);
	map_pages(f, f->base, 1);
	CHECK_EQ(sim_stats(f).flushes, sim.flushes + 1);
}

TEST(an_empty_gather_flushes_nothing)
{
	struct pg_table_gather gather;

	pg_table_gather_init(&gather, f->pgt);
	pg_table_gather_flush(&gather);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0,
				       &gather));
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_stats(f).flushes, 0);
}

TEST(a_flushed_gather_can_be_used_again)
{
	struct pg_table_gather gather;
	unsigned int i;

	pg_table_gather_init(&gather, f->pgt);
	for (i = 0; i < 3; i++) {
		map_pages(f, f->base, 2);
		CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(2), 0,
					       &gather));
		pg_table_gather_flush(&gather);
		CHECK_EQ(sim_stats(f).flushes, i + 1);
		CHECK_EQ(sim_used(f), ROOTS(1));
	}
}

TEST(a_call_that_fails_adds_nothing_to_the_gather)
{
	struct pg_table_gather gather, before;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	pg_table_gather_init(&gather, f->pgt);
	before = gather;
	CHECK_FAILS(-ENOMEM, pg_table_unmap_gather(f->pgt, f->base, PAGES(1),
						   0, &gather));
	CHECK_FAILS(-ENOENT, pg_table_protect_gather(f->pgt, f->base - PAGES(1),
						     PAGES(2), f->ro,
						     PG_TABLE_PROT_ALL,
						     GFP_KERNEL, &gather));
	CHECK_EQ(gather.first, before.first);
	CHECK_EQ(gather.last, before.last);
	CHECK(!gather.tables && !gather.freed);
	CHECK_OK(pg_table_map(f->pgt, f->base + f->huge, f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
}

TEST(the_gather_of_another_table_is_refused)
{
	struct pg_table *other = fix_table(f, "other", f->flags);
	struct pg_table_gather gather;

	map_pages(f, f->base, 1);
	pg_table_gather_init(&gather, other);
	CHECK_FAILS(-EINVAL, pg_table_unmap_gather(f->pgt, f->base, PAGES(1),
						   0, &gather));
	CHECK_FAILS(-EINVAL, pg_table_protect_gather(f->pgt, f->base, PAGES(1),
						     f->ro, PG_TABLE_PROT_ALL,
						     0, &gather));
	CHECK_FAILS(-EINVAL, pg_table_split_gather(f->pgt, f->base, PAGES(1),
						   0, 0, &gather));
	CHECK_FAILS(-EINVAL, pg_table_unreserve_gather(f->pgt, f->base,
						       PAGES(1), &gather));
	CHECK_OK(pg_table_destroy(other));
}

TEST(a_split_is_flushed_by_its_gather)
{
	struct pg_table_gather gather;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_split_gather(f->pgt, f->base, PAGES(1), 0,
				       GFP_KERNEL, &gather));
	CHECK_EQ(sim_stats(f).flushes, 0);
	CHECK(covers(&gather, f->base, f->size[1]));
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_stats(f).flushes, 1);
}

TEST(unreserve_leaves_its_tables_to_the_gather)
{
	struct pg_table_gather gather;
	unsigned long used;

	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	used = sim_used(f);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unreserve_gather(f->pgt, f->base, PAGES(1),
					   &gather));
	CHECK_EQ(sim_used(f), used);
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(two_gathers_of_one_table_are_both_pending)
{
	struct pg_table_gather a, b;

	map_pages(f, f->base, 9);
	pg_table_gather_init(&a, f->pgt);
	pg_table_gather_init(&b, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0, &a));
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base + PAGES(4), PAGES(1), 0,
				       &b));
	pg_table_gather_flush(&a);
	map_pages(f, f->base, 1);
	CHECK_FAILS(-EBUSY, pg_table_map(f->pgt, f->base + PAGES(4), f->pa,
					 PAGES(1), f->rw, 0));
	pg_table_gather_flush(&b);
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(4), f->pa, PAGES(1),
			      f->rw, 0));
}

TEST(a_dropped_gather_is_caught)
{
	struct pg_table_gather gather;

	map_pages(f, f->base, 2);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0,
				       &gather));
	host_log(false);
	CHECK_FAILS(-EBUSY, pg_table_destroy(f->pgt));
	host_log(true);
	f->warnings++;
	pg_table_gather_flush(&gather);
}

static struct pg_table_ops watched;
static unsigned long order, flushed_at, freed_at;
static unsigned long frees;

static void watch_flush(struct pg_table *pgt,
			const struct pg_table_gather *gather)
{
	flushed_at = ++order;
	watched.flush(pgt, gather);
}

static void watch_free(struct pg_table *pgt, void *table, size_t size)
{
	freed_at = ++order;
	frees++;
	watched.free(pgt, table, size);
}

TEST(every_table_is_flushed_before_it_is_freed)
{
	watched = *f->ops;
	f->ops->flush = watch_flush;
	f->ops->free = watch_free;

	frees = 0;
	map_pages(f, f->base, 3);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(3), 0));
	CHECK_EQ(frees, f->top);
	CHECK(flushed_at && flushed_at + f->top == freed_at);

	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(1)));
	CHECK_EQ(flushed_at + f->top, freed_at);

	map_pages(f, f->base, 3);
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	CHECK_EQ(flushed_at + f->top + 1, freed_at);
	*f->ops = watched;
}

/* The clone's own tables go under the flush that the source does. */
TEST(tables_of_a_clone_are_flushed_before_they_are_freed)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	const unsigned long va = f->base + f->size[1];

	map_pages(f, va, 3);
	CHECK_OK(pg_table_clone(dst, f->pgt, va, f->size[1], PG_TABLE_SHARE,
				GFP_KERNEL));
	watched = *f->ops;
	f->ops->flush = watch_flush;
	f->ops->free = watch_free;
	frees = 0;
	CHECK_OK(pg_table_unmap(f->pgt, va, PAGES(3), 0));
	CHECK_EQ(frees, f->top + f->top - 1);
	CHECK_EQ(flushed_at + frees, freed_at);
	*f->ops = watched;
	CHECK_OK(pg_table_destroy(dst));
}

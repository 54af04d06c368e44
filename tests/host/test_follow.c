// SPDX-License-Identifier: GPL-2.0
/* FOLLOW: a clone stays true at every level, but in its holes. */
#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)
/* Tables of one that follows f->base bytes from there, without a hole. */
#define OWN	(1 + f->small_root)

static struct pg_table *follower(struct fix *f, unsigned long va, size_t size)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_clone(dst, f->pgt, va, size, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	return dst;
}

static void map(struct fix *f, struct pg_table *pgt, unsigned long va,
		size_t size)
{
	CHECK_OK(pg_table_map(pgt, va, f->pa + va, size, f->rw, GFP_KERNEL));
}

static void check_mapped(struct fix *f, struct pg_table *pgt, unsigned long va,
			 size_t size)
{
	check_maps(f, pgt, va, f->pa + va, size, RW);
}

static void unmap(struct pg_table *pgt, unsigned long va, size_t size)
{
	CHECK_OK(pg_table_unmap(pgt, va, size, GFP_KERNEL));
}

static void fill(struct fix *f, struct pg_table *dst, unsigned long va,
		 size_t size)
{
	CHECK_OK(pg_table_clone(dst, f->pgt, va, size, PG_TABLE_FOLLOW,
				GFP_KERNEL));
}

static struct pg_table_stats stats_of(struct pg_table *pgt)
{
	struct pg_table_stats stats;

	CHECK_OK(pg_table_verify(pgt));
	pg_table_get_stats(pgt, &stats);
	return stats;
}

TEST(a_range_that_ends_inside_of_root_entries_is_followed)
{
	const unsigned long va = f->base + f->size[1] + PAGES(2);
	struct pg_table *dst = follower(f, va, f->size[1]);

	CHECK_EQ(stats_of(dst).tables, f->top + 2);
	map(f, f->pgt, f->base, 3 * f->size[1]);
	check_mapped(f, dst, va, f->size[1]);
	check_empty(f, dst, f->base, va - f->base);
	check_empty(f, dst, va + f->size[1], f->base);
	unmap(f->pgt, va + PAGES(1), PAGES(3));
	check_empty(f, dst, va + PAGES(1), PAGES(3));
	check_mapped(f, dst, va + PAGES(4), f->size[1] - PAGES(4));
	unmap(f->pgt, f->base, f->base);
	check_empty(f, dst, f->base, f->base);
	CHECK_EQ(stats_of(dst).tables, f->top + 2);
	unmap(dst, va, f->size[1]);
	CHECK_EQ(stats_of(dst).tables, 1);
	fix_destroy(dst);
}

/* Its tables at the ends are there, whatever the source has. */
TEST(a_follower_takes_no_memory_when_its_source_changes)
{
	const unsigned long va = f->base + f->size[2] - PAGES(2);
	struct pg_table *dst = follower(f, va, f->size[1]);
	unsigned long used, tables;

	unmap(dst, va + PAGES(3), PAGES(1));
	tables = stats_of(dst).tables;
	map(f, f->pgt, f->base, 2 * f->size[2]);
	check_mapped(f, dst, va, PAGES(3));
	used = sim_used(f);
	CHECK_OK(pg_table_unmap(f->pgt, f->base + 2 * f->size[1], f->size[1],
				GFP_KERNEL));
	/* One table at most, of the source: a leaf was split. */
	if (f->sizes > 2)
		used += max(entries_of(f->d, 1) / 512, 1U);
	CHECK_EQ(sim_used(f), used);
	CHECK_EQ(stats_of(dst).tables, tables);
	check_mapped(f, dst, va + PAGES(4), f->size[1] - PAGES(4));
	unmap(f->pgt, f->base, 2 * f->size[2]);
	check_empty(f, dst, va, f->size[1]);
	CHECK_EQ(stats_of(dst).tables, tables);
	fix_destroy(dst);
}

TEST(outside_of_what_it_follows_a_clone_maps_what_it_wants)
{
	const unsigned long va = f->base + PAGES(4);
	struct pg_table *dst = follower(f, va, PAGES(4));

	map(f, f->pgt, f->base, PAGES(12));
	map(f, dst, f->base, PAGES(2));
	map(f, dst, va + PAGES(4), PAGES(1));
	CHECK_EQ(pg_table_map(dst, f->base + PAGES(3), f->pa, PAGES(2), f->rw,
			      GFP_KERNEL), -EPERM);
	unmap(f->pgt, f->base, PAGES(12));
	check_mapped(f, dst, f->base, PAGES(2));
	check_empty(f, dst, va, PAGES(4));
	unmap(dst, f->base, PAGES(2));
	unmap(dst, va + PAGES(4), PAGES(1));
	/* The table is needed for the range still. */
	map(f, f->pgt, va, PAGES(1));
	check_mapped(f, dst, va, PAGES(1));
	fix_destroy(dst);
}

TEST(a_hole_stays_whatever_the_source_does)
{
	const unsigned long hole = f->base + PAGES(5);
	struct pg_table *dst;

	map(f, f->pgt, f->base, f->size[1]);
	dst = follower(f, f->base, f->base);
	unmap(dst, hole, PAGES(2));
	check_empty(f, dst, hole, PAGES(2));
	check_mapped(f, dst, f->base, PAGES(5));
	check_mapped(f, dst, hole + PAGES(2), f->size[1] - PAGES(7));
	CHECK_EQ(stats_of(dst).holes, PAGES(2));
	CHECK_EQ(leaf_at(f->pgt, hole, NULL), 1);
	/* Split, protect, unmap, map again, by small and large leaves. */
	CHECK_OK(pg_table_protect(f->pgt, hole, PAGES(3), f->ro,
				  PG_TABLE_PROT_ALL, GFP_KERNEL));
	check_empty(f, dst, hole, PAGES(2));
	check_maps(f, dst, hole + PAGES(2), f->pa + hole + PAGES(2), PAGES(1),
		   PG_TABLE_READ);
	unmap(f->pgt, f->base, f->base);
	check_empty(f, dst, f->base, f->base);
	CHECK_EQ(stats_of(dst).holes, PAGES(2));
	map(f, f->pgt, f->base, f->size[2]);
	check_empty(f, dst, hole, PAGES(2));
	check_mapped(f, dst, f->base, PAGES(5));
	check_mapped(f, dst, hole + PAGES(2), f->size[2] - PAGES(7));
	CHECK_EQ(leaf_at(f->pgt, hole, NULL), f->sizes - 1);
	CHECK_EQ(leaf_at(dst, f->base, NULL), 0);
	CHECK_EQ(leaf_at(dst, f->base + f->size[1], NULL), 1);
	fix_destroy(dst);
}

TEST(what_is_beside_a_hole_is_shared_again)
{
	struct pg_table *dst;

	map(f, f->pgt, f->base, PAGES(9));
	map(f, f->pgt, f->base + f->size[1], PAGES(9));
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(2), PAGES(1));
	CHECK_EQ(stats_of(dst).tables, f->top + 1);
	CHECK_EQ(stats_of(dst).borrowed, 1);
	map(f, f->pgt, f->base + f->size[1] + PAGES(9), PAGES(1));
	check_mapped(f, dst, f->base + f->size[1], PAGES(10));
	map(f, f->pgt, f->base + PAGES(9), PAGES(1));
	check_mapped(f, dst, f->base + PAGES(3), PAGES(7));
	CHECK_EQ(stats_of(dst).borrowed, 1);
	fix_destroy(dst);
}

TEST(a_hole_is_flushed_as_far_as_the_replaced_pointer_spans)
{
	struct pg_table_sim_stats sim;
	struct pg_table *dst;

	map(f, f->pgt, f->base, PAGES(9));
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(2), PAGES(1));
	sim = sim_stats(f);
	CHECK(sim.last.tables);
	CHECK(sim.last.first <= f->base);
	CHECK(sim.last.last >= 2 * f->base - 1);
	fix_destroy(dst);
}

/* The flush of the source is one of the clone. */
TEST(a_change_behind_a_mirrored_entry_is_flushed_in_the_clone)
{
	unsigned long flushes;
	struct pg_table *dst;

	map(f, f->pgt, f->base, PAGES(9));
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(2), PAGES(1));
	flushes = sim_stats(f).flushes;
	unmap(f->pgt, f->base, PAGES(1));
	check_empty(f, dst, f->base, PAGES(1));
	CHECK_EQ(sim_stats(f).flushes, flushes + 2);
	fix_destroy(dst);
}

/* The flush of a large leaf need not reach small ones, but these are its parts. */
TEST(a_large_leaf_that_goes_is_flushed_in_all_its_parts)
{
	struct pg_table *dst;

	map(f, f->pgt, f->base, f->huge);
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(2), PAGES(1));
	unmap(f->pgt, f->base, f->huge);
	CHECK(sim_stats(f).last.levels & 1);
	fix_destroy(dst);
}

/* Gone from the clone with the verb, though the flush is still to come. */
TEST(a_removal_reaches_private_copies_before_the_flush_returns)
{
	struct pg_table_gather gather;
	unsigned long flushes;
	struct pg_table *dst;

	map(f, f->pgt, f->base, f->size[1]);
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(2), PAGES(1));
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, f->size[1], 0,
				       &gather));
	check_empty(f, dst, f->base, f->base);
	flushes = sim_stats(f).flushes;
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_stats(f).flushes, flushes + 2);
	fix_destroy(dst);
}

/* The leaf is gone, but a CPU can have it until the source's gather is flushed. */
TEST(a_table_for_a_hole_does_not_take_the_place_of_what_a_cpu_can_hold)
{
	struct pg_table_gather theirs, ours;
	unsigned long flushes;
	struct pg_table *dst;

	map(f, f->pgt, f->base, 2 * f->size[1]);
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + f->size[1] + PAGES(2), PAGES(1));
	pg_table_gather_init(&theirs, f->pgt);
	pg_table_gather_init(&ours, dst);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, f->size[1], 0,
				       &theirs));
	flushes = sim_stats(f).flushes;
	CHECK_OK(pg_table_unmap_gather(dst, f->base + PAGES(2), PAGES(1),
				       GFP_KERNEL, &ours));
	CHECK(sim_stats(f).flushes > flushes && sim_stats(f).last.levels & 2);
	/* All of the leaf. */
	CHECK(sim_stats(f).last.first <= f->base &&
	      sim_stats(f).last.last >= f->base + (f->size[1] - 1));
	pg_table_gather_flush(&ours);
	pg_table_gather_flush(&theirs);
	fix_destroy(dst);
}

TEST(a_hole_that_is_filled_shows_the_source_again)
{
	const unsigned long hole = f->base + f->size[1] - PAGES(3);
	struct pg_table *dst;

	map(f, f->pgt, f->base, 2 * f->size[1]);
	dst = follower(f, f->base, f->base);
	unmap(dst, hole, PAGES(6));
	CHECK_EQ(stats_of(dst).holes, PAGES(6));
	fill(f, dst, hole + PAGES(1), PAGES(1));
	check_mapped(f, dst, hole + PAGES(1), PAGES(1));
	check_empty(f, dst, hole, PAGES(1));
	check_empty(f, dst, hole + PAGES(2), PAGES(4));
	CHECK_EQ(stats_of(dst).holes, PAGES(5));
	fill(f, dst, hole, PAGES(6));
	check_mapped(f, dst, f->base, 2 * f->size[1]);
	fix_destroy(dst);
}

TEST(a_hole_that_is_filled_needs_no_tables_any_more)
{
	const unsigned long hole = f->base + f->size[1] - PAGES(3);
	unsigned long used;
	struct pg_table *dst;

	map(f, f->pgt, f->base, 2 * f->size[1]);
	dst = follower(f, f->base, f->base);
	used = sim_used(f);
	unmap(dst, hole, PAGES(6));
	CHECK_EQ(stats_of(dst).tables, f->top + 2);
	fill(f, dst, hole + PAGES(3), PAGES(3));
	CHECK_EQ(stats_of(dst).tables, f->top + 1);
	fill(f, dst, f->base, f->base);
	CHECK_EQ(stats_of(dst).tables, OWN);
	CHECK_EQ(stats_of(dst).borrowed, 1);
	CHECK_EQ(sim_used(f), used);
	CHECK(sim_stats(f).last.tables);
	fix_destroy(dst);
}

TEST(a_part_of_a_large_hole_can_be_filled)
{
	struct pg_table *src = f->pgt, *dst;

	map(f, src, f->base, f->size[2]);
	dst = follower(f, f->base, 2 * f->base);
	unmap(dst, f->base, f->size[2]);
	CHECK_EQ(stats_of(dst).holes, f->size[2]);
	f->pgt = dst;
	CHECK_FAILS(-ENOMEM, pg_table_clone(dst, src, f->base + PAGES(1),
					    PAGES(1), PG_TABLE_FOLLOW, 0));
	f->pgt = src;
	fill(f, dst, f->base + f->size[1] + PAGES(1), PAGES(2));
	CHECK_EQ(stats_of(dst).holes, f->size[2] - PAGES(2));
	check_mapped(f, dst, f->base + f->size[1] + PAGES(1), PAGES(2));
	check_empty(f, dst, f->base, f->size[1] + PAGES(1));
	check_empty(f, dst, f->base + f->size[1] + PAGES(3),
		    f->size[2] - f->size[1] - PAGES(3));
	unmap(src, f->base, f->size[2]);
	check_empty(f, dst, f->base, f->base);
	fill(f, dst, f->base, 2 * f->base);
	CHECK_EQ(stats_of(dst).tables, OWN);
	fix_destroy(dst);
}

TEST(filling_what_is_no_hole_changes_nothing)
{
	struct pg_table *dst;
	struct snapshot before;

	map(f, f->pgt, f->base, PAGES(9));
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(4), PAGES(1));
	snapshot_take(f, dst, &before);
	fill(f, dst, f->base, PAGES(4));
	fill(f, dst, f->base + f->size[1], f->size[1]);
	fill(f, dst, f->base + PAGES(4), PAGES(1));
	unmap(dst, f->base + PAGES(4), PAGES(1));
	CHECK_EQ(sim_used(f), before.used);
	before.flushes = sim_stats(f).flushes;
	snapshot_check(f, dst, &before);
	fix_destroy(dst);
}

TEST(a_larger_hole_takes_the_tables_of_smaller_ones)
{
	struct pg_table *dst;

	map(f, f->pgt, f->base, 3 * f->size[1]);
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(1), PAGES(1));
	unmap(dst, f->base + PAGES(3), PAGES(1));
	CHECK_EQ(stats_of(dst).tables, f->top + 1);
	unmap(dst, f->base, f->size[1]);
	CHECK_EQ(stats_of(dst).tables, f->top);
	CHECK_EQ(stats_of(dst).holes, f->size[1]);
	unmap(dst, f->base, f->size[1] + PAGES(1));
	CHECK_EQ(stats_of(dst).holes, f->size[1] + PAGES(1));
	check_mapped(f, dst, f->base + f->size[1] + PAGES(1),
		     2 * f->size[1] - PAGES(1));
	fix_destroy(dst);
}

TEST(holes_that_fill_a_table_need_no_table)
{
	struct pg_table *dst;

	map(f, f->pgt, f->base, 3 * f->size[1]);
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base, f->size[1] - PAGES(1));
	CHECK_EQ(stats_of(dst).tables, f->top + 1);
	unmap(dst, f->base + f->size[1] - PAGES(1), PAGES(1));
	CHECK_EQ(stats_of(dst).tables, f->top);
	CHECK_EQ(stats_of(dst).holes, f->size[1]);
	check_empty(f, dst, f->base, f->size[1]);
	check_mapped(f, dst, f->base + f->size[1], 2 * f->size[1]);
	fix_destroy(dst);
}

TEST(a_hole_of_a_whole_root_entry_needs_no_table)
{
	struct pg_table *dst = follower(f, f->base, 2 * f->base);

	map(f, f->pgt, f->base, PAGES(1));
	map(f, f->pgt, 2 * f->base, PAGES(1));
	CHECK_OK(pg_table_unmap(dst, 2 * f->base, f->base, 0));
	CHECK_EQ(stats_of(dst).tables, OWN);
	CHECK_EQ(stats_of(dst).holes, f->base);
	check_empty(f, dst, 2 * f->base, f->base);
	check_mapped(f, dst, f->base, PAGES(1));
	unmap(f->pgt, 2 * f->base, f->base);
	map(f, f->pgt, 2 * f->base, PAGES(7));
	check_empty(f, dst, 2 * f->base, f->base);
	fill(f, dst, 2 * f->base, f->base);
	check_mapped(f, dst, 2 * f->base, PAGES(7));
	CHECK_OK(pg_table_unmap(dst, 2 * f->base, f->base, 0));
	fix_destroy(dst);
}

/* Two followed ranges meet in a table, which each of them needs at its end. */
TEST(holes_that_fill_a_table_leave_it_where_a_range_ends)
{
	size_t half = f->size[1] / 2, size = f->size[1] + half;
	unsigned long middle = f->base + size;
	struct pg_table *dst;

	map(f, f->pgt, f->base, 2 * size);
	dst = follower(f, f->base, size);
	fill(f, dst, middle, size);
	unmap(dst, middle - half, half);
	unmap(dst, middle, half);
	check_mapped(f, dst, f->base, f->size[1]);
	check_empty(f, dst, middle - half, f->size[1]);
	check_mapped(f, dst, middle + half, f->size[1]);
	CHECK_OK(pg_table_verify(dst));
	fill(f, dst, middle, half);
	check_mapped(f, dst, middle, size);
	unmap(dst, f->base, size);
	check_empty(f, dst, f->base, size);
	check_mapped(f, dst, middle, size);
	fix_destroy(dst);
}

TEST(the_end_of_following_ends_its_holes)
{
	const unsigned long va = f->base + PAGES(3);
	struct pg_table *dst;

	map(f, f->pgt, f->base, f->size[1]);
	dst = follower(f, va, f->base);
	unmap(dst, va + PAGES(3), PAGES(1));
	unmap(dst, f->base + f->size[1], f->size[1]);
	CHECK_EQ(pg_table_destroy(f->pgt), -EBUSY);
	CHECK_OK(pg_table_unmap(dst, va, f->base, 0));
	CHECK_EQ(stats_of(dst).tables, 1);
	CHECK_EQ(stats_of(dst).holes, 0);
	CHECK_EQ(stats_of(dst).pins, 0);
	map(f, dst, va + PAGES(3), PAGES(1));
	fix_destroy(f->pgt);
	f->pgt = dst;
}

TEST(a_follower_with_holes_can_be_destroyed)
{
	struct pg_table *dst;

	map(f, f->pgt, f->base, f->size[1] + PAGES(2));
	dst = follower(f, f->base + PAGES(1), 2 * f->base);
	unmap(dst, f->base + PAGES(9), PAGES(1));
	unmap(dst, 2 * f->base, f->size[1]);
	fix_destroy(dst);
	check_mapped(f, f->pgt, f->base, f->size[1] + PAGES(2));
}

TEST(a_hole_cannot_reach_out_of_what_is_followed)
{
	struct pg_table *src = f->pgt, *dst;

	map(f, src, f->base, PAGES(9));
	dst = follower(f, f->base + PAGES(2), PAGES(4));
	f->pgt = dst;
	CHECK_FAILS(-EPERM, pg_table_unmap(dst, f->base, PAGES(3),
					   GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(dst, f->base + PAGES(5), PAGES(9),
					   GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(dst, src, f->base, PAGES(4),
					   PG_TABLE_FOLLOW, GFP_KERNEL));
	f->pgt = src;
	fix_destroy(dst);
}

TEST(what_follows_cannot_be_edited_below_the_root_either)
{
	struct pg_table *src = f->pgt, *dst;

	map(f, src, f->base, f->size[1]);
	dst = follower(f, f->base, f->base);
	unmap(dst, f->base + PAGES(4), PAGES(1));
	f->pgt = dst;
	CHECK_FAILS(-EPERM, pg_table_map(dst, f->base + PAGES(4), f->pa,
					 PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_protect(dst, f->base, PAGES(1), f->ro,
					     PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_split(dst, f->base, PAGES(1), 0,
					   GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_reserve(dst, f->base, PAGES(1), 0,
					     GFP_KERNEL));
	CHECK_FAILS(-ENOENT, pg_table_unreserve(dst, f->base, PAGES(1)));
	CHECK_FAILS(-EPERM, pg_table_clone(dst, src, f->base, f->base,
					   PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(dst, src, f->base, f->base,
					   PG_TABLE_COPY, GFP_KERNEL));
	f->pgt = src;
	fix_destroy(dst);
}

TEST(a_hole_that_cannot_be_had_changes_nothing)
{
	struct pg_table *src = f->pgt, *dst;

	map(f, src, f->base, f->size[1]);
	dst = follower(f, f->base, f->base);
	f->pgt = dst;
	CHECK_FAILS(-ENOMEM, pg_table_unmap(dst, f->base, PAGES(1), 0));
	CHECK_FAILS(-ENOMEM, pg_table_unmap(dst, f->base + f->size[1],
					    PAGES(1), 0));
	f->pgt = src;
	fix_destroy(dst);
}

TEST(a_clone_of_a_clone_has_its_holes)
{
	const unsigned long hole = f->base + PAGES(3);
	struct pg_table *mid, *leaf, *src = f->pgt;

	map(f, src, f->base, f->size[1]);
	mid = follower(f, f->base, f->base);
	unmap(mid, hole, PAGES(1));
	f->pgt = mid;
	leaf = follower(f, f->base + PAGES(1), f->base);
	check_empty(f, leaf, hole, PAGES(1));
	check_mapped(f, leaf, hole + PAGES(1), PAGES(9));
	unmap(leaf, hole + PAGES(2), PAGES(1));
	/* New holes and filled ones, of the one in the middle. */
	unmap(mid, hole + PAGES(5), PAGES(1));
	check_empty(f, leaf, hole + PAGES(5), PAGES(1));
	f->pgt = src;
	fill(f, mid, hole, PAGES(1));
	check_mapped(f, leaf, hole, PAGES(2));
	check_empty(f, leaf, hole + PAGES(2), PAGES(1));
	check_mapped(f, mid, hole + PAGES(2), PAGES(1));
	/* And what the first does. */
	unmap(src, f->base, PAGES(8));
	check_empty(f, leaf, f->base, PAGES(9));
	check_mapped(f, leaf, f->base + PAGES(9), PAGES(9));
	map(f, src, hole, PAGES(3));
	check_mapped(f, leaf, hole, PAGES(2));
	check_empty(f, leaf, hole + PAGES(2), PAGES(1));
	unmap(src, f->base, f->base);
	check_empty(f, leaf, f->base, 2 * f->base);
	CHECK_OK(pg_table_verify(mid));
	fix_destroy(leaf);
	fix_destroy(mid);
}

/* Tables of its own that a clone has there show nothing either. */
TEST(what_is_absent_in_the_source_is_never_present_in_a_clone)
{
	struct pg_table *mid, *leaf, *src = f->pgt;

	map(f, src, f->base, 3 * f->size[1]);
	mid = follower(f, f->base, f->base);
	unmap(mid, f->base, f->size[1]);
	f->pgt = mid;
	leaf = follower(f, f->base, f->base);
	unmap(leaf, f->base + PAGES(3), PAGES(1));
	unmap(leaf, f->base + f->size[1] + PAGES(3), PAGES(1));
	check_empty(f, leaf, f->base, f->size[1]);
	check_mapped(f, leaf, f->base + f->size[1], PAGES(3));
	unmap(src, f->base + f->size[1], f->size[1]);
	check_empty(f, leaf, f->base, 2 * f->size[1]);
	check_mapped(f, leaf, f->base + 2 * f->size[1], PAGES(9));
	f->pgt = src;
	fix_destroy(leaf);
	fix_destroy(mid);
}

/* The one in the middle changes by itself, and is told nothing. */
TEST(who_follows_a_shared_clone_sees_what_its_source_does)
{
	struct pg_table *mid = fix_table(f, "mid", f->flags), *leaf;
	struct pg_table *src = f->pgt;

	map(f, src, f->base, PAGES(9));
	CHECK_OK(pg_table_clone(mid, src, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	f->pgt = mid;
	leaf = follower(f, f->base + PAGES(1), f->base);
	unmap(leaf, f->base + PAGES(4), PAGES(1));
	unmap(src, f->base + PAGES(2), PAGES(1));
	check_empty(f, leaf, f->base + PAGES(2), PAGES(1));
	map(f, src, f->base + PAGES(9), PAGES(1));
	check_mapped(f, leaf, f->base + PAGES(5), PAGES(5));
	/* A copy on write in the middle, too. */
	unmap(mid, f->base + PAGES(6), PAGES(1));
	check_empty(f, leaf, f->base + PAGES(6), PAGES(1));
	check_mapped(f, leaf, f->base + PAGES(7), PAGES(3));
	check_mapped(f, src, f->base + PAGES(6), PAGES(1));
	unmap(src, f->base, f->base);
	check_mapped(f, leaf, f->base + PAGES(7), PAGES(3));
	f->pgt = src;
	fix_destroy(leaf);
	fix_destroy(mid);
}

/* Nobody says what happens to tables that others made. */
TEST(a_foreign_table_is_followed_by_whole_root_entries_only)
{
	struct pg_table_config config = {
		.name = "foreign",
		.format = f->format,
		.ops = f->ops,
		.root = f->pgt->pgd,
		.flags = f->flags | PG_TABLE_FOREIGN,
	};
	struct pg_table *own = f->pgt, *foreign, *mid, *leaf;

	if (f->small_root)
		return;
	map(f, own, f->base, PAGES(9));
	foreign = pg_table_create(&config);
	CHECK(!IS_ERR(foreign));
	mid = fix_table(f, "mid", f->flags);
	f->pgt = mid;
	CHECK_FAILS(-EPERM, pg_table_clone(mid, foreign, f->base, PAGES(1),
					   PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_OK(pg_table_clone(mid, foreign, f->base, 2 * f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(mid, f->base, PAGES(1),
					   GFP_KERNEL));
	CHECK_OK(pg_table_unmap(mid, f->base, f->base, 0));
	check_empty(f, mid, f->base, f->base);
	f->pgt = foreign;
	fill(f, mid, f->base, f->base);
	leaf = fix_table(f, "leaf", f->flags);
	f->pgt = leaf;
	CHECK_FAILS(-EPERM, pg_table_clone(leaf, mid, f->base, PAGES(1),
					   PG_TABLE_FOLLOW, GFP_KERNEL));
	/* Nor can such tables come later to who is followed more closely. */
	CHECK_OK(pg_table_clone(leaf, mid, 4 * f->base, PAGES(1),
				PG_TABLE_FOLLOW, GFP_KERNEL));
	f->pgt = mid;
	CHECK_FAILS(-EPERM, pg_table_clone(mid, foreign, 4 * f->base, f->base,
					   PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_clone(mid, foreign, 4 * f->base, f->base,
					   PG_TABLE_SHARE, GFP_KERNEL));
	f->pgt = own;
	fix_destroy(leaf);
	fix_destroy(mid);
	fix_destroy(foreign);
}

/* Some want a table pointer broken before another is made. */
TEST(a_loaded_follower_gets_a_hole_only_where_the_cpu_can)
{
	struct pg_table *src = f->pgt, *dst;
	bool can = !wants_breaks(f);

	map(f, src, f->base, PAGES(9));
	dst = follower(f, f->base, f->base);
	atomic_inc(&dst->desc->loaded);
	f->pgt = dst;
	if (can)
		unmap(dst, f->base, PAGES(1));
	else
		CHECK_FAILS(-EOPNOTSUPP, pg_table_unmap(dst, f->base, PAGES(1),
							GFP_KERNEL));
	f->pgt = src;
	atomic_dec(&dst->desc->loaded);
	unmap(dst, f->base, PAGES(2));
	/* Filled in place, the tables stay until it is not loaded. */
	atomic_inc(&dst->desc->loaded);
	fill(f, dst, f->base, PAGES(2));
	check_mapped(f, dst, f->base, PAGES(9));
	CHECK_EQ(stats_of(dst).tables, can ? OWN : 1 + f->top);
	atomic_dec(&dst->desc->loaded);
	fill(f, dst, f->base, f->base);
	CHECK_EQ(stats_of(dst).tables, OWN);
	fix_destroy(dst);
}

#define WINDOW	24	/* pages that are looked at around each place */

/**
 * struct scene - a source, one that follows it, and one that follows that
 * @f: the fixture, whose table is the source
 * @pgt: the three tables
 * @hole: what each leaves out, page by page of the windows
 * @place: first addresses of the windows
 * @rng: state of the random numbers
 */
struct scene {
	struct fix	*f;
	struct pg_table	*pgt[3];
	bool		hole[3][4][WINDOW];
	unsigned long	place[4];
	unsigned long	rng;
};

static unsigned int rnd(struct scene *s, unsigned int n)
{
	s->rng = s->rng * 6364136223846793005 + 1442695040888963407;
	return (s->rng >> 33) % n;
}

static bool in_range(struct scene *s, unsigned int id, unsigned long va)
{
	struct fix *f = s->f;

	return !id || (va >= s->place[0] + id * PAGES(2) &&
		       va < s->place[3] + PAGES(WINDOW) - id * PAGES(2));
}

/* Each page maps in a clone what it maps in its source, or is in a hole. */
static void check_pages(struct scene *s)
{
	struct pg_table_leaf a, b;
	struct fix *f = s->f;
	unsigned int id, w, i;

	for (id = 1; id < 3; id++) {
		for (w = 0; w < 4; w++) {
			for (i = 0; i < WINDOW; i++) {
				unsigned long va = s->place[w] + PAGES(i);
				int want = leaf_at(s->pgt[id - 1], va, &a);
				int is = leaf_at(s->pgt[id], va, &b);

				if (s->hole[id][w][i] || !in_range(s, id, va))
					want = -1;
				CHECK_EQ(want < 0, is < 0);
				if (is < 0)
					continue;
				CHECK_EQ(b.pa + (va - b.va), a.pa + (va - a.va));
				CHECK_EQ(pgprot_val(b.prot), pgprot_val(a.prot));
			}
		}
	}
}

static void act_on_source(struct scene *s)
{
	struct fix *f = s->f;
	unsigned long va = s->place[rnd(s, 4)] + PAGES(rnd(s, WINDOW));
	size_t size = PAGES(1 + rnd(s, 9));

	if (!rnd(s, 3)) {
		va &= ~(f->size[1] - 1);
		size = f->size[1] * (1 + rnd(s, 2));
	} else if (!rnd(s, 5)) {
		va = f->base;
		size = f->size[2];
	}
	switch (rnd(s, 6)) {
	case 0:
	case 1:
	case 2:
		pg_table_map(f->pgt, va, f->pa + va, size, f->rw, GFP_KERNEL);
		break;
	case 3:
	case 4:
		unmap(f->pgt, va, size);
		break;
	default:
		if (rnd(s, 2))
			pg_table_protect(f->pgt, va, size, f->ro,
					 PG_TABLE_PROT_ALL, GFP_KERNEL);
		else if (size < f->size[2])
			pg_table_split(f->pgt, va, size, 0, GFP_KERNEL);
	}
}

static void act_on_clone(struct scene *s)
{
	unsigned int id = 1 + rnd(s, 2), w = rnd(s, 4), i = rnd(s, WINDOW - 5);
	unsigned int n = 1 + rnd(s, 4), j;
	bool fills = rnd(s, 2);
	struct fix *f = s->f;
	unsigned long va = s->place[w] + PAGES(i);

	if (!in_range(s, id, va) || !in_range(s, id, va + PAGES(n) - 1))
		return;
	if (fills)
		CHECK_OK(pg_table_clone(s->pgt[id], s->pgt[id - 1], va,
					PAGES(n), PG_TABLE_FOLLOW,
					GFP_KERNEL));
	else
		unmap(s->pgt[id], va, PAGES(n));
	for (j = i; j < i + n; j++)
		s->hole[id][w][j] = !fills;
}

/* Two clones in a row, with holes that come and go. */
TEST(every_page_maps_what_it_maps_in_the_source_or_lies_in_a_hole)
{
	struct scene s = {
		.f = f,
		.place = {
			f->base - PAGES(WINDOW / 2),
			f->base + f->size[1] - PAGES(WINDOW / 2),
			f->base + f->size[2] - PAGES(WINDOW / 2),
			f->base + f->size[2] + f->size[1] - PAGES(7),
		},
		.rng = 1,
	};
	const size_t size = s.place[3] + PAGES(WINDOW) - s.place[0];
	unsigned int i;

	s.pgt[0] = f->pgt;
	for (i = 1; i < 3; i++) {
		s.pgt[i] = fix_table(f, "clone", f->flags);
		CHECK_OK(pg_table_clone(s.pgt[i], s.pgt[i - 1],
					s.place[0] + i * PAGES(2),
					size - i * PAGES(4), PG_TABLE_FOLLOW,
					GFP_KERNEL));
	}
	for (i = 0; i < 400; i++) {
		if (rnd(&s, 4))
			act_on_source(&s);
		else
			act_on_clone(&s);
		check_pages(&s);
		if (i % 16)
			continue;
		CHECK_OK(pg_table_verify(s.pgt[0]));
		CHECK_OK(pg_table_verify(s.pgt[1]));
		CHECK_OK(pg_table_verify(s.pgt[2]));
	}
	fix_destroy(s.pgt[2]);
	fix_destroy(s.pgt[1]);
}

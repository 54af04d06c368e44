// SPDX-License-Identifier: GPL-2.0
/*
 * What threads meet by chance only: another caller edits its own range at the
 * worst moment, which is while the first one allocates, or before it stores.
 */
#include "watch.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

/**
 * struct other - the other caller
 * @f: the tables
 * @alloc: how the memory allocates
 * @act: what it does, once; NULL if it has done that
 * @fails: from then on there is no memory
 */
static struct other {
	struct fix	*f;
	void		*(*alloc)(struct pg_table *pgt, size_t size, gfp_t gfp);
	void		(*act)(struct fix *f);
	bool		fails;
} other;

static void act(void)
{
	void (*act)(struct fix *f) = other.act;

	other.act = NULL;
	act(other.f);
}

static void *alloc_late(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	if (other.act) {
		other.f->ops->alloc = other.alloc;
		act();
		other.f->ops->alloc = alloc_late;
	}
	return other.fails ? NULL : other.alloc(pgt, size, gfp);
}

/* Until while_allocating_end() the first allocation comes late. */
static void while_allocating(struct fix *f, void (*act)(struct fix *f),
			     bool fails)
{
	other = (struct other){
		.f = f, .alloc = f->ops->alloc, .act = act, .fails = fails,
	};
	f->ops->alloc = alloc_late;
}

static void while_allocating_end(struct fix *f)
{
	f->ops->alloc = other.alloc;
	CHECK(!other.act);
	CHECK_OK(pg_table_verify(f->pgt));
}

static void map(struct fix *f, unsigned long va, size_t size)
{
	CHECK_OK(pg_table_map(f->pgt, va, f->pa + (va - f->base), size, f->rw,
			      GFP_NOWAIT));
}

static void check_mapped(struct fix *f, unsigned long va, size_t size)
{
	check_maps(f, f->pgt, va, f->pa + (va - f->base), size, RW);
}

static void protect_sixth(struct fix *f)
{
	CHECK_OK(pg_table_protect(f->pgt, f->base + PAGES(6), PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, GFP_NOWAIT));
}

/* Those that it has built for that serve below the table of the first. */
TEST(who_is_second_to_split_a_leaf_edits_what_the_first_made_of_it)
{
	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	map(f, f->base, f->huge);
	while_allocating(f, protect_sixth, false);
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(2), PAGES(2),
				GFP_KERNEL));
	while_allocating_end(f);
	check_mapped(f, f->base, PAGES(2));
	check_empty(f, f->pgt, f->base + PAGES(2), PAGES(2));
	check_mapped(f, f->base + PAGES(4), PAGES(2));
	check_maps(f, f->pgt, f->base + PAGES(6), f->pa + PAGES(6), PAGES(1),
		   PG_TABLE_READ);
	check_mapped(f, f->base + PAGES(7), f->huge - PAGES(7));
}

static void unmap_before(struct fix *f)
{
	CHECK_OK(pg_table_unmap(f->pgt, f->base - PAGES(5), PAGES(1), 0));
}

/* What it has counted ahead was all that kept the tables. */
TEST(a_map_that_fails_frees_the_tables_that_others_emptied_meanwhile)
{
	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	map(f, f->base - PAGES(5), PAGES(1));
	while_allocating(f, unmap_before, true);
	CHECK_EQ(pg_table_map(f->pgt, f->base - PAGES(2), f->pa, PAGES(4),
			      f->rw, GFP_NOWAIT), -ENOMEM);
	while_allocating_end(f);
	CHECK_EQ(sim_used(f), ROOTS(1));

	/* And no table in which there is something else. */
	map(f, f->base - f->size[1] - PAGES(1), PAGES(1));
	map(f, f->base - PAGES(5), PAGES(1));
	while_allocating(f, unmap_before, true);
	CHECK_EQ(pg_table_map(f->pgt, f->base - PAGES(2), f->pa, PAGES(4),
			      f->rw, GFP_NOWAIT), -ENOMEM);
	while_allocating_end(f);
	check_mapped(f, f->base - f->size[1] - PAGES(1), PAGES(1));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 1);
}

static void map_first(struct fix *f)
{
	map(f, f->base, PAGES(1));
}

static void map_before(struct fix *f)
{
	map(f, f->base + f->size[1] - PAGES(3), PAGES(1));
}

/* One of whole tables and one of a part, both below the table of another. */
TEST(what_was_built_for_tables_that_others_linked_first_is_moved_there)
{
	const unsigned long va = f->base + f->size[1] - PAGES(1);

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	while_allocating(f, map_before, false);
	CHECK_OK(pg_table_map(f->pgt, va, f->pa, f->size[1] + PAGES(3), f->rw,
			      GFP_KERNEL));
	while_allocating_end(f);
	check_maps(f, f->pgt, va, f->pa, f->size[1] + PAGES(3), RW);
	check_mapped(f, va - PAGES(2), PAGES(1));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

static void map_large(struct fix *f)
{
	map(f, f->base, f->size[1]);
}

TEST(two_callers_that_map_one_range_are_caught)
{
	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	while_allocating(f, map_large, false);
	host_log(false);
	CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(1), f->pa, PAGES(2),
			      f->rw, GFP_KERNEL));
	host_log(true);
	f->warnings++;
	while_allocating_end(f);
	check_mapped(f, f->base, f->size[1]);
}

/* Before a store, when what the other is to find is there. */
static void act_before_unlink(void *arg, u64 *slot, bool done)
{
	if (done || !other.act || leaf_at(other.f->pgt, other.f->base, NULL) >= 0)
		return;
	watch_allow();
	act();
}

static void map_second(struct fix *f)
{
	map(f, f->base + PAGES(1), PAGES(1));
}

static void map_from_second(struct fix *f)
{
	map(f, f->base + PAGES(1), 2 * f->size[1]);
}

/* The last page goes; before its tables do, others map beside it. */
static void map_while_tables_die(struct fix *f, void (*act)(struct fix *f))
{
	map_first(f);
	other = (struct other){ .f = f, .act = act };
	watch_begin(f, act_before_unlink, NULL);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	watch_end();
	CHECK(!other.act);
	CHECK_OK(pg_table_verify(f->pgt));
}

TEST(who_maps_where_a_table_dies_makes_a_new_one)
{
	if (f->flags & PG_TABLE_EXCLUSIVE || !watch_possible())
		return;
	map_while_tables_die(f, map_second);
	check_empty(f, f->pgt, f->base, PAGES(1));
	check_mapped(f, f->base + PAGES(1), PAGES(1));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
	map_while_tables_die(f, map_from_second);
	check_empty(f, f->pgt, f->base, PAGES(1));
	check_mapped(f, f->base + PAGES(1), 2 * f->size[1]);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

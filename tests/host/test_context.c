// SPDX-License-Identifier: GPL-2.0
/* Where verbs may be called from: locks, allocations and callbacks. */
#include "test.h"

static struct pg_table_ops real;
static struct pg_table *edited, *other;
static unsigned long allocs, slept, nested_va;

static bool is_locked(const struct pg_table *pgt)
{
	return __atomic_load_n(&pgt->page_table_lock.locked, __ATOMIC_RELAXED);
}

static void *watch_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	allocs++;
	if (gfpflags_allow_blocking(gfp)) {
		slept++;
		CHECK(!is_locked(edited) && !is_locked(other));
	}
	return real.alloc(pgt, size, gfp);
}

static void begin_watch(struct fix *f)
{
	real = *f->ops;
	edited = f->pgt;
	other = fix_table(f, "other", f->flags);
	f->ops->alloc = watch_alloc;
	allocs = 0;
	slept = 0;
}

static void end_watch(struct fix *f)
{
	*f->ops = real;
	CHECK_OK(pg_table_destroy(other));
}

/* Memory that cannot be had without sleeping is had outside of the lock. */
static void *scarce_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	if (!gfpflags_allow_blocking(gfp))
		return NULL;
	return watch_alloc(pgt, size, gfp);
}

static void use_all_verbs(struct fix *f)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge + PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, f->base + f->size[1], PAGES(1),
				  f->ro, PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + 2 * f->size[1], PAGES(1),
				GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, 2 * f->base, PAGES(1), 0,
				  GFP_KERNEL));
	CHECK_OK(pg_table_clone(other, f->pgt, f->base, f->size[1],
				PG_TABLE_SHARE, GFP_KERNEL));
}

TEST(no_allocation_sleeps_under_a_lock)
{
	begin_watch(f);
	use_all_verbs(f);
	CHECK(allocs);
	end_watch(f);
}

TEST(memory_that_takes_sleep_is_had_outside_of_the_lock)
{
	begin_watch(f);
	f->ops->alloc = scarce_alloc;
	use_all_verbs(f);
	CHECK(slept);
	end_watch(f);
}

TEST(callers_that_must_not_sleep_do_not)
{
	begin_watch(f);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge + PAGES(1),
			      f->rw, GFP_ATOMIC));
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_NOWAIT));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + 2 * f->size[1], PAGES(1),
				GFP_ATOMIC));
	CHECK_OK(pg_table_reserve(f->pgt, 2 * f->base, PAGES(1), 0,
				  GFP_ATOMIC));
	CHECK(allocs);
	CHECK_EQ(slept, 0);
	end_watch(f);
}

/* The page allocator itself may have to change a table, for its pages. */
static void *nested_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	if (pgt == edited) {
		struct pg_table_leaf leaf;

		CHECK_OK(pg_table_lookup(other, nested_va, &leaf));
		CHECK_OK(pg_table_protect(other, nested_va, leaf.size,
					  leaf.prot, PG_TABLE_PROT_ALL, 0));
		CHECK_OK(pg_table_unmap(other, nested_va, leaf.size, 0));
		CHECK_OK(pg_table_map(other, nested_va, leaf.pa, leaf.size,
				      leaf.prot, 0));
	}
	return watch_alloc(pgt, size, gfp);
}

TEST(another_table_can_be_edited_while_one_allocates)
{
	begin_watch(f);
	nested_va = f->base;
	CHECK_OK(pg_table_map(other, f->base, f->pa, PAGES(2), f->rw,
			      GFP_KERNEL));
	f->ops->alloc = nested_alloc;
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	end_watch(f);
}

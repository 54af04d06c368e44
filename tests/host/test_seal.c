// SPDX-License-Identifier: GPL-2.0
/* seal: a table that does not change any more. */
#include <pthread.h>
#include <sched.h>

#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

TEST(a_sealed_table_refuses_every_change)
{
	struct pg_table_gather gather;
	struct pg_table *src;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, f->base + f->size[1], PAGES(1), 0,
				  GFP_KERNEL));
	CHECK_OK(pg_table_seal(f->pgt));
	CHECK_OK(pg_table_seal(f->pgt));
	src = fix_table(f, "source", f->flags);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_FAILS(-EPERM, pg_table_map(f->pgt, 2 * f->base, f->pa, PAGES(1),
					 f->rw, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(f->pgt, f->base, f->size[1],
					   GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap_gather(f->pgt, f->base, f->size[1],
						  GFP_KERNEL, &gather));
	CHECK_FAILS(-EPERM, pg_table_protect(f->pgt, f->base, f->size[1],
					     f->ro, PG_TABLE_PROT_ALL,
					     GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_split(f->pgt, f->base, f->size[1], 0,
					   GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_reserve(f->pgt, f->base + f->size[1],
					     PAGES(1), 0, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unreserve(f->pgt, f->base + f->size[1],
					       PAGES(1)));
	CHECK_FAILS(-EPERM, pg_table_clone(f->pgt, src, 2 * f->base, f->base,
					   PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_destroy(src));
}

TEST(a_sealed_table_can_be_read_shared_and_destroyed)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_seal(f->pgt));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	check_maps(f, dst, f->base, f->pa, PAGES(3), RW);
	CHECK_OK(pg_table_destroy(dst));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
}

TEST(a_sealed_follower_goes_on_following)
{
	const unsigned long root = f->size[f->top];
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_clone(dst, f->pgt, root, root,
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_OK(pg_table_seal(dst));
	CHECK_OK(pg_table_map(f->pgt, root, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	check_maps(f, dst, root, f->pa, PAGES(3), RW);
	CHECK_OK(pg_table_unmap(f->pgt, root, PAGES(3), 0));
	check_empty(f, dst, root, root);
	CHECK_OK(pg_table_destroy(dst));
}

/* Allocations of the table's memory, one of which fails and then seals. */
static void *(*alloc)(struct pg_table *pgt, size_t size, gfp_t gfp);
static unsigned int allocs;

static void *alloc_and_seal(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	if (!allocs++)
		return NULL;
	CHECK_OK(pg_table_seal(pgt));
	return alloc(pgt, size, gfp);
}

TEST(a_table_that_is_sealed_while_a_verb_sleeps_does_not_change)
{
	struct pg_table_ops *ops = (struct pg_table_ops *)f->ops;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	alloc = ops->alloc;
	allocs = 0;
	ops->alloc = alloc_and_seal;
	CHECK_EQ(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL), -EPERM);
	ops->alloc = alloc;
	check_empty(f, f->pgt, f->base, f->base);
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(a_clone_that_is_sealed_while_unmap_sleeps_does_not_change)
{
	struct pg_table_ops *ops = (struct pg_table_ops *)f->ops;
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	alloc = ops->alloc;
	allocs = 0;
	ops->alloc = alloc_and_seal;
	CHECK_EQ(pg_table_unmap(dst, f->base, PAGES(1), GFP_KERNEL), -EPERM);
	ops->alloc = alloc;
	check_maps(f, dst, f->base, f->pa, PAGES(3), RW);
	CHECK_OK(pg_table_verify(dst));
	CHECK_OK(pg_table_destroy(dst));
}

/* A reader, for whom unreserve waits, and who seals meanwhile. */
static int reading;

static int wait_and_seal(const struct pg_table_leaf *leaf, void *arg)
{
	struct pg_table *pgt = arg;

	__atomic_store_n(&reading, 1, __ATOMIC_RELEASE);
	while (!atomic_read(&pgt->desc->frozen))
		sched_yield();
	WRITE_ONCE(pgt->desc->sealed, true);
	return 0;
}

static void *read_and_seal(void *arg)
{
	static const struct pg_table_walk_ops ops = { .leaf = wait_and_seal };
	struct fix *f = arg;

	CHECK_OK(pg_table_walk(f->pgt, f->base, f->base, &ops, f->pgt));
	return NULL;
}

TEST(a_table_that_is_sealed_while_unreserve_waits_does_not_change)
{
	pthread_t reader;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, f->base + f->size[1], PAGES(1), 0,
				  GFP_KERNEL));
	reading = 0;
	CHECK_OK(pthread_create(&reader, NULL, read_and_seal, f));
	while (!__atomic_load_n(&reading, __ATOMIC_ACQUIRE))
		sched_yield();
	CHECK_EQ(pg_table_unreserve(f->pgt, f->base + f->size[1], PAGES(1)),
		 -EPERM);
	CHECK_OK(pthread_join(reader, NULL));
	CHECK_EQ(count_tables(f, f->pgt), f->top + 2);
}

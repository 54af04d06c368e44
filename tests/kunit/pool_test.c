// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pools on the running kernel: what they hand out is zeroed and out of
 * reach, and what they give back is where it was.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/direct_map.h>
#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mermap.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/set_memory.h>

#include "direct_map.h"

#define PAGES		DIRECT_MAP_BLOCK_PAGES
#define VALUE		0x5eed5eed5eed5eedUL

/**
 * struct live_pool - a pool, and what had happened before the test
 * @pool: the pool, empty
 * @pages: room for the pages of two blocks
 * @events: the events
 */
struct live_pool {
	struct direct_map_pool	*pool;
	struct page		*pages[2 * PAGES];
	unsigned long		events[NR_VM_EVENT_ITEMS];
};

static long happened(struct kunit *test, enum vm_event_item item)
{
	struct live_pool *p = test->priv;

	return happened_since(p->events, item);
}

static int pool_init(struct kunit *test)
{
	const struct direct_map_pool_config config = {
		.name = "kunit",
		.max_idle = 4 * PAGES,
	};
	struct live_pool *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	test->priv = p;
	p->pool = direct_map_pool_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p->pool));
	all_vm_events(p->events);
	return 0;
}

static void pool_exit(struct kunit *test)
{
	struct live_pool *p = test->priv;

	if (!p || IS_ERR_OR_NULL(p->pool))
		return;
	KUNIT_EXPECT_EQ(test, direct_map_pool_used(p->pool), 0);
	KUNIT_EXPECT_EQ(test, direct_map_pool_destroy(p->pool), 0);
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL2_SPLIT),
			happened(test, DIRECT_MAP_LEVEL2_COLLAPSE));
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL3_SPLIT),
			happened(test, DIRECT_MAP_LEVEL3_COLLAPSE));
}

static unsigned int get(struct kunit *test, unsigned int n)
{
	struct live_pool *p = test->priv;

	return direct_map_pool_alloc_bulk(p->pool, n, p->pages,
					  GFP_KERNEL | __GFP_ZERO,
					  NUMA_NO_NODE);
}

static void put(struct kunit *test, unsigned int n)
{
	struct live_pool *p = test->priv;

	while (n--)
		direct_map_pool_free(p->pool, p->pages[n], 0);
}

/* Reads or writes the first word of a page that has no address. */
static unsigned long exchange(struct kunit *test, struct page *page,
			      unsigned long value)
{
	unsigned long *word = mermap_get(page_to_pfn(page), 1, PAGE_KERNEL);
	unsigned long old;

	KUNIT_ASSERT_NOT_NULL(test, word);
	old = xchg(word, value);
	mermap_put(word, 1);
	return old;
}

static void pages_are_out_of_reach_and_zeroed(struct kunit *test)
{
	struct live_pool *p = test->priv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, get(test, 64), 64);
	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_FALSE(test, is_mapped(p->pages[i]));
		KUNIT_EXPECT_EQ(test, page_ref_count(p->pages[i]), 1);
		KUNIT_EXPECT_EQ(test, exchange(test, p->pages[i], VALUE), 0);
	}
	put(test, 64);
	/* The very same pages, which are not what they were. */
	KUNIT_ASSERT_EQ(test, get(test, 64), 64);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, exchange(test, p->pages[i], VALUE), 0);
	put(test, 64);
}

/* With free blocks around no leaf is split, and one flush does for a block. */
static void blocks_leave_whole(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, get(test, 2 * PAGES), 2 * PAGES);
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL2_SPLIT), 0);
	KUNIT_EXPECT_LE(test, happened(test, DIRECT_MAP_FLUSH),
			2 + happened(test, DIRECT_MAP_LEVEL3_SPLIT));
	put(test, 2 * PAGES);
}

/* Each page once: no two callers have the same one. */
static void pages_are_handed_out_once(struct kunit *test)
{
	struct live_pool *p = test->priv;
	unsigned int i, n = PAGES + 17;

	KUNIT_ASSERT_EQ(test, get(test, n), n);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, exchange(test, p->pages[i], i + 1), 0);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, exchange(test, p->pages[i], 0), i + 1);
	KUNIT_EXPECT_EQ(test, direct_map_pool_used(p->pool), n);
	put(test, n);
}

static void large_pages_are_aligned(struct kunit *test)
{
	struct live_pool *p = test->priv;
	struct page *page[DIRECT_MAP_BLOCK_ORDER + 1];
	unsigned int order;

	for (order = 0; order < ARRAY_SIZE(page); order++) {
		page[order] = direct_map_pool_alloc(p->pool, order, GFP_KERNEL,
						    NUMA_NO_NODE);
		KUNIT_ASSERT_NOT_NULL(test, page[order]);
		KUNIT_EXPECT_EQ(test, page_to_pfn(page[order]) &
				(BIT(order) - 1), 0);
		KUNIT_EXPECT_FALSE(test, is_mapped(page[order]));
	}
	KUNIT_EXPECT_NULL(test, direct_map_pool_alloc(p->pool, order,
						      GFP_KERNEL,
						      NUMA_NO_NODE));
	while (order--)
		direct_map_pool_free(p->pool, page[order], order);
}

/* What somebody still refers to is neither used again nor given back. */
static void referenced_page_stays_where_it_is(struct kunit *test)
{
	struct live_pool *p = test->priv;
	struct page *held;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, get(test, 1), 1);
	held = p->pages[0];
	get_page(held);
	put(test, 1);
	KUNIT_ASSERT_EQ(test, get(test, PAGES - 1), PAGES - 1);
	for (i = 0; i < PAGES - 1; i++)
		KUNIT_EXPECT_PTR_NE(test, p->pages[i], held);
	put(test, PAGES - 1);
	KUNIT_EXPECT_EQ(test, direct_map_pool_shrink(p->pool), 0);
	KUNIT_EXPECT_EQ(test, direct_map_pool_destroy(p->pool), -EBUSY);
	KUNIT_EXPECT_FALSE(test, is_mapped(held));
	put_page(held);
	KUNIT_EXPECT_EQ(test, direct_map_pool_shrink(p->pool), PAGES);
	KUNIT_EXPECT_TRUE(test, is_mapped(held));
}

static bool is_mapped_within(struct page *page, unsigned int msecs)
{
	unsigned long end = jiffies + msecs_to_jiffies(msecs);

	while (!is_mapped(page)) {
		if (time_after(jiffies, end))
			return false;
		msleep(20);
	}
	return true;
}

/* When it is known to nobody, it goes back if it is too much. */
static void referenced_page_goes_back_later(struct kunit *test)
{
	const struct direct_map_pool_config config = { .name = "kunit-none" };
	struct live_pool *p = test->priv;
	struct page *held;

	KUNIT_ASSERT_EQ(test, direct_map_pool_destroy(p->pool), 0);
	p->pool = direct_map_pool_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p->pool));
	KUNIT_ASSERT_EQ(test, get(test, 1), 1);
	held = p->pages[0];
	get_page(held);
	put(test, 1);
	KUNIT_EXPECT_FALSE(test, is_mapped_within(held, 100));
	put_page(held);
	KUNIT_EXPECT_TRUE(test, is_mapped_within(held, 10 * MSEC_PER_SEC));
}

/* One page while it is in use, and single ones when nobody has it any more. */
static void compound_page_is_taken_apart(struct kunit *test)
{
	const unsigned int order = DIRECT_MAP_BLOCK_ORDER;
	struct live_pool *p = test->priv;
	struct page *page = direct_map_pool_alloc(p->pool, order,
						  GFP_KERNEL | __GFP_COMP,
						  NUMA_NO_NODE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, compound_order(page), order);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + PAGES - 1), 0);
	get_page(page + 3);
	direct_map_pool_free(p->pool, page, order);
	KUNIT_EXPECT_EQ(test, direct_map_pool_shrink(p->pool), 0);
	KUNIT_EXPECT_NULL(test, direct_map_pool_alloc(p->pool, 0, GFP_NOWAIT,
						      NUMA_NO_NODE));
	KUNIT_EXPECT_TRUE(test, PageTail(page + 3));
	put_page(page + 3);
	KUNIT_ASSERT_EQ(test, get(test, PAGES), PAGES);
	KUNIT_EXPECT_PTR_EQ(test, p->pages[1], page + 1);
	KUNIT_EXPECT_FALSE(test, PageCompound(page));
	KUNIT_EXPECT_NULL(test, page[3].mapping);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + PAGES - 1), 1);
	put(test, PAGES);
}

/*
 * A page whose memory has failed is neither used again nor brought back, but the
 * rest of its block is.
 */
#ifdef CONFIG_MEMORY_FAILURE
static void failed_page_stays_out(struct kunit *test)
{
	struct live_pool *p = test->priv;
	struct page *failed;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, get(test, 1), 1);
	failed = p->pages[0];
	/* What a part of the kernel uses cannot be taken away from it. */
	KUNIT_EXPECT_EQ(test, memory_failure(page_to_pfn(failed),
					     MF_SW_SIMULATED), -EBUSY);
	KUNIT_EXPECT_TRUE(test, PageHWPoison(failed));
	/* What is done to the map if it can be. */
	KUNIT_EXPECT_EQ(test, set_mce_nospec(page_to_pfn(failed)), 0);
	put(test, 1);
	KUNIT_ASSERT_EQ(test, get(test, PAGES - 1), PAGES - 1);
	for (i = 0; i < PAGES - 1; i++)
		KUNIT_EXPECT_PTR_NE(test, p->pages[i], failed);
	put(test, PAGES - 1);
	KUNIT_EXPECT_EQ(test, direct_map_pool_shrink(p->pool), PAGES);
	KUNIT_EXPECT_FALSE(test, is_mapped(failed));
	KUNIT_EXPECT_TRUE(test, is_mapped(p->pages[0]));
	KUNIT_EXPECT_TRUE(test, is_mapped(p->pages[PAGES - 2]));
	KUNIT_EXPECT_EQ(test, set_mce_nospec(page_to_pfn(failed)), 0);
	KUNIT_EXPECT_GT(test, page_ref_count(failed), 1);
	/* The block stays split. */
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL2_SPLIT), 1);
	p->events[DIRECT_MAP_LEVEL2_SPLIT]++;
}
#else
static void failed_page_stays_out(struct kunit *test)
{
	kunit_skip(test, "memory does not fail on this kernel");
}
#endif

/* An empty pool that may not take memory has none. */
static void atomic_allocation_takes_what_is_idle(struct kunit *test)
{
	struct live_pool *p = test->priv;
	struct page *page;

	KUNIT_EXPECT_NULL(test, direct_map_pool_alloc(p->pool, 0, GFP_NOWAIT,
						      NUMA_NO_NODE));
	KUNIT_ASSERT_EQ(test, get(test, 1), 1);
	page = direct_map_pool_alloc(p->pool, 0, GFP_NOWAIT, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, page);
	direct_map_pool_free(p->pool, page, 0);
	put(test, 1);
}

/* Is the page where the direct map has it, in a clone of this? */
static bool is_shown(struct pg_table *clone, struct page *page)
{
	unsigned long va = (unsigned long)page_address(page);
	struct pg_table_leaf leaf;

	return !pg_table_lookup(clone, va, &leaf) &&
	       leaf.pa + (va - leaf.va) == PFN_PHYS(page_to_pfn(page));
}

static struct pg_table *follower(struct kunit *test)
{
	const struct pg_table_config config = {
		.name = "kunit",
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_ALLOW_WX,
	};
	struct pg_table *clone = pg_table_create(&config);

	KUNIT_ASSERT_FALSE(test, IS_ERR(clone));
	KUNIT_ASSERT_EQ(test, direct_map_follow(clone), 0);
	return clone;
}

/* Mapped, writable and zeroed, but in the clone a hole, block by block. */
static void hidden_pages_are_holes_in_a_clone(struct kunit *test)
{
	struct direct_map_pool_config config = {
		.name = "kunit-hidden",
		.max_idle = 4 * PAGES,
		.hidden_in = follower(test),
	};
	struct live_pool *p = test->priv;
	struct pg_table_stats stats;
	unsigned int i;
	long flushes;

	config.read_only = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR(direct_map_pool_create(&config)),
			-EINVAL);
	config.read_only = false;
	KUNIT_ASSERT_EQ(test, direct_map_pool_destroy(p->pool), 0);
	p->pool = direct_map_pool_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p->pool));
	flushes = happened(test, DIRECT_MAP_FLUSH);
	KUNIT_ASSERT_EQ(test, get(test, PAGES + 1), PAGES + 1);
	pg_table_get_stats(config.hidden_in, &stats);
	KUNIT_EXPECT_EQ(test, stats.holes, 2 * PAGES * PAGE_SIZE);
	/* One for each block. */
	KUNIT_EXPECT_LE(test, happened(test, DIRECT_MAP_FLUSH), flushes + 2);
	for (i = 0; i < PAGES + 1; i++) {
		unsigned long *word = page_address(p->pages[i]);

		KUNIT_EXPECT_FALSE(test, is_shown(config.hidden_in,
						  p->pages[i]));
		KUNIT_EXPECT_EQ(test, *word, 0);
		*word = VALUE;
	}
	put(test, PAGES + 1);
	/* Idle they are hidden still, and know nothing any more. */
	for (i = 0; i < PAGES + 1; i++) {
		KUNIT_EXPECT_FALSE(test, is_shown(config.hidden_in,
						  p->pages[i]));
		KUNIT_EXPECT_EQ(test,
				*(unsigned long *)page_address(p->pages[i]), 0);
	}
	KUNIT_EXPECT_EQ(test, direct_map_pool_shrink(p->pool), 2 * PAGES);
	for (i = 0; i < PAGES + 1; i++)
		KUNIT_EXPECT_TRUE(test, is_shown(config.hidden_in,
						 p->pages[i]));
	pg_table_get_stats(config.hidden_in, &stats);
	KUNIT_EXPECT_EQ(test, stats.holes, 0);
	KUNIT_EXPECT_EQ(test, pg_table_verify(config.hidden_in), 0);
	KUNIT_EXPECT_EQ(test, direct_map_pool_destroy(p->pool), 0);
	p->pool = NULL;
	KUNIT_EXPECT_EQ(test, pg_table_destroy(config.hidden_in), 0);
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pages_are_out_of_reach_and_zeroed),
	KUNIT_CASE(blocks_leave_whole),
	KUNIT_CASE(pages_are_handed_out_once),
	KUNIT_CASE(large_pages_are_aligned),
	KUNIT_CASE(referenced_page_stays_where_it_is),
	KUNIT_CASE(referenced_page_goes_back_later),
	KUNIT_CASE(compound_page_is_taken_apart),
	KUNIT_CASE(failed_page_stays_out),
	KUNIT_CASE(atomic_allocation_takes_what_is_idle),
	KUNIT_CASE(hidden_pages_are_holes_in_a_clone),
	{ }
};

static struct kunit_suite pool_suite = {
	.name = "pg_table_pool",
	.init = pool_init,
	.exit = pool_exit,
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * What a pool does when memory is short: every allocation on its way fails
 * once, and nothing is lost. What it does before hibernation, with pages whose
 * memory has failed, and where others need memory, and what it takes first.
 */
#include <stdio.h>

#include <host_shim.h>
#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>

#include "sim.h"

#define BLOCKS		(2 * GIB)
#define MAX_TAKEN	(6 * BLOCK_PAGES)
#define USER_GFP	(GFP_KERNEL | __GFP_ACCOUNT | __GFP_ZERO)

/**
 * struct user - who has pages of a pool
 * @pool: the pool
 * @pages: what it has
 * @orders: and how much of it
 * @n: how many
 */
struct user {
	struct direct_map_pool	*pool;
	struct page		*pages[MAX_TAKEN];
	unsigned int		orders[MAX_TAKEN];
	unsigned int		n;
};

static void take(struct user *user, unsigned int order)
{
	/* Every second one as a compound page. */
	gfp_t gfp = USER_GFP | (order % 2 ? __GFP_COMP : 0);
	struct page *page = direct_map_pool_alloc(user->pool, order, gfp,
						  NUMA_NO_NODE);

	if (!page)
		return;
	machine_hand_out(page, order, true);
	if (PageCompound(page) != !!(gfp & __GFP_COMP))
		machine_error("is not what was wanted", page_to_pfn(page));
	user->orders[user->n] = order;
	user->pages[user->n++] = page;
}

static void take_some(struct user *user, unsigned int n)
{
	unsigned int i, first = user->n;

	user->n += direct_map_pool_alloc_bulk(user->pool, n, user->pages + first,
					      USER_GFP, 0);
	for (i = first; i < user->n; i++) {
		machine_hand_out(user->pages[i], 0, true);
		user->orders[i] = 0;
	}
}

static void give_back(struct user *user)
{
	while (user->n--) {
		machine_hand_back(user->pages[user->n], user->orders[user->n]);
		direct_map_pool_free(user->pool, user->pages[user->n],
				     user->orders[user->n]);
	}
	user->n = 0;
	run_work();
}

/* Others have single pages in three blocks, and every second of them for good. */
static void leave_holes(struct page **held)
{
	unsigned int i;

	for (i = 0; i < 3 * BLOCK_PAGES; i++)
		held[i] = alloc_pages_node(0, GFP_KERNEL, 0);
	for (i = 0; i < 3 * BLOCK_PAGES; i += 2)
		__free_page(held[i]);
}

static void fill_holes(struct page **held)
{
	unsigned int i;

	for (i = 1; i < 3 * BLOCK_PAGES; i += 2)
		__free_page(held[i]);
}

/* All orders, by blocks first and then, when there is none, page by page. */
static void use_pool(struct user *user)
{
	unsigned int order;

	for (order = 0; order <= BLOCK_ORDER; order++)
		take(user, order);
	take_some(user, BLOCK_PAGES);
	machine_set_bulk(BLOCKS);
	take_some(user, BLOCK_PAGES + BLOCK_PAGES / 2);
	take(user, 1);
	machine_set_bulk(0);
	give_back(user);
	take(user, 0);
	give_back(user);
}

/* One run, of which the @fail-th allocation fails; returns how many there were. */
static unsigned long run_once(unsigned long fail, unsigned long *bad)
{
	static const struct direct_map_pool_config config = {
		.name = "faults",
		.max_idle = BLOCK_PAGES,
		.zero_on_free = true,
	};
	static struct page *held[3 * BLOCK_PAGES];
	static struct user user;
	struct host_shim_stats before, after, end;
	struct map_stats map;

	machine_create(BLOCKS, 1);
	map = machine->map;
	leave_holes(held);
	host_get_stats(&before);
	machine->injecting = true;
	host_fail_alloc(fail, fail ? 1 : 0, NULL);
	user.pool = direct_map_pool_create(&config);
	if (!IS_ERR(user.pool)) {
		use_pool(&user);
		*bad += !!direct_map_pool_destroy(user.pool);
	}
	machine->injecting = false;
	host_get_stats(&after);
	host_fail_alloc(0, 0, NULL);
	fill_holes(held);
	host_get_stats(&end);
	*bad += machine->errors + machine->n_used + machine->n_charged;
	*bad += end.live - before.live + end.warnings - before.warnings;
	*bad += !!memcmp(map.leaves, machine->map.leaves, sizeof(map.leaves));
	machine_destroy(machine);
	return after.allocs - before.allocs;
}

/* Every one fails, until a run has no more. */
unsigned long run_faults(void)
{
	unsigned long bad = 0, fail, n = run_once(0, &bad);

	for (fail = 1; fail <= n && !bad; fail++)
		n = max(n, run_once(fail, &bad));
	printf("%s a pool loses nothing if an allocation fails, %lu of them",
	       bad ? "FAIL" : "PASS", n);
	if (bad)
		printf(": the %lu. does", fail - 1);
	printf("\n");
	return bad;
}

/* The end of a test whose pool has nothing in use. */
static unsigned long finish(const char *what, struct direct_map_pool *pool,
			    unsigned long bad)
{
	bad += !!direct_map_pool_destroy(pool);
	bad += machine->errors + machine->n_used;
	machine_destroy(machine);
	printf("%s %s\n", bad ? "FAIL" : "PASS", what);
	return bad;
}

/* Nothing leaves the map once who hibernates has begun to read it. */
unsigned long run_hibernation(void)
{
	static const struct direct_map_pool_config config = {
		.name = "hibernation",
		.max_idle = 4 * BLOCK_PAGES,
	};
	unsigned long bad = 0;
	struct page *page;
	struct map_stats map;
	struct user user = { };

	machine_create(BLOCKS, 1);
	map = machine->map;
	user.pool = direct_map_pool_create(&config);
	page = direct_map_pool_alloc(user.pool, 0, GFP_KERNEL, 0);
	direct_map_pool_free(user.pool, page, 0);
	pm_notifier_chain(NULL, PM_HIBERNATION_PREPARE, NULL);
	bad += !!memcmp(map.leaves, machine->map.leaves, sizeof(map.leaves));
	bad += !!direct_map_pool_alloc(user.pool, 0, GFP_KERNEL, 0);
	pm_notifier_chain(NULL, PM_POST_HIBERNATION, NULL);
	page = direct_map_pool_alloc(user.pool, 0, GFP_KERNEL, 0);
	bad += !page;
	if (page)
		direct_map_pool_free(user.pool, page, 0);
	return finish("before hibernation all that is idle comes back",
		      user.pool, bad);
}

/* Below the low watermark there are some pages for those who must have them. */
unsigned long run_shortage(void)
{
	static const struct direct_map_pool_config config = {
		.name = "shortage",
		.max_idle = 4 * BLOCK_PAGES,
	};
	struct direct_map_pool *pool;
	struct page *page, *block;
	unsigned long bad = 0;

	machine_create(BLOCKS, 1);
	pool = direct_map_pool_create(&config);
	machine->node.node_zones[0].low = (BLOCKS - BOOT_BLOCKS) * BLOCK_PAGES;
	page = direct_map_pool_alloc(pool, 0, GFP_KERNEL, 0);
	bad += !page || machine->n_used > BLOCK_PAGES / 8;
	bad += !!direct_map_pool_alloc(pool, BLOCK_ORDER,
				       GFP_KERNEL | __GFP_NORETRY, 0);
	block = direct_map_pool_alloc(pool, BLOCK_ORDER, GFP_KERNEL, 0);
	bad += !block;
	if (page)
		direct_map_pool_free(pool, page, 0);
	if (block)
		direct_map_pool_free(pool, block, BLOCK_ORDER);
	return finish("where memory is short a pool takes little", pool, bad);
}

/* Pages of a block that is split already are taken first, and no more of them. */
unsigned long run_prepopulation(void)
{
	static const struct direct_map_pool_config config = {
		.name = "prepopulation",
		.max_idle = 4 * BLOCK_PAGES,
		.prepopulate = 32,
	};
	struct direct_map_pool *pool;
	struct page *other, *pages[33];
	unsigned long bad = 0, splits;
	unsigned int i, n;

	machine_create(BLOCKS, 1);
	other = alloc_pages_node(0, GFP_KERNEL | __GFP_MOVABLE, 0);
	stock_unmap_page(page_to_pfn(other));
	stock_map_page(page_to_pfn(other));
	splits = machine->map.splits[1] + machine->map.splits[2];
	pool = direct_map_pool_create(&config);
	n = direct_map_pool_alloc_bulk(pool, 32, pages, GFP_KERNEL, 0);
	bad += n != 32 || machine->n_used != 33;
	bad += machine->map.splits[1] + machine->map.splits[2] != splits;
	n += direct_map_pool_alloc_bulk(pool, 1, pages + n, GFP_KERNEL, 0);
	bad += n != 33 || machine->n_used != 33 + BLOCK_PAGES;
	for (i = 0; i < n; i++)
		direct_map_pool_free(pool, pages[i], 0);
	bad += direct_map_pool_shrink(pool) != 32 + BLOCK_PAGES;
	__free_page(other);
	return finish("what splits nothing is taken first", pool, bad);
}

static bool is_away(struct page *page)
{
	struct block_pages *bp = pages_of(page);

	return test_bit(page - bp->pages, bp->away);
}

/* The memory of a page fails. */
static unsigned long fail_page(struct page *page, enum direct_map_page state)
{
	page->flags |= PG_HWPOISON;
	if (direct_map_pool_hold(page) != state)
		return 1;
	direct_map_pool_let_go(page, true);
	return 0;
}

/*
 * Failures in whole blocks and in loose pages, of pages in use and of others.
 * Returns how many were not as they must be.
 */
static unsigned long fail_some(struct user *user, unsigned int *n)
{
	unsigned long bad = 0;

	*n = 0;
	take(user, 0);
	if (user->n) {
		bad += fail_page(user->pages[0], DIRECT_MAP_PAGE_USED);
		*n = 1;
	}
	/* The rest of the block is idle, unless there was no block. */
	if (user->n && is_away(user->pages[0] + 1)) {
		bad += fail_page(user->pages[0] + 1, DIRECT_MAP_PAGE_IDLE);
		++*n;
	}
	take(user, 3);
	if (user->n > 1) {
		bad += fail_page(user->pages[1] + 5, DIRECT_MAP_PAGE_USED);
		++*n;
	}
	machine_set_bulk(BLOCKS);
	take_some(user, BLOCK_PAGES + BLOCK_PAGES / 2);
	if (user->n > BLOCK_PAGES) {
		bad += fail_page(user->pages[user->n - 1],
				 DIRECT_MAP_PAGE_USED);
		++*n;
	}
	machine_set_bulk(0);
	give_back(user);
	/* None of them is used again. */
	take_some(user, 3 * BLOCK_PAGES);
	give_back(user);
	return bad;
}

/* What has failed stays out of the map, and all else comes back. */
static unsigned long fail_once(unsigned long fail, unsigned long *bad)
{
	static const struct direct_map_pool_config config = {
		.name = "failures",
		.zero_on_free = true,
	};
	static struct page *held[3 * BLOCK_PAGES];
	static struct user user;
	struct host_shim_stats before, after;
	long small, large, giant;
	unsigned int n = 0;

	machine_create(BLOCKS, 1);
	leave_holes(held);
	small = machine->map.leaves[0];
	large = machine->map.leaves[1];
	giant = machine->map.leaves[2];
	host_get_stats(&before);
	machine->injecting = true;
	host_fail_alloc(fail, fail ? 1 : 0, NULL);
	user.pool = direct_map_pool_create(&config);
	if (!IS_ERR(user.pool)) {
		*bad += fail_some(&user, &n);
		direct_map_pool_shrink(user.pool);
		machine->injecting = false;
		host_get_stats(&after);
		host_fail_alloc(0, 0, NULL);
		*bad += !!direct_map_pool_destroy(user.pool);
	} else {
		machine->injecting = false;
		host_get_stats(&after);
		host_fail_alloc(0, 0, NULL);
	}
	fill_holes(held);
	small -= machine->map.leaves[0];
	large -= machine->map.leaves[1];
	giant -= machine->map.leaves[2];
	*bad += machine->errors + machine->n_charged;
	*bad += machine->n_used != n;
	*bad += small + large * BLOCK_PAGES +
		giant * GIANT_BLOCKS * BLOCK_PAGES != n;
	machine_destroy(machine);
	return after.allocs - before.allocs;
}

unsigned long run_failures(void)
{
	unsigned long bad = 0, fail, n = fail_once(0, &bad);

	for (fail = 1; fail <= n && !bad; fail++)
		n = max(n, fail_once(fail, &bad));
	printf("%s memory that has failed is kept out, whichever of %lu allocations fails",
	       bad ? "FAIL" : "PASS", n);
	if (bad)
		printf(": not if the %lu. does", fail - 1);
	printf("\n");
	return bad;
}

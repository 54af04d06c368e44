// SPDX-License-Identifier: GPL-2.0
/*
 * Tests on the running kernel's direct map: what leaves it is out of reach, and
 * when it is back the map is as it was.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/direct_map.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/sched.h>
#include <linux/set_memory.h>

#include "direct_map.h"
#include "failing.h"

#define PAGES		DIRECT_MAP_BLOCK_PAGES
#define VALUE		0x5eed5eed5eed5eedUL

/**
 * struct block - a free block of memory
 * @page: its first page
 * @pfn: the number of that
 * @level: level of the leaf that maps it at first
 * @events: what had happened before the test
 */
struct block {
	struct page	*page;
	unsigned long	pfn;
	unsigned int	level;
	unsigned long	events[NR_VM_EVENT_ITEMS];
};

static unsigned int level_of(struct page *page)
{
	unsigned int level = 0;

	lookup_address((unsigned long)page_address(page), &level);
	return level;
}

/* How often something happened since the test began. */
static long happened(struct kunit *test, enum vm_event_item item)
{
	struct block *b = test->priv;

	return happened_since(b->events, item);
}

static int block_init(struct kunit *test)
{
	struct block *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->page = alloc_pages(GFP_KERNEL, DIRECT_MAP_BLOCK_ORDER);
	KUNIT_ASSERT_NOT_NULL(test, b->page);
	b->pfn = page_to_pfn(b->page);
	b->level = level_of(b->page);
	*(unsigned long *)page_address(b->page) = VALUE;
	all_vm_events(b->events);
	test->priv = b;
	return 0;
}

static void block_exit(struct kunit *test)
{
	struct block *b = test->priv;

	if (!b)
		return;
	KUNIT_EXPECT_EQ(test, level_of(b->page), b->level);
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page));
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page + PAGES - 1));
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL2_SPLIT),
			happened(test, DIRECT_MAP_LEVEL2_COLLAPSE));
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL3_SPLIT),
			happened(test, DIRECT_MAP_LEVEL3_COLLAPSE));
	__free_pages(b->page, DIRECT_MAP_BLOCK_ORDER);
}

static void whole_block_leaves_without_a_split(struct kunit *test)
{
	struct block *b = test->priv;

	KUNIT_ASSERT_EQ(test, direct_map_unmap(b->pfn, PAGES, GFP_KERNEL), 0);
	KUNIT_EXPECT_FALSE(test, is_mapped(b->page));
	KUNIT_EXPECT_FALSE(test, is_mapped(b->page + PAGES - 1));
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL2_SPLIT), 0);
	KUNIT_EXPECT_LE(test, happened(test, DIRECT_MAP_FLUSH), 2);
	direct_map_map(b->pfn, PAGES);
	KUNIT_EXPECT_EQ(test, *(unsigned long *)page_address(b->page), VALUE);
}

static void page_leaves_and_its_block_heals(struct kunit *test)
{
	struct block *b = test->priv;
	unsigned long out = b->pfn + 3;

	KUNIT_ASSERT_EQ(test, direct_map_unmap(out, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page + 2));
	KUNIT_EXPECT_FALSE(test, is_mapped(b->page + 3));
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page + 4));
	KUNIT_EXPECT_TRUE(test, direct_map_is_split(b->pfn));
	KUNIT_EXPECT_EQ(test, level_of(b->page), PG_LEVEL_4K);
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_LEVEL2_SPLIT),
			b->level > PG_LEVEL_4K);
	direct_map_map(out, 1);
}

/* All pages of a block, one after the other: the last takes nothing with it. */
static void block_leaves_page_by_page(struct kunit *test)
{
	struct block *b = test->priv;
	unsigned long i;

	for (i = 0; i < PAGES; i++)
		KUNIT_ASSERT_EQ(test, direct_map_unmap(b->pfn + i, 1,
						       GFP_KERNEL), 0);
	for (i = 0; i < PAGES; i += 7)
		KUNIT_EXPECT_FALSE(test, is_mapped(b->page + i));
	for (i = PAGES; i--; )
		direct_map_map(b->pfn + i, 1);
}

static void scattered_pages_leave_by_one_flush(struct kunit *test)
{
	struct block *b = test->priv;
	struct page *pages[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = b->page + 5 + 29 * i;
	KUNIT_ASSERT_EQ(test, direct_map_unmap_pages(pages, ARRAY_SIZE(pages),
						     GFP_KERNEL), 0);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		KUNIT_EXPECT_FALSE(test, is_mapped(pages[i]));
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page));
	/* One for the leaf that is split, one for the pages. */
	KUNIT_EXPECT_LE(test, happened(test, DIRECT_MAP_FLUSH), 2);
	direct_map_map_pages(pages, ARRAY_SIZE(pages));
	KUNIT_EXPECT_LE(test, happened(test, DIRECT_MAP_FLUSH), 4);
}

/* What left page by page comes back together, and nothing else with it. */
static void pages_of_a_block_come_back_by_one_flush(struct kunit *test)
{
	struct block *b = test->priv;
	DECLARE_BITMAP(mask, PAGES) = { };
	long flushes;
	unsigned long i;

	for (i = 0; i < PAGES; i += 3) {
		KUNIT_ASSERT_EQ(test, direct_map_unmap(b->pfn + i, 1,
						       GFP_KERNEL), 0);
		if (i != 9)
			__set_bit(i, mask);
	}
	flushes = happened(test, DIRECT_MAP_FLUSH);
	direct_map_lock();
	direct_map_map_mask_locked(b->pfn, mask, PAGES);
	direct_map_unlock();
	KUNIT_EXPECT_EQ(test, happened(test, DIRECT_MAP_FLUSH), flushes);
	for (i = 0; i < PAGES; i++)
		KUNIT_EXPECT_EQ(test, is_mapped(b->page + i), i != 9);
	bitmap_zero(mask, PAGES);
	__set_bit(9, mask);
	direct_map_lock();
	direct_map_map_mask_locked(b->pfn, mask, PAGES);
	direct_map_unlock();
	KUNIT_EXPECT_LE(test, happened(test, DIRECT_MAP_FLUSH), flushes + 1);
}

/* What cannot leave as a whole does not leave in part. */
static void range_with_a_page_that_is_out_does_not_leave(struct kunit *test)
{
	struct block *b = test->priv;
	struct page *pages[] = { b->page + 1, b->page + 9, b->page + 3 };

	KUNIT_ASSERT_EQ(test, direct_map_unmap(b->pfn + 9, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, direct_map_unmap(b->pfn, 16, GFP_KERNEL),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, direct_map_unmap(b->pfn, PAGES, GFP_KERNEL),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, direct_map_unmap_pages(pages, 3, GFP_KERNEL),
			-ENOENT);
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page));
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page + 1));
	KUNIT_EXPECT_FALSE(test, is_mapped(b->page + 9));
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page + 10));
	direct_map_map(b->pfn + 9, 1);
}

static void split_without_memory_changes_nothing(struct kunit *test)
{
	struct block *b = test->priv;

	if (b->level == PG_LEVEL_4K)
		kunit_skip(test, "the block is not mapped by a large leaf");
	KUNIT_EXPECT_EQ(test, direct_map_unmap(b->pfn, 1, 0), -ENOMEM);
	KUNIT_EXPECT_EQ(test, level_of(b->page), b->level);
	KUNIT_EXPECT_TRUE(test, is_mapped(b->page));
}

static void protection_comes_and_goes(struct kunit *test)
{
	struct block *b = test->priv;
	unsigned long *word = page_address(b->page + 7);
	const unsigned long value = 1;

	KUNIT_ASSERT_EQ(test, direct_map_protect(b->pfn + 7, 1, __pgprot(0),
						 __pgprot(_PAGE_RW),
						 GFP_KERNEL), 0);
	KUNIT_EXPECT_NE(test, copy_to_kernel_nofault(word, &value,
						     sizeof(value)), 0);
	KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault(page_address(b->page + 8),
						     &value, sizeof(value)), 0);
	KUNIT_ASSERT_EQ(test, direct_map_protect(b->pfn + 7, 1,
						 __pgprot(_PAGE_RW),
						 __pgprot(0), GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault(word, &value,
						     sizeof(value)), 0);
	KUNIT_EXPECT_EQ(test, *word, value);
}

/* Pages of two blocks, so that a leaf is split at each end. */
#define PART_FIRST	(PAGES / 2)
#define PART_PAGES	PAGES

/**
 * struct attempt - what takes memory
 * @name: for messages
 * @run: it
 * @undo: takes it back; NULL if nothing is left of it
 * @in_part: if it fails, some of it may have happened
 */
struct attempt {
	const char	*name;
	int (*run)(struct page *page);
	int (*undo)(struct page *page);
	bool		in_part;
};

static unsigned long part_pfn(struct page *page)
{
	return page_to_pfn(page) + PART_FIRST;
}

static unsigned long part_addr(struct page *page)
{
	return (unsigned long)page_address(page + PART_FIRST);
}

static int run_unmap(struct page *page)
{
	return direct_map_unmap(part_pfn(page), PART_PAGES, GFP_KERNEL);
}

static int undo_unmap(struct page *page)
{
	direct_map_map(part_pfn(page), PART_PAGES);
	return 0;
}

static int run_unmap_pages(struct page *page)
{
	struct page *pages[] = { page + 3, page + PAGES + 5, page + 4 };
	int ret = direct_map_unmap_pages(pages, ARRAY_SIZE(pages), GFP_KERNEL);

	if (!ret)
		direct_map_map_pages(pages, ARRAY_SIZE(pages));
	return ret;
}

/* A block leaves as a whole and comes back page by page. */
static int run_map_but(struct page *page)
{
	DECLARE_BITMAP(lost, PAGES) = { };
	unsigned long pfn = page_to_pfn(page);
	int ret = direct_map_unmap(pfn, PAGES, GFP_KERNEL);

	if (ret)
		return ret;
	direct_map_lock();
	ret = direct_map_map_but_locked(pfn, lost, GFP_NOWAIT | __GFP_NOWARN);
	if (ret)
		direct_map_map_locked(pfn, PAGES);
	direct_map_unlock();
	return ret;
}

static int run_protect(struct page *page)
{
	return direct_map_protect(part_pfn(page), PART_PAGES, __pgprot(0),
				  __pgprot(_PAGE_RW), GFP_KERNEL);
}

static int undo_protect(struct page *page)
{
	return direct_map_protect(part_pfn(page), PART_PAGES,
				  __pgprot(_PAGE_RW), __pgprot(0), GFP_KERNEL);
}

static int run_set_memory_ro(struct page *page)
{
	return set_memory_ro(part_addr(page), PART_PAGES);
}

static int undo_set_memory_ro(struct page *page)
{
	return set_memory_rw(part_addr(page), PART_PAGES);
}

static int run_set_memory_np(struct page *page)
{
	return set_memory_np(part_addr(page), PART_PAGES);
}

static int undo_set_memory_np(struct page *page)
{
	return set_memory_p(part_addr(page), PART_PAGES);
}

static const struct attempt attempts[] = {
	{ "unmap", run_unmap, undo_unmap },
	{ "unmap_pages", run_unmap_pages },
	{ "map_but", run_map_but },
	{ "protect", run_protect, undo_protect },
	{ "set_memory_ro", run_set_memory_ro, undo_set_memory_ro, true },
	{ "set_memory_np", run_set_memory_np, undo_set_memory_np, true },
};

/* Are both blocks mapped as they were at first? */
static void expect_as_before(struct kunit *test, struct page *page,
			     const unsigned int *levels, const char *name,
			     unsigned int nth)
{
	const unsigned long value = VALUE;
	unsigned int i;

	for (i = 0; i < 2 * PAGES; i += PAGES / 8) {
		KUNIT_EXPECT_EQ_MSG(test, level_of(page + i), levels[i / PAGES],
				    "%s: page %u, allocation %u", name, i, nth);
		KUNIT_EXPECT_EQ_MSG(test, copy_to_kernel_nofault
				    (page_address(page + i), &value,
				     sizeof(value)), 0,
				    "%s: page %u, allocation %u", name, i, nth);
	}
	KUNIT_EXPECT_EQ_MSG(test, happened(test, DIRECT_MAP_LEVEL2_SPLIT),
			    happened(test, DIRECT_MAP_LEVEL2_COLLAPSE),
			    "%s: allocation %u", name, nth);
}

/* Returns whether there are so many allocations. */
static bool attempt_fails(struct kunit *test, const struct attempt *attempt,
			  struct page *page, unsigned int nth, bool rest)
{
	unsigned int levels[] = { level_of(page), level_of(page + PAGES) };
	bool failed;
	int ret;

	fail_from(nth, rest);
	ret = attempt->run(page);
	failed = stop_failing();
	KUNIT_EXPECT_TRUE_MSG(test, ret == 0 || (failed && ret == -ENOMEM),
			      "%s: %d", attempt->name, ret);
	if (rest && failed)
		KUNIT_EXPECT_EQ_MSG(test, ret, -ENOMEM, "%s", attempt->name);
	if (attempt->undo && (!ret || attempt->in_part))
		KUNIT_EXPECT_EQ_MSG(test, attempt->undo(page), 0, "%s",
				    attempt->name);
	expect_as_before(test, page, levels, attempt->name, nth);
	return failed;
}

static void failed_allocations_leave_the_map_as_it_was(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, DIRECT_MAP_BLOCK_ORDER + 1);
	unsigned int i, nth;

	KUNIT_ASSERT_NOT_NULL(test, page);
	if (!set_failing(true)) {
		__free_pages(page, DIRECT_MAP_BLOCK_ORDER + 1);
		kunit_skip(test, "allocations cannot be made to fail");
	}
	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		for (nth = 1; attempt_fails(test, &attempts[i], page, nth,
					    false); nth++)
			;
		KUNIT_EXPECT_GT_MSG(test, nth, 1, "%s", attempts[i].name);
		for (nth = 1; attempt_fails(test, &attempts[i], page, nth,
					    true); nth++)
			;
	}
	set_failing(false);
	__free_pages(page, DIRECT_MAP_BLOCK_ORDER + 1);
}

/**
 * struct clone - what follows the direct map, and two blocks of this
 * @pgt: the clone
 * @page: the first page of the first block
 * @levels: levels of the leaves that map the two
 * @stats: what the clone has before it has a hole
 */
struct clone {
	struct pg_table		*pgt;
	struct page		*page;
	unsigned int		levels[2];
	struct pg_table_stats	stats;
};

static void clone_init(struct kunit *test, struct clone *c)
{
	const struct pg_table_config config = {
		.name = "kunit",
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_ALLOW_WX,
	};

	c->pgt = pg_table_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(c->pgt));
	KUNIT_ASSERT_EQ(test, direct_map_follow(c->pgt), 0);
	c->page = alloc_pages(GFP_KERNEL, DIRECT_MAP_BLOCK_ORDER + 1);
	KUNIT_ASSERT_NOT_NULL(test, c->page);
	c->levels[0] = level_of(c->page);
	c->levels[1] = level_of(c->page + PAGES);
	pg_table_get_stats(c->pgt, &c->stats);
}

/* Nothing is left of what was done. */
static void clone_exit(struct kunit *test, struct clone *c)
{
	struct pg_table_stats stats;

	pg_table_get_stats(c->pgt, &stats);
	KUNIT_EXPECT_EQ(test, stats.tables, c->stats.tables);
	KUNIT_EXPECT_EQ(test, stats.holes, 0);
	KUNIT_EXPECT_EQ(test, pg_table_verify(c->pgt), 0);
	KUNIT_EXPECT_EQ(test, level_of(c->page), c->levels[0]);
	KUNIT_EXPECT_EQ(test, level_of(c->page + PAGES), c->levels[1]);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(c->pgt), 0);
	__free_pages(c->page, DIRECT_MAP_BLOCK_ORDER + 1);
}

/* What the clone has where the direct map has the page: 0 for nothing. */
static unsigned long prot_in(struct kunit *test, const struct clone *c,
			     struct page *page)
{
	unsigned long va = (unsigned long)page_address(page);
	struct pg_table_leaf leaf;
	int ret = pg_table_lookup(c->pgt, va, &leaf);

	if (ret) {
		KUNIT_EXPECT_EQ(test, ret, -ENOENT);
		return 0;
	}
	KUNIT_EXPECT_EQ(test, leaf.pa + (va - leaf.va), PFN_PHYS(page_to_pfn(page)));
	return pgprot_val(leaf.prot);
}

/* Can the page be read there by who runs in the clone? */
static bool is_mapped_in(struct kunit *test, const struct clone *c,
			 struct page *page)
{
	struct pg_table_state state;
	bool mapped;
	int ret = pg_table_enter(c->pgt, &state);

	KUNIT_EXPECT_EQ(test, ret, 0);
	if (ret)
		return false;
	mapped = is_mapped(page);
	pg_table_exit(&state);
	return mapped;
}

static void expect_block(struct kunit *test, const struct clone *c,
			 unsigned int block, bool there)
{
	struct page *page = c->page + block * PAGES;

	KUNIT_EXPECT_EQ(test, !!prot_in(test, c, page), there);
	KUNIT_EXPECT_EQ(test, !!prot_in(test, c, page + PAGES - 1), there);
	KUNIT_EXPECT_EQ(test, is_mapped_in(test, c, page), there);
	KUNIT_EXPECT_EQ(test, is_mapped_in(test, c, page + PAGES - 1), there);
}

static void hidden_block_is_a_hole_in_a_clone_alone(struct kunit *test)
{
	unsigned long pfn;
	struct clone c;

	clone_init(test, &c);
	pfn = page_to_pfn(c.page);
	expect_block(test, &c, 0, true);
	KUNIT_EXPECT_EQ(test, direct_map_hide(c.pgt, pfn + 1, PAGES,
					      GFP_KERNEL), -EINVAL);
	KUNIT_EXPECT_EQ(test, direct_map_hide(c.pgt, pfn, PAGES, 0), -ENOMEM);
	KUNIT_ASSERT_EQ(test, direct_map_hide(c.pgt, pfn, PAGES, GFP_KERNEL),
			0);
	expect_block(test, &c, 0, false);
	expect_block(test, &c, 1, true);
	KUNIT_EXPECT_TRUE(test, is_mapped(c.page));
	KUNIT_EXPECT_EQ(test, level_of(c.page), c.levels[0]);
	KUNIT_EXPECT_EQ(test, pg_table_verify(c.pgt), 0);
	/* Both at once, and one after the other. */
	KUNIT_ASSERT_EQ(test, direct_map_hide(c.pgt, pfn, 2 * PAGES,
					      GFP_KERNEL), 0);
	expect_block(test, &c, 1, false);
	direct_map_show(c.pgt, pfn + PAGES, PAGES);
	expect_block(test, &c, 0, false);
	expect_block(test, &c, 1, true);
	direct_map_show(c.pgt, pfn, PAGES);
	expect_block(test, &c, 0, true);
	clone_exit(test, &c);
}

/* In the hole and next to it: by the library, and by CPA, which stores itself. */
static void clone_has_what_becomes_of_the_map(struct kunit *test)
{
	struct page *next;
	unsigned long pfn;
	struct clone c;

	clone_init(test, &c);
	pfn = page_to_pfn(c.page);
	next = c.page + PAGES;
	KUNIT_ASSERT_EQ(test, direct_map_hide(c.pgt, pfn, PAGES, GFP_KERNEL),
			0);
	KUNIT_ASSERT_EQ(test, direct_map_unmap(pfn + PAGES - 1, 2, GFP_KERNEL),
			0);
	KUNIT_EXPECT_EQ(test, prot_in(test, &c, next), 0);
	KUNIT_EXPECT_FALSE(test, is_mapped_in(test, &c, next));
	KUNIT_EXPECT_TRUE(test, is_mapped_in(test, &c, next + 1));
	direct_map_map(pfn + PAGES - 1, 2);
	expect_block(test, &c, 0, false);
	expect_block(test, &c, 1, true);
	KUNIT_EXPECT_EQ(test, level_of(next), c.levels[1]);
	KUNIT_ASSERT_EQ(test, direct_map_unmap(pfn, 2 * PAGES, GFP_KERNEL), 0);
	expect_block(test, &c, 1, false);
	direct_map_map(pfn, 2 * PAGES);
	expect_block(test, &c, 0, false);
	expect_block(test, &c, 1, true);

	KUNIT_ASSERT_EQ(test, set_memory_ro((unsigned long)page_address(next),
					    PAGES), 0);
	KUNIT_EXPECT_EQ(test, prot_in(test, &c, next) & _PAGE_RW, 0);
	KUNIT_ASSERT_EQ(test, set_memory_rw((unsigned long)page_address(next),
					    PAGES), 0);
	KUNIT_EXPECT_NE(test, prot_in(test, &c, next) & _PAGE_RW, 0);
	expect_block(test, &c, 0, false);
	direct_map_show(c.pgt, pfn, PAGES);
	expect_block(test, &c, 0, true);
	clone_exit(test, &c);
}

static struct kunit_case direct_map_cases[] = {
	KUNIT_CASE(whole_block_leaves_without_a_split),
	KUNIT_CASE(page_leaves_and_its_block_heals),
	KUNIT_CASE(block_leaves_page_by_page),
	KUNIT_CASE(scattered_pages_leave_by_one_flush),
	KUNIT_CASE(pages_of_a_block_come_back_by_one_flush),
	KUNIT_CASE(range_with_a_page_that_is_out_does_not_leave),
	KUNIT_CASE(split_without_memory_changes_nothing),
	KUNIT_CASE(protection_comes_and_goes),
	KUNIT_CASE(failed_allocations_leave_the_map_as_it_was),
	KUNIT_CASE(hidden_block_is_a_hole_in_a_clone_alone),
	KUNIT_CASE(clone_has_what_becomes_of_the_map),
	{ }
};

static struct kunit_suite direct_map_suite = {
	.name = "pg_table_direct_map",
	.init = block_init,
	.exit = block_exit,
	.test_cases = direct_map_cases,
};

kunit_test_suite(direct_map_suite);

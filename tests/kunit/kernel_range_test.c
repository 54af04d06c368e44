// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of ranges of the running kernel's page table: what is mapped is there,
 * and a call that fails leaves nothing.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/kernel_range.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include <asm/tlbflush.h>

#include "failing.h"

#define PAGES		16U
#define SHIFT		ilog2(PMD_SIZE)
#define BLOCK_PAGES	(PMD_SIZE / PAGE_SIZE)
/* Room for a range that no table is in yet, as often as one is needed. */
#define FRESH_SIZE	(2 * PUD_SIZE)
#define FRESH_COUNT	16

/**
 * struct room - where ranges are mapped, and what
 * @area: the addresses; the one more page is never mapped
 * @va: the first of them, aligned to large leaves
 * @block: pages that follow each other
 * @pages: and some of them, of which no two do
 */
struct room {
	struct vm_struct	*area;
	unsigned long		va;
	struct page		*block;
	struct page		*pages[PAGES];
};

static int room_init(struct kunit *test)
{
	struct room *room = kunit_kzalloc(test, sizeof(*room), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, room);
	test->priv = room;
	room->area = get_vm_area(4 * PMD_SIZE, VM_IOREMAP);
	KUNIT_ASSERT_NOT_NULL(test, room->area);
	room->va = ALIGN((unsigned long)room->area->addr, PMD_SIZE);
	room->block = alloc_pages(GFP_KERNEL | __GFP_ZERO, SHIFT - PAGE_SHIFT);
	KUNIT_ASSERT_NOT_NULL(test, room->block);
	for (i = 0; i < PAGES; i++)
		room->pages[i] = room->block + 2 * (PAGES - i);
	return 0;
}

static void unmap(unsigned long va, size_t size)
{
	kernel_range_unmap(va, size);
	flush_tlb_kernel_range(va, va + size);
}

static void room_exit(struct kunit *test)
{
	struct room *room = test->priv;

	if (room && room->area)
		free_vm_area(room->area);
	if (room && room->block)
		__free_pages(room->block, SHIFT - PAGE_SHIFT);
}

static struct page *page_at(unsigned long va)
{
	return vmalloc_to_page((void *)va);
}

static bool is_large(unsigned long va)
{
	return pmd_leaf(*pmd_off_k(va));
}

static void expect_nothing(struct kunit *test, unsigned long va, size_t size)
{
	unsigned long end = va + size;

	for (; va != end; va += PAGE_SIZE)
		KUNIT_ASSERT_NULL_MSG(test, page_at(va), "%#lx", va);
}

static void expect_block(struct kunit *test, unsigned long va,
			 struct page *page, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_PTR_EQ_MSG(test, page_at(va + i * PAGE_SIZE),
					page + i, "page %u", i);
}

static void pages_are_where_they_belong(struct kunit *test)
{
	struct room *room = test->priv;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kernel_range_map_pages(room->va, PAGES * PAGE_SIZE,
						     room->pages, PAGE_KERNEL,
						     PAGE_SHIFT), 0);
	for (i = 0; i < PAGES; i++) {
		unsigned long *at = (void *)room->va + i * PAGE_SIZE;

		KUNIT_EXPECT_PTR_EQ(test, page_at((unsigned long)at),
				    room->pages[i]);
		WRITE_ONCE(*at, i + 1);
		KUNIT_EXPECT_EQ(test, i + 1,
				READ_ONCE(*(unsigned long *)
					  page_address(room->pages[i])));
	}
	expect_nothing(test, room->va + PAGES * PAGE_SIZE, PAGE_SIZE);
	unmap(room->va, PAGES * PAGE_SIZE);
	expect_nothing(test, room->va, PAGES * PAGE_SIZE);
}

/* A part of them, and over the end of a table. */
static void pages_that_follow_each_other_are_mapped(struct kunit *test)
{
	struct room *room = test->priv;
	unsigned long va = room->va + PMD_SIZE - 3 * PAGE_SIZE;
	struct page *pages[PAGES];
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		pages[i] = room->block + i + (i > 7);
	KUNIT_ASSERT_EQ(test, kernel_range_map_pages(va, PAGES * PAGE_SIZE,
						     pages, PAGE_KERNEL,
						     PAGE_SHIFT), 0);
	expect_nothing(test, va - PAGE_SIZE, PAGE_SIZE);
	expect_block(test, va, room->block, 8);
	expect_block(test, va + 8 * PAGE_SIZE, room->block + 9, PAGES - 8);
	expect_nothing(test, va + PAGES * PAGE_SIZE, PAGE_SIZE);
	unmap(va, PAGES * PAGE_SIZE);
	expect_nothing(test, va, PAGES * PAGE_SIZE);
}

static void a_block_is_a_large_leaf(struct kunit *test)
{
	struct room *room = test->priv;
	phys_addr_t pa = page_to_phys(room->block);

	if (!arch_vmap_pmd_supported(PAGE_KERNEL))
		kunit_skip(test, "no large leaves");
	KUNIT_ASSERT_EQ(test, kernel_range_map(room->va, PMD_SIZE, pa,
					       PAGE_KERNEL, SHIFT), 0);
	KUNIT_EXPECT_TRUE(test, is_large(room->va));
	expect_block(test, room->va, room->block, BLOCK_PAGES);
	unmap(room->va, PMD_SIZE);
	expect_nothing(test, room->va, PMD_SIZE);

	/* Not if that is not wanted, nor where the addresses don't fit. */
	KUNIT_ASSERT_EQ(test, kernel_range_map(room->va, PMD_SIZE, pa,
					       PAGE_KERNEL, SHIFT - 1), 0);
	KUNIT_EXPECT_FALSE(test, is_large(room->va));
	expect_block(test, room->va, room->block, BLOCK_PAGES);
	unmap(room->va, PMD_SIZE);
	KUNIT_ASSERT_EQ(test, kernel_range_map(room->va + PAGE_SIZE,
					       PMD_SIZE - PAGE_SIZE, pa,
					       PAGE_KERNEL, SHIFT), 0);
	KUNIT_EXPECT_FALSE(test, is_large(room->va));
	expect_block(test, room->va + PAGE_SIZE, room->block, BLOCK_PAGES - 1);
	unmap(room->va + PAGE_SIZE, PMD_SIZE - PAGE_SIZE);

	/* A table that is left does not keep it from that. */
	KUNIT_ASSERT_EQ(test, kernel_range_map(room->va, PMD_SIZE, pa,
					       PAGE_KERNEL, SHIFT), 0);
	KUNIT_EXPECT_TRUE(test, is_large(room->va));
	expect_block(test, room->va, room->block, BLOCK_PAGES);
	unmap(room->va, PMD_SIZE);
}

static void blocks_of_pages_are_large_leaves(struct kunit *test)
{
	struct room *room = test->priv;
	struct page **pages;
	unsigned int i;

	pages = kunit_kcalloc(test, 2 * BLOCK_PAGES, sizeof(*pages), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (i = 0; i < 2 * BLOCK_PAGES; i++)
		pages[i] = room->block + i % BLOCK_PAGES;
	KUNIT_ASSERT_EQ(test, kernel_range_map_pages(room->va, 2 * PMD_SIZE,
						     pages, PAGE_KERNEL, SHIFT),
			0);
	KUNIT_EXPECT_EQ(test, is_large(room->va + PMD_SIZE),
			arch_vmap_pmd_supported(PAGE_KERNEL));
	expect_block(test, room->va, room->block, BLOCK_PAGES);
	expect_block(test, room->va + PMD_SIZE, room->block, BLOCK_PAGES);
	unmap(room->va, 2 * PMD_SIZE);
	expect_nothing(test, room->va, 2 * PMD_SIZE);
}

static void what_is_mapped_stays(struct kunit *test)
{
	struct room *room = test->priv;
	unsigned long va = room->va + PMD_SIZE;
	phys_addr_t pa = page_to_phys(room->block);

	KUNIT_ASSERT_EQ(test, kernel_range_map(va, PAGE_SIZE, pa, PAGE_KERNEL,
					       PAGE_SHIFT), 0);
	want_complaints(true);
	KUNIT_EXPECT_EQ(test, kernel_range_map(va - 2 * PAGE_SIZE,
					       4 * PAGE_SIZE, pa, PAGE_KERNEL,
					       PAGE_SHIFT), -EEXIST);
	KUNIT_EXPECT_EQ(test, kernel_range_map(va, PMD_SIZE, pa, PAGE_KERNEL,
					       SHIFT), -EEXIST);
	KUNIT_EXPECT_EQ(test, kernel_range_map_pages(va - PAGE_SIZE,
						     2 * PAGE_SIZE, room->pages,
						     PAGE_KERNEL, PAGE_SHIFT),
			-EEXIST);
	expect_nothing(test, va - 2 * PAGE_SIZE, 2 * PAGE_SIZE);
	expect_block(test, va, room->block, 1);
	expect_nothing(test, va + PAGE_SIZE, PAGE_SIZE);
	unmap(va, PAGE_SIZE);

	KUNIT_ASSERT_EQ(test, kernel_range_map(va, PMD_SIZE, pa, PAGE_KERNEL,
					       SHIFT), 0);
	KUNIT_EXPECT_EQ(test, kernel_range_map(va - PAGE_SIZE, 2 * PAGE_SIZE,
					       pa, PAGE_KERNEL, PAGE_SHIFT),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, kernel_range_map(va, PMD_SIZE, pa, PAGE_KERNEL,
					       SHIFT), -EEXIST);
	want_complaints(false);
	expect_nothing(test, va - PAGE_SIZE, PAGE_SIZE);
	expect_block(test, va, room->block, BLOCK_PAGES);
	unmap(va, PMD_SIZE);
}

static void bad_input_changes_nothing(struct kunit *test)
{
	struct room *room = test->priv;
	phys_addr_t pa = page_to_phys(room->block);
	struct page *page = room->pages[PAGES / 2];

	KUNIT_EXPECT_EQ(test, kernel_range_map(room->va, 0, pa, PAGE_KERNEL,
					       SHIFT), -EINVAL);
	KUNIT_EXPECT_EQ(test, kernel_range_map(room->va + 1, PAGE_SIZE, pa,
					       PAGE_KERNEL, SHIFT), -EINVAL);
	KUNIT_EXPECT_EQ(test, kernel_range_map(room->va, PAGE_SIZE + 1, pa,
					       PAGE_KERNEL, SHIFT), -EINVAL);
	KUNIT_EXPECT_EQ(test, kernel_range_map(room->va, PAGE_SIZE, pa + 1,
					       PAGE_KERNEL, SHIFT), -EINVAL);
	KUNIT_EXPECT_EQ(test, kernel_range_map(PAGE_MASK, 2 * PAGE_SIZE, pa,
					       PAGE_KERNEL, SHIFT), -EINVAL);
	room->pages[PAGES / 2] = NULL;
	want_complaints(true);
	KUNIT_EXPECT_EQ(test, kernel_range_map_pages(room->va,
						     PAGES * PAGE_SIZE,
						     room->pages, PAGE_KERNEL,
						     PAGE_SHIFT), -EINVAL);
	want_complaints(false);
	room->pages[PAGES / 2] = page;
	expect_nothing(test, room->va, PAGES * PAGE_SIZE);
}

/* Whatever is folded: over the end of a root entry, and with none in between. */
static void root_entries_are_passed(struct kunit *test)
{
	struct room *room = test->priv;
	struct vm_struct *area = get_vm_area(4 * PGDIR_SIZE, VM_IOREMAP);
	unsigned long va, behind;

	if (!area)
		kunit_skip(test, "no room for root entries");
	va = ALIGN((unsigned long)area->addr, PGDIR_SIZE);
	behind = va + 3 * PGDIR_SIZE - PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, kernel_range_map_pages(behind, PAGE_SIZE,
						     room->pages, PAGE_KERNEL,
						     PAGE_SHIFT), 0);
	want_complaints(true);
	KUNIT_EXPECT_EQ(test, kernel_range_map(va, 3 * PGDIR_SIZE,
					       page_to_phys(room->block),
					       PAGE_KERNEL, PAGE_SHIFT),
			-EEXIST);
	want_complaints(false);
	KUNIT_EXPECT_EQ(test, kernel_range_map_pages(va + PGDIR_SIZE -
						     8 * PAGE_SIZE,
						     PAGES * PAGE_SIZE,
						     room->pages, PAGE_KERNEL,
						     PAGE_SHIFT), 0);
	KUNIT_EXPECT_PTR_EQ(test, page_at(va + PGDIR_SIZE - PAGE_SIZE),
			    room->pages[7]);
	KUNIT_EXPECT_PTR_EQ(test, page_at(va + PGDIR_SIZE), room->pages[8]);
	unmap(va, 3 * PGDIR_SIZE);
	expect_nothing(test, va + PGDIR_SIZE - 8 * PAGE_SIZE, PAGES * PAGE_SIZE);
	expect_nothing(test, behind, PAGE_SIZE);
	free_vm_area(area);
}

/* Over the ends of tables of two levels, allocation @nth failing. */
static bool fails_without_a_trace(struct kunit *test, unsigned long va,
				  unsigned int nth)
{
	struct room *room = test->priv;
	size_t size = 4 * PMD_SIZE + 2 * PAGE_SIZE;
	phys_addr_t pa = page_to_phys(room->block);
	bool failed;
	int ret;

	va += PUD_SIZE - 2 * PMD_SIZE - PAGE_SIZE;
	fail_from(nth, false);
	ret = kernel_range_map(va, size, pa, PAGE_KERNEL, PAGE_SHIFT);
	failed = stop_failing();
	KUNIT_EXPECT_EQ_MSG(test, ret, failed ? -ENOMEM : 0, "allocation %u",
			    nth);
	if (failed) {
		expect_nothing(test, va, size);
		KUNIT_EXPECT_EQ(test, kernel_range_map(va, size, pa,
						       PAGE_KERNEL, PAGE_SHIFT),
				0);
	}
	unmap(va, size);
	expect_nothing(test, va, size);
	return failed;
}

static void failed_allocations_leave_nothing(struct kunit *test)
{
	struct vm_struct *area;
	unsigned int nth = 0;
	unsigned long va;

	if (!set_failing(true))
		kunit_skip(test, "allocations cannot be made to fail");
	area = get_vm_area((FRESH_COUNT + 1) * FRESH_SIZE, VM_IOREMAP);
	if (area) {
		va = ALIGN((unsigned long)area->addr, FRESH_SIZE);
		while (++nth < FRESH_COUNT &&
		       fails_without_a_trace(test, va + nth * FRESH_SIZE, nth))
			;
		free_vm_area(area);
	}
	set_failing(false);
	/* Two tables of the one level, and six of the other. */
	KUNIT_EXPECT_GT(test, nth, 6);
	KUNIT_EXPECT_LT(test, nth, FRESH_COUNT);
}

static struct kunit_case kernel_range_cases[] = {
	KUNIT_CASE(pages_are_where_they_belong),
	KUNIT_CASE(pages_that_follow_each_other_are_mapped),
	KUNIT_CASE(a_block_is_a_large_leaf),
	KUNIT_CASE(blocks_of_pages_are_large_leaves),
	KUNIT_CASE(what_is_mapped_stays),
	KUNIT_CASE(bad_input_changes_nothing),
	KUNIT_CASE(root_entries_are_passed),
	KUNIT_CASE(failed_allocations_leave_nothing),
	{ }
};

static struct kunit_suite kernel_range_suite = {
	.name = "pg_table_kernel_range",
	.init = room_init,
	.exit = room_exit,
	.test_cases = kernel_range_cases,
};

kunit_test_suite(kernel_range_suite);

MODULE_DESCRIPTION("Tests of ranges of the kernel's page table");
MODULE_LICENSE("GPL");

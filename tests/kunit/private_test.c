// SPDX-License-Identifier: GPL-2.0
/*
 * Tables whose pages others bring, for code that leaves the kernel.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/range.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <asm/ident_table.h>
#include <asm/page.h>

/* Enough for a few tables, and then no more. */
#define PRIVATE_PAGES	16

/**
 * struct private - what each test starts from
 * @ops: where tables come from
 * @pages: naturally aligned pages, of which every other one is given away
 * @used: how many were
 * @back: how many came back
 * @limit: how many there are
 */
struct private {
	struct pg_table_ops	ops;
	struct page		*pages;
	unsigned int		used;
	unsigned int		back;
	unsigned int		limit;
};

static struct private private;

static void *private_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	if (size != PAGE_SIZE || private.used == private.limit)
		return NULL;
	return page_address(private.pages + 2 * private.used++);
}

static void private_free(struct pg_table *pgt, void *table, size_t size)
{
	virt_to_page(table)->mapping = NULL;
	private.back++;
}

static int private_init(struct kunit *test)
{
	private = (struct private) { .limit = PRIVATE_PAGES };
	private.ops.alloc = private_alloc;
	private.ops.free = private_free;
	pg_table_set_kernel_memory(&private.ops);
	private.pages = alloc_pages(GFP_KERNEL | __GFP_ZERO,
				    get_order(2 * PRIVATE_PAGES * PAGE_SIZE));
	KUNIT_ASSERT_NOT_NULL(test, private.pages);
	return 0;
}

/* What lies between the tables is not theirs. */
static void private_exit(struct kunit *test)
{
	unsigned int i;

	if (!private.pages)
		return;
	KUNIT_EXPECT_EQ(test, private.back, private.used);
	for (i = 0; i < 2 * PRIVATE_PAGES; i++) {
		struct page *page = private.pages + i;

		KUNIT_EXPECT_NULL(test, page->mapping);
		if (i % 2)
			KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page),
							   0, PAGE_SIZE));
	}
	__free_pages(private.pages,
		     get_order(2 * PRIVATE_PAGES * PAGE_SIZE));
}

static struct pg_table *private_create(unsigned int flags)
{
	const struct pg_table_config config = {
		.name = "kunit",
		.ops = &private.ops,
		.flags = PG_TABLE_EXCLUSIVE | PG_TABLE_ALLOW_WX | flags,
		.leaf_sizes = 2,
	};

	return pg_table_create(&config);
}

/* PTI would mirror the entries in the page behind it. */
static void root_is_a_single_page(struct kunit *test)
{
	struct pg_table *pgt = private_create(0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, 0, 0, SZ_2M, IDENT_PROT,
					   GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_map(pgt, PAGE_OFFSET, 0, SZ_2M,
					   IDENT_PROT, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, pg_table_verify(pgt), 0);
	/* A value there must not go, either, when the entry does. */
	((u64 *)(pgt->pgd))[PTRS_PER_PGD] = ~0ULL;
	KUNIT_EXPECT_EQ(test, pg_table_unmap(pgt, 0, SZ_2M, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, ((u64 *)(pgt->pgd))[PTRS_PER_PGD], ~0ULL);
	((u64 *)(pgt->pgd))[PTRS_PER_PGD] = 0;
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static int is_listed(struct pg_table *pgt, void *arg)
{
	return pgt == arg;
}

static void atomic_table_comes_and_goes_with_interrupts_off(struct kunit *test)
{
	struct pg_table *pgt;
	unsigned long flags;
	int map, destroy;

	local_irq_save(flags);
	pgt = private_create(PG_TABLE_ATOMIC);
	map = IS_ERR(pgt) ? PTR_ERR(pgt) :
			    pg_table_map(pgt, 0, 0, SZ_4M, IDENT_PROT,
					 GFP_ATOMIC);
	local_irq_restore(flags);
	KUNIT_ASSERT_EQ(test, map, 0);
	KUNIT_EXPECT_EQ(test, pg_table_for_each(is_listed, pgt), 0);
	local_irq_save(flags);
	destroy = pg_table_destroy(pgt);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, destroy, 0);
}

static void expect_leaf(struct kunit *test, struct pg_table *pgt,
			unsigned long va, phys_addr_t pa, size_t size)
{
	struct pg_table_leaf leaf;

	KUNIT_ASSERT_EQ(test, pg_table_lookup(pgt, va, &leaf), 0);
	KUNIT_EXPECT_EQ(test, leaf.pa + (va - leaf.va), pa);
	KUNIT_EXPECT_EQ(test, leaf.size, size);
	KUNIT_EXPECT_FALSE(test, pgprot_val(leaf.prot) & _PAGE_NX);
}

static void ranges_that_overlap_are_mapped_once(struct kunit *test)
{
	struct pg_table *pgt = private_create(0);
	struct pg_table_stats stats;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	KUNIT_EXPECT_EQ(test, ident_map(pgt, SZ_4M, SZ_4M + 5, 0, IDENT_PROT,
					GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, ident_map(pgt, SZ_1M, SZ_8M, 0, IDENT_PROT,
					GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, ident_map(pgt, SZ_4M, SZ_8M, 0, IDENT_PROT,
					GFP_KERNEL), 0);
	/* Nothing, as what the firmware says it has none of. */
	KUNIT_EXPECT_EQ(test, ident_map(pgt, ~0ULL, 5, 0, IDENT_PROT,
					GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, ident_map(pgt, SZ_16M, SZ_16M, 0, IDENT_PROT,
					GFP_KERNEL), 0);
	pg_table_get_stats(pgt, &stats);
	KUNIT_EXPECT_EQ(test, stats.mapped, SZ_8M);
	KUNIT_EXPECT_EQ(test, stats.leaves[1], 4);
	expect_leaf(test, pgt, SZ_1M, SZ_1M, SZ_2M);
	/* At another distance it is other memory. */
	KUNIT_EXPECT_EQ(test, ident_map(pgt, 0, SZ_2M, SZ_2M, IDENT_PROT,
					GFP_KERNEL), -EEXIST);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void memory_and_code_are_where_they_are(struct kunit *test)
{
	struct pg_table *pgt = private_create(0);
	void *code = memory_and_code_are_where_they_are;
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	KUNIT_ASSERT_EQ(test, ident_map_ram(pgt, 0, IDENT_PROT, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, ident_map_code(pgt, code, __pa(code), IDENT_PROT,
					     GFP_KERNEL), 0);
	for (i = 0; i < nr_pfn_mapped; i++) {
		phys_addr_t first = PFN_PHYS(pfn_mapped[i].start);
		phys_addr_t last = PFN_PHYS(pfn_mapped[i].end) - 1;

		expect_leaf(test, pgt, first, first, SZ_2M);
		expect_leaf(test, pgt, last, last, SZ_2M);
	}
	expect_leaf(test, pgt, (unsigned long)code, __pa(code), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, pg_table_verify(pgt), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

/* Each time there is one page more. */
static void memory_that_runs_out_is_given_back(struct kunit *test)
{
	int ret = -ENOMEM;

	for (private.limit = 2; ret; private.limit++) {
		struct pg_table *pgt;

		KUNIT_ASSERT_EQ(test, private.back, private.used);
		KUNIT_ASSERT_LT(test, private.limit, PRIVATE_PAGES);
		private.used = 0;
		private.back = 0;
		pgt = private_create(0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
		ret = ident_map_ram(pgt, PAGE_OFFSET, IDENT_PROT, GFP_KERNEL);
		KUNIT_EXPECT_TRUE(test, !ret || ret == -ENOMEM);
		KUNIT_EXPECT_EQ(test, pg_table_verify(pgt), 0);
		KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
	}
	KUNIT_EXPECT_GE(test, private.limit, 4);
}

static struct kunit_case private_cases[] = {
	KUNIT_CASE(root_is_a_single_page),
	KUNIT_CASE(atomic_table_comes_and_goes_with_interrupts_off),
	KUNIT_CASE(ranges_that_overlap_are_mapped_once),
	KUNIT_CASE(memory_and_code_are_where_they_are),
	KUNIT_CASE(memory_that_runs_out_is_given_back),
	{}
};

static struct kunit_suite private_suite = {
	.name		= "pg_table_private",
	.init		= private_init,
	.exit		= private_exit,
	.test_cases	= private_cases,
};

kunit_test_suite(private_suite);

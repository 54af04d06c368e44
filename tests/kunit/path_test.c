// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the way to an address: in tables that are made for it and that no
 * CPU has loaded, and in the running kernel's own.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/pg_table_path.h>
#include <linux/pgtable.h>
#include <linux/vmalloc.h>
#include <asm/pgalloc.h>
#include <asm/sections.h>

/* In the kernel's half, whose entries have no second place under PTI. */
#define WAY_VA		(PAGE_OFFSET + 3 * PAGE_SIZE)

#ifdef __PAGETABLE_P4D_FOLDED
static unsigned long p4d_index(unsigned long va)
{
	return 0;
}
#endif

/**
 * struct way - a way that has been made, to one page
 * @tables: the tables of all levels, from that of PTEs to the root
 * @pgdp: where each entry is
 * @p4dp: likewise
 * @pudp: likewise
 * @pmdp: likewise
 * @ptep: likewise
 */
struct way {
	void	*tables[5];
	pgd_t	*pgdp;
	p4d_t	*p4dp;
	pud_t	*pudp;
	pmd_t	*pmdp;
	pte_t	*ptep;
};

/* What the way leads to: any page will do. */
static unsigned long way_pfn(struct way *way)
{
	return page_to_pfn(virt_to_page(way));
}

/* Entries of levels that are folded are those of the level above. */
static void way_find(struct way *way)
{
	way->pgdp = pgd_offset_pgd(way->tables[4], WAY_VA);
	way->p4dp = mm_p4d_folded(&init_mm) ? (p4d_t *)way->pgdp :
		    (p4d_t *)way->tables[3] + p4d_index(WAY_VA);
	way->pudp = mm_pud_folded(&init_mm) ? (pud_t *)way->p4dp :
		    (pud_t *)way->tables[2] + pud_index(WAY_VA);
	way->pmdp = mm_pmd_folded(&init_mm) ? (pmd_t *)way->pudp :
		    (pmd_t *)way->tables[1] + pmd_index(WAY_VA);
	way->ptep = (pte_t *)way->tables[0] + pte_index(WAY_VA);
}

static void way_populate(struct way *way)
{
	if (!mm_p4d_folded(&init_mm))
		pgd_populate(&init_mm, way->pgdp, way->tables[3]);
	if (!mm_pud_folded(&init_mm))
		p4d_populate(&init_mm, way->p4dp, way->tables[2]);
	if (!mm_pmd_folded(&init_mm))
		pud_populate(&init_mm, way->pudp, way->tables[1]);
	pmd_populate_kernel(&init_mm, way->pmdp, way->tables[0]);
	set_pte(way->ptep, pfn_pte(way_pfn(way), PAGE_KERNEL));
}

/* Two pages for each: with PTI a root is as large as that. */
static int way_init(struct kunit *test)
{
	struct way *way = kunit_kzalloc(test, sizeof(*way), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, way);
	test->priv = way;
	for (i = 0; i < ARRAY_SIZE(way->tables); i++) {
		way->tables[i] = (void *)__get_free_pages(GFP_KERNEL |
							  __GFP_ZERO, 1);
		KUNIT_ASSERT_NOT_NULL(test, way->tables[i]);
	}
	way_find(way);
	way_populate(way);
	return 0;
}

static void way_exit(struct kunit *test)
{
	struct way *way = test->priv;
	unsigned int i;

	for (i = 0; way && i < ARRAY_SIZE(way->tables); i++)
		free_pages((unsigned long)way->tables[i], 1);
}

static void way_leads_to_the_pte(struct kunit *test)
{
	struct way *way = test->priv;
	struct pg_table_path path = pg_table_path_to(way->pgdp, WAY_VA,
						     PG_TABLE_PATH_PTE);

	KUNIT_EXPECT_EQ(test, path.level, 0);
	KUNIT_EXPECT_FALSE(test, path.leaf);
	KUNIT_EXPECT_FALSE(test, path.fault);
	KUNIT_EXPECT_PTR_EQ(test, path.pgdp, way->pgdp);
	KUNIT_EXPECT_PTR_EQ(test, path.p4dp, way->p4dp);
	KUNIT_EXPECT_PTR_EQ(test, path.pudp, way->pudp);
	KUNIT_EXPECT_PTR_EQ(test, path.pmdp, way->pmdp);
	KUNIT_EXPECT_PTR_EQ(test, path.ptep, way->ptep);
	KUNIT_EXPECT_EQ(test, pgd_val(path.pgd), pgd_val(*way->pgdp));
	KUNIT_EXPECT_EQ(test, p4d_val(path.p4d), p4d_val(*way->p4dp));
	KUNIT_EXPECT_EQ(test, pud_val(path.pud), pud_val(*way->pudp));
	KUNIT_EXPECT_EQ(test, pmd_val(path.pmd), pmd_val(*way->pmdp));
	KUNIT_EXPECT_EQ(test, pte_pfn(path.pte), way_pfn(way));
}

static void table_of_a_process_is_left_at_the_pmd(struct kunit *test)
{
	struct way *way = test->priv;
	struct pg_table_path path = pg_table_path_to(way->pgdp, WAY_VA, 0);

	KUNIT_EXPECT_EQ(test, path.level, 0);
	KUNIT_EXPECT_PTR_EQ(test, path.pmdp, way->pmdp);
	KUNIT_EXPECT_NULL(test, path.ptep);
	KUNIT_EXPECT_TRUE(test, pte_none(path.pte));
}

static void neighbour_has_a_way_of_its_own(struct kunit *test)
{
	struct way *way = test->priv;
	struct pg_table_path path = pg_table_path_to(way->pgdp,
						     WAY_VA + PAGE_SIZE,
						     PG_TABLE_PATH_PTE);

	KUNIT_EXPECT_EQ(test, path.level, 0);
	KUNIT_EXPECT_PTR_EQ(test, path.ptep, way->ptep + 1);
	KUNIT_EXPECT_TRUE(test, pte_none(path.pte));
}

/* The entries are taken away from below to above. */
static void missing_entry_ends_the_way(struct kunit *test)
{
	struct way *way = test->priv;
	struct pg_table_path path;

	pmd_clear(way->pmdp);
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 1);
	KUNIT_EXPECT_FALSE(test, path.leaf);
	KUNIT_EXPECT_PTR_EQ(test, path.pmdp, way->pmdp);
	KUNIT_EXPECT_NULL(test, path.ptep);

	if (mm_pmd_folded(&init_mm))
		return;
	pud_clear(way->pudp);
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 2);
	KUNIT_EXPECT_PTR_EQ(test, path.pudp, way->pudp);
	KUNIT_EXPECT_NULL(test, path.pmdp);

	if (mm_pud_folded(&init_mm))
		return;
	p4d_clear(way->p4dp);
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 3);
	KUNIT_EXPECT_PTR_EQ(test, path.p4dp, way->p4dp);
	KUNIT_EXPECT_NULL(test, path.pudp);

	if (mm_p4d_folded(&init_mm))
		return;
	pgd_clear(way->pgdp);
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 4);
	KUNIT_EXPECT_NULL(test, path.p4dp);
}

#ifdef CONFIG_PG_TABLE_NATIVE
/* No memory can be there: the direct map would have to end behind it. */
#define NOWHERE		BIT_ULL(45)

static void large_pages_end_the_way(struct kunit *test)
{
	struct way *way = test->priv;
	struct pg_table_path path;

	set_pmd(way->pmdp, __pmd(SZ_2M | _PAGE_PSE | __PAGE_KERNEL));
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 1);
	KUNIT_EXPECT_TRUE(test, path.leaf);
	KUNIT_EXPECT_EQ(test, pmd_pfn(path.pmd), PFN_DOWN(SZ_2M));
	KUNIT_EXPECT_NULL(test, path.ptep);

	set_pud(way->pudp, __pud(SZ_1G | _PAGE_PSE | __PAGE_KERNEL));
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 2);
	KUNIT_EXPECT_TRUE(test, path.leaf);
	KUNIT_EXPECT_EQ(test, pud_pfn(path.pud), PFN_DOWN(SZ_1G));
	KUNIT_EXPECT_NULL(test, path.pmdp);
}

/* As an entry of swap is none. */
static void what_is_not_present_is_no_leaf(struct kunit *test)
{
	struct way *way = test->priv;
	struct pg_table_path path;

	set_pmd(way->pmdp, __pmd(SZ_2M));
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 1);
	KUNIT_EXPECT_FALSE(test, path.leaf);
	KUNIT_EXPECT_EQ(test, pmd_val(path.pmd), SZ_2M);
	KUNIT_EXPECT_NULL(test, path.ptep);

	set_pud(way->pudp, __pud(SZ_1G | _PAGE_PSE));
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 2);
	KUNIT_EXPECT_FALSE(test, path.leaf);
	KUNIT_EXPECT_NULL(test, path.pmdp);
}

/* No table's entry is global. */
static void bad_entry_ends_the_way_if_asked_for(struct kunit *test)
{
	struct way *way = test->priv;
	struct pg_table_path path;

	set_pud(way->pudp, __pud(pud_val(*way->pudp) | _PAGE_GLOBAL));
	path = pg_table_path_to(way->pgdp, WAY_VA, PG_TABLE_PATH_PTE);
	KUNIT_EXPECT_EQ(test, path.level, 0);
	path = pg_table_path_to(way->pgdp, WAY_VA,
				PG_TABLE_PATH_PTE | PG_TABLE_PATH_CHECK);
	KUNIT_EXPECT_EQ(test, path.level, 2);
	KUNIT_EXPECT_FALSE(test, path.leaf);
	KUNIT_EXPECT_NULL(test, path.pmdp);
}

static void table_that_is_nowhere_is_noticed(struct kunit *test)
{
	const unsigned int flags = PG_TABLE_PATH_PTE | PG_TABLE_PATH_PROBE;
	struct way *way = test->priv;
	struct pg_table_path path;

	path = pg_table_path_to(way->pgdp, WAY_VA, flags);
	KUNIT_EXPECT_EQ(test, path.level, 0);
	KUNIT_EXPECT_FALSE(test, path.fault);
	KUNIT_EXPECT_EQ(test, pte_pfn(path.pte), way_pfn(way));

	set_pmd(way->pmdp, __pmd(NOWHERE | _KERNPG_TABLE));
	path = pg_table_path_to(way->pgdp, WAY_VA, flags);
	KUNIT_EXPECT_EQ(test, path.level, 1);
	KUNIT_EXPECT_TRUE(test, path.fault);
	KUNIT_EXPECT_FALSE(test, path.leaf);
	KUNIT_EXPECT_EQ(test, pmd_val(path.pmd), NOWHERE | _KERNPG_TABLE);

	set_p4d(way->p4dp, __p4d(NOWHERE | _KERNPG_TABLE));
	path = pg_table_path_to(way->pgdp, WAY_VA, flags);
	KUNIT_EXPECT_EQ(test, path.level, 3);
	KUNIT_EXPECT_TRUE(test, path.fault);

	path = pg_table_path_to(__va(NOWHERE), WAY_VA, flags);
	KUNIT_EXPECT_EQ(test, path.level, 5);
	KUNIT_EXPECT_TRUE(test, path.fault);
}

/* The bits that are too many choose no entry. */
static void address_that_is_none_is_found_by_its_bits(struct kunit *test)
{
	struct way *way = test->priv;
	unsigned long va = WAY_VA ^ BIT(62);
	struct pg_table_path path = pg_table_path_to(way->pgdp, va,
						     PG_TABLE_PATH_PTE);

	KUNIT_EXPECT_EQ(test, path.level, 0);
	KUNIT_EXPECT_PTR_EQ(test, path.ptep, way->ptep);
}
#endif /* CONFIG_PG_TABLE_NATIVE */

static void page_of_vmalloc_is_found(struct kunit *test)
{
	void *area = vmalloc(2 * PAGE_SIZE);
	unsigned long va = (unsigned long)area + PAGE_SIZE;
	struct pg_table_path path;
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, area);
	*(unsigned long *)va = va;
	page = find_vm_area(area)->pages[1];
	path = pg_table_path_to(pgd_offset_k(va), va, PG_TABLE_PATH_PTE |
				PG_TABLE_PATH_CHECK);
	KUNIT_EXPECT_EQ(test, path.level, 0);
	KUNIT_EXPECT_TRUE(test, pte_present(path.pte));
	KUNIT_EXPECT_PTR_EQ(test, pte_page(path.pte), page);
	KUNIT_EXPECT_PTR_EQ(test, vmalloc_to_page((void *)va), page);

	/* The guard behind it. */
	KUNIT_EXPECT_NULL(test, vmalloc_to_page((void *)(va + PAGE_SIZE)));
	vfree(area);
}

#ifdef CONFIG_PG_TABLE_NATIVE
/* What the path says of an address is what the library says. */
static void expect_same(struct kunit *test, unsigned long va)
{
	struct pg_table_path path = pg_table_path_to(pgd_offset_k(va), va,
						     PG_TABLE_PATH_PTE);
	struct pg_table_leaf leaf;
	bool maps = path.level ? path.leaf : pte_present(path.pte);
	int ret = pg_table_lookup(&init_mm.pgt, va, &leaf);

	KUNIT_EXPECT_EQ_MSG(test, maps, !ret, "%lx: %d", va, ret);
	if (ret || !maps)
		return;
	KUNIT_EXPECT_EQ_MSG(test, path.level, leaf.level, "%lx", va);
	KUNIT_EXPECT_EQ_MSG(test, (path.level == 2 ? pud_pfn(path.pud) :
				   path.level == 1 ? pmd_pfn(path.pmd) :
				   pte_pfn(path.pte)) << PAGE_SHIFT,
			    leaf.pa, "%lx", va);
}

static void kernel_is_where_the_library_says(struct kunit *test)
{
	void *area = vmalloc(PAGE_SIZE);
	struct page *block = alloc_pages(GFP_KERNEL, PMD_SHIFT - PAGE_SHIFT);
	unsigned long va;

	KUNIT_ASSERT_NOT_NULL(test, area);
	expect_same(test, (unsigned long)area);
	expect_same(test, (unsigned long)area + PAGE_SIZE);
	if (block) {
		expect_same(test, (unsigned long)page_address(block));
		__free_pages(block, PMD_SHIFT - PAGE_SHIFT);
	}
	expect_same(test, (unsigned long)_stext);
	for (va = PAGE_OFFSET; va < (unsigned long)high_memory; va += SZ_64M)
		expect_same(test, va);
	for (va = VMALLOC_START; va < VMALLOC_START + SZ_4G; va += SZ_128M)
		expect_same(test, va);
	vfree(area);
}
#endif /* CONFIG_PG_TABLE_NATIVE */

static struct kunit_case path_cases[] = {
	KUNIT_CASE(way_leads_to_the_pte),
	KUNIT_CASE(table_of_a_process_is_left_at_the_pmd),
	KUNIT_CASE(neighbour_has_a_way_of_its_own),
	KUNIT_CASE(missing_entry_ends_the_way),
#ifdef CONFIG_PG_TABLE_NATIVE
	KUNIT_CASE(large_pages_end_the_way),
	KUNIT_CASE(what_is_not_present_is_no_leaf),
	KUNIT_CASE(bad_entry_ends_the_way_if_asked_for),
	KUNIT_CASE(table_that_is_nowhere_is_noticed),
	KUNIT_CASE(address_that_is_none_is_found_by_its_bits),
#endif
	KUNIT_CASE(page_of_vmalloc_is_found),
#ifdef CONFIG_PG_TABLE_NATIVE
	KUNIT_CASE(kernel_is_where_the_library_says),
#endif
	{ }
};

static struct kunit_suite path_suite = {
	.name = "pg_table_path",
	.init = way_init,
	.exit = way_exit,
	.test_cases = path_cases,
};

kunit_test_suite(path_suite);

MODULE_DESCRIPTION("KUnit tests of the way to an address");
MODULE_LICENSE("GPL");

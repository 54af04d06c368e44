// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges of the kernel's own page table, for vmalloc, ioremap and percpu on all
 * architectures, by way of their accessors.
 *
 * This table is foreign to the library: many write it, and nobody counts what is
 * in a table of it. So the tables that a mapping needs stay when it goes, and
 * when it fails, empty and ready for the next one.
 */
#include <linux/hugetlb.h>
#include <linux/io.h>
#include <linux/kernel_range.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>
#include <asm/tlbflush.h>

#include "pgalloc-track.h"

/**
 * struct kernel_range - a range that is being mapped
 * @va: where the next leaf goes
 * @end: where the range ends
 * @pa: what comes there
 * @pages: or which pages, if not NULL
 * @prot: protection of the leaves
 * @max_shift: log2 of the largest leaf wanted
 * @mask: levels of the table that have changed
 */
struct kernel_range {
	unsigned long	va;
	unsigned long	end;
	phys_addr_t	pa;
	struct page	**pages;
	pgprot_t	prot;
	unsigned int	max_shift;
	pgtbl_mod_mask	mask;
};

/* Many at a time, or the loop costs more than what is done. */
#define PTES_AT_ONCE	8U

static __always_inline bool some_are_used(pte_t *pte, unsigned int n)
{
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < n; i++) {
		if (!pte_none(ptep_get(pte + i)))
			return true;
	}
	return false;
}

static bool ptes_are_used(pte_t *pte, unsigned int n)
{
	for (; n >= PTES_AT_ONCE; n -= PTES_AT_ONCE) {
		if (some_are_used(pte, PTES_AT_ONCE))
			return true;
		pte += PTES_AT_ONCE;
	}
	return some_are_used(pte, n);
}

static bool pmds_are_used(pmd_t *pmd, unsigned long va, unsigned long end)
{
	unsigned long next;

	for (; va != end; pmd++, va = next) {
		next = pmd_addr_end(va, end);
		if (pmd_leaf(*pmd))
			return true;
		if (!pmd_none_or_clear_bad(pmd) &&
		    ptes_are_used(pte_offset_kernel(pmd, va),
				  PHYS_PFN(next - va)))
			return true;
	}
	return false;
}

/*
 * Where the entry of that level ends that @va lies in, or the range. A level that
 * is folded has one entry and no end: each cuts what the one above has left.
 */
static unsigned long pud_end(unsigned long va, unsigned long end)
{
	end = pgd_addr_end(va, end);
	end = p4d_addr_end(va, end);
	return pud_addr_end(va, end);
}

/*
 * The entry of that level for @va, or NULL if there is no table for it. @next is
 * where the entry ends, or the one in the place of its table, or the range.
 */
static pud_t *find_pud(unsigned long va, unsigned long end, unsigned long *next)
{
	pgd_t *pgd = pgd_offset_k(va);
	p4d_t *p4d;

	*next = pgd_addr_end(va, end);
	if (pgd_none_or_clear_bad(pgd))
		return NULL;
	*next = p4d_addr_end(va, *next);
	p4d = p4d_offset(pgd, va);
	if (p4d_none_or_clear_bad(p4d))
		return NULL;
	*next = pud_addr_end(va, *next);
	return pud_offset(p4d, va);
}

/* Is anything mapped between @va and @end? */
static bool range_is_used(unsigned long va, unsigned long end)
{
	unsigned long next;

	for (; va != end; va = next) {
		pud_t *pud = find_pud(va, end, &next);

		if (!pud)
			continue;
		if (pud_leaf(*pud) ||
		    (!pud_none_or_clear_bad(pud) &&
		     pmds_are_used(pmd_offset(pud, va), va, next)))
			return true;
	}
	return false;
}

/* Can a leaf of @size begin where @m is? */
static bool leaf_fits(const struct kernel_range *m, unsigned long size)
{
	return m->max_shift >= ilog2(size) && m->end - m->va >= size &&
	       IS_ALIGNED(m->va | m->pa, size);
}

/*
 * A leaf can take the place of a table that is empty, as far as nobody looks at
 * it: who reads tables that are not his own, as ptdump does, holds the mmap lock
 * for writing.
 */
static bool map_pud_leaf(const struct kernel_range *m, pud_t *pud)
{
	bool done;

	if (!leaf_fits(m, PUD_SIZE) || !arch_vmap_pud_supported(m->prot))
		return false;
	if (!pud_present(*pud))
		return pud_set_huge(pud, m->pa, m->prot);
	if (!mmap_read_trylock(&init_mm))
		return false;
	done = pud_free_pmd_page(pud, m->va) &&
	       pud_set_huge(pud, m->pa, m->prot);
	mmap_read_unlock(&init_mm);
	return done;
}

static bool map_pmd_leaf(const struct kernel_range *m, pmd_t *pmd)
{
	bool done;

	if (!leaf_fits(m, PMD_SIZE) || !arch_vmap_pmd_supported(m->prot))
		return false;
	if (!pmd_present(*pmd))
		return pmd_set_huge(pmd, m->pa, m->prot);
	if (!mmap_read_trylock(&init_mm))
		return false;
	done = pmd_free_pte_page(pmd, m->va) &&
	       pmd_set_huge(pmd, m->pa, m->prot);
	mmap_read_unlock(&init_mm);
	return done;
}

static void advance(struct kernel_range *m, unsigned long size)
{
	m->va += size;
	m->pa += size;
}

/* The entry of the page @i pages behind @pfn, whose own is @first. */
static pte_t pte_behind(pte_t first, unsigned long pfn, unsigned int i,
			pgprot_t prot)
{
	/* With 32 bits the number of the page can be in another word. */
	return IS_ENABLED(CONFIG_64BIT) ? pte_advance_pfn(first, i) :
					  pfn_pte(pfn + i, prot);
}

/* One by one, for the pages need not have anything to do with each other. */
static __always_inline void set_some(unsigned long va, pte_t *pte,
				     unsigned long pfn, pgprot_t prot,
				     unsigned int n)
{
	pte_t first = pfn_pte(pfn, prot);
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < n; i++)
		set_pte_at(&init_mm, va + i * PAGE_SIZE, pte + i,
			   pte_behind(first, pfn, i, prot));
}

static void set_run(unsigned long va, pte_t *pte, unsigned long pfn,
		    pgprot_t prot, unsigned int n)
{
	for (; n >= PTES_AT_ONCE; n -= PTES_AT_ONCE) {
		set_some(va, pte, pfn, prot, PTES_AT_ONCE);
		va += PTES_AT_ONCE * PAGE_SIZE;
		pte += PTES_AT_ONCE;
		pfn += PTES_AT_ONCE;
	}
	set_some(va, pte, pfn, prot, n);
}

#if defined(CONFIG_HUGETLB_PAGE) && defined(arch_vmap_pte_range_map_size)
/* Some CPUs have leaves between PTEs and PMDs; returns how many PTEs it took. */
static unsigned int map_ptes(const struct kernel_range *m, pte_t *pte,
			     unsigned int n)
{
	unsigned long pfn = PHYS_PFN(m->pa);
	unsigned long size;
	pte_t entry = pfn_pte(pfn, m->prot);

	size = arch_vmap_pte_range_map_size(m->va, m->va + PFN_PHYS(n), pfn,
					    m->max_shift);
	if (size == PAGE_SIZE)
		set_pte_at(&init_mm, m->va, pte, entry);
	else
		set_huge_pte_at(&init_mm, m->va, pte,
				arch_make_huge_pte(entry, ilog2(size), 0), size);
	return PHYS_PFN(size);
}
#else
static unsigned int map_ptes(const struct kernel_range *m, pte_t *pte,
			     unsigned int n)
{
	set_run(m->va, pte, PHYS_PFN(m->pa), m->prot, n);
	return n;
}
#endif

static bool page_is_valid(const struct page *page)
{
	return !WARN_ON_ONCE(!page || !pfn_valid(page_to_pfn(page)));
}

/* The next of the pages, and those behind it that follow it in memory, too. */
static int map_page_run(struct kernel_range *m, pte_t *pte, unsigned int n)
{
	unsigned int run = 1;
	unsigned long pfn;

	if (!page_is_valid(m->pages[0]))
		return -EINVAL;
	pfn = page_to_pfn(m->pages[0]);
	while (run < n && page_is_valid(m->pages[run]) &&
	       page_to_pfn(m->pages[run]) == pfn + run)
		run++;
	set_run(m->va, pte, pfn, m->prot, run);
	m->pages += run;
	return run;
}

/* Fill what the range has of one table, up to @end. */
static int map_table(struct kernel_range *m, pte_t *pte, unsigned long end)
{
	m->mask |= PGTBL_PTE_MODIFIED;
	while (m->va != end) {
		unsigned int n = PHYS_PFN(end - m->va);
		int done = m->pages ? map_page_run(m, pte, n) :
				      map_ptes(m, pte, n);

		if (done < 0)
			return done;
		pte += done;
		advance(m, PFN_PHYS(done));
	}
	return 0;
}

static int map_pmds(struct kernel_range *m, pmd_t *pmd, unsigned long end)
{
	int ret = 0;

	for (; !ret && m->va != end; pmd++) {
		pte_t *pte;

		if (map_pmd_leaf(m, pmd)) {
			m->mask |= PGTBL_PMD_MODIFIED;
			advance(m, PMD_SIZE);
			continue;
		}
		pte = pte_alloc_kernel_track(pmd, m->va, &m->mask);
		ret = pte ? map_table(m, pte, pmd_addr_end(m->va, end)) :
			    -ENOMEM;
	}
	return ret;
}

/* What the range has of one entry of that level. */
static int map_pud(struct kernel_range *m)
{
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	p4d = p4d_alloc_track(&init_mm, pgd_offset_k(m->va), m->va, &m->mask);
	if (!p4d)
		return -ENOMEM;
	pud = pud_alloc_track(&init_mm, p4d, m->va, &m->mask);
	if (!pud)
		return -ENOMEM;
	if (map_pud_leaf(m, pud)) {
		m->mask |= PGTBL_PUD_MODIFIED;
		advance(m, PUD_SIZE);
		return 0;
	}
	pmd = pmd_alloc_track(&init_mm, pud, m->va, &m->mask);
	return pmd ? map_pmds(m, pmd, pud_end(m->va, m->end)) : -ENOMEM;
}

static int map_all(struct kernel_range *m)
{
	int ret;

	do {
		ret = map_pud(m);
	} while (!ret && m->va != m->end);
	return ret;
}

static void sync_tables(unsigned long va, unsigned long end,
			pgtbl_mod_mask mask)
{
	if (mask & ARCH_PAGE_TABLE_SYNC_MASK)
		arch_sync_kernel_mappings(va, end);
}

/* What was mapped from @va on goes again if the rest can not be. */
static int finish_mapping(struct kernel_range *m, unsigned long va, int ret)
{
	sync_tables(va, m->end, m->mask);
	if (ret && m->va != va) {
		kernel_range_unmap(va, m->va - va);
		flush_tlb_kernel_range(va, m->va);
	}
	return ret;
}

static int check_range(unsigned long va, size_t size, phys_addr_t pa)
{
	if (!size || !PAGE_ALIGNED(va | size) || !PAGE_ALIGNED(pa) ||
	    va + size - 1 < va)
		return -EINVAL;
	return WARN_ON_ONCE(range_is_used(va, va + size)) ? -EEXIST : 0;
}

/**
 * kernel_range_map - map physical memory in the kernel's page table
 * @va: first address of the range, which is the caller's
 * @size: its size in bytes
 * @pa: physical address of the first byte
 * @prot: protection of the leaves
 * @max_shift: log2 of the size of the largest leaf wanted
 *
 * As large leaves are used as @max_shift, the alignment of @va and @pa and the
 * architecture allow. New entries of the root are in all tables that share the
 * kernel's half when the function returns. The caller flushes the caches.
 *
 * Context: May sleep. Callers with other ranges can be at work.
 *
 * Return: 0; -EINVAL if the range is misaligned, empty or wraps, -EEXIST if
 * something is mapped in it, -ENOMEM. Nothing is mapped then.
 */
int kernel_range_map(unsigned long va, size_t size, phys_addr_t pa,
		     pgprot_t prot, unsigned int max_shift)
{
	struct kernel_range m = {
		.va = va,
		.end = va + size,
		.pa = pa,
		.prot = prot,
		.max_shift = max_shift,
	};
	int ret = check_range(va, size, pa);

	might_sleep();
	return ret ? ret : finish_mapping(&m, va, map_all(&m));
}

/* Blocks of pages that follow each other, each by leaves as large as fit. */
static int map_blocks(struct kernel_range *m, struct page **pages)
{
	unsigned long size = 1UL << m->max_shift, end = m->end;
	int ret = 0;

	for (; !ret && m->va != end; pages += PHYS_PFN(size)) {
		m->end = m->va + min(size, end - m->va);
		m->pa = page_to_phys(*pages);
		ret = map_all(m);
	}
	m->end = end;
	return ret;
}

/**
 * kernel_range_map_pages - map pages in the kernel's page table
 * @va: first address of the range, which is the caller's
 * @size: its size in bytes
 * @pages: the pages, one for each PAGE_SIZE of the range
 * @prot: protection of the leaves
 * @page_shift: log2 of the size of the blocks in which @pages follow each other
 *	in memory, aligned to it; PAGE_SHIFT if they do not
 *
 * As kernel_range_map(), but for where the memory is.
 *
 * Context: May sleep. Callers with other ranges can be at work.
 *
 * Return: 0; -EINVAL if the range is misaligned, empty or wraps, or if one of
 * @pages is none, -EEXIST if something is mapped in the range, -ENOMEM. Nothing
 * is mapped then.
 */
int kernel_range_map_pages(unsigned long va, size_t size, struct page **pages,
			   pgprot_t prot, unsigned int page_shift)
{
	struct kernel_range m = {
		.va = va,
		.end = va + size,
		.pages = page_shift > PAGE_SHIFT ? NULL : pages,
		.prot = prot,
		.max_shift = page_shift,
	};
	int ret = check_range(va, size, 0);

	if (ret)
		return ret;
	ret = m.pages ? map_all(&m) : map_blocks(&m, pages);
	return finish_mapping(&m, va, ret);
}

static void unmap_ptes(unsigned long va, pte_t *pte, unsigned int n)
{
	for (; n; n--, pte++, va += PAGE_SIZE) {
		pte_t entry = ptep_get_and_clear(&init_mm, va, pte);

		WARN_ON(!pte_none(entry) && !pte_present(entry));
	}
}

static void unmap_pmds(pmd_t *pmd, unsigned long va, unsigned long end,
		       pgtbl_mod_mask *mask)
{
	unsigned long next;

	for (; va != end; pmd++, va = next) {
		next = pmd_addr_end(va, end);
		if (pmd_clear_huge(pmd)) {
			*mask |= PGTBL_PMD_MODIFIED;
		} else if (!pmd_none_or_clear_bad(pmd)) {
			unmap_ptes(va, pte_offset_kernel(pmd, va),
				   PHYS_PFN(next - va));
			*mask |= PGTBL_PTE_MODIFIED;
			cond_resched();
		}
	}
}

/**
 * kernel_range_unmap - remove what is mapped in the kernel's page table
 * @va: first address of the range, a multiple of PAGE_SIZE
 * @size: its size in bytes, another one
 *
 * The tables stay. A large leaf goes as a whole. The caller flushes the caches
 * before, and the TLB before the range or what was mapped in it is used again.
 *
 * Context: May sleep. Callers with other ranges can be at work.
 */
void kernel_range_unmap(unsigned long va, size_t size)
{
	unsigned long next, start = va, end = va + size;
	pgtbl_mod_mask mask = 0;

	if (WARN_ON_ONCE(!size || !PAGE_ALIGNED(va | size)))
		return;
	for (; va != end; va = next) {
		pud_t *pud = find_pud(va, end, &next);

		if (!pud)
			continue;
		if (pud_clear_huge(pud))
			mask |= PGTBL_PUD_MODIFIED;
		else if (!pud_none_or_clear_bad(pud))
			unmap_pmds(pmd_offset(pud, va), va, next, &mask);
	}
	sync_tables(start, end, mask);
}

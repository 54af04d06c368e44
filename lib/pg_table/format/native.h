/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The running CPU's own format, by way of the architecture's accessors: what
 * paravirt, page_table_check and PTI hook into is done for each entry.
 *
 * The meaning of the bits comes from the architecture's raw format, of which
 * this header replaces the accessors. A folded level does not exist here: the
 * root is the table of the highest level that the CPU walks.
 */
#ifndef _PG_TABLE_FORMAT_NATIVE_H
#define _PG_TABLE_FORMAT_NATIVE_H

#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/pgalloc.h>

#define PT_NATIVE
#define X64_C		((u64)sme_me_mask)
#define X64_PA_MASK	((u64)PTE_PFN_MASK & ~X64_C)
#define X64_TABLE_C	X64_C
#define X64_SUPPORTED	((u64)__supported_pte_mask)
/*
 * User mode never runs in a context. And PTI makes root entries of the lower
 * half non-executable if they are a user's, but the firmware runs there.
 */
#define X64_TABLE_US	0ULL

#include "x86_64.h"

static inline unsigned int pt_levels(void)
{
	return pgtable_l5_enabled() ? 5 : 4;
}

static inline unsigned int pt_va_bits(void)
{
	return 12 + 9 * pt_levels();
}

static inline unsigned int pt_leaf_sizes(void)
{
	if (!boot_cpu_has(X86_FEATURE_PSE))
		return 1;
	return boot_cpu_has(X86_FEATURE_GBPAGES) ? 3 : 2;
}

static __always_inline pt_entry_t pt_read(const void *table, unsigned int level,
					  unsigned int i)
{
	switch (level) {
	case 0:
		return pte_val(ptep_get((pte_t *)table + i));
	case 1:
		return pmd_val(pmdp_get((pmd_t *)table + i));
	case 2:
		return pud_val(pudp_get((pud_t *)table + i));
	case 3:
		return p4d_val(p4dp_get((p4d_t *)table + i));
	default:
		return pgd_val(pgdp_get((pgd_t *)table + i));
	}
}

/*
 * An entry for the user half of a root. With PTI the accessor mirrors it in the
 * page behind the root, for user mode. That never runs in a table which the
 * library edits, and whose root may be a single page.
 */
static __always_inline bool pt_is_mirrored(unsigned int level, unsigned int i)
{
	return level >= 3 && level == pt_levels() - 1 && i < PTRS_PER_PGD / 2;
}

static __always_inline void pt_write(void *table, unsigned int level,
				     unsigned int i, pt_entry_t entry)
{
	if (pt_is_mirrored(level, i)) {
		WRITE_ONCE(((u64 *)table)[i], entry);
		return;
	}
	switch (level) {
	case 0:
		set_pte((pte_t *)table + i, __pte(entry));
		break;
	case 1:
		set_pmd((pmd_t *)table + i, __pmd(entry));
		break;
	case 2:
		set_pud((pud_t *)table + i, __pud(entry));
		break;
	case 3:
		set_p4d((p4d_t *)table + i, __p4d(entry));
		break;
	default:
		set_pgd((pgd_t *)table + i, __pgd(entry));
	}
}

#define pt_announce	pt_announce
#define pt_retract	pt_retract

/* A hypervisor may want to know of a table before it is linked. */
static inline void pt_announce(pt_entry_t entry, unsigned int level)
{
	unsigned long pfn = pt_table_pa(entry) >> PAGE_SHIFT;

	switch (level) {
	case 1:
		paravirt_alloc_pte(&init_mm, pfn);
		break;
	case 2:
		paravirt_alloc_pmd(&init_mm, pfn);
		break;
	case 3:
		paravirt_alloc_pud(&init_mm, pfn);
		break;
	default:
		paravirt_alloc_p4d(&init_mm, pfn);
	}
}

static inline void pt_retract(pt_entry_t entry, unsigned int level)
{
	unsigned long pfn = pt_table_pa(entry) >> PAGE_SHIFT;

	switch (level) {
	case 1:
		paravirt_release_pte(pfn);
		break;
	case 2:
		paravirt_release_pmd(pfn);
		break;
	case 3:
		paravirt_release_pud(pfn);
		break;
	default:
		paravirt_release_p4d(pfn);
	}
}

#define pt_plain_table	pt_plain_table

static inline pt_entry_t pt_plain_table(pt_entry_t entry)
{
	return entry & ~X64_TABLE_C;
}

#define pt_table_sane	pt_table_sane

/* With PTI the way to the vsyscall page is opened for user mode. */
static inline bool pt_table_sane(pt_entry_t entry)
{
	entry &= ~(pt_entry_t)_PAGE_USER;
	return pt_plain_table(entry) ==
	       pt_plain_table(pt_make_table(pt_table_pa(entry)));
}

static inline void pt_write_table(const struct pg_table *pgt, void *table,
				  unsigned int level, unsigned int i,
				  pt_entry_t entry)
{
	pt_announce(entry, level);
	/* The walker must not see the link before what is in the table. */
	smp_wmb();
	pt_write(table, level, i, entry);
}

static inline void pt_unlink_table(const struct pg_table *pgt, void *table,
				   unsigned int level, unsigned int i,
				   pt_entry_t none)
{
	pt_entry_t entry = pt_read(table, level, i);

	pt_write(table, level, i, none);
	if (pg_table_page(pg_table_ops(pgt), pt_table_pa(entry))->owner == pgt)
		pt_retract(entry, level);
}

/*
 * Only in tables that are the kernel's own: no accessor does it for all levels,
 * but the entry is one word.
 */
static inline bool pt_cmpxchg(void *table, unsigned int level, unsigned int i,
			      pt_entry_t *old, pt_entry_t entry)
{
	return try_cmpxchg64((u64 *)table + i, old, entry);
}

/*
 * A leaf that only some tables have must not be global: it would survive the
 * switch to a table that lacks it. What is edited in place is the kernel's own,
 * which all tables share.
 */
static inline u64 pt_fix_prot(const struct pg_table *pgt, u64 prot)
{
	if (!pgt->desc->embedded && !pg_table_in_place(pgt))
		prot &= ~X64_G;
	return prot & __supported_pte_mask;
}

#endif /* _PG_TABLE_FORMAT_NATIVE_H */

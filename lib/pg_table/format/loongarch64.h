/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of LoongArch page tables as Linux uses them by default: pages of 16
 * KiB, 3 levels, 47 bits in each half of the address space (LoongArch Reference
 * Manual, volume 1, section "Multi-level Page Table Structure Supported by Page
 * Walking"). The halves have a root each, in CSR.PGDL and CSR.PGDH.
 *
 * An entry above level 0 is the address of a table and nothing else, or has H
 * set and is a leaf. So an empty one must not be zero, or the walker takes what
 * lies at address 0 for a table: it is a leaf that is not valid.
 *
 * P and W say what software allows, V and D what the TLB does: the walker, by
 * hardware or not, sets V in what is accessed and D in what is written. Without
 * W there must be no D; a leaf that lost W with D has a software bit instead,
 * the same that Linux uses.
 */
#ifndef _PG_TABLE_FORMAT_LOONGARCH64_H
#define _PG_TABLE_FORMAT_LOONGARCH64_H

#include "../internal.h"

typedef u64 pt_entry_t;

#define LA64_V		BIT_ULL(0)
#define LA64_D		BIT_ULL(1)
#define LA64_PLV	GENMASK_ULL(3, 2)
#define LA64_USER	GENMASK_ULL(3, 2)	/* privilege level 3 */
#define LA64_MAT	GENMASK_ULL(5, 4)
#define LA64_SUC	0ULL		/* strongly ordered, uncached */
#define LA64_CC		BIT_ULL(4)	/* coherent, cached */
#define LA64_WUC	BIT_ULL(5)	/* weakly ordered, uncached */
#define LA64_G		BIT_ULL(6)		/* in level 0 */
#define LA64_H		BIT_ULL(6)		/* in leaves above level 0 */
#define LA64_P		BIT_ULL(7)
#define LA64_W		BIT_ULL(8)
#define LA64_MODIFIED	BIT_ULL(9)		/* for software */
#define LA64_HG		BIT_ULL(12)		/* G of leaves above level 0 */
#define LA64_ADDRESS	GENMASK_ULL(47, 14)
#define LA64_LOW	GENMASK_ULL(11, 0)
#define LA64_NX		BIT_ULL(62)

#define LA64_PROT_MASK	(LA64_V | LA64_D | LA64_PLV | LA64_MAT | LA64_G | \
			 LA64_P | LA64_W | LA64_MODIFIED | LA64_NX)

#define PT_PAGE_SHIFT	14
#define PT_TWO_ROOTS	true
#define PT_VA_SIGNED	false

static inline unsigned int pt_va_bits(void)
{
	return 47;
}

static inline unsigned int pt_levels(void)
{
	return 3;
}

/* Leaves of 16 KiB and 32 MiB. */
static inline unsigned int pt_leaf_sizes(void)
{
	return 2;
}

static __always_inline unsigned int pt_bits(unsigned int level)
{
	return 11;
}

static __always_inline unsigned int pt_shift(unsigned int level)
{
	return PT_PAGE_SHIFT + 11 * level;
}

static inline u64 pt_pa_last(void)
{
	return GENMASK_ULL(47, 0);
}

static __always_inline pt_entry_t pt_none_entry(unsigned int level)
{
	return level ? LA64_H : 0;
}

static __always_inline bool pt_is_none(pt_entry_t entry)
{
	return !(entry & ~LA64_H);
}

#define PT_NONE_BY_LEVEL
#include "plain.h"

static __always_inline void pt_clear(void *table, unsigned int level,
				     unsigned int i, unsigned int n)
{
	while (n--)
		pt_write(table, level, i++, pt_none_entry(level));
}

/* Neither valid nor present, for the walker or for software. */
static __always_inline pt_entry_t pt_hole_entry(unsigned int level)
{
	return pt_none_entry(level) | LA64_MODIFIED;
}

static __always_inline bool pt_is_hole(pt_entry_t entry)
{
	return (entry & ~LA64_H) == LA64_MODIFIED;
}

/* Others may leave zeros where we leave H. */
static __always_inline bool pt_is_leaf(pt_entry_t entry, unsigned int level)
{
	return !level || (entry & LA64_H) || !entry;
}

/* The address of a table comes without a bit that says so. */
static __always_inline bool pt_is_present(pt_entry_t entry)
{
	return (entry & LA64_P) || (entry && !(entry & LA64_LOW));
}

static __always_inline phys_addr_t pt_leaf_pa(pt_entry_t entry,
					      unsigned int level)
{
	return entry & LA64_ADDRESS;
}

static __always_inline phys_addr_t pt_table_pa(pt_entry_t entry)
{
	return entry & LA64_ADDRESS;
}

static __always_inline pt_entry_t pt_make_table(phys_addr_t pa)
{
	return pa;
}

static __always_inline pt_entry_t pt_make_leaf(phys_addr_t pa, u64 prot,
					       unsigned int level)
{
	if (level) {
		if (prot & LA64_G)
			prot |= LA64_HG;
		prot |= LA64_H;
	}
	return pa | prot;
}

static __always_inline u64 pt_leaf_prot(pt_entry_t entry, unsigned int level)
{
	u64 prot = entry & LA64_PROT_MASK;

	if (level) {
		prot &= ~LA64_G;
		if (entry & LA64_HG)
			prot |= LA64_G;
	}
	return prot;
}

static __always_inline pt_entry_t pt_next_leaf(pt_entry_t entry,
					       unsigned int level)
{
	return entry + BIT_ULL(pt_shift(level));
}

static inline u64 pt_new_prot(u64 prot)
{
	prot |= LA64_V;
	if (prot & LA64_W)
		return (prot | LA64_D) & ~LA64_MODIFIED;
	return prot & ~LA64_D;
}

static inline u64 pt_change_prot(u64 prot, u64 set, u64 clear)
{
	const u64 kept = LA64_V | LA64_D | LA64_MODIFIED;
	u64 new = (prot & ~(clear & ~kept)) | (set & ~kept);

	if (new & LA64_W)
		return (new | LA64_D) & ~LA64_MODIFIED;
	if (new & LA64_D)
		new = (new & ~LA64_D) | LA64_MODIFIED;
	return new;
}

/* No access will change the entry any more. */
static __always_inline bool pt_ad_full(pt_entry_t entry)
{
	return (entry & LA64_V) && ((entry & LA64_D) || !(entry & LA64_W));
}

/* @entry with the accesses that @seen records of the same memory. */
static inline pt_entry_t pt_add_ad(pt_entry_t entry, pt_entry_t seen)
{
	entry |= seen & LA64_V;
	if (seen & (LA64_D | LA64_MODIFIED))
		entry |= entry & LA64_W ? LA64_D : LA64_MODIFIED;
	return entry;
}

static inline bool pt_prot_valid(u64 prot)
{
	return (prot & LA64_P) && !(prot & ~LA64_PROT_MASK) &&
	       (prot & LA64_MAT) != LA64_MAT;
}

static inline bool pt_prot_wx(u64 prot)
{
	return (prot & (LA64_W | LA64_D)) && !(prot & LA64_NX);
}

/* There is no write-through: it is not cached. Nothing is ever encrypted. */
static inline u64 pt_prot(unsigned int flags)
{
	u64 prot = LA64_V;

	if (flags & PG_TABLE_READ)
		prot |= LA64_P;
	if (flags & PG_TABLE_WRITE)
		prot |= LA64_W | LA64_D;
	if (!(flags & PG_TABLE_EXEC))
		prot |= LA64_NX;
	if (flags & PG_TABLE_USER)
		prot |= LA64_USER;
	if (flags & PG_TABLE_GLOBAL)
		prot |= LA64_G;
	if (flags & (PG_TABLE_WC | PG_TABLE_WT))
		return prot | LA64_WUC;
	return flags & (PG_TABLE_UC | PG_TABLE_DEVICE) ? prot | LA64_SUC :
							 prot | LA64_CC;
}

static inline unsigned int pt_prot_flags(u64 prot)
{
	static const unsigned int types[] = {
		PG_TABLE_UC, PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_UC,
	};
	unsigned int flags = types[(prot & LA64_MAT) >> 4];

	if (prot & LA64_P)
		flags |= PG_TABLE_READ;
	if (prot & LA64_W)
		flags |= PG_TABLE_WRITE;
	if (!(prot & LA64_NX))
		flags |= PG_TABLE_EXEC;
	if (prot & LA64_PLV)
		flags |= PG_TABLE_USER;
	if (prot & LA64_G)
		flags |= PG_TABLE_GLOBAL;
	return flags;
}

#endif /* _PG_TABLE_FORMAT_LOONGARCH64_H */

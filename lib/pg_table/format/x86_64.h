/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of x86-64 page tables, 4-level and 5-level (Intel SDM volume 3,
 * chapter 4.5; AMD APM volume 2, chapter 5.3). PT_X86_LEVELS says which.
 *
 * A protection is the attribute bits of a 4 KiB leaf; in larger leaves bit 7
 * says that they are leaves and the PAT bit moves to bit 12.
 *
 * format/native.h replaces the accessors by those of the kernel.
 */
#ifndef _PG_TABLE_FORMAT_X86_64_H
#define _PG_TABLE_FORMAT_X86_64_H

#include "../internal.h"

typedef u64 pt_entry_t;

#define X64_P		BIT_ULL(0)
#define X64_RW		BIT_ULL(1)
#define X64_US		BIT_ULL(2)
#define X64_PWT		BIT_ULL(3)
#define X64_PCD		BIT_ULL(4)
#define X64_A		BIT_ULL(5)
#define X64_D		BIT_ULL(6)
#define X64_PS		BIT_ULL(7)	/* in tables above level 0 */
#define X64_PAT		BIT_ULL(7)	/* in level 0 */
#define X64_G		BIT_ULL(8)
#define X64_PAT_LARGE	BIT_ULL(12)	/* in leaves above level 0 */
#define X64_SAVED_D	BIT_ULL(58)	/* D of a leaf that lost RW */
#define X64_NX		BIT_ULL(63)

#ifndef PT_NATIVE
/* AMD's C-bit where it is found on most machines; APM volume 2, 7.10. */
#define X64_C		BIT_ULL(51)
#define X64_PA_MASK	GENMASK_ULL(50, 12)
#define X64_TABLE_C	0ULL
#define X64_TABLE_US	X64_US
#define X64_SUPPORTED	(~0ULL)
#endif

#define X64_PROT_MASK	(X64_P | X64_RW | X64_US | X64_PWT | X64_PCD | X64_A | \
			 X64_D | X64_PAT | X64_G | X64_SAVED_D | X64_NX | X64_C)
/* Linux' layout of the PAT: 0 WB, 1 WC, 3 UC, 7 WT. */
#define X64_TYPE_MASK	(X64_PWT | X64_PCD | X64_PAT)

#define PT_PAGE_SHIFT	12
#define PT_VA_SIGNED	true

#ifndef PT_NATIVE
static inline unsigned int pt_va_bits(void)
{
	return 12 + 9 * PT_X86_LEVELS;
}

static inline unsigned int pt_levels(void)
{
	return PT_X86_LEVELS;
}

/* Leaves of 4 KiB, 2 MiB and 1 GiB. */
static inline unsigned int pt_leaf_sizes(void)
{
	return 3;
}
#endif /* !PT_NATIVE */

static __always_inline unsigned int pt_bits(unsigned int level)
{
	return 9;
}

static __always_inline unsigned int pt_shift(unsigned int level)
{
	return PT_PAGE_SHIFT + 9 * level;
}

static inline u64 pt_pa_last(void)
{
	return X64_PA_MASK | (BIT_ULL(PT_PAGE_SHIFT) - 1);
}

#include "plain.h"

/*
 * Not present, without an address that could be speculated to (L1TF). Of the
 * bits that software may then use it is one that pte_none() and its like mask
 * out for the sake of an erratum: other walkers see an empty entry.
 */
static __always_inline pt_entry_t pt_hole_entry(unsigned int level)
{
	return X64_D;
}

static __always_inline bool pt_is_hole(pt_entry_t entry)
{
	return entry == X64_D;
}

static __always_inline bool pt_is_present(pt_entry_t entry)
{
	return entry & X64_P;
}

static __always_inline bool pt_is_leaf(pt_entry_t entry, unsigned int level)
{
	return !level || (entry & (X64_P | X64_PS)) != X64_P;
}

static __always_inline phys_addr_t pt_leaf_pa(pt_entry_t entry,
					      unsigned int level)
{
	return entry & X64_PA_MASK & ~(BIT_ULL(pt_shift(level)) - 1);
}

static __always_inline phys_addr_t pt_table_pa(pt_entry_t entry)
{
	return entry & X64_PA_MASK;
}

/* Access is granted by the leaf, so tables allow all. */
static __always_inline pt_entry_t pt_make_table(phys_addr_t pa)
{
	return pa | X64_P | X64_RW | X64_TABLE_US | X64_A | X64_D | X64_TABLE_C;
}

static __always_inline pt_entry_t pt_make_leaf(phys_addr_t pa, u64 prot,
					       unsigned int level)
{
	if (level) {
		if (prot & X64_PAT)
			prot |= X64_PAT_LARGE;
		prot |= X64_PS;
	}
	return pa | prot;
}

static __always_inline u64 pt_leaf_prot(pt_entry_t entry, unsigned int level)
{
	u64 prot = entry & X64_PROT_MASK;

	if (level) {
		prot &= ~X64_PAT;
		if (entry & X64_PAT_LARGE)
			prot |= X64_PAT;
	}
	return prot;
}

#define pt_flip_hidden	pt_flip_hidden

/*
 * Leaves that are out of use but know their address have it inverted, so that it
 * cannot be speculated to (L1TF), and say at no level that they are leaves.
 */
static inline pt_entry_t pt_flip_hidden(pt_entry_t entry, unsigned int level)
{
	if (level)
		entry &= ~X64_PS;
	return entry ^ (X64_PA_MASK & ~(BIT_ULL(pt_shift(level)) - 1));
}

/* The leaf after @entry in a run of leaves of @level. */
static __always_inline pt_entry_t pt_next_leaf(pt_entry_t entry,
					       unsigned int level)
{
	return entry + BIT_ULL(pt_shift(level));
}

/*
 * Leaves are made with A and D set, so that the CPU need not write them. A
 * read-only leaf must not have D: that is a shadow stack page (SDM volume 1,
 * 17.2.3). The bit waits in a software bit.
 */
static inline u64 pt_new_prot(u64 prot)
{
	prot |= X64_A;
	if (prot & X64_RW)
		return (prot | X64_D) & ~X64_SAVED_D;
	return prot & ~X64_D;
}

static inline u64 pt_change_prot(u64 prot, u64 set, u64 clear)
{
	const u64 kept = X64_A | X64_D | X64_SAVED_D;
	u64 new = (prot & ~(clear & ~kept)) | (set & ~kept);

	if (new & X64_RW)
		return (new | X64_D) & ~X64_SAVED_D;
	if (new & X64_D)
		new = (new & ~X64_D) | X64_SAVED_D;
	return new;
}

/* No access will change the entry any more. */
static __always_inline bool pt_ad_full(pt_entry_t entry)
{
	return (entry & X64_A) && ((entry & X64_D) || !(entry & X64_RW));
}

/* @entry with the accesses that @seen records of the same memory. */
static inline pt_entry_t pt_add_ad(pt_entry_t entry, pt_entry_t seen)
{
	entry |= seen & X64_A;
	if (seen & (X64_D | X64_SAVED_D))
		entry |= entry & X64_RW ? X64_D : X64_SAVED_D;
	return entry;
}

static inline bool pt_prot_valid(u64 prot)
{
	return (prot & X64_P) && !(prot & ~X64_PROT_MASK);
}

/* A CPU without NX executes all that is readable: it has no choice to judge. */
static inline bool pt_prot_wx(u64 prot)
{
	return (X64_SUPPORTED & X64_NX) && (prot & X64_RW) && !(prot & X64_NX);
}

static inline u64 pt_prot(unsigned int flags)
{
	u64 prot = 0;

	if (flags & PG_TABLE_READ)
		prot |= X64_P | X64_A;
	if (flags & PG_TABLE_WRITE)
		prot |= X64_RW | X64_D;
	if (!(flags & PG_TABLE_EXEC))
		prot |= X64_NX;
	if (flags & PG_TABLE_USER)
		prot |= X64_US;
	if (flags & PG_TABLE_GLOBAL)
		prot |= X64_G;
	if (flags & PG_TABLE_ENCRYPTED)
		prot |= X64_C;
	if (flags & PG_TABLE_WC)
		prot |= X64_PWT;
	if (flags & PG_TABLE_WT)
		prot |= X64_PAT | X64_PCD | X64_PWT;
	if (flags & (PG_TABLE_UC | PG_TABLE_DEVICE))
		prot |= X64_PCD | X64_PWT;
	return prot & X64_SUPPORTED;
}

static inline unsigned int pt_prot_flags(u64 prot)
{
	static const unsigned int types[] = {
		PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_UC, PG_TABLE_UC,
		PG_TABLE_WB, PG_TABLE_WT, PG_TABLE_UC, PG_TABLE_WT,
	};
	unsigned int flags = 0;

	if (prot & X64_P)
		flags |= PG_TABLE_READ;
	if (prot & X64_RW)
		flags |= PG_TABLE_WRITE;
	if (!(prot & X64_NX))
		flags |= PG_TABLE_EXEC;
	if (prot & X64_US)
		flags |= PG_TABLE_USER;
	if (prot & X64_G)
		flags |= PG_TABLE_GLOBAL;
	if (prot & X64_C)
		flags |= PG_TABLE_ENCRYPTED;
	return flags | types[!!(prot & X64_PWT) + 2 * !!(prot & X64_PCD) +
			     4 * !!(prot & X64_PAT)];
}

#endif /* _PG_TABLE_FORMAT_X86_64_H */

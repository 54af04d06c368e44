/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of arm64 page tables, stage 1 of EL1&0, with granules of 4, 16 and
 * 64 KiB (Arm Architecture Reference Manual, DDI 0487, chapter D8: D8.3 for the
 * entries, D8.7.1 for contiguous ones, D8.16 for break-before-make).
 * PT_ARM64_SHIFT says which granule.
 *
 * Addresses have 48 bits, virtual and physical. One root translates one half
 * of the address space: TTBR0_EL1 the lower one, TTBR1_EL1 the upper one.
 *
 * Of the attributes a leaf holds an index into MAIR_EL1, which is taken to be
 * as Linux sets it up: 0 normal memory, 1 the same with tags, 2 not cached, 3
 * Device-nGnRnE, 4 Device-nGnRE. All memory is inner shareable.
 *
 * A leaf may be written to if DBM is set. It is made dirty, which is to say
 * not read-only. One that is read-only and has DBM is clean; the CPU makes it
 * dirty if it has FEAT_HAFDBS. A leaf that may not be written to can have been
 * dirty: then a software bit says so, the same that Linux uses.
 */
#ifndef _PG_TABLE_FORMAT_ARM64_H
#define _PG_TABLE_FORMAT_ARM64_H

#include <linux/pg_table_sim.h>

#include "../internal.h"

typedef u64 pt_entry_t;

#define A64_VALID	BIT_ULL(0)
#define A64_TABLE	BIT_ULL(1)	/* above level 0 */
#define A64_PAGE	BIT_ULL(1)	/* in level 0 */
#define A64_TYPE	GENMASK_ULL(4, 2)
#define A64_TYPE_SHIFT	2
#define A64_USER	BIT_ULL(6)	/* AP[1] */
#define A64_RDONLY	BIT_ULL(7)	/* AP[2] */
#define A64_INNER	GENMASK_ULL(9, 8)
#define A64_AF		BIT_ULL(10)
#define A64_NG		BIT_ULL(11)
#define A64_ADDRESS	GENMASK_ULL(47, PT_ARM64_SHIFT)
#define A64_DBM		BIT_ULL(51)
#define A64_CONT	BIT_ULL(52)
#define A64_PXN		BIT_ULL(53)
#define A64_UXN		BIT_ULL(54)
#define A64_DIRTY	BIT_ULL(55)	/* for software */

#define A64_PROT_MASK	(A64_VALID | A64_TYPE | A64_USER | A64_RDONLY | \
			 A64_INNER | A64_AF | A64_NG | A64_DBM | A64_PXN | \
			 A64_UXN | A64_DIRTY)

#ifndef A64_BBML2
#define A64_BBML2	(pg_table_sim_cpu.bbml2)
#endif

/* Linux' layout of MAIR_EL1. */
enum {
	A64_NORMAL, A64_NORMAL_TAGGED, A64_NORMAL_NC, A64_DEVICE_NGNRNE,
	A64_DEVICE_NGNRE, A64_TYPES
};

#define PT_PAGE_SHIFT	PT_ARM64_SHIFT
#define PT_TWO_ROOTS	true
#define PT_VA_SIGNED	false

static inline unsigned int pt_va_bits(void)
{
	return 48;
}

static inline unsigned int pt_levels(void)
{
	return PT_ARM64_SHIFT == 16 ? 3 : 4;
}

/* Only with the 4 KiB granule there are blocks at the third level: 1 GiB. */
static inline unsigned int pt_leaf_sizes(void)
{
	return PT_ARM64_SHIFT == 12 ? 3 : 2;
}

static __always_inline unsigned int pt_shift(unsigned int level)
{
	return PT_ARM64_SHIFT + (PT_ARM64_SHIFT - 3) * level;
}

/* The root has the bits that are left over. */
static __always_inline unsigned int pt_bits(unsigned int level)
{
	return min(PT_ARM64_SHIFT - 3, 48 - (int)pt_shift(level));
}

static inline u64 pt_pa_last(void)
{
	return GENMASK_ULL(47, 0);
}

#include "plain.h"

static __always_inline bool pt_is_present(pt_entry_t entry)
{
	return entry & A64_VALID;
}

/* Of an entry that is not valid all bits but that are software's. */
static __always_inline pt_entry_t pt_hole_entry(unsigned int level)
{
	return A64_DIRTY;
}

static __always_inline bool pt_is_hole(pt_entry_t entry)
{
	return entry == A64_DIRTY;
}

static __always_inline bool pt_is_leaf(pt_entry_t entry, unsigned int level)
{
	return !level ||
	       (entry & (A64_VALID | A64_TABLE)) != (A64_VALID | A64_TABLE);
}

static __always_inline phys_addr_t pt_leaf_pa(pt_entry_t entry,
					      unsigned int level)
{
	return entry & A64_ADDRESS;
}

static __always_inline phys_addr_t pt_table_pa(pt_entry_t entry)
{
	return entry & A64_ADDRESS;
}

/* Access is granted by the leaf, so tables allow all. */
static __always_inline pt_entry_t pt_make_table(phys_addr_t pa)
{
	return pa | A64_VALID | A64_TABLE;
}

static __always_inline pt_entry_t pt_make_leaf(phys_addr_t pa, u64 prot,
					       unsigned int level)
{
	return pa | prot | (level ? 0 : A64_PAGE);
}

static __always_inline u64 pt_leaf_prot(pt_entry_t entry, unsigned int level)
{
	return entry & A64_PROT_MASK;
}

static __always_inline pt_entry_t pt_next_leaf(pt_entry_t entry,
					       unsigned int level)
{
	return entry + BIT_ULL(pt_shift(level));
}

#define PT_HAS_RUNS	1

static inline bool pt_may_run(void)
{
	return true;
}

/* Table "Contiguous bit" of D8.7.1. */
static __always_inline unsigned int pt_run_bits(unsigned int level)
{
	if (level >= 2)
		return 0;
	if (PT_ARM64_SHIFT == 14)
		return level ? 5 : 7;
	return PT_ARM64_SHIFT == 12 ? 4 : 5;
}

static __always_inline bool pt_is_run(pt_entry_t entry)
{
	return entry & A64_CONT;
}

static __always_inline pt_entry_t pt_set_run(pt_entry_t entry)
{
	return entry | A64_CONT;
}

static __always_inline pt_entry_t pt_clear_run(pt_entry_t entry, unsigned int i)
{
	return entry & ~A64_CONT;
}

#define PT_HAS_BBM	1

/*
 * D8.16.1: a change of size, also by the contiguous bit, needs break-before-make
 * unless the CPU has FEAT_BBM at level 2.
 */
static inline bool pt_break_to_resize(void)
{
	return !A64_BBML2;
}

/*
 * D8.16.1: so does, on any CPU, a change of memory type, shareability or output
 * address, and to make global what was not. Permissions can be changed at once.
 */
static inline bool pt_break_to_change(pt_entry_t old, pt_entry_t new)
{
	return ((old ^ new) & (A64_TYPE | A64_INNER | A64_ADDRESS)) ||
	       ((old & ~new) & A64_NG);
}

static __always_inline bool arm64_writable(u64 prot)
{
	return (prot & A64_DBM) || !(prot & A64_RDONLY);
}

static __always_inline bool arm64_dirty(u64 prot)
{
	return !(prot & A64_RDONLY) || (prot & A64_DIRTY);
}

static inline u64 pt_new_prot(u64 prot)
{
	prot |= A64_AF;
	if (arm64_writable(prot))
		return (prot | A64_DBM) & ~(A64_RDONLY | A64_DIRTY);
	return prot;
}

/* Whether it says so by DBM or by AP[2], a leaf that can be written is dirty. */
static inline u64 pt_change_prot(u64 prot, u64 set, u64 clear)
{
	const u64 kept = A64_AF | A64_DIRTY;
	u64 new = (prot & ~(clear & ~kept)) | (set & ~kept);

	if ((set & A64_RDONLY) && !(set & A64_DBM))
		new &= ~A64_DBM;
	if (arm64_writable(new))
		return (new | A64_DBM) & ~(A64_RDONLY | A64_DIRTY);
	if (arm64_dirty(prot))
		new |= A64_DIRTY;
	return new;
}

/* No access will change the entry any more. */
static __always_inline bool pt_ad_full(pt_entry_t entry)
{
	return (entry & A64_AF) && (!(entry & A64_RDONLY) || !(entry & A64_DBM));
}

/* @entry with the accesses that @seen records of the same memory. */
static inline pt_entry_t pt_add_ad(pt_entry_t entry, pt_entry_t seen)
{
	entry |= seen & A64_AF;
	if (!arm64_dirty(seen))
		return entry;
	return entry & A64_DBM ? entry & ~A64_RDONLY : entry | A64_DIRTY;
}

static inline bool pt_prot_valid(u64 prot)
{
	return (prot & A64_VALID) && !(prot & ~A64_PROT_MASK) &&
	       (prot & A64_TYPE) >> A64_TYPE_SHIFT < A64_TYPES;
}

static inline bool pt_prot_wx(u64 prot)
{
	return arm64_writable(prot) && (~prot & (A64_PXN | A64_UXN));
}

/*
 * Users and the kernel execute each what is theirs. There is no write-through
 * type in this MAIR: it is not cached. Nothing is ever encrypted.
 */
static inline u64 pt_prot(unsigned int flags)
{
	u64 prot = A64_AF | A64_INNER | A64_PXN | A64_UXN;
	u64 type = A64_NORMAL;

	if (flags & PG_TABLE_READ)
		prot |= A64_VALID;
	prot |= flags & PG_TABLE_WRITE ? A64_DBM : A64_RDONLY;
	if (flags & PG_TABLE_EXEC)
		prot &= flags & PG_TABLE_USER ? ~A64_UXN : ~A64_PXN;
	if (flags & PG_TABLE_USER)
		prot |= A64_USER;
	if (!(flags & PG_TABLE_GLOBAL))
		prot |= A64_NG;
	if (flags & (PG_TABLE_WC | PG_TABLE_WT))
		type = A64_NORMAL_NC;
	if (flags & PG_TABLE_UC)
		type = A64_DEVICE_NGNRNE;
	if (flags & PG_TABLE_DEVICE)
		type = A64_DEVICE_NGNRE;
	return prot | type << A64_TYPE_SHIFT;
}

static inline unsigned int pt_prot_flags(u64 prot)
{
	static const unsigned int types[8] = {
		PG_TABLE_WB, PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_UC,
		PG_TABLE_DEVICE,
	};
	unsigned int flags = types[(prot & A64_TYPE) >> A64_TYPE_SHIFT];

	if (prot & A64_VALID)
		flags |= PG_TABLE_READ;
	if (arm64_writable(prot))
		flags |= PG_TABLE_WRITE;
	if (~prot & (A64_PXN | A64_UXN))
		flags |= PG_TABLE_EXEC;
	if (prot & A64_USER)
		flags |= PG_TABLE_USER;
	if (!(prot & A64_NG))
		flags |= PG_TABLE_GLOBAL;
	return flags;
}

#endif /* _PG_TABLE_FORMAT_ARM64_H */

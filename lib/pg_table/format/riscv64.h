/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of 64-bit RISC-V page tables: Sv39, Sv48 and Sv57 (The RISC-V
 * Instruction Set Manual, volume II, chapter "Supervisor-Level ISA", sections
 * "Sv39" to "Sv57"). PT_RISCV_LEVELS says which.
 *
 * An entry with one of R, W and X is a leaf, at every level; one with none of
 * them points to a table. W without R is reserved. With Svpbmt a leaf has a
 * memory type, of which there are three: what the physical address says, not
 * cached, and I/O. With Svnapot 16 leaves of level 0 can form a run; each of
 * them holds the address of the run, of which the four lowest bits say how
 * large the run is (chapter "Svnapot").
 *
 * A and D are set at creation: where the CPU does not set them it faults.
 */
#ifndef _PG_TABLE_FORMAT_RISCV64_H
#define _PG_TABLE_FORMAT_RISCV64_H

#include <linux/pg_table_sim.h>

#include "../internal.h"

typedef u64 pt_entry_t;

#define RV64_V		BIT_ULL(0)
#define RV64_R		BIT_ULL(1)
#define RV64_W		BIT_ULL(2)
#define RV64_X		BIT_ULL(3)
#define RV64_U		BIT_ULL(4)
#define RV64_G		BIT_ULL(5)
#define RV64_A		BIT_ULL(6)
#define RV64_D		BIT_ULL(7)
#define RV64_PPN	GENMASK_ULL(53, 10)
#define RV64_PBMT	GENMASK_ULL(62, 61)
#define RV64_NC		BIT_ULL(61)
#define RV64_IO		BIT_ULL(62)
#define RV64_N		BIT_ULL(63)

#define RV64_PROT_MASK	(RV64_V | RV64_R | RV64_W | RV64_X | RV64_U | RV64_G | \
			 RV64_A | RV64_D | RV64_PBMT)

/* Bits of the page number that give way to the size of a 64 KiB run. */
#define RV64_RUN_PPN	GENMASK_ULL(13, 10)
#define RV64_RUN_SIZE	BIT_ULL(13)

#ifndef RV64_SVNAPOT
#define RV64_SVNAPOT	(pg_table_sim_cpu.svnapot)
#define RV64_SVPBMT	(pg_table_sim_cpu.svpbmt)
#endif

#define PT_PAGE_SHIFT	12
#define PT_VA_SIGNED	true

static inline unsigned int pt_va_bits(void)
{
	return 12 + 9 * PT_RISCV_LEVELS;
}

static inline unsigned int pt_levels(void)
{
	return PT_RISCV_LEVELS;
}

static inline unsigned int pt_leaf_sizes(void)
{
	return PT_RISCV_LEVELS;
}

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
	return GENMASK_ULL(55, 0);
}

#include "plain.h"

static __always_inline bool pt_is_present(pt_entry_t entry)
{
	return entry & RV64_V;
}

/*
 * Of an entry that is not valid all bits but that are software's. This one
 * Linux' pte_none() and its like mask out.
 */
static __always_inline pt_entry_t pt_hole_entry(unsigned int level)
{
	return RV64_G;
}

static __always_inline bool pt_is_hole(pt_entry_t entry)
{
	return entry == RV64_G;
}

static __always_inline bool pt_is_leaf(pt_entry_t entry, unsigned int level)
{
	return !level ||
	       (entry & (RV64_V | RV64_R | RV64_W | RV64_X)) != RV64_V;
}

static __always_inline phys_addr_t pt_leaf_pa(pt_entry_t entry,
					      unsigned int level)
{
	return (entry & RV64_PPN) << 2;
}

static __always_inline phys_addr_t pt_table_pa(pt_entry_t entry)
{
	return (entry & RV64_PPN) << 2;
}

/* Of an entry that points to a table U, A, D, PBMT and N are reserved. */
static __always_inline pt_entry_t pt_make_table(phys_addr_t pa)
{
	return pa >> 2 | RV64_V;
}

static __always_inline pt_entry_t pt_make_leaf(phys_addr_t pa, u64 prot,
					       unsigned int level)
{
	return pa >> 2 | prot;
}

static __always_inline u64 pt_leaf_prot(pt_entry_t entry, unsigned int level)
{
	return entry & RV64_PROT_MASK;
}

static __always_inline pt_entry_t pt_next_leaf(pt_entry_t entry,
					       unsigned int level)
{
	return entry + (BIT_ULL(pt_shift(level)) >> 2);
}

#define PT_HAS_RUNS	1

static inline bool pt_may_run(void)
{
	return RV64_SVNAPOT;
}

static __always_inline unsigned int pt_run_bits(unsigned int level)
{
	return level ? 0 : 4;
}

static __always_inline bool pt_is_run(pt_entry_t entry)
{
	return entry & RV64_N;
}

static __always_inline pt_entry_t pt_set_run(pt_entry_t entry)
{
	return (entry & ~RV64_RUN_PPN) | RV64_RUN_SIZE | RV64_N;
}

static __always_inline pt_entry_t pt_clear_run(pt_entry_t entry, unsigned int i)
{
	return (entry & ~(RV64_RUN_PPN | RV64_N)) | (u64)(i & 15) << 10;
}

static inline u64 pt_new_prot(u64 prot)
{
	return prot | RV64_A | RV64_D;
}

static inline u64 pt_change_prot(u64 prot, u64 set, u64 clear)
{
	const u64 kept = RV64_A | RV64_D;
	u64 new = (prot & ~(clear & ~kept)) | (set & ~kept);

	return new & RV64_W ? new | RV64_D : new;
}

/* No access will change the entry any more. */
static __always_inline bool pt_ad_full(pt_entry_t entry)
{
	return (entry & RV64_A) && ((entry & RV64_D) || !(entry & RV64_W));
}

/* @entry with the accesses that @seen records of the same memory. */
static inline pt_entry_t pt_add_ad(pt_entry_t entry, pt_entry_t seen)
{
	return entry | (seen & (RV64_A | RV64_D));
}

static inline bool pt_prot_valid(u64 prot)
{
	u64 type = prot & RV64_PBMT;

	if ((prot & RV64_W) && !(prot & RV64_R))
		return false;
	return (prot & RV64_V) && (prot & (RV64_R | RV64_X)) &&
	       !(prot & ~RV64_PROT_MASK) &&
	       (!type || (RV64_SVPBMT && type != RV64_PBMT));
}

static inline bool pt_prot_wx(u64 prot)
{
	return (prot & RV64_W) && (prot & RV64_X);
}

/*
 * There is no write-through: it is not cached. Without Svpbmt the type is that
 * of the physical address, whatever is asked for. Nothing is ever encrypted.
 */
static inline u64 pt_prot(unsigned int flags)
{
	u64 prot = RV64_A | RV64_D;

	if (flags & PG_TABLE_READ)
		prot |= RV64_V | RV64_R;
	if (flags & PG_TABLE_WRITE)
		prot |= RV64_W;
	if (flags & PG_TABLE_EXEC)
		prot |= RV64_X;
	if (flags & PG_TABLE_USER)
		prot |= RV64_U;
	if (flags & PG_TABLE_GLOBAL)
		prot |= RV64_G;
	if (RV64_SVPBMT && (flags & (PG_TABLE_WC | PG_TABLE_WT)))
		prot |= RV64_NC;
	if (RV64_SVPBMT && (flags & (PG_TABLE_UC | PG_TABLE_DEVICE)))
		prot |= RV64_IO;
	return prot;
}

static inline unsigned int pt_prot_flags(u64 prot)
{
	unsigned int flags = 0;

	if (prot & RV64_R)
		flags |= PG_TABLE_READ;
	if (prot & RV64_W)
		flags |= PG_TABLE_WRITE;
	if (prot & RV64_X)
		flags |= PG_TABLE_EXEC;
	if (prot & RV64_U)
		flags |= PG_TABLE_USER;
	if (prot & RV64_G)
		flags |= PG_TABLE_GLOBAL;
	if (prot & RV64_NC)
		flags |= PG_TABLE_WC;
	if (prot & RV64_IO)
		flags |= PG_TABLE_UC;
	return flags;
}

#endif /* _PG_TABLE_FORMAT_RISCV64_H */

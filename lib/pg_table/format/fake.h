/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A format that no CPU has, made to catch code that goes around an accessor.
 *
 * Pages are 16 KiB. There are three levels of unequal tables: 256 entries at
 * level 0, 1024 at level 1 (more than one 4 KiB page), 512 at level 2, the
 * root. Leaves can be at every level. Addresses are 41 bits, unsigned.
 *
 * An entry is a u64 that is scrambled before it is stored: rotated left by 13
 * and then XORed with FAKE_KEY plus the level, so an empty entry is not zero
 * and differs by level. Unscrambled:
 *
 *	bit 0		present
 *	bit 1		is a table
 *	bit 2..6	not readable, not writable, not executable, user, global
 *	bit 7..9	memory type: 0 WB, 1 WC, 2 WT, 3 UC, 4 DEVICE
 *	bit 10		encrypted
 *	bit 11, 12	accessed, dirty
 *	bit 14..54	physical address in a leaf; bit 12..54 in a table
 *	bit 62		a hole, in an entry that is nothing else
 *	bit 63		always set in a present entry
 */
#ifndef _PG_TABLE_FORMAT_FAKE_H
#define _PG_TABLE_FORMAT_FAKE_H

#include "../internal.h"

typedef u64 pt_entry_t;

#define FAKE_KEY	0xa5c3f00d5eed1e57ULL
#define FAKE_P		BIT_ULL(0)
#define FAKE_TABLE	BIT_ULL(1)
#define FAKE_NR		BIT_ULL(2)
#define FAKE_NW		BIT_ULL(3)
#define FAKE_NX		BIT_ULL(4)
#define FAKE_US		BIT_ULL(5)
#define FAKE_G		BIT_ULL(6)
#define FAKE_TYPE	GENMASK_ULL(9, 7)
#define FAKE_TYPE_SHIFT	7
#define FAKE_C		BIT_ULL(10)
#define FAKE_A		BIT_ULL(11)
#define FAKE_D		BIT_ULL(12)
#define FAKE_PA_MASK	GENMASK_ULL(54, 14)
#define FAKE_TABLE_MASK	GENMASK_ULL(54, 12)
#define FAKE_HOLE	BIT_ULL(62)
#define FAKE_MARK	BIT_ULL(63)
#define FAKE_PROT_MASK	(FAKE_P | FAKE_NR | FAKE_NW | FAKE_NX | FAKE_US | \
			 FAKE_G | FAKE_TYPE | FAKE_C | FAKE_A | FAKE_D)

#define PT_PAGE_SHIFT	14
#define PT_VA_SIGNED	false

static inline unsigned int pt_va_bits(void)
{
	return 41;
}

static inline unsigned int pt_levels(void)
{
	return 3;
}

static inline unsigned int pt_leaf_sizes(void)
{
	return 3;
}

static __always_inline unsigned int pt_bits(unsigned int level)
{
	return level == 0 ? 8 : level == 1 ? 10 : 9;
}

static __always_inline unsigned int pt_shift(unsigned int level)
{
	return PT_PAGE_SHIFT + (level > 0 ? 8 : 0) + (level > 1 ? 10 : 0);
}

static inline u64 pt_pa_last(void)
{
	return GENMASK_ULL(54, 0);
}

static __always_inline u64 fake_scramble(u64 value, unsigned int level)
{
	return ((value << 13) | (value >> 51)) ^ (FAKE_KEY + level);
}

static __always_inline u64 fake_plain(u64 value, unsigned int level)
{
	value ^= FAKE_KEY + level;
	return (value >> 13) | (value << 51);
}

/* Entries are plain in the algorithms and scrambled in memory. */
static __always_inline pt_entry_t pt_read(const void *table, unsigned int level,
					  unsigned int i)
{
	return fake_plain(READ_ONCE(((const u64 *)table)[i]), level);
}

static __always_inline void pt_write(void *table, unsigned int level,
				     unsigned int i, pt_entry_t entry)
{
	WRITE_ONCE(((u64 *)table)[i], fake_scramble(entry, level));
}

static __always_inline void pt_write_table(const struct pg_table *pgt,
					   void *table, unsigned int level,
					   unsigned int i, pt_entry_t entry)
{
	/* The walker must not see the link before what is in the table. */
	smp_store_release(&((u64 *)table)[i], fake_scramble(entry, level));
}

static __always_inline void pt_unlink_table(const struct pg_table *pgt,
					    void *table, unsigned int level,
					    unsigned int i, pt_entry_t none)
{
	pt_write(table, level, i, none);
}

static __always_inline bool pt_cmpxchg(void *table, unsigned int level,
				       unsigned int i, pt_entry_t *old,
				       pt_entry_t entry)
{
	u64 raw = fake_scramble(*old, level);
	bool done = try_cmpxchg64_release(&((u64 *)table)[i], &raw,
					  fake_scramble(entry, level));

	*old = fake_plain(raw, level);
	return done;
}

static __always_inline pt_entry_t pt_none_entry(unsigned int level)
{
	return 0;
}

static __always_inline void pt_clear(void *table, unsigned int level,
				     unsigned int i, unsigned int n)
{
	while (n--)
		pt_write(table, level, i++, 0);
}

static __always_inline bool pt_is_none(pt_entry_t entry)
{
	return !entry;
}

static __always_inline pt_entry_t pt_hole_entry(unsigned int level)
{
	return FAKE_HOLE;
}

static __always_inline bool pt_is_hole(pt_entry_t entry)
{
	return entry == FAKE_HOLE;
}

static __always_inline bool pt_is_present(pt_entry_t entry)
{
	return entry & FAKE_P;
}

static __always_inline bool pt_is_leaf(pt_entry_t entry, unsigned int level)
{
	return !(entry & FAKE_TABLE);
}

static __always_inline phys_addr_t pt_leaf_pa(pt_entry_t entry,
					      unsigned int level)
{
	return entry & FAKE_PA_MASK;
}

static __always_inline phys_addr_t pt_table_pa(pt_entry_t entry)
{
	return entry & FAKE_TABLE_MASK;
}

static __always_inline pt_entry_t pt_make_table(phys_addr_t pa)
{
	return pa | FAKE_P | FAKE_TABLE | FAKE_MARK;
}

static __always_inline pt_entry_t pt_make_leaf(phys_addr_t pa, u64 prot,
					       unsigned int level)
{
	return pa | prot | FAKE_MARK;
}

static __always_inline u64 pt_leaf_prot(pt_entry_t entry, unsigned int level)
{
	return entry & FAKE_PROT_MASK;
}

static __always_inline pt_entry_t pt_next_leaf(pt_entry_t entry,
					       unsigned int level)
{
	return entry + BIT_ULL(pt_shift(level));
}

static inline u64 pt_fix_prot(const struct pg_table *pgt, u64 prot)
{
	return prot;
}

static inline u64 pt_new_prot(u64 prot)
{
	return prot | FAKE_A | FAKE_D;
}

static inline u64 pt_change_prot(u64 prot, u64 set, u64 clear)
{
	const u64 kept = FAKE_A | FAKE_D;

	return (prot & ~(clear & ~kept)) | (set & ~kept);
}

static __always_inline bool pt_ad_full(pt_entry_t entry)
{
	return (entry & FAKE_A) && (entry & FAKE_D);
}

static inline pt_entry_t pt_add_ad(pt_entry_t entry, pt_entry_t seen)
{
	return entry | (seen & (FAKE_A | FAKE_D));
}

static inline bool pt_prot_valid(u64 prot)
{
	return (prot & FAKE_P) && !(prot & FAKE_NR) &&
	       !(prot & ~FAKE_PROT_MASK) &&
	       (prot & FAKE_TYPE) >> FAKE_TYPE_SHIFT <= 4;
}

static inline bool pt_prot_wx(u64 prot)
{
	return !(prot & FAKE_NW) && !(prot & FAKE_NX);
}

static inline u64 pt_prot(unsigned int flags)
{
	u64 prot = FAKE_P | FAKE_A | FAKE_D;
	u64 type = 0;

	if (!(flags & PG_TABLE_READ))
		prot |= FAKE_NR;
	if (!(flags & PG_TABLE_WRITE))
		prot |= FAKE_NW;
	if (!(flags & PG_TABLE_EXEC))
		prot |= FAKE_NX;
	if (flags & PG_TABLE_USER)
		prot |= FAKE_US;
	if (flags & PG_TABLE_GLOBAL)
		prot |= FAKE_G;
	if (flags & PG_TABLE_ENCRYPTED)
		prot |= FAKE_C;
	if (flags & PG_TABLE_WC)
		type = 1;
	if (flags & PG_TABLE_WT)
		type = 2;
	if (flags & PG_TABLE_UC)
		type = 3;
	if (flags & PG_TABLE_DEVICE)
		type = 4;
	return prot | type << FAKE_TYPE_SHIFT;
}

static inline unsigned int pt_prot_flags(u64 prot)
{
	static const unsigned int types[8] = {
		PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_WT, PG_TABLE_UC,
		PG_TABLE_DEVICE,
	};
	unsigned int flags = types[(prot & FAKE_TYPE) >> FAKE_TYPE_SHIFT];

	if (!(prot & FAKE_NR))
		flags |= PG_TABLE_READ;
	if (!(prot & FAKE_NW))
		flags |= PG_TABLE_WRITE;
	if (!(prot & FAKE_NX))
		flags |= PG_TABLE_EXEC;
	if (prot & FAKE_US)
		flags |= PG_TABLE_USER;
	if (prot & FAKE_G)
		flags |= PG_TABLE_GLOBAL;
	if (prot & FAKE_C)
		flags |= PG_TABLE_ENCRYPTED;
	return flags;
}

#endif /* _PG_TABLE_FORMAT_FAKE_H */

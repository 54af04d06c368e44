// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of 4-level and 5-level paging, after the Intel SDM, volume 3, tables
 * 4-15 to 4-20, and for the encryption bit the AMD APM, volume 2, 15.34.
 *
 * Of the bits that software may use, only 58 may be set: it holds the dirty
 * bit of a page that may not be written. In an entry that is not present all
 * bits are software's; the one that Linux' pte_none() overlooks is a hole.
 */
#include "decode.h"

enum {
	P = 0, RW = 1, US = 2, PWT = 3, PCD = 4, A = 5, D = 6,
	PS = 7, PAT_SMALL = 7, G = 8, PAT_LARGE = 12,
	C = 51, SAVED_D = 58, XD = 63,
};

#define IS(bit)	(entry >> (bit) & 1)

static unsigned int type_of(unsigned int pat, unsigned int pcd,
			    unsigned int pwt)
{
	/* What Linux puts into the eight fields of the PAT. */
	static const unsigned int pat_fields[] = {
		PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_UC, PG_TABLE_UC,
		PG_TABLE_WB, PG_TABLE_WT, PG_TABLE_UC, PG_TABLE_WT,
	};

	return pat_fields[pat << 2 | pcd << 1 | pwt];
}

static unsigned int passing(u64 entry)
{
	return PG_TABLE_READ | (IS(RW) ? PG_TABLE_WRITE : 0) |
	       (IS(XD) ? 0 : PG_TABLE_EXEC) | (IS(US) ? PG_TABLE_USER : 0);
}

static int classify(u64 entry, unsigned int level, u64 *pa, unsigned int *flags)
{
	const u64 address = entry & 0x0007fffffffff000;

	/* Software bits: 9 to 11 and 52 to 62, some of them protection keys. */
	if (!IS(P) || entry & 0x7bf0000000000e00)
		return ENTRY_BAD;
	*flags = passing(entry);
	if (level && !IS(PS)) {
		*pa = address;
		/* Neither cached otherwise, nor what only a leaf can be. */
		return IS(PWT) || IS(PCD) || IS(G) || IS(SAVED_D) || IS(C) ?
		       ENTRY_BAD : ENTRY_TABLE;
	}
	if (level > 2)
		return ENTRY_BAD;
	/* Dirty and not writable is a shadow stack: SDM volume 1, 17.2.3. */
	if ((IS(D) && !IS(RW)) || (IS(SAVED_D) && IS(RW)))
		return ENTRY_BAD;
	*pa = level ? address & ~(1ULL << PAT_LARGE) : address;
	*flags |= type_of(level ? IS(PAT_LARGE) : IS(PAT_SMALL), IS(PCD),
			  IS(PWT));
	*flags |= (IS(G) ? PG_TABLE_GLOBAL : 0) |
		  (IS(C) ? PG_TABLE_ENCRYPTED : 0) |
		  (IS(A) ? MAPPING_ACCESSED : 0) |
		  (IS(D) || IS(SAVED_D) ? MAPPING_DIRTY : 0);
	return ENTRY_LEAF;
}

/* SDM volume 3, 4.8: A in all that is used, D in the leaf. */
static u64 touch(u64 entry, unsigned int level, bool write)
{
	bool leaf = !level || IS(PS);

	return entry | 1ULL << A | (u64)(leaf && write) << D;
}

static u64 age(u64 entry)
{
	return entry & ~(1ULL << A | 1ULL << D);
}

static const struct decoder decode_x86_64 = {
	.name		= "x86_64",
	.levels		= 4,
	.shift		= { 12, 21, 30, 39, 48 },
	.va_signed	= true,
	.leaf_sizes	= 3,
	.pa_bits	= 51,
	.wt		= PG_TABLE_WT,
	.device		= PG_TABLE_UC,
	.ad		= BIT(A) | BIT(D),
	.alien		= BIT(60),
	.hole		= BIT(D),
	.classify	= classify,
	.touch		= touch,
	.age		= age,
};

static const struct decoder decode_x86_64_la57 = {
	.name		= "x86_64_la57",
	.levels		= 5,
	.shift		= { 12, 21, 30, 39, 48, 57 },
	.va_signed	= true,
	.leaf_sizes	= 3,
	.pa_bits	= 51,
	.wt		= PG_TABLE_WT,
	.device		= PG_TABLE_UC,
	.ad		= BIT(A) | BIT(D),
	.alien		= BIT(60),
	.hole		= BIT(D),
	.classify	= classify,
	.touch		= touch,
	.age		= age,
};

DECODER(x86_64)
DECODER(x86_64_la57)

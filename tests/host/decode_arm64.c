// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of VMSAv8-64, stage 1 of EL1&0, after the Arm ARM, DDI 0487, D8.3
 * ("Translation table descriptor formats") and D8.4 to D8.6 for permissions,
 * the access flag, dirty state and memory types.
 *
 * Of what is for software, only bit 55 may be set: it holds the dirty state of
 * a page that may not be written. No hierarchical permissions are used.
 */
#include "decode.h"

enum {
	VALID = 0, NOT_BLOCK = 1, ATTR = 2, NS = 5, AP1 = 6, AP2 = 7, SH = 8,
	AF = 10, NG = 11, DBM = 51, CONTIGUOUS = 52, PXN = 53, UXN = 54,
	WAS_DIRTY = 55,
};

#define IS(bit)	(entry >> (bit) & 1)

/* Permissions, as far as they are those of a kernel page or a user page. */
static bool permissions(u64 entry, unsigned int *flags)
{
	bool writable = IS(DBM);

	/* DBM and read-only is writable and clean; without DBM all is said. */
	if (!IS(AP2) && !writable)
		return false;
	if (IS(WAS_DIRTY) && writable)
		return false;
	/* What users may execute the kernel does not, and the reverse. */
	if (!(IS(AP1) ? IS(PXN) : IS(UXN)))
		return false;
	*flags |= PG_TABLE_READ | (writable ? PG_TABLE_WRITE : 0) |
		  (IS(PXN) && IS(UXN) ? 0 : PG_TABLE_EXEC) |
		  (IS(AP1) ? PG_TABLE_USER : 0) |
		  (!IS(AP2) || IS(WAS_DIRTY) ? MAPPING_DIRTY : 0);
	return true;
}

static int classify_any(u64 entry, unsigned int level, unsigned int granule,
			u64 *pa, unsigned int *flags)
{
	/* Linux' MAIR_EL1; 5 to 7 are not set up. */
	static const unsigned int attrs[] = {
		PG_TABLE_WB, PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_UC,
		PG_TABLE_DEVICE,
	};
	const u64 address = entry & 0x0000ffffffffffff & ~0ULL << granule;
	unsigned int attr = entry >> ATTR & 7;

	if (!IS(VALID))
		return ENTRY_BAD;
	if (level && IS(NOT_BLOCK)) {
		*pa = address;
		*flags = PASSING;
		return entry == (address | 3) ? ENTRY_TABLE : ENTRY_BAD;
	}
	/* Blocks: 1 GiB with 4 KiB pages, otherwise one level lower only. */
	if (level > (granule == 12 ? 2 : 1) || (!level && !IS(NOT_BLOCK)))
		return ENTRY_BAD;
	/* PBHA, software, BTI, nT and the address bits beyond 48. */
	if (entry & 0xff07000000000000 || IS(NS) || (entry >> SH & 3) != 3 ||
	    attr > 4 || entry & ((1ULL << granule) - 1) & ~0xfffULL)
		return ENTRY_BAD;
	*pa = address;
	*flags = attrs[attr] | (IS(NG) ? 0 : PG_TABLE_GLOBAL) |
		 (IS(AF) ? MAPPING_ACCESSED : 0) |
		 (IS(CONTIGUOUS) ? MAPPING_RUN : 0);
	return permissions(entry, flags) ? ENTRY_LEAF : ENTRY_BAD;
}

static int classify_4k(u64 entry, unsigned int level, u64 *pa,
		       unsigned int *flags)
{
	return classify_any(entry, level, 12, pa, flags);
}

static int classify_16k(u64 entry, unsigned int level, u64 *pa,
			unsigned int *flags)
{
	return classify_any(entry, level, 14, pa, flags);
}

static int classify_64k(u64 entry, unsigned int level, u64 *pa,
			unsigned int *flags)
{
	return classify_any(entry, level, 16, pa, flags);
}

/* D8.5: the access flag, and dirty state by FEAT_HAFDBS. */
static u64 touch(u64 entry, unsigned int level, bool write)
{
	if (level && IS(NOT_BLOCK))
		return entry;
	entry |= 1ULL << AF;
	return write && IS(DBM) ? entry & ~(1ULL << AP2) : entry;
}

static u64 age(u64 entry)
{
	return (entry & ~(1ULL << AF)) | (u64)IS(DBM) << AP2;
}

#define ARM64						\
	.touch		= touch,			\
	.age		= age,				\
	.breaks		= true,				\
	.two_roots	= true,				\
	.pa_bits	= 48,				\
	.lacks		= PG_TABLE_ENCRYPTED,		\
	.wt		= PG_TABLE_WC,			\
	.device		= PG_TABLE_DEVICE,		\
	.ad		= BIT(AF) | BIT(AP2),		\
	.alien		= BIT(60),			\
	.hole		= BIT(55)

static const struct decoder decode_arm64_4k = {
	.name = "arm64_4k",
	.levels = 4,
	.leaf_sizes = 3,
	.shift = { 12, 21, 30, 39, 48 },
	.run = { 4, 4 },
	.classify = classify_4k,
	ARM64,
};

static const struct decoder decode_arm64_16k = {
	.name = "arm64_16k",
	.levels = 4,
	.leaf_sizes = 2,
	.shift = { 14, 25, 36, 47, 48 },
	.run = { 7, 5 },
	.classify = classify_16k,
	ARM64,
};

static const struct decoder decode_arm64_64k = {
	.name = "arm64_64k",
	.levels = 3,
	.leaf_sizes = 2,
	.shift = { 16, 29, 42, 48 },
	.run = { 5, 5 },
	.classify = classify_64k,
	ARM64,
};

DECODER(arm64_4k)
DECODER(arm64_16k)
DECODER(arm64_64k)

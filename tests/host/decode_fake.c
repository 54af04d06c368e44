// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of the format that no CPU has, after the comment that begins
 * lib/pg_table/format/fake.h.
 */
#include "decode.h"

#define KEY	0xa5c3f00d5eed1e57

static int classify(u64 entry, unsigned int level, u64 *pa, unsigned int *flags)
{
	static const unsigned int types[] = {
		PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_WT, PG_TABLE_UC,
		PG_TABLE_DEVICE,
	};
	const unsigned int type = entry >> 7 & 7;

	/* Present, marked, and nothing in bits 55 to 62. */
	if ((entry & 0xff80000000000001) != 0x8000000000000001)
		return ENTRY_BAD;
	if (entry & 2) {
		*pa = entry & 0x007ffffffffff000;
		*flags = PASSING;
		return level && !(entry & 0xffc) ? ENTRY_TABLE : ENTRY_BAD;
	}
	if (type > 4 || entry & 0x2000)
		return ENTRY_BAD;
	*pa = entry & 0x007fffffffffc000;
	*flags = (entry & 0x004 ? 0 : PG_TABLE_READ) |
		 (entry & 0x008 ? 0 : PG_TABLE_WRITE) |
		 (entry & 0x010 ? 0 : PG_TABLE_EXEC) |
		 (entry & 0x020 ? PG_TABLE_USER : 0) |
		 (entry & 0x040 ? PG_TABLE_GLOBAL : 0) | types[type] |
		 (entry & 0x400 ? PG_TABLE_ENCRYPTED : 0) |
		 (entry & 0x800 ? MAPPING_ACCESSED : 0) |
		 (entry & 0x1000 ? MAPPING_DIRTY : 0);
	return ENTRY_LEAF;
}

/* The format's CPU records accesses in leaves only. */
static u64 touch(u64 entry, unsigned int level, bool write)
{
	if (entry & 2)
		return entry;
	return entry | 0x800 | (write ? 0x1000 : 0);
}

static u64 age(u64 entry)
{
	return entry & ~0x1800ULL;
}

static const struct decoder decode_fake = {
	.name		= "fake",
	.levels		= 3,
	.shift		= { 14, 22, 32, 41 },
	.va_signed	= false,
	.key		= { KEY, KEY + 1, KEY + 2 },
	.rotate		= 13,
	.leaf_sizes	= 3,
	.pa_bits	= 55,
	.wt		= PG_TABLE_WT,
	.device		= PG_TABLE_DEVICE,
	.always_dirty	= true,
	.ad		= BIT(11 + 13) | BIT(12 + 13),
	.alien		= BIT(8),
	.hole		= BIT(62),
	.classify	= classify,
	.touch		= touch,
	.age		= age,
};

DECODER(fake)

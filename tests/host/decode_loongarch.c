// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of LoongArch page tables with pages of 16 KiB and 3 levels, after the
 * LoongArch Reference Manual, volume 1: "Multi-level Page Table Structure
 * Supported by Page Walking", figures of the entries of basic and huge pages.
 *
 * An entry of a directory that is empty has H and nothing else; decode() takes
 * this bit away from what is in directories, so it is the other way round here.
 */
#include "decode.h"

enum {
	V = 0, D = 1, PLV = 2, MAT = 4, H = 6, G = 6, P = 7, W = 8,
	MODIFIED = 9, HUGE_G = 12, NX = 62,
};

#define IS(bit)	(entry >> (bit) & 1)

static int classify(u64 entry, unsigned int level, u64 *pa, unsigned int *flags)
{
	/* By MAT: strongly ordered, cached, weakly ordered; 3 is reserved. */
	static const unsigned int types[] = {
		PG_TABLE_UC, PG_TABLE_WB, PG_TABLE_WC,
	};
	const u64 address = entry & 0x0000ffffffffc000;
	unsigned int plv = entry >> PLV & 3, type = entry >> MAT & 3;
	unsigned int global = level ? HUGE_G : G;

	*pa = address;
	if (level && IS(H)) {
		*flags = PASSING;
		return entry == (address | 1ULL << H) ? ENTRY_TABLE : ENTRY_BAD;
	}
	/* Leaves: 16 KiB and 32 MiB; software bits, NR, RPLV, beyond 48 bits. */
	if (level > 1 || !IS(P) || entry & 0xbfff000000002c00 ||
	    (!level && IS(HUGE_G)) || type == 3 || (plv && plv != 3))
		return ENTRY_BAD;
	/* Dirty is writable for the TLB, whatever W says. */
	if (!IS(W) ? IS(D) : IS(MODIFIED))
		return ENTRY_BAD;
	*flags = PG_TABLE_READ | (IS(W) ? PG_TABLE_WRITE : 0) |
		 (IS(NX) ? 0 : PG_TABLE_EXEC) | (plv ? PG_TABLE_USER : 0) |
		 (IS(global) ? PG_TABLE_GLOBAL : 0) | types[type] |
		 (IS(V) ? MAPPING_ACCESSED : 0) |
		 (IS(D) || IS(MODIFIED) ? MAPPING_DIRTY : 0);
	return ENTRY_LEAF;
}

/* The hardware walker (CPUCFG2.HPTW): V in what is used, D if W allows. */
static u64 touch(u64 entry, unsigned int level, bool write)
{
	if (level && IS(H))
		return entry;
	return entry | 1ULL << V | (u64)(write && IS(W)) << D;
}

static u64 age(u64 entry)
{
	return entry & ~(1ULL << V | 1ULL << D | 1ULL << MODIFIED);
}

static const struct decoder decode_loongarch64 = {
	.name		= "loongarch64",
	.levels		= 3,
	.shift		= { 14, 25, 36, 47 },
	.two_roots	= true,
	.key		= { 0, BIT(H), BIT(H) },
	.leaf_sizes	= 2,
	.pa_bits	= 48,
	.lacks		= PG_TABLE_ENCRYPTED,
	.wt		= PG_TABLE_WC,
	.device		= PG_TABLE_UC,
	.ad		= BIT(V) | BIT(D),
	.alien		= BIT(60),
	.hole		= BIT(9),
	.classify	= classify,
	.touch		= touch,
	.age		= age,
};

DECODER(loongarch64)

// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of Sv39, Sv48 and Sv57, after The RISC-V Instruction Set Manual,
 * volume II, figures "Sv39 page table entry" and so on, and the chapters
 * "Svnapot" and "Svpbmt".
 *
 * No bit that is reserved, or for software, may be set.
 */
#include "decode.h"

enum { V = 0, R, W, X, U, G, A, D, PPN = 10, PBMT = 61, N = 63 };

#define IS(bit)	(entry >> (bit) & 1)

static int classify(u64 entry, unsigned int level, u64 *pa, unsigned int *flags)
{
	/* By PBMT: as the memory is, not cached, I/O; 3 is reserved. */
	static const unsigned int types[] = {
		PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_UC,
	};
	u64 ppn = entry >> PPN & ((1ULL << 44) - 1);
	unsigned int type = entry >> PBMT & 3;

	/* Bits 8 and 9 are for software, 54 to 60 are reserved. */
	if (!IS(V) || entry & 0x1fc0000000000300)
		return ENTRY_BAD;
	if (!IS(R) && !IS(W) && !IS(X)) {
		*pa = ppn << 12;
		*flags = PASSING;
		return !level || IS(U) || IS(A) || IS(D) || IS(G) || type ||
		       IS(N) ? ENTRY_BAD : ENTRY_TABLE;
	}
	if ((IS(W) && !IS(R)) || type == 3)
		return ENTRY_BAD;
	if (IS(N)) {
		/* The only size that there is: x xxx1 000 is 64 KiB. */
		if (level || (ppn & 15) != 8)
			return ENTRY_BAD;
		ppn &= ~15ULL;
		*flags = MAPPING_RUN;
	}
	*pa = ppn << 12;
	*flags |= (IS(R) ? PG_TABLE_READ : 0) | (IS(W) ? PG_TABLE_WRITE : 0) |
		  (IS(X) ? PG_TABLE_EXEC : 0) | (IS(U) ? PG_TABLE_USER : 0) |
		  (IS(G) ? PG_TABLE_GLOBAL : 0) | types[type] |
		  (IS(A) ? MAPPING_ACCESSED : 0) |
		  (IS(D) ? MAPPING_DIRTY : 0);
	return ENTRY_LEAF;
}

/* Svadu: accesses are recorded in leaves. */
static u64 touch(u64 entry, unsigned int level, bool write)
{
	if (!IS(R) && !IS(X))
		return entry;
	return entry | 1ULL << A | (u64)write << D;
}

static u64 age(u64 entry)
{
	return entry & ~(1ULL << A | 1ULL << D);
}

/* What is the same for all: leaves at any level, runs of 16 at the lowest. */
#define RISCV						\
	.touch		= touch,			\
	.age		= age,				\
	.shift		= { 12, 21, 30, 39, 48, 57 },	\
	.va_signed	= true,				\
	.run		= { 4 },			\
	.run_base	= true,				\
	.pa_bits	= 56,				\
	.pa_down	= 2,				\
	.lacks		= PG_TABLE_ENCRYPTED,		\
	.wt		= PG_TABLE_WC,			\
	.device		= PG_TABLE_UC,			\
	.always_dirty	= true,				\
	.ad		= BIT(A) | BIT(D),		\
	.alien		= BIT(60),			\
	.hole		= BIT(G),			\
	.classify	= classify

static const struct decoder decode_riscv64_sv39 = {
	.name = "riscv64_sv39",
	.levels = 3,
	.leaf_sizes = 3,
	RISCV,
};

static const struct decoder decode_riscv64_sv48 = {
	.name = "riscv64_sv48",
	.levels = 4,
	.leaf_sizes = 4,
	RISCV,
};

static const struct decoder decode_riscv64_sv57 = {
	.name = "riscv64_sv57",
	.levels = 5,
	.leaf_sizes = 5,
	RISCV,
};

DECODER(riscv64_sv39)
DECODER(riscv64_sv48)
DECODER(riscv64_sv57)

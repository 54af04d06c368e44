// SPDX-License-Identifier: GPL-2.0
/*
 * What the work costs at least: loops over x86-64 tables that do nothing but
 * what the result needs, compiled with the flags of the library. Unrolled, so
 * that how a loop happens to be aligned makes no difference.
 */
#include <string.h>

#include "bench.h"

#define P_TABLE		0x67ULL
#define P_LEAF		0x8000000000000063ULL
#define P_LARGE		0x80ULL
#define P_WRITE		0x02ULL
#define PA_MASK		0x0007fffffffff000ULL
#define TOP		3

static unsigned int shift(unsigned int level)
{
	return 12 + 9 * level;
}

static u64 *slot(u64 *table, unsigned long va, unsigned int level)
{
	return table + ((va >> shift(level)) & 511);
}

static u64 *below(u64 entry)
{
	return (u64 *)((char *)pool_ops->memory + (entry & PA_MASK));
}

static u64 link_to(const u64 *table)
{
	return ((const char *)table - (const char *)pool_ops->memory) | P_TABLE;
}

static u64 *new_table(void)
{
	u64 *table = pool_pop();

	memset(table, 0, 4 * KIB);
	return table;
}

/* Fills @count entries that are found to be empty. */
static void fill(u64 *entry, u64 leaf, unsigned int level,
		 unsigned int count)
{
	const u64 *end = entry + count;

#pragma GCC unroll 4
	for (; entry != end; entry++) {
		bench_check(!READ_ONCE(*entry), "a new table is empty");
		WRITE_ONCE(*entry, leaf);
		leaf += 1UL << shift(level);
	}
}

static unsigned int entries_of(size_t size, unsigned int level)
{
	size_t count = size >> shift(level);

	return count < 512 ? count : 512;
}

static void map_table(u64 *entry, unsigned int level, u64 pa,
		      size_t size, unsigned int leaf_level)
{
	u64 *table = new_table();
	unsigned int count = entries_of(size, level);
	unsigned int i;

	if (level == leaf_level) {
		fill(table, pa | P_LEAF | (level ? P_LARGE : 0), level, count);
	} else if (!count) {
		map_table(table, level - 1, pa, size, leaf_level);
	} else {
		for (i = 0; i < count; i++)
			map_table(table + i, level - 1,
				  pa + ((u64)i << shift(level)),
				  1UL << shift(level), leaf_level);
	}
	WRITE_ONCE(*entry, link_to(table));
}

/* Maps a range that begins where a root entry does, by leaves of @level. */
void limit_map(u64 *root, unsigned long va, u64 pa, size_t size,
	       unsigned int level)
{
	map_table(slot(root, va, TOP), TOP - 1, pa, size, level);
}

/* Gives tables back; those of the lowest level are not read. */
static void drop_table(u64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < 512; i++) {
		u64 entry = READ_ONCE(table[i]);

		if (entry && !(entry & P_LARGE))
			drop_table(below(entry), level - 1);
	}
	pool_push(table);
}

/* Unmaps all that limit_map() mapped there. */
void limit_unmap(u64 *root, unsigned long va, size_t size)
{
	u64 *entry = slot(root, va, TOP);
	u64 *table = below(READ_ONCE(*entry));

	WRITE_ONCE(*entry, 0);
	drop_table(table, TOP - 1);
}

/* Takes writing from the leaves of 4 KiB in [0, @size). */
void limit_protect(u64 *root, size_t size)
{
	u64 *pud = below(READ_ONCE(*slot(root, 0, 3)));
	unsigned long va;
	unsigned int i;

	for (va = 0; va < size; va += 2 * MIB) {
		u64 *pmd = below(READ_ONCE(*slot(pud, va, 2)));
		u64 *table = below(READ_ONCE(*slot(pmd, va, 1)));

#pragma GCC unroll 4
		for (i = 0; i < 512; i++)
			WRITE_ONCE(table[i], READ_ONCE(table[i]) & ~P_WRITE);
	}
}

/* Replaces a leaf of 2 MiB. */
void limit_split(u64 *entry, u64 leaf)
{
	u64 *table = pool_pop();
	u64 pte = leaf & ~P_LARGE;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < 512; i++) {
		WRITE_ONCE(table[i], pte);
		pte += 4 * KIB;
	}
	__atomic_compare_exchange_n(entry, &leaf, link_to(table), false,
				    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* Replaces a table of what were parts of one leaf of 2 MiB. */
void limit_collapse(u64 *entry)
{
	u64 *table = below(READ_ONCE(*entry));
	u64 pte = READ_ONCE(table[0]), differs = 0;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < 512; i++)
		differs |= READ_ONCE(table[i]) ^ (pte + i * 4 * KIB);
	bench_check(!differs, "leaves belong together");
	WRITE_ONCE(*entry, pte | P_LARGE);
	pool_push(table);
}

static u64 *copy_table(const u64 *from, unsigned int level)
{
	u64 *table = pool_pop();
	unsigned int i;

	memcpy(table, from, 4 * KIB);
	for (i = 0; level && i < 512; i++) {
		if (table[i])
			table[i] = link_to(copy_table(below(table[i]),
						      level - 1));
	}
	return table;
}

/* Copies all tables below a root entry, whose leaves are of 4 KiB. */
void limit_copy(u64 *root, const u64 *from, unsigned long va)
{
	u64 *table = below(READ_ONCE(*slot((u64 *)from, va, TOP)));

	WRITE_ONCE(*slot(root, va, TOP), link_to(copy_table(table, TOP - 1)));
}

static u64 *walk(u64 *root, unsigned long va)
{
	u64 *pud = below(READ_ONCE(*slot(root, va, 3)));
	u64 *pmd = below(READ_ONCE(*slot(pud, va, 2)));

	return slot(below(READ_ONCE(*slot(pmd, va, 1))), va, 0);
}

/* Stores @pte, which may be 0, where the opposite is found. */
void limit_store_pages(u64 *root, const u32 *pages, unsigned long count,
		       u64 pte)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		u64 *entry = walk(root, pages[i] * 4 * KIB);

		bench_check(!READ_ONCE(*entry) != !pte,
			    "pages are as they were left");
		WRITE_ONCE(*entry, pte);
	}
}

/* The same where others may write the entry at the same time. */
void limit_exchange_pages(u64 *root, const u32 *pages, unsigned long count,
			  u64 pte)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		u64 *entry = walk(root, pages[i] * 4 * KIB);
		u64 old = READ_ONCE(*entry);

		bench_check(!old != !pte &&
			    __atomic_compare_exchange_n(entry, &old, pte, false,
							__ATOMIC_RELEASE,
							__ATOMIC_RELAXED),
			    "pages are as they were left");
	}
}

/* Finds that all are mapped. */
void limit_read_pages(u64 *root, const u32 *pages, unsigned long count,
		      u64 pte)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		bench_check(READ_ONCE(*walk(root, pages[i] * 4 * KIB)) & pte,
			    "pages are as they were left");
}

static unsigned long count_table(const u64 *table, unsigned int level,
				 unsigned int leaf_level, unsigned long va,
				 u64 offset)
{
	unsigned long leaves = 0;
	unsigned int i;

	for (i = 0; i < 512; i++) {
		unsigned long at = va + ((unsigned long)i << shift(level));
		u64 entry = table[i];

		if (!(entry & 1)) {
			bench_check(!entry, "an entry that is not present is zero");
		} else if (level && !(entry & P_LARGE)) {
			leaves += count_table(below(entry), level - 1,
					      leaf_level, at, offset);
		} else {
			bench_check(level == leaf_level,
				    "leaves have the right size");
			bench_check((entry & PA_MASK) == at + offset,
				    "leaves map the right memory");
			leaves++;
		}
	}
	return leaves;
}

/* Leaves in raw tables, all of them of @level and at their address + @offset. */
unsigned long count_leaves(u64 *root, unsigned int level, u64 offset)
{
	return count_table(root, TOP, level, 0, offset);
}

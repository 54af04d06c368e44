// SPDX-License-Identifier: GPL-2.0
/*
 * Rows that map and unmap ranges from 4 KiB to 64 TiB: the time of an entry does
 * not grow with the range. And what memory the tables take.
 */
#include "bench.h"

/* What keeps leaves that small, though they lie side by side. */
static u64 offset_of(unsigned int level)
{
	return GIB + (level < 2 ? 4 * KIB << 9 * level : 0);
}

static void change_bare(unsigned long va, size_t size, unsigned int level)
{
	unsigned long at;

	for (at = va; at < va + size; at += SLOT)
		limit_map(bare, at, at + offset_of(level), min(size, SLOT),
			  level);
	for (at = va; at < va + size; at += SLOT)
		limit_unmap(bare, at, min(size, SLOT));
}

static void change(unsigned long va, size_t size, unsigned int level)
{
	table_map(pgt, va, va + offset_of(level), size);
	table_unmap(pgt, va, size);
}

/* @calls ranges, each below root entries of its own. */
static void sample_size(struct bench_sample *sample, size_t size,
			unsigned int level, unsigned int calls)
{
	unsigned long leaves = calls * (size >> (12 + 9 * level));
	double start = bench_now();
	unsigned long i;

	for (i = 0; i < calls; i++)
		change_bare(i * SLOT, size, level);
	sample->limit = (bench_now() - start) / leaves;
	start = bench_now();
	for (i = 0; i < calls; i++)
		change(i * SLOT, size, level);
	sample->ns = (bench_now() - start) / leaves;
}

#define SIZE(name, size, level, calls)					\
static void sample_##name(struct bench_sample *sample)			\
{									\
	sample_size(sample, size, level, calls);			\
}

SIZE(4k, 4 * KIB, 0, 64)
SIZE(2m, 2 * MIB, 0, 64)
SIZE(1g, GIB, 0, 1)
SIZE(64g, 64 * GIB, 1, 1)
SIZE(1t, 1024 * GIB, 1, 1)
SIZE(64t, 64 * 1024 * GIB, 2, 1)

/* Not a time: memory of all tables below the root, and of what is kept of them. */
static void sample_memory(struct bench_sample *sample)
{
	struct pg_table_stats stats;
	unsigned long before = pool_used();

	limit_map(bare, 0, GIB + 4 * KIB, GIB, 0);
	sample->limit = (pool_used() - before) * 4.0;
	limit_unmap(bare, 0, GIB);

	table_map(pgt, 0, GIB + 4 * KIB, GIB);
	pg_table_get_stats(pgt, &stats);
	bench_check(stats.bytes == (pool_used() - before) * 4 * KIB,
		    "statistics are true");
	sample->ns = (double)(pool_used() - before) *
		     (4 * KIB + sizeof(struct pg_table_page)) / KIB;
	table_unmap(pgt, 0, GIB);
}

const struct bench_row size_rows[] = {
	{ "size_4k", "ns/PTE", 301, table_begin, sample_4k, table_end_empty },
	{ "size_2m", "ns/PTE", 301, table_begin, sample_2m, table_end_empty },
	{ "size_1g", "ns/PTE", 101, table_begin, sample_1g, table_end_empty },
	{ "size_64g", "ns/PMD", 301, table_begin, sample_64g, table_end_empty },
	{ "size_1t", "ns/PMD", 31, table_begin, sample_1t, table_end_empty },
	{ "size_64t", "ns/PUD", 101, table_begin, sample_64t, table_end_empty },
	{ "memory", "KiB/GiB", 1, table_begin, sample_memory, table_end_empty },
	{ }
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Rows for ranges: map and unmap by each size of leaf, protect, split, collapse.
 */
#include "bench.h"

#define SPLITS		512

/* Times to map and to unmap one range by leaves of @level, from address 0. */
static void sample_range(u64 pa, size_t size, unsigned int level,
			 struct bench_sample *mapped,
			 struct bench_sample *unmapped)
{
	unsigned long leaves = size >> (12 + 9 * level);
	double start = bench_now(), middle, stop;

	limit_map(bare, 0, pa, size, level);
	middle = bench_now();
	limit_unmap(bare, 0, size);
	stop = bench_now();
	mapped->limit = (middle - start) / leaves;
	unmapped->limit = (stop - middle) / leaves;

	start = bench_now();
	table_map(pgt, 0, pa, size);
	mapped->ns = (bench_now() - start) / leaves;
	bench_check(count_leaves((u64 *)pgt->pgd, level, pa) == leaves,
		    "all is mapped");
	start = bench_now();
	table_unmap(pgt, 0, size);
	unmapped->ns = (bench_now() - start) / leaves;
	bench_check(pool_used() == 2, "unmap frees all tables");
}

/* The physical address is off by a page, so that all leaves are of 4 KiB. */
static void sample_map_4k(struct bench_sample *sample)
{
	struct bench_sample other;

	sample_range(GIB + 4 * KIB, GIB, 0, sample, &other);
}

static void sample_unmap_4k(struct bench_sample *sample)
{
	struct bench_sample other;

	sample_range(GIB + 4 * KIB, GIB, 0, &other, sample);
}

static void sample_map_2m(struct bench_sample *sample)
{
	struct bench_sample other;

	sample_range(GIB + 2 * MIB, 64 * GIB, 1, sample, &other);
}

/* Many calls, each below a root entry of its own. */
static void sample_map_1g(struct bench_sample *sample)
{
	double start = bench_now();
	unsigned long i;

	for (i = 0; i < SLOTS; i++)
		limit_map(bare, i * SLOT, GIB, 64 * GIB, 2);
	sample->limit = (bench_now() - start) / SLOTS;
	for (i = 0; i < SLOTS; i++)
		limit_unmap(bare, i * SLOT, 64 * GIB);

	start = bench_now();
	for (i = 0; i < SLOTS; i++)
		table_map(pgt, i * SLOT, i * SLOT + GIB, 64 * GIB);
	sample->ns = (bench_now() - start) / SLOTS;
	bench_check(count_leaves((u64 *)pgt->pgd, 2, GIB) == SLOTS * 64,
		    "all is mapped");
	for (i = 0; i < SLOTS; i++)
		table_unmap(pgt, i * SLOT, 64 * GIB);
}

static void sample_split_bare(struct bench_sample *sample)
{
	u64 *table = pool_pop();
	u64 leaf = GIB | 0xe3;
	double start;
	unsigned long i;

	for (i = 0; i < SPLITS; i++)
		table[i] = leaf + i * 2 * MIB;
	start = bench_now();
	for (i = 0; i < SPLITS; i++)
		limit_split(&table[i], leaf + i * 2 * MIB);
	sample->limit = (bench_now() - start) / SPLITS;
	for (i = SPLITS; i--;)
		pool_push((u64 *)((char *)pool_ops->memory +
				       (table[i] & ~0xfffULL)));
	pool_push(table);
}

static void sample_split_2m(struct bench_sample *sample)
{
	unsigned long i;
	double start;

	sample_split_bare(sample);
	table_map(pgt, 0, GIB + 2 * MIB, SPLITS * 2 * MIB);
	start = bench_now();
	for (i = 0; i < SPLITS; i++)
		bench_check(!pg_table_split(pgt, i * 2 * MIB, 2 * MIB, 0,
					    GFP_KERNEL), "split succeeds");
	sample->ns = (bench_now() - start) / SPLITS;
	bench_check(count_leaves((u64 *)pgt->pgd, 0, GIB + 2 * MIB) ==
		    SPLITS * 512, "all is split");
	table_unmap(pgt, 0, SPLITS * 2 * MIB);
}

/* All leaves of 1 GiB get another protection. */
static void sample_protect_4k(struct bench_sample *sample)
{
	const unsigned long leaves = GIB / (4 * KIB);
	pgprot_t ro = pg_table_prot(&pg_table_x86_64, PG_TABLE_READ);
	double start;

	limit_map(bare, 0, GIB + 4 * KIB, GIB, 0);
	start = bench_now();
	limit_protect(bare, GIB);
	sample->limit = (bench_now() - start) / leaves;
	limit_unmap(bare, 0, GIB);

	table_map(pgt, 0, GIB + 4 * KIB, GIB);
	start = bench_now();
	bench_check(!pg_table_protect(pgt, 0, GIB, ro, PG_TABLE_PROT_ALL,
				      GFP_KERNEL), "protect succeeds");
	sample->ns = (bench_now() - start) / leaves;
	bench_check(count_leaves((u64 *)pgt->pgd, 0, GIB + 4 * KIB) == leaves,
		    "all is still mapped");
	table_unmap(pgt, 0, GIB);
}

/* To reserve first, against mapping at once. */
static void sample_reserve_map_4k(struct bench_sample *sample)
{
	const unsigned long leaves = GIB / (4 * KIB);
	double start = bench_now();

	table_map(pgt, 0, GIB + 4 * KIB, GIB);
	sample->limit = (bench_now() - start) / leaves;
	table_unmap(pgt, 0, GIB);

	start = bench_now();
	bench_check(!pg_table_reserve(pgt, 0, GIB, 0, GFP_KERNEL),
		    "reserve succeeds");
	table_map(pgt, 0, GIB + 4 * KIB, GIB);
	sample->ns = (bench_now() - start) / leaves;
	table_unmap(pgt, 0, GIB);
	bench_check(!pg_table_unreserve(pgt, 0, GIB), "unreserve succeeds");
}

static void sample_collapse_bare(struct bench_sample *sample)
{
	u64 *table = pool_pop();
	u64 leaf = GIB | 0xe3;
	double start;
	unsigned long i;

	for (i = 0; i < SPLITS; i++) {
		table[i] = leaf + i * 2 * MIB;
		limit_split(&table[i], leaf + i * 2 * MIB);
	}
	start = bench_now();
	for (i = 0; i < SPLITS; i++)
		limit_collapse(&table[i]);
	sample->limit = (bench_now() - start) / SPLITS;
	for (i = 0; i < SPLITS; i++)
		bench_check(table[i] == leaf + i * 2 * MIB,
			    "the leaf is what was split");
	pool_push(table);
}

static void sample_collapse_2m(struct bench_sample *sample)
{
	const size_t size = SPLITS * 2 * MIB;
	unsigned long i;
	double start;

	sample_collapse_bare(sample);
	table_map(pgt, 0, GIB + 2 * MIB, size);
	bench_check(!pg_table_split(pgt, 0, size, 0, GFP_KERNEL),
		    "split succeeds");
	start = bench_now();
	for (i = 0; i < SPLITS; i++)
		bench_check(!pg_table_collapse(pgt, i * 2 * MIB, 2 * MIB),
			    "collapse succeeds");
	sample->ns = (bench_now() - start) / SPLITS;
	bench_check(count_leaves((u64 *)pgt->pgd, 1, GIB + 2 * MIB) == SPLITS,
		    "all is large again");
	table_unmap(pgt, 0, size);
}

const struct bench_row range_rows[] = {
	{ "map_4k", "ns/PTE", 101, table_begin, sample_map_4k,
	  table_end_empty },
	{ "unmap_4k", "ns/PTE", 101, table_begin, sample_unmap_4k,
	  table_end_empty },
	{ "map_2m", "ns/PMD", 301, table_begin, sample_map_2m,
	  table_end_empty },
	{ "map_1g", "ns/call", 301, table_begin, sample_map_1g,
	  table_end_empty },
	{ "split_2m", "ns/call", 101, table_begin, sample_split_2m,
	  table_end_empty },
	{ "protect_4k", "ns/PTE", 101, table_begin, sample_protect_4k,
	  table_end_empty },
	{ "reserve_map_4k", "ns/PTE", 101, table_begin, sample_reserve_map_4k,
	  table_end_empty },
	{ "collapse_2m", "ns/call", 101, table_begin, sample_collapse_2m,
	  table_end_empty },
	{ }
};

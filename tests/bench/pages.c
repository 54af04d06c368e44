// SPDX-License-Identifier: GPL-2.0
/*
 * Rows for single pages: in 16 MiB where all is in the cache, and at random in
 * 1 TiB where nothing is. The tables are there already, and stay, because each
 * has one more page mapped.
 */
#include "bench.h"

#define HOT_PAGES	4096
#define PTE		0x8000000000000063ULL

static u32 pages[RANDOM_PAGES];
static unsigned long count;

typedef void (*limit_t)(u64 *root, const u32 *pages, unsigned long count,
			u64 pte);

static void map(unsigned long page)
{
	table_map(pgt, page * 4 * KIB, page * 4 * KIB + GIB, 4 * KIB);
}

static void unmap(unsigned long page)
{
	table_unmap(pgt, page * 4 * KIB, 4 * KIB);
}

/* Hits each number below 2^bits once, in an order without a pattern. */
static unsigned long scatter(unsigned long i, unsigned int bits)
{
	unsigned long mask = (1UL << bits) - 1;

	i = (i * 0x9e3779b97f4a7c15UL) & mask;
	i ^= i >> (bits / 2);
	i = (i * 0xbf58476d1ce4e5b9UL) & mask;
	return i ^ (i >> (bits / 2));
}

/* All pages of the hot range but the last of each table. */
static void choose_hot(void)
{
	unsigned long i;

	for (count = 0, i = 0; i < HOT_PAGES; i++) {
		unsigned long page = scatter(i, 12);

		if (page % 512 != 511)
			pages[count++] = page;
	}
}

/* Even pages: the odd one beside each keeps the table. */
static void choose_random(void)
{
	for (count = 0; count < RANDOM_PAGES; count++)
		pages[count] = scatter(count, 27) * 2;
}

static void keep_hot(void)
{
	unsigned long page;

	choose_hot();
	for (page = 511; page < HOT_PAGES; page += 512)
		map(page);
}

static void keep_random(void)
{
	unsigned long i;

	choose_random();
	for (i = 0; i < count; i++)
		map(pages[i] + 1);
}

static void begin_hot(void)
{
	table_begin();
	keep_hot();
}

static void begin_hot_concurrent(void)
{
	table_begin_shared();
	keep_hot();
}

static void begin_random(void)
{
	table_begin();
	keep_random();
}

static void begin_random_concurrent(void)
{
	table_begin_shared();
	keep_random();
}

static double time_bare(limit_t limit)
{
	u64 *root = (u64 *)pgt->pgd;
	double start = bench_now();

	limit(root, pages, count, PTE);
	limit(root, pages, count, 0);
	return (bench_now() - start) / (2 * count);
}

static double time_verbs(void)
{
	double start = bench_now();
	unsigned long i;

	for (i = 0; i < count; i++)
		map(pages[i]);
	for (i = 0; i < count; i++)
		unmap(pages[i]);
	return (bench_now() - start) / (2 * count);
}

static void sample_exclusive(struct bench_sample *sample)
{
	sample->limit = time_bare(limit_store_pages);
	sample->ns = time_verbs();
}

static void sample_concurrent(struct bench_sample *sample)
{
	sample->limit = time_bare(limit_exchange_pages);
	sample->ns = time_verbs();
}

static void check_raw(unsigned long kept)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		map(pages[i]);
	bench_check(count_leaves((u64 *)pgt->pgd, 0, GIB) == count + kept,
		    "all is mapped");
	for (i = 0; i < count; i++)
		unmap(pages[i]);
	bench_check(count_leaves((u64 *)pgt->pgd, 0, GIB) == kept,
		    "what was not unmapped is still there");
}

static void end_hot(void)
{
	check_raw(HOT_PAGES / 512);
	table_end();
}

static void end_random(void)
{
	check_raw(count);
	table_end();
}

static void begin_lookup(void)
{
	unsigned long i;

	begin_hot();
	for (i = 0; i < count; i++)
		map(pages[i]);
}

static void sample_lookup(struct bench_sample *sample)
{
	struct pg_table_leaf leaf;
	double start = bench_now();
	unsigned long i;

	limit_read_pages((u64 *)pgt->pgd, pages, count, 1);
	sample->limit = (bench_now() - start) / count;
	start = bench_now();
	for (i = 0; i < count; i++)
		bench_check(!pg_table_lookup(pgt, pages[i] * 4 * KIB, &leaf) &&
			    leaf.pa == pages[i] * 4 * KIB + GIB,
			    "pages are found");
	sample->ns = (bench_now() - start) / count;
}

static void end_lookup(void)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		unmap(pages[i]);
	end_hot();
}

static void begin_left(void)
{
	table_begin();
	choose_random();
}

/* Not a time: tables besides the root that are left after the last unmap. */
static void sample_left(struct bench_sample *sample)
{
	struct pg_table_stats stats = { 0 };

	time_verbs();
	pg_table_get_stats(pgt, &stats);
	bench_check(stats.tables == pool_used() - 1, "statistics are true");
	sample->ns = stats.tables - 1;
	sample->limit = 0;
}

const struct bench_row page_rows[] = {
	{ "hot", "ns/op", 501, begin_hot, sample_exclusive,
	  end_hot },
	{ "hot_concurrent", "ns/op", 501, begin_hot_concurrent,
	  sample_concurrent, end_hot },
	{ "random", "ns/op", 15, begin_random, sample_exclusive,
	  end_random },
	{ "random_concurrent", "ns/op", 15, begin_random_concurrent,
	  sample_concurrent, end_random },
	{ "lookup", "ns/op", 501, begin_lookup, sample_lookup, end_lookup },
	{ "tables_left", "tables", 1, begin_left, sample_left, table_end },
	{ }
};

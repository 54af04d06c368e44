// SPDX-License-Identifier: GPL-2.0
/*
 * Rows for clones: to share, to copy, and to get a path of one's own.
 */
#include "bench.h"

static void clone_range(struct pg_table *dst, unsigned long va, size_t size,
			enum pg_table_clone_mode mode)
{
	bench_check(!pg_table_clone(dst, pgt, va, size, mode, GFP_KERNEL),
		    "clone succeeds");
}

static void begin_share(void)
{
	unsigned long i;

	table_begin();
	for (i = 0; i < SLOTS; i++)
		table_map(pgt, i * SLOT, i * SLOT + GIB, GIB);
}

static void end_share(void)
{
	unsigned long i;

	for (i = 0; i < SLOTS; i++)
		table_unmap(pgt, i * SLOT, GIB);
	table_end();
}

/* The stores alone, often enough to be timed. */
static double time_bare_clone(void)
{
	const u64 *from = (u64 *)pgt->pgd;
	double start = bench_now();
	unsigned int round, i;

	for (round = 0; round < 64; round++) {
		for (i = 0; i < SLOTS; i++)
			WRITE_ONCE(bare[i], READ_ONCE(from[i]));
	}
	return (bench_now() - start) / (64 * SLOTS);
}

static void sample_clone_share(struct bench_sample *sample)
{
	struct pg_table *clone = table_create(PG_TABLE_EXCLUSIVE);
	unsigned long i;
	double start;

	sample->limit = time_bare_clone();
	start = bench_now();
	for (i = 0; i < SLOTS; i++)
		clone_range(clone, i * SLOT, SLOT, PG_TABLE_SHARE);
	sample->ns = (bench_now() - start) / SLOTS;
	bench_check(count_leaves((u64 *)clone->pgd, 2, GIB) == SLOTS,
		    "the clone maps the same");
	bench_check(pool_used() == SLOTS + 3, "a clone has no tables");
	table_destroy(clone);
}

/* 1 GiB by leaves of 4 KiB: the tables below the root are what is copied. */
static void begin_copy(void)
{
	table_begin();
	table_map(pgt, 0, GIB + 4 * KIB, GIB);
}

static void end_copy(void)
{
	table_unmap(pgt, 0, GIB);
	table_end();
}

static void sample_clone_copy(struct bench_sample *sample)
{
	struct pg_table *clone = table_create(PG_TABLE_EXCLUSIVE);
	unsigned long tables = pool_used() - 3;
	double start = bench_now();

	limit_copy(bare, (u64 *)pgt->pgd, 0);
	sample->limit = (bench_now() - start) / tables;
	limit_unmap(bare, 0, GIB);

	start = bench_now();
	clone_range(clone, 0, GIB, PG_TABLE_COPY);
	sample->ns = (bench_now() - start) / tables;
	bench_check(count_leaves((u64 *)clone->pgd, 0, GIB + 4 * KIB) ==
		    GIB / (4 * KIB), "the clone maps the same");
	bench_check(pool_used() == 2 * tables + 3, "the clone has its own tables");
	table_destroy(clone);
}

static void begin_unshare(void)
{
	unsigned long i;

	table_begin();
	for (i = 0; i < SLOTS; i++)
		table_map(pgt, i * SLOT, i * SLOT + GIB, 4 * KIB);
}

static void end_unshare(void)
{
	unsigned long i;

	for (i = 0; i < SLOTS; i++)
		table_unmap(pgt, i * SLOT, 4 * KIB);
	table_end();
}

/* The clone maps a page of its own, and gets three tables of its own for it. */
static void sample_unshare(struct bench_sample *sample)
{
	struct pg_table *clone = table_create(PG_TABLE_EXCLUSIVE);
	double start = bench_now();
	unsigned long i;

	for (i = 0; i < SLOTS; i++)
		limit_copy(bare, (u64 *)pgt->pgd, i * SLOT);
	sample->limit = (bench_now() - start) / SLOTS;
	for (i = 0; i < SLOTS; i++)
		limit_unmap(bare, i * SLOT, 4 * KIB);

	clone_range(clone, 0, SLOTS * SLOT, PG_TABLE_SHARE);
	start = bench_now();
	for (i = 0; i < SLOTS; i++)
		table_map(clone, i * SLOT + 4 * KIB, i * SLOT + GIB + 4 * KIB,
			  4 * KIB);
	sample->ns = (bench_now() - start) / SLOTS;
	bench_check(count_leaves((u64 *)clone->pgd, 0, GIB) == 2 * SLOTS,
		    "the clone maps more");
	bench_check(count_leaves((u64 *)pgt->pgd, 0, GIB) == SLOTS,
		    "the source does not");
	bench_check(pool_used() == 6 * SLOTS + 3, "each path has three tables");
	table_destroy(clone);
}

const struct bench_row clone_rows[] = {
	{ "clone_share", "ns/entry", 301, begin_share, sample_clone_share,
	  end_share },
	{ "clone_copy", "ns/table", 101, begin_copy, sample_clone_copy,
	  end_copy },
	{ "unshare", "ns/path", 301, begin_unshare, sample_unshare,
	  end_unshare },
	{ }
};

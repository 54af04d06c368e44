// SPDX-License-Identifier: GPL-2.0
/*
 * The table that a row is about, and beside it a bare root, for the loops that
 * are its limit.
 */
#include <string.h>

#include "bench.h"

struct pg_table *pgt;
u64 *bare;
pgprot_t prot;

struct pg_table *table_create(unsigned int flags)
{
	const struct pg_table_config config = {
		.name = "bench",
		.format = &pg_table_x86_64,
		.ops = pool_ops,
		.flags = flags,
	};
	struct pg_table *table = pg_table_create(&config);

	bench_check(!IS_ERR(table), "create succeeds");
	return table;
}

void table_destroy(struct pg_table *table)
{
	bench_check(!pg_table_destroy(table), "destroy succeeds");
}

static void begin(unsigned int flags)
{
	prot = pg_table_prot(&pg_table_x86_64, PG_TABLE_READ | PG_TABLE_WRITE);
	pgt = table_create(flags);
	bare = pool_pop();
	memset(bare, 0, 4 * KIB);
}

/* A table with one editor. */
void table_begin(void)
{
	begin(PG_TABLE_EXCLUSIVE);
}

/* A table with several. */
void table_begin_shared(void)
{
	begin(0);
}

void table_end(void)
{
	bench_check(!pg_table_verify(pgt), "the table is sound");
	pool_push(bare);
	table_destroy(pgt);
}

/* Where nothing may be left. */
void table_end_empty(void)
{
	bench_check(!count_leaves((u64 *)pgt->pgd, 0, 0),
		    "nothing is mapped after unmap");
	table_end();
}

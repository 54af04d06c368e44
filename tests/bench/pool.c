// SPDX-License-Identifier: GPL-2.0
/*
 * Table memory for the benchmarks: a stack of pages, all of them touched
 * before. There is no TLB. Both sides take their tables from it, so both find
 * the same pages in the same order, in the same caches.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"

static u64 *stack[POOL_PAGES];

__thread u64 **pool_stack = stack;
__thread unsigned long pool_free;

static void *pool_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	return pool_free ? pool_pop() : NULL;
}

static void pool_put(struct pg_table *pgt, void *table, size_t size)
{
	pool_push(table);
}

static struct pg_table_ops ops = {
	.alloc = pool_alloc,
	.free = pool_put,
	.page_stride = sizeof(struct pg_table_page),
	.page_shift = 12,
};

const struct pg_table_ops *const pool_ops = &ops;

static void *map_memory(size_t size)
{
	char *area = mmap(NULL, size + 2 * MIB, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED) {
		perror("bench: cannot get memory for tables");
		exit(1);
	}
	area = (char *)(((uintptr_t)area + 2 * MIB - 1) & ~(2 * MIB - 1));
	/* As the kernel's direct map has them; the limit is found the same. */
	madvise(area, size, MADV_HUGEPAGE);
	memset(area, 0, size);
	return area;
}

void pool_init(void)
{
	char *memory = map_memory(POOL_PAGES * 4 * KIB);
	unsigned long i;

	ops.memory = memory;
	ops.pages = map_memory(POOL_PAGES * sizeof(struct pg_table_page));
	/* Page 0 stays unused: its physical address would be 0. */
	for (i = POOL_PAGES - 1; i; i--)
		pool_push((u64 *)(memory + i * 4 * KIB));
}

unsigned long pool_used(void)
{
	return POOL_PAGES - 1 - pool_free;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Map ranges that overlap.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/pg_table.h>

#include <asm/map_missing.h>

static int first_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	*(struct pg_table_leaf *)arg = *leaf;
	return 1;
}

/**
 * map_missing - map what is not mapped yet of a range
 * @pgt: the table, which nobody else edits
 * @va: first address, of a page
 * @pa: what it maps
 * @size: bytes, whole pages
 * @prot: protection of what is new
 * @gfp: how tables are allocated
 *
 * What is there must map the same memory, and keeps its protection. If this
 * fails, a part can be mapped.
 *
 * Context: As pg_table_map().
 * Return: 0; -EEXIST if other memory is mapped there; or an error as
 * pg_table_map().
 */
int map_missing(struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		size_t size, pgprot_t prot, gfp_t gfp)
{
	static const struct pg_table_walk_ops find = { .leaf = first_leaf };

	while (size) {
		struct pg_table_leaf leaf = { .va = va + size };
		size_t gap, skip;
		int ret;

		ret = pg_table_walk(pgt, va, size, &find, &leaf);
		if (ret < 0)
			return ret;
		if (ret && leaf.pa - leaf.va != pa - va)
			return -EEXIST;
		gap = max(leaf.va, va) - va;
		if (gap) {
			ret = pg_table_map(pgt, va, pa, gap, prot, gfp);
			if (ret)
				return ret;
		}
		skip = min(leaf.va + leaf.size - va, size);
		va += skip;
		pa += skip;
		size -= skip;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A clone of the direct map to test with, in /sys/kernel/debug/pg_table/holes: a
 * block of memory is left out of it, which nobody has, so it has tables of its
 * own where others add memory and take it away.
 */
#include <linux/direct_map.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pg_table.h>

static int __init hide_block(struct pg_table *pgt)
{
	struct page *page = alloc_pages(GFP_KERNEL, DIRECT_MAP_BLOCK_ORDER);
	int ret;

	if (!page)
		return -ENOMEM;
	ret = direct_map_hide(pgt, page_to_pfn(page), DIRECT_MAP_BLOCK_PAGES,
			      GFP_KERNEL);
	if (ret)
		__free_pages(page, DIRECT_MAP_BLOCK_ORDER);
	return ret;
}

static int __init direct_map_selftest_init(void)
{
	const struct pg_table_config config = {
		.name = "holes",
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_ALLOW_WX,
	};
	struct pg_table *pgt = pg_table_create(&config);
	int ret;

	if (IS_ERR(pgt))
		return PTR_ERR(pgt);
	ret = direct_map_follow(pgt) ?: hide_block(pgt);
	if (ret)
		pg_table_destroy(pgt);
	return ret;
}
late_initcall(direct_map_selftest_init);

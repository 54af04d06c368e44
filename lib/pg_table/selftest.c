// SPDX-License-Identifier: GPL-2.0
/*
 * A context to test with, in /sys/kernel/debug/pg_table/selftest:
 *
 * dwell	a number of milliseconds written to it is how long the CPU spins
 *		in the context
 * oops		whoever writes to it dies in the context
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/pg_table.h>
#include <linux/processor.h>

#include "internal.h"

/* Longer, and the watchdogs would bark. */
#define DWELL_MAX_MS	10000

static int dwell_set(void *data, u64 ms)
{
	struct pg_table_state state;
	struct pg_table *pgt = data;
	ktime_t end;
	int ret;

	if (!ms || ms > DWELL_MAX_MS)
		return -EINVAL;
	ret = pg_table_enter(pgt, &state);
	if (ret)
		return ret;
	end = ktime_add_ms(ktime_get(), ms);
	while (ktime_before(ktime_get(), end))
		cpu_relax();
	pg_table_exit(&state);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(dwell_fops, NULL, dwell_set, "%llu\n");

static int oops_set(void *data, u64 unused)
{
	struct pg_table_state state;
	int ret = pg_table_enter(data, &state);

	if (ret)
		return ret;
	/* The context maps nothing there. */
	READ_ONCE(*(unsigned long *)PAGE_SIZE);
	pg_table_exit(&state);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(oops_fops, NULL, oops_set, "%llu\n");

static int __init pg_table_selftest_init(void)
{
	const struct pg_table_config config = { .name = "selftest" };
	struct pg_table *pgt = pg_table_create(&config);
	struct dentry *dir;
	int ret;

	if (IS_ERR(pgt))
		return PTR_ERR(pgt);
	ret = pg_table_follow_kernel(pgt);
	if (ret) {
		pg_table_destroy(pgt);
		return ret;
	}
	dir = pg_table_debugfs_dir(pgt);
	debugfs_create_file_unsafe("dwell", 0200, dir, pgt, &dwell_fops);
	debugfs_create_file_unsafe("oops", 0200, dir, pgt, &oops_fops);
	return 0;
}
late_initcall(pg_table_selftest_init);

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocations of the running kernel that fail when a suite wants them to, and
 * complaints of it that are wanted.
 */
#ifndef _PG_TABLE_KUNIT_FAILING_H
#define _PG_TABLE_KUNIT_FAILING_H

#include <linux/atomic.h>
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/printk.h>
#include <linux/sched.h>

/* Who boots the kernel does not mind what it complains of in between. */
static inline void want_complaints(bool wanted)
{
	pr_info("checks: %s oops is wanted\n", wanted ? "an" : "no");
}

#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS
/* A file of debugfs that says how the page allocator fails stands for this. */
static inline void *fault_setting(const char *name)
{
	struct dentry *dir = debugfs_lookup("fail_page_alloc", NULL);
	struct dentry *file = dir ? debugfs_lookup(name, dir) : NULL;
	void *setting = file ? d_inode(file)->i_private : NULL;

	dput(file);
	dput(dir);
	return setting;
}

/* All allocations of a thread can fail, as soon as it wants that. */
static inline bool set_failing(bool on)
{
	u32 *min_order = fault_setting("min-order");
	bool *ignore_wait = fault_setting("ignore-gfp-wait");
	bool *task_filter = fault_setting("task-filter");
	atomic_t *times = fault_setting("times");
	unsigned long *probability = fault_setting("probability");
	unsigned long *verbose = fault_setting("verbose");

	if (!min_order || !ignore_wait || !task_filter || !times ||
	    !probability || !verbose)
		return false;
	*verbose = 0;
	*min_order = !on;
	*ignore_wait = !on;
	*task_filter = on;
	atomic_set(times, on ? -1 : 1);
	*probability = on ? 100 : 0;
	return true;
}

/* Allocation @nth of this thread fails; all that follow, too, if @rest. */
static inline void fail_from(unsigned int nth, bool rest)
{
	current->make_it_fail = rest;
	WRITE_ONCE(current->fail_nth, nth);
}

/* Did it come to that? */
static inline bool stop_failing(void)
{
	bool failed = !READ_ONCE(current->fail_nth);

	fail_from(0, false);
	return failed;
}
#else
static inline bool set_failing(bool on)
{
	return false;
}

static inline void fail_from(unsigned int nth, bool rest)
{
}

static inline bool stop_failing(void)
{
	return false;
}
#endif

#endif /* _PG_TABLE_KUNIT_FAILING_H */

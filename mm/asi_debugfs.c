// SPDX-License-Identifier: GPL-2.0
/*
 * Restricted contexts in debugfs: what happened to those of each class.
 */
#include <linux/asi.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include "asi_internal.h"

struct dentry *asi_debugfs_root;

static void show_class(struct seq_file *m, const struct asi_class *class)
{
	static const char * const names[] = {
		"sections", "enters", "call", "fault", "switch", "user",
		"other", "faults", "escapes", "lost", "violations", "branches",
		"l1d", "buffers",
	};
	struct asi_counters sum;
	unsigned int i;

	static_assert(sizeof(sum) == sizeof(long) * ARRAY_SIZE(names));
	asi_sum_counters(class, &sum);
	seq_printf(m, "%s: policy %s%s", class->name,
		   class->policy == ASI_ALLOW ? "allow" : "deny",
		   class->strict ? " strict" : "");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		seq_printf(m, " %s %lu", names[i], ((unsigned long *)&sum)[i]);
	seq_putc(m, '\n');
}

static int classes_show(struct seq_file *m, void *unused)
{
	struct asi_class *class;

	mutex_lock(&asi_mutex);
	list_for_each_entry(class, &asi_classes, all)
		show_class(m, class);
	mutex_unlock(&asi_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(classes);

static int __init asi_debugfs_init(void)
{
	if (!asi_is_on())
		return 0;
	asi_debugfs_root = debugfs_create_dir("asi", NULL);
	debugfs_create_file("classes", 0400, asi_debugfs_root, NULL,
			    &classes_fops);
	return 0;
}
fs_initcall(asi_debugfs_init);

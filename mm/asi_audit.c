// SPDX-License-Identifier: GPL-2.0
/*
 * What the policies allow, for an audit of what contexts can reach: told from what
 * was asked for and from the kernel's own table, not from the contexts'.
 *
 * /sys/kernel/debug/asi/allowed has a paragraph for each allow-list context: its
 * name, how often it changed, and physical addresses with the reason. Who reads
 * it before and after he looks at the context knows if that holds still.
 *
 * /sys/kernel/debug/asi/denied has what no deny-list context may reach, but for
 * sensitive memory, which /sys/kernel/debug/direct_map/asi_sensitive/blocks has.
 */
#include <linux/asi.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/pg_table.h>
#include <linux/seq_file.h>

#include <asm/sections.h>

#include "asi_internal.h"

static void show_range(struct seq_file *m, phys_addr_t pa, phys_addr_t last,
		       const char *why)
{
	seq_printf(m, "%pa-%pa %s\n", &pa, &last, why);
}

/**
 * struct asi_shown - a range that is shown
 * @m: where
 * @va: its first address
 * @last: its last
 * @why: for what reason
 */
struct asi_shown {
	struct seq_file	*m;
	unsigned long	va;
	unsigned long	last;
	const char	*why;
};

static int show_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	const struct asi_shown *shown = arg;
	unsigned long va = max(leaf->va, shown->va);
	unsigned long last = min(leaf->va + (leaf->size - 1), shown->last);

	show_range(shown->m, leaf->pa + (va - leaf->va),
		   leaf->pa + (last - leaf->va), shown->why);
	return 0;
}

/* What the kernel's own table maps at [va, end). */
static void show_mapped(struct seq_file *m, unsigned long va, unsigned long end,
			const char *why)
{
	static const struct pg_table_walk_ops ops = { .leaf = show_leaf };
	struct asi_shown shown = {
		.m = m,
		.va = va,
		.last = end - 1,
		.why = why,
	};

	mmap_write_lock(&init_mm);
	pg_table_walk(&init_mm.pgt, va, end - va, &ops, &shown);
	mmap_write_unlock(&init_mm);
}

static void show_base(struct seq_file *m)
{
	unsigned long end = section_nr_to_pfn(__highest_present_section_nr + 1);
	size_t size = PAGE_ALIGN(pcpu_first_chunk_size());
	unsigned long start;
	unsigned int cpu;

	asi_arch_show_base(m, show_mapped);
	for_each_possible_cpu(cpu) {
		start = (unsigned long)__per_cpu_start + per_cpu_offset(cpu);
		show_mapped(m, start, start + size, "cpu");
	}
	show_mapped(m, (unsigned long)pfn_to_page(0),
		    PAGE_ALIGN((unsigned long)pfn_to_page(end)), "vmemmap");
}

static void show_context(struct seq_file *m, struct asi *asi)
{
	unsigned long page;
	void *count;

	mutex_lock(&asi->lock);
	seq_printf(m, "context %s after %lu changes\n", asi->name,
		   asi->changes);
	show_base(m);
	xa_for_each(&asi->pages, page, count)
		show_mapped(m, page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT,
			    "mapped");
	mutex_unlock(&asi->lock);
}

static int allowed_show(struct seq_file *m, void *unused)
{
	struct asi *asi;

	get_online_mems();
	mutex_lock(&asi_mutex);
	list_for_each_entry(asi, &asi_list, all)
		show_context(m, asi);
	mutex_unlock(&asi_mutex);
	put_online_mems();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(allowed);

/* What no deny-list context may reach. */
static int denied_show(struct seq_file *m, void *unused)
{
	struct zone *zone;

	get_online_mems();
	for_each_populated_zone(zone) {
		if (zone_idx(zone) == ZONE_MOVABLE)
			show_range(m, PFN_PHYS(zone->zone_start_pfn),
				   PFN_PHYS(zone_end_pfn(zone)) - 1, "user");
	}
	put_online_mems();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(denied);

static int __init asi_audit_init(void)
{
	if (!asi_is_on())
		return 0;
	debugfs_create_file("allowed", 0400, asi_debugfs_root, NULL,
			    &allowed_fops);
	debugfs_create_file("denied", 0400, asi_debugfs_root, NULL,
			    &denied_fops);
	return 0;
}
late_initcall(asi_audit_init);

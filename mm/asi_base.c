// SPDX-License-Identifier: GPL-2.0
/*
 * The tables that restricted contexts are made of.
 *
 * The *base* is what every allow-list context has: the image, the entry code's
 * data, the CPUs' own data, the vmemmap. A context begins as an alias of it.
 *
 * The *master* is the table of all deny-list contexts: it follows the kernel's
 * own, with holes where sensitive memory is.
 */
#include <linux/asi.h>
#include <linux/direct_map.h>
#include <linux/init.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/pg_table.h>

#include <asm/sections.h>

#include "asi_internal.h"

static struct pg_table *asi_base;
static struct pg_table *asi_master;

static int map_cpus(struct pg_table *pgt)
{
	size_t size = PAGE_ALIGN(pcpu_first_chunk_size());
	unsigned int cpu;
	int ret = 0;

	for_each_possible_cpu(cpu) {
		unsigned long start = (unsigned long)__per_cpu_start +
				      per_cpu_offset(cpu);

		ret = pg_table_clone(pgt, &init_mm.pgt, start, size,
				     PG_TABLE_COPY, GFP_KERNEL);
		if (ret)
			break;
	}
	return ret;
}

/* The struct pages of [pfn, pfn + n), whose pages the vmemmap is made of. */
static void find_vmemmap(unsigned long pfn, unsigned long n,
			 unsigned long *va, unsigned long *size)
{
	*va = (unsigned long)pfn_to_page(pfn) & PAGE_MASK;
	*size = PAGE_ALIGN((unsigned long)pfn_to_page(pfn + n)) - *va;
}

static int map_vmemmap(struct pg_table *pgt, unsigned long pfn, unsigned long n)
{
	unsigned long va, size;

	find_vmemmap(pfn, n, &va, &size);
	return pg_table_clone(pgt, &init_mm.pgt, va, size, PG_TABLE_COPY,
			      GFP_KERNEL);
}

/* That of memory which is online: the other's can go without notice. */
static int map_online(struct pg_table *pgt)
{
	unsigned long nr;
	int ret = 0;

	for (nr = 0; !ret && nr <= __highest_present_section_nr; nr++) {
		if (online_section_nr(nr))
			ret = map_vmemmap(pgt, section_nr_to_pfn(nr),
					  PAGES_PER_SECTION);
	}
	return ret;
}

static int fill_base(struct pg_table *pgt)
{
	return map_cpus(pgt) ?: map_online(pgt) ?: asi_arch_map_base(pgt);
}

static struct pg_table *create_table(const char *name,
				     int (*fill)(struct pg_table *pgt))
{
	const struct pg_table_config config = {
		.name = name,
		/* What others mapped is not ours to judge. */
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_ALLOW_WX,
	};
	struct pg_table *pgt = pg_table_create(&config);
	int ret;

	if (IS_ERR(pgt))
		return pgt;
	ret = fill(pgt);
	if (!ret)
		return pgt;
	pg_table_destroy(pgt);
	return ERR_PTR(ret);
}

/* The first who wants one of the tables makes it. */
static struct pg_table *get_table(struct pg_table **kept, const char *name,
				  int (*fill)(struct pg_table *pgt))
{
	struct pg_table *pgt;

	lockdep_assert_held(&asi_mutex);
	if (*kept)
		return *kept;
	pgt = create_table(name, fill);
	if (!IS_ERR(pgt))
		*kept = pgt;
	return pgt;
}

struct pg_table *asi_get_base(void)
{
	return get_table(&asi_base, "asi_base", fill_base);
}

/* Does every allow-list context map it anyway? */
bool asi_base_maps(unsigned long va)
{
	struct pg_table_leaf leaf;

	return !pg_table_lookup(asi_base, va, &leaf);
}

/* The image changed, at the end of boot. */
int asi_update_base(void)
{
	lockdep_assert_held(&asi_mutex);
	return asi_base ? asi_arch_map_image(asi_base) : 0;
}

/* What of a zone is whole blocks. */
static unsigned long zone_blocks(struct zone *zone, unsigned long *pfn)
{
	unsigned long end = ALIGN_DOWN(zone_end_pfn(zone),
				       DIRECT_MAP_BLOCK_PAGES);

	*pfn = ALIGN(zone->zone_start_pfn, DIRECT_MAP_BLOCK_PAGES);
	return end > *pfn ? end - *pfn : 0;
}

/* User memory: hardly anything of the kernel's own is in this zone. */
static int hide_movable(struct pg_table *pgt)
{
	unsigned long pfn, n;
	struct zone *zone;
	int ret = 0;

	for_each_populated_zone(zone) {
		n = zone_idx(zone) == ZONE_MOVABLE ? zone_blocks(zone, &pfn) : 0;
		if (!ret && n)
			ret = direct_map_hide(pgt, pfn, n, GFP_KERNEL);
	}
	return ret;
}

static int fill_master(struct pg_table *pgt)
{
	return direct_map_follow(pgt) ?: hide_movable(pgt);
}

struct pg_table *asi_get_master(void)
{
	return get_table(&asi_master, "asi_master", fill_master);
}

#ifdef CONFIG_MEMORY_HOTPLUG
/*
 * Memory that leaves takes its struct pages along: no context may map them any
 * more. Of memory that comes only new contexts know; the others just leave.
 */
static void unmap_vmemmap(struct pg_table *pgt, unsigned long va,
			  unsigned long size)
{
	WARN_ON_ONCE(pg_table_unmap(pgt, va, size, GFP_KERNEL | __GFP_NOFAIL));
}

static void forget_vmemmap(const struct memory_notify *memory)
{
	unsigned long va, size;
	struct asi *asi;

	find_vmemmap(memory->start_pfn, memory->nr_pages, &va, &size);
	if (asi_base)
		unmap_vmemmap(asi_base, va, size);
	list_for_each_entry(asi, &asi_list, all)
		unmap_vmemmap(asi->pgt, va, size);
}

/* User memory is a hole before the first page of it can be had. */
static int hide_memory(const struct memory_notify *memory)
{
	struct page *page = pfn_to_page(memory->start_pfn);

	if (!asi_master || page_zonenum(page) != ZONE_MOVABLE)
		return 0;
	return direct_map_hide(asi_master, memory->start_pfn, memory->nr_pages,
			       GFP_KERNEL);
}

static void show_memory(const struct memory_notify *memory)
{
	struct page *page = pfn_to_page(memory->start_pfn);

	if (asi_master && page_zonenum(page) == ZONE_MOVABLE)
		direct_map_show(asi_master, memory->start_pfn,
				memory->nr_pages);
}

static int memory_changes(struct notifier_block *block, unsigned long action,
			  void *data)
{
	const struct memory_notify *memory = data;
	int ret = 0;

	mutex_lock(&asi_mutex);
	switch (action) {
	case MEM_GOING_ONLINE:
		ret = hide_memory(memory);
		break;
	case MEM_ONLINE:
		if (asi_base)
			map_vmemmap(asi_base, memory->start_pfn,
				    memory->nr_pages);
		break;
	case MEM_OFFLINE:
		forget_vmemmap(memory);
		fallthrough;
	case MEM_CANCEL_ONLINE:
		show_memory(memory);
		break;
	}
	mutex_unlock(&asi_mutex);
	return notifier_from_errno(ret);
}

static int __init asi_base_init(void)
{
	if (asi_is_on())
		hotplug_memory_notifier(memory_changes, DEFAULT_CALLBACK_PRI);
	return 0;
}
subsys_initcall(asi_base_init);
#endif

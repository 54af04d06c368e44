// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to map, protect and unmap ranges of a kernel's address space: by
 * the kernel's own functions, and by pg_table where it is. Loading the module
 * does it all, and says in the log, in lines of @data, how much the time stamp
 * counter went on. Nothing is ever accessed through what is mapped.
 */
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/set_memory.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include <asm/tsc.h>

#ifdef CONFIG_PG_TABLE_NATIVE
#include <linux/pg_table.h>
#endif

/* No memory is there, so that no page is mapped elsewhere too. */
#define PA		(256ULL * SZ_1G)
#define AREA_SIZE	(1UL * SZ_1G)
#define TIMES		3
/* Room in which there are no tables yet. */
#define FRESH_SIZE	(8UL * SZ_1G)

/* What modules can not link to. */
static struct mm_struct *kernel_mm;
static typeof(vmap_page_range) *map_range;
static typeof(ioremap_page_range) *ioremap_range;
static void (*unmap_range)(unsigned long start, unsigned long end);
static typeof(set_memory_x) *memory_x;
static struct vm_struct *(*get_area)(unsigned long size, unsigned long flags);

/**
 * struct target - what is mapped
 * @va: where
 * @size: how many bytes
 * @pa: what
 * @table: the table of pg_table
 */
struct target {
	unsigned long	va;
	unsigned long	size;
	phys_addr_t	pa;
	void		*table;
};

/**
 * struct peer - one way to do it; what is NULL it can't
 * @name: its name
 * @map: maps the range
 * @protect: changes the protection of all of it
 * @unmap: undoes @map
 * @small_only: it knows no large leaves
 */
struct peer {
	const char	*name;
	int		(*map)(const struct target *range);
	int		(*protect)(const struct target *range);
	int		(*unmap)(const struct target *range);
	bool		small_only;
};

static int vmap_map(const struct target *range)
{
	return map_range(range->va, range->va + range->size, range->pa,
			 PAGE_KERNEL);
}

static int vmap_unmap(const struct target *range)
{
	unmap_range(range->va, range->va + range->size);
	return 0;
}

/* Here W^X asks for a first change, which is not what is looked at. */
static int set_memory_map(const struct target *range)
{
	return map_range(range->va, range->va + range->size, range->pa,
			 PAGE_KERNEL_RO);
}

static int set_memory_protect(const struct target *range)
{
	return memory_x(range->va, range->size >> PAGE_SHIFT);
}

/* The area of the range is as large as the range. */
static int ioremap_map(const struct target *range)
{
	return ioremap_range(range->va, range->va + range->size, range->pa,
			     PAGE_KERNEL);
}

static int apply_one(pte_t *pte, unsigned long va, void *data)
{
	const struct target *range = data;

	set_pte_at(kernel_mm, va, pte,
		   pfn_pte((range->pa + va - range->va) >> PAGE_SHIFT,
			   PAGE_KERNEL));
	return 0;
}

static int apply_map(const struct target *range)
{
	return apply_to_page_range(kernel_mm, range->va, range->size, apply_one,
				   (void *)range);
}

static const struct peer peers[] = {
	{ "vmap_range", vmap_map, NULL, vmap_unmap },
	{ "ioremap_page_range", ioremap_map, NULL, vmap_unmap },
	{ "apply_to_page_range", apply_map, NULL, vmap_unmap, true },
	{ "set_memory", set_memory_map, set_memory_protect, vmap_unmap },
};

#ifdef CONFIG_PG_TABLE_NATIVE
static int library_map(const struct target *range)
{
	return pg_table_map(range->table, range->va, range->pa, range->size,
			    PAGE_KERNEL_RO, GFP_KERNEL);
}

/* No CPU has the table: a flush would be nothing, but is not asked for either. */
static int library_protect(const struct target *range)
{
	struct pg_table_gather gather;
	int ret;

	pg_table_gather_init(&gather, range->table);
	ret = pg_table_protect_gather(range->table, range->va, range->size,
				      __pgprot(0), __pgprot(_PAGE_NX),
				      GFP_KERNEL, &gather);
	pg_table_gather_flush(&gather);
	return ret;
}

static int library_unmap(const struct target *range)
{
	return pg_table_unmap(range->table, range->va, range->size, GFP_KERNEL);
}

static const struct peer library = {
	"pg_table", library_map, library_protect, library_unmap
};

static struct pg_table *create(const char *name)
{
	struct pg_table_config config = { .flags = PG_TABLE_EXCLUSIVE };

	config.name = name;
	return pg_table_create(&config);
}

/* An alias of the first 512 GiB, however much is mapped there. */
static int time_clone(struct pg_table *src)
{
	struct pg_table *dst = create("range-clone");
	u64 start, ticks;
	int ret;

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	start = rdtsc_ordered();
	ret = pg_table_clone(dst, src, 0, 512UL * SZ_1G, PG_TABLE_SHARE,
			     GFP_KERNEL);
	ticks = rdtsc_ordered() - start;
	if (!ret)
		pr_info("@data {\"peer\": \"pg_table\", \"leaf\": \"4k\", \"size\": %lu, \"clone\": %llu}\n",
			512UL * SZ_1G, ticks);
	return ret ?: pg_table_destroy(dst);
}
#endif

static u64 timed(int (*step)(const struct target *range),
		 const struct target *range, int *ret)
{
	u64 start = rdtsc_ordered();

	*ret = step(range);
	return rdtsc_ordered() - start;
}

/* The least of several times, because a timer may have come in between. */
static int time_range(const struct peer *peer, const struct target *range,
		      const char *leaf)
{
	u64 first = 0, map = ~0ULL, protect = ~0ULL, unmap = ~0ULL;
	int i, ret = 0;

	for (i = 0; !ret && i < TIMES; i++) {
		u64 ticks = timed(peer->map, range, &ret);

		if (!i)
			first = ticks;
		map = min(map, ticks);
		if (!ret && peer->protect)
			protect = min(protect,
				      timed(peer->protect, range, &ret));
		if (!ret)
			unmap = min(unmap, timed(peer->unmap, range, &ret));
		cond_resched();
	}
	if (ret)
		return ret;
	pr_info("@data {\"peer\": \"%s\", \"leaf\": \"%s\", \"size\": %lu, \"first\": %llu, \"map\": %llu, \"protect\": %lld, \"unmap\": %llu}\n",
		peer->name, leaf, range->size, first, map,
		peer->protect ? (s64)protect : -1LL, unmap);
	return 0;
}

/* In an area that nothing was in before, and that is as large. */
static int time_area(const struct peer *peer, struct target *range,
		     const char *leaf)
{
	struct vm_struct *area = get_area(range->size, VM_IOREMAP);
	int ret;

	if (!area)
		return -ENOMEM;
	range->va = (unsigned long)area->addr;
	ret = time_range(peer, range, leaf);
	free_vm_area(area);
	return ret;
}

/* Leaves of 4 KiB where the addresses do not fit to each other otherwise. */
static int time_peer(const struct peer *peer, void *table)
{
	static const unsigned long sizes[] = {
		PAGE_SIZE, SZ_2M, 64 * SZ_1M, AREA_SIZE
	};
	struct target range = { .table = table };
	int i, large, ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(sizes); i++) {
		for (large = 0; !ret && large <= !peer->small_only; large++) {
			if (large && sizes[i] < SZ_2M)
				continue;
			range.size = sizes[i];
			range.pa = PA + (large ? 0 : PAGE_SIZE);
			range.va = SZ_1G;
			ret = table ? time_range(peer, &range,
						 large ? "large" : "4k") :
				      time_area(peer, &range,
						large ? "large" : "4k");
		}
	}
	return ret;
}

/*
 * An allocation of a table fails in the middle of a range: how many pages of it
 * stay mapped?
 */
static int fail_in_the_middle(void)
{
	struct vm_struct *area = get_area(FRESH_SIZE, VM_IOREMAP);
	unsigned long va, end, at, left = 0;
	unsigned int level;
	int ret;

	if (!area)
		return -ENOMEM;
	va = ALIGN((unsigned long)area->addr + FRESH_SIZE / 2, SZ_1G);
	end = va + 4 * SZ_2M;
	WRITE_ONCE(current->fail_nth, 4);
	ret = map_range(va, end, PA + PAGE_SIZE, PAGE_KERNEL);
	WRITE_ONCE(current->fail_nth, 0);
	for (at = va; at != end; at += PAGE_SIZE) {
		pte_t *pte = lookup_address(at, &level);

		left += pte && pte_present(*pte);
	}
	pr_info("@data {\"failed\": %d, \"pages\": %lu, \"left\": %lu}\n", ret,
		(end - va) >> PAGE_SHIFT, left);
	free_vm_area(area);
	return ret == -ENOMEM ? 0 : -EIO;
}

static int time_library(void)
{
#ifdef CONFIG_PG_TABLE_NATIVE
	struct pg_table *table = create("range");
	int ret;

	if (IS_ERR(table))
		return PTR_ERR(table);
	ret = time_peer(&library, table) ?:
	      pg_table_map(table, SZ_1G, PA + PAGE_SIZE, AREA_SIZE, PAGE_KERNEL,
			   GFP_KERNEL) ?:
	      time_clone(table);
	return ret ?: pg_table_destroy(table);
#else
	return 0;
#endif
}

/* Modules don't get at it otherwise. */
static bool find_symbols(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *name);

	if (register_kprobe(&probe))
		return false;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	kernel_mm = (void *)lookup("init_mm");
	map_range = (void *)lookup("vmap_page_range");
	ioremap_range = (void *)lookup("ioremap_page_range");
	unmap_range = (void *)lookup("vunmap_range_noflush");
	memory_x = (void *)lookup("set_memory_x");
	get_area = (void *)lookup("get_vm_area");
	return kernel_mm && map_range && ioremap_range && unmap_range &&
	       memory_x && get_area;
}

static int __init range_init(void)
{
	int i, ret = 0;

	if (!find_symbols())
		return -ENOENT;
	for (i = 0; !ret && i < ARRAY_SIZE(peers); i++)
		ret = time_peer(&peers[i], NULL);
	return ret ?: time_library() ?: fail_in_the_middle();
}
module_init(range_init);

static void __exit range_exit(void)
{
}
module_exit(range_exit);

MODULE_DESCRIPTION("What it costs to map ranges of the kernel");
MODULE_LICENSE("GPL");

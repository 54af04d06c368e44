// SPDX-License-Identifier: GPL-2.0
/*
 * Simulated physical memory: tables of any format, on the host and in KUnit.
 *
 * The memory is one linear piece of 4 KiB pages. It is handed out as blocks of
 * up to 16 pages, with content that is not zero if poison is on.
 */
#include <linux/align.h>
#include <linux/container_of.h>
#include <linux/export.h>
#include <linux/pg_table_sim.h>
#include <linux/vmalloc.h>

#include "internal.h"

#define SIM_SHIFT	12
#define SIM_PAGE	BIT(SIM_SHIFT)
#define SIM_ORDERS	5
#define SIM_BLOCK	(SIM_PAGE << (SIM_ORDERS - 1))
#define SIM_DEFAULT	BIT(30)

#define SIM_NEW		0xa5
#define SIM_FREED	0x5a

/**
 * struct pg_table_sim - a simulated physical memory
 * @ops: what tables use
 * @lock: protects what follows
 * @pages: how many there are
 * @next: first page that was never used; page 0 is not
 * @free: blocks that were used before, by order
 * @fail_first: allocations until the first that fails, 0 for never
 * @fail_count: how many fail from there on
 * @poison: fill new and freed tables
 * @threads: several threads use the tables, so wait for them before a table is
 *	used again
 * @stats: see &struct pg_table_sim_stats
 * @area: what was allocated for the memory
 * @memory: the first page in it
 * @info: what the library knows of each page
 */
struct pg_table_sim {
	struct pg_table_ops		ops;
	spinlock_t			lock;	/* protects what follows */
	unsigned long			pages;
	unsigned long			next;
	struct pg_table_page		*free[SIM_ORDERS];
	unsigned long			fail_first;
	unsigned long			fail_count;
	bool				poison;
	bool				threads;
	struct pg_table_sim_stats	stats;
	void				*area;
	void				*memory;
	struct pg_table_page		*info;
};

struct pg_table_sim_cpu pg_table_sim_cpu = {
	.svnapot	= true,
	.svpbmt		= true,
	.bbml2		= true,
};
EXPORT_SYMBOL_GPL(pg_table_sim_cpu);

/**
 * pg_table_sim_format - the formats, one by one
 * @i: which; from 0 on
 *
 * All but the running CPU's own, which is no format of its own but a way to
 * write one of these.
 *
 * Context: Any.
 * Return: the format; NULL if there are not so many.
 */
const struct pg_table_format *pg_table_sim_format(unsigned int i)
{
	static const struct pg_table_format *const formats[] = {
		&pg_table_x86_64,
		&pg_table_x86_64_la57,
		&pg_table_arm64_4k,
		&pg_table_arm64_16k,
		&pg_table_arm64_64k,
		&pg_table_riscv64_sv39,
		&pg_table_riscv64_sv48,
		&pg_table_riscv64_sv57,
		&pg_table_loongarch64,
		&pg_table_fake,
	};

	return i < ARRAY_SIZE(formats) ? formats[i] : NULL;
}
EXPORT_SYMBOL_GPL(pg_table_sim_format);

static struct pg_table_sim *pg_table_sim(const struct pg_table *pgt)
{
	return container_of(pgt->desc->ops, struct pg_table_sim, ops);
}

/* log2 of the pages that @size bytes need. */
static unsigned int sim_order(size_t size)
{
	unsigned int order = 0;

	while (SIM_PAGE << order < size)
		order++;
	return order;
}

static bool sim_must_fail(struct pg_table_sim *sim)
{
	sim->stats.allocs++;
	if (!sim->fail_count)
		return false;
	if (sim->fail_first > 1) {
		sim->fail_first--;
		return false;
	}
	sim->fail_count--;
	return true;
}

static void *sim_take(struct pg_table_sim *sim, unsigned int order)
{
	struct pg_table_page *page = sim->free[order];
	unsigned long index;

	if (page) {
		sim->free[order] = page->next;
		return pg_table_of_page(&sim->ops, page);
	}
	index = ALIGN(sim->next, 1UL << order);
	if (index + (1UL << order) > sim->pages)
		return NULL;
	sim->next = index + (1UL << order);
	return sim->memory + (index << SIM_SHIFT);
}

static void *sim_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	struct pg_table_sim *sim = pg_table_sim(pgt);
	unsigned int order = sim_order(size);
	void *table = NULL;

	spin_lock(&sim->lock);
	if (!sim_must_fail(sim))
		table = sim_take(sim, order);
	if (table)
		sim->stats.used += 1UL << order;
	spin_unlock(&sim->lock);
	if (table && sim->poison)
		memset(table, SIM_NEW, size);
	return table;
}

static void sim_free(struct pg_table *pgt, void *table, size_t size)
{
	struct pg_table_sim *sim = pg_table_sim(pgt);
	struct pg_table_page *page = pg_table_page_of(&sim->ops, table);
	unsigned int order = sim_order(size);

	if (sim->threads)
		synchronize_rcu();
	page->owner = NULL;
	if (sim->poison)
		memset(table, SIM_FREED, size);
	spin_lock(&sim->lock);
	page->next = sim->free[order];
	sim->free[order] = page;
	sim->stats.used -= 1UL << order;
	spin_unlock(&sim->lock);
}

static void sim_flush(struct pg_table *pgt,
		      const struct pg_table_gather *gather)
{
	struct pg_table_sim *sim = pg_table_sim(pgt);

	spin_lock(&sim->lock);
	sim->stats.flushes++;
	sim->stats.last = *gather;
	spin_unlock(&sim->lock);
}

/**
 * pg_table_sim_create - make a simulated physical memory
 * @size: its size in bytes, a multiple of 4 KiB, at least 64 KiB
 *
 * Context: Process context, may sleep.
 * Return: the memory; NULL if there is no room for it or @size is bad.
 */
struct pg_table_sim *pg_table_sim_create(size_t size)
{
	struct pg_table_sim *sim;

	if (size % SIM_PAGE || size < 16 * SIM_PAGE)
		return NULL;
	sim = kzalloc(sizeof(*sim), GFP_KERNEL);
	if (!sim)
		return NULL;
	spin_lock_init(&sim->lock);
	sim->pages = size >> SIM_SHIFT;
	sim->next = 1;
	sim->area = vzalloc(size + SIM_BLOCK);
	sim->info = vzalloc(sim->pages * sizeof(*sim->info));
	if (!sim->area || !sim->info) {
		pg_table_sim_destroy(sim);
		return NULL;
	}
	sim->memory = PTR_ALIGN(sim->area, SIM_BLOCK);
	sim->ops.alloc = sim_alloc;
	sim->ops.free = sim_free;
	sim->ops.flush = sim_flush;
	sim->ops.memory = sim->memory;
	sim->ops.pages = sim->info;
	sim->ops.page_stride = sizeof(*sim->info);
	sim->ops.page_shift = SIM_SHIFT;
	return sim;
}
EXPORT_SYMBOL_GPL(pg_table_sim_create);

/**
 * pg_table_sim_destroy - undo pg_table_sim_create()
 * @sim: the memory, in which no table is left
 *
 * Context: Process context, may sleep.
 */
void pg_table_sim_destroy(struct pg_table_sim *sim)
{
	vfree(sim->info);
	vfree(sim->area);
	kfree(sim);
}
EXPORT_SYMBOL_GPL(pg_table_sim_destroy);

/**
 * pg_table_sim_ops - the memory as struct pg_table_config wants it
 * @sim: the memory
 *
 * Context: Any.
 * Return: its operations.
 */
const struct pg_table_ops *pg_table_sim_ops(struct pg_table_sim *sim)
{
	return &sim->ops;
}
EXPORT_SYMBOL_GPL(pg_table_sim_ops);

/**
 * pg_table_sim_fail - let allocations fail
 * @sim: the memory
 * @first: which allocation fails first, 1 for the next one
 * @count: how many fail in a row; 0 for none
 *
 * Context: Any.
 */
void pg_table_sim_fail(struct pg_table_sim *sim, unsigned long first,
		       unsigned long count)
{
	spin_lock(&sim->lock);
	sim->fail_first = first;
	sim->fail_count = count;
	spin_unlock(&sim->lock);
}
EXPORT_SYMBOL_GPL(pg_table_sim_fail);

/**
 * pg_table_sim_poison - fill new and freed tables with what is no entry
 * @sim: the memory
 * @on: whether to
 *
 * Context: Any.
 */
void pg_table_sim_poison(struct pg_table_sim *sim, bool on)
{
	sim->poison = on;
}
EXPORT_SYMBOL_GPL(pg_table_sim_poison);

/**
 * pg_table_sim_threads - prepare for several threads
 * @sim: the memory
 *
 * From now on a freed table is used again only when all threads that could have
 * seen it are done with it. To free one takes a grace period.
 *
 * Context: Any, before the threads start.
 */
void pg_table_sim_threads(struct pg_table_sim *sim)
{
	sim->threads = true;
}
EXPORT_SYMBOL_GPL(pg_table_sim_threads);

/**
 * pg_table_sim_get_stats - what the memory has seen
 * @sim: the memory
 * @stats: set to a copy
 *
 * Context: Any.
 */
void pg_table_sim_get_stats(struct pg_table_sim *sim,
			    struct pg_table_sim_stats *stats)
{
	spin_lock(&sim->lock);
	*stats = sim->stats;
	spin_unlock(&sim->lock);
}
EXPORT_SYMBOL_GPL(pg_table_sim_get_stats);

/**
 * pg_table_sim_to_ptr - the memory behind a simulated physical address
 * @sim: the memory
 * @pa: the address
 *
 * Context: Any.
 * Return: the pointer; NULL if @pa lies outside.
 */
void *pg_table_sim_to_ptr(struct pg_table_sim *sim, phys_addr_t pa)
{
	return pa < sim->pages << SIM_SHIFT ? sim->memory + pa : NULL;
}
EXPORT_SYMBOL_GPL(pg_table_sim_to_ptr);

#ifndef __KERNEL__
/* The host's default: one memory for all, made when first needed. */
const struct pg_table_ops *pg_table_default_ops(void)
{
	static struct pg_table_sim *sim;

	if (!sim)
		sim = pg_table_sim_create(SIM_DEFAULT);
	return sim ? &sim->ops : ERR_PTR(-ENOMEM);
}
#endif

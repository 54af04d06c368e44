// SPDX-License-Identifier: GPL-2.0
/*
 * Restricted contexts: made, filled, given to a task.
 *
 * What a CPU does with one is the architecture's.
 */
#include <linux/asi.h>
#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/pg_table.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

#include "asi_internal.h"

DEFINE_MUTEX(asi_mutex);	/* see asi_internal.h */
LIST_HEAD(asi_list);
LIST_HEAD(asi_classes);

/**
 * asi_class_register - let a class be seen in debugfs
 * @class: the class; its contexts work without, too
 *
 * Context: Process context, sleeps.
 */
void asi_class_register(struct asi_class *class)
{
	mutex_lock(&asi_mutex);
	list_add_tail(&class->all, &asi_classes);
	mutex_unlock(&asi_mutex);
}
EXPORT_SYMBOL_GPL(asi_class_register);

/**
 * asi_class_unregister - undo asi_class_register()
 * @class: the class, which is no longer shown
 *
 * Context: Process context, sleeps.
 */
void asi_class_unregister(struct asi_class *class)
{
	mutex_lock(&asi_mutex);
	list_del(&class->all);
	mutex_unlock(&asi_mutex);
}
EXPORT_SYMBOL_GPL(asi_class_unregister);

/**
 * asi_sum_counters - what happened to the contexts of a class, on all CPUs
 * @class: the class
 * @sum: gets it
 *
 * Context: Any.
 */
void asi_sum_counters(const struct asi_class *class, struct asi_counters *sum)
{
	unsigned long *to = (unsigned long *)sum;
	unsigned int cpu, i;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const unsigned long *from =
			(void *)per_cpu_ptr(class->counters, cpu);

		for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
			to[i] += from[i];
	}
}
EXPORT_SYMBOL_GPL(asi_sum_counters);

static void asi_scheduled_in(struct preempt_notifier *notifier, int cpu)
{
}

static void asi_scheduled_out(struct preempt_notifier *notifier,
			      struct task_struct *next)
{
	asi_switch_task();
}

static struct preempt_ops asi_preempt_ops = {
	.sched_in = asi_scheduled_in,
	.sched_out = asi_scheduled_out,
};

/**
 * struct asi_pages - pages of addresses
 * @first: the first
 * @end: the one behind the last
 */
struct asi_pages {
	unsigned long	first;
	unsigned long	end;
};

static int find_pages(const void *start, size_t size, struct asi_pages *pages)
{
	unsigned long va = (unsigned long)start, last = va + (size - 1);

	if (!size || last < va || va < TASK_SIZE_MAX || last > ~PAGE_SIZE)
		return -EINVAL;
	pages->first = va >> PAGE_SHIFT;
	pages->end = (last >> PAGE_SHIFT) + 1;
	return 0;
}

static unsigned long get_count(struct asi *asi, unsigned long page)
{
	void *entry = xa_load(&asi->pages, page);

	return entry ? xa_to_value(entry) : 0;
}

static int set_count(struct asi *asi, unsigned long page, unsigned long count)
{
	asi->changes++;
	if (!count) {
		xa_erase(&asi->pages, page);
		return 0;
	}
	return xa_err(xa_store(&asi->pages, page, xa_mk_value(count),
			       GFP_KERNEL));
}

/* Is it this one caller's, and nobody else's? */
static bool is_own_page(struct asi *asi, unsigned long page)
{
	return get_count(asi, page) == 1 && !asi_base_maps(page << PAGE_SHIFT);
}

/* The next run of such pages from @run->end on, if there is one. */
static bool next_run(struct asi *asi, const struct asi_pages *pages,
		     struct asi_pages *run)
{
	unsigned long page = run->end;

	while (page < pages->end && !is_own_page(asi, page))
		page++;
	run->first = page;
	while (page < pages->end && is_own_page(asi, page))
		page++;
	run->end = page;
	return run->first < run->end;
}

static size_t run_size(const struct asi_pages *run)
{
	return (run->end - run->first) << PAGE_SHIFT;
}

/*
 * As the kernel maps it now, but page by page, so that any part can go without
 * memory.
 */
static int map_run(struct asi *asi, const struct asi_pages *run)
{
	unsigned long va = run->first << PAGE_SHIFT, page;
	struct pg_table_leaf leaf;
	int ret;

	ret = pg_table_clone(asi->pgt, &init_mm.pgt, va, run_size(run),
			     PG_TABLE_COPY, GFP_KERNEL);
	for (page = run->first; !ret && page < run->end; page++)
		ret = pg_table_lookup(asi->pgt, page << PAGE_SHIFT, &leaf);
	ret = ret ?: pg_table_split(asi->pgt, va, run_size(run), 0, GFP_KERNEL);
	if (ret && ret != -EEXIST)
		WARN_ON_ONCE(pg_table_unmap(asi->pgt, va, run_size(run),
					    GFP_KERNEL));
	return ret;
}

/* The pages that are the caller's alone go, all under one flush. */
static void unmap_pages(struct asi *asi, const struct asi_pages *pages)
{
	struct asi_pages run = { .end = pages->first };
	struct pg_table_gather gather;

	pg_table_gather_init(&gather, asi->pgt);
	while (next_run(asi, pages, &run))
		WARN_ON_ONCE(pg_table_unmap_gather(asi->pgt,
						   run.first << PAGE_SHIFT,
						   run_size(&run), 0, &gather));
	pg_table_gather_flush(&gather);
}

static void put_pages(struct asi *asi, const struct asi_pages *pages)
{
	unsigned long page;

	for (page = pages->first; page < pages->end; page++)
		set_count(asi, page, get_count(asi, page) - 1);
}

static int get_pages(struct asi *asi, const struct asi_pages *pages)
{
	struct asi_pages done = *pages;
	int ret = 0;

	for (done.end = done.first; done.end < pages->end; done.end++) {
		ret = set_count(asi, done.end, get_count(asi, done.end) + 1);
		if (ret)
			break;
	}
	if (ret)
		put_pages(asi, &done);
	return ret;
}

static int map_pages(struct asi *asi, const struct asi_pages *pages)
{
	struct asi_pages run = { .end = pages->first }, done = *pages;
	int ret = get_pages(asi, pages);

	if (ret)
		return ret;
	while (!ret && next_run(asi, pages, &run))
		ret = map_run(asi, &run);
	if (!ret)
		return 0;
	done.end = run.first;
	unmap_pages(asi, &done);
	put_pages(asi, pages);
	return ret;
}

static int map_locked(struct asi *asi, const void *start, size_t size)
{
	struct asi_pages pages;

	return find_pages(start, size, &pages) ?: map_pages(asi, &pages);
}

static int unmap_locked(struct asi *asi, const void *start, size_t size)
{
	struct asi_pages pages;
	unsigned long page;
	int ret = find_pages(start, size, &pages);

	if (ret)
		return ret;
	for (page = pages.first; page < pages.end; page++) {
		if (!get_count(asi, page))
			return -ENOENT;
	}
	unmap_pages(asi, &pages);
	put_pages(asi, &pages);
	return 0;
}

/**
 * asi_map - map memory of the kernel in an allow-list context
 * @asi: the context
 * @start: its first byte: in the direct map, vmalloc's area, a module, the image
 * @size: bytes
 *
 * By whole pages, as the kernel maps them at the moment: what else lies in them
 * is within reach, too. Pages are counted: each is there until it was unmapped as
 * often as it was mapped. The caller unmaps before the memory is freed.
 *
 * Context: Process context, sleeps.
 * Return: 0; -EINVAL for a bad range or a deny-list context; -ENOENT if a part is
 * not mapped in the kernel; -ENOMEM.
 */
int asi_map(struct asi *asi, const void *start, size_t size)
{
	int ret = -EINVAL;

	mutex_lock(&asi->lock);
	if (asi->class->policy == ASI_ALLOW)
		ret = map_locked(asi, start, size);
	mutex_unlock(&asi->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(asi_map);

/**
 * asi_unmap - undo asi_map()
 * @asi: the context
 * @start: as it was mapped
 * @size: likewise
 *
 * What nobody else mapped is flushed when this returns.
 *
 * Context: Process context, sleeps.
 * Return: 0; -EINVAL for a bad range or a deny-list context; -ENOENT if a part
 * was not mapped.
 */
int asi_unmap(struct asi *asi, const void *start, size_t size)
{
	int ret = -EINVAL;

	mutex_lock(&asi->lock);
	if (asi->class->policy == ASI_ALLOW)
		ret = unmap_locked(asi, start, size);
	mutex_unlock(&asi->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(asi_unmap);

/**
 * asi_unmap_percpu - undo asi_map_percpu()
 * @asi: the context
 * @ptr: as it was mapped
 * @size: likewise
 *
 * Context: Process context, sleeps.
 * Return: As asi_unmap().
 */
int asi_unmap_percpu(struct asi *asi, const void __percpu *ptr, size_t size)
{
	unsigned int cpu;
	int ret = 0;

	for_each_possible_cpu(cpu)
		ret = asi_unmap(asi, per_cpu_ptr(ptr, cpu), size) ?: ret;
	return ret;
}
EXPORT_SYMBOL_GPL(asi_unmap_percpu);

/**
 * asi_map_percpu - map data of all CPUs in an allow-list context
 * @asi: the context
 * @ptr: static data, or what alloc_percpu() gave
 * @size: bytes for each CPU
 *
 * Context: Process context, sleeps.
 * Return: As asi_map().
 */
int asi_map_percpu(struct asi *asi, const void __percpu *ptr, size_t size)
{
	unsigned int cpu, done;
	int ret;

	for_each_possible_cpu(cpu) {
		ret = asi_map(asi, per_cpu_ptr(ptr, cpu), size);
		if (!ret)
			continue;
		for_each_possible_cpu(done) {
			if (done == cpu)
				break;
			asi_unmap(asi, per_cpu_ptr(ptr, done), size);
		}
		return ret;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(asi_map_percpu);

static void unmap_module_before(struct asi *asi, struct module *module,
				enum mod_mem_type end)
{
	for_each_mod_mem_type(type) {
		const struct module_memory *memory = &module->mem[type];

		if (type < end && memory->size && !mod_mem_type_is_init(type))
			asi_unmap(asi, memory->base, memory->size);
	}
}

/**
 * asi_map_module - map a module's code and data in an allow-list context
 * @asi: the context
 * @module: the module, which is live; its data of each CPU is mapped, too
 *
 * Context: Process context, sleeps. The caller keeps the module from going.
 * Return: As asi_map().
 */
int asi_map_module(struct asi *asi, struct module *module)
{
	int ret;

	for_each_mod_mem_type(type) {
		const struct module_memory *memory = &module->mem[type];

		if (!memory->size || mod_mem_type_is_init(type))
			continue;
		ret = asi_map(asi, memory->base, memory->size);
		if (ret) {
			unmap_module_before(asi, module, type);
			return ret;
		}
	}
	if (!module->percpu_size)
		return 0;
	ret = asi_map_percpu(asi, module->percpu, module->percpu_size);
	if (ret)
		unmap_module_before(asi, module, MOD_MEM_NUM_TYPES);
	return ret;
}
EXPORT_SYMBOL_GPL(asi_map_module);

/**
 * asi_unmap_module - undo asi_map_module()
 * @asi: the context
 * @module: the module
 *
 * Context: Process context, sleeps. Before the module goes.
 * Return: As asi_unmap().
 */
int asi_unmap_module(struct asi *asi, struct module *module)
{
	unmap_module_before(asi, module, MOD_MEM_NUM_TYPES);
	if (!module->percpu_size)
		return 0;
	return asi_unmap_percpu(asi, module->percpu, module->percpu_size);
}
EXPORT_SYMBOL_GPL(asi_unmap_module);

/* A table that begins as an alias of the base. */
static int make_table(struct asi *asi)
{
	const struct pg_table_config config = {
		.name = asi->name,
		/* At boot the image is writable and executable for a while. */
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_ALLOW_WX,
	};
	struct pg_table *base = asi_get_base();
	unsigned long first;
	int ret;

	if (IS_ERR(base))
		return PTR_ERR(base);
	asi->pgt = pg_table_create(&config);
	if (IS_ERR(asi->pgt))
		return PTR_ERR(asi->pgt);
	first = base->desc->kernel_first;
	ret = pg_table_clone(asi->pgt, base, first, -first, PG_TABLE_SHARE,
			     GFP_KERNEL);
	if (ret)
		pg_table_destroy(asi->pgt);
	else
		list_add(&asi->all, &asi_list);
	return ret;
}

static int find_table(struct asi *asi)
{
	if (asi->class->policy == ASI_ALLOW)
		return make_table(asi);
	asi->pgt = asi_get_master();
	return PTR_ERR_OR_ZERO(asi->pgt);
}

/**
 * asi_create - make a restricted context
 * @class: what kind it is
 *
 * Context: Process context, sleeps.
 * Return: the context; -EOPNOTSUPP without isolation, or if the CPU's indirect
 * branches go by way of code that no allow-list context has; -ENOMEM.
 */
struct asi *asi_create(struct asi_class *class)
{
	static atomic_t number;
	struct asi *asi;
	int ret;

	if (!asi_is_on() ||
	    (class->policy == ASI_ALLOW && !asi_arch_may_allow()))
		return ERR_PTR(-EOPNOTSUPP);
	asi = kzalloc(sizeof(*asi), GFP_KERNEL);
	if (!asi)
		return ERR_PTR(-ENOMEM);
	asi->class = class;
	snprintf(asi->name, sizeof(asi->name), "asi_%s_%d", class->name,
		 atomic_inc_return(&number));
	mutex_init(&asi->lock);
	xa_init(&asi->pages);
	INIT_LIST_HEAD(&asi->all);
	preempt_notifier_init(&asi->notifier, &asi_preempt_ops);
	/* What the base is made of must not come or go meanwhile. */
	cpus_read_lock();
	get_online_mems();
	mutex_lock(&asi_mutex);
	ret = find_table(asi);
	mutex_unlock(&asi_mutex);
	put_online_mems();
	cpus_read_unlock();
	if (ret) {
		kfree(asi);
		return ERR_PTR(ret);
	}
	return asi;
}
EXPORT_SYMBOL_GPL(asi_create);

/**
 * asi_destroy - undo asi_create()
 * @asi: the context; what is mapped in it goes with it
 *
 * Context: Process context, sleeps.
 * Return: 0; -EBUSY while a task has attached it.
 */
int asi_destroy(struct asi *asi)
{
	int ret = 0;

	mutex_lock(&asi_mutex);
	if (asi->task)
		ret = -EBUSY;
	if (!ret && asi->class->policy == ASI_ALLOW)
		ret = pg_table_destroy(asi->pgt);
	if (!ret)
		list_del(&asi->all);
	mutex_unlock(&asi_mutex);
	if (ret)
		return ret;
	xa_destroy(&asi->pages);
	kfree(asi);
	return 0;
}
EXPORT_SYMBOL_GPL(asi_destroy);

static size_t task_size(void)
{
#ifdef CONFIG_ARCH_WANTS_DYNAMIC_TASK_STRUCT
	return arch_task_struct_size;
#else
	return sizeof(struct task_struct);
#endif
}

static int map_task(struct asi *asi)
{
	int ret = map_locked(asi, current, task_size());

	if (ret)
		return ret;
	ret = map_locked(asi, task_stack_page(current), THREAD_SIZE);
	if (ret)
		unmap_locked(asi, current, task_size());
	return ret;
}

static void unmap_task(struct asi *asi)
{
	unmap_locked(asi, task_stack_page(current), THREAD_SIZE);
	unmap_locked(asi, current, task_size());
}

/**
 * asi_attach - make a context the current task's
 * @asi: the context
 *
 * Of all tasks it then has this one's task_struct and stack, by pages. A task
 * that dies detaches what it attached.
 *
 * Context: Process context, sleeps.
 * Return: 0; -EBUSY if a task attached it already; -ENOMEM.
 */
int asi_attach(struct asi *asi)
{
	int ret = 0;

	mutex_lock(&asi->lock);
	if (asi->task)
		ret = -EBUSY;
	else if (asi->class->policy == ASI_ALLOW)
		ret = map_task(asi);
	if (!ret) {
		preempt_disable();
		preempt_notifier_register(&asi->notifier);
		preempt_enable();
		asi->task = get_task_struct(current);
	}
	mutex_unlock(&asi->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(asi_attach);

/**
 * asi_detach - undo asi_attach()
 * @asi: the context; it is left if the CPU is in it
 *
 * The task's stack is out of it, and flushed, when this returns.
 *
 * Context: Process context of the task that attached it, sleeps. Not in a
 * section.
 */
void asi_detach(struct asi *asi)
{
	mutex_lock(&asi->lock);
	if (WARN_ON_ONCE(asi->task != current))
		goto out;
	preempt_disable();
	asi_exit();
	preempt_notifier_unregister(&asi->notifier);
	preempt_enable();
	if (asi->class->policy == ASI_ALLOW)
		unmap_task(asi);
	asi->task = NULL;
	put_task_struct(current);
out:
	mutex_unlock(&asi->lock);
}
EXPORT_SYMBOL_GPL(asi_detach);

/**
 * asi_exit_task - the current task ends: detach all that it attached
 *
 * Context: Process context, sleeps.
 */
void asi_exit_task(void)
{
	struct preempt_notifier *notifier;
	struct hlist_node *next;

	if (!asi_is_on())
		return;
	hlist_for_each_entry_safe(notifier, next, &current->preempt_notifiers,
				  link) {
		if (notifier->ops == &asi_preempt_ops)
			asi_detach(container_of(notifier, struct asi, notifier));
	}
}

/**
 * asi_finalize - the kernel's image is what it will be
 *
 * Context: Once, at the end of boot.
 */
void asi_finalize(void)
{
	struct asi *asi;
	int ret;

	if (!asi_is_on())
		return;
	mutex_lock(&asi_mutex);
	ret = asi_update_base();
	list_for_each_entry(asi, &asi_list, all)
		ret = ret ?: asi_arch_map_image(asi->pgt);
	mutex_unlock(&asi_mutex);
	if (ret)
		panic("asi: the image cannot be mapped: %d\n", ret);
}

/* With isolation on the scheduler always looks at a task's notifiers. */
static int __init asi_init(void)
{
	if (asi_is_on())
		preempt_notifier_inc();
	return 0;
}
core_initcall(asi_init);

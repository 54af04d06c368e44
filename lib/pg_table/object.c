// SPDX-License-Identifier: GPL-2.0
/*
 * Tables as objects: create, init, destroy, fini, and the list of all.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/mutex.h>

#include "internal.h"

#define PG_TABLE_ALL_FLAGS	(PG_TABLE_USER_HALF | PG_TABLE_KERNEL_HALF | \
				 PG_TABLE_ALLOW_WX | PG_TABLE_KEEP_SMALL | \
				 PG_TABLE_EXCLUSIVE | PG_TABLE_FOREIGN | \
				 PG_TABLE_IN_PLACE | PG_TABLE_ATOMIC)

static LIST_HEAD(pg_tables);
static DEFINE_MUTEX(pg_tables_lock);

/* What pg_table_create() allocates. */
struct pg_table_object {
	struct pg_table		pgt;
	struct pg_table_desc	desc;
};

static const struct pg_table_format *
pg_table_config_format(const struct pg_table_config *config)
{
#ifdef CONFIG_PG_TABLE_NATIVE
	if (!config->format)
		return &pg_table_native;
#endif
	return config->format;
}

#define PG_TABLE_HALVES		(PG_TABLE_USER_HALF | PG_TABLE_KERNEL_HALF)

static int pg_table_config_check(const struct pg_table_config *config)
{
	const struct pg_table_format *format = pg_table_config_format(config);

	if (!format)
		return -EOPNOTSUPP;
	if (config->flags & ~PG_TABLE_ALL_FLAGS ||
	    config->leaf_sizes > format->leaf_sizes())
		return -EINVAL;
	if (config->va_last && config->va_last < config->va_first)
		return -EINVAL;
	if (format->two_roots && (config->flags & PG_TABLE_HALVES) ==
				 PG_TABLE_HALVES)
		return -EINVAL;
	if (config->flags & (PG_TABLE_FOREIGN | PG_TABLE_IN_PLACE) &&
	    !config->root)
		return -EINVAL;
	if (config->flags & PG_TABLE_IN_PLACE &&
	    (config->flags & (PG_TABLE_FOREIGN | PG_TABLE_EXCLUSIVE)) !=
	    PG_TABLE_EXCLUSIVE)
		return -EINVAL;
	if (config->flags & PG_TABLE_ATOMIC &&
	    !(config->flags & PG_TABLE_EXCLUSIVE))
		return -EINVAL;
	return 0;
}

/* How the table itself and its root are allocated. */
static gfp_t pg_table_config_gfp(const struct pg_table_config *config)
{
	return config->flags & PG_TABLE_ATOMIC ? GFP_ATOMIC : GFP_KERNEL;
}

/* One root is one half: all of it can be edited, and nothing else. */
static void pg_table_set_half(struct pg_table_desc *desc)
{
	unsigned long size = 1UL << desc->format->va_bits();

	if (desc->config.flags & PG_TABLE_KERNEL_HALF) {
		desc->user_last = 0;
		desc->kernel_first = -size;
		desc->config.va_first = max(desc->config.va_first, -size);
	} else {
		desc->user_last = size - 1;
		desc->kernel_first = ~0UL;
		desc->config.va_last = min(desc->config.va_last, size - 1);
	}
}

/* Where the two halves of the address space end and begin. */
static void pg_table_set_bounds(struct pg_table_desc *desc)
{
	unsigned int halves = desc->config.flags & PG_TABLE_HALVES;
	unsigned int bits = desc->format->va_bits();
	unsigned long half = 1UL << (bits - 1);

	if (!desc->config.va_last)
		desc->config.va_last = ~0UL;
	if (desc->format->two_roots) {
		pg_table_set_half(desc);
		return;
	}
	desc->user_last = half - 1;
	desc->kernel_first = half;
	if (desc->format->va_signed)
		desc->kernel_first = -half;
	else
		desc->config.va_last = min(desc->config.va_last,
					   half + (half - 1));

	/* Ranges begin at a page: none begins at the last address. */
	if (halves == PG_TABLE_USER_HALF)
		desc->kernel_first = ~0UL;
	if (halves == PG_TABLE_KERNEL_HALF)
		desc->user_last = 0;
	else if (!desc->format->va_signed && halves != PG_TABLE_USER_HALF)
		desc->user_last = desc->config.va_last;
}

/* Bounds that lie in one half: what is between the two is no address. */
static bool pg_table_bounds_one_half(const struct pg_table_desc *desc)
{
	const struct pg_table_config *config = &desc->config;

	return config->va_last <= desc->user_last ||
	       config->va_first >= desc->kernel_first;
}

static void pg_table_desc_init(struct pg_table_desc *desc,
			       const struct pg_table_config *config)
{
	desc->config = *config;
	strscpy(desc->name, config->name ?: "anonymous", sizeof(desc->name));
	desc->config.name = desc->name;
	desc->format = pg_table_config_format(config);
	desc->ops = config->ops ?: pg_table_default_ops();
	desc->page_size = BIT(desc->format->page_shift);
	desc->pa_last = desc->format->pa_last();
	atomic_set(&desc->loaded, 0);
	INIT_LIST_HEAD(&desc->clones);
	INIT_LIST_HEAD(&desc->sources);
	INIT_LIST_HEAD(&desc->gathers);
	pg_table_set_bounds(desc);
}

static void pg_table_free_root(struct pg_table *pgt)
{
	unsigned int top = pg_table_format(pgt)->levels() - 1;

	pg_table_page_of(pg_table_ops(pgt), pgt->pgd)->owner = NULL;
	pg_table_ops(pgt)->free(pgt, pgt->pgd,
				pg_table_format(pgt)->table_size(top));
	pgt->pgd = NULL;
}

static int pg_table_alloc_root(struct pg_table *pgt)
{
	const struct pg_table_format *format = pg_table_format(pgt);
	unsigned int top = format->levels() - 1;

	pgt->pgd = NULL;
	pgt->pgd = pg_table_ops(pgt)->alloc(pgt, format->table_size(top),
					    pg_table_config_gfp(&pgt->desc->config));
	if (!pgt->pgd)
		return -ENOMEM;
	format->clear_root(pgt, pgt->pgd);
	pg_table_page_init(pgt, pgt->pgd, top);
	return 0;
}

/*
 * Another table's root can be read and cloned from, but not edited. That of the
 * kernel, which others write too, need not lie in the memory of tables.
 */
static bool pg_table_may_adopt(const struct pg_table_desc *desc)
{
	return desc->config.flags & (PG_TABLE_FOREIGN | PG_TABLE_IN_PLACE) ||
	       !pg_table_page_of(desc->ops, desc->config.root)->owner;
}

static void pg_table_list(struct pg_table_desc *desc)
{
	if (desc->config.flags & PG_TABLE_ATOMIC)
		return;
	mutex_lock(&pg_tables_lock);
	list_add_tail(&desc->all, &pg_tables);
	mutex_unlock(&pg_tables_lock);
	pg_table_debugfs_update();
}

static void pg_table_unlist(struct pg_table_desc *desc)
{
	if (desc->config.flags & PG_TABLE_ATOMIC)
		return;
	mutex_lock(&pg_tables_lock);
	list_del(&desc->all);
	mutex_unlock(&pg_tables_lock);
	pg_table_debugfs_update();
}

/* @desc is zeroed; on failure nothing but it remains to be freed. */
static int pg_table_setup(struct pg_table *pgt, struct pg_table_desc *desc,
			  const struct pg_table_config *config)
{
	int ret = 0;

	pg_table_desc_init(desc, config);
	if (IS_ERR(desc->ops))
		return PTR_ERR(desc->ops);
	if (config->flags & PG_TABLE_IN_PLACE &&
	    !pg_table_bounds_one_half(desc))
		return -EINVAL;
	desc->pgt = pgt;
	pgt->desc = desc;
	/* Others use the lock and the accounts of a foreign table already. */
	if (!(config->flags & PG_TABLE_FOREIGN)) {
		atomic_long_set(&pgt->pgtables_bytes, 0);
		spin_lock_init(&pgt->page_table_lock);
		pg_table_arch_init(pgt);
	}
	if (!config->root)
		ret = pg_table_alloc_root(pgt);
	else if (pg_table_may_adopt(desc))
		pgt->pgd = config->root;
	else
		ret = -EINVAL;
	if (ret) {
		pgt->desc = NULL;
		return ret;
	}
	pg_table_list(desc);
	return 0;
}

/**
 * pg_table_create - make a table
 * @config: what to make; copied
 *
 * Context: Process context, may sleep; with PG_TABLE_ATOMIC also where nobody may.
 * Return: the table; ERR_PTR(-EINVAL) for a bad configuration, -EOPNOTSUPP if
 * it leaves format or memory to a kernel that does not support this, -ENOMEM.
 */
struct pg_table *pg_table_create(const struct pg_table_config *config)
{
	struct pg_table_object *object;
	int ret = pg_table_config_check(config);

	if (ret)
		return ERR_PTR(ret);
	object = kzalloc(sizeof(*object), pg_table_config_gfp(config));
	if (!object)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&object->pgt.page_table_lock);
	ret = pg_table_setup(&object->pgt, &object->desc, config);
	if (ret) {
		kfree(object);
		return ERR_PTR(ret);
	}
	return &object->pgt;
}
EXPORT_SYMBOL_GPL(pg_table_create);

/**
 * pg_table_init - make a table in the caller's memory
 * @pgt: the memory; what is in it does not matter, unless it is foreign
 * @config: what to make; copied
 *
 * For a struct pg_table that is a member of a larger structure. It is taken
 * to be that of a struct mm_struct when a CPU loads it. Of a foreign table only
 * the descriptor is set; what others use already stays as it is.
 *
 * Context: As pg_table_create().
 * Return: 0, or an error as pg_table_create(), with @pgt as it was.
 */
int pg_table_init(struct pg_table *pgt, const struct pg_table_config *config)
{
	struct pg_table_desc *desc;
	struct pg_table old = *pgt;
	int ret = pg_table_config_check(config);

	if (ret)
		return ret;
	desc = kzalloc(sizeof(*desc), pg_table_config_gfp(config));
	if (!desc)
		return -ENOMEM;
	desc->embedded = true;
	ret = pg_table_setup(pgt, desc, config);
	if (ret) {
		/* Others can have the lock of a foreign table at any moment. */
		if (config->flags & PG_TABLE_FOREIGN)
			pgt->desc = old.desc;
		else
			*pgt = old;
		kfree(desc);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_init);

/*
 * Make editors take the table's lock, and wait for those that did not. Others
 * write a foreign table, under rules of their own. The only editor of a table
 * is nowhere else, but clones of one in place can thaw it meanwhile.
 */
void pg_table_freeze(struct pg_table *pgt)
{
	struct pg_table_desc *desc = pgt->desc;

	if (desc->config.flags & PG_TABLE_FOREIGN)
		return;
	if (!pg_table_has_lock(pgt)) {
		atomic_set(&desc->frozen, atomic_read(&desc->frozen) + 1);
		return;
	}
	atomic_inc_return(&desc->frozen);
	/* Even if it was frozen already: perhaps only just. */
	if (!pg_table_exclusive(pgt))
		synchronize_rcu();
}

/* Undo pg_table_freeze(). */
void pg_table_thaw(struct pg_table *pgt)
{
	struct pg_table_desc *desc = pgt->desc;

	if (desc->config.flags & PG_TABLE_FOREIGN)
		return;
	if (!pg_table_has_lock(pgt))
		atomic_set(&desc->frozen, atomic_read(&desc->frozen) - 1);
	else
		atomic_dec(&desc->frozen);
}

/* Forbid further use, if nobody depends on the table. */
static int pg_table_retire(struct pg_table *pgt)
{
	struct pg_table_desc *desc = pgt->desc;
	bool busy = pg_table_link_busy(pgt);
	int ret = 0;

	/* What the library made among the tables of others is in use there. */
	if (pg_table_in_place(pgt) && atomic_long_read(&pgt->pgtables_bytes))
		busy = true;
	pg_table_lock(pgt);
	if (atomic_read(&desc->loaded) || busy ||
	    !list_empty(&desc->gathers))
		ret = -EBUSY;
	else
		desc->sealed = true;
	pg_table_unlock(pgt);
	WARN_ONCE(!list_empty(&desc->gathers),
		  "pg_table: %s: a gather was not flushed\n", desc->name);
	return ret;
}

/* Take the table apart; only the memory of @pgt and its desc remain. */
static int pg_table_teardown(struct pg_table *pgt, bool embedded)
{
	struct pg_table_gather gather;
	struct pg_table_txn txn;
	int ret;

	if (!pgt->desc)
		return -EPERM;
	if (pgt->desc->embedded != embedded)
		return -EINVAL;
	ret = pg_table_retire(pgt);
	if (ret)
		return ret;
	pg_table_unlist(pgt->desc);
	pg_table_gather_init(&gather, pgt);
	pg_table_txn_init(&txn, pgt, 0, &gather);
	if (!(pgt->desc->config.flags & (PG_TABLE_FOREIGN | PG_TABLE_IN_PLACE))) {
		/* Its sources can still free what it borrows. */
		pg_table_lock(pgt);
		pg_table_link_cut(&txn, 0, ~0UL);
		pg_table_format(pgt)->free_all(&txn);
		pg_table_txn_commit(&txn, 0);
		pg_table_unlock(pgt);
		pg_table_gather_flush(&gather);
	}
	pg_table_link_drop_all(pgt);
	WARN_ONCE(!(pgt->desc->config.flags & PG_TABLE_FOREIGN) &&
		  atomic_long_read(&pgt->pgtables_bytes),
		  "pg_table: %s: %ld bytes of tables left\n", pgt->desc->name,
		  atomic_long_read(&pgt->pgtables_bytes));
	if (!pgt->desc->config.root)
		pg_table_free_root(pgt);
	return 0;
}

/**
 * pg_table_disown - leave a table page to others
 * @pgt: the page table in place that it is taken out of; if that has no clones,
 *	any in the same memory, such as the kernel's own
 * @table: the table page
 *
 * For those who free what they find in tables that are edited in place, such as
 * vmalloc where it maps something large: afterwards it is as if others had made
 * the table page, and no clone of @pgt or of who made it has it, nor a TLB
 * through one.
 *
 * Context: Any; where there are clones as pg_table_gather_flush(). The table page
 * is unlinked, or about to be. Until it is nobody edits what it spans, and nobody
 * makes or fills holes there.
 * Return: whether the library had made it.
 */
bool pg_table_disown(struct pg_table *pgt, void *table)
{
	struct pg_table_page *page;
	struct pg_table *owner;
	long size;

	/* As long as the kernel's own is not known there are none. */
	if (!pgt->desc)
		return false;
	page = pg_table_page_of(pg_table_ops(pgt), table);
	owner = page->owner;
	pg_table_leave(pgt, table);
	if (!owner)
		return false;
	if (owner != pgt)
		pg_table_leave(owner, table);
	size = pg_table_format(owner)->table_size(page->level);
	atomic_long_add(-size, &owner->pgtables_bytes);
	if (pg_table_ops(pgt)->disown)
		pg_table_ops(pgt)->disown(owner, table);
	page->owner = NULL;
	return true;
}
EXPORT_SYMBOL_GPL(pg_table_disown);

/**
 * pg_table_destroy - undo pg_table_create()
 * @pgt: the table
 *
 * Frees all its tables, whether they map something or not.
 *
 * Context: As pg_table_create(). Nobody else may use the table.
 * Return: 0; -EBUSY while a CPU has it loaded, a clone borrows from it, a gather
 * of it is not flushed, or tables of it are among those it edits in place;
 * -EINVAL if pg_table_init() made it; -EPERM for the table of a process.
 */
int pg_table_destroy(struct pg_table *pgt)
{
	int ret = pg_table_teardown(pgt, false);

	if (!ret)
		kfree(container_of(pgt, struct pg_table_object, pgt));
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_destroy);

/**
 * pg_table_fini - undo pg_table_init()
 * @pgt: the table
 *
 * Context: As pg_table_destroy().
 * Return: As pg_table_destroy(), but -EINVAL if pg_table_create() made it.
 */
int pg_table_fini(struct pg_table *pgt)
{
	int ret = pg_table_teardown(pgt, true);

	if (!ret) {
		kfree(pgt->desc);
		pgt->desc = NULL;
	}
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_fini);

/**
 * pg_table_for_each - visit all tables that the library knows
 * @fn: called for each, in order of creation
 * @arg: passed on
 *
 * Context: Process context, may sleep. @fn may, too, but neither create nor
 * destroy tables.
 * Return: 0, or the first result of @fn other than 0, which ends the visit.
 */
int pg_table_for_each(int (*fn)(struct pg_table *pgt, void *arg), void *arg)
{
	struct pg_table_desc *desc;
	int ret = 0;

	mutex_lock(&pg_tables_lock);
	list_for_each_entry(desc, &pg_tables, all) {
		ret = fn(desc->pgt, arg);
		if (ret)
			break;
	}
	mutex_unlock(&pg_tables_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_for_each);

// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/pg_table: the kernel's own address spaces.
 *
 * contexts	one line for each
 * NAME/dump	what the contexts of that name map
 *
 * A file holds no reference to a table. It looks for the name each time that it
 * is read, in the list of all tables, under the lock without which a table
 * cannot leave the list. Directories are made and removed by a work item,
 * because tables come before there is a debugfs, and where nobody may sleep.
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "internal.h"

/* How many leaves are dumped before the list's lock is dropped for a moment. */
#define DUMP_CHUNK	4096

struct dentry *pg_table_debugfs_root;
EXPORT_SYMBOL_GPL(pg_table_debugfs_root);

/* A table on simulated memory is nobody's address space. */
static bool pg_table_is_context(const struct pg_table *pgt)
{
	return pgt->desc->format == &pg_table_native;
}

static void show_size(struct seq_file *m, unsigned long size)
{
	static const char units[] = "BKMGTPE";
	const char *unit = units;

	while (size && !(size & 1023)) {
		size >>= 10;
		unit++;
	}
	seq_printf(m, "%lu%c", size, *unit);
}

/* Words joined by commas; each is preceded by @separator. */
static char show_word(struct seq_file *m, char separator, const char *word)
{
	if (separator)
		seq_putc(m, separator);
	seq_puts(m, word);
	return ',';
}

static void show_config_flags(struct seq_file *m,
			      const struct pg_table_desc *desc)
{
	static const char * const names[] = {
		"user", "kernel", "wx", "keep-small", "exclusive", "foreign",
		"in-place",
	};
	char separator = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (desc->config.flags & BIT(i))
			separator = show_word(m, separator, names[i]);
	}
	if (desc->sealed)
		separator = show_word(m, separator, "sealed");
	if (atomic_read(&desc->loaded))
		separator = show_word(m, separator, "loaded");
	if (!separator)
		seq_putc(m, '-');
}

static void show_largest_leaf(struct seq_file *m,
			      const struct pg_table_format *format,
			      const struct pg_table_stats *stats)
{
	int level;

	for (level = PG_TABLE_MAX_LEVELS - 1; level >= 0; level--) {
		if (!stats->leaves[level])
			continue;
		show_size(m, 1UL << pg_table_level_shift(format, level));
		return;
	}
	seq_putc(m, '-');
}

static int show_context(struct pg_table *pgt, void *arg)
{
	struct pg_table_desc *desc = pgt->desc;
	struct pg_table_stats stats;
	struct seq_file *m = arg;

	if (!pg_table_is_context(pgt))
		return 0;
	pg_table_get_stats(pgt, &stats);
	seq_escape(m, desc->name, " \t\n\\");
	seq_printf(m, " %s %lu %lu ", pg_table_format_name(desc->format),
		   stats.tables, stats.mapped);
	show_largest_leaf(m, desc->format, &stats);
	seq_printf(m, " %lu ", stats.wx);
	show_config_flags(m, desc);
	seq_printf(m, " %ld %ld %ld %ld\n",
		   atomic_long_read(&desc->counters.enters),
		   atomic_long_read(&desc->counters.nmis),
		   atomic_long_read(&desc->counters.mces),
		   atomic_long_read(&desc->counters.pokes));
	return 0;
}

static int contexts_show(struct seq_file *m, void *unused)
{
	seq_puts(m, "name format tables mapped_bytes largest_leaf wx flags enters nmis mces pokes\n");
	return pg_table_for_each(show_context, m);
}
DEFINE_SHOW_ATTRIBUTE(contexts);

/**
 * struct dump - the state of a dump
 * @m: where it goes
 * @name: of the context
 * @pgt: the context, for as long as the list is locked
 * @next: address to go on from; 0 after the last one
 * @budget: leaves until the list's lock is dropped
 * @foreign_last: up to here tables are not the context's own
 * @foreign: there is such a place
 * @run: what the lines to come have in common; of size 0 if there is none
 * @run_foreign: the run lies in tables that are not the context's own
 */
struct dump {
	struct seq_file		*m;
	const char		*name;
	struct pg_table		*pgt;
	unsigned long		next;
	unsigned int		budget;
	unsigned long		foreign_last;
	bool			foreign;
	struct pg_table_leaf	run;
	bool			run_foreign;
};

static void show_prot(struct seq_file *m, unsigned int flags)
{
	const char *type = "WB";

	if (flags & PG_TABLE_WC)
		type = "WC";
	if (flags & PG_TABLE_WT)
		type = "WT";
	if (flags & (PG_TABLE_UC | PG_TABLE_DEVICE))
		type = "UC";
	seq_printf(m, "%c%c%c %s %s %s", flags & PG_TABLE_READ ? 'r' : '-',
		   flags & PG_TABLE_WRITE ? 'w' : '-',
		   flags & PG_TABLE_EXEC ? 'x' : '-',
		   flags & PG_TABLE_USER ? "USR" : "   ",
		   flags & PG_TABLE_GLOBAL ? "GLB" : "   ", type);
	if (flags & PG_TABLE_ENCRYPTED)
		seq_puts(m, " ENC");
}

static void show_run(struct dump *d)
{
	static const char * const levels[] = {
		"PTE", "PMD", "PUD", "P4D", "PGD",
	};
	struct pg_table_leaf *run = &d->run;
	char size[24];

	if (!run->size)
		return;
	snprintf(size, sizeof(size), "%luK", run->size >> 10);
	seq_printf(d->m, "0x%016lx-0x%016lx %14s %s ", run->va,
		   run->va + run->size, size, levels[run->level]);
	show_prot(d->m, pg_table_prot_flags(d->pgt->desc->format, run->prot));
	seq_puts(d->m, d->run_foreign ? " shared\n" : "\n");
	run->size = 0;
}

static int dump_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct dump *d = arg;
	bool foreign = d->foreign && leaf->va <= d->foreign_last;

	if (d->run.size && leaf->va == d->run.va + d->run.size &&
	    leaf->level == d->run.level && foreign == d->run_foreign &&
	    pgprot_val(leaf->prot) == pgprot_val(d->run.prot)) {
		d->run.size += leaf->size;
	} else {
		show_run(d);
		d->run = *leaf;
		d->run_foreign = foreign;
	}
	d->next = leaf->va + leaf->size;
	return !d->budget-- || seq_has_overflowed(d->m);
}

/*
 * KASAN's shadow of nothing is one page, mapped by the same few tables over and
 * over: going through it would take hours.
 */
static unsigned long end_of_shadow(unsigned long va, unsigned long last)
{
#if defined(CONFIG_KASAN_GENERIC) || defined(CONFIG_KASAN_SW_TAGS)
	if (va >= KASAN_SHADOW_START && last < KASAN_SHADOW_END)
		return KASAN_SHADOW_END;
#endif
	return 0;
}

static int dump_table(unsigned long va, size_t size, unsigned int level,
		      const struct pg_table_page *page, void *arg)
{
	unsigned long end = end_of_shadow(va, va + (size - 1));
	struct dump *d = arg;

	if (end) {
		d->next = end;
		return 1;
	}
	if (page && page->owner == d->pgt)
		return 0;
	d->foreign = true;
	d->foreign_last = max(d->foreign_last, va + (size - 1));
	return 0;
}

static const struct pg_table_walk_ops dump_ops = {
	.leaf	= dump_leaf,
	.table	= dump_table,
};

/* Results of dump_chunk() other than 0, which is for tables of other names. */
#define DUMP_MORE	1
#define DUMP_DONE	2

static int dump_half(struct dump *d, unsigned long first, unsigned long last)
{
	first = max3(first, d->next, d->pgt->desc->config.va_first);
	last = min(last, d->pgt->desc->config.va_last);
	/* A half that the table does not have is smaller than a page. */
	if (first > last || last - first < PAGE_SIZE - 1)
		return 0;
	return pg_table_walk(d->pgt, first, last - first + 1, &dump_ops, d);
}

/* Dump the context, if it is the wanted one, as far as the budget allows. */
static int dump_chunk(struct pg_table *pgt, void *arg)
{
	const struct pg_table_desc *desc = pgt->desc;
	struct dump *d = arg;
	int ret;

	if (!pg_table_is_context(pgt) || strcmp(desc->name, d->name))
		return 0;
	d->pgt = pgt;
	d->budget = DUMP_CHUNK;
	ret = dump_half(d, 0, desc->user_last) ?:
	      dump_half(d, desc->kernel_first, ~0UL);
	if (ret > 0 && d->next)
		return DUMP_MORE;
	show_run(d);
	return ret < 0 ? ret : DUMP_DONE;
}

static int dump_show(struct seq_file *m, void *unused)
{
	struct dump d = { .m = m, .name = m->private };
	int ret;

	do {
		/*
		 * A context reaches tables that the kernel's other code made,
		 * and frees under these locks: see ptdump_walk_pgd().
		 */
		get_online_mems();
		mmap_write_lock(&init_mm);
		ret = pg_table_for_each(dump_chunk, &d);
		mmap_write_unlock(&init_mm);
		put_online_mems();
		cond_resched();
	} while (ret == DUMP_MORE && !seq_has_overflowed(m));
	if (!ret)
		return -ENOENT;
	return min(ret, 0);
}
DEFINE_SHOW_ATTRIBUTE(dump);

static int show_extent(phys_addr_t pa, phys_addr_t last, void *m)
{
	seq_printf(m, "%pa-%pa\n", &pa, &last);
	return 0;
}

/**
 * struct context_reach - a context whose reach is shown
 * @m: where
 * @name: its name
 */
struct context_reach {
	struct seq_file	*m;
	const char	*name;
};

static int reach_context(struct pg_table *pgt, void *arg)
{
	const struct context_reach *reach = arg;

	if (!pg_table_is_context(pgt) || strcmp(pgt->desc->name, reach->name))
		return 0;
	return pg_table_reach(pgt, show_extent, reach->m) ?: 1;
}

/* The physical memory that a context reaches, by ranges. */
static int reach_show(struct seq_file *m, void *unused)
{
	struct context_reach reach = { .m = m, .name = m->private };
	int ret;

	get_online_mems();
	mmap_write_lock(&init_mm);
	ret = pg_table_for_each(reach_context, &reach);
	mmap_write_unlock(&init_mm);
	put_online_mems();
	if (!ret)
		return -ENOENT;
	return min(ret, 0);
}
DEFINE_SHOW_ATTRIBUTE(reach);

/**
 * struct context_dir - the directory of all contexts of one name
 * @list: links all directories
 * @dentry: the directory; an error if debugfs does not take the name
 * @name: the name
 */
struct context_dir {
	struct list_head	list;
	struct dentry		*dentry;
	char			name[PG_TABLE_NAME_LEN];
};

static LIST_HEAD(context_dirs);
static DEFINE_MUTEX(context_dirs_mutex);	/* protects the list */

static struct context_dir *find_dir(const char *name)
{
	struct context_dir *dir;

	list_for_each_entry(dir, &context_dirs, list) {
		if (!strcmp(dir->name, name))
			return dir;
	}
	return NULL;
}

static int has_name(struct pg_table *pgt, void *name)
{
	return pg_table_is_context(pgt) && !strcmp(pgt->desc->name, name);
}

/* Find a context without a directory: gives its name. */
static int lacks_dir(struct pg_table *pgt, void *name)
{
	if (!pg_table_is_context(pgt) || find_dir(pgt->desc->name))
		return 0;
	strscpy(name, pgt->desc->name, PG_TABLE_NAME_LEN);
	return 1;
}

static void add_dir(struct context_dir *dir)
{
	dir->dentry = debugfs_create_dir(dir->name, pg_table_debugfs_root);
	debugfs_create_file("dump", 0400, dir->dentry, dir->name, &dump_fops);
	debugfs_create_file("reach", 0400, dir->dentry, dir->name, &reach_fops);
	list_add(&dir->list, &context_dirs);
}

/* Waits for readers of the files in it. */
static void remove_dir(struct context_dir *dir)
{
	debugfs_remove(dir->dentry);
	list_del(&dir->list);
	kfree(dir);
}

static void update_dirs(void)
{
	struct context_dir *dir, *next;

	list_for_each_entry_safe(dir, next, &context_dirs, list) {
		if (!pg_table_for_each(has_name, dir->name))
			remove_dir(dir);
	}
	for (;;) {
		dir = kzalloc(sizeof(*dir), GFP_KERNEL);
		if (!dir)
			return;
		if (!pg_table_for_each(lacks_dir, dir->name))
			break;
		add_dir(dir);
	}
	kfree(dir);
}

static void update_work_fn(struct work_struct *work)
{
	mutex_lock(&context_dirs_mutex);
	update_dirs();
	mutex_unlock(&context_dirs_mutex);
}

static DECLARE_WORK(update_work, update_work_fn);

/* A table came or went. Any context. */
void pg_table_debugfs_update(void)
{
	/* Until then there is no workqueue; the first update finds all. */
	if (pg_table_debugfs_root)
		schedule_work(&update_work);
}

/* The directory of a context, for files of its owner. May sleep. */
struct dentry *pg_table_debugfs_dir(struct pg_table *pgt)
{
	struct context_dir *dir;

	mutex_lock(&context_dirs_mutex);
	update_dirs();
	dir = find_dir(pgt->desc->name);
	mutex_unlock(&context_dirs_mutex);
	return dir ? dir->dentry : ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_GPL(pg_table_debugfs_dir);

static int __init pg_table_debugfs_init(void)
{
	pg_table_debugfs_root = debugfs_create_dir("pg_table", NULL);
	debugfs_create_file("contexts", 0400, pg_table_debugfs_root, NULL,
			    &contexts_fops);
	pg_table_debugfs_update();
	return 0;
}
fs_initcall(pg_table_debugfs_init);

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of address-space isolation share.
 */
#ifndef _MM_ASI_INTERNAL_H
#define _MM_ASI_INTERNAL_H

#include <linux/mutex.h>

struct dentry;
struct list_head;
struct pg_table;

/* The tables that contexts are made of; while no memory comes or goes. */
struct pg_table *asi_get_base(void);
struct pg_table *asi_get_master(void);
bool asi_base_maps(unsigned long va);
int asi_update_base(void);

/*
 * Serialises how contexts, and the tables that they share, come and go. What is
 * mapped in one, and who attached it, is under its own lock, inside of this one.
 * This one is inside of the lock that memory hotplug holds.
 */
extern struct mutex asi_mutex;
/* Contexts that have a table of their own. */
extern struct list_head asi_list;
/* Classes that were registered. */
extern struct list_head asi_classes;

#ifdef CONFIG_DEBUG_FS
extern struct dentry *asi_debugfs_root;
#endif

#endif /* _MM_ASI_INTERNAL_H */

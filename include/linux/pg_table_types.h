/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct pg_table: what mm_types.h needs to know of a page table.
 */
#ifndef _LINUX_PG_TABLE_TYPES_H
#define _LINUX_PG_TABLE_TYPES_H

#include <linux/atomic.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <asm/page.h>
#include <asm/pg_table.h>

struct pg_table_desc;

/**
 * struct pg_table - a page table, of a process or of the kernel
 * @pgd: the root table
 * @desc: what the library knows of the table; NULL for an ordinary process
 * @arch: what the CPU needs to load and flush the table
 * @pgtables_bytes: size of all tables below the root, in bytes
 * @page_table_lock: serialises the editors of the table
 *
 * Kept small: every mm_struct embeds one.
 */
struct pg_table {
	pgd_t			*pgd;
	struct pg_table_desc	*desc;
	struct pg_table_arch	arch;
	atomic_long_t		pgtables_bytes;
	spinlock_t		page_table_lock; /* serialises editors */
};

#endif /* _LINUX_PG_TABLE_TYPES_H */

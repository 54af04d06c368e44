/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a page table carries for the CPU: nothing, on an architecture that has
 * no way yet to load a context.
 */
#ifndef _ASM_GENERIC_PG_TABLE_H
#define _ASM_GENERIC_PG_TABLE_H

/* What loading and flushing need for each table. */
struct pg_table_arch {
};

/* What pg_table_enter() saves and pg_table_exit() restores. */
struct pg_table_state {
};

struct pg_table;

/* Called for each new table, once its descriptor is there. */
static inline void pg_table_arch_init(struct pg_table *pgt)
{
}

#endif /* _ASM_GENERIC_PG_TABLE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a page table carries for the x86 TLB, and what loading a context needs.
 */
#ifndef _ASM_X86_PG_TABLE_H
#define _ASM_X86_PG_TABLE_H

#include <linux/atomic.h>
#include <linux/types.h>

struct pg_table;
struct pg_table_gather;

/**
 * struct pg_table_arch - what loading and flushing need for each table
 * @ctx_id: never reused, never zero: a TLB slot that holds this number holds
 *	entries of this table and of no other
 * @tlb_gen: goes up after each change of the table and before its flush, so
 *	that a CPU can tell how far behind its TLB is
 */
struct pg_table_arch {
	u64		ctx_id;
	atomic64_t	tlb_gen;
};

/**
 * struct pg_table_state - what pg_table_enter() saves for pg_table_exit()
 * @pgt: the context that was entered
 * @prev: what was loaded before
 */
struct pg_table_state {
	struct pg_table	*pgt;
	struct pg_table	*prev;
};

#ifdef CONFIG_PG_TABLE_NATIVE

void pg_table_init_kernel(void);
void pg_table_arch_init(struct pg_table *pgt);
void pg_table_arch_flush(struct pg_table *pgt,
			 const struct pg_table_gather *gather);
struct pg_table *pg_table_loaded(void);
void pg_table_load(struct pg_table *pgt);
unsigned long pg_table_dr7(unsigned long dr7);
void pg_table_count_nmi(void);
void pg_table_count_mce(void);
void pg_table_abandon(void);

#else /* !CONFIG_PG_TABLE_NATIVE */

static inline void pg_table_arch_init(struct pg_table *pgt)
{
}

/* The context that this CPU runs in, or NULL. */
static inline struct pg_table *pg_table_loaded(void)
{
	return NULL;
}

static inline unsigned long pg_table_dr7(unsigned long dr7)
{
	return dr7;
}

static inline void pg_table_count_nmi(void)
{
}

static inline void pg_table_count_mce(void)
{
}

static inline void pg_table_abandon(void)
{
}

#endif /* !CONFIG_PG_TABLE_NATIVE */

#endif /* _ASM_X86_PG_TABLE_H */

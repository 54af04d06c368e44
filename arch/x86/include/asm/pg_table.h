/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a page table carries for the x86 TLB.
 */
#ifndef _ASM_X86_PG_TABLE_H
#define _ASM_X86_PG_TABLE_H

#include <linux/atomic.h>
#include <linux/types.h>

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

#endif /* _ASM_X86_PG_TABLE_H */

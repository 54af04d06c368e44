/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Map ranges that overlap.
 */
#ifndef _ASM_X86_MAP_MISSING_H
#define _ASM_X86_MAP_MISSING_H

#include <linux/types.h>
#include <asm/pgtable_types.h>

struct pg_table;

int map_missing(struct pg_table *pgt, unsigned long va, phys_addr_t pa,
		size_t size, pgprot_t prot, gfp_t gfp);

#endif /* _ASM_X86_MAP_MISSING_H */

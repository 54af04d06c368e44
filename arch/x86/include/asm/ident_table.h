/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables for code that leaves the kernel: see arch/x86/mm/ident_table.c.
 */
#ifndef _ASM_X86_IDENT_TABLE_H
#define _ASM_X86_IDENT_TABLE_H

#include <linux/types.h>
#include <asm/pgtable_types.h>

struct pg_table;

/* How memory is mapped for code that knows of no protection. */
#define IDENT_PROT	__pgprot(__PAGE_KERNEL_EXEC)

int ident_map(struct pg_table *pgt, phys_addr_t first, phys_addr_t end,
	      unsigned long offset, pgprot_t prot, gfp_t gfp);
int ident_map_ram(struct pg_table *pgt, unsigned long offset, pgprot_t prot,
		  gfp_t gfp);
int ident_map_code(struct pg_table *pgt, const void *code, phys_addr_t pa,
		   pgprot_t prot, gfp_t gfp);

#endif /* _ASM_X86_IDENT_TABLE_H */

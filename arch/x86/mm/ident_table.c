// SPDX-License-Identifier: GPL-2.0
/*
 * Tables for code that leaves the kernel, for another one or for the firmware:
 * memory lies there at its physical address, or at a fixed distance of it, and
 * the code that switches to the table lies where it lies in the kernel, too.
 */
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/range.h>

#include <asm/ident_table.h>
#include <asm/map_missing.h>
#include <asm/page.h>

/**
 * ident_map - map memory at its physical address
 * @pgt: the table, which nobody else edits
 * @first: first address of the memory
 * @end: address behind the last one; nothing is mapped if it is not above @first
 * @offset: virtual less physical address
 * @prot: protection
 * @gfp: how tables are allocated
 *
 * All of the pages of 2 MiB are mapped in which it lies, so that there are few
 * tables. A part of it can be mapped already. If this fails, a part can be
 * mapped.
 *
 * Context: As pg_table_map().
 * Return: 0, or an error as pg_table_map().
 */
int ident_map(struct pg_table *pgt, phys_addr_t first, phys_addr_t end,
	      unsigned long offset, pgprot_t prot, gfp_t gfp)
{
	if (end <= first)
		return 0;
	first = round_down(first, PMD_SIZE);
	end = round_up(end, PMD_SIZE);
	return map_missing(pgt, first + offset, first, end - first, prot, gfp);
}

/**
 * ident_map_ram - map all memory that the kernel maps
 * @pgt: the table, as for ident_map()
 * @offset: virtual less physical address
 * @prot: protection
 * @gfp: how tables are allocated
 *
 * Context: As pg_table_map().
 * Return: 0, or an error as pg_table_map().
 */
int ident_map_ram(struct pg_table *pgt, unsigned long offset, pgprot_t prot,
		  gfp_t gfp)
{
	int i, ret = 0;

	for (i = 0; !ret && i < nr_pfn_mapped; i++)
		ret = ident_map(pgt, PFN_PHYS(pfn_mapped[i].start),
				PFN_PHYS(pfn_mapped[i].end), offset, prot, gfp);
	return ret;
}

/**
 * ident_map_code - map the page of code that switches to the table
 * @pgt: the table
 * @code: where the kernel runs it
 * @pa: physical address of the page
 * @prot: protection
 * @gfp: how tables are allocated
 *
 * Context: As pg_table_map().
 * Return: 0, or an error as pg_table_map().
 */
int ident_map_code(struct pg_table *pgt, const void *code, phys_addr_t pa,
		   pgprot_t prot, gfp_t gfp)
{
	return pg_table_map(pgt, (unsigned long)code & PAGE_MASK,
			    pa & PAGE_MASK, PAGE_SIZE, prot, gfp);
}

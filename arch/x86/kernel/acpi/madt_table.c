// SPDX-License-Identifier: GPL-2.0
/*
 * The table in which a CPU goes back to the firmware, so that it can be woken
 * again: memory at its physical address, and the code that jumps to the
 * firmware's reset vector.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pg_table.h>

#include <asm/ident_table.h>
#include <asm/madt_table.h>
#include <asm/page.h>

/* The vector need not lie in the memory that the kernel maps. */
static int __init madt_table_fill(struct pg_table *pgt,
				  phys_addr_t reset_vector, const void *code)
{
	return ident_map_ram(pgt, 0, IDENT_PROT, GFP_KERNEL) ?:
	       ident_map(pgt, reset_vector, reset_vector + 1, 0, IDENT_PROT,
			 GFP_KERNEL) ?:
	       ident_map_code(pgt, code, __pa(code), IDENT_PROT, GFP_KERNEL);
}

/**
 * madt_table_create - make the table
 * @reset_vector: where the firmware takes a CPU, a physical address
 * @code: the code that loads the table, within a page
 *
 * Context: Boot, once there is memory to allocate, and before a CPU can go.
 * Return: the table, which stays; or ERR_PTR.
 */
struct pg_table *__init madt_table_create(phys_addr_t reset_vector,
					  const void *code)
{
	static const struct pg_table_config config = {
		.name = "madt_wakeup",
		.flags = PG_TABLE_EXCLUSIVE | PG_TABLE_ALLOW_WX,
		.leaf_sizes = 2,
	};
	struct pg_table *pgt = pg_table_create(&config);
	int ret;

	if (IS_ERR(pgt))
		return pgt;
	ret = madt_table_fill(pgt, reset_vector, code);
	if (!ret)
		ret = pg_table_seal(pgt);
	if (ret) {
		pg_table_destroy(pgt);
		return ERR_PTR(ret);
	}
	return pgt;
}

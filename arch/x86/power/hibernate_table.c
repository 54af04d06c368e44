// SPDX-License-Identifier: GPL-2.0
/*
 * The table in which a hibernated kernel comes back: the direct map, and the page
 * of the image's text that is jumped to once all is in place.
 *
 * Memory is overwritten page by page, so the tables are pages that the image does
 * not use. Hibernation keeps account of these and takes them back if the image is
 * not restored; if it is, they are gone with the kernel that made them.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/suspend.h>

#include <asm/hibernate_table.h>
#include <asm/ident_table.h>
#include <asm/page.h>
#include <asm/suspend.h>

static struct pg_table *temp_table;

static void *temp_table_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	return (void *)get_safe_page(gfp);
}

static void temp_table_free(struct pg_table *pgt, void *table, size_t size)
{
	virt_to_page(table)->mapping = NULL;
}

/* No CPU loads the table as long as there is somebody to flush for. */
static struct pg_table_ops temp_table_ops = {
	.alloc	= temp_table_alloc,
	.free	= temp_table_free,
};

/* The large page of text, where the image's kernel has it. */
static int map_text(void)
{
	return pg_table_map(temp_table, restore_jump_address & PMD_MASK,
			    jump_address_phys & PMD_MASK, PMD_SIZE, IDENT_PROT,
			    GFP_ATOMIC);
}

/**
 * hibernate_table_create - make the table, for restore_image() to load
 *
 * Context: Interrupts are off, and this is the only CPU.
 * Return: 0 or a negative error.
 */
int hibernate_table_create(void)
{
	static const struct pg_table_config config = {
		.name = "hibernate",
		.ops = &temp_table_ops,
		.flags = PG_TABLE_EXCLUSIVE | PG_TABLE_ALLOW_WX |
			 PG_TABLE_ATOMIC,
		.leaf_sizes = 2,
	};
	int ret;

	pg_table_set_kernel_memory(&temp_table_ops);
	temp_table = pg_table_create(&config);
	if (IS_ERR(temp_table))
		return PTR_ERR(temp_table);
	ret = map_text() ?: ident_map_ram(temp_table, PAGE_OFFSET, IDENT_PROT,
					  GFP_ATOMIC);
	if (ret) {
		hibernate_table_destroy();
		return ret;
	}
	temp_pgt = __pa(temp_table->pgd);
	return 0;
}

/**
 * hibernate_table_destroy - the image is not restored after all
 *
 * The tables are hibernation's again, which frees them.
 *
 * Context: As hibernate_table_create().
 */
void hibernate_table_destroy(void)
{
	WARN_ON_ONCE(pg_table_destroy(temp_table));
	temp_table = NULL;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The table in which kexec leaves the kernel: memory at its physical address, and
 * the code that copies the new kernel into place.
 *
 * While that copies, nothing is where it was, so the tables are control pages of
 * the image, which lie where nothing is copied to. They go back to the image when
 * the table is destroyed, and with the image to where they came from.
 */
#include <linux/cc_platform.h>
#include <linux/err.h>
#include <linux/kexec.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/slab.h>

#include <asm/ident_table.h>
#include <asm/kexec_table.h>
#include <asm/pgtable.h>
#include <asm/setup.h>

/**
 * struct kexec_table - the table of an image
 * @ops: where its pages come from
 * @image: the image
 * @pgt: the table
 */
struct kexec_table {
	struct pg_table_ops	ops;
	struct kimage		*image;
	struct pg_table		*pgt;
};

static struct kimage *kexec_table_image(struct pg_table *pgt)
{
	return container_of(pgt->desc->ops, struct kexec_table, ops)->image;
}

/*
 * Control pages are on a list of the image, by a member in which the library keeps
 * what it knows of a table. Those of a crash kernel's image are on none: all of
 * the memory is reserved for it.
 */
static bool kexec_table_lists_pages(const struct kimage *image)
{
	return image->type != KEXEC_TYPE_CRASH;
}

static void *kexec_table_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	struct kimage *image = kexec_table_image(pgt);
	struct page *page = kimage_alloc_control_pages(image, get_order(size));

	if (!page)
		return NULL;
	if (kexec_table_lists_pages(image))
		list_del(&page->lru);
	return page_address(page);
}

static void kexec_table_free(struct pg_table *pgt, void *table, size_t size)
{
	struct kimage *image = kexec_table_image(pgt);
	struct page *page = virt_to_page(table);

	page->mapping = NULL;
	if (kexec_table_lists_pages(image))
		list_add(&page->lru, &image->control_pages);
}

/*
 * In a guest whose memory is encrypted all of it is. A host's is not encrypted
 * for the new kernel, which begins without, and neither are control pages.
 */
static pgprot_t kexec_table_prot(void)
{
	pgprot_t prot = IDENT_PROT;

	if (cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT))
		pgprot_val(prot) |= _PAGE_ENC;
	return prot;
}

/*
 * No CPU loads the table before the kernel is gone, so nothing is flushed; and
 * then user mode has nothing, so that the root is a single page.
 */
static int kexec_table_alloc_root(struct kexec_table *table)
{
	const struct pg_table_config config = {
		.name = kexec_table_lists_pages(table->image) ?
			"kexec" : "kexec_crash",
		.ops = &table->ops,
		.flags = PG_TABLE_EXCLUSIVE | PG_TABLE_ALLOW_WX,
		/* Without pages of 1 GiB if the direct map is. */
		.leaf_sizes = direct_gbpages ? 3 : 2,
	};

	pg_table_set_kernel_memory(&table->ops);
	table->ops.alloc = kexec_table_alloc;
	table->ops.free = kexec_table_free;
	table->ops.plain = !cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT);
	table->pgt = pg_table_create(&config);
	return PTR_ERR_OR_ZERO(table->pgt);
}

/**
 * kexec_table_create - make the table of an image
 * @image: the image
 * @control_page: physical address of the page that the code is copied to
 *
 * Maps all memory, and the code where the kernel runs it.
 *
 * Context: Process context, sleeps. If this fails kexec_table_destroy() is to be
 * called all the same.
 * Return: 0 or a negative error.
 */
int kexec_table_create(struct kimage *image, unsigned long control_page)
{
	struct kexec_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int ret;

	if (!table)
		return -ENOMEM;
	table->image = image;
	ret = kexec_table_alloc_root(table);
	if (ret) {
		kfree(table);
		return ret;
	}
	image->arch.table = table;
	image->arch.pgd = table->pgt->pgd;
	return ident_map_ram(table->pgt, 0, kexec_table_prot(), GFP_KERNEL) ?:
	       ident_map_code(table->pgt, relocate_kernel, control_page,
			      kexec_table_prot(), GFP_KERNEL);
}

/**
 * kexec_table_map - map memory that the new kernel looks at
 * @image: the image
 * @start: its first physical address
 * @end: address behind the last one
 *
 * A part of it can be mapped already.
 *
 * Context: Process context, sleeps.
 * Return: 0 or a negative error.
 */
int kexec_table_map(struct kimage *image, unsigned long start,
		    unsigned long end)
{
	return ident_map(image->arch.table->pgt, start, end, 0,
			 kexec_table_prot(), GFP_KERNEL);
}

/**
 * kexec_table_destroy - undo kexec_table_create(), if it was called
 * @image: the image
 *
 * Context: Process context, sleeps.
 */
void kexec_table_destroy(struct kimage *image)
{
	struct kexec_table *table = image->arch.table;

	if (!table)
		return;
	WARN_ON_ONCE(pg_table_destroy(table->pgt));
	image->arch.table = NULL;
	image->arch.pgd = NULL;
	kfree(table);
}

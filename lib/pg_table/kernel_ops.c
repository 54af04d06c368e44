// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's memory as a place for tables: the page allocator, the direct
 * map, struct ptdesc.
 */
#include <linux/build_bug.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <asm/pgalloc.h>

#include "internal.h"

/*
 * struct pg_table_page lies in struct ptdesc from pt_list on; @owner then is
 * the word that is the mapping of other pages and zero in tables which others
 * made.
 */
#define PG_TABLE_PAGE_OFFSET	offsetof(struct ptdesc, pt_list)

static_assert(PG_TABLE_PAGE_OFFSET + offsetof(struct pg_table_page, owner) ==
	      offsetof(struct ptdesc, __page_mapping));
static_assert(offsetof(struct pg_table_page, owner) >= sizeof(struct rcu_head));
static_assert(PG_TABLE_PAGE_OFFSET + sizeof(struct pg_table_page) <=
	      offsetof(struct ptdesc, __page_type));
static_assert(sizeof(struct pg_table_page) <=
	      offsetof(struct ptdesc, ptl) - PG_TABLE_PAGE_OFFSET);

static void *kernel_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	unsigned int order = get_order(size);
	struct ptdesc *ptdesc;

	/*
	 * With PTI every root that a CPU may load is the lower half of a pair:
	 * the entry code finds the user's half, which is empty here, by setting
	 * a bit in CR3.
	 */
	if (!pgt->pgd) {
		order = max_t(unsigned int, order, PGD_ALLOCATION_ORDER);
		gfp |= __GFP_ZERO;
	}
	ptdesc = pagetable_alloc(gfp, order);
	if (!ptdesc)
		return NULL;
	pagetable_pud_ctor(ptdesc);
	return ptdesc_address(ptdesc);
}

static void kernel_free_table(struct ptdesc *ptdesc)
{
	ptdesc->__page_mapping = 0;
	pagetable_pud_dtor(ptdesc);
	pagetable_free(ptdesc);
}

static void kernel_free_rcu(struct rcu_head *head)
{
	kernel_free_table(container_of(head, struct ptdesc, pt_rcu_head));
}

/*
 * Who reads the kernel's own table without being in it, such as ptdump, does so
 * under init_mm's mmap lock, and can sleep: whoever holds it now may still look
 * at the tables that wait here. Others take no lock at all, as vmalloc_to_page()
 * and lookup_address() do, not even RCU's: but they do not sleep.
 */
static LLIST_HEAD(kernel_retired);

static void kernel_free_retired(struct work_struct *work)
{
	struct llist_node *node = llist_del_all(&kernel_retired), *next;

	synchronize_rcu_tasks();
	mmap_write_lock(&init_mm);
	mmap_write_unlock(&init_mm);
	for (; node; node = next) {
		next = node->next;
		kernel_free_table((void *)node -
				  offsetof(struct ptdesc, pt_rcu_head));
	}
}

static DECLARE_WORK(kernel_free_work, kernel_free_retired);

/* The list's link takes the place of the head, which RCU is done with. */
static_assert(sizeof(struct llist_node) <= sizeof(struct rcu_head));

static void kernel_retire_rcu(struct rcu_head *head)
{
	llist_add((struct llist_node *)head, &kernel_retired);
	queue_work(system_unbound_wq, &kernel_free_work);
}

/* Neither readers nor editors take a lock, so a table outlives them. */
static void kernel_free(struct pg_table *pgt, void *table, size_t size)
{
	struct ptdesc *ptdesc = virt_to_ptdesc(table);

	/* A root that was adopted is the kernel's, or what users have of it. */
	call_rcu(&ptdesc->pt_rcu_head, pgt->desc->config.root ?
		 kernel_retire_rcu : kernel_free_rcu);
}

static void kernel_disown(struct pg_table *pgt, void *table)
{
	pagetable_pud_dtor(virt_to_ptdesc(table));
}

static struct pg_table_ops kernel_ops __ro_after_init = {
	.alloc		= kernel_alloc,
	.free		= kernel_free,
	.disown		= kernel_disown,
	.flush		= pg_table_arch_flush,
};

/**
 * pg_table_set_kernel_memory - let tables lie in the kernel's memory
 * @ops: what is filled in, for tables whose pages come from somewhere else in it
 *
 * They are pages of the direct map. As long as one is a table the library uses
 * what struct page has from lru to index, and @ops->free sets mapping to NULL.
 *
 * Context: Any.
 */
void pg_table_set_kernel_memory(struct pg_table_ops *ops)
{
	/* The direct map and the memory map are where this boot put them. */
	ops->memory = __va(0);
	ops->pages = (void *)pfn_to_page(0) + PG_TABLE_PAGE_OFFSET;
	ops->page_stride = sizeof(struct page);
	ops->page_shift = PAGE_SHIFT;
}

const struct pg_table_ops *pg_table_default_ops(void)
{
	if (!kernel_ops.pages)
		pg_table_set_kernel_memory(&kernel_ops);
	return &kernel_ops;
}

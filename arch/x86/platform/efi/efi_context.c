// SPDX-License-Identifier: GPL-2.0
/*
 * The address space in which the firmware's runtime services run.
 *
 * It holds the firmware's memory twice, 1:1 and between EFI_VA_END and
 * EFI_VA_START, and the kernel's half around that. Root entries of the kernel
 * are followed. The last of them holds the firmware's range too, so what lies
 * around it in there is shared entry by entry; these entries are made when the
 * kernel boots and stay.
 */
#define pr_fmt(fmt) "efi: " fmt

#include <linux/efi.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/pg_table.h>

#include <asm/efi.h>
#include <asm/efi_context.h>
#include <asm/map_missing.h>

static struct pg_table *efi_pgt;

/*
 * Static, because a fault in the firmware is torn down from another frame than
 * the call was set up in; calls are serialised. Its table is NULL outside.
 */
static struct pg_table_state efi_prev;

static int __init efi_clone_kernel(void)
{
	unsigned long first = PAGE_OFFSET & PGDIR_MASK;
	unsigned long last_root = EFI_VA_END & PGDIR_MASK;
	struct pg_table *kernel = &init_mm.pgt;

	return pg_table_clone(efi_pgt, kernel, first, last_root - first,
			      PG_TABLE_FOLLOW, GFP_KERNEL) ?:
	       pg_table_clone(efi_pgt, kernel, last_root,
			      EFI_VA_END - last_root, PG_TABLE_SHARE,
			      GFP_KERNEL) ?:
	       pg_table_clone(efi_pgt, kernel, EFI_VA_START, -EFI_VA_START,
			      PG_TABLE_SHARE, GFP_KERNEL);
}

/**
 * efi_alloc_page_tables - make the firmware's address space
 *
 * The firmware relocates its own code in SetVirtualAddressMap(), so that
 * memory may be writable and executable at once for now.
 *
 * Context: Boot, before other CPUs are up.
 * Return: 0 or a negative error.
 */
int __init efi_alloc_page_tables(void)
{
	static const struct pg_table_config config = {
		.name	= "efi",
		.flags	= PG_TABLE_ALLOW_WX | PG_TABLE_EXCLUSIVE,
	};
	struct pg_table *pgt = pg_table_create(&config);
	int ret;

	if (IS_ERR(pgt))
		return PTR_ERR(pgt);
	efi_pgt = pgt;
	ret = efi_clone_kernel();
	if (ret) {
		pg_table_destroy(pgt);
		efi_pgt = NULL;
	}
	return ret;
}

/* The size of the pages that @npages from @va on lie in. */
static size_t __init efi_pages_size(unsigned long va, unsigned long npages)
{
	return PAGE_ALIGN(offset_in_page(va) + (npages << PAGE_SHIFT));
}

/**
 * efi_map_pages - map memory into the firmware's address space
 * @pfn: first page frame
 * @va: address
 * @npages: size in pages; where @va is not aligned, one page more is touched
 * @flags: _PAGE_RW, _PAGE_NX, _PAGE_PCD, _PAGE_ENC
 *
 * The memory map can begin anywhere, as can the trampoline of mixed mode.
 * Descriptors of the firmware can overlap, and name the first page: where
 * memory is mapped already it gets the new permissions, but stays uncached if
 * it was.
 *
 * Context: Boot, before other CPUs are up.
 * Return: 0 or a negative error; -EEXIST if other memory is mapped there.
 */
int __init efi_map_pages(u64 pfn, unsigned long va, unsigned long npages,
			 unsigned long flags)
{
	pgprot_t prot = __pgprot(_PAGE_PRESENT | flags);
	pgprot_t clear = __pgprot(_PAGE_NX | _PAGE_RW | _PAGE_ENC);
	size_t size = efi_pages_size(va, npages);
	int ret;

	if (!npages)
		return 0;
	va &= PAGE_MASK;
	ret = map_missing(efi_pgt, va, PFN_PHYS(pfn), size, prot, GFP_KERNEL);
	return ret ?: pg_table_protect(efi_pgt, va, size, prot, clear,
				       GFP_KERNEL);
}

/**
 * efi_unmap_pages_at - unmap memory from the firmware's address space
 * @va: address
 * @npages: size in pages, as for efi_map_pages()
 *
 * Context: Boot, before other CPUs are up.
 * Return: 0 or a negative error.
 */
int __init efi_unmap_pages_at(unsigned long va, unsigned long npages)
{
	if (!npages)
		return 0;
	return pg_table_unmap(efi_pgt, va & PAGE_MASK,
			      efi_pages_size(va, npages), GFP_KERNEL);
}

static int __init efi_print_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	pr_info("  %#018lx-%#018lx %#llx prot %#lx\n", leaf->va,
		leaf->va + leaf->size - 1, (u64)leaf->pa,
		pgprot_val(leaf->prot));
	return 0;
}

/* The firmware's own memory: the low half, and the range in the high one. */
void __init efi_dump_pagetable(void)
{
	static const struct pg_table_walk_ops print = {
		.leaf = efi_print_leaf,
	};

	if (!IS_ENABLED(CONFIG_EFI_PGT_DUMP) || !efi_pgt)
		return;
	pr_info("runtime map:\n");
	pg_table_walk(efi_pgt, 0, TASK_SIZE_MAX, &print, NULL);
	pg_table_walk(efi_pgt, EFI_VA_END, EFI_VA_START - EFI_VA_END, &print,
		      NULL);
}

/**
 * efi_seal_page_tables - the runtime map is final
 *
 * Context: Boot, after the last change of a protection.
 */
void __init efi_seal_page_tables(void)
{
	struct pg_table_stats stats;

	if (!efi_pgt)
		return;
	pg_table_get_stats(efi_pgt, &stats);
	if (stats.wx)
		pr_warn("the firmware's tables leave %lu mappings writable and executable\n",
			stats.wx);
	pg_table_seal(efi_pgt);
}

/*
 * Make the calling CPU run in the firmware's address space; preemption is off
 * until efi_leave_context(). A reset from an NMI that hit the CPU between two
 * tables cannot: the firmware is not called then, and the next way to reset the
 * machine gets its turn.
 */
void efi_enter_context(void)
{
	int ret;

	/* A call that died in the firmware has left something there. */
	efi_prev.pgt = NULL;
	ret = pg_table_enter(efi_pgt, &efi_prev);
	if (ret)
		pr_err("cannot enter the firmware's address space (%d)\n",
		       ret);
}

/* May the firmware be called? */
bool efi_in_context(void)
{
	return efi_prev.pgt;
}

void efi_leave_context(void)
{
	if (!efi_in_context())
		return;
	pg_table_exit(&efi_prev);
	efi_prev.pgt = NULL;
}

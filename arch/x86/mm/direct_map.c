// SPDX-License-Identifier: GPL-2.0
/*
 * What changes the attributes of the kernel's memory (CPA, in pat/set_memory.c)
 * splits by the library, and heals.
 *
 * The direct map is split by its own code. What lies above it is one more table
 * that is edited in place: vmalloc, ioremap() and the kernel's image have large
 * leaves there, and what is split stays so, until whoever mapped it maps
 * something else.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pg_table.h>

#include <asm/direct_map.h>

/* How often memory is reclaimed for one split. */
#define CPA_TRIES	16

static struct pg_table *kernel_map __ro_after_init;

/**
 * direct_map_arch_init - x86's part of direct_map_init()
 *
 * Context: Once, early at boot.
 */
void __init direct_map_arch_init(void)
{
	const struct pg_table_config config = {
		.name = "kernel_map",
		.root = init_mm.pgt.pgd,
		.va_first = VMALLOC_START,
		.va_last = ~0UL,
		/* What others mapped is not ours to judge. */
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_EXCLUSIVE |
			 PG_TABLE_IN_PLACE | PG_TABLE_ALLOW_WX,
	};

	kernel_map = pg_table_create(&config);
	if (IS_ERR(kernel_map))
		panic("direct_map: no memory for the map above it\n");
}

/* Only hibernation changes the map with interrupts off; all else stands still. */
static bool cpa_stopped(void)
{
	return irqs_disabled() && !early_boot_irqs_disabled;
}

/*
 * With DEBUG_PAGEALLOC the page allocator changes the map from any context. But
 * then boot makes all of it small, and there is nothing to split or to collapse.
 */
static bool cpa_may_lock(void)
{
	return !debug_pagealloc_enabled() && !cpa_stopped();
}

/**
 * cpa_lock - keep the map from changing while CPA changes an entry
 *
 * Nothing if the caller cannot sleep, see cpa_may_lock().
 *
 * Context: Process context, sleeps; or any.
 */
void cpa_lock(void)
{
	if (cpa_may_lock())
		direct_map_lock();
}

/**
 * cpa_unlock - undo cpa_lock()
 *
 * Context: As cpa_lock().
 */
void cpa_unlock(void)
{
	if (cpa_may_lock())
		direct_map_unlock();
}

static int split_leaf(unsigned long va)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	unsigned long size;
	unsigned int level;
	bool present;
	pte_t *pte;
	int ret;

	pte = lookup_address(va, &level);
	if (!pte || level == PG_LEVEL_4K)
		return 0;
	present = pte_val(*pte) & _PAGE_PRESENT;
	size = page_level_size(level - 1);
	if (va >= VMALLOC_START)
		return pg_table_split(kernel_map, va & ~(size - 1), size,
				      level - 1 - PG_LEVEL_4K, gfp);
	ret = direct_map_split_locked(va, level - PG_LEVEL_4K, gfp);
	if (!ret && !present) {
		/* What CPA took out of use counts still, not so the library. */
		update_page_count(level, -1);
		update_page_count(level - 1, PTRS_PER_PTE);
	}
	return ret;
}

/**
 * cpa_split - split the leaf that maps a kernel address by one level
 * @va: the address, in the direct map or above
 *
 * Drops the lock when memory must be reclaimed. So the leaf may be another one
 * when this returns, or there may be none.
 *
 * Context: Process context, after cpa_lock().
 * Return: 0; -EBUSY in hibernation; -ENOMEM.
 */
int cpa_split(unsigned long va)
{
	unsigned int tries = CPA_TRIES;
	int ret;

	if (cpa_stopped())
		return -EBUSY;
	do {
		/* Who can't sleep finds nothing to split. */
		if (debug_pagealloc_enabled())
			direct_map_lock();
		ret = split_leaf(va);
		if (debug_pagealloc_enabled())
			direct_map_unlock();
		if (ret != -ENOMEM)
			break;
		cpa_unlock();
		ret = direct_map_reclaim(GFP_KERNEL) ?: -EAGAIN;
		cpa_lock();
	} while (ret == -EAGAIN && --tries);
	return ret == -EAGAIN ? -ENOMEM : ret;
}

/* What code that runs lacks of what it has while it is written. */
#define OPEN_BITS \
	__pgprot(pgprot_val(PAGE_KERNEL) & ~pgprot_val(PAGE_KERNEL_ROX))

/**
 * kernel_map_protect - change the protection of what is mapped there
 * @va: its first address, of a page
 * @size: bytes, whole pages
 * @set: bits to set
 * @clear: bits to clear before
 *
 * There alone: not where the direct map has the same pages, as CPA does.
 *
 * Context: Process context, sleeps.
 * Return: 0; -ENOENT if a part is not mapped; -ENOMEM.
 */
int kernel_map_protect(unsigned long va, unsigned long size, pgprot_t set,
		       pgprot_t clear)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	unsigned int tries = CPA_TRIES;
	int ret;

	do {
		direct_map_lock();
		ret = pg_table_protect(kernel_map, va, size, set, clear, gfp);
		direct_map_unlock();
	} while (ret == -ENOMEM && tries-- && !direct_map_reclaim(GFP_KERNEL));
	return ret;
}

/**
 * kernel_map_open - let code be written, and not be run
 * @va: its first address, of a page
 * @size: bytes, whole pages
 *
 * Splits a large leaf of which it is a part.
 *
 * Context: Process context, sleeps.
 * Return: 0; -ENOMEM.
 */
int kernel_map_open(unsigned long va, unsigned long size)
{
	return kernel_map_protect(va, size, OPEN_BITS, __pgprot(0));
}

static int find_open(const struct pg_table_leaf *leaf, void *unused)
{
	return !!(pgprot_val(leaf->prot) & pgprot_val(OPEN_BITS));
}

static bool is_open(unsigned long va, unsigned long size)
{
	static const struct pg_table_walk_ops ops = { .leaf = find_open };

	return pg_table_walk(kernel_map, va, size, &ops, NULL);
}

/**
 * kernel_map_close - undo kernel_map_open(), whatever was done to it since
 * @va: its first address
 * @size: bytes
 *
 * Context: Process context, sleeps. Never fails.
 */
void kernel_map_close(unsigned long va, unsigned long size)
{
	unsigned long end = va + size, next;

	for (; va < end; va = next) {
		next = min(end, (va & PMD_MASK) + PMD_SIZE);
		if (!is_open(va, next - va))
			continue;
		/* A part is open, so all is split, unless all is open. */
		WARN_ON_ONCE(kernel_map_protect(va, next - va, __pgprot(0),
						OPEN_BITS));
		kernel_map_collapse(va & PMD_MASK, PMD_SIZE);
	}
}

/**
 * kernel_map_collapse - make leaves large again that are uniform
 * @va: first address
 * @size: bytes
 *
 * Context: Process context, sleeps.
 */
void kernel_map_collapse(unsigned long va, unsigned long size)
{
	if (!cpa_may_lock())
		return;
	direct_map_lock();
	WARN_ON_ONCE(pg_table_collapse(kernel_map, va, size));
	direct_map_unlock();
}

/**
 * kernel_map_unmap - unmap whole large leaves, or what became of them
 * @va: first address
 * @size: bytes
 *
 * Context: Process context, sleeps. Never fails.
 */
void kernel_map_unmap(unsigned long va, unsigned long size)
{
	direct_map_lock();
	WARN_ON_ONCE(pg_table_unmap(kernel_map, va, size, 0));
	direct_map_unlock();
}

/**
 * cpa_keep_small - let a page of the direct map never be collapsed
 * @va: its address; elsewhere nothing is collapsed
 *
 * Context: Process context, after cpa_lock().
 * Return: As direct_map_keep_small_locked().
 */
int cpa_keep_small(unsigned long va)
{
	if (va >= VMALLOC_START || !cpa_may_lock())
		return 0;
	return direct_map_keep_small_locked(va, PAGE_SIZE,
					    GFP_NOWAIT | __GFP_NOWARN);
}

/**
 * cpa_collapse_pages - make what is uniform again in the direct map large
 * @pfn: the first page that was changed
 * @n: how many
 *
 * Nothing where that cannot be waited for.
 *
 * Context: Process context, after the flush of what was changed.
 */
void cpa_collapse_pages(unsigned long pfn, unsigned long n)
{
	if (cpa_may_lock() && system_state > SYSTEM_BOOTING)
		direct_map_collapse(pfn, n);
}

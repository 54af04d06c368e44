// SPDX-License-Identifier: GPL-2.0
/*
 * Ephemeral mappings of pages that are not in the direct map.
 *
 * Each CPU has a slice of the vmalloc area, mapped by one table of PTEs that is
 * there before the CPU is, and a struct pg_table that edits this table in place.
 * So a mapping takes one store for each page, no memory, and no lock: a slice is
 * touched by its CPU alone, with interrupts off.
 *
 * A slot is *live* from get to put, and *dirty* until the first flush after
 * that. The rest are clean: this CPU knows no translation of them.
 */
#include <linux/bitmap.h>
#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mermap.h>
#include <linux/mm.h>
#include <linux/mmdebug.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/pg_table.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include <asm/mermap.h>

#define MERMAP_SIZE	(MERMAP_SLOTS * PAGE_SIZE)

/* How many pages mermap_clear() maps at once. */
#define MERMAP_BATCH	64

/**
 * struct mermap_slice - the part of one CPU
 * @pgt: edits the slice
 * @va: its first address
 * @next: slots from here on that are not dirty were not given out since the
 *	last flush
 * @stale: how many slots are dirty but not live
 * @flushes: how often that number went back to zero
 * @live: slots that are in use
 * @dirty: slots that this CPU may know a translation of
 * @pfns: what a dirty slot maps, or mapped
 */
struct mermap_slice {
	struct pg_table	*pgt;
	unsigned long	va;
	unsigned int	next;
	unsigned int	stale;
	unsigned long	flushes;
	DECLARE_BITMAP(live, MERMAP_SLOTS);
	DECLARE_BITMAP(dirty, MERMAP_SLOTS);
#ifdef CONFIG_DEBUG_VM
	unsigned long	pfns[MERMAP_SLOTS];
#endif
};

static DEFINE_PER_CPU(struct mermap_slice, mermap_slices);

/* Slices of all CPUs that there can be, in order of their numbers. */
static unsigned long mermap_va __ro_after_init;
/* The kernel's memory, but verbs do not flush. */
static struct pg_table_ops mermap_ops __ro_after_init;

/**
 * struct mermap_set - pages that are mapped together
 * @pages: the pages, if they are scattered
 * @pfn: the first, if they are a range
 * @n: how many
 */
struct mermap_set {
	struct page	**pages;
	unsigned long	pfn;
	unsigned int	n;
};

static unsigned long set_pfn(const struct mermap_set *set, unsigned int i)
{
	return set->pages ? page_to_pfn(set->pages[i]) : set->pfn + i;
}

static unsigned long slot_va(const struct mermap_slice *slice,
			     unsigned int slot)
{
	return slice->va + slot * PAGE_SIZE;
}

#ifdef CONFIG_DEBUG_VM
#define MERMAP_NO_PFN	(~0UL)

/* Other CPUs look at what is recorded, see mermap_maps(). */
static void record(struct mermap_slice *slice, unsigned int slot,
		   unsigned long pfn)
{
	WRITE_ONCE(slice->pfns[slot], pfn);
}

static void forget_records(struct mermap_slice *slice)
{
	unsigned int slot;

	for_each_clear_bit(slot, slice->live, MERMAP_SLOTS)
		record(slice, slot, MERMAP_NO_PFN);
}

/**
 * mermap_maps - can a CPU reach pages by way of a slot?
 * @pfn: the first page
 * @n: how many
 *
 * By a slot that is in use, or by one that was given back and that the CPU did
 * not flush since. A page that nobody maps should be in none before it goes to
 * another owner, see mermap_flush_all(). Only with CONFIG_DEBUG_VM.
 *
 * Context: Any.
 * Return: whether one of them is in a slot of a CPU that is online.
 */
bool mermap_maps(unsigned long pfn, unsigned int n)
{
	unsigned int cpu, slot;

	for_each_online_cpu(cpu) {
		const struct mermap_slice *slice = per_cpu_ptr(&mermap_slices,
							       cpu);

		if (!READ_ONCE(slice->pgt))
			continue;
		for (slot = 0; slot < MERMAP_SLOTS; slot++) {
			if (READ_ONCE(slice->pfns[slot]) - pfn < n)
				return true;
		}
	}
	return false;
}

/**
 * mermap_assert_flushed - warn of pages that can still be reached
 * @pfn: the first page
 * @n: how many
 *
 * For whoever gives pages back to their allocator. Does nothing without
 * CONFIG_DEBUG_VM.
 *
 * Context: Any.
 */
void mermap_assert_flushed(unsigned long pfn, unsigned int n)
{
	WARN_ONCE(mermap_maps(pfn, n),
		  "mermap: of %u pages at pfn %#lx one can still be reached\n",
		  n, pfn);
}
#else /* !CONFIG_DEBUG_VM */
static void record(struct mermap_slice *slice, unsigned int slot,
		   unsigned long pfn)
{
}

static void forget_records(struct mermap_slice *slice)
{
}
#endif /* !CONFIG_DEBUG_VM */

/* Another CPU may look, to see whether this one must be told to flush. */
static void count_stale(struct mermap_slice *slice, int more)
{
	WRITE_ONCE(slice->stale, slice->stale + more);
}

/* The CPU knows of nothing but what is live. */
static void forget(struct mermap_slice *slice)
{
	bitmap_copy(slice->dirty, slice->live, MERMAP_SLOTS);
	forget_records(slice);
	slice->next = MERMAP_RESERVED;
	WRITE_ONCE(slice->stale, 0);
}

static void flush_slice(struct mermap_slice *slice)
{
	unsigned int slot;

	if (slice->stale < MERMAP_ARCH_FLUSH_CEILING) {
		for_each_andnot_bit(slot, slice->dirty, slice->live,
				    MERMAP_SLOTS)
			mermap_arch_flush_page(slot_va(slice, slot));
	} else {
		mermap_arch_flush_all();
	}
	if (slice->stale)
		WRITE_ONCE(slice->flushes, slice->flushes + 1);
	forget(slice);
}

/* Neighbouring clean slots, if there are so many: the first, or an error. */
static int find_slots(struct mermap_slice *slice, unsigned int n)
{
	unsigned long slot;

	if (!n || !slice->pgt)
		return -EINVAL;
	slot = bitmap_find_next_zero_area(slice->dirty, MERMAP_SLOTS,
					  slice->next, n, 0);
	if (slot >= MERMAP_SLOTS) {
		flush_slice(slice);
		slot = bitmap_find_next_zero_area(slice->dirty, MERMAP_SLOTS,
						  slice->next, n, 0);
	}
	if (slot >= MERMAP_SLOTS)
		return -EBUSY;
	slice->next = slot + n;
	return slot;
}

static void unmap_slots(struct mermap_slice *slice, unsigned int slot,
			unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		WARN_ON_ONCE(pg_table_unmap(slice->pgt, slot_va(slice, slot + i),
					    PAGE_SIZE, 0));
	bitmap_clear(slice->live, slot, n);
	count_stale(slice, n);
}

/* Map a set at slots that are clean; NULL for pages that there cannot be. */
static void *map_slots(struct mermap_slice *slice, unsigned int slot,
		       const struct mermap_set *set, pgprot_t prot)
{
	unsigned int i;
	int ret = 0;

	prot = mermap_arch_prot(prot);
	bitmap_set(slice->live, slot, set->n);
	bitmap_set(slice->dirty, slot, set->n);
	for (i = 0; i < set->n && !ret; i++) {
		unsigned long pfn = set_pfn(set, i);

		record(slice, slot + i, pfn);
		/* The table is there: this takes no memory, and no lock. */
		ret = pg_table_map(slice->pgt, slot_va(slice, slot + i),
				   PFN_PHYS(pfn), PAGE_SIZE, prot, 0);
	}
	if (WARN_ON_ONCE(ret)) {
		unmap_slots(slice, slot, set->n);
		return NULL;
	}
	return (void *)slot_va(slice, slot);
}

static void *get_set(const struct mermap_set *set, pgprot_t prot)
{
	struct mermap_slice *slice;
	unsigned long flags;
	void *va = NULL;
	int slot;

	if (WARN_ON_ONCE(!in_task()))
		return NULL;
	migrate_disable();
	local_irq_save(flags);
	slice = this_cpu_ptr(&mermap_slices);
	slot = find_slots(slice, set->n);
	if (slot >= 0)
		va = map_slots(slice, slot, set, prot);
	local_irq_restore(flags);
	if (!va)
		migrate_enable();
	return va;
}

/**
 * mermap_get - map a range of physical memory for this CPU, for a short time
 * @pfn: the first page
 * @n: how many, at most MERMAP_MAX_PAGES
 * @prot: PAGE_KERNEL or PAGE_KERNEL_RO, with another memory type if need be
 *
 * The task stays on this CPU until mermap_put(). It can be preempted, can sleep,
 * and can hold several mappings, as can other tasks of the CPU. Nothing but
 * this CPU may use the address.
 *
 * Context: Task context, also with preemption or interrupts off. Never
 * allocates.
 * Return: the address of the first page; NULL if there is no room for so many
 * at present. Then the task can migrate as before.
 */
void *mermap_get(unsigned long pfn, unsigned int n, pgprot_t prot)
{
	const struct mermap_set set = { .pfn = pfn, .n = n };

	return get_set(&set, prot);
}

/**
 * mermap_get_pages - map scattered pages side by side
 * @pages: the pages
 * @n: how many, at most MERMAP_MAX_PAGES
 * @prot: as for mermap_get()
 *
 * Context: As mermap_get().
 * Return: As mermap_get().
 */
void *mermap_get_pages(struct page **pages, unsigned int n, pgprot_t prot)
{
	const struct mermap_set set = { .pages = pages, .n = n };

	return get_set(&set, prot);
}

/* The slot of this context, clean. */
static int find_reserved(struct mermap_slice *slice)
{
	unsigned int slot = interrupt_context_level();

	if (slot >= MERMAP_RESERVED || !slice->pgt ||
	    test_bit(slot, slice->live))
		return -EBUSY;
	if (test_bit(slot, slice->dirty)) {
		mermap_arch_flush_page(slot_va(slice, slot));
		count_stale(slice, -1);
	}
	return slot;
}

/**
 * mermap_get_reserved - map one page for this CPU, come what may
 * @pfn: the page
 * @prot: as for mermap_get()
 *
 * There is one such mapping for tasks, one for softirqs and one for hard
 * interrupts. Preemption is off until mermap_put(), so that it is free for the
 * next who wants it. Each use takes a flush of one page.
 *
 * Context: Any but NMI.
 * Return: the address. NULL, with a warning, for what is a bug: a second use in
 * the same context, or in an NMI, or before the CPU's slice was made at boot.
 */
void *mermap_get_reserved(unsigned long pfn, pgprot_t prot)
{
	const struct mermap_set set = { .pfn = pfn, .n = 1 };
	struct mermap_slice *slice;
	unsigned long flags;
	void *va = NULL;
	int slot;

	preempt_disable();
	local_irq_save(flags);
	slice = this_cpu_ptr(&mermap_slices);
	slot = find_reserved(slice);
	if (!WARN_ON_ONCE(slot < 0))
		va = map_slots(slice, slot, &set, prot);
	local_irq_restore(flags);
	if (!va)
		preempt_enable();
	return va;
}

/**
 * mermap_put - give a mapping back
 * @va: an address in its first page
 * @n: how many pages it has; 1 for a reserved one
 *
 * Mappings can be given back in any order. Nothing is flushed: a page that was
 * mapped can still be reached by this CPU, but only through an address that
 * nobody has. See mermap_flush_all().
 *
 * Context: As the call that mapped it, on the same CPU.
 */
void mermap_put(const void *va, unsigned int n)
{
	struct mermap_slice *slice;
	unsigned long flags, slot;
	bool ours;

	local_irq_save(flags);
	slice = this_cpu_ptr(&mermap_slices);
	slot = ((unsigned long)va - slice->va) / PAGE_SIZE;
	ours = slot < MERMAP_SLOTS && n && n <= MERMAP_SLOTS - slot &&
	       find_next_zero_bit(slice->live, slot + n, slot) == slot + n;
	if (ours)
		unmap_slots(slice, slot, n);
	local_irq_restore(flags);
	if (WARN_ON_ONCE(!ours))
		return;
	if (slot < MERMAP_RESERVED)
		preempt_enable();
	else
		migrate_enable();
}

static void clear_mapped(void *va, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		clear_page(va + i * PAGE_SIZE);
	mermap_put(va, n);
}

static void clear_set(const struct mermap_set *set)
{
	struct mermap_set batch;
	unsigned int i;
	void *va;

	for (i = 0; i < set->n; i += batch.n) {
		batch.pages = set->pages ? set->pages + i : NULL;
		batch.pfn = set->pfn + i;
		batch.n = min_t(unsigned int, set->n - i, MERMAP_BATCH);
		va = in_task() ? get_set(&batch, PAGE_KERNEL) : NULL;
		if (!va) {
			batch.n = 1;
			va = mermap_get_reserved(set_pfn(&batch, 0),
						 PAGE_KERNEL);
		}
		if (va)
			clear_mapped(va, batch.n);
	}
}

/**
 * mermap_clear - zero a range of pages that are not in the direct map
 * @pfn: the first page
 * @n: how many
 *
 * Falls back on mermap_get_reserved(), and so never fails.
 *
 * Context: Any but NMI, but not while a reserved mapping is held in it.
 */
void mermap_clear(unsigned long pfn, unsigned int n)
{
	const struct mermap_set set = { .pfn = pfn, .n = n };

	clear_set(&set);
}

/**
 * mermap_clear_pages - zero scattered pages that are not in the direct map
 * @pages: the pages
 * @n: how many
 *
 * Context: As mermap_clear().
 */
void mermap_clear_pages(struct page **pages, unsigned int n)
{
	const struct mermap_set set = { .pages = pages, .n = n };

	clear_set(&set);
}

static bool has_stale(int cpu, void *unused)
{
	return READ_ONCE(per_cpu(mermap_slices, cpu).stale);
}

static void flush_this_cpu(void *unused)
{
	unsigned long flags;

	local_irq_save(flags);
	flush_slice(this_cpu_ptr(&mermap_slices));
	local_irq_restore(flags);
}

/**
 * mermap_flush_all - let every CPU forget what was given back
 *
 * For whoever gives pages that were mapped to another owner: once for all of
 * them. CPUs that gave nothing back since their last flush are not disturbed.
 *
 * Context: Interrupts are on. Waits for other CPUs.
 */
void mermap_flush_all(void)
{
	on_each_cpu_cond(has_stale, flush_this_cpu, NULL, true);
}

/**
 * mermap_flushes - how often a CPU flushed its slice
 * @cpu: the CPU
 *
 * Without the flushes of single reserved slots.
 *
 * Context: Any. The number may go up at any moment.
 * Return: the number.
 */
unsigned long mermap_flushes(unsigned int cpu)
{
	return READ_ONCE(per_cpu(mermap_slices, cpu).flushes);
}

/* A CPU is about to come up. Its slice stays when it goes down again. */
static int mermap_prepare_cpu(unsigned int cpu)
{
	struct mermap_slice *slice = per_cpu_ptr(&mermap_slices, cpu);
	struct pg_table_config config = {
		.ops = &mermap_ops,
		.root = init_mm.pgt.pgd,
		.va_first = mermap_va + cpu * MERMAP_SIZE,
		.va_last = mermap_va + cpu * MERMAP_SIZE + MERMAP_SIZE - 1,
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_EXCLUSIVE |
			 PG_TABLE_IN_PLACE,
	};
	char name[PG_TABLE_NAME_LEN];
	struct pg_table *pgt;
	int ret;

	/* A CPU begins with an empty TLB. */
	forget(slice);
	if (slice->pgt)
		return 0;
	slice->va = config.va_first;
	ret = apply_to_page_range(&init_mm, slice->va, MERMAP_SIZE, NULL, NULL);
	if (ret)
		return ret;
	snprintf(name, sizeof(name), "mermap-%u", cpu);
	config.name = name;
	pgt = pg_table_create(&config);
	if (IS_ERR(pgt))
		return PTR_ERR(pgt);
	WRITE_ONCE(slice->pgt, pgt);
	return 0;
}

/* Before the other CPUs come up, so that none is ever without. */
static int __init mermap_init(void)
{
	unsigned long size = nr_cpu_ids * MERMAP_SIZE;
	struct vm_struct *area;

	/* Aligned, so that no table of PTEs serves two CPUs. */
	area = get_vm_area(size + MERMAP_SIZE, VM_SPARSE);
	if (!area)
		panic("mermap: no room for %u CPUs\n", nr_cpu_ids);
	mermap_va = ALIGN((unsigned long)area->addr, MERMAP_SIZE);
	mermap_ops = *init_mm.pgt.desc->ops;
	mermap_ops.flush = NULL;
	if (cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "mm/mermap:prepare",
			      mermap_prepare_cpu, NULL) < 0)
		panic("mermap: no memory for the first CPU\n");
	return 0;
}
early_initcall(mermap_init);

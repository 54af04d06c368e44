/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mermap: ephemeral mappings of pages that are not in the direct map, for the
 * CPU that makes them.
 *
 * Each CPU has a *slice* of the kernel's addresses, of which every page is a
 * *slot*. What is given back stays in the CPU's TLB until one local flush that
 * makes all such slots free again: no address is handed out while the CPU can
 * still know what it stood for before.
 */
#ifndef _LINUX_MERMAP_H
#define _LINUX_MERMAP_H

#include <linux/pgtable.h>
#include <linux/types.h>

struct page;

/* Slots in a slice: what one table of PTEs maps. */
#define MERMAP_SLOTS		PTRS_PER_PTE
/* The first ones are reserved: for tasks, softirqs and hard interrupts. */
#define MERMAP_RESERVED		3
/* More than this mermap_get() cannot give at once. */
#define MERMAP_MAX_PAGES	(MERMAP_SLOTS - MERMAP_RESERVED)

void *mermap_get(unsigned long pfn, unsigned int n, pgprot_t prot);
void *mermap_get_pages(struct page **pages, unsigned int n, pgprot_t prot);
void *mermap_get_reserved(unsigned long pfn, pgprot_t prot);
void mermap_put(const void *va, unsigned int n);

void mermap_clear(unsigned long pfn, unsigned int n);
void mermap_clear_pages(struct page **pages, unsigned int n);

void mermap_flush_all(void);
unsigned long mermap_flushes(unsigned int cpu);

#ifdef CONFIG_DEBUG_VM
bool mermap_maps(unsigned long pfn, unsigned int n);
void mermap_assert_flushed(unsigned long pfn, unsigned int n);
#else
static inline bool mermap_maps(unsigned long pfn, unsigned int n)
{
	return false;
}

static inline void mermap_assert_flushed(unsigned long pfn, unsigned int n)
{
}
#endif

#endif /* _LINUX_MERMAP_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The direct map's part that is x86's: the counters behind /proc/meminfo, and
 * what changes attributes of the map.
 */
#ifndef _ASM_X86_DIRECT_MAP_H
#define _ASM_X86_DIRECT_MAP_H

#include <linux/direct_map.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/pgtable_types.h>
#include <asm/setup.h>
#include <asm/text-patching.h>

void direct_map_arch_init(void);

/* There are @leaves leaves of @level more in the direct map, or less. */
static inline void direct_map_arch_count(unsigned int level, long leaves)
{
	update_page_count(PG_LEVEL_4K + level, leaves);
}

/* There are @leaves leaves of @level in the direct map. */
static inline void direct_map_arch_set_count(unsigned int level,
					     unsigned long leaves)
{
	set_direct_page_count(PG_LEVEL_4K + level, leaves);
}

#ifdef CONFIG_X86_64

void cpa_lock(void);
void cpa_unlock(void);
int cpa_split(unsigned long va);
int cpa_keep_small(unsigned long va);
void cpa_collapse_pages(unsigned long pfn, unsigned long n);

int kernel_map_protect(unsigned long va, unsigned long size, pgprot_t set,
		       pgprot_t clear);
int kernel_map_open(unsigned long va, unsigned long size);
void kernel_map_close(unsigned long va, unsigned long size);
void kernel_map_collapse(unsigned long va, unsigned long size);
void kernel_map_unmap(unsigned long va, unsigned long size);

/* Are there large leaves, and can they be split and collapsed? */
static inline bool kernel_map_has_large_leaves(void)
{
	return boot_cpu_has(X86_FEATURE_PSE) && !debug_pagealloc_enabled();
}

/* Shall nobody be able to tell where things lie? */
static inline bool kernel_map_is_random(void)
{
	return kaslr_enabled();
}

/* What traps when it is run. */
static inline void kernel_map_fill(void *va, size_t size)
{
	memset(va, INT3_INSN_OPCODE, size);
}

#else /* !CONFIG_X86_64 */

static inline int cpa_keep_small(unsigned long va)
{
	return 0;
}

static inline void cpa_collapse_pages(unsigned long pfn, unsigned long n)
{
}

#endif /* !CONFIG_X86_64 */

#endif /* _ASM_X86_DIRECT_MAP_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The direct map's part that is x86's: the counters behind /proc/meminfo, and
 * what changes attributes of the map.
 */
#ifndef _ASM_X86_DIRECT_MAP_H
#define _ASM_X86_DIRECT_MAP_H

#include <linux/direct_map.h>
#include <asm/pgtable_types.h>

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

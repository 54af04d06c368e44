/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The direct map's part that is x86's: the counters behind /proc/meminfo.
 */
#ifndef _ASM_X86_DIRECT_MAP_H
#define _ASM_X86_DIRECT_MAP_H

#include <asm/pgtable_types.h>

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

#endif /* _ASM_X86_DIRECT_MAP_H */

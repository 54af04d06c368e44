/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_PGTABLE_H
#define _POOL_SHIM_PGTABLE_H

#include <asm/page.h>
#include <linux/gfp_types.h>

#define PMD_SHIFT	21
#define PTRS_PER_PTE	512

#endif /* _POOL_SHIM_PGTABLE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* More flags than the library's tests need. */
#ifndef _POOL_SHIM_GFP_TYPES_H
#define _POOL_SHIM_GFP_TYPES_H

#include_next <linux/gfp_types.h>

#define __GFP_ACCOUNT		0x20u
#define __GFP_COMP		0x40u
#define __GFP_HIGHMEM		0x80u
#define __GFP_MOVABLE		0x100u
#define __GFP_NORETRY		0x200u
#define __GFP_THISNODE		0x400u
#define GFP_DMA			0x800u
#define __GFP_MEMALLOC		0x1000u

#endif /* _POOL_SHIM_GFP_TYPES_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* The bits have no meaning here but whether an allocation may sleep. */
#ifndef _LINUX_GFP_TYPES_H
#define _LINUX_GFP_TYPES_H

#include <linux/types.h>

typedef unsigned int gfp_t;

#define __GFP_HIGH		0x1u
#define __GFP_DIRECT_RECLAIM	0x2u
#define __GFP_KSWAPD_RECLAIM	0x4u
#define __GFP_ZERO		0x8u
#define __GFP_NOWARN		0x10u

#define GFP_ATOMIC	(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT	__GFP_KSWAPD_RECLAIM
#define GFP_KERNEL	(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

#endif /* _LINUX_GFP_TYPES_H */

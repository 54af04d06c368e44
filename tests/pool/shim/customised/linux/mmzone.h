/* SPDX-License-Identifier: GPL-2.0 */
/* One node with one zone. */
#ifndef _POOL_SHIM_MMZONE_H
#define _POOL_SHIM_MMZONE_H

#include <linux/mm.h>

/* Not even a ZONE_DMA. */
#define IS_ENABLED(option)		0

struct zone {
	unsigned long	low;
};

struct pglist_data {
	struct zone	node_zones[1];
};

struct pglist_data *machine_node(void);
bool zone_watermark_ok(struct zone *zone, unsigned int order,
		       unsigned long mark, int highest, unsigned int flags);

#define NODE_DATA(nid)			machine_node()
#define gfp_zone(gfp)			0
#define low_wmark_pages(zone)		((zone)->low)
#define page_zonenum(page)		0
#define is_zone_movable_page(page)	false
#define node_start_pfn(nid)		0UL
unsigned long node_end_pfn(int nid);

#endif /* _POOL_SHIM_MMZONE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What suites about the running kernel's direct map share.
 */
#ifndef _PG_TABLE_KUNIT_DIRECT_MAP_H
#define _PG_TABLE_KUNIT_DIRECT_MAP_H

#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/vmstat.h>

/* Can the page be read through the direct map? */
static inline bool is_mapped(struct page *page)
{
	unsigned long value;

	return !copy_from_kernel_nofault(&value, page_address(page),
					 sizeof(value));
}

/* How often something happened since all_vm_events() filled @before. */
static inline long happened_since(const unsigned long *before,
				  enum vm_event_item item)
{
	static unsigned long now[NR_VM_EVENT_ITEMS];

	all_vm_events(now);
	return now[item] - before[item];
}

#endif /* _PG_TABLE_KUNIT_DIRECT_MAP_H */

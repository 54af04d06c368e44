/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_MEMORY_HOTPLUG_H
#define _POOL_SHIM_MEMORY_HOTPLUG_H

#include <linux/mm.h>

struct page *pfn_to_online_page(unsigned long pfn);

#endif /* _POOL_SHIM_MEMORY_HOTPLUG_H */

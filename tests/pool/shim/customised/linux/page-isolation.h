/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_PAGE_ISOLATION_H
#define _POOL_SHIM_PAGE_ISOLATION_H

#include <linux/mm.h>

#define is_migrate_cma_page(page)	false
#define is_migrate_isolate_page(page)	false

#endif /* _POOL_SHIM_PAGE_ISOLATION_H */

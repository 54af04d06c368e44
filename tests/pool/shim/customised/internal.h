/* SPDX-License-Identifier: GPL-2.0 */
/* What mm/ knows of compound pages. */
#ifndef _POOL_SHIM_INTERNAL_H
#define _POOL_SHIM_INTERNAL_H

#include <linux/mm.h>

void prep_compound_page(struct page *page, unsigned int order);

#endif /* _POOL_SHIM_INTERNAL_H */

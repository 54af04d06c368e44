/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_LINUX_PGTABLE_H
#define _POOL_SHIM_LINUX_PGTABLE_H

#include <asm/pgtable.h>

#endif /* _POOL_SHIM_LINUX_PGTABLE_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_SET_MEMORY_H
#define _POOL_SHIM_SET_MEMORY_H

static inline bool can_set_direct_map(void)
{
	return true;
}

#endif /* _POOL_SHIM_SET_MEMORY_H */

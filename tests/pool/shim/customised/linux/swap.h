/* SPDX-License-Identifier: GPL-2.0 */
/* No CPU has lists of pages to add to others. */
#ifndef _POOL_SHIM_SWAP_H
#define _POOL_SHIM_SWAP_H

static inline void lru_add_drain_all(void)
{
}

#endif /* _POOL_SHIM_SWAP_H */

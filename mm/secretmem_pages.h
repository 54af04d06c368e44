/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages of secret memory: where they come from, and where they go.
 *
 * secretmem_pool.c has them from a pool outside of the direct map. Where there
 * are no pools secretmem_single.c takes each out of the map for itself.
 */
#ifndef _MM_SECRETMEM_PAGES_H
#define _MM_SECRETMEM_PAGES_H

#include <linux/mm_types.h>

struct address_space;
struct folio;
struct secretmem_inode_state;
struct vm_fault;

/* A zeroed page, out of the direct map, with a reference for the caller. */
struct folio *secretmem_alloc_folio(gfp_t gfp);

/* Give a page back that did not get into a file. */
void secretmem_drop_folio(struct folio *folio);

/* Charge it to the memory cgroup, lock it, and add it to the page cache. */
int secretmem_add_folio(struct address_space *mapping, struct folio *folio,
			pgoff_t index, gfp_t gfp);

/* Take a page back that left its file; its last user may still have it. */
void secretmem_give_back(struct folio *folio);

/* Count a page as locked memory of the file's owner, if there may be more. */
bool secretmem_account_folio(struct secretmem_inode_state *state,
			     const struct folio *folio);

/* Count it no more. */
void secretmem_unaccount_folio(struct secretmem_inode_state *state,
			       struct folio *folio);

/* Put a huge page into the file, where there may be one. */
#ifdef CONFIG_DIRECT_MAP
vm_fault_t secretmem_huge_fault(struct vm_fault *vmf, unsigned int order);
#else
#define secretmem_huge_fault	NULL
#endif

#endif /* _MM_SECRETMEM_PAGES_H */

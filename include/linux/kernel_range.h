/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ranges of the kernel's own page table.
 */
#ifndef _LINUX_KERNEL_RANGE_H
#define _LINUX_KERNEL_RANGE_H

#include <linux/types.h>
#include <asm/page.h>

struct page;

int __must_check kernel_range_map(unsigned long va, size_t size, phys_addr_t pa,
				  pgprot_t prot, unsigned int max_shift);
int __must_check kernel_range_map_pages(unsigned long va, size_t size,
					struct page **pages, pgprot_t prot,
					unsigned int page_shift);
void kernel_range_unmap(unsigned long va, size_t size);

#endif /* _LINUX_KERNEL_RANGE_H */

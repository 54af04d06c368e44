/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The address space in which the firmware's runtime services run.
 */
#ifndef _ASM_X86_EFI_CONTEXT_H
#define _ASM_X86_EFI_CONTEXT_H

#include <linux/init.h>
#include <linux/types.h>
#include <asm/pgtable_types.h>
#include <asm/set_memory.h>

int efi_map_pages(u64 pfn, unsigned long va, unsigned long npages,
		  unsigned long flags);
void efi_enter_context(void);
void efi_leave_context(void);

#ifdef CONFIG_X86_64
bool efi_in_context(void);
int efi_unmap_pages_at(unsigned long va, unsigned long npages);
void efi_seal_page_tables(void);
#else
/* There the firmware runs in the kernel's own table. */
static inline bool efi_in_context(void)
{
	return true;
}

static inline int __init efi_unmap_pages_at(unsigned long va,
					    unsigned long npages)
{
	return set_memory_np_noalias(va, npages);
}

static inline void efi_seal_page_tables(void)
{
}
#endif

#endif /* _ASM_X86_EFI_CONTEXT_H */

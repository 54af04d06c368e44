/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mermap's part that is x86's: protection, and a flush of this CPU alone.
 */
#ifndef _ASM_X86_MERMAP_H
#define _ASM_X86_MERMAP_H

#include <asm/pgtable.h>
#include <asm/tlbflush.h>

/* From so many pages on the whole TLB goes, as in tlb.c. */
#define MERMAP_ARCH_FLUSH_CEILING	33

/*
 * Global must be what the kernel's other mappings are. Without PTI they are
 * global, and INVLPG finds no others in the PCIDs that are not loaded; with PTI
 * they are not, and flush_tlb_one_kernel() sees to the other PCIDs.
 */
static inline pgprot_t mermap_arch_prot(pgprot_t prot)
{
	const pteval_t wanted = _PAGE_RW | _PAGE_CACHE_MASK | _PAGE_ENC;

	return __pgprot((pgprot_val(PAGE_KERNEL_RO) & ~wanted) |
			(pgprot_val(prot) & wanted));
}

/* This CPU forgets one page of its slice. Preemption is off. */
static inline void mermap_arch_flush_page(unsigned long va)
{
	flush_tlb_one_kernel(va);
}

/* This CPU forgets all, for every PCID. Preemption is off. */
static inline void mermap_arch_flush_all(void)
{
	__flush_tlb_all();
}

#endif /* _ASM_X86_MERMAP_H */

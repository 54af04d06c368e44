/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table in which kexec leaves the kernel: see arch/x86/kernel/kexec_table.c.
 */
#ifndef _ASM_X86_KEXEC_TABLE_H
#define _ASM_X86_KEXEC_TABLE_H

struct kimage;

int kexec_table_create(struct kimage *image, unsigned long control_page);
int kexec_table_map(struct kimage *image, unsigned long start,
		    unsigned long end);
void kexec_table_destroy(struct kimage *image);

#endif /* _ASM_X86_KEXEC_TABLE_H */

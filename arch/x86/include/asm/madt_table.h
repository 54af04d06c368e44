/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table in which a CPU goes back to the firmware: see
 * arch/x86/kernel/acpi/madt_table.c.
 */
#ifndef _ASM_X86_MADT_TABLE_H
#define _ASM_X86_MADT_TABLE_H

#include <linux/types.h>

struct pg_table *madt_table_create(phys_addr_t reset_vector, const void *code);

#endif /* _ASM_X86_MADT_TABLE_H */

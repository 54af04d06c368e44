/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table in which a hibernated kernel comes back: see
 * arch/x86/power/hibernate_table.c.
 */
#ifndef _ASM_X86_HIBERNATE_TABLE_H
#define _ASM_X86_HIBERNATE_TABLE_H

int hibernate_table_create(void);
void hibernate_table_destroy(void);

#endif /* _ASM_X86_HIBERNATE_TABLE_H */

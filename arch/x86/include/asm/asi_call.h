/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call in a restricted context that ends early if it commits a violation.
 */
#ifndef _ASM_X86_ASI_CALL_H
#define _ASM_X86_ASI_CALL_H

#include <linux/types.h>

/**
 * struct asi_landing - how a call ends that commits a violation
 * @sp: the stack pointer then
 * @flags: the flags then
 * @violated: it did
 */
struct asi_landing {
	unsigned long	sp;
	unsigned long	flags;
	bool		violated;
};

long asi_call_with_landing(void *arg, long (*fn)(void *arg),
			   unsigned long *sp);
/* In it: no function. */
void asi_call_landing(void);

#endif /* _ASM_X86_ASI_CALL_H */

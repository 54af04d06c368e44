/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call that can end before its function returns.
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>

/*
 * long asi_call_with_landing(void *arg, long (*fn)(void *arg),
 *			      unsigned long *sp)
 *
 * Call @fn with @arg. A violation goes on at asi_call_landing, with the stack
 * pointer as it is left in *@sp, which is zero before and afterwards.
 */
SYM_FUNC_START(asi_call_with_landing)
	FRAME_BEGIN
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdx
	mov	%rsp, (%rdx)
	mov	%rsi, %rax
	CALL_NOSPEC rax
SYM_INNER_LABEL(asi_call_landing, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	pop	%rdx
	movq	$0, (%rdx)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	FRAME_END
	RET
SYM_FUNC_END(asi_call_with_landing)

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU knows of the restricted context that it runs in, and what the entry
 * code does with it.
 */
#ifndef _ASM_X86_ASI_H
#define _ASM_X86_ASI_H

#include <linux/jump_label.h>
#include <linux/percpu-defs.h>
#include <linux/preempt.h>
#include <linux/types.h>
#include <linux/user-return-notifier.h>

#include <asm/special_insns.h>

struct asi;
struct asi_class;
struct asi_landing;
struct pg_table;
struct pt_regs;

/**
 * struct asi_cpu - the state of a CPU
 * @root: what CR3 points to in the context; 0 if none is loaded. Set before CR3
 *	is, and cleared after it
 * @curr: the context
 * @class: its class, for @curr itself is out of reach there
 * @target: the context, in a section; NULL outside of one, and when the section
 *	was lost
 * @prev: what was loaded before
 * @depth: interrupts, exceptions and NMIs that are being handled since the
 *	context was loaded
 * @escape: 1 more than the @depth that left the context for as long as it lasts,
 *	by CR3 alone; 0 if none did
 * @escape_cr3: what CR3 was then
 * @section: preemption is off for a section
 * @landing: where a call ends that commits a violation; NULL outside of one
 * @returns: @return_notifier is registered
 * @return_notifier: tells when the CPU is about to return to user mode
 */
struct asi_cpu {
	unsigned long			root;
	struct asi			*curr;
	struct asi_class		*class;
	struct asi			*target;
	struct pg_table			*prev;
	unsigned int			depth;
	unsigned int			escape;
	unsigned long			escape_cr3;
	bool				section;
	struct asi_landing		*landing;
	bool				returns;
	struct user_return_notifier	return_notifier;
};

DECLARE_PER_CPU(struct asi_cpu, asi_cpu);
DECLARE_STATIC_KEY_FALSE(asi_key);

/* Is there isolation at all? Decided early at boot. */
static __always_inline bool asi_is_on(void)
{
	return static_branch_unlikely(&asi_key);
}

/* Is the kernel's own table loaded in the place of a context? */
static __always_inline bool asi_has_escaped(void)
{
	return asi_is_on() && this_cpu_read(asi_cpu.escape);
}

/*
 * May this NMI not load another table? It may have hit the CPU while a restricted
 * context was being loaded, left or escaped from, which would go on in a table
 * that it knows nothing of.
 */
static __always_inline bool asi_refuses_nmi(void)
{
	return asi_is_on() && in_nmi() && this_cpu_read(asi_cpu.curr);
}

/* An interrupt, exception or NMI begins. */
static __always_inline void asi_irq_enter(void)
{
	if (asi_is_on() && this_cpu_read(asi_cpu.root))
		this_cpu_inc(asi_cpu.depth);
}

void __asi_irq_exit(void);

/* It ends: if it left the context, that is loaded again. */
static __always_inline void asi_irq_exit(void)
{
	if (asi_is_on() && this_cpu_read(asi_cpu.depth))
		__asi_irq_exit();
}

bool __asi_page_fault(struct pt_regs *regs, unsigned long address);

/*
 * A page fault: if it is due to a restricted context, that is left, and the
 * instruction tries again, unless it was a violation. Who would fault anyway faults
 * then.
 */
static __always_inline bool asi_page_fault(struct pt_regs *regs,
					   unsigned long address)
{
	return asi_is_on() && this_cpu_read(asi_cpu.root) &&
	       __asi_page_fault(regs, address);
}

/* Is a restricted context this CPU's, loaded or escaped from? */
static __always_inline bool asi_has_context(void)
{
	return asi_is_on() && this_cpu_read(asi_cpu.root);
}

unsigned long asi_kernel_cr3(void);
void asi_leave_for_other(void);
void asi_switch_task(void);
void asi_abandon(void);

#endif /* _ASM_X86_ASI_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts: what it takes to run in a page table that has no mm_struct.
 *
 * To the TLB a context is what a process is: it has a context id, gets an ASID
 * on each CPU, falls behind while it is not loaded and catches up when it is.
 * The code for both is in tlb.c.
 */
#include <linux/asi.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include <asm/debugreg.h>
#include <asm/hw_breakpoint.h>
#include <asm/mmu_context.h>
#include <asm/sections.h>
#include <asm/tlbflush.h>

#include <trace/events/pg_table.h>

#include "mm_internal.h"

/**
 * pg_table_init_kernel - make the kernel's own table known to the library
 *
 * It stays foreign, written by all and sundry, but others can take ranges from
 * it. Does nothing if it is known already.
 *
 * Context: Early at boot, by each who needs it.
 */
void __init pg_table_init_kernel(void)
{
	const struct pg_table_config config = {
		.name = "kernel",
		.root = init_mm.pgt.pgd,
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_FOREIGN,
	};

	if (!init_mm.pgt.desc && pg_table_init(&init_mm.pgt, &config))
		panic("pg_table: no memory for the kernel's own table\n");
}

/**
 * pg_table_follow_kernel - map the kernel in a context
 * @pgt: the context, whose kernel half is empty
 *
 * The kernel half becomes that of the kernel's own table, and stays so.
 *
 * Context: Process context, may sleep.
 * Return: 0, or an error as pg_table_clone().
 */
int pg_table_follow_kernel(struct pg_table *pgt)
{
	unsigned long first = init_mm.pgt.desc->kernel_first;

	return pg_table_clone(pgt, &init_mm.pgt, first, -first, PG_TABLE_FOLLOW,
			      GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(pg_table_follow_kernel);

/* A new table, which no TLB has seen yet. */
void pg_table_arch_init(struct pg_table *pgt)
{
	pgt->arch.ctx_id = atomic64_inc_return(&last_mm_ctx_id);
	atomic64_set(&pgt->arch.tlb_gen, 0);
}

/**
 * pg_table_loaded - the context that this CPU runs in
 *
 * Context: Preemption is off. Also from NMI.
 * Return: the context; NULL for the table of a process or the kernel, and
 * while the CPU is between two tables.
 */
noinstr struct pg_table *pg_table_loaded(void)
{
	struct pg_table *pgt = this_cpu_read(cpu_tlbstate.loaded_pgt);

	if (pgt == LOADED_PGT_SWITCHING || pg_table_has_mm(pgt))
		return NULL;
	return pgt;
}

/* The CPU has entered its NMI handler. */
noinstr void pg_table_count_nmi(void)
{
	struct pg_table *pgt = pg_table_loaded();

	/* A restricted one may lack its own description. */
	if (pgt && !asi_has_context())
		raw_atomic_long_inc(&pgt->desc->counters.nmis);
}

/* The CPU has entered its machine check handler. */
noinstr void pg_table_count_mce(void)
{
	struct pg_table *pgt = pg_table_loaded();

	if (pgt && !asi_has_context())
		raw_atomic_long_inc(&pgt->desc->counters.mces);
}

/*
 * With interrupts off no other CPU can be told to flush, so none may have the
 * table loaded. Behind by one generation, this one flushes again when it next
 * loads the table, which costs time but no more.
 */
static void flush_irqs_off(struct pg_table *pgt)
{
	unsigned int cpu = smp_processor_id();

	atomic64_inc(&pgt->arch.tlb_gen);
	WARN_ONCE(cpumask_any_but(&pgt->desc->cpus, cpu) < nr_cpu_ids,
		  "pg_table: %s: interrupts off, and other CPUs to flush\n",
		  pgt->desc->name);
	if (this_cpu_read(cpu_tlbstate.loaded_pgt) == pgt)
		flush_tlb_local();
}

/*
 * The kernel's own table, as a whole or a part of it that is edited in place, or
 * what user mode has of it: nobody else's root is adopted.
 */
static bool pg_table_is_kernel(const struct pg_table *pgt)
{
	return pgt->desc->config.root;
}

/* What the kernel's memory does for pg_table_gather_flush(). */
void pg_table_arch_flush(struct pg_table *pgt,
			 const struct pg_table_gather *gather)
{
	unsigned int shift = PAGE_SHIFT;
	unsigned long end = gather->last + 1;

	/* The end of the address space, or tables without a range. */
	if (end <= gather->first)
		end = TLB_FLUSH_ALL;
	if (pg_table_is_kernel(pgt)) {
		flush_tlb_kernel_range(gather->first, end);
		return;
	}
	if (irqs_disabled()) {
		flush_irqs_off(pgt);
		return;
	}
	if (gather->levels)
		shift = pg_table_level_shift(pgt->desc->format,
					     __ffs(gather->levels));
	flush_tlb_pgt_range(pgt, gather->first, end, shift, gather->tables);
}

static bool pg_table_maps(struct pg_table *pgt, const void *addr)
{
	pgd_t pgd = READ_ONCE(pgt->pgd[pgd_index((unsigned long)addr)]);

	return pgd_flags(pgd) & _PAGE_PRESENT;
}

static int pg_table_may_enter(struct pg_table *pgt)
{
	int on_stack;

	if (pg_table_has_mm(pgt) || pg_table_is_kernel(pgt))
		return -EPERM;
	if (cpu_feature_enabled(X86_FEATURE_XENPV)) {
		pr_warn_once("pg_table: %s: no contexts in a Xen PV guest\n",
			     pgt->desc->name);
		return -EOPNOTSUPP;
	}
	/* The CPU must find its code, its stack and its own data. */
	if (pgt->desc->format != &pg_table_native ||
	    !pg_table_maps(pgt, _text) || !pg_table_maps(pgt, &on_stack) ||
	    !pg_table_maps(pgt, this_cpu_ptr(&cpu_tlbstate)))
		return -EINVAL;
	return 0;
}

/**
 * pg_table_dr7 - the breakpoints that are on in what is loaded
 * @dr7: those that are to be on in the process
 *
 * A user address means memory of the process, which a context has not.
 *
 * Context: Interrupts are off, and the address registers are set.
 * Return: what to write to DR7.
 */
unsigned long pg_table_dr7(unsigned long dr7)
{
	unsigned long address;
	int i;

	if (!pg_table_loaded())
		return dr7;
	for (i = 0; i < HBP_NUM; i++) {
		get_debugreg(address, i);
		if (address < TASK_SIZE_MAX)
			dr7 &= ~(DR_GLOBAL_ENABLE << (i * DR_ENABLE_SIZE));
	}
	return dr7;
}

/* Load a table, of whatever kind. Interrupts are off. */
void pg_table_load(struct pg_table *pgt)
{
	load_pgt_irqs_off(pgt);
	if (hw_breakpoint_active())
		hw_breakpoint_restore();
}

/*
 * Who enters a context leaves the table that the CPU keeps lazily. An NMI cannot:
 * it may have hit whoever is about to use it again.
 */
static bool lazy_refuses_nmi(void)
{
	return in_nmi() && this_cpu_read(cpu_tlbstate_shared.is_lazy);
}

/**
 * pg_table_enter - run in a context
 * @pgt: the context; it must map the kernel
 * @state: what pg_table_exit() needs
 *
 * Interrupts, NMIs and machine checks may arrive in the context. User memory
 * is out of reach. A context can be entered inside another.
 *
 * Context: Any, but for an NMI that hit the CPU between two tables, in a
 * restricted context, or with a table that it keeps lazily. An NMI enters no
 * context inside of one that it entered itself. Preemption is off until
 * pg_table_exit().
 * Return: 0; -EPERM for the table of a process or the kernel; -EINVAL for a
 * table that the CPU cannot walk, or that does not map the kernel; -EBUSY
 * between two tables, or in an NMI that hit a restricted context or a lazy CPU;
 * -EOPNOTSUPP in a Xen PV guest.
 */
int pg_table_enter(struct pg_table *pgt, struct pg_table_state *state)
{
	unsigned long flags;
	int ret;

	preempt_disable();
	ret = pg_table_may_enter(pgt);
	if (ret)
		goto fail;

	trace_pg_table_enter(pgt);
	local_irq_save(flags);
	if (this_cpu_read(cpu_tlbstate.loaded_pgt) == LOADED_PGT_SWITCHING ||
	    asi_refuses_nmi() || lazy_refuses_nmi()) {
		local_irq_restore(flags);
		ret = -EBUSY;
		goto fail;
	}
	asi_leave_for_other();
	/* Nothing would flush a lazy table while a context hides it. */
	if (this_cpu_read(cpu_tlbstate_shared.is_lazy))
		leave_mm();
	state->pgt = pgt;
	state->prev = this_cpu_read(cpu_tlbstate.loaded_pgt);
	atomic_inc(&pgt->desc->loaded);
	atomic_long_inc(&pgt->desc->counters.enters);
	pg_table_load(pgt);
	local_irq_restore(flags);
	return 0;
fail:
	preempt_enable();
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_enter);

/**
 * pg_table_exit - leave a context
 * @state: as pg_table_enter() left it
 *
 * Loads what was loaded before, anew: what was changed of it in the meantime
 * spared this CPU.
 *
 * Context: On the CPU that entered. Need not be in the function that did.
 */
void pg_table_exit(struct pg_table_state *state)
{
	unsigned long flags;

	local_irq_save(flags);
	WARN_ONCE(this_cpu_read(cpu_tlbstate.loaded_pgt) != state->pgt,
		  "pg_table: %s: exit from a context that is not loaded\n",
		  state->pgt->desc->name);
	pg_table_load(state->prev);
	atomic_dec(&state->pgt->desc->loaded);
	local_irq_restore(flags);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(pg_table_exit);

/**
 * pg_table_abandon - take a task that dies out of its context
 *
 * It will never exit from the context, and would be scheduled away in it.
 * What is loaded in its place is the task's own table, to which it writes when
 * it ends. Contexts that this one was entered from stay marked as loaded.
 *
 * Context: Before preemption is on again. Does nothing if no context is loaded.
 */
void pg_table_abandon(void)
{
	struct mm_struct *mm = current->mm ?: &init_mm;
	struct pg_table *pgt;
	unsigned long flags;

	asi_abandon();
	pgt = pg_table_loaded();
	if (!pgt)
		return;
	pr_alert("pg_table: %s: the task dies in this context\n",
		 pgt->desc->name);
	local_irq_save(flags);
	pg_table_load(mm_pgt(mm));
	atomic_dec(&pgt->desc->loaded);
	local_irq_restore(flags);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The machine: CPUs with a TLB that has PCIDs, and IPIs.
 *
 * A TLB keeps what it was filled with until the kernel's code makes it forget.
 * The architecture lets a CPU forget more, never less, so neither does this
 * one (Intel SDM volume 3, 4.10.4).
 */
#include <linux/asi.h>
#include <linux/pg_table.h>
#include <asm/asi_call.h>
#include <asm/tlbflush.h>
#include <setjmp.h>

#include "test.h"

#define SIM_TLB_SIZE	512

struct sim_entry {
	bool valid;
	bool global;
	u16 pcid;
	unsigned long va;
	u64 version;
};

int sim_cpu;
bool sim_in_nmi;
unsigned long sim_nmi_after;
bool sim_features[SIM_ALL_FEATURES];
DEFINE_PER_CPU(struct tlb_state, cpu_tlbstate);
DEFINE_PER_CPU(u64, tlbstate_untag_mask);
DEFINE_PER_CPU(bool, sim_irqs_off);
DEFINE_PER_CPU(int, sim_preempt_count);
DEFINE_PER_CPU(int, sim_in_irq);
DEFINE_PER_CPU(struct task_struct, sim_task);
DEFINE_PER_CPU(struct user_return_notifier *, sim_notifier);
DEFINE_PER_CPU(struct sim_cpuinfo, cpu_info);
DEFINE_PER_CPU(unsigned long, sim_dr7);
DEFINE_PER_CPU(void *, sim_ldt);
static DEFINE_PER_CPU(unsigned long, sim_cr3);
static DEFINE_PER_CPU(unsigned long, sim_cr4);
static struct sim_entry sim_tlb[SIM_CPUS][SIM_TLB_SIZE];

static char *sim_aside[SIM_CPUS];

void sim_boot(void)
{
	size_t size = __stop_sim_percpu - __start_sim_percpu;
	int cpu;

	memset(sim_tlb, 0, sizeof(sim_tlb));
	sim_cr3 = __pa(init_mm.pgt.pgd);
	sim_cr4 = sim_features[X86_FEATURE_PGE] ? X86_CR4_PGE : 0;
	if (sim_features[X86_FEATURE_PCID])
		sim_cr4 |= X86_CR4_PCIDE;
	cpu_tlbstate.cr4 = sim_cr4;
	cpu_tlbstate.loaded_pgt = &init_mm.pgt;
	cpu_tlbstate.next_asid = 1;
	sim_notifier = NULL;
	cpu_tlbstate.ctxs[0].ctx_id = init_mm.pgt.arch.ctx_id;
	for (cpu = 0; cpu < SIM_CPUS; cpu++) {
		free(sim_aside[cpu]);
		sim_aside[cpu] = malloc(size);
		memcpy(sim_aside[cpu], __start_sim_percpu, size);
	}
	for (cpu = 0; cpu < SIM_CPUS; cpu++) {
		sim_run_on(cpu);
		initialize_tlbstate_and_flush();
	}
}

void sim_run_on(int cpu)
{
	size_t size = __stop_sim_percpu - __start_sim_percpu;

	if (cpu == sim_cpu)
		return;
	memcpy(sim_aside[sim_cpu], __start_sim_percpu, size);
	memcpy(__start_sim_percpu, sim_aside[cpu], size);
	sim_cpu = cpu;
}

/* Interrupts, exceptions and NMIs: what the entry code does. */
irqentry_state_t irqentry_enter(struct pt_regs *regs)
{
	asi_irq_enter();
	return (irqentry_state_t){ };
}

void irqentry_exit(struct pt_regs *regs, irqentry_state_t state)
{
	asi_irq_exit();
}

void sim_interrupt(smp_call_func_t func, void *info)
{
	WARN_ON(sim_irqs_off);
	sim_irqs_off = true;
	asi_irq_enter();
	sim_in_irq++;
	test_handler();
	func(info);
	test_handler();
	sim_in_irq--;
	WARN_ON(!sim_irqs_off);
	asi_irq_exit();
	sim_irqs_off = false;
}

/* If the test asked for one, an NMI may be due. They do not nest. */
void sim_point(void)
{
	bool irqs_off = sim_irqs_off;

	if (!sim_nmi_after || sim_in_nmi || --sim_nmi_after)
		return;
	sim_in_nmi = true;
	sim_irqs_off = true;
	asi_irq_enter();
	pg_table_count_nmi();
	nmi_uaccess_okay();
	test_nmi();
	asi_irq_exit();
	sim_irqs_off = irqs_off;
	sim_in_nmi = false;
}

static jmp_buf sim_landing;

/* A page fault. Returns whether the instruction is to be tried again. */
bool sim_fault(unsigned long va)
{
	struct pt_regs regs = { .flags = sim_irqs_off ? 0 : X86_EFLAGS_IF };
	bool irqs_off = sim_irqs_off, again;

	sim_irqs_off = true;
	again = asi_page_fault(&regs, va);
	sim_irqs_off = irqs_off;
	if (regs.ip != (unsigned long)asi_call_landing)
		return again;
	WARN_ON(sim_in_nmi || sim_in_irq);
	sim_irqs_off = regs.flags;
	longjmp(sim_landing, 1);
}

long asi_call_with_landing(void *arg, long (*fn)(void *arg), unsigned long *sp)
{
	long value = -EFAULT;

	if (!setjmp(sim_landing)) {
		*sp = 1;
		value = fn(arg);
	}
	*sp = 0;
	return value;
}

void asi_call_landing(void)
{
}

void user_return_notifier_register(struct user_return_notifier *notifier)
{
	WARN_ON(sim_notifier);
	sim_notifier = notifier;
}

void user_return_notifier_unregister(struct user_return_notifier *notifier)
{
	WARN_ON(sim_notifier != notifier);
	sim_notifier = NULL;
}

void sim_return_to_user(void)
{
	local_irq_disable();
	if (sim_notifier)
		sim_notifier->on_user_return(sim_notifier);
	local_irq_enable();
}

/* IPIs. */
static void sim_call(int cpu, smp_call_func_t func, void *info)
{
	struct flush_tlb_info copy;
	int here = sim_cpu;

	/* A variable of this CPU's is out of sight on another. */
	if ((char *)info >= __start_sim_percpu &&
	    (char *)info < __stop_sim_percpu) {
		copy = *(struct flush_tlb_info *)info;
		info = &copy;
	}
	sim_run_on(cpu);
	WARN_ON(cpu != here && sim_irqs_off);
	if (cpu == here) {
		sim_irqs_off = true;
		func(info);
		sim_irqs_off = false;
	} else {
		sim_interrupt(func, info);
	}
	sim_run_on(here);
}

void on_each_cpu_cond_mask(smp_cond_func_t cond, smp_call_func_t func,
			   void *arg, bool wait, const struct cpumask *cpus)
{
	int cpu;

	WARN_ON(sim_irqs_off);
	for (cpu = 0; cpu < SIM_CPUS; cpu++) {
		if (cpumask_test_cpu(cpu, cpus) && (!cond || cond(cpu, arg)))
			sim_call(cpu, func, arg);
	}
}

void on_each_cpu_mask(const struct cpumask *cpus, smp_call_func_t func,
		      void *arg, bool wait)
{
	on_each_cpu_cond_mask(NULL, func, arg, wait, cpus);
}

void on_each_cpu(smp_call_func_t func, void *info, int wait)
{
	static const struct cpumask all = { (1UL << SIM_CPUS) - 1 };

	on_each_cpu_cond_mask(NULL, func, info, wait, &all);
}

/* Registers. */
static u16 sim_pcid(void)
{
	return sim_cr4 & X86_CR4_PCIDE ? sim_cr3 & CR3_PCID_MASK : 0;
}

unsigned long __read_cr3(void)
{
	return sim_between_points(sim_cr3);
}

unsigned long __read_cr4(void)
{
	return sim_cr4;
}

unsigned long cr4_read_shadow(void)
{
	return cpu_tlbstate.cr4;
}

static void sim_forget(bool all, bool pcid_only, u16 pcid, unsigned long va)
{
	struct sim_entry *e;

	for (e = sim_tlb[sim_cpu]; e < sim_tlb[sim_cpu] + SIM_TLB_SIZE; e++) {
		if (pcid_only && (e->global || e->pcid != pcid))
			continue;
		if (all || e->va == va)
			e->valid = false;
	}
}

void write_cr3(unsigned long cr3)
{
	unsigned long old;

	sim_point();
	old = sim_cr3 & CR3_ADDR_MASK;
	/* An NMI could hit right here, and want to look at user memory. */
	if (old != (cr3 & CR3_ADDR_MASK))
		WARN_ON(nmi_uaccess_okay());
	WARN_ON((cr3 & CR3_NOFLUSH) && !(sim_cr4 & X86_CR4_PCIDE));
	sim_cr3 = cr3 & ~CR3_NOFLUSH;
	if (!(cr3 & CR3_NOFLUSH))
		sim_forget(true, true, sim_pcid(), 0);
	sim_point();
}

void native_write_cr4(unsigned long cr4)
{
	if ((cr4 ^ sim_cr4) & X86_CR4_PGE)
		sim_forget(true, false, 0, 0);
	sim_cr4 = cr4;
}

void cr4_update_irqsoff(unsigned long set, unsigned long clear)
{
	cpu_tlbstate.cr4 = (cpu_tlbstate.cr4 & ~clear) | set;
	native_write_cr4(cpu_tlbstate.cr4);
}

/* The current PCID and global entries of any. */
void invlpg(unsigned long addr)
{
	struct sim_entry *e;

	for (e = sim_tlb[sim_cpu]; e < sim_tlb[sim_cpu] + SIM_TLB_SIZE; e++) {
		if (e->va == addr && (e->global || e->pcid == sim_pcid()))
			e->valid = false;
	}
}

void invpcid_flush_one(unsigned long pcid, unsigned long addr)
{
	sim_forget(false, true, pcid, addr);
}

void invpcid_flush_all(void)
{
	sim_forget(true, false, 0, 0);
}

/* The process has a watchpoint, and the kernel. */
bool hw_breakpoint_active(void)
{
	return true;
}

void hw_breakpoint_restore(void)
{
	sim_dr7 = pg_table_dr7(SIM_DR7_USER | SIM_DR7_KERNEL);
}

void switch_ldt(struct mm_struct *prev, struct mm_struct *next)
{
	if (prev->context.ldt || next->context.ldt)
		sim_ldt = next->context.ldt;
}

void load_mm_ldt(struct mm_struct *mm)
{
	sim_ldt = mm->context.ldt;
}

/* What the CPU finds at @va with @pcid, walking its table if it must. */
static u64 sim_translate(unsigned long va, u16 pcid)
{
	struct sim_entry *e, *slot = NULL;
	u64 version;

	for (e = sim_tlb[sim_cpu]; e < sim_tlb[sim_cpu] + SIM_TLB_SIZE; e++) {
		if (!e->valid)
			slot = e;
		else if (e->va == va && (e->global || e->pcid == pcid))
			return e->version;
	}
	version = test_walk((void *)(sim_cr3 & CR3_ADDR_MASK), va);
	/* What is absent is not remembered. */
	if (!version)
		return 0;
	if (!slot)
		slot = &sim_tlb[sim_cpu][rand() % SIM_TLB_SIZE];
	slot->valid = true;
	slot->va = va;
	slot->pcid = pcid;
	slot->global = test_is_kernel(va) && sim_cr4 & X86_CR4_PGE &&
		       !sim_features[X86_FEATURE_PTI] && !asi_is_on();
	slot->version = version;
	return version;
}

u64 sim_access(unsigned long va)
{
	return sim_translate(va, sim_pcid());
}

/*
 * From user mode. With PTI the exit code loads the user's half of the pair of
 * roots, and flushes it if the kernel has asked for that.
 */
u64 sim_access_user(unsigned long va)
{
	u16 pcid = sim_pcid(), user;

	if (!sim_features[X86_FEATURE_PTI])
		return sim_access(va);
	if (!(sim_cr4 & X86_CR4_PCIDE)) {
		sim_forget(true, true, 0, 0);
		return sim_translate(va, 0);
	}
	user = pcid | 1 << X86_CR3_PTI_PCID_USER_BIT;
	if (cpu_tlbstate.user_pcid_flush_mask & (1 << pcid)) {
		cpu_tlbstate.user_pcid_flush_mask &= ~(1 << pcid);
		sim_forget(true, true, user, 0);
	}
	return sim_translate(va, user);
}

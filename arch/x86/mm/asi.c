// SPDX-License-Identifier: GPL-2.0
/*
 * Restricted contexts on a CPU: entered, left, escaped from.
 *
 * To the TLB code a restricted context is loaded as any other is, and leaving it
 * is a full switch. That takes a moment at which nothing of the TLB code is
 * under way, so no interrupt or NMI does it: a handler that needs more than the
 * context has *escapes*. CR3 alone goes to the kernel's own table, under PCID 0,
 * which nobody else uses, and nothing of the TLB's state changes. The handler's
 * end puts CR3 back and flushes the context's PCID with it: whatever flush was
 * done meanwhile hit the wrong one.
 *
 * A touch by the task itself begins as an escape as well. It becomes a full
 * switch as soon as it is known to be outside of the TLB code.
 *
 * An NMI can arrive between any two instructions here. What is in CR3 says
 * whether the CPU is in the context, not what is in the state.
 */
#include <linux/asi.h>
#include <linux/entry-common.h>
#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pg_table.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>

#include <asm/asi_call.h>
#include <asm/debugreg.h>
#include <asm/kdebug.h>
#include <asm/mmu_context.h>
#include <asm/nospec-branch.h>
#include <asm/tlbflush.h>

#define CREATE_TRACE_POINTS
#include <trace/events/asi.h>

DEFINE_STATIC_KEY_FALSE(asi_key);
EXPORT_SYMBOL_GPL(asi_key);

static void asi_return_to_user(struct user_return_notifier *notifier);

DEFINE_PER_CPU(struct asi_cpu, asi_cpu) = {
	.return_notifier.on_user_return = asi_return_to_user,
};

/* Mappings of the kernel are not global then, so it is decided before them. */
static int __init asi_setup(char *arg)
{
	bool on;

	if (kstrtobool(arg, &on))
		return -EINVAL;
	if (on && cpu_feature_enabled(X86_FEATURE_XENPV)) {
		pr_warn("asi: not in a Xen PV guest\n");
		return 0;
	}
	if (on)
		static_branch_enable(&asi_key);
	else
		static_branch_disable(&asi_key);
	return 0;
}
early_param("asi", asi_setup);

/**
 * asi_kernel_cr3 - what is in CR3 during an escape
 *
 * Context: Any.
 * Return: the kernel's own table, under PCID 0. Loading it flushes that.
 */
noinstr unsigned long asi_kernel_cr3(void)
{
	return __sme_pa_nodebug(swapper_pg_dir);
}

static __always_inline bool asi_is_loaded(void)
{
	unsigned long root = this_cpu_read(asi_cpu.root);

	return root && (__native_read_cr3() & CR3_ADDR_MASK) == root;
}

static __always_inline struct asi_counters __percpu *asi_counters(void)
{
	return this_cpu_read(asi_cpu.class)->counters;
}

/* Clear what the CPU remembers, where it has a way to. */
static __always_inline void asi_clear(u8 what)
{
	if ((what & ASI_CLEAR_BRANCHES) && cpu_feature_enabled(X86_FEATURE_IBPB)) {
		native_wrmsrl(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
		this_cpu_inc(asi_counters()->clears[0]);
	}
	if ((what & ASI_CLEAR_L1D) && cpu_feature_enabled(X86_FEATURE_FLUSH_L1D)) {
		native_wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
		this_cpu_inc(asi_counters()->clears[1]);
	}
	if ((what & ASI_CLEAR_BUFFERS) &&
	    cpu_feature_enabled(X86_FEATURE_MD_CLEAR)) {
		x86_clear_cpu_buffers();
		this_cpu_inc(asi_counters()->clears[2]);
	}
}

/* Leave the context by CR3 alone, until the handler of this depth ends. */
static __always_inline void asi_escape(void)
{
	if (!this_cpu_read(asi_cpu.escape))
		asi_clear(this_cpu_read(asi_cpu.class)->clear_out);
	/* The order is for an NMI that escapes in between, and comes back. */
	this_cpu_write(asi_cpu.escape_cr3, __native_read_cr3());
	barrier();
	if (!this_cpu_read(asi_cpu.escape))
		this_cpu_write(asi_cpu.escape,
			       this_cpu_read(asi_cpu.depth) + 1);
	barrier();
	native_write_cr3(asi_kernel_cr3());
}

/* Undo it. Without X86_CR3_PCID_NOFLUSH the write flushes the context's PCID. */
static __always_inline void asi_undo_escape(void)
{
	asi_clear(this_cpu_read(asi_cpu.class)->clear_in);
	this_cpu_write(asi_cpu.escape, 0);
	barrier();
	native_write_cr3(this_cpu_read(asi_cpu.escape_cr3) &
			 ~X86_CR3_PCID_NOFLUSH);
}

/**
 * __asi_irq_exit - a handler ends that began in a restricted context
 *
 * Context: Last thing at the end of an interrupt, exception or NMI.
 */
noinstr void __asi_irq_exit(void)
{
	unsigned int depth = this_cpu_read(asi_cpu.depth) - 1;

	if (this_cpu_read(asi_cpu.escape) > depth + 1)
		asi_undo_escape();
	this_cpu_write(asi_cpu.depth, depth);
}

/*
 * Load what was loaded before. What is absent in the context is needed for that,
 * so it is escaped from first. If a flush can have missed it since an earlier
 * escape, it is not to be loaded again without one.
 */
static void asi_leave(enum asi_leave why)
{
	struct asi *asi = this_cpu_read(asi_cpu.curr);
	struct asi_class *class = this_cpu_read(asi_cpu.class);
	struct pg_table *prev = this_cpu_read(asi_cpu.prev);
	u16 asid = this_cpu_read(cpu_tlbstate.loaded_mm_asid);

	if (!asi)
		return;
	if (this_cpu_read(asi_cpu.escape))
		this_cpu_write(cpu_tlbstate.ctxs[asid].ctx_id, 0);
	else if (class->policy == ASI_ALLOW)
		asi_escape();
	else
		asi_clear(class->clear_out);
	this_cpu_write(asi_cpu.target, NULL);
	pg_table_load(prev);
	/* An NMI counts up and down, or not at all, as long as there is a root. */
	this_cpu_write(asi_cpu.escape, 0);
	this_cpu_write(asi_cpu.depth, 0);
	barrier();
	this_cpu_write(asi_cpu.root, 0);
	this_cpu_write(asi_cpu.curr, NULL);
	atomic_dec(&asi->pgt->desc->loaded);
	this_cpu_inc(asi_counters()->leaves[why]);
	trace_asi_leave(class, why);
}

/**
 * asi_leave_for_other - another table is about to be loaded
 *
 * In an interrupt the context stays loaded for the TLB code, and is loaded again
 * by it.
 *
 * Context: Interrupts are off. Not from NMI, see asi_refuses_nmi().
 */
void asi_leave_for_other(void)
{
	if (!asi_is_on() || !this_cpu_read(asi_cpu.curr))
		return;
	if (!this_cpu_read(asi_cpu.depth))
		asi_leave(ASI_LEAVE_OTHER);
	else if (this_cpu_read(asi_cpu.escape))
		asi_undo_escape();
}

static void asi_return_to_user(struct user_return_notifier *notifier)
{
	unsigned long flags;

	local_irq_save(flags);
	asi_leave(ASI_LEAVE_USER);
	user_return_notifier_unregister(notifier);
	this_cpu_write(asi_cpu.returns, false);
	local_irq_restore(flags);
}

/**
 * asi_switch_task - the task is about to be scheduled away
 *
 * Where the next one runs may be absent.
 *
 * Context: The scheduler, interrupts are off.
 */
void asi_switch_task(void)
{
	asi_leave(ASI_LEAVE_SWITCH);
}

/* May the task enter? */
static int asi_may_enter(struct asi *asi)
{
	if (!asi_is_on())
		return -EOPNOTSUPP;
	if (asi->task != current)
		return -EPERM;
	if (this_cpu_read(cpu_tlbstate.loaded_pgt) == LOADED_PGT_SWITCHING)
		return -EBUSY;
	/* A context of another kind stays where it is. */
	return !this_cpu_read(asi_cpu.curr) && pg_table_loaded() ? -EBUSY : 0;
}

static int asi_load(struct asi *asi)
{
	struct asi_class *class = asi->class;
	int ret = asi_may_enter(asi);

	if (ret)
		return ret;
	asi_leave(ASI_LEAVE_OTHER);
	/* Nothing would flush a lazy table while a context hides it. */
	if (this_cpu_read(cpu_tlbstate_shared.is_lazy))
		leave_mm();
	if (!this_cpu_read(asi_cpu.returns)) {
		user_return_notifier_register(this_cpu_ptr(&asi_cpu.return_notifier));
		this_cpu_write(asi_cpu.returns, true);
	}
	trace_asi_enter(class);
	atomic_inc(&asi->pgt->desc->loaded);
	atomic_long_inc(&asi->pgt->desc->counters.enters);
	this_cpu_write(asi_cpu.prev, this_cpu_read(cpu_tlbstate.loaded_pgt));
	this_cpu_write(asi_cpu.class, class);
	this_cpu_write(asi_cpu.curr, asi);
	this_cpu_inc(asi_counters()->enters);
	asi_clear(class->clear_in);
	this_cpu_write(asi_cpu.root, __pa(asi->pgt->pgd));
	barrier();
	pg_table_load(asi->pgt);
	return 0;
}

/**
 * asi_enter - begin a section in a restricted context
 * @asi: the context; the task has attached it
 *
 * Cheap if the CPU is still in it from the last section. Every section must be
 * ended by asi_relax(); sections do not nest. What the section does runs in the
 * context, but
 *
 * - a touch of what is absent there leaves it, and it is not entered again before
 *   the next asi_enter(): the section is lost. In a strict class that is a
 *   violation. With interrupts off it is the same, though the switch waits.
 * - an interrupt, exception or NMI that touches what is absent leaves it as long
 *   as it lasts. The section goes on in the context.
 *
 * Context: Process context, also with interrupts off. Preemption is off until
 * asi_relax(); the section must not sleep.
 * Return: 0; -EOPNOTSUPP without isolation; -EPERM if another task attached it,
 * or none; -EBUSY in a section, in an interrupt, or in a context of
 * pg_table_enter().
 */
int asi_enter(struct asi *asi)
{
	unsigned long flags;
	int ret = 0;

	preempt_disable();
	local_irq_save(flags);
	if (this_cpu_read(asi_cpu.section) || in_nmi() || in_hardirq() ||
	    in_serving_softirq())
		ret = -EBUSY;
	else if (this_cpu_read(asi_cpu.curr) != asi ||
		 this_cpu_read(asi_cpu.escape))
		ret = asi_load(asi);
	if (!ret) {
		/* Whoever traced the switch left it. */
		if (this_cpu_read(asi_cpu.escape))
			asi_undo_escape();
		this_cpu_write(asi_cpu.section, true);
		this_cpu_write(asi_cpu.target, asi);
		this_cpu_inc(asi_counters()->sections);
	}
	local_irq_restore(flags);
	if (ret)
		preempt_enable();
	return ret;
}
EXPORT_SYMBOL_GPL(asi_enter);

/**
 * asi_relax - end a section
 *
 * The CPU stays in the context, with preemption on, until something leaves it.
 * Nothing enters it again but asi_enter().
 *
 * Does nothing if there is none.
 *
 * Context: The task that called asi_enter(), on the same CPU.
 * Return: whether all of the section ran in the context, but for interrupts.
 */
bool asi_relax(void)
{
	unsigned long flags;
	bool whole;

	if (!this_cpu_read(asi_cpu.section))
		return false;
	local_irq_save(flags);
	whole = this_cpu_read(asi_cpu.target) && !this_cpu_read(asi_cpu.escape);
	if (!whole) {
		asi_leave(ASI_LEAVE_FAULT);
		this_cpu_inc(asi_counters()->lost);
	}
	this_cpu_write(asi_cpu.target, NULL);
	this_cpu_write(asi_cpu.section, false);
	local_irq_restore(flags);
	preempt_enable();
	return whole;
}
EXPORT_SYMBOL_GPL(asi_relax);

/**
 * asi_exit - leave the restricted context, if the CPU is in one
 *
 * For those who know that they are about to need more. In a section, which is
 * lost then, asi_relax() is still to be called.
 *
 * Context: Process context.
 */
void asi_exit(void)
{
	unsigned long flags;

	if (!asi_is_on())
		return;
	local_irq_save(flags);
	if (!this_cpu_read(asi_cpu.depth))
		asi_leave(ASI_LEAVE_CALL);
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(asi_exit);

/**
 * asi_is_inside - is the CPU in a restricted context at this moment?
 *
 * Context: Any. Preemption is off, if the answer is to last.
 * Return: whether it is.
 */
bool asi_is_inside(void)
{
	return asi_is_on() && asi_is_loaded();
}
EXPORT_SYMBOL_GPL(asi_is_inside);

/* The task touched what its strict context lacks. */
static void asi_violate(struct asi *asi, struct pt_regs *regs,
			unsigned long address)
{
	struct asi_landing *landing = this_cpu_read(asi_cpu.landing);

	pr_alert("asi: %s: violation: %s/%d touched %lx at %pS\n",
		 asi->class->name, current->comm, task_pid_nr(current), address,
		 (void *)regs->ip);
	this_cpu_inc(asi_counters()->violations);
	asi_leave(ASI_LEAVE_FAULT);
	if (landing) {
		regs->ip = (unsigned long)asi_call_landing;
		regs->sp = landing->sp;
		regs->flags = landing->flags;
		regs->ax = -EFAULT;
		landing->violated = true;
		return;
	}
	this_cpu_write(asi_cpu.section, false);
	die("violation of address-space isolation", regs, 0);
}

/*
 * Who traces and probes runs in the task's section and is not the task: the
 * function tracer, the code that it, kprobes and BPF generate, and softirqs.
 */
static bool asi_is_disturbed(struct pt_regs *regs, unsigned long address)
{
#ifdef CONFIG_TRACING
	if (current->trace_recursion)
		return true;
#endif
	if (regs->ip == address && kernel_text_address(address) &&
	    !is_module_text_address(address))
		return true;
	/* What surrounds a call has nothing absent to touch by itself. */
	if (this_cpu_read(asi_cpu.landing) &&
	    !this_cpu_read(asi_cpu.landing)->sp)
		return true;
	return in_serving_softirq();
}

/*
 * Is the TLB code not under way in the task? It runs with interrupts off, and only
 * who traces it touches user memory, in the midst of a switch.
 */
static __always_inline bool asi_may_leave(struct pt_regs *regs,
					  unsigned long address)
{
	return this_cpu_read(cpu_tlbstate.loaded_pgt) ==
	       this_cpu_read(asi_cpu.curr)->pgt &&
	       ((regs->flags & X86_EFLAGS_IF) || address < TASK_SIZE_MAX);
}

/* The fault itself has been counted as a handler. */
static void asi_settle(struct pt_regs *regs, unsigned long address)
{
	struct asi *asi = this_cpu_read(asi_cpu.curr);
	struct asi_class *class = asi->class;
	/* Not that of the escape, which an NMI may find begun. */
	unsigned int depth = this_cpu_read(asi_cpu.depth) - 1;
	bool section = this_cpu_read(asi_cpu.target);

	trace_asi_fault(class, address, regs->ip, depth, section);
	if (depth) {
		this_cpu_inc(asi_counters()->escapes);
		return;
	}
	this_cpu_inc(asi_counters()->faults);
	this_cpu_write(asi_cpu.target, NULL);
	if (section && class->strict && !asi_is_disturbed(regs, address))
		asi_violate(asi, regs, address);
	else if (asi_may_leave(regs, address))
		asi_leave(ASI_LEAVE_FAULT);
}

/* The task escaped with interrupts off, and now needs its user memory. */
static __always_inline bool asi_leave_late(struct pt_regs *regs, unsigned long address)
{
	irqentry_state_t state;

	if (this_cpu_read(asi_cpu.escape) != 1 || this_cpu_read(asi_cpu.depth) ||
	    !asi_may_leave(regs, address))
		return false;
	state = irqentry_enter(regs);
	instrumentation_begin();
	asi_leave(ASI_LEAVE_FAULT);
	instrumentation_end();
	irqentry_exit(regs, state);
	return true;
}

/**
 * __asi_page_fault - a fault while a restricted context is this CPU's
 * @regs: where
 * @address: what
 *
 * Context: First thing of the page fault.
 * Return: whether the context was left, and the instruction is to try again.
 */
noinstr bool __asi_page_fault(struct pt_regs *regs, unsigned long address)
{
	irqentry_state_t state;

	if (!asi_is_loaded())
		return asi_leave_late(regs, address);
	asi_escape();
	/* Nothing can be traced there: only that the section is lost counts. */
	if (!rcu_is_watching_curr_cpu()) {
		if (!this_cpu_read(asi_cpu.depth)) {
			this_cpu_write(asi_cpu.target, NULL);
			this_cpu_inc(asi_counters()->faults);
		} else {
			this_cpu_inc(asi_counters()->escapes);
		}
		return true;
	}
	state = irqentry_enter(regs);
	instrumentation_begin();
	asi_settle(regs, address);
	instrumentation_end();
	irqentry_exit(regs, state);
	return true;
}

/**
 * asi_abandon - the task dies, wherever it was
 *
 * Context: Before preemption is on again.
 */
void asi_abandon(void)
{
	unsigned long flags;

	if (!asi_is_on())
		return;
	local_irq_save(flags);
	asi_leave(ASI_LEAVE_FAULT);
	this_cpu_write(asi_cpu.section, false);
	this_cpu_write(asi_cpu.landing, NULL);
	local_irq_restore(flags);
}

/**
 * asi_call - call a function in a restricted context
 * @asi: the context; the task has attached it
 * @fn: the function; its code, and what it needs, are mapped
 * @arg: handed to it
 * @result: what it returned
 *
 * A violation of a strict class ends the function where it stands, so it must
 * take no lock and no reference. The task, if it is one of user mode, is killed:
 * by a signal, when it has cleaned up.
 *
 * Context: Process context, preemption is off while the function runs.
 * Return: 0; -EFAULT after a violation; -EAGAIN if tracing kept it from being
 * called in the context; or an error as of asi_enter().
 */
int asi_call(struct asi *asi, long (*fn)(void *arg), void *arg, long *result)
{
	struct asi_landing landing = { };
	int count = preempt_count(), ret;
	long value = 0;

	local_save_flags(landing.flags);
	preempt_disable();
	if (this_cpu_read(asi_cpu.section)) {
		preempt_enable();
		return -EBUSY;
	}
	this_cpu_write(asi_cpu.landing, &landing);
	ret = asi_enter(asi);
	if (!ret) {
		/* Whoever traced the way to here may have left the context. */
		if (asi_is_loaded())
			value = asi_call_with_landing(arg, fn, &landing.sp);
		else
			ret = -EAGAIN;
		if (landing.violated)
			preempt_count_set(count + 2 * PREEMPT_DISABLE_OFFSET);
		asi_relax();
	}
	this_cpu_write(asi_cpu.landing, NULL);
	preempt_enable();
	if (landing.violated) {
		if (!(current->flags & PF_KTHREAD))
			send_sig(SIGKILL, current, 1);
		return -EFAULT;
	}
	if (!ret)
		*result = value;
	return ret;
}
EXPORT_SYMBOL_GPL(asi_call);

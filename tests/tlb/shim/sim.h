/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine for the kernel's TLB code to run on: what arch/x86/mm/tlb.c,
 * arch/x86/mm/pg_table.c and arch/x86/mm/asi.c need of the kernel, on simulated
 * CPUs.
 *
 * One CPU runs at a time. Its per-CPU variables are the variables themselves;
 * those of the others are kept aside until it is their turn. An IPI makes it a
 * CPU's turn at once, so no CPU may be left with interrupts off. An NMI can
 * arrive wherever the code accesses per-CPU variables, CR3 or the TLB.
 *
 * Included before everything; the headers of the kernel that would clash are
 * empty here, see tlb.mk.
 */
#ifndef SIM_H
#define SIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* The kernel's language. */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
typedef u64 phys_addr_t;
typedef unsigned int gfp_t;
typedef s64 ktime_t;

#define __aligned(n)		__attribute__((aligned(n)))
#define __init
#define __user
#define __percpu
#define __read_mostly
#define __ro_after_init
#define noinstr
#ifndef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#endif
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define smp_mb()		barrier()
#define smp_rmb()		barrier()
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))
#define IS_ENABLED(option)	option
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), #cond)
#define EXPORT_SYMBOL_GPL(symbol)
#define EXPORT_SYMBOL(symbol)
#define EXPORT_PER_CPU_SYMBOL(x)
#define early_param(name, fn)	static int (*unused_##fn)(char *) \
				__attribute__((unused)) = fn
#define late_initcall(fn)	static int (*unused_##fn)(void) \
				__attribute__((unused)) = fn
#define GFP_KERNEL		1
#define S_IRUSR			0400
#define S_IWUSR			0200
#define min(a, b)		((a) < (b) ? (a) : (b))
#define __ffs(x)		((unsigned long)__builtin_ctzl(x))
/* The kernel sets bits of smaller variables by it. */
#define __set_bit(n, p)		(((u8 *)(p))[(n) / 8] |= 1 << (n) % 8)
#define clear_ti_thread_flag(ti, flag)	((void)(ti))

/* Complaints end the test. */
void sim_fail(const char *file, int line, const char *what);
#define WARN_ON(cond) ({						\
	bool __warn = (cond);						\
	if (__warn)							\
		sim_fail(__FILE__, __LINE__, #cond);			\
	__warn;								\
})
#define WARN_ON_ONCE(cond)		WARN_ON(cond)
#define WARN_ONCE(cond, fmt, ...)	WARN_ON(cond)
#define VM_WARN_ON(cond)		WARN_ON(cond)
#define VM_WARN_ON_ONCE(cond)		WARN_ON(cond)
#define VM_BUG_ON(cond)			WARN_ON(cond)
#define BUG_ON(cond)			WARN_ON(cond)
#define panic(fmt, ...)			sim_fail(__FILE__, __LINE__, fmt)
#define pr_warn_once(...)
#define pr_warn(...)
#define pr_alert(fmt, ...)	sim_ignore(__VA_ARGS__)
static inline int sim_ignore(const char *first, ...)
{
	return 0;
}

/* Atomics and locks: there is one thread. */
typedef struct { s64 counter; } atomic64_t;
typedef atomic64_t atomic_t, atomic_long_t;
typedef struct { } spinlock_t;
#define ATOMIC64_INIT(value)		{ .counter = (value) }
#define atomic64_read(v)		((v)->counter)
#define atomic64_set(v, i)		((v)->counter = (i))
#define atomic64_inc_return(v)		(++(v)->counter)
#define atomic64_inc(v)			((void)++(v)->counter)
#define atomic_read			atomic64_read
#define atomic_inc			atomic64_inc
#define atomic_dec(v)			((void)--(v)->counter)
#define atomic_long_inc			atomic64_inc
#define raw_atomic_long_inc		atomic64_inc
struct list_head { struct list_head *prev, *next; };

/* CPUs. */
#define SIM_CPUS		4
#define nr_cpu_ids		((unsigned int)SIM_CPUS)
extern int sim_cpu;
void sim_run_on(int cpu);
#define smp_processor_id()	sim_cpu
#define get_cpu()		(preempt_disable(), sim_cpu)
#define put_cpu			preempt_enable
extern char __start_sim_percpu[], __stop_sim_percpu[];
#define DECLARE_PER_CPU(type, name)	extern type name
#define DEFINE_PER_CPU(type, variable) \
	__attribute__((section("sim_percpu"))) type variable
#define DECLARE_PER_CPU_ALIGNED		DECLARE_PER_CPU
#define DECLARE_PER_CPU_SHARED_ALIGNED	DECLARE_PER_CPU
#define DEFINE_PER_CPU_SHARED_ALIGNED	DEFINE_PER_CPU
/* Where an NMI can arrive: around each of these. */
void sim_point(void);
#define sim_between_points(expression) ({				\
	typeof(expression) __result;					\
									\
	sim_point();							\
	__result = (expression);					\
	sim_point();							\
	__result;							\
})
#define this_cpu_read(x)	sim_between_points(x)
#define __this_cpu_read		this_cpu_read
#define this_cpu_write(x, v) ({						\
	typeof(x) __new = (v);						\
									\
	sim_point();							\
	(x) = __new;							\
	sim_point();							\
})
#define this_cpu_ptr(p)		(p)
#define this_cpu_add_return(x, n)	sim_between_points((x) += (n))
#define this_cpu_inc_return(x)	sim_between_points(++(x))
#define this_cpu_inc(x)		((void)sim_between_points(++(x)))
#define this_cpu_dec(x)		((void)sim_between_points(--(x)))
#define per_cpu(x, cpu) ({						\
	int __here = sim_cpu;						\
	typeof(x) __value;						\
									\
	sim_run_on(cpu);						\
	__value = (x);							\
	sim_run_on(__here);						\
	__value;							\
})

DECLARE_PER_CPU(bool, sim_irqs_off);
DECLARE_PER_CPU(int, sim_preempt_count);
#define irqs_disabled()		sim_irqs_off
#define local_irq_disable()	((void)(sim_irqs_off = true))
#define local_irq_enable()	((void)(sim_irqs_off = false))
#define local_irq_save(flags)	((flags) = sim_irqs_off, local_irq_disable())
#define local_irq_restore(flags) ((void)(sim_irqs_off = (flags)))
#define raw_local_irq_save	local_irq_save
#define raw_local_irq_restore	local_irq_restore
#define lockdep_assert_irqs_enabled()	WARN_ON(sim_irqs_off)
#define preempt_disable()	((void)++sim_preempt_count)
#define preempt_enable()	((void)WARN_ON(--sim_preempt_count < 0))
#define preemptible()		(!sim_preempt_count && !sim_irqs_off)
#define preempt_count()		sim_preempt_count
#define preempt_count_set(n)	((void)(sim_preempt_count = (n)))
#define PREEMPT_DISABLE_OFFSET	1
#define local_save_flags(flags)	((void)((flags) = sim_irqs_off))
extern bool sim_in_nmi;
DECLARE_PER_CPU(int, sim_in_irq);
#define in_nmi()		sim_in_nmi
#define in_hardirq()		sim_in_irq
#define in_serving_softirq()	false
#define kernel_text_address(address)	false
#define is_module_text_address(address)	false

struct cpumask { unsigned long bits; };
typedef struct cpumask cpumask_t;
#define cpumask_test_cpu(cpu, mask)	((mask)->bits >> (cpu) & 1)
#define cpumask_set_cpu(cpu, mask)	((mask)->bits |= 1UL << (cpu))
#define cpumask_clear_cpu(cpu, mask)	((mask)->bits &= ~(1UL << (cpu)))
#define cpumask_clear(mask)		((mask)->bits = 0)
#define cpumask_or(to, a, b)		((to)->bits = (a)->bits | (b)->bits)
#define cpumask_any_but(mask, cpu) ({					\
	unsigned long __bits = (mask)->bits & ~(1UL << (cpu));		\
									\
	__bits ? (unsigned int)__ffs(__bits) : nr_cpu_ids;		\
})

typedef void (*smp_call_func_t)(void *);
typedef bool (*smp_cond_func_t)(int, void *);
void on_each_cpu_cond_mask(smp_cond_func_t cond, smp_call_func_t func,
			   void *arg, bool wait, const struct cpumask *cpus);
void on_each_cpu_mask(const struct cpumask *cpus, smp_call_func_t func,
		      void *arg, bool wait);
void on_each_cpu(smp_call_func_t func, void *info, int wait);

/* What the CPU can do; the test tries all. */
enum {
	X86_FEATURE_PCID, X86_FEATURE_PTI, X86_FEATURE_INVPCID,
	X86_FEATURE_PGE, X86_FEATURE_XENPV, SIM_FEATURE_ASI, SIM_FEATURES,
	/* Never there. */
	X86_FEATURE_IBPB = SIM_FEATURES, X86_FEATURE_FLUSH_L1D,
	X86_FEATURE_MD_CLEAR, SIM_ALL_FEATURES
};
extern bool sim_features[SIM_ALL_FEATURES];
#define static_cpu_has(feature)		sim_features[feature]
#define boot_cpu_has(feature)		sim_features[feature]
#define cpu_feature_enabled(feature)	sim_features[feature]

/* Registers and instructions. */
#define CR3_NOFLUSH			(1ULL << 63)
#define CR3_ADDR_MASK			0x000ffffffffff000ULL
#define CR3_PCID_MASK			0xfffULL
#define X86_CR3_PCID_NOFLUSH		CR3_NOFLUSH
#define X86_CR3_PCID_BITS		0xc
#define X86_CR3_PTI_PCID_USER_BIT	11
#define X86_CR3_LAM_U57_BIT		61
#define X86_CR3_LAM_U57			BIT_ULL(61)
#define X86_CR3_LAM_U48			BIT_ULL(62)
#define X86_CR4_PGE			BIT(7)
#define X86_CR4_PCE			BIT(8)
#define X86_CR4_PCIDE			BIT(17)
unsigned long __read_cr3(void);
unsigned long __read_cr4(void);
void write_cr3(unsigned long cr3);
void native_write_cr4(unsigned long cr4);
void invlpg(unsigned long addr);
void invpcid_flush_one(unsigned long pcid, unsigned long addr);
void invpcid_flush_all(void);
#define __native_read_cr3	__read_cr3
#define native_write_cr3	write_cr3
#define read_cr3_pa()		(__read_cr3() & CR3_ADDR_MASK)
#define MSR_IA32_FLUSH_CMD	0
#define L1D_FLUSH		0
#define MSR_IA32_PRED_CMD		0
#define PRED_CMD_IBPB			0
#define wrmsrl(msr, value)
#define native_wrmsrl(msr, value)
#define x86_clear_cpu_buffers()
bool hw_breakpoint_active(void);
void hw_breakpoint_restore(void);
#define HBP_NUM				2
#define DR_GLOBAL_ENABLE		0x2UL
#define DR_ENABLE_SIZE			2
#define TASK_SIZE_MAX			BIT(47)
#define get_debugreg(address, i)	((address) = (i) ? ~0UL : 0)

/* Memory: addresses of the host are the physical ones. */
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { unsigned long pgprot; } pgprot_t;
typedef struct { unsigned long pte; } pte_t;
typedef pte_t pmd_t;
enum page_cache_mode { _PAGE_CACHE_MODE_WB };
#define __pgprot(x)		((pgprot_t){ x })
#define __pa(p)			((uintptr_t)(p))
#define __sme_pa(x)		__pa(x)
#define __sme_pa_nodebug(x)	__pa(x)
#define swapper_pg_dir		init_mm.pgt.pgd
#define __va(x)			((void *)(x))
#define PAGE_SHIFT		12
#define PAGE_SIZE		4096UL
#define pgd_index(addr)		((void)(addr), 0)
#define pgd_flags(entry)	((entry).pgd & (PAGE_SIZE - 1))
#define _PAGE_PRESENT		BIT(0)
#define _PAGE_RW		BIT(1)
#define _PAGE_USER		BIT(2)
#define _PAGE_PWT		BIT(3)
#define _PAGE_PCD		BIT(4)
#define _PAGE_ACCESSED		BIT(5)
#define _PAGE_DIRTY		BIT(6)
#define _PAGE_PSE		BIT(7)
#define _PAGE_PAT		BIT(7)
#define _PAGE_GLOBAL		BIT(8)
#define _PAGE_PAT_LARGE		BIT(12)
#define _PAGE_SOFTW1		BIT(9)
#define _PAGE_SOFTW2		BIT(10)
#define _PAGE_SOFTW3		BIT(11)
#define _PAGE_SOFTW4		BIT_ULL(57)
#define _PAGE_SAVED_DIRTY	BIT_ULL(58)
#define _PAGE_PKEY_BIT0		BIT_ULL(59)
#define _PAGE_PKEY_BIT1		BIT_ULL(60)
#define _PAGE_PKEY_BIT2		BIT_ULL(61)
#define _PAGE_PKEY_BIT3		BIT_ULL(62)
#define _PAGE_NX		BIT_ULL(63)
typedef u64 pteval_t;
#define pte_flags(entry)	((entry).pte & 0xfff)
#define pmd_flags(entry)	((entry).pte & 0xfff)
#define pte_pfn(entry)		((entry).pte >> PAGE_SHIFT)
#define pmd_pfn(entry)		((entry).pte >> PAGE_SHIFT)
extern char _text[];

/* Processes. */
#include <linux/pg_table_types.h>
struct mm_struct {
	struct pg_table pgt;
	struct {
		unsigned long lam_cr3_mask;
		u64 untag_mask;
		unsigned long next_trim_cpumask;
		atomic_t perf_rdpmc_allowed;
		void *ldt;
	} context;
	struct cpumask cpus;
};
struct callback_head { void (*func)(struct callback_head *head); };
struct thread_info { int unused; };
struct task_struct {
	struct mm_struct *mm;
	unsigned int flags;
	struct callback_head l1d_flush_kill;
	struct thread_info thread_info;
};
extern struct mm_struct init_mm;
DECLARE_PER_CPU(struct task_struct, sim_task);
#define current			(&sim_task)
#define PF_KTHREAD		1
#define SIGKILL			9
#define send_sig(sig, task, priv)
#define task_pid_nr(task)	((void)(task), 1)
#define comm			flags
static inline struct pg_table *mm_pgt(struct mm_struct *mm)
{
	return &mm->pgt;
}
#define mm_cpumask(mm)		(&(mm)->cpus)
#define mm_lam_cr3_mask(mm)	((mm)->context.lam_cr3_mask)
#define mm_untag_mask(mm)	((mm)->context.untag_mask)
struct vm_area_struct { struct mm_struct *vm_mm; unsigned long vm_flags; };
struct arch_tlbflush_unmap_batch { struct cpumask cpumask; };

extern atomic64_t last_mm_ctx_id;
void switch_mm(struct mm_struct *prev, struct mm_struct *next,
	       struct task_struct *tsk);
void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next,
			struct task_struct *tsk);
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk);
void leave_mm(void);
void switch_ldt(struct mm_struct *prev, struct mm_struct *next);
void load_mm_ldt(struct mm_struct *mm);
#define mmu_notifier_arch_invalidate_secondary_tlbs(mm, start, end) \
	((void)(mm))

/* Mitigations of speculation: off. */
#define TIF_SPEC_IB			9
#define TIF_SPEC_L1D_FLUSH		10
#define TWA_RESUME			1
#define SIGBUS				7
DECLARE_PER_CPU(struct sim_cpuinfo { bool smt_active; }, cpu_info);
#define read_task_thread_flags(task)	((void)(task), 0UL)
#define DECLARE_STATIC_KEY_FALSE(key)	extern bool key
#define DEFINE_STATIC_KEY_FALSE(key)	bool key
#define static_branch_likely(key)	(*(key))
#define static_branch_unlikely(key)	(*(key))
#define static_branch_enable(key)	((void)(*(key) = true))
#define static_branch_disable(key)	((void)(*(key) = false))
static const bool switch_mm_cond_ibpb, switch_mm_always_ibpb,
	switch_mm_cond_l1d_flush, rdpmc_always_available_key,
	rdpmc_never_available_key;
#define indirect_branch_prediction_barrier()
#define force_sig(sig)
#define task_work_add(task, work, how)
#define perf_clear_dirty_counters()

/* Entry code, and what tells of the way to user mode or another task. */
struct pt_regs { unsigned long ip, sp, flags, ax; };
#define X86_EFLAGS_IF			BIT(9)
typedef struct { int unused; } irqentry_state_t;
irqentry_state_t irqentry_enter(struct pt_regs *regs);
void irqentry_exit(struct pt_regs *regs, irqentry_state_t state);
#define instrumentation_begin()
#define instrumentation_end()
#define rcu_is_watching_curr_cpu()	true
#define die(what, regs, error)		sim_fail(__FILE__, __LINE__, what)
#define kstrtobool(text, value)		(*(value) = (text)[0] == '1', 0)
struct user_return_notifier {
	void (*on_user_return)(struct user_return_notifier *notifier);
};
void user_return_notifier_register(struct user_return_notifier *notifier);
void user_return_notifier_unregister(struct user_return_notifier *notifier);
struct preempt_notifier { int unused; };
struct mutex { int unused; };
struct xarray { int unused; };

/* Tracing may touch memory that is absent in a restricted context. */
void sim_trace(void);
#define trace_tlb_flush(reason, pages)	((void)(pages), sim_trace())
#define trace_pg_table_enter(pgt)	sim_trace()
#define trace_asi_enter(class)		sim_trace()
#define trace_asi_leave(class, why)	sim_trace()
#define trace_asi_fault(class, address, ip, depth, section) \
	((void)(depth), (void)(section), sim_trace())

/* Statistics and debugfs: none. */
#define count_vm_tlb_event(event)
#define count_vm_tlb_events(event, n)	((void)(n))
#define inc_irq_stat(stat)
struct file;
struct file_operations {
	ssize_t (*read)(struct file *file, char *buf, size_t n, loff_t *pos);
	ssize_t (*write)(struct file *file, const char *buf, size_t n,
			 loff_t *pos);
	void *llseek;
};
#define default_llseek			NULL
#define debugfs_create_file(name, mode, dir, data, fops) ((void)(fops))
#define simple_read_from_buffer(to, n, pos, from, len)	((ssize_t)(len))
#define copy_from_user(to, from, n)	((void)(from), 0)
#define kstrtoint(text, base, value)	(*(value) = atoi(text), 0)

extern unsigned long jiffies;
#define HZ				100
#define time_after(a, b)		((long)((b) - (a)) < 0)

#endif /* SIM_H */

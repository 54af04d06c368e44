/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address-space isolation: kernel code that runs without being able to reach
 * what it must not.
 *
 * A *restricted context* is a page table that lacks a part of what the kernel
 * maps. A *class* is a kind of such contexts, with one *policy*: what they have.
 * A context belongs to one task at a time, which attaches it.
 *
 * Between asi_enter() and asi_relax() lies a *section*: there the task's code
 * runs in the context. After it the CPU stays there until the task touches what
 * the context lacks, another task runs, another table is loaded, the CPU returns to
 * user mode, or asi_exit() is called.
 *
 * An interrupt that touches what is absent *escapes* for as long as it lasts.
 */
#ifndef _LINUX_ASI_H
#define _LINUX_ASI_H

#include <linux/bits.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/types.h>

#ifdef CONFIG_ASI
#include <linux/mutex.h>
#include <linux/percpu-defs.h>
#include <linux/preempt.h>
#include <linux/xarray.h>
#include <asm/asi.h>
#endif

struct asi;
struct asi_cache;
struct module;
struct page;
struct pg_table;
struct pt_regs;
struct seq_file;
struct task_struct;

/**
 * enum asi_policy - what a context has
 * @ASI_DENY: all that the kernel maps, but for sensitive memory, the memory of
 *	ZONE_MOVABLE, and what user mode maps
 * @ASI_ALLOW: the kernel's image, what entering it takes, the CPUs' own data,
 *	the vmemmap, the task's own task_struct and stack, and what was mapped
 */
enum asi_policy {
	ASI_DENY,
	ASI_ALLOW,
};

/* What is cleared on the way in or out, where the CPU can. */
#define ASI_CLEAR_BRANCHES	BIT(0)
#define ASI_CLEAR_L1D		BIT(1)
#define ASI_CLEAR_BUFFERS	BIT(2)
#define ASI_CLEARS		3

/**
 * enum asi_leave - why a context was left
 * @ASI_LEAVE_CALL: asi_exit() was called
 * @ASI_LEAVE_FAULT: the task touched what is absent
 * @ASI_LEAVE_SWITCH: another task was to run
 * @ASI_LEAVE_USER: the task went back to user mode
 * @ASI_LEAVE_OTHER: another page table was to be loaded
 * @ASI_LEAVES: how many there are
 */
enum asi_leave {
	ASI_LEAVE_CALL,
	ASI_LEAVE_FAULT,
	ASI_LEAVE_SWITCH,
	ASI_LEAVE_USER,
	ASI_LEAVE_OTHER,
	ASI_LEAVES,
};

/**
 * struct asi_counters - what happened to the contexts of a class, on one CPU
 * @sections: asi_enter() succeeded
 * @enters: it had to load the context
 * @leaves: the context was left, by &enum asi_leave
 * @faults: the task touched what is absent
 * @escapes: an interrupt, NMI or exception did, and left it as long as it lasted
 * @lost: sections that did not run in the context to their end
 * @violations: of a strict class
 * @clears: times that something was cleared, by bit of ASI_CLEAR_*
 */
struct asi_counters {
	unsigned long	sections;
	unsigned long	enters;
	unsigned long	leaves[ASI_LEAVES];
	unsigned long	faults;
	unsigned long	escapes;
	unsigned long	lost;
	unsigned long	violations;
	unsigned long	clears[ASI_CLEARS];
};

/**
 * struct asi_class - a kind of restricted contexts
 * @name: shown in debugfs, in traces and in messages
 * @policy: what they have
 * @strict: a touch of what is absent, by the task, is a violation: it is
 *	reported and ends the task
 * @clear_in: what is cleared when a CPU loads one, ASI_CLEAR_*
 * @clear_out: what is cleared when it leaves one
 * @counters: per CPU
 * @all: links the registered ones
 *
 * Made by DEFINE_ASI_CLASS(): it must lie in the image, or in what is mapped of
 * a module, together with its counters.
 */
struct asi_class {
	const char			*name;
	enum asi_policy			policy;
	bool				strict;
	u8				clear_in;
	u8				clear_out;
	struct asi_counters __percpu	*counters;
	struct list_head		all;
};

/* Define a class by the members of &struct asi_class that are not zero. */
#define DEFINE_ASI_CLASS(_class, _name, ...)				\
	static DEFINE_PER_CPU(struct asi_counters, _class##_counters);	\
	static struct asi_class _class = {				\
		.name = _name,						\
		.counters = &_class##_counters,				\
		__VA_ARGS__						\
	}

#ifdef CONFIG_ASI

#define ASI_NAME_LEN	32

/**
 * struct asi - a restricted context
 * @class: what kind it is
 * @pgt: its page table; with ASI_DENY that of all such contexts
 * @task: who attached it; NULL if nobody did
 * @notifier: tells when the task is about to be scheduled away
 * @lock: serialises those who map, unmap, attach and detach; inside asi_mutex
 * @pages: how often each page was mapped, by page of the address
 * @changes: how often these changed
 * @all: links the contexts that have a table of their own
 * @name: of the table
 *
 * Private to the implementation. Out of reach in the context itself.
 */
struct asi {
	struct asi_class	*class;
	struct pg_table		*pgt;
	struct task_struct	*task;
	struct preempt_notifier	notifier;
	struct mutex		lock; /* see above */
	struct xarray		pages;
	unsigned long		changes;
	struct list_head	all;
	char			name[ASI_NAME_LEN];
};

void asi_class_register(struct asi_class *class);
void asi_class_unregister(struct asi_class *class);
void asi_sum_counters(const struct asi_class *class, struct asi_counters *sum);

struct asi *asi_create(struct asi_class *class);
int asi_destroy(struct asi *asi);

int asi_map(struct asi *asi, const void *start, size_t size);
int asi_unmap(struct asi *asi, const void *start, size_t size);
int asi_map_percpu(struct asi *asi, const void __percpu *ptr, size_t size);
int asi_unmap_percpu(struct asi *asi, const void __percpu *ptr, size_t size);
int asi_map_module(struct asi *asi, struct module *module);
int asi_unmap_module(struct asi *asi, struct module *module);

int asi_attach(struct asi *asi);
void asi_detach(struct asi *asi);
void asi_exit_task(void);

int asi_enter(struct asi *asi);
bool asi_relax(void);
void asi_exit(void);
bool asi_is_inside(void);

int asi_call(struct asi *asi, long (*fn)(void *arg), void *arg, long *result);

struct page *asi_alloc_sensitive(unsigned int order, gfp_t gfp);
void asi_free_sensitive(struct page *page, unsigned int order);

struct asi_cache *asi_cache_create(size_t size);
int asi_cache_destroy(struct asi_cache *cache);
void *asi_cache_alloc(struct asi_cache *cache, gfp_t gfp);
void asi_cache_free(struct asi_cache *cache, void *object);

void asi_finalize(void);

/* Can the CPU run in one that has no more than the policy says? */
bool asi_arch_may_allow(void);
/* What an architecture maps in every allow-list context. */
int asi_arch_map_base(struct pg_table *pgt);
/* Of that the image, once more: it may have changed. */
int asi_arch_map_image(struct pg_table *pgt);
/* Of that the addresses, one call of @show for each range. */
void asi_arch_show_base(struct seq_file *m,
			void (*show)(struct seq_file *m, unsigned long start,
				     unsigned long end, const char *why));

#else /* !CONFIG_ASI */

static inline bool asi_is_on(void)
{
	return false;
}

static inline bool asi_has_escaped(void)
{
	return false;
}

static inline bool asi_has_context(void)
{
	return false;
}

static inline bool asi_refuses_nmi(void)
{
	return false;
}

static inline bool asi_page_fault(struct pt_regs *regs, unsigned long address)
{
	return false;
}

static inline unsigned long asi_kernel_cr3(void)
{
	return 0;
}

static inline void asi_leave_for_other(void)
{
}

static inline void asi_abandon(void)
{
}

static inline void asi_irq_enter(void)
{
}

static inline void asi_irq_exit(void)
{
}

static inline void asi_exit_task(void)
{
}

static inline void asi_finalize(void)
{
}

#endif /* !CONFIG_ASI */

#endif /* _LINUX_ASI_H */

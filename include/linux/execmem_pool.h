/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Executable memory that shares large leaves.
 *
 * An *area* consists of whole blocks of a pool that is read-only in the direct
 * map, side by side at addresses for modules, where they are read-only and
 * executable. Code of all kinds lies in it side by side: modules, what BPF's JIT
 * made, trampolines, slots of probes. What nobody has is filled with
 * instructions that trap.
 *
 * Who writes code by itself, as the module loader does, gets pages that are
 * writable and not executable until set_memory_rox(): its own, and for that time
 * only they are mapped one by one.
 */
#ifndef _LINUX_EXECMEM_POOL_H
#define _LINUX_EXECMEM_POOL_H

#include <linux/execmem.h>
#include <linux/types.h>

/* Code without pages of its own begins and ends at multiples of this. */
#define EXECMEM_POOL_CHUNK	64

/**
 * enum execmem_pool_use - what code may lie where other code was
 * @EXECMEM_POOL_ANY: it does not matter
 * @EXECMEM_POOL_FRESH: rather none
 * @EXECMEM_POOL_USED: rather that: it leaves what is fresh to others
 *
 * Branch predictors may still know code that is gone.
 */
enum execmem_pool_use {
	EXECMEM_POOL_ANY,
	EXECMEM_POOL_FRESH,
	EXECMEM_POOL_USED,
};

/* Who keeps code for later lets go of it before the pool is shrunk. */
#if defined(CONFIG_EXECMEM_POOL) && defined(CONFIG_DYNAMIC_FTRACE)
void ftrace_collect_trampolines(void);
#else
static inline void ftrace_collect_trampolines(void)
{
}
#endif

#ifdef CONFIG_EXECMEM_POOL

void execmem_pool_setup(const struct execmem_range *range);
void *execmem_pool_alloc(enum execmem_type type, size_t size);
void *execmem_pool_alloc_code(size_t size, enum execmem_pool_use use);
bool execmem_pool_free(void *ptr);
bool execmem_pool_was_used(const void *ptr);
void execmem_pool_forget_use(void);
void execmem_pool_collapse(unsigned long va);

#else /* !CONFIG_EXECMEM_POOL */

static inline void execmem_pool_setup(const struct execmem_range *range)
{
}

static inline void *execmem_pool_alloc(enum execmem_type type, size_t size)
{
	return NULL;
}

static inline void *execmem_pool_alloc_code(size_t size,
					    enum execmem_pool_use use)
{
	return NULL;
}

static inline bool execmem_pool_free(void *ptr)
{
	return false;
}

static inline bool execmem_pool_was_used(const void *ptr)
{
	return false;
}

static inline void execmem_pool_forget_use(void)
{
}

static inline void execmem_pool_collapse(unsigned long va)
{
}

#endif /* !CONFIG_EXECMEM_POOL */

#endif /* _LINUX_EXECMEM_POOL_H */

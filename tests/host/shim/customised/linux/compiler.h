/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_COMPILER_H
#define _SHIM_LINUX_COMPILER_H

/* First, for it has an __always_inline of its own. */
#include <sys/cdefs.h>

/* gcov counts conditions as they are written, and each function once. */
#ifdef COVERAGE
#define likely(x)	(x)
#define unlikely(x)	(x)
#else
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif
#define noinline	__attribute__((noinline))
#define __maybe_unused	__attribute__((unused))
#define __noreturn	__attribute__((noreturn))
#define __must_check	__attribute__((warn_unused_result))
#define __printf(format, first)	\
	__attribute__((__format__(printf, format, first)))
#undef __always_inline
#ifdef COVERAGE
#define __always_inline	inline
#else
#define __always_inline	inline __attribute__((always_inline))
#endif
#define __acquires(...)
#define __must_hold(...)
#define __releases(...)
#define __acquire(...)	((void)0)
#define __release(...)	((void)0)
#define barrier()	__asm__ __volatile__("" : : : "memory")

/*
 * The thread sanitizer takes a volatile access for a plain one, and knows no
 * order by dependency.
 */
#ifdef __SANITIZE_THREAD__
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#else
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))
#endif

#endif /* _SHIM_LINUX_COMPILER_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * What stands behind the shim's headers: memory that fails on demand, locks
 * and messages.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <host_shim.h>
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define SPINS	1000

/* Stands for all readers under RCU, for the thread sanitizer. */
char rcu_readers;

static DEFINE_SPINLOCK(shim_lock);
static struct host_shim_stats shim_stats;
static unsigned long fail_first, fail_count;
static void (*fail_hook)(void);
static bool quiet;

static bool must_fail(void)
{
	if (!fail_count)
		return false;
	if (fail_first > 1) {
		fail_first--;
		return false;
	}
	fail_count--;
	return true;
}

/* Memory that is not asked to be zero is not. */
void *host_alloc(size_t size, gfp_t gfp)
{
	void *ptr = NULL;
	bool fail;

	spin_lock(&shim_lock);
	shim_stats.allocs++;
	fail = must_fail();
	spin_unlock(&shim_lock);
	if (fail && fail_hook)
		fail_hook();
	if (fail)
		return NULL;
	if (gfp & __GFP_ZERO)
		ptr = calloc(1, size);
	else
		ptr = malloc(size);
	if (ptr && !(gfp & __GFP_ZERO))
		memset(ptr, 0xa5, size);
	if (ptr)
		__atomic_add_fetch(&shim_stats.live, 1, __ATOMIC_RELAXED);
	return ptr;
}

void host_free(const void *ptr)
{
	if (ptr)
		__atomic_sub_fetch(&shim_stats.live, 1, __ATOMIC_RELAXED);
	free((void *)ptr);
}

void host_fail_alloc(unsigned long first, unsigned long count,
		     void (*failed)(void))
{
	spin_lock(&shim_lock);
	fail_hook = failed;
	fail_first = first;
	fail_count = count;
	spin_unlock(&shim_lock);
}

void host_get_stats(struct host_shim_stats *stats)
{
	spin_lock(&shim_lock);
	*stats = shim_stats;
	spin_unlock(&shim_lock);
}

/* There may be more threads than CPUs: who waits long lets others run. */
void host_lock_slow(spinlock_t *lock)
{
	unsigned int spins = 0;

	do {
		while (__atomic_load_n(&lock->locked, __ATOMIC_RELAXED)) {
			if (++spins % SPINS == 0)
				sched_yield();
		}
	} while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE));
}

void host_log(bool on)
{
	quiet = !on;
}

void host_printk(const char *format, ...)
{
	va_list args;

	__atomic_add_fetch(&shim_stats.messages, 1, __ATOMIC_RELAXED);
	if (quiet)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
}

void host_warn(void)
{
	__atomic_add_fetch(&shim_stats.warnings, 1, __ATOMIC_RELAXED);
}

ssize_t host_strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (!size)
		return -E2BIG;
	if (len < size) {
		memcpy(dst, src, len + 1);
		return len;
	}
	memcpy(dst, src, size - 1);
	dst[size - 1] = '\0';
	return -E2BIG;
}

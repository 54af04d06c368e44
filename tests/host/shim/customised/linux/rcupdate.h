/* SPDX-License-Identifier: GPL-2.0 */
/* RCU is liburcu's; the sanitizer is told what a grace period orders. */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <urcu/urcu-bp.h>

extern char rcu_readers;

#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define rcu_readers_order(how)	__tsan_##how(&rcu_readers)
#else
#define rcu_readers_order(how)
#endif

static inline void rcu_read_lock(void)
{
	urcu_bp_read_lock();
}

static inline void rcu_read_unlock(void)
{
	rcu_readers_order(release);
	urcu_bp_read_unlock();
}

static inline void synchronize_rcu(void)
{
	urcu_bp_synchronize_rcu();
	rcu_readers_order(acquire);
}

static inline void call_rcu(struct rcu_head *head,
			    void (*fn)(struct rcu_head *head))
{
	urcu_bp_call_rcu(head, fn);
}

static inline void rcu_barrier(void)
{
	urcu_bp_barrier();
}

#endif /* _LINUX_RCUPDATE_H */

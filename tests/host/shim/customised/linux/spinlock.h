/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A real lock that costs what the kernel's does, one locked instruction, so
 * that tables can be measured and several threads can edit one.
 */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <linux/compiler.h>
#include <linux/spinlock_types.h>

void host_lock_slow(spinlock_t *lock);

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->locked = 0;
}

static inline void spin_lock(spinlock_t *lock)
{
	if (unlikely(__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)))
		host_lock_slow(lock);
}

static inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

#define spin_lock_nested(lock, depth)	((void)(depth), spin_lock(lock))

#endif /* _LINUX_SPINLOCK_H */

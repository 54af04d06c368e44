/* SPDX-License-Identifier: GPL-2.0 */
/* Readers on the host do not outlive the tables that they read. */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

static inline void rcu_read_lock(void)
{
}

static inline void rcu_read_unlock(void)
{
}

#endif /* _LINUX_RCUPDATE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* There is one who wants to know of hibernation. */
#ifndef _POOL_SHIM_SUSPEND_H
#define _POOL_SHIM_SUSPEND_H

#include <linux/init.h>

#define PM_HIBERNATION_PREPARE	1
#define PM_POST_HIBERNATION	2
#define NOTIFY_OK		1
#define notifier_from_errno(error)	(error)

struct notifier_block;

typedef int (*pm_notifier_fn)(struct notifier_block *nb, unsigned long event,
			      void *data);

extern pm_notifier_fn pm_notifier_chain;

#define pm_notifier(function, priority)	(pm_notifier_chain = (function))

#endif /* _POOL_SHIM_SUSPEND_H */

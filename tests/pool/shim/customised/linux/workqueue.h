/* SPDX-License-Identifier: GPL-2.0 */
/* Work is done when run_work() is called. */
#ifndef _POOL_SHIM_WORKQUEUE_H
#define _POOL_SHIM_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	void	(*func)(struct work_struct *work);
};

#define INIT_WORK(work, function)	((work)->func = (function))

void schedule_work(struct work_struct *work);
void cancel_work_sync(struct work_struct *work);
void run_work(void);

#endif /* _POOL_SHIM_WORKQUEUE_H */

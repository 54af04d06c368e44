/* SPDX-License-Identifier: GPL-2.0 */
/* Work is done when run_work() is called. */
#ifndef _POOL_SHIM_WORKQUEUE_H
#define _POOL_SHIM_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	void	(*func)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct	work;
};

#define HZ				1
#define system_wq			NULL
#define INIT_DELAYED_WORK(dwork, fn)	((dwork)->work.func = (fn))
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define mod_delayed_work(wq, dwork, delay)	schedule_delayed_work(dwork, delay)

void schedule_delayed_work(struct delayed_work *work, unsigned long delay);
void cancel_delayed_work_sync(struct delayed_work *work);
void run_work(void);

#endif /* _POOL_SHIM_WORKQUEUE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* A warning goes to standard error and is counted. */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <linux/printk.h>

void host_warn(void);

#define WARN(condition, format, ...) ({				\
	bool __warn = (condition);				\
	if (__warn) {						\
		host_warn();					\
		host_printk("warning: " format, ##__VA_ARGS__);	\
	}							\
	__warn;							\
})

/* Every time: each test is to see its own. */
#define WARN_ONCE(condition, format, ...) \
	WARN(condition, format, ##__VA_ARGS__)
#define WARN_ON(condition)	WARN(condition, "%s:%d: %s\n", __FILE__, \
				     __LINE__, #condition)
#define WARN_ON_ONCE		WARN_ON

#endif /* _LINUX_BUG_H */

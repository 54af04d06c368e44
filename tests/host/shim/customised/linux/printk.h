/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_PRINTK_H
#define _LINUX_PRINTK_H

#include <linux/compiler.h>

__printf(1, 2) void host_printk(const char *format, ...);

#define pr_err(format, ...)	host_printk(format, ##__VA_ARGS__)
#define pr_warn(format, ...)	host_printk(format, ##__VA_ARGS__)
#define pr_info(format, ...)	host_printk(format, ##__VA_ARGS__)

#endif /* _LINUX_PRINTK_H */

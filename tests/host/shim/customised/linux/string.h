/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_STRING_H
#define _SHIM_LINUX_STRING_H

#include <linux/types.h>
#include <string.h>

ssize_t host_strscpy(char *dst, const char *src, size_t size);

#define strscpy(dst, src, size)	host_strscpy(dst, src, size)

#endif /* _SHIM_LINUX_STRING_H */

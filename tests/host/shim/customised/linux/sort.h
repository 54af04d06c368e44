/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_SORT_H
#define _LINUX_SORT_H

#include <stdlib.h>

#define sort(base, n, size, order, swap)	\
	((n) ? qsort(base, n, size, order) : (void)0)

#endif /* _LINUX_SORT_H */

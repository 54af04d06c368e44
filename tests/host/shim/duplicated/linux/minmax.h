/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_MINMAX_H
#define _LINUX_MINMAX_H

/* Both sides are evaluated once, and must be of one type. */
#define __pick(x, op, y) ({			\
	typeof(x) __x = (x);			\
	typeof(y) __y = (y);			\
	(void)(&__x == &__y);			\
	__x op __y ? __x : __y;			\
})

#define min(x, y)		__pick(x, <, y)
#define max(x, y)		__pick(x, >, y)
#define min_t(type, x, y)	__pick((type)(x), <, (type)(y))
#define max_t(type, x, y)	__pick((type)(x), >, (type)(y))

#endif /* _LINUX_MINMAX_H */

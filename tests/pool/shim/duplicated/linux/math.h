/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_MATH_H
#define _POOL_SHIM_MATH_H

#define ilog2(n)	(63 - __builtin_clzl(n))
#define round_down(x, y)	((x) & ~((typeof(x))(y) - 1))
#define round_up(x, y)		round_down((x) + ((typeof(x))(y) - 1), y)
#define swap(a, b) do {				\
	typeof(a) __swapped = (a);		\
						\
	(a) = (b);				\
	(b) = __swapped;			\
} while (0)
#define struct_size(p, member, n) \
	(sizeof(*(p)) + (n) * sizeof((p)->member[0]))

#endif /* _POOL_SHIM_MATH_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Initcalls run before main(). */
#ifndef _POOL_SHIM_INIT_H
#define _POOL_SHIM_INIT_H

#define __init
#define postcore_initcall(function)					\
static __attribute__((constructor)) void run_##function(void)		\
{									\
	function();							\
}									\
_Static_assert(1, #function)

#endif /* _POOL_SHIM_INIT_H */

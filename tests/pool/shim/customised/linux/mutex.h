/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _POOL_SHIM_MUTEX_H
#define _POOL_SHIM_MUTEX_H

#include_next <linux/mutex.h>

#define mutex_init(m)		pthread_mutex_init(&(m)->lock, NULL)
#define mutex_trylock(m)	(!pthread_mutex_trylock(&(m)->lock))

#endif /* _POOL_SHIM_MUTEX_H */

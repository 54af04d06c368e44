/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looking at a table between any two stores: the memory is made read-only, and
 * each store to what a reader can reach is caught, and executed alone.
 */
#ifndef _HOST_WATCH_H
#define _HOST_WATCH_H

#include "test.h"

/* Can this machine do it? */
bool watch_possible(void);

/*
 * Call @look with @arg before each store to f->pgt, and after it, until
 * watch_end(). It returns how many stores there were.
 */
void watch_begin(struct fix *f, void (*look)(void *arg, u64 *slot, bool done),
		 void *arg);
unsigned long watch_end(void);

/* Store from within a look. */
void watch_store(u64 *slot, u64 value);

/* Edit from within a look, until it returns: only in one before a store. */
void watch_allow(void);

#endif /* _HOST_WATCH_H */

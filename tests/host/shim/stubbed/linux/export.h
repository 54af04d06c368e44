/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_EXPORT_H
#define _LINUX_EXPORT_H

/* Takes the semicolon that follows. */
#define EXPORT_SYMBOL_GPL(symbol)	_Static_assert(1, #symbol)

#endif /* _LINUX_EXPORT_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_STRINGIFY_H
#define _LINUX_STRINGIFY_H

/* What the words expand to, as text. */
#define __stringify_expanded(words...)	#words
#define __stringify(words...)		__stringify_expanded(words)

#endif /* _LINUX_STRINGIFY_H */

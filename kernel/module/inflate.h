/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compressed modules, inflated where little else is within reach.
 */
#ifndef _MODULE_INFLATE_H
#define _MODULE_INFLATE_H

#include <linux/types.h>

struct asi_parsing;
struct z_stream_s;

struct asi_parsing *module_inflate_begin(const struct z_stream_s *stream,
					 size_t workspace_size);
int module_inflate(struct asi_parsing *parsing, struct z_stream_s *stream);
void module_inflate_end(struct asi_parsing *parsing);

#endif /* _MODULE_INFLATE_H */

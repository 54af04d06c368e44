// SPDX-License-Identifier: GPL-2.0
/*
 * Compressed modules, inflated where little else is within reach.
 *
 * What is inflated is what user space passed: its signature comes after it. So
 * zlib sees the compressed module, what it works in, and the pages that it fills.
 */
#include <linux/asi_parser.h>
#include <linux/err.h>
#include <linux/zlib.h>

#include "inflate.h"

static long inflate_some(void *stream)
{
	return zlib_inflate(stream, 0);
}

static const struct asi_parser inflate_parser = { .fn = inflate_some };

/**
 * module_inflate_begin - begin to inflate a module
 * @stream: on the caller's stack, with its input and its workspace
 * @workspace_size: bytes of the workspace
 *
 * Context: Process context, sleeps.
 * Return: what module_inflate() takes; -ENOMEM.
 */
struct asi_parsing *module_inflate_begin(const struct z_stream_s *stream,
					 size_t workspace_size)
{
	struct asi_parsing *parsing = asi_parser_begin(&inflate_parser);
	int ret;

	if (IS_ERR(parsing))
		return parsing;
	ret = asi_parser_give(parsing, stream->next_in, stream->avail_in) ?:
	      asi_parser_give(parsing, stream->workspace, workspace_size);
	if (!ret)
		return parsing;
	asi_parser_end(parsing);
	return ERR_PTR(ret);
}

/**
 * module_inflate - fill one page
 * @parsing: from module_inflate_begin()
 * @stream: the same, with the page as its output
 *
 * Context: Process context, sleeps.
 * Return: as zlib_inflate(); Z_MEM_ERROR if there is no memory; Z_DATA_ERROR if
 * it touched what is not its own.
 */
int module_inflate(struct asi_parsing *parsing, struct z_stream_s *stream)
{
	long result;

	if (asi_parser_give(parsing, stream->next_out, stream->avail_out))
		return Z_MEM_ERROR;
	if (asi_parser_run(parsing, stream, &result))
		return Z_DATA_ERROR;
	return result;
}

/**
 * module_inflate_end - undo module_inflate_begin()
 * @parsing: what that gave
 *
 * Context: Process context, sleeps.
 */
void module_inflate_end(struct asi_parsing *parsing)
{
	asi_parser_end(parsing);
}

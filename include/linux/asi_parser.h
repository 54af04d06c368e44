/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parsers that can reach little more than their input and what they work in.
 */
#ifndef _LINUX_ASI_PARSER_H
#define _LINUX_ASI_PARSER_H

#include <linux/types.h>

struct asi_parsing;

/**
 * struct asi_parser - a function that handles what others made up
 * @fn: the function: it must not sleep, allocate, or take a lock or a reference,
 *	for it can end at any instruction
 */
struct asi_parser {
	long (*fn)(void *arg);
};

#ifdef CONFIG_ASI

struct asi_parsing *asi_parser_begin(const struct asi_parser *parser);
int asi_parser_give(struct asi_parsing *parsing, const void *start,
		    size_t size);
int asi_parser_run(struct asi_parsing *parsing, void *arg, long *result);
void asi_parser_end(struct asi_parsing *parsing);

#else /* !CONFIG_ASI */

static inline struct asi_parsing *
asi_parser_begin(const struct asi_parser *parser)
{
	return (struct asi_parsing *)parser;
}

static inline int asi_parser_give(struct asi_parsing *parsing,
				  const void *start, size_t size)
{
	return 0;
}

static inline int asi_parser_run(struct asi_parsing *parsing, void *arg,
				 long *result)
{
	*result = ((const struct asi_parser *)parsing)->fn(arg);
	return 0;
}

static inline void asi_parser_end(struct asi_parsing *parsing)
{
}

#endif /* !CONFIG_ASI */

#endif /* _LINUX_ASI_PARSER_H */

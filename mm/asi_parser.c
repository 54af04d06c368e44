// SPDX-License-Identifier: GPL-2.0
/*
 * Parsers: functions that handle what others made up, and that can reach, besides
 * what every allow-list context has, no more than that and what they work in.
 */
#include <linux/asi.h>
#include <linux/asi_parser.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/slab.h>

DEFINE_ASI_CLASS(parser_class, "parser", .policy = ASI_ALLOW, .strict = true,
		 .clear_in = ASI_CLEAR_L1D | ASI_CLEAR_BUFFERS,
		 .clear_out = ASI_CLEAR_BRANCHES);

/**
 * struct asi_parsing - one use of a parser
 * @parser: which
 * @asi: its context; NULL without isolation
 */
struct asi_parsing {
	const struct asi_parser	*parser;
	struct asi		*asi;
};

/**
 * asi_parser_begin - begin to use a parser
 * @parser: which
 *
 * Without isolation all works as with it, but that nothing is out of reach.
 *
 * Context: Process context, sleeps.
 * Return: what the other functions take; -ENOMEM.
 */
struct asi_parsing *asi_parser_begin(const struct asi_parser *parser)
{
	struct asi_parsing *parsing = kzalloc(sizeof(*parsing), GFP_KERNEL);
	struct asi *asi;
	int ret;

	if (!parsing)
		return ERR_PTR(-ENOMEM);
	parsing->parser = parser;
	if (!asi_is_on())
		return parsing;
	asi = asi_create(&parser_class);
	ret = PTR_ERR_OR_ZERO(asi);
	if (ret == -EOPNOTSUPP)
		return parsing;
	if (!ret) {
		parsing->asi = asi;
		ret = asi_attach(asi);
		if (ret)
			asi_destroy(asi);
	}
	if (!ret)
		return parsing;
	kfree(parsing);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(asi_parser_begin);

/**
 * asi_parser_give - let the parser reach memory until the end
 * @parsing: from asi_parser_begin()
 * @start: the memory's first byte: its input, or what it works in
 * @size: bytes
 *
 * The task's stack and the kernel's static data are within reach anyway.
 *
 * Context: Process context, sleeps.
 * Return: 0, or an error as of asi_map().
 */
int asi_parser_give(struct asi_parsing *parsing, const void *start, size_t size)
{
	return parsing->asi ? asi_map(parsing->asi, start, size) : 0;
}
EXPORT_SYMBOL_GPL(asi_parser_give);

/**
 * asi_parser_run - run the parser once
 * @parsing: from asi_parser_begin()
 * @arg: handed to its function
 * @result: what that returned
 *
 * If somebody who traces it left the context before, it runs outside.
 *
 * Context: Process context. Preemption is off while the function runs.
 * Return: 0; -EFAULT if it touched what it was not given, and the task is about
 * to be killed.
 */
int asi_parser_run(struct asi_parsing *parsing, void *arg, long *result)
{
	int ret = -EAGAIN;

	if (parsing->asi)
		ret = asi_call(parsing->asi, parsing->parser->fn, arg, result);
	if (ret != -EAGAIN)
		return ret;
	*result = parsing->parser->fn(arg);
	return 0;
}
EXPORT_SYMBOL_GPL(asi_parser_run);

/**
 * asi_parser_end - undo asi_parser_begin()
 * @parsing: what that gave
 *
 * Context: Process context of the same task, sleeps.
 */
void asi_parser_end(struct asi_parsing *parsing)
{
	if (parsing->asi) {
		asi_detach(parsing->asi);
		WARN_ON_ONCE(asi_destroy(parsing->asi));
	}
	kfree(parsing);
}
EXPORT_SYMBOL_GPL(asi_parser_end);

static int __init asi_parser_init(void)
{
	asi_class_register(&parser_class);
	return 0;
}
subsys_initcall(asi_parser_init);

// SPDX-License-Identifier: GPL-2.0
/*
 * What the commands that read a table print.
 */
#include <stdio.h>

#include "pgt.h"

int pgt_show_lookup(struct pg_table *pgt, unsigned long va)
{
	struct pg_table_leaf leaf;
	char flags[32], size[32];
	int ret;

	ret = pg_table_lookup(pgt, va, &leaf);
	if (ret)
		return ret;
	pgt_format_flags(flags, sizeof(flags),
			 pg_table_prot_flags(pgt->desc->format, leaf.prot));
	pgt_format_size(size, sizeof(size), leaf.size);
	printf("0x%lx -> 0x%llx %s, in %s %s\n", va,
	       (unsigned long long)(leaf.pa + (va - leaf.va)), flags, size,
	       pgt_level_name(leaf.level));
	return 0;
}

void pgt_show_stats(struct pg_table *pgt)
{
	struct pg_table_stats stats = { 0 };
	char text[32];
	unsigned int i;

	pg_table_get_stats(pgt, &stats);
	printf("%s: tables %lu, borrowed %lu, adopted %lu, reservations %lu\n",
	       pgt->desc->name, stats.tables, stats.borrowed, stats.adopted,
	       stats.pins);
	pgt_format_size(text, sizeof(text), stats.bytes);
	printf("  bytes of tables %s", text);
	pgt_format_size(text, sizeof(text), stats.mapped);
	printf(", mapped %s, leaves W+X %lu\n", text, stats.wx);
	for (i = 0; i < PG_TABLE_MAX_LEVELS; i++) {
		if (stats.leaves[i])
			printf("  leaves %s %lu\n", pgt_level_name(i),
			       stats.leaves[i]);
	}
	if (stats.runs)
		printf("  runs %lu\n", stats.runs);
}

/* Such as "table, borrowed by 2, reserved", for one of them. */
static void print_table(const struct pgt_node *node)
{
	printf("%stable", node->adopted ? "adopted " :
			  node->borrowed ? "borrowed " : "");
	if (node->borrows)
		printf(", borrowed by %d", node->borrows);
	if (node->reserved)
		printf(", reserved");
}

static void print_node(const struct pgt_node *node, void *arg)
{
	const unsigned int *top = arg;
	char text[32];

	pgt_format_size(text, sizeof(text), node->size);
	printf("%*s0x%016lx-0x%016lx %*s %s ", 2 * (*top - node->level + 1), "",
	       node->va, node->va + (node->size - 1), 2 * node->level + 5,
	       text, pgt_level_name(node->level));
	if (node->tables) {
		print_table(node);
		if (node->tables > 1)
			printf(", %u of them", node->tables);
	} else {
		pgt_format_flags(text, sizeof(text), node->flags);
		printf("%s -> 0x%llx", text, (unsigned long long)node->pa);
	}
	putchar('\n');
}

/* @size is 0 for all. */
int pgt_show_tree(struct pg_table *pgt, unsigned long va, size_t size)
{
	const struct pg_table_format *format = pgt->desc->format;
	unsigned int top = pg_table_format_levels(format) - 1;

	printf("%s: %s, %u levels%s\n", pgt->desc->name,
	       pg_table_format_name(format), top + 1,
	       pgt->desc->sealed ? ", sealed" : "");
	return pgt_walk_tree(pgt, va, size, print_node, &top);
}

static int print_extent(phys_addr_t pa, phys_addr_t last, void *arg)
{
	char text[32];

	pgt_format_size(text, sizeof(text), last - pa + 1);
	printf("0x%016llx-0x%016llx %s\n", (unsigned long long)pa,
	       (unsigned long long)last, text);
	return 0;
}

int pgt_show_reach(struct pg_table *pgt)
{
	return pg_table_reach(pgt, print_extent, NULL);
}

static void print_format(const struct pg_table_format *format)
{
	unsigned int i, levels = pg_table_format_levels(format);
	char text[32];

	printf("%s: %u levels", pg_table_format_name(format), levels);
	for (i = 0; i < levels; i++) {
		pgt_format_size(text, sizeof(text),
				1UL << pg_table_level_shift(format, i));
		printf(", %s %s", pgt_level_name(i), text);
	}
	putchar('\n');
}

void pgt_show_formats(void)
{
	const struct pg_table_format *format;
	unsigned int i;

	for (i = 0; (format = pg_table_sim_format(i)); i++)
		print_format(format);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What the commands that read a table print, as text or as JSON.
 */
#include <stdio.h>

#include "pgt.h"

static void json_flags(unsigned int flags)
{
	char text[32];

	pgt_format_flags(text, sizeof(text), flags);
	pgt_json_text("prot", text);
}

static void json_range(u64 first, unsigned long size)
{
	pgt_json_address("first", first);
	pgt_json_address("last", first + (size - 1));
	pgt_json_number("size", size);
}

static void print_leaf(const struct pg_table_leaf *leaf, unsigned long va,
		       unsigned int flags)
{
	char text[32], size[32];

	pgt_format_flags(text, sizeof(text), flags);
	pgt_format_size(size, sizeof(size), leaf->size);
	printf("0x%lx -> 0x%llx %s, in %s %s\n", va,
	       (unsigned long long)(leaf->pa + (va - leaf->va)), text, size,
	       pgt_level_name(leaf->level));
}

static void json_leaf(const struct pg_table *pgt,
		      const struct pg_table_leaf *leaf, unsigned long va,
		      unsigned int flags)
{
	pgt_json_begin("lookup", pgt->desc->name);
	pgt_json_address("va", va);
	pgt_json_address("pa", leaf->pa + (va - leaf->va));
	json_flags(flags);
	pgt_json_text("level", pgt_level_name(leaf->level));
	json_range(leaf->va, leaf->size);
	pgt_json_end();
}

int pgt_show_lookup(struct pg_table *pgt, unsigned long va)
{
	struct pg_table_leaf leaf;
	unsigned int flags;
	int ret;

	ret = pg_table_lookup(pgt, va, &leaf);
	if (ret)
		return ret;
	flags = pg_table_prot_flags(pgt->desc->format, leaf.prot);
	if (pgt_json)
		json_leaf(pgt, &leaf, va, flags);
	else
		print_leaf(&leaf, va, flags);
	return 0;
}

static void print_stats(const char *name, const struct pg_table_stats *stats)
{
	char text[32];
	unsigned int i;

	printf("%s: tables %lu, borrowed %lu, adopted %lu, reservations %lu\n",
	       name, stats->tables, stats->borrowed, stats->adopted,
	       stats->pins);
	pgt_format_size(text, sizeof(text), stats->bytes);
	printf("  bytes of tables %s", text);
	pgt_format_size(text, sizeof(text), stats->mapped);
	printf(", mapped %s, leaves W+X %lu\n", text, stats->wx);
	if (stats->holes) {
		pgt_format_size(text, sizeof(text), stats->holes);
		printf("  holes %s\n", text);
	}
	for (i = 0; i < PG_TABLE_MAX_LEVELS; i++) {
		if (stats->leaves[i])
			printf("  leaves %s %lu\n", pgt_level_name(i),
			       stats->leaves[i]);
	}
	if (stats->runs)
		printf("  runs %lu\n", stats->runs);
}

static void json_stats(const char *name, const struct pg_table_stats *stats,
		       unsigned int levels)
{
	unsigned int i;

	pgt_json_begin("stats", name);
	pgt_json_number("tables", stats->tables);
	pgt_json_number("borrowed", stats->borrowed);
	pgt_json_number("adopted", stats->adopted);
	pgt_json_number("reservations", stats->pins);
	pgt_json_number("table_bytes", stats->bytes);
	pgt_json_number("mapped", stats->mapped);
	pgt_json_number("wx", stats->wx);
	pgt_json_number("holes", stats->holes);
	pgt_json_open("leaves");
	for (i = 0; i < levels; i++)
		pgt_json_number(pgt_level_name(i), stats->leaves[i]);
	pgt_json_close();
	pgt_json_number("runs", stats->runs);
	pgt_json_end();
}

void pgt_show_stats(struct pg_table *pgt)
{
	struct pg_table_stats stats = { 0 };

	pg_table_get_stats(pgt, &stats);
	if (pgt_json)
		json_stats(pgt->desc->name, &stats,
			   pg_table_format_levels(pgt->desc->format));
	else
		print_stats(pgt->desc->name, &stats);
}

static void print_node(const struct pg_table *pgt, const struct pgt_node *node)
{
	unsigned int levels = pg_table_format_levels(pgt->desc->format);
	char size[32], kind[80];

	pgt_format_size(size, sizeof(size), node->size);
	pgt_format_node(kind, sizeof(kind), node);
	printf("%*s0x%016lx-0x%016lx %*s %s\n", 2 * (levels - node->level), "",
	       node->va, node->va + (node->size - 1), 2 * node->level + 5,
	       size, kind);
}

static void json_node(const struct pg_table *pgt, const struct pgt_node *node)
{
	pgt_json_begin("dump", pgt->desc->name);
	pgt_json_text("kind", node->tables ? "tables" :
			      node->hole ? "hole" : "leaves");
	pgt_json_text("level", pgt_level_name(node->level));
	json_range(node->va, node->size);
	if (node->tables) {
		pgt_json_number("count", node->tables);
		pgt_json_bool("adopted", node->adopted);
		pgt_json_bool("borrowed", node->borrowed);
		pgt_json_bool("reserved", node->reserved);
		pgt_json_number("borrows", node->borrows);
	} else if (!node->hole) {
		json_flags(node->flags);
		pgt_json_address("pa", node->pa);
	}
	pgt_json_end();
}

static void show_node(const struct pgt_node *node, void *arg)
{
	const struct pg_table *pgt = arg;

	if (pgt_json)
		json_node(pgt, node);
	else
		print_node(pgt, node);
}

static void show_root(const struct pg_table *pgt)
{
	const struct pg_table_format *format = pgt->desc->format;
	char text[160];

	if (!pgt_json) {
		pgt_format_root(text, sizeof(text), pgt);
		puts(text);
		return;
	}
	pgt_json_begin("dump", pgt->desc->name);
	pgt_json_text("kind", "root");
	pgt_json_text("format", pg_table_format_name(format));
	pgt_json_number("levels", pg_table_format_levels(format));
	pgt_json_bool("sealed", pgt->desc->sealed);
	pgt_json_end();
}

/* @size is 0 for all. */
int pgt_show_tree(struct pg_table *pgt, unsigned long va, size_t size)
{
	show_root(pgt);
	return pgt_walk_tree(pgt, va, size, show_node, pgt);
}

static int show_extent(phys_addr_t pa, phys_addr_t last, void *arg)
{
	const struct pg_table *pgt = arg;
	char text[32];

	if (pgt_json) {
		pgt_json_begin("reach", pgt->desc->name);
		json_range(pa, last - pa + 1);
		pgt_json_end();
		return 0;
	}
	pgt_format_size(text, sizeof(text), last - pa + 1);
	printf("0x%016llx-0x%016llx %s\n", (unsigned long long)pa,
	       (unsigned long long)last, text);
	return 0;
}

int pgt_show_reach(struct pg_table *pgt)
{
	return pg_table_reach(pgt, show_extent, pgt);
}

int pgt_show_verify(struct pg_table *pgt)
{
	int ret = pg_table_verify(pgt);

	if (pgt_json) {
		pgt_json_begin("verify", pgt->desc->name);
		pgt_json_bool("good", !ret);
		pgt_json_end();
	}
	return ret;
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

static void json_format(const struct pg_table_format *format)
{
	unsigned int i, levels = pg_table_format_levels(format);

	pgt_json_begin("formats", NULL);
	pgt_json_text("format", pg_table_format_name(format));
	pgt_json_number("levels", levels);
	pgt_json_open("spans");
	for (i = 0; i < levels; i++)
		pgt_json_number(pgt_level_name(i),
				1UL << pg_table_level_shift(format, i));
	pgt_json_close();
	pgt_json_end();
}

void pgt_show_formats(void)
{
	const struct pg_table_format *format;
	unsigned int i;

	for (i = 0; (format = pg_table_sim_format(i)); i++) {
		if (pgt_json)
			json_format(format);
		else
			print_format(format);
	}
}

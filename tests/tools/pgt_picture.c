// SPDX-License-Identifier: GPL-2.0
/*
 * picture: a table as a graph for Graphviz. A node of tables is a box, and a
 * line with an arrow to it in the box of the table that points there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgt.h"

/**
 * struct pgt_box - a box that is being filled
 * @number: of all boxes
 * @lines: how many it has
 * @stream: what it consists of so far
 * @text: that, once the stream is closed
 * @len: its length
 */
struct pgt_box {
	unsigned int	number;
	unsigned int	lines;
	FILE		*stream;
	char		*text;
	size_t		len;
};

/**
 * struct pgt_picture - a picture that is being drawn
 * @out: where to
 * @boxes: how many there are so far
 * @level: level of the entries in the innermost box that is open
 * @open: the boxes that are open, by the level of their entries
 */
struct pgt_picture {
	FILE		*out;
	unsigned int	boxes;
	unsigned int	level;
	struct pgt_box	open[PG_TABLE_MAX_LEVELS];
};

/* Characters that mean something in a label of Graphviz lose that. */
static void put_label(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else
			fprintf(out, strchr("\"\\{}|<>", *text) ? "\\%c" : "%c",
				*text);
	}
}

static void open_box(struct pgt_picture *picture, unsigned int level,
		     const char *attributes, const char *title)
{
	struct pgt_box *box = &picture->open[level];

	picture->level = level;
	box->number = picture->boxes++;
	box->lines = 0;
	box->stream = open_memstream(&box->text, &box->len);
	fprintf(box->stream, "%slabel=\"", attributes);
	put_label(box->stream, title);
}

static void close_box(struct pgt_picture *picture)
{
	struct pgt_box *box = &picture->open[picture->level++];

	fclose(box->stream);
	fprintf(picture->out, "\tt%u [%s\"];\n", box->number, box->text);
	free(box->text);
}

/* Returns the line's number. */
static unsigned int add_line(struct pgt_box *box, const struct pgt_node *node,
			     const char *kind)
{
	char text[32];

	pgt_format_size(text, sizeof(text), node->size);
	fprintf(box->stream, "|<e%u>0x%lx-0x%lx %s ", box->lines, node->va,
		node->va + (node->size - 1), text);
	put_label(box->stream, kind);
	fputs("\\l", box->stream);
	return box->lines++;
}

static const char *attributes_of(const struct pgt_node *node)
{
	if (node->adopted)
		return "style=dotted, ";
	if (node->borrowed)
		return "style=dashed, ";
	return node->reserved ? "penwidth=3, " : "";
}

static void draw_node(const struct pgt_node *node, void *arg)
{
	struct pgt_picture *picture = arg;
	struct pgt_box *box = &picture->open[node->level];
	unsigned int line;
	char kind[80];

	while (picture->level < node->level)
		close_box(picture);
	pgt_format_node(kind, sizeof(kind), node);
	line = add_line(box, node, kind);
	if (!node->tables)
		return;
	open_box(picture, node->level - 1, attributes_of(node), kind);
	fprintf(picture->out, "\tt%u:e%u -> t%u;\n", box->number, line,
		picture->open[picture->level].number);
}

int pgt_draw(struct pg_table *pgt, FILE *out)
{
	unsigned int levels = pg_table_format_levels(pgt->desc->format);
	struct pgt_picture picture = { .out = out };
	char title[160];
	int ret;

	fputs("digraph {\n"
	      "\trankdir=LR;\n"
	      "\tnode [shape=record, fontname=monospace];\n", out);
	pgt_format_root(title, sizeof(title), pgt);
	open_box(&picture, levels - 1, "", title);
	ret = pgt_walk_tree(pgt, 0, 0, draw_node, &picture);
	while (picture.level < levels)
		close_box(&picture);
	fputs("}\n", out);
	return ret;
}

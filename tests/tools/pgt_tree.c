// SPDX-License-Identifier: GPL-2.0
/*
 * A page table as a tree of nodes. Neighbours of one kind become one node:
 * leaves that continue each other, and the tables that hold nothing but such
 * leaves.
 */
#include <stdio.h>
#include <string.h>

#include "pgt.h"

/**
 * struct pgt_tree - a tree that is being walked
 * @pgt: the table
 * @top: level of the root's entries
 * @run: leaves that are not emitted yet, as if they were one
 * @leaves: how many; 0 for none
 * @above: tables that are not emitted yet and hold nothing but the run, by
 *	their own level
 * @ahead: tables that came after the last leaf
 * @emit: takes the nodes
 * @arg: for @emit
 */
struct pgt_tree {
	struct pg_table		*pgt;
	unsigned int		top;
	struct pg_table_leaf	run;
	unsigned long		leaves;
	struct pgt_node		above[PG_TABLE_MAX_LEVELS];
	struct pgt_node		ahead[PG_TABLE_MAX_LEVELS];
	void			(*emit)(const struct pgt_node *node, void *arg);
	void			*arg;
};

/* Emits the groups, which are then none. */
static void emit_groups(const struct pgt_tree *tree, struct pgt_node *groups)
{
	unsigned int level = tree->top;

	while (level--) {
		if (groups[level].tables)
			tree->emit(&groups[level], tree->arg);
		groups[level].tables = 0;
	}
}

static void emit_run(struct pgt_tree *tree)
{
	const struct pg_table_leaf *run = &tree->run;
	struct pgt_node node = {
		.va = run->va,
		.size = run->size,
		.level = run->level,
		.pa = run->pa,
	};

	emit_groups(tree, tree->above);
	if (!tree->leaves)
		return;
	node.hole = !pgprot_val(run->prot);
	node.flags = pg_table_prot_flags(tree->pgt->desc->format, run->prot);
	tree->emit(&node, tree->arg);
	tree->leaves = 0;
}

static bool run_continues(const struct pgt_tree *tree,
			  const struct pg_table_leaf *leaf)
{
	const struct pg_table_leaf *run = &tree->run;

	return tree->leaves && run->level == leaf->level &&
	       run->va + run->size == leaf->va &&
	       run->pa + run->size == leaf->pa &&
	       pgprot_val(run->prot) == pgprot_val(leaf->prot);
}

static bool is_same_kind(const struct pgt_node *a, const struct pgt_node *b)
{
	return a->adopted == b->adopted && a->borrowed == b->borrowed &&
	       a->reserved == b->reserved && a->borrows == b->borrows;
}

/* Are all tables ahead neighbours of tables above the run? */
static bool groups_continue(const struct pgt_tree *tree)
{
	unsigned int level;

	for (level = 0; level < tree->top; level++) {
		const struct pgt_node *above = &tree->above[level];
		const struct pgt_node *ahead = &tree->ahead[level];

		if (ahead->tables && (!above->tables ||
				      above->va + above->size != ahead->va ||
				      !is_same_kind(above, ahead)))
			return false;
	}
	return true;
}

static void absorb_groups(struct pgt_tree *tree)
{
	unsigned int level;

	for (level = 0; level < tree->top; level++) {
		struct pgt_node *ahead = &tree->ahead[level];

		if (!ahead->tables)
			continue;
		tree->above[level].size += ahead->size;
		tree->above[level].tables += ahead->tables;
		ahead->tables = 0;
	}
}

static int walk_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct pgt_tree *tree = arg;

	if (run_continues(tree, leaf) && groups_continue(tree)) {
		absorb_groups(tree);
		tree->run.size += leaf->size;
	} else {
		emit_run(tree);
		memcpy(tree->above, tree->ahead, sizeof(tree->above));
		memset(tree->ahead, 0, sizeof(tree->ahead));
		tree->run = *leaf;
	}
	tree->leaves++;
	return 0;
}

/* As if it were a leaf, with a protection that no leaf has. */
static int walk_hole(unsigned long va, size_t size, void *arg)
{
	struct pgt_tree *tree = arg;
	struct pg_table_leaf leaf = { .va = va, .pa = va, .size = size };

	while (size > 1UL << pg_table_level_shift(tree->pgt->desc->format,
						  leaf.level))
		leaf.level++;
	return walk_leaf(&leaf, arg);
}

/* Is the table that came last without a leaf? Then emit it by itself. */
static bool ends_empty(const struct pgt_tree *tree, unsigned int level)
{
	unsigned int l;

	for (l = 0; l <= level; l++) {
		if (tree->ahead[l].tables)
			return true;
	}
	return false;
}

static int walk_table(unsigned long va, size_t size, unsigned int level,
		      const struct pg_table_page *page, void *arg)
{
	struct pgt_tree *tree = arg;
	bool own = page && page->owner == tree->pgt;

	if (ends_empty(tree, level)) {
		emit_run(tree);
		emit_groups(tree, tree->ahead);
	}
	tree->ahead[level] = (struct pgt_node){
		.va = va,
		.size = size,
		.level = level + 1,
		.tables = 1,
		.adopted = !page,
		.borrowed = page && !own,
		.reserved = own && page->own_pins,
		.borrows = own ? atomic_read(&page->borrows) : 0,
	};
	return 0;
}

static int walk_part(struct pgt_tree *tree, unsigned long va,
		     unsigned long last)
{
	static const struct pg_table_walk_ops ops = {
		.leaf = walk_leaf,
		.table = walk_table,
		.hole = walk_hole,
	};

	return pg_table_walk(tree->pgt, va, last - va + 1, &ops, tree);
}

/* All that the table may hold: the lower half, then the upper one. */
static int walk_all(struct pgt_tree *tree)
{
	const struct pg_table_desc *desc = tree->pgt->desc;
	unsigned long first = desc->config.va_first;
	unsigned long last = min(desc->user_last, desc->config.va_last);
	int ret = 0;

	if (first < last)
		ret = walk_part(tree, first, last);
	if (desc->user_last)
		first = max(first, desc->user_last + 1);
	first = max(first, desc->kernel_first);
	if (!ret && first < desc->config.va_last)
		ret = walk_part(tree, first, desc->config.va_last);
	return ret;
}

/* @emit gets each table before what is in it; @size is 0 for all. */
int pgt_walk_tree(struct pg_table *pgt, unsigned long va, size_t size,
		  void (*emit)(const struct pgt_node *node, void *arg),
		  void *arg)
{
	struct pgt_tree tree = {
		.pgt = pgt,
		.top = pg_table_format_levels(pgt->desc->format) - 1,
		.emit = emit,
		.arg = arg,
	};
	int ret;

	ret = size ? walk_part(&tree, va, va + (size - 1)) : walk_all(&tree);
	emit_run(&tree);
	emit_groups(&tree, tree.ahead);
	return ret;
}

/* Such as "t: x86_64, 4 levels, sealed". */
void pgt_format_root(char *text, size_t len, const struct pg_table *pgt)
{
	const struct pg_table_format *format = pgt->desc->format;

	snprintf(text, len, "%s: %s, %u levels%s", pgt->desc->name,
		 pg_table_format_name(format), pg_table_format_levels(format),
		 pgt->desc->sealed ? ", sealed" : "");
}

/* Such as "PMD table, reserved, 2 of them" or "PTE rw----:wb -> 0x1000". */
void pgt_format_node(char *text, size_t len, const struct pgt_node *node)
{
	const char *level = pgt_level_name(node->level);
	char borrows[32] = "", count[32] = "", flags[32];

	if (node->hole) {
		snprintf(text, len, "%s hole", level);
		return;
	}
	if (!node->tables) {
		pgt_format_flags(flags, sizeof(flags), node->flags);
		snprintf(text, len, "%s %s -> 0x%llx", level, flags,
			 (unsigned long long)node->pa);
		return;
	}
	if (node->borrows)
		snprintf(borrows, sizeof(borrows), ", borrowed by %d",
			 node->borrows);
	if (node->tables > 1)
		snprintf(count, sizeof(count), ", %u of them", node->tables);
	snprintf(text, len, "%s %stable%s%s%s", level,
		 node->adopted ? "adopted " : node->borrowed ? "borrowed " : "",
		 borrows, node->reserved ? ", reserved" : "", count);
}

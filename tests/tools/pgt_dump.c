// SPDX-License-Identifier: GPL-2.0
/*
 * dump: a page table as a tree. Neighbours of one kind become one line: leaves
 * that continue each other, and the tables that hold nothing but such leaves.
 */
#include <stdio.h>
#include <string.h>

#include "pgt.h"

/**
 * struct pgt_group - neighbouring tables of one level and kind
 * @va: first address that they span
 * @size: bytes that they span
 * @count: how many there are; 0 for none
 * @kind: what is said of them
 */
struct pgt_group {
	unsigned long	va;
	unsigned long	size;
	unsigned int	count;
	char		kind[48];
};

/**
 * struct pgt_tree - a tree that is being printed
 * @pgt: the table
 * @top: level of the root's entries
 * @run: leaves that are not printed yet, as if they were one
 * @leaves: how many; 0 for none
 * @above: tables that are not printed yet and hold nothing but the run
 * @ahead: tables that came after the last leaf
 */
struct pgt_tree {
	struct pg_table		*pgt;
	unsigned int		top;
	struct pg_table_leaf	run;
	unsigned long		leaves;
	struct pgt_group	above[PG_TABLE_MAX_LEVELS];
	struct pgt_group	ahead[PG_TABLE_MAX_LEVELS];
};

static void print_entry(const struct pgt_tree *tree, unsigned int level,
			unsigned long va, unsigned long size)
{
	char text[32];

	pgt_format_size(text, sizeof(text), size);
	printf("%*s0x%016lx-0x%016lx %*s %s", 2 * (tree->top - level + 1), "",
	       va, va + (size - 1), 2 * level + 5, text, pgt_level_name(level));
}

/* Prints the groups, which are then none. */
static void print_groups(const struct pgt_tree *tree, struct pgt_group *groups)
{
	unsigned int level = tree->top;

	while (level--) {
		struct pgt_group *group = &groups[level];

		if (!group->count)
			continue;
		print_entry(tree, level + 1, group->va, group->size);
		printf(" %s", group->kind);
		if (group->count > 1)
			printf(", %u of them", group->count);
		putchar('\n');
		group->count = 0;
	}
}

static void print_run(struct pgt_tree *tree)
{
	const struct pg_table_leaf *run = &tree->run;
	char flags[32];

	print_groups(tree, tree->above);
	if (!tree->leaves)
		return;
	pgt_format_flags(flags, sizeof(flags),
			 pg_table_prot_flags(tree->pgt->desc->format,
					     run->prot));
	print_entry(tree, run->level, run->va, run->size);
	printf(" %s -> 0x%llx\n", flags, (unsigned long long)run->pa);
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

/* Are all tables ahead neighbours of tables above the run? */
static bool groups_continue(const struct pgt_tree *tree)
{
	unsigned int level;

	for (level = 0; level < tree->top; level++) {
		const struct pgt_group *above = &tree->above[level];
		const struct pgt_group *ahead = &tree->ahead[level];

		if (ahead->count && (!above->count ||
				     above->va + above->size != ahead->va ||
				     strcmp(above->kind, ahead->kind)))
			return false;
	}
	return true;
}

static void absorb_groups(struct pgt_tree *tree)
{
	unsigned int level;

	for (level = 0; level < tree->top; level++) {
		struct pgt_group *ahead = &tree->ahead[level];

		if (!ahead->count)
			continue;
		tree->above[level].size += ahead->size;
		tree->above[level].count += ahead->count;
		ahead->count = 0;
	}
}

static int dump_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct pgt_tree *tree = arg;

	if (run_continues(tree, leaf) && groups_continue(tree)) {
		absorb_groups(tree);
		tree->run.size += leaf->size;
	} else {
		print_run(tree);
		memcpy(tree->above, tree->ahead, sizeof(tree->above));
		memset(tree->ahead, 0, sizeof(tree->ahead));
		tree->run = *leaf;
	}
	tree->leaves++;
	return 0;
}

static void describe(struct pgt_group *group, const struct pgt_tree *tree,
		     const struct pg_table_page *page)
{
	char *kind = group->kind;
	size_t len = sizeof(group->kind);
	int borrows;

	if (!page) {
		snprintf(kind, len, "adopted table");
		return;
	}
	if (page->owner != tree->pgt) {
		snprintf(kind, len, "borrowed table");
		return;
	}
	borrows = atomic_read(&page->borrows);
	if (borrows)
		snprintf(kind, len, "table, borrowed by %d%s", borrows,
			 page->own_pins ? ", reserved" : "");
	else
		snprintf(kind, len, "table%s",
			 page->own_pins ? ", reserved" : "");
}

/* Is the table that came last without a leaf? Then print it by itself. */
static bool ends_empty(const struct pgt_tree *tree, unsigned int level)
{
	unsigned int l;

	for (l = 0; l <= level; l++) {
		if (tree->ahead[l].count)
			return true;
	}
	return false;
}

static int dump_table(unsigned long va, size_t size, unsigned int level,
		      const struct pg_table_page *page, void *arg)
{
	struct pgt_tree *tree = arg;
	struct pgt_group *group = &tree->ahead[level];

	if (ends_empty(tree, level)) {
		print_run(tree);
		print_groups(tree, tree->ahead);
	}
	group->va = va;
	group->size = size;
	group->count = 1;
	describe(group, tree, page);
	return 0;
}

static int dump_part(struct pgt_tree *tree, unsigned long va,
		     unsigned long last)
{
	static const struct pg_table_walk_ops ops = {
		.leaf = dump_leaf,
		.table = dump_table,
	};

	return pg_table_walk(tree->pgt, va, last - va + 1, &ops, tree);
}

/* All that the table may hold: the lower half, then the upper one. */
static int dump_all(struct pgt_tree *tree)
{
	const struct pg_table_desc *desc = tree->pgt->desc;
	unsigned long first = desc->config.va_first;
	unsigned long last = min(desc->user_last, desc->config.va_last);
	int ret = 0;

	if (first < last)
		ret = dump_part(tree, first, last);
	if (desc->user_last)
		first = max(first, desc->user_last + 1);
	first = max(first, desc->kernel_first);
	if (!ret && first < desc->config.va_last)
		ret = dump_part(tree, first, desc->config.va_last);
	return ret;
}

/* @size is 0 for all. */
int pgt_dump(struct pg_table *pgt, unsigned long va, size_t size)
{
	const struct pg_table_format *format = pgt->desc->format;
	struct pgt_tree tree = {
		.pgt = pgt,
		.top = pg_table_format_levels(format) - 1,
	};
	int ret;

	printf("%s: %s, %u levels%s\n", pgt->desc->name,
	       pg_table_format_name(format), pg_table_format_levels(format),
	       pgt->desc->sealed ? ", sealed" : "");
	ret = size ? dump_part(&tree, va, va + (size - 1)) : dump_all(&tree);
	print_run(&tree);
	print_groups(&tree, tree.ahead);
	return ret;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgt: page tables by command. What its files share.
 *
 *	pgt.c		options, input, where a script stops
 *	pgt_prompt.c	lines typed at a terminal
 *	pgt_complete.c	what may come next on them
 *	pgt_parse.c	numbers, levels, protections and errors as text
 *	pgt_tables.c	tables by name, the memory that they live in
 *	pgt_commands.c	the list of commands
 *	pgt_load.c	the dumps that load reads
 *	pgt_show.c	what the commands print
 *	pgt_json.c	that as JSON
 *	pgt_tree.c	a table as a tree of nodes
 *	pgt_picture.c	that as a graph
 */
#ifndef PGT_H
#define PGT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/pg_table.h>
#include <linux/pg_table_sim.h>

#define PGT_MAX_WORDS	16

/* The text of a command that cannot be run; always returns false. */
bool __printf(1, 2) pgt_bad(const char *format, ...);

/* What goes wrong from now on is due to a line of a file. */
void pgt_set_place(const char *file, unsigned int line);

/* pgt_prompt.c */
void pgt_prompt(void (*run)(char *line));

/* pgt_complete.c */
void pgt_set_up_completion(void);

/*
 * Names by number are NULL from the first number on that has none.
 *
 * pgt_parse.c: these say what is wrong by pgt_bad()
 */
bool pgt_parse_number(const char *word, unsigned long *number);
bool pgt_parse_level(const char *word, unsigned int *level);
bool pgt_parse_flags(const char *word, unsigned int *flags);
bool pgt_parse_error(const char *word, int *error);
const char *pgt_error_word(unsigned int i);
const char *pgt_error_name(int error);
const char *pgt_error_text(int error);
const char *pgt_level_name(unsigned int level);
void pgt_format_size(char *text, size_t len, unsigned long size);
void pgt_format_flags(char *text, size_t len, unsigned int flags);

/* pgt_tables.c */
const struct pg_table_format *pgt_find_format(const char *name);
const char *pgt_format_name(unsigned int i);
struct pg_table *pgt_find_table(const char *name);
const char *pgt_table_name(unsigned int i);
int pgt_create(const struct pg_table_config *config);
int pgt_destroy(struct pg_table *pgt);
bool pgt_clean_up(void);

/* pgt_commands.c */
bool pgt_run(unsigned int argc, char **argv, int *error);
void pgt_print_commands(void);
const char *pgt_command_name(unsigned int i);
const char *pgt_command_words(const char *name);
const char *pgt_option_name(unsigned int i);

/* pgt_load.c */
bool pgt_load(struct pg_table *pgt, const char *name, int *error);

/* pgt_show.c */
int pgt_show_lookup(struct pg_table *pgt, unsigned long va);
int pgt_show_tree(struct pg_table *pgt, unsigned long va, size_t size);
int pgt_show_reach(struct pg_table *pgt);
int pgt_show_verify(struct pg_table *pgt);
void pgt_show_stats(struct pg_table *pgt);
void pgt_show_formats(void);

/* pgt_json.c */
extern bool pgt_json;

void pgt_json_begin(const char *command, const char *table);
void pgt_json_end(void);
void pgt_json_open(const char *key);
void pgt_json_close(void);
void pgt_json_text(const char *key, const char *value);
void pgt_json_number(const char *key, unsigned long value);
void pgt_json_address(const char *key, u64 value);
void pgt_json_bool(const char *key, bool value);

/**
 * struct pgt_node - neighbouring entries of one kind in a table
 * @va: first address that they span
 * @size: bytes that they span
 * @level: their level
 * @tables: how many tables they point to; 0 for leaves
 * @hole: they are no leaves either, but keep a hole in what follows
 * @adopted: the library did not make these tables
 * @borrowed: another table owns them
 * @reserved: a reservation keeps them
 * @borrows: entries of clones that point to each of them
 * @pa: what leaves map
 * @flags: their protection
 */
struct pgt_node {
	unsigned long	va;
	unsigned long	size;
	unsigned int	level;
	unsigned int	tables;
	bool		hole;
	bool		adopted;
	bool		borrowed;
	bool		reserved;
	int		borrows;
	phys_addr_t	pa;
	unsigned int	flags;
};

/* pgt_tree.c */
int pgt_walk_tree(struct pg_table *pgt, unsigned long va, size_t size,
		  void (*emit)(const struct pgt_node *node, void *arg),
		  void *arg);
void pgt_format_root(char *text, size_t len, const struct pg_table *pgt);
void pgt_format_node(char *text, size_t len, const struct pgt_node *node);

/* pgt_picture.c */
int pgt_draw(struct pg_table *pgt, FILE *out);

#endif /* PGT_H */

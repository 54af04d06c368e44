// SPDX-License-Identifier: GPL-2.0
/*
 * Tables by name, and the simulated memory that all of them live in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgt.h"

#define PGT_MAX_TABLES	64
#define PGT_MEMORY	BIT(30)

static struct pg_table *tables[PGT_MAX_TABLES];
static struct pg_table_sim *memory;

const struct pg_table_format *pgt_find_format(const char *name)
{
	const struct pg_table_format *format;
	unsigned int i;

	for (i = 0; (format = pg_table_sim_format(i)); i++) {
		if (!strcmp(pg_table_format_name(format), name))
			return format;
	}
	pgt_bad("'%s' is not a format, see help", name);
	return NULL;
}

const char *pgt_format_name(unsigned int i)
{
	const struct pg_table_format *format = pg_table_sim_format(i);

	return format ? pg_table_format_name(format) : NULL;
}

static struct pg_table **find_slot(const char *name)
{
	unsigned int i;

	for (i = 0; i < PGT_MAX_TABLES; i++) {
		if (tables[i] && !strcmp(tables[i]->desc->name, name))
			return &tables[i];
	}
	return NULL;
}

static struct pg_table **find_free_slot(void)
{
	unsigned int i;

	for (i = 0; i < PGT_MAX_TABLES; i++) {
		if (!tables[i])
			return &tables[i];
	}
	return NULL;
}

struct pg_table *pgt_find_table(const char *name)
{
	struct pg_table **slot = find_slot(name);

	if (!slot) {
		pgt_bad("there is no table '%s'", name);
		return NULL;
	}
	return *slot;
}

const char *pgt_table_name(unsigned int i)
{
	unsigned int slot;

	for (slot = 0; slot < PGT_MAX_TABLES; slot++) {
		if (tables[slot] && !i--)
			return tables[slot]->desc->name;
	}
	return NULL;
}

int pgt_create(const struct pg_table_config *config)
{
	struct pg_table_config in_memory = *config;
	struct pg_table **slot = find_free_slot();
	struct pg_table *pgt;

	if (find_slot(config->name))
		return -EEXIST;
	if (!memory)
		memory = pg_table_sim_create(PGT_MEMORY);
	if (!memory || !slot)
		return -ENOMEM;
	in_memory.ops = pg_table_sim_ops(memory);
	pgt = pg_table_create(&in_memory);
	if (IS_ERR(pgt))
		return PTR_ERR(pgt);
	*slot = pgt;
	return 0;
}

int pgt_destroy(struct pg_table *pgt)
{
	struct pg_table **slot = find_slot(pgt->desc->name);
	int ret = pg_table_destroy(pgt);

	if (!ret)
		*slot = NULL;
	return ret;
}

/* A clone goes before its source, hence the rounds. */
static void destroy_all(void)
{
	unsigned int round, i;

	for (round = 0; round < PGT_MAX_TABLES; round++) {
		for (i = 0; i < PGT_MAX_TABLES; i++) {
			if (tables[i])
				pgt_destroy(tables[i]);
		}
	}
}

/* Destroys all tables; false if a page of the memory is still in use then. */
bool pgt_clean_up(void)
{
	struct pg_table_sim_stats stats = { 0 };

	if (!memory)
		return true;
	destroy_all();
	pg_table_sim_get_stats(memory, &stats);
	if (stats.used) {
		fprintf(stderr, "pgt: %lu pages are left after all tables were destroyed\n",
			stats.used);
		return false;
	}
	pg_table_sim_destroy(memory);
	memory = NULL;
	return true;
}

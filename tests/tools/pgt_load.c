// SPDX-License-Identifier: GPL-2.0
/*
 * load: the mappings that a kernel's dump of a page table lists. A line of
 * /sys/kernel/debug/page_tables/ on x86, and one of debugfs' pg_table/NAME/dump,
 * begins with a range and its size; the words after that say what is there. A
 * line that says nothing but a level is of memory that is not mapped.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgt.h"

#define PGT_BLANKS	" \t\r\n"

/* PWT, PCD and PAT of an x86 entry are an index into Linux' memory types. */
#define PGT_PWT		BIT(0)
#define PGT_PCD		BIT(1)
#define PGT_PAT		BIT(2)

/**
 * struct pgt_mapping - what a line of a dump says
 * @line: its number
 * @va: first address
 * @size: bytes
 * @level: level of the entries
 * @flags: their protection
 * @pat: index of their memory type, if the dump has that
 * @levels: how many levels the line names
 * @mapped: the entries are leaves
 */
struct pgt_mapping {
	unsigned int	line;
	unsigned long	va;
	unsigned long	size;
	unsigned int	level;
	unsigned int	flags;
	unsigned int	pat;
	unsigned int	levels;
	bool		mapped;
};

/**
 * struct pgt_mappings - what a dump says
 * @mapping: each
 * @count: how many
 */
struct pgt_mappings {
	struct pgt_mapping	*mapping;
	unsigned int		count;
};

static bool take_address(const char **text, unsigned long *address)
{
	char *end;

	if (strncmp(*text, "0x", 2) || !isxdigit((unsigned char)(*text)[2]))
		return false;
	errno = 0;
	*address = strtoul(*text, &end, 16);
	*text = end;
	return !errno;
}

/* The end is exclusive, so that of the address space is 0. */
static bool parse_range(const char *word, struct pgt_mapping *mapping)
{
	const char *text = word;
	unsigned long end;

	if (!take_address(&text, &mapping->va) || *text++ != '-' ||
	    !take_address(&text, &end) || *text)
		return pgt_bad("'%s' is not a range of addresses", word);
	mapping->size = end - mapping->va;
	return true;
}

static const struct {
	const char	*word;
	unsigned int	flags;
	unsigned int	pat;
} words[] = {
	{ "USR", PG_TABLE_USER, 0 },
	{ "RW", PG_TABLE_READ | PG_TABLE_WRITE, 0 },
	{ "ro", PG_TABLE_READ, 0 },
	{ "PWT", 0, PGT_PWT },
	{ "PCD", 0, PGT_PCD },
	{ "PSE", 0, 0 },
	{ "PAT", 0, PGT_PAT },
	{ "GLB", PG_TABLE_GLOBAL, 0 },
	{ "NX", 0, 0 },
	{ "x", PG_TABLE_EXEC, 0 },
	{ "WB", PG_TABLE_WB, 0 },
	{ "WC", PG_TABLE_WC, 0 },
	{ "WT", PG_TABLE_WT, 0 },
	{ "UC", PG_TABLE_UC, 0 },
	{ "ENC", PG_TABLE_ENCRYPTED, 0 },
	{ "shared", 0, 0 },
};

static bool is_rwx(const char *word)
{
	return strlen(word) == 3 && strchr("r-", word[0]) &&
	       strchr("w-", word[1]) && strchr("x-", word[2]);
}

static bool parse_word(const char *word, struct pgt_mapping *mapping)
{
	unsigned int i, level, flags;

	if (pgt_parse_level(word, &level)) {
		mapping->level = level;
		mapping->levels++;
		return true;
	}
	mapping->mapped = true;
	if (is_rwx(word)) {
		pgt_parse_flags(word, &flags);
		mapping->flags |= flags;
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i].word, word)) {
			mapping->flags |= words[i].flags;
			mapping->pat |= words[i].pat;
			return true;
		}
	}
	return pgt_bad("'%s' says nothing of a mapping that is known here",
		       word);
}

static bool add_type(struct pgt_mapping *mapping)
{
	static const unsigned int types[] = {
		[PGT_PWT] = PG_TABLE_WC,
		[PGT_PCD] = PG_TABLE_UC,
		[PGT_PCD | PGT_PWT] = PG_TABLE_UC,
		[PGT_PAT | PGT_PCD] = PG_TABLE_UC,
		[PGT_PAT | PGT_PCD | PGT_PWT] = PG_TABLE_WT,
	};

	if (mapping->pat == (PGT_PAT | PGT_PWT))
		return pgt_bad("write-protected memory is not a type that tables have here");
	mapping->flags |= types[mapping->pat];
	return true;
}

static bool parse_mapping(char *line, struct pgt_mapping *mapping)
{
	char *word = strtok(line, PGT_BLANKS);
	unsigned long size;

	if (!parse_range(word, mapping))
		return false;
	word = strtok(NULL, PGT_BLANKS);
	if (!word)
		return pgt_bad("the range has no size");
	if (!pgt_parse_number(word, &size))
		return false;
	if (size != mapping->size)
		return pgt_bad("'%s' is not the size of the range", word);
	for (word = strtok(NULL, PGT_BLANKS); word;
	     word = strtok(NULL, PGT_BLANKS)) {
		if (!parse_word(word, mapping))
			return false;
	}
	if (mapping->levels != 1)
		return pgt_bad("there must be one level, not %u",
			       mapping->levels);
	return add_type(mapping);
}

/* Titles of areas, and how many lines the kernel left out. */
static bool is_remark(const char *line)
{
	line += strspn(line, PGT_BLANKS);
	return !*line || !strncmp(line, "---[", 4) || !strncmp(line, "... ", 4);
}

static bool add_mapping(struct pgt_mappings *all,
			const struct pgt_mapping *mapping)
{
	struct pgt_mapping *more;

	more = reallocarray(all->mapping, all->count + 1, sizeof(*more));
	if (!more)
		return pgt_bad("no memory for so many lines");
	all->mapping = more;
	more[all->count++] = *mapping;
	return true;
}

static bool read_mappings(FILE *dump, const char *name,
			  struct pgt_mappings *all)
{
	struct pgt_mapping mapping;
	unsigned int number = 0;
	char *line = NULL;
	bool good = true;
	size_t room = 0;

	while (good && getline(&line, &room, dump) >= 0) {
		pgt_set_place(name, ++number);
		if (is_remark(line))
			continue;
		mapping = (struct pgt_mapping){ .line = number };
		good = parse_mapping(line, &mapping) &&
		       (!mapping.mapped || add_mapping(all, &mapping));
	}
	free(line);
	if (!ferror(dump))
		return good;
	return pgt_bad("load: cannot read %s: %s", name, strerror(errno));
}

/* Leaves of the level that the dump says, also where larger ones would fit. */
static int map(struct pg_table *pgt, const struct pgt_mapping *mapping)
{
	pgprot_t prot = pg_table_prot(pgt->desc->format, mapping->flags);
	int ret;

	ret = pg_table_map(pgt, mapping->va, mapping->va & pgt->desc->pa_last,
			   mapping->size, prot, GFP_KERNEL);
	if (ret)
		return ret;
	ret = pg_table_split(pgt, mapping->va, mapping->size, mapping->level,
			     GFP_KERNEL);
	if (ret)
		pg_table_unmap(pgt, mapping->va, mapping->size, GFP_KERNEL);
	return ret;
}

/* All of them, or none. */
static int map_all(struct pg_table *pgt, const char *name,
		   const struct pgt_mappings *all)
{
	const struct pgt_mapping *mapping = all->mapping;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < all->count; i++) {
		pgt_set_place(name, mapping[i].line);
		ret = map(pgt, &mapping[i]);
		if (ret)
			break;
	}
	while (ret && i--)
		pg_table_unmap(pgt, mapping[i].va, mapping[i].size, GFP_KERNEL);
	return ret;
}

/* False if the file is no dump; otherwise @error is how mapping ended. */
bool pgt_load(struct pg_table *pgt, const char *name, int *error)
{
	struct pgt_mappings all = { 0 };
	FILE *dump = fopen(name, "r");
	bool good;

	if (!dump)
		return pgt_bad("load: cannot open %s: %s", name,
			       strerror(errno));
	good = read_mappings(dump, name, &all);
	fclose(dump);
	if (good)
		*error = map_all(pgt, name, &all);
	free(all.mapping);
	return good;
}

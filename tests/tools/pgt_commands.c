// SPDX-License-Identifier: GPL-2.0
/*
 * The commands. Each reads all of its words before it does anything.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pgt.h"

/**
 * struct pgt_words - the words of a command, as its kind reads them
 * @argv: the words that are left for the command itself
 * @argc: how many
 * @pgt: the table that it is about
 * @src: the table that is cloned
 * @va: an address
 * @pa: a physical address
 * @size: a size
 * @level: a level
 */
struct pgt_words {
	char		**argv;
	unsigned int	argc;
	struct pg_table	*pgt;
	struct pg_table	*src;
	unsigned long	va;
	unsigned long	pa;
	unsigned long	size;
	unsigned int	level;
};

static const struct pg_table_format *format_of(const struct pgt_words *w)
{
	return w->pgt->desc->format;
}

/* Without a flag: a value follows, see parse_option(). */
static const struct {
	const char	*name;
	unsigned int	flag;
} options[] = {
	{ "first=", 0 },
	{ "last=", 0 },
	{ "leaf=", 0 },
	{ "user", PG_TABLE_USER_HALF },
	{ "kernel", PG_TABLE_KERNEL_HALF },
	{ "wx", PG_TABLE_ALLOW_WX },
	{ "small", PG_TABLE_KEEP_SMALL },
	{ "exclusive", PG_TABLE_EXCLUSIVE },
};

static bool parse_config_flag(const char *word, struct pg_table_config *config)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (!strcmp(options[i].name, word)) {
			config->flags |= options[i].flag;
			return true;
		}
	}
	return pgt_bad("create: '%s' is not an option", word);
}

static bool parse_option(const char *word, struct pg_table_config *config)
{
	unsigned int level;

	if (!strncmp(word, "first=", 6))
		return pgt_parse_number(word + 6, &config->va_first);
	if (!strncmp(word, "last=", 5))
		return pgt_parse_number(word + 5, &config->va_last);
	if (!strncmp(word, "leaf=", 5)) {
		if (!pgt_parse_level(word + 5, &level))
			return false;
		config->leaf_sizes = level + 1;
		return true;
	}
	return parse_config_flag(word, config);
}

const char *pgt_option_name(unsigned int i)
{
	return i < ARRAY_SIZE(options) ? options[i].name : NULL;
}

static bool run_create(struct pgt_words *w, int *error)
{
	struct pg_table_config config = { .name = w->argv[0] };
	unsigned int i;

	if (strlen(config.name) >= PG_TABLE_NAME_LEN)
		return pgt_bad("create: a name has at most %d characters",
			       PG_TABLE_NAME_LEN - 1);
	config.format = pgt_find_format(w->argv[1]);
	if (!config.format)
		return false;
	for (i = 2; i < w->argc; i++) {
		if (!parse_option(w->argv[i], &config))
			return false;
	}
	*error = pgt_create(&config);
	return true;
}

static bool run_destroy(struct pgt_words *w, int *error)
{
	*error = pgt_destroy(w->pgt);
	return true;
}

static bool run_map(struct pgt_words *w, int *error)
{
	unsigned int flags;

	if (!pgt_parse_flags(w->argv[0], &flags))
		return false;
	*error = pg_table_map(w->pgt, w->va, w->pa, w->size,
			      pg_table_prot(format_of(w), flags), GFP_KERNEL);
	return true;
}

static bool run_unmap(struct pgt_words *w, int *error)
{
	*error = pg_table_unmap(w->pgt, w->va, w->size, GFP_KERNEL);
	return true;
}

/**
 * struct pgt_change - what protect does to the bits of a protection
 * @set: bits to set
 * @clear: bits to clear before
 */
struct pgt_change {
	u64	set;
	u64	clear;
};

static u64 prot_bits(const struct pg_table_format *format, unsigned int flags)
{
	return pgprot_val(pg_table_prot(format, flags));
}

/* The bits that tell memory types apart. */
static u64 type_bits(const struct pg_table_format *format)
{
	u64 plain = prot_bits(format, PG_TABLE_READ);

	return (prot_bits(format, PG_TABLE_READ | PG_TABLE_WC) ^ plain) |
	       (prot_bits(format, PG_TABLE_READ | PG_TABLE_WT) ^ plain) |
	       (prot_bits(format, PG_TABLE_READ | PG_TABLE_UC) ^ plain) |
	       (prot_bits(format, PG_TABLE_READ | PG_TABLE_DEVICE) ^ plain);
}

/*
 * The bits of a flag are those that differ with and without it, and a flag may
 * be one that is clear where it is granted, as x86's NX is.
 */
static void change_flags(const struct pg_table_format *format,
			 unsigned int flags, bool grant,
			 struct pgt_change *change)
{
	unsigned int type = flags & PG_TABLE_TYPE_MASK;
	unsigned int base = flags & PG_TABLE_READ ? 0 : PG_TABLE_READ;
	u64 without = prot_bits(format, base);
	u64 with = prot_bits(format, base | (flags & ~type));
	u64 differ = with ^ without;

	change->set |= (grant ? with : without) & differ;
	change->clear |= (grant ? without : with) & differ;
}

static void change_type(const struct pg_table_format *format,
			unsigned int type, struct pgt_change *change)
{
	u64 bits = type_bits(format);

	change->clear |= bits;
	change->set |= prot_bits(format, PG_TABLE_READ | type) & bits;
}

static bool parse_change(const struct pg_table_format *format,
			 const char *word, struct pgt_change *change)
{
	unsigned int flags;

	if (!strchr("+-=", word[0]) || !word[0])
		return pgt_bad("protect: '%s' is not a change: +FLAGS, -FLAGS, =FLAGS or =:TYPE",
			       word);
	if (!pgt_parse_flags(word + 1, &flags))
		return false;
	if (word[0] != '=') {
		if (strchr(word, ':'))
			return pgt_bad("protect: '%s' is not a change: a type is set by =:TYPE",
				       word);
		change_flags(format, flags, word[0] == '+', change);
	} else if (word[1] == ':') {
		change_type(format, flags, change);
	} else {
		change->set = prot_bits(format, flags);
		change->clear = pgprot_val(PG_TABLE_PROT_ALL);
	}
	return true;
}

static bool run_protect(struct pgt_words *w, int *error)
{
	struct pgt_change change = { 0 };
	unsigned int i;

	for (i = 0; i < w->argc; i++) {
		if (!parse_change(format_of(w), w->argv[i], &change))
			return false;
	}
	*error = pg_table_protect(w->pgt, w->va, w->size, __pgprot(change.set),
				  __pgprot(change.clear), GFP_KERNEL);
	return true;
}

static bool run_clone(struct pgt_words *w, int *error)
{
	enum pg_table_clone_mode mode = PG_TABLE_SHARE;

	if (w->argc) {
		if (!strcmp(w->argv[0], "follow"))
			mode = PG_TABLE_FOLLOW;
		else if (!strcmp(w->argv[0], "copy"))
			mode = PG_TABLE_COPY;
		else if (!strcmp(w->argv[0], "replace"))
			mode = PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE;
		else if (strcmp(w->argv[0], "share"))
			return pgt_bad("clone: '%s' is not share, replace, follow or copy",
				       w->argv[0]);
	}
	*error = pg_table_clone(w->pgt, w->src, w->va, w->size, mode,
				GFP_KERNEL);
	return true;
}

static bool run_split(struct pgt_words *w, int *error)
{
	*error = pg_table_split(w->pgt, w->va, w->size, w->level, GFP_KERNEL);
	return true;
}

static bool run_collapse(struct pgt_words *w, int *error)
{
	*error = pg_table_collapse(w->pgt, w->va, w->size);
	return true;
}

static bool run_reserve(struct pgt_words *w, int *error)
{
	*error = pg_table_reserve(w->pgt, w->va, w->size, w->level, GFP_KERNEL);
	return true;
}

static bool run_unreserve(struct pgt_words *w, int *error)
{
	*error = pg_table_unreserve(w->pgt, w->va, w->size);
	return true;
}

static bool run_seal(struct pgt_words *w, int *error)
{
	*error = pg_table_seal(w->pgt);
	return true;
}

static bool run_load(struct pgt_words *w, int *error)
{
	return pgt_load(w->pgt, w->argv[0], error);
}

static bool run_lookup(struct pgt_words *w, int *error)
{
	*error = pgt_show_lookup(w->pgt, w->va);
	return true;
}

static bool run_dump(struct pgt_words *w, int *error)
{
	if (w->argc == 1)
		return pgt_bad("dump: an address needs a size");
	if (w->argc && (!pgt_parse_number(w->argv[0], &w->va) ||
			!pgt_parse_number(w->argv[1], &w->size)))
		return false;
	*error = w->argc && !w->size ? -EINVAL :
				       pgt_show_tree(w->pgt, w->va, w->size);
	return true;
}

static bool run_stats(struct pgt_words *w, int *error)
{
	pgt_show_stats(w->pgt);
	return true;
}

static bool run_picture(struct pgt_words *w, int *error)
{
	FILE *out;

	if (!w->argc) {
		*error = pgt_draw(w->pgt, stdout);
		return true;
	}
	out = fopen(w->argv[0], "w");
	if (!out)
		return pgt_bad("picture: cannot open %s: %s", w->argv[0],
			       strerror(errno));
	*error = pgt_draw(w->pgt, out);
	if (!fclose(out))
		return true;
	return pgt_bad("picture: cannot write %s: %s", w->argv[0],
		       strerror(errno));
}

static bool run_reach(struct pgt_words *w, int *error)
{
	*error = pgt_show_reach(w->pgt);
	return true;
}

static bool run_formats(struct pgt_words *w, int *error)
{
	pgt_show_formats();
	return true;
}

static bool run_verify(struct pgt_words *w, int *error)
{
	*error = pgt_show_verify(w->pgt);
	return true;
}

static bool run_help(struct pgt_words *w, int *error)
{
	pgt_print_commands();
	return true;
}

/**
 * struct pgt_command - one command
 * @name: its first word
 * @takes: the words after it, one letter each: t a table, c one to be cloned,
 *	v an address, p a physical address, s a size, l a level
 * @min: least number of words after these
 * @max: largest number of words after these
 * @run: runs it; false for words that are wrong, @error is the verb's result
 * @words: the words that it wants
 * @help: what it does
 */
struct pgt_command {
	const char	*name;
	const char	*takes;
	unsigned int	min;
	unsigned int	max;
	bool		(*run)(struct pgt_words *w, int *error);
	const char	*words;
	const char	*help;
};

static const struct pgt_command commands[] = {
	{ "create", "", 2, PGT_MAX_WORDS, run_create,
	  "TABLE FORMAT [OPTION]...",
	  "make a table; OPTION: user or kernel (the half that it is for),\n"
	  "\tfirst=VA, last=VA, leaf=LEVEL (the largest), wx (allow W+X), small\n"
	  "\t(keep leaves small), exclusive" },
	{ "destroy", "t", 0, 0, run_destroy, "TABLE", "free it" },
	{ "map", "tvps", 1, 1, run_map, "TABLE VA PA SIZE PROT",
	  "map a range that is empty" },
	{ "unmap", "tvs", 0, 0, run_unmap, "TABLE VA SIZE",
	  "remove what is mapped" },
	{ "protect", "tvs", 1, PGT_MAX_WORDS, run_protect,
	  "TABLE VA SIZE CHANGE...",
	  "change protections; CHANGE: +FLAGS, -FLAGS, =PROT, =:TYPE" },
	{ "clone", "tcvs", 0, 1, run_clone,
	  "TABLE SOURCE VA SIZE [share|replace|follow|copy]",
	  "let TABLE have the range as SOURCE has it" },
	{ "split", "tvsl", 0, 0, run_split, "TABLE VA SIZE LEVEL",
	  "leave no leaf above LEVEL" },
	{ "collapse", "tvs", 0, 0, run_collapse, "TABLE VA SIZE",
	  "make larger leaves of smaller ones where they can be" },
	{ "reserve", "tvsl", 0, 0, run_reserve, "TABLE VA SIZE LEVEL",
	  "make and keep the tables for leaves of LEVEL" },
	{ "unreserve", "tvs", 0, 0, run_unreserve, "TABLE VA SIZE",
	  "undo reserve" },
	{ "seal", "t", 0, 0, run_seal, "TABLE", "forbid further changes" },
	{ "load", "t", 1, 1, run_load, "TABLE FILE",
	  "map what a kernel's dump lists, of debugfs' page_tables on x86 or of\n"
	  "\tpg_table; it has no PAs, so they are the low bits of the VAs" },
	{ "lookup", "tv", 0, 0, run_lookup, "TABLE VA",
	  "print what an address translates to" },
	{ "dump", "t", 0, 2, run_dump, "TABLE [VA SIZE]", "print the tree" },
	{ "picture", "t", 0, 1, run_picture, "TABLE [FILE]",
	  "draw the tree for Graphviz: dot -Tsvg FILE > picture.svg" },
	{ "stats", "t", 0, 0, run_stats, "TABLE", "print what it consists of" },
	{ "reach", "t", 0, 0, run_reach, "TABLE",
	  "print the physical memory that it gives access to" },
	{ "verify", "t", 0, 0, run_verify, "TABLE",
	  "check the table against all that is known of it" },
	{ "formats", "", 0, 0, run_formats, "",
	  "print the formats, and what an entry of each level spans" },
	{ "help", "", 0, 0, run_help, "", "print this list" },
};

static void print_formats(void)
{
	const struct pg_table_format *format;
	unsigned int i;

	printf("FORMAT:");
	for (i = 0; (format = pg_table_sim_format(i)); i++)
		printf(" %s", pg_table_format_name(format));
	putchar('\n');
}

void pgt_print_commands(void)
{
	unsigned int i;

	puts("Commands, one per line, # begins a comment:");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %s %s\n\t%s\n", commands[i].name, commands[i].words,
		       commands[i].help);
	puts("  ! COMMAND\n\tgo on only if the command fails\n"
	     "  expect ERROR COMMAND\n\tgo on only if it fails with ERROR, such as EEXIST\n"
	     "VA, PA, SIZE: 0x hexadecimal or decimal, with K, M, G, T, P or E for powers of 1024\n"
	     "PROT: letters of rwxuge (read, write, execute, user, global, encrypted), then\n"
	     "      perhaps :TYPE, which is wb, wc, wt, uc or device\n"
	     "LEVEL: PTE, PMD, PUD, P4D or PGD (0 to 4)");
	print_formats();
}

const char *pgt_command_name(unsigned int i)
{
	return i < ARRAY_SIZE(commands) ? commands[i].name : NULL;
}

static const struct pgt_command *find_command(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	pgt_bad("'%s' is not a command, try help", name);
	return NULL;
}

/* The words that it takes, or NULL if there is no such command. */
const char *pgt_command_words(const char *name)
{
	const struct pgt_command *command = find_command(name);

	return command ? command->words : NULL;
}

static bool read_table(const char *word, struct pg_table **pgt)
{
	*pgt = pgt_find_table(word);
	return *pgt;
}

static bool read_word(char kind, const char *word, struct pgt_words *w)
{
	switch (kind) {
	case 't':
		return read_table(word, &w->pgt);
	case 'c':
		return read_table(word, &w->src);
	case 'v':
		return pgt_parse_number(word, &w->va);
	case 'p':
		return pgt_parse_number(word, &w->pa);
	case 's':
		return pgt_parse_number(word, &w->size);
	default:
		return pgt_parse_level(word, &w->level);
	}
}

/* False if the words are wrong; otherwise @error is how the command ended. */
bool pgt_run(unsigned int argc, char **argv, int *error)
{
	const struct pgt_command *command = find_command(argv[0]);
	struct pgt_words w = { .argv = argv + 1, .argc = argc - 1 };
	const char *kind;

	if (!command)
		return false;
	if (w.argc < strlen(command->takes) + command->min ||
	    w.argc > strlen(command->takes) + command->max)
		return pgt_bad("%s: usage: %s %s", command->name, command->name,
			       command->words);
	for (kind = command->takes; *kind; kind++, w.argv++, w.argc--) {
		if (!read_word(*kind, *w.argv, &w))
			return false;
	}
	return command->run(&w, error);
}

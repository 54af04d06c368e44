// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers, levels, protections and errors as text, in both directions.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgt.h"

static const char suffixes[] = "KMGTPE";

/* A number in decimal, octal or hexadecimal, times a power of 1024. */
bool pgt_parse_number(const char *word, unsigned long *number)
{
	unsigned int shift = 0;
	const char *suffix;
	char *end;

	errno = 0;
	*number = strtoul(word, &end, 0);
	if (errno || !isdigit((unsigned char)word[0]))
		return pgt_bad("'%s' is not a number", word);
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix || end[1])
			return pgt_bad("'%s' is not a number", word);
		shift = 10 * (suffix - suffixes + 1);
	}
	if (*number << shift >> shift != *number)
		return pgt_bad("'%s' is too large", word);
	*number <<= shift;
	return true;
}

void pgt_format_size(char *text, size_t len, unsigned long size)
{
	unsigned int i = 0;

	if (!size || size % 1024) {
		snprintf(text, len, "%lu", size);
		return;
	}
	for (size /= 1024; size % 1024 == 0 && suffixes[i + 1]; i++)
		size /= 1024;
	snprintf(text, len, "%lu%c", size, suffixes[i]);
}

static const char *const level_names[PG_TABLE_MAX_LEVELS] = {
	"PTE", "PMD", "PUD", "P4D", "PGD",
};

const char *pgt_level_name(unsigned int level)
{
	return level < PG_TABLE_MAX_LEVELS ? level_names[level] : NULL;
}

bool pgt_parse_level(const char *word, unsigned int *level)
{
	for (*level = 0; *level < PG_TABLE_MAX_LEVELS; ++*level) {
		if (!strcasecmp(word, level_names[*level]))
			return true;
	}
	return pgt_bad("'%s' is not a level: PTE, PMD, PUD, P4D or PGD", word);
}

static const struct {
	char		letter;
	unsigned int	flag;
} letters[] = {
	{ 'r', PG_TABLE_READ },
	{ 'w', PG_TABLE_WRITE },
	{ 'x', PG_TABLE_EXEC },
	{ 'u', PG_TABLE_USER },
	{ 'g', PG_TABLE_GLOBAL },
	{ 'e', PG_TABLE_ENCRYPTED },
};

static const struct {
	const char	*name;
	unsigned int	flag;
} types[] = {
	{ "wb", PG_TABLE_WB },
	{ "wc", PG_TABLE_WC },
	{ "wt", PG_TABLE_WT },
	{ "uc", PG_TABLE_UC },
	{ "device", PG_TABLE_DEVICE },
};

static bool parse_letter(char letter, unsigned int *flags)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(letters); i++) {
		if (letters[i].letter == letter) {
			*flags |= letters[i].flag;
			return true;
		}
	}
	return letter == '-';
}

static bool parse_type(const char *name, unsigned int *flags)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (!strcmp(types[i].name, name)) {
			*flags |= types[i].flag;
			return true;
		}
	}
	return pgt_bad("'%s' is not a memory type: wb, wc, wt, uc or device",
		       name);
}

/* Letters of rwxuge and a memory type, as dump prints them: rw--g-:wc. */
bool pgt_parse_flags(const char *word, unsigned int *flags)
{
	const char *p;

	*flags = 0;
	for (p = word; *p && *p != ':'; p++) {
		if (!parse_letter(*p, flags))
			return pgt_bad("'%s' is not a protection: letters of rwxuge, and :TYPE",
				       word);
	}
	return !*p || parse_type(p + 1, flags);
}

void pgt_format_flags(char *text, size_t len, unsigned int flags)
{
	char bits[ARRAY_SIZE(letters) + 1] = "";
	const char *type = types[0].name;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(letters); i++)
		bits[i] = flags & letters[i].flag ? letters[i].letter : '-';
	for (i = 1; i < ARRAY_SIZE(types); i++) {
		if (flags & types[i].flag)
			type = types[i].name;
	}
	snprintf(text, len, "%s:%s", bits, type);
}

static const struct {
	int		error;
	const char	*name;
	const char	*text;
} errors[] = {
	{ EINVAL, "EINVAL", "a bad value, or a range that is not possible here" },
	{ EEXIST, "EEXIST", "something is there already" },
	{ ENOENT, "ENOENT", "nothing is there" },
	{ ENOMEM, "ENOMEM", "out of memory for tables" },
	{ EPERM, "EPERM", "the table does not allow it" },
	{ EBUSY, "EBUSY", "it is in use" },
	{ EOPNOTSUPP, "EOPNOTSUPP", "the CPU cannot do it" },
	{ EUCLEAN, "EUCLEAN", "the table is damaged" },
};

const char *pgt_error_word(unsigned int i)
{
	return i < ARRAY_SIZE(errors) ? errors[i].name : NULL;
}

/* @error is negative, as verbs return it. */
const char *pgt_error_name(int error)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i].error == -error)
			return errors[i].name;
	}
	return "unknown error";
}

const char *pgt_error_text(int error)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i].error == -error)
			return errors[i].text;
	}
	return strerror(-error);
}

bool pgt_parse_error(const char *word, int *error)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (!strcmp(errors[i].name, word)) {
			*error = -errors[i].error;
			return true;
		}
	}
	return pgt_bad("'%s' is not an error that a command can end with",
		       word);
}

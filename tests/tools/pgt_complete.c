// SPDX-License-Identifier: GPL-2.0
/*
 * What may come next on a line at the prompt: told by the words that a command
 * takes, as the help has them.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <editline/readline.h>

#include "pgt.h"

#define PGT_BLANKS	" \t"
#define PGT_MAX_NAMES	128

/* Names by number, as far as there are some. */
static const struct {
	const char	*word;
	const char	*(*name)(unsigned int i);
} kinds[] = {
	{ "COMMAND", pgt_command_name },
	{ "ERROR", pgt_error_word },
	{ "FORMAT", pgt_format_name },
	{ "LEVEL", pgt_level_name },
	{ "OPTION", pgt_option_name },
	{ "SOURCE", pgt_table_name },
	{ "TABLE", pgt_table_name },
};

/* What may come next, up to a NULL. */
static const char *names[PGT_MAX_NAMES + 1];

/* The alternatives of a word such as "share|follow". */
static void split_names(const char *word)
{
	static char buffer[128];
	unsigned int n = 0;
	char *name;

	snprintf(buffer, sizeof(buffer), "%s", word);
	for (name = strtok(buffer, "|"); name && n < PGT_MAX_NAMES;
	     name = strtok(NULL, "|"))
		names[n++] = name;
	names[n] = NULL;
}

static void collect_names(const char *word)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].word, word))
			continue;
		while (n < PGT_MAX_NAMES && (names[n] = kinds[i].name(n)))
			n++;
	}
	names[n] = NULL;
}

/* The word number @n that a command takes; the last one may be repeated. */
static const char *find_word(const char *command, unsigned int n)
{
	static char buffer[128];
	const char *usage = pgt_command_words(command) ?: "";
	bool repeats = strstr(usage, "...");
	const char *word, *last = NULL;

	snprintf(buffer, sizeof(buffer), "%s", usage);
	for (word = strtok(buffer, " []."); word; word = strtok(NULL, " [].")) {
		if (!n--)
			return word;
		last = word;
	}
	return repeats ? last : NULL;
}

/* What the word after those of @line is: one of the help, or NULL. */
static const char *next_word(char *line)
{
	const char *word = strtok(line, PGT_BLANKS);
	unsigned int n = 0;

	if (word && !strcmp(word, "!")) {
		word = strtok(NULL, PGT_BLANKS);
	} else if (word && !strcmp(word, "expect")) {
		if (!strtok(NULL, PGT_BLANKS))
			return "ERROR";
		word = strtok(NULL, PGT_BLANKS);
	}
	if (!word)
		return "COMMAND";
	while (strtok(NULL, PGT_BLANKS))
		n++;
	return find_word(word, n);
}

static char *next_match(const char *text, int again)
{
	static unsigned int i;

	if (!again)
		i = 0;
	while (names[i]) {
		const char *name = names[i++];

		if (!strncmp(name, text, strlen(text)))
			return strdup(name);
	}
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	char **matches, *line = strndup(rl_line_buffer, start);
	const char *word = NULL;

	if (line)
		word = next_word(line);
	free(line);
	/* Without a match libedit offers files, if it may. */
	rl_attempted_completion_over = !word || strcmp(word, "FILE");
	rl_completion_append_character = '\0';
	if (!word || !rl_attempted_completion_over)
		return NULL;
	if (islower((unsigned char)*word))
		split_names(word);
	else
		collect_names(word);
	matches = rl_completion_matches(text, next_match);
	/* A value follows on "first=". */
	if (matches && matches[0][0] && !strchr(matches[0], '='))
		rl_completion_append_character = ' ';
	return matches;
}

void pgt_set_up_completion(void)
{
	rl_attempted_completion_function = complete;
	rl_basic_word_break_characters = PGT_BLANKS;
}

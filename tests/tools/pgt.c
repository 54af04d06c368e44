// SPDX-License-Identifier: GPL-2.0
/*
 * pgt: make and edit page tables by command, in simulated memory.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pgt.h"

#define PGT_MAX_LINE	512

/* Where in a script we are, where in a file that it names, what is wrong. */
static struct {
	const char	*file;
	unsigned int	line;
	const char	*place;
	unsigned int	place_line;
	char		message[256];
} at;

bool pgt_bad(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(at.message, sizeof(at.message), format, args);
	va_end(args);
	return false;
}

void pgt_set_place(const char *file, unsigned int line)
{
	at.place = file;
	at.place_line = line;
}

static bool stop(void)
{
	fflush(stdout);
	if (at.file)
		fprintf(stderr, "%s:%u: ", at.file, at.line);
	if (at.place)
		fprintf(stderr, "%s:%u: ", at.place, at.place_line);
	fprintf(stderr, "%s\n", at.message);
	return false;
}

/* Cuts a line into words; more than fit is for the command to refuse. */
static bool cut(char *line, char **words, unsigned int *count)
{
	char *word;

	line[strcspn(line, "#\n")] = '\0';
	*count = 0;
	for (word = strtok(line, " \t\r"); word; word = strtok(NULL, " \t\r")) {
		if (*count == PGT_MAX_WORDS)
			return pgt_bad("too many words");
		words[(*count)++] = word;
	}
	return true;
}

/* Takes "!" or "expect ERROR" off the front. */
static bool take_expectation(char ***words, unsigned int *count, bool *any,
			     int *expected)
{
	*any = *count && !strcmp((*words)[0], "!");
	*expected = 0;
	if (*any) {
		++*words;
		--*count;
	} else if (*count && !strcmp((*words)[0], "expect")) {
		if (*count < 2)
			return pgt_bad("expect: usage: expect ERROR COMMAND");
		if (!pgt_parse_error((*words)[1], expected))
			return false;
		*words += 2;
		*count -= 2;
	} else {
		return true;
	}
	return *count || pgt_bad("no command to expect an error of");
}

static bool check_outcome(const char *command, int error, bool any,
			  int expected)
{
	if (any ? error : error == expected)
		return true;
	if (!error)
		return pgt_bad("%s: done, but %s was expected", command,
			       any ? "an error" : pgt_error_name(expected));
	if (expected)
		return pgt_bad("%s: %s, but %s was expected", command,
			       pgt_error_name(error), pgt_error_name(expected));
	return pgt_bad("%s: %s (%s)", command, pgt_error_text(error),
		       pgt_error_name(error));
}

static bool run_line(char *line)
{
	char *storage[PGT_MAX_WORDS], **words = storage;
	int error = 0, expected;
	unsigned int count;
	bool any;

	pgt_set_place(NULL, 0);
	if (!cut(line, words, &count) ||
	    !take_expectation(&words, &count, &any, &expected))
		return false;
	if (!count)
		return true;
	if (!pgt_run(count, words, &error))
		return false;
	return check_outcome(words[0], error, any, expected);
}

static bool run_script(FILE *script, const char *name)
{
	char line[PGT_MAX_LINE];

	at.file = name;
	at.line = 0;
	while (fgets(line, sizeof(line), script)) {
		at.line++;
		if (!strchr(line, '\n') && !feof(script)) {
			pgt_bad("the line is no text, or longer than %d characters",
				PGT_MAX_LINE - 2);
			return stop();
		}
		if (!run_line(line))
			return stop();
	}
	if (ferror(script)) {
		fprintf(stderr, "pgt: cannot read %s: %s\n", name,
			strerror(errno));
		return false;
	}
	return true;
}

static void run_typed(char *line)
{
	at.file = NULL;
	if (!run_line(line))
		stop();
	fflush(stdout);
}

static bool run_stdin(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return run_script(stdin, "stdin");
	pgt_prompt(run_typed);
	return true;
}

static bool run_file(const char *name)
{
	FILE *script;
	bool good;

	if (!strcmp(name, "-"))
		return run_stdin();
	script = fopen(name, "r");
	if (!script) {
		fprintf(stderr, "pgt: cannot open %s: %s\n", name,
			strerror(errno));
		return false;
	}
	good = run_script(script, name);
	fclose(script);
	return good;
}

static bool flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	perror("pgt: cannot write");
	return false;
}

static bool print_help(void)
{
	puts("Usage: pgt [--json] [SCRIPT]...\n"
	     "Makes and edits page tables in simulated physical memory, as the commands in the\n"
	     "scripts say, or on standard input (-) without one. Stops at the first command\n"
	     "that is wrong or fails, which then has changed nothing, with status 1. At a\n"
	     "terminal there is a prompt instead, which goes on.\n"
	     "--json: print one JSON object per line instead of text\n");
	pgt_print_commands();
	return flush();
}

/* A status to end with, or -1 to go on. */
static int take_option(const char *option)
{
	if (!strcmp(option, "--help"))
		return !print_help();
	if (!strcmp(option, "--json")) {
		pgt_json = true;
		return -1;
	}
	fprintf(stderr, "pgt: no option '%s', try pgt --help\n", option);
	return 2;
}

int main(int argc, char **argv)
{
	int i, scripts = 0, status = -1;
	bool good = true;

	for (i = 1; i < argc && status < 0; i++) {
		if (argv[i][0] == '-' && argv[i][1])
			status = take_option(argv[i]);
		else
			argv[scripts++] = argv[i];
	}
	if (status >= 0)
		return status;
	if (!scripts)
		good = run_file("-");
	for (i = 0; i < scripts && good; i++)
		good = run_file(argv[i]);
	if (!pgt_clean_up())
		good = false;
	if (!flush())
		good = false;
	return !good;
}

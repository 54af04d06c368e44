// SPDX-License-Identifier: GPL-2.0
/*
 * The prompt: lines typed at a terminal, edited and kept by libedit.
 */
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <editline/readline.h>

#include "pgt.h"

#define PGT_HISTORY	1000

/* Where the XDG base directories want it; false if there is no such place. */
static bool find_history(char *file, size_t len)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	size_t need = len;

	if (state && state[0] == '/')
		need = snprintf(file, len, "%s/pgt/history", state);
	else if (home && home[0] == '/')
		need = snprintf(file, len, "%s/.local/state/pgt/history", home);
	return need < len;
}

static void make_directories(char *file)
{
	char *slash;

	for (slash = strchr(file + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(file, 0700);
		*slash = '/';
	}
}

/* After each line, so that one which ends pgt badly is there, too. */
static void remember(const char *line, const char *file)
{
	static bool warned;
	int error;

	if (!line[strspn(line, " \t")])
		return;
	add_history(line);
	error = file && !warned ? write_history(file) : 0;
	if (!error)
		return;
	fprintf(stderr, "pgt: cannot write %s: %s\n", file, strerror(error));
	warned = true;
}

/*
 * At the prompt, Ctrl-C drops the line; elsewhere it ends pgt. libedit forgets
 * that with each line.
 */
static int tame_interrupt(void)
{
	rl_parse_and_bind("setty -d -isig");
	rl_parse_and_bind("bind ^C em-kill-line");
	return 0;
}

static void set_up(const char *file)
{
	setlocale(LC_CTYPE, "");
	rl_readline_name = "pgt";
	rl_initialize();
	rl_pre_input_hook = tame_interrupt;
	pgt_set_up_completion();
	using_history();
	stifle_history(PGT_HISTORY);
	if (file)
		read_history(file);
}

void pgt_prompt(void (*run)(char *line))
{
	char path[PATH_MAX], *line;
	const char *file = NULL;

	if (find_history(path, sizeof(path))) {
		make_directories(path);
		file = path;
	}
	set_up(file);
	puts("help lists the commands, Ctrl-D ends.");
	while ((line = readline("pgt> "))) {
		remember(line, file);
		run(line);
		free(line);
	}
	putchar('\n');
}

// SPDX-License-Identifier: GPL-2.0
/*
 * JSON: one object per line, for --json.
 */
#include <stdio.h>

#include "pgt.h"

bool pgt_json;

/* Is there something before, in the object that is being printed? */
static bool comma;

static void put_string(const char *text)
{
	const unsigned char *p;

	putchar('"');
	for (p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			printf("\\%c", *p);
		else if (*p < ' ' || *p > '~')
			printf("\\u%04x", *p);
		else
			putchar(*p);
	}
	putchar('"');
}

static void put_key(const char *key)
{
	if (comma)
		printf(", ");
	put_string(key);
	printf(": ");
	comma = true;
}

/* An object as the value of @key, which pgt_json_close() ends. */
void pgt_json_open(const char *key)
{
	put_key(key);
	putchar('{');
	comma = false;
}

void pgt_json_close(void)
{
	putchar('}');
	comma = true;
}

/* A line's object, which pgt_json_end() ends; @table may be NULL. */
void pgt_json_begin(const char *command, const char *table)
{
	putchar('{');
	comma = false;
	pgt_json_text("command", command);
	if (table)
		pgt_json_text("table", table);
}

void pgt_json_end(void)
{
	puts("}");
}

void pgt_json_text(const char *key, const char *value)
{
	put_key(key);
	put_string(value);
}

void pgt_json_number(const char *key, unsigned long value)
{
	put_key(key);
	printf("%lu", value);
}

/* As text: few readers of JSON have integers of 64 bits. */
void pgt_json_address(const char *key, u64 value)
{
	put_key(key);
	printf("\"0x%llx\"", (unsigned long long)value);
}

void pgt_json_bool(const char *key, bool value)
{
	put_key(key);
	printf(value ? "true" : "false");
}

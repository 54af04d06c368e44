// SPDX-License-Identifier: GPL-2.0
/*
 * The direct map, one letter for each 2M of physical memory, by what debugfs
 * shows of the kernel's tables:
 *
 *	G	part of a 1G leaf
 *	M	a 2M leaf
 *	k	4K leaves
 *	h	4K leaves, and pages that are not mapped
 *	x	a table of 4K leaves, none of which is mapped
 *	.	not mapped
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

/* With nokaslr and tables of four levels. */
#define DIRECT_MAP 0xffff888000000000UL
#define BLOCK (2 * MIB)
#define BLOCKS 65536UL

enum { PRESENT = 1, ABSENT = 2, TABLE = 4, HUGE_1G = 8 };

static unsigned char blocks[BLOCKS];

/* "0xSTART-0xEND SIZE [ATTRIBUTES...] LEVEL" */
static int line_flags(const char *line, unsigned long *start,
		      unsigned long *end)
{
	int flags, at = 0;

	if (sscanf(line, "0x%lx-0x%lx %*s %n", start, end, &at) < 2 || !at)
		return 0;
	line += at;
	flags = strchr(line, ' ') ? PRESENT : ABSENT;
	if (strstr(line, "pte"))
		flags |= TABLE;
	if (strstr(line, "pud"))
		flags |= HUGE_1G;
	return flags;
}

static void line_read(const char *line)
{
	unsigned long start, end;
	int flags = line_flags(line, &start, &end);

	if (!flags || start < DIRECT_MAP ||
	    start >= DIRECT_MAP + BLOCKS * BLOCK)
		return;
	start = (start - DIRECT_MAP) / BLOCK;
	end = (end - DIRECT_MAP + BLOCK - 1) / BLOCK;
	for (; start < end && start < BLOCKS; start++)
		blocks[start] |= flags;
}

static char letter(unsigned char flags)
{
	if (flags & TABLE)
		return flags & PRESENT ? (flags & ABSENT ? 'h' : 'k') : 'x';
	if (flags & PRESENT)
		return flags & HUGE_1G ? 'G' : 'M';
	return '.';
}

void layout_print(void)
{
	char *text = file_read("/sys/kernel/debug/page_tables/kernel");
	char *rest = text, *line;
	size_t end = BLOCKS;

	if (!text)
		die("/sys/kernel/debug/page_tables/kernel");
	memset(blocks, 0, sizeof(blocks));
	while ((line = strsep(&rest, "\n")))
		line_read(line);
	free(text);
	while (end && letter(blocks[end - 1]) == '.')
		end--;
	for (size_t i = 0; i < end; i++)
		putchar(letter(blocks[i]));
}

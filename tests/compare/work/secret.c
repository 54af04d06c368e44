// SPDX-License-Identifier: GPL-2.0
/*
 * Secret memory, page by page, between ordinary allocations of both kinds: pages
 * that the kernel could move, and pages that it can't.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "work.h"

#define PIPE_PAGES 16
#define PIPE_EVERY 16

/* One page into the last pipe; a new one when it is full. */
static void pipe_page(void)
{
	static char page[PAGE_SIZE];
	static int in = -1, used;
	int fds[2];

	if (in < 0 || used == PIPE_PAGES) {
		in = open_pipe(fds);
		used = 0;
	}
	if (write(in, page, sizeof(page)) != sizeof(page))
		die("write to a pipe");
	used++;
}

int secret_main(int argc, char **argv)
{
	size_t size = argc > 1 ? strtoul(argv[1], NULL, 0) * MIB : 0;
	char *ordinary, *secret;
	int fd;

	if (!size)
		return 2;
	fd = secret_create(size);
	secret = map_file(fd, size);
	ordinary = map_anonymous(size, MAP_PRIVATE);
	for (size_t at = 0; at < size; at += PAGE_SIZE) {
		touch(secret + at, PAGE_SIZE);
		touch(ordinary + at, PAGE_SIZE);
		if (at / PAGE_SIZE % PIPE_EVERY == 0)
			pipe_page();
	}
	sample("peak");
	return 0;
}

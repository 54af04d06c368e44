// SPDX-License-Identifier: GPL-2.0
/*
 * Memory as it is after some time: nearly all of it is used once, and then about
 * half of it is free again, here a few pages and there a few. The rest stays until
 * the command has ended.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

#define LEAVE (96 * MIB)
#define CHUNK (4 * MIB)
#define PIPE_PAGES 16
#define RUN_PAGES 32

static size_t memory_free(void)
{
	char *text = file_read("/proc/meminfo");
	char *line = text ? strstr(text, "MemFree:") : NULL;
	size_t free_kib;

	if (!line || sscanf(line, "MemFree: %zu", &free_kib) != 1)
		die("/proc/meminfo");
	free(text);
	return free_kib * 1024;
}

/* Pages that can't be moved, kept by a pipe; returns its end to read from. */
static int fill_pipe(void)
{
	static char pages[PIPE_PAGES * PAGE_SIZE];
	int fds[2];

	if (write(open_pipe(fds), pages, sizeof(pages)) != sizeof(pages))
		die("write to a pipe");
	return fds[0];
}

static void empty_pipe(int fd)
{
	static char pages[PIPE_PAGES * PAGE_SIZE];

	if (read(fd, pages, sizeof(pages)) != sizeof(pages))
		die("read from a pipe");
}

/* Frees runs of pages at random, and keeps as much between them. */
static void free_half(int fd, size_t size)
{
	size_t at = 0;

	for (;;) {
		size_t run = (1 + next_number() % RUN_PAGES) * PAGE_SIZE;
		size_t gap = (1 + next_number() % RUN_PAGES) * PAGE_SIZE;

		if (at + run > size)
			return;
		if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      at, run))
			die("fallocate of a hole");
		at += run + gap;
	}
}

static void age(void)
{
	size_t used = memory_free() - LEAVE, chunks;
	int fd = memfd_create("aged", 0);
	int *pipes;

	/* The pipes are a part of what is used, the file's index is another. */
	chunks = used / (CHUNK + PIPE_PAGES * PAGE_SIZE + 4 * PAGE_SIZE);
	pipes = calloc(chunks, sizeof(*pipes));
	if (fd < 0 || !pipes)
		die("memfd_create");
	for (size_t i = 0; i < chunks; i++) {
		if (fallocate(fd, 0, i * CHUNK, CHUNK))
			die("fallocate");
		pipes[i] = fill_pipe();
	}
	free_half(fd, chunks * CHUNK);
	for (size_t i = 0; i < chunks; i++)
		if (next_number() & 1)
			empty_pipe(pipes[i]);
	free(pipes);
}

int age_main(int argc, char **argv)
{
	int status;
	pid_t child;

	if (argc < 2)
		return 2;
	age();
	sample("aged");
	child = fork();
	if (!child) {
		execvp(argv[1], argv + 1);
		die(argv[1]);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		die("fork");
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

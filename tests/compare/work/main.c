// SPDX-License-Identifier: GPL-2.0
/*
 * The commands, and what they share.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work.h"

void die(const char *what)
{
	perror(what);
	exit(1);
}

unsigned int next_number(void)
{
	static unsigned int state = 20240917;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

void *map_anonymous(size_t size, int flags)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_ANONYMOUS | flags, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap of anonymous memory");
	return memory;
}

int secret_create(size_t size)
{
	int fd = syscall(SYS_memfd_secret, 0);

	if (fd < 0 || ftruncate(fd, size))
		die("memfd_secret");
	return fd;
}

void *map_file(int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);

	if (memory == MAP_FAILED)
		die("mmap of a file");
	return memory;
}

/* A page that is written into it is one that the kernel can't move. */
int open_pipe(int fds[2])
{
	if (pipe(fds))
		die("pipe");
	return fds[1];
}

void touch(char *memory, size_t size)
{
	for (size_t offset = 0; offset < size; offset += PAGE_SIZE)
		__atomic_store_n(memory + offset, 1, __ATOMIC_RELAXED);
}

static void raise_limits(void)
{
	const struct rlimit memory = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit files = { 16384, 16384 };

	if (setrlimit(RLIMIT_MEMLOCK, &memory) ||
	    setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit");
}

static int sample_main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	sample(argv[1]);
	return 0;
}

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "sample", sample_main },	/* STAGE */
	{ "secret", secret_main },	/* MIB */
	{ "age", age_main },		/* COMMAND... */
	{ "bpf", bpf_main },		/* PROGRAMS */
	{ "faults", faults_main },	/* NAME PAGES keep|free [busy] */
	{ "cost", cost_main },		/* syscall|switch|allow|deny */
	{ "turns", turns_main },	/* CLASS N */
};

int main(int argc, char **argv)
{
	raise_limits();
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands);
	     i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	fprintf(stderr, "work: no such command\n");
	return 2;
}

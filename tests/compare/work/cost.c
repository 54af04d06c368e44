// SPDX-License-Identifier: GPL-2.0
/*
 * What a system call, a context switch, and a turn through a restricted context
 * cost, in ticks of the time stamp counter, which counts instructions where the
 * emulator does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "work.h"

#define TURNS		"/sys/kernel/debug/asi/selftest"
#define BATCHES		40
#define BATCH		200UL
#define MANY		2000UL

static int pipes[2][2];

static void do_syscalls(unsigned long n, const char *name)
{
	(void)name;
	while (n--)
		syscall(SYS_getppid);
}

/* Each is a switch to the peer and one back. */
static void do_switches(unsigned long n, const char *name)
{
	char byte = 0;

	(void)name;
	while (n--)
		if (write(pipes[0][1], &byte, 1) != 1 ||
		    read(pipes[1][0], &byte, 1) != 1)
			die("pipe");
}

static void do_turns(unsigned long n, const char *name)
{
	int fd = open(TURNS, O_RDWR);

	if (fd < 0 || dprintf(fd, "turns %s %lu\n", name, n) < 0)
		die(TURNS);
	close(fd);
}

static void echo(void)
{
	char byte;

	close(pipes[0][1]);
	while (read(pipes[0][0], &byte, 1) == 1)
		if (write(pipes[1][1], &byte, 1) != 1)
			die("pipe");
	exit(0);
}

static void start_peer(void)
{
	if (pipe(pipes[0]) || pipe(pipes[1]))
		die("pipe");
	switch (fork()) {
	case -1:
		die("fork");
	case 0:
		echo();
	}
}

/* The least of all batches: no interrupt was in that. */
static unsigned long least(void (*run)(unsigned long n, const char *name),
			   unsigned long n, const char *name)
{
	unsigned long best = ~0UL;

	for (int i = 0; i < BATCHES; i++) {
		unsigned long start = __rdtsc(), ticks;

		run(n, name);
		ticks = __rdtsc() - start;
		if (ticks < best)
			best = ticks;
	}
	return best;
}

/* What surrounds them is in both, and so in neither. */
int cost_main(int argc, char **argv)
{
	void (*run)(unsigned long n, const char *name) = do_turns;
	unsigned long few, many;

	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "syscall"))
		run = do_syscalls;
	if (!strcmp(argv[1], "switch")) {
		start_peer();
		run = do_switches;
	}
	few = least(run, BATCH, argv[1]);
	many = least(run, MANY, argv[1]);
	printf("@data {\"kind\": \"cost\", \"name\": \"%s\", \"ticks\": %lu, \"count\": %lu}\n",
	       argv[1], many - few, MANY - BATCH);
	return 0;
}

int turns_main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	do_turns(strtoul(argv[2], NULL, 10), argv[1]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * How long a fault takes in secret and in shared memory, in turns, and what is
 * flushed for it.
 *
 * The time stamp counter counts time, or instructions where the emulator counts
 * these.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "work.h"

/* As many as a large leaf has, so that what is done once for one is in each. */
#define ROUND_PAGES 512UL
#define ROUND_SIZE (ROUND_PAGES * PAGE_SIZE)

struct round {
	int fd;
	char *memory;
};

struct kind {
	const char *name;
	int (*create)(size_t size);
	unsigned int *ticks;
	unsigned long release_ticks;
	struct counters out, back;
	struct round *rounds;
};

static int shared_create(size_t size)
{
	int fd = memfd_create("shared", 0);

	if (fd < 0 || ftruncate(fd, size))
		die("memfd_create");
	return fd;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static pid_t keep_busy(int cpu)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin(cpu);
	for (;;)
		asm volatile("");
}

static unsigned int timed_touch(char *page)
{
	unsigned int cpu;
	unsigned long start = __rdtscp(&cpu);

	__atomic_store_n(page, 1, __ATOMIC_RELAXED);
	return __rdtscp(&cpu) - start;
}

static void fault_in(struct kind *kind, size_t nr)
{
	struct round *round = &kind->rounds[nr];
	unsigned int *ticks = kind->ticks + nr * ROUND_PAGES;
	struct counters before, after;

	round->fd = kind->create(ROUND_SIZE);
	round->memory = map_file(round->fd, ROUND_SIZE);
	counters_read(&before);
	for (size_t i = 0; i < ROUND_PAGES; i++)
		ticks[i] = timed_touch(round->memory + i * PAGE_SIZE);
	counters_read(&after);
	counters_add(&kind->out, &before, &after);
}

static void release(struct kind *kind, size_t nr)
{
	struct round *round = &kind->rounds[nr];
	struct counters before, after;
	unsigned int cpu;
	unsigned long start;

	counters_read(&before);
	start = __rdtscp(&cpu);
	munmap(round->memory, ROUND_SIZE);
	close(round->fd);
	kind->release_ticks += __rdtscp(&cpu) - start;
	counters_read(&after);
	counters_add(&kind->back, &before, &after);
}

static int compare_ticks(const void *a, const void *b)
{
	unsigned int left = *(const unsigned int *)a, right = *(const unsigned int *)b;

	return left < right ? -1 : left > right;
}

static double mean(const unsigned int *ticks, size_t nr)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < nr; i++)
		sum += ticks[i];
	return (double)sum / nr;
}

/* The median of the rounds' means: a round that was disturbed has no say. */
static unsigned int round_mean(const unsigned int *ticks, size_t rounds)
{
	unsigned int *means = calloc(rounds, sizeof(*means)), median;

	if (!means)
		die("calloc");
	for (size_t nr = 0; nr < rounds; nr++)
		means[nr] = mean(ticks + nr * ROUND_PAGES, ROUND_PAGES);
	qsort(means, rounds, sizeof(*means), compare_ticks);
	median = means[rounds / 2];
	free(means);
	return median;
}

static void print_kind(struct kind *kind, size_t rounds)
{
	size_t pages = rounds * ROUND_PAGES;

	printf(",\"%s\":{\"faults\":%zu,\"mean\":%.1f,\"round_mean\":%u",
	       kind->name, pages, mean(kind->ticks, pages),
	       round_mean(kind->ticks, rounds));
	qsort(kind->ticks, pages, sizeof(*kind->ticks), compare_ticks);
	printf(",\"median\":%u,\"p99\":%u", kind->ticks[pages / 2],
	       kind->ticks[pages * 99 / 100]);
	printf(",\"release\":%.1f,\"out\":",
	       (double)kind->release_ticks / pages);
	counters_print(&kind->out);
	printf(",\"back\":");
	counters_print(&kind->back);
	putchar('}');
}

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Each kind goes first in half of the rounds. */
static void measure(struct kind kinds[2], size_t rounds, int keep)
{
	for (size_t nr = 0; nr < rounds; nr++)
		for (size_t turn = 0; turn < 2; turn++) {
			fault_in(&kinds[(nr + turn) % 2], nr);
			if (!keep)
				release(&kinds[(nr + turn) % 2], nr);
		}
	for (size_t nr = 0; keep && nr < rounds; nr++) {
		release(&kinds[nr % 2], nr);
		release(&kinds[(nr + 1) % 2], nr);
	}
}

static void prepare(struct kind *kind, size_t rounds)
{
	kind->ticks = map_anonymous(rounds * ROUND_PAGES *
				    sizeof(*kind->ticks), MAP_PRIVATE);
	kind->rounds = calloc(rounds, sizeof(*kind->rounds));
	if (!kind->rounds)
		die("calloc");
	memset(kind->ticks, 1, rounds * ROUND_PAGES * sizeof(*kind->ticks));
}

int faults_main(int argc, char **argv)
{
	struct kind kinds[2] = {
		{ .name = "shared", .create = shared_create },
		{ .name = "secret", .create = secret_create },
	};
	size_t rounds = argc > 3 ? strtoul(argv[2], NULL, 0) / ROUND_PAGES : 0;
	double ns;
	unsigned long ticks;
	pid_t busy = 0;

	if (!rounds)
		return 2;
	prepare(&kinds[0], rounds);
	prepare(&kinds[1], rounds);
	pin(0);
	if (argc > 4)
		busy = keep_busy(1);
	ns = now_ns();
	ticks = __rdtsc();
	measure(kinds, rounds, !strcmp(argv[3], "keep"));
	ticks = __rdtsc() - ticks;
	ns = now_ns() - ns;
	if (busy) {
		kill(busy, SIGKILL);
		waitpid(busy, NULL, 0);
	}
	printf("@data {\"kind\":\"faults\",\"name\":\"%s\",\"cpus\":%ld,",
	       argv[1], sysconf(_SC_NPROCESSORS_ONLN));
	printf("\"ticks_per_ns\":%.4f", ticks / ns);
	print_kind(&kinds[0], rounds);
	print_kind(&kinds[1], rounds);
	printf("}\n");
	return 0;
}

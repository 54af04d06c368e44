// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the rows that are named, or all, and prints one JSON object per row.
 * Repetitions alternate between the bare loop and the library.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define MAX_REPEAT	1024

static const char *running = "setup";

double bench_now(void)
{
	struct timespec now;

	barrier();
	clock_gettime(CLOCK_MONOTONIC, &now);
	barrier();
	return now.tv_sec * 1e9 + now.tv_nsec;
}

void bench_give_up(const char *what)
{
	fprintf(stderr, "bench: %s: not true: %s\n", running, what);
	exit(1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value that a part of @values lies below, which get sorted. */
static double quantile(double *values, unsigned int count, double part)
{
	qsort(values, count, sizeof(*values), compare);
	return values[(unsigned int)((count - 1) * part)];
}

static double spread(double *values, unsigned int count)
{
	double median = quantile(values, count, 0.5);

	if (!median)
		return 0;
	return (quantile(values, count, 0.75) - quantile(values, count, 0.25)) /
	       median;
}

static void run(const struct bench_row *row)
{
	static double times[MAX_REPEAT], limits[MAX_REPEAT];
	struct bench_sample sample;
	double ns, limit;
	unsigned int i;

	running = row->name;
	row->begin();
	if (row->repeat > 1)
		row->sample(&sample);
	for (i = 0; i < row->repeat; i++) {
		row->sample(&sample);
		times[i] = sample.ns;
		limits[i] = sample.limit;
	}
	row->end();
	bench_check(!pool_used(), "all tables are freed");
	ns = quantile(times, row->repeat, 0.5);
	limit = quantile(limits, row->repeat, 0.5);
	printf("{\"row\": \"%s\", \"unit\": \"%s\", ", row->name, row->unit);
	printf("\"ns\": %.4f, \"limit_ns\": %.4f, \"ratio\": %.3f, ", ns, limit,
	       limit ? ns / limit : 0);
	printf("\"spread\": %.3f, \"limit_spread\": %.3f}\n",
	       spread(times, row->repeat), spread(limits, row->repeat));
	fflush(stdout);
}

static const struct bench_row *const groups[] = {
	range_rows, clone_rows, size_rows, page_rows, thread_rows,
};

static bool known(const char *name)
{
	const struct bench_row *row;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		for (row = groups[i]; row->name; row++) {
			if (!strcmp(name, row->name))
				return true;
		}
	}
	fprintf(stderr, "bench: there is no row '%s'\n", name);
	return false;
}

static bool wanted(const struct bench_row *row, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], row->name))
			return true;
	}
	return argc == 1;
}

/* CPUs that the program may run on. */
static cpu_set_t allowed;

/* The number of one of them; the same ones again if there are not that many. */
unsigned int bench_cpu(unsigned int i)
{
	unsigned int cpu;

	i %= CPU_COUNT(&allowed);
	for (cpu = 0; i || !CPU_ISSET(cpu, &allowed); cpu++)
		i -= CPU_ISSET(cpu, &allowed);
	return cpu;
}

/* One CPU for all, so that both sides of a ratio see the same caches. */
static void stay_here(void)
{
	cpu_set_t cpus;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

int main(int argc, char **argv)
{
	const struct bench_row *row;
	unsigned int i;
	int arg;

	for (arg = 1; arg < argc; arg++) {
		if (!known(argv[arg]))
			return 2;
	}
	stay_here();
	pool_init();
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		for (row = groups[i]; row->name; row++) {
			if (wanted(row, argc, argv))
				run(row);
		}
	}
	return 0;
}

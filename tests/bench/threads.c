// SPDX-License-Identifier: GPL-2.0
/*
 * Rows for two threads in ranges of their own of one table: how much more they
 * get done than one does, and how much more bare loops do. Each has a CPU and
 * memory of its own.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>

#include "bench.h"

#define THREADS		2
#define TABLES		64
#define HOT_PAGES	2048
#define HOT_ROUNDS	64
#define MAP_SIZE	(64 * MIB)
#define MAP_ROUNDS	64
#define PTE		0x8000000000000063ULL

/**
 * struct thread - one of them
 * @cpu: where it runs
 * @va: where its range begins
 * @work: what it does
 * @start: when it began with it
 * @end: when it was done
 * @tables: its memory for tables
 * @pages: of its hot range, as numbers of pages from address 0
 */
struct thread {
	unsigned int	cpu;
	unsigned long	va;
	void		(*work)(struct thread *t);
	double		start;
	double		end;
	u64		*tables[TABLES];
	u32		pages[HOT_PAGES];
};

static struct thread threads[THREADS];
static pthread_barrier_t together;
static void hot_bare(struct thread *t)
{
	u64 *root = (u64 *)pgt->pgd;
	unsigned int i;

	for (i = 0; i < HOT_ROUNDS; i++) {
		limit_exchange_pages(root, t->pages, HOT_PAGES, PTE);
		limit_exchange_pages(root, t->pages, HOT_PAGES, 0);
	}
}

static void hot_verbs(struct thread *t)
{
	unsigned int i, k;

	for (i = 0; i < HOT_ROUNDS; i++) {
		for (k = 0; k < HOT_PAGES; k++)
			table_map(pgt, t->pages[k] * 4 * KIB, GIB, 4 * KIB);
		for (k = 0; k < HOT_PAGES; k++)
			table_unmap(pgt, t->pages[k] * 4 * KIB, 4 * KIB);
	}
}

static void map_bare(struct thread *t)
{
	unsigned int i;

	for (i = 0; i < MAP_ROUNDS; i++) {
		limit_map(bare, t->va, GIB + 4 * KIB, MAP_SIZE, 0);
		limit_unmap(bare, t->va, MAP_SIZE);
	}
}

/* Tables fill, empty and are freed. */
static void map_verbs(struct thread *t)
{
	unsigned int i;

	for (i = 0; i < MAP_ROUNDS; i++) {
		table_map(pgt, t->va, GIB + 4 * KIB, MAP_SIZE);
		table_unmap(pgt, t->va, MAP_SIZE);
	}
}

static void *run_one(void *arg)
{
	struct thread *t = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(t->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	pool_stack = t->tables;
	pool_free = TABLES;
	t->work(t);
	pthread_barrier_wait(&together);
	t->start = bench_now();
	t->work(t);
	t->end = bench_now();
	bench_check(pool_free == TABLES, "what a thread takes it gives back");
	return NULL;
}

/* Time until the last of @n threads has done its work. */
static double run_together(unsigned int n, void (*work)(struct thread *t))
{
	pthread_t ids[THREADS];
	double start, end;
	unsigned int i;

	pthread_barrier_init(&together, NULL, n);
	for (i = 0; i < n; i++) {
		threads[i].work = work;
		bench_check(!pthread_create(&ids[i], NULL, run_one,
					    &threads[i]), "threads start");
	}
	for (i = 0; i < n; i++)
		pthread_join(ids[i], NULL);
	pthread_barrier_destroy(&together);
	start = threads[0].start;
	end = threads[0].end;
	for (i = 1; i < n; i++) {
		start = min(start, threads[i].start);
		end = max(end, threads[i].end);
	}
	return end - start;
}

static double speedup(void (*work)(struct thread *t))
{
	double alone = run_together(1, work);

	return THREADS * alone / run_together(THREADS, work);
}

static void sample_hot(struct bench_sample *sample)
{
	sample->limit = speedup(hot_bare);
	sample->ns = speedup(hot_verbs);
}

static void sample_map(struct bench_sample *sample)
{
	sample->limit = speedup(map_bare);
	sample->ns = speedup(map_verbs);
}

/* The last page of each table stays mapped, so that the table does. */
static void begin(void)
{
	unsigned int i, k;

	table_begin_shared();
	for (i = 0; i < THREADS; i++) {
		struct thread *t = &threads[i];

		t->cpu = bench_cpu(i);
		t->va = (i + 1) * SLOT;
		for (k = 0; k < TABLES; k++)
			t->tables[k] = pool_pop();
		for (k = 0; k < HOT_PAGES; k++)
			t->pages[k] = i * 2 * HOT_PAGES + k + k / 511;
		for (k = 511; k < 2 * HOT_PAGES; k += 512)
			table_map(pgt, (i * 2 * HOT_PAGES + k) * 4 * KIB, GIB, 4 * KIB);
	}
}

static void end(void)
{
	unsigned int i, k;

	table_unmap(pgt, 0, THREADS * 2 * HOT_PAGES * 4 * KIB);
	table_end_empty();
	for (i = 0; i < THREADS; i++) {
		for (k = 0; k < TABLES; k++)
			pool_push(threads[i].tables[k]);
	}
}

const struct bench_row thread_rows[] = {
	{ "scale_hot", "times", 31, begin, sample_hot, end },
	{ "scale_map", "times", 31, begin, sample_map, end },
	{ }
};

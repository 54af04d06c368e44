// SPDX-License-Identifier: GPL-2.0
/*
 * What an allocation costs, by how much memory the machine has, and by how much
 * of it the pool has.
 *
 * All machines are alike but for their size, and so are their pools; they take
 * turns, so that whatever else the host does meets all of them. Blocks are
 * spread over all of a machine's memory.
 */
#include <stdio.h>
#include <stdlib.h>

#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/workqueue.h>

#include "sim.h"

#define ROUNDS		15
#define BATCH		1024
#define MAX_ORDER	(BLOCK_ORDER + 1)
/* A prime, so that it is odd to each machine's size. */
#define STRIDE		9999991UL

/**
 * struct subject - a machine, its pool, and what was measured
 * @machine: the machine
 * @pool: the pool
 * @held: pages that its users have and give back in turn, for each other
 * @n_held: how many
 * @ns: nanoseconds for an allocation of each order and its way back, by round
 * @fresh: the same for a page from a pool that is empty before
 */
struct subject {
	struct machine		*machine;
	struct direct_map_pool	*pool;
	struct page		**held;
	unsigned long		n_held;
	double			ns[MAX_ORDER][ROUNDS];
	double			fresh[ROUNDS];
};

static void *must(void *ptr)
{
	if (!ptr) {
		fprintf(stderr, "pool-sim: no memory\n");
		exit(1);
	}
	return ptr;
}

static struct page *get(struct subject *s, unsigned int order)
{
	return must(direct_map_pool_alloc(s->pool, order, GFP_KERNEL, 0));
}

/*
 * The pool has @n_blocks, of which every second page is in use: no order but the
 * first finds anything in them.
 */
static void fill(struct subject *s, unsigned long n_blocks)
{
	unsigned long i, n = n_blocks * BLOCK_PAGES;

	s->held = must(calloc(n, sizeof(*s->held)));
	for (i = 0; i < n; i++)
		s->held[i] = get(s, 0);
	for (i = 0; i < n; i += 2) {
		direct_map_pool_free(s->pool, s->held[i], 0);
		s->held[i / 2] = s->held[i + 1];
	}
	s->n_held = n / 2;
}

static struct subject *make_subject(unsigned long n_blocks,
				    unsigned long in_pool)
{
	const struct direct_map_pool_config config = {
		.name = "cost",
		.max_idle = ~0UL,
	};
	struct subject *s = must(calloc(1, sizeof(*s)));

	s->machine = machine_create(n_blocks, STRIDE);
	s->pool = direct_map_pool_create(&config);
	fill(s, in_pool);
	return s;
}

static void end_subject(struct subject *s)
{
	machine = s->machine;
	while (s->n_held)
		direct_map_pool_free(s->pool, s->held[--s->n_held], 0);
	if (direct_map_pool_destroy(s->pool) || machine->n_used ||
	    machine->errors)
		machine_error("is lost", 0);
	free(s->held);
	machine_destroy(s->machine);
	free(s);
}

/* Pages go back anywhere, and others are taken. */
static double time_order(struct subject *s, unsigned int order)
{
	static struct page *pages[4 * BATCH];
	unsigned int i, n = max(4 * BATCH >> order, 16);
	u64 start = sim_now();

	for (i = 0; i < n; i++)
		pages[i] = get(s, order);
	for (i = 0; i < n; i++)
		direct_map_pool_free(s->pool, pages[i], order);
	return (double)(sim_now() - start) / n;
}

/* All that is idle goes back to the page allocator, and is taken from there. */
static double time_fresh(struct subject *s)
{
	u64 start = sim_now();
	unsigned int i;
	static struct page *pages[BATCH];

	direct_map_pool_shrink(s->pool);
	for (i = 0; i < BATCH; i++)
		pages[i] = get(s, BLOCK_ORDER);
	for (i = 0; i < BATCH; i++)
		direct_map_pool_free(s->pool, pages[i], BLOCK_ORDER);
	direct_map_pool_shrink(s->pool);
	return (double)(sim_now() - start) / BATCH / BLOCK_PAGES;
}

static void measure(struct subject **subjects, unsigned int n,
		    unsigned int rounds)
{
	unsigned int round, i, order;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < n; i++) {
			machine = subjects[i]->machine;
			for (order = 0; order < MAX_ORDER; order++)
				subjects[i]->ns[order][round] =
					time_order(subjects[i], order);
			subjects[i]->fresh[round] = time_fresh(subjects[i]);
		}
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[n / 2];
}

static void print_subject(struct subject *s, unsigned long in_pool,
			  unsigned int rounds, bool last)
{
	unsigned int order;

	printf("{\"blocks\": %lu, \"pool\": %lu, \"fresh\": %.2f, \"ns\": [",
	       s->machine->n_blocks, in_pool, median(s->fresh, rounds));
	for (order = 0; order < MAX_ORDER; order++)
		printf("%s%.1f", order ? ", " : "",
		       median(s->ns[order], rounds));
	printf("]}%s\n", last ? "" : ",");
}

/* Machines of several sizes, or pools: one of the two is the same for all. */
static void compare(const char *name, const unsigned long *blocks,
		    const unsigned long *in_pool, unsigned int n,
		    unsigned int rounds)
{
	struct subject *subjects[8];
	unsigned int i;

	printf("\"%s\": [\n", name);
	for (i = 0; i < n; i++)
		subjects[i] = make_subject(blocks[i], in_pool[i]);
	measure(subjects, n, rounds);
	for (i = 0; i < n; i++) {
		print_subject(subjects[i], in_pool[i], rounds, i == n - 1);
		end_subject(subjects[i]);
	}
	printf("]");
}

void run_cost(bool quick)
{
	static const unsigned long sizes[] = { TIB, 4 * TIB, 16 * TIB, 64 * TIB };
	static const unsigned long same[] = { 512, 512, 512, 512 };
	static const unsigned long pools[] = { 8, 64, 512, 4096 };
	static const unsigned long large[] = { TIB, TIB, TIB, TIB };
	unsigned int rounds = quick ? 3 : ROUNDS;

	printf("{");
	compare("by_memory", sizes, same, ARRAY_SIZE(sizes), rounds);
	printf(",\n");
	compare("by_pool", large, pools, ARRAY_SIZE(pools), quick ? 1 : 7);
	printf("}\n");
}

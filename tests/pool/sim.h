/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the simulation share.
 */
#ifndef POOL_SIM_H
#define POOL_SIM_H

#include <time.h>

#include "machine.h"

/**
 * struct day_config - a day
 * @n_blocks: the machine's memory
 * @guest_blocks: what guests want of it at the peak
 * @unit: blocks of the smallest guest; the largest have 64 times as much
 * @piece: blocks that a guest gets at a time, of which two page by page
 * @minutes: how long the day is
 * @stock: guests' pages leave the direct map as on a stock kernel
 * @print: write samples and results as JSON
 */
struct day_config {
	unsigned long	n_blocks;
	unsigned long	guest_blocks;
	unsigned long	unit;
	unsigned int	piece;
	unsigned int	minutes;
	bool		stock;
	bool		print;
};

/* Return how many things were not as they must be. */
unsigned long run_day(const struct day_config *config);
unsigned long run_faults(void);
unsigned long run_hibernation(void);
unsigned long run_shortage(void);
unsigned long run_prepopulation(void);
unsigned long run_failures(void);
void run_cost(bool quick);

/*
 * What guests want does not depend on what becomes of it, so that it is the same
 * with a pool and on stock.
 */
enum sim_stream { PLAN, REST };

u64 sim_random(enum sim_stream stream);
void sim_seed(u64 seed);

/* Time of the CPU, so that it is not counted what else the host does. */
static inline u64 sim_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

#endif /* POOL_SIM_H */

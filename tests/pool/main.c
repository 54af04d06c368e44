// SPDX-License-Identifier: GPL-2.0
/*
 * The pool's own source on simulated machines.
 *
 * Usage: pool-sim check | cost | day <TiB> pool|stock
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define SEED		0x5eed5eed5eedUL

static u64 states[2];

void sim_seed(u64 seed)
{
	states[PLAN] = seed ?: 1;
	states[REST] = ~states[PLAN] ?: 1;
}

/* xorshift64*, by Vigna. */
u64 sim_random(enum sim_stream stream)
{
	u64 *state = &states[stream];

	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL;
}

/* A few hours on a small machine, for sanitizers. */
static unsigned long quick_day(bool stock)
{
	const struct day_config config = {
		.n_blocks = 6 * GIB,
		.guest_blocks = 3 * GIB,
		.unit = 4,
		.piece = 4,
		.minutes = 240,
		.stock = stock,
	};

	return run_day(&config);
}

static unsigned long check(void)
{
	unsigned long bad = quick_day(false);

	printf("%s a day of guests leaves the direct map as it was\n",
	       bad ? "FAIL" : "PASS");
	/* On stock it does not: what is measured can tell. */
	if (!quick_day(true)) {
		printf("FAIL a stock kernel would not\n");
		bad++;
	}
	bad += run_faults();
	bad += run_hibernation();
	bad += run_shortage();
	bad += run_prepopulation();
	bad += run_failures();
	return bad;
}

/* Guests want up to 512 GiB of 1 TiB, and up to 1 TiB of more. */
static void day(unsigned long tib, bool stock)
{
	const struct day_config config = {
		.n_blocks = tib * TIB,
		.guest_blocks = (tib > 1 ? 2 * TIB : TIB) / 2,
		.unit = GIB,
		.piece = 64,
		.minutes = 24 * 60,
		.stock = stock,
		.print = true,
	};

	run_day(&config);
}

int main(int argc, char **argv)
{
	const char *seed = getenv("SEED");

	setvbuf(stdout, NULL, _IOLBF, 0);
	sim_seed(seed ? strtoull(seed, NULL, 0) : SEED);
	if (argc == 2 && !strcmp(argv[1], "check"))
		return !!check();
	if (argc == 2 && !strcmp(argv[1], "cost"))
		run_cost(false);
	else if (argc == 2 && !strcmp(argv[1], "quick-cost"))
		run_cost(true);
	else if (argc == 4 && !strcmp(argv[1], "day"))
		day(strtoul(argv[2], NULL, 0), !strcmp(argv[3], "stock"));
	else
		return 2;
	return 0;
}

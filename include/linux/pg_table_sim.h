/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simulated physical memory for tables of any format, on the host and in
 * KUnit.
 */
#ifndef _LINUX_PG_TABLE_SIM_H
#define _LINUX_PG_TABLE_SIM_H

#include <linux/pg_table.h>

struct pg_table_sim;

/**
 * struct pg_table_sim_stats - what a simulated memory has seen
 * @used: tables in use now, in units of 4 KiB
 * @allocs: allocations asked for so far, failed ones included
 * @flushes: flushes so far
 * @last: the last gather that was flushed; its lists are not valid any more
 */
struct pg_table_sim_stats {
	unsigned long		used;
	unsigned long		allocs;
	unsigned long		flushes;
	struct pg_table_gather	last;
};

/**
 * struct pg_table_sim_cpu - what simulated CPUs can do that not all can
 * @svnapot: riscv64: 16 pages can be one item
 * @svpbmt: riscv64: leaves have a memory type
 * @bbml2: arm64: the size of a live leaf can be changed, FEAT_BBM level 2
 */
struct pg_table_sim_cpu {
	bool	svnapot;
	bool	svpbmt;
	bool	bbml2;
};

/* What all can do that tables are made for; changed only while there are none. */
extern struct pg_table_sim_cpu pg_table_sim_cpu;

const struct pg_table_format *pg_table_sim_format(unsigned int i);
struct pg_table_sim *pg_table_sim_create(size_t size);
void pg_table_sim_destroy(struct pg_table_sim *sim);
const struct pg_table_ops *pg_table_sim_ops(struct pg_table_sim *sim);
void pg_table_sim_fail(struct pg_table_sim *sim, unsigned long first,
		       unsigned long count);
void pg_table_sim_poison(struct pg_table_sim *sim, bool on);
void pg_table_sim_threads(struct pg_table_sim *sim);
void pg_table_sim_get_stats(struct pg_table_sim *sim,
			    struct pg_table_sim_stats *stats);
void *pg_table_sim_to_ptr(struct pg_table_sim *sim, phys_addr_t pa);

#endif /* _LINUX_PG_TABLE_SIM_H */

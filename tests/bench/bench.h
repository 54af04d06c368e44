/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Benchmarks of the host library against the physical limit: what the same
 * work costs in a bare loop, in the same process, memory and run.
 *
 *	bench.c		repetitions, medians, output
 *	pool.c		table memory that was touched before
 *	table.c		the table that a row is about, and its bare counterpart
 *	limits.c	the bare loops, and a decoder that checks raw tables
 *	ranges.c	rows for ranges: map, unmap, protect, split, collapse
 *	clones.c	rows for clones: share, copy, unshare
 *	sizes.c		rows for ranges of every size, and their memory
 *	pages.c		rows for single pages: hot, random, what is left
 *	threads.c	rows for several threads in one table
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/pg_table.h>

#define KIB	BIT(10)
#define MIB	BIT(20)
#define GIB	BIT(30)
#define SLOT	(512 * GIB)	/* what a root entry spans */
#define SLOTS	64

/* Memory of the tables of 262,144 random pages in 1 TiB, and some more. */
#define POOL_PAGES	(224UL * 1024)
#define RANDOM_PAGES	(256UL * 1024)

/**
 * struct bench_sample - one repetition
 * @ns: time of the subject, per operation
 * @limit: time of the bare loop, per operation; 0 if there is none
 */
struct bench_sample {
	double	ns;
	double	limit;
};

/**
 * struct bench_row - one row of the result
 * @name: as in the results
 * @unit: what @ns of a sample is the time of
 * @repeat: how many samples
 * @begin: makes what the repetitions need; may be NULL
 * @sample: one repetition
 * @end: undoes @begin, checks what is left; may be NULL
 */
struct bench_row {
	const char	*name;
	const char	*unit;
	unsigned int	repeat;
	void		(*begin)(void);
	void		(*sample)(struct bench_sample *sample);
	void		(*end)(void);
};

extern const struct bench_row range_rows[];
extern const struct bench_row clone_rows[];
extern const struct bench_row size_rows[];
extern const struct bench_row page_rows[];
extern const struct bench_row thread_rows[];

double bench_now(void);
unsigned int bench_cpu(unsigned int i);
void bench_give_up(const char *what);

/* Inlined, as what follows: it stands in loops that are timed. */
static inline void bench_check(bool good, const char *what)
{
	if (unlikely(!good))
		bench_give_up(what);
}

/* pool.c */
extern const struct pg_table_ops *const pool_ops;
/* The stack of the thread that runs. */
extern __thread u64 **pool_stack;
extern __thread unsigned long pool_free;

void pool_init(void);
unsigned long pool_used(void);

static inline u64 *pool_pop(void)
{
	return pool_stack[--pool_free];
}

static inline void pool_push(u64 *table)
{
	pool_stack[pool_free++] = table;
}

/* table.c */
extern struct pg_table *pgt;
extern u64 *bare;
extern pgprot_t prot;

struct pg_table *table_create(unsigned int flags);
void table_destroy(struct pg_table *table);
void table_begin(void);
void table_begin_shared(void);
void table_end(void);
void table_end_empty(void);

static inline void table_map(struct pg_table *table, unsigned long va, u64 pa,
			     size_t size)
{
	bench_check(!pg_table_map(table, va, pa, size, prot, GFP_KERNEL),
		    "pages can be mapped");
}

static inline void table_unmap(struct pg_table *table, unsigned long va,
			       size_t size)
{
	bench_check(!pg_table_unmap(table, va, size, GFP_KERNEL),
		    "pages can be unmapped");
}

/* limits.c */
void limit_map(u64 *root, unsigned long va, u64 pa, size_t size,
	       unsigned int level);
void limit_unmap(u64 *root, unsigned long va, size_t size);
void limit_protect(u64 *root, size_t size);
void limit_split(u64 *entry, u64 leaf);
void limit_collapse(u64 *entry);
void limit_copy(u64 *root, const u64 *from, unsigned long va);
void limit_read_pages(u64 *root, const u32 *pages, unsigned long count,
		      u64 pte);
void limit_store_pages(u64 *root, const u32 *pages, unsigned long count,
		       u64 pte);
void limit_exchange_pages(u64 *root, const u32 *pages, unsigned long count,
			  u64 pte);
unsigned long count_leaves(u64 *root, unsigned int level,
			   u64 offset);

#endif /* BENCH_H */

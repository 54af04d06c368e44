/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small test kit. Each test is a sentence about what the library does, and
 * runs for every format, on tables with one editor and with several. It runs
 * in a process of its own, which ends at the first check that fails.
 */
#ifndef _HOST_TEST_H
#define _HOST_TEST_H

#include <sys/types.h>

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/pg_table.h>

#include "decode.h"
#include "host_shim.h"

#define PAGES(n)	((n) * f->size[0])
#define FIX_MEMORY	(64UL << 20)
/* Pages of the memory that @n roots take. */
#define ROOTS(n)	((n) * max(entries_of(f->d, f->top) / 512, 1U))

/**
 * struct fix - what a test is given: an empty table on a memory of its own
 * @format: the format
 * @d: how to read it
 * @flags: how tables of this run are configured
 * @sim: the memory, FIX_MEMORY bytes of poison
 * @ops: its operations, which a test may replace
 * @pgt: the table
 * @size: bytes that an entry of each level spans
 * @sizes: at how many levels there are leaves; 3 if there are more
 * @huge: bytes that a leaf of the highest of them spans
 * @top: level of the root's entries
 * @base: an address where the second root entry begins
 * @small_root: the root has so few entries that @base is where the second entry
 *	of a table below it begins
 * @pa: a physical address, aligned for all leaves
 * @rw, @ro, @rx, @rwx: protections
 * @warnings: how many warnings the test expects
 * @kept: allocations that the library keeps for good
 */
struct fix {
	const struct pg_table_format	*format;
	const struct decoder		*d;
	unsigned int			flags;
	struct pg_table_sim		*sim;
	struct pg_table_ops		*ops;
	struct pg_table			*pgt;
	unsigned long			size[PG_TABLE_MAX_LEVELS];
	unsigned int			sizes;
	unsigned long			huge;
	unsigned int			top;
	unsigned long			base;
	bool				small_root;
	u64				pa;
	pgprot_t			rw, ro, rx, rwx;
	unsigned long			warnings;
	unsigned long			kept;
};

struct test {
	const char	*name;
	void		(*run)(struct fix *f);
	struct test	*next;
	pid_t		pid;
};

void test_register(struct test *test);

#define TEST(fn)							\
static void test_##fn(struct fix *f);					\
static __attribute__((constructor)) void register_##fn(void)		\
{									\
	static struct test test = { .name = #fn, .run = test_##fn };	\
									\
	test_register(&test);						\
}									\
static void test_##fn(struct fix *f)

__printf(1, 2) __noreturn void test_fail(const char *why, ...);

#define CHECK(condition) do {						\
	if (!(condition))						\
		test_fail("%s:%d: %s", __FILE__, __LINE__, #condition);	\
} while (0)

#define CHECK_EQ(a, b) do {						\
	long long __a = (long long)(a), __b = (long long)(b);		\
									\
	if (__a != __b)							\
		test_fail("%s:%d: %s is %#llx, not %#llx", __FILE__,	\
			  __LINE__, #a, __a, __b);			\
} while (0)

#define CHECK_OK(call)	CHECK_EQ(call, 0)

/**
 * struct snapshot - all that a call that fails must leave as it was
 * @list: what is mapped
 * @tables: tables that can be reached
 * @stats: the table's statistics
 * @used: pages of the memory in use
 * @flushes: flushes so far
 * @live: what the library holds of kmalloc()
 */
struct snapshot {
	struct mappings		list;
	unsigned long		tables;
	struct pg_table_stats	stats;
	unsigned long		used;
	unsigned long		flushes;
	unsigned long		live;
};

void snapshot_take(struct fix *f, struct pg_table *pgt, struct snapshot *s);
void snapshot_check(struct fix *f, struct pg_table *pgt, struct snapshot *s);

/* Checks that a call fails as it should, and changes nothing. */
#define CHECK_FAILS(error, call) do {					\
	struct snapshot __s;						\
									\
	snapshot_take(f, f->pgt, &__s);					\
	CHECK_EQ(call, error);						\
	snapshot_check(f, f->pgt, &__s);				\
} while (0)

/* Another table like f->pgt, on the same memory; with other @flags. */
struct pg_table *fix_table(struct fix *f, const char *name, unsigned int flags);
/* A table that is sound, and no source. */
void fix_destroy(struct pg_table *pgt);
void fix_replace(struct fix *f, const struct pg_table_config *config);

/* The leaf at @va; its level, or -1 where nothing is mapped. */
int leaf_at(struct pg_table *pgt, unsigned long va, struct pg_table_leaf *leaf);

/* Checks that [va, va + size) maps @pa on, with these flags. */
void check_maps(struct fix *f, struct pg_table *pgt, unsigned long va, u64 pa,
		size_t size, unsigned int flags);
/* Checks that nothing is mapped there. */
void check_empty(struct fix *f, struct pg_table *pgt, unsigned long va,
		 size_t size);

/* The slot that maps @va at @level, in the raw table. */
u64 *slot_of(struct fix *f, struct pg_table *pgt, unsigned long va,
	     unsigned int level);

/* Do CPUs of the format want break before make? */
bool wants_breaks(const struct fix *f);

unsigned long sim_used(struct fix *f);
struct pg_table_sim_stats sim_stats(struct fix *f);
unsigned long count_tables(struct fix *f, struct pg_table *pgt);

#endif /* _HOST_TEST_H */

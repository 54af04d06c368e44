/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the interface tests share: a table on simulated memory for each test,
 * and for each test one run per format, with and without PG_TABLE_EXCLUSIVE.
 *
 * The tests see the library through its public headers only, so that they run
 * in the kernel and, with a stand-in for <kunit/test.h>, as host programs.
 */
#ifndef _PG_TABLE_TESTS_FIXTURE_H
#define _PG_TABLE_TESTS_FIXTURE_H

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/pg_table.h>
#include <linux/pg_table_sim.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * struct pg_table_fixture - what each test starts from
 * @sim: the memory
 * @format: the format
 * @flags: of the configuration
 * @pgt: an empty table
 * @page: size of a leaf of level 0
 * @large: size of a leaf of level 1
 * @huge: size of a leaf of level 2, or of level 1 if there are none of level 2
 * @huge_level: its level
 * @root_span: bytes that an entry of the root spans
 * @root_pages: 4 KiB pages of the memory that a root takes
 * @small_root: there are too few of them, so @root_span is that of an entry of
 *	the level below
 * @va: an address that is aligned to all of them
 * @pa: a physical address that is aligned to @huge
 * @rw: writable
 * @ro: not writable
 * @rx: executable
 * @rwx: writable and executable
 */
struct pg_table_fixture {
	struct pg_table_sim		*sim;
	const struct pg_table_format	*format;
	unsigned int			flags;
	struct pg_table			*pgt;
	size_t				page;
	size_t				large;
	size_t				huge;
	unsigned int			huge_level;
	size_t				root_span;
	unsigned long			root_pages;
	bool				small_root;
	unsigned long			va;
	phys_addr_t			pa;
	pgprot_t			rw;
	pgprot_t			ro;
	pgprot_t			rx;
	pgprot_t			rwx;
};

/**
 * struct pg_table_snapshot - all that a failed call must not change
 * @stats: what the table consists of
 * @used: tables in the memory
 * @digest: of every leaf and of every table's counts
 */
struct pg_table_snapshot {
	struct pg_table_stats	stats;
	unsigned long		used;
	u64			digest;
};

int pg_table_fixture_init(struct kunit *test);
void pg_table_fixture_exit(struct kunit *test);
const void *pg_table_variant_gen_params(const void *prev, char *desc);

struct pg_table *pg_table_fixture_create(struct kunit *test,
					 unsigned int flags);
void pg_table_fixture_map(struct kunit *test, unsigned long va,
			  phys_addr_t pa, size_t size);
unsigned long pg_table_fixture_used(struct kunit *test);
unsigned long pg_table_fixture_flushes(struct kunit *test);

void pg_table_snapshot_take(struct kunit *test, struct pg_table *pgt,
			    struct pg_table_snapshot *snapshot);
void pg_table_expect_unchanged(struct kunit *test, struct pg_table *pgt,
			       const struct pg_table_snapshot *before);
void pg_table_expect_mapped(struct kunit *test, struct pg_table *pgt,
			    unsigned long va, phys_addr_t pa, size_t size,
			    pgprot_t prot, unsigned int level);
void pg_table_expect_hole(struct kunit *test, struct pg_table *pgt,
			  unsigned long va, size_t size);
void pg_table_expect_flushed(struct kunit *test, unsigned long va,
			     size_t size);

/* A test that runs once per variant. */
#define PG_TABLE_CASE(name) \
	KUNIT_CASE_PARAM(name, pg_table_variant_gen_params)

#endif /* _PG_TABLE_TESTS_FIXTURE_H */

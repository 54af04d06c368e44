// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation of every verb fails, once and for good: each time the
 * tables, the statistics and the memory stay what they were, and CPUs get where
 * they got before.
 */
#include <execinfo.h>
#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <string.h>

#include "mmu.h"
#include "test.h"

#define FOR_GOOD	(~0UL)
#define FRAMES		24
#define SITES		64
#define PLACES		7

/**
 * struct scenario - a call that allocates
 * @name: of the call
 * @setup: what comes before it; may be NULL
 * @act: the call
 */
struct scenario {
	const char	*name;
	void		(*setup)(struct fix *f);
	int		(*act)(struct fix *f, gfp_t gfp);
};

/* A second table, which some calls edit. */
static struct pg_table *other;
static struct pg_table embedded;
static struct pg_table_ops real;
static struct mmu *mmu;

static struct site {
	char		name[64];
	unsigned long	hits;
} sites[SITES];

/* Functions that say nothing about what the memory was wanted for. */
static bool is_helper(const char *name)
{
	static const char *const helpers[] = {
		"note_failure", "failing_alloc", "host_alloc", "backtrace",
		"pg_table_page_alloc", "pg_table_txn_alloc",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		if (strstr(name, helpers[i]))
			return true;
	}
	return false;
}

/* Count the failure for the function that asked for memory. */
static void note_failure(void)
{
	void *frames[FRAMES];
	int i, n = backtrace(frames, FRAMES);
	char name[64] = "";
	struct site *site;

	for (i = 0; i < n; i++) {
		__sanitizer_symbolize_pc((char *)frames[i] - 1, "%f", name,
					 sizeof(name));
		if (!is_helper(name))
			break;
	}
	for (site = sites; site->hits && strcmp(site->name, name); site++)
		;
	memcpy(site->name, name, sizeof(name));
	site->hits++;
}

static void *failing_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	void *table = real.alloc(pgt, size, gfp);

	if (!table)
		note_failure();
	return table;
}

static unsigned long edge(struct fix *f)
{
	return 2 * f->base - f->size[1] - PAGES(1);
}

static int map_page(struct fix *f, gfp_t gfp)
{
	return pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw, gfp);
}

/* Ragged at both ends, across root entries, with leaves of all sizes. */
static int map_ragged(struct fix *f, gfp_t gfp)
{
	return pg_table_map(f->pgt, edge(f), f->pa - f->size[1] - PAGES(1),
			    f->huge + 2 * f->size[1] + PAGES(2), f->rw,
			    gfp);
}

static void some_pages(struct fix *f)
{
	CHECK_OK(pg_table_map(f->pgt, edge(f) - PAGES(2), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
}

static void large_leaves(struct fix *f)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 2 * f->huge, f->rw,
			      GFP_KERNEL));
}

static int unmap_parts(struct fix *f, gfp_t gfp)
{
	return pg_table_unmap(f->pgt, f->base + PAGES(1),
			      2 * f->huge - PAGES(2), gfp);
}

static int protect_parts(struct fix *f, gfp_t gfp)
{
	return pg_table_protect(f->pgt, f->base + PAGES(1),
				2 * f->huge - PAGES(2), f->ro,
				PG_TABLE_PROT_ALL, gfp);
}

static int split_parts(struct fix *f, gfp_t gfp)
{
	return pg_table_split(f->pgt, f->base + f->huge - f->size[1],
			      2 * f->size[1], 0, gfp);
}

static int unmap_gathered(struct fix *f, gfp_t gfp)
{
	struct pg_table_gather gather;
	int ret;

	pg_table_gather_init(&gather, f->pgt);
	ret = pg_table_unmap_gather(f->pgt, f->base + PAGES(1), PAGES(1), gfp,
				    &gather);
	CHECK(!ret || (!gather.freed && gather.first > gather.last));
	pg_table_gather_flush(&gather);
	return ret;
}

static int protect_gathered(struct fix *f, gfp_t gfp)
{
	struct pg_table_gather gather;
	int ret;

	pg_table_gather_init(&gather, f->pgt);
	ret = pg_table_protect_gather(f->pgt, f->base + PAGES(1), PAGES(1),
				      f->ro, PG_TABLE_PROT_ALL, gfp, &gather);
	CHECK(!ret || (!gather.freed && gather.first > gather.last));
	pg_table_gather_flush(&gather);
	return ret;
}

static int split_gathered(struct fix *f, gfp_t gfp)
{
	struct pg_table_gather gather;
	int ret;

	pg_table_gather_init(&gather, f->pgt);
	ret = pg_table_split_gather(f->pgt, f->base + PAGES(1), PAGES(1), 0,
				    gfp, &gather);
	CHECK(!ret || (!gather.freed && gather.first > gather.last));
	pg_table_gather_flush(&gather);
	return ret;
}

static int reserve_range(struct fix *f, gfp_t gfp)
{
	return pg_table_reserve(f->pgt, edge(f) - f->size[1],
				3 * f->size[1] + PAGES(3), 0, gfp);
}

static int reserve_upper(struct fix *f, gfp_t gfp)
{
	return pg_table_reserve(f->pgt, edge(f), f->huge, f->top - 1, gfp);
}

static void a_source(struct fix *f)
{
	other = f->pgt;
	CHECK_OK(pg_table_map(other, edge(f), f->pa + PAGES(1),
			      4 * f->size[1], f->rw, GFP_KERNEL));
	f->pgt = fix_table(f, "clone", f->flags);
}

static void a_source_and_some_pages(struct fix *f)
{
	a_source(f);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, edge(f) - PAGES(2), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
}

static int share_parts(struct fix *f, gfp_t gfp)
{
	return pg_table_clone(f->pgt, other, edge(f) + PAGES(2),
			      4 * f->size[1] - PAGES(5), PG_TABLE_SHARE, gfp);
}

static void a_shared_clone(struct fix *f)
{
	a_source(f);
	CHECK_OK(pg_table_clone(f->pgt, other, f->base, 2 * f->base,
				PG_TABLE_SHARE, GFP_KERNEL));
}

static int map_in_clone(struct fix *f, gfp_t gfp)
{
	return pg_table_map(f->pgt, edge(f) - PAGES(2), f->pa, PAGES(2), f->rw,
			    gfp);
}

static int protect_in_clone(struct fix *f, gfp_t gfp)
{
	return pg_table_protect(f->pgt, edge(f) + PAGES(1),
				2 * f->size[1], f->ro, PG_TABLE_PROT_ALL, gfp);
}

static int unmap_in_clone(struct fix *f, gfp_t gfp)
{
	return pg_table_unmap(f->pgt, edge(f) + PAGES(1), 2 * f->size[1], gfp);
}

static int reserve_in_clone(struct fix *f, gfp_t gfp)
{
	return pg_table_reserve(f->pgt, edge(f), PAGES(1), 0, gfp);
}

static void larger_leaves_of_a_source(struct fix *f)
{
	large_leaves(f);
	other = f->pgt;
	f->pgt = fix_table(f, "copy", f->flags);
}

static int copy_parts(struct fix *f, gfp_t gfp)
{
	return pg_table_clone(f->pgt, other, f->base + PAGES(1),
			      2 * f->size[2] - PAGES(2), PG_TABLE_COPY, gfp);
}

static int copy_pages(struct fix *f, gfp_t gfp)
{
	return pg_table_clone(f->pgt, other, edge(f) + PAGES(2),
			      4 * f->size[1] - PAGES(5), PG_TABLE_COPY, gfp);
}

static int replace_parts(struct fix *f, gfp_t gfp)
{
	return pg_table_clone(f->pgt, other, edge(f) - PAGES(1),
			      4 * f->size[1] - PAGES(2),
			      PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE, gfp);
}

static void a_source_and_a_large_leaf(struct fix *f)
{
	a_source(f);
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa, f->size[2], f->rw,
			      GFP_KERNEL));
}

static int follow_root(struct fix *f, gfp_t gfp)
{
	return pg_table_clone(f->pgt, other, 2 * f->base, f->base,
			      f->small_root ? PG_TABLE_SHARE : PG_TABLE_FOLLOW,
			      gfp);
}

static int follow_parts(struct fix *f, gfp_t gfp)
{
	return pg_table_clone(f->pgt, other, edge(f) + PAGES(2),
			      f->base - PAGES(3), PG_TABLE_FOLLOW, gfp);
}

static void a_follower(struct fix *f)
{
	a_source(f);
	CHECK_OK(follow_root(f, GFP_KERNEL));
	CHECK_OK(pg_table_clone(f->pgt, other, f->base, f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL));
}

static int make_hole(struct fix *f, gfp_t gfp)
{
	return pg_table_unmap(f->pgt, edge(f) + PAGES(2) - f->size[1],
			      2 * f->size[1] - PAGES(4), gfp);
}

static void a_large_hole(struct fix *f)
{
	a_follower(f);
	CHECK_OK(pg_table_unmap(f->pgt, 2 * f->base - 2 * f->size[1],
				2 * f->size[1], GFP_KERNEL));
}

static int fill_hole(struct fix *f, gfp_t gfp)
{
	return pg_table_clone(f->pgt, other, 2 * f->base - PAGES(9), PAGES(3),
			      PG_TABLE_FOLLOW, gfp);
}

static int create(struct fix *f, gfp_t gfp)
{
	const struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
	};

	other = pg_table_create(&config);
	return PTR_ERR_OR_ZERO(other);
}

static int init(struct fix *f, gfp_t gfp)
{
	const struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
	};
	int ret = pg_table_init(&embedded, &config);

	if (!ret)
		other = &embedded;
	return ret;
}

static const struct scenario scenarios[] = {
	{ "map of a page", NULL, map_page },
	{ "map of a ragged range", NULL, map_ragged },
	{ "map of a ragged range beside others", some_pages, map_ragged },
	{ "unmap of parts of leaves", large_leaves, unmap_parts },
	{ "unmap of a page, gathered", large_leaves, unmap_gathered },
	{ "protect of parts of leaves", large_leaves, protect_parts },
	{ "protect of a page, gathered", large_leaves, protect_gathered },
	{ "split of parts of leaves", large_leaves, split_parts },
	{ "split of a page, gathered", large_leaves, split_gathered },
	{ "reserve", NULL, reserve_range },
	{ "reserve beside others", some_pages, reserve_range },
	{ "reserve of upper tables", NULL, reserve_upper },
	{ "clone of a ragged range", a_source, share_parts },
	{ "clone beside others", a_source_and_some_pages, share_parts },
	{ "clone that follows", a_source, follow_root },
	{ "clone that follows to inside of tables", a_source, follow_parts },
	{ "hole in what follows", a_follower, make_hole },
	{ "filling of a part of a hole", a_large_hole, fill_hole },
	{ "clone in the place of others", a_source_and_some_pages,
	  replace_parts },
	{ "clone in the place of a part of a leaf", a_source_and_a_large_leaf,
	  replace_parts },
	{ "map in a clone", a_shared_clone, map_in_clone },
	{ "protect in a clone", a_shared_clone, protect_in_clone },
	{ "unmap in a clone", a_shared_clone, unmap_in_clone },
	{ "reserve in a clone", a_shared_clone, reserve_in_clone },
	{ "copy of parts of leaves", larger_leaves_of_a_source, copy_parts },
	{ "copy beside others", a_source_and_some_pages, copy_pages },
	{ "create", NULL, create },
	{ "init", NULL, init },
};

/**
 * struct places - where CPUs get at addresses that matter here
 * @pa: for each CPU and address, 0 for a fault
 */
struct places {
	u64	pa[MMU_CPUS][PLACES];
};

static struct places find_places(struct fix *f)
{
	const unsigned long va[PLACES] = {
		edge(f) - PAGES(2), edge(f), edge(f) + PAGES(2), f->base,
		f->base + PAGES(1), f->base + f->huge, 2 * f->base,
	};
	struct places at = { };
	struct mmu_result got;
	unsigned int cpu, i;

	for (cpu = 0; cpu < MMU_CPUS; cpu++) {
		for (i = 0; i < PLACES; i++) {
			if (mmu_access(mmu, cpu, va[i], PG_TABLE_READ, &got))
				at.pa[cpu][i] = got.pa;
		}
	}
	return at;
}

/* Two CPUs on each table. */
static void load(struct fix *f)
{
	unsigned int cpu;

	for (cpu = 0; cpu < MMU_CPUS; cpu++)
		mmu_load(mmu, cpu, cpu & 1 && other ? other : f->pgt);
}

static void unload(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < MMU_CPUS; cpu++)
		mmu_load(mmu, cpu, NULL);
}

/* Back to one empty table. */
static void clean(struct fix *f)
{
	unload();
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_destroy(f->pgt));
	if (other && other == &embedded)
		CHECK_OK(pg_table_fini(other));
	else if (!IS_ERR_OR_NULL(other))
		CHECK_OK(pg_table_destroy(other));
	other = NULL;
	CHECK_EQ(sim_used(f), 0);
	f->pgt = fix_table(f, "test", f->flags);
}

/**
 * struct attempt - how to let a scenario fail
 * @s: the scenario
 * @gfp: how it may allocate
 * @tables: fail tables, not kmalloc()
 * @nth: which allocation fails first
 * @count: how many in a row
 */
struct attempt {
	const struct scenario	*s;
	gfp_t			gfp;
	bool			tables;
	unsigned long		nth;
	unsigned long		count;
};

/* Does it replace a table, which not all CPUs can see happen? */
static bool swaps(struct fix *f, const struct scenario *s)
{
	return wants_breaks(f) && (s->act == replace_parts ||
				   s->setup == a_shared_clone ||
				   s->setup == a_follower ||
				   s->setup == a_large_hole);
}

/* Returns what the call did; if it failed, nothing changed. */
static int try_once(struct fix *f, const struct attempt *a)
{
	struct snapshot before, source;
	struct places at, at_before;
	struct pg_table *src = NULL;
	int ret;

	if (a->s->setup)
		a->s->setup(f);
	src = other;
	load(f);
	at_before = find_places(f);
	if (swaps(f, a->s))
		unload();
	snapshot_take(f, f->pgt, &before);
	if (src)
		snapshot_take(f, src, &source);
	if (a->tables)
		pg_table_sim_fail(f->sim, a->nth, a->count);
	else
		host_fail_alloc(a->nth, a->count, note_failure);
	ret = a->s->act(f, a->gfp);
	pg_table_sim_fail(f->sim, 0, 0);
	host_fail_alloc(0, 0, NULL);
	mmu_check(mmu);
	if (ret) {
		CHECK_EQ(ret, -ENOMEM);
		if (swaps(f, a->s))
			load(f);
		at = find_places(f);
		CHECK(!memcmp(&at, &at_before, sizeof(at)));
		snapshot_check(f, f->pgt, &before);
		if (src)
			snapshot_check(f, src, &source);
	} else {
		mappings_free(&before.list);
		if (src)
			mappings_free(&source.list);
	}
	clean(f);
	return ret;
}

/* How many allocations the scenario needs. */
static unsigned long count_allocs(struct fix *f, struct attempt *a)
{
	struct host_shim_stats shim, shim_before;
	unsigned long n;

	if (a->s->setup)
		a->s->setup(f);
	n = sim_stats(f).allocs;
	host_get_stats(&shim_before);
	CHECK_OK(a->s->act(f, a->gfp));
	n = sim_stats(f).allocs - n;
	host_get_stats(&shim);
	clean(f);
	return a->tables ? n : shim.allocs - shim_before.allocs;
}

/*
 * A single failure need not be the end: a table that could not be had under
 * the lock is asked for once more outside, if the caller may sleep.
 */
static unsigned long fail_all(struct fix *f, const struct scenario *s,
			      gfp_t gfp, bool tables)
{
	struct attempt a = { .s = s, .gfp = gfp, .tables = tables };
	unsigned long n = count_allocs(f, &a);
	bool retries = tables && gfp == GFP_KERNEL &&
		       s->act != create && s->act != init;

	for (a.nth = 1; a.nth <= n; a.nth++) {
		a.count = 1;
		CHECK(retries || try_once(f, &a) == -ENOMEM);
		if (retries)
			try_once(f, &a);
		a.count = 2;
		try_once(f, &a);
		a.count = FOR_GOOD;
		CHECK_EQ(try_once(f, &a), -ENOMEM);
	}
	a.count = FOR_GOOD;
	CHECK_OK(try_once(f, &a));
	return n;
}

static void print_sites(void)
{
	struct site *site;

	for (site = sites; site->hits; site++)
		printf("    %-30s failed %4lu times\n", site->name, site->hits);
}

static void check_site(const char *name)
{
	struct site *site;

	for (site = sites; site->hits; site++) {
		if (strstr(site->name, name))
			return;
	}
	test_fail("no allocation failed in %s", name);
}

TEST(every_allocation_of_every_verb_fails_and_nothing_changes)
{
	static const char *const all[] = {
		"pg_table_create", "pg_table_init", "pg_table_alloc_root",
		"pg_table_clone", "pg_table_txn_retry", "pt_map_build",
		"pt_split_leaf", "pt_clone_build", "pt_copy_build",
		"pt_copy_table", "pt_hole_build",
		"pt_reserve_build",
	};
	unsigned long total = 0;
	unsigned int i;

	mmu = mmu_create(f->sim, f->d, FIX_MEMORY, 1);
	real = *f->ops;
	f->ops->alloc = failing_alloc;
	for (i = 0; i < ARRAY_SIZE(scenarios); i++) {
		const struct scenario *s = &scenarios[i];
		unsigned long tables = fail_all(f, s, GFP_KERNEL, true);
		unsigned long kmallocs = fail_all(f, s, GFP_KERNEL, false);

		CHECK_EQ(fail_all(f, s, GFP_ATOMIC, true), tables);
		total += tables + kmallocs;
	}
	printf("  %zu calls, %s%s, with %lu allocations:\n",
	       ARRAY_SIZE(scenarios), f->d->name,
	       f->flags & PG_TABLE_EXCLUSIVE ? ", exclusive" : "", total);
	print_sites();
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (!(f->flags & PG_TABLE_EXCLUSIVE) ||
		    strcmp(all[i], "pg_table_txn_retry"))
			check_site(all[i]);
	}
	memset(sites, 0, sizeof(sites));
	*f->ops = real;
	mmu_destroy(mmu);
}

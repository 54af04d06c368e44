// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated MMU itself: it does what an MMU may do, and finds each kind of
 * wrong use, which the library is made to do here.
 */
#include <string.h>

#include "mmu.h"
#include "test.h"
#include "watch.h"

#define TRIES	200

/**
 * struct defect - how the library is made to flush wrongly
 * @lost: not at all
 * @no_tables: not the walks
 * @levels: as if leaves of these levels were changed; 0 for what was said
 * @size: no more than so many bytes; 0 for all
 * @skip: not in this table
 */
static struct defect {
	bool			lost;
	bool			no_tables;
	unsigned int		levels;
	size_t			size;
	const struct pg_table	*skip;
} defect;

static struct pg_table_ops right;
static unsigned int found[MMU_FAULTS];

static void count(void *arg, enum mmu_fault fault, const char *text)
{
	found[fault]++;
}

static void flush_wrongly(struct pg_table *pgt,
			  const struct pg_table_gather *gather)
{
	struct pg_table_gather less = *gather;

	if (defect.lost || defect.skip == pgt)
		return;
	if (defect.no_tables)
		less.tables = false;
	if (defect.levels)
		less.levels = defect.levels;
	if (defect.size)
		less.last = less.first + (defect.size - 1);
	right.flush(pgt, &less);
}

static struct mmu *begin(struct fix *f)
{
	struct mmu *mmu = mmu_create(f->sim, f->d, FIX_MEMORY, 1);
	unsigned int i;

	mmu->report = count;
	mmu->breaks = TLB_NO_BREAKS;
	memset(found, 0, sizeof(found));
	defect = (struct defect){ };
	right = *f->ops;
	f->ops->flush = flush_wrongly;
	for (i = 0; i < MMU_CPUS; i++)
		mmu_load(mmu, i, f->pgt);
	return mmu;
}

/* Was only @fault found? Then forget it. */
static bool only(enum mmu_fault fault)
{
	unsigned int i;
	bool yes = found[fault];

	for (i = 0; i < MMU_FAULTS; i++)
		yes &= i == fault || !found[i];
	memset(found, 0, sizeof(found));
	return yes;
}

static bool nothing_found(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < MMU_FAULTS; i++)
		n += found[i];
	return !n;
}

static void end(struct mmu *mmu)
{
	mmu_check(mmu);
	CHECK(nothing_found());
	mmu_destroy(mmu);
	CHECK(nothing_found());
}

static void map(struct fix *f, struct pg_table *pgt, unsigned long va, u64 pa,
		size_t size, pgprot_t prot)
{
	CHECK_OK(pg_table_map(pgt, va, pa, size, prot, GFP_KERNEL));
}

static bool reads(struct mmu *mmu, unsigned int cpu, unsigned long va, u64 pa)
{
	struct mmu_result result;

	return mmu_access(mmu, cpu, va, PG_TABLE_READ, &result) &&
	       result.pa == pa;
}

static bool may(struct mmu *mmu, unsigned long va, unsigned int wants)
{
	return mmu_access(mmu, 0, va, wants, NULL);
}

/* Have all CPUs hold it, whole and in parts. */
static void use(struct fix *f, struct mmu *mmu, unsigned long va, size_t size)
{
	unsigned long step = size / 64 & ~(PAGES(1) - 1), at;

	for (at = va; at - va < size; at += step ?: PAGES(1)) {
		mmu_prefetch_all(mmu, at);
		mmu_prefetch_all(mmu, va);
	}
}

/* Another table that maps the same range in another way. */
static struct pg_table *twin_of(struct fix *f, unsigned long va, u64 pa,
				size_t size, pgprot_t prot,
				unsigned int leaf_sizes)
{
	const struct pg_table_config config = {
		.name = "twin",
		.format = f->format,
		.ops = f->ops,
		.leaf_sizes = leaf_sizes,
	};
	struct pg_table *twin = pg_table_create(&config);

	CHECK(!IS_ERR(twin));
	map(f, twin, va, pa, size, prot);
	return twin;
}

/* Store the twin's entry in the table, by hand; returns what was there. */
static u64 steal(struct fix *f, struct mmu *mmu, struct pg_table *twin,
		 unsigned long va, unsigned int level)
{
	u64 *slot = mmu_find(mmu, f->pgt, va, level), old = *slot;

	*slot = *mmu_find(mmu, twin, va, level);
	return old;
}

static u64 empty(struct fix *f, unsigned int level)
{
	return raw_entry(f->d, 0, level);
}

TEST(a_cpu_translates_by_what_it_remembers_until_it_is_flushed)
{
	struct mmu *mmu = begin(f);
	u64 *slot, old;

	map(f, f->pgt, f->base, f->pa, PAGES(2), f->rw);
	CHECK(reads(mmu, 1, f->base + 5, f->pa + 5));
	slot = mmu_find(mmu, f->pgt, f->base, 0);
	old = *slot;
	*slot = empty(f, 0);
	CHECK(reads(mmu, 1, f->base, f->pa));
	CHECK(!reads(mmu, 0, f->base, f->pa));
	*slot = old;
	CHECK(reads(mmu, 0, f->base, f->pa));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK(!reads(mmu, 1, f->base, f->pa));
	end(mmu);
}

TEST(a_cpu_never_remembers_what_is_not_present)
{
	struct mmu *mmu = begin(f);

	use(f, mmu, f->base, PAGES(2));
	CHECK(!reads(mmu, 0, f->base, f->pa));
	map(f, f->pgt, f->base + PAGES(1), f->pa, PAGES(1), f->rw);
	use(f, mmu, f->base, PAGES(2));
	map(f, f->pgt, f->base, f->pa, PAGES(1), f->rw);
	CHECK(reads(mmu, 0, f->base, f->pa));
	CHECK(!reads(mmu, 0, 1UL << 62, 0));
	end(mmu);
}

TEST(a_cpu_grants_what_the_leaf_grants)
{
	const unsigned int user = PG_TABLE_READ | PG_TABLE_USER;
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, f->size[1], f->rw);
	map(f, f->pgt, 2 * f->base, f->pa, PAGES(1), f->rx);
	map(f, f->pgt, 3 * f->base, f->pa, PAGES(1),
	    pg_table_prot(f->format, user));
	CHECK(may(mmu, f->base, PG_TABLE_WRITE));
	CHECK(!may(mmu, f->base, PG_TABLE_EXEC));
	CHECK(!may(mmu, f->base, user));
	CHECK(may(mmu, 2 * f->base, PG_TABLE_EXEC));
	CHECK(!may(mmu, 2 * f->base, PG_TABLE_WRITE));
	CHECK(may(mmu, 3 * f->base, user));
	CHECK(!may(mmu, 3 * f->base, user | PG_TABLE_WRITE));
	CHECK(reads(mmu, 0, f->base + f->size[1] - 3,
		    f->pa + f->size[1] - 3));
	end(mmu);
}

TEST(a_cpu_keeps_what_it_knows_of_a_table_while_another_is_loaded)
{
	struct mmu *mmu = begin(f);
	struct pg_table *twin = twin_of(f, f->base, f->pa + PAGES(5), PAGES(1),
					f->rw, 0);
	u64 *slot, old;

	map(f, f->pgt, f->base, f->pa, PAGES(1), f->rw);
	CHECK(reads(mmu, 0, f->base, f->pa));
	mmu_load(mmu, 0, twin);
	CHECK(reads(mmu, 0, f->base, f->pa + PAGES(5)));
	CHECK_EQ(pg_table_destroy(twin), -EBUSY);
	slot = mmu_find(mmu, f->pgt, f->base, 0);
	old = *slot;
	*slot = empty(f, 0);
	mmu_load(mmu, 0, f->pgt);
	CHECK(reads(mmu, 0, f->base, f->pa));
	*slot = old;
	CHECK_OK(pg_table_destroy(twin));
	end(mmu);
}

TEST(global_translations_outlive_a_switch_of_tables)
{
	const pgprot_t global = pg_table_prot(f->format, PG_TABLE_READ |
					      PG_TABLE_GLOBAL);
	struct pg_table *other = fix_table(f, "other", f->flags);
	struct mmu *mmu = begin(f);
	struct mmu_result result;

	map(f, f->pgt, f->base, f->pa, PAGES(1), f->ro);
	map(f, f->pgt, 2 * f->base, f->pa, PAGES(1), global);
	CHECK(reads(mmu, 0, f->base, f->pa));
	CHECK(reads(mmu, 0, 2 * f->base, f->pa));
	mmu_load(mmu, 0, other);
	CHECK(!reads(mmu, 0, f->base, f->pa));
	if (pg_table_prot_flags(f->format, global) & PG_TABLE_GLOBAL) {
		CHECK(mmu_access(mmu, 0, 2 * f->base, PG_TABLE_READ, &result));
		CHECK(result.pgt == f->pgt && result.pa == f->pa);
	}
	CHECK_OK(pg_table_unmap(f->pgt, 2 * f->base, PAGES(1), 0));
	CHECK(!reads(mmu, 0, 2 * f->base, f->pa));
	mmu_load(mmu, 0, NULL);
	CHECK_OK(pg_table_destroy(other));
	end(mmu);
}

TEST(a_walk_goes_on_from_a_table_that_the_cpu_remembers)
{
	struct mmu *mmu = begin(f);
	const u64 pa = f->pa + PAGES(1);
	unsigned int i, hits = 0;
	u64 *slot, old;

	/* No runs, of which one translation would do for many pages. */
	map(f, f->pgt, f->base, pa, PAGES(64), f->rw);
	CHECK(reads(mmu, 0, f->base, pa));
	slot = mmu_find(mmu, f->pgt, f->base, 1);
	old = *slot;
	*slot = empty(f, 1);
	for (i = 1; i < 64; i++)
		hits += reads(mmu, 0, f->base + PAGES(i), pa + PAGES(i));
	CHECK(hits && hits < 63);
	mmu_check(mmu);
	CHECK(only(MMU_STALE));
	*slot = old;
	end(mmu);
}

TEST(a_cpu_forgets_by_itself_only_if_asked_to)
{
	struct mmu *mmu = begin(f);
	unsigned int i;
	u64 *slot, old;

	map(f, f->pgt, f->base, f->pa, PAGES(1), f->rw);
	CHECK(reads(mmu, 0, f->base, f->pa));
	slot = mmu_find(mmu, f->pgt, f->base, 0);
	old = *slot;
	*slot = empty(f, 0);
	for (i = 0; i < TRIES; i++)
		CHECK(reads(mmu, 0, f->base, f->pa));
	mmu->evict = 50;
	while (reads(mmu, 0, f->base, f->pa))
		;
	*slot = old;
	end(mmu);
}

TEST(accesses_are_recorded_in_the_leaf)
{
	const unsigned int both = MAPPING_ACCESSED | MAPPING_DIRTY;
	struct mmu *mmu = begin(f);
	struct mmu_result result;

	map(f, f->pgt, f->base, f->pa, f->size[1], f->rw);
	CHECK(mmu_access(mmu, 0, f->base, PG_TABLE_WRITE, &result));
	CHECK_EQ(result.flags & both, both);
	if (f->d->age) {
		mmu_age(mmu, f->pgt, f->base);
		check_maps(f, f->pgt, f->base, f->pa, f->size[1],
			   PG_TABLE_READ | PG_TABLE_WRITE);
		CHECK(mmu_access(mmu, 0, f->base, PG_TABLE_READ, &result));
		CHECK_EQ(result.flags & both, MAPPING_ACCESSED);
		CHECK(mmu_access(mmu, 0, f->base, PG_TABLE_WRITE, &result));
		CHECK_EQ(result.flags & both, both);
		CHECK_EQ(result.level, 1);
	}
	end(mmu);
}

TEST(an_entry_that_is_cleared_and_not_flushed_is_found)
{
	struct mmu *mmu = begin(f);
	unsigned int level;

	for (level = 0; level < 3; level++) {
		u64 *slot, old;

		map(f, f->pgt, f->base, f->pa, f->size[level], f->rw);
		use(f, mmu, f->base, f->size[level]);
		slot = mmu_find(mmu, f->pgt, f->base, level);
		old = *slot;
		*slot = empty(f, level);
		mmu_check(mmu);
		CHECK(only(MMU_STALE));
		*slot = old;
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[level], 0));
	}
	end(mmu);
}

/* Is a change of the leaf by hand, from @from to @to, found to be stale? */
static bool change_is_found(struct fix *f, struct mmu *mmu, pgprot_t from,
			    pgprot_t to, u64 distance)
{
	struct pg_table *twin = twin_of(f, f->base, f->pa + distance,
					f->size[1], to, 2);
	bool stale;
	u64 old;

	map(f, f->pgt, f->base, f->pa, f->size[1], from);
	use(f, mmu, f->base, f->size[1]);
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	old = steal(f, mmu, twin, f->base, 1);
	mmu_check(mmu);
	stale = !nothing_found();
	CHECK(!stale || only(MMU_STALE));
	*mmu_find(mmu, f->pgt, f->base, 1) = old;
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], 0));
	CHECK_OK(pg_table_destroy(twin));
	return stale;
}

TEST(a_leaf_that_is_changed_and_not_flushed_is_found)
{
	const pgprot_t uncached = pg_table_prot(f->format, PG_TABLE_READ |
						PG_TABLE_UC);
	const pgprot_t user = pg_table_prot(f->format, PG_TABLE_READ |
					    PG_TABLE_USER);
	struct mmu *mmu = begin(f);

	CHECK(change_is_found(f, mmu, f->rw, f->ro, 0));
	CHECK(change_is_found(f, mmu, f->rx, f->ro, 0));
	CHECK(change_is_found(f, mmu, user, f->ro, 0));
	CHECK(change_is_found(f, mmu, f->ro, uncached, 0));
	CHECK(change_is_found(f, mmu, f->ro, f->ro, f->size[1]));
	/* What grants more may be learned late. */
	CHECK(!change_is_found(f, mmu, f->ro, f->rw, 0));
	CHECK(!change_is_found(f, mmu, f->ro, user, 0));
	CHECK(!change_is_found(f, mmu, f->ro, f->ro, 0));
	end(mmu);
}

TEST(a_flush_that_is_lost_is_found)
{
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, PAGES(8), f->rw);
	use(f, mmu, f->base, PAGES(8));
	defect.lost = true;
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	mmu_check(mmu);
	CHECK(only(MMU_STALE));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(1), PAGES(1), 0));
	mmu_check_gone(mmu, f->pgt, f->base + PAGES(1), PAGES(1));
	CHECK(only(MMU_STALE));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(8), 0));
	CHECK(only(MMU_FREED));
	mmu_check(mmu);
	CHECK(only(MMU_STALE));
	end(mmu);
}

TEST(a_flush_that_leaves_walks_to_freed_tables_is_found)
{
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, PAGES(1), f->rw);
	use(f, mmu, f->base, PAGES(1));
	defect.no_tables = true;
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK(only(MMU_FREED));
	end(mmu);
}

TEST(a_flush_of_the_wrong_leaf_size_is_found)
{
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, 2 * f->size[1], f->rw);
	use(f, mmu, f->base, 2 * f->size[1]);
	defect.levels = BIT(0);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], 0));
	mmu_check(mmu);
	CHECK(only(MMU_STALE));
	end(mmu);
}

TEST(a_flush_of_a_part_is_found)
{
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, 2 * f->size[1], f->rw);
	use(f, mmu, f->base, 2 * f->size[1]);
	defect.size = PAGES(1);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], 0));
	mmu_check(mmu);
	CHECK(only(MMU_STALE));
	end(mmu);
}

/* The source has not flushed yet when the clone maps something else there. */
TEST(what_a_clone_maps_waits_for_no_flush_of_its_source)
{
	struct pg_table *clone = fix_table(f, "clone", f->flags);
	struct pg_table_gather gather;
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, f->size[1], f->rw);
	CHECK_OK(pg_table_clone(clone, f->pgt, f->base, f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	/* The clone's tables stay. */
	map(f, clone, f->base + f->size[1], f->pa, PAGES(1), f->rw);
	mmu_load(mmu, 2, clone);
	CHECK(reads(mmu, 2, f->base, f->pa));
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, f->size[1], 0,
				       &gather));
	CHECK_OK(pg_table_unmap(clone, f->base, f->size[1], GFP_KERNEL));
	map(f, clone, f->base, f->pa + PAGES(1), PAGES(1), f->rw);
	CHECK(reads(mmu, 2, f->base, f->pa + PAGES(1)));
	pg_table_gather_flush(&gather);
	mmu_load(mmu, 2, NULL);
	CHECK_OK(pg_table_destroy(clone));
	end(mmu);
}

TEST(a_flush_that_misses_a_clone_is_found)
{
	struct pg_table *clone = fix_table(f, "clone", f->flags);
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, PAGES(8), f->rw);
	CHECK_OK(pg_table_clone(clone, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	mmu_load(mmu, 2, clone);
	use(f, mmu, f->base, PAGES(8));
	defect.skip = clone;
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	mmu_check(mmu);
	CHECK(only(MMU_STALE));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(8), 0));
	CHECK(only(MMU_FREED));
	mmu_check(mmu);
	CHECK(only(MMU_STALE));
	mmu_load(mmu, 2, NULL);
	CHECK_OK(pg_table_destroy(clone));
	end(mmu);
}

TEST(what_a_gather_will_flush_may_be_stale_until_then)
{
	struct pg_table_gather gather;
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, PAGES(4), f->rw);
	use(f, mmu, f->base, PAGES(4));
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(4), 0, &gather));
	CHECK(reads(mmu, 0, f->base, f->pa));
	mmu_check(mmu);
	CHECK(nothing_found());
	pg_table_gather_flush(&gather);
	CHECK(!reads(mmu, 0, f->base, f->pa));
	end(mmu);
}

/* Where a table went that others share a CPU may still walk it: find nothing. */
TEST(what_is_mapped_beside_an_unflushed_gather_is_seen_at_once)
{
	struct pg_table_gather gather;
	struct mmu *mmu = begin(f);
	unsigned int round;

	if (f->flags & PG_TABLE_EXCLUSIVE) {
		end(mmu);
		return;
	}
	pg_table_gather_init(&gather, f->pgt);
	for (round = 0; round < 2; round++) {
		if (round)
			map(f, f->pgt, f->base, f->pa, PAGES(1), f->rw);
		else
			CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 0,
						  GFP_KERNEL));
		use(f, mmu, f->base, PAGES(8));
		if (round)
			CHECK_OK(pg_table_unmap_gather(f->pgt, f->base,
						       PAGES(1), 0, &gather));
		else
			CHECK_OK(pg_table_unreserve_gather(f->pgt, f->base,
							   PAGES(1), &gather));
		map(f, f->pgt, f->base + PAGES(3), f->pa, PAGES(1), f->rw);
		CHECK(reads(mmu, 0, f->base + PAGES(3), f->pa));
		CHECK(reads(mmu, 1, f->base + PAGES(3), f->pa));
		pg_table_gather_flush(&gather);
		CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(3), PAGES(1),
					0));
	}
	end(mmu);
}

TEST(a_walk_of_a_freed_table_is_found)
{
	struct mmu *mmu = begin(f);
	bool *freed;

	map(f, f->pgt, f->base, f->pa, PAGES(2), f->rw);
	CHECK(reads(mmu, 0, f->base, f->pa));
	freed = &mmu->freed[((char *)mmu_find(mmu, f->pgt, f->base, 0) -
			     (char *)f->ops->memory) / 4096];
	*freed = true;
	CHECK(!reads(mmu, 0, f->base + PAGES(1), f->pa + PAGES(1)));
	CHECK(only(MMU_FREED));
	*freed = false;
	end(mmu);
}

TEST(an_entry_that_is_none_is_found)
{
	struct mmu *mmu = begin(f);
	u64 *slot, old;

	map(f, f->pgt, f->base, f->pa, PAGES(1), f->rw);
	slot = mmu_find(mmu, f->pgt, f->base, 0);
	old = *slot;
	*slot = raw_entry(f->d, ~0ULL, 0);
	CHECK(!reads(mmu, 0, f->base, f->pa));
	CHECK(only(MMU_BAD));
	*slot = old;
	end(mmu);
}

/* Replace one entry in use by another, with a break or without. */
static void replace(struct fix *f, struct mmu *mmu, struct pg_table *twin,
		    unsigned int level, bool broken)
{
	u64 old = *mmu_find(mmu, f->pgt, f->base, level);
	struct pg_table_gather gather;

	use(f, mmu, f->base, f->size[1]);
	pg_table_gather_init(&gather, f->pgt);
	gather.first = f->base;
	gather.last = f->base + (f->size[1] - 1);
	gather.levels = ~0U;
	gather.tables = true;
	if (broken) {
		*mmu_find(mmu, f->pgt, f->base, level) = empty(f, level);
		f->ops->flush(f->pgt, &gather);
	}
	steal(f, mmu, twin, f->base, level);
	use(f, mmu, f->base, f->size[1]);
	f->ops->flush(f->pgt, &gather);
	CHECK(broken ? nothing_found() : only(MMU_BREAK));

	*mmu_find(mmu, f->pgt, f->base, level) = empty(f, level);
	f->ops->flush(f->pgt, &gather);
	*mmu_find(mmu, f->pgt, f->base, level) = old;
	CHECK(nothing_found());
}

static void replace_by(struct fix *f, struct mmu *mmu, u64 pa, pgprot_t prot,
		       unsigned int leaf_sizes)
{
	struct pg_table *twin = twin_of(f, f->base, pa, f->size[1], prot,
					leaf_sizes);

	replace(f, mmu, twin, 1, true);
	replace(f, mmu, twin, 1, false);
	CHECK_OK(pg_table_destroy(twin));
}

TEST(an_entry_in_use_that_is_replaced_without_a_break_is_found)
{
	const pgprot_t uncached = pg_table_prot(f->format, PG_TABLE_READ |
						PG_TABLE_UC);
	struct mmu *mmu = begin(f);

	mmu->breaks = TLB_BREAKS;
	/* A leaf by a table, another address, another type. */
	map(f, f->pgt, f->base, f->pa, f->size[1], f->ro);
	replace_by(f, mmu, f->pa, f->ro, 1);
	replace_by(f, mmu, f->pa + f->size[1], f->ro, 2);
	replace_by(f, mmu, f->pa, uncached, 2);
	/* A table by a leaf, and by another table. */
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], 0));
	map(f, f->pgt, f->base, f->pa + PAGES(1), PAGES(8), f->ro);
	replace_by(f, mmu, f->pa, f->ro, 2);
	replace_by(f, mmu, f->pa, f->ro, 1);
	end(mmu);
}

TEST(a_protection_needs_no_break)
{
	struct mmu *mmu = begin(f);

	mmu->breaks = TLB_BREAKS;
	map(f, f->pgt, f->base, f->pa, f->size[1], f->ro);
	use(f, mmu, f->base, f->size[1]);
	CHECK_OK(pg_table_protect(f->pgt, f->base, f->size[1], f->rw,
				  PG_TABLE_PROT_ALL, 0));
	use(f, mmu, f->base, f->size[1]);
	end(mmu);
}

/* CPUs may still know the way to the table that was there before. */
TEST(a_leaf_that_was_collapsed_is_flushed_before_it_is_split_again)
{
	struct pg_table_gather gather;
	struct mmu *mmu = begin(f);

	if (f->d->breaks)
		mmu->breaks = TLB_MAY_RESIZE;
	map(f, f->pgt, f->base, f->pa, f->size[1], f->rw);
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
	use(f, mmu, f->base, f->size[1]);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_collapse_gather(f->pgt, f->base, f->size[1],
					  &gather));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	CHECK_OK(pg_table_protect(f->pgt, f->base + PAGES(1), PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, GFP_KERNEL));
	use(f, mmu, f->base, f->size[1]);
	pg_table_gather_flush(&gather);
	end(mmu);
}

TEST(the_mmu_finds_a_gather_that_is_never_flushed)
{
	struct pg_table_gather gather;
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, PAGES(2), f->rw);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_unmap_gather(f->pgt, f->base, PAGES(1), 0, &gather));
	mmu_destroy(mmu);
	CHECK(only(MMU_DROPPED));
	pg_table_gather_flush(&gather);
}

/* Leaves of all sizes, in the root, too, if it can have them. */
TEST(a_table_that_is_destroyed_leaves_no_translation)
{
	struct mmu *mmu = begin(f);
	unsigned int round;

	for (round = 0; round < 2; round++) {
		struct pg_table *pgt = twin_of(f, f->base, f->pa + PAGES(1),
					       PAGES(1), f->rw, 0);

		map(f, pgt, 2 * f->base, f->pa, f->size[2], f->rw);
		mmu_load(mmu, 1, pgt);
		CHECK(reads(mmu, 1, f->base, f->pa + PAGES(1)));
		CHECK(reads(mmu, 1, 2 * f->base, f->pa));
		mmu_load(mmu, 1, NULL);
		defect.lost = round;
		CHECK_OK(pg_table_destroy(pgt));
		CHECK(round ? found[MMU_FREED] && found[MMU_DROPPED] :
			      nothing_found());
	}
	memset(found, 0, sizeof(found));
	end(mmu);
}

TEST(an_access_that_an_edit_loses_is_found)
{
	struct mmu *mmu = begin(f);
	u64 *slot, young;

	if (f->d->age) {
		map(f, f->pgt, f->base, f->pa, PAGES(1), f->rw);
		mmu_age(mmu, f->pgt, f->base);
		slot = mmu_find(mmu, f->pgt, f->base, 0);
		young = *slot;
		CHECK(may(mmu, f->base, PG_TABLE_WRITE));
		*slot = young;
		mmu_check(mmu);
		CHECK(only(MMU_LOST));
	}
	end(mmu);
}

static struct mmu *busy_mmu;
static unsigned long busy_va;

static void *write_meanwhile(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	CHECK(may(busy_mmu, busy_va, PG_TABLE_WRITE));
	return right.alloc(pgt, size, gfp);
}

TEST(an_access_while_a_leaf_is_split_is_not_lost)
{
	struct mmu *mmu = begin(f);
	struct pg_table_leaf leaf;

	busy_mmu = mmu;
	busy_va = f->base + PAGES(3);
	map(f, f->pgt, f->base, f->pa, f->size[1], f->rw);
	mmu_age(mmu, f->pgt, f->base);
	f->ops->alloc = write_meanwhile;
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	f->ops->alloc = right.alloc;
	CHECK_EQ(leaf_at(f->pgt, busy_va, &leaf), 0);
	if (f->d->age)
		CHECK(mmu->cpu[0].n_marks);
	end(mmu);
}

/* The page next to a hole is recorded in the clone's own table. */
TEST(an_access_to_what_follows_outlasts_an_edit_of_the_source)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct mmu *mmu = begin(f);

	map(f, f->pgt, f->base, f->pa, PAGES(2), f->rw);
	mmu_age(mmu, f->pgt, f->base);
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	CHECK_OK(pg_table_unmap(dst, f->base + PAGES(1), PAGES(1),
				GFP_KERNEL));
	mmu_load(mmu, 0, dst);
	CHECK(may(mmu, f->base, PG_TABLE_WRITE));
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	if (f->d->age)
		CHECK(mmu->cpu[0].n_marks);
	mmu_check(mmu);
	mmu_unload_all(mmu, dst);
	CHECK_OK(pg_table_destroy(dst));
	end(mmu);
}

/* A clone that has leaf entries of its own for two large leaves, both young. */
static struct pg_table *follow_young(struct fix *f, struct mmu *mmu)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	map(f, f->pgt, f->base, f->pa, 2 * f->size[1], f->rw);
	mmu_age(mmu, f->pgt, f->base);
	mmu_age(mmu, f->pgt, f->base + f->size[1]);
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, 2 * f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	mmu_load(mmu, 0, dst);
	CHECK(may(mmu, f->base + PAGES(3), PG_TABLE_WRITE));
	if (f->d->age)
		CHECK(mmu->cpu[0].n_marks);
	return dst;
}

TEST(an_access_to_what_follows_outlasts_a_split_of_the_source)
{
	struct mmu *mmu = begin(f);
	struct pg_table *dst = follow_young(f, mmu);

	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	mmu_check(mmu);
	mmu_unload_all(mmu, dst);
	CHECK_OK(pg_table_destroy(dst));
	end(mmu);
}

TEST(an_access_to_what_follows_outlasts_a_hole_beside_it)
{
	struct mmu *mmu = begin(f);
	struct pg_table *dst = follow_young(f, mmu);

	if (wants_breaks(f))
		mmu_unload_all(mmu, dst);
	CHECK_OK(pg_table_unmap(dst, f->base + PAGES(1), PAGES(1),
				GFP_KERNEL));
	mmu_check(mmu);
	mmu_unload_all(mmu, dst);
	CHECK_OK(pg_table_destroy(dst));
	end(mmu);
}

/* What can be filled at any moment of a verb is gone after its flush. */
struct moment {
	struct fix	*f;
	struct mmu	*mmu;
};

static void fill(void *arg, u64 *slot, bool done)
{
	struct moment *m = arg;
	struct fix *f = m->f;

	mmu_prefetch_all(m->mmu, f->base);
	mmu_prefetch_all(m->mmu, f->base + PAGES(1));
	mmu_prefetch_all(m->mmu, f->base + PAGES(7));
	mmu_prefetch_all(m->mmu, f->base + f->size[1]);
	mmu_prefetch_all(m->mmu, f->base + f->size[2] - PAGES(1));
}

TEST(what_is_filled_at_any_moment_of_a_verb_is_gone_after_its_flush)
{
	struct moment m = { .f = f };

	if (!watch_possible())
		return;
	m.mmu = begin(f);
	map(f, f->pgt, f->base, f->pa, f->size[2], f->rw);
	watch_begin(f, fill, &m);
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	mmu_check(m.mmu);
	CHECK_OK(pg_table_protect(f->pgt, f->base + PAGES(1), PAGES(2), f->ro,
				  PG_TABLE_PROT_ALL, GFP_KERNEL));
	mmu_check(m.mmu);
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(1), f->size[1],
				GFP_KERNEL));
	mmu_check(m.mmu);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[2], GFP_KERNEL));
	mmu_check(m.mmu);
	CHECK(watch_end());
	end(m.mmu);
}

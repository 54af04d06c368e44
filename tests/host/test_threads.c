// SPDX-License-Identifier: GPL-2.0
/*
 * Several callers at once: ranges belong to callers, readers take no lock, and
 * CPUs run on the tables. Tables with one editor are left out.
 */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "mmu.h"
#include "test.h"

#define THREADS	4
#define ROUNDS	600
#define CPU_ROUNDS	100

/**
 * struct worker - one of several threads
 * @f: the tables
 * @pgt: the table that it edits
 * @va: its own range, or what it reads
 * @stop: a reader is to end
 * @rounds: how often it edits; 0 for ROUNDS
 * @mmu: CPUs that run on the table; NULL if none
 * @cpu: the one that it is
 * @clone: a clone of the table; NULL if there is none
 * @distance: from one editor's range to the next
 */
struct worker {
	struct fix	*f;
	struct pg_table	*pgt;
	unsigned long	va;
	int		stop;
	unsigned int	rounds;
	struct mmu	*mmu;
	unsigned int	cpu;
	struct pg_table	*clone;
	unsigned long	distance;
};

/* What was mapped is seen at once. */
static void check_here(const struct worker *w, unsigned long va, u64 pa)
{
	struct mmu_result got;

	if (!w->mmu)
		return;
	CHECK(mmu_access(w->mmu, w->cpu, va, PG_TABLE_READ, &got));
	CHECK_EQ(got.pa, pa);
}

/* What was unmapped and flushed nobody sees any more. */
static void check_gone(const struct worker *w, unsigned long va, size_t size)
{
	if (w->mmu)
		mmu_check_gone(w->mmu, w->pgt, va, size);
	if (w->clone)
		mmu_check_gone(w->mmu, w->clone, va, size);
}

/* All of the verbs in a range that shares its tables with other threads'. */
static void *edit_own_range(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;
	struct pg_table_gather gather;
	unsigned int i;

	pg_table_gather_init(&gather, w->pgt);
	for (i = 0; i < (w->rounds ?: ROUNDS); i++) {
		u64 pa = f->pa + (w->va - f->base) + PAGES(i);

		CHECK_OK(pg_table_map(w->pgt, w->va, pa, PAGES(8), f->rw,
				      GFP_KERNEL));
		check_here(w, w->va, pa);
		CHECK_EQ(pg_table_map(w->pgt, w->va + PAGES(7), pa, PAGES(1),
				      f->rw, GFP_KERNEL), -EEXIST);
		CHECK_OK(pg_table_protect(w->pgt, w->va + PAGES(2), PAGES(2),
					  f->ro, PG_TABLE_PROT_ALL, 0));
		CHECK_OK(pg_table_unmap(w->pgt, w->va, PAGES(4), 0));
		check_gone(w, w->va, PAGES(4));
		CHECK_EQ(leaf_at(w->pgt, w->va + PAGES(3), NULL), -1);
		CHECK_EQ(leaf_at(w->pgt, w->va + PAGES(4), NULL), 0);
		CHECK_OK(pg_table_unmap_gather(w->pgt, w->va + PAGES(4),
					       PAGES(4), 0, &gather));
		pg_table_gather_flush(&gather);
		check_gone(w, w->va, PAGES(8));
	}
	return NULL;
}

static void run_all(struct worker *w, unsigned int n, void *(*work)(void *))
{
	pthread_t threads[THREADS];
	unsigned int i;

	for (i = 0; i < n; i++)
		CHECK_OK(pthread_create(&threads[i], NULL, work, &w[i]));
	for (i = 0; i < n; i++)
		CHECK_OK(pthread_join(threads[i], NULL));
}

TEST(callers_edit_disjoint_ranges_at_the_same_time)
{
	struct worker w[THREADS];
	unsigned int i;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	pg_table_sim_threads(f->sim);
	for (i = 0; i < THREADS; i++)
		w[i] = (struct worker){
			.f = f, .pgt = f->pgt, .va = f->base + PAGES(8 * i),
		};
	run_all(w, THREADS, edit_own_range);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/*
 * Ranges that begin and end in the middle of tables which neighbours share, at
 * every level, so that tables are linked, merged and die all the time.
 */
static void *edit_across_tables(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;
	size_t size = 2 * f->size[1] - PAGES(2);
	unsigned int i;

	for (i = 0; i < (w->rounds ?: ROUNDS / 4); i++) {
		u64 pa = f->pa + (w->va - f->base) + PAGES(i & 1);

		CHECK_OK(pg_table_map(w->pgt, w->va, pa, size, f->rw,
				      GFP_KERNEL));
		check_here(w, w->va, pa);
		CHECK_EQ(leaf_at(w->pgt, w->va, NULL), 0);
		CHECK_EQ(pg_table_map(w->pgt, w->va + size - PAGES(1), pa,
				      PAGES(1), f->rw, GFP_KERNEL), -EEXIST);
		CHECK_OK(pg_table_protect(w->pgt, w->va + PAGES(1),
					  size - PAGES(2), f->ro,
					  PG_TABLE_PROT_ALL, GFP_KERNEL));
		CHECK_OK(pg_table_unmap(w->pgt, w->va + size / 2,
					size - size / 2, GFP_KERNEL));
		CHECK_OK(pg_table_unmap(w->pgt, w->va, size / 2, GFP_KERNEL));
		check_gone(w, w->va, size);
		CHECK_EQ(leaf_at(w->pgt, w->va, NULL), -1);
	}
	return NULL;
}

TEST(tables_that_ranges_share_come_and_go_at_the_same_time)
{
	struct worker w[THREADS];
	unsigned int i;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	pg_table_sim_threads(f->sim);
	for (i = 0; i < THREADS; i++)
		w[i] = (struct worker){
			.f = f, .pgt = f->pgt,
			.va = f->base + f->huge - 4 * f->size[1] +
			      2 * f->size[1] * i + PAGES(1),
		};
	run_all(w, THREADS, edit_across_tables);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* One large leaf, of which each thread has its own page. */
static void *edit_own_page_of_a_leaf(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;

	CHECK_OK(pg_table_protect(w->pgt, w->va, PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, GFP_KERNEL));
	CHECK_EQ(leaf_at(w->pgt, w->va, NULL), 0);
	CHECK_OK(pg_table_unmap(w->pgt, w->va, PAGES(1), GFP_KERNEL));
	CHECK_EQ(leaf_at(w->pgt, w->va, NULL), -1);
	CHECK_OK(pg_table_map(w->pgt, w->va, f->pa + (w->va - f->base),
			      PAGES(1), f->rw, GFP_KERNEL));
	return NULL;
}

TEST(callers_split_the_same_leaf_at_the_same_time)
{
	struct worker w[THREADS];
	unsigned int i, round;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	pg_table_sim_threads(f->sim);
	for (round = 0; round < ROUNDS / 20; round++) {
		size_t step = round & 1 ? f->size[1] : PAGES(1);
		size_t size = max(f->huge, THREADS * step);

		/* Every fourth time a run instead, if there are such. */
		if (round % 4 == 2)
			size = max(run_size(f->d, 0), THREADS * PAGES(1));
		/* And half of the time by way of breaks, if there are such. */
		pg_table_sim_cpu.bbml2 = round & 4;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, size, f->rw,
				      GFP_KERNEL));
		for (i = 0; i < THREADS; i++)
			w[i] = (struct worker){
				.f = f, .pgt = f->pgt,
				.va = f->base + step * i,
			};
		run_all(w, THREADS, edit_own_page_of_a_leaf);
		check_maps(f, f->pgt, f->base, f->pa, size,
			   PG_TABLE_READ | PG_TABLE_WRITE);
		CHECK_OK(pg_table_verify(f->pgt));
		CHECK_OK(pg_table_unmap(f->pgt, f->base, size, 0));
	}
	pg_table_sim_cpu.bbml2 = true;
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(tables_of_one_memory_are_independent)
{
	struct worker w[THREADS];
	unsigned int i;

	pg_table_sim_threads(f->sim);
	for (i = 0; i < THREADS; i++)
		w[i] = (struct worker){
			.f = f, .pgt = fix_table(f, "own", f->flags),
			.va = f->base,
		};
	run_all(w, THREADS, edit_own_range);
	for (i = 0; i < THREADS; i++) {
		CHECK_OK(pg_table_verify(w[i].pgt));
		CHECK_OK(pg_table_destroy(w[i].pgt));
	}
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* The page is mapped all the time, by leaves of changing size. */
static void *read_one_page(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;

	while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE)) {
		struct pg_table_leaf leaf;

		CHECK_OK(pg_table_lookup(w->pgt, w->va, &leaf));
		CHECK_EQ(leaf.pa + (w->va - leaf.va),
			 f->pa + (w->va - f->base));
	}
	return NULL;
}

TEST(a_reader_never_misses_a_page_whose_leaf_is_split_or_protected)
{
	struct worker w = {
		.f = f, .pgt = f->pgt, .va = f->base + f->size[1] + PAGES(5),
	};
	const size_t size = f->huge + f->size[1];
	pthread_t reader;
	unsigned int i;

	pg_table_sim_threads(f->sim);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, size, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pthread_create(&reader, NULL, read_one_page, &w));
	CHECK_OK(pg_table_split(f->pgt, f->base, size, 1, GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, w.va, PAGES(1), 0, GFP_KERNEL));
	for (i = 0; i < ROUNDS; i++) {
		CHECK_OK(pg_table_protect(f->pgt, f->base, size,
					  i & 1 ? f->rw : f->ro,
					  PG_TABLE_PROT_ALL, 0));
		CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(i % 64),
					PAGES(1), GFP_KERNEL));
		CHECK_OK(pg_table_map(f->pgt, f->base + PAGES(i % 64),
				      f->pa + PAGES(i % 64), PAGES(1),
				      i & 1 ? f->rw : f->ro, 0));
	}
	__atomic_store_n(&w.stop, 1, __ATOMIC_RELEASE);
	CHECK_OK(pthread_join(reader, NULL));
}

/**
 * struct stroll - one walk over a range that is mapped without gaps
 * @f: the tables
 * @va: where the next leaf is to begin
 */
struct stroll {
	struct fix	*f;
	unsigned long	va;
};

static int check_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct stroll *stroll = arg;
	struct fix *f = stroll->f;

	/* Split or collapsed meanwhile, it can have been reported before. */
	CHECK(leaf->va <= stroll->va);
	CHECK_EQ(leaf->pa - leaf->va, f->pa - f->base);
	stroll->va = max(stroll->va, leaf->va + leaf->size);
	return 0;
}

static void *walk_all(void *arg)
{
	static const struct pg_table_walk_ops ops = { .leaf = check_leaf };
	struct worker *w = arg;
	struct fix *f = w->f;

	while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE)) {
		struct stroll stroll = { .f = f, .va = f->base };

		CHECK_OK(pg_table_walk(w->pgt, f->base, f->size[1], &ops,
				       &stroll));
		CHECK_EQ(stroll.va, f->base + f->size[1]);
	}
	return NULL;
}

/* A table that is collapsed stays until those are out who walk in it. */

TEST(a_reader_outlives_the_collapse_of_the_table_that_it_is_in)
{
	struct worker w = { .f = f, .pgt = f->pgt };
	pthread_t reader;
	unsigned int i;

	pg_table_sim_threads(f->sim);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_OK(pthread_create(&reader, NULL, walk_all, &w));
	for (i = 0; i < ROUNDS; i++) {
		CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0,
					GFP_KERNEL));
		CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	}
	__atomic_store_n(&w.stop, 1, __ATOMIC_RELEASE);
	CHECK_OK(pthread_join(reader, NULL));
}

/* Clones come and go while their source changes. */
static void *clone_and_destroy(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;
	unsigned int i;

	for (i = 0; i < ROUNDS / 4; i++) {
		struct pg_table *dst = fix_table(f, "clone", 0);
		int ret;

		do {
			ret = pg_table_clone(dst, w->pgt, f->base, 2 * f->base,
					     i & 1 && !f->small_root ?
					     PG_TABLE_FOLLOW : PG_TABLE_SHARE,
					     GFP_KERNEL);
		} while (ret == -EBUSY);
		CHECK_OK(ret);
		CHECK_OK(pg_table_verify(dst));
		CHECK_OK(pg_table_destroy(dst));
	}
	return NULL;
}

TEST(clones_come_and_go_while_their_source_changes)
{
	struct worker w[2] = {
		{ .f = f, .pgt = f->pgt },
		{ .f = f, .pgt = f->pgt, .va = f->base },
	};
	pthread_t cloner, editor;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	pg_table_sim_threads(f->sim);
	CHECK_OK(pthread_create(&cloner, NULL, clone_and_destroy, &w[0]));
	CHECK_OK(pthread_create(&editor, NULL, edit_own_range, &w[1]));
	CHECK_OK(pthread_join(cloner, NULL));
	CHECK_OK(pthread_join(editor, NULL));
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* What is left out of a clone, and taken in again, beside its source's editor. */
static void *make_holes(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;
	unsigned long va = f->base + 2 * f->size[1];
	unsigned int i;

	for (i = 0; i < ROUNDS / 2; i++) {
		CHECK_OK(pg_table_unmap(w->clone, va, f->size[1], GFP_KERNEL));
		CHECK_EQ(leaf_at(w->clone, va, NULL), -1);
		CHECK_OK(pg_table_clone(w->clone, w->pgt, va, f->size[1],
					PG_TABLE_FOLLOW, 0));
		CHECK_EQ(leaf_at(w->clone, va, NULL), 1);
	}
	CHECK_OK(pg_table_destroy(w->clone));
	return NULL;
}

/* The one editor of a table in place knows nothing of who edits its clones. */
static void *edit_in_place(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		CHECK_OK(pg_table_unmap(w->pgt, f->base, PAGES(1),
					GFP_KERNEL));
		CHECK_OK(pg_table_map(w->pgt, f->base, f->pa, PAGES(1), f->rw,
				      0));
		CHECK_OK(pg_table_collapse(w->pgt, f->base, f->size[1]));
		pg_table_sync(w->pgt, f->base, f->size[1]);
	}
	return NULL;
}

/* The tables on the way to @f->base, but for the root, become those of @owner. */
static void give_path(struct fix *f, struct pg_table *owner)
{
	unsigned int level;

	for (level = 1; level < f->top; level++) {
		char *table = (char *)slot_of(f, f->pgt, f->base, level);
		unsigned long i = (table - (char *)f->ops->memory) >>
				  f->ops->page_shift;
		struct pg_table_page *page;

		page = (void *)((char *)f->ops->pages + i * f->ops->page_stride);
		page->owner = owner;
	}
}

TEST(holes_are_made_in_a_clone_while_its_source_is_edited_in_place)
{
	struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
		.root = f->pgt->pgd,
		.va_first = f->base,
		.va_last = 2 * f->base - 1,
		.flags = PG_TABLE_EXCLUSIVE | PG_TABLE_IN_PLACE,
	};
	pthread_t editor, holes;
	struct worker w = { .f = f };
	unsigned long used;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	pg_table_sim_threads(f->sim);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 3 * f->size[1], f->rw,
			      GFP_KERNEL));
	used = sim_used(f);
	w.pgt = pg_table_create(&config);
	CHECK(!IS_ERR(w.pgt));
	w.clone = fix_table(f, "clone", 0);
	give_path(f, NULL);
	CHECK_OK(pg_table_clone(w.clone, w.pgt, f->base, f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_OK(pthread_create(&editor, NULL, edit_in_place, &w));
	CHECK_OK(pthread_create(&holes, NULL, make_holes, &w));
	CHECK_OK(pthread_join(editor, NULL));
	CHECK_OK(pthread_join(holes, NULL));
	CHECK_OK(pg_table_collapse(w.pgt, f->base, f->size[1]));
	fix_destroy(w.pgt);
	give_path(f, f->pgt);
	CHECK_EQ(sim_used(f), used);
}

/* Access the ranges of all editors; what is there is theirs. */
static void *run_cpu(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;
	unsigned int n;

	for (n = 0; !__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE); n++) {
		unsigned long va = w->va + n % THREADS * w->distance +
				   PAGES(n / THREADS % 8);
		struct mmu_result got;

		/* Whoever flushes waits for the CPU. */
		sched_yield();
		if (!mmu_access(w->mmu, w->cpu, va,
				n % 3 ? PG_TABLE_READ : PG_TABLE_WRITE, &got))
			continue;
		CHECK(got.pgt == w->pgt || got.pgt == w->clone);
		CHECK((got.pa - f->pa - (va - f->base)) / PAGES(1) < ROUNDS);
	}
	return NULL;
}

/* Edit ranges from @va on while CPUs run on the table and on a clone. */
static void edit_under_cpus(struct fix *f, void *(*edit)(void *),
			    unsigned long va, unsigned long distance,
			    struct pg_table *clone)
{
	struct mmu *mmu = mmu_create(f->sim, f->d, FIX_MEMORY, 1);
	struct worker editor[THREADS], cpu[MMU_CPUS];
	pthread_t threads[MMU_CPUS];
	unsigned int i;

	pg_table_sim_threads(f->sim);
	for (i = 0; i < MMU_CPUS; i++) {
		mmu_load(mmu, i, clone && i & 1 ? clone : f->pgt);
		cpu[i] = (struct worker){
			.f = f, .pgt = f->pgt, .va = va, .rounds = CPU_ROUNDS,
			.mmu = mmu, .cpu = i, .clone = clone,
			.distance = distance,
		};
	}
	for (i = 0; i < MMU_CPUS; i++)
		CHECK_OK(pthread_create(&threads[i], NULL, run_cpu, &cpu[i]));
	for (i = 0; i < THREADS; i++) {
		editor[i] = cpu[i % MMU_CPUS];
		editor[i].va += i * distance;
	}
	run_all(editor, THREADS, edit);
	for (i = 0; i < MMU_CPUS; i++) {
		__atomic_store_n(&cpu[i].stop, 1, __ATOMIC_RELEASE);
		CHECK_OK(pthread_join(threads[i], NULL));
	}
	mmu_destroy(mmu);
}

TEST(cpus_run_on_tables_that_threads_edit)
{
	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	edit_under_cpus(f, edit_own_range, f->base, PAGES(8), NULL);
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(cpus_run_on_tables_that_come_and_go)
{
	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	edit_under_cpus(f, edit_across_tables,
			f->base + f->huge - 4 * f->size[1] + PAGES(1),
			2 * f->size[1], NULL);
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* Tables come and go, but for those that the clone borrows. */
TEST(cpus_run_on_a_clone_of_what_threads_edit)
{
	struct pg_table *clone = fix_table(f, "clone", 0);

	if (!(f->flags & PG_TABLE_EXCLUSIVE)) {
		CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(1), 1,
					  GFP_KERNEL));
		CHECK_OK(pg_table_clone(clone, f->pgt, f->base, f->base,
					PG_TABLE_SHARE, GFP_KERNEL));
		edit_under_cpus(f, edit_own_range, f->base, f->size[1], clone);
	}
	CHECK_OK(pg_table_destroy(clone));
}

static void *map_own_page(void *arg)
{
	struct worker *w = arg;
	struct fix *f = w->f;

	CHECK_OK(pg_table_map(w->pgt, w->va, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	return NULL;
}

static bool is_locked(struct pg_table *pgt)
{
	return __atomic_load_n(&pgt->page_table_lock.locked, __ATOMIC_ACQUIRE);
}

/* Who waits for the source must not have the clone, or two wait forever. */
TEST(a_source_is_locked_before_its_clone)
{
	struct worker w = { .f = f, .va = f->base + PAGES(1) };
	unsigned int ms;
	pthread_t thread;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	pg_table_sim_threads(f->sim);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	w.pgt = fix_table(f, "clone", 0);
	CHECK_OK(pg_table_clone(w.pgt, f->pgt, f->base, f->base,
				PG_TABLE_SHARE, GFP_KERNEL));
	spin_lock(&f->pgt->page_table_lock);
	CHECK_OK(pthread_create(&thread, NULL, map_own_page, &w));
	/* It comes to the lock, and takes the clone's only for a moment. */
	usleep(20000);
	for (ms = 0; ms < 2000 && is_locked(w.pgt); ms++)
		usleep(1000);
	CHECK(!is_locked(w.pgt));
	spin_unlock(&f->pgt->page_table_lock);
	CHECK_OK(pthread_join(thread, NULL));
	check_maps(f, w.pgt, w.va, f->pa, PAGES(1),
		   PG_TABLE_READ | PG_TABLE_WRITE);
	CHECK_OK(pg_table_destroy(w.pgt));
}

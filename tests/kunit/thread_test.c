// SPDX-License-Identifier: GPL-2.0
/*
 * Several editors at once, and a reader that takes no lock. Their ranges share
 * tables, which are linked, split, emptied and freed all the time.
 */
#include <linux/completion.h>
#include <linux/kthread.h>

#include "fixture.h"

#define EDITORS	3
#define ROUNDS	30

/**
 * struct worker - one of several threads
 * @f: the table and what it consists of
 * @va: its own range; a reader's is that of all others
 * @size: bytes of the range
 * @stop: a reader is to end
 * @done: completed when the thread needs nothing of the test any more
 * @step: where an editor was when a call returned something else than it should
 */
struct worker {
	struct pg_table_fixture	*f;
	unsigned long		va;
	size_t			size;
	bool			stop;
	struct completion	done;
	int			step;
};

/* Map, change and unmap; returns the number of the step that failed, or 0. */
static int edit_once(const struct worker *w, phys_addr_t pa)
{
	struct pg_table_fixture *f = w->f;
	struct pg_table_gather gather;
	struct pg_table_leaf leaf;
	size_t half = w->size / 2 & ~(f->page - 1);

	pg_table_gather_init(&gather, f->pgt);
	if (pg_table_map(f->pgt, w->va, pa, w->size, f->rw, GFP_KERNEL))
		return 1;
	if (pg_table_map(f->pgt, w->va + half, pa, f->page, f->rw,
			 GFP_KERNEL) != -EEXIST)
		return 2;
	if (pg_table_protect(f->pgt, w->va + f->page, w->size - f->page, f->ro,
			     PG_TABLE_PROT_ALL, GFP_KERNEL))
		return 3;
	if (pg_table_lookup(f->pgt, w->va + half, &leaf) ||
	    leaf.pa + (w->va + half - leaf.va) != pa + half)
		return 4;
	if (pg_table_unmap(f->pgt, w->va, half, GFP_KERNEL))
		return 5;
	if (!pg_table_lookup(f->pgt, w->va, &leaf))
		return 6;
	if (pg_table_unmap_gather(f->pgt, w->va + half, w->size - half,
				  GFP_KERNEL, &gather))
		return 7;
	pg_table_gather_flush(&gather);
	return 0;
}

static int edit(void *arg)
{
	struct worker *w = arg;
	unsigned int i;

	for (i = 0; i < ROUNDS && !w->step; i++) {
		w->step = edit_once(w, w->f->pa + i % 2 * w->f->page);
		cond_resched();
	}
	complete(&w->done);
	return 0;
}

static int see_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	const struct worker *w = arg;

	return leaf->va + leaf->size <= w->va || leaf->va >= w->va + w->size;
}

static const struct pg_table_walk_ops see = { .leaf = see_leaf };

/* All that is seen at any time lies in what somebody maps. */
static int read_all(void *arg)
{
	struct worker *w = arg;
	struct pg_table_leaf leaf;
	unsigned long va;

	while (!READ_ONCE(w->stop) && !w->step) {
		for (va = w->va; va < w->va + w->size; va += 7 * w->f->page)
			pg_table_lookup(w->f->pgt, va, &leaf);
		w->step = pg_table_walk(w->f->pgt, w->va, w->size, &see, w);
		cond_resched();
	}
	complete(&w->done);
	return 0;
}

static struct task_struct *start(struct kunit *test, int (*work)(void *),
				 struct worker *w)
{
	struct task_struct *task;

	init_completion(&w->done);
	task = kthread_run(work, w, "pg_table_test");
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, task);
	return task;
}

/* The threads end by themselves; nothing of the test may go before. */
static void finish(struct kunit *test, struct task_struct *task,
		   struct worker *w)
{
	if (!IS_ERR_OR_NULL(task))
		wait_for_completion(&w->done);
	KUNIT_EXPECT_EQ(test, w->step, 0);
}

/* Editors of @size bytes each, one beside the other, and a reader. */
static void run_editors(struct kunit *test, size_t size)
{
	struct pg_table_fixture *f = test->priv;
	struct worker editors[EDITORS], reader = {
		.f = f, .va = f->va, .size = EDITORS * size,
	};
	struct task_struct *tasks[EDITORS], *reading;
	unsigned int i;

	if (f->flags & PG_TABLE_EXCLUSIVE)
		return;
	pg_table_sim_threads(f->sim);
	reading = start(test, read_all, &reader);
	for (i = 0; i < EDITORS; i++) {
		editors[i] = (struct worker){
			.f = f, .va = f->va + i * size, .size = size,
		};
		tasks[i] = start(test, edit, &editors[i]);
	}
	for (i = 0; i < EDITORS; i++)
		finish(test, tasks[i], &editors[i]);
	WRITE_ONCE(reader.stop, true);
	finish(test, reading, &reader);
}

static void editors_share_a_table(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	run_editors(test, 8 * f->page);
}

/* Each ends in the middle of tables where the next one begins. */
static void editors_share_tables_at_every_level(struct kunit *test)
{
	struct pg_table_fixture *f = test->priv;

	run_editors(test, 2 * f->large - 2 * f->page);
}

static struct kunit_case thread_cases[] = {
	PG_TABLE_CASE(editors_share_a_table),
	PG_TABLE_CASE(editors_share_tables_at_every_level),
	{ }
};

static struct kunit_suite thread_suite = {
	.name		= "pg_table_thread",
	.init		= pg_table_fixture_init,
	.exit		= pg_table_fixture_exit,
	.test_cases	= thread_cases,
};

kunit_test_suite(thread_suite);

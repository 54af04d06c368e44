// SPDX-License-Identifier: GPL-2.0
/*
 * The test kit: runs the tests, and knows what must hold after each.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define TIME_LIMIT	300	/* seconds of the CPU; what ends takes less */

static struct test *tests, **tests_end = &tests;
static char variant[128];

void test_register(struct test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void test_fail(const char *why, ...)
{
	char text[512];
	va_list args;

	fflush(stdout);
	va_start(args, why);
	vsnprintf(text, sizeof(text), why, args);
	va_end(args);
	fprintf(stderr, "  (%s) %s\n", variant, text);
	_exit(1);
}

struct pg_table *fix_table(struct fix *f, const char *name, unsigned int flags)
{
	const struct pg_table_config config = {
		.name = name,
		.format = f->format,
		.ops = f->ops,
		.flags = flags,
	};
	struct pg_table *pgt = pg_table_create(&config);

	CHECK(!IS_ERR(pgt));
	return pgt;
}

void fix_destroy(struct pg_table *pgt)
{
	CHECK_OK(pg_table_verify(pgt));
	CHECK_OK(pg_table_destroy(pgt));
}

/* Have a table of another configuration as f->pgt. */
void fix_replace(struct fix *f, const struct pg_table_config *config)
{
	struct pg_table_config full = *config;

	CHECK_OK(pg_table_destroy(f->pgt));
	full.format = f->format;
	full.ops = f->ops;
	full.flags |= f->flags;
	f->pgt = pg_table_create(&full);
	CHECK(!IS_ERR(f->pgt));
}

static void fix_begin(struct fix *f, const struct pg_table_format *format,
		      unsigned int flags)
{
	unsigned int l;

	memset(f, 0, sizeof(*f));
	f->format = format;
	f->flags = flags;
	f->d = decoder_of(f->format);
	f->sim = pg_table_sim_create(FIX_MEMORY);
	CHECK(f->sim);
	pg_table_sim_poison(f->sim, true);
	f->ops = (struct pg_table_ops *)pg_table_sim_ops(f->sim);
	f->top = f->d->levels - 1;
	for (l = 0; l <= f->top; l++)
		f->size[l] = level_size(f->d, l);
	f->sizes = min(f->d->leaf_sizes, 3U);
	f->huge = f->size[f->sizes - 1];
	f->small_root = entries_of(f->d, f->top) < 16;
	f->base = f->size[f->small_root ? f->top - 1 : f->top];
	f->pa = 1UL << 40;
	f->rw = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_WRITE);
	f->ro = pg_table_prot(f->format, PG_TABLE_READ);
	f->rx = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_EXEC);
	f->rwx = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_WRITE |
			       PG_TABLE_EXEC);
	f->pgt = fix_table(f, "test", f->flags);
}

/* What is left in the table is freed with it; nothing may stay behind. */
static void fix_end(struct fix *f, const struct host_shim_stats *before)
{
	struct host_shim_stats now;

	if (f->pgt)
		fix_destroy(f->pgt);
	CHECK_EQ(sim_used(f), 0);
	pg_table_sim_destroy(f->sim);
	host_get_stats(&now);
	CHECK_EQ(now.live, before->live + f->kept);
	CHECK_EQ(now.warnings, before->warnings + f->warnings);
}

static void run_variant(const struct test *test,
			const struct pg_table_format *format,
			unsigned int flags)
{
	struct host_shim_stats before;
	struct fix f;

	snprintf(variant, sizeof(variant), "%s: %s%s", test->name,
		 pg_table_format_name(format),
		 flags & PG_TABLE_EXCLUSIVE ? ", exclusive" : "");
	host_get_stats(&before);
	fix_begin(&f, format, flags);
	test->run(&f);
	fix_end(&f, &before);
}

static void run_variants(const struct test *test)
{
	const struct pg_table_format *format;
	unsigned int i;

	for (i = 0; (format = pg_table_sim_format(i)); i++) {
		run_variant(test, format, 0);
		run_variant(test, format, PG_TABLE_EXCLUSIVE);
	}
}

static void start(struct test *test)
{
	const struct rlimit limit = { TIME_LIMIT, TIME_LIMIT };

	test->pid = fork();
	if (test->pid < 0) {
		perror("fork");
		exit(1);
	}
	if (!test->pid) {
		setrlimit(RLIMIT_CPU, &limit);
		run_variants(test);
		exit(0);
	}
}

/* Returns whether the test that ended failed. */
static bool wait_for_one(void)
{
	struct test *test = tests;
	int status;
	pid_t pid;

	pid = wait(&status);
	while (test && test->pid != pid)
		test = test->next;
	if (!test) {
		perror("wait");
		exit(1);
	}
	if (WIFSIGNALED(status))
		fprintf(stderr, "  (%s) ended by signal %d\n", test->name,
			WTERMSIG(status));
	test->pid = 0;
	printf("%s %s\n", status ? "FAIL" : "PASS", test->name);
	return status;
}

/*
 * Runs the tests whose names contain one of the arguments, or all; as many at a
 * time as there are CPUs.
 */
int main(int argc, char **argv)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int run = 0, ended = 0, failed = 0;
	struct test *test;
	int i;

	/* The lines of several tests mix, not their characters. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (test = tests; test; test = test->next) {
		bool wanted = argc < 2;

		for (i = 1; i < argc; i++)
			wanted |= !!strstr(test->name, argv[i]);
		if (!wanted)
			continue;
		if (run - ended == cpus) {
			failed += wait_for_one();
			ended++;
		}
		start(test);
		run++;
	}
	for (; ended < run; ended++)
		failed += wait_for_one();
	printf("%u tests, %u failed\n", run, failed);
	return failed || !run;
}

bool wants_breaks(const struct fix *f)
{
	return f->d->breaks;
}

struct pg_table_sim_stats sim_stats(struct fix *f)
{
	struct pg_table_sim_stats stats;

	pg_table_sim_get_stats(f->sim, &stats);
	return stats;
}

unsigned long sim_used(struct fix *f)
{
	return sim_stats(f).used;
}

unsigned long count_tables(struct fix *f, struct pg_table *pgt)
{
	struct mappings list = { };
	unsigned long tables = decode(f->d, f->sim, pgt->pgd, 0, ~0UL, &list);

	CHECK(tables);
	mappings_free(&list);
	return tables;
}

void snapshot_take(struct fix *f, struct pg_table *pgt, struct snapshot *s)
{
	struct pg_table_sim_stats sim = sim_stats(f);
	struct host_shim_stats shim;

	memset(s, 0, sizeof(*s));
	host_get_stats(&shim);
	s->used = sim.used;
	s->flushes = sim.flushes;
	s->live = shim.live;
	pg_table_get_stats(pgt, &s->stats);
	s->tables = decode(f->d, f->sim, pgt->pgd, 0, ~0UL, &s->list);
	CHECK(s->tables);
	CHECK(runs_are_whole(f->d, &s->list));
}

void snapshot_check(struct fix *f, struct pg_table *pgt, struct snapshot *s)
{
	struct snapshot now;

	snapshot_take(f, pgt, &now);
	if (!mappings_equal(&s->list, &now.list)) {
		fprintf(stderr, "  before:\n");
		mappings_print(f->d, &s->list);
		fprintf(stderr, "  after:\n");
		mappings_print(f->d, &now.list);
	}
	CHECK(mappings_equal(&s->list, &now.list));
	CHECK_EQ(now.tables, s->tables);
	CHECK_EQ(now.used, s->used);
	CHECK_EQ(now.flushes, s->flushes);
	CHECK_EQ(now.live, s->live);
	CHECK(!memcmp(&s->stats, &now.stats, sizeof(now.stats)));
	CHECK_OK(pg_table_verify(pgt));
	mappings_free(&s->list);
	mappings_free(&now.list);
}

int leaf_at(struct pg_table *pgt, unsigned long va, struct pg_table_leaf *leaf)
{
	struct pg_table_leaf own;
	int ret;

	if (!leaf)
		leaf = &own;
	ret = pg_table_lookup(pgt, va, leaf);
	if (ret == -ENOENT)
		return -1;
	CHECK_OK(ret);
	return leaf->level;
}

void check_maps(struct fix *f, struct pg_table *pgt, unsigned long va, u64 pa,
		size_t size, unsigned int flags)
{
	struct mappings list = { };
	unsigned long last = va + (size - 1), at = va;
	size_t i;

	CHECK(decode(f->d, f->sim, pgt->pgd, va, last, &list));
	for (i = 0; i < list.n; i++) {
		struct mapping *m = &list.run[i];

		CHECK(m->va <= at);
		CHECK_EQ(m->pa + (at - m->va), pa + (at - va));
		CHECK_EQ(m->flags & ~(MAPPING_ACCESSED | MAPPING_DIRTY |
				      MAPPING_RUN), expressed(f->d, flags));
		at = mapping_last(f->d, m) + 1;
	}
	CHECK(list.n && at - 1 >= last);
	mappings_free(&list);
}

void check_empty(struct fix *f, struct pg_table *pgt, unsigned long va,
		 size_t size)
{
	struct mappings list = { };

	CHECK(decode(f->d, f->sim, pgt->pgd, va, va + (size - 1), &list));
	CHECK_EQ(list.n, 0);
	mappings_free(&list);
}

u64 *slot_of(struct fix *f, struct pg_table *pgt, unsigned long va,
	     unsigned int level)
{
	u64 *table = (u64 *)pgt->pgd;
	unsigned int l, flags;
	u64 pa;

	for (l = f->top; ; l--) {
		u64 *slot = &table[va >> f->d->shift[l] &
				   (entries_of(f->d, l) - 1)];

		if (l == level)
			return slot;
		CHECK_EQ(f->d->classify(plain_entry(f->d, *slot, l), l, &pa,
					&flags), ENTRY_TABLE);
		table = pg_table_sim_to_ptr(f->sim, pa);
	}
}

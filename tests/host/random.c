// SPDX-License-Identifier: GPL-2.0
/*
 * The random test: tables that share a memory do what the model predicts,
 * operation by operation.
 *
 * Environment: SEED for the same run again, OPS for how many operations per
 * format, SECONDS of a CPU for how long at most, FORMAT for one format only,
 * RECORD for a file that gets what the fuzzer needs to do the same. With an
 * argument it lists the formats.
 *
 * Built with FUZZ, the fuzzer's input takes the place of the random numbers, as
 * far as it goes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/pg_table_sim.h>

#include "host_shim.h"
#include "mmu.h"
#include "model.h"

#ifdef FUZZ
#define MEMORY		(64UL << 20)
#else
#define MEMORY		(256UL << 20)
#endif
#define EPISODE		4000	/* operations until all is torn down */
#define FULL_CHECK	128	/* operations between full checks */
#define TOO_MANY	60	/* tables of one model */
#define ACCESSES	3	/* between two operations */

/**
 * struct run - one run over one format
 * @format: the format
 * @d: how to read it
 * @young: the same, but that accesses which were recorded are ignored
 * @ageing: in this episode accesses are forgotten now and then
 * @seed: what it began with
 * @rng: state of the random numbers
 * @input: what is left of the fuzzer's input, instead of random numbers
 * @left: how many bytes that are
 * @record: gets the input that would do the same; NULL for nothing
 * @op: operations so far
 * @sim: the memory
 * @mmu: the CPUs
 * @world: the models
 * @pgt: the tables
 * @gather: a gather of each table
 * @failed: calls that failed so far
 * @injected: failed allocations that were asked for so far
 * @armed: an allocation was asked to fail in this operation
 * @flushes: flushes before this operation
 * @near: an address that the last operation was about
 * @accesses: accesses that CPUs did so far
 * @line: what this operation is, for messages
 */
struct run {
	const struct pg_table_format	*format;
	const struct decoder		*d;
	struct decoder			young;
	bool				ageing;
	unsigned long			seed;
	u64				rng;
	const u8			*input;
	size_t				left;
	FILE				*record;
	unsigned long			op;
	struct pg_table_sim		*sim;
	struct mmu			*mmu;
	struct world			world;
	struct pg_table			*pgt[MODELS];
	struct pg_table_gather		gather[MODELS];
	unsigned long			failed;
	unsigned long			injected;
	bool				armed;
	unsigned long			flushes;
	unsigned long			near;
	unsigned long			accesses;
	char				line[200];
};

/**
 * struct args - the arguments of an operation
 * @id: which table
 * @va: first address
 * @size: bytes
 * @last: last address
 * @gfp: how to allocate
 * @gather: NULL to flush at once
 */
struct args {
	unsigned int		id;
	unsigned long		va;
	size_t			size;
	unsigned long		last;
	gfp_t			gfp;
	struct pg_table_gather	*gather;
};

/* As many bytes of the input as tell numbers below @n apart. */
static unsigned int next_input(struct run *r, unsigned int n)
{
	unsigned int value = 0, shift = 0;

	for (n--; n && r->left; n >>= 8, shift += 8) {
		value |= (unsigned int)*r->input++ << shift;
		r->left--;
	}
	return value;
}

static void record(struct run *r, unsigned int value, unsigned int n)
{
	for (n--; n; n >>= 8, value >>= 8)
		putc(value & 0xff, r->record);
}

static unsigned int rnd(struct run *r, unsigned int n)
{
	unsigned int value;

	if (r->left)
		return next_input(r, n) % n;
	r->rng ^= r->rng >> 12;
	r->rng ^= r->rng << 25;
	r->rng ^= r->rng >> 27;
	value = (r->rng * 0x2545f4914f6cdd1d >> 33) % n;
	if (r->record)
		record(r, value, n);
	return value;
}

static bool chance(struct run *r, unsigned int percent)
{
	return rnd(r, 100) < percent;
}

__printf(2, 3) __noreturn
static void mismatch(struct run *r, const char *why, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: seed %lu, operation %lu: %s: ", r->d->name,
		r->seed, r->op, r->line);
	va_start(args, why);
	vfprintf(stderr, why, args);
	va_end(args);
	fputc('\n', stderr);
	if (r->input)
		abort();
	_exit(1);
}

/* Compare a part of a table with its model; in all of it, runs are whole. */
static void check_range(struct run *r, unsigned int id, unsigned long first,
			unsigned long last)
{
	bool all = !first && last == ~0UL;
	struct mappings real = { }, want = { };

	if (!decode(r->d, r->sim, r->pgt[id]->pgd, first, last, &real))
		mismatch(r, "table %u cannot be read", id);
	model_expand(&r->world, &r->world.model[id], first, last, &want);
	if (!mappings_equal(&real, &want)) {
		fprintf(stderr, "what is mapped:\n");
		mappings_print(r->d, &real);
		fprintf(stderr, "what should be:\n");
		mappings_print(r->d, &want);
		mismatch(r, "table %u differs in %#lx-%#lx", id, first, last);
	}
	if (all && !runs_are_whole(r->d, &real))
		mismatch(r, "table %u has a broken run", id);
	mappings_free(&real);
	mappings_free(&want);
}

/* Is @leaf the item that @one is, or is a member of? */
static bool is_item(struct run *r, const struct pg_table_leaf *leaf,
		    const struct mapping *one)
{
	unsigned long size = one->flags & MAPPING_RUN ?
			     run_size(r->d, one->level) :
			     level_size(r->d, one->level);

	return leaf->level == one->level && leaf->size == size &&
	       leaf->va == (one->va & ~(size - 1)) &&
	       leaf->pa == (one->pa & ~(u64)(size - 1)) &&
	       pg_table_prot_flags(r->format, leaf->prot) ==
	       (one->flags & ~(MAPPING_ACCESSED | MAPPING_DIRTY | MAPPING_RUN));
}

static void check_lookup(struct run *r, unsigned int id, unsigned long va)
{
	struct mappings want = { };
	struct pg_table_leaf leaf;
	int ret = pg_table_lookup(r->pgt[id], va, &leaf);

	model_expand(&r->world, &r->world.model[id], va, va, &want);
	if (ret != (want.n ? 0 : -ENOENT))
		mismatch(r, "lookup of %#lx returned %d", va, ret);
	if (want.n && !is_item(r, &leaf, want.run))
		mismatch(r, "lookup of %#lx found something else", va);
	mappings_free(&want);
}

static void print_stats(const char *what, const struct pg_table_stats *s)
{
	fprintf(stderr, "%s: tables %lu, borrowed %lu, adopted %lu, pins %lu, ",
		what, s->tables, s->borrowed, s->adopted, s->pins);
	fprintf(stderr, "bytes %lu, mapped %lu, leaves %lu %lu %lu, runs %lu, wx %lu, ",
		s->bytes, s->mapped, s->leaves[0], s->leaves[1], s->leaves[2],
		s->runs, s->wx);
	fprintf(stderr, "holes %lu\n", s->holes);
}

static void check_stats(struct run *r, unsigned int id)
{
	const struct model *m = &r->world.model[id];
	struct pg_table_stats s, want = { };
	unsigned int i;
	size_t n;

	want.tables = 1 + model_tables(m, &want.bytes);
	for (i = 0; i < m->n_pins; i++)
		want.pins += m->pins[i].n + m->pins[i].edges;
	for (n = 0; n < m->list.n; n++) {
		const struct mapping *run = &m->list.run[n];

		if (run->flags & MAPPING_ALIAS) {
			want.borrowed++;
			continue;
		}
		if (run->flags & MAPPING_HOLE) {
			want.holes += run->n * level_size(r->d, run->level);
			continue;
		}
		want.leaves[run->level] += run->n;
		if (run->flags & MAPPING_RUN)
			want.runs += run->n >> r->d->run[run->level];
		want.mapped += run->n * level_size(r->d, run->level);
		if ((run->flags & PG_TABLE_WRITE) &&
		    (run->flags & PG_TABLE_EXEC))
			want.wx += run->n;
	}
	pg_table_get_stats(r->pgt[id], &s);
	if (!memcmp(&s, &want, sizeof(s)))
		return;
	print_stats("what is", &s);
	print_stats("what should be", &want);
	mismatch(r, "statistics of table %u", id);
}

static unsigned long pages_of(struct run *r, unsigned int level)
{
	return max(entries_of(r->d, level) / 512, 1U);
}

/* Pages of the memory that should be in use: tables, and what is pending. */
static void check_used(struct run *r)
{
	struct pg_table_sim_stats sim;
	unsigned long used = 0, bytes;
	unsigned int id;

	for (id = 0; id < MODELS; id++) {
		const struct pg_table_page *page = r->gather[id].freed;

		if (!r->pgt[id])
			continue;
		model_tables(&r->world.model[id], &bytes);
		used += pages_of(r, r->d->levels - 1) + bytes / 4096;
		for (; page; page = page->next)
			used += pages_of(r, page->level);
	}
	pg_table_sim_get_stats(r->sim, &sim);
	if (sim.used == used)
		return;
	/* They say whose it is, if they know. */
	for (id = 0; id < MODELS; id++) {
		if (r->pgt[id])
			check_stats(r, id);
	}
	mismatch(r, "%lu pages are used, not %lu", sim.used, used);
}

static void check_all(struct run *r)
{
	unsigned int id;

	for (id = 0; id < MODELS; id++) {
		if (!r->pgt[id])
			continue;
		check_range(r, id, 0, ~0UL);
		check_stats(r, id);
		if (pg_table_verify(r->pgt[id]))
			mismatch(r, "verify of %u complains", id);
	}
	check_used(r);
}

/* What can be seen cheaply after each operation. */
static void check_near(struct run *r, const struct args *a)
{
	unsigned long margin = level_size(r->d, 0) * 2;
	unsigned long first = a->va > margin ? a->va - margin : 0;
	unsigned long last = a->last < ~margin ? a->last + margin : ~0UL;

	unsigned int id;

	/* What one does can show in all. */
	for (id = 0; id < MODELS; id++)
		check_range(r, id, first, last);
	check_lookup(r, a->id, a->va);
	check_lookup(r, a->id, a->last);
	check_used(r);
	r->near = chance(r, 50) ? a->va : a->last;
}

static bool pending(struct run *r, unsigned int id, const struct args *a)
{
	const struct pg_table_gather *gather = &r->gather[id];

	if (gather->edited_first <= a->last && a->va <= gather->edited_last)
		return true;
	return r->world.model[id].flags & PG_TABLE_EXCLUSIVE &&
	       gather->first <= a->last && a->va <= gather->last;
}

static u64 name_flags(struct run *r, unsigned int flags)
{
	return pgprot_val(pg_table_prot(r->format, flags));
}

/*
 * Is @ret what was predicted? What failed must not have flushed. True if the
 * model has to follow.
 */
static bool judge(struct run *r, int ret, u64 errors, gfp_t gfp,
		  unsigned long made)
{
	struct pg_table_sim_stats sim;

	pg_table_sim_get_stats(r->sim, &sim);
	if (ret)
		r->failed++;
	if (ret && sim.flushes != r->flushes)
		mismatch(r, "returned %d and flushed", ret);
	/* While CPUs see the range not all can be done; the model cannot say. */
	if (ret == -EOPNOTSUPP && r->mmu->breaks)
		return false;
	if (ret == -ENOMEM && (r->armed || (!gfp && made)))
		return false;
	if (!ret && !errors) {
		if (!gfp && made)
			mismatch(r, "made %lu tables of nothing", made);
		return true;
	}
	if (!ret || !(errors & MAY_FAIL(-ret)))
		mismatch(r, "returned %d, errors %#llx", ret, errors);
	return false;
}

/* Was all flushed, or kept for it, that the verb changed? */
static void check_flush(struct run *r, const struct args *a)
{
	const struct model *m = &r->world.model[a->id];
	const struct pg_table_gather *gather = a->gather;
	struct pg_table_sim_stats sim;

	if (m->first > m->last)
		return;
	if (!gather) {
		pg_table_sim_get_stats(r->sim, &sim);
		if (sim.flushes == r->flushes)
			mismatch(r, "flushed nothing");
		/* Who maps flushes last for those who unlinked tables. */
		if (atomic_read(&r->pgt[a->id]->desc->unlinking))
			return;
		gather = &sim.last;
	}
	if (gather->first > m->first || gather->last < m->last)
		mismatch(r, "flushed %#lx-%#lx, changed %#lx-%#lx",
			 gather->first, gather->last, m->first, m->last);
}

/* The call did what was tried on a copy of the model. */
static void adopt(struct model *m, struct model *dry)
{
	model_free(m);
	*m = *dry;
}

static unsigned int random_flags(struct run *r)
{
	static const unsigned int types[] = {
		PG_TABLE_WB, PG_TABLE_WC, PG_TABLE_WT, PG_TABLE_UC,
	};
	unsigned int flags = PG_TABLE_READ;

	if (chance(r, 50))
		return flags | (chance(r, 60) ? PG_TABLE_WRITE : 0);
	flags |= types[rnd(r, 4)];
	flags |= rnd(r, 2) * PG_TABLE_WRITE | rnd(r, 3) / 2 * PG_TABLE_EXEC;
	return flags | rnd(r, 2) * PG_TABLE_USER | rnd(r, 2) * PG_TABLE_GLOBAL |
	       rnd(r, 4) / 3 * PG_TABLE_ENCRYPTED;
}

/* A place near an interesting address. */
static unsigned long random_va(struct run *r)
{
	unsigned int top = r->d->levels - 1;
	unsigned long half = 1UL << (r->d->shift[top + 1] - 1);
	const unsigned long centres[] = {
		0, level_size(r->d, top), 2 * level_size(r->d, top), half,
		r->d->va_signed ? -half : half, r->d->va_signed ? 0 : 2 * half,
	};
	unsigned long va = centres[rnd(r, 6)];

	if (chance(r, 20))
		va += ((long)rnd(r, 5) - 2) * level_size(r->d, 2);
	if (chance(r, 60))
		va += ((long)rnd(r, 9) - 4) * level_size(r->d, 1);
	if (chance(r, 70))
		va += ((long)rnd(r, 17) - 8) * level_size(r->d, 0);
	return va;
}

static size_t random_size(struct run *r, bool huge)
{
	unsigned int level = rnd(r, 100);
	size_t size;

	level = level < 60 ? 0 : level < 88 ? 1 : level < 97 ? 2 : 3;
	if (level == 3 && (!huge || r->d->levels < 4))
		level = 2;
	size = (rnd(r, 6) + 1) * level_size(r->d, level);
	if (level && chance(r, 20))
		size += rnd(r, 3) * level_size(r->d, 0);
	return size;
}

static void random_args(struct run *r, struct args *a, bool huge)
{
	static const gfp_t gfps[] = {
		GFP_KERNEL, GFP_KERNEL, GFP_KERNEL, GFP_ATOMIC, 0,
	};

	a->id = chance(r, 60) ? 0 : 1 + rnd(r, MODELS - 1);
	a->va = random_va(r);
	a->size = random_size(r, huge);
	if (chance(r, 1))
		a->va += 1 + rnd(r, 4095);
	if (chance(r, 1))
		a->size = chance(r, 50) ? 0 : a->size + 1 + rnd(r, 4095);
	a->last = a->va + (a->size - 1);
	a->gfp = gfps[rnd(r, 5)];
	a->gather = chance(r, 15) ? &r->gather[a->id] : NULL;
}

/* Every other time: a part of what is mapped, or a little more. */
static void aim(struct run *r, struct args *a)
{
	const struct model *m = &r->world.model[a->id];
	const struct mapping *run;
	unsigned int level, n;

	if (!m->list.n || chance(r, 50))
		return;
	run = &m->list.run[rnd(r, m->list.n)];
	n = run->n < 1000 ? run->n : 1000;
	a->va = run->va + rnd(r, n) * level_size(r->d, run->level);
	level = chance(r, 30) && run->level ? run->level - 1 : run->level;
	a->size = (1 + rnd(r, n)) * level_size(r->d, level);
	if (chance(r, 20))
		a->va -= level_size(r->d, 0);
	a->last = a->va + (a->size - 1);
}

static void count_flushes(struct run *r)
{
	struct pg_table_sim_stats sim;

	pg_table_sim_get_stats(r->sim, &sim);
	r->flushes = sim.flushes;
}

/* In one of fifty operations allocations fail. */
static void arm(struct run *r)
{
	r->armed = chance(r, 2);
	if (r->armed) {
		r->injected++;
		pg_table_sim_fail(r->sim, 1 + rnd(r, 6), 1 + rnd(r, 5));
	}
	count_flushes(r);
}

static void disarm(struct run *r)
{
	if (r->armed)
		pg_table_sim_fail(r->sim, 0, 0);
	r->armed = false;
}

static u64 range_errors(struct run *r, const struct args *a)
{
	return model_range_valid(&r->world.model[a->id], a->va, a->size) ? 0 :
	       MAY_FAIL(EINVAL);
}

static u64 random_pa(struct run *r, struct args *a)
{
	u64 pa = (u64)(1 + rnd(r, 1000)) << 33;
	unsigned long below = level_size(r->d, 2) - 1;

	pa += a->va & below;
	if (chance(r, 15)) {
		pa += (u64)rnd(r, 7) * level_size(r->d, 0);
		if (a->size > 2 * level_size(r->d, 1))
			a->size = 2 * level_size(r->d, 1);
		a->last = a->va + (a->size - 1);
	}
	return pa;
}

static void do_map(struct run *r)
{
	const struct touch touch = { .how = TOUCH_MAP };
	unsigned int flags = random_flags(r);
	unsigned long made = 1;	/* perhaps */
	struct model *m, dry;
	struct args a;
	u64 errors, pa;
	int ret;

	random_args(r, &a, false);
	a.gather = NULL;
	m = &r->world.model[a.id];
	/* Not millions of leaves at once. */
	if (a.size > level_size(r->d, m->leaf_sizes - 1) << 20) {
		a.size = level_size(r->d, m->leaf_sizes - 1) << 20;
		a.last = a.va + (a.size - 1);
	}
	pa = random_pa(r, &a);
	sprintf(r->line, "map %u %#lx %#llx %#zx flags %#x gfp %#x", a.id, a.va,
		pa, a.size, flags, a.gfp);
	errors = range_errors(r, &a);
	model_copy(&dry, m);
	if (!errors) {
		model_unshare(&r->world, &dry, a.va, a.last, &touch);
		errors = model_map_errors(&dry, a.va, a.last);
	}
	if (!errors) {
		model_map(&dry, a.va, a.last, pa, flags);
		made = dry.made;
	}
	if (pending(r, a.id, &a))
		errors |= MAY_FAIL(EBUSY);
	if (world_followed(&r->world, a.id, a.va, a.last))
		errors |= MAY_FAIL(EPERM);
	if ((flags & PG_TABLE_WRITE) && (flags & PG_TABLE_EXEC) &&
	    !(m->flags & PG_TABLE_ALLOW_WX))
		errors |= MAY_FAIL(EPERM);
	ret = pg_table_map(r->pgt[a.id], a.va, pa, a.size,
			   pg_table_prot(r->format, flags), a.gfp);
	if (judge(r, ret, errors, a.gfp, made)) {
		adopt(m, &dry);
		check_flush(r, &a);
		world_settle(&r->world);
	} else {
		model_free(&dry);
	}
	if (!range_errors(r, &a))
		check_near(r, &a);
}

static int call_edit(struct run *r, const struct args *a,
		     const struct edit *edit, u64 set, u64 clear)
{
	struct pg_table *pgt = r->pgt[a->id];

	switch (edit->verb) {
	case UNMAP:
		return pg_table_unmap_gather(pgt, a->va, a->size, a->gfp,
					     a->gather);
	case PROTECT:
		return pg_table_protect_gather(pgt, a->va, a->size,
					       __pgprot(set), __pgprot(clear),
					       a->gfp, a->gather);
	default:
		return pg_table_split_gather(pgt, a->va, a->size, edit->level,
					     a->gfp, a->gather);
	}
}

/* CPUs use what is edited while it is, for the first time perhaps. */
static void provoke(struct run *r, const struct args *a)
{
	unsigned long va = chance(r, 50) ? a->va : a->last;

	mmu_hint(r->mmu, va);
	if (r->ageing && chance(r, 30))
		mmu_age(r->mmu, r->pgt[a->id], va);
}

/* Is it in one range that is followed? */
static bool is_followed(struct world *w, const struct args *a)
{
	const struct link *link = world_followed(w, a->id, a->va, a->last);

	return link && link->first <= a->va && a->last <= link->last;
}

/* Is it a part, and not all, of such a range? */
static bool in_one(struct world *w, const struct args *a)
{
	return is_followed(w, a) && !world_covers(w, a->id, a->va, a->last);
}

/* All that a hole takes away must be flushed. */
static void note_hole(struct run *r, struct model *m, const struct args *a)
{
	size_t i;

	m->first = ~0UL;
	m->last = 0;
	for (i = 0; i < m->list.n; i++) {
		const struct mapping *run = &m->list.run[i];
		unsigned long last = mapping_last(r->d, run), va = run->va;

		if (run->flags & MAPPING_HOLE || last < a->va || va > a->last)
			continue;
		if (!(run->flags & MAPPING_ALIAS) && va < a->va)
			va = a->va;
		if (!(run->flags & MAPPING_ALIAS) && last > a->last)
			last = a->last;
		m->first = va < m->first ? va : m->first;
		m->last = last > m->last ? last : m->last;
	}
}

static void unload_all(struct run *r)
{
	unsigned int id;

	for (id = 0; id < MODELS; id++)
		mmu_unload_all(r->mmu, r->pgt[id]);
}

/* The arguments lie in what one link follows. */
static void run_hole(struct run *r, const struct args *a, bool fill)
{
	struct link *link = world_followed(&r->world, a->id, a->va, a->last);
	struct model *m = &r->world.model[a->id];
	u64 errors = 0;
	int ret;

	if (m->n_holes > MODEL_HOLES - 2)
		return;
	sprintf(r->line, "%s %u from %u %#lx %#zx gfp %#x%s",
		fill ? "fill" : "hole", a->id, link->src, a->va, a->size,
		a->gfp, a->gather && !fill ? " gather" : "");
	/* Under a CPU that wants breaks tables would stay when it is filled. */
	if (fill && r->d->breaks)
		unload_all(r);
	if (fill) {
		if (pending(r, a->id, a) || pending(r, link->src, a))
			errors |= MAY_FAIL(EBUSY);
		ret = pg_table_clone(r->pgt[a->id], r->pgt[link->src], a->va,
				     a->size, PG_TABLE_FOLLOW, a->gfp);
	} else {
		ret = pg_table_unmap_gather(r->pgt[a->id], a->va, a->size,
					    a->gfp, a->gather);
	}
	if (judge(r, ret, errors, a->gfp,
		  model_hole_tables(m, a->va, a->last, fill))) {
		note_hole(r, m, a);
		/* The clone has the source's table again, and its records. */
		if (fill)
			mmu_drop_marks(r->mmu, 0, ~0UL);
		if (!world_hole(&r->world, a->id, a->va, a->last, fill))
			mismatch(r, "too many holes");
		if (!fill)
			check_flush(r, a);
	}
	check_near(r, a);
}

static void run_edit(struct run *r, const struct args *a,
		     const struct edit *edit, u64 set, u64 clear)
{
	const struct touch touch = {
		.how = edit->verb == UNMAP ? TOUCH_UNMAP : TOUCH_LEAVES,
	};
	struct model *m = &r->world.model[a->id], dry;
	u64 errors = range_errors(r, a);
	unsigned long made = 0;
	int ret;

	sprintf(r->line, "edit %u %#lx %#zx verb %u flags %#x/%#x level %u gfp %#x%s",
		a->id, a->va, a->size, edit->verb, edit->set, edit->clear,
		edit->level, a->gfp, a->gather ? " gather" : "");
	if (edit->verb == SPLIT && edit->level >= r->d->leaf_sizes)
		errors |= MAY_FAIL(EINVAL);
	if (!errors && edit->verb == UNMAP &&
	    world_followed(&r->world, a->id, a->va, a->last)) {
		if (in_one(&r->world, a)) {
			run_hole(r, a, false);
			return;
		}
		if (!world_covers(&r->world, a->id, a->va, a->last))
			errors |= MAY_FAIL(EPERM);
	} else if (world_followed(&r->world, a->id, a->va, a->last)) {
		errors |= MAY_FAIL(EPERM);
	}
	model_copy(&dry, m);
	if (!errors) {
		model_unshare(&r->world, &dry, a->va, a->last, &touch);
		errors = model_edit_errors(&dry, a->va, a->last, edit);
		model_edit(&dry, a->va, a->last, edit);
		made = dry.made;
		provoke(r, a);
	}
	ret = call_edit(r, a, edit, set, clear);
	if (!judge(r, ret, errors, a->gfp, made)) {
		model_free(&dry);
	} else {
		adopt(m, &dry);
		check_flush(r, a);
		if (edit->verb == UNMAP)
			world_cut(&r->world, a->id, a->va, a->last);
		world_settle(&r->world);
	}
	if (!range_errors(r, a))
		check_near(r, a);
}

static void do_unmap(struct run *r)
{
	const struct edit unmap = { .verb = UNMAP };
	struct args a;

	random_args(r, &a, true);
	aim(r, &a);
	run_edit(r, &a, &unmap, 0, 0);
}

/* Replace the protection, or give and take only write access. */
static void do_protect(struct run *r)
{
	const u64 rw = name_flags(r, PG_TABLE_READ | PG_TABLE_WRITE);
	const u64 ro = name_flags(r, PG_TABLE_READ);
	struct edit e = { .verb = PROTECT };
	struct args a;

	random_args(r, &a, true);
	aim(r, &a);
	if (chance(r, 50)) {
		e.set = random_flags(r);
		e.clear = ~(unsigned int)(MAPPING_ACCESSED | MAPPING_DIRTY |
					  MAPPING_RUN);
		run_edit(r, &a, &e, name_flags(r, e.set),
			 pgprot_val(PG_TABLE_PROT_ALL));
	} else if (chance(r, 50)) {
		e.set = PG_TABLE_WRITE;
		run_edit(r, &a, &e, rw & ~ro, ro & ~rw);
	} else {
		e.clear = PG_TABLE_WRITE;
		run_edit(r, &a, &e, ro & ~rw, rw & ~ro);
	}
}

static void do_split(struct run *r)
{
	struct edit e = { .verb = SPLIT, .level = rnd(r, 2) };
	struct args a;

	random_args(r, &a, false);
	aim(r, &a);
	if (chance(r, 2))
		e.level = 2 + rnd(r, 5);
	/* Not thousands of tables at once. */
	if (!e.level && a.size > 4 * level_size(r->d, 1)) {
		a.size = 4 * level_size(r->d, 1);
		a.last = a.va + (a.size - 1);
	}
	run_edit(r, &a, &e, 0, 0);
}

/* Whole entries of some level. */
static void align(struct run *r, struct args *a)
{
	unsigned int level = 1 + rnd(r, r->d->levels - 1);

	a->va &= ~(level_size(r->d, level) - 1);
	a->size = (1 + rnd(r, 2)) * level_size(r->d, level);
	a->last = a->va + (a->size - 1);
}

/* Can the item be split by one level, or by two that are not too large? */
static bool is_large(const struct mapping *item, unsigned int level)
{
	return !(item->flags & (MAPPING_ALIAS | MAPPING_HOLE)) &&
	       item->level && item->level <= level + 1;
}

/* Split something, for there is little to collapse otherwise. */
static void split_one(struct run *r, struct args *a)
{
	const struct model *m = &r->world.model[a->id];
	const struct edit split = { .verb = SPLIT, .level = rnd(r, 2) };
	const struct mapping *run;
	unsigned int tries = 8;
	unsigned long size;

	do {
		if (!m->list.n || !tries--)
			return;
		run = &m->list.run[rnd(r, m->list.n)];
	} while (!is_large(run, split.level));
	size = level_size(r->d, run->level);
	a->va = run->va + rnd(r, min(run->n, 1000UL)) * size;
	a->size = size;
	a->last = a->va + (size - 1);
	run_edit(r, a, &split, 0, 0);
	count_flushes(r);
	if (chance(r, 50))
		return;
	a->va &= ~((size << 1) - 1);
	a->size = 2 * size;
	a->last = a->va + (a->size - 1);
}

static void do_collapse(struct run *r)
{
	struct model *m, dry;
	struct args a;
	u64 errors;
	int ret;

	random_args(r, &a, true);
	aim(r, &a);
	if (chance(r, 30))
		align(r, &a);
	if (chance(r, 80))
		split_one(r, &a);
	m = &r->world.model[a.id];
	sprintf(r->line, "collapse %u %#lx %#zx%s", a.id, a.va, a.size,
		a.gather ? " gather" : "");
	errors = range_errors(r, &a);
	if (!errors && world_followed(&r->world, a.id, a.va, a.last))
		errors |= MAY_FAIL(EPERM);
	model_copy(&dry, m);
	if (!errors) {
		model_collapse(&r->world, &dry, a.va, a.last);
		provoke(r, &a);
	}
	ret = pg_table_collapse_gather(r->pgt[a.id], a.va, a.size, a.gather);
	if (ret == -ENOMEM || (ret == -EOPNOTSUPP && pg_table_sim_cpu.bbml2))
		mismatch(r, "returned %d", ret);
	if (judge(r, ret, errors, GFP_KERNEL, 0)) {
		adopt(m, &dry);
		check_flush(r, &a);
		world_settle(&r->world);
	} else {
		model_free(&dry);
	}
	if (!range_errors(r, &a))
		check_near(r, &a);
}

static void do_reserve(struct run *r)
{
	unsigned int level = rnd(r, 3);
	const struct touch touch = { .how = TOUCH_RESERVE, .level = level };
	unsigned long made = 1;	/* perhaps */
	struct model *m, dry;
	struct args a;
	u64 errors;
	int ret;

	random_args(r, &a, false);
	a.gather = NULL;
	m = &r->world.model[a.id];
	if (a.size > 3 * level_size(r->d, level + 1) || m->n_pins > 20)
		return;
	sprintf(r->line, "reserve %u %#lx %#zx level %u gfp %#x", a.id, a.va,
		a.size, level, a.gfp);
	errors = range_errors(r, &a);
	model_copy(&dry, m);
	if (!errors) {
		model_unshare(&r->world, &dry, a.va, a.last, &touch);
		errors = model_reserve_errors(&dry, a.va, a.last, level);
		if (pending(r, a.id, &a))
			errors |= MAY_FAIL(EBUSY);
		if (world_followed(&r->world, a.id, a.va, a.last))
			errors |= MAY_FAIL(EPERM);
	}
	if (!errors) {
		model_reserve(&dry, a.va, a.last, level);
		made = dry.made;
	}
	ret = pg_table_reserve(r->pgt[a.id], a.va, a.size, level, a.gfp);
	if (judge(r, ret, errors, a.gfp, made)) {
		adopt(m, &dry);
		check_flush(r, &a);
		world_settle(&r->world);
	} else {
		model_free(&dry);
	}
	if (!range_errors(r, &a))
		check_near(r, &a);
}

/* Mostly where there is something to undo. */
static void do_unreserve(struct run *r)
{
	struct model *m;
	struct args a;
	u64 errors;
	int ret, level;

	random_args(r, &a, false);
	m = &r->world.model[a.id];
	if (m->n_pins && chance(r, 90)) {
		const struct pin *pin = &m->pins[rnd(r, m->n_pins)];

		a.va = pin->index << r->d->shift[pin->level + 1];
		a.size = level_size(r->d, rnd(r, pin->level + 2));
		a.last = a.va + (a.size - 1);
	}
	sprintf(r->line, "unreserve %u %#lx %#zx%s", a.id, a.va, a.size,
		a.gather ? " gather" : "");
	errors = range_errors(r, &a);
	level = errors ? -1 : model_reserved_level(m, a.va, a.last);
	if (!errors && level < 0)
		errors = MAY_FAIL(ENOENT);
	ret = pg_table_unreserve_gather(r->pgt[a.id], a.va, a.size, a.gather);
	if (judge(r, ret, errors, 0, 0)) {
		model_unreserve(m, a.va, a.last, level);
		world_settle(&r->world);
	}
	if (!range_errors(r, &a))
		check_near(r, &a);
}

static void run_copy(struct run *r, struct args *a, unsigned int src)
{
	struct world *w = &r->world;
	struct model *m = &w->model[a->id], before;
	const struct touch touch = {
		.how = TOUCH_COPY,
		.src = &w->model[src],
	};
	unsigned long made = 1;	/* perhaps */
	u64 errors = range_errors(r, a);
	int ret;

	model_copy(&before, m);
	if (!errors) {
		errors = world_copy_errors(w, a->id, src, a->va, a->last);
		if (world_followed(w, a->id, a->va, a->last))
			errors |= MAY_FAIL(EPERM);
		if (pending(r, a->id, a) || pending(r, src, a))
			errors |= MAY_FAIL(EBUSY);
	}
	if (!errors) {
		model_unshare(w, m, a->va, a->last, &touch);
		world_copy(w, a->id, src, a->va, a->last);
		made = m->made;
	}
	ret = pg_table_clone(r->pgt[a->id], r->pgt[src], a->va, a->size,
			     PG_TABLE_COPY, a->gfp);
	if (judge(r, ret, errors, a->gfp, made)) {
		model_free(&before);
		check_flush(r, a);
		world_settle(w);
		return;
	}
	model_free(m);
	*m = before;
}

static void do_copy(struct run *r)
{
	unsigned int src = rnd(r, MODELS);
	struct args a;

	random_args(r, &a, false);
	a.gather = NULL;
	if (chance(r, 50)) {
		a.id = src;
		aim(r, &a);
		a.id = rnd(r, MODELS);
	}
	/* Not thousands of tables at once. */
	if (a.size > 3 * level_size(r->d, 2)) {
		a.size = 3 * level_size(r->d, 2);
		a.last = a.va + (a.size - 1);
	}
	sprintf(r->line, "copy %u from %u %#lx %#zx gfp %#x", a.id, src, a.va,
		a.size, a.gfp);
	run_copy(r, &a, src);
	if (!range_errors(r, &a))
		check_near(r, &a);
}

/* With all checks done, the call is one that makes or takes up a link. */
static void run_clone(struct run *r, struct args *a, unsigned int src,
		      bool follows)
{
	struct world *w = &r->world;
	const struct touch touch = {
		.how = follows ? TOUCH_FOLLOW : TOUCH_SHARE,
		.src = &w->model[src],
	};
	u64 errors = range_errors(r, a);
	int ret;

	if (!errors) {
		errors = world_clone_errors(w, a->id, src, a->va, a->last,
					    follows);
		if (pending(r, a->id, a) || pending(r, src, a))
			errors |= MAY_FAIL(EBUSY);
		if (world_followed(w, a->id, a->va, a->last))
			errors |= MAY_FAIL(EPERM);
	}
	if (w->model[src].flags & ~w->model[a->id].flags & PG_TABLE_ALLOW_WX)
		errors |= MAY_FAIL(EPERM);
	ret = pg_table_clone(r->pgt[a->id], r->pgt[src], a->va, a->size,
			     follows ? PG_TABLE_FOLLOW : PG_TABLE_SHARE,
			     a->gfp);
	if (!judge(r, ret, errors, a->gfp, 1))
		return;
	model_unshare(w, &w->model[a->id], a->va, a->last, &touch);
	if (follows)
		world_follow(w, a->id, src, a->va, a->last);
	else
		world_clone(w, a->id, src, a->va, a->last, true);
	check_flush(r, a);
	world_settle(w);
}

/* The clone takes entries in the place of its own. */
static void run_replace(struct run *r, struct args *a, unsigned int src)
{
	const struct edit unmap = { .verb = UNMAP };
	struct world *w = &r->world;
	const struct touch touch = {
		.how = TOUCH_REPLACE,
		.src = &w->model[src],
	};
	u64 errors = range_errors(r, a);
	int ret;

	if (!errors) {
		errors = world_replace_errors(w, a->id, src, a->va, a->last);
		if (pending(r, a->id, a) || pending(r, src, a))
			errors |= MAY_FAIL(EBUSY);
		if (world_followed(w, a->id, a->va, a->last))
			errors |= MAY_FAIL(EPERM);
	}
	if (w->model[src].flags & ~w->model[a->id].flags & PG_TABLE_ALLOW_WX)
		errors |= MAY_FAIL(EPERM);
	ret = pg_table_clone(r->pgt[a->id], r->pgt[src], a->va, a->size,
			     PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE, a->gfp);
	if (!judge(r, ret, errors, a->gfp, 1))
		return;
	/* What the clone mapped is gone, its records too; both may map the same. */
	mmu_drop_marks(r->mmu, a->va, a->last);
	model_unshare(w, &w->model[a->id], a->va, a->last, &touch);
	model_edit(&w->model[a->id], a->va, a->last, &unmap);
	world_cut(w, a->id, a->va, a->last);
	world_clone(w, a->id, src, a->va, a->last, false);
	world_settle(w);
}

static void do_replace(struct run *r)
{
	unsigned int src = rnd(r, MODELS);
	struct args a;

	if (r->world.n_links == MODEL_LINKS)
		return;
	random_args(r, &a, true);
	a.gather = NULL;
	aim(r, &a);
	sprintf(r->line, "replace %u from %u %#lx %#zx gfp %#x", a.id, src,
		a.va, a.size, a.gfp);
	run_replace(r, &a, src);
	if (!range_errors(r, &a))
		check_near(r, &a);
}

static void do_clone(struct run *r)
{
	bool follows = chance(r, 50);
	unsigned int src;
	struct args a;

	if (r->world.n_links == MODEL_LINKS)
		return;
	random_args(r, &a, true);
	a.gather = NULL;
	a.id = rnd(r, MODELS);
	src = rnd(r, MODELS);
	if (chance(r, 40))
		align(r, &a);
	sprintf(r->line, "%s %u from %u %#lx %#zx gfp %#x",
		follows ? "follow" : "share", a.id, src, a.va, a.size, a.gfp);
	/* That would fill a hole. */
	if (follows && is_followed(&r->world, &a))
		return;
	run_clone(r, &a, src, follows);
	if (!range_errors(r, &a))
		check_near(r, &a);
}

/* Make a hole somewhere in what follows, or fill one. */
static void do_hole(struct run *r)
{
	struct world *w = &r->world;
	struct link *link;
	struct args a;
	size_t room;

	if (!w->n_links)
		return;
	link = &w->link[rnd(r, w->n_links)];
	if (!link->follows || link->cut)
		return;
	random_args(r, &a, false);
	a.id = link->dst;
	a.gather = chance(r, 15) ? &r->gather[a.id] : NULL;
	if (a.size > link->last - link->first)
		a.size = level_size(r->d, 0);
	room = link->last - link->first + 1 - a.size;
	if (a.va < link->first || a.va - link->first > room)
		a.va = link->first + (chance(r, 50) ? room : 0);
	if (chance(r, 50) && w->model[a.id].n_holes) {
		const struct hole *hole;

		hole = &w->model[a.id].holes[rnd(r, w->model[a.id].n_holes)];
		a.va = hole->first;
	}
	a.last = a.va + (a.size - 1);
	if (range_errors(r, &a) || !in_one(w, &a))
		return;
	run_hole(r, &a, chance(r, 50));
}

static void do_flush(struct run *r)
{
	unsigned int id = rnd(r, MODELS);

	sprintf(r->line, "flush %u", id);
	pg_table_gather_flush(&r->gather[id]);
	check_used(r);
}

static void clear_range(struct run *r, unsigned int id, unsigned long va,
			size_t size)
{
	const struct edit unmap = { .verb = UNMAP };
	struct args a = {
		.id = id, .gfp = GFP_KERNEL,
		.va = va, .size = size, .last = va + (size - 1),
	};

	count_flushes(r);
	run_edit(r, &a, &unmap, 0, 0);
}

/* As much as can be at once, so that tables do not become too many. */
static void clear(struct run *r, unsigned int id)
{
	unsigned long half = 1UL << (r->d->shift[r->d->levels] - 1);

	if (!r->d->va_signed) {
		clear_range(r, id, 0, 2 * half);
		return;
	}
	clear_range(r, id, 0, half);
	clear_range(r, id, -half, half);
}

/* The index of a table, or MODELS. */
static unsigned int id_of(struct run *r, const struct pg_table *pgt)
{
	unsigned int id = 0;

	while (id < MODELS && r->pgt[id] != pgt)
		id++;
	return id;
}

/* CPUs may still hold what any gather covers. */
static bool may_be_stale(struct run *r, unsigned long va)
{
	unsigned int id;

	for (id = 0; id < MODELS; id++) {
		if (r->gather[id].edited_first <= va &&
		    va <= r->gather[id].edited_last)
			return true;
	}
	return false;
}

/* Somewhere near the last operation, or in what is mapped. */
static unsigned long used_va(struct run *r, unsigned int id)
{
	const struct mappings *list = &r->world.model[id].list;
	unsigned long page = level_size(r->d, 0);
	const struct mapping *m;

	if (!list->n || chance(r, 40))
		return r->near + ((long)rnd(r, 5) - 2) * page;
	m = &list->run[rnd(r, list->n)];
	return m->va + rnd(r, m->n < 1000 ? m->n : 1000) *
	       level_size(r->d, m->level) + rnd(r, page);
}

/* A CPU gets where the model says, or a fault where that says so. */
static void check_access(struct run *r, unsigned int cpu, unsigned int id,
			 unsigned long va)
{
	static const unsigned int kinds[] = {
		PG_TABLE_READ, PG_TABLE_READ, PG_TABLE_WRITE, PG_TABLE_EXEC,
		PG_TABLE_READ | PG_TABLE_USER,
	};
	unsigned int wants = kinds[rnd(r, ARRAY_SIZE(kinds))];
	struct mappings want = { };
	struct mmu_result got;
	bool done = mmu_access(r->mmu, cpu, va, wants, &got);
	bool granted;

	r->accesses++;
	if (may_be_stale(r, va))
		return;
	/* A global translation can be that of another table. */
	if (done)
		id = id_of(r, got.pgt);
	model_expand(&r->world, &r->world.model[id], va, va, &want);
	granted = want.n && !(wants & ~want.run->flags);
	if (done != granted)
		mismatch(r, "CPU %u %s %#lx in table %u, wants %#x", cpu,
			 done ? "can access" : "cannot access", va, id, wants);
	if (done && (got.pa != want.run->pa + (va - want.run->va) ||
		     got.level != want.run->level))
		mismatch(r, "CPU %u finds %#lx of table %u at %#llx", cpu, va,
			 id, got.pa);
	mappings_free(&want);
}

static void use_cpus(struct run *r)
{
	unsigned int i, cpu, id;

	for (i = 0; i < ACCESSES; i++) {
		const struct mmu_space *space;

		cpu = rnd(r, MMU_CPUS);
		id = rnd(r, MODELS);
		space = r->mmu->cpu[cpu].space;
		if (space && !chance(r, 5))
			id = id_of(r, space->pgt);
		else if (r->pgt[id])
			mmu_load(r->mmu, cpu, r->pgt[id]);
		else
			continue;
		check_access(r, cpu, id, used_va(r, id));
		if (r->ageing && chance(r, 5))
			mmu_age(r->mmu, r->pgt[id], used_va(r, id));
	}
}

/* After each flush, and where a flush is missing soon enough. */
static void check_cpus(struct run *r)
{
	struct pg_table_sim_stats sim;

	pg_table_sim_get_stats(r->sim, &sim);
	if (sim.flushes != r->flushes || chance(r, 5))
		mmu_check(r->mmu);
}

static void found_wrong(void *arg, enum mmu_fault fault, const char *text)
{
	mismatch(arg, "%s", text);
}

static void step(struct run *r)
{
	unsigned int what = rnd(r, 100), id;
	unsigned long bytes;

	r->op++;
	use_cpus(r);
	arm(r);
	if (what < 31)
		do_map(r);
	else if (what < 56)
		do_unmap(r);
	else if (what < 64)
		do_protect(r);
	else if (what < 70)
		do_split(r);
	else if (what < 74)
		do_collapse(r);
	else if (what < 77)
		do_reserve(r);
	else if (what < 81)
		do_unreserve(r);
	else if (what < 87)
		do_clone(r);
	else if (what < 89)
		do_copy(r);
	else if (what < 92)
		do_replace(r);
	else if (what < 98)
		do_hole(r);
	else
		do_flush(r);
	disarm(r);
	check_cpus(r);

	if (r->op % FULL_CHECK)
		return;
	check_all(r);
	for (id = 0; id < MODELS; id++) {
		if (model_tables(&r->world.model[id], &bytes) > TOO_MANY)
			clear(r, id);
	}
}

static void episode_begin(struct run *r)
{
	struct pg_table_config config = {
		.format = r->format,
		.ops = pg_table_sim_ops(r->sim),
		.leaf_sizes = chance(r, 70) ? 0 : 1 + rnd(r, r->d->leaf_sizes),
	};
	unsigned int id, sizes = config.leaf_sizes ?: r->d->leaf_sizes;

	r->d = decoder_of(r->format);
	r->ageing = r->d->age && chance(r, 30);
	if (r->ageing) {
		r->young = *r->d;
		r->young.ignore = MAPPING_ACCESSED | MAPPING_DIRTY;
		r->d = &r->young;
	}
	pg_table_sim_cpu.svnapot = chance(r, 80);
	pg_table_sim_cpu.bbml2 = chance(r, 50);
	if (r->d->breaks)
		r->mmu->breaks = pg_table_sim_cpu.bbml2 ? TLB_MAY_RESIZE :
							  TLB_BREAKS;
	r->mmu->evict = chance(r, 50) ? 0 : 5;
	for (id = 0; id < MODELS; id++) {
		config.flags = rnd(r, 2) * PG_TABLE_EXCLUSIVE |
			       rnd(r, 2) * PG_TABLE_ALLOW_WX |
			       rnd(r, 4) / 3 * PG_TABLE_KEEP_SMALL;
		r->pgt[id] = pg_table_create(&config);
		if (IS_ERR(r->pgt[id]))
			mismatch(r, "create failed");
		pg_table_gather_init(&r->gather[id], r->pgt[id]);
		/* What no CPU ever had is not asked for its gathers. */
		mmu_load(r->mmu, 0, r->pgt[id]);
		model_init(&r->world.model[id], r->d, id, config.flags, sizes);
	}
}

static void try_destroy(struct run *r, unsigned int id)
{
	bool busy = world_busy(&r->world, id);
	int ret;

	mmu_unload_all(r->mmu, r->pgt[id]);
	ret = pg_table_destroy(r->pgt[id]);
	sprintf(r->line, "destroy %u", id);
	if (ret != (busy ? -EBUSY : 0))
		mismatch(r, "returned %d, busy %d", ret, busy);
	if (ret)
		return;
	r->pgt[id] = NULL;
	world_forget(&r->world, id);
	model_free(&r->world.model[id]);
	model_init(&r->world.model[id], r->d, id, 0, r->d->leaf_sizes);
}

/* Tear down in random order, as far as nobody borrows. */
static void episode_end(struct run *r)
{
	unsigned int id, left = MODELS;

	for (id = 0; id < MODELS; id++)
		pg_table_gather_flush(&r->gather[id]);
	check_all(r);
	for (id = 0; id < MODELS; id++) {
		if (chance(r, 50))
			clear(r, id);
	}
	while (left) {
		id = rnd(r, MODELS);
		if (!r->pgt[id])
			continue;
		try_destroy(r, id);
		left -= !r->pgt[id];
		check_used(r);
	}
}

static void run_open(struct run *r, const struct pg_table_format *format)
{
	r->format = format;
	r->d = decoder_of(format);
	r->sim = pg_table_sim_create(MEMORY);
	if (!r->sim)
		mismatch(r, "no memory");
	pg_table_sim_poison(r->sim, true);
	r->mmu = mmu_create(r->sim, r->d, MEMORY, r->seed);
	r->mmu->report = found_wrong;
	r->mmu->arg = r;
}

static void run_close(struct run *r, const struct host_shim_stats *before)
{
	struct host_shim_stats after;

	mmu_destroy(r->mmu);
	pg_table_sim_destroy(r->sim);
	host_get_stats(&after);
	if (after.live != before->live || after.warnings != before->warnings)
		mismatch(r, "the library left something behind, or warned");
}

#ifdef FUZZ
static const struct pg_table_format *chosen_format(void)
{
	const struct pg_table_format *format;
	const char *name = getenv("FORMAT");
	unsigned int i;

	for (i = 0; (format = pg_table_sim_format(i)); i++) {
		if (name && !strcmp(name, pg_table_format_name(format)))
			return format;
	}
	fprintf(stderr, "fuzz: FORMAT is not the name of a format\n");
	exit(1);
}

/* The name by which libFuzzer knows it. */
int fuzz_input(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

/* One episode, as long as the input lasts. */
int fuzz_input(const u8 *data, size_t size)
{
	/* What the input is too short for comes from the same numbers always. */
	struct run r = { .rng = 1, .input = data, .left = size };
	struct host_shim_stats before;

	if (!size)
		return 0;
	host_get_stats(&before);
	run_open(&r, chosen_format());
	episode_begin(&r);
	while (r.left && r.op < EPISODE)
		step(&r);
	episode_end(&r);
	run_close(&r, &before);
	return 0;
}
#else
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static unsigned long setting(const char *name, unsigned long value)
{
	const char *given = getenv(name);

	return given && *given ? strtoul(given, NULL, 0) : value;
}

static void run_format(const struct pg_table_format *format,
		       unsigned long seed)
{
	unsigned long ops = setting("OPS", 100000);
	double begin = seconds(), limit = begin + setting("SECONDS", 300);
	struct host_shim_stats before;
	struct run r = {
		.seed = seed,
		.rng = seed * 0x9e3779b97f4a7c15 | 1,
	};

	host_get_stats(&before);
	run_open(&r, format);
	if (getenv("RECORD")) {
		r.record = fopen(getenv("RECORD"), "wb");
		if (!r.record)
			mismatch(&r, "RECORD cannot be written");
	}
	while (r.op < ops && seconds() < limit) {
		unsigned long end = r.op + EPISODE;

		episode_begin(&r);
		while (r.op < end && r.op < ops)
			step(&r);
		episode_end(&r);
	}
	run_close(&r, &before);
	if (r.record && fclose(r.record))
		mismatch(&r, "RECORD cannot be written");
	printf("PASS random_operations_do_what_the_model_predicts: ");
	printf("%s, %lu operations, %lu refused, %lu short of memory, ",
	       r.d->name, r.op, r.failed, r.injected);
	printf("%lu accesses, %.0f s%s\n", r.accesses, seconds() - begin,
	       r.op < ops ? " (stopped by the clock)" : "");
	fflush(stdout);
}

/* Returns whether the run that ended failed. */
static bool wait_for_one(void)
{
	int status;

	if (wait(&status) < 0)
		return true;
	if (status)
		printf("FAIL random_operations_do_what_the_model_predicts\n");
	fflush(stdout);
	return status;
}

static int list_formats(void)
{
	const struct pg_table_format *format;
	unsigned int i;

	for (i = 0; (format = pg_table_sim_format(i)); i++)
		puts(pg_table_format_name(format));
	return 0;
}

int main(int argc, char **argv)
{
	const struct pg_table_format *format;
	unsigned long seed = setting("SEED", time(NULL));
	const char *only = getenv("FORMAT");
	unsigned int n = 0, running = 0, failed = 0;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (argc > 1)
		return list_formats();
	printf("random: SEED=%lu\n", seed);
	fflush(stdout);
	while (pg_table_sim_format(n))
		n++;
	/* From the last: the quick ones at the end use the CPUs evenly. */
	while (n) {
		pid_t pid;

		format = pg_table_sim_format(--n);

		if (only && strcmp(only, pg_table_format_name(format)))
			continue;
		/* No more at a time than there are CPUs. */
		if (running == cpus) {
			failed += wait_for_one();
			running--;
		}
		pid = fork();
		if (pid < 0) {
			perror("fork");
			return 1;
		}
		if (!pid) {
			run_format(format, seed);
			exit(0);
		}
		running++;
	}
	while (running--)
		failed += wait_for_one();
	return !!failed;
}
#endif

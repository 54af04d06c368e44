// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated MMU: CPUs, walks, and what it hears of the library.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/atomic.h>

#include "mmu.h"

#define SIM_SHIFT	12

/* The library's operations carry no argument for it. */
static struct mmu *attached;

static unsigned int rnd(struct mmu_cpu *cpu, unsigned int n)
{
	cpu->rng ^= cpu->rng >> 12;
	cpu->rng ^= cpu->rng << 25;
	cpu->rng ^= cpu->rng >> 27;
	return (cpu->rng * 0x2545f4914f6cdd1d >> 33) % n;
}

void mmu_wrong(struct mmu *mmu, enum mmu_fault fault, const struct mmu_cpu *cpu,
	       const struct tlb_entry *e, const char *why, ...)
{
	char text[300];
	va_list args;
	size_t n = 0;

	if (cpu)
		n += snprintf(text, sizeof(text), "CPU %u: ", cpu->nr);
	if (e)
		n += snprintf(text + n, sizeof(text) - n,
			      "%s of level %u, id %u, %#lx-%#lx -> %#llx flags %#x: ",
			      e->walk ? "walk" : "leaf", e->level, e->id,
			      e->first, e->last, (unsigned long long)e->pa,
			      e->flags);
	va_start(args, why);
	vsnprintf(text + n, sizeof(text) - n, why, args);
	va_end(args);
	if (mmu->report) {
		mmu->report(mmu->arg, fault, text);
		return;
	}
	fflush(stdout);
	fprintf(stderr, "mmu: %s\n", text);
	_exit(1);
}

/* Does the table translate the address at all? */
static bool va_valid(const struct decoder *d, const struct pg_table *pgt,
		     unsigned long va)
{
	unsigned int bits = d->shift[d->levels];
	bool upper = pgt->desc->config.flags & PG_TABLE_KERNEL_HALF;

	if (d->two_roots)
		return (long)va >> bits == (upper ? -1 : 0);
	if (d->va_signed)
		return (long)va >> (bits - 1) == 0 ||
		       (long)va >> (bits - 1) == -1;
	return !(va >> bits);
}

static bool is_freed(struct mmu *mmu, u64 pa)
{
	return __atomic_load_n(&mmu->freed[pa >> SIM_SHIFT], __ATOMIC_RELAXED);
}

static void set_freed(struct mmu *mmu, const void *table, size_t size, bool on)
{
	u64 pa = (const char *)table - (const char *)mmu->ops->memory;
	u64 end = pa + size;

	for (; pa < end; pa += 1 << SIM_SHIFT)
		__atomic_store_n(&mmu->freed[pa >> SIM_SHIFT], on,
				 __ATOMIC_RELAXED);
}

u64 *mmu_slot(struct mmu *mmu, u64 pa, unsigned int level, unsigned long va)
{
	u64 *table = pg_table_sim_to_ptr(mmu->sim, pa);

	return &table[va >> mmu->d->shift[level] &
		      (entries_of(mmu->d, level) - 1)];
}

/* The root is where the walk of any address begins. */
struct tlb_entry mmu_root(struct mmu *mmu, const struct mmu_space *space)
{
	return (struct tlb_entry){
		.id = space->id,
		.walk = true,
		.level = mmu->d->levels,
		.last = ~0UL,
		.pa = (const char *)space->root -
		      (const char *)mmu->ops->memory,
		.flags = PASSING,
	};
}

int mmu_decode(struct mmu *mmu, const struct tlb_entry *at, unsigned long va,
	       u64 entry, struct tlb_entry *next)
{
	unsigned int level = at->level - 1;
	unsigned long span = level_size(mmu->d, level) - 1;
	int kind;

	*next = (struct tlb_entry){
		.id = at->id,
		.level = level,
		.first = va & ~span,
		.last = va | span,
	};
	kind = mmu->d->classify(entry, level, &next->pa, &next->flags);
	if (kind == ENTRY_TABLE && !pg_table_sim_to_ptr(mmu->sim, next->pa))
		return ENTRY_BAD;
	if (kind == ENTRY_LEAF && next->flags & MAPPING_RUN) {
		span = run_size(mmu->d, level) - 1;
		/* Each leaf holds its own address or that of the run. */
		if (!mmu->d->run_base)
			next->pa -= next->first & span;
		next->first = va & ~span;
		next->last = va | span;
	}
	next->walk = kind == ENTRY_TABLE;
	next->flags &= ~PASSING | at->flags;
	return kind;
}

bool mmu_look(struct mmu *mmu, const struct mmu_space *space, unsigned long va,
	      unsigned int level, struct tlb_entry *found)
{
	struct tlb_entry at = mmu_root(mmu, space);
	u64 entry;

	do {
		const u64 *slot = mmu_slot(mmu, at.pa, at.level - 1, va);

		entry = plain_entry(mmu->d, __atomic_load_n(slot, __ATOMIC_ACQUIRE),
				    at.level - 1);
		if (maps_nothing(mmu->d, entry) ||
		    mmu_decode(mmu, &at, va, entry, found) == ENTRY_BAD)
			return false;
		at = *found;
	} while (at.walk && at.level > level);
	return true;
}

static void mark(struct mmu *mmu, struct mmu_cpu *cpu, unsigned long va,
		 const struct tlb_entry *leaf, bool write)
{
	cpu->mark[cpu->n_marks++ % MMU_MARKS] = (struct mmu_mark){
		.id = leaf->id,
		.va = va,
		.pa = leaf->pa + (va - leaf->first),
		.flags = MAPPING_ACCESSED | (write ? MAPPING_DIRTY : 0),
	};
}

static bool grants(const struct tlb_entry *leaf, unsigned int wants)
{
	return !(wants & ~leaf->flags);
}

/* Read the entry for @va in the table that @at leads to, and record the use. */
static bool step(struct mmu *mmu, struct mmu_cpu *cpu,
		 const struct tlb_entry *at, unsigned long va,
		 unsigned int wants, struct tlb_entry *next)
{
	const struct decoder *d = mmu->d;
	unsigned int level = at->level - 1;
	u64 *slot = mmu_slot(mmu, at->pa, level, va);
	bool write = wants & PG_TABLE_WRITE;

	if (is_freed(mmu, at->pa)) {
		mmu_wrong(mmu, MMU_FREED, cpu, at,
			  "walks a table that was freed for %#lx", va);
		return false;
	}
	for (;;) {
		u64 raw = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
		u64 entry = plain_entry(d, raw, level), touched;

		if (maps_nothing(d, entry))
			return false;
		if (mmu_decode(mmu, at, va, entry, next) == ENTRY_BAD) {
			mmu_wrong(mmu, MMU_BAD, cpu, at, "%#llx at %#lx",
				  (unsigned long long)entry, va);
			return false;
		}
		if (!d->touch || (!next->walk && !grants(next, wants)))
			return true;
		touched = d->touch(entry, level, write);
		if (touched == entry)
			return true;
		if (__atomic_compare_exchange_n(slot, &raw,
						raw_entry(d, touched, level),
						false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED) &&
		    !next->walk)
			mark(mmu, cpu, va, next, write);
	}
}

static void remember(struct mmu *mmu, struct mmu_cpu *cpu, struct tlb_entry e,
		     unsigned long va)
{
	unsigned long page = level_size(mmu->d, 0) - 1;

	/* A part of a large leaf or of a run is a translation, too. */
	if (!e.walk && e.last - e.first > page && !rnd(cpu, 4)) {
		e.pa += (va & ~page) - e.first;
		e.first = va & ~page;
		e.last = va | page;
	}
	if (mmu->breaks)
		mmu_check_breaks_for(mmu, cpu, &e);
	tlb_insert(&cpu->tlb, &e, rnd(cpu, TLB_LEAVES));
}

/* From the table that the CPU knows to be nearest, or from the root. */
static bool walk(struct mmu *mmu, struct mmu_cpu *cpu, unsigned long va,
		 unsigned int wants, struct tlb_entry *leaf)
{
	struct tlb_entry *known = tlb_find(&cpu->tlb, true, cpu->space->id, va);
	struct tlb_entry at;

	at = known && rnd(cpu, 8) ? *known : mmu_root(mmu, cpu->space);
	do {
		if (!step(mmu, cpu, &at, va, wants, leaf))
			return false;
		if (leaf->walk || grants(leaf, wants))
			remember(mmu, cpu, *leaf, va);
		at = *leaf;
	} while (at.walk);
	return grants(leaf, wants);
}

/* Must the CPU write to the leaf in memory before it does the access? */
static bool must_record(struct mmu *mmu, const struct tlb_entry *leaf,
			unsigned int wants)
{
	return mmu->d->touch && wants & PG_TABLE_WRITE &&
	       !(leaf->flags & MAPPING_DIRTY);
}

/*
 * A translation that does not grant the access is looked up anew, as if the
 * fault had been found to be spurious.
 */
static bool translate(struct mmu *mmu, struct mmu_cpu *cpu, unsigned long va,
		      unsigned int wants, struct tlb_entry *leaf)
{
	struct tlb_entry *e;

	if (!cpu->space || !va_valid(mmu->d, cpu->space->pgt, va))
		return false;
	while ((e = tlb_find(&cpu->tlb, false, cpu->space->id, va))) {
		*leaf = *e;
		if (grants(leaf, wants) && !must_record(mmu, leaf, wants))
			return true;
		tlb_remove(&cpu->tlb.leaves, e);
	}
	return walk(mmu, cpu, va, wants, leaf);
}

static void evict(struct mmu *mmu, struct mmu_cpu *cpu)
{
	struct tlb_cache *cache = tlb_cache_of(&cpu->tlb, rnd(cpu, 4) == 0);

	if (rnd(cpu, 100) < mmu->evict && cache->n)
		tlb_remove(cache, &cache->entry[rnd(cpu, cache->n)]);
}

static void note_recent(struct mmu_cpu *cpu, unsigned long va)
{
	cpu->recent[cpu->n_recent++ % MMU_RECENT] = va;
}

bool mmu_access(struct mmu *mmu, unsigned int nr, unsigned long va,
		unsigned int wants, struct mmu_result *result)
{
	struct mmu_cpu *cpu = &mmu->cpu[nr];
	struct tlb_entry leaf;
	bool done;

	spin_lock(&cpu->lock);
	evict(mmu, cpu);
	note_recent(cpu, va);
	done = translate(mmu, cpu, va, wants, &leaf);
	if (done && result)
		*result = (struct mmu_result){
			.pgt = mmu->space[leaf.id - 1].pgt,
			.pa = leaf.pa + (va - leaf.first),
			.flags = leaf.flags,
			.level = leaf.level,
		};
	spin_unlock(&cpu->lock);
	return done;
}

static void prefetch(struct mmu *mmu, struct mmu_cpu *cpu, unsigned long va)
{
	struct tlb_entry leaf;

	if (cpu->space && va_valid(mmu->d, cpu->space->pgt, va))
		walk(mmu, cpu, va, 0, &leaf);
}

void mmu_prefetch(struct mmu *mmu, unsigned int nr, unsigned long va)
{
	struct mmu_cpu *cpu = &mmu->cpu[nr];

	spin_lock(&cpu->lock);
	note_recent(cpu, va);
	prefetch(mmu, cpu, va);
	spin_unlock(&cpu->lock);
}

/* A page around an address of late. */
static unsigned long near_recent(struct mmu *mmu, struct mmu_cpu *cpu)
{
	return cpu->recent[rnd(cpu, MMU_RECENT)] +
	       ((long)rnd(cpu, 3) - 1) * level_size(mmu->d, 0);
}

void mmu_hint(struct mmu *mmu, unsigned long va)
{
	struct mmu_cpu *cpu;

	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		spin_lock(&cpu->lock);
		note_recent(cpu, va);
		spin_unlock(&cpu->lock);
	}
}

void mmu_prefetch_all(struct mmu *mmu, unsigned long va)
{
	struct mmu_cpu *cpu;

	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		spin_lock(&cpu->lock);
		prefetch(mmu, cpu, va);
		prefetch(mmu, cpu, near_recent(mmu, cpu));
		spin_unlock(&cpu->lock);
	}
}

static struct mmu_space *find_space(struct mmu *mmu, const struct pg_table *pgt)
{
	unsigned int i;

	for (i = 0; i < MMU_SPACES; i++) {
		if (mmu->space[i].pgt == pgt)
			return &mmu->space[i];
	}
	return NULL;
}

static struct mmu_space *get_space(struct mmu *mmu, struct pg_table *pgt)
{
	struct mmu_space *space = find_space(mmu, pgt);

	if (!space) {
		space = find_space(mmu, NULL);
		if (!space)
			abort();
		space->pgt = pgt;
		space->root = pgt->pgd;
		space->id = space - mmu->space + 1;
	}
	return space;
}

void mmu_load(struct mmu *mmu, unsigned int nr, struct pg_table *pgt)
{
	struct mmu_cpu *cpu = &mmu->cpu[nr];

	spin_lock(&mmu->lock);
	spin_lock(&cpu->lock);
	if (cpu->space)
		atomic_dec(&cpu->space->pgt->desc->loaded);
	cpu->space = pgt ? get_space(mmu, pgt) : NULL;
	if (pgt)
		atomic_inc(&pgt->desc->loaded);
	spin_unlock(&cpu->lock);
	spin_unlock(&mmu->lock);
}

void mmu_unload_all(struct mmu *mmu, struct pg_table *pgt)
{
	struct mmu_cpu *cpu;

	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		if (cpu->space && cpu->space->pgt == pgt)
			mmu_load(mmu, cpu->nr, NULL);
	}
}

u64 *mmu_find(struct mmu *mmu, struct pg_table *pgt, unsigned long va,
	      unsigned int level)
{
	const struct mmu_space space = { .pgt = pgt, .root = pgt->pgd };
	struct tlb_entry at = mmu_root(mmu, &space);

	if (at.level > level + 1 &&
	    (!mmu_look(mmu, &space, va, level + 1, &at) || !at.walk))
		return NULL;
	return mmu_slot(mmu, at.pa, level, va);
}

static bool within(const struct tlb_entry *leaf, unsigned long va)
{
	return va >= leaf->first && va <= leaf->last;
}

static void forget_in(struct tlb_cache *cache, const struct tlb_entry *leaf)
{
	struct tlb_entry *e = cache->entry;

	while (e < &cache->entry[cache->n]) {
		if (within(leaf, e->first) || within(e, leaf->first))
			tlb_remove(cache, e);
		else
			e++;
	}
}

static void drop_marks(struct mmu_cpu *cpu, unsigned long va,
		       unsigned long last)
{
	unsigned int i;

	for (i = 0; i < MMU_MARKS; i++) {
		if (cpu->mark[i].va >= va && cpu->mark[i].va <= last)
			cpu->mark[i].flags = 0;
	}
}

/*
 * The CPU has to record the next access to @leaf anew. Walks go, too: one can
 * lead to a table that collapse put the leaf in the place of. Until that is
 * flushed nobody looks at what is recorded there, but for that all was recorded
 * in the leaf in advance, which is no more.
 */
static void forget(struct mmu_cpu *cpu, const struct tlb_entry *leaf)
{
	forget_in(&cpu->tlb.leaves, leaf);
	forget_in(&cpu->tlb.walks, leaf);
	drop_marks(cpu, leaf->first, leaf->last);
}

/* What was recorded in a range may be gone: tables that had it may be. */
void mmu_drop_marks(struct mmu *mmu, unsigned long va, unsigned long last)
{
	struct mmu_cpu *cpu;

	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++)
		drop_marks(cpu, va, last);
}

void mmu_age(struct mmu *mmu, struct pg_table *pgt, unsigned long va)
{
	const struct mmu_space space = { .pgt = pgt, .root = pgt->pgd };
	struct tlb_entry leaf;
	struct mmu_cpu *cpu;
	u64 raw, old, *slot;

	if (!mmu->d->age || !va_valid(mmu->d, pgt, va) ||
	    !mmu_look(mmu, &space, va, 0, &leaf))
		return;
	slot = mmu_find(mmu, pgt, va, leaf.level);
	raw = __atomic_load_n(slot, __ATOMIC_RELAXED);
	do {
		old = plain_entry(mmu->d, raw, leaf.level);
	} while (!__atomic_compare_exchange_n(slot, &raw,
					      raw_entry(mmu->d,
							mmu->d->age(old),
							leaf.level),
					      false, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		spin_lock(&cpu->lock);
		forget(cpu, &leaf);
		spin_unlock(&cpu->lock);
	}
}

/* The library asks for a table: a CPU reads or writes meanwhile. */
static void *mmu_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	struct mmu *mmu = attached;
	void *table = mmu->real.alloc(pgt, size, gfp);
	struct tlb_entry leaf;
	struct mmu_cpu *cpu;

	if (table)
		set_freed(mmu, table, size, false);
	cpu = &mmu->cpu[__atomic_fetch_add(&mmu->turn, 1, __ATOMIC_RELAXED) %
			MMU_CPUS];
	spin_lock(&cpu->lock);
	translate(mmu, cpu, near_recent(mmu, cpu),
		  rnd(cpu, 2) ? PG_TABLE_WRITE : PG_TABLE_READ, &leaf);
	spin_unlock(&cpu->lock);
	return table;
}

static void mmu_free(struct pg_table *pgt, void *table, size_t size)
{
	struct mmu *mmu = attached;
	struct mmu_space *space;

	mmu_check_free(mmu, (char *)table - (char *)mmu->ops->memory, size);
	set_freed(mmu, table, size, true);
	spin_lock(&mmu->lock);
	space = find_space(mmu, pgt);
	if (space && space->root == table) {
		mmu_check_retired(mmu, space);
		space->pgt = NULL;
	}
	spin_unlock(&mmu->lock);
	mmu->real.free(pgt, table, size);
}

/* Until it is flushed a CPU may still fill from what was just edited. */
static void mmu_flush(struct pg_table *pgt,
		      const struct pg_table_gather *gather)
{
	struct mmu *mmu = attached;
	struct mmu_space *space;
	struct mmu_cpu *cpu;
	unsigned int id = 0;

	mmu_prefetch_all(mmu, gather->first);
	mmu_prefetch_all(mmu, gather->last);
	if (mmu->breaks)
		mmu_check_breaks(mmu);
	spin_lock(&mmu->lock);
	space = find_space(mmu, pgt);
	if (space)
		id = space->id;
	spin_unlock(&mmu->lock);
	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		spin_lock(&cpu->lock);
		tlb_flush(&cpu->tlb, id, gather);
		spin_unlock(&cpu->lock);
	}
	mmu->real.flush(pgt, gather);
}

struct mmu *mmu_create(struct pg_table_sim *sim, const struct decoder *d,
		       size_t size, unsigned long seed)
{
	struct mmu *mmu = calloc(1, sizeof(*mmu));
	struct mmu_cpu *cpu;

	if (!mmu || attached)
		abort();
	mmu->freed = calloc(size >> SIM_SHIFT, sizeof(*mmu->freed));
	if (!mmu->freed)
		abort();
	mmu->d = d;
	if (d->breaks)
		mmu->breaks = pg_table_sim_cpu.bbml2 ? TLB_MAY_RESIZE :
						       TLB_BREAKS;
	mmu->sim = sim;
	mmu->ops = (struct pg_table_ops *)pg_table_sim_ops(sim);
	mmu->real = *mmu->ops;
	spin_lock_init(&mmu->lock);
	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		spin_lock_init(&cpu->lock);
		cpu->nr = cpu - mmu->cpu;
		cpu->rng = (seed + cpu->nr) * 0x9e3779b97f4a7c15 | 1;
		tlb_init(&cpu->tlb);
	}
	mmu->ops->alloc = mmu_alloc;
	mmu->ops->free = mmu_free;
	mmu->ops->flush = mmu_flush;
	attached = mmu;
	return mmu;
}

void mmu_destroy(struct mmu *mmu)
{
	unsigned int i;

	for (i = 0; i < MMU_CPUS; i++)
		mmu_load(mmu, i, NULL);
	mmu_check_dropped(mmu);
	mmu->ops->alloc = mmu->real.alloc;
	mmu->ops->free = mmu->real.free;
	mmu->ops->flush = mmu->real.flush;
	attached = NULL;
	free(mmu->freed);
	free(mmu);
}

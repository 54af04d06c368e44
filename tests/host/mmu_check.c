// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated MMU: what must hold of what CPUs remember.
 */
#include <linux/list.h>

#include "mmu.h"

/* Looks at an entry that a CPU holds; says whether it must go. */
typedef bool (*entry_fn_t)(struct mmu *mmu, struct mmu_cpu *cpu,
			   const struct tlb_entry *e, const void *arg);

static void visit_cpu(struct mmu *mmu, struct mmu_cpu *cpu, entry_fn_t fn,
		      const void *arg)
{
	unsigned int walk;

	for (walk = 0; walk < 2; walk++) {
		struct tlb_cache *cache = tlb_cache_of(&cpu->tlb, walk);
		struct tlb_entry *e = cache->entry;

		while (e < &cache->entry[cache->n]) {
			if (fn(mmu, cpu, e, arg))
				tlb_remove(cache, e);
			else
				e++;
		}
	}
}

/* The same for all CPUs. */
static void visit_all(struct mmu *mmu, entry_fn_t fn, const void *arg)
{
	struct mmu_cpu *cpu;

	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		spin_lock(&cpu->lock);
		visit_cpu(mmu, cpu, fn, arg);
		spin_unlock(&cpu->lock);
	}
}

/*
 * How an entry that is held differs from what memory has for the same address
 * and level, @now, which is NULL if there is nothing; NULL if it may be used. It
 * may grant less, but nothing more.
 */
static const char *differs(const struct tlb_entry *e,
			   const struct tlb_entry *now)
{
	const unsigned int grants = PASSING | PG_TABLE_GLOBAL;

	if (!now)
		return "is there no more";
	if (e->level != now->level || e->walk != now->walk ||
	    (e->flags ^ now->flags) & MAPPING_RUN)
		return "has another size now";
	if (e->walk ? e->pa != now->pa :
		      e->pa - e->first != now->pa - now->first)
		return "leads somewhere else now";
	if (!e->walk && (e->flags ^ now->flags) &
			(PG_TABLE_TYPE_MASK | PG_TABLE_ENCRYPTED))
		return "is of another type now";
	return e->flags & ~now->flags & grants ? "grants less now" : NULL;
}

/* What memory has where @e was read; NULL if nothing. */
static struct tlb_entry *now(struct mmu *mmu, const struct tlb_entry *e,
			     struct tlb_entry *found)
{
	const struct mmu_space *space = &mmu->space[e->id - 1];
	unsigned int level = e->walk ? e->level : 0;

	return mmu_look(mmu, space, e->first, level, found) ? found : NULL;
}

/* Will a gather of @space that is not flushed yet reach the entry? */
static bool is_gathered(const struct mmu_space *space,
			const struct tlb_entry *e)
{
	const struct pg_table_gather *gather;

	list_for_each_entry(gather, &space->pgt->desc->gathers, pending) {
		struct pg_table_gather reaches = *gather;

		/* A clone can have parts of the leaf that its source had. */
		if (gather->levels && e->id != space->id)
			reaches.levels = ~0U;
		if (tlb_gathered(e, &reaches))
			return true;
	}
	return false;
}

static bool is_pending(struct mmu *mmu, const struct tlb_entry *e)
{
	unsigned int i;

	for (i = 0; i < MMU_SPACES; i++) {
		if (mmu->space[i].pgt && is_gathered(&mmu->space[i], e))
			return true;
	}
	return false;
}

static bool check_stale(struct mmu *mmu, struct mmu_cpu *cpu,
			const struct tlb_entry *e, const void *arg)
{
	struct tlb_entry found;
	const char *why = differs(e, now(mmu, e, &found));

	if (!why || is_pending(mmu, e))
		return false;
	mmu_wrong(mmu, MMU_STALE, cpu, e, "it %s", why);
	return true;
}

/* The leaf of @space that maps what was accessed. */
static bool marked_leaf(struct mmu *mmu, const struct mmu_space *space,
			const struct mmu_mark *m, struct tlb_entry *leaf)
{
	return space->pgt && mmu_look(mmu, space, m->va, 0, leaf) &&
	       leaf->pa + (m->va - leaf->first) == m->pa;
}

/* A clone that got a table of its own may have left the record in the other. */
static bool is_on_record(struct mmu *mmu, const struct mmu_mark *m)
{
	struct tlb_entry leaf;
	unsigned int i;

	for (i = 0; i < MMU_SPACES; i++) {
		if (marked_leaf(mmu, &mmu->space[i], m, &leaf) &&
		    !(m->flags & ~leaf.flags))
			return true;
	}
	return false;
}

static void check_mark(struct mmu *mmu, const struct mmu_cpu *cpu,
		       const struct mmu_mark *m)
{
	struct tlb_entry leaf;

	if (marked_leaf(mmu, &mmu->space[m->id - 1], m, &leaf) &&
	    !is_on_record(mmu, m))
		mmu_wrong(mmu, MMU_LOST, cpu, &leaf,
			  "an access to %#lx was recorded as %#x", m->va,
			  m->flags);
}

/* Accesses that were recorded since the last check are still on record. */
static void check_marks(struct mmu *mmu, struct mmu_cpu *cpu)
{
	unsigned int i;

	for (i = 0; i < cpu->n_marks && i < MMU_MARKS; i++)
		check_mark(mmu, cpu, &cpu->mark[i]);
	cpu->n_marks = 0;
}

void mmu_check(struct mmu *mmu)
{
	struct mmu_cpu *cpu;

	visit_all(mmu, check_stale, NULL);
	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++)
		check_marks(mmu, cpu);
}

/**
 * struct gone - what no CPU may hold
 * @id: of the address space
 * @first: first address
 * @last: last address
 */
struct gone {
	unsigned int	id;
	unsigned long	first;
	unsigned long	last;
};

static bool check_gone(struct mmu *mmu, struct mmu_cpu *cpu,
		       const struct tlb_entry *e, const void *arg)
{
	const struct gone *gone = arg;

	if (e->walk || e->id != gone->id || e->first > gone->last ||
	    gone->first > e->last)
		return false;
	mmu_wrong(mmu, MMU_STALE, cpu, e, "it is unmapped and flushed");
	return true;
}

void mmu_check_gone(struct mmu *mmu, struct pg_table *pgt, unsigned long va,
		    size_t size)
{
	struct gone gone = { .first = va, .last = va + (size - 1) };
	unsigned int i;

	for (i = 0; i < MMU_SPACES; i++) {
		if (mmu->space[i].pgt == pgt)
			gone.id = mmu->space[i].id;
	}
	visit_all(mmu, check_gone, &gone);
}

static bool check_break(struct mmu *mmu, struct mmu_cpu *cpu,
			const struct tlb_entry *e, const void *arg)
{
	struct tlb_entry found;

	if (!now(mmu, e, &found) ||
	    !tlb_conflict(e, &found, mmu->breaks))
		return false;
	mmu_wrong(mmu, MMU_BREAK, cpu, e,
		  "it is held while memory has %s of level %u -> %#llx flags %#x",
		  found.walk ? "a table" : "a leaf", found.level,
		  (unsigned long long)found.pa, found.flags);
	return true;
}

void mmu_check_breaks(struct mmu *mmu)
{
	visit_all(mmu, check_break, NULL);
}

static bool check_conflict(struct mmu *mmu, struct mmu_cpu *cpu,
			   const struct tlb_entry *e, const void *arg)
{
	const struct tlb_entry *new = arg;

	if (!tlb_overlap(e, new) || !tlb_conflict(e, new, mmu->breaks))
		return false;
	mmu_wrong(mmu, MMU_BREAK, cpu, e,
		  "it is held, and %s of level %u -> %#llx flags %#x is read",
		  new->walk ? "a table" : "a leaf", new->level,
		  (unsigned long long)new->pa, new->flags);
	return true;
}

void mmu_check_breaks_for(struct mmu *mmu, struct mmu_cpu *cpu,
			  const struct tlb_entry *e)
{
	visit_cpu(mmu, cpu, check_conflict, e);
}

/**
 * struct freed - a table that is about to be freed
 * @pa: where it is
 * @size: how large
 */
struct freed {
	u64	pa;
	size_t	size;
};

static bool check_freed(struct mmu *mmu, struct mmu_cpu *cpu,
			const struct tlb_entry *e, const void *arg)
{
	const struct freed *freed = arg;

	if (!e->walk || e->pa - freed->pa >= freed->size)
		return false;
	mmu_wrong(mmu, MMU_FREED, cpu, e, "a table is freed that it leads to");
	return true;
}

void mmu_check_free(struct mmu *mmu, u64 pa, size_t size)
{
	const struct freed freed = { pa, size };

	visit_all(mmu, check_freed, &freed);
}

static bool check_retired(struct mmu *mmu, struct mmu_cpu *cpu,
			  const struct tlb_entry *e, const void *arg)
{
	const struct mmu_space *space = arg;

	if (e->id != space->id)
		return false;
	mmu_wrong(mmu, MMU_DROPPED, cpu, e, "its table was destroyed");
	return true;
}

void mmu_check_retired(struct mmu *mmu, const struct mmu_space *space)
{
	struct mmu_cpu *cpu;

	for (cpu = mmu->cpu; cpu < mmu_end(mmu); cpu++) {
		if (cpu->space == space)
			mmu_wrong(mmu, MMU_DROPPED, cpu, NULL,
				  "the table that is loaded is destroyed");
	}
	visit_all(mmu, check_retired, space);
}

void mmu_check_dropped(struct mmu *mmu)
{
	unsigned int i;

	mmu_check(mmu);
	for (i = 0; i < MMU_SPACES; i++) {
		const struct pg_table *pgt = mmu->space[i].pgt;

		if (pgt && !list_empty(&pgt->desc->gathers))
			mmu_wrong(mmu, MMU_DROPPED, NULL, NULL,
				  "a gather of %s was not flushed",
				  pg_table_name(pgt));
	}
}

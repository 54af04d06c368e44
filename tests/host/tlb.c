// SPDX-License-Identifier: GPL-2.0
/*
 * The caches of one simulated CPU.
 */
#include <string.h>

#include "tlb.h"

void tlb_init(struct tlb *tlb)
{
	memset(tlb, 0, sizeof(*tlb));
	tlb->leaves.room = TLB_LEAVES;
	tlb->walks.room = TLB_WALKS;
}

struct tlb_entry *tlb_find(struct tlb *tlb, bool walk, unsigned int id,
			   unsigned long va)
{
	struct tlb_cache *cache = tlb_cache_of(tlb, walk);
	struct tlb_entry *found = NULL;
	unsigned int i;

	for (i = 0; i < cache->n; i++) {
		struct tlb_entry *e = &cache->entry[i];

		if (tlb_entry_for(e, id, va) &&
		    (!found || e->level < found->level))
			found = e;
	}
	return found;
}

void tlb_insert(struct tlb *tlb, const struct tlb_entry *e, unsigned int victim)
{
	struct tlb_cache *cache = tlb_cache_of(tlb, e->walk);
	unsigned int i;

	for (i = 0; i < cache->n; i++) {
		const struct tlb_entry *old = &cache->entry[i];

		if (old->id == e->id && old->first == e->first &&
		    old->last == e->last)
			return;
	}
	if (cache->n < cache->room)
		victim = cache->n++;
	cache->entry[victim % cache->room] = *e;
}

void tlb_remove(struct tlb_cache *cache, struct tlb_entry *e)
{
	*e = cache->entry[--cache->n];
}

bool tlb_gathered(const struct tlb_entry *e,
		  const struct pg_table_gather *gather)
{
	if (gather->first > e->last || e->first > gather->last)
		return false;
	if (e->walk)
		return gather->tables;
	return gather->levels & BIT(e->level) ||
	       (gather->tables && gather->levels & (BIT(e->level) - 1));
}

static void flush_cache(struct tlb_cache *cache, unsigned int id,
			const struct pg_table_gather *gather)
{
	struct tlb_entry *e = cache->entry;

	while (e < &cache->entry[cache->n]) {
		if (e->id == id && tlb_gathered(e, gather))
			tlb_remove(cache, e);
		else
			e++;
	}
}

void tlb_flush(struct tlb *tlb, unsigned int id,
	       const struct pg_table_gather *gather)
{
	flush_cache(&tlb->leaves, id, gather);
	flush_cache(&tlb->walks, id, gather);
}

static bool other_size(const struct tlb_entry *a, const struct tlb_entry *b)
{
	if (a->walk || b->walk)
		return a->walk ? b->level >= a->level : a->level >= b->level;
	return a->level != b->level || (a->flags ^ b->flags) & MAPPING_RUN;
}

bool tlb_conflict(const struct tlb_entry *a, const struct tlb_entry *b,
		  enum tlb_breaks breaks)
{
	if (breaks == TLB_NO_BREAKS)
		return false;
	if (a->walk && b->walk)
		return a->level == b->level && a->pa != b->pa;
	if (breaks == TLB_BREAKS && other_size(a, b))
		return true;
	return !a->walk && !b->walk &&
	       (a->pa - a->first != b->pa - b->first ||
		(a->flags ^ b->flags) & TLB_FIXED ||
		b->flags & ~a->flags & PG_TABLE_GLOBAL);
}

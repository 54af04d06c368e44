/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a simulated CPU remembers of tables: translations of leaves, and the way
 * to tables, as paging-structure caches do.
 */
#ifndef _HOST_TLB_H
#define _HOST_TLB_H

#include "decode.h"

#define TLB_LEAVES	64
#define TLB_WALKS	32

/* What must not differ between two translations of one address at a time. */
#define TLB_FIXED	(PG_TABLE_TYPE_MASK | PG_TABLE_ENCRYPTED)

/* Which changes of an entry in use need a break: none, some, all. */
enum tlb_breaks { TLB_NO_BREAKS, TLB_MAY_RESIZE, TLB_BREAKS };

/**
 * struct tlb_entry - a translation, or a part of the way to one
 * @id: of the address space that it was read from
 * @walk: leads to a table
 * @level: of the entry in memory; the number of levels for the root itself
 * @first: first address that it is good for
 * @last: last address
 * @pa: physical address of @first, or of the table
 * @flags: what it grants, or lets pass
 */
struct tlb_entry {
	unsigned int	id;
	bool		walk;
	unsigned int	level;
	unsigned long	first;
	unsigned long	last;
	u64		pa;
	unsigned int	flags;
};

/**
 * struct tlb_cache - entries of one kind, in no order
 * @entry: the entries
 * @n: how many
 * @room: how many there can be
 */
struct tlb_cache {
	struct tlb_entry	entry[TLB_LEAVES];
	unsigned int		n;
	unsigned int		room;
};

/**
 * struct tlb - what one CPU remembers
 * @leaves: translations
 * @walks: ways to tables
 */
struct tlb {
	struct tlb_cache	leaves;
	struct tlb_cache	walks;
};

static inline struct tlb_cache *tlb_cache_of(struct tlb *tlb, bool walk)
{
	return walk ? &tlb->walks : &tlb->leaves;
}

/* Is the entry good for @va while @id is loaded? */
static inline bool tlb_entry_for(const struct tlb_entry *e, unsigned int id,
				 unsigned long va)
{
	return va >= e->first && va <= e->last &&
	       (e->id == id || (!e->walk && e->flags & PG_TABLE_GLOBAL));
}

static inline bool tlb_overlap(const struct tlb_entry *a,
			       const struct tlb_entry *b)
{
	return a->id == b->id && a->first <= b->last && b->first <= a->last;
}

void tlb_init(struct tlb *tlb);

/* The entry to use for an address; of several walks that comes furthest. */
struct tlb_entry *tlb_find(struct tlb *tlb, bool walk, unsigned int id,
			   unsigned long va);

/*
 * Remember an entry, instead of the one in place @victim if there is no room.
 * One that is there for the same addresses stays, right or wrong.
 */
void tlb_insert(struct tlb *tlb, const struct tlb_entry *e,
		unsigned int victim);
void tlb_remove(struct tlb_cache *cache, struct tlb_entry *e);

/*
 * Does the flush of a gather reach an entry of the gather's table? Leaves of
 * the gather's range and levels, and where tables went of larger ones, too.
 * Walks only where tables went: all on the way to the range.
 */
bool tlb_gathered(const struct tlb_entry *e,
		  const struct pg_table_gather *gather);
void tlb_flush(struct tlb *tlb, unsigned int id,
	       const struct pg_table_gather *gather);

/*
 * Must @b not be read while @a is held? With TLB_MAY_RESIZE their size may
 * differ. What is global may become private, not the reverse.
 */
bool tlb_conflict(const struct tlb_entry *a, const struct tlb_entry *b,
		  enum tlb_breaks breaks);

#endif /* _HOST_TLB_H */

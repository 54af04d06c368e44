/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A simulated MMU: CPUs that translate through the raw tables of a simulated
 * memory, and forget what they read only when told to.
 *
 * Each CPU has a TLB that serves what it holds, right or wrong, until a flush of
 * the library reaches it, and that may fill at any moment. Entries that are not
 * present are never remembered. A gather's flush does exactly what the gather
 * says, in the table that it is called for, on all CPUs.
 */
#ifndef _HOST_MMU_H
#define _HOST_MMU_H

#include <linux/spinlock.h>

#include "tlb.h"

#define MMU_CPUS	4
#define MMU_SPACES	16
#define MMU_RECENT	8
#define MMU_MARKS	16

/**
 * enum mmu_fault - what can be found to be wrong
 * @MMU_BAD: a walk met what is neither a leaf nor a table
 * @MMU_FREED: a table was freed that a CPU can still walk
 * @MMU_STALE: a CPU holds what the tables do not grant, and no gather is
 *	pending that will flush it
 * @MMU_BREAK: an entry in use was replaced without a break
 * @MMU_DROPPED: a table or the memory went, and its flush was forgotten
 * @MMU_LOST: an access that the CPU recorded is not recorded any more
 */
enum mmu_fault {
	MMU_BAD, MMU_FREED, MMU_STALE, MMU_BREAK, MMU_DROPPED, MMU_LOST,
	MMU_FAULTS,
};

/**
 * struct mmu_space - a table that was loaded
 * @pgt: the table; NULL if the id is free
 * @root: its root
 * @id: tells its entries from others in a TLB
 */
struct mmu_space {
	struct pg_table		*pgt;
	const void		*root;
	unsigned int		id;
};

/**
 * struct mmu_mark - an access that a CPU recorded in a leaf
 * @id: of the address space
 * @va: where
 * @pa: physical address of @va
 * @flags: MAPPING_ACCESSED, MAPPING_DIRTY
 */
struct mmu_mark {
	unsigned int	id;
	unsigned long	va;
	u64		pa;
	unsigned int	flags;
};

/**
 * struct mmu_cpu - one CPU
 * @lock: held while it translates, so that a flush waits for walks
 * @nr: its number
 * @space: what is loaded; may be NULL
 * @tlb: what it remembers
 * @rng: state of its random numbers
 * @recent: addresses that it may prefetch
 * @n_recent: how many there were
 * @mark: accesses that it recorded since the last check
 * @n_marks: how many there were
 */
struct mmu_cpu {
	spinlock_t		lock;	/* held while it translates */
	unsigned int		nr;
	struct mmu_space	*space;
	struct tlb		tlb;
	u64			rng;
	unsigned long		recent[MMU_RECENT];
	unsigned int		n_recent;
	struct mmu_mark		mark[MMU_MARKS];
	unsigned int		n_marks;
};

/**
 * struct mmu - CPUs that share a memory
 * @d: how they read entries
 * @breaks: when they need break-before-make; by default as the format and the
 *	simulated CPU say
 * @evict: in how many of a hundred accesses something is forgotten; 0 at first
 * @report: called for all that is wrong; a message and the end if NULL
 * @arg: passed on
 * @sim: the memory
 * @ops: its operations, through which the MMU hears of flushes
 * @real: what they were
 * @freed: for each page of the memory, whether it is a table that was freed
 * @turn: counts accesses in the middle of a verb
 * @lock: protects @space
 * @space: tables that were loaded and not destroyed
 * @cpu: the CPUs
 */
struct mmu {
	const struct decoder	*d;
	enum tlb_breaks		breaks;
	unsigned int		evict;
	void			(*report)(void *arg, enum mmu_fault fault,
					  const char *text);
	void			*arg;
	struct pg_table_sim	*sim;
	struct pg_table_ops	*ops;
	struct pg_table_ops	real;
	bool			*freed;
	unsigned int		turn;
	spinlock_t		lock;	/* protects space */
	struct mmu_space	space[MMU_SPACES];
	struct mmu_cpu		cpu[MMU_CPUS];
};

/**
 * struct mmu_result - where an access went
 * @pgt: the table that the translation was read from, perhaps long ago; for a
 *	global one not necessarily the one that is loaded
 * @pa: physical address
 * @flags: what the translation grants
 * @level: level of the leaf
 */
struct mmu_result {
	struct pg_table	*pgt;
	u64		pa;
	unsigned int	flags;
	unsigned int	level;
};

/*
 * Put CPUs in front of a memory of @size bytes, in which no table was freed yet.
 * One at a time can exist.
 */
struct mmu *mmu_create(struct pg_table_sim *sim, const struct decoder *d,
		       size_t size, unsigned long seed);
/* The last check, which nothing that is pending excuses. */
void mmu_destroy(struct mmu *mmu);

/* Load a table on a CPU, or none; what it holds of the last one stays. */
void mmu_load(struct mmu *mmu, unsigned int cpu, struct pg_table *pgt);
void mmu_unload_all(struct mmu *mmu, struct pg_table *pgt);

/*
 * Access @va as @wants says, any of PG_TABLE_READ, WRITE, EXEC and USER. False
 * for a page fault.
 */
bool mmu_access(struct mmu *mmu, unsigned int cpu, unsigned long va,
		unsigned int wants, struct mmu_result *result);
/* Translate @va without need, past what the TLB has. */
void mmu_prefetch(struct mmu *mmu, unsigned int cpu, unsigned long va);
/* All CPUs may use @va soon, while the library is in the middle of a verb. */
void mmu_hint(struct mmu *mmu, unsigned long va);
/* Each CPU prefetches @va, and something near what it used lately. */
void mmu_prefetch_all(struct mmu *mmu, unsigned long va);

/* Where the entry of @level for @va lies in memory; NULL if in no table. */
u64 *mmu_find(struct mmu *mmu, struct pg_table *pgt, unsigned long va,
	      unsigned int level);

/* Forget the accesses to a page, as software does to see which are used. */
void mmu_age(struct mmu *mmu, struct pg_table *pgt, unsigned long va);
void mmu_drop_marks(struct mmu *mmu, unsigned long va, unsigned long last);

/*
 * Compare all that CPUs hold with the tables, and the tables with what CPUs
 * recorded in them. Nobody may edit meanwhile.
 */
void mmu_check(struct mmu *mmu);
/* No CPU may hold a translation for a part of the range in the table. */
void mmu_check_gone(struct mmu *mmu, struct pg_table *pgt, unsigned long va,
		    size_t size);

/* For mmu.c and mmu_check.c. */

static inline struct mmu_cpu *mmu_end(struct mmu *mmu)
{
	return &mmu->cpu[MMU_CPUS];
}

__printf(5, 6)
void mmu_wrong(struct mmu *mmu, enum mmu_fault fault, const struct mmu_cpu *cpu,
	       const struct tlb_entry *e, const char *why, ...);

/* Where the entry for @va lies in the table at @pa, which holds @level. */
u64 *mmu_slot(struct mmu *mmu, u64 pa, unsigned int level, unsigned long va);
struct tlb_entry mmu_root(struct mmu *mmu, const struct mmu_space *space);
/* One step down from @at, by an entry that was read; see &enum entry_kind. */
int mmu_decode(struct mmu *mmu, const struct tlb_entry *at, unsigned long va,
	       u64 entry, struct tlb_entry *next);
/*
 * What memory holds for @va at @level or, if it is a leaf, above. False if
 * nothing.
 */
bool mmu_look(struct mmu *mmu, const struct mmu_space *space, unsigned long va,
	      unsigned int level, struct tlb_entry *found);

/* Report what CPUs hold that was replaced without a break. */
void mmu_check_breaks(struct mmu *mmu);
void mmu_check_breaks_for(struct mmu *mmu, struct mmu_cpu *cpu,
			  const struct tlb_entry *e);
/* The table at @pa is about to be freed. */
void mmu_check_free(struct mmu *mmu, u64 pa, size_t size);
/* @space is about to go. */
void mmu_check_retired(struct mmu *mmu, const struct mmu_space *space);
void mmu_check_dropped(struct mmu *mmu);

#endif /* _HOST_MMU_H */

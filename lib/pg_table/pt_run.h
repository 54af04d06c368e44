/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs: neighbouring leaves of one table that the CPU may cache as one. An
 * *item* is what a run maps, or a leaf that is in none.
 *
 * A format that has runs defines PT_HAS_RUNS and these functions; for others
 * all that is done about runs is compiled away.
 *
 *	pt_may_run()		the CPU understands runs
 *	pt_run_bits(level)	log2 of the leaves in a run, 0 for no runs
 *	pt_is_run(entry)	a leaf is in a run
 *	pt_set_run(entry)	the leaf as a member of a run
 *	pt_clear_run(entry, i)	the member in slot @i as a leaf for itself
 *
 * A run is aligned to its size, in virtual and in physical addresses. What the
 * CPU records of an access to a run can be in any of its members.
 */
#ifndef PT_HAS_RUNS
#define PT_HAS_RUNS	0

static __always_inline bool pt_may_run(void)
{
	return false;
}

static __always_inline unsigned int pt_run_bits(unsigned int level)
{
	return 0;
}

static __always_inline bool pt_is_run(pt_entry_t entry)
{
	return false;
}

static __always_inline pt_entry_t pt_set_run(pt_entry_t entry)
{
	return entry;
}

static __always_inline pt_entry_t pt_clear_run(pt_entry_t entry, unsigned int i)
{
	return entry;
}
#endif

/* Leaves in a run of @level; 1 if there are none. */
static __always_inline unsigned int pt_run_entries(unsigned int level)
{
	return 1U << pt_run_bits(level);
}

/* Bytes that an item of @level can span at most, less one. */
static __always_inline unsigned long pt_run_span(unsigned int level)
{
	return (1UL << (pt_shift(level) + pt_run_bits(level))) - 1;
}

/* Where the run that slot @i can be in begins. */
static __always_inline unsigned int pt_run_first(unsigned int level,
						 unsigned int i)
{
	return i & ~(pt_run_entries(level) - 1);
}

/* The leaf in slot @i as it would be alone. */
static __always_inline pt_entry_t pt_plain(pt_entry_t entry, unsigned int i)
{
	if (PT_HAS_RUNS && unlikely(pt_is_run(entry)))
		return pt_clear_run(entry, i);
	return entry;
}

/* May map and split make runs? */
static __always_inline bool pt_wants_runs(const struct pg_table *pgt)
{
	return PT_HAS_RUNS && pt_may_run() &&
	       !(pgt->desc->config.flags & PG_TABLE_KEEP_SMALL);
}

/* @entry, in a run, with what the CPU recorded in any leaf of the run. */
static inline pt_entry_t pt_fold_run(const void *table, unsigned int level,
				     unsigned int i, pt_entry_t entry)
{
	unsigned int k = pt_run_first(level, i);
	unsigned int end = k + pt_run_entries(level);

	for (; k < end; k++)
		entry = pt_add_ad(entry, pt_read(table, level, k));
	return entry;
}

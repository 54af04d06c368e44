/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stepping through the entries of one table that a range touches:
 *
 *	s = pt_first_step(level, va, last);
 *	do {
 *		...
 *	} while (pt_next_step(&s));
 *
 * A range is never empty, and it can end where the address space does: so the
 * end is looked for before the address is advanced.
 */

/**
 * struct pt_step - an entry, and the part of the range that lies in it
 * @va: first address of the part
 * @last: last address of the part
 * @end: last address of the range
 * @level: level of the table
 * @i: slot of the entry
 * @full: the range covers all that the entry spans
 */
struct pt_step {
	unsigned long	va;
	unsigned long	last;
	unsigned long	end;
	unsigned int	level;
	unsigned int	i;
	bool		full;
};

static __always_inline void pt_set_step(struct pt_step *s)
{
	unsigned long span = pt_span(s->level);

	s->last = min(s->va | span, s->end);
	s->full = !(s->va & span) && s->last == (s->va | span);
}

static __always_inline struct pt_step
pt_first_step(unsigned int level, unsigned long va, unsigned long last)
{
	struct pt_step s = {
		.va = va,
		.end = last,
		.level = level,
		.i = pt_index(va, level),
	};

	pt_set_step(&s);
	return s;
}

/*
 * At the two ends of the range an entry can span more than the range does, and
 * what others do there can change it between plan and commit. So the plan notes
 * that it built a table for it.
 */
static __always_inline unsigned int pt_step_end(const struct pg_table_txn *txn,
						const struct pt_step *s)
{
	return s->va != txn->first;
}

static __always_inline void pt_note_built(struct pg_table_txn *txn,
					  const struct pt_step *s)
{
	if (!s->full)
		txn->built[pt_step_end(txn, s)] |= BIT(s->level);
}

static __always_inline bool pt_was_built(const struct pg_table_txn *txn,
					 const struct pt_step *s)
{
	return txn->built[pt_step_end(txn, s)] & BIT(s->level);
}

/* False after the last step. */
static __always_inline bool pt_next_step(struct pt_step *s)
{
	if (s->last == s->end)
		return false;
	s->va = s->last + 1;
	s->i++;
	pt_set_step(s);
	return true;
}

/* Let the step end where the run ends that it is in, or the range. */
static __always_inline void pt_skip_run(struct pt_step *s)
{
	s->last = min(s->va | pt_run_span(s->level), s->end);
	s->i |= pt_run_entries(s->level) - 1;
}

/* Does the range begin or end inside of the run that @s is in? */
static __always_inline bool pt_cuts_run(const struct pt_step *s,
					unsigned long first)
{
	return (s->va & ~pt_run_span(s->level)) < first ||
	       (s->va | pt_run_span(s->level)) > s->end;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The model of one table, and of tables that share.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/minmax.h>

#include "model.h"

static unsigned int top_of(const struct model *m)
{
	return m->d->levels - 1;
}

void model_init(struct model *m, const struct decoder *d, unsigned int id,
		unsigned int flags, unsigned int leaf_sizes)
{
	memset(m, 0, sizeof(*m));
	m->d = d;
	m->id = id;
	m->flags = flags;
	m->leaf_sizes = leaf_sizes;
}

void model_free(struct model *m)
{
	mappings_free(&m->list);
}

void model_copy(struct model *to, const struct model *from)
{
	*to = *from;
	to->list.run = malloc((from->list.n + 1) * sizeof(*to->list.run));
	if (!to->list.run)
		abort();
	to->list.room = from->list.n + 1;
	if (from->list.n)
		memcpy(to->list.run, from->list.run,
		       from->list.n * sizeof(*to->list.run));
}

/* Does the range make sense in the format's address space? */
bool model_range_valid(const struct model *m, unsigned long va, size_t size)
{
	unsigned int bits = m->d->shift[m->d->levels];
	unsigned long last = va + (size - 1);

	if (!size || last < va || (va | size) & (level_size(m->d, 0) - 1))
		return false;
	if (m->d->va_signed)
		return last < 1UL << (bits - 1) || va >= -(1UL << (bits - 1));
	return last < 1UL << bits;
}

/* The first item that ends at @va or above; there may be none. */
static size_t find(const struct model *m, unsigned long va)
{
	size_t low = 0, high = m->list.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (mapping_last(m->d, &m->list.run[mid]) < va)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The first item that intersects a range, or NULL. */
static const struct mapping *first_in(const struct model *m, unsigned long va,
				      unsigned long last)
{
	size_t i = find(m, va);

	return i < m->list.n && m->list.run[i].va <= last ? &m->list.run[i] :
							    NULL;
}

/* Tables of @level and above that span a range, if not @seen before. */
static unsigned long count_from(const struct model *m, unsigned int level,
				unsigned long va, unsigned long last,
				unsigned long *seen, unsigned long *bytes)
{
	unsigned long n = 0;

	for (; level < top_of(m); level++) {
		unsigned long first = va >> m->d->shift[level + 1];
		unsigned long end = (last >> m->d->shift[level + 1]) + 1;
		unsigned long size = entries_of(m->d, level) * 8;

		/* One more than the last index that was counted. */
		if (first < seen[level])
			first = seen[level];
		if (first >= end)
			continue;
		seen[level] = end;
		n += end - first;
		*bytes += (end - first) * (size < 4096 ? 4096 : size);
	}
	return n;
}

static int by_place(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

/* How many tables there are below the root, and their size. */
unsigned long model_tables(const struct model *m, unsigned long *bytes)
{
	unsigned long seen[PG_TABLE_MAX_LEVELS] = { }, n = 0;
	struct mapping pins[MODEL_PINS];
	unsigned int i, p = 0;
	size_t item = 0;

	for (i = 0; i < m->n_pins; i++) {
		pins[i].level = m->pins[i].level;
		pins[i].va = m->pins[i].index << m->d->shift[pins[i].level + 1];
	}
	qsort(pins, m->n_pins, sizeof(pins[0]), by_place);
	*bytes = 0;
	while (item < m->list.n || p < m->n_pins) {
		const struct mapping *run = item < m->list.n ?
					    &m->list.run[item] : NULL;

		if (p < m->n_pins && (!run || pins[p].va <= run->va)) {
			n += count_from(m, pins[p].level, pins[p].va,
					pins[p].va, seen, bytes);
			p++;
			continue;
		}
		n += count_from(m, run->level, run->va,
				mapping_last(m->d, run), seen, bytes);
		item++;
	}
	return n;
}

/* The leaves of @run that intersect a range, which intersects it. */
static struct mapping clip(const struct model *m, const struct mapping *run,
			   unsigned long first, unsigned long last)
{
	unsigned int shift = m->d->shift[run->level];
	struct mapping part = *run;
	unsigned long skip = 0;

	if (first > run->va)
		skip = (first - run->va) >> shift;
	if (last < mapping_last(m->d, run))
		part.n = ((last - run->va) >> shift) + 1;
	part.n -= skip;
	part.va += skip << shift;
	part.pa += (u64)skip << shift;
	return part;
}

/* What the MMU would find in a range. */
void model_expand(const struct world *w, const struct model *m,
		  unsigned long first, unsigned long last,
		  struct mappings *out)
{
	size_t i;

	for (i = find(m, first); i < m->list.n; i++) {
		const struct mapping *run = &m->list.run[i];
		unsigned long end = mapping_last(m->d, run);

		if (run->va > last)
			return;
		if (run->flags & MAPPING_HOLE)
			continue;
		if (run->flags & MAPPING_ALIAS)
			model_expand(w, &w->model[run->pa],
				     first > run->va ? first : run->va,
				     last < end ? last : end, out);
		else
			mappings_add(m->d, out, clip(m, run, first, last));
	}
}

/* Is a table of @level or below reserved that lies in the range? */
static bool has_pin(const struct model *m, unsigned int level,
		    unsigned long va, unsigned long last)
{
	unsigned int i;

	for (i = 0; i < m->n_pins; i++) {
		const struct pin *pin = &m->pins[i];
		unsigned int shift = m->d->shift[pin->level + 1];
		unsigned long at = pin->index << shift;

		if (pin->level <= level && at >= va &&
		    at + ((1UL << shift) - 1) <= last)
			return true;
	}
	return false;
}

/* Has the model a table of its own, of @level, at @va? */
static bool has_table(const struct model *m, unsigned int level,
		      unsigned long va)
{
	unsigned long last = va | (level_size(m->d, level + 1) - 1);
	const struct mapping *item = first_in(m, va, last);

	return (item && item->level <= level) || has_pin(m, level, va, last);
}

/* Where a verb rebuilds the list: what is behind the range stays. */
static void replace_list(struct model *m, struct mappings *list)
{
	mappings_free(&m->list);
	m->list = *list;
}

/* An alias must have been unshared. */
u64 model_map_errors(const struct model *m, unsigned long va,
		     unsigned long last)
{
	return first_in(m, va, last) ? MAY_FAIL(EEXIST) : 0;
}

/* Tables that a verb met empty are full now, or as they were. */
static void drop_passing_pins(struct model *m)
{
	unsigned int i, kept = 0;

	for (i = 0; i < m->n_pins; i++) {
		if (m->pins[i].n || m->pins[i].edges)
			m->pins[kept++] = m->pins[i];
	}
	m->n_pins = kept;
}

static unsigned int new_flags(const struct model *m, unsigned int flags)
{
	bool writable = flags & PG_TABLE_WRITE || m->d->always_dirty;

	return expressed(m->d, flags) | MAPPING_ACCESSED | (writable ? MAPPING_DIRTY : 0);
}

/* The level of the largest leaf for the begin of a range. */
static unsigned int fit(const struct model *m, unsigned long va, u64 pa,
			unsigned long last)
{
	unsigned int level = m->leaf_sizes - 1;

	for (; level; level--) {
		unsigned long size = level_size(m->d, level);

		if (!((va | pa) & (size - 1)) && last - va >= size - 1 &&
		    !has_pin(m, level - 1, va, va + (size - 1)))
			break;
	}
	return level;
}

/* May the library make runs of @level? */
static bool has_runs(const struct model *m, unsigned int level)
{
	return m->d->run[level] && !(m->flags & PG_TABLE_KEEP_SMALL) &&
	       (!m->d->run_base || pg_table_sim_cpu.svnapot);
}

/* Does a run of @level begin here, of leaves that are all to be mapped? */
static bool fits_run(const struct model *m, unsigned int level,
		     unsigned long va, u64 pa, unsigned long last)
{
	unsigned long size = run_size(m->d, level);

	return has_runs(m, level) &&
	       !((va | pa) & (size - 1)) && last - va >= size - 1 &&
	       (!level || !has_pin(m, level - 1, va, va + (size - 1)));
}

/* How many of the smallest leaves there are before a larger item could begin. */
static unsigned long small_leaves(const struct model *m, unsigned long va,
				  unsigned long last)
{
	unsigned long unit = has_runs(m, 0) ? run_size(m->d, 0) :
					      level_size(m->d, 1);
	unsigned long stop = va | (unit - 1);

	return ((min(last, stop) - va) >> m->d->shift[0]) + 1;
}

/* One item after the other, each as large as it can be. */
static void add_leaves(struct model *m, struct mappings *out, unsigned long va,
		       unsigned long last, u64 pa, unsigned int flags)
{
	for (;;) {
		unsigned int level = fit(m, va, pa, last);
		bool run = fits_run(m, level, va, pa, last);
		unsigned long n = run ? 1UL << m->d->run[level] :
				  level ? 1 : small_leaves(m, va, last);
		unsigned long size = n * level_size(m->d, level);

		mappings_add(m->d, out, (struct mapping){
			va, pa, n, level, flags | (run ? MAPPING_RUN : 0),
		});
		if (last - va == size - 1)
			return;
		va += size;
		pa += size;
	}
}

void model_map(struct model *m, unsigned long va, unsigned long last, u64 pa,
	       unsigned int flags)
{
	unsigned long bytes, before = model_tables(m, &bytes);
	struct mappings out = { };
	size_t i, at = find(m, va);

	for (i = 0; i < at; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	add_leaves(m, &out, va, last, pa, new_flags(m, flags));
	for (; i < m->list.n; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	replace_list(m, &out);
	drop_passing_pins(m);
	m->made += model_tables(m, &bytes) - before;
}

static unsigned int edited_flags(const struct model *m, unsigned int flags,
				 const struct edit *edit)
{
	flags = (flags & ~edit->clear) | expressed(m->d, edit->set);
	return flags | (flags & PG_TABLE_WRITE ? MAPPING_DIRTY : 0);
}

static bool breaks_wx(const struct model *m, unsigned int flags)
{
	return (flags & PG_TABLE_WRITE) && (flags & PG_TABLE_EXEC) &&
	       !(m->flags & PG_TABLE_ALLOW_WX);
}

u64 model_edit_errors(const struct model *m, unsigned long va,
		      unsigned long last, const struct edit *edit)
{
	unsigned long at = va;
	u64 errors = 0;
	size_t i;

	for (i = find(m, va); i < m->list.n && m->list.run[i].va <= last; i++) {
		const struct mapping *run = &m->list.run[i];
		unsigned long end = mapping_last(m->d, run);

		if (edit->verb == PROTECT &&
		    breaks_wx(m, edited_flags(m, run->flags, edit)))
			errors |= MAY_FAIL(EPERM);
		if (run->va > at && edit->verb != UNMAP)
			errors |= MAY_FAIL(ENOENT);
		at = end + 1;
		if (end >= last)
			return errors;
	}
	return edit->verb == UNMAP ? errors : errors | MAY_FAIL(ENOENT);
}

static void note_change(struct model *m, const struct mapping *run)
{
	unsigned long last = mapping_last(m->d, run);

	if (run->va < m->first)
		m->first = run->va;
	if (last > m->last)
		m->last = last;
}

static void edit_run(struct model *m, struct mappings *out, struct mapping run,
		     unsigned long va, unsigned long last,
		     const struct edit *edit);

/* Edit some leaves as what they are after each was split. */
static void edit_split(struct model *m, struct mappings *out,
		       struct mapping run, unsigned long va,
		       unsigned long last, const struct edit *edit)
{
	note_change(m, &run);
	m->made += run.n;
	run.level--;
	run.n *= entries_of(m->d, run.level);
	run.flags &= ~MAPPING_RUN;
	if (has_runs(m, run.level))
		run.flags |= MAPPING_RUN;
	edit_run(m, out, run, va, last, edit);
}

/*
 * The leaves of the runs that [va, last] touches become leaves for themselves.
 * Returns the part of @run that is left, behind them.
 */
static bool unfold(struct model *m, struct mappings *out, struct mapping *run,
		   unsigned long va, unsigned long last,
		   const struct edit *edit, unsigned long first,
		   unsigned long end)
{
	unsigned long mask = run_size(m->d, run->level) - 1;
	unsigned long stop = mapping_last(m->d, run);
	struct mapping part;

	va &= ~mask;
	last |= mask;
	if (va > run->va)
		edit_run(m, out, clip(m, run, run->va, va - 1), first, end,
			 edit);
	part = clip(m, run, va, last);
	note_change(m, &part);
	part.flags &= ~MAPPING_RUN;
	edit_run(m, out, part, first, end, edit);
	if (last >= stop)
		return false;
	*run = clip(m, run, last + 1, stop);
	return true;
}

/* Unfold the runs that the range concerns only in part; for a split, all. */
static void edit_runs(struct model *m, struct mappings *out,
		      struct mapping run, unsigned long va,
		      unsigned long last, const struct edit *edit)
{
	unsigned long mask = run_size(m->d, run.level) - 1;
	unsigned long stop = mapping_last(m->d, &run);

	if (edit->verb == SPLIT && run.level >= edit->level) {
		if (unfold(m, out, &run, va > run.va ? va : run.va,
			   last < stop ? last : stop, edit, va, last))
			edit_run(m, out, run, va, last, edit);
		return;
	}
	if (edit->verb != SPLIT && va > run.va && va & mask &&
	    !unfold(m, out, &run, va, va, edit, va, last))
		return;
	if (edit->verb != SPLIT && last < stop && last >= run.va &&
	    (last + 1) & mask &&
	    !unfold(m, out, &run, last, last, edit, va, last))
		return;
	edit_run(m, out, run, va, last, edit);
}

static void edit_whole(struct model *m, struct mappings *out,
		       struct mapping run, const struct edit *edit)
{
	unsigned int flags = edited_flags(m, run.flags, edit);

	if (edit->verb == UNMAP) {
		note_change(m, &run);
		return;
	}
	if ((flags ^ run.flags) & ~m->d->ignore)
		note_change(m, &run);
	run.flags = flags;
	mappings_add(m->d, out, run);
}

static bool edit_needs_unfold(const struct model *m, const struct mapping *run,
			      unsigned long va, unsigned long last,
			      const struct edit *edit)
{
	unsigned long mask = run_size(m->d, run->level) - 1;

	if (edit->verb == SPLIT)
		return run->level >= edit->level;
	return (va > run->va && va & mask) ||
	       (last < mapping_last(m->d, run) && (last + 1) & mask);
}

/* Cut @run where the range begins and ends, and edit what is inside. */
static void edit_run(struct model *m, struct mappings *out, struct mapping run,
		     unsigned long va, unsigned long last,
		     const struct edit *edit)
{
	unsigned long size = level_size(m->d, run.level);
	struct mapping in, one;

	if (mapping_last(m->d, &run) < va || run.va > last) {
		mappings_add(m->d, out, run);
		return;
	}
	if (run.flags & MAPPING_RUN && edit_needs_unfold(m, &run, va, last,
							 edit)) {
		edit_runs(m, out, run, va, last, edit);
		return;
	}
	in = clip(m, &run, va, last);
	if (in.va > run.va)
		mappings_add(m->d, out, clip(m, &run, run.va, in.va - 1));

	if (edit->verb == SPLIT) {
		if (run.level > edit->level)
			edit_split(m, out, in, va, last, edit);
		else
			mappings_add(m->d, out, in);
	} else {
		struct mapping whole = in;

		if (in.va < va || in.va + (size - 1) > last) {
			one = clip(m, &in, in.va, in.va);
			edit_split(m, out, one, va, last, edit);
			whole = in.n > 1 ? clip(m, &in, in.va + size, last) :
					   (struct mapping){ .n = 0 };
		}
		if (whole.n && mapping_last(m->d, &whole) > last) {
			one = clip(m, &whole, last, last);
			if (--whole.n)
				edit_whole(m, out, whole, edit);
			edit_split(m, out, one, va, last, edit);
		} else if (whole.n) {
			edit_whole(m, out, whole, edit);
		}
	}

	if (mapping_last(m->d, &in) < mapping_last(m->d, &run))
		mappings_add(m->d, out, clip(m, &run,
					     mapping_last(m->d, &in) + 1,
					     mapping_last(m->d, &run)));
}

void model_edit(struct model *m, unsigned long va, unsigned long last,
		const struct edit *edit)
{
	struct mappings out = { };
	size_t i;

	for (i = 0; i < m->list.n; i++) {
		const struct mapping *run = &m->list.run[i];

		/* What is behind an alias that is left is not the model's. */
		if (run->flags & MAPPING_ALIAS &&
		    (run->va < va || mapping_last(m->d, run) > last))
			mappings_add(m->d, &out, *run);
		else
			edit_run(m, &out, *run, va, last, edit);
	}
	replace_list(m, &out);
	drop_passing_pins(m);
}

u64 model_reserve_errors(const struct model *m, unsigned long va,
			 unsigned long last, unsigned int level)
{
	u64 errors = 0;
	size_t i;

	if (level >= top_of(m))
		return MAY_FAIL(EINVAL);
	for (i = find(m, va); i < m->list.n && m->list.run[i].va <= last; i++) {
		const struct mapping *run = &m->list.run[i];

		if (run->level > level)
			errors |= MAY_FAIL(EEXIST);
	}
	return errors;
}

static struct pin *find_pin(const struct model *m, unsigned int level,
			    unsigned long index)
{
	unsigned int i;

	for (i = 0; i < m->n_pins; i++) {
		if (m->pins[i].level == level && m->pins[i].index == index)
			return (struct pin *)&m->pins[i];
	}
	return NULL;
}

/* False if the model has no room for so many reservations. */
bool model_reserve(struct model *m, unsigned long va, unsigned long last,
		   unsigned int level)
{
	unsigned long bytes, before = model_tables(m, &bytes);
	unsigned long index = va >> m->d->shift[level + 1];
	unsigned long end = (last >> m->d->shift[level + 1]) + 1;

	if (m->n_pins + (end - index) > MODEL_PINS)
		return false;
	for (; index < end; index++) {
		struct pin *pin = find_pin(m, level, index);

		if (!pin) {
			pin = &m->pins[m->n_pins++];
			*pin = (struct pin){ .index = index, .level = level };
		}
		pin->n++;
	}
	drop_passing_pins(m);
	m->made += model_tables(m, &bytes) - before;
	return true;
}

/* The lowest level of which all tables of the range are reserved, or -1. */
int model_reserved_level(const struct model *m, unsigned long va,
			 unsigned long last)
{
	unsigned int level;

	for (level = 0; level < top_of(m); level++) {
		unsigned long index = va >> m->d->shift[level + 1];
		unsigned long end = last >> m->d->shift[level + 1];

		while (index <= end && find_pin(m, level, index) &&
		       find_pin(m, level, index)->n)
			index++;
		if (index > end)
			return level;
	}
	return -1;
}

void model_unreserve(struct model *m, unsigned long va, unsigned long last,
		     unsigned int level)
{
	unsigned long index = va >> m->d->shift[level + 1];

	m->made = 0;
	for (; index <= last >> m->d->shift[level + 1]; index++) {
		struct pin *pin = find_pin(m, level, index);

		pin->n--;
	}
	drop_passing_pins(m);
}

/* Does @dst follow @src in all of the range, or one that does? */
static bool is_follower(const struct world *w, unsigned int dst,
			unsigned int src, unsigned long va, unsigned long last)
{
	unsigned int i;

	for (i = 0; i < w->n_links; i++) {
		const struct link *link = &w->link[i];

		if (link->dst == dst && link->follows && !link->cut &&
		    link->first <= va && last <= link->last &&
		    (link->src == src ||
		     is_follower(w, link->src, src, va, last)))
			return true;
	}
	return false;
}

/*
 * Has a clone an alias, in an entry of @level, of the table at @va, and does not
 * let go of it when something else takes its place?
 */
static bool is_kept(const struct world *w, const struct model *m,
		    unsigned int level, unsigned long va, unsigned long last)
{
	unsigned int id;

	for (id = 0; id < MODELS; id++) {
		const struct mapping *item = first_in(&w->model[id], va, va);

		if (item && item->flags & MAPPING_ALIAS &&
		    item->level == level && item->pa == m->id &&
		    !is_follower(w, id, m->id, va, last))
			return true;
	}
	return false;
}

/**
 * struct block - what may become one item
 * @va: first address
 * @last: last address
 * @level: level of the item
 * @run: it is a run of leaves of this level, not a leaf in the place of a table
 * @flags: flags that the item would have
 */
struct block {
	unsigned long	va;
	unsigned long	last;
	unsigned int	level;
	bool		run;
	unsigned int	flags;
};

/*
 * Do leaves that map what one item would fill the block? @part is the first of
 * them, @next the item that comes after it.
 */
static bool is_uniform(const struct model *m, struct block *b,
		       struct mapping part, size_t next)
{
	const unsigned int passing = MAPPING_ACCESSED | MAPPING_DIRTY |
				     MAPPING_RUN;
	unsigned int flags = part.flags;

	if (part.pa & (b->last - b->va))
		return false;
	b->flags = flags;
	while (mapping_last(m->d, &part) < b->last) {
		unsigned long at = mapping_last(m->d, &part) + 1;
		u64 pa = part.pa + (at - part.va);
		unsigned int level = part.level;

		if (next == m->list.n)
			return false;
		part = m->list.run[next++];
		if (part.va != at || part.pa != pa || part.level != level ||
		    (part.flags ^ flags) & ~passing)
			return false;
		b->flags |= part.flags;
	}
	/* Accesses that come are recorded in advance. */
	b->flags |= new_flags(m, flags & ~passing);
	b->flags = b->run ? b->flags | MAPPING_RUN : b->flags & ~MAPPING_RUN;
	return true;
}

/* Is @item one of which such blocks could consist? */
static bool is_part(const struct block *b, const struct mapping *item)
{
	if (item->flags & (MAPPING_ALIAS | MAPPING_HOLE))
		return false;
	return b->run ? item->level == b->level && !(item->flags & MAPPING_RUN) :
			item->level + 1 == b->level;
}

/*
 * The first block of which @rest, the end of item @i, holds the begin is made
 * one item if it can be. Returns whether anything of the items is left then:
 * @rest of item @i.
 */
static bool collapse_block(const struct world *w, struct model *m,
			   struct block *b, struct mappings *out,
			   struct mapping *rest, size_t *i)
{
	unsigned long end = mapping_last(m->d, rest);
	struct mapping item;

	if (b->va > rest->va)
		mappings_add(m->d, out, clip(m, rest, rest->va, b->va - 1));
	*rest = clip(m, rest, b->va, end);
	if (is_uniform(m, b, *rest, *i + 1) &&
	    (b->run || (!has_pin(m, b->level - 1, b->va, b->last) &&
			!is_kept(w, m, b->level, b->va, b->last)))) {
		item = (struct mapping){
			b->va, rest->pa, b->run ? 1UL << m->d->run[b->level] : 1,
			b->level, b->flags,
		};
		note_change(m, &item);
		while (mapping_last(m->d, rest) < b->last)
			*rest = m->list.run[++*i];
		end = mapping_last(m->d, rest);
	} else {
		item = clip(m, rest, b->va, b->last);
	}
	mappings_add(m->d, out, item);
	if (end <= b->last)
		return false;
	*rest = clip(m, rest, b->last + 1, end);
	return true;
}

/* Make items of @level of all that can be one: runs, or leaves. */
static void collapse_level(const struct world *w, struct model *m,
			   unsigned int level, bool run, unsigned long va,
			   unsigned long last)
{
	struct block b = { .level = level, .run = run };
	unsigned long mask = (run ? run_size(m->d, level) :
				    level_size(m->d, level)) - 1;
	struct mappings out = { };
	bool left;
	size_t i;

	for (i = 0; i < m->list.n; i++) {
		struct mapping rest = m->list.run[i];

		do {
			unsigned long from = rest.va > va ? rest.va : va;

			b.va = (from + mask) & ~mask;
			b.last = b.va + mask;
			if (b.va < from || b.va > mapping_last(m->d, &rest) ||
			    b.last > last || !is_part(&b, &rest)) {
				mappings_add(m->d, &out, rest);
				break;
			}
			left = collapse_block(w, m, &b, &out, &rest, &i);
		} while (left);
	}
	replace_list(m, &out);
}

/* The largest items that the range covers, from the smallest leaves up. */
void model_collapse(const struct world *w, struct model *m, unsigned long va,
		    unsigned long last)
{
	unsigned int level;

	m->made = 0;
	m->first = ~0UL;
	m->last = 0;
	if (m->flags & PG_TABLE_KEEP_SMALL)
		return;
	for (level = 0; level < m->leaf_sizes; level++) {
		if (level)
			collapse_level(w, m, level, false, va, last);
		if (has_runs(m, level))
			collapse_level(w, m, level, true, va, last);
	}
}

/* Is @dst, directly or not, a source of @src? */
static bool is_source(const struct world *w, unsigned int dst,
		      unsigned int src)
{
	unsigned int i;

	if (dst == src)
		return true;
	for (i = 0; i < w->n_links; i++) {
		if (w->link[i].dst == src && is_source(w, dst, w->link[i].src))
			return true;
	}
	return false;
}

/* Does the range begin or end inside of a leaf of the source? */
static bool cuts_leaf(const struct world *w, const struct model *m,
		      unsigned long va, unsigned long last)
{
	struct mappings list = { };
	bool cuts;

	model_expand(w, m, va, last, &list);
	cuts = list.n && (list.run[0].va < va ||
			  mapping_last(m->d, &list.run[list.n - 1]) > last);
	mappings_free(&list);
	return cuts;
}

/* Is anything in a part of the tables: what is mapped, or a table of its own? */
static bool holds(const struct world *w, const struct model *m,
		  unsigned long va, unsigned long last)
{
	size_t i;

	if (has_pin(m, top_of(m), va, last))
		return true;
	for (i = find(m, va); i < m->list.n && m->list.run[i].va <= last; i++) {
		const struct mapping *run = &m->list.run[i];
		unsigned long end = mapping_last(m->d, run);

		/* A hole is nothing, but the table that it is in is something. */
		if (run->flags & MAPPING_HOLE) {
			unsigned long span = level_size(m->d, run->level + 1);

			if (run->level < top_of(m) &&
			    (run->va & -span) >= va &&
			    (run->va | (span - 1)) <= last)
				return true;
			continue;
		}
		if (!(run->flags & MAPPING_ALIAS) ||
		    (run->va >= va && end <= last) ||
		    holds(w, &w->model[run->pa], run->va > va ? run->va : va,
			  end < last ? end : last))
			return true;
	}
	return false;
}

static bool maps(const struct world *w, const struct model *m,
		 unsigned long va, unsigned long last)
{
	struct mappings list = { };
	bool any;

	model_expand(w, m, va, last, &list);
	any = list.n;
	mappings_free(&list);
	return any;
}

u64 world_clone_errors(const struct world *w, unsigned int dst,
		       unsigned int src, unsigned long va,
		       unsigned long last, bool follows)
{
	const struct model *d = &w->model[dst], *s = &w->model[src];
	u64 errors = 0;

	if (is_source(w, dst, src) ||
	    (!follows && cuts_leaf(w, s, va, last)))
		errors |= MAY_FAIL(EINVAL);
	if (holds(w, d, va, last))
		errors |= MAY_FAIL(EEXIST);
	return errors;
}

u64 world_replace_errors(const struct world *w, unsigned int dst,
			 unsigned int src, unsigned long va,
			 unsigned long last)
{
	const struct model *d = &w->model[dst];
	u64 errors = 0;

	if (is_source(w, dst, src) || cuts_leaf(w, &w->model[src], va, last))
		errors |= MAY_FAIL(EINVAL);
	if (has_pin(d, top_of(d), va, last))
		errors |= MAY_FAIL(EEXIST);
	return errors;
}

/* Where, from @va on, the model has an item or keeps a table below @level. */
static unsigned long next_place(const struct model *m, unsigned int level,
				unsigned long va)
{
	size_t item = find(m, va);
	unsigned long next = item < m->list.n ? m->list.run[item].va : ~0UL;
	unsigned int i;

	for (i = 0; i < m->n_pins; i++) {
		const struct pin *pin = &m->pins[i];
		unsigned int shift = m->d->shift[pin->level + 1];
		unsigned long at = pin->index << shift;

		if (pin->level < level && at + ((1UL << shift) - 1) >= va)
			next = min(next, at);
	}
	return max(next, va);
}

/* Is the slot at @va empty? @last is lowered to the end of such slots. */
static bool is_gap(const struct model *m, unsigned int level, unsigned long va,
		   unsigned long *last)
{
	unsigned long mask = level_size(m->d, level) - 1;
	unsigned long next = next_place(m, level, va);

	if (next <= (va | mask))
		return false;
	if (next <= *last)
		*last = (next & ~mask) - 1;
	return true;
}

/* Copy the leaves at @va up to @last. Returns the last address of them. */
static unsigned long clone_leaves(const struct model *s, struct mappings *out,
				  const struct mapping *item, unsigned long va,
				  unsigned long first, unsigned long last)
{
	unsigned long mask = run_size(s->d, item->level) - 1;
	unsigned long end = item->flags & MAPPING_RUN ? va | mask :
							mapping_last(s->d, item);
	unsigned long stop = min(end, last);
	struct mapping part = clip(s, item, va, stop);

	if ((va & ~mask) < first || (va | mask) > last)
		part.flags &= ~MAPPING_RUN;
	mappings_add(s->d, out, part);
	return stop;
}

/* Copy the entries of @s that a range covers, from the largest on. */
static void clone_entries(const struct world *w, const struct model *s,
			  struct mappings *out, unsigned int level,
			  unsigned long va, unsigned long last)
{
	unsigned long size = level_size(s->d, level), first = va;

	for (;;) {
		unsigned long begin = va & ~(size - 1);
		unsigned long end = begin + (size - 1);
		unsigned long stop = last < end ? last : end, gap = last;
		const struct mapping *item = first_in(s, begin, end);
		bool full = va == begin && stop == end;

		if (is_gap(s, level, va, &gap)) {
			stop = gap;
		} else if (item && item->level == level &&
			   item->flags & MAPPING_HOLE) {
			/* Nothing, to others. */
		} else if (item && item->level == level &&
			   !(item->flags & MAPPING_ALIAS)) {
			stop = clone_leaves(s, out, item, va, first, last);
		} else if (item && item->level == level) {
			if (full)
				mappings_add(s->d, out, *item);
			else
				clone_entries(w, &w->model[item->pa], out,
					      level - 1, va, stop);
		} else if (level && has_table(s, level - 1, begin)) {
			if (full)
				mappings_add(s->d, out, (struct mapping){
					begin, s->id, 1, level, MAPPING_ALIAS,
				});
			else
				clone_entries(w, s, out, level - 1, va, stop);
		}
		if (stop == last)
			return;
		va = stop + 1;
	}
}

/* Is anything in the table behind alias @run, where only the table is not? */
static bool holds_below(const struct world *w, const struct model *m,
			const struct mapping *run, unsigned long va,
			unsigned long last)
{
	/* What is cut in the middle is not counted, which is the table. */
	unsigned long middle = run->va + level_size(m->d, run->level) / 2;
	const struct model *owner = &w->model[run->pa];

	if (va >= middle || last < middle)
		return holds(w, owner, va, last);
	return holds(w, owner, va, middle - 1) ||
	       holds(w, owner, middle, last);
}

/* Does the verb want to edit the table behind an alias? */
static bool touches(const struct world *w, const struct model *m,
		    const struct mapping *run, unsigned long va,
		    unsigned long last, const struct touch *touch)
{
	unsigned long end = mapping_last(m->d, run);
	bool full = va <= run->va && end <= last;

	if (end < va || run->va > last)
		return false;
	if (va < run->va)
		va = run->va;
	if (last > end)
		last = end;
	switch (touch->how) {
	case TOUCH_RESERVE:
		return run->level > touch->level;
	case TOUCH_UNMAP:
		return !full && holds(w, &w->model[run->pa], va, last);
	case TOUCH_FOLLOW:
		return !full;
	case TOUCH_REPLACE:
		return !full && (holds(w, &w->model[run->pa], va, last) ||
				 holds(w, touch->src, va, last));
	case TOUCH_SHARE:
		return !full && holds(w, touch->src, va, last);
	case TOUCH_COPY:
		return holds_below(w, m, run, va, last) ||
		       maps(w, touch->src, va, last);
	default:
		return true;
	}
}

/* Make one alias a table of the model's own, with what is in the other's. */
static void unshare_one(const struct world *w, struct model *m, size_t at)
{
	struct mapping alias = m->list.run[at];
	struct mappings out = { };
	size_t i;

	m->made++;
	note_change(m, &alias);
	if (m->n_pins < MODEL_PINS)
		m->pins[m->n_pins++] = (struct pin){
			.index = alias.va >> m->d->shift[alias.level],
			.level = alias.level - 1,
		};
	for (i = 0; i < at; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	clone_entries(w, &w->model[alias.pa], &out, alias.level - 1, alias.va,
		      mapping_last(m->d, &alias));
	for (i = at + 1; i < m->list.n; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	replace_list(m, &out);
}

/* What each verb begins with: where it goes the model's own tables are. */
void model_unshare(const struct world *w, struct model *m, unsigned long va,
		   unsigned long last, const struct touch *touch)
{
	size_t i;

	m->made = 0;
	m->first = ~0UL;
	m->last = 0;
	for (i = find(m, va); i < m->list.n && m->list.run[i].va <= last; i++) {
		const struct mapping *run = &m->list.run[i];

		/* What came instead begins at the same place in the list. */
		if (run->flags & MAPPING_ALIAS &&
		    touches(w, m, run, va, last, touch))
			unshare_one(w, m, i--);
	}
}

void world_clone(struct world *w, unsigned int dst, unsigned int src,
		 unsigned long va, unsigned long last, bool runs)
{
	struct mappings out = { }, taken = { };
	struct model *m = &w->model[dst];
	size_t i, k;

	for (i = 0; i < m->list.n && m->list.run[i].va < va; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	clone_entries(w, &w->model[src], &taken, top_of(m), va, last);
	for (k = 0; k < taken.n; k++) {
		if (!runs)
			taken.run[k].flags &= ~MAPPING_RUN;
		mappings_add(m->d, &out, taken.run[k]);
	}
	mappings_free(&taken);
	for (; i < m->list.n; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	replace_list(m, &out);
	drop_passing_pins(m);
	w->link[w->n_links++] = (struct link){
		.dst = dst, .src = src, .first = va, .last = last,
	};
}

/* The hole of the model that a range is in, or NULL. */
static const struct hole *hole_of(const struct model *m, unsigned long first,
				  unsigned long last)
{
	unsigned int i;

	for (i = 0; i < m->n_holes; i++) {
		if (m->holes[i].first <= first && last <= m->holes[i].last)
			return &m->holes[i];
	}
	return NULL;
}

/* The slots of one table that are holes, up to @last. Returns their end. */
static unsigned long add_holes(const struct model *m, struct mappings *out,
			       unsigned int level, unsigned long va,
			       unsigned long last)
{
	unsigned long table = level_size(m->d, level + 1) - 1;
	unsigned long n = (min(last, va | table) - va + 1) >>
			  m->d->shift[level];

	mappings_add(m->d, out, (struct mapping){
		va, 0, n, level, MAPPING_HOLE,
	});
	return va + (n << m->d->shift[level]) - 1;
}

/* How many slots from @va on are whole up to @last, and have no hole. */
static unsigned long followed_slots(const struct model *m, unsigned int level,
				    unsigned long va, unsigned long last)
{
	unsigned int i;

	for (i = 0; i < m->n_holes; i++) {
		const struct hole *hole = &m->holes[i];

		if (hole->last < va || hole->first > last)
			continue;
		if (hole->first <= va)
			return 0;
		last = hole->first - 1;
	}
	return (last - va + 1) >> m->d->shift[level];
}

/*
 * What @s has in the slot that ends at @end, or part of a larger leaf there;
 * not as a run. What one item maps is taken up to @last, and gaps are skipped.
 * Returns up to where.
 */
static unsigned long follow_entry(const struct world *w, const struct model *s,
				  struct mappings *out, unsigned int level,
				  unsigned long va, unsigned long end,
				  unsigned long last)
{
	const struct mapping *item = first_in(s, va, end);
	unsigned long stop;

	if (is_gap(s, level, va, &last))
		return last;
	if (!item || item->level < level ||
	    (item->level == level && item->flags & MAPPING_ALIAS)) {
		clone_entries(w, s, out, level, va, end);
		return end;
	}
	if (item->flags & MAPPING_HOLE)
		return end;
	stop = min(last, mapping_last(s->d, item));
	if (item->flags & MAPPING_ALIAS)
		return follow_entry(w, &w->model[item->pa], out, level, va, end,
				    stop);
	mappings_add(s->d, out, (struct mapping){
		va, item->pa + (va - item->va),
		((stop - va) >> s->d->shift[level]) + 1, level,
		item->flags & ~MAPPING_RUN,
	});
	return stop;
}

/* What follows @s: its entries, and tables only where they differ below. */
static void follow_entries(const struct world *w, const struct model *m,
			   const struct model *s, struct mappings *out,
			   unsigned int level, unsigned long va,
			   unsigned long last)
{
	unsigned long mask = level_size(m->d, level) - 1;

	for (;;) {
		unsigned long end = va | mask, stop = min(last, end);
		unsigned long slots = followed_slots(m, level, va, last);
		const struct hole *hole = hole_of(m, va, end);
		bool full = !(va & mask) && stop == end;

		if (full && hole)
			stop = add_holes(m, out, level, va,
					 min(hole->last, last));
		else if (full && slots)
			stop = follow_entry(w, s, out, level, va, end,
					    va + (slots << m->d->shift[level]) - 1);
		else
			follow_entries(w, m, s, out, level - 1, va, stop);
		if (stop == last)
			return;
		va = stop + 1;
	}
}

static void add_edge(struct model *m, unsigned int level, unsigned long va)
{
	unsigned long index = va >> m->d->shift[level + 1];
	struct pin *pin = find_pin(m, level, index);

	if (!pin) {
		if (m->n_pins == MODEL_PINS)
			abort();
		pin = &m->pins[m->n_pins++];
		*pin = (struct pin){ .index = index, .level = level };
	}
	pin->edges++;
}

/* The tables that a followed range covers in part are kept. */
static void add_edges(struct model *m, const struct link *link)
{
	unsigned int level;

	for (level = 0; level < top_of(m); level++) {
		unsigned long mask = level_size(m->d, level + 1) - 1;
		bool same = (link->first | mask) == (link->last | mask);
		bool head = link->first & mask;
		bool tail = (link->last & mask) != mask;

		if (head || (same && tail))
			add_edge(m, level, link->first);
		if (tail && !same)
			add_edge(m, level, link->last);
	}
}

/*
 * Add @item, of what follows now; where the clone had a leaf of its own that
 * mapped the same, what was recorded in that goes on in it.
 */
static void add_followed(const struct model *m, struct mappings *out,
			 struct mapping item)
{
	unsigned long last = mapping_last(m->d, &item);
	size_t i = find(m, item.va);

	for (; i < m->list.n && m->list.run[i].va <= last; i++) {
		const struct mapping *old = &m->list.run[i];
		unsigned long end = min(mapping_last(m->d, old), last);
		struct mapping same;

		if ((item.flags | old->flags) & (MAPPING_ALIAS | MAPPING_HOLE) ||
		    old->level != item.level ||
		    old->pa - old->va != item.pa - item.va)
			continue;
		if (old->va > item.va)
			mappings_add(m->d, out, clip(m, &item, item.va,
						     old->va - 1));
		same = clip(m, &item, old->va, end);
		same.flags |= old->flags & (MAPPING_ACCESSED | MAPPING_DIRTY);
		mappings_add(m->d, out, same);
		if (end == last)
			return;
		item = clip(m, &item, end + 1, last);
	}
	mappings_add(m->d, out, item);
}

static void rebuild(struct world *w, const struct link *link)
{
	struct model *m = &w->model[link->dst];
	struct mappings out = { }, now = { };
	size_t i, at = find(m, link->first);

	for (i = 0; i < at; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	/* A run can have begun outside, and can end there. */
	if (i < m->list.n && m->list.run[i].va < link->first)
		mappings_add(m->d, &out, clip(m, &m->list.run[i],
					      m->list.run[i].va,
					      link->first - 1));
	follow_entries(w, m, &w->model[link->src], &now, top_of(m),
		       link->first, link->last);
	for (at = 0; at < now.n; at++)
		add_followed(m, &out, now.run[at]);
	mappings_free(&now);
	while (i < m->list.n &&
	       mapping_last(m->d, &m->list.run[i]) <= link->last)
		i++;
	if (i < m->list.n && m->list.run[i].va <= link->last) {
		mappings_add(m->d, &out, clip(m, &m->list.run[i],
					      link->last + 1, ~0UL));
		i++;
	}
	for (; i < m->list.n; i++)
		mappings_add(m->d, &out, m->list.run[i]);
	replace_list(m, &out);
}

/* Make all that follows anew. */
static void refollow(struct world *w)
{
	unsigned int i, id, pass;

	for (id = 0; id < MODELS; id++) {
		for (i = 0; i < w->model[id].n_pins; i++)
			w->model[id].pins[i].edges = 0;
	}
	for (i = 0; i < w->n_links; i++) {
		if (w->link[i].follows && !w->link[i].cut)
			add_edges(&w->model[w->link[i].dst], &w->link[i]);
	}
	for (id = 0; id < MODELS; id++)
		drop_passing_pins(&w->model[id]);
	/* A clone comes after its source, in one of the passes. */
	for (pass = 1; pass < MODELS; pass++) {
		for (i = 0; i < w->n_links; i++) {
			if (w->link[i].follows && !w->link[i].cut)
				rebuild(w, &w->link[i]);
		}
	}
}

void world_follow(struct world *w, unsigned int dst, unsigned int src,
		  unsigned long va, unsigned long last)
{
	w->link[w->n_links++] = (struct link){
		.dst = dst, .src = src, .first = va, .last = last,
		.follows = true,
	};
	world_settle(w);
}

/* The range of which a part is followed, or NULL. */
struct link *world_followed(struct world *w, unsigned int dst,
			    unsigned long va, unsigned long last)
{
	unsigned int i;

	for (i = 0; i < w->n_links; i++) {
		struct link *link = &w->link[i];

		if (link->dst == dst && link->follows && !link->cut &&
		    link->first <= last && va <= link->last)
			return link;
	}
	return NULL;
}

/* Does no followed range reach out of this one? */
bool world_covers(const struct world *w, unsigned int dst, unsigned long va,
		  unsigned long last)
{
	unsigned int i;

	for (i = 0; i < w->n_links; i++) {
		const struct link *link = &w->link[i];

		if (link->dst == dst && link->follows && !link->cut &&
		    link->first <= last && va <= link->last &&
		    (link->first < va || last < link->last))
			return false;
	}
	return true;
}

/* Take a range out of the holes, or out of what is not in them. */
static bool change_holes(struct model *m, unsigned long va, unsigned long last,
			 bool fill)
{
	struct hole new[MODEL_HOLES + 2];
	unsigned int i, n = 0;

	for (i = 0; i < m->n_holes; i++) {
		struct hole hole = m->holes[i];

		if (fill && hole.first <= last && va <= hole.last) {
			if (hole.first < va)
				new[n++] = (struct hole){ hole.first, va - 1 };
			if (hole.last > last)
				new[n++] = (struct hole){ last + 1, hole.last };
		} else if (!fill &&
			   (hole.first <= last || hole.first == last + 1) &&
			   (va <= hole.last || va == hole.last + 1)) {
			va = hole.first < va ? hole.first : va;
			last = hole.last > last ? hole.last : last;
		} else {
			new[n++] = hole;
		}
		if (n > MODEL_HOLES)
			return false;
	}
	if (!fill)
		new[n++] = (struct hole){ va, last };
	if (n > MODEL_HOLES)
		return false;
	memcpy(m->holes, new, n * sizeof(*new));
	m->n_holes = n;
	return true;
}

/* Tables that a hole will lie in and that are not there yet. */
unsigned long model_hole_tables(const struct model *m, unsigned long va,
				unsigned long last, bool fill)
{
	unsigned long n = 0, edge[2] = { va, last };
	unsigned int i, level;

	for (i = 0; i < 2; i++) {
		for (level = 0; level < top_of(m); level++) {
			unsigned long mask = level_size(m->d, level + 1) - 1;
			unsigned long first = edge[i] & ~mask;

			/*
			 * Whole slots need none, nor does what is a hole already,
			 * or no hole.
			 */
			if (first >= va && (first | mask) <= last)
				continue;
			if (!hole_of(m, first, first | mask) == fill)
				continue;
			n += !has_table(m, level, first);
		}
	}
	return n;
}

/* Make a hole, or fill it. False if the model has no room for it. */
bool world_hole(struct world *w, unsigned int dst, unsigned long va,
		unsigned long last, bool fill)
{
	struct model *m = &w->model[dst];

	if (!change_holes(m, va, last, fill))
		return false;
	world_settle(w);
	return true;
}

u64 world_copy_errors(const struct world *w, unsigned int dst,
		      unsigned int src, unsigned long va, unsigned long last)
{
	const struct model *d = &w->model[dst];
	struct mappings list = { };
	u64 errors = 0;
	size_t i;

	if (is_source(w, dst, src))
		errors |= MAY_FAIL(EINVAL);
	if (maps(w, d, va, last))
		errors |= MAY_FAIL(EEXIST);
	model_expand(w, &w->model[src], va, last, &list);
	for (i = 0; i < list.n; i++) {
		if (breaks_wx(d, list.run[i].flags))
			errors |= MAY_FAIL(EPERM);
	}
	mappings_free(&list);
	return errors;
}

/* Can the copy of a leaf be in a run, as the leaf is? */
static bool stays_run(const struct model *m, const struct mapping *one,
		      unsigned long va, unsigned long last)
{
	unsigned long mask = run_size(m->d, one->level) - 1;
	unsigned long first = one->va & ~mask, end = one->va | mask;

	return has_runs(m, one->level) && first >= va && end <= last &&
	       (!one->level || !has_pin(m, one->level - 1, first, end));
}

/* Leaves that the range cuts, or that meet tables, become smaller ones. */
static void copy_leaves(const struct model *m, struct mappings *out,
			struct mapping run, unsigned long va,
			unsigned long last)
{
	unsigned long size = level_size(m->d, run.level), n = run.n, i;

	for (i = 0; i < n; i++) {
		struct mapping one = run;
		unsigned long end;

		one.va += i * size;
		one.pa += i * size;
		one.n = 1;
		end = one.va + (size - 1);
		if (end < va || one.va > last)
			continue;
		if (one.va >= va && end <= last &&
		    (!run.level || !has_pin(m, run.level - 1, one.va, end))) {
			if (!stays_run(m, &one, va, last))
				one.flags &= ~MAPPING_RUN;
			mappings_add(m->d, out, one);
			continue;
		}
		one.level--;
		one.n = entries_of(m->d, one.level);
		one.flags |= MAPPING_RUN;
		copy_leaves(m, out, one, va, last);
	}
}

void world_copy(struct world *w, unsigned int dst, unsigned int src,
		unsigned long va, unsigned long last)
{
	struct mappings out = { }, list = { };
	struct model *m = &w->model[dst];
	unsigned long bytes, before = model_tables(m, &bytes);
	size_t i = 0, k = 0;

	model_expand(w, &w->model[src], va, last, &list);
	/* An alias can stay where both sides are empty. */
	while (i < m->list.n || k < list.n) {
		/* A leaf can begin before the range. */
		if (k < list.n &&
		    (i == m->list.n ||
		     (va < m->list.run[i].va &&
		      list.run[k].va < m->list.run[i].va)))
			copy_leaves(m, &out, list.run[k++], va, last);
		else
			mappings_add(m->d, &out, m->list.run[i++]);
	}
	mappings_free(&list);
	replace_list(m, &out);
	drop_passing_pins(m);
	m->made += model_tables(m, &bytes) - before;
}

/* Drop the aliases of @m that lead nowhere. */
static bool settle(const struct world *w, struct model *m)
{
	size_t i, kept = 0, before = m->list.n;

	for (i = 0; i < before; i++) {
		struct mapping *run = &m->list.run[i];

		if (!(run->flags & MAPPING_ALIAS) ||
		    has_table(&w->model[run->pa], run->level - 1, run->va))
			m->list.run[kept++] = *run;
	}
	m->list.n = kept;
	return kept != before;
}

/*
 * Tables that are gone leave those who borrowed them; what is empty then can
 * have been borrowed too.
 */
void world_settle(struct world *w)
{
	bool again = true;
	unsigned int id;

	while (again) {
		refollow(w);
		again = false;
		for (id = 0; id < MODELS; id++)
			again |= settle(w, &w->model[id]);
	}
}

void world_cut(struct world *w, unsigned int dst, unsigned long va,
	       unsigned long last)
{
	unsigned int i;

	for (i = 0; i < w->n_links; i++) {
		struct link *link = &w->link[i];

		if (link->dst != dst || link->cut || link->first < va ||
		    last < link->last)
			continue;
		link->cut = true;
		if (link->follows)
			change_holes(&w->model[dst], link->first, link->last,
				     true);
	}
}

static bool is_held(const struct world *w, const struct link *link)
{
	unsigned int i;

	if (!link->cut)
		return true;
	for (i = 0; i < w->n_links; i++) {
		const struct link *next = &w->link[i];

		if (next->src == link->dst && next->first <= link->last &&
		    link->first <= next->last && is_held(w, next))
			return true;
	}
	return false;
}

/* Does anybody hold a range of the model? */
bool world_busy(const struct world *w, unsigned int src)
{
	unsigned int i;

	for (i = 0; i < w->n_links; i++) {
		if (w->link[i].src == src && is_held(w, &w->link[i]))
			return true;
	}
	return false;
}

/* The table was destroyed. */
void world_forget(struct world *w, unsigned int id)
{
	unsigned int i, kept = 0;

	for (i = 0; i < w->n_links; i++) {
		if (w->link[i].dst != id && w->link[i].src != id)
			w->link[kept++] = w->link[i];
	}
	w->n_links = kept;
}

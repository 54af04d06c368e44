// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of raw tables: what the formats have in common.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

/**
 * struct decoding - one call of decode()
 * @d: how to read
 * @sim: where tables are
 * @first: lowest address that is wanted
 * @last: highest address that is wanted
 * @list: takes the leaves
 * @tables: how many were read
 * @page: a page that is looked for
 * @found: a table lies in it
 */
struct decoding {
	const struct decoder	*d;
	struct pg_table_sim	*sim;
	unsigned long		first;
	unsigned long		last;
	struct mappings		*list;
	unsigned long		tables;
	const void		*page;
	bool			found;
};

static const struct decoder *decoders[32];

void decoder_register(const struct decoder *d)
{
	unsigned int i = 0;

	while (decoders[i])
		i++;
	decoders[i] = d;
}

const struct decoder *decoder_of(const struct pg_table_format *format)
{
	const char *name = pg_table_format_name(format);
	unsigned int i;

	for (i = 0; decoders[i]; i++) {
		if (!strcmp(decoders[i]->name, name))
			return decoders[i];
	}
	fprintf(stderr, "no decoder for %s\n", name);
	exit(1);
}

void mappings_add(const struct decoder *d, struct mappings *list,
		  struct mapping m)
{
	struct mapping *prev = list->n ? &list->run[list->n - 1] : NULL;

	m.flags &= ~d->ignore;
	if (prev && prev->level == m.level && prev->flags == m.flags &&
	    !(m.flags & (MAPPING_ALIAS | MAPPING_HOLE)) && m.va &&
	    mapping_last(d, prev) == m.va - 1 &&
	    prev->pa + (prev->n << d->shift[m.level]) == m.pa) {
		prev->n += m.n;
		return;
	}
	if (list->n == list->room) {
		list->room = 2 * list->room + 16;
		list->run = realloc(list->run, list->room * sizeof(m));
		if (!list->run)
			abort();
	}
	list->run[list->n++] = m;
}

void mappings_free(struct mappings *list)
{
	free(list->run);
	memset(list, 0, sizeof(*list));
}

static bool mapping_equal(const struct mapping *a, const struct mapping *b)
{
	return a->va == b->va && a->pa == b->pa && a->n == b->n &&
	       a->level == b->level && a->flags == b->flags;
}

bool mappings_equal(const struct mappings *a, const struct mappings *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (!mapping_equal(&a->run[i], &b->run[i]))
			return false;
	}
	return true;
}

void mappings_print(const struct decoder *d, const struct mappings *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct mapping *m = &list->run[i];

		fprintf(stderr, "  %#lx-%#lx -> %#llx level %u flags %#x\n",
			m->va, mapping_last(d, m), m->pa, m->level, m->flags);
	}
}

bool runs_are_whole(const struct decoder *d, const struct mappings *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct mapping *m = &list->run[i];
		u64 mask = run_size(d, m->level) - 1;

		if (!(m->flags & MAPPING_RUN))
			continue;
		if ((m->va | m->pa) & mask || (m->n << d->shift[m->level]) & mask) {
			fprintf(stderr, "no whole run at %#lx\n", m->va);
			return false;
		}
	}
	return true;
}

static bool bad_entry(const char *what, u64 entry, unsigned int level,
		      unsigned long va)
{
	fprintf(stderr, "decode: %s: %#llx of level %u at %#lx\n", what, entry,
		level, va);
	return false;
}

static bool decode_table(struct decoding *x, const u64 *table,
			 unsigned int level, unsigned long va,
			 unsigned int pass);

/* Sets @leaf if the entry is one. */
static bool decode_entry(struct decoding *x, u64 entry, unsigned int level,
			 unsigned long va, unsigned int pass, bool *leaf)
{
	unsigned int flags = 0;
	const void *table;
	u64 pa = 0;

	switch (x->d->classify(entry, level, &pa, &flags)) {
	case ENTRY_LEAF:
		if (flags & MAPPING_RUN && !x->d->run[level])
			return bad_entry("no run here", entry, level, va);
		if (flags & MAPPING_RUN && x->d->run_base)
			pa += va & (run_size(x->d, level) - 1);
		if (pa & (level_size(x->d, level) - 1))
			return bad_entry("leaf not aligned", entry, level, va);
		flags &= ~PASSING | pass;
		mappings_add(x->d, x->list,
			     (struct mapping){ va, pa, 1, level, flags });
		*leaf = true;
		return true;
	case ENTRY_TABLE:
		table = pg_table_sim_to_ptr(x->sim, pa);
		if (!pa || !table || pa % (entries_of(x->d, level - 1) * 8))
			return bad_entry("no table there", entry, level, va);
		return decode_table(x, table, level - 1, va, pass & flags);
	}
	return bad_entry("not an entry", entry, level, va);
}

static bool decode_table(struct decoding *x, const u64 *table,
			 unsigned int level, unsigned long va,
			 unsigned int pass)
{
	unsigned long size = level_size(x->d, level);
	unsigned int i = 0, end = entries_of(x->d, level);
	bool root = level == x->d->levels - 1;
	bool leaf = false;
	u64 entry, before = 0;

	x->tables++;
	if (x->page >= (const void *)table && x->page < (const void *)&table[end])
		x->found = true;
	if (!root && x->first > va)
		i = (x->first - va) / size;
	for (; i < end; i++, before = entry) {
		unsigned long at = va + i * size;

		if (root && x->d->va_signed && i >= end / 2)
			at |= ~0UL << (x->d->shift[level + 1] - 1);
		entry = plain_entry(x->d, table[i], level);
		/* All but the address is as in the leaf before. */
		if (leaf && entry == before + (size >> x->d->pa_down) &&
		    at <= x->last) {
			x->list->run[x->list->n - 1].n++;
			continue;
		}
		leaf = false;
		if (maps_nothing(x->d, entry))
			continue;
		if (at > x->last)
			break;
		if (at + (size - 1) >= x->first &&
		    !decode_entry(x, entry, level, at, pass, &leaf))
			return false;
	}
	return true;
}

unsigned long decode(const struct decoder *d, struct pg_table_sim *sim,
		     const void *root, unsigned long first, unsigned long last,
		     struct mappings *list)
{
	struct decoding x = {
		.d = d,
		.sim = sim,
		.first = first,
		.last = last,
		.list = list,
	};
	unsigned long va = 0;

	if (d->two_roots && first >> 63)
		va = ~0UL << d->shift[d->levels];
	if (!decode_table(&x, root, d->levels - 1, va, PASSING))
		return 0;
	return x.tables;
}

bool decode_reaches(const struct decoder *d, struct pg_table_sim *sim,
		    const void *root, const void *page)
{
	struct mappings list = { };
	struct decoding x = {
		.d = d,
		.sim = sim,
		.last = ~0UL,
		.list = &list,
		.page = page,
	};

	decode_table(&x, root, d->levels - 1, 0, PASSING);
	mappings_free(&list);
	return x.found;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Break before make: what the TLB of an arm64 CPU may hold. The simulated one
 * caches all that it can see, at any moment between two stores, and forgets
 * only what it is told to.
 */
#include <stdlib.h>
#include <string.h>

#include "watch.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

static void set_bbml2(bool on)
{
	pg_table_sim_cpu.bbml2 = on;
}

/**
 * struct tlb - a TLB that caches greedily
 * @f: the tables
 * @held: what it holds
 * @conflicts: how often it held two that do not fit together
 * @flush: how the memory flushes
 */
static struct tlb {
	struct fix	*f;
	struct mappings	held;
	unsigned long	conflicts;
	void		(*flush)(struct pg_table *pgt,
				 const struct pg_table_gather *gather);
} tlb;

static unsigned long item_size(const struct mapping *m)
{
	return m->flags & MAPPING_RUN ? run_size(tlb.f->d, m->level) :
					level_size(tlb.f->d, m->level);
}

static bool overlaps(const struct mapping *a, const struct mapping *b)
{
	return a->va <= mapping_last(tlb.f->d, b) &&
	       b->va <= mapping_last(tlb.f->d, a);
}

/* May both be in the TLB, though they translate the same addresses? */
static bool fit_together(const struct mapping *a, const struct mapping *b)
{
	return item_size(a) == item_size(b) && a->pa - a->va == b->pa - b->va &&
	       !((a->flags ^ b->flags) & PG_TABLE_TYPE_MASK);
}

static bool contains(const struct mapping *a, const struct mapping *b)
{
	return fit_together(a, b) && a->va <= b->va &&
	       mapping_last(tlb.f->d, b) <= mapping_last(tlb.f->d, a);
}

static void hold(const struct mapping *m)
{
	struct mapping *held = tlb.held.run;
	size_t i;

	for (i = 0; i < tlb.held.n; i++) {
		if (contains(&held[i], m))
			return;
		if (contains(m, &held[i])) {
			held[i] = *m;
			return;
		}
	}
	held = realloc(held, (tlb.held.n + 1) * sizeof(*held));
	CHECK(held);
	held[tlb.held.n++] = *m;
	tlb.held.run = held;
}

static void fill(void *arg, u64 *slot, bool done)
{
	struct mappings now = { };
	size_t i, j;

	if (!done)
		return;
	CHECK(decode(tlb.f->d, tlb.f->sim, tlb.f->pgt->pgd, 0, ~0UL, &now));
	for (i = 0; i < now.n; i++) {
		for (j = 0; j < tlb.held.n; j++) {
			if (overlaps(&now.run[i], &tlb.held.run[j]) &&
			    !fit_together(&now.run[i], &tlb.held.run[j]))
				tlb.conflicts++;
		}
	}
	for (i = 0; i < now.n; i++)
		hold(&now.run[i]);
	mappings_free(&now);
}

/* All items go of which a part lies in the range. */
static void forget(struct pg_table *pgt, const struct pg_table_gather *gather)
{
	struct mappings kept = { };
	size_t i;

	tlb.flush(pgt, gather);
	if (pgt != tlb.f->pgt)
		return;
	kept.run = calloc(2 * tlb.held.n + 1, sizeof(*kept.run));
	CHECK(kept.run);
	for (i = 0; i < tlb.held.n; i++) {
		struct mapping m = tlb.held.run[i], rest = m;
		unsigned long size = item_size(&m), leaf, skip;
		unsigned long last = mapping_last(tlb.f->d, &m);

		leaf = level_size(tlb.f->d, m.level);
		if (gather->first > last || gather->last < m.va) {
			kept.run[kept.n++] = m;
			continue;
		}
		if (gather->first > m.va) {
			m.n = ((gather->first & ~(size - 1)) - m.va) / leaf;
			if ((gather->first & ~(size - 1)) > m.va)
				kept.run[kept.n++] = m;
		}
		if (gather->last < last) {
			skip = (gather->last | (size - 1)) + 1 - rest.va;
			if (skip >= last - rest.va)
				continue;
			rest.va += skip;
			rest.pa += skip;
			rest.n -= skip / leaf;
			kept.run[kept.n++] = rest;
		}
	}
	free(tlb.held.run);
	tlb.held = kept;
}

static void tlb_begin(struct fix *f)
{
	memset(&tlb, 0, sizeof(tlb));
	tlb.f = f;
	tlb.flush = f->ops->flush;
	f->ops->flush = forget;
	fill(NULL, NULL, true);
	watch_begin(f, fill, NULL);
}

/* Returns how many conflicts there were. */
static unsigned long tlb_end(struct fix *f)
{
	watch_end();
	f->ops->flush = tlb.flush;
	free(tlb.held.run);
	return tlb.conflicts;
}

static int unmap_part(struct fix *f)
{
	return pg_table_unmap(f->pgt, f->base + PAGES(3), PAGES(2), GFP_KERNEL);
}

static int protect_part(struct fix *f)
{
	return pg_table_protect(f->pgt, f->base + PAGES(3), PAGES(2), f->ro,
				PG_TABLE_PROT_ALL, GFP_KERNEL);
}

static int split_part(struct fix *f)
{
	return pg_table_split(f->pgt, f->base + PAGES(3), PAGES(2), 0,
			      GFP_KERNEL);
}

static int retype_part(struct fix *f)
{
	return pg_table_protect(f->pgt, f->base + PAGES(3), PAGES(2),
				pg_table_prot(f->format, RW | PG_TABLE_WC),
				PG_TABLE_PROT_ALL, GFP_KERNEL);
}

static int retype_all(struct fix *f)
{
	return pg_table_protect(f->pgt, f->base, f->huge,
				pg_table_prot(f->format, RW | PG_TABLE_WC),
				PG_TABLE_PROT_ALL, GFP_KERNEL);
}

static int protect_all(struct fix *f)
{
	return pg_table_protect(f->pgt, f->base, f->huge, f->ro,
				PG_TABLE_PROT_ALL, GFP_KERNEL);
}

static const struct change {
	const char	*name;
	int		(*act)(struct fix *f);
	bool		resizes;
	bool		retypes;
} changes[] = {
	{ "unmap a part", unmap_part, true, false },
	{ "protect a part", protect_part, true, false },
	{ "split", split_part, true, false },
	{ "change the type of a part", retype_part, true, true },
	{ "change the type", retype_all, false, true },
	{ "protect", protect_all, false, false },
};

/* Something at f->base of which the changes concern a part: the largest leaf. */
static void map_leaf(struct fix *f)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
}

/* The same range as runs, where there are some. */
static void map_runs(struct fix *f)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base + f->huge - PAGES(1), PAGES(1),
				0, GFP_KERNEL));
}

static void (*const setups[])(struct fix *f) = { map_leaf, map_runs };

static void unmap_all(struct fix *f)
{
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->huge, 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

static void check_loaded(struct fix *f, const struct change *c, bool bbml2)
{
	bool refuses = wants_breaks(f) &&
		       (c->retypes || (c->resizes && !bbml2));

	atomic_inc(&f->pgt->desc->loaded);
	if (refuses)
		CHECK_FAILS(-EOPNOTSUPP, c->act(f));
	else
		CHECK_OK(c->act(f));
	atomic_dec(&f->pgt->desc->loaded);
	CHECK_OK(c->act(f));
}

TEST(what_needs_a_break_is_refused_while_a_cpu_has_the_table)
{
	unsigned int i, s, bbml2;

	for (bbml2 = 0; bbml2 < 2; bbml2++) {
		for (i = 0; i < ARRAY_SIZE(changes); i++) {
			for (s = 0; s < ARRAY_SIZE(setups); s++) {
				set_bbml2(true);
				setups[s](f);
				set_bbml2(bbml2);
				check_loaded(f, &changes[i], bbml2);
				unmap_all(f);
			}
		}
	}
}

TEST(a_range_that_needs_no_break_can_always_be_unmapped)
{
	set_bbml2(false);
	map_leaf(f);
	atomic_inc(&f->pgt->desc->loaded);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->huge, 0));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_protect(f->pgt, f->base + PAGES(1), PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(1), PAGES(1), 0));
	atomic_dec(&f->pgt->desc->loaded);
	set_bbml2(true);
}

TEST(a_cpu_that_has_a_clone_sees_the_source)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct pg_table *second = fix_table(f, "second", f->flags);

	set_bbml2(false);
	map_leaf(f);
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_clone(second, dst, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	atomic_inc(&second->desc->loaded);
	if (wants_breaks(f))
		CHECK_FAILS(-EOPNOTSUPP, split_part(f));
	else
		CHECK_OK(split_part(f));
	CHECK_OK(pg_table_split(f->pgt, 2 * f->base, PAGES(1), 0, GFP_KERNEL));
	atomic_dec(&second->desc->loaded);
	CHECK_OK(split_part(f));
	CHECK_OK(pg_table_destroy(second));
	CHECK_OK(pg_table_destroy(dst));
	set_bbml2(true);
}

/*
 * What a collapse would come to last is seen by a CPU, through a clone; what it
 * comes to first is not.
 */
TEST(a_collapse_that_comes_to_what_a_cpu_sees_has_changed_nothing)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	unsigned long far = 2 * f->base;
	unsigned int i;

	for (i = 1; i < 3; i++) {
		CHECK_OK(pg_table_map(f->pgt, i * f->base, f->pa, f->size[1],
				      f->rw, GFP_KERNEL));
		CHECK_OK(pg_table_split(f->pgt, i * f->base, f->size[1], 0,
					GFP_KERNEL));
	}
	/* In an entry above, so that no table of single pages is borrowed. */
	CHECK_OK(pg_table_clone(dst, f->pgt, far, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	set_bbml2(false);
	atomic_inc(&dst->desc->loaded);
	if (wants_breaks(f)) {
		CHECK_FAILS(-EOPNOTSUPP, pg_table_collapse(f->pgt, f->base,
							   2 * f->base));
		CHECK_OK(pg_table_collapse(f->pgt, f->base, f->base));
	} else {
		CHECK_OK(pg_table_collapse(f->pgt, f->base, 2 * f->base));
	}
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
	atomic_dec(&dst->desc->loaded);
	CHECK_OK(pg_table_collapse(f->pgt, far, f->base));
	CHECK_OK(pg_table_destroy(dst));
	CHECK_OK(pg_table_collapse(f->pgt, far, f->base));
	CHECK_EQ(leaf_at(f->pgt, far, NULL), 1);
	set_bbml2(true);
}

/* A change of one's choice, watched by a TLB. */
static unsigned long conflicts_of(struct fix *f, const struct change *c,
				  void (*setup)(struct fix *f), bool bbml2)
{
	unsigned long conflicts;

	set_bbml2(true);
	setup(f);
	set_bbml2(bbml2);
	tlb_begin(f);
	CHECK_OK(c->act(f));
	conflicts = tlb_end(f);
	unmap_all(f);
	set_bbml2(true);
	return conflicts;
}

TEST(no_tlb_ever_holds_two_sizes_or_types_of_one_address)
{
	unsigned int i, s;

	if (!watch_possible() || !wants_breaks(f))
		return;
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		for (s = 0; s < ARRAY_SIZE(setups); s++) {
			if (conflicts_of(f, &changes[i], setups[s], false))
				test_fail("%s: setup %u", changes[i].name, s);
		}
	}
}

/* The TLB does see what FEAT_BBM allows: otherwise it would prove nothing. */
TEST(without_a_break_a_tlb_holds_two_sizes)
{
	if (!watch_possible() || !wants_breaks(f))
		return;
	CHECK(conflicts_of(f, &changes[0], map_leaf, true));
	CHECK(conflicts_of(f, &changes[0], map_runs, true));
	CHECK(conflicts_of(f, &changes[2], map_runs, true));
	CHECK(!conflicts_of(f, &changes[5], map_runs, true));
}

static unsigned int breaks;

/* While nothing is where something was, editors are to wait for the lock. */
static void flush_of_break(struct pg_table *pgt,
			   const struct pg_table_gather *gather)
{
	if (leaf_at(pgt, gather->first, NULL) >= 0)
		return;
	breaks++;
	CHECK(pgt->desc->config.flags & PG_TABLE_EXCLUSIVE ||
	      atomic_read(&pgt->desc->frozen));
}

TEST(no_other_editor_meets_a_break)
{
	typeof(f->ops->flush) flush = f->ops->flush;
	unsigned int i;

	set_bbml2(false);
	f->ops->flush = flush_of_break;
	/* All but the first, which unmaps. */
	for (i = 1; i < ARRAY_SIZE(changes); i++) {
		breaks = 0;
		map_leaf(f);
		CHECK_OK(changes[i].act(f));
		CHECK_EQ(!!breaks, wants_breaks(f) && (changes[i].resizes ||
						       changes[i].retypes));
		f->ops->flush = flush;
		unmap_all(f);
		f->ops->flush = flush_of_break;
	}
	f->ops->flush = flush;
	set_bbml2(true);
}

TEST(what_is_remade_keeps_its_runs_and_what_was_recorded)
{
	struct pg_table_stats before, after;

	set_bbml2(false);
	map_runs(f);
	pg_table_get_stats(f->pgt, &before);
	CHECK_OK(retype_all(f));
	pg_table_get_stats(f->pgt, &after);
	CHECK_EQ(after.runs, before.runs);
	check_maps(f, f->pgt, f->base, f->pa, f->huge, RW | PG_TABLE_WC);
	CHECK_OK(pg_table_verify(f->pgt));
	set_bbml2(true);
}

static int collapse_all(struct fix *f)
{
	return pg_table_collapse(f->pgt, f->base, f->size[1]);
}

static void map_pages(struct fix *f)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base, f->size[1], 0, GFP_KERNEL));
}

/* Pages in runs, where there are some: only a table is left to collapse. */
static void map_page_runs(struct fix *f)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(f->pgt, f->base, PAGES(1), 0, GFP_KERNEL));
	CHECK_OK(pg_table_collapse(f->pgt, f->base,
				   max(run_size(f->d, 0), PAGES(1))));
}

TEST(collapse_takes_a_break_where_the_cpu_wants_one)
{
	static void (*const setups[])(struct fix *f) = {
		map_pages, map_page_runs,
	};
	static const struct change collapse = {
		"collapse", collapse_all, true, false,
	};
	/* To watch it takes long where tables are large. */
	bool watch = watch_possible() && wants_breaks(f) &&
		     entries_of(f->d, 0) <= 512;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(setups); i++) {
		set_bbml2(true);
		setups[i](f);
		set_bbml2(false);
		check_loaded(f, &collapse, false);
		CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 1);
		check_maps(f, f->pgt, f->base, f->pa, f->size[1], RW);
		unmap_all(f);
		if (watch)
			CHECK_EQ(conflicts_of(f, &collapse, setups[i], false),
				 0);
	}
	set_bbml2(true);
}

TEST(a_break_that_may_not_wait_for_other_editors_is_refused)
{
	pgprot_t wc = pg_table_prot(f->format, RW | PG_TABLE_WC);

	map_leaf(f);
	if (wants_breaks(f) && !(f->flags & PG_TABLE_EXCLUSIVE))
		CHECK_FAILS(-EOPNOTSUPP,
			    pg_table_protect(f->pgt, f->base, f->huge, wc,
					     PG_TABLE_PROT_ALL, GFP_NOWAIT));
	else
		CHECK_OK(pg_table_protect(f->pgt, f->base, f->huge, wc,
					  PG_TABLE_PROT_ALL, GFP_NOWAIT));
}

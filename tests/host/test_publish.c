// SPDX-License-Identifier: GPL-2.0
/*
 * Readers may look at any moment: before and after each single store of a verb
 * every address translates as before the call or as after it, and a call that
 * fails shows nothing at all. What the CPU records in between is not lost.
 */
#include <stdio.h>
#include <stdlib.h>

#include "watch.h"

/**
 * struct moment - what a reader may see
 * @f: the tables
 * @before: what was mapped
 * @after: what will be
 */
struct moment {
	struct fix	*f;
	struct mappings	before;
	struct mappings	after;
};

/* What @list says of @va; false if nothing. */
static bool translate(struct fix *f, const struct mappings *list,
		      unsigned long va, u64 *pa, unsigned int *flags)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct mapping *m = &list->run[i];

		if (va < m->va || va > mapping_last(f->d, m))
			continue;
		*pa = m->pa + (va - m->va);
		*flags = m->flags & ~(MAPPING_ACCESSED | MAPPING_DIRTY |
				      MAPPING_RUN);
		return true;
	}
	return false;
}

static bool same_at(struct fix *f, const struct mappings *a,
		    const struct mappings *b, unsigned long va)
{
	unsigned int a_flags = 0, b_flags = 0;
	u64 a_pa = 0, b_pa = 0;

	return translate(f, a, va, &a_pa, &a_flags) ==
	       translate(f, b, va, &b_pa, &b_flags) &&
	       a_pa == b_pa && a_flags == b_flags;
}

static void check_at(struct moment *m, const struct mappings *now,
		     unsigned long va)
{
	if (same_at(m->f, now, &m->before, va) ||
	    same_at(m->f, now, &m->after, va))
		return;
	fprintf(stderr, "  now:\n");
	mappings_print(m->f->d, now);
	test_fail("%#lx is mapped neither as before nor as after", va);
}

/* Translations change only where a run of one of the lists begins or ends. */
static void check_edges(struct moment *m, const struct mappings *now,
			const struct mappings *edges)
{
	size_t i;

	for (i = 0; i < edges->n; i++) {
		unsigned long last = mapping_last(m->f->d, &edges->run[i]);

		check_at(m, now, edges->run[i].va);
		check_at(m, now, last);
		check_at(m, now, last + 1);
		check_at(m, now, edges->run[i].va - 1);
	}
}

static void look(void *arg, u64 *slot, bool done)
{
	struct mappings now = { };
	struct moment *m = arg;

	if (!decode(m->f->d, m->f->sim, m->f->pgt->pgd, 0, ~0UL, &now))
		test_fail("a reader finds no valid tables");
	check_edges(m, &now, &m->before);
	check_edges(m, &now, &m->after);
	check_edges(m, &now, &now);
	mappings_free(&now);
}

typedef int (*verb_t)(struct fix *f, struct pg_table *pgt);

/* Do it to a twin first, to know the outcome; then watch. */
static void check_moments(struct fix *f, void (*setup)(struct fix *f,
						       struct pg_table *pgt),
			  verb_t verb)
{
	struct pg_table *twin = fix_table(f, "twin", f->flags);
	struct moment m = { .f = f };
	unsigned long stores;
	int ret;

	setup(f, twin);
	setup(f, f->pgt);
	CHECK(decode(f->d, f->sim, f->pgt->pgd, 0, ~0UL, &m.before));
	ret = verb(f, twin);
	CHECK(decode(f->d, f->sim, twin->pgd, 0, ~0UL, &m.after));
	watch_begin(f, look, &m);
	CHECK_EQ(verb(f, f->pgt), ret);
	stores = watch_end();
	CHECK(ret || stores);
	look(&m, NULL, true);
	mappings_free(&m.before);
	mappings_free(&m.after);
	CHECK_OK(pg_table_destroy(twin));
	CHECK_OK(pg_table_unmap(f->pgt, 0, 4 * f->base, GFP_KERNEL));
}

static void nothing(struct fix *f, struct pg_table *pgt)
{
}

static void pages(struct fix *f, struct pg_table *pgt)
{
	CHECK_OK(pg_table_map(pgt, f->base + PAGES(3), f->pa, PAGES(4), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(pgt, f->base + f->size[1], f->pa, PAGES(2),
			      f->rw, GFP_KERNEL));
}

static void large(struct fix *f, struct pg_table *pgt)
{
	CHECK_OK(pg_table_map(pgt, f->base, f->pa, f->huge, f->rw,
			      GFP_KERNEL));
}

static int map_ragged(struct fix *f, struct pg_table *pgt)
{
	return pg_table_map(pgt, f->base - PAGES(2), f->pa - PAGES(2),
			    f->size[1] + PAGES(4), f->rw, GFP_KERNEL);
}

static int map_beside(struct fix *f, struct pg_table *pgt)
{
	return pg_table_map(pgt, f->base + PAGES(7), f->pa,
			    f->size[1] - PAGES(7), f->rw, GFP_KERNEL);
}

static int unmap_some(struct fix *f, struct pg_table *pgt)
{
	return pg_table_unmap(pgt, f->base + PAGES(4), PAGES(2), GFP_KERNEL);
}

static int unmap_all(struct fix *f, struct pg_table *pgt)
{
	return pg_table_unmap(pgt, f->base, f->base, GFP_KERNEL);
}

static int protect_some(struct fix *f, struct pg_table *pgt)
{
	return pg_table_protect(pgt, f->base + PAGES(4), PAGES(2), f->ro,
				PG_TABLE_PROT_ALL, GFP_KERNEL);
}

static int split(struct fix *f, struct pg_table *pgt)
{
	return pg_table_split(pgt, f->base, PAGES(1), 0, GFP_KERNEL);
}

static int reserve(struct fix *f, struct pg_table *pgt)
{
	return pg_table_reserve(pgt, 3 * f->base, PAGES(1), 0, GFP_KERNEL);
}

TEST(at_any_moment_of_map_a_reader_sees_all_or_nothing_of_each_page)
{
	if (!watch_possible())
		return;
	check_moments(f, nothing, map_ragged);
	check_moments(f, pages, map_beside);
}

TEST(at_any_moment_of_unmap_a_reader_sees_the_old_or_nothing)
{
	if (!watch_possible())
		return;
	check_moments(f, pages, unmap_some);
	check_moments(f, pages, unmap_all);
	check_moments(f, large, unmap_some);
}

TEST(at_any_moment_of_protect_a_reader_sees_the_old_or_the_new)
{
	if (!watch_possible())
		return;
	check_moments(f, pages, protect_some);
	check_moments(f, large, protect_some);
}

TEST(at_any_moment_of_split_a_reader_sees_the_same)
{
	if (!watch_possible())
		return;
	check_moments(f, large, split);
}

static void small(struct fix *f, struct pg_table *pgt)
{
	CHECK_OK(pg_table_map(pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_split(pgt, f->base, f->size[1], 0, GFP_KERNEL));
}

static int collapse(struct fix *f, struct pg_table *pgt)
{
	return pg_table_collapse(pgt, f->base, f->size[1]);
}

static int collapse_half(struct fix *f, struct pg_table *pgt)
{
	return pg_table_collapse(pgt, f->base, f->size[1] / 2);
}

TEST(at_any_moment_of_collapse_a_reader_sees_the_same)
{
	if (!watch_possible())
		return;
	check_moments(f, small, collapse);
	if (f->d->run[0])
		check_moments(f, small, collapse_half);
}

TEST(at_any_moment_of_reserve_a_reader_sees_the_same)
{
	if (!watch_possible())
		return;
	check_moments(f, pages, reserve);
	CHECK_OK(pg_table_unreserve(f->pgt, 3 * f->base, PAGES(1)));
}

static int map_over(struct fix *f, struct pg_table *pgt)
{
	int ret = pg_table_map(pgt, f->base - PAGES(1), f->pa,
			       f->size[1] + PAGES(2), f->rw, GFP_KERNEL);

	CHECK_EQ(ret, -EEXIST);
	return ret;
}

static int map_without_memory(struct fix *f, struct pg_table *pgt)
{
	int ret;

	pg_table_sim_fail(f->sim, 2, ~0UL);
	ret = pg_table_map(pgt, f->base - PAGES(1), f->pa, PAGES(3), f->rw,
			   GFP_KERNEL);
	pg_table_sim_fail(f->sim, 0, 0);
	CHECK_EQ(ret, -ENOMEM);
	return ret;
}

static int unmap_without_memory(struct fix *f, struct pg_table *pgt)
{
	int ret;

	/* The last of the tables that the split needs. */
	pg_table_sim_fail(f->sim, f->sizes - 1, ~0UL);
	ret = pg_table_unmap(pgt, f->base + PAGES(1), PAGES(1), GFP_KERNEL);
	pg_table_sim_fail(f->sim, 0, 0);
	CHECK_EQ(ret, -ENOMEM);
	return ret;
}

TEST(a_call_that_fails_is_never_seen)
{
	if (!watch_possible())
		return;
	check_moments(f, pages, map_over);
	check_moments(f, nothing, map_without_memory);
	check_moments(f, large, unmap_without_memory);
}

/**
 * struct mmu - what plays the MMU
 * @slot: the leaf that is accessed
 * @set: what the MMU sets in it, in its raw form
 * @left: how often it still does so
 */
struct mmu {
	u64		*slot;
	u64		set;
	unsigned int	left;
};

/* The access comes at the last moment before the verb stores. */
static void access_leaf(void *arg, u64 *slot, bool done)
{
	struct mmu *mmu = arg;

	if (slot != mmu->slot || done || !mmu->left)
		return;
	mmu->left--;
	watch_store(slot, *slot ^ mmu->set);
}

static u64 *leaf_slot(struct fix *f, unsigned int level)
{
	u64 *table = (u64 *)f->pgt->pgd;
	unsigned int l, flags;
	u64 pa;

	for (l = f->top; l > level; l--) {
		u64 *slot = &table[f->base >> f->d->shift[l] &
				   (entries_of(f->d, l) - 1)];

		CHECK_EQ(f->d->classify(plain_entry(f->d, *slot, l), l, &pa,
					&flags), ENTRY_TABLE);
		table = pg_table_sim_to_ptr(f->sim, pa);
	}
	return &table[f->base >> f->d->shift[level] &
		      (entries_of(f->d, level) - 1)];
}

static unsigned int seen_flags(struct fix *f, unsigned long va)
{
	struct mappings list = { };
	unsigned int flags;

	CHECK(decode(f->d, f->sim, f->pgt->pgd, va, va, &list));
	CHECK_EQ(list.n, 1);
	flags = list.run[0].flags & (MAPPING_ACCESSED | MAPPING_DIRTY);
	mappings_free(&list);
	return flags;
}

/* A leaf that was never accessed is accessed while a verb changes it. */
static void check_access(struct fix *f, unsigned int level, verb_t verb,
			 unsigned long at)
{
	struct mmu mmu = { .set = f->d->ad, .left = 1 };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[level], f->rw,
			      GFP_KERNEL));
	mmu.slot = leaf_slot(f, level);
	*mmu.slot ^= mmu.set;
	CHECK_EQ(seen_flags(f, f->base), 0);
	watch_begin(f, access_leaf, &mmu);
	CHECK_OK(verb(f, f->pgt));
	watch_end();
	CHECK_EQ(mmu.left, 0);
	CHECK_EQ(seen_flags(f, at), MAPPING_ACCESSED | MAPPING_DIRTY);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[level], 0));
}

static int protect_first(struct fix *f, struct pg_table *pgt)
{
	return pg_table_protect(pgt, f->base, PAGES(1), f->ro,
				PG_TABLE_PROT_ALL, GFP_KERNEL);
}

static int unmap_second(struct fix *f, struct pg_table *pgt)
{
	return pg_table_unmap(pgt, f->base + PAGES(1), PAGES(1), GFP_KERNEL);
}

TEST(an_access_while_a_leaf_is_protected_is_not_lost)
{
	if (!watch_possible())
		return;
	check_access(f, 0, protect_first, f->base);
	check_access(f, 1, protect_first, f->base);
	if (f->sizes > 2)
		check_access(f, 2, protect_first, f->base + f->size[1]);
}

TEST(an_access_while_a_leaf_is_split_is_not_lost)
{
	if (!watch_possible())
		return;
	check_access(f, 1, split, f->base + PAGES(3));
	check_access(f, 1, unmap_second, f->base);
	if (f->sizes < 3)
		return;
	check_access(f, 2, split, f->base);
	check_access(f, 2, split, f->base + f->size[1]);
	check_access(f, 2, unmap_second, f->base + f->size[1]);
}

static struct pg_table *source;

static int replace_second(struct fix *f, struct pg_table *pgt)
{
	return pg_table_clone(pgt, source, f->base + PAGES(1), PAGES(1),
			      PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE,
			      GFP_KERNEL);
}

TEST(an_access_beside_what_is_replaced_is_not_lost)
{
	if (!watch_possible())
		return;
	source = fix_table(f, "source", f->flags);
	check_access(f, 1, replace_second, f->base);
	CHECK_OK(pg_table_destroy(source));
}

/* The leaf is an entry of a clone's own, which goes when @verb edits @pgt. */
static void check_mirrored(struct fix *f, struct fix *clone, verb_t verb,
			   struct pg_table *pgt, unsigned long at)
{
	struct mmu mmu = { .set = f->d->ad, .left = 1 };

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 2 * f->size[1], f->rw,
			      GFP_KERNEL));
	*leaf_slot(f, 1) ^= mmu.set;
	CHECK_OK(pg_table_clone(clone->pgt, f->pgt, f->base, 2 * f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	mmu.slot = leaf_slot(clone, 1);
	CHECK_EQ(seen_flags(clone, f->base), 0);
	watch_begin(clone, access_leaf, &mmu);
	CHECK_OK(verb(f, pgt));
	watch_end();
	CHECK_EQ(mmu.left, 0);
	CHECK_EQ(seen_flags(clone, at), MAPPING_ACCESSED | MAPPING_DIRTY);
	CHECK_OK(pg_table_unmap(clone->pgt, f->base, 2 * f->size[1],
				GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, 2 * f->size[1], 0));
}

TEST(an_access_to_what_follows_is_not_lost_while_a_table_takes_its_place)
{
	struct fix clone = *f;

	if (!watch_possible())
		return;
	clone.pgt = fix_table(f, "clone", f->flags);
	check_mirrored(f, &clone, split, f->pgt, f->base + PAGES(3));
	check_mirrored(f, &clone, unmap_second, clone.pgt, f->base);
	CHECK_OK(pg_table_destroy(clone.pgt));
}

/* The access comes at the last moment before the collapse shows. */
static void access_first(void *arg, u64 *slot, bool done)
{
	struct mmu *mmu = arg;

	if (done || !mmu->left)
		return;
	mmu->left--;
	watch_store(mmu->slot, *mmu->slot ^ mmu->set);
}

/* All of the leaves were never accessed, until one is. */
static void check_collapse(struct fix *f, verb_t verb)
{
	struct mmu mmu = { .set = f->d->ad, .left = 1 };
	unsigned int i;

	small(f, f->pgt);
	mmu.slot = leaf_slot(f, 0);
	for (i = 0; i < entries_of(f->d, 0); i++)
		mmu.slot[i] ^= mmu.set;
	CHECK_EQ(seen_flags(f, f->base), 0);
	watch_begin(f, access_first, &mmu);
	CHECK_OK(verb(f, f->pgt));
	watch_end();
	CHECK_EQ(mmu.left, 0);
	CHECK_EQ(seen_flags(f, f->base), MAPPING_ACCESSED | MAPPING_DIRTY);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], 0));
}

TEST(an_access_while_leaves_are_collapsed_is_not_lost)
{
	if (!watch_possible())
		return;
	check_collapse(f, collapse);
	if (f->d->run[0])
		check_collapse(f, collapse_half);
}

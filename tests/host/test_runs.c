// SPDX-License-Identifier: GPL-2.0
/*
 * Runs: items of several leaves. Each test looks at every level of the format
 * that has runs, and at none where the format has none.
 */
#include "watch.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)

/* Items that [va, va + size) is made of, as walk reports them. */
struct items {
	struct pg_table_leaf	item[4096];
	unsigned int		n;
};

static int note_item(const struct pg_table_leaf *leaf, void *arg)
{
	struct items *items = arg;

	CHECK(items->n < ARRAY_SIZE(items->item));
	items->item[items->n++] = *leaf;
	return 0;
}

static void list_items(struct fix *f, unsigned long va, size_t size,
		       struct items *items)
{
	static const struct pg_table_walk_ops ops = { .leaf = note_item };

	items->n = 0;
	CHECK_OK(pg_table_walk(f->pgt, va, size, &ops, items));
}

/* Leaves in a run of @level, 0 if there are no such runs. */
static unsigned int run_leaves(struct fix *f, unsigned int level)
{
	return f->d->run[level] ? 1U << f->d->run[level] : 0;
}

static void check_whole(struct fix *f)
{
	struct mappings list = { };

	CHECK(decode(f->d, f->sim, f->pgt->pgd, 0, ~0UL, &list));
	CHECK(runs_are_whole(f->d, &list));
	mappings_free(&list);
	CHECK_OK(pg_table_verify(f->pgt));
}

/* Size of the item at @va, which begins there. */
static size_t item_at(struct fix *f, unsigned long va)
{
	struct pg_table_leaf leaf;

	CHECK_OK(pg_table_lookup(f->pgt, va, &leaf));
	CHECK_EQ(leaf.va, va);
	return leaf.size;
}

static void map_run(struct fix *f, unsigned int level)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, run_size(f->d, level),
			      f->rw, GFP_KERNEL));
	CHECK_EQ(item_at(f, f->base), run_size(f->d, level));
}

static void unmap_run(struct fix *f, unsigned int level)
{
	CHECK_OK(pg_table_unmap(f->pgt, f->base, run_size(f->d, level), 0));
	check_empty(f, f->pgt, f->base, run_size(f->d, level));
}

TEST(a_run_is_one_item)
{
	struct pg_table_stats stats;
	struct pg_table_leaf leaf;
	struct items items;
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t size = run_size(f->d, l);

		if (!run_leaves(f, l))
			continue;
		map_run(f, l);
		CHECK_OK(pg_table_lookup(f->pgt, f->base + size - 1, &leaf));
		CHECK_EQ(leaf.va, f->base);
		CHECK_EQ(leaf.pa, f->pa);
		CHECK_EQ(leaf.size, size);
		CHECK_EQ(leaf.level, l);
		CHECK_EQ(pg_table_prot_flags(f->format, leaf.prot), RW);
		list_items(f, f->base + f->size[l], f->size[l], &items);
		CHECK_EQ(items.n, 1);
		CHECK_EQ(items.item[0].va, f->base);
		CHECK_EQ(items.item[0].size, size);
		pg_table_get_stats(f->pgt, &stats);
		CHECK_EQ(stats.runs, 1);
		CHECK_EQ(stats.leaves[l], run_leaves(f, l));
		CHECK_EQ(stats.mapped, size);
		check_whole(f);
		unmap_run(f, l);
	}
}

TEST(a_walk_reports_each_run_once)
{
	struct items items;
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t size = run_size(f->d, l);

		if (!run_leaves(f, l))
			continue;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 3 * size +
				      f->size[l], f->rw, GFP_KERNEL));
		list_items(f, f->base, 4 * size, &items);
		CHECK_EQ(items.n, 4);
		CHECK_EQ(items.item[1].va, f->base + size);
		CHECK_EQ(items.item[2].size, size);
		CHECK_EQ(items.item[3].size, f->size[l]);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, 4 * size, 0));
	}
}

TEST(runs_need_both_addresses_aligned)
{
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t size = run_size(f->d, l);

		if (!run_leaves(f, l))
			continue;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa + f->size[l],
				      size, f->rw, GFP_KERNEL));
		CHECK_EQ(item_at(f, f->base), f->size[l]);
		unmap_run(f, l);
		CHECK_OK(pg_table_map(f->pgt, f->base + f->size[l],
				      f->pa + f->size[l], 2 * size, f->rw,
				      GFP_KERNEL));
		CHECK_EQ(item_at(f, f->base + f->size[l]), f->size[l]);
		CHECK_EQ(item_at(f, f->base + size), size);
		CHECK_EQ(item_at(f, f->base + 2 * size), f->size[l]);
		check_whole(f);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, 3 * size, 0));
	}
}

/* The largest item at @va, found by trying all sizes that there are. */
static size_t largest_item(struct fix *f, unsigned long va, u64 pa, size_t left)
{
	unsigned int l = f->d->leaf_sizes;

	while (l--) {
		size_t sizes[] = { run_size(f->d, l), f->size[l] };
		unsigned int i;

		for (i = 0; i < 2; i++) {
			if (!((va | pa) & (sizes[i] - 1)) && left >= sizes[i])
				return sizes[i];
		}
	}
	test_fail("no leaf fits at %#lx", va);
}

static void check_items(struct fix *f, unsigned long va, u64 pa, size_t size)
{
	static struct items items;
	unsigned int i;
	size_t done;

	CHECK_OK(pg_table_map(f->pgt, va, pa, size, f->rw, GFP_KERNEL));
	list_items(f, va, size, &items);
	for (i = 0, done = 0; done < size; done += items.item[i++].size) {
		CHECK(i < items.n);
		CHECK_EQ(items.item[i].va, va + done);
		CHECK_EQ(items.item[i].pa, pa + done);
		CHECK_EQ(items.item[i].size,
			 largest_item(f, va + done, pa + done, size - done));
	}
	CHECK_EQ(done, size);
	CHECK_EQ(i, items.n);
	check_whole(f);
	check_maps(f, f->pgt, va, pa, size, RW);
	CHECK_OK(pg_table_unmap(f->pgt, va, size, 0));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

/* Against brute force: around the borders of leaves and runs, all offsets. */
TEST(map_uses_the_items_that_brute_force_finds)
{
	unsigned int l, first, n, off;

	for (l = 0; l < f->d->leaf_sizes && l < f->top; l++) {
		unsigned int step = max(run_leaves(f, l), 2U);
		unsigned long va = f->base + 2 * f->size[l + 1] -
				   run_size(f->d, l);
		u64 pa = f->pa + 2 * f->size[l + 1] - run_size(f->d, l);

		for (first = 0; first <= step; first += 1 + step / 8) {
			for (n = 1; n <= 2 * step + 1; n += 1 + step / 5) {
				for (off = 0; off < 3; off++)
					check_items(f, va + first * f->size[l],
						    pa + (first + off) *
						    f->size[l],
						    n * f->size[l]);
			}
		}
	}
}

TEST(unmap_of_a_part_unfolds_the_run)
{
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t one = f->size[l], size = run_size(f->d, l);
		struct pg_table_sim_stats stats;

		if (!run_leaves(f, l))
			continue;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 3 * size, f->rw,
				      GFP_KERNEL));
		CHECK_OK(pg_table_unmap(f->pgt, f->base + size + one, one, 0));
		stats = sim_stats(f);
		CHECK(stats.last.first <= f->base + size);
		CHECK(stats.last.last >= f->base + 2 * size - 1);
		check_maps(f, f->pgt, f->base, f->pa, size + one, RW);
		check_empty(f, f->pgt, f->base + size + one, one);
		check_maps(f, f->pgt, f->base + size + 2 * one,
			   f->pa + size + 2 * one, 2 * size - 2 * one, RW);
		CHECK_EQ(item_at(f, f->base), size);
		CHECK_EQ(item_at(f, f->base + size), one);
		CHECK_EQ(item_at(f, f->base + size + 2 * one), one);
		CHECK_EQ(item_at(f, f->base + 2 * size), size);
		check_whole(f);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, 3 * size, 0));
		CHECK_EQ(sim_used(f), ROOTS(1));
	}
}

TEST(protect_of_a_part_unfolds_the_run)
{
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t one = f->size[l], size = run_size(f->d, l);

		if (!run_leaves(f, l))
			continue;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 3 * size, f->rw,
				      GFP_KERNEL));
		CHECK_OK(pg_table_protect(f->pgt, f->base + size - one,
					  size + 2 * one, f->ro,
					  PG_TABLE_PROT_ALL, 0));
		check_maps(f, f->pgt, f->base, f->pa, size - one, RW);
		check_maps(f, f->pgt, f->base + size - one,
			   f->pa + size - one, size + 2 * one, PG_TABLE_READ);
		check_maps(f, f->pgt, f->base + 2 * size + one,
			   f->pa + 2 * size + one, size - one, RW);
		CHECK_EQ(item_at(f, f->base), one);
		CHECK_EQ(item_at(f, f->base + size), size);
		CHECK_EQ(item_at(f, f->base + 2 * size), one);
		check_whole(f);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, 3 * size, 0));
	}
}

TEST(protect_of_whole_runs_keeps_them)
{
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		if (!run_leaves(f, l))
			continue;
		map_run(f, l);
		CHECK_OK(pg_table_protect(f->pgt, f->base, run_size(f->d, l),
					  f->ro, PG_TABLE_PROT_ALL, 0));
		CHECK_EQ(item_at(f, f->base), run_size(f->d, l));
		check_maps(f, f->pgt, f->base, f->pa, run_size(f->d, l),
			   PG_TABLE_READ);
		check_whole(f);
		unmap_run(f, l);
	}
}

TEST(split_to_its_level_unfolds_a_run)
{
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t one = f->size[l], size = run_size(f->d, l);
		unsigned long flushes;

		if (!run_leaves(f, l))
			continue;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 2 * size, f->rw,
				      GFP_KERNEL));
		flushes = sim_stats(f).flushes;
		CHECK_OK(pg_table_split(f->pgt, f->base, one, l, 0));
		CHECK_EQ(sim_stats(f).flushes, flushes + 1);
		CHECK(sim_stats(f).last.last >= f->base + size - 1);
		check_maps(f, f->pgt, f->base, f->pa, 2 * size, RW);
		CHECK_EQ(item_at(f, f->base), one);
		CHECK_EQ(item_at(f, f->base + one), one);
		CHECK_EQ(item_at(f, f->base + size), size);
		check_whole(f);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, 2 * size, 0));
	}
}

TEST(split_of_a_leaf_leaves_runs_around_the_range)
{
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t one = f->size[l], size = run_size(f->d, l);

		if (!run_leaves(f, l) || l + 1 == f->d->leaf_sizes)
			continue;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[l + 1],
				      f->rw, GFP_KERNEL));
		CHECK_OK(pg_table_split(f->pgt, f->base + size + one, one, l,
					GFP_KERNEL));
		CHECK_EQ(item_at(f, f->base), size);
		CHECK_EQ(item_at(f, f->base + size), one);
		CHECK_EQ(item_at(f, f->base + size + one), one);
		CHECK_EQ(item_at(f, f->base + 2 * size), size);
		check_maps(f, f->pgt, f->base, f->pa, f->size[l + 1], RW);
		check_whole(f);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[l + 1], 0));
	}
}

TEST(a_clone_of_a_part_of_a_run_has_single_leaves)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	struct mappings list = { };
	unsigned int l;

	for (l = 0; l < f->top; l++) {
		size_t one = f->size[l], size = run_size(f->d, l);
		struct pg_table_leaf leaf;

		if (!run_leaves(f, l))
			continue;
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 2 * size, f->rw,
				      GFP_KERNEL));
		CHECK_OK(pg_table_clone(dst, f->pgt, f->base + one,
					2 * size - one, PG_TABLE_SHARE,
					GFP_KERNEL));
		check_maps(f, dst, f->base + one, f->pa + one, 2 * size - one,
			   RW);
		CHECK_OK(pg_table_lookup(dst, f->base + one, &leaf));
		CHECK_EQ(leaf.size, one);
		CHECK_OK(pg_table_lookup(dst, f->base + size, &leaf));
		CHECK_EQ(leaf.size, size);
		CHECK_OK(pg_table_verify(dst));
		CHECK(decode(f->d, f->sim, dst->pgd, 0, ~0UL, &list));
		CHECK(runs_are_whole(f->d, &list));
		mappings_free(&list);
		CHECK_OK(pg_table_unmap(dst, f->base, 2 * size, 0));
		CHECK_OK(pg_table_unmap(f->pgt, f->base, 2 * size, 0));
	}
	CHECK_OK(pg_table_destroy(dst));
}

/* A table that others reserved lies in one of the slots. */
TEST(a_reserved_table_keeps_a_run_from_being_made)
{
	unsigned int l;

	for (l = 1; l < f->top; l++) {
		size_t one = f->size[l], size = run_size(f->d, l);

		if (!run_leaves(f, l))
			continue;
		CHECK_OK(pg_table_reserve(f->pgt, f->base + 2 * one, PAGES(1),
					  l - 1, GFP_KERNEL));
		CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, 2 * size, f->rw,
				      GFP_KERNEL));
		CHECK_EQ(item_at(f, f->base), one);
		CHECK_EQ(leaf_at(f->pgt, f->base + 2 * one, NULL), l - 1);
		CHECK_EQ(item_at(f, f->base + size), size);
		check_maps(f, f->pgt, f->base, f->pa, 2 * size, RW);
		check_whole(f);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, 2 * size, 0));
		CHECK_OK(pg_table_unreserve(f->pgt, f->base + 2 * one,
					    PAGES(1)));
	}
}

TEST(a_table_that_keeps_small_leaves_has_no_runs)
{
	struct pg_table_stats stats;

	fix_replace(f, &(struct pg_table_config){
		.flags = PG_TABLE_KEEP_SMALL,
		.leaf_sizes = 1,
	});
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, f->size[1], f->rw,
			      GFP_KERNEL));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.runs, 0);
	CHECK_EQ(item_at(f, f->base), PAGES(1));
}

static unsigned int recorded(struct fix *f, unsigned long va)
{
	struct mappings list = { };
	unsigned int flags;

	CHECK(decode(f->d, f->sim, f->pgt->pgd, va, va, &list));
	CHECK_EQ(list.n, 1);
	flags = list.run[0].flags & (MAPPING_ACCESSED | MAPPING_DIRTY);
	mappings_free(&list);
	return flags;
}

/* The CPU wrote to each run, and noted it in one leaf of it only. */
static void check_recorded_in_one(struct fix *f)
{
	const unsigned int both = MAPPING_ACCESSED | MAPPING_DIRTY;
	struct pg_table_leaf leaf;
	unsigned int l, i;

	for (l = 0; l < f->top; l++) {
		unsigned int n = run_leaves(f, l);

		if (!n)
			continue;
		map_run(f, l);
		for (i = 0; i < n; i++) {
			if (i != n - 2)
				*slot_of(f, f->pgt, f->base + i * f->size[l], l) ^=
					f->d->ad;
		}
		CHECK_EQ(recorded(f, f->base), 0);
		CHECK_OK(pg_table_verify(f->pgt));
		CHECK_OK(pg_table_lookup(f->pgt, f->base, &leaf));
		CHECK_EQ(pgprot_val(leaf.prot), pgprot_val(f->rw));
		CHECK_OK(pg_table_unmap(f->pgt, f->base + f->size[l],
					f->size[l], GFP_KERNEL));
		for (i = 0; i < n; i++) {
			if (i != 1)
				CHECK_EQ(recorded(f, f->base + i * f->size[l]),
					 both);
		}
		CHECK_OK(pg_table_unmap(f->pgt, f->base, run_size(f->d, l), 0));
	}
}

TEST(what_was_recorded_in_one_leaf_of_a_run_is_true_of_all)
{
	check_recorded_in_one(f);
}

TEST(what_was_recorded_in_one_leaf_of_a_run_outlasts_a_break)
{
	pg_table_sim_cpu.bbml2 = false;
	check_recorded_in_one(f);
	pg_table_sim_cpu.bbml2 = true;
}

TEST(verify_finds_a_run_that_is_not_whole)
{
	unsigned int l, i;

	for (l = 0; l < f->top; l++) {
		unsigned int n = run_leaves(f, l);
		u64 alone, member, *slot;

		if (!n)
			continue;
		map_run(f, l);
		/* A leaf like it that is in no run. */
		CHECK_OK(pg_table_map(f->pgt, f->base + 2 * run_size(f->d, l),
				      f->pa, f->size[l], f->rw, GFP_KERNEL));
		alone = *slot_of(f, f->pgt, f->base + 2 * run_size(f->d, l), l);
		for (i = 0; i < n; i += n - 1) {
			slot = slot_of(f, f->pgt, f->base + i * f->size[l], l);
			member = *slot;
			*slot = alone;
			host_log(false);
			CHECK_EQ(pg_table_verify(f->pgt), -EUCLEAN);
			host_log(true);
			*slot = member;
		}
		CHECK_OK(pg_table_verify(f->pgt));
		CHECK_OK(pg_table_unmap(f->pgt, f->base,
					3 * run_size(f->d, l), 0));
	}
}

TEST(a_cpu_without_runs_gets_none)
{
	struct pg_table_sim_cpu cpu = pg_table_sim_cpu;
	struct pg_table_stats stats;

	pg_table_sim_cpu.svnapot = false;
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, run_size(f->d, 0),
			      f->rw, GFP_KERNEL));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.runs, !f->d->run_base && f->d->run[0]);
	check_whole(f);
	pg_table_sim_cpu = cpu;
}

TEST(a_cpu_without_memory_types_gets_none)
{
	struct pg_table_sim_cpu cpu = pg_table_sim_cpu;
	pgprot_t wc = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_WC);
	pgprot_t without;

	pg_table_sim_cpu.svpbmt = false;
	without = pg_table_prot(f->format, PG_TABLE_READ | PG_TABLE_WC);
	if (pgprot_val(without) != pgprot_val(wc)) {
		CHECK(f->d->run_base);
		CHECK_EQ(pg_table_prot_flags(f->format, without),
			 PG_TABLE_READ);
		CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base, f->pa,
						  PAGES(1), wc, GFP_KERNEL));
	}
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), without,
			      GFP_KERNEL));
	pg_table_sim_cpu = cpu;
}

/**
 * struct access - one by the CPU, while a run is unfolded
 * @slot: the leaf that the CPU uses
 * @set: what it sets there
 * @done: it has happened
 */
struct access {
	u64	*slot;
	u64	set;
	bool	done;
};

static void access_leaf(void *arg, u64 *slot, bool done)
{
	struct access *access = arg;

	if (slot != access->slot || done || access->done)
		return;
	access->done = true;
	watch_store(slot, *slot ^ access->set);
}

TEST(an_access_while_a_run_is_unfolded_is_true_of_all)
{
	const unsigned int both = MAPPING_ACCESSED | MAPPING_DIRTY;
	unsigned int l, i;

	for (l = 0; watch_possible() && l < f->top; l++) {
		unsigned int n = run_leaves(f, l);
		struct access access = { .set = f->d->ad };

		if (!n)
			continue;
		map_run(f, l);
		for (i = 0; i < n; i++)
			*slot_of(f, f->pgt, f->base + i * f->size[l], l) ^= f->d->ad;
		CHECK_EQ(recorded(f, f->base), 0);
		access.slot = slot_of(f, f->pgt, f->base + 2 * f->size[l], l);
		watch_begin(f, access_leaf, &access);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[l], 0));
		watch_end();
		CHECK(access.done);
		for (i = 1; i < n; i++)
			CHECK_EQ(recorded(f, f->base + i * f->size[l]), both);
		check_whole(f);
		CHECK_OK(pg_table_unmap(f->pgt, f->base, run_size(f->d, l), 0));
	}
}

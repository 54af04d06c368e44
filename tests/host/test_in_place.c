// SPDX-License-Identifier: GPL-2.0
/* Tables that others made, edited in place among them. */
#include <string.h>

#include "test.h"

#define RW	(PG_TABLE_READ | PG_TABLE_WRITE)
#define RO	PG_TABLE_READ
#define THEIRS	1024
/* The bits of an x86 leaf's address, whose pages have this size. */
#define X86_PA_MASK(shift)	(~0ULL >> 13 & -(1ULL << (shift)))

/**
 * struct boot - a table such as boot code leaves behind
 * @pgt: who made it, and frees it in the end
 * @theirs: the pages of the memory that are its tables
 * @live: what was counted in them
 * @used: pages in use before anything else was done
 */
struct boot {
	struct pg_table	*pgt;
	bool		theirs[THEIRS];
	int		live[THEIRS];
	unsigned long	used;
};

static struct pg_table_page *page_at(struct fix *f, unsigned long i)
{
	return (void *)((char *)f->ops->pages + i * f->ops->page_stride);
}

static struct pg_table_config in_place_config(struct fix *f, void *root)
{
	return (struct pg_table_config) {
		.name = "in place",
		.format = f->format,
		.ops = f->ops,
		.root = root,
		.va_first = f->base,
		.va_last = 2 * f->base - 1,
		.flags = PG_TABLE_EXCLUSIVE | PG_TABLE_IN_PLACE,
	};
}

/* Take the ownership of its tables from @boot->pgt, and edit them in place. */
static void begin(struct fix *f, struct boot *boot)
{
	struct pg_table_config config = in_place_config(f, f->pgt->pgd);
	unsigned long i;

	memset(boot, 0, sizeof(*boot));
	boot->pgt = f->pgt;
	boot->used = sim_used(f);
	for (i = 0; i < THEIRS; i++) {
		boot->theirs[i] = page_at(f, i)->owner == boot->pgt;
		if (!boot->theirs[i])
			continue;
		page_at(f, i)->owner = NULL;
		boot->live[i] = atomic_read(&page_at(f, i)->live);
		atomic_set(&page_at(f, i)->live, 0);
	}
	f->pgt = pg_table_create(&config);
	CHECK(!IS_ERR(f->pgt));
}

/* In the pages of others nothing is counted. */
static void check_uncounted(struct fix *f, const struct boot *boot)
{
	unsigned long i;

	for (i = 0; i < THEIRS; i++) {
		if (!boot->theirs[i])
			continue;
		CHECK_EQ(atomic_read(&page_at(f, i)->live), 0);
		CHECK_EQ(page_at(f, i)->pins, 0);
	}
}

/* All that the library made is gone, and all that others made is there. */
static void end(struct fix *f, struct boot *boot)
{
	unsigned long i;

	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_destroy(f->pgt));
	CHECK_EQ(sim_used(f), boot->used);
	check_uncounted(f, boot);
	f->pgt = boot->pgt;
	for (i = 0; i < THEIRS; i++) {
		if (!boot->theirs[i])
			continue;
		page_at(f, i)->owner = boot->pgt;
		atomic_set(&page_at(f, i)->live, boot->live[i]);
	}
	CHECK_OK(pg_table_verify(f->pgt));
}

static void map(struct fix *f, unsigned long va, size_t size)
{
	CHECK_OK(pg_table_map(f->pgt, va, f->pa + (va - f->base), size, f->rw,
			      GFP_KERNEL));
}

/* Pages from @f->base on, and a large leaf behind them. */
static unsigned long make_boot(struct fix *f, struct boot *boot)
{
	unsigned long large = f->base + f->size[1];

	map(f, f->base, PAGES(4));
	map(f, large, f->size[1]);
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 1);
	begin(f, boot);
	return large;
}

TEST(a_table_in_place_needs_a_root_one_editor_and_one_half)
{
	struct pg_table_config good = in_place_config(f, f->pgt->pgd), bad;
	struct boot boot;

	make_boot(f, &boot);
	bad = good;
	bad.root = NULL;
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	bad = good;
	bad.flags = PG_TABLE_IN_PLACE;
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	bad = good;
	bad.flags |= PG_TABLE_FOREIGN;
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	bad = good;
	bad.va_first = 0;
	bad.va_last = 0;
	/* Elsewhere nothing lies between the halves, or there is only one. */
	if (f->d->va_signed && !f->d->two_roots)
		CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	end(f, &boot);
}

TEST(leaves_of_others_tables_come_and_go_in_place)
{
	struct pg_table_stats stats;
	struct boot boot;

	make_boot(f, &boot);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(4), 0));
	check_empty(f, f->pgt, f->base, PAGES(4));
	map(f, f->base + PAGES(1), PAGES(1));
	map(f, f->base, PAGES(1));
	map(f, f->base + PAGES(2), PAGES(2));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(4), RW);
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(4), f->ro,
				  PG_TABLE_PROT_ALL, 0));
	check_maps(f, f->pgt, f->base, f->pa, PAGES(4), RO);
	CHECK_OK(pg_table_protect(f->pgt, f->base, PAGES(4), f->rw,
				  PG_TABLE_PROT_ALL, 0));
	CHECK_FAILS(-EEXIST, pg_table_map(f->pgt, f->base, f->pa, PAGES(1),
					  f->rw, 0));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.tables, 0);
	CHECK_EQ(stats.bytes, 0);
	end(f, &boot);
}

/* Their pages, one at a time, by the short way and by the long one. */
TEST(the_last_leaf_of_a_table_of_others_leaves_it_where_it_is)
{
	struct boot boot;
	unsigned int i;

	make_boot(f, &boot);
	for (i = 0; i < 4; i++)
		CHECK_OK(pg_table_unmap(f->pgt, f->base + PAGES(i), PAGES(1),
					0));
	CHECK_EQ(sim_used(f), boot.used);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(4), f->rw, 0));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->size[1], 0));
	CHECK_EQ(sim_used(f), boot.used);
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(4), f->rw, 0));
	end(f, &boot);
}

TEST(a_large_leaf_of_others_splits_and_comes_back)
{
	struct pg_table_stats stats;
	unsigned long large;
	struct boot boot;

	large = make_boot(f, &boot);
	CHECK_OK(pg_table_unmap(f->pgt, large + PAGES(2), PAGES(1),
				GFP_KERNEL));
	CHECK(sim_used(f) > boot.used);
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.tables, 1);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_EQ(pg_table_destroy(f->pgt), -EBUSY);
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 0);
	map(f, large + PAGES(2), PAGES(1));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 1);
	end(f, &boot);
}

/* A whole leaf goes and comes by one store each, without memory. */
TEST(a_large_leaf_of_others_goes_whole_without_memory)
{
	unsigned long large;
	struct boot boot;

	large = make_boot(f, &boot);
	CHECK_OK(pg_table_unmap(f->pgt, large, f->size[1], 0));
	check_empty(f, f->pgt, large, f->size[1]);
	CHECK_EQ(sim_used(f), boot.used);
	CHECK_OK(pg_table_map(f->pgt, large, f->pa + f->size[1], f->size[1],
			      f->rw, 0));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 1);
	end(f, &boot);
}

TEST(a_split_in_place_that_finds_no_memory_changes_nothing)
{
	unsigned long large;
	struct boot boot;

	large = make_boot(f, &boot);
	CHECK_FAILS(-ENOMEM, pg_table_unmap(f->pgt, large, PAGES(1), 0));
	CHECK_FAILS(-ENOMEM, pg_table_split(f->pgt, large, PAGES(1), 0, 0));
	CHECK_FAILS(-ENOMEM, pg_table_protect(f->pgt, large, PAGES(1), f->ro,
					      PG_TABLE_PROT_ALL, 0));
	end(f, &boot);
}

TEST(an_emptied_table_of_the_librarys_own_is_freed_among_those_of_others)
{
	unsigned long large;
	struct boot boot;

	large = make_boot(f, &boot);
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	CHECK(sim_used(f) > boot.used);
	CHECK_OK(pg_table_unmap(f->pgt, large + PAGES(1),
				f->size[1] - PAGES(1), 0));
	CHECK_OK(pg_table_unmap(f->pgt, large, PAGES(1), 0));
	CHECK_EQ(sim_used(f), boot.used);
	CHECK_OK(pg_table_map(f->pgt, large, f->pa + f->size[1], f->size[1],
			      f->rw, 0));
	end(f, &boot);
}

TEST(a_table_of_others_is_never_collapsed)
{
	struct boot boot;
	unsigned int i, n = f->size[1] / f->size[0];

	for (i = 0; i < n; i++)
		map(f, f->base + PAGES(i), PAGES(1));
	begin(f, &boot);
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 0);
	end(f, &boot);
}

TEST(what_is_kept_small_in_place_is_not_collapsed)
{
	struct pg_table_stats stats;
	unsigned long large;
	struct boot boot;

	large = make_boot(f, &boot);
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_reserve(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.pins, 1);
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 0);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_unreserve(f->pgt, large, f->size[1]));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 1);
	end(f, &boot);
}

/* Of others' tables no count is kept, so there is nothing to go wrong. */
TEST(tables_of_others_are_as_good_as_reserved)
{
	struct boot boot;

	make_boot(f, &boot);
	CHECK_OK(pg_table_reserve(f->pgt, f->base, PAGES(4), 0, 0));
	check_uncounted(f, &boot);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(4), 0));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(4), f->rw, 0));
	CHECK_OK(pg_table_unreserve(f->pgt, f->base, PAGES(4)));
	CHECK_EQ(sim_used(f), boot.used);
	end(f, &boot);
}

TEST(nothing_out_of_its_bounds_is_edited_in_place)
{
	struct boot boot;

	map(f, 2 * f->base, PAGES(1));
	make_boot(f, &boot);
	CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, 2 * f->base, PAGES(1), 0));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base - PAGES(1), f->pa,
					  PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_collapse(f->pgt, f->base, 2 * f->base));
	end(f, &boot);
}

TEST(two_page_tables_in_place_keep_their_hands_off_each_others_tables)
{
	struct pg_table_config config;
	struct pg_table *other;
	unsigned long large;
	struct boot boot;

	large = make_boot(f, &boot);
	config = in_place_config(f, boot.pgt->pgd);
	other = pg_table_create(&config);
	CHECK(!IS_ERR(other));
	CHECK_OK(pg_table_split(other, large, f->size[1], 0, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(f->pgt, large, PAGES(1), 0));
	CHECK_FAILS(-EPERM, pg_table_unmap(f->pgt, large, f->size[1], 0));
	CHECK_FAILS(-EPERM, pg_table_reserve(f->pgt, large, PAGES(1), 0, 0));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 0);
	CHECK_OK(pg_table_collapse(other, large, f->size[1]));
	CHECK_OK(pg_table_destroy(other));
	end(f, &boot);
}

TEST(what_is_edited_in_place_is_no_clone_and_is_not_shared)
{
	struct pg_table *clone = fix_table(f, "clone", f->flags);
	struct boot boot;

	boot.used = 0;
	make_boot(f, &boot);
	CHECK_EQ(pg_table_clone(clone, f->pgt, f->base, f->size[1],
				PG_TABLE_SHARE, GFP_KERNEL), -EPERM);
	CHECK_EQ(pg_table_clone(f->pgt, clone, f->base, f->size[1],
				PG_TABLE_COPY, GFP_KERNEL), -EPERM);
	end(f, &boot);
	CHECK_OK(pg_table_destroy(clone));
}

/* The clone takes it from the root that both have, not from who made it. */
TEST(a_table_that_a_clone_of_the_root_borrows_stays_in_place)
{
	struct pg_table *clone = fix_table(f, "clone", f->flags), *foreign;
	struct pg_table_config config = {
		.name = "foreign",
		.format = f->format,
		.ops = f->ops,
		.flags = f->flags | PG_TABLE_FOREIGN,
	};
	unsigned long large;
	struct boot boot;

	large = make_boot(f, &boot);
	config.root = boot.pgt->pgd;
	foreign = pg_table_create(&config);
	CHECK(!IS_ERR(foreign));
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(clone, foreign, large, f->size[1],
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_verify(clone));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 0);
	CHECK_OK(pg_table_unmap(clone, large, f->size[1], GFP_KERNEL));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 1);
	CHECK_OK(pg_table_destroy(foreign));
	end(f, &boot);
	CHECK_OK(pg_table_destroy(clone));
}

/* A gather holds the tables until it is flushed, here too. */
TEST(collapse_in_place_flushes_before_it_frees)
{
	struct pg_table_gather gather;
	unsigned long large, used;
	struct boot boot;

	large = make_boot(f, &boot);
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	used = sim_used(f);
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_collapse_gather(f->pgt, large, f->size[1], &gather));
	CHECK_EQ(sim_used(f), used);
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_used(f), boot.used);
	end(f, &boot);
}

/* Others took a leaf out of use, as set_memory_np() does: its parts know where. */
TEST(a_leaf_that_others_took_out_of_use_is_split_as_it_is)
{
	struct pg_table_stats stats;
	unsigned long large, used;
	struct boot boot;
	unsigned int i;
	u64 *entry;

	if (strncmp(pg_table_format_name(f->format), "x86_64", 6))
		return;
	large = make_boot(f, &boot);
	entry = slot_of(f, f->pgt, large, 1);
	/* What cannot be used hides its address, and is no large leaf. */
	*entry = (*entry & ~0x81ULL) ^ X86_PA_MASK(21);
	CHECK_EQ(leaf_at(f->pgt, large, NULL), -1);
	CHECK_EQ(pg_table_protect(f->pgt, large, PAGES(1), f->ro,
				  PG_TABLE_PROT_ALL, GFP_KERNEL), -ENOENT);
	CHECK_OK(pg_table_split(f->pgt, large, PAGES(1), 0, GFP_KERNEL));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.tables, 1);
	for (i = 0; i < 512; i++) {
		entry = slot_of(f, f->pgt, large + PAGES(i), 0);
		CHECK_EQ((*entry & 1), 0);
		CHECK_EQ((*entry ^ X86_PA_MASK(12)) & X86_PA_MASK(12),
			 f->pa + f->size[1] + PAGES(i));
	}
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), -1);
	/* They use one again. */
	*entry = (*entry ^ X86_PA_MASK(12)) | 1;
	check_maps(f, f->pgt, large + PAGES(511),
		   f->pa + f->size[1] + PAGES(511), PAGES(1), RW);
	used = sim_used(f);
	CHECK_OK(pg_table_unmap(f->pgt, large, f->size[1], 0));
	CHECK(sim_used(f) < used);
	CHECK_OK(pg_table_map(f->pgt, large, f->pa + f->size[1], f->size[1],
			      f->rw, 0));
	end(f, &boot);
}

/* As vmalloc does where it maps something large. */
TEST(a_table_that_others_take_over_is_theirs_to_free)
{
	struct pg_table_stats stats;
	unsigned long large, used;
	struct boot boot;
	void *table;
	u64 empty;

	large = make_boot(f, &boot);
	empty = *slot_of(f, f->pgt, large + f->size[1], 1);
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	used = sim_used(f);
	table = slot_of(f, f->pgt, large, 0);
	CHECK(pg_table_disown(f->pgt, table));
	CHECK(!pg_table_disown(f->pgt, table));
	pg_table_get_stats(f->pgt, &stats);
	CHECK_EQ(stats.tables, 0);
	CHECK_EQ(stats.bytes, 0);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 0);
	CHECK_OK(pg_table_unmap(f->pgt, large, f->size[1], 0));
	CHECK_EQ(sim_used(f), used);
	*slot_of(f, f->pgt, large, 1) = empty;
	f->ops->free(f->pgt, table, (used - boot.used) << f->ops->page_shift);
	CHECK_EQ(sim_used(f), boot.used);
	CHECK_OK(pg_table_map(f->pgt, large, f->pa + f->size[1], f->size[1],
			      f->rw, 0));
	end(f, &boot);
}

TEST(a_table_that_others_made_is_theirs_already)
{
	struct boot boot;

	make_boot(f, &boot);
	CHECK(!pg_table_disown(f->pgt, slot_of(f, f->pgt, f->base, 0)));
	end(f, &boot);
}

/* What follows is f->pgt, in place, as in boot's root; and others besides it. */

static void follow(struct fix *f, struct pg_table *dst, unsigned long va,
		   size_t size)
{
	CHECK_OK(pg_table_clone(dst, f->pgt, va, size, PG_TABLE_FOLLOW,
				GFP_KERNEL));
}

/* A clone that follows all that is edited in place. */
static struct pg_table *follower(struct fix *f)
{
	struct pg_table *dst = fix_table(f, "clone", f->flags);

	follow(f, dst, f->base, f->base);
	return dst;
}

static void check_mapped(struct fix *f, struct pg_table *pgt, unsigned long va,
			 size_t size)
{
	check_maps(f, pgt, va, f->pa + (va - f->base), size, RW);
}

static void hide(struct fix *f, struct pg_table *dst, unsigned long va)
{
	CHECK_OK(pg_table_unmap(dst, va, f->size[1], GFP_KERNEL));
	check_empty(f, dst, va, f->size[1]);
}

/* Filling takes no memory. */
static void show(struct fix *f, struct pg_table *dst, unsigned long va)
{
	CHECK_OK(pg_table_clone(dst, f->pgt, va, f->size[1], PG_TABLE_FOLLOW,
				0));
}

static struct pg_table_stats stats_of(struct pg_table *pgt)
{
	struct pg_table_stats stats;

	CHECK_OK(pg_table_verify(pgt));
	pg_table_get_stats(pgt, &stats);
	return stats;
}

/* Boot's tables, and large leaves from @f->base + @f->size[1] on. */
static unsigned long make_blocks(struct fix *f, struct boot *boot)
{
	unsigned long large = f->base + f->size[1];

	map(f, f->base, PAGES(4));
	map(f, large, 3 * f->size[1]);
	begin(f, boot);
	return large;
}

TEST(what_is_edited_in_place_can_be_followed)
{
	struct pg_table *dst;
	unsigned long large;
	struct boot boot;

	large = make_blocks(f, &boot);
	dst = follower(f);
	CHECK_EQ(stats_of(dst).tables, 1 + f->small_root);
	CHECK_EQ(stats_of(dst).adopted, 1);
	CHECK_EQ(pg_table_destroy(f->pgt), -EBUSY);
	check_mapped(f, dst, f->base, PAGES(4));
	check_mapped(f, dst, large, 3 * f->size[1]);
	CHECK_OK(pg_table_unmap(f->pgt, large + PAGES(2), PAGES(1),
				GFP_KERNEL));
	check_empty(f, dst, large + PAGES(2), PAGES(1));
	map(f, large + PAGES(2), PAGES(1));
	CHECK_OK(pg_table_collapse(f->pgt, f->base, f->base));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 1);
	check_mapped(f, dst, large, 3 * f->size[1]);
	/* What is given up can be taken again, and what is edited be destroyed. */
	CHECK_OK(pg_table_unmap(dst, f->base, f->base, 0));
	check_empty(f, dst, f->base, f->base);
	CHECK_EQ(stats_of(dst).tables, 1);
	follow(f, dst, f->base, f->base);
	fix_destroy(dst);
	CHECK_EQ(atomic_read(&f->pgt->desc->frozen), 0);
	end(f, &boot);
}

/* Of single pages others tell nothing. */
TEST(a_range_in_place_is_followed_by_whole_entries_of_level_1)
{
	struct pg_table *dst, *src;
	unsigned long large;
	struct boot boot;

	large = make_blocks(f, &boot);
	dst = fix_table(f, "clone", f->flags);
	src = f->pgt;
	f->pgt = dst;
	CHECK_FAILS(-EPERM, pg_table_clone(dst, src, large + PAGES(1),
					   f->size[1], PG_TABLE_FOLLOW,
					   GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_clone(dst, src, f->base - f->size[1],
					    f->size[1], PG_TABLE_FOLLOW,
					    GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, src, large, 2 * f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(dst, large, PAGES(1), GFP_KERNEL));
	f->pgt = src;
	CHECK_EQ(stats_of(dst).tables, f->top);
	check_empty(f, dst, f->base, f->size[1]);
	check_mapped(f, dst, large, 2 * f->size[1]);
	check_empty(f, dst, large + 2 * f->size[1], f->size[1]);
	CHECK_OK(pg_table_unmap(f->pgt, large, f->size[1] + PAGES(1),
				GFP_KERNEL));
	check_empty(f, dst, large, f->size[1] + PAGES(1));
	map(f, large, f->size[1] + PAGES(1));
	check_mapped(f, dst, large, 2 * f->size[1]);
	CHECK_OK(pg_table_collapse(f->pgt, large, 2 * f->size[1]));
	CHECK_EQ(leaf_at(dst, large + f->size[1], NULL), 1);
	fix_destroy(dst);
	end(f, &boot);
}

TEST(a_hole_in_what_is_edited_in_place_stays_a_hole)
{
	unsigned long large, used;
	struct pg_table *dst;
	struct boot boot;

	large = make_blocks(f, &boot);
	dst = follower(f);
	used = sim_used(f);
	hide(f, dst, large + f->size[1]);
	CHECK_EQ(stats_of(dst).holes, f->size[1]);
	CHECK_EQ(stats_of(dst).tables, f->top);
	check_mapped(f, dst, f->base, PAGES(4));
	check_mapped(f, dst, large, f->size[1]);
	check_mapped(f, dst, large + 2 * f->size[1], f->size[1]);
	/* Beside it, and in it. */
	CHECK_OK(pg_table_protect(f->pgt, large + f->size[1] - PAGES(1),
				  PAGES(2), f->ro, PG_TABLE_PROT_ALL,
				  GFP_KERNEL));
	check_mapped(f, dst, large, f->size[1] - PAGES(1));
	check_maps(f, dst, large + f->size[1] - PAGES(1),
		   f->pa + 2 * f->size[1] - PAGES(1), PAGES(1), RO);
	check_empty(f, dst, large + f->size[1], f->size[1]);
	CHECK_OK(pg_table_unmap(f->pgt, large, 3 * f->size[1], 0));
	check_empty(f, dst, large, 3 * f->size[1]);
	CHECK_OK(pg_table_map(f->pgt, large, f->pa + f->size[1],
			      3 * f->size[1], f->rw, 0));
	check_empty(f, dst, large + f->size[1], f->size[1]);
	check_mapped(f, dst, large, f->size[1]);
	show(f, dst, large + f->size[1]);
	check_mapped(f, dst, large, 3 * f->size[1]);
	CHECK_EQ(stats_of(dst).tables, 1 + f->small_root);
	CHECK_EQ(sim_used(f), used);
	fix_destroy(dst);
	end(f, &boot);
}

/* Larger leaves of the source, too, of which others made the tables above. */
TEST(a_hole_in_a_larger_leaf_in_place_leaves_its_parts)
{
	unsigned long flushes;
	struct pg_table *dst;
	struct boot boot;

	if (f->sizes < 3 || f->size[2] > f->base / 4)
		return;
	map(f, f->base, 2 * f->size[2]);
	begin(f, &boot);
	dst = follower(f);
	hide(f, dst, f->base + f->size[1]);
	CHECK_EQ(leaf_at(f->pgt, f->base, NULL), 2);
	CHECK_EQ(leaf_at(dst, f->base, NULL), 1);
	CHECK_EQ(leaf_at(dst, f->base + f->size[2], NULL), 2);
	/* A split of one that the clone has, and the way back. */
	CHECK_OK(pg_table_protect(f->pgt, f->base + f->size[2], PAGES(1),
				  f->ro, PG_TABLE_PROT_ALL, GFP_KERNEL));
	check_maps(f, dst, f->base + f->size[2], f->pa + f->size[2], PAGES(1),
		   RO);
	CHECK_EQ(stats_of(dst).borrowed, 1);
	CHECK_OK(pg_table_protect(f->pgt, f->base + f->size[2], PAGES(1),
				  f->rw, PG_TABLE_PROT_ALL, 0));
	flushes = sim_stats(f).flushes;
	CHECK_OK(pg_table_collapse(f->pgt, f->base, 2 * f->size[2]));
	CHECK(sim_stats(f).flushes >= flushes + 2);
	CHECK_EQ(leaf_at(f->pgt, f->base + f->size[2], NULL), 2);
	CHECK_EQ(leaf_at(dst, f->base + f->size[2], NULL), 2);
	CHECK_EQ(stats_of(dst).borrowed, 0);
	show(f, dst, f->base + f->size[1]);
	check_mapped(f, dst, f->base, 2 * f->size[2]);
	fix_destroy(dst);
	end(f, &boot);
}

/* A clone has the table at hand, since a hole is next to it, and lets go of it. */
TEST(a_table_in_place_that_only_followers_borrow_is_collapsed)
{
	struct pg_table *dst, *next;
	struct pg_table_gather gather;
	unsigned long large, used;
	struct boot boot;

	large = make_blocks(f, &boot);
	next = fix_table(f, "next", f->flags);
	dst = follower(f);
	CHECK_OK(pg_table_clone(next, dst, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	hide(f, dst, large + f->size[1]);
	CHECK_OK(pg_table_unmap(next, large + 2 * f->size[1], f->size[1],
				GFP_KERNEL));
	used = sim_used(f);
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	CHECK_EQ(stats_of(dst).borrowed, 1);
	CHECK_EQ(leaf_at(next, large, NULL), 0);
	CHECK_OK(pg_table_verify(f->pgt));
	pg_table_gather_init(&gather, f->pgt);
	CHECK_OK(pg_table_collapse_gather(f->pgt, large, f->size[1], &gather));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 1);
	CHECK_EQ(leaf_at(dst, large, NULL), 1);
	CHECK_EQ(leaf_at(next, large, NULL), 1);
	CHECK(sim_used(f) > used);
	pg_table_gather_flush(&gather);
	CHECK_EQ(sim_used(f), used);
	check_mapped(f, next, large, f->size[1]);
	check_empty(f, next, large + f->size[1], 2 * f->size[1]);
	fix_destroy(next);
	fix_destroy(dst);
	end(f, &boot);
}

TEST(a_table_that_a_clone_shares_by_way_of_a_follower_is_not_collapsed)
{
	struct pg_table *dst, *next;
	unsigned long large;
	struct boot boot;

	large = make_blocks(f, &boot);
	next = fix_table(f, "next", f->flags);
	dst = follower(f);
	hide(f, dst, large + f->size[1]);
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	CHECK_OK(pg_table_clone(next, dst, large, f->size[1], PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(f->pgt, large, NULL), 0);
	check_mapped(f, next, large, f->size[1]);
	fix_destroy(next);
	CHECK_OK(pg_table_collapse(f->pgt, large, f->size[1]));
	CHECK_EQ(leaf_at(dst, large, NULL), 1);
	fix_destroy(dst);
	end(f, &boot);
}

/* As set_memory() and memory hotplug do. */
TEST(what_others_store_in_place_is_in_the_clone_when_they_have_said_so)
{
	unsigned long large, end_of;
	struct pg_table *dst;
	struct boot boot;
	u64 *slot, leaf, none;

	large = make_blocks(f, &boot);
	end_of = large + 3 * f->size[1];
	dst = follower(f);
	hide(f, dst, large + f->size[1]);
	slot = slot_of(f, f->pgt, large, 1);
	leaf = *slot;
	none = *slot_of(f, f->pgt, end_of, 1);
	*slot = none;
	check_mapped(f, dst, large, f->size[1]);
	pg_table_sync(f->pgt, large, f->size[1]);
	check_empty(f, dst, large, f->size[1]);
	/* A table of theirs in the place of a leaf, and at another. */
	*slot = leaf;
	pg_table_sync(f->pgt, large, f->size[1]);
	*slot = *slot_of(f, f->pgt, f->base, 1);
	pg_table_sync(f->pgt, large, f->size[1]);
	check_maps(f, dst, large, f->pa, PAGES(4), RW);
	*slot_of(f, f->pgt, end_of, 1) = *slot_of(f, f->pgt, f->base, 1);
	*slot = leaf;
	pg_table_sync(f->pgt, f->base, f->base);
	check_mapped(f, dst, large, f->size[1]);
	check_maps(f, dst, end_of, f->pa, PAGES(4), RW);
	CHECK_EQ(stats_of(dst).adopted, 2);
	check_empty(f, dst, large + f->size[1], f->size[1]);
	*slot_of(f, f->pgt, end_of, 1) = none;
	pg_table_sync(f->pgt, end_of, f->size[1]);
	check_empty(f, dst, end_of, f->size[1]);
	fix_destroy(dst);
	/* With nobody to be told. */
	pg_table_sync(f->pgt, f->base, f->base);
	end(f, &boot);
}

TEST(what_others_made_is_not_judged_in_a_clone)
{
	unsigned long large;
	struct pg_table *dst;
	struct boot boot;
	u64 *slot, leaf;

	if (strncmp(pg_table_format_name(f->format), "x86_64", 6))
		return;
	large = make_blocks(f, &boot);
	dst = follower(f);
	hide(f, dst, large + f->size[1]);
	slot = slot_of(f, f->pgt, large, 1);
	leaf = *slot;
	*slot = (leaf & ~0x81ULL) ^ X86_PA_MASK(21);
	pg_table_sync(f->pgt, large, f->size[1]);
	CHECK_EQ(leaf_at(dst, large, NULL), -1);
	CHECK_OK(pg_table_verify(dst));
	*slot = leaf;
	pg_table_sync(f->pgt, large, f->size[1]);
	check_mapped(f, dst, large, f->size[1]);
	fix_destroy(dst);
	end(f, &boot);
}

/* Whether others made it, or the library did. */
TEST(a_table_that_others_free_leaves_the_clones_first)
{
	struct pg_table *dst, *next;
	unsigned long large, flushes, used;
	struct boot boot;
	void *theirs;
	u64 empty;

	large = make_blocks(f, &boot);
	next = fix_table(f, "next", f->flags);
	empty = *slot_of(f, f->pgt, f->base + 5 * f->size[1], 1);
	dst = follower(f);
	hide(f, dst, large + f->size[1]);
	CHECK_OK(pg_table_clone(next, dst, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	CHECK_OK(pg_table_unmap(next, large + 2 * f->size[1], f->size[1],
				GFP_KERNEL));
	theirs = slot_of(f, f->pgt, f->base, 0);
	flushes = sim_stats(f).flushes;
	CHECK(!pg_table_disown(f->pgt, theirs));
	CHECK(sim_stats(f).flushes >= flushes + 2);
	check_empty(f, dst, f->base, f->size[1]);
	check_empty(f, next, f->base, f->size[1]);
	check_mapped(f, f->pgt, f->base, PAGES(4));
	check_mapped(f, next, large, f->size[1]);
	/* They think better of it. */
	pg_table_sync(f->pgt, f->base, f->size[1]);
	check_mapped(f, dst, f->base, PAGES(4));
	check_mapped(f, next, f->base, PAGES(4));

	used = sim_used(f);
	CHECK_OK(pg_table_split(f->pgt, large, f->size[1], 0, GFP_KERNEL));
	theirs = slot_of(f, f->pgt, large, 0);
	used = sim_used(f) - used;
	CHECK(pg_table_disown(boot.pgt, theirs));
	check_empty(f, dst, large, f->size[1]);
	check_empty(f, next, large, f->size[1]);
	CHECK_EQ(stats_of(dst).borrowed, 0);
	*slot_of(f, f->pgt, large, 1) = empty;
	f->ops->free(f->pgt, theirs, used << f->ops->page_shift);
	pg_table_sync(f->pgt, large, f->size[1]);
	CHECK_OK(pg_table_map(f->pgt, large, f->pa + f->size[1], f->size[1],
			      f->rw, 0));
	check_mapped(f, next, large, f->size[1]);
	fix_destroy(next);
	fix_destroy(dst);
	end(f, &boot);
}

/* In a clone that shares a part, what becomes empty by it goes, too. */
TEST(a_table_that_others_free_leaves_those_who_share_it)
{
	struct pg_table *dst, *next;
	unsigned long large;
	struct boot boot;

	large = make_blocks(f, &boot);
	next = fix_table(f, "next", f->flags);
	dst = follower(f);
	hide(f, dst, large + f->size[1]);
	CHECK_OK(pg_table_clone(next, dst, f->base, f->size[1],
				PG_TABLE_SHARE, GFP_KERNEL));
	CHECK_EQ(stats_of(next).tables, f->top);
	CHECK(!pg_table_disown(f->pgt, slot_of(f, f->pgt, f->base, 0)));
	check_empty(f, next, f->base, f->base);
	CHECK_EQ(stats_of(next).tables, 1);
	pg_table_sync(f->pgt, f->base, f->size[1]);
	check_mapped(f, dst, f->base, PAGES(4));
	fix_destroy(next);
	fix_destroy(dst);
	end(f, &boot);
}

/* Entries of one root: some from who knows no more of it, some from in place. */
TEST(a_clone_follows_a_foreign_table_and_a_part_of_it_in_place)
{
	struct pg_table *dst, *foreign, *next;
	struct pg_table_config config = {
		.name = "foreign",
		.format = f->format,
		.ops = f->ops,
		.flags = f->flags | PG_TABLE_FOREIGN,
	};
	unsigned long large, other = 2 * f->base;
	struct boot boot;
	u64 *slot, none;

	if (f->small_root)
		return;
	map(f, other, PAGES(2));
	large = make_blocks(f, &boot);
	dst = fix_table(f, "clone", f->flags);
	config.root = boot.pgt->pgd;
	foreign = pg_table_create(&config);
	CHECK(!IS_ERR(foreign));
	CHECK_OK(pg_table_clone(dst, foreign, other, 2 * f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL));
	follow(f, dst, f->base, f->base);
	hide(f, dst, large + f->size[1]);
	next = fix_table(f, "next", f->flags);
	CHECK_OK(pg_table_clone(next, dst, f->base, 3 * f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_EQ(pg_table_unmap(dst, other, f->size[1], GFP_KERNEL), -EPERM);
	CHECK_EQ(pg_table_unmap(next, other, f->size[1], GFP_KERNEL), -EPERM);
	CHECK_EQ(pg_table_clone(dst, foreign, f->base, f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL), -EPERM);
	check_mapped(f, next, other, PAGES(2));
	check_mapped(f, next, large, f->size[1]);
	check_empty(f, next, large + f->size[1], f->size[1]);
	/* Others fill a root entry of each. */
	slot = slot_of(f, boot.pgt, 3 * f->base, f->top);
	none = *slot;
	*slot = *slot_of(f, boot.pgt, other, f->top);
	pg_table_sync(foreign, 3 * f->base, f->base);
	check_maps(f, next, 3 * f->base, f->pa + (other - f->base), PAGES(2),
		   RW);
	*slot = none;
	pg_table_sync(foreign, 0, ~0UL);
	check_empty(f, next, 3 * f->base, f->base);
	CHECK_OK(pg_table_unmap(f->pgt, large, f->size[1], 0));
	check_empty(f, next, large, f->size[1]);
	map(f, large, f->size[1]);
	show(f, dst, large + f->size[1]);
	check_mapped(f, next, large, 3 * f->size[1]);
	fix_destroy(next);
	fix_destroy(dst);
	fix_destroy(foreign);
	end(f, &boot);
}

/* What the library would have to mirror of a foreign one comes by no detour. */
TEST(a_clone_that_mirrors_takes_nothing_of_what_nobody_tells_of)
{
	struct pg_table *dst;
	struct pg_table *next;
	struct boot boot;

	make_blocks(f, &boot);
	dst = fix_table(f, "clone", f->flags);
	next = fix_table(f, "next", f->flags);
	CHECK_OK(pg_table_clone(next, dst, f->base, f->size[1],
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_EQ(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL), -EPERM);
	fix_destroy(next);
	fix_destroy(dst);
	end(f, &boot);
}

static unsigned int allocs_left;
static void *(*real_alloc)(struct pg_table *pgt, size_t size, gfp_t gfp);

static void *failing_alloc(struct pg_table *pgt, size_t size, gfp_t gfp)
{
	if (!allocs_left)
		return NULL;
	allocs_left--;
	return real_alloc(pgt, size, gfp);
}

/* Each allocation of following, of a hole, and of a change in place fails once. */
TEST(a_call_about_what_is_in_place_that_finds_no_memory_changes_nothing)
{
	struct pg_table *dst, *src;
	struct pg_table_ops ops = *f->ops;
	unsigned long large;
	struct boot boot;
	unsigned int n;
	int ret;

	large = make_blocks(f, &boot);
	dst = fix_table(f, "clone", f->flags);
	src = f->pgt;
	real_alloc = f->ops->alloc;
	f->ops->alloc = failing_alloc;
	f->pgt = dst;
	CHECK_FAILS(-ENOMEM, pg_table_clone(dst, src, large, f->size[1],
					    PG_TABLE_FOLLOW, 0));
	for (n = 0, ret = -ENOMEM; ret; n++) {
		struct snapshot before;

		snapshot_take(f, dst, &before);
		allocs_left = n;
		ret = pg_table_clone(dst, src, large, 2 * f->size[1],
				     PG_TABLE_FOLLOW, GFP_KERNEL);
		if (ret) {
			CHECK_EQ(ret, -ENOMEM);
			snapshot_check(f, dst, &before);
		} else {
			mappings_free(&before.list);
		}
	}
	CHECK_EQ(n, f->top);
	CHECK_OK(pg_table_unmap(dst, large, 2 * f->size[1], 0));
	allocs_left = 1;
	CHECK_OK(pg_table_clone(dst, src, f->base, f->base, PG_TABLE_FOLLOW,
				GFP_KERNEL));
	for (n = 0, ret = -ENOMEM; ret; n++) {
		struct snapshot before;

		snapshot_take(f, dst, &before);
		allocs_left = n;
		ret = pg_table_unmap(dst, large, f->size[1], GFP_KERNEL);
		if (ret) {
			CHECK_EQ(ret, -ENOMEM);
			snapshot_check(f, dst, &before);
		} else {
			mappings_free(&before.list);
		}
	}
	CHECK_EQ(n, f->top - f->small_root);
	f->pgt = src;
	allocs_left = 0;
	CHECK_FAILS(-ENOMEM, pg_table_unmap(src, large + f->size[1], PAGES(1),
					    GFP_KERNEL));
	check_mapped(f, dst, large + f->size[1], 2 * f->size[1]);
	show(f, dst, large);
	check_mapped(f, dst, large, 3 * f->size[1]);
	*f->ops = ops;
	fix_destroy(dst);
	end(f, &boot);
}

/* Though in between the holes fill a table. */
TEST(blocks_that_were_left_out_one_by_one_come_back_without_memory)
{
	unsigned long i, n = entries_of(f->d, 1);
	struct pg_table *dst;
	struct boot boot;

	if (n > 1024)
		return;
	make_blocks(f, &boot);
	dst = follower(f);
	for (i = 0; i < n; i++)
		hide(f, dst, f->base + i * f->size[1]);
	CHECK_EQ(stats_of(dst).holes, n * f->size[1]);
	for (i = 0; i < n; i++)
		show(f, dst, f->base + i * f->size[1]);
	CHECK_EQ(stats_of(dst).tables, 1 + f->small_root);
	check_mapped(f, dst, f->base, PAGES(4));
	fix_destroy(dst);
	end(f, &boot);
}

#define BLOCKS	6	/* of which tables come and go */

/**
 * struct place - a table in place, one that follows it, and one that follows that
 * @f: the fixture, whose table is in place
 * @pgt: the three
 * @hole: the blocks that each leaves out
 * @rng: state of the random numbers
 */
struct place {
	struct fix	*f;
	struct pg_table	*pgt[3];
	bool		hole[3][BLOCKS];
	unsigned long	rng;
};

static unsigned int rnd(struct place *p, unsigned int n)
{
	p->rng = p->rng * 6364136223846793005 + 1442695040888963407;
	return (p->rng >> 33) % n;
}

static void check_place(struct place *p)
{
	struct pg_table_leaf a, b;
	struct fix *f = p->f;
	unsigned int id, i, k;

	for (id = 1; id < 3; id++) {
		for (i = 0; i < BLOCKS; i++) {
			for (k = 0; k < 3; k++) {
				unsigned long va = f->base + i * f->size[1] +
						   k * (f->size[1] - PAGES(1)) / 2;
				int want, is;

				va &= -f->size[0];
				want = leaf_at(p->pgt[id - 1], va, &a);
				is = leaf_at(p->pgt[id], va, &b);
				if (p->hole[id][i])
					want = -1;
				CHECK_EQ(want < 0, is < 0);
				if (is < 0)
					continue;
				CHECK_EQ(b.pa + (va - b.va), a.pa + (va - a.va));
				CHECK_EQ(pgprot_val(b.prot), pgprot_val(a.prot));
			}
		}
	}
}

static void act_in_place(struct place *p)
{
	struct fix *f = p->f;
	unsigned long block = f->base + rnd(p, BLOCKS) * f->size[1];
	unsigned long va = block + PAGES(rnd(p, 3));
	size_t size = rnd(p, 2) ? PAGES(2) : f->size[1];
	u64 *slot, none = *slot_of(f, f->pgt, f->base + (BLOCKS + 1) *
				   f->size[1], 1);

	if (size == f->size[1])
		va = block;
	switch (rnd(p, 8)) {
	case 0:
	case 1:
		pg_table_map(f->pgt, va, f->pa + (va - f->base), size, f->rw,
			     GFP_KERNEL);
		break;
	case 2:
		CHECK_OK(pg_table_unmap(f->pgt, va, size, GFP_KERNEL));
		break;
	case 3:
		pg_table_protect(f->pgt, va, size, f->ro, PG_TABLE_PROT_ALL,
				 GFP_KERNEL);
		break;
	case 4:
		pg_table_protect(f->pgt, va, size, f->rw, PG_TABLE_PROT_ALL,
				 GFP_KERNEL);
		break;
	case 5:
	case 6:
		CHECK_OK(pg_table_collapse(f->pgt, f->base, f->base));
		break;
	default:
		/* Others take a large leaf away. */
		if (leaf_at(f->pgt, block, NULL) != 1)
			break;
		slot = slot_of(f, f->pgt, block, 1);
		*slot = none;
		pg_table_sync(f->pgt, block, f->size[1]);
	}
}

TEST(every_block_maps_what_it_maps_in_place_or_is_a_hole)
{
	struct place p = { .f = f, .rng = 1 };
	unsigned int i, id, block;
	struct boot boot;

	make_blocks(f, &boot);
	p.pgt[0] = f->pgt;
	for (id = 1; id < 3; id++) {
		p.pgt[id] = fix_table(f, "clone", f->flags);
		CHECK_OK(pg_table_clone(p.pgt[id], p.pgt[id - 1], f->base,
					f->base, PG_TABLE_FOLLOW, GFP_KERNEL));
	}
	for (i = 0; i < 600; i++) {
		if (rnd(&p, 3)) {
			act_in_place(&p);
		} else {
			id = 1 + rnd(&p, 2);
			block = rnd(&p, BLOCKS);
			if (p.hole[id][block])
				CHECK_OK(pg_table_clone(p.pgt[id], p.pgt[id - 1],
							f->base + block *
							f->size[1], f->size[1],
							PG_TABLE_FOLLOW,
							GFP_KERNEL));
			else
				hide(f, p.pgt[id], f->base + block * f->size[1]);
			p.hole[id][block] ^= true;
		}
		check_place(&p);
		if (i % 16)
			continue;
		for (id = 0; id < 3; id++)
			CHECK_OK(pg_table_verify(p.pgt[id]));
	}
	fix_destroy(p.pgt[2]);
	fix_destroy(p.pgt[1]);
	CHECK_OK(pg_table_unmap(f->pgt, f->base, f->base, 0));
	map(f, f->base, PAGES(4));
	map(f, f->base + f->size[1], 3 * f->size[1]);
	end(f, &boot);
}

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

TEST(what_is_edited_in_place_is_no_clone_and_has_none)
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

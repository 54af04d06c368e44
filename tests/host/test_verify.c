// SPDX-License-Identifier: GPL-2.0
/* verify: finds what was tampered with. */
#include "test.h"

static void check_finds(struct fix *f, u64 *slot, u64 value)
{
	u64 old = *slot;

	*slot = value;
	host_log(false);
	CHECK_EQ(pg_table_verify(f->pgt), -EUCLEAN);
	host_log(true);
	*slot = old;
	CHECK_OK(pg_table_verify(f->pgt));
}

TEST(verify_finds_an_entry_that_was_removed)
{
	unsigned int l;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	for (l = 0; l <= f->top; l++)
		check_finds(f, slot_of(f, f->pgt, f->base, l), f->d->key[l]);
}

TEST(verify_finds_an_entry_that_was_added)
{
	u64 *slot;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	slot = slot_of(f, f->pgt, f->base, 0);
	check_finds(f, slot + 3, *slot);
}

TEST(verify_finds_bits_that_the_library_does_not_write)
{
	u64 *slot;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	slot = slot_of(f, f->pgt, f->base, 0);
	check_finds(f, slot, *slot ^ f->d->alien);
	slot = slot_of(f, f->pgt, f->base, 1);
	check_finds(f, slot, *slot ^ f->d->alien);
}

TEST(verify_finds_a_writable_and_executable_leaf)
{
	fix_replace(f, &(struct pg_table_config){
		.flags = PG_TABLE_ALLOW_WX,
	});
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rwx,
			      GFP_KERNEL));
	CHECK_OK(pg_table_verify(f->pgt));
	f->pgt->desc->config.flags &= ~PG_TABLE_ALLOW_WX;
	host_log(false);
	CHECK_EQ(pg_table_verify(f->pgt), -EUCLEAN);
	host_log(true);
	f->pgt->desc->config.flags |= PG_TABLE_ALLOW_WX;
	CHECK_OK(pg_table_verify(f->pgt));
}

TEST(verify_finds_counts_and_sizes_that_are_wrong)
{
	struct pg_table_page *page;
	unsigned int flags;
	u64 *slot, pa;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	slot = slot_of(f, f->pgt, f->base, 1);
	CHECK_EQ(f->d->classify(plain_entry(f->d, *slot, 1), 1, &pa, &flags),
		 ENTRY_TABLE);
	page = (void *)((char *)f->ops->pages + (pa >> f->ops->page_shift) *
			f->ops->page_stride);
	host_log(false);
	atomic_inc(&page->live);
	CHECK_EQ(pg_table_verify(f->pgt), -EUCLEAN);
	atomic_dec(&page->live);
	page->pins++;
	CHECK_EQ(pg_table_verify(f->pgt), -EUCLEAN);
	page->pins--;
	atomic_long_add(4096, &f->pgt->pgtables_bytes);
	CHECK_EQ(pg_table_verify(f->pgt), -EUCLEAN);
	atomic_long_add(-4096, &f->pgt->pgtables_bytes);
	host_log(true);
	CHECK_OK(pg_table_verify(f->pgt));
}

TEST(verify_finds_a_hole_where_nothing_is_followed)
{
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	check_finds(f, slot_of(f, f->pgt, f->base, 0),
		    raw_entry(f->d, f->d->hole, 0));
}

/* Whatever lies in a hole could be speculated to. */
TEST(verify_finds_an_address_in_a_hole)
{
	struct pg_table *src = f->pgt;
	u64 *slot;

	CHECK_OK(pg_table_map(src, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	f->pgt = fix_table(f, "clone", f->flags);
	CHECK_OK(pg_table_clone(f->pgt, src, f->base, f->base,
				PG_TABLE_FOLLOW, GFP_KERNEL));
	CHECK_OK(pg_table_unmap(f->pgt, f->base, PAGES(1), GFP_KERNEL));
	slot = slot_of(f, f->pgt, f->base, 0);
	check_finds(f, slot, *slot ^ 1ULL << 30);
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = src;
}

/* Collects the page of each table on the way to one address. */
static int note_page(unsigned long va, size_t size, unsigned int level,
		     const struct pg_table_page *page, void *arg)
{
	struct pg_table_page **pages = arg;

	pages[level] = (struct pg_table_page *)page;
	return 0;
}

TEST(verify_finds_a_borrower_that_is_none)
{
	static const struct pg_table_walk_ops walk = { .table = note_page };
	struct pg_table_page *pages[PG_TABLE_MAX_LEVELS] = { };
	struct pg_table *dst = fix_table(f, "clone", f->flags);
	unsigned int i, n = 0;

	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_clone(dst, f->pgt, f->base, f->base, PG_TABLE_SHARE,
				GFP_KERNEL));
	CHECK_OK(pg_table_walk(f->pgt, f->base, PAGES(1), &walk, pages));
	for (i = 0; i < PG_TABLE_MAX_LEVELS; i++) {
		if (!pages[i])
			continue;
		atomic_inc(&pages[i]->borrows);
		host_log(false);
		CHECK_EQ(pg_table_verify(f->pgt), -EUCLEAN);
		host_log(true);
		atomic_dec_return_release(&pages[i]->borrows);
		CHECK_OK(pg_table_verify(f->pgt));
		n++;
	}
	CHECK_EQ(n, f->d->levels - 1);
	CHECK_OK(pg_table_destroy(dst));
}

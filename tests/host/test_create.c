// SPDX-License-Identifier: GPL-2.0
/* create, init, destroy, fini, and the list of all tables. */
#include <string.h>

#include "test.h"

TEST(an_empty_table_is_its_root)
{
	CHECK_EQ(sim_used(f), ROOTS(1));
	CHECK_EQ(count_tables(f, f->pgt), 1);
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	CHECK_EQ(sim_used(f), 0);
}

TEST(destroy_frees_all_that_is_mapped)
{
	CHECK_OK(pg_table_map(f->pgt, f->base - PAGES(1), f->pa,
			      f->huge + PAGES(3), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	CHECK_EQ(sim_used(f), 0);
}

TEST(destroy_flushes_the_addresses_that_were_mapped)
{
	const unsigned long half = 1UL << (f->d->shift[f->top + 1] - 1);
	const unsigned long va = f->d->va_signed ? -half : half;
	struct pg_table_sim_stats stats;

	CHECK_OK(pg_table_map(f->pgt, va, f->pa, PAGES(1), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	stats = sim_stats(f);
	CHECK_EQ(stats.last.first, va);
	CHECK_EQ(stats.last.last, va + f->size[f->top] - 1);
	CHECK(stats.last.tables);
}

/* A leaf in the root goes with no table. */
TEST(destroy_flushes_leaves_of_the_root)
{
	struct pg_table_sim_stats stats;

	if (pg_table_map(f->pgt, f->base, f->pa, f->base, f->rw, GFP_KERNEL) ||
	    leaf_at(f->pgt, f->base, NULL) != f->top)
		return;
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	stats = sim_stats(f);
	CHECK_EQ(stats.last.first, f->base);
	CHECK_EQ(stats.last.last, 2 * f->base - 1);
	CHECK(stats.last.levels & BIT(f->top));
}

TEST(a_bad_configuration_is_refused)
{
	struct pg_table_config good = { .format = f->format, .ops = f->ops };
	struct pg_table_config bad = good;

	bad.flags = BIT(20);
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	bad = good;
	bad.leaf_sizes = 17;
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	bad = good;
	bad.va_first = 2 * f->base;
	bad.va_last = f->base;
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	bad = good;
	bad.flags = PG_TABLE_FOREIGN;
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EINVAL);
	bad = good;
	bad.format = NULL;
	CHECK_EQ(PTR_ERR(pg_table_create(&bad)), -EOPNOTSUPP);
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(a_long_name_is_cut_and_copied)
{
	char name[100];
	struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
		.name = name,
	};
	struct pg_table *pgt;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	pgt = pg_table_create(&config);
	CHECK(!IS_ERR(pgt));
	memset(name, 'y', sizeof(name) - 1);
	CHECK_EQ(strlen(pgt->desc->name), PG_TABLE_NAME_LEN - 1);
	CHECK_EQ(strspn(pgt->desc->name, "x"), PG_TABLE_NAME_LEN - 1);
	CHECK_OK(pg_table_destroy(pgt));
}

TEST(an_embedded_table_is_made_in_the_callers_memory)
{
	struct pg_table_config config = { .format = f->format, .ops = f->ops };
	struct pg_table pgt;

	memset(&pgt, 0x77, sizeof(pgt));
	CHECK_OK(pg_table_init(&pgt, &config));
	CHECK_OK(pg_table_map(&pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	check_maps(f, &pgt, f->base, f->pa, PAGES(3),
		   PG_TABLE_READ | PG_TABLE_WRITE);
	CHECK_EQ(pg_table_destroy(&pgt), -EINVAL);
	CHECK_EQ(pg_table_fini(f->pgt), -EINVAL);
	CHECK_OK(pg_table_fini(&pgt));
	CHECK_EQ(sim_used(f), ROOTS(1));
	CHECK(!pgt.desc);
	CHECK_OK(pg_table_init(&pgt, &config));
	CHECK_OK(pg_table_fini(&pgt));
}

TEST(a_failed_init_leaves_the_callers_memory_alone)
{
	struct pg_table_config config = { .format = f->format, .ops = f->ops };
	struct pg_table pgt, before;
	unsigned int i;

	memset(&before, 0x77, sizeof(before));
	pgt = before;
	for (i = 0; i < 2; i++) {
		if (i)
			host_fail_alloc(1, 1, NULL);
		else
			pg_table_sim_fail(f->sim, 1, 1);
		CHECK_EQ(pg_table_init(&pgt, &config), -ENOMEM);
		CHECK(!memcmp(&pgt, &before, sizeof(pgt)));
		CHECK_EQ(sim_used(f), ROOTS(1));
	}
	config.flags = ~0U;
	CHECK_EQ(pg_table_init(&pgt, &config), -EINVAL);
	CHECK(!memcmp(&pgt, &before, sizeof(pgt)));
}

/* The default memory, which has not been made in this process. */
TEST(without_a_memory_there_is_no_table)
{
	struct pg_table_config config = { .format = f->format };
	struct pg_table pgt, before;

	host_fail_alloc(2, 1, NULL);
	CHECK_EQ(PTR_ERR(pg_table_create(&config)), -ENOMEM);
	memset(&before, 0x77, sizeof(before));
	pgt = before;
	config.root = f->pgt->pgd;
	config.flags = PG_TABLE_FOREIGN;
	host_fail_alloc(2, 1, NULL);
	CHECK_EQ(pg_table_init(&pgt, &config), -ENOMEM);
	CHECK(!memcmp(&pgt, &before, sizeof(pgt)));
}

TEST(the_table_of_a_process_is_refused)
{
	struct pg_table user = { .pgd = f->pgt->pgd };
	struct pg_table_leaf leaf;
	struct pg_table_stats stats;

	CHECK_EQ(pg_table_map(&user, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL), -EPERM);
	CHECK_EQ(pg_table_unmap(&user, f->base, PAGES(1), 0), -EPERM);
	CHECK_EQ(pg_table_protect(&user, f->base, PAGES(1), f->ro, f->rw, 0),
		 -EPERM);
	CHECK_EQ(pg_table_split(&user, f->base, PAGES(1), 0, 0), -EPERM);
	CHECK_EQ(pg_table_reserve(&user, f->base, PAGES(1), 0, 0), -EPERM);
	CHECK_EQ(pg_table_unreserve(&user, f->base, PAGES(1)), -EPERM);
	CHECK_EQ(pg_table_seal(&user), -EPERM);
	CHECK_EQ(pg_table_clone(&user, f->pgt, f->base, f->base,
				PG_TABLE_SHARE, GFP_KERNEL), -EPERM);
	CHECK_EQ(pg_table_clone(f->pgt, &user, f->base, f->base,
				PG_TABLE_SHARE, GFP_KERNEL), -EPERM);
	CHECK_EQ(pg_table_lookup(&user, f->base, &leaf), -EPERM);
	CHECK_EQ(pg_table_walk(&user, f->base, PAGES(1), NULL, NULL), -EPERM);
	CHECK_EQ(pg_table_verify(&user), -EPERM);
	CHECK_EQ(pg_table_reach(&user, NULL, NULL), -EPERM);
	CHECK_EQ(pg_table_fini(&user), -EPERM);
	pg_table_get_stats(&user, &stats);
	CHECK_EQ(stats.tables, 0);
	pg_table_sync(&user, 0, f->base);
}

TEST(a_loaded_table_cannot_be_destroyed)
{
	atomic_inc(&f->pgt->desc->loaded);
	CHECK_FAILS(-EBUSY, pg_table_destroy(f->pgt));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	atomic_dec(&f->pgt->desc->loaded);
}

static struct pg_table_page *page_at(struct fix *f, unsigned long index)
{
	return (void *)((char *)f->ops->pages + index * f->ops->page_stride);
}

static struct pg_table_page *page_of(struct fix *f, const void *table)
{
	return page_at(f, ((const char *)table - (char *)f->ops->memory) >>
			  f->ops->page_shift);
}

/* An adopted root stays; what the library made below it goes. */
TEST(an_adopted_root_outlives_its_table)
{
	struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
		.flags = f->flags,
	};
	struct pg_table *maker = pg_table_create(&config), *pgt;
	struct pg_table_stats stats;

	CHECK(!IS_ERR(maker));
	config.root = maker->pgd;
	CHECK_EQ(PTR_ERR(pg_table_create(&config)), -EINVAL);
	page_of(f, maker->pgd)->owner = NULL;
	pgt = pg_table_create(&config);
	CHECK(!IS_ERR(pgt));
	CHECK_OK(pg_table_map(pgt, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	pg_table_get_stats(pgt, &stats);
	CHECK_EQ(stats.tables, f->top);
	CHECK_OK(pg_table_verify(pgt));
	CHECK_OK(pg_table_destroy(pgt));
	CHECK_EQ(sim_used(f), ROOTS(2));
	CHECK_EQ(count_tables(f, maker), 1);
	CHECK_OK(pg_table_destroy(maker));
}

TEST(adopted_tables_are_read_and_neither_edited_nor_freed)
{
	struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
		.flags = f->flags,
		.root = f->pgt->pgd,
	};
	/* Below another entry of the root. */
	const unsigned long other = f->small_root ? f->size[f->top] :
						    3 * f->base;
	struct pg_table *boot = f->pgt;
	bool theirs[512] = { };
	unsigned long used, i;

	/* Make what boot code would have made: tables without an owner. */
	CHECK_OK(pg_table_map(boot, f->base, f->pa, PAGES(3), f->rw,
			      GFP_KERNEL));
	used = sim_used(f);
	for (i = 0; i < ARRAY_SIZE(theirs); i++) {
		theirs[i] = page_at(f, i)->owner == boot;
		if (theirs[i])
			page_at(f, i)->owner = NULL;
	}
	f->pgt = pg_table_create(&config);
	CHECK(!IS_ERR(f->pgt));
	CHECK_FAILS(-EPERM, pg_table_map(f->pgt, f->base + PAGES(5), f->pa,
					 PAGES(1), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EPERM, pg_table_unmap(f->pgt, f->base, PAGES(1), 0));
	CHECK_FAILS(-EPERM, pg_table_unmap(f->pgt, f->base, f->base, 0));
	CHECK_FAILS(-EPERM, pg_table_protect(f->pgt, f->base, PAGES(1), f->ro,
					     PG_TABLE_PROT_ALL, 0));
	CHECK_OK(pg_table_map(f->pgt, other, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_destroy(f->pgt));
	CHECK_EQ(sim_used(f), used);

	/* The table that made them has to free them. */
	f->pgt = boot;
	check_maps(f, boot, f->base, f->pa, PAGES(3),
		   PG_TABLE_READ | PG_TABLE_WRITE);
	for (i = 0; i < ARRAY_SIZE(theirs); i++) {
		if (theirs[i])
			page_at(f, i)->owner = boot;
	}
}

static int count_ours(struct pg_table *pgt, void *arg)
{
	unsigned int *n = arg;

	(*n)++;
	return strcmp(pgt->desc->name, "stop") ? 0 : 7;
}

TEST(all_tables_are_listed_in_order_of_creation)
{
	struct pg_table *a = fix_table(f, "a", f->flags);
	struct pg_table *stop = fix_table(f, "stop", f->flags);
	struct pg_table *c = fix_table(f, "c", f->flags);
	unsigned int n = 0;

	CHECK_EQ(pg_table_for_each(count_ours, &n), 7);
	CHECK_EQ(n, 3);
	CHECK_OK(pg_table_destroy(stop));
	n = 0;
	CHECK_OK(pg_table_for_each(count_ours, &n));
	CHECK_EQ(n, 3);
	CHECK_OK(pg_table_destroy(a));
	CHECK_OK(pg_table_destroy(c));
}

/* Where nobody may sleep there is no list to put it in. */
TEST(an_atomic_table_is_in_no_list)
{
	struct pg_table_config config = {
		.format = f->format,
		.ops = f->ops,
		.flags = PG_TABLE_ATOMIC,
	};
	struct pg_table *pgt;
	unsigned int n = 0;

	CHECK_EQ(PTR_ERR(pg_table_create(&config)), -EINVAL);
	config.flags |= PG_TABLE_EXCLUSIVE;
	pgt = pg_table_create(&config);
	CHECK(!IS_ERR(pgt));
	CHECK_OK(pg_table_for_each(count_ours, &n));
	CHECK_EQ(n, 1);
	CHECK_OK(pg_table_map(pgt, f->base, f->pa, PAGES(3), f->rw, GFP_ATOMIC));
	check_maps(f, pgt, f->base, f->pa, PAGES(3),
		   PG_TABLE_READ | PG_TABLE_WRITE);
	CHECK_OK(pg_table_destroy(pgt));
	CHECK_EQ(sim_used(f), ROOTS(1));
}

TEST(bounds_limit_where_a_table_can_be_edited)
{
	fix_replace(f, &(struct pg_table_config){
		.va_first = f->base,
		.va_last = 2 * f->base - 1,
	});
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, f->base - PAGES(1), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, 2 * f->base - PAGES(1),
					  f->pa, PAGES(2), f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_unmap(f->pgt, 0, PAGES(1), 0));
	CHECK_OK(pg_table_map(f->pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, 2 * f->base - PAGES(1), f->pa, PAGES(1),
			      f->rw, GFP_KERNEL));
}

TEST(halves_limit_where_a_table_can_be_edited)
{
	const unsigned long half = 1UL << (f->d->shift[f->top + 1] -
					   !f->d->two_roots);
	const unsigned long upper = f->d->va_signed || f->d->two_roots ?
				    -half : half;

	fix_replace(f, &(struct pg_table_config){
		.flags = PG_TABLE_USER_HALF,
	});
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, upper, f->pa, PAGES(1),
					  f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, half - PAGES(1), f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, half - PAGES(2), f->pa,
					  PAGES(3), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = fix_table(f, "kernel", f->flags | PG_TABLE_KERNEL_HALF);
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, 0, f->pa, PAGES(1), f->rw,
					  GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, half - PAGES(1), f->pa,
					  PAGES(1), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, upper, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
}

/* TTBR0_EL1 and TTBR1_EL1 of arm64. */
TEST(where_there_are_two_roots_a_table_is_one_half)
{
	const unsigned long size = 1UL << f->d->shift[f->top + 1];
	struct pg_table_config both = {
		.format = f->format,
		.ops = f->ops,
		.flags = PG_TABLE_USER_HALF | PG_TABLE_KERNEL_HALF,
	};
	struct pg_table_sim_stats stats;

	if (!f->d->two_roots)
		return;
	CHECK_EQ(PTR_ERR(pg_table_create(&both)), -EINVAL);
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, size, f->pa, PAGES(1),
					  f->rw, GFP_KERNEL));
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, -size, f->pa, PAGES(1),
					  f->rw, GFP_KERNEL));
	fix_replace(f, &(struct pg_table_config){
		.flags = PG_TABLE_KERNEL_HALF,
	});
	CHECK_FAILS(-EINVAL, pg_table_map(f->pgt, -size - PAGES(1), f->pa,
					  PAGES(2), f->rw, GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, -size, f->pa, f->huge + PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_OK(pg_table_map(f->pgt, -PAGES(1), f->pa, PAGES(1), f->ro,
			      GFP_KERNEL));
	CHECK_EQ(leaf_at(f->pgt, -1UL, NULL), 0);
	CHECK_EQ(leaf_at(f->pgt, -size, NULL), f->sizes - 1);
	check_maps(f, f->pgt, -size, f->pa, f->huge + PAGES(1),
		   PG_TABLE_READ | PG_TABLE_WRITE);
	check_maps(f, f->pgt, -PAGES(1), f->pa, PAGES(1), PG_TABLE_READ);
	CHECK_OK(pg_table_unmap(f->pgt, -size + PAGES(1), PAGES(2),
				GFP_KERNEL));
	check_maps(f, f->pgt, -size, f->pa, PAGES(1),
		   PG_TABLE_READ | PG_TABLE_WRITE);
	check_empty(f, f->pgt, -size + PAGES(1), PAGES(2));
	CHECK_OK(pg_table_verify(f->pgt));
	CHECK_OK(pg_table_destroy(f->pgt));
	f->pgt = NULL;
	stats = sim_stats(f);
	CHECK_EQ(stats.last.first, -size);
	CHECK_EQ(stats.last.last, ~0UL);
}

TEST(without_operations_a_table_lives_in_a_default_memory)
{
	const struct pg_table_config config = { .format = f->format };
	static bool made;
	struct pg_table *pgt = pg_table_create(&config);
	struct host_shim_stats stats;

	CHECK(!IS_ERR(pgt));
	CHECK_OK(pg_table_map(pgt, f->base, f->pa, PAGES(1), f->rw,
			      GFP_KERNEL));
	CHECK_EQ(leaf_at(pgt, f->base, NULL), 0);
	CHECK_OK(pg_table_destroy(pgt));
	/* The memory stays: three allocations that are no leak. */
	host_get_stats(&stats);
	if (!made)
		f->kept = 3;
	made = true;
}

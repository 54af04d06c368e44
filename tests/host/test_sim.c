// SPDX-License-Identifier: GPL-2.0
/* The simulated memory itself, where other tests have no eye for it. */
#include <string.h>

#include "test.h"

TEST(a_memory_of_a_bad_size_is_refused)
{
	CHECK(!pg_table_sim_create(0));
	CHECK(!pg_table_sim_create(15 * 4096));
	CHECK(!pg_table_sim_create(FIX_MEMORY + 1));
}

TEST(a_memory_for_which_there_is_no_room_leaves_nothing_behind)
{
	struct host_shim_stats before, now;
	unsigned int i;

	host_get_stats(&before);
	for (i = 1; i <= 3; i++) {
		host_fail_alloc(i, 1, NULL);
		CHECK(!pg_table_sim_create(FIX_MEMORY));
	}
	host_get_stats(&now);
	CHECK_EQ(now.live, before.live);
}

TEST(a_memory_that_is_full_gives_no_more_until_something_is_freed)
{
	struct pg_table_sim *full = pg_table_sim_create(16 * 4096);
	const struct pg_table_ops *ops = pg_table_sim_ops(full);
	void *page[16] = { };
	unsigned int n = 0;

	f->ops = (struct pg_table_ops *)ops;
	f->pgt->desc->ops = ops;
	while (n < ARRAY_SIZE(page)) {
		page[n] = ops->alloc(f->pgt, 4096, GFP_KERNEL);
		if (!page[n])
			break;
		n++;
	}
	/* The first page is not used. */
	CHECK_EQ(n, 15);
	CHECK(!ops->alloc(f->pgt, 8192, GFP_KERNEL));
	ops->free(f->pgt, page[7], 4096);
	CHECK(ops->alloc(f->pgt, 4096, GFP_KERNEL) == page[7]);
	CHECK(!ops->alloc(f->pgt, 4096, GFP_KERNEL));
	f->ops = (struct pg_table_ops *)pg_table_sim_ops(f->sim);
	f->pgt->desc->ops = f->ops;
	pg_table_sim_destroy(full);
}

TEST(an_address_beyond_the_memory_has_no_place_in_it)
{
	CHECK(pg_table_sim_to_ptr(f->sim, FIX_MEMORY - 1));
	CHECK(!pg_table_sim_to_ptr(f->sim, FIX_MEMORY));
	CHECK(!pg_table_sim_to_ptr(f->sim, ~0ULL));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What memory a table gives access to.
 */
#include <linux/export.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "internal.h"

/**
 * struct pg_table_extent - a range of physical memory
 * @first: first address
 * @last: last address
 */
struct pg_table_extent {
	u64	first;
	u64	last;
};

/**
 * struct pg_table_reach - what a walk has found so far
 * @run: the extents, as far as there is room
 * @room: for how many there is
 * @n: how many there are
 * @at: the one that leaves are added to
 */
struct pg_table_reach {
	struct pg_table_extent	*run;
	size_t			room;
	size_t			n;
	struct pg_table_extent	at;
};

static void reach_add(struct pg_table_reach *reach)
{
	if (reach->at.first > reach->at.last)
		return;
	if (reach->n < reach->room)
		reach->run[reach->n] = reach->at;
	reach->n++;
}

/* Leaves that map what follows on what the last one did join it. */
static int reach_leaf(const struct pg_table_leaf *leaf, void *arg)
{
	struct pg_table_reach *reach = arg;
	u64 first = leaf->pa, last = first + (leaf->size - 1);

	if (reach->at.first <= reach->at.last && first == reach->at.last + 1) {
		reach->at.last = last;
		return 0;
	}
	reach_add(reach);
	reach->at.first = first;
	reach->at.last = last;
	return 0;
}

/* Both halves of the address space, whether they may be edited or not. */
static void reach_walk(struct pg_table *pgt, struct pg_table_reach *reach)
{
	static const struct pg_table_walk_ops ops = { .leaf = reach_leaf };
	const struct pg_table_format *format = pg_table_format(pgt);
	unsigned long half = 1UL << (format->va_bits() - 1);
	unsigned long upper = format->va_signed ? -half : half;

	reach->n = 0;
	reach->at.first = 1;
	reach->at.last = 0;
	rcu_read_lock();
	format->walk(pgt, 0, half - 1, &ops, reach);
	format->walk(pgt, upper, upper + (half - 1), &ops, reach);
	rcu_read_unlock();
	reach_add(reach);
}

static int reach_order(const void *a, const void *b)
{
	const struct pg_table_extent *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int reach_emit(const struct pg_table_reach *reach,
		      int (*emit)(phys_addr_t pa, phys_addr_t last, void *arg),
		      void *arg)
{
	size_t i = 0;

	while (i < reach->n) {
		struct pg_table_extent extent = reach->run[i++];
		int ret;

		while (i < reach->n && (reach->run[i].first <= extent.last ||
					reach->run[i].first == extent.last + 1)) {
			extent.last = max(extent.last, reach->run[i].last);
			i++;
		}
		ret = emit(extent.first, extent.last, arg);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * pg_table_reach - tell what physical memory a table gives access to
 * @pgt: the table
 * @emit: called for each range, from @pa to @last inclusive, in ascending order;
 *	neither overlapping nor adjoining ranges remain. A result other than 0
 *	ends it.
 * @arg: passed on
 *
 * Looks at all leaves of both halves, also those in borrowed and adopted tables
 * and those that the table may not edit. Protections do not matter: what can be
 * read can be reached. The tables themselves are not listed, unless mapped.
 *
 * Context: Process context, may sleep; @emit may, too. While others edit, the
 * answer is of no single moment.
 * Return: 0, what @emit returned, -ENOMEM, or -EPERM for the table of a process.
 */
int pg_table_reach(struct pg_table *pgt,
		   int (*emit)(phys_addr_t pa, phys_addr_t last, void *arg),
		   void *arg)
{
	struct pg_table_reach reach = { };
	int ret;

	if (!pgt->desc)
		return -EPERM;
	reach_walk(pgt, &reach);
	while (reach.n > reach.room) {
		vfree(reach.run);
		reach.room = reach.n + reach.n / 8;
		reach.run = vmalloc_array(reach.room, sizeof(*reach.run));
		if (!reach.run)
			return -ENOMEM;
		reach_walk(pgt, &reach);
	}
	sort(reach.run, reach.n, sizeof(*reach.run), reach_order, NULL);
	ret = reach_emit(&reach, emit, arg);
	vfree(reach.run);
	return ret;
}
EXPORT_SYMBOL_GPL(pg_table_reach);

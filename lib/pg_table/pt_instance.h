/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compiles the algorithms for the format whose header was included before,
 * and makes them reachable as pg_table_FORMAT.
 */
#include <linux/export.h>

#include "pt_common.h"

static size_t PT_NAME(pt_table_size)(unsigned int level)
{
	return max_t(size_t, pt_entries(level) * sizeof(pt_entry_t), 4096);
}

static unsigned int PT_NAME(pt_level_shift)(unsigned int level)
{
	return pt_shift(level);
}

static void PT_NAME(pt_clear_root)(struct pg_table *pgt, void *root)
{
	pt_clear(root, pt_top(), 0, pt_entries(pt_top()));
}

#include "pt_iter.h"
#include "pt_unshare.h"
#include "pt_map.h"
#include "pt_edit.h"
#include "pt_collapse.h"
#include "pt_reserve.h"
#include "pt_clone.h"
#include "pt_walk.h"

/*
 * Unlink and gather all that the table owns, whether reserved or not, and let
 * go of what it borrows. What is adopted stays, if only for an adopted root.
 */
static void PT_NAME(pt_free_all)(struct pg_table_txn *txn)
{
	const struct pg_table_edit edit = { .verb = PT_UNMAP };
	const struct pt_editing x = {
		.txn = txn,
		.ops = pg_table_ops(txn->pgt),
		.edit = &edit,
	};
	unsigned int top = pt_top();
	void *root = txn->pgt->pgd;
	struct pt_step s = { };

	for (s.i = 0; s.i < pt_entries(top); s.i++) {
		pt_entry_t entry = pt_read(root, top, s.i);

		s.va = pt_root_va(txn->pgt, s.i);
		if (pt_is_none(entry))
			continue;
		if (pt_is_hole(entry))
			pt_write(root, top, s.i, pt_none_entry(top));
		else if (pt_is_leaf(entry, top))
			pg_table_gather_range(txn->gather, s.va,
					      s.va | pt_span(top), top);
		else if (pt_table_page(x.ops, entry)->owner)
			pt_unlink(&x, root, top, entry, &s);
	}
}

#define pg_table_this_format _PT_NAME(pg_table, PT_FORMAT)

const struct pg_table_format pg_table_this_format = {
	.name		= __stringify(PT_FORMAT),
	.page_shift	= PT_PAGE_SHIFT,
	.va_signed	= PT_VA_SIGNED,
	.two_roots	= PT_TWO_ROOTS,
	.va_bits	= pt_va_bits,
	.pa_last	= pt_pa_last,
	.levels		= pt_levels,
	.leaf_sizes	= pt_leaf_sizes,
	.level_shift	= PT_NAME(pt_level_shift),
	.table_size	= PT_NAME(pt_table_size),
	.prot		= pt_prot,
	.prot_flags	= pt_prot_flags,
	.clear_root	= PT_NAME(pt_clear_root),
	.map_one	= pt_map_one,
	.unmap_one	= pt_unmap_one,
	.map		= pt_map,
	.edit		= pt_edit,
	.collapse	= PT_NAME(pt_collapse),
	.clone		= pt_clone,
	.copy		= pt_copy,
	.follow		= pt_follow,
	.unfollow	= PT_NAME(pt_unfollow),
	.sync		= PT_NAME(pt_sync),
	.hole		= pt_hole,
	.borrows	= PT_NAME(pt_borrows),
	.find		= PT_NAME(pt_find),
	.unborrow	= PT_NAME(pt_unborrow),
	.reserve	= pt_reserve,
	.unreserve	= pt_unreserve,
	.rollback	= PT_NAME(pt_rollback),
	.free_all	= PT_NAME(pt_free_all),
	.lookup		= pt_lookup,
	.walk		= pt_walk,
	.verify		= pt_verify,
	.get_stats	= PT_NAME(pt_get_stats),
};
EXPORT_SYMBOL_GPL(pg_table_this_format);

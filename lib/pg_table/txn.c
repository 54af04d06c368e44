// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions: the tables that a call builds out of sight until it commits.
 */
#include "internal.h"

static void *pg_table_page_alloc(struct pg_table *pgt, unsigned int level,
				 gfp_t gfp)
{
	if (!gfp)
		return NULL;
	return pg_table_ops(pgt)->alloc(pgt,
					pg_table_format(pgt)->table_size(level),
					gfp);
}

/* What is known of a table that nobody has seen. */
struct pg_table_page *pg_table_page_init(struct pg_table *pgt, void *table,
					 unsigned int level)
{
	struct pg_table_page *page = pg_table_page_of(pg_table_ops(pgt), table);

	page->next = NULL;
	atomic_set(&page->live, 0);
	page->pins = 0;
	page->owner = pgt;
	atomic_set(&page->borrows, 0);
	page->own_pins = 0;
	page->level = level;
	return page;
}

/* A spare table of the size that @level needs, or NULL. */
static struct pg_table_page *pg_table_txn_spare(struct pg_table_txn *txn,
						unsigned int level)
{
	const struct pg_table_format *format = pg_table_format(txn->pgt);
	struct pg_table_page **link, *page;

	for (link = &txn->spare; (page = *link); link = &page->next) {
		if (format->table_size(page->level) ==
		    format->table_size(level)) {
			*link = page->next;
			return page;
		}
	}
	return NULL;
}

/* A table of @level with undefined content, or NULL. */
void *pg_table_txn_alloc(struct pg_table_txn *txn, unsigned int level)
{
	struct pg_table_page *page = pg_table_txn_spare(txn, level);
	gfp_t gfp = txn->gfp;
	void *table;

	if (page) {
		table = pg_table_of_page(pg_table_ops(txn->pgt), page);
	} else {
		if (txn->nowait)
			gfp &= ~__GFP_DIRECT_RECLAIM;
		table = pg_table_page_alloc(txn->pgt, level, gfp);
	}
	if (!table) {
		txn->missing = level;
		return NULL;
	}
	pg_table_page_init(txn->pgt, table, level);
	txn->bytes += pg_table_format(txn->pgt)->table_size(level);
	return table;
}

/* @page, which nobody has seen, is not needed now. */
void pg_table_txn_recycle(struct pg_table_txn *txn, struct pg_table_page *page)
{
	txn->bytes -= pg_table_format(txn->pgt)->table_size(page->level);
	page->owner = NULL;
	page->next = txn->spare;
	txn->spare = page;
}

/* Append @table to those that the commit will link. */
void pg_table_txn_add(struct pg_table_txn *txn, const void *table)
{
	struct pg_table_page *page = pg_table_page_of(pg_table_ops(txn->pgt),
						      table);

	*txn->tail = page;
	txn->tail = &page->next;
}

/* The next table to link, in the order in which they were added, or NULL. */
void *pg_table_txn_next(struct pg_table_txn *txn)
{
	struct pg_table_page *page = txn->subtrees;

	if (!page)
		return NULL;
	txn->subtrees = page->next;
	if (!txn->subtrees)
		txn->tail = &txn->subtrees;
	return pg_table_of_page(pg_table_ops(txn->pgt), page);
}

/* Go on with other tables to link; none will be appended to them. */
void pg_table_txn_set_queue(struct pg_table_txn *txn,
			    struct pg_table_page *subtrees)
{
	txn->subtrees = subtrees;
	txn->tail = &txn->subtrees;
}

/* Settle the accounts of a call that is done, or undo one that failed. */
int pg_table_txn_commit(struct pg_table_txn *txn, int ret)
{
	if (ret && (txn->subtrees || txn->n_claims))
		pg_table_format(txn->pgt)->rollback(txn);
	txn->n_claims = 0;
	txn->built[0] = 0;
	txn->built[1] = 0;
	if (txn->bytes) {
		atomic_long_add(txn->bytes, &txn->pgt->pgtables_bytes);
		txn->bytes = 0;
	}
	return ret;
}

/*
 * A call failed for want of a table under the spinlock: allocate it outside,
 * where the allocator may sleep, and keep it for the next try. Tables that the
 * failed try had are kept too, so each try comes further.
 */
bool pg_table_txn_retry(struct pg_table_txn *txn)
{
	void *table;

	if (!txn->nowait || !gfpflags_allow_blocking(txn->gfp))
		return false;
	table = pg_table_page_alloc(txn->pgt, txn->missing, txn->gfp);
	if (!table)
		return false;
	txn->bytes += pg_table_format(txn->pgt)->table_size(txn->missing);
	pg_table_txn_recycle(txn, pg_table_page_init(txn->pgt, table,
						     txn->missing));
	return true;
}

/* Free what the call did not need after all. */
void pg_table_txn_end(struct pg_table_txn *txn)
{
	const struct pg_table_ops *ops = pg_table_ops(txn->pgt);

	while (txn->spare) {
		struct pg_table_page *page = txn->spare;
		size_t size = pg_table_format(txn->pgt)->table_size(page->level);

		txn->spare = page->next;
		ops->free(txn->pgt, pg_table_of_page(ops, page), size);
	}
}

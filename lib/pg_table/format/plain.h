/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accessors of formats whose entries are u64 that lie in memory as they are,
 * and are zero where they are empty, unless PT_NONE_BY_LEVEL says otherwise.
 *
 * format/native.h replaces those that store, by the kernel's own.
 */
#ifndef _PG_TABLE_FORMAT_PLAIN_H
#define _PG_TABLE_FORMAT_PLAIN_H

#ifndef PT_NATIVE
static __always_inline pt_entry_t pt_read(const void *table, unsigned int level,
					  unsigned int i)
{
	return READ_ONCE(((const pt_entry_t *)table)[i]);
}

static __always_inline void pt_write(void *table, unsigned int level,
				     unsigned int i, pt_entry_t entry)
{
	WRITE_ONCE(((pt_entry_t *)table)[i], entry);
}

static __always_inline void pt_write_table(const struct pg_table *pgt,
					   void *table, unsigned int level,
					   unsigned int i, pt_entry_t entry)
{
	/* The walker must not see the link before what is in the table. */
	smp_store_release(&((pt_entry_t *)table)[i], entry);
}

static __always_inline void pt_unlink_table(const struct pg_table *pgt,
					    void *table, unsigned int level,
					    unsigned int i, pt_entry_t none)
{
	pt_write(table, level, i, none);
}

static __always_inline bool pt_cmpxchg(void *table, unsigned int level,
				       unsigned int i, pt_entry_t *old,
				       pt_entry_t entry)
{
	return try_cmpxchg64_release(&((pt_entry_t *)table)[i], old, entry);
}

static inline u64 pt_fix_prot(const struct pg_table *pgt, u64 prot)
{
	return prot;
}
#endif /* !PT_NATIVE */

#ifndef PT_NONE_BY_LEVEL
static __always_inline pt_entry_t pt_none_entry(unsigned int level)
{
	return 0;
}

static __always_inline void pt_clear(void *table, unsigned int level,
				     unsigned int i, unsigned int n)
{
	memset((pt_entry_t *)table + i, 0, n * sizeof(pt_entry_t));
}

static __always_inline bool pt_is_none(pt_entry_t entry)
{
	return !entry;
}
#endif /* !PT_NONE_BY_LEVEL */

#endif /* _PG_TABLE_FORMAT_PLAIN_H */

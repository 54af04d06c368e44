/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way to an address: the entries that a walk from the root meets.
 *
 * This is for whoever looks at entries, in any table, on every architecture
 * that has an MMU. It takes no lock: it is the caller's to see to it that the
 * tables on the way stay.
 */
#ifndef _LINUX_PG_TABLE_PATH_H
#define _LINUX_PG_TABLE_PATH_H

#include <linux/compiler.h>
#include <linux/pgtable.h>
#include <linux/types.h>
#include <linux/uaccess.h>

/**
 * DOC: flags of pg_table_path_to()
 *
 * ``PG_TABLE_PATH_PTE``
 *	The table is the kernel's: read the PTE, too.
 *
 * ``PG_TABLE_PATH_CHECK``
 *	End at entries that p4d_bad() and its like complain of, too.
 *
 * ``PG_TABLE_PATH_PROBE``
 *	Expect tables that are nowhere, and end where reading would fault.
 */
#define PG_TABLE_PATH_PTE	BIT(0)
#define PG_TABLE_PATH_CHECK	BIT(1)
#define PG_TABLE_PATH_PROBE	BIT(2)

/**
 * struct pg_table_path - the entries on the way to an address
 * @level: of the entry where the way ends: 4 for the PGD, 1 for the PMD, and 0
 *	if the PMD is a table of PTEs; 5 if not even the PGD could be read
 * @leaf: the way ends above the PTE, at an entry that maps memory
 * @fault: the next entry could not be read; only with PG_TABLE_PATH_PROBE
 * @pgdp: where the PGD is
 * @p4dp: where the P4D is, NULL if the way ends above it
 * @pudp: likewise
 * @pmdp: likewise
 * @ptep: where the PTE is, NULL without PG_TABLE_PATH_PTE
 * @pgd: the PGD as it was read
 * @p4d: likewise, zero if the way ends above it
 * @pud: likewise
 * @pmd: likewise
 * @pte: likewise, with PG_TABLE_PATH_PTE
 *
 * A level that is folded, at compile time or at boot, is never the end, and has
 * the entry of the level next to it: the pointer is good for writing, too.
 */
struct pg_table_path {
	unsigned int	level;
	bool		leaf;
	bool		fault;

	pgd_t		*pgdp;
	p4d_t		*p4dp;
	pud_t		*pudp;
	pmd_t		*pmdp;
	pte_t		*ptep;

	pgd_t		pgd;
	p4d_t		p4d;
	pud_t		pud;
	pmd_t		pmd;
	pte_t		pte;
};

/* Some architectures have an array for pgd_t; in a struct it can be copied. */
struct pg_table_path_pgd {
	pgd_t		pgd;
};

static __always_inline bool pg_table_path_readable(struct pg_table_path *path,
						   const void *entry,
						   unsigned int flags)
{
	unsigned long word;

	if (flags & PG_TABLE_PATH_PROBE)
		path->fault = get_kernel_nofault(word,
						 (const unsigned long *)entry);
	return !path->fault;
}

static __always_inline bool pg_table_path_goes_on(struct pg_table_path *path,
						  unsigned int level,
						  bool present, bool leaf,
						  bool bad)
{
	path->level = level;
	path->leaf = present && leaf;
	return present && !leaf && !bad;
}

static __always_inline bool pg_table_path_pgd(struct pg_table_path *path,
					      unsigned int flags)
{
	if (!pg_table_path_readable(path, path->pgdp, flags))
		return false;
	*(struct pg_table_path_pgd *)&path->pgd =
		READ_ONCE(*(struct pg_table_path_pgd *)path->pgdp);
	return pg_table_path_goes_on(path, 4, pgd_present(path->pgd),
				     pgd_leaf(path->pgd),
				     flags & PG_TABLE_PATH_CHECK &&
				     pgd_bad(path->pgd));
}

/*
 * The next level is found through what was read of this one. Where it is folded
 * that gives the copy, and the entry itself takes its place.
 */
static __always_inline bool pg_table_path_p4d(struct pg_table_path *path,
					      unsigned long va,
					      unsigned int flags)
{
	path->p4dp = p4d_offset_lockless(path->pgdp, path->pgd, va);
	if (path->p4dp == (p4d_t *)&path->pgd)
		path->p4dp = (p4d_t *)path->pgdp;
	if (!pg_table_path_readable(path, path->p4dp, flags))
		return false;
	path->p4d = p4dp_get(path->p4dp);
	return pg_table_path_goes_on(path, 3, p4d_present(path->p4d),
				     p4d_leaf(path->p4d),
				     flags & PG_TABLE_PATH_CHECK &&
				     p4d_bad(path->p4d));
}

static __always_inline bool pg_table_path_pud(struct pg_table_path *path,
					      unsigned long va,
					      unsigned int flags)
{
	path->pudp = pud_offset_lockless(path->p4dp, path->p4d, va);
	if (path->pudp == (pud_t *)&path->p4d)
		path->pudp = (pud_t *)path->p4dp;
	if (!pg_table_path_readable(path, path->pudp, flags))
		return false;
	path->pud = pudp_get(path->pudp);
	return pg_table_path_goes_on(path, 2, pud_present(path->pud),
				     pud_leaf(path->pud),
				     flags & PG_TABLE_PATH_CHECK &&
				     pud_bad(path->pud));
}

static __always_inline bool pg_table_path_pmd(struct pg_table_path *path,
					      unsigned long va,
					      unsigned int flags)
{
	path->pmdp = pmd_offset_lockless(path->pudp, path->pud, va);
	if (path->pmdp == (pmd_t *)&path->pud)
		path->pmdp = (pmd_t *)path->pudp;
	if (!pg_table_path_readable(path, path->pmdp, flags))
		return false;
	path->pmd = pmdp_get_lockless(path->pmdp);
	return pg_table_path_goes_on(path, 1, pmd_present(path->pmd),
				     pmd_leaf(path->pmd),
				     flags & PG_TABLE_PATH_CHECK &&
				     pmd_bad(path->pmd));
}

static __always_inline bool pg_table_path_pte(struct pg_table_path *path,
					      unsigned long va,
					      unsigned int flags)
{
	path->ptep = pte_offset_kernel(&path->pmd, va);
	if (!pg_table_path_readable(path, path->ptep, flags))
		return false;
	path->pte = ptep_get(path->ptep);
	return true;
}

/**
 * pg_table_path_to() - find the way to an address
 * @pgdp: the PGD, such as pgd_offset(mm, va) or pgd_offset_k(va)
 * @va: the address
 * @flags: PG_TABLE_PATH_*, a constant
 *
 * Each entry is read once for its level, and the next one is where that says.
 * The way ends at the first entry that is not present or maps memory. It is all
 * inline: what the caller does not look at costs nothing but the reading. Where
 * that counts test the level first: the compiler knows it of each end.
 *
 * Where the PTEs of a process can be in high memory they want to be mapped, so
 * for other tables than the kernel's the way ends at the PMD: a level of 0 says
 * that pte_offset_map() can be tried.
 *
 * Context: Any. Nothing is locked: the caller keeps the tables on the way from
 * being freed, as by the mmap lock, or by interrupts that are off where page
 * tables are freed after an IPI.
 * Return: The entries.
 */
static __always_inline struct pg_table_path
pg_table_path_to(pgd_t *pgdp, unsigned long va, unsigned int flags)
{
	struct pg_table_path path = { .level = 5, .pgdp = pgdp };

	if (pg_table_path_pgd(&path, flags) &&
	    pg_table_path_p4d(&path, va, flags) &&
	    pg_table_path_pud(&path, va, flags) &&
	    pg_table_path_pmd(&path, va, flags) &&
	    (!(flags & PG_TABLE_PATH_PTE) ||
	     pg_table_path_pte(&path, va, flags)))
		path.level = 0;
	return path;
}

#endif /* _LINUX_PG_TABLE_PATH_H */

// SPDX-License-Identifier: GPL-2.0
/// Who looks at a process's entries while they may change.
// Confidence: High
// Options: --no-includes
// Tokens: \b(userfaultfd_must_wait|perf_get_pgtable_size)\(
// Files: fs/userfaultfd.c kernel/events/core.c

@ wait exists @
symbol mm, pgd, p4d, pud, pmd, _pmd, out;
identifier va;
@@
 userfaultfd_must_wait(...)
 {
	... when any
-	pgd = pgd_offset(mm, va);
-	if (!pgd_present(*pgd))
-		goto out;
-	p4d = p4d_offset(pgd, va);
-	if (!p4d_present(*p4d))
-		goto out;
-	pud = pud_offset(p4d, va);
-	if (!pud_present(*pud))
-		goto out;
-	pmd = pmd_offset(pud, va);
	... when any
-	_pmd = pmdp_get_lockless(pmd);
-	if (pmd_none(_pmd))
+	path = pg_table_path_to(pgd_offset(mm, va), va, 0);
+	if (path.level > 1 || pmd_none(path.pmd))
		goto out;
	... when any
 }

@ wait_read depends on wait @
expression va;
@@
 userfaultfd_must_wait(...)
 {
	<...
(
-	_pmd
+	path.pmd
|
	pte_offset_map(
-		pmd
+		path.pmdp
		, va)
)
	...>
 }

@ wait_declared depends on wait @
identifier va;
@@
 userfaultfd_must_wait(...)
 {
	...
	unsigned long va = ...;
+	struct pg_table_path path;
	...
 }

@ size exists @
symbol pgd, pgdp, p4d, p4dp, pud, pudp, pmd, pmdp;
identifier va;
@@
 perf_get_pgtable_size(struct mm_struct *mm, unsigned long va)
 {
	... when any
-	pgdp = pgd_offset(mm, va);
-	pgd = READ_ONCE(*pgdp);
-	if (pgd_none(pgd))
-		return 0;
-	if (pgd_leaf(pgd))
-		return pgd_leaf_size(pgd);
-	p4dp = p4d_offset_lockless(pgdp, pgd, va);
-	p4d = READ_ONCE(*p4dp);
-	if (!p4d_present(p4d))
-		return 0;
-	if (p4d_leaf(p4d))
-		return p4d_leaf_size(p4d);
-	pudp = pud_offset_lockless(p4dp, p4d, va);
-	pud = READ_ONCE(*pudp);
-	if (!pud_present(pud))
-		return 0;
-	if (pud_leaf(pud))
-		return pud_leaf_size(pud);
-	pmdp = pmd_offset_lockless(pudp, pud, va);
	... when any
-	pmd = pmdp_get_lockless(pmdp);
-	if (!pmd_present(pmd))
+	path = pg_table_path_to(pgd_offset(mm, va), va, 0);
+	if (path.level && !path.leaf)
		return 0;
+	if (pgd_leaf(path.pgd))
+		return pgd_leaf_size(path.pgd);
+	if (p4d_leaf(path.p4d))
+		return p4d_leaf_size(path.p4d);
+	if (pud_leaf(path.pud))
+		return pud_leaf_size(path.pud);
	... when any
 }

@ size_read depends on size @
@@
 perf_get_pgtable_size(...)
 {
	<...
-	pmd
+	path.pmd
	...>
 }

// What is declared with another one hides it, so that goes first.
@ size_pointer depends on size @
typedef pmd_t;
identifier x =~ "^pmdp$";
@@
 perf_get_pgtable_size(...)
 {
	<...
-	pmd_t *x;
	...>
 }

@ size_declared depends on size @
identifier x =~ "^pmd$";
@@
 perf_get_pgtable_size(...)
 {
	<...
	pmd_t x;
+	struct pg_table_path path;
	...>
 }

// SPDX-License-Identifier: GPL-2.0
/// Who looks an address up on arm64.
// Confidence: High
// Options: --no-includes
// Tokens: \b(show_pte|kernel_page_present|find_num_contig)\(
// Files: arch/arm64/mm/fault.c arch/arm64/mm/pageattr.c arch/arm64/mm/hugetlbpage.c

@ present @
identifier page;
@@
 kernel_page_present(struct page *page)
 {
-	...
+	unsigned long addr = (unsigned long)page_address(page);
+	struct pg_table_path path = pg_table_path_to(pgd_offset_k(addr), addr,
+						     PG_TABLE_PATH_PTE);
+
+	return path.leaf || pte_valid(path.pte);
 }

@ show exists @
symbol mm, pgd, pgdp, p4d, p4dp, pud, pudp, pmd, pmdp;
identifier va;
@@
 show_pte(unsigned long va)
 {
	... when any
-	pgdp = pgd_offset(mm, va);
-	pgd = READ_ONCE(*pgdp);
+	path = pg_table_path_to(pgd_offset(mm, va), va,
+				PG_TABLE_PATH_CHECK | PG_TABLE_PATH_PROBE);
	... when any
-	p4dp = p4d_offset_lockless(pgdp, pgd, va);
-	p4d = READ_ONCE(*p4dp);
	... when any
-	pudp = pud_offset_lockless(p4dp, p4d, va);
-	pud = READ_ONCE(*pudp);
	... when any
-	pmdp = pmd_offset_lockless(pudp, pud, va);
-	pmd = READ_ONCE(*pmdp);
	... when any
 }

@ show_read depends on show @
@@
 show_pte(...)
 {
	<...
(
-	pgd
+	path.pgd
|
-	p4d
+	path.p4d
|
-	pud
+	path.pud
|
-	pmd
+	path.pmd
)
	...>
 }

@ show_declared depends on show @
identifier x =~ "^mm$";
@@
 show_pte(...)
 {
	...
	struct mm_struct *x;
+	struct pg_table_path path;
	...
 }

@ contig @
typedef pgd_t, p4d_t, pud_t, pmd_t;
identifier mm, va;
@@
 find_num_contig(struct mm_struct *mm, unsigned long va, ...)
 {
+	struct pg_table_path path = pg_table_path_to(pgd_offset(mm, va), va, 0);
+
	...
-	p4dp = p4d_offset(pgdp, va);
-	pudp = pud_offset(p4dp, va);
-	pmdp = pmd_offset(pudp, va);
	...
 }

// The first entry of a run lies in the table of all.
@ offset @
identifier mm, va, sz;
@@
 huge_pte_offset(struct mm_struct *mm, unsigned long va, unsigned long sz)
 {
+	struct pg_table_path path;
+
	...
-	pgdp = pgd_offset(mm, va);
-	if (!pgd_present(READ_ONCE(*pgdp)))
-		return NULL;
-	p4dp = p4d_offset(pgdp, va);
-	if (!p4d_present(READ_ONCE(*p4dp)))
-		return NULL;
-	pudp = pud_offset(p4dp, va);
-	pud = READ_ONCE(*pudp);
-	if (sz != PUD_SIZE && pud_none(pud))
+	if (sz == CONT_PMD_SIZE)
+		va &= CONT_PMD_MASK;
+
+	path = pg_table_path_to(pgd_offset(mm, va), va, 0);
+	if (!path.pudp || (sz != PUD_SIZE && pud_none(path.pud)))
		return NULL;
	...
-	if (sz == CONT_PMD_SIZE)
-		va &= CONT_PMD_MASK;
-	pmdp = pmd_offset(pudp, va);
-	pmd = READ_ONCE(*pmdp);
	...
 }

@ offset_read @
typedef pte_t;
identifier f =~ "^(huge_pte_offset|find_num_contig)$";
@@
 f(...)
 {
	<...
(
-	pud
+	path.pud
|
-	pmd
+	path.pmd
|
-	(pte_t *)pudp
+	(pte_t *)path.pudp
|
-	(pte_t *)pmdp
+	(pte_t *)path.pmdp
|
-	pmdp
+	path.pmdp
)
	...>
 }

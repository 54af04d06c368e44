// SPDX-License-Identifier: GPL-2.0
/// Huge pages of PA-RISC are runs of PTEs.
// Confidence: High
// Options: --no-includes
// Tokens: \bhuge_pte_offset\(
// Files: arch/parisc/mm/hugetlbpage.c

@ pte @
identifier mm, va, sz;
@@
 huge_pte_offset(struct mm_struct *mm, unsigned long va, unsigned long sz)
 {
-	...
+	struct pg_table_path path;
+
+	va &= HPAGE_MASK;
+	path = pg_table_path_to(pgd_offset(mm, va), va, 0);
+	return path.level ? NULL : pte_offset_huge(path.pmdp, va);
 }

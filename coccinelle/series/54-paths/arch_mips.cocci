// SPDX-License-Identifier: GPL-2.0
/// Huge pages of MIPS are PMDs.
// Confidence: High
// Options: --no-includes
// Tokens: \bhuge_pte_offset\(
// Files: arch/mips/mm/hugetlbpage.c

@ pmd @
typedef pte_t;
identifier mm, va, sz;
@@
 huge_pte_offset(struct mm_struct *mm, unsigned long va, unsigned long sz)
 {
-	...
+	return (pte_t *)pg_table_path_to(pgd_offset(mm, va), va, 0).pmdp;
 }

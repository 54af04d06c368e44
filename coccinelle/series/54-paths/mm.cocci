// SPDX-License-Identifier: GPL-2.0
/// Who looks an address up in memory management that is common to all.
// Confidence: High
// Options: --no-includes
// Tokens: \b(mm_find_pmd|shadow_mapped|dev_pagemap_mapping_shift|vmalloc_to_page)\(
// Files: mm/rmap.c mm/kasan/shadow.c mm/memory-failure.c mm/vmalloc.c

@ find_pmd @
identifier mm, va;
@@
 mm_find_pmd(struct mm_struct *mm, unsigned long va)
 {
-	...
+	return pg_table_path_to(pgd_offset(mm, va), va, 0).pmdp;
 }

@ shadow @
identifier va;
@@
 shadow_mapped(unsigned long va)
 {
-	...
+	struct pg_table_path path = pg_table_path_to(pgd_offset_k(va), va,
+						     PG_TABLE_PATH_PTE);
+
+	return path.level ? path.leaf : !pte_none(path.pte);
 }

@ shift @
typedef pgd_t, p4d_t, pud_t, pmd_t, pte_t;
symbol vma, pgd, p4d, pud, pmd, pte, path;
identifier va;
@@
 dev_pagemap_mapping_shift(struct vm_area_struct *vma, unsigned long va)
 {
	...
+	struct pg_table_path path;
	pte_t *pte;
	...
-	pgd = pgd_offset(vma->vm_mm, va);
-	if (!pgd_present(*pgd))
-		return 0;
-	p4d = p4d_offset(pgd, va);
-	if (!p4d_present(*p4d))
-		return 0;
-	pud = pud_offset(p4d, va);
-	if (!pud_present(*pud))
-		return 0;
-	if (pud_devmap(*pud))
+	path = pg_table_path_to(pgd_offset(vma->vm_mm, va), va, 0);
+	if (path.leaf && pud_devmap(path.pud))
		return PUD_SHIFT;
-	pmd = pmd_offset(pud, va);
-	if (!pmd_present(*pmd))
-		return 0;
-	if (pmd_devmap(*pmd))
+	if (path.leaf && pmd_devmap(path.pmd))
		return PMD_SHIFT;
-	pte = pte_offset_map(pmd, va);
+	if (path.level)
+		return 0;
+	pte = pte_offset_map(path.pmdp, va);
	...
 }

// What is in the kernel's table and is neither a table nor memory is told of.
@ page @
symbol p4d, pud, pmd, pud_now, pmd_now, ptep, pte, path;
identifier va;
@@
 vmalloc_to_page(...)
 {
	unsigned long va = ...;
+	struct pg_table_path path;
	...
+	path = pg_table_path_to(pgd_offset_k(va), va,
+				PG_TABLE_PATH_PTE | PG_TABLE_PATH_CHECK);
+	if (!path.level)
+		return pte_present(path.pte) ? pte_page(path.pte) : NULL;
+
	if (pgd_none(*pgd))
		return NULL;
	...
-	p4d = p4d_offset(pgd, va);
	...
-	pud = pud_offset(p4d, va);
-	pud_now = pudp_get(pud);
	...
-	pmd = pmd_offset(&pud_now, va);
-	pmd_now = pmdp_get(pmd);
	...
-	ptep = pte_offset_kernel(&pmd_now, va);
-	pte = ptep_get(ptep);
-	if (pte_present(pte))
-		page = pte_page(pte);
-
-	return page;
+	return NULL;
 }

@ page_read depends on page @
@@
 vmalloc_to_page(...)
 {
	<...
(
-	*pgd
+	path.pgd
|
-	*p4d
+	path.p4d
|
-	pud_now
+	path.pud
|
-	pmd_now
+	path.pmd
)
	...>
 }

// SPDX-License-Identifier: GPL-2.0
/// Who looks an address up on RISC-V.
// Confidence: High
// Options: --no-includes
// Tokens: \b(vmalloc_fault|huge_pte_offset)\(
// Files: arch/riscv/mm/fault.c arch/riscv/mm/hugetlbpage.c

@ sync exists @
symbol pgd, pgd_k, p4d_k, pud_k, pmd_k, pte_k, index, flush_tlb;
identifier va, regs;
@@
 vmalloc_fault(struct pt_regs *regs, int code, unsigned long va)
 {
	... when any
-	pgd_k = init_mm.pgt.pgd + index;
-	if (!pgd_present(pgdp_get(pgd_k))) {
-		no_context(regs, va);
-		return;
-	}
-	set_pgd(pgd, pgdp_get(pgd_k));
-	p4d_k = p4d_offset(pgd_k, va);
-	if (!p4d_present(p4dp_get(p4d_k))) {
-		no_context(regs, va);
-		return;
-	}
-	pud_k = pud_offset(p4d_k, va);
-	if (!pud_present(pudp_get(pud_k))) {
-		no_context(regs, va);
-		return;
-	}
-	if (pud_leaf(pudp_get(pud_k)))
-		goto flush_tlb;
-	pmd_k = pmd_offset(pud_k, va);
-	if (!pmd_present(pmdp_get(pmd_k))) {
-		no_context(regs, va);
-		return;
-	}
-	if (pmd_leaf(pmdp_get(pmd_k)))
-		goto flush_tlb;
+	path = pg_table_path_to(pgd_offset_k(va), va, PG_TABLE_PATH_PTE);
+	if (path.level < 4)
+		set_pgd(pgd, path.pgd);
	pte_k = pte_offset_kernel(pmd_k, va);
	if (
-	    !pte_present(ptep_get(pte_k))
+	    !path.leaf && !pte_present(path.pte)
	   ) { ... }
	... when any
 }

@ sync_pte depends on sync @
@@
 vmalloc_fault(...)
 {
	<...
-	pte_k = pte_offset_kernel(...);
	...>
 }

@ sync_declared depends on sync @
identifier x =~ "^index$";
@@
 vmalloc_fault(...)
 {
	...
	int x;
+	struct pg_table_path path;
	...
 }

@ sync_unused depends on sync @
typedef pgd_t, p4d_t, pud_t, pmd_t, pte_t;
identifier x =~ "_k$";
@@
 vmalloc_fault(...)
 {
	<...
(
-	pgd_t *x;
|
-	p4d_t *x;
|
-	pud_t *x;
|
-	pmd_t *x;
|
-	pte_t *x;
)
	...>
 }

@ offset @
typedef pte_t;
symbol pgd, p4d, pud, pmd;
identifier mm, va, sz;
@@
 huge_pte_offset(struct mm_struct *mm, unsigned long va, unsigned long sz)
 {
+	struct pg_table_path path = pg_table_path_to(pgd_offset(mm, va), va, 0);
	...
-	pgd = pgd_offset(mm, va);
-	if (!pgd_present(pgdp_get(pgd)))
-		return NULL;
-	p4d = p4d_offset(pgd, va);
-	if (!p4d_present(p4dp_get(p4d)))
-		return NULL;
-	pud = pud_offset(p4d, va);
	if (sz == PUD_SIZE)
		return
-			(pte_t *)pud
+			(pte_t *)path.pudp
			;
-	if (!pud_present(pudp_get(pud)))
-		return NULL;
-	pmd = pmd_offset(pud, va);
	if (sz == PMD_SIZE)
		return
-			(pte_t *)pmd
+			(pte_t *)path.pmdp
			;
	if (
-	    !pmd_present(pmdp_get(pmd))
+	    path.level
	   )
		return NULL;
	...
 }

@ offset_read depends on offset @
expression va;
@@
 huge_pte_offset(...)
 {
	<...
	pte_offset_huge(
-		pmd
+		path.pmdp
		, va)
	...>
 }

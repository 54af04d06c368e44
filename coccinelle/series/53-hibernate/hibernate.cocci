// SPDX-License-Identifier: GPL-2.0
/// The leaf of a page is found by who knows the levels.
// Confidence: High
// Options: --no-includes
// Tokens: \brelocate_restore_code\b
// Files: arch/x86/power/hibernate.c

@ relocated @
identifier pgd, p4d, pud, pmd, pte;
symbol relocated_restore_code, out;
@@
 int relocate_restore_code(void)
 {
	pgd_t *pgd;
-	p4d_t *p4d;
-	pud_t *pud;
-	pmd_t *pmd;
	pte_t *pte;
+	unsigned int level;
	...
-	p4d = p4d_offset(pgd, relocated_restore_code);
-	if (p4d_leaf(*p4d)) { ... }
-	pud = pud_offset(p4d, relocated_restore_code);
-	if (pud_leaf(*pud)) { ... }
-	pmd = pmd_offset(pud, relocated_restore_code);
-	if (pmd_leaf(*pmd)) { ... }
-	pte = pte_offset_kernel(pmd, relocated_restore_code);
-	set_pte(pte, __pte(pte_val(*pte) & ~_PAGE_NX));
-out:
+	pte = lookup_address_in_pgd(pgd, relocated_restore_code, &level);
+	set_pte(pte, pte_mkexec(*pte));
	__flush_tlb_all();
	return 0;
 }

// SPDX-License-Identifier: GPL-2.0
/// So it is where the LDT's PMD is looked for with PAE.
// Confidence: High
// Options: --no-includes
// Tokens: \bpgd_to_pmd_walk\b
// Files: arch/x86/kernel/ldt.c

@ folded @
typedef pmd_t, pgd_t, p4d_t, pud_t;
identifier pgd, va, p4d, pud;
@@
 pmd_t *pgd_to_pmd_walk(pgd_t *pgd, unsigned long va)
 {
-	p4d_t *p4d;
-	pud_t *pud;
	...
-	p4d = p4d_offset(pgd, va);
-	if (p4d_none(*p4d))
-		return NULL;
-	pud = pud_offset(p4d, va);
-	if (pud_none(*pud))
-		return NULL;
-	return pmd_offset(pud, va);
+	return pmd_offset((pud_t *)pgd, va);
 }

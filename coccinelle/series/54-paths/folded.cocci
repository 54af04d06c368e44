// SPDX-License-Identifier: GPL-2.0
/// On 32 bits what is between the root and the PMDs is folded.
// Confidence: High
// Options: --no-includes
// Tokens: \b(vmalloc_sync_one|__set_pmd_pte)\(
// Files: arch/x86/mm/fault.c arch/x86/mm/pat/set_memory.c

@ sync exists @
typedef pgd_t, p4d_t, pud_t;
symbol pgd, pgd_k, p4d, p4d_k, pud, pud_k, index;
identifier va;
@@
 vmalloc_sync_one(pgd_t *pgd, unsigned long va)
 {
	... when any
-	pgd += index;
-	pgd_k = init_mm.pgt.pgd + index;
-	if (!pgd_present(*pgd_k))
-		return NULL;
+	pud = (pud_t *)(pgd + index);
+	pud_k = (pud_t *)(init_mm.pgt.pgd + index);
	... when any
-	p4d = p4d_offset(pgd, va);
-	p4d_k = p4d_offset(pgd_k, va);
-	if (!p4d_present(*p4d_k))
-		return NULL;
-	pud = pud_offset(p4d, va);
-	pud_k = pud_offset(p4d_k, va);
	if (!pud_present(*pud_k))
		return NULL;
	... when any
 }

@ sync_unused depends on sync @
identifier x =~ "^(pgd_k|p4d|p4d_k)$";
@@
 vmalloc_sync_one(...)
 {
	<...
(
-	pgd_t *x;
|
-	p4d_t *x;
)
	...>
 }

@ folded @
identifier f =~ "^(dump_pagetable|__set_pmd_pte)$";
symbol pmd;
expression va;
@@
 f(...)
 {
	<...
-	p4d = p4d_offset(pgd, va);
-	pud = pud_offset(p4d, va);
	pmd = pmd_offset(
-		pud
+		(pud_t *)pgd
		, va);
	...>
 }

@ folded_unused depends on folded @
identifier f =~ "^(dump_pagetable|__set_pmd_pte)$";
identifier x =~ "^(p4d|pud)$";
@@
 f(...)
 {
	<...
(
-	p4d_t *x;
|
-	pud_t *x;
)
	...>
 }

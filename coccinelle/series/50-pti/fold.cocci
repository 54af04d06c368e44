// SPDX-License-Identifier: GPL-2.0
/// What is left is for 32 bits, where the root has entries for PMDs.
// Confidence: High
// Options: --no-includes
// Tokens: \bpti_user_pagetable_walk_p4d\b
// Files: arch/x86/mm/pti.c

@ gone @
type T;
@@
-static T pti_user_pagetable_walk_p4d(...) { ... }

@ user @
typedef p4d_t, pud_t;
identifier address, p4d, pud;
@@
 pti_user_pagetable_walk_pmd(unsigned long address)
 {
	...
-	p4d_t *p4d;
-	pud_t *pud;
+	pud_t *pud = (pud_t *)kernel_to_user_pgdp(pgd_offset_k(address));
+
-	p4d = pti_user_pagetable_walk_p4d(address);
-	if (!p4d)
-		return NULL;
-	BUILD_BUG_ON(p4d_leaf(*p4d) != 0);
-	if (p4d_none(*p4d)) { ... }
-	pud = pud_offset(p4d, address);
	...
 }

// SPDX-License-Identifier: GPL-2.0
/// Who walks the kernel's table without a lock goes where he has looked.
// Confidence: High
// Options: --no-includes
// Tokens: \bvmalloc_to_page\b|\bwalk_pte_range\b|\blookup_address_in_pgd_attr\b|\bspurious_kernel_fault\b
// Files: mm/vmalloc.c mm/pagewalk.c arch/x86/mm/pat/set_memory.c arch/x86/mm/fault.c

@ used @
identifier walker =~ "^(vmalloc_to_page|lookup_address_in_pgd_attr|spurious_kernel_fault)$";
symbol pud, pmd;
expression address;
@@
 walker(...)
 {
	<...
(
-	pte_offset_kernel(pmd, address)
+	pte_offset_kernel(&pmd_now, address)
|
-	*pmd
+	pmd_now
|
-	*pud
+	pud_now
)
	...>
 }

@ fault_pmd @
typedef pte_t;
symbol pmd;
expression error_code;
@@
 spurious_kernel_fault(...)
 {
	<...
-	spurious_kernel_fault_check(error_code, (pte_t *)pmd)
+	spurious_kernel_fault_check(error_code, (pte_t *)&pmd_now)
	...>
 }

@ fault_pud @
symbol pud;
expression error_code;
@@
 spurious_kernel_fault(...)
 {
	<...
-	spurious_kernel_fault_check(error_code, (pte_t *)pud)
+	spurious_kernel_fault_check(error_code, (pte_t *)&pud_now)
	...>
 }

@ once @
typedef pud_t, pmd_t;
identifier walker =~ "^(vmalloc_to_page|lookup_address_in_pgd_attr|spurious_kernel_fault)$";
symbol p4d, pud, pmd;
expression address;
@@
 walker(...)
 {
	...
	pud_t *pud;
+	pud_t pud_now;
	pmd_t *pmd;
+	pmd_t pmd_now;
	...
	pud = pud_offset(p4d, address);
+	pud_now = pudp_get(pud);
	...
	pmd = pmd_offset(pud, address);
+	pmd_now = pmdp_get(pmd);
	...
 }

// Where levels are folded the entry itself is what the caller wants to have.
@ down @
identifier walker =~ "^(vmalloc_to_page|spurious_kernel_fault)$";
symbol pud;
expression address;
@@
 walker(...)
 {
	<...
	pmd_offset(
-		pud
+		&pud_now
		, address)
	...>
 }

@ down_for_entry @
symbol pmd, pud;
expression address;
@@
 lookup_address_in_pgd_attr(...)
 {
	...
	pmd = pmd_offset(
-		pud
+		PTRS_PER_PMD > 1 ? &pud_now : pud
		, address);
	...
 }

// Who looks at every entry looks again at what is no table any more.
@ walked @
symbol pmd, addr, pte;
@@
 walk_pte_range(...)
 {
	<...
-	pte_offset_kernel(pmd, addr)
+	walk_kernel_table(pmd, addr)
	...>
 }

@ walked_pmds @
symbol pmd, pud, pudval, addr;
@@
 walk_pmd_range(...)
 {
	...
	pmd = pmd_offset(
-		pud
+		PTRS_PER_PMD > 1 ? &pudval : pud
		, addr);
	...
 }

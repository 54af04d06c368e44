// SPDX-License-Identifier: GPL-2.0
/// Tables that splitting made are freed by those who map something else there,
/// or take the memory away. Memory comes and goes while nobody else edits.
// Confidence: High
// Options: --no-includes
// Tokens: \bpud_free_pmd_page\b|\bkernel_physical_mapping_remove\b
// Files: arch/x86/mm/pgtable.c arch/x86/mm/init_64.c

@ freed @
identifier f =~ "^(pud_free_pmd_page|pmd_free_pte_page)$";
symbol pte, pmd;
@@
 f(...)
 {
	<...
(
+	pg_table_disown(&init_mm.pgt, pte);
	free_page((unsigned long)pte);
|
-	pagetable_pmd_dtor(virt_to_ptdesc(pmd));
+	if (!pg_table_disown(&init_mm.pgt, pmd))
+		pagetable_pmd_dtor(virt_to_ptdesc(pmd));
)
	...>
 }

@ removed @
identifier f =~ "^free_p(te|md)_table$";
identifier start;
type T;
expression E;
@@
 f(T *start, ...)
 {
	...
+	pg_table_disown(&init_mm.pgt, start);
	free_pagetable(E, 0);
	...
 }

@ alone @
@@
 kernel_physical_mapping_remove(...)
 {
	...
+	direct_map_lock();
	remove_pagetable(...);
+	direct_map_unlock();
 }

@ alone_too @
@@
 arch_add_memory(...)
 {
	...
+	direct_map_lock();
	init_memory_mapping(...);
+	direct_map_unlock();
	...
 }

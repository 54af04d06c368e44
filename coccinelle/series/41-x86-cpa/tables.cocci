// SPDX-License-Identifier: GPL-2.0
/// Tables that splitting made are freed by those who map something else there,
/// or take the memory away. Memory comes and goes while nobody else edits, and
/// what follows the direct map is told.
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
identifier f =~ "^free_p(te|md|ud)_table$";
identifier start;
type T;
expression E;
@@
 f(T *start, ...)
 {
	...
+	direct_map_disown(start);
	free_pagetable(E, 0);
	...
 }

@ told @
identifier start, end;
@@
 remove_pagetable(unsigned long start, unsigned long end, ...)
 {
	...
+	direct_map_sync(start, end - start);
	flush_tlb_all();
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
expression E1, E2;
@@
 arch_add_memory(...)
 {
	...
+	direct_map_lock();
	init_memory_mapping(E1, E1 + E2, ...);
+	direct_map_sync((unsigned long)__va(E1), E2);
+	direct_map_unlock();
	...
 }

// SPDX-License-Identifier: GPL-2.0
/// What each of them had for every level is in the path now.
// Confidence: High
// Options: --no-includes
// Tokens: \bpg_table_path_to\(
// Files: *.c

@ pointers @
identifier f =~ "^(dev_pagemap_mapping_shift|vmalloc_to_page|userfaultfd_must_wait|perf_get_pgtable_size|lookup_address_in_pgd_attr|spurious_kernel_fault|set_vsyscall_pgtable_user_bits|show_pte|find_num_contig|huge_pte_offset)$";
typedef pgd_t, p4d_t, pud_t, pmd_t, pte_t;
identifier x =~ "^(pgd|p4d|pud|pmd)(p|_k)?$";
@@
 f(...)
 {
	<...
(
-	pgd_t *x;
|
-	pgd_t *x = ...;
|
-	p4d_t *x;
|
-	pud_t *x;
|
-	pmd_t *x;
)
	...>
 }

@ values @
identifier f =~ "^(dev_pagemap_mapping_shift|vmalloc_to_page|userfaultfd_must_wait|perf_get_pgtable_size|lookup_address_in_pgd_attr|spurious_kernel_fault|set_vsyscall_pgtable_user_bits|show_pte|find_num_contig|huge_pte_offset)$";
identifier x =~ "^_?(pgd|p4d|pud|pmd)(_now)?$";
@@
 f(...)
 {
	<...
(
-	pgd_t x;
|
-	p4d_t x;
|
-	pud_t x;
|
-	pmd_t x;
)
	...>
 }

@ pte_pointer @
identifier f =~ "^(vmalloc_to_page|spurious_kernel_fault)$";
identifier x =~ "^pte(p|_k)?$";
@@
 f(...)
 {
	...
-	pte_t *x;
	...
 }

@ pte_value @
@@
 vmalloc_to_page(...)
 {
	...
-	pte_t pte;
	...
 }

@ page @
@@
 vmalloc_to_page(...)
 {
	...
-	struct page *page = NULL;
	...
 }

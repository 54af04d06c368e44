// SPDX-License-Identifier: GPL-2.0
/// Nobody changes attributes in a root other than the kernel's, so nothing
/// fills one, or empties it, on the way.
// Confidence: High
// Options: --no-includes
// Tokens: \bpopulate_pgd\b
// Files: arch/x86/mm/pat/set_memory.c

@ gone @
type T;
identifier f =~ "^(try_to_free_p(te|md)_page|(__)?unmap_p(te|md|ud)_range|alloc_p(te|md)_page|populate_p(te|md|ud|gd))$";
@@
-static T f(...) { ... }

@ gone32 @
@@
-int __init kernel_unmap_pages_in_pgd(...) { ... }

@ member @
@@
 struct cpa_data {
	...
-	pgd_t *pgd;
	...
 };

@ fault @
identifier cpa;
@@
 __cpa_process_fault(struct cpa_data *cpa, ...)
 {
-	if (cpa->pgd) { ... }
	...
 }

@ lookup @
identifier cpa, pgd, address;
@@
 _lookup_address_cpa(struct cpa_data *cpa, unsigned long address, ...)
 {
-	pgd_t *pgd;
-
-	if (!cpa->pgd)
-		pgd = pgd_offset_k(address);
-	else
-		pgd = cpa->pgd + pgd_index(address);
-
	return lookup_address_in_pgd_attr(
-		pgd,
+		pgd_offset_k(address),
		...);
 }

@ assigned @
identifier cpa;
expression E;
@@
-cpa.pgd = E;

@ initialised @
identifier cpa;
@@
 struct cpa_data cpa = {
-	.pgd = NULL,
 };

// SPDX-License-Identifier: GPL-2.0
/// Who maps ranges of the kernel asks for it, and steps through no level.
// Confidence: High
// Options: --no-includes
// Tokens: \bvmap_range_noflush\b
// Files: mm/vmalloc.c

@ map @
expression va, end, pa, prot, shift;
@@
 vmap_page_range(...)
 {
	...
-	vmap_range_noflush(va, end, pa, prot, shift)
+	kernel_range_map(va, end - va, pa, prot, shift)
	...
 }

@ gone @
identifier f =~ "^(vmap_pte_range|vmap_try_huge_p(4|u|m)d|vmap_p(4|u|m)d_range|vmap_range_noflush|vunmap_p(4d|ud|md|te)_range|vmap_pages_p(4d|ud|md|te)_range|vmap_small_pages_range_noflush)$";
@@
-static int f(...) { ... }

@ gone_shared @
@@
-int __vmap_pages_range_noflush(...) { ... }

@ gone_void @
identifier f =~ "^vunmap_p(4d|ud|md|te)_range$";
@@
-static void f(...) { ... }

@ gone_void_shared @
@@
-void __vunmap_range_noflush(...) { ... }

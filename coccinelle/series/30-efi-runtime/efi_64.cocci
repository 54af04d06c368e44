// The functions that efi_context.c replaces go; what filled a root by hand
// calls it.
//
// Tokens: efi_alloc_page_tables
// Files: arch/x86/platform/efi/efi_64.c

@ variable @
@@
-static struct mm_struct *efi_prev_mm;

@ replaced @
@@
(
-int __init efi_alloc_page_tables(void) { ... }
|
-void efi_sync_low_kernel_mappings(void) { ... }
|
-void __init efi_dump_pagetable(void) { ... }
|
-static void efi_enter_mm(void) { ... }
|
-static void efi_leave_mm(void) { ... }
)

@ synced @
@@
-efi_sync_low_kernel_mappings();

@ entered @
@@
-efi_enter_mm()
+efi_enter_context()

@ left @
@@
-efi_leave_mm()
+efi_leave_context()

@ root @
identifier pgd;
@@
-pgd_t *pgd = efi_mm.pgt.pgd;

@ mapped @
expression pgd, pfn, address, n, flags;
@@
-kernel_map_pages_in_pgd(pgd, pfn, address, n, flags)
+efi_map_pages(pfn, address, n, flags)

@ unmapped @
expression pgd, address, n;
@@
-kernel_unmap_pages_in_pgd(pgd, address, n)
+efi_unmap_pages_at(address, n)

@ ghcbs @
expression pgd;
@@
-sev_es_efi_map_ghcbs(pgd)
+sev_es_efi_map_ghcbs()

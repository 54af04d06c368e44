// Whoever else touched the firmware's root or mapped into it.
//
// Tokens: efi_mm\b|efi_sync_low_kernel_mappings|kernel_(un)?map_pages_in_pgd|efi_dump_pagetable
// Files: arch/x86/platform/efi/efi.c arch/x86/platform/efi/efi_32.c arch/x86/platform/efi/quirks.c arch/x86/coco/sev/core.c arch/x86/mm/pat/set_memory.c

@ gone32 @
@@
-void efi_sync_low_kernel_mappings(void) {}

@ synced @
@@
-efi_sync_low_kernel_mappings();

@ final @
@@
 efi_dump_pagetable();
+efi_seal_page_tables();

@ root @
identifier pgd;
@@
-pgd_t *pgd = efi_mm.pgt.pgd;

@ gone @
@@
-int __init kernel_map_pages_in_pgd(...) { ... }

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
identifier pgd;
@@
 int __init sev_es_efi_map_ghcbs(
-pgd_t *pgd
+void
 ) { ... }

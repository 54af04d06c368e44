// How pages come and go is said in secretmem_pages.h.
//
// Tokens: secretmem_fault
// Files: mm/secretmem.c

@ freed @
expression folio;
@@
-set_direct_map_default_noflush(&folio->page);
-folio_zero_segment(folio, 0, folio_size(folio));
+secretmem_give_back(folio);

@ got @
expression gfp;
@@
-folio_alloc(gfp | __GFP_ZERO, 0)
+secretmem_alloc_folio(gfp)

@ taken_out @
expression page, err;
@@
-err = set_direct_map_invalid_noflush(page);
-if (err) { ... }

@ put_back @
expression page;
@@
-set_direct_map_default_noflush(page);

@ added @
expression list args;
@@
-filemap_add_folio(args)
+secretmem_add_folio(args)

@ dropped @
expression folio;
@@
-folio_put(folio)
+secretmem_drop_folio(folio)

@ flushed @
expression addr, page;
@@
-addr = (unsigned long)page_address(page);
-flush_tlb_kernel_range(addr, addr + PAGE_SIZE);

@ address @
@@
-unsigned long addr;

@ accounts @
identifier f =~ "^secretmem_(un)?account_folio$";
type T;
@@
-static
 T f(...)
 { ... }

// Huge pages: who has them, and where a process has them.
@ huge @
symbol secretmem_vm_ops, secretmem_fault;
@@
 static const struct vm_operations_struct secretmem_vm_ops = {
 	.fault = secretmem_fault,
+	.huge_fault = secretmem_huge_fault,
 };

@ area @
symbol secretmem_fops, secretmem_mmap;
@@
 static const struct file_operations secretmem_fops = {
 	.mmap = secretmem_mmap,
+	.get_unmapped_area = thp_get_unmapped_area,
 };

@ large @
expression mapping;
@@
 mapping_set_unevictable(mapping);
+mapping_set_large_folios(mapping);

@ active @
@@
-!!atomic_read(&secretmem_users)
+secretmem_pages()

@ counted @
@@
-atomic_dec(&secretmem_users);

@ users @
@@
-static atomic_t secretmem_users;

// SPDX-License-Identifier: GPL-2.0
/// Where a CPU has no large leaves, or its tables are not looked at for them.
// Confidence: High
// Options: --no-includes
// Tokens: \b(virt_to_pte|lookup_tiop)\(
// Files: arch/um/kernel/skas/uaccess.c arch/sh/kernel/io_trapped.c

@ um @
identifier mm, va;
@@
 virt_to_pte(struct mm_struct *mm, unsigned long va)
 {
-	...
+	struct pg_table_path path;
+
+	if (!mm)
+		return NULL;
+
+	path = pg_table_path_to(pgd_offset(mm, va), va, 0);
+	return path.level ? NULL : pte_offset_kernel(path.pmdp, va);
 }

@ sh @
identifier va;
@@
 lookup_tiop(unsigned long va)
 {
-	...
+	struct pg_table_path path = pg_table_path_to(pgd_offset_k(va), va,
+						     PG_TABLE_PATH_PTE);
+
+	return path.level ? NULL : pfn_to_kaddr(pte_pfn(path.pte));
 }

// SPDX-License-Identifier: GPL-2.0
/// The lock of a page table is a member of struct pg_table, not of mm_struct.
///
/// No types are needed: one other structure has a member of this name, OMAP's
/// IOMMU, and its files are left out.
// Confidence: High
// Tokens: (->|\.)page_table_lock\b
// Files: *.c *.h :!drivers/iommu/omap-iommu*

@static_mm@
identifier mm;
expression lock;
@@
struct mm_struct mm = {
	.
-	page_table_lock
+	pgt.page_table_lock
	= lock,
};

@pointer@
expression E;
@@
E->
-	page_table_lock
+	pgt.page_table_lock

// Not a second time: what the rules above wrote is a table already.
@object@
identifier mm != pgt;
@@
mm.
-	page_table_lock
+	pgt.page_table_lock

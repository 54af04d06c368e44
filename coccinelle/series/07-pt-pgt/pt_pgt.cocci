// SPDX-License-Identifier: GPL-2.0
/// The back pointer of a root table leads to a struct pg_table.
// Confidence: High
// Tokens: \b(pt_mm|pgd_set_mm|pgd_page_get_mm)\b

@in_struct@
@@
union {
	...
-	struct mm_struct *pt_mm;
+	struct pg_table *pt_pgt;
	...
}

@setter@
typedef pgd_t;
identifier pgd, mm;
@@
-void pgd_set_mm(pgd_t *pgd, struct mm_struct *mm)
+void pgd_set_pgt(pgd_t *pgd, struct pg_table *pgt)
 {
-	virt_to_ptdesc(pgd)->pt_mm = mm;
+	virt_to_ptdesc(pgd)->pt_pgt = pgt;
 }

@getter@
identifier page;
@@
-struct mm_struct *pgd_page_get_mm(struct page *page)
+struct pg_table *pgd_page_get_pgt(struct page *page)
 {
	return page_ptdesc(page)->
-		pt_mm
+		pt_pgt
	;
 }

@prototype@
identifier page;
@@
-struct mm_struct *pgd_page_get_mm(struct page *page);
+struct pg_table *pgd_page_get_pgt(struct page *page);

@set@
expression pgd, mm;
@@
-pgd_set_mm(pgd, mm)
+pgd_set_pgt(pgd, mm_pgt(mm))

@lock@
expression page;
@@
-pgd_page_get_mm(page)->pgt.page_table_lock
+pgd_page_get_pgt(page)->page_table_lock

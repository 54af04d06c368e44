// SPDX-License-Identifier: GPL-2.0
/// What the TLB knows of a page table is a member of x86's pg_table_arch.
// Confidence: High
// Tokens: context\)?\.(ctx_id|tlb_gen)\b
// Files: arch/x86/*.c arch/x86/*.h

@pointer@
expression E;
@@
(
E->
-	context.ctx_id
+	pgt.arch.ctx_id
|
E->
-	context.tlb_gen
+	pgt.arch.tlb_gen
)

@object@
identifier mm;
@@
(
mm.
-	context.ctx_id
+	pgt.arch.ctx_id
|
mm.
-	context.tlb_gen
+	pgt.arch.tlb_gen
)

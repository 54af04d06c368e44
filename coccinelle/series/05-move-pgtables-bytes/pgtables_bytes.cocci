// SPDX-License-Identifier: GPL-2.0
/// The size of a page table is a member of struct pg_table, not of mm_struct.
// Confidence: High
// Tokens: (->|\.)pgtables_bytes\b

@@
expression E;
@@
E->
-	pgtables_bytes
+	pgt.pgtables_bytes

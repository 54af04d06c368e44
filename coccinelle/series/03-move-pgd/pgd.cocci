// SPDX-License-Identifier: GPL-2.0
/// The root of a page table is a member of struct pg_table, not of mm_struct.
///
/// Many other structures have a member pgd: only what is known to be an
/// mm_struct, by its type or by its name, is converted.
// Confidence: High
// Tokens: (->|\.|,)\s*pgd\b
// Files: *.c *.h :!drivers/gpu :!tools/testing/selftests/kvm

@static_mm@
identifier mm;
expression root;
@@
struct mm_struct mm = {
	.
-	pgd
+	pgt.pgd
	= root,
};

// The type is known: locals, parameters, what they are assigned from.
@typed_pointer@
struct mm_struct *mm;
@@
mm->
-	pgd
+	pgt.pgd

@typed_object@
struct mm_struct mm;
@@
mm.
-	pgd
+	pgt.pgd

// Members of other structures: their declaration is in a header not read here.
@pointer_member@
expression E;
identifier mm =~ "^(|.*_)mm$";
@@
(
E->mm->
-	pgd
+	pgt.pgd
|
E->mm.
-	pgd
+	pgt.pgd
|
E.mm.
-	pgd
+	pgt.pgd
)

// Bodies of macros have no types; global mm_structs are declared in headers.
@by_name@
identifier mm =~ "^(|.*_)mm$";
@@
(
 (mm)->
-	pgd
+	pgt.pgd
|
mm.
-	pgd
+	pgt.pgd
)

@per_cpu_mm@
expression E;
identifier mm =~ "^(|.*_)mm$";
@@
this_cpu_read(E.mm)->
-	pgd
+	pgt.pgd

// What assembly is told.
@asm_offset@
symbol mm_struct, pgd;
expression name;
@@
(
offsetof(struct mm_struct,
-	pgd
+	pgt.pgd
 )
|
OFFSET(name, mm_struct,
-	pgd
+	pgt.pgd
 )
)

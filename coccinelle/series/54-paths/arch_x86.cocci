// SPDX-License-Identifier: GPL-2.0
/// Who looks an address up on x86.
// Confidence: High
// Options: --no-includes
// Tokens: \b(lookup_pmd_address|early_ioremap_pmd|spurious_kernel_fault|set_vsyscall_pgtable_user_bits)\(
// Files: arch/x86/mm/pat/set_memory.c arch/x86/mm/ioremap.c arch/x86/mm/fault.c arch/x86/entry/vsyscall/vsyscall_64.c

@ lookup_pmd @
identifier va;
@@
 lookup_pmd_address(unsigned long va)
 {
-	...
+	return pg_table_path_to(pgd_offset_k(va), va, 0).pmdp;
 }

@ lookup @
symbol pgd, p4d, pud, pud_now, pmd, pmd_now;
identifier va;
@@
 lookup_address_in_pgd_attr(..., unsigned long va, ...)
 {
+	struct pg_table_path path = pg_table_path_to(pgd, va, 0);
+
	...
-	p4d = p4d_offset(pgd, va);
	...
-	pud = pud_offset(p4d, va);
-	pud_now = pudp_get(pud);
	...
-	pmd = pmd_offset(PTRS_PER_PMD > 1 ? &pud_now : pud, va);
-	pmd_now = pmdp_get(pmd);
	...
 }

@ vsyscall @
symbol root;
expression va;
@@
 set_vsyscall_pgtable_user_bits(...)
 {
	...
-	pgd = pgd_offset_pgd(root, va);
	...
-	p4d = p4d_offset(pgd, va);
	...
-	pud = pud_offset(p4d, va);
	...
-	pmd = pmd_offset(pud, va);
	...
 }

@ vsyscall_declared @
identifier x;
typedef pmd_t;
@@
 set_vsyscall_pgtable_user_bits(...)
 {
	...
	pmd_t *x;
+	struct pg_table_path path = pg_table_path_to(pgd_offset_pgd(root, VSYSCALL_ADDR),
+						     VSYSCALL_ADDR, 0);
	...
 }

@ vsyscall_write @
expression E;
@@
 set_vsyscall_pgtable_user_bits(...)
 {
	<...
(
	set_pgd(
-		pgd
+		path.pgdp
		, E)
|
	set_p4d(
-		p4d
+		path.p4dp
		, E)
|
	set_pud(
-		pud
+		path.pudp
		, E)
|
	set_pmd(
-		pmd
+		path.pmdp
		, E)
)
	...>
 }

@ spurious @
identifier va, error_code;
symbol ret, pte;
@@
 spurious_kernel_fault(unsigned long error_code, unsigned long va)
 {
	...
-	pgd = init_mm.pgt.pgd + pgd_index(va);
-	if (!pgd_present(*pgd))
-		return 0;
-	p4d = p4d_offset(pgd, va);
-	if (!p4d_present(*p4d))
-		return 0;
+	path = pg_table_path_to(pgd_offset_k(va), va, PG_TABLE_PATH_PTE);
+	if (path.level && !path.leaf)
+		return 0;
	...
-	pud = pud_offset(p4d, va);
-	pud_now = pudp_get(pud);
-	if (!pud_present(pud_now))
-		return 0;
	...
-	pmd = pmd_offset(&pud_now, va);
-	pmd_now = pmdp_get(pmd);
-	if (!pmd_present(pmd_now))
-		return 0;
	...
-	pte = pte_offset_kernel(&pmd_now, va);
-	if (!pte_present(*pte))
+	if (!pte_present(path.pte))
		return 0;
-	ret = spurious_kernel_fault_check(error_code, pte);
+	ret = spurious_kernel_fault_check(error_code, &path.pte);
	...
 }

@ spurious_declared @
symbol ret;
@@
 spurious_kernel_fault(...)
 {
	...
+	struct pg_table_path path;
	int ret;
	...
 }

@ read @
identifier f =~ "^(lookup_address_in_pgd_attr|spurious_kernel_fault|set_vsyscall_pgtable_user_bits)$";
typedef pte_t;
@@
 f(...)
 {
	<...
(
-	*pgd
+	path.pgd
|
-	*p4d
+	path.p4d
|
-	*pud
+	path.pud
|
-	*pmd
+	path.pmd
|
-	pud_now
+	path.pud
|
-	pmd_now
+	path.pmd
)
	...>
 }

@ returned @
@@
 lookup_address_in_pgd_attr(...)
 {
	<...
(
-	(pte_t *)p4d
+	(pte_t *)path.p4dp
|
-	(pte_t *)pud
+	(pte_t *)path.pudp
|
-	(pte_t *)pmd
+	(pte_t *)path.pmdp
)
	...>
 }

@ large @
@@
 spurious_kernel_fault(...)
 {
	<...
-	(pte_t *)p4d
+	(pte_t *)&path.p4d
	...>
 }

@ ioremap @
typedef pgd_t, p4d_t, pud_t;
identifier va, base, pgd, p4d, pud, pmd;
@@
 early_ioremap_pmd(unsigned long va)
 {
	pgd_t *base = ...;
-	pgd_t *pgd = &base[pgd_index(va)];
-	p4d_t *p4d = p4d_offset(pgd, va);
-	pud_t *pud = pud_offset(p4d, va);
	pmd_t *pmd =
-		pmd_offset(pud, va)
+		pg_table_path_to(base + pgd_index(va), va, 0).pmdp
		;
	...
 }

// Of two functions of this name the one for 64 bits tries what it reads.
@ tries @
position p;
@@
 dump_pagetable@p(...)
 {
	<+... bad_address(...) ...+>
 }

@ dump @
position tries.p;
identifier va;
@@
 dump_pagetable@p(unsigned long va)
 {
-	...
+	pgd_t *base = __va(read_cr3_pa());
+	struct pg_table_path path =
+		pg_table_path_to(base + pgd_index(va), va,
+				 PG_TABLE_PATH_PTE | PG_TABLE_PATH_PROBE);
+
+	if (path.level <= 4)
+		pr_info("PGD %lx ", pgd_val(path.pgd));
+	if (path.level <= 3)
+		pr_cont("P4D %lx ", p4d_val(path.p4d));
+	if (path.level <= 2)
+		pr_cont("PUD %lx ", pud_val(path.pud));
+	if (path.level <= 1)
+		pr_cont("PMD %lx ", pmd_val(path.pmd));
+	if (path.level == 0)
+		pr_cont("PTE %lx", pte_val(path.pte));
+	if (path.fault)
+		pr_info("BAD\n");
+	else
+		pr_cont("\n");
 }

@ tried @
type T;
@@
-static T bad_address(...) { ... }

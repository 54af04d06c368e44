// SPDX-License-Identifier: GPL-2.0
/// What a CPU has loaded, and what a flush is about, is a struct pg_table.
// Confidence: High
// Options: --no-includes
// Tokens: \bloaded_mm\b|\bLOADED_MM_SWITCHING\b|\bflush_tlb_info\b
// Files: arch/x86/*.c arch/x86/include/asm/trace/hyperv.h

// The switch itself: a function on tables, and its caller for processes.
@switch_tables@
identifier unused, next, tsk, prev;
symbol cpu_tlbstate;
@@
-void switch_mm_irqs_off(struct mm_struct *unused, struct mm_struct *next,
-			struct task_struct *tsk)
+static void switch_pgt_irqs_off(struct pg_table *next,
+				struct task_struct *tsk)
 {
-	struct mm_struct *prev = this_cpu_read(cpu_tlbstate.loaded_mm);
+	struct pg_table *prev = this_cpu_read(cpu_tlbstate.loaded_pgt);
+	struct mm_struct *prev_mm = container_of(prev, struct mm_struct, pgt);
+	struct mm_struct *next_mm = container_of(next, struct mm_struct, pgt);
 	...
 }
+
+void switch_mm_irqs_off(struct mm_struct *unused, struct mm_struct *next,
+			struct task_struct *tsk)
+{
+	switch_pgt_irqs_off(mm_pgt(next), tsk);
+}

// What it asks of the processes.
@switched_mms@
symbol prev, next, prev_mm, next_mm;
@@
 switch_pgt_irqs_off(...)
 {
 	<...
(
 mm_cpumask(
-	prev
+	prev_mm
 )
|
 mm_cpumask(
-	next
+	next_mm
 )
|
 mm_lam_cr3_mask(
-	next
+	next_mm
 )
|
 mm_untag_mask(
-	next
+	next_mm
 )
|
 cr4_update_pce_mm(
-	next
+	next_mm
 )
|
 switch_ldt(
-	prev, next
+	prev_mm, next_mm
 )
)
 	...>
 }

@asid@
symbol next;
@@
 choose_new_asid(
-	struct mm_struct *next,
+	struct pg_table *next,
 	...)
 {
 	...
 }

// Flushes.
@flush_info@
symbol mm, pgt;
identifier info;
@@
 get_flush_tlb_info(
-	struct mm_struct *mm,
+	struct pg_table *pgt,
 	...)
 {
 	<...
 	info->
-	mm
+	pgt
 	=
-	mm
+	pgt
 	;
 	...>
 }

@flush_user@
expression E;
@@
 get_flush_tlb_info(
(
 NULL
|
-	E
+	mm_pgt(E)
)
 , ...)

@flush_root@
symbol info;
@@
 info->
-	mm->pgt.pgd
+	pgt->pgd

@flush_member@
identifier info =~ "^(info|f)$";
@@
 info->
-	mm
+	pgt

// What is loaded.
@own_variable@
symbol loaded_mm, loaded_pgt;
expression E;
@@
(
-struct mm_struct *loaded_mm = this_cpu_read(cpu_tlbstate.loaded_mm);
+struct pg_table *loaded_pgt = this_cpu_read(cpu_tlbstate.loaded_pgt);
|
-struct mm_struct *loaded_mm = per_cpu(cpu_tlbstate.loaded_mm, E);
+struct pg_table *loaded_pgt = per_cpu(cpu_tlbstate.loaded_pgt, E);
)

// Where a process is wanted, no table but a process's is loaded.
@as_process@
identifier m;
type T;
expression E;
@@
(
 T *m =
-	this_cpu_read(cpu_tlbstate.loaded_mm);
+	loaded_mm();
|
 E =
-	this_cpu_read(cpu_tlbstate.loaded_mm);
+	loaded_mm();
|
 cr4_update_pce_mm(
-	this_cpu_read(cpu_tlbstate.loaded_mm)
+	loaded_mm()
 )
)

@compared@
expression mm;
@@
(
 this_cpu_read(cpu_tlbstate.
-	loaded_mm
+	loaded_pgt
 ) ==
-	&init_mm
+	&init_mm.pgt
|
 this_cpu_read(cpu_tlbstate.
-	loaded_mm
+	loaded_pgt
 ) ==
-	mm
+	mm_pgt(mm)
|
 this_cpu_read(cpu_tlbstate.
-	loaded_mm
+	loaded_pgt
 ) !=
-	mm
+	mm_pgt(mm)
|
-	mm
+	mm_pgt(mm)
 == this_cpu_read(cpu_tlbstate.
-	loaded_mm
+	loaded_pgt
 )
)

@loaded_root@
@@
 this_cpu_read(cpu_tlbstate.
-	loaded_mm
+	loaded_pgt
 )->
-	pgt.pgd
+	pgd

@written@
symbol LOADED_MM_SWITCHING, LOADED_PGT_SWITCHING;
expression E;
@@
 this_cpu_write(cpu_tlbstate.
-	loaded_mm
+	loaded_pgt
 ,
(
-	LOADED_MM_SWITCHING
+	LOADED_PGT_SWITCHING
|
 E
)
 )

// An NMI can hit a kernel thread, whose mm_pgt() would not be NULL.
@nmi@
identifier mm;
@@
-if (loaded_mm != mm)
+if (!mm || loaded_pgt != mm_pgt(mm))
 	return false;

@renamed@
@@
(
 f->pgt !=
-	loaded_mm
+	loaded_pgt
|
-	loaded_mm
+	loaded_pgt
 == 
-	LOADED_MM_SWITCHING
+	LOADED_PGT_SWITCHING
|
-	loaded_mm
+	loaded_pgt
 == info->pgt
|
-	loaded_mm == &init_mm
+	loaded_pgt == &init_mm.pgt
|
-	loaded_mm->pgt.arch
+	loaded_pgt->arch
|
 VM_WARN_ON_ONCE(!
-	loaded_mm
+	loaded_pgt
 )
)

// A table has what its process had to be asked for.
@member@
struct pg_table *p;
@@
 p->
-	pgt.arch
+	arch

@root@
struct pg_table *p;
@@
 p->
-	pgt.pgd
+	pgd

@kernel@
struct pg_table *p;
@@
(
 p ==
-	&init_mm
+	&init_mm.pgt
|
 p !=
-	&init_mm
+	&init_mm.pgt
)

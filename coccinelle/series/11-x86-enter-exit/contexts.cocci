// SPDX-License-Identifier: GPL-2.0
/// The switch and the flush, for contexts too.
// Confidence: High
// Options: --no-includes
// Tokens: \bswitch_pgt_irqs_off\b
// Files: arch/x86/mm/tlb.c

@switched@
identifier prev, next, prev_mm, next_mm, tsk;
@@
 switch_pgt_irqs_off(struct pg_table *next, struct task_struct *tsk
+	, bool contexts
 )
 {
 	...
-	struct mm_struct *prev_mm = container_of(prev, struct mm_struct, pgt);
+	struct mm_struct *prev_mm = pgt_mm(prev, contexts);
-	struct mm_struct *next_mm = container_of(next, struct mm_struct, pgt);
+	struct mm_struct *next_mm = pgt_mm(next, contexts);
 	<...
(
-	mm_cpumask(prev_mm)
+	pgt_cpumask(prev, contexts)
|
-	mm_cpumask(next_mm)
+	pgt_cpumask(next, contexts)
)
 	...>
 }

// An NMI can enter a context as soon as this tells what is loaded: all else is to
// be true by then.
@stored@
identifier next, next_mm, new_asid, new_lam;
@@
 switch_pgt_irqs_off(struct pg_table *next, ...)
 {
 	<...
-	this_cpu_write(cpu_tlbstate.loaded_pgt, next);
 	this_cpu_write(cpu_tlbstate.loaded_mm_asid, new_asid);
 	cpu_tlbstate_update_lam(new_lam, mm_untag_mask(next_mm));
+	/* An NMI that sees it may enter a context. */
+	barrier();
+	this_cpu_write(cpu_tlbstate.loaded_pgt, next);
 	...>
 }

// And who is to switch looks at it first, when an NMI can come, too.
@slot@
identifier next, next_tlb_gen, new_asid, need_flush;
@@
 choose_new_asid(struct pg_table *next, u64 next_tlb_gen, u16 *new_asid,
		 bool *need_flush
+		 , bool contexts
 )
 {
 	<...
-	*new_asid = this_cpu_add_return(cpu_tlbstate.next_asid, 1) - 1;
-	if (*new_asid >= TLB_NR_DYN_ASIDS) {
-		*new_asid = 0;
-		this_cpu_write(cpu_tlbstate.next_asid, 1);
-	}
+	*new_asid = next_slot(contexts);
 	...>
 }

@slot_chosen@
expression next, next_tlb_gen, new_asid, need_flush;
@@
 choose_new_asid(next, next_tlb_gen, new_asid, need_flush
+	, contexts
 )

@switch_process@
identifier mm, tsk;
@@
 switch_pgt_irqs_off(mm_pgt(mm), tsk
+	, false
 )

@flush@
identifier mm, start, end, stride_shift, freed_tables, info, new_tlb_gen, cpu;
symbol pgt, contexts;
@@
-void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start,
-			unsigned long end, unsigned int stride_shift,
-			bool freed_tables)
+static void flush_pgt_range(struct pg_table *pgt, unsigned long start,
+			    unsigned long end, unsigned int stride_shift,
+			    bool freed_tables, bool contexts)
 {
+	struct cpumask *cpus = pgt_cpumask(pgt, contexts);
 	...
-	new_tlb_gen = inc_mm_tlb_gen(mm);
+	new_tlb_gen = inc_pgt_tlb_gen(pgt);
 	...
-	info = get_flush_tlb_info(mm_pgt(mm), start, end, stride_shift, freed_tables, new_tlb_gen);
+	info = get_flush_tlb_info(pgt, start, end, stride_shift, freed_tables,
+				  new_tlb_gen);
 	...
(
 	if (cpumask_any_but(
-		mm_cpumask(mm),
+		cpus,
 		cpu) < nr_cpu_ids) {
-		info->trim_cpumask = should_trim_cpumask(mm);
+		info->trim_cpumask = !contexts &&
+				     should_trim_cpumask(pgt_mm(pgt, contexts));
 		flush_tlb_multi(
-			mm_cpumask(mm),
+			cpus,
 			info);
 	} else if (
-		mm_pgt(mm) ==
+		pgt ==
 			this_cpu_read(cpu_tlbstate.loaded_pgt)) { ... }
)
 	...
-	mmu_notifier_arch_invalidate_secondary_tlbs(mm, start, end);
+	if (!contexts)
+		mmu_notifier_arch_invalidate_secondary_tlbs(pgt_mm(pgt, contexts),
+							    start, end);
 }
+
+void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start,
+			unsigned long end, unsigned int stride_shift,
+			bool freed_tables)
+{
+	flush_pgt_range(mm_pgt(mm), start, end, stride_shift, freed_tables,
+			false);
+}

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

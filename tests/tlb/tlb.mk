# SPDX-License-Identifier: GPL-2.0
# The kernel's TLB code on simulated CPUs, which have PCIDs.

MADE += tlb
TLB_STEPS ?= 200000
TLB_LINUX := $(BUILD)/linux
TLB_CODE := arch/x86/mm/tlb.c arch/x86/mm/pg_table.c arch/x86/mm/asi.c

# What the code includes and sim.h stands for.
TLB_EMPTY := $(addprefix linux/, atomic.h bits.h container_of.h cpu.h \
	cpumask.h debugfs.h entry-common.h err.h export.h gfp.h \
	hardirq.h init.h interrupt.h irqflags.h jump_label.h kconfig.h kernel.h \
	list.h mm.h mm_types.h mmu_context.h mmu_notifier.h module.h mutex.h \
	percpu-defs.h pgtable.h preempt.h sched.h sched/debug.h \
	sched/signal.h sched/smt.h \
	smp.h spinlock.h spinlock_types.h task_work.h types.h \
	user-return-notifier.h xarray.h) \
	$(addprefix asm/, apic.h cache.h cacheflush.h cpufeature.h debugreg.h \
	hw_breakpoint.h invpcid.h kdebug.h mmu_context.h nospec-branch.h page.h \
	perf_event.h pgtable.h processor-flags.h processor.h pti.h sections.h \
	smp.h special_insns.h tlb.h) $(addprefix trace/events/, asi.h pg_table.h)

TLB_FLAGS := -std=gnu11 -g -O1 -Wall -Wno-unused -fno-strict-aliasing \
	-fsanitize=undefined -fno-sanitize-recover=all -D__KERNEL__ \
	$(addprefix -DCONFIG_, ADDRESS_MASKING=1 ASI=1 DEBUG_VM=1 \
	MITIGATION_PAGE_TABLE_ISOLATION=1 MODIFY_LDT_SYSCALL=1 \
	PERF_EVENTS=1 PG_TABLE=1 PG_TABLE_NATIVE=1 PROVE_LOCKING=1 SMP=1 \
	X86_64=1) \
	-I$(BUILD)/tlb/include -Itests/tlb -include tests/tlb/shim/sim.h

$(BUILD)/tlb/include: tests/tlb/tlb.mk
	@rm -rf $@
	@mkdir -p $(sort $(dir $(TLB_EMPTY:%=$@/%)))
	@touch $(TLB_EMPTY:%=$@/%)
	@ln -s $(CURDIR)/include/linux/asi.h $(CURDIR)/include/linux/pg_table.h \
		$(CURDIR)/include/linux/pg_table_types.h $@/linux
	@ln -s $(CURDIR)/arch/x86/include/asm/asi.h \
		$(CURDIR)/arch/x86/include/asm/asi_call.h \
		$(CURDIR)/arch/x86/include/asm/pg_table.h \
		$(TLB_LINUX)/arch/x86/include/asm/tlbflush.h $@/asm

$(BUILD)/tlb/test_tlb: $(wildcard tests/tlb/*.[ch] tests/tlb/shim/*.h) $(TLB_CODE:%=$(TLB_LINUX)/%) \
		include/linux/asi.h include/linux/pg_table.h arch/x86/include/asm/asi.h | $(BUILD)/tlb/include
	@echo "  CC      $(@:$(BUILD)/%=%)"
	@$(HOST_CC) $(TLB_FLAGS) -o $@ $(wildcard tests/tlb/*.c) \
		$(TLB_CODE:%=$(TLB_LINUX)/%)

tlb-test: graft ## the kernel's TLB code on simulated CPUs, which have PCIDs
	@$(MAKE) $(BUILD)/tlb/test_tlb
	$(BUILD)/tlb/test_tlb $(TLB_STEPS)

.PHONY: tlb-test

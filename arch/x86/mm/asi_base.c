// SPDX-License-Identifier: GPL-2.0
/*
 * What every allow-list context has of x86: the kernel's image, what a CPU needs
 * to take an interrupt, and its interrupt stack.
 */
#include <linux/asi.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/irq.h>
#include <linux/mm.h>
#include <linux/pg_table.h>

#include <asm/cpu_entry_area.h>
#include <asm/cpufeature.h>
#include <asm/irq_stack.h>
#include <asm/processor.h>
#include <asm/sections.h>
#include <asm/set_memory.h>
#include <asm/setup.h>

/*
 * With X86_FEATURE_INDIRECT_THUNK_ITS indirect branches of the image go by way of
 * thunks among the modules.
 */
bool asi_arch_may_allow(void)
{
#ifdef X86_FEATURE_INDIRECT_THUNK_ITS
	return !cpu_feature_enabled(X86_FEATURE_INDIRECT_THUNK_ITS);
#else
	return true;
#endif
}

/*
 * Boot maps the image by global leaves, of which the last one reaches beyond it.
 * With page-table isolation they are not global by now, or meant to be.
 */
static int __init asi_image_init(void)
{
	unsigned long start = (unsigned long)_text & PMD_MASK;
	unsigned long end = ALIGN((unsigned long)_end, PMD_SIZE);

	if (asi_is_on() && !cpu_feature_enabled(X86_FEATURE_PTI))
		set_memory_nonglobal(start, (end - start) >> PAGE_SHIFT);
	return 0;
}
early_initcall(asi_image_init);

/*
 * The image by the tables and large leaves that the kernel maps it by, but for
 * the end of its last leaf: there lies other memory.
 */
int asi_arch_map_image(struct pg_table *pgt)
{
	unsigned long start = (unsigned long)_text & PMD_MASK;
	unsigned long end = PAGE_ALIGN(_brk_end);
	unsigned long whole = end & PMD_MASK;
	int ret;

	ret = pg_table_clone(pgt, &init_mm.pgt, start, whole - start,
			     PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE,
			     GFP_KERNEL);
	if (ret || whole == end)
		return ret;
	/* Once it is there nobody changes the end. */
	ret = pg_table_clone(pgt, &init_mm.pgt, whole, end - whole,
			     PG_TABLE_COPY, GFP_KERNEL);
	return ret == -EEXIST ? 0 : ret;
}

/* The stacks of CPUs that come later are made now, so that they are known. */
static int map_irq_stack(struct pg_table *pgt, unsigned int cpu)
{
	unsigned long top;
	int ret = irq_init_percpu_irqstack(cpu);

	if (ret)
		return ret;
	top = (unsigned long)per_cpu(pcpu_hot.hardirq_stack_ptr, cpu) + 8;
	ret = pg_table_clone(pgt, &init_mm.pgt, top - IRQ_STACK_SIZE,
			     IRQ_STACK_SIZE, PG_TABLE_COPY, GFP_KERNEL);
	/* Without VMAP_STACK it is among the CPU's own data. */
	return ret == -EEXIST ? 0 : ret;
}

int asi_arch_map_base(struct pg_table *pgt)
{
	unsigned int cpu;
	int ret;

	ret = asi_arch_map_image(pgt);
	if (!ret)
		ret = pg_table_clone(pgt, &init_mm.pgt, CPU_ENTRY_AREA_BASE,
				     P4D_SIZE, PG_TABLE_SHARE, GFP_KERNEL);
	for_each_possible_cpu(cpu) {
		if (!ret)
			ret = map_irq_stack(pgt, cpu);
	}
	return ret;
}

/* The image is what it was linked of, and is not free again. */
static const struct {
	const char	*start;
	const char	*end;
} asi_image[] = {
	{ _text, _etext },
	{ __start_rodata, __end_rodata },
	{ _sdata, __init_begin },
	{ __init_end, NULL },
};

void asi_arch_show_base(struct seq_file *m,
			void (*show)(struct seq_file *m, unsigned long start,
				     unsigned long end, const char *why))
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(asi_image); i++)
		show(m, (unsigned long)asi_image[i].start & PAGE_MASK,
		     PAGE_ALIGN((unsigned long)asi_image[i].end ?: _brk_end),
		     "image");
	show(m, CPU_ENTRY_AREA_BASE,
	     CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE, "entry");
}

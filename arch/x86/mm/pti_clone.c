// SPDX-License-Identifier: GPL-2.0
/*
 * What user mode has of the kernel: clones of what it takes to come in and out.
 *
 * The table is the second page of swapper's root, which is made here and shared
 * with everybody: the second page of a process's root gets a copy of its entries
 * when the process is made. So all of them must be there before the first one is,
 * and stay.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pg_table.h>

#include <asm/cpu_entry_area.h>
#include <asm/cpufeature.h>
#include <asm/direct_map.h>
#include <asm/processor.h>
#include <asm/pti.h>
#include <asm/vsyscall.h>

static struct pg_table *user_root __ro_after_init;

static void __init create_root(void)
{
	const struct pg_table_config config = {
		.name = "pti",
		/* By the address in the direct map, where all tables lie. */
		.root = __va(__pa(kernel_to_user_pgdp(init_mm.pgt.pgd))),
		/* Boot has not made text read-only yet. */
		.flags = PG_TABLE_KERNEL_HALF | PG_TABLE_EXCLUSIVE |
			 PG_TABLE_ALLOW_WX,
	};

	user_root = pg_table_create(&config);
	if (IS_ERR(user_root))
		panic("pti: no memory for what user mode has of the kernel\n");
}

static void clone_range(unsigned long start, unsigned long size,
			enum pg_table_clone_mode mode)
{
	WARN_ON(pg_table_clone(user_root, &init_mm.pgt, start, size, mode,
			       GFP_KERNEL));
}

/* SYSCALL's entry code spills a register to the TSS, before it has a stack. */
static void __init map_tss(unsigned int cpu)
{
	void *tss = &per_cpu(cpu_tss_rw, cpu);

	WARN_ON(pg_table_map(user_root, (unsigned long)tss,
			     per_cpu_ptr_to_phys(tss), PAGE_SIZE, PAGE_KERNEL,
			     GFP_KERNEL));
}

#ifdef CONFIG_X86_VSYSCALL_EMULATION
/* In most modes it is not mapped at all. */
static void __init clone_vsyscall(void)
{
	struct pg_table_leaf leaf;

	if (pg_table_lookup(&init_mm.pgt, VSYSCALL_ADDR, &leaf))
		return;
	clone_range(VSYSCALL_ADDR, PAGE_SIZE, PG_TABLE_SHARE);
	set_vsyscall_pgtable_user_bits(kernel_to_user_pgdp(init_mm.pgt.pgd));
}
#else
static void __init clone_vsyscall(void)
{
}
#endif

/**
 * pti_clone_user_shared - make user mode's half, with all but the kernel's image
 *
 * Context: Once, early at boot, before there is a process.
 */
void __init pti_clone_user_shared(void)
{
	unsigned int cpu;

	if (cpu_feature_enabled(X86_FEATURE_FRED)) {
		pr_debug("PTI enabled, disabling FRED\n");
		setup_clear_cpu_cap(X86_FEATURE_FRED);
	}
	pg_table_init_kernel();
	create_root();
	clone_range(CPU_ENTRY_AREA_BASE, P4D_SIZE, PG_TABLE_SHARE);
	for_each_possible_cpu(cpu)
		map_tss(cpu);
	if (IS_ENABLED(CONFIG_X86_ESPFIX64))
		clone_range(ESPFIX_BASE_ADDR, P4D_SIZE, PG_TABLE_SHARE);
	clone_vsyscall();
}

/*
 * What is the same for the kernel and for user mode can stay in the TLB. Where
 * there is a table in the place of a large leaf its own leaves decide.
 */
static void set_global(unsigned long va, unsigned long end)
{
	unsigned int level;

	for (; va < end; va += PMD_SIZE) {
		if (lookup_address(va, &level) && level == PG_LEVEL_2M)
			WARN_ON(kernel_map_protect(va, PMD_SIZE,
						   __pgprot(_PAGE_GLOBAL),
						   __pgprot(0)));
	}
}

/**
 * pti_clone_image - let user mode have a part of the kernel's image
 * @start: first address
 * @end: address behind the last one
 * @late: user mode can have it already, as it was before
 *
 * It gets all of the large leaves, or of the tables in their place, in which the
 * part lies.
 *
 * Context: Process context, by one at a time. While the image does not change.
 */
void pti_clone_image(unsigned long start, unsigned long end, bool late)
{
	start = round_down(start, PMD_SIZE);
	end = round_up(end, PMD_SIZE);
	if (boot_cpu_has(X86_FEATURE_PGE))
		set_global(start, end);
	clone_range(start, end - start, late ?
		    PG_TABLE_SHARE | PG_TABLE_CLONE_REPLACE : PG_TABLE_SHARE);
}

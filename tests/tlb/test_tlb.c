// SPDX-License-Identifier: GPL-2.0
/*
 * Processes and contexts come and go on four CPUs, restricted ones too, their
 * tables and the kernel's are edited and flushed, and NMIs arrive, at random. No
 * CPU may use what is older than the last flush that returned, in any combination
 * of PCID, PTI and INVPCID.
 */
#include <linux/asi.h>
#include <linux/pg_table.h>
#include <asm/tlbflush.h>
#include <time.h>

#include "test.h"

struct mm_struct init_mm;
char _text[1];
unsigned long jiffies;
struct pg_table_format {
	const char *name;
};

const struct pg_table_format pg_table_native;

struct mm_struct mms[MMS];
struct pg_table contexts[CONTEXTS];
static struct pg_table_desc descs[CONTEXTS];
struct table tables[TABLES];
struct cpu cpus[SIM_CPUS];
const char *doing;
static unsigned long steps;
static unsigned int seed;

static void print_features(void)
{
	static const char * const names[] = {
		"pcid", "pti", "invpcid", "pge", "xen", "asi",
	};
	int i;

	for (i = 0; i < SIM_FEATURES; i++)
		printf(" %s%s", sim_features[i] ? "" : "no", names[i]);
}

void sim_fail(const char *file, int line, const char *what)
{
	printf("FAIL tlb");
	print_features();
	printf(", seed %u step %lu, CPU %d, %s: %s:%d: %s\n", seed, steps,
	       sim_cpu, doing, file, line, what);
	exit(1);
}

/* The parts of the library that the code under test calls. */
int pg_table_init(struct pg_table *pgt, const struct pg_table_config *config)
{
	return 0;
}

int pg_table_clone(struct pg_table *dst, struct pg_table *src,
		   unsigned long va, size_t size,
		   enum pg_table_clone_mode mode, gfp_t gfp)
{
	return 0;
}

unsigned int pg_table_level_shift(const struct pg_table_format *format,
				  unsigned int level)
{
	return PAGE_SHIFT + 9 * level;
}

/* Memory. */
bool test_is_kernel(unsigned long va)
{
	return va >= KERNEL_VA;
}

struct table *table_of(const struct pg_table *pgt)
{
	int i;

	for (i = 0; i < TABLES; i++) {
		if (tables[i].pgt == pgt)
			return &tables[i];
	}
	CHECK(false);
	return NULL;
}

static struct table *table_at(unsigned long root)
{
	int i;

	for (i = 0; i < TABLES; i++) {
		if (__pa(tables[i].root) == root)
			return &tables[i];
	}
	CHECK(false);
	return NULL;
}

/* Whose page it is that the table at @root has at @va; NULL if there is none. */
static struct table *owner_of(unsigned long root, unsigned long va)
{
	struct table *t = table_at(root);
	int page = (va >> PAGE_SHIFT) % PAGES;

	if (!test_is_kernel(va))
		return t->restricted || t == tables ? NULL : t;
	return t->restricted && page >= SHARED_PAGES ? t : tables;
}

u64 test_walk(const void *root, unsigned long va)
{
	struct table *t = owner_of(__pa(root), va);
	int page = (va >> PAGE_SHIFT) % PAGES;

	return !t || t->gone[page] ? 0 : t->now[page];
}

unsigned long page_va(unsigned long base, int page)
{
	/* Page numbers are taken modulo PAGES. */
	return base + (PAGES - (base >> PAGE_SHIFT) % PAGES + page) * PAGE_SIZE;
}

/* Access a page. Returns whether it is there. */
bool check_page(unsigned long va)
{
	struct table *t = owner_of(__read_cr3() & CR3_ADDR_MASK, va);
	u64 seen = sim_access(va);

	CHECK(!seen || seen >= t->flushed[(va >> PAGE_SHIFT) % PAGES]);
	return seen;
}

/* The same as code does it. Returns whether it was there at once. */
bool touch(unsigned long va)
{
	int tries;

	for (tries = 0; !check_page(va); tries++) {
		/* A page of the process is there, and the kernel looks again. */
		sim_fault(va);
		/* A handler may have been escaped to the context again. */
		CHECK(tries < 4);
	}
	return !tries;
}

/* What must hold for the CPU that runs, whatever was done before. */
static void check_loaded(void)
{
	struct cpu *cpu = &cpus[sim_cpu];
	struct pg_table *pgt = cpu_tlbstate.loaded_pgt;
	struct mm_struct *mm = pg_table_mm(pgt);
	unsigned long cr3 = __read_cr3();

	asi_check();
	if (asi_has_escaped()) {
		CHECK(cr3 == __pa(init_mm.pgt.pgd));
	} else {
		CHECK((cr3 & CR3_ADDR_MASK) == __pa(pgt->pgd));
		CHECK((cr3 & CR3_PCID_MASK) ==
		      (sim_features[X86_FEATURE_PCID] ?
		       cpu_tlbstate.loaded_mm_asid + 1 : 0));
	}
	CHECK(cpu_tlbstate.ctxs[cpu_tlbstate.loaded_mm_asid].ctx_id ==
	      pgt->arch.ctx_id);
	CHECK(pgt == &init_mm.pgt ||
	      cpumask_test_cpu(sim_cpu, pg_table_cpumask(pgt)));
	CHECK((cr3 & X86_CR3_LAM_U57) == (mm ? mm->context.lam_cr3_mask : 0));
	CHECK(!(cpu_tlbstate.cr4 & X86_CR4_PCE) ==
	      !(mm && mm->context.perf_rdpmc_allowed.counter));
	CHECK(sim_ldt == (mm ? mm->context.ldt : NULL));
	if (cpu->depth) {
		CHECK(pgt == cpu->states[cpu->depth - 1].pgt);
		CHECK(pg_table_loaded() == pgt && sim_preempt_count);
		CHECK(!nmi_uaccess_okay() && sim_dr7 == SIM_DR7_KERNEL);
	} else if (asi_cpu.curr) {
		CHECK(pg_table_loaded() == pgt && !sim_preempt_count);
		CHECK(!nmi_uaccess_okay() && sim_dr7 == SIM_DR7_KERNEL);
	} else {
		CHECK(!pg_table_loaded() && !sim_preempt_count);
		CHECK(sim_dr7 == (SIM_DR7_USER | SIM_DR7_KERNEL));
		CHECK(cpu->lazy || mm == (cpu->mm ?: &init_mm));
		CHECK(nmi_uaccess_okay() == (sim_task.mm == mm));
	}
}

static void check_access(void)
{
	struct cpu *cpu = &cpus[sim_cpu];
	struct table *t = table_of(cpu_tlbstate.loaded_pgt);
	int page = rand() % PAGES;
	u64 seen;

	check_page(page_va(KERNEL_VA, page));
	/* A speculative walk, the result of which may be out of date. */
	if (t != &tables[0] && cpu_tlbstate_shared.is_lazy)
		sim_access(page_va(USER_VA, page));
	if (t == &tables[0] || t->restricted || cpu_tlbstate_shared.is_lazy)
		return;
	CHECK(check_page(page_va(USER_VA, page)));
	if (cpu->depth)
		return;
	seen = sim_access_user(page_va(USER_VA, page));
	CHECK(seen >= t->flushed[page]);
}

/* What happens on a CPU. */
static void do_switch(struct cpu *cpu)
{
	struct mm_struct *mm = &mms[rand() % MMS];

	doing = "switch to a process";
	if (cpu->depth)
		return;
	local_irq_disable();
	asi_switch_task();
	sim_task.mm = mm;
	switch_mm_irqs_off(NULL, mm, &sim_task);
	local_irq_enable();
	cpu->mm = mm;
	cpu->lazy = false;
}

static void do_lazy(struct cpu *cpu)
{
	doing = "switch to a kernel thread";
	if (cpu->depth || !cpu->mm)
		return;
	local_irq_disable();
	/* It may also be one that gives up what it had of a process. */
	if (rand() % 2)
		asi_switch_task();
	else
		asi_leave_for_other();
	sim_task.mm = NULL;
	enter_lazy_tlb(cpu->mm, &sim_task);
	local_irq_enable();
	cpu->lazy = true;
}

static void do_idle(struct cpu *cpu)
{
	doing = "sleep";
	if (!cpu->lazy || cpu->depth)
		return;
	local_irq_disable();
	asi_switch_task();
	local_irq_enable();
	leave_mm();
	cpu->mm = NULL;
}

static void do_enter(struct cpu *cpu)
{
	struct pg_table *pgt = &contexts[rand() % CONTEXTS];

	doing = "enter";
	if (cpu->depth == DEPTH)
		return;
	CHECK(!pg_table_enter(pgt, &cpu->states[cpu->depth]));
	cpu->depth++;
	/* A lazy process was left. */
	if (cpu->lazy)
		cpu->mm = NULL;
}

static void do_exit(struct cpu *cpu)
{
	struct pg_table *prev;

	doing = "exit";
	if (!cpu->depth)
		return;
	cpu->depth--;
	prev = cpu->states[cpu->depth].prev;
	pg_table_exit(&cpu->states[cpu->depth]);
	CHECK(cpu_tlbstate.loaded_pgt == prev);
}

/* What an oops does to a task in a context. */
static void do_oops(struct cpu *cpu)
{
	doing = "oops";
	pg_table_abandon();
	if (!cpu->depth)
		return;
	cpu->depth = 0;
	sim_preempt_count = 0;
	cpu->mm = sim_task.mm;
	CHECK(cpu_tlbstate.loaded_pgt == mm_pgt(cpu->mm ?: &init_mm));
}

/* Enter, edit, exit and flush with interrupts off, as text poking does. */
static void do_poke(struct cpu *cpu)
{
	struct pg_table *pgt = &contexts[rand() % CONTEXTS];
	struct table *t = table_of(pgt);
	struct pg_table_gather gather = { .pgt = pgt, .levels = BIT(0) };
	struct pg_table_state state;
	int page = rand() % PAGES;
	bool inside = rand() % 2;

	doing = "poke";
	if (pgt->desc->cpus.bits)
		return;
	gather.first = page_va(USER_VA, page);
	gather.last = gather.first + PAGE_SIZE - 1;
	local_irq_disable();
	CHECK(!pg_table_enter(pgt, &state));
	if (cpu->lazy)
		cpu->mm = NULL;
	CHECK(sim_access(gather.first) >= t->flushed[page]);
	t->now[page]++;
	if (inside) {
		pg_table_arch_flush(pgt, &gather);
		t->flushed[page] = t->now[page];
		CHECK(sim_access(gather.first) >= t->flushed[page]);
	}
	pg_table_exit(&state);
	if (!inside)
		pg_table_arch_flush(pgt, &gather);
	t->flushed[page] = t->now[page];
	local_irq_enable();
}

/* Edit pages of a table and flush them. What a context has of its own may go. */
void edit(struct table *t, int page, int pages)
{
	unsigned long base = t == tables || t->restricted ? KERNEL_VA : USER_VA;
	unsigned long va = page_va(base, page);
	struct pg_table_gather gather = {
		.pgt = t->pgt,
		.first = va,
		.last = va + pages * PAGE_SIZE - 1,
		.levels = BIT(0),
		.tables = rand() % 2,
	};
	struct mm_struct *mm = pg_table_mm(t->pgt);
	int i;

	for (i = page; i < page + pages; i++) {
		t->now[i]++;
		t->gone[i] = t->restricted && rand() % 2;
	}
	if (t == tables)
		flush_tlb_kernel_range(va, rand() % 4 ? va + pages * PAGE_SIZE :
				       TLB_FLUSH_ALL);
	else if (!mm)
		pg_table_arch_flush(t->pgt, &gather);
	else
		flush_tlb_mm_range(mm, va, rand() % 4 ? va + pages * PAGE_SIZE :
				   TLB_FLUSH_ALL, PAGE_SHIFT, gather.tables);
	for (i = page; i < page + pages; i++)
		t->flushed[i] = t->now[i];
}

void do_edit(struct cpu *cpu)
{
	int page = rand() % PAGES;

	doing = "edit";
	edit(&tables[rand() % TABLES], page, 1 + rand() % (PAGES - page));
}

/* Several processes are edited before one flush reaches all. */
static void do_batch(struct cpu *cpu)
{
	struct arch_tlbflush_unmap_batch batch = {};
	int i, n = 1 + rand() % MMS, page = rand() % PAGES;

	doing = "batch";
	for (i = 0; i < n; i++) {
		tables[1 + i].now[page]++;
		arch_tlbbatch_add_pending(&batch, &mms[i], 0);
	}
	arch_tlbbatch_flush(&batch);
	for (i = 0; i < n; i++)
		tables[1 + i].flushed[page] = tables[1 + i].now[page];
}

/* What a process may change of itself, if it is nowhere loaded. */
static void do_settings(struct cpu *cpu)
{
	struct mm_struct *mm = &mms[rand() % MMS];
	int i;

	for (i = 0; i < SIM_CPUS; i++) {
		if (per_cpu(cpu_tlbstate.loaded_pgt, i) == &mm->pgt)
			return;
	}
	mm->context.lam_cr3_mask = rand() % 2 ? X86_CR3_LAM_U57 : 0;
	mm->context.perf_rdpmc_allowed.counter = rand() % 2;
	mm->context.ldt = rand() % 2 ? mm : NULL;
}

/* A process dies, and its memory serves the next one. */
static void do_die(struct cpu *cpu)
{
	int i = rand() % MMS, other;
	struct mm_struct *mm = &mms[i];
	int page;

	for (other = 0; other < SIM_CPUS; other++) {
		if (per_cpu(cpu_tlbstate.loaded_pgt, other) == &mm->pgt ||
		    cpus[other].mm == mm)
			return;
	}
	mm->pgt.arch.ctx_id = atomic64_inc_return(&last_mm_ctx_id);
	atomic64_set(&mm->pgt.arch.tlb_gen, 0);
	for (page = 0; page < PAGES; page++)
		tables[1 + i].flushed[page] = ++tables[1 + i].now[page];
}

static void do_plug(struct cpu *cpu)
{
	doing = "CPU hotplug";
	if (cpu_tlbstate.loaded_pgt != &init_mm.pgt || cpu->depth)
		return;
	initialize_tlbstate_and_flush();
}

static void do_nmi(struct cpu *cpu)
{
	struct pg_table *pgt;
	s64 before;

	sim_nmi_after = 0;
	pgt = pg_table_loaded();
	before = pgt ? pgt->desc->counters.nmis.counter : 0;
	pg_table_count_nmi();
	CHECK(!pgt || asi_has_context() ||
	      pgt->desc->counters.nmis.counter == before + 1);
}

void check_cpus(void)
{
	int i;

	for (i = 0; i < SIM_CPUS; i++) {
		sim_run_on(i);
		check_loaded();
		check_access();
	}
	asi_check_counts();
}

static void step(void)
{
	static void (* const things[])(struct cpu *cpu) = {
		do_switch, do_switch, do_switch, do_lazy, do_idle,
		do_enter, do_enter, do_exit, do_exit, do_poke, do_poke, do_oops,
		do_edit, do_edit, do_edit, do_batch, do_settings, do_die,
		do_plug, do_nmi, do_section, do_section, do_section, do_section,
		do_touch, do_touch, do_user, do_interrupt, do_interrupt,
	};

	sim_nmi_after = rand() % 2 ? 1 + rand() % 400 : 0;
	sim_run_on(rand() % SIM_CPUS);
	things[rand() % (sizeof(things) / sizeof(*things))](&cpus[sim_cpu]);
	jiffies++;
	doing = "check";
	check_cpus();
}

void add_table(struct table *t, struct pg_table *pgt)
{
	int page;

	memset(t, 0, sizeof(*t));
	for (page = 0; page < PAGES; page++) {
		t->now[page] = 1;
		t->flushed[page] = 1;
	}
	t->root[0].pgd = _PAGE_PRESENT;
	t->pgt = pgt;
	pgt->pgd = t->root;
	pg_table_arch_init(pgt);
}

void boot(unsigned int features)
{
	int i;

	sim_nmi_after = 0;
	sim_run_on(0);
	memset(mms, 0, sizeof(mms));
	memset(contexts, 0, sizeof(contexts));
	memset(descs, 0, sizeof(descs));
	memset(cpus, 0, sizeof(cpus));
	memset(&cpu_tlbstate, 0, sizeof(cpu_tlbstate));
	cpu_tlbstate_shared.is_lazy = false;
	sim_task.mm = NULL;
	sim_preempt_count = 0;
	sim_dr7 = SIM_DR7_USER | SIM_DR7_KERNEL;
	sim_ldt = NULL;
	for (i = 0; i < SIM_FEATURES; i++)
		sim_features[i] = features & BIT(i);

	add_table(&tables[0], &init_mm.pgt);
	for (i = 0; i < MMS; i++)
		add_table(&tables[1 + i], &mms[i].pgt);
	for (i = 0; i < CONTEXTS; i++) {
		contexts[i].desc = &descs[i];
		descs[i].format = &pg_table_native;
		add_table(&tables[1 + MMS + i], &contexts[i]);
	}
	asi_boot();
	sim_boot();
}

/* Not a choice of the CPU's: PCIDs are used with global pages only. */
static bool possible(unsigned int features)
{
	if (features & BIT(X86_FEATURE_XENPV))
		return false;
	if (!(features & BIT(X86_FEATURE_PGE)))
		return !(features & (BIT(X86_FEATURE_PCID) |
				     BIT(X86_FEATURE_INVPCID)));
	return true;
}

static void refuses_in_xen(void)
{
	struct pg_table_state state;

	doing = "refuse";
	boot(BIT(X86_FEATURE_XENPV));
	CHECK(pg_table_enter(&contexts[0], &state) == -EOPNOTSUPP);
	CHECK(pg_table_enter(&mms[0].pgt, &state) == -EPERM);
	CHECK(pg_table_enter(&init_mm.pgt, &state) == -EPERM);
	boot(0);
	tables[1 + MMS].root[0].pgd = 0;
	CHECK(pg_table_enter(&contexts[0], &state) == -EINVAL);
	cpu_tlbstate.loaded_pgt = LOADED_PGT_SWITCHING;
	CHECK(pg_table_enter(&contexts[1], &state) == -EBUSY);
	CHECK(!sim_preempt_count && !sim_irqs_off);
}

int main(int argc, char **argv)
{
	unsigned long total = argc > 1 ? strtoul(argv[1], NULL, 0) : 200000;
	unsigned int features;

	seed = argc > 2 ? strtoul(argv[2], NULL, 0) : time(NULL);
	/* A crash shall show how far it came. */
	setlinebuf(stdout);
	printf("tlb: seed %u\n", seed);
	srand(seed);
	refuses_in_xen();
	for (features = 0; features < BIT(SIM_FEATURES); features++) {
		if (!possible(features))
			continue;
		if (features & BIT(SIM_FEATURE_ASI))
			asi_tests(features);
		boot(features);
		for (steps = 0; steps < total; steps++)
			step();
		printf("PASS tlb");
		print_features();
		printf(", %lu steps\n", total);
	}
	asi_tests_print();
	return 0;
}

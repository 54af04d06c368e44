// SPDX-License-Identifier: GPL-2.0
/*
 * Restricted contexts on CPUs that have PCIDs: entered, left, escaped from, while
 * flushes and NMIs arrive. Nobody may use what is older than the last flush that
 * returned: not a section, not the process afterwards, not who escaped.
 *
 * All happens on CPU 0, while CPU 1 edits and flushes.
 */
#include <linux/asi.h>
#include <linux/pg_table.h>
#include <asm/asi_call.h>
#include <asm/tlbflush.h>

#include "test.h"

/* What CPU 1 edits is a set of these. */
enum {
	EDIT_CONTEXT	= BIT(0),
	EDIT_KERNEL	= BIT(1),
	EDIT_SHARED	= BIT(2),
	EDIT_PROCESS	= BIT(3),
	EDITS		= 16,
};

static struct asi *asi;
static unsigned int edits;

static void edit_all(struct cpu *cpu)
{
	if (edits & EDIT_CONTEXT)
		edit(table_of(asi->pgt), SHARED_PAGES, 1);
	if (edits & EDIT_KERNEL)
		edit(&tables[0], SHARED_PAGES, PAGES - SHARED_PAGES);
	if (edits & EDIT_SHARED)
		edit(&tables[0], 0, SHARED_PAGES);
	if (edits & EDIT_PROCESS)
		edit(&tables[1], 0, PAGES);
}

/* Access what is there, on pain of what is older than its flush. */
static void use(unsigned long base)
{
	int page;

	for (page = 0; page < PAGES; page++)
		check_page(page_va(base, page));
}

static void use_escaped(void *info)
{
	touch(page_va(KERNEL_VA, ABSENT));
	use(KERNEL_VA);
}

/* The same by all who can on this CPU. Ends with the process loaded. */
static void use_all(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		CHECK(!asi_enter(asi));
		use(KERNEL_VA);
		sim_interrupt(use_escaped, NULL);
		use(KERNEL_VA);
		CHECK(asi_relax());
		if (i)
			sim_return_to_user();
		touch(page_va(USER_VA, 0));
		CHECK(!asi_is_inside());
		use(USER_VA);
		use(KERNEL_VA);
	}
	sim_return_to_user();
	local_irq_disable();
	switch_mm_irqs_off(NULL, &mms[1], current);
	use(KERNEL_VA);
	switch_mm_irqs_off(NULL, &mms[0], current);
	local_irq_enable();
	for (i = 0; i < PAGES; i++)
		CHECK(sim_access_user(page_va(USER_VA, i)) >=
		      tables[1].flushed[i]);
}

static void run_process(void)
{
	local_irq_disable();
	sim_task.mm = &mms[0];
	switch_mm_irqs_off(NULL, &mms[0], current);
	local_irq_enable();
}

/* As kthread_unuse_mm(). */
static void keep_process_lazily(void)
{
	local_irq_disable();
	asi_leave_for_other();
	sim_task.mm = NULL;
	enter_lazy_tlb(&mms[0], current);
	local_irq_enable();
}

static void prepare(unsigned int features)
{
	int cpu;

	boot(features);
	for (cpu = 1; cpu >= 0; cpu--) {
		sim_run_on(cpu);
		cpus[cpu].mm = &mms[0];
		run_process();
	}
	use_all();
}

static void edit_elsewhere(void)
{
	sim_run_on(1);
	edit_all(NULL);
	sim_run_on(0);
	use(KERNEL_VA);
}

static void begin(void)
{
	CHECK(!asi_enter(asi));
	use(KERNEL_VA);
}

static void flushes_reach_a_section(void)
{
	begin();
	edit_elsewhere();
	CHECK(asi_is_inside() && asi_relax());
}

static void flushes_reach_a_context_after_its_section(void)
{
	begin();
	CHECK(asi_relax() && asi_is_inside());
	edit_elsewhere();
	CHECK(asi_is_inside());
}

static void edit_in_escape(void *info)
{
	touch(page_va(KERNEL_VA, ABSENT));
	CHECK(asi_has_escaped() && !asi_is_inside());
	local_irq_enable();
	edit_elsewhere();
	local_irq_disable();
	CHECK(asi_has_escaped() && !asi_is_inside());
}

static void flushes_reach_a_context_that_an_interrupt_escaped_from(void)
{
	begin();
	sim_interrupt(edit_in_escape, NULL);
	CHECK(asi_is_inside());
	use(KERNEL_VA);
	CHECK(asi_relax());
}

static void flushes_reach_a_context_whose_ipi_escapes(void)
{
	begin();
	handlers_escape = true;
	edit_elsewhere();
	handlers_escape = false;
	CHECK(asi_is_inside() && asi_relax());
}

static void flushes_reach_a_section_that_was_lost_with_interrupts_off(void)
{
	begin();
	local_irq_disable();
	touch(page_va(KERNEL_VA, ABSENT));
	CHECK(asi_has_escaped() && asi_cpu.curr);
	use(KERNEL_VA);
	local_irq_enable();
	edit_elsewhere();
	CHECK(!asi_relax() && !asi_cpu.curr);
	use(KERNEL_VA);
	use(USER_VA);
}

static void user_memory_is_reached_after_an_escape_with_interrupts_off(void)
{
	begin();
	CHECK(asi_relax());
	local_irq_disable();
	touch(page_va(KERNEL_VA, ABSENT));
	CHECK(asi_has_escaped());
	local_irq_enable();
	edit_elsewhere();
	touch(page_va(USER_VA, 0));
	CHECK(!asi_cpu.curr);
	use(KERNEL_VA);
	use(USER_VA);
}

static void enter_in_escape(void *info)
{
	edit_in_escape(NULL);
	enter_and_exit();
	CHECK(asi_is_inside());
	use(KERNEL_VA);
	edit_in_escape(NULL);
}

static void interrupts_may_load_other_contexts(void)
{
	begin();
	sim_interrupt(enter_in_escape, NULL);
	CHECK(asi_is_inside());
	use(KERNEL_VA);
	CHECK(asi_relax());
}

static void the_switch_may_be_traced(void)
{
	tracing = true;
	begin();
	CHECK(asi_is_inside());
	edit_elsewhere();
	CHECK(asi_relax());
	asi_exit();
	CHECK(!asi_cpu.curr);
	tracing = false;
}

static void a_lazy_process_does_not_hide_a_context(void)
{
	begin();
	CHECK(asi_relax());
	keep_process_lazily();
	begin();
	edit_elsewhere();
	CHECK(asi_relax());
	sim_return_to_user();
	run_process();
}

/* What an NMI may interrupt anywhere: nobody is the wiser. */
static void section_under_nmi(void)
{
	begin();
	CHECK(asi_is_inside());
	CHECK(asi_relax());
	begin();
	CHECK(asi_relax());
	CHECK(!asi->class->counters->faults);
}

static void exit_under_nmi(void)
{
	begin();
	asi_exit();
	CHECK(!asi_cpu.curr);
	CHECK(!asi_relax());
	CHECK(!asi->class->counters->faults);
}

static void touch_under_nmi(void)
{
	begin();
	touch(page_va(KERNEL_VA, ABSENT));
	CHECK(!asi_relax());
	begin();
	local_irq_disable();
	touch(page_va(KERNEL_VA, ABSENT));
	local_irq_enable();
	CHECK(!asi_relax());
	CHECK(asi->class->counters->faults == 2);
}

static void interrupt_under_nmi(void)
{
	begin();
	sim_interrupt(use_escaped, NULL);
	use(KERNEL_VA);
	CHECK(asi_relax());
}

static void lazy_under_nmi(void)
{
	keep_process_lazily();
	edit_elsewhere();
	run_process();
	sim_return_to_user();
	use(USER_VA);
}

static void other_under_nmi(void)
{
	begin();
	CHECK(asi_relax());
	/* It may be this one's slot that is the next to be given away. */
	cpu_tlbstate.next_asid = 1 + rand() % TLB_NR_DYN_ASIDS;
	enter_and_exit();
	CHECK(!asi_cpu.curr);
	begin();
	CHECK(asi_relax());
	sim_return_to_user();
	CHECK(!asi_cpu.curr);
	begin();
	CHECK(asi_relax());
	local_irq_disable();
	asi_switch_task();
	local_irq_enable();
	CHECK(!asi_cpu.curr);
}

static long use_in_call(void *arg)
{
	use(KERNEL_VA);
	return 1;
}

static long exit_in_call(void *arg)
{
	asi_exit();
	return 1;
}

static long violate_in_call(void *arg)
{
	touch(page_va(KERNEL_VA, ABSENT));
	return 1;
}

static void call_under_nmi(void)
{
	struct asi *strict = &asis[ASIS - 1];
	long result = 0;

	CHECK(!asi_call(strict, use_in_call, NULL, &result) && result);
	CHECK(!asi_call(strict, exit_in_call, NULL, &result));
	CHECK(!strict->class->counters->violations);
	CHECK(asi_call(strict, violate_in_call, NULL, &result) == -EFAULT);
	CHECK(strict->class->counters->violations == 1);
}

static void each_nmi(unsigned int features, void (*fn)(void))
{
	unsigned long n = 0;

	do {
		prepare(features);
		asi_reset_counters();
		nmis = 0;
		nmi_enters = n % 2;
		sim_nmi_after = 1 + n / 2;
		fn();
		sim_nmi_after = 0;
		n++;
		edits = EDITS - 1;
		edit_elsewhere();
		use_all();
		check_cpus();
	} while (nmis);
}

static const struct {
	const char *name;
	void (*fn)(void);
	bool nmi;
} asi_list[] = {
#define ASI_TEST(fn)		{ #fn, fn }
#define ASI_NMI_TEST(name, fn)	{ #name, fn, true }
	ASI_TEST(flushes_reach_a_section),
	ASI_TEST(flushes_reach_a_context_after_its_section),
	ASI_TEST(flushes_reach_a_context_that_an_interrupt_escaped_from),
	ASI_TEST(flushes_reach_a_context_whose_ipi_escapes),
	ASI_TEST(flushes_reach_a_section_that_was_lost_with_interrupts_off),
	ASI_TEST(user_memory_is_reached_after_an_escape_with_interrupts_off),
	ASI_TEST(interrupts_may_load_other_contexts),
	ASI_TEST(the_switch_may_be_traced),
	ASI_TEST(a_lazy_process_does_not_hide_a_context),
	ASI_NMI_TEST(nmis_may_disturb_a_section, section_under_nmi),
	ASI_NMI_TEST(nmis_may_disturb_an_exit, exit_under_nmi),
	ASI_NMI_TEST(nmis_may_disturb_an_escape, touch_under_nmi),
	ASI_NMI_TEST(nmis_may_disturb_the_escape_of_an_interrupt,
		     interrupt_under_nmi),
	ASI_NMI_TEST(nmis_may_disturb_whoever_leaves, other_under_nmi),
	ASI_NMI_TEST(nmis_may_disturb_a_lazy_cpu, lazy_under_nmi),
	ASI_NMI_TEST(nmis_commit_no_violation, call_under_nmi),
};

#define ASI_TESTS	(sizeof(asi_list) / sizeof(*asi_list))

static void asi_test(unsigned int features, int test)
{
	doing = asi_list[test].name;
	for (asi = asis; asi <= asis + 2; asi += 2) {
		if (asi_list[test].nmi) {
			each_nmi(features, asi_list[test].fn);
			continue;
		}
		for (edits = 1; edits < EDITS; edits++) {
			prepare(features);
			asi_list[test].fn();
			use_all();
			check_cpus();
			sim_run_on(0);
		}
	}
}

void asi_tests(unsigned int features)
{
	unsigned int test;

	for (test = 0; test < ASI_TESTS; test++)
		asi_test(features, test);
}

void asi_tests_print(void)
{
	unsigned int test;

	for (test = 0; test < ASI_TESTS; test++)
		printf("PASS tlb %s\n", asi_list[test].name);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Restricted contexts: which there are, what handlers and NMIs do in them, and
 * what happens at random.
 */
#include <linux/asi.h>
#include <linux/pg_table.h>
#include <asm/asi_call.h>
#include <asm/tlbflush.h>

#include "test.h"

DEFINE_ASI_CLASS(deny, "deny", .policy = ASI_DENY);

DEFINE_ASI_CLASS(allow, "allow", .policy = ASI_ALLOW);

DEFINE_ASI_CLASS(strict, "strict", .policy = ASI_ALLOW, .strict = true);

/* The first two share their table, as all do that lack a few things only. */
struct asi asis[ASIS] = {
	{ .class = &deny }, { .class = &deny },
	{ .class = &allow }, { .class = &strict },
};

static struct pg_table asi_pgts[ASI_TABLES];
static struct pg_table_desc asi_descs[ASI_TABLES];
static struct table * const asi_tables = &tables[1 + MMS + CONTEXTS];

bool tracing;
bool nmi_enters;
bool random_handlers;
bool handlers_escape;
int nmis;

/* Those of this CPU. */
void asi_reset_counters(void)
{
	int i;

	for (i = 0; i < ASIS; i++)
		memset(asis[i].class->counters, 0, sizeof(struct asi_counters));
}

void asi_boot(void)
{
	int i;

	memset(&asi_cpu, 0, sizeof(asi_cpu) - sizeof(asi_cpu.return_notifier));
	asi_reset_counters();
	memset(asi_pgts, 0, sizeof(asi_pgts));
	memset(asi_descs, 0, sizeof(asi_descs));
	asi_key = sim_features[SIM_FEATURE_ASI];
	tracing = false;
	nmi_enters = false;
	random_handlers = false;
	handlers_escape = false;
	for (i = 0; i < ASI_TABLES; i++) {
		asi_descs[i].format = &pg_table_native;
		asi_pgts[i].desc = &asi_descs[i];
		add_table(&asi_tables[i], &asi_pgts[i]);
		asi_tables[i].restricted = true;
		asi_tables[i].gone[ABSENT] = true;
	}
	for (i = 0; i < ASIS; i++) {
		asis[i].pgt = &asi_pgts[i ? i - 1 : 0];
		asis[i].task = current;
	}
}

/* A CPU that rests. */
void asi_check(void)
{
	struct asi *asi = asi_cpu.curr;
	struct cpu *cpu = &cpus[sim_cpu];

	CHECK(!asi_cpu.depth && !asi_cpu.section && !asi_cpu.target);
	CHECK(asi_cpu.root == (asi ? __pa(asi->pgt->pgd) : 0));
	if (!asi) {
		CHECK(!asi_cpu.escape);
		return;
	}
	CHECK(!cpu->depth && cpu_tlbstate.loaded_pgt == asi->pgt);
	CHECK(asi_cpu.prev == mm_pgt(cpu->mm ?: &init_mm));
	CHECK(asi_cpu.returns);
}

/* Each table knows how many CPUs have it loaded. */
void asi_check_counts(void)
{
	int loaded, i, cpu;

	for (i = 0; i < ASI_TABLES; i++) {
		loaded = 0;
		for (cpu = 0; cpu < SIM_CPUS; cpu++)
			loaded += per_cpu(cpu_tlbstate.loaded_pgt, cpu) ==
				  &asi_pgts[i];
		CHECK(asi_descs[i].loaded.counter == loaded);
	}
}

static unsigned long random_page(void)
{
	return page_va(KERNEL_VA, rand() % PAGES);
}

/* A trace of the user's stack: what is not there right now is left out. */
static void trace_user(void)
{
	unsigned long va = page_va(USER_VA, 0);
	int tries;

	if (!sim_task.mm || sim_in_nmi || sim_in_irq)
		return;
	for (tries = 0; !check_page(va) && sim_fault(va); tries++)
		CHECK(tries < 4);
}

void sim_trace(void)
{
	if (!tracing)
		return;
	touch(page_va(KERNEL_VA, ABSENT));
	trace_user();
}

void test_handler(void)
{
	if (random_handlers && rand() % 2)
		touch(random_page());
	if (handlers_escape)
		touch(page_va(KERNEL_VA, ABSENT));
}

/* Load another context for a moment. */
void enter_and_exit(void)
{
	struct pg_table *pgt = &contexts[rand() % CONTEXTS];
	struct pg_table_state state;
	int ret = pg_table_enter(pgt, &state);

	CHECK(!ret || (ret == -EBUSY && in_nmi()));
	if (ret)
		return;
	/* A lazy process is left. */
	if (cpus[sim_cpu].lazy)
		cpus[sim_cpu].mm = NULL;
	CHECK(touch(random_page()));
	pg_table_exit(&state);
}

void test_nmi(void)
{
	nmis++;
	touch(page_va(KERNEL_VA, 0));
	touch(random_handlers ? random_page() : page_va(KERNEL_VA, ABSENT));
	if (!nmi_enters)
		return;
	enter_and_exit();
	touch(page_va(KERNEL_VA, ABSENT));
}

/* Another CPU edits something. This one must be able to hear of it. */
static void elsewhere(void (*fn)(struct cpu *cpu))
{
	int here = sim_cpu;

	sim_run_on((here + 1 + rand() % (SIM_CPUS - 1)) % SIM_CPUS);
	fn(&cpus[sim_cpu]);
	sim_run_on(here);
}

/*
 * A handler at random: it may touch what is absent, load another context, and
 * have interrupts on for a while.
 */
static void random_handler(void *info)
{
	if (rand() % 2)
		touch(random_page());
	if (rand() % 4 == 0)
		enter_and_exit();
	if (rand() % 2) {
		local_irq_enable();
		elsewhere(do_edit);
		if (rand() % 2)
			touch(random_page());
		if (rand() % 2)
			elsewhere(do_edit);
		if (rand() % 4 == 0)
			sim_interrupt(random_handler, NULL);
		CHECK(!asi_is_on() || asi_enter(&asis[0]) == -EBUSY);
		local_irq_disable();
	}
	touch(random_page());
}

void do_interrupt(struct cpu *cpu)
{
	doing = "interrupt";
	random_handlers = true;
	sim_interrupt(random_handler, NULL);
}

/* The kernel touches memory of the process that it runs for, and others. */
void do_touch(struct cpu *cpu)
{
	int n;

	doing = "touch";
	for (n = rand() % 4; n; n--) {
		sim_irqs_off = rand() % 2;
		touch(random_page());
		sim_irqs_off = false;
		if (rand() % 2 && !cpu->depth && sim_task.mm)
			touch(page_va(USER_VA, rand() % PAGES));
	}
}

void do_user(struct cpu *cpu)
{
	int page = rand() % PAGES;

	doing = "return to user mode";
	if (cpu->depth || !sim_task.mm)
		return;
	sim_return_to_user();
	CHECK(!asi_cpu.curr && !asi_cpu.returns);
	CHECK(sim_access_user(page_va(USER_VA, page)) >=
	      table_of(mm_pgt(sim_task.mm))->flushed[page]);
}

/* What a section does at random. */
struct section {
	bool	lost;
	bool	dead;
};

static long random_section(void *arg)
{
	struct section *section = arg;
	int n;

	for (n = rand() % 8; n; n--) {
		switch (rand() % 8) {
		case 0:
			CHECK(section->lost || asi_is_inside());
			touch(page_va(KERNEL_VA, rand() % SHARED_PAGES));
			break;
		case 1:
			/* Does not come back from a violation. */
			if (!touch(random_page()))
				section->lost = true;
			break;
		case 2:
			sim_irqs_off = !sim_irqs_off;
			break;
		case 3:
			if (!sim_irqs_off)
				sim_interrupt(random_handler, NULL);
			break;
		case 4:
		case 5:
			if (!sim_irqs_off)
				elsewhere(do_edit);
			break;
		case 6:
			CHECK(asi_enter(&asis[rand() % ASIS]) == -EBUSY);
			if (rand() % 4)
				break;
			asi_exit();
			section->lost = true;
			break;
		case 7:
			if (rand() % 16 || asi_cpu.class->strict)
				break;
			pg_table_abandon();
			section->dead = true;
			return 0;
		}
	}
	return 1;
}

static bool is_used_elsewhere(struct asi *asi)
{
	int cpu;

	for (cpu = 0; cpu < SIM_CPUS; cpu++) {
		if (cpu != sim_cpu && per_cpu(asi_cpu.curr, cpu) == asi)
			return true;
	}
	return false;
}

/* In a strict context, from where it may be thrown. */
static void call_section(struct asi *asi)
{
	unsigned long violations = strict_counters.violations;
	struct section section = { };
	long result = 0;
	int ret = asi_call(asi, random_section, &section, &result);

	CHECK(ret == (strict_counters.violations == violations ? 0 : -EFAULT));
	CHECK(ret || result == 1);
}

static void run_section(struct asi *asi)
{
	struct section section = { };

	CHECK(!asi_enter(asi));
	CHECK(asi_is_inside());
	random_section(&section);
	if (section.dead)
		sim_preempt_count = 0;
	else
		CHECK(asi_relax() == !section.lost);
}

void do_section(struct cpu *cpu)
{
	struct asi *asi = &asis[rand() % ASIS];

	doing = "section";
	random_handlers = true;
	tracing = rand() % 4 == 0;
	if (!asi_is_on() || cpu->depth) {
		CHECK(asi_enter(asi) == (asi_is_on() ? -EBUSY : -EOPNOTSUPP));
	} else if (!is_used_elsewhere(asi)) {
		/* A lazy process is left. */
		if (cpu->lazy)
			cpu->mm = NULL;
		sim_irqs_off = rand() % 4 == 0;
		if (asi->class->strict)
			call_section(asi);
		else
			run_section(asi);
		sim_irqs_off = false;
	}
	tracing = false;
}

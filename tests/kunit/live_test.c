// SPDX-License-Identifier: GPL-2.0
/*
 * Tests on the running CPU: contexts that are loaded, and what the native
 * format writes.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/efi.h>
#include <linux/gfp.h>
#include <linux/hw_breakpoint.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/pg_table_sim.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>
#include <asm/special_insns.h>
#include <trace/events/pg_table.h>

#include "../internal.h"

/* In the user half, where a kernel thread has nothing. */
#define LIVE_VA		BIT(32)
#define LIVE_VALUE	0x5eed5eed5eed5eedUL

/**
 * struct live - what each test starts from
 * @pgt: a context that follows the kernel's half
 * @page: a page to map
 * @word: the page's first word, as the kernel sees it
 * @rw: writable
 * @ro: not writable
 */
struct live {
	struct pg_table	*pgt;
	struct page	*page;
	unsigned long	*word;
	pgprot_t	rw;
	pgprot_t	ro;
};

static struct pg_table *live_create(struct kunit *test, const char *name)
{
	const struct pg_table_config config = { .name = name };
	struct pg_table *pgt = pg_table_create(&config);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pgt);
	KUNIT_ASSERT_EQ(test, pg_table_follow_kernel(pgt), 0);
	return pgt;
}

static int live_init(struct kunit *test)
{
	struct live *live = kunit_kzalloc(test, sizeof(*live), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, live);
	live->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, live->page);
	live->word = page_address(live->page);
	live->rw = pg_table_prot(&pg_table_native,
				 PG_TABLE_READ | PG_TABLE_WRITE);
	live->ro = pg_table_prot(&pg_table_native, PG_TABLE_READ);
	test->priv = live;
	live->pgt = live_create(test, "kunit");
	return 0;
}

static void live_exit(struct kunit *test)
{
	struct live *live = test->priv;

	if (!live || !live->pgt)
		return;
	KUNIT_EXPECT_EQ(test, pg_table_verify(live->pgt), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(live->pgt), 0);
	__free_page(live->page);
}

static void live_map(struct kunit *test, pgprot_t prot)
{
	struct live *live = test->priv;

	KUNIT_ASSERT_EQ(test, pg_table_map(live->pgt, LIVE_VA,
					   page_to_phys(live->page), PAGE_SIZE,
					   prot, GFP_KERNEL), 0);
}

/* Load and store with an exception-table entry: -EFAULT if they fault. */
static noinline int try_load(unsigned long *value)
{
	int ret;

	pagefault_disable();
	ret = __get_user(*value, (unsigned long __user *)LIVE_VA);
	pagefault_enable();
	return ret;
}

static noinline int try_store(unsigned long value)
{
	int ret;

	pagefault_disable();
	ret = __put_user(value, (unsigned long __user *)LIVE_VA);
	pagefault_enable();
	return ret;
}

static void write_through_the_mapping_arrives(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_state state;
	unsigned long seen = 0;
	int ret;

	live_map(test, live->rw);
	*live->word = 1;
	ret = pg_table_enter(live->pgt, &state);
	if (!ret) {
		seen = READ_ONCE(*(unsigned long *)LIVE_VA);
		WRITE_ONCE(*(unsigned long *)LIVE_VA, LIVE_VALUE);
		pg_table_exit(&state);
	}
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, seen, 1);
	KUNIT_EXPECT_EQ(test, *live->word, LIVE_VALUE);
}

static void mapping_faults_outside(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_state state;
	unsigned long value;
	int before, inside, after;

	live_map(test, live->rw);
	before = try_load(&value);
	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &state), 0);
	inside = try_load(&value);
	pg_table_exit(&state);
	after = try_load(&value);
	KUNIT_EXPECT_EQ(test, before, -EFAULT);
	KUNIT_EXPECT_EQ(test, inside, 0);
	KUNIT_EXPECT_EQ(test, after, -EFAULT);
}

static void read_only_mapping_refuses_a_write(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_state state;
	unsigned long value = 0;
	int load, store;

	live_map(test, live->ro);
	*live->word = LIVE_VALUE;
	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &state), 0);
	load = try_load(&value);
	store = try_store(0);
	pg_table_exit(&state);
	KUNIT_EXPECT_EQ(test, load, 0);
	KUNIT_EXPECT_EQ(test, value, LIVE_VALUE);
	KUNIT_EXPECT_EQ(test, store, -EFAULT);
	KUNIT_EXPECT_EQ(test, *live->word, LIVE_VALUE);
}

static void protect_takes_effect_while_loaded(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_state state;
	int before, protect, after;

	live_map(test, live->rw);
	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &state), 0);
	before = try_store(1);
	protect = pg_table_protect(live->pgt, LIVE_VA, PAGE_SIZE, live->ro,
				   PG_TABLE_PROT_ALL, 0);
	after = try_store(2);
	pg_table_exit(&state);
	KUNIT_EXPECT_EQ(test, before, 0);
	KUNIT_EXPECT_EQ(test, protect, 0);
	KUNIT_EXPECT_EQ(test, after, -EFAULT);
	KUNIT_EXPECT_EQ(test, *live->word, 1);
}

static void unmapped_page_faults_while_loaded(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_state state;
	unsigned long value;
	int before, unmap, after;

	live_map(test, live->rw);
	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &state), 0);
	before = try_load(&value);
	unmap = pg_table_unmap(live->pgt, LIVE_VA, PAGE_SIZE, 0);
	after = try_load(&value);
	pg_table_exit(&state);
	KUNIT_EXPECT_EQ(test, before, 0);
	KUNIT_EXPECT_EQ(test, unmap, 0);
	KUNIT_EXPECT_EQ(test, after, -EFAULT);
}

static void seal_holds_for_a_context(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_state state;
	unsigned long value;

	live_map(test, live->rw);
	KUNIT_EXPECT_EQ(test, pg_table_seal(live->pgt), 0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(live->pgt, LIVE_VA, PAGE_SIZE,
					     GFP_KERNEL), -EPERM);
	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &state), 0);
	KUNIT_EXPECT_EQ(test, try_load(&value), 0);
	pg_table_exit(&state);
}

static void loaded_context_is_not_destroyed(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_state state;
	int ret;

	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &state), 0);
	ret = pg_table_destroy(live->pgt);
	pg_table_exit(&state);
	KUNIT_EXPECT_EQ(test, ret, -EBUSY);
	live_map(test, live->rw);
}

static void exit_restores_what_was_loaded(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table *other = live_create(test, "kunit-inner");
	struct pg_table_state outer, inner;
	unsigned long cr3[5], value;
	int hidden, back;

	live_map(test, live->rw);
	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &outer), 0);
	cr3[1] = read_cr3_pa();
	KUNIT_EXPECT_EQ(test, pg_table_enter(other, &inner), 0);
	cr3[2] = read_cr3_pa();
	hidden = try_load(&value);
	pg_table_exit(&inner);
	cr3[3] = read_cr3_pa();
	back = try_load(&value);
	pg_table_exit(&outer);
	KUNIT_EXPECT_EQ(test, cr3[1], __pa(live->pgt->pgd));
	KUNIT_EXPECT_EQ(test, cr3[2], __pa(other->pgd));
	KUNIT_EXPECT_EQ(test, cr3[3], __pa(live->pgt->pgd));
	KUNIT_EXPECT_EQ(test, hidden, -EFAULT);
	KUNIT_EXPECT_EQ(test, back, 0);
	KUNIT_EXPECT_NULL(test, pg_table_loaded());
	KUNIT_EXPECT_EQ(test, pg_table_destroy(other), 0);
}

static void tables_that_are_no_contexts_are_not_entered(struct kunit *test)
{
	const struct pg_table_config config = { .name = "kunit-empty" };
	struct pg_table *empty = pg_table_create(&config);
	struct pg_table process = { .pgd = init_mm.pgt.pgd };
	struct pg_table_state state;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, empty);
	KUNIT_EXPECT_EQ(test, pg_table_enter(empty, &state), -EINVAL);
	KUNIT_EXPECT_EQ(test, pg_table_enter(&init_mm.pgt, &state), -EPERM);
	KUNIT_EXPECT_EQ(test, pg_table_enter(&process, &state), -EPERM);
	KUNIT_EXPECT_FALSE(test, preempt_count());
	KUNIT_EXPECT_EQ(test, pg_table_destroy(empty), 0);
}

/* What the workers of the next test share. */
static struct live *visited;
static atomic_t visits, wrong_visits;

static void visit(struct work_struct *work)
{
	struct pg_table_state state;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		unsigned long value = 0;

		if (pg_table_enter(visited->pgt, &state)) {
			atomic_inc(&wrong_visits);
			return;
		}
		if (try_load(&value) || value != LIVE_VALUE)
			atomic_inc(&wrong_visits);
		pg_table_exit(&state);
		atomic_inc(&visits);
		if (!try_load(&value))
			atomic_inc(&wrong_visits);
		cond_resched();
	}
}

static void all_cpus_enter_at_once(struct kunit *test)
{
	struct live *live = test->priv;
	long enters;

	live_map(test, live->ro);
	*live->word = LIVE_VALUE;
	visited = live;
	atomic_set(&visits, 0);
	atomic_set(&wrong_visits, 0);
	enters = atomic_long_read(&live->pgt->desc->counters.enters);
	KUNIT_ASSERT_EQ(test, schedule_on_each_cpu(visit), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&wrong_visits), 0);
	KUNIT_EXPECT_GE(test, atomic_read(&visits), 1000);
	KUNIT_EXPECT_EQ(test, atomic_read(&visits),
			atomic_long_read(&live->pgt->desc->counters.enters) -
			enters);
	KUNIT_EXPECT_EQ(test, atomic_read(&live->pgt->desc->loaded), 0);
}

/**
 * struct dweller - a thread that stays in a context on another CPU
 * @pgt: the context
 * @inside: completed when it is there
 * @leave: it may look once more and leave
 * @before: result of its first load
 * @after: result of its last load
 */
struct dweller {
	struct pg_table		*pgt;
	struct completion	inside;
	bool			leave;
	int			before;
	int			after;
};

static int dwell(void *arg)
{
	struct dweller *d = arg;
	struct pg_table_state state;
	unsigned long value;

	if (pg_table_enter(d->pgt, &state))
		return -EBUSY;
	d->before = try_load(&value);
	complete(&d->inside);
	while (!READ_ONCE(d->leave))
		cpu_relax();
	d->after = try_load(&value);
	pg_table_exit(&state);
	return 0;
}

/* Returns when a thread on CPU @cpu is in the context, or fails the test. */
static struct task_struct *send_dweller(struct kunit *test, struct dweller *d,
					unsigned int cpu)
{
	struct task_struct *task;

	init_completion(&d->inside);
	task = kthread_create_on_cpu(dwell, d, cpu, "pg_table/%u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	wake_up_process(task);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&d->inside, 10 * HZ),
			0);
	return task;
}

static unsigned int another_cpu(void)
{
	return cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
}

static void unmap_reaches_other_cpus(struct kunit *test)
{
	struct live *live = test->priv;
	struct dweller d = { .pgt = live->pgt };
	struct task_struct *task;
	unsigned int cpu;
	int busy, unmap;

	live_map(test, live->rw);
	migrate_disable();
	cpu = another_cpu();
	if (cpu >= nr_cpu_ids) {
		migrate_enable();
		kunit_skip(test, "one CPU only");
	}
	task = send_dweller(test, &d, cpu);
	busy = pg_table_destroy(live->pgt);
	unmap = pg_table_unmap(live->pgt, LIVE_VA, PAGE_SIZE, 0);
	WRITE_ONCE(d.leave, true);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, kthread_stop_put(task), 0);
	KUNIT_EXPECT_EQ(test, busy, -EBUSY);
	KUNIT_EXPECT_EQ(test, unmap, 0);
	KUNIT_EXPECT_EQ(test, d.before, 0);
	KUNIT_EXPECT_EQ(test, d.after, -EFAULT);
}

/* Table pages in the whole system, including what CPUs have not added yet. */
static long table_pages(void)
{
	struct pglist_data *node;
	long pages = 0;
	int cpu;

	for_each_online_pgdat(node) {
		pages += node_page_state_pages(node, NR_PAGETABLE);
		for_each_online_cpu(cpu)
			pages += per_cpu_ptr(node->per_cpu_nodestats, cpu)
				->vm_node_stat_diff[NR_PAGETABLE];
	}
	return pages;
}

/* By how much the count of table pages changes around @tables tables. */
static void count_tables(struct kunit *test, unsigned long tables, long *made,
			 long *left)
{
	struct live *live = test->priv;
	struct pg_table *pgt = live_create(test, "kunit-count");
	unsigned long i;
	long before;

	rcu_barrier();
	before = table_pages();
	for (i = 0; i < tables; i++)
		KUNIT_ASSERT_EQ(test, pg_table_map(pgt,
						   LIVE_VA + i * PMD_SIZE,
						   page_to_phys(live->page),
						   PAGE_SIZE, live->ro,
						   GFP_KERNEL), 0);
	*made = table_pages() - before;
	KUNIT_EXPECT_GE(test, atomic_long_read(&pgt->pgtables_bytes),
			tables * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(pgt, LIVE_VA, tables * PMD_SIZE,
					     0), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&pgt->pgtables_bytes), 0);
	rcu_barrier();
	*left = table_pages() - before;
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
}

static void table_pages_are_accounted(struct kunit *test)
{
	const unsigned long tables = 512;
	unsigned int tries = 10;
	long made, left;

	/* Processes that come and go meanwhile have tables, too. */
	do {
		count_tables(test, tables, &made, &left);
	} while (left && --tries);
	KUNIT_EXPECT_GE(test, made, tables);
	KUNIT_EXPECT_EQ(test, left, 0);
}

/**
 * struct twin - a native table and one of the raw format of the same CPU
 * @native: the native one
 * @raw: the raw one
 * @sim: where the raw one lives
 * @entries: how many entries were compared
 */
struct twin {
	struct pg_table		*native;
	struct pg_table		*raw;
	struct pg_table_sim	*sim;
	unsigned int		entries;
};

/* User mode never runs in a native table: its tables do not let it in. */
static bool same_entry(u64 native, u64 raw, bool table)
{
	if (!table)
		return native == raw;
	return (native & ~PTE_PFN_MASK) == (raw & ~PTE_PFN_MASK & ~_PAGE_USER);
}

static void compare_tables(struct kunit *test, struct twin *twin,
			   const u64 *native, const u64 *raw,
			   unsigned int level)
{
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++) {
		bool table = level && raw[i] && !(raw[i] & _PAGE_PSE);

		KUNIT_EXPECT_TRUE_MSG(test,
				      same_entry(native[i], raw[i], table),
				      "level %u: %#llx and %#llx", level,
				      native[i], raw[i]);
		twin->entries += !!raw[i];
		if (!table || !native[i])
			continue;
		compare_tables(test, twin, __va(native[i] & PTE_PFN_MASK),
			       pg_table_sim_to_ptr(twin->sim,
						   raw[i] & PTE_PFN_MASK),
			       level - 1);
	}
}

static unsigned int cpu_leaf_sizes(void)
{
	if (!boot_cpu_has(X86_FEATURE_PSE))
		return 1;
	return boot_cpu_has(X86_FEATURE_GBPAGES) ? 3 : 2;
}

static void create_twins(struct kunit *test, struct twin *twin)
{
	struct pg_table_config config = { .name = "kunit-native" };

	twin->sim = pg_table_sim_create(4UL << 20);
	KUNIT_ASSERT_NOT_NULL(test, twin->sim);
	twin->native = pg_table_create(&config);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, twin->native);
	config.name = "kunit-raw";
	config.format = pgtable_l5_enabled() ? &pg_table_x86_64_la57 :
					       &pg_table_x86_64;
	config.ops = pg_table_sim_ops(twin->sim);
	config.leaf_sizes = cpu_leaf_sizes();
	twin->raw = pg_table_create(&config);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, twin->raw);
}

static void map_twins(struct kunit *test, struct twin *twin, unsigned long va,
		      unsigned int flags)
{
	phys_addr_t pa = 4 * PUD_SIZE;
	size_t size = PUD_SIZE + PMD_SIZE + PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, pg_table_map(twin->native, va, pa, size,
					   pg_table_prot(twin->native->desc->format,
							 flags),
					   GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, pg_table_map(twin->raw, va, pa, size,
					   pg_table_prot(twin->raw->desc->format,
							 flags),
					   GFP_KERNEL), 0);
}

/* The first page and the second large page of a mapping. */
static void edit_twin(struct kunit *test, struct pg_table *pgt,
		      unsigned long va)
{
	pgprot_t ro = pg_table_prot(pgt->desc->format, PG_TABLE_READ);

	KUNIT_EXPECT_EQ(test, pg_table_protect(pgt, va, PAGE_SIZE, ro,
					       PG_TABLE_PROT_ALL, GFP_KERNEL),
			0);
	KUNIT_EXPECT_EQ(test, pg_table_unmap(pgt, va + PMD_SIZE, PMD_SIZE,
					     GFP_KERNEL), 0);
}

static void native_and_raw_write_the_same_bits(struct kunit *test)
{
	const unsigned int prots[] = {
		0, PG_TABLE_WRITE, PG_TABLE_EXEC, PG_TABLE_USER,
		PG_TABLE_USER | PG_TABLE_WRITE, PG_TABLE_WC,
		PG_TABLE_WRITE | PG_TABLE_WT, PG_TABLE_WRITE | PG_TABLE_UC,
	};
	struct twin twin = { };
	unsigned long va = LIVE_VA;
	unsigned int i;

	create_twins(test, &twin);
	for (i = 0; i < ARRAY_SIZE(prots); i++, va += 4 * PUD_SIZE) {
		map_twins(test, &twin, va, PG_TABLE_READ | prots[i]);
		map_twins(test, &twin, va + twin.native->desc->kernel_first,
			  PG_TABLE_READ | prots[i]);
	}
	edit_twin(test, twin.native, LIVE_VA);
	edit_twin(test, twin.raw, LIVE_VA);
	compare_tables(test, &twin, (const u64 *)twin.native->pgd,
		       (const u64 *)twin.raw->pgd,
		       pg_table_format_levels(twin.raw->desc->format) - 1);
	KUNIT_EXPECT_GT(test, twin.entries, 3 * ARRAY_SIZE(prots));
	KUNIT_EXPECT_EQ(test, pg_table_verify(twin.native), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(twin.native), 0);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(twin.raw), 0);
	pg_table_sim_destroy(twin.sim);
}

static void private_leaves_are_not_global(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_leaf leaf;

	live_map(test, pg_table_prot(&pg_table_native,
				     PG_TABLE_READ | PG_TABLE_GLOBAL));
	KUNIT_ASSERT_EQ(test, pg_table_lookup(live->pgt, LIVE_VA, &leaf), 0);
	KUNIT_EXPECT_FALSE(test, pgprot_val(leaf.prot) & _PAGE_GLOBAL);
}

static void context_follows_the_kernel(struct kunit *test)
{
	struct live *live = test->priv;
	struct pg_table_leaf leaf;
	unsigned long *area = vmalloc(PAGE_SIZE), seen = 0;
	struct pg_table_state state;

	KUNIT_ASSERT_NOT_NULL(test, area);
	*area = LIVE_VALUE;
	KUNIT_ASSERT_EQ(test, pg_table_enter(live->pgt, &state), 0);
	seen = READ_ONCE(*area);
	pg_table_exit(&state);
	KUNIT_EXPECT_EQ(test, seen, LIVE_VALUE);
	KUNIT_EXPECT_EQ(test, pg_table_lookup(live->pgt, (unsigned long)area,
					      &leaf), 0);
	KUNIT_EXPECT_EQ(test, leaf.pa, page_to_phys(vmalloc_to_page(area)));
	vfree(area);
}

static int find_name(struct pg_table *pgt, void *name)
{
	return !strcmp(pg_table_name(pgt), name);
}

static int verify_native(struct pg_table *pgt, void *arg)
{
	if (pgt->desc->format != &pg_table_native)
		return 0;
	return pg_table_verify(pgt);
}

static void contexts_of_the_kernel_are_sound(struct kunit *test)
{
	int ret;

	KUNIT_EXPECT_EQ(test, pg_table_for_each(find_name, "kernel"), 1);
	KUNIT_EXPECT_EQ(test, pg_table_for_each(find_name, "text_poke"), 1);
	if (efi_enabled(EFI_RUNTIME_SERVICES))
		KUNIT_EXPECT_EQ(test, pg_table_for_each(find_name, "efi"), 1);
	mutex_lock(&text_mutex);
	ret = pg_table_for_each(verify_native, NULL);
	mutex_unlock(&text_mutex);
	KUNIT_EXPECT_EQ(test, ret, 0);
}

/* The kernel's watchpoints of the next test, and its memory. */
static unsigned long watched_word;
static atomic_t watched_hits;

static void count_hit(struct perf_event *event, struct perf_sample_data *data,
		      struct pt_regs *regs)
{
	atomic_inc(&watched_hits);
}

/* Writes to @va in the context: how often does a watchpoint there see it? */
static int hits_in_context(struct kunit *test, unsigned long va)
{
	struct perf_event * __percpu *watch;
	struct live *live = test->priv;
	struct perf_event_attr attr;
	struct pg_table_state state;
	int ret;

	hw_breakpoint_init(&attr);
	attr.bp_addr = va;
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.bp_type = HW_BREAKPOINT_W;
	watch = register_wide_hw_breakpoint(&attr, count_hit, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR((void __force *)watch));
	atomic_set(&watched_hits, 0);
	ret = pg_table_enter(live->pgt, &state);
	if (!ret) {
		WRITE_ONCE(*(unsigned long *)va, LIVE_VALUE);
		pg_table_exit(&state);
	}
	unregister_wide_hw_breakpoint(watch);
	KUNIT_EXPECT_EQ(test, ret, 0);
	return atomic_read(&watched_hits);
}

static void watchpoints_of_the_kernel_stay_on(struct kunit *test)
{
	struct live *live = test->priv;

	live_map(test, live->rw);
	KUNIT_EXPECT_EQ(test, hits_in_context(test,
					      (unsigned long)&watched_word), 1);
	KUNIT_EXPECT_EQ(test, hits_in_context(test, LIVE_VA), 0);
	KUNIT_EXPECT_EQ(test, *live->word, LIVE_VALUE);
}

static bool has_directory(const char *name)
{
	struct dentry *dentry = debugfs_lookup(name, pg_table_debugfs_root);

	dput(dentry);
	return dentry;
}

static void directory_comes_and_goes_with_its_context(struct kunit *test)
{
	struct pg_table *pgt = live_create(test, "kunit-debugfs");
	struct dentry *dump;
	unsigned int tries;

	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, pg_table_debugfs_dir(pgt));
	KUNIT_EXPECT_TRUE(test, has_directory("kunit-debugfs"));
	dump = debugfs_lookup("dump", pg_table_debugfs_dir(pgt));
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, dump);
	dput(dump);
	KUNIT_EXPECT_EQ(test, pg_table_destroy(pgt), 0);
	for (tries = 100; has_directory("kunit-debugfs") && tries; tries--)
		msleep(20);
	KUNIT_EXPECT_GT(test, tries, 0);
}

/* What the probe of the next test has seen. */
static unsigned long traced_va;

static void probe_map(void *data, const struct pg_table *pgt, unsigned long va,
		      phys_addr_t pa, size_t size, pgprot_t prot, int ret)
{
	if (pgt == data)
		traced_va = va;
}

static void map_is_traced(struct kunit *test)
{
	struct live *live = test->priv;

	traced_va = 0;
	KUNIT_ASSERT_EQ(test, register_trace_pg_table_map(probe_map,
							  live->pgt), 0);
	live_map(test, live->rw);
	unregister_trace_pg_table_map(probe_map, live->pgt);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_EQ(test, traced_va, LIVE_VA);
}

static struct kunit_case live_cases[] = {
	KUNIT_CASE(write_through_the_mapping_arrives),
	KUNIT_CASE(mapping_faults_outside),
	KUNIT_CASE(read_only_mapping_refuses_a_write),
	KUNIT_CASE(protect_takes_effect_while_loaded),
	KUNIT_CASE(unmapped_page_faults_while_loaded),
	KUNIT_CASE(seal_holds_for_a_context),
	KUNIT_CASE(loaded_context_is_not_destroyed),
	KUNIT_CASE(exit_restores_what_was_loaded),
	KUNIT_CASE(tables_that_are_no_contexts_are_not_entered),
	KUNIT_CASE(all_cpus_enter_at_once),
	KUNIT_CASE(unmap_reaches_other_cpus),
	KUNIT_CASE(table_pages_are_accounted),
	KUNIT_CASE(native_and_raw_write_the_same_bits),
	KUNIT_CASE(private_leaves_are_not_global),
	KUNIT_CASE(context_follows_the_kernel),
	KUNIT_CASE(contexts_of_the_kernel_are_sound),
	KUNIT_CASE(watchpoints_of_the_kernel_stay_on),
	KUNIT_CASE(directory_comes_and_goes_with_its_context),
	KUNIT_CASE(map_is_traced),
	{ }
};

static struct kunit_suite live_suite = {
	.name		= "pg_table_live",
	.init		= live_init,
	.exit		= live_exit,
	.test_cases	= live_cases,
};

kunit_test_suite(live_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of restricted contexts on the running kernel: what they reach, how they
 * are left, and what becomes of a task that touches what they lack.
 */
#include <kunit/test.h>
#include <linux/asi.h>
#include <linux/delay.h>
#include <linux/direct_map.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/pg_table.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define VALUE	0x5eed5eed5eed5eedUL

DEFINE_ASI_CLASS(allow, "kunit_allow", .policy = ASI_ALLOW);
DEFINE_ASI_CLASS(strict, "kunit_strict", .policy = ASI_ALLOW, .strict = true);
DEFINE_ASI_CLASS(deny, "kunit_deny", .policy = ASI_DENY);

static DEFINE_PER_CPU(unsigned long, static_value);

/**
 * struct asi_fix - what a test works with
 * @allow: a context of each kind, which the test has attached
 * @strict: likewise
 * @deny: likewise
 * @page: a page of the direct map that no allow-list context has, full of VALUE
 * @before: what had happened to @allow
 */
struct asi_fix {
	struct asi		*allow;
	struct asi		*strict;
	struct asi		*deny;
	unsigned long		*page;
	struct asi_counters	before;
};

/* What happened to @f->allow since the test began. */
static struct asi_counters happened(const struct asi_fix *f)
{
	const unsigned long *before = (const void *)&f->before;
	struct asi_counters now;
	unsigned long *count = (void *)&now;
	unsigned int i;

	asi_sum_counters(&allow, &now);
	for (i = 0; i < sizeof(now) / sizeof(*count); i++)
		count[i] -= before[i];
	return now;
}

static struct asi *make(struct kunit *test, struct asi_class *class)
{
	struct asi *asi = asi_create(class);

	KUNIT_ASSERT_FALSE(test, IS_ERR(asi));
	KUNIT_ASSERT_EQ(test, asi_attach(asi), 0);
	return asi;
}

static int asi_test_init(struct kunit *test)
{
	struct asi_fix *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	if (!asi_is_on())
		kunit_skip(test, "booted without asi=on");
	test->priv = f;
	f->page = (void *)__get_free_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->page);
	for (i = 0; i < PAGE_SIZE / sizeof(*f->page); i++)
		f->page[i] = VALUE;
	f->allow = make(test, &allow);
	f->strict = make(test, &strict);
	f->deny = make(test, &deny);
	asi_sum_counters(&allow, &f->before);
	return 0;
}

/* The task of the test has ended, and was detached by that. */
static void drop(struct kunit *test, struct asi *asi)
{
	if (!IS_ERR_OR_NULL(asi))
		KUNIT_EXPECT_EQ(test, asi_destroy(asi), 0);
}

static void asi_test_exit(struct kunit *test)
{
	struct asi_fix *f = test->priv;

	if (!f)
		return;
	drop(test, f->deny);
	drop(test, f->strict);
	drop(test, f->allow);
	free_page((unsigned long)f->page);
}

/*
 * Read a word in a section: 1 if the section is whole then, 0 if not. KUnit has
 * its data where it is absent, so there is no expectation in any section.
 */
static int reads_inside(struct asi *asi, const unsigned long *p,
			unsigned long *value)
{
	int ret = asi_enter(asi);

	if (ret)
		return ret;
	*value = READ_ONCE(*p);
	return asi_relax();
}

/* What is absent is read all the same, but not inside. */
static void expect_absent(struct kunit *test, struct asi *asi, const void *p)
{
	unsigned long want = READ_ONCE(*(const unsigned long *)p), value = 0;
	int whole = reads_inside(asi, p, &value);

	KUNIT_EXPECT_EQ(test, whole, 0);
	KUNIT_EXPECT_FALSE(test, asi_is_inside());
	KUNIT_EXPECT_EQ(test, value, want);
}

static void expect_present(struct kunit *test, struct asi *asi, const void *p)
{
	unsigned long want = READ_ONCE(*(const unsigned long *)p), value = 0;
	int whole = reads_inside(asi, p, &value);

	KUNIT_EXPECT_EQ(test, whole, 1);
	KUNIT_EXPECT_EQ(test, value, want);
}

static void a_section_is_entered_relaxed_and_left(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	bool inside[4], whole;
	int ret;

	inside[0] = asi_is_inside();
	preempt_disable();
	ret = asi_enter(f->allow);
	inside[1] = asi_is_inside();
	whole = asi_relax();
	inside[2] = asi_is_inside();
	asi_exit();
	inside[3] = asi_is_inside();
	preempt_enable();
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_FALSE(test, inside[0]);
	KUNIT_EXPECT_TRUE(test, inside[1]);
	KUNIT_EXPECT_TRUE(test, whole);
	KUNIT_EXPECT_TRUE(test, inside[2]);
	KUNIT_EXPECT_FALSE(test, inside[3]);
	KUNIT_EXPECT_EQ(test, happened(f).sections, 1);
	KUNIT_EXPECT_EQ(test, happened(f).enters, 1);
	KUNIT_EXPECT_EQ(test, happened(f).lost, 0);
}

static void the_next_section_is_cheap(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct asi *asi = f->allow;
	int ret, again;

	preempt_disable();
	ret = asi_enter(asi);
	asi_relax();
	again = asi_enter(asi);
	asi_relax();
	asi_exit();
	preempt_enable();
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, again, 0);
	KUNIT_EXPECT_EQ(test, happened(f).sections, 2);
	KUNIT_EXPECT_EQ(test, happened(f).enters, 1);
	KUNIT_EXPECT_EQ(test, happened(f).leaves[ASI_LEAVE_CALL], 1);
}

static void sections_do_not_nest(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct asi *asi = f->allow, *deny = f->deny;
	int ret, same, other;

	ret = asi_enter(asi);
	same = asi_enter(asi);
	other = asi_enter(deny);
	asi_relax();
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, same, -EBUSY);
	KUNIT_EXPECT_EQ(test, other, -EBUSY);
	KUNIT_EXPECT_EQ(test, happened(f).sections, 1);
}

static void misuse_is_refused(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct asi *other = asi_create(&allow);

	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	KUNIT_EXPECT_EQ(test, asi_enter(other), -EPERM);
	KUNIT_EXPECT_EQ(test, asi_attach(f->allow), -EBUSY);
	KUNIT_EXPECT_EQ(test, asi_destroy(f->allow), -EBUSY);
	KUNIT_EXPECT_EQ(test, asi_map(other, f->page, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, asi_map(other, NULL, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, asi_map(other, (void *)-8UL, 16), -EINVAL);
	KUNIT_EXPECT_EQ(test, asi_map(other, (void *)GUARD_HOLE_BASE_ADDR, 1),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, asi_unmap(other, f->page, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, asi_map(f->deny, f->page, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->deny, f->page, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, asi_destroy(other), 0);
}

static void what_was_not_mapped_is_absent(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	void *area = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, area);
	memset(area, 1, PAGE_SIZE);
	expect_absent(test, f->allow, f->page);
	expect_absent(test, f->allow, area);
	KUNIT_EXPECT_EQ(test, happened(f).faults, 2);
	KUNIT_EXPECT_EQ(test, happened(f).lost, 2);
	expect_present(test, f->deny, f->page);
	expect_present(test, f->deny, area);
	vfree(area);
}

/* The switch waits, but the section is lost. */
static void absent_memory_is_read_with_interrupts_off(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	unsigned long flags, value = 0;
	int whole;

	local_irq_save(flags);
	whole = reads_inside(f->allow, f->page, &value);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, whole, 0);
	KUNIT_EXPECT_FALSE(test, asi_is_inside());
	KUNIT_EXPECT_EQ(test, value, VALUE);
	KUNIT_EXPECT_EQ(test, happened(f).faults, 1);
}

static void what_is_mapped_is_there_as_often_as_it_was(struct kunit *test)
{
	struct asi_fix *f = test->priv;

	KUNIT_ASSERT_EQ(test, asi_map(f->allow, f->page, 8), 0);
	KUNIT_ASSERT_EQ(test, asi_map(f->allow, f->page + 8, 8), 0);
	expect_present(test, f->allow, f->page);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, f->page, 8), 0);
	expect_present(test, f->allow, f->page);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, f->page + 8, 8), 0);
	expect_absent(test, f->allow, f->page);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, f->page, 8), -ENOENT);
}

/* All or nothing: the second page of the area is a guard page. */
static void a_range_that_is_not_all_there_is_not_mapped(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	void *area = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, area);
	memset(area, 1, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, asi_map(f->allow, area, 2 * PAGE_SIZE), -ENOENT);
	expect_absent(test, f->allow, area);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, area, 1), -ENOENT);
	vfree(area);
}

static void large_ranges_go_in_parts(struct kunit *test)
{
	const unsigned int order = PMD_SHIFT - PAGE_SHIFT;
	struct asi_fix *f = test->priv;
	void *block = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, order);

	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_ASSERT_EQ(test, asi_map(f->allow, block, PMD_SIZE), 0);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, block, PAGE_SIZE), 0);
	expect_absent(test, f->allow, block);
	expect_present(test, f->allow, block + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, block + PAGE_SIZE,
					PMD_SIZE - PAGE_SIZE), 0);
	free_pages((unsigned long)block, order);
}

static int sleep_until_stopped(void *unused)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void of_tasks_only_the_current_one_is_there(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct task_struct *task = kthread_run(sleep_until_stopped, NULL, "asi");
	void *stack;

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	stack = task_stack_page(task);
	expect_present(test, f->allow, task_stack_page(current));
	expect_absent(test, f->allow, stack);
	expect_present(test, f->deny, stack);
	kthread_stop(task);
}

static void data_of_cpus_is_there(struct kunit *test)
{
	unsigned long __percpu *dynamic = alloc_percpu(unsigned long);
	unsigned long __percpu *page = __alloc_percpu(PAGE_SIZE, PAGE_SIZE);
	struct asi_fix *f = test->priv;
	unsigned int cpu = num_possible_cpus() - 1;

	KUNIT_ASSERT_NOT_NULL(test, dynamic);
	KUNIT_ASSERT_NOT_NULL(test, page);
	expect_present(test, f->allow, per_cpu_ptr(&static_value, cpu));
	KUNIT_ASSERT_EQ(test, asi_map_percpu(f->allow, page, PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(test, asi_map_percpu(f->allow, dynamic, 8), 0);
	expect_present(test, f->allow, per_cpu_ptr(page, cpu));
	expect_present(test, f->allow, per_cpu_ptr(dynamic, cpu));
	KUNIT_EXPECT_EQ(test, asi_unmap_percpu(f->allow, dynamic, 8), 0);
	KUNIT_EXPECT_EQ(test, asi_unmap_percpu(f->allow, page, PAGE_SIZE), 0);
	free_percpu(page);
	free_percpu(dynamic);
}

static void struct_pages_are_there(struct kunit *test)
{
	struct asi_fix *f = test->priv;

	expect_present(test, f->allow, virt_to_page(f->page));
}

/**
 * struct asi_timer - an interrupt that touches what is absent
 * @timer: the interrupt
 * @p: what it touches
 * @seen: what it read
 * @inside: whether it was in the context after that
 * @fired: it has
 */
struct asi_timer {
	struct hrtimer		timer;
	const unsigned long	*p;
	unsigned long		seen;
	bool			inside;
	bool			fired;
};

/* In the image, so that the section can look at it. */
static struct asi_timer asi_timer;

static enum hrtimer_restart touch_in_interrupt(struct hrtimer *timer)
{
	asi_timer.seen = READ_ONCE(*asi_timer.p);
	asi_timer.inside = asi_is_inside();
	WRITE_ONCE(asi_timer.fired, true);
	return HRTIMER_NORESTART;
}

static void an_interrupt_comes_back(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct asi *asi = f->allow;
	bool inside, whole;
	int ret;

	asi_timer = (struct asi_timer) { .p = f->page };
	hrtimer_init(&asi_timer.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	asi_timer.timer.function = touch_in_interrupt;
	preempt_disable();
	hrtimer_start(&asi_timer.timer, ms_to_ktime(1), HRTIMER_MODE_REL_PINNED);
	ret = asi_enter(asi);
	while (!READ_ONCE(asi_timer.fired))
		cpu_relax();
	inside = asi_is_inside();
	whole = asi_relax();
	asi_exit();
	preempt_enable();
	hrtimer_cancel(&asi_timer.timer);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, asi_timer.seen, VALUE);
	KUNIT_EXPECT_FALSE(test, asi_timer.inside);
	KUNIT_EXPECT_TRUE(test, inside);
	KUNIT_EXPECT_TRUE(test, whole);
	KUNIT_EXPECT_EQ(test, happened(f).faults, 0);
	KUNIT_EXPECT_GE(test, happened(f).escapes, 1);
}

static void another_task_runs_outside(struct kunit *test)
{
	struct asi_fix *f = test->priv;

	KUNIT_EXPECT_EQ(test, asi_enter(f->allow), 0);
	asi_relax();
	msleep(20);
	KUNIT_EXPECT_FALSE(test, asi_is_inside());
	KUNIT_EXPECT_EQ(test, happened(f).enters, 1);
}

static long add_one(void *arg)
{
	return *(long *)arg + 1;
}

static long read_page(void *arg)
{
	return READ_ONCE(**(unsigned long **)arg);
}

static void a_strict_call_returns(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	long arg = 41, result = 0;

	KUNIT_EXPECT_EQ(test, asi_call(f->strict, add_one, &arg, &result), 0);
	KUNIT_EXPECT_EQ(test, result, 42);
	asi_exit();
}

static void a_strict_call_that_strays_ends(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct asi_counters before, after;
	unsigned long *page = f->page;
	long result = 5;

	asi_sum_counters(&strict, &before);
	KUNIT_EXPECT_EQ(test, asi_call(f->strict, read_page, &page, &result),
			-EFAULT);
	asi_sum_counters(&strict, &after);
	KUNIT_EXPECT_EQ(test, result, 5);
	KUNIT_EXPECT_EQ(test, after.violations - before.violations, 1);
	KUNIT_EXPECT_FALSE(test, asi_is_inside());
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_ASSERT_EQ(test, asi_map(f->strict, f->page, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, asi_call(f->strict, read_page, &page, &result),
			0);
	KUNIT_EXPECT_EQ(test, (unsigned long)result, VALUE);
	asi_exit();
	KUNIT_EXPECT_EQ(test, asi_unmap(f->strict, f->page, PAGE_SIZE), 0);
}

static int find_pa(phys_addr_t pa, phys_addr_t last, void *arg)
{
	phys_addr_t want = *(phys_addr_t *)arg;

	return pa <= want && want <= last;
}

static void what_is_in_reach_is_what_was_mapped(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	phys_addr_t pa = virt_to_phys(f->page);

	KUNIT_EXPECT_EQ(test, pg_table_reach(f->allow->pgt, find_pa, &pa), 0);
	KUNIT_EXPECT_EQ(test, pg_table_reach(f->deny->pgt, find_pa, &pa), 1);
	KUNIT_ASSERT_EQ(test, asi_map(f->allow, f->page, 8), 0);
	KUNIT_EXPECT_EQ(test, pg_table_reach(f->allow->pgt, find_pa, &pa), 1);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, f->page, 8), 0);
	KUNIT_EXPECT_EQ(test, pg_table_reach(f->allow->pgt, find_pa, &pa), 0);
}

static void sensitive_pages_are_absent_and_zeroed(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct page *page = asi_alloc_sensitive(1, GFP_KERNEL);
	unsigned long *p;

	KUNIT_ASSERT_NOT_NULL(test, page);
	p = page_address(page);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 2 * PAGE_SIZE));
	memset(p, 0xa5, 2 * PAGE_SIZE);
	expect_absent(test, f->deny, p);
	expect_absent(test, f->deny, (void *)p + PAGE_SIZE);
	expect_absent(test, f->allow, p);
	KUNIT_ASSERT_EQ(test, asi_map(f->allow, p, PAGE_SIZE), 0);
	expect_present(test, f->allow, p);
	KUNIT_EXPECT_EQ(test, asi_unmap(f->allow, p, PAGE_SIZE), 0);
	asi_free_sensitive(page, 1);
	/* The pool still has it. */
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 2 * PAGE_SIZE));
	expect_absent(test, f->deny, p);
}

static void sensitive_objects_are_absent_and_zeroed(struct kunit *test)
{
	struct asi_cache *cache = asi_cache_create(200);
	struct asi_fix *f = test->priv;
	unsigned long *objects[40];
	unsigned int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(cache));
	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = asi_cache_alloc(cache, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, objects[i]);
		KUNIT_EXPECT_NULL(test, memchr_inv(objects[i], 0, 200));
		memset(objects[i], i + 1, 200);
	}
	expect_absent(test, f->deny, objects[0]);
	KUNIT_EXPECT_EQ(test, asi_cache_destroy(cache), -EBUSY);
	/* Nobody wrote to what is another's. */
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(objects[i], i + 1, 200));
	asi_cache_free(cache, objects[7]);
	KUNIT_EXPECT_NULL(test, memchr_inv(objects[7], 0, 200));
	objects[7] = asi_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objects[7]);
	KUNIT_EXPECT_NULL(test, memchr_inv(objects[7], 0, 200));
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		asi_cache_free(cache, objects[i]);
	asi_cache_free(cache, NULL);
	KUNIT_EXPECT_EQ(test, asi_cache_destroy(cache), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(asi_cache_create(0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(asi_cache_create(PAGE_SIZE + 1)), -EINVAL);
}

/**
 * struct asi_reader - a CPU that stays in a deny-list context and reads
 * @p: what it reads
 * @reads: how often it did
 * @hidden: from now on it must not find it any more
 * @whole: the section ended as it began
 */
struct asi_reader {
	const unsigned long	*p;
	unsigned long		reads;
	bool			hidden;
	int			whole;
};

/* In the image, so that any context has it. */
static struct asi_reader asi_reader;

static int read_until_hidden(void *unused)
{
	struct asi *asi = asi_create(&deny);
	int ret;

	if (IS_ERR(asi))
		return PTR_ERR(asi);
	ret = asi_attach(asi);
	if (!ret)
		ret = asi_enter(asi);
	if (ret)
		goto out;
	do {
		READ_ONCE(*asi_reader.p);
		WRITE_ONCE(asi_reader.reads, asi_reader.reads + 1);
	} while (!READ_ONCE(asi_reader.hidden));
	/* What the TLB still knew would be read here. */
	READ_ONCE(*asi_reader.p);
	asi_reader.whole = asi_relax();
	asi_exit();
	asi_detach(asi);
out:
	asi_destroy(asi);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return ret;
}

/* The pages that were read last are in the TLB of the reader's CPU. */
static void what_is_hidden_is_hidden_from_other_cpus(struct kunit *test)
{
	struct asi_fix *f = test->priv;
	struct page *block = alloc_pages(GFP_KERNEL, DIRECT_MAP_BLOCK_ORDER);
	struct task_struct *task;
	int ret;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs another CPU");
	KUNIT_ASSERT_NOT_NULL(test, block);
	asi_reader = (struct asi_reader) { .p = page_address(block) };
	task = kthread_create(read_until_hidden, NULL, "asi_reader");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, cpumask_any_but(cpu_online_mask,
					   raw_smp_processor_id()));
	wake_up_process(task);
	while (READ_ONCE(asi_reader.reads) < 1000)
		schedule_timeout_interruptible(1);
	ret = direct_map_hide(f->deny->pgt, page_to_pfn(block),
			      DIRECT_MAP_BLOCK_PAGES, GFP_KERNEL);
	WRITE_ONCE(asi_reader.hidden, true);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
	KUNIT_EXPECT_EQ(test, asi_reader.whole, 0);
	if (!ret)
		direct_map_show(f->deny->pgt, page_to_pfn(block),
				DIRECT_MAP_BLOCK_PAGES);
	__free_pages(block, DIRECT_MAP_BLOCK_ORDER);
}

static struct kunit_case asi_cases[] = {
	KUNIT_CASE(a_section_is_entered_relaxed_and_left),
	KUNIT_CASE(the_next_section_is_cheap),
	KUNIT_CASE(sections_do_not_nest),
	KUNIT_CASE(misuse_is_refused),
	KUNIT_CASE(what_was_not_mapped_is_absent),
	KUNIT_CASE(absent_memory_is_read_with_interrupts_off),
	KUNIT_CASE(what_is_mapped_is_there_as_often_as_it_was),
	KUNIT_CASE(a_range_that_is_not_all_there_is_not_mapped),
	KUNIT_CASE(large_ranges_go_in_parts),
	KUNIT_CASE(of_tasks_only_the_current_one_is_there),
	KUNIT_CASE(data_of_cpus_is_there),
	KUNIT_CASE(struct_pages_are_there),
	KUNIT_CASE(an_interrupt_comes_back),
	KUNIT_CASE(another_task_runs_outside),
	KUNIT_CASE(a_strict_call_returns),
	KUNIT_CASE(a_strict_call_that_strays_ends),
	KUNIT_CASE(what_is_in_reach_is_what_was_mapped),
	KUNIT_CASE(sensitive_pages_are_absent_and_zeroed),
	KUNIT_CASE(sensitive_objects_are_absent_and_zeroed),
	KUNIT_CASE(what_is_hidden_is_hidden_from_other_cpus),
	{ }
};

static struct kunit_suite asi_suite = {
	.name = "pg_table_asi",
	.init = asi_test_init,
	.exit = asi_test_exit,
	.test_cases = asi_cases,
};

kunit_test_suite(asi_suite);

MODULE_DESCRIPTION("Tests of address-space isolation");
MODULE_LICENSE("GPL");

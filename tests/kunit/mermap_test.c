// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mermap on the running CPUs. A CPU that was not told to flush shows
 * here as one that reads another page than it mapped.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/direct_map.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/mermap.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#define MERMAP_TEST_PAGES	8
#define MERMAP_TEST_VALUE	0x3e33a95eed000000UL

/**
 * struct mermap_test - what each test starts from
 * @pages: pages whose first word tells which one it is
 * @full: the first page so many times that it fills a slice
 */
struct mermap_test {
	struct page	*pages[MERMAP_TEST_PAGES];
	struct page	*full[MERMAP_MAX_PAGES];
};

static unsigned long *word_of(struct page *page)
{
	return page_address(page);
}

static unsigned long read_word(const void *va)
{
	return READ_ONCE(*(const unsigned long *)va);
}

static void write_word(void *va, unsigned long value)
{
	WRITE_ONCE(*(unsigned long *)va, value);
}

static int mermap_test_init(struct kunit *test)
{
	struct mermap_test *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	test->priv = m;
	for (i = 0; i < MERMAP_TEST_PAGES; i++) {
		m->pages[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, m->pages[i]);
		*word_of(m->pages[i]) = MERMAP_TEST_VALUE + i;
	}
	for (i = 0; i < MERMAP_MAX_PAGES; i++)
		m->full[i] = m->pages[0];
	return 0;
}

static void mermap_test_exit(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned int i;

	if (!m)
		return;
	mermap_flush_all();
	for (i = 0; i < MERMAP_TEST_PAGES && m->pages[i]; i++) {
		mermap_assert_flushed(page_to_pfn(m->pages[i]), 1);
		__free_page(m->pages[i]);
	}
}

static void write_arrives(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	struct page *page = m->pages[0];
	void *va = mermap_get(page_to_pfn(page), 1, PAGE_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, read_word(va), MERMAP_TEST_VALUE);
	write_word(va, 1);
	mermap_put(va, 1);
	KUNIT_EXPECT_EQ(test, *word_of(page), 1);
}

static void range_is_mapped_in_its_order(struct kunit *test)
{
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, 2);
	unsigned int i;
	void *va;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	va = mermap_get(page_to_pfn(pages), 4, PAGE_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, va);
	for (i = 0; va && i < 4; i++)
		write_word(va + i * PAGE_SIZE, i + 1);
	if (va)
		mermap_put(va, 4);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, *word_of(pages + i), i + 1);
	mermap_flush_all();
	__free_pages(pages, 2);
}

static void scattered_pages_lie_side_by_side(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned int i;
	void *va;

	va = mermap_get_pages(m->pages, MERMAP_TEST_PAGES, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, va);
	for (i = 0; i < MERMAP_TEST_PAGES; i++)
		KUNIT_EXPECT_EQ(test, read_word(va + i * PAGE_SIZE),
				MERMAP_TEST_VALUE + i);
	mermap_put(va, MERMAP_TEST_PAGES);
}

static void page_outside_the_direct_map_is_reached(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	struct page *page = m->pages[0];
	unsigned long value = 0;
	void *va;
	int ret;

	KUNIT_ASSERT_EQ(test, direct_map_unmap_pages(&page, 1, GFP_KERNEL), 0);
	ret = copy_from_kernel_nofault(&value, page_address(page),
				       sizeof(value));
	va = mermap_get_pages(&page, 1, PAGE_KERNEL);
	if (va) {
		value = read_word(va);
		write_word(va, 1);
		mermap_put(va, 1);
	}
	direct_map_map_pages(&page, 1);
	KUNIT_EXPECT_EQ(test, ret, -EFAULT);
	KUNIT_EXPECT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, value, MERMAP_TEST_VALUE);
	KUNIT_EXPECT_EQ(test, *word_of(page), 1);
}

static void read_only_mapping_refuses_a_write(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned long value = 1;
	void *va = mermap_get_pages(m->pages, 1, PAGE_KERNEL_RO);

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault(va, &value, sizeof(value)),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, read_word(va), MERMAP_TEST_VALUE);
	mermap_put(va, 1);
}

static void what_was_put_is_gone_after_a_flush(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned long value;
	void *va;

	migrate_disable();
	va = mermap_get_pages(m->pages, 1, PAGE_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, va);
	if (va) {
		read_word(va);
		mermap_put(va, 1);
		mermap_flush_all();
		KUNIT_EXPECT_EQ(test, copy_from_kernel_nofault(&value, va,
							       sizeof(value)),
				-EFAULT);
	}
	migrate_enable();
}

/* The slot of an address: slices are aligned to their size. */
static unsigned int slot_of(const void *va)
{
	return (unsigned long)va / PAGE_SIZE % MERMAP_SLOTS;
}

static void no_address_comes_twice_without_a_flush(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	DECLARE_BITMAP(seen, MERMAP_SLOTS) = { };
	unsigned int cpu, twice = 0, n;
	unsigned long flushes;
	void *va;

	mermap_flush_all();
	migrate_disable();
	cpu = smp_processor_id();
	flushes = mermap_flushes(cpu);
	for (n = 0; n <= MERMAP_MAX_PAGES; n++) {
		va = mermap_get_pages(m->pages, 1, PAGE_KERNEL);
		if (!va || mermap_flushes(cpu) != flushes)
			break;
		twice += test_and_set_bit(slot_of(va), seen);
		mermap_put(va, 1);
	}
	if (va)
		mermap_put(va, 1);
	KUNIT_EXPECT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, mermap_flushes(cpu), flushes + 1);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, twice, 0);
	/* All of the slice, but for what others took meanwhile. */
	KUNIT_EXPECT_GT(test, n, MERMAP_MAX_PAGES / 2);
	KUNIT_EXPECT_LE(test, n, MERMAP_MAX_PAGES);
}

static void every_mapping_shows_its_own_page(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned long flushes;
	unsigned int cpu, i, wrong = 0;

	migrate_disable();
	cpu = smp_processor_id();
	flushes = mermap_flushes(cpu);
	for (i = 0; i < 5 * MERMAP_SLOTS; i++) {
		unsigned int page = i % 7;
		void *va = mermap_get_pages(m->pages + page, 1, PAGE_KERNEL);

		if (!va || read_word(va) != MERMAP_TEST_VALUE + page)
			wrong++;
		if (va)
			mermap_put(va, 1);
	}
	flushes = mermap_flushes(cpu) - flushes;
	migrate_enable();
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_GE(test, flushes, 5);
	KUNIT_EXPECT_LE(test, flushes, 10);
}

static void what_is_held_outlives_flushes(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned int i, wrong = 0;
	void *held, *va;

	held = mermap_get_pages(m->pages, 3, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, held);
	for (i = 0; i < 2 * MERMAP_SLOTS; i++) {
		va = mermap_get_pages(m->pages + 3, 4, PAGE_KERNEL);
		wrong += !va || (va + 4 * PAGE_SIZE > held &&
				 va < held + 3 * PAGE_SIZE);
		for (unsigned int j = 0; j < 3; j++)
			wrong += read_word(held + j * PAGE_SIZE) !=
				 MERMAP_TEST_VALUE + j;
		if (va)
			mermap_put(va, 4);
	}
	mermap_put(held, 3);
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static void mappings_are_put_in_any_order(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	void *va[4];
	unsigned int i;

	for (i = 0; i < 3; i++)
		va[i] = mermap_get_pages(m->pages + i, 1, PAGE_KERNEL);
	if (va[1])
		mermap_put(va[1], 1);
	va[3] = mermap_get_pages(m->pages + 3, 1, PAGE_KERNEL);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_NOT_NULL(test, va[i]);
		if (!va[i] || i == 1)
			continue;
		KUNIT_EXPECT_EQ(test, read_word(va[i]), MERMAP_TEST_VALUE + i);
		mermap_put(va[i], 1);
	}
}

static void too_many_pages_are_refused(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned long pfn = page_to_pfn(m->pages[0]);

	KUNIT_EXPECT_NULL(test, mermap_get(pfn, 0, PAGE_KERNEL));
	KUNIT_EXPECT_NULL(test, mermap_get(pfn, MERMAP_MAX_PAGES + 1,
					   PAGE_KERNEL));
	KUNIT_EXPECT_NULL(test, mermap_get(pfn, ~0U, PAGE_KERNEL));
	KUNIT_EXPECT_EQ(test, current->migration_disabled, 0);
}

static void exhausted_slice_refuses_and_recovers(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	void *all = mermap_get_pages(m->full, MERMAP_MAX_PAGES, PAGE_KERNEL);
	void *va;

	KUNIT_ASSERT_NOT_NULL(test, all);
	KUNIT_EXPECT_EQ(test, current->migration_disabled, 1);
	KUNIT_EXPECT_NULL(test, mermap_get_pages(m->pages, 1, PAGE_KERNEL));
	KUNIT_EXPECT_EQ(test, current->migration_disabled, 1);
	mermap_put(all, MERMAP_MAX_PAGES);
	KUNIT_EXPECT_EQ(test, current->migration_disabled, 0);
	va = mermap_get_pages(m->pages, 1, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, va);
	mermap_put(va, 1);
}

static void reserved_page_is_mapped_when_nothing_else_is(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	void *all = mermap_get_pages(m->full, MERMAP_MAX_PAGES, PAGE_KERNEL);
	unsigned int i, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, all);
	for (i = 0; i < 100; i++) {
		struct page *page = m->pages[i % MERMAP_TEST_PAGES];
		void *va = mermap_get_reserved(page_to_pfn(page), PAGE_KERNEL);

		wrong += preemptible() || read_word(va) !=
			 MERMAP_TEST_VALUE + i % MERMAP_TEST_PAGES;
		mermap_put(va, 1);
		wrong += !preemptible();
	}
	mermap_put(all, MERMAP_MAX_PAGES);
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* Reserved mappings of a task, a softirq on top of it and an interrupt on both. */
static struct mermap_test *nest_pages;
static unsigned int nest_wrong;
static bool nest_done;

static void *nest_get(unsigned int i)
{
	struct page *page = nest_pages->pages[i];
	void *va = mermap_get_reserved(page_to_pfn(page), PAGE_KERNEL);

	if (!va || read_word(va) != MERMAP_TEST_VALUE + i)
		nest_wrong++;
	return va;
}

static void nest_put(void *va, unsigned int i)
{
	if (!va || read_word(va) != MERMAP_TEST_VALUE + i)
		nest_wrong++;
	if (va)
		mermap_put(va, 1);
}

static void nest_in_interrupt(struct irq_work *work)
{
	void *va;

	if (!in_hardirq())
		nest_wrong++;
	va = nest_get(2);
	nest_put(va, 2);
	WRITE_ONCE(nest_done, true);
}

static DEFINE_IRQ_WORK(nest_work, nest_in_interrupt);

static void nest_in_softirq(struct tasklet_struct *unused)
{
	unsigned int spins = 1U << 30;
	void *va;

	if (!in_serving_softirq())
		nest_wrong++;
	va = nest_get(1);
	irq_work_queue(&nest_work);
	while (!READ_ONCE(nest_done) && --spins)
		cpu_relax();
	nest_put(va, 1);
}

static DECLARE_TASKLET(nest_tasklet, nest_in_softirq);

static void reserved_mappings_nest(struct kunit *test)
{
	void *va;

	nest_pages = test->priv;
	nest_wrong = 0;
	nest_done = false;
	va = nest_get(0);
	local_bh_disable();
	tasklet_schedule(&nest_tasklet);
	local_bh_enable();
	nest_put(va, 0);
	tasklet_kill(&nest_tasklet);
	irq_work_sync(&nest_work);
	KUNIT_EXPECT_TRUE(test, nest_done);
	KUNIT_EXPECT_EQ(test, nest_wrong, 0);
}

static void mappings_work_in_atomic_context(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned long flags, words[2] = { };
	void *va[2];

	preempt_disable();
	va[0] = mermap_get_pages(m->pages, 2, PAGE_KERNEL);
	local_irq_save(flags);
	va[1] = mermap_get_pages(m->pages + 2, 2, PAGE_KERNEL);
	if (va[0] && va[1]) {
		words[0] = read_word(va[0] + PAGE_SIZE);
		words[1] = read_word(va[1] + PAGE_SIZE);
	}
	if (va[1])
		mermap_put(va[1], 2);
	local_irq_restore(flags);
	if (va[0])
		mermap_put(va[0], 2);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, words[0], MERMAP_TEST_VALUE + 1);
	KUNIT_EXPECT_EQ(test, words[1], MERMAP_TEST_VALUE + 3);
}

static void mappings_are_as_global_as_the_kernel(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	void *va = mermap_get_pages(m->pages, 1,
				    __pgprot(pgprot_val(PAGE_KERNEL) ^
					     _PAGE_GLOBAL));
	unsigned int level;
	pte_t *pte;

	KUNIT_ASSERT_NOT_NULL(test, va);
	pte = lookup_address((unsigned long)va, &level);
	KUNIT_EXPECT_NOT_NULL(test, pte);
	if (pte)
		KUNIT_EXPECT_EQ(test, pte_flags(*pte) & _PAGE_GLOBAL,
				pgprot_val(PAGE_KERNEL) & _PAGE_GLOBAL);
	mermap_put(va, 1);
}

/* Fill pages with ones; later all must be zero. */
static void fill_pages(struct page **pages, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		memset(page_address(pages[i]), 0xff, PAGE_SIZE);
}

static unsigned int count_unclear(struct page **pages, unsigned int n)
{
	unsigned int i, unclear = 0;

	for (i = 0; i < n; i++)
		unclear += !!memchr_inv(page_address(pages[i]), 0, PAGE_SIZE);
	return unclear;
}

static void scattered_pages_are_cleared(struct kunit *test)
{
	struct mermap_test *m = test->priv;

	fill_pages(m->pages, MERMAP_TEST_PAGES);
	KUNIT_ASSERT_EQ(test, direct_map_unmap_pages(m->pages,
						     MERMAP_TEST_PAGES,
						     GFP_KERNEL), 0);
	mermap_clear_pages(m->pages, MERMAP_TEST_PAGES);
	direct_map_map_pages(m->pages, MERMAP_TEST_PAGES);
	KUNIT_EXPECT_EQ(test, count_unclear(m->pages, MERMAP_TEST_PAGES), 0);
}

static void pages_are_cleared_when_no_slot_is_left(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	void *all = mermap_get_pages(m->full, MERMAP_MAX_PAGES, PAGE_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, all);
	fill_pages(m->pages, MERMAP_TEST_PAGES);
	mermap_clear_pages(m->pages, MERMAP_TEST_PAGES);
	KUNIT_EXPECT_EQ(test, count_unclear(m->pages, MERMAP_TEST_PAGES), 0);
	mermap_put(all, MERMAP_MAX_PAGES);
}

static void block_is_cleared_for_few_flushes(struct kunit *test)
{
	const unsigned int n = DIRECT_MAP_BLOCK_PAGES;
	struct page *block = alloc_pages(GFP_KERNEL, DIRECT_MAP_BLOCK_ORDER);
	unsigned long flushes;

	KUNIT_ASSERT_NOT_NULL(test, block);
	memset(page_address(block), 0xff, n * PAGE_SIZE);
	migrate_disable();
	flushes = mermap_flushes(smp_processor_id());
	mermap_clear(page_to_pfn(block), n);
	flushes = mermap_flushes(smp_processor_id()) - flushes;
	migrate_enable();
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(block), 0,
					   n * PAGE_SIZE));
	KUNIT_EXPECT_LE(test, flushes, 3);
	mermap_flush_all();
	__free_pages(block, DIRECT_MAP_BLOCK_ORDER);
}

/* Threads that map pages of their own, preempted and moved at any time. */
#define MERMAP_TEST_ROUNDS	2000

/**
 * struct mapper - one of these threads
 * @task: the thread
 * @pages: its pages
 * @done: completed when it has done its rounds
 * @wrong: what went wrong
 */
struct mapper {
	struct task_struct	*task;
	struct page		*pages[4];
	struct completion	done;
	unsigned int		wrong;
};

static int map_all_the_time(void *arg)
{
	struct mapper *mapper = arg;
	struct page **pages = mapper->pages;
	unsigned int i;

	for (i = 0; i < MERMAP_TEST_ROUNDS; i++) {
		unsigned int n = i % ARRAY_SIZE(mapper->pages) + 1, cpu;
		void *va = mermap_get_pages(pages, n, PAGE_KERNEL), *last;

		if (!va) {
			mapper->wrong++;
			break;
		}
		last = va + (n - 1) * PAGE_SIZE;
		cpu = smp_processor_id();
		write_word(last, i);
		if (i % 16 == 0)
			schedule();
		mapper->wrong += cpu != smp_processor_id();
		mapper->wrong += read_word(last) != i;
		mermap_put(va, n);
		mapper->wrong += *word_of(pages[n - 1]) != i;
	}
	mapper->wrong += current->migration_disabled;
	complete(&mapper->done);
	return 0;
}

static int start_mapper(struct mapper *mapper)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mapper->pages); i++) {
		mapper->pages[i] = alloc_page(GFP_KERNEL);
		if (!mapper->pages[i])
			return -ENOMEM;
	}
	init_completion(&mapper->done);
	mapper->task = kthread_create(map_all_the_time, mapper, "mermap_test");
	if (IS_ERR(mapper->task))
		return PTR_ERR(mapper->task);
	get_task_struct(mapper->task);
	wake_up_process(mapper->task);
	return 0;
}

static void tasks_of_all_cpus_map_at_once(struct kunit *test)
{
	unsigned int n = 3 * num_online_cpus(), i, started, j;
	struct mapper *mappers = kunit_kcalloc(test, n, sizeof(*mappers),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mappers);
	for (started = 0; started < n; started++) {
		if (start_mapper(&mappers[started]))
			break;
	}
	KUNIT_EXPECT_EQ(test, started, n);
	for (i = 0; i < started; i++) {
		wait_for_completion(&mappers[i].done);
		kthread_stop_put(mappers[i].task);
		KUNIT_EXPECT_EQ(test, mappers[i].wrong, 0);
	}
	mermap_flush_all();
	for (i = 0; i < n; i++) {
		for (j = 0; j < ARRAY_SIZE(mappers[i].pages) && mappers[i].pages[j]; j++)
			__free_page(mappers[i].pages[j]);
	}
}

/* Map a page on a CPU, and give it back: its first word, or 0. */
static long visit_page(void *page)
{
	void *va = mermap_get_pages((struct page **)&page, 1, PAGE_KERNEL);
	long word = 0;

	if (va) {
		word = read_word(va);
		mermap_put(va, 1);
	}
	return word;
}

static unsigned int another_cpu(struct kunit *test)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);

	if (!cpu)
		kunit_skip(test, "one CPU only");
	return cpu;
}

static void flush_of_all_reaches_other_cpus(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned long pfn = page_to_pfn(m->pages[0]), flushes;
	unsigned int cpu = another_cpu(test);

	mermap_flush_all();
	flushes = mermap_flushes(cpu);
	KUNIT_ASSERT_EQ(test, work_on_cpu(cpu, visit_page, m->pages[0]),
			MERMAP_TEST_VALUE);
	if (IS_ENABLED(CONFIG_DEBUG_VM))
		KUNIT_EXPECT_TRUE(test, mermap_maps(pfn, 1));
	mermap_flush_all();
	if (IS_ENABLED(CONFIG_DEBUG_VM))
		KUNIT_EXPECT_FALSE(test, mermap_maps(pfn, 1));
	KUNIT_EXPECT_EQ(test, mermap_flushes(cpu), flushes + 1);
	/* It has nothing to forget. */
	mermap_flush_all();
	KUNIT_EXPECT_EQ(test, mermap_flushes(cpu), flushes + 1);
}

static void page_is_known_while_it_can_be_reached(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned long pfn = page_to_pfn(m->pages[0]);
	void *va;

	if (!IS_ENABLED(CONFIG_DEBUG_VM))
		kunit_skip(test, "nothing is recorded");
	KUNIT_EXPECT_FALSE(test, mermap_maps(pfn, 1));
	va = mermap_get_reserved(pfn, PAGE_KERNEL);
	KUNIT_EXPECT_TRUE(test, mermap_maps(pfn, 1));
	mermap_put(va, 1);
	KUNIT_EXPECT_TRUE(test, mermap_maps(pfn, 1));
	mermap_flush_all();
	KUNIT_EXPECT_FALSE(test, mermap_maps(pfn, 1));
	va = mermap_get(pfn, 1, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, va);
	mermap_flush_all();
	KUNIT_EXPECT_TRUE(test, mermap_maps(pfn, 1));
	KUNIT_EXPECT_TRUE(test, mermap_maps(pfn - 1, 2));
	mermap_put(va, 1);
}

static void slice_outlives_its_cpu(struct kunit *test)
{
	struct mermap_test *m = test->priv;
	unsigned int cpu = another_cpu(test), i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, work_on_cpu(cpu, visit_page, m->pages[i]),
				MERMAP_TEST_VALUE + i);
		if (remove_cpu(cpu))
			kunit_skip(test, "no CPU can be taken out");
		/* The others go on, and reach nothing of what it had. */
		if (IS_ENABLED(CONFIG_DEBUG_VM))
			KUNIT_EXPECT_FALSE(test,
					   mermap_maps(page_to_pfn(m->pages[i]),
						       1));
		KUNIT_EXPECT_EQ(test, visit_page(m->pages[3]),
				MERMAP_TEST_VALUE + 3);
		KUNIT_ASSERT_EQ(test, add_cpu(cpu), 0);
	}
	if (IS_ENABLED(CONFIG_DEBUG_VM))
		KUNIT_EXPECT_FALSE(test, mermap_maps(page_to_pfn(m->pages[2]),
						     1));
	KUNIT_EXPECT_EQ(test, work_on_cpu(cpu, visit_page, m->pages[4]),
			MERMAP_TEST_VALUE + 4);
}

static struct kunit_case mermap_cases[] = {
	KUNIT_CASE(write_arrives),
	KUNIT_CASE(range_is_mapped_in_its_order),
	KUNIT_CASE(scattered_pages_lie_side_by_side),
	KUNIT_CASE(page_outside_the_direct_map_is_reached),
	KUNIT_CASE(read_only_mapping_refuses_a_write),
	KUNIT_CASE(what_was_put_is_gone_after_a_flush),
	KUNIT_CASE(no_address_comes_twice_without_a_flush),
	KUNIT_CASE(every_mapping_shows_its_own_page),
	KUNIT_CASE(what_is_held_outlives_flushes),
	KUNIT_CASE(mappings_are_put_in_any_order),
	KUNIT_CASE(too_many_pages_are_refused),
	KUNIT_CASE(exhausted_slice_refuses_and_recovers),
	KUNIT_CASE(reserved_page_is_mapped_when_nothing_else_is),
	KUNIT_CASE(reserved_mappings_nest),
	KUNIT_CASE(mappings_work_in_atomic_context),
	KUNIT_CASE(mappings_are_as_global_as_the_kernel),
	KUNIT_CASE(scattered_pages_are_cleared),
	KUNIT_CASE(pages_are_cleared_when_no_slot_is_left),
	KUNIT_CASE(block_is_cleared_for_few_flushes),
	KUNIT_CASE(tasks_of_all_cpus_map_at_once),
	KUNIT_CASE(flush_of_all_reaches_other_cpus),
	KUNIT_CASE(page_is_known_while_it_can_be_reached),
	KUNIT_CASE(slice_outlives_its_cpu),
	{ }
};

static struct kunit_suite mermap_suite = {
	.name		= "pg_table_mermap",
	.init		= mermap_test_init,
	.exit		= mermap_test_exit,
	.test_cases	= mermap_cases,
};

kunit_test_suite(mermap_suite);

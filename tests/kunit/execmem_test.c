// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of executable memory on the running kernel: code shares large leaves, and
 * nobody's code becomes writable, or stops to be executable, because of others'.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/direct_map.h>
#include <linux/execmem.h>
#include <linux/execmem_pool.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/text-patching.h>

#include "direct_map.h"

#define CYCLES		50
#define ANSWER		42

/* A function that returns ANSWER. */
static const u8 code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,		/* endbr64 */
	0xb8, ANSWER, 0, 0, 0,		/* mov $ANSWER, %eax */
	0xc3,				/* ret */
};

/**
 * struct live_execmem - what had happened before the test
 * @events: the events
 * @anchor: some code, so that there is an area for the whole test
 */
struct live_execmem {
	unsigned long	events[NR_VM_EVENT_ITEMS];
	void		*anchor;
};

static int execmem_init_test(struct kunit *test)
{
	struct live_execmem *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	test->priv = e;
	all_vm_events(e->events);
	e->anchor = execmem_pool_alloc_code(sizeof(code), EXECMEM_POOL_ANY);
	KUNIT_ASSERT_NOT_NULL(test, e->anchor);
	text_poke_copy(e->anchor, code, sizeof(code));
	return 0;
}

/* No code shatters the direct map. */
static void execmem_exit_test(struct kunit *test)
{
	struct live_execmem *e = test->priv;

	if (!e || !e->anchor)
		return;
	KUNIT_EXPECT_TRUE(test, execmem_pool_free(e->anchor));
	KUNIT_EXPECT_EQ(test, happened_since(e->events,
					     DIRECT_MAP_LEVEL2_SPLIT), 0);
}

static unsigned long pages_of(size_t size)
{
	return PAGE_ALIGN(size) / PAGE_SIZE;
}

/* What module loaders do with text. */
static void *load(struct kunit *test, size_t size)
{
	void *text = execmem_alloc(EXECMEM_MODULE_TEXT, size);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, 0x90, size);
	memcpy(text, code, sizeof(code));
	KUNIT_EXPECT_EQ(test, set_memory_rox((unsigned long)text,
					     pages_of(size)), 0);
	return text;
}

/* The leaf that maps an address, of which others may change the level. */
static pteval_t leaf_of(const void *text, unsigned int *level)
{
	pteval_t bits;
	pte_t *pte;

	do {
		pte = lookup_address((unsigned long)text, level);
		bits = pte ? pte_val(READ_ONCE(*pte)) : 0;
	} while (pte && *level != PG_LEVEL_4K && !(bits & _PAGE_PSE));
	return bits;
}

static unsigned int level_of(const void *text)
{
	unsigned int level;

	leaf_of(text, &level);
	return level;
}

static bool is_code(const void *text)
{
	unsigned int level;

	return (leaf_of(text, &level) & (_PAGE_PRESENT | _PAGE_RW | _PAGE_NX)) ==
	       _PAGE_PRESENT;
}

static bool is_data(const void *text)
{
	const pteval_t want = _PAGE_PRESENT | _PAGE_RW | _PAGE_NX;
	unsigned int level;

	return (leaf_of(text, &level) & want) == want;
}

static int run(const void *text)
{
	return ((int (*)(void))text)();
}

static bool share_block(const void *a, const void *b)
{
	return (unsigned long)a / PMD_SIZE == (unsigned long)b / PMD_SIZE;
}

static void code_of_all_kinds_shares_a_block(struct kunit *test)
{
	struct live_execmem *e = test->priv;
	void *module = load(test, 3 * PAGE_SIZE - 10);
	void *slots = execmem_alloc(EXECMEM_KPROBES, PAGE_SIZE);
	void *tramp = execmem_alloc(EXECMEM_FTRACE, 300);

	KUNIT_ASSERT_NOT_NULL(test, slots);
	KUNIT_ASSERT_NOT_NULL(test, tramp);
	KUNIT_EXPECT_TRUE(test, share_block(e->anchor, module));
	KUNIT_EXPECT_TRUE(test, share_block(e->anchor, slots));
	KUNIT_EXPECT_TRUE(test, share_block(e->anchor, tramp));
	KUNIT_EXPECT_TRUE(test, is_code(module));
	KUNIT_EXPECT_TRUE(test, is_code(slots));
	KUNIT_EXPECT_TRUE(test, is_data(tramp));
	KUNIT_EXPECT_EQ(test, set_memory_rox((unsigned long)tramp, 1), 0);
	KUNIT_EXPECT_TRUE(test, is_code(tramp));
	KUNIT_EXPECT_EQ(test, run(module), ANSWER);
	KUNIT_EXPECT_EQ(test, level_of(module), PG_LEVEL_2M);
	execmem_free(tramp);
	execmem_free(slots);
	execmem_free(module);
}

static void only_the_own_pages_are_writable(struct kunit *test)
{
	struct live_execmem *e = test->priv;
	u8 *text = execmem_alloc(EXECMEM_MODULE_TEXT, 2 * PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_EXPECT_TRUE(test, is_data(text));
	KUNIT_EXPECT_TRUE(test, is_data(text + PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, is_code(text - PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, is_code(text + 2 * PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, is_code(e->anchor));
	KUNIT_EXPECT_EQ(test, run(e->anchor), ANSWER);
	execmem_free(text);
	KUNIT_EXPECT_EQ(test, level_of(text), PG_LEVEL_2M);
}

/**
 * struct watch - code that another CPU runs and looks at
 * @code: the code
 * @rounds: how often it was
 * @wrong: how often it was not what it should be
 */
struct watch {
	const void	*code;
	unsigned long	rounds;
	unsigned long	wrong;
};

static int watch_code(void *arg)
{
	struct watch *w = arg;

	while (!kthread_should_stop()) {
		w->wrong += !is_code(w->code) || run(w->code) != ANSWER;
		w->rounds++;
		cond_resched();
	}
	return 0;
}

static void loading_never_touches_the_code_of_others(struct kunit *test)
{
	struct live_execmem *e = test->priv;
	struct watch w = { .code = e->anchor };
	struct task_struct *task;
	unsigned int i;

	task = kthread_run(watch_code, &w, "execmem-watch");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (i = 0; i < CYCLES; i++) {
		void *text = load(test, PAGE_SIZE << (i % 3));

		KUNIT_EXPECT_TRUE(test, share_block(e->anchor, text));
		execmem_free(text);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
	KUNIT_EXPECT_GT(test, w.rounds, 0);
	KUNIT_EXPECT_EQ(test, w.wrong, 0);
}

static void code_is_read_only_in_the_direct_map(struct kunit *test)
{
	struct live_execmem *e = test->priv;
	void *alias = page_address(vmalloc_to_page(e->anchor)) +
		      offset_in_page(e->anchor);
	u8 *text = execmem_alloc(EXECMEM_MODULE_TEXT, PAGE_SIZE);
	u8 byte = 0x90;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_EXPECT_EQ(test, memcmp(alias, code, sizeof(code)), 0);
	KUNIT_EXPECT_NE(test, copy_to_kernel_nofault(alias, &byte, 1), 0);
	/* While it can be written it can be so at one address only. */
	alias = page_address(vmalloc_to_page(text));
	KUNIT_EXPECT_NE(test, copy_to_kernel_nofault(alias, &byte, 1), 0);
	KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault(text, &byte, 1), 0);
	KUNIT_EXPECT_EQ(test, level_of(alias), PG_LEVEL_2M);
	execmem_free(text);
}

static bool traps(const u8 *text, size_t size)
{
	while (size--) {
		if (text[size] != INT3_INSN_OPCODE)
			return false;
	}
	return true;
}

static void what_is_free_traps(struct kunit *test)
{
	u8 *small = execmem_pool_alloc_code(100, EXECMEM_POOL_ANY);
	u8 *text = load(test, 2 * PAGE_SIZE);
	u8 *half;

	KUNIT_ASSERT_NOT_NULL(test, small);
	KUNIT_EXPECT_TRUE(test, traps(small, 128));
	text_poke_copy(small, code, sizeof(code));
	KUNIT_EXPECT_EQ(test, run(small), ANSWER);
	KUNIT_EXPECT_TRUE(test, execmem_pool_free(small));
	KUNIT_EXPECT_TRUE(test, traps(small, 128));
	execmem_free(text);
	KUNIT_EXPECT_TRUE(test, traps(text, 2 * PAGE_SIZE));
	/* A loader that gave up leaves nothing writable behind. */
	half = execmem_alloc(EXECMEM_MODULE_TEXT, PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, half);
	memset(half, 0x90, PAGE_SIZE);
	execmem_free(half);
	KUNIT_EXPECT_TRUE(test, is_code(half));
	KUNIT_EXPECT_TRUE(test, traps(half, PAGE_SIZE));
}

/* Pieces of all sizes, which know nothing of each other. */
static void pieces_do_not_overlap(struct kunit *test)
{
	static u8 *piece[600];
	static u8 copy[700];
	unsigned int i, k, n = ARRAY_SIZE(piece);

	for (i = 0; i < n; i++) {
		piece[i] = execmem_pool_alloc_code(i + 1, EXECMEM_POOL_ANY);
		KUNIT_ASSERT_NOT_NULL(test, piece[i]);
		KUNIT_EXPECT_EQ(test, (unsigned long)piece[i] %
				EXECMEM_POOL_CHUNK, 0);
		memset(copy, i, i + 1);
		text_poke_copy(piece[i], copy, i + 1);
	}
	for (k = 0; k < 2; k++) {
		/* Every second one goes first, then the others. */
		for (i = k; i < n; i += 2) {
			KUNIT_EXPECT_EQ(test, piece[i][0], (u8)i);
			KUNIT_EXPECT_EQ(test, piece[i][i], (u8)i);
			KUNIT_EXPECT_TRUE(test, execmem_pool_free(piece[i]));
		}
	}
}

static void more_than_a_block_lies_side_by_side(struct kunit *test)
{
	size_t size = 2 * PMD_SIZE + 3 * PAGE_SIZE;
	u8 *text = load(test, size);

	KUNIT_EXPECT_EQ(test, run(text), ANSWER);
	KUNIT_EXPECT_EQ(test, text[size - 1], 0x90);
	KUNIT_EXPECT_TRUE(test, is_code(text + size - 1));
	KUNIT_EXPECT_EQ(test, level_of(text + PMD_SIZE), PG_LEVEL_2M);
	execmem_free(text);
}

static void code_goes_where_none_was_if_it_shall(struct kunit *test)
{
	void *first, *second;

	execmem_pool_forget_use();
	first = execmem_pool_alloc_code(64, EXECMEM_POOL_FRESH);
	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_EXPECT_FALSE(test, execmem_pool_was_used(first));
	KUNIT_EXPECT_TRUE(test, execmem_pool_free(first));
	second = execmem_pool_alloc_code(64, EXECMEM_POOL_USED);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_TRUE(test, execmem_pool_was_used(second));
	KUNIT_EXPECT_TRUE(test, execmem_pool_free(second));
}

static void bad_input_changes_nothing(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, execmem_pool_alloc(EXECMEM_MODULE_TEXT, 0));
	KUNIT_EXPECT_NULL(test, execmem_pool_alloc(EXECMEM_MODULE_TEXT, SZ_1G));
	KUNIT_EXPECT_NULL(test, execmem_pool_alloc(EXECMEM_MODULE_TEXT,
						   SIZE_MAX));
	KUNIT_EXPECT_NULL(test, execmem_pool_alloc(EXECMEM_MODULE_DATA, 1));
	KUNIT_EXPECT_NULL(test, execmem_pool_alloc(EXECMEM_BPF, 1));
	KUNIT_EXPECT_NULL(test, execmem_pool_alloc_code(0, EXECMEM_POOL_ANY));
	KUNIT_EXPECT_NULL(test, execmem_pool_alloc_code(SIZE_MAX,
							EXECMEM_POOL_ANY));
	KUNIT_EXPECT_FALSE(test, execmem_pool_free(NULL));
	KUNIT_EXPECT_FALSE(test, execmem_pool_free(test));
}

static struct kunit_case execmem_cases[] = {
	KUNIT_CASE(code_of_all_kinds_shares_a_block),
	KUNIT_CASE(only_the_own_pages_are_writable),
	KUNIT_CASE(loading_never_touches_the_code_of_others),
	KUNIT_CASE(code_is_read_only_in_the_direct_map),
	KUNIT_CASE(what_is_free_traps),
	KUNIT_CASE(pieces_do_not_overlap),
	KUNIT_CASE(more_than_a_block_lies_side_by_side),
	KUNIT_CASE(code_goes_where_none_was_if_it_shall),
	KUNIT_CASE(bad_input_changes_nothing),
	{ }
};

static struct kunit_suite execmem_suite = {
	.name = "pg_table_execmem",
	.init = execmem_init_test,
	.exit = execmem_exit_test,
	.test_cases = execmem_cases,
};

kunit_test_suite(execmem_suite);

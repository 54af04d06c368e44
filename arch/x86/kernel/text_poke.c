// SPDX-License-Identifier: GPL-2.0
/*
 * Writing to kernel text: a context in which the page is mapped once more, at
 * a user-half address and writable, for as long as the write takes and for no
 * other CPU to see.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/pg_table.h>
#include <linux/string.h>

#include <asm/kaslr.h>
#include <asm/processor.h>
#include <asm/text-patching.h>

/* A write may cross from one page to the next. */
#define TEXT_POKE_SIZE	(2 * PAGE_SIZE)

static struct pg_table *text_poke_pgt __ro_after_init;
static unsigned long text_poke_va __ro_after_init;

/* Somewhere in the user half, where no process can look for it. */
static unsigned long __init choose_text_poke_va(void)
{
	unsigned long room = TASK_SIZE - TASK_UNMAPPED_BASE - TEXT_POKE_SIZE;

	if (!IS_ENABLED(CONFIG_RANDOMIZE_BASE))
		return TASK_UNMAPPED_BASE;
	return TASK_UNMAPPED_BASE +
	       (kaslr_get_random_long("Poking") & PAGE_MASK) % room;
}

void __init poking_init(void)
{
	const struct pg_table_config config = {
		.name = "text_poke",
		.flags = PG_TABLE_EXCLUSIVE,
	};

	pg_table_init_kernel();
	text_poke_va = choose_text_poke_va();
	text_poke_pgt = pg_table_create(&config);
	/* The tables are reserved, so that a write needs no memory. */
	if (IS_ERR(text_poke_pgt) || pg_table_follow_kernel(text_poke_pgt) ||
	    pg_table_reserve(text_poke_pgt, text_poke_va, TEXT_POKE_SIZE, 0,
			     GFP_KERNEL))
		panic("text_poke: no memory for a context\n");
}

/* Map @size bytes of kernel text, which may be a module's or BPF's. */
static int map_text(unsigned long text, size_t size)
{
	struct pg_table_leaf leaf;
	size_t done;
	int ret = 0;

	for (done = 0; !ret && done < size; done += PAGE_SIZE) {
		ret = pg_table_lookup(&init_mm.pgt, text + done, &leaf);
		if (!ret)
			ret = pg_table_map(text_poke_pgt, text_poke_va + done,
					   leaf.pa + (text + done - leaf.va),
					   PAGE_SIZE, PAGE_KERNEL, 0);
	}
	return ret;
}

/*
 * Let @func write @len bytes of kernel text at @addr, from @src. Callers are
 * serialised by text_mutex, or are kgdb, which has stopped all others. They
 * have no way to fail: neither half-written text nor text that is not what
 * they think it is can be lived with.
 */
void *__text_poke(text_poke_f func, void *addr, const void *src, size_t len)
{
	unsigned long text = (unsigned long)addr & PAGE_MASK;
	size_t size = PAGE_ALIGN((unsigned long)addr + len) - text;
	struct pg_table_gather gather;
	struct pg_table_state state;
	unsigned long flags;
	int ret;

	/* Nothing but @func shall run where text is writable. */
	local_irq_save(flags);
	ret = map_text(text, size) ?: pg_table_enter(text_poke_pgt, &state);
	if (ret)
		panic("text_poke: cannot write to %pS (%d)\n", addr, ret);
	atomic_long_inc(&text_poke_pgt->desc->counters.pokes);

	kasan_disable_current();
	func((void *)text_poke_va + offset_in_page(addr), src, len);
	kasan_enable_current();

	pg_table_gather_init(&gather, text_poke_pgt);
	ret = pg_table_unmap_gather(text_poke_pgt, text_poke_va, size, 0,
				    &gather);
	/* This serialises: from here on the CPU fetches the new text. */
	pg_table_exit(&state);
	/* No CPU is in the context, so no IPI is needed. */
	pg_table_gather_flush(&gather);
	if (ret || (func == text_poke_memcpy && memcmp(addr, src, len)))
		panic("text_poke: wrong text at %pS (%d)\n", addr, ret);
	local_irq_restore(flags);
	return addr;
}

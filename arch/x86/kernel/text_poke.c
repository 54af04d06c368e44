// SPDX-License-Identifier: GPL-2.0
/*
 * Writing to kernel text: a context in which the page is mapped once more, at
 * a user-half address and writable, for as long as the write takes and for no
 * other CPU to see.
 *
 * A Xen PV guest cannot load a context. There the page is mapped once more in
 * the kernel's own table.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/pg_table.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <asm/kaslr.h>
#include <asm/processor.h>
#include <asm/sync_core.h>
#include <asm/text-patching.h>
#include <asm/tlbflush.h>

/* A write may cross from one page to the next. */
#define TEXT_POKE_PAGES	2
#define TEXT_POKE_SIZE	(TEXT_POKE_PAGES * PAGE_SIZE)

static struct pg_table *text_poke_pgt __ro_after_init;
static unsigned long text_poke_va __ro_after_init;
static pte_t *alias_ptes[TEXT_POKE_PAGES] __ro_after_init;

static int __init keep_alias_pte(pte_t *pte, unsigned long addr, void *data)
{
	alias_ptes[(addr - text_poke_va) >> PAGE_SHIFT] = pte;
	return 0;
}

static int __init alias_init(void)
{
	struct vm_struct *area = get_vm_area(TEXT_POKE_SIZE, VM_MAP);

	if (!area)
		return -ENOMEM;
	text_poke_va = (unsigned long)area->addr;
	return apply_to_page_range(&init_mm, text_poke_va, TEXT_POKE_SIZE,
				   keep_alias_pte, NULL);
}

/* Somewhere in the user half, where no process can look for it. */
static unsigned long __init choose_context_va(void)
{
	unsigned long room = TASK_SIZE - TASK_UNMAPPED_BASE - TEXT_POKE_SIZE;

	if (!IS_ENABLED(CONFIG_RANDOMIZE_BASE))
		return TASK_UNMAPPED_BASE;
	return TASK_UNMAPPED_BASE +
	       (kaslr_get_random_long("Poking") & PAGE_MASK) % room;
}

static int __init context_init(void)
{
	const struct pg_table_config config = {
		.name = "text_poke",
		.flags = PG_TABLE_EXCLUSIVE,
	};

	text_poke_va = choose_context_va();
	text_poke_pgt = pg_table_create(&config);
	if (IS_ERR(text_poke_pgt))
		return PTR_ERR(text_poke_pgt);
	/* The tables are reserved, so that a write needs no memory. */
	return pg_table_follow_kernel(text_poke_pgt) ?:
	       pg_table_reserve(text_poke_pgt, text_poke_va, TEXT_POKE_SIZE, 0,
				GFP_KERNEL);
}

void __init poking_init(void)
{
	int ret;

	pg_table_init_kernel();
	if (cpu_feature_enabled(X86_FEATURE_XENPV))
		ret = alias_init();
	else
		ret = context_init();
	if (ret)
		panic("text_poke: no memory to map text (%d)\n", ret);
}

/* The physical page of kernel text, which may be a module's or BPF's. */
static int text_pa(unsigned long text, phys_addr_t *pa)
{
	struct pg_table_leaf leaf;
	int ret = pg_table_lookup(&init_mm.pgt, text, &leaf);

	if (!ret)
		*pa = leaf.pa + (text - leaf.va);
	return ret;
}

static int map_text(unsigned long text, size_t size)
{
	phys_addr_t pa;
	size_t done;
	int ret = 0;

	for (done = 0; !ret && done < size; done += PAGE_SIZE) {
		ret = text_pa(text + done, &pa);
		if (!ret)
			ret = pg_table_map(text_poke_pgt, text_poke_va + done,
					   pa, PAGE_SIZE, PAGE_KERNEL, 0);
	}
	return ret;
}

static void write_text(text_poke_f func, const void *addr, const void *src,
		       size_t len)
{
	kasan_disable_current();
	func((void *)text_poke_va + offset_in_page(addr), src, len);
	kasan_enable_current();
}

static int poke_in_context(text_poke_f func, void *addr, const void *src,
			   size_t len, size_t size)
{
	unsigned long text = (unsigned long)addr & PAGE_MASK;
	struct pg_table_gather gather;
	struct pg_table_state state;
	unsigned long flags;
	int ret;

	/* Nothing but @func shall run where text is writable. */
	local_irq_save(flags);
	ret = map_text(text, size) ?: pg_table_enter(text_poke_pgt, &state);
	if (!ret) {
		atomic_long_inc(&text_poke_pgt->desc->counters.pokes);
		write_text(func, addr, src, len);
		pg_table_gather_init(&gather, text_poke_pgt);
		ret = pg_table_unmap_gather(text_poke_pgt, text_poke_va, size,
					    0, &gather);
		/* This serialises: from here on new text is fetched. */
		pg_table_exit(&state);
		/* No CPU is in the context, so no IPI is needed. */
		pg_table_gather_flush(&gather);
	}
	local_irq_restore(flags);
	return ret;
}

/* This CPU may have the alias of an earlier write. */
static void set_alias(unsigned int page, pte_t pte)
{
	unsigned long va = text_poke_va + page * PAGE_SIZE;

	set_pte(alias_ptes[page], pte);
	flush_tlb_one_kernel(va);
}

static int alias_text(unsigned int page, unsigned long text)
{
	phys_addr_t pa;
	int ret = text_pa(text + page * PAGE_SIZE, &pa);

	if (!ret)
		set_alias(page, pfn_pte(PHYS_PFN(pa), PAGE_KERNEL));
	return ret;
}

/*
 * Other CPUs can see the alias, though they have no reason to look: it is there
 * for as short as can be, and they are not interrupted to forget it.
 */
static int poke_through_alias(text_poke_f func, void *addr, const void *src,
			      size_t len, size_t size)
{
	unsigned long text = (unsigned long)addr & PAGE_MASK;
	unsigned int i, pages = size >> PAGE_SHIFT;
	unsigned long flags;
	int ret = 0;

	local_irq_save(flags);
	for (i = 0; !ret && i < pages; i++)
		ret = alias_text(i, text);
	if (!ret)
		write_text(func, addr, src, len);
	for (i = 0; i < pages; i++)
		set_alias(i, __pte(0));
	sync_core();
	local_irq_restore(flags);
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
	size_t size = PAGE_ALIGN(offset_in_page(addr) + len);
	int ret;

	if (cpu_feature_enabled(X86_FEATURE_XENPV))
		ret = poke_through_alias(func, addr, src, len, size);
	else
		ret = poke_in_context(func, addr, src, len, size);
	if (!ret && func == text_poke_memcpy && memcmp(addr, src, len))
		ret = -EIO;
	if (ret)
		panic("text_poke: cannot write to %pS (%d)\n", addr, ret);
	return addr;
}

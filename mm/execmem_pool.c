// SPDX-License-Identifier: GPL-2.0
/*
 * Executable memory that shares large leaves, see execmem_pool.h.
 *
 * The mutex nests in text_mutex, under which probes take and give back slots. So
 * nothing here may patch text: what is free is filled through mermap.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/direct_map.h>
#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/execmem_pool.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/kmemleak.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/mermap.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <asm/direct_map.h>

#define BLOCK_CHUNKS		(PMD_SIZE / EXECMEM_POOL_CHUNK)
#define PAGE_CHUNKS		(PAGE_SIZE / EXECMEM_POOL_CHUNK)
/* What no area is made for. */
#define MAX_SIZE		SZ_128M
/* How long an area waits for new code when the last is gone. */
#define IDLE_TIME		HZ

/**
 * struct execmem_area - some blocks at consecutive addresses
 * @list: links all areas
 * @vm: the addresses
 * @va: the first
 * @chunks: how many chunks there are
 * @n_used: how many somebody has
 * @start: where the search for free ones begins, so that addresses cannot be
 *	foretold
 * @stale: code lay here that is gone since execmem_pool_forget_use()
 * @used: the chunks that somebody has
 * @ends: of these the last of each allocation
 * @own: pages that were given out writable
 * @n_blocks: how many blocks
 * @blocks: their memory
 */
struct execmem_area {
	struct list_head	list;
	struct vm_struct	*vm;
	unsigned long		va;
	unsigned long		chunks;
	unsigned long		n_used;
	unsigned long		start;
	bool			stale;
	unsigned long		*used;
	unsigned long		*ends;
	unsigned long		*own;
	unsigned int		n_blocks;
	struct page		*blocks[] __counted_by(n_blocks);
};

static const struct execmem_range *range __ro_after_init;
static struct direct_map_pool *pool __ro_after_init;

/* Protects the areas, and what they have of whom. */
static DEFINE_MUTEX(execmem_mutex);
static LIST_HEAD(areas);
/* The area of each block, by the number of its addresses. */
static DEFINE_XARRAY(area_of_block);

static void release_idle(struct work_struct *work);
static DECLARE_DELAYED_WORK(idle_work, release_idle);

static struct execmem_area *find_area(const void *ptr)
{
	return xa_load(&area_of_block, (unsigned long)ptr / PMD_SIZE);
}

static unsigned long chunk_of(const struct execmem_area *area, const void *ptr)
{
	return ((unsigned long)ptr - area->va) / EXECMEM_POOL_CHUNK;
}

/* Let @size bytes of a page trap, which begin @at bytes into the area. */
static void fill_page(const struct execmem_area *area, unsigned long at,
		      unsigned long size)
{
	struct page *page = area->blocks[at / PMD_SIZE] +
			    at % PMD_SIZE / PAGE_SIZE;
	void *va;

	/* Memory that has failed is not touched. */
	if (PageHWPoison(page))
		return;
	va = mermap_get_reserved(page_to_pfn(page), PAGE_KERNEL);
	if (!va)
		return;
	kernel_map_fill(va + offset_in_page(at), size);
	mermap_put(va, 1);
}

static void fill(const struct execmem_area *area, unsigned long at,
		 unsigned long size)
{
	unsigned long end = at + size, next;

	for (; at < end; at = next) {
		next = min(end, (at & PAGE_MASK) + PAGE_SIZE);
		fill_page(area, at, next - at);
	}
}

static void free_area(struct execmem_area *area)
{
	unsigned int i;

	if (area->vm)
		free_vm_area(area->vm);
	for (i = 0; i < area->n_blocks; i++) {
		if (area->blocks[i])
			direct_map_pool_free(pool, area->blocks[i],
					     DIRECT_MAP_BLOCK_ORDER);
	}
	bitmap_free(area->used);
	bitmap_free(area->ends);
	bitmap_free(area->own);
	kfree(area);
}

static struct vm_struct *get_addresses(unsigned long size, unsigned long start)
{
	/* VM_IOREMAP is what aligns it. */
	return __get_vm_area_caller(size, VM_IOREMAP | VM_NO_GUARD, start,
				    range->end, __builtin_return_address(0));
}

/* Anywhere among the addresses for modules, if these are random at all. */
static bool place_area(struct execmem_area *area)
{
	unsigned long size = area->n_blocks * PMD_SIZE;
	unsigned long blocks = (range->end - range->start) / PMD_SIZE;

	if (kernel_map_is_random() && blocks > area->n_blocks) {
		unsigned long skip = get_random_u32_below(blocks);

		area->vm = get_addresses(size, range->start + skip * PMD_SIZE);
		area->start = get_random_u32_below(area->chunks) &
			      ~(PAGE_CHUNKS - 1);
	}
	if (!area->vm)
		area->vm = get_addresses(size, range->start);
	if (!area->vm)
		return false;
	area->va = (unsigned long)area->vm->addr;
	/* To be read, by those who look at the kernel's memory. */
	area->vm->flags = VM_MAP | VM_NO_GUARD;
	return IS_ALIGNED(area->va, PMD_SIZE);
}

static struct execmem_area *new_area(size_t size)
{
	unsigned int i, n = DIV_ROUND_UP(size, PMD_SIZE);
	struct execmem_area *area;

	area = kzalloc(struct_size(area, blocks, n), GFP_KERNEL);
	if (!area)
		return NULL;
	area->n_blocks = n;
	/* Other code may have had the addresses, before others had them. */
	area->stale = true;
	area->chunks = n * BLOCK_CHUNKS;
	area->used = bitmap_zalloc(area->chunks, GFP_KERNEL);
	area->ends = bitmap_zalloc(area->chunks, GFP_KERNEL);
	area->own = bitmap_zalloc(area->chunks / PAGE_CHUNKS, GFP_KERNEL);
	if (!area->used || !area->ends || !area->own || !place_area(area))
		goto failed;
	for (i = 0; i < n; i++) {
		area->blocks[i] = direct_map_pool_alloc(pool,
							DIRECT_MAP_BLOCK_ORDER,
							GFP_KERNEL,
							NUMA_NO_NODE);
		if (!area->blocks[i])
			goto failed;
	}
	fill(area, 0, n * PMD_SIZE);
	return area;
failed:
	free_area(area);
	return NULL;
}

/* Undo map_block() for the first @n blocks. */
static void unmap_blocks(struct execmem_area *area, unsigned int n)
{
	unsigned long va;

	while (n--) {
		va = area->va + n * PMD_SIZE;
		xa_erase(&area_of_block, va / PMD_SIZE);
		kernel_map_unmap(va, PMD_SIZE);
	}
}

/* It is never writable, and executable last. */
static int map_block(struct execmem_area *area, unsigned int i)
{
	unsigned long va = area->va + i * PMD_SIZE;
	int ret;

	ret = xa_err(xa_store(&area_of_block, va / PMD_SIZE, area,
			      GFP_KERNEL));
	if (ret)
		return ret;
	ret = vmap_page_range(va, va + PMD_SIZE,
			      page_to_phys(area->blocks[i]), PAGE_KERNEL_RO);
	if (ret) {
		vunmap_range(va, va + PMD_SIZE);
		xa_erase(&area_of_block, va / PMD_SIZE);
		return ret;
	}
	kernel_map_close(va, PMD_SIZE);
	return 0;
}

static int map_area(struct execmem_area *area)
{
	unsigned int i;
	int ret;

	for (i = 0; i < area->n_blocks; i++) {
		ret = map_block(area, i);
		if (ret) {
			unmap_blocks(area, i);
			return ret;
		}
	}
	return 0;
}

static struct execmem_area *add_area(size_t size)
{
	struct execmem_area *area = new_area(size);

	if (area && map_area(area)) {
		free_area(area);
		return NULL;
	}
	if (area)
		list_add_tail(&area->list, &areas);
	return area;
}

static void release_locked(void)
{
	struct execmem_area *area, *next;

	list_for_each_entry_safe(area, next, &areas, list) {
		if (area->n_used)
			continue;
		list_del(&area->list);
		unmap_blocks(area, area->n_blocks);
		free_area(area);
	}
}

/* Give the areas back that nobody has anything of. */
static void release_areas(void)
{
	mutex_lock(&execmem_mutex);
	release_locked();
	mutex_unlock(&execmem_mutex);
}

static void release_idle(struct work_struct *work)
{
	release_areas();
}

/*
 * Probes that are gone leave their slots behind for a while, and so do tracers
 * their trampolines.
 */
static void give_back(void)
{
	kprobe_collect_garbage();
	ftrace_collect_trampolines();
	release_areas();
}

/* Where @n chunks are free; none is at or behind the end. */
static unsigned long find_chunks(const struct execmem_area *area,
				 unsigned long n, unsigned long mask)
{
	unsigned long at;

	at = bitmap_find_next_zero_area(area->used, area->chunks, area->start,
					n, mask);
	if (at + n > area->chunks)
		at = bitmap_find_next_zero_area(area->used, area->chunks, 0, n,
						mask);
	return at + n > area->chunks ? area->chunks : at;
}

static bool is_preferred(const struct execmem_area *area,
			 enum execmem_pool_use use)
{
	switch (use) {
	case EXECMEM_POOL_FRESH:
		return !area->stale;
	case EXECMEM_POOL_USED:
		return area->stale;
	default:
		return true;
	}
}

/* Of the areas that have room the preferred one, and the fullest of these. */
static struct execmem_area *choose_area(unsigned long n, unsigned long mask,
					enum execmem_pool_use use,
					unsigned long *at)
{
	struct execmem_area *area, *best = NULL;
	unsigned long here;

	list_for_each_entry(area, &areas, list) {
		bool better = is_preferred(area, use);

		if (best && better == is_preferred(best, use))
			better = area->n_used > best->n_used;
		if (best && !better)
			continue;
		here = find_chunks(area, n, mask);
		if (here == area->chunks)
			continue;
		best = area;
		*at = here;
	}
	return best;
}

static void *take_chunks(unsigned long n, unsigned long mask,
			 enum execmem_pool_use use, struct execmem_area **from)
{
	struct execmem_area *area;
	unsigned long at;

	mutex_lock(&execmem_mutex);
	area = choose_area(n, mask, use, &at);
	if (!area) {
		area = add_area(n * EXECMEM_POOL_CHUNK);
		at = area ? find_chunks(area, n, mask) : 0;
	}
	if (area) {
		bitmap_set(area->used, at, n);
		__set_bit(at + n - 1, area->ends);
		area->n_used += n;
	}
	mutex_unlock(&execmem_mutex);
	*from = area;
	return area ? (void *)area->va + at * EXECMEM_POOL_CHUNK : NULL;
}

/* How many chunks an allocation has that begins at @ptr; 0 if none does. */
static unsigned long count_chunks(const struct execmem_area *area,
				  const void *ptr)
{
	unsigned long at = chunk_of(area, ptr), n = 0;

	mutex_lock(&execmem_mutex);
	if (test_bit(at, area->used) &&
	    (!at || !test_bit(at - 1, area->used) ||
	     test_bit(at - 1, area->ends)))
		n = find_next_bit(area->ends, area->chunks, at) + 1 - at;
	mutex_unlock(&execmem_mutex);
	return n;
}

static void give_chunks(struct execmem_area *area, const void *ptr,
			unsigned long n)
{
	unsigned long at = chunk_of(area, ptr);

	mutex_lock(&execmem_mutex);
	bitmap_clear(area->used, at, n);
	__clear_bit(at + n - 1, area->ends);
	area->n_used -= n;
	area->stale = true;
	if (!area->n_used)
		schedule_delayed_work(&idle_work, IDLE_TIME);
	mutex_unlock(&execmem_mutex);
}

/* Nobody but who has the pages knows them, and the bits are theirs. */
static void set_own(struct execmem_area *area, const void *ptr,
		    unsigned long n)
{
	unsigned long page = chunk_of(area, ptr) / PAGE_CHUNKS;

	for (; n; n -= PAGE_CHUNKS)
		set_bit(page++, area->own);
}

/* Were the pages writable? Not any more. */
static bool clear_own(struct execmem_area *area, const void *ptr,
		      unsigned long n)
{
	unsigned long page = chunk_of(area, ptr) / PAGE_CHUNKS;
	bool own = false;

	for (; n >= PAGE_CHUNKS; n -= PAGE_CHUNKS)
		own |= test_and_clear_bit(page++, area->own);
	return own;
}

/**
 * execmem_pool_setup - let the pool know where executable memory may lie
 * @where: the addresses; must stay
 *
 * Context: Once, at boot.
 */
void __init execmem_pool_setup(const struct execmem_range *where)
{
	range = where;
}

/**
 * execmem_pool_alloc - allocate pages for code
 * @type: whose
 * @size: how many bytes
 *
 * The pages of probes are executable at once, and written by text_poke(). Others
 * are writable and not executable before set_memory_rox().
 *
 * Context: Process context, sleeps. text_mutex may be held.
 * Return: the address; NULL for types that have no code, or if memory is short.
 */
void *execmem_pool_alloc(enum execmem_type type, size_t size)
{
	unsigned long n = PAGE_ALIGN(size) / EXECMEM_POOL_CHUNK;
	struct execmem_area *area;
	void *ptr;

	/* BPF writes to its pages through others, and asks for code by itself. */
	if (!pool || !size || size > MAX_SIZE || type == EXECMEM_MODULE_DATA ||
	    type == EXECMEM_BPF)
		return NULL;
	ptr = take_chunks(n, PAGE_CHUNKS - 1, EXECMEM_POOL_ANY, &area);
	if (!ptr)
		return NULL;
	if (type != EXECMEM_KPROBES) {
		if (kernel_map_open((unsigned long)ptr, PAGE_ALIGN(size))) {
			give_chunks(area, ptr, n);
			return NULL;
		}
		set_own(area, ptr, n);
	}
	kmemleak_alloc(ptr, size, 1, GFP_KERNEL);
	return ptr;
}

/**
 * execmem_pool_alloc_code - allocate room for code that text_poke() writes
 * @size: how many bytes
 * @use: whether it may lie where other code was
 *
 * It is executable, and never writable.
 *
 * Context: Process context, sleeps.
 * Return: the address, a multiple of EXECMEM_POOL_CHUNK; NULL if memory is short.
 */
void *execmem_pool_alloc_code(size_t size, enum execmem_pool_use use)
{
	struct execmem_area *area;

	if (!pool || !size || size > MAX_SIZE)
		return NULL;
	return take_chunks(DIV_ROUND_UP(size, EXECMEM_POOL_CHUNK), 0, use,
			   &area);
}

/**
 * execmem_pool_free - free what the pool allocated
 * @ptr: the address
 *
 * It traps from now on. Nobody may be about to run it.
 *
 * Context: Process context, sleeps. text_mutex may be held.
 * Return: whether it was the pool's.
 */
bool execmem_pool_free(void *ptr)
{
	struct execmem_area *area = find_area(ptr);
	unsigned long n, size;

	if (!area)
		return false;
	n = count_chunks(area, ptr);
	if (WARN_ON_ONCE(!n))
		return true;
	size = n * EXECMEM_POOL_CHUNK;
	if (IS_ALIGNED((unsigned long)ptr, PAGE_SIZE))
		kmemleak_free(ptr);
	/* What a loader left is never executable. */
	fill(area, (unsigned long)ptr - area->va, size);
	if (IS_ALIGNED((unsigned long)ptr, PAGE_SIZE) &&
	    clear_own(area, ptr, n))
		kernel_map_close((unsigned long)ptr, size);
	give_chunks(area, ptr, n);
	return true;
}

/**
 * execmem_pool_was_used - may branch predictors know other code of this area?
 * @ptr: what execmem_pool_alloc_code() returned
 *
 * Context: Process context, sleeps.
 * Return: whether there was any since execmem_pool_forget_use().
 */
bool execmem_pool_was_used(const void *ptr)
{
	bool used;

	mutex_lock(&execmem_mutex);
	used = find_area(ptr)->stale;
	mutex_unlock(&execmem_mutex);
	return used;
}

/**
 * execmem_pool_forget_use - branch predictors are about to be flushed
 *
 * Call it before: what is freed meanwhile shall be known.
 *
 * Context: Process context, sleeps.
 */
void execmem_pool_forget_use(void)
{
	struct execmem_area *area;

	mutex_lock(&execmem_mutex);
	list_for_each_entry(area, &areas, list)
		area->stale = false;
	mutex_unlock(&execmem_mutex);
}

/**
 * execmem_pool_collapse - make a block large again that has become uniform
 * @va: an address in it, or anywhere
 *
 * Context: Process context, sleeps.
 */
void execmem_pool_collapse(unsigned long va)
{
	if (find_area((void *)va))
		kernel_map_collapse(va & PMD_MASK, PMD_SIZE);
}

/* Before the first initcall that loads code. */
static int __init execmem_pool_init(void)
{
	const struct direct_map_pool_config config = {
		.name = "execmem",
		.read_only = true,
		.give_back = give_back,
	};
	struct direct_map_pool *made;

	if (!range || !kernel_map_has_large_leaves())
		return 0;
	made = direct_map_pool_create(&config);
	if (IS_ERR(made))
		return PTR_ERR(made) == -EOPNOTSUPP ? 0 : PTR_ERR(made);
	pool = made;
	return 0;
}
core_initcall(execmem_pool_init);

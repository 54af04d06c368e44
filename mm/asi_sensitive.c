// SPDX-License-Identifier: GPL-2.0
/*
 * Sensitive memory: pages, and objects in such pages, that no deny-list context
 * has.
 *
 * It comes from a pool whose blocks are holes in the master table, so a page is
 * one before its owner sees it, and mostly without an edit or a flush. Without
 * isolation it is memory as any other, but for being zeroed.
 *
 * What describes objects is kept outside of the pages, which have nothing but
 * objects in them.
 */
#include <linux/asi.h>
#include <linux/bitmap.h>
#include <linux/direct_map_pool.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "asi_internal.h"

/* Idle pages that the pool keeps: a block. */
#define ASI_MAX_IDLE		512
#define ASI_OBJECT_MIN		64
#define ASI_OBJECTS_MAX		(PAGE_SIZE / ASI_OBJECT_MIN)

static struct direct_map_pool *asi_pool;

/**
 * asi_alloc_sensitive - allocate sensitive pages
 * @order: log2 of their number
 * @gfp: how; may sleep
 *
 * Context: Process context, sleeps.
 * Return: the first of the pages, which are zeroed; NULL if there is no memory, or
 * the pool could not be made at boot.
 */
struct page *asi_alloc_sensitive(unsigned int order, gfp_t gfp)
{
	if (!asi_is_on())
		return alloc_pages(gfp | __GFP_ZERO, order);
	if (!asi_pool)
		return NULL;
	return direct_map_pool_alloc(asi_pool, order, gfp | __GFP_ZERO,
				     NUMA_NO_NODE);
}
EXPORT_SYMBOL_GPL(asi_alloc_sensitive);

/**
 * asi_free_sensitive - give sensitive pages back
 * @page: the first, as it was allocated
 * @order: likewise
 *
 * They are zeroed before anybody else has them.
 *
 * Context: Process context.
 */
void asi_free_sensitive(struct page *page, unsigned int order)
{
	if (asi_pool) {
		direct_map_pool_free(asi_pool, page, order);
		return;
	}
	memzero_explicit(page_address(page), PAGE_SIZE << order);
	__free_pages(page, order);
}
EXPORT_SYMBOL_GPL(asi_free_sensitive);

/**
 * struct asi_cache - objects of one size
 * @size: of an object
 * @per_page: how many there are in a page
 * @lock: protects what follows
 * @partial: slabs that have some free
 * @full: slabs that have none
 */
struct asi_cache {
	size_t			size;
	unsigned int		per_page;
	spinlock_t		lock; /* see above */
	struct list_head	partial;
	struct list_head	full;
};

/**
 * struct asi_slab - a page of objects
 * @list: in one of the lists of its cache
 * @page: the page, whose private word leads here
 * @n_used: objects that are in use
 * @used: which they are
 */
struct asi_slab {
	struct list_head	list;
	struct page		*page;
	unsigned int		n_used;
	DECLARE_BITMAP(used, ASI_OBJECTS_MAX);
};

/**
 * asi_cache_create - make a cache of sensitive objects
 * @size: bytes of an object, at most a page
 *
 * Context: Process context, sleeps.
 * Return: the cache; -EINVAL for a bad size; -ENOMEM.
 */
struct asi_cache *asi_cache_create(size_t size)
{
	struct asi_cache *cache;

	if (!size || size > PAGE_SIZE)
		return ERR_PTR(-EINVAL);
	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	if (!cache)
		return ERR_PTR(-ENOMEM);
	cache->size = ALIGN(size, ASI_OBJECT_MIN);
	cache->per_page = PAGE_SIZE / cache->size;
	spin_lock_init(&cache->lock);
	INIT_LIST_HEAD(&cache->partial);
	INIT_LIST_HEAD(&cache->full);
	return cache;
}
EXPORT_SYMBOL_GPL(asi_cache_create);

static void free_slab(struct asi_slab *slab)
{
	set_page_private(slab->page, 0);
	asi_free_sensitive(slab->page, 0);
	kfree(slab);
}

static struct asi_slab *alloc_slab(gfp_t gfp)
{
	struct asi_slab *slab = kzalloc(sizeof(*slab), gfp);

	if (!slab)
		return NULL;
	slab->page = asi_alloc_sensitive(0, gfp);
	if (!slab->page) {
		kfree(slab);
		return NULL;
	}
	set_page_private(slab->page, (unsigned long)slab);
	return slab;
}

/* A free object of a slab that has some; the slab moves where it belongs. */
static void *take_object(struct asi_cache *cache, struct asi_slab *slab)
{
	unsigned int i = find_first_zero_bit(slab->used, cache->per_page);

	__set_bit(i, slab->used);
	list_move(&slab->list, ++slab->n_used == cache->per_page ?
			       &cache->full : &cache->partial);
	return page_address(slab->page) + i * cache->size;
}

static void *try_take_object(struct asi_cache *cache)
{
	struct asi_slab *slab;

	slab = list_first_entry_or_null(&cache->partial, struct asi_slab, list);
	return slab ? take_object(cache, slab) : NULL;
}

/**
 * asi_cache_alloc - allocate a sensitive object
 * @cache: of its size
 * @gfp: how; may sleep
 *
 * Context: Process context, sleeps.
 * Return: the object, which is zeroed; NULL if there is no memory.
 */
void *asi_cache_alloc(struct asi_cache *cache, gfp_t gfp)
{
	struct asi_slab *slab;
	void *object;

	spin_lock(&cache->lock);
	object = try_take_object(cache);
	spin_unlock(&cache->lock);
	if (object)
		return object;
	slab = alloc_slab(gfp);
	if (!slab)
		return NULL;
	spin_lock(&cache->lock);
	list_add(&slab->list, &cache->partial);
	object = take_object(cache, slab);
	spin_unlock(&cache->lock);
	return object;
}
EXPORT_SYMBOL_GPL(asi_cache_alloc);

/**
 * asi_cache_free - give a sensitive object back
 * @cache: where it is from
 * @object: the object; NULL for nothing
 *
 * It is zeroed at once.
 *
 * Context: Process context.
 */
void asi_cache_free(struct asi_cache *cache, void *object)
{
	struct asi_slab *slab;
	bool empty;

	if (!object)
		return;
	memzero_explicit(object, cache->size);
	slab = (void *)page_private(virt_to_page(object));
	spin_lock(&cache->lock);
	__clear_bit(offset_in_page(object) / cache->size, slab->used);
	empty = !--slab->n_used;
	if (empty)
		list_del(&slab->list);
	else
		list_move(&slab->list, &cache->partial);
	spin_unlock(&cache->lock);
	if (empty)
		free_slab(slab);
}
EXPORT_SYMBOL_GPL(asi_cache_free);

/**
 * asi_cache_destroy - undo asi_cache_create()
 * @cache: the cache
 *
 * Context: Process context.
 * Return: 0; -EBUSY while objects are in use.
 */
int asi_cache_destroy(struct asi_cache *cache)
{
	if (!list_empty(&cache->partial) || !list_empty(&cache->full))
		return -EBUSY;
	kfree(cache);
	return 0;
}
EXPORT_SYMBOL_GPL(asi_cache_destroy);

static int __init asi_sensitive_init(void)
{
	struct direct_map_pool_config config = {
		.name = "asi_sensitive",
		.max_idle = ASI_MAX_IDLE,
		.zero_on_free = true,
	};
	struct direct_map_pool *pool;

	if (!asi_is_on())
		return 0;
	mutex_lock(&asi_mutex);
	config.hidden_in = asi_get_master();
	mutex_unlock(&asi_mutex);
	if (IS_ERR(config.hidden_in)) {
		pr_warn("asi: no table for deny-list contexts: %pe\n",
			config.hidden_in);
		return PTR_ERR(config.hidden_in);
	}
	pool = direct_map_pool_create(&config);
	if (IS_ERR(pool)) {
		pr_warn("asi: no pool of sensitive memory: %pe\n", pool);
		return PTR_ERR(pool);
	}
	asi_pool = pool;
	return 0;
}

fs_initcall(asi_sensitive_init); /* After the pools, before their users. */

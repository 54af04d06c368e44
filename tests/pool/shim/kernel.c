// SPDX-License-Identifier: GPL-2.0
/*
 * What stands behind the shim's headers: work, shrinkers and the xarray.
 */
#include <errno.h>

#include <linux/kernel.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#define MAX_WORK	16

pm_notifier_fn pm_notifier_chain;

static struct delayed_work *pending[MAX_WORK];
static LIST_HEAD(shrinkers);

void schedule_delayed_work(struct delayed_work *work, unsigned long delay)
{
	unsigned int i;

	for (i = 0; i < MAX_WORK; i++) {
		if (!pending[i] || pending[i] == work) {
			pending[i] = work;
			return;
		}
	}
}

void cancel_delayed_work_sync(struct delayed_work *work)
{
	unsigned int i;

	for (i = 0; i < MAX_WORK; i++) {
		if (pending[i] == work)
			pending[i] = NULL;
	}
}

void run_work(void)
{
	struct delayed_work *work;
	unsigned int i;

	for (i = 0; i < MAX_WORK; i++) {
		work = pending[i];
		pending[i] = NULL;
		if (work)
			work->work.func(&work->work);
	}
}

struct shrinker *shrinker_alloc(unsigned int flags, const char *format, ...)
{
	return kzalloc(sizeof(struct shrinker), GFP_KERNEL);
}

void shrinker_register(struct shrinker *shrinker)
{
	list_add_tail(&shrinker->all, &shrinkers);
}

void shrinker_free(struct shrinker *shrinker)
{
	list_del(&shrinker->all);
	kfree(shrinker);
}

static unsigned long shrink_one(struct shrinker *shrinker)
{
	struct shrink_control sc = { .nr_to_scan = shrinker->batch };
	unsigned long n = shrinker->count_objects(shrinker, &sc);

	if (!n || n == SHRINK_EMPTY)
		return 0;
	n = shrinker->scan_objects(shrinker, &sc);
	return n == SHRINK_STOP ? 0 : n;
}

unsigned long shrink_all(void)
{
	struct shrinker *shrinker;
	unsigned long n = 0;

	list_for_each_entry(shrinker, &shrinkers, all)
		n += shrink_one(shrinker);
	return n;
}

/* Where in a node of @level the way to @index goes on. */
static void **slot_of(struct xa_node *node, unsigned long index,
		      unsigned int level)
{
	return &node->slots[index >> (level * XA_NODE_SHIFT) &
			    (XA_NODE_SLOTS - 1)];
}

static bool reaches(const struct xarray *xa, unsigned long index)
{
	return xa->levels && !(index >> (xa->levels * XA_NODE_SHIFT));
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	unsigned int level = xa->levels;
	void *item = xa->root;

	if (!reaches(xa, index))
		return NULL;
	while (item && level--)
		item = *slot_of(item, index, level);
	return item;
}

/* A tree has as many levels as @index takes, and one node to begin with. */
static int plant(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	xa->root = kzalloc(sizeof(*xa->root), gfp);
	if (!xa->root)
		return -ENOMEM;
	while (!reaches(xa, index))
		xa->levels++;
	return 0;
}

/* Make the tree higher until it reaches @index. */
static int grow(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	struct xa_node *node;

	if (!xa->root)
		return plant(xa, index, gfp);
	while (!reaches(xa, index)) {
		node = kzalloc(sizeof(*node), gfp);
		if (!node)
			return -ENOMEM;
		node->slots[0] = xa->root;
		node->used = 1;
		xa->root = node;
		xa->levels++;
	}
	return 0;
}

/* Empty nodes on the way to @index go. */
static void prune(struct xarray *xa, unsigned long index)
{
	void **way[64 / XA_NODE_SHIFT + 1], **slot = (void **)&xa->root;
	unsigned int level = xa->levels, n = 0;
	struct xa_node *node;

	while (level && *slot) {
		way[n++] = slot;
		slot = slot_of(*slot, index, --level);
	}
	while (n--) {
		node = *way[n];
		if (node->used)
			return;
		kfree(node);
		*way[n] = NULL;
		if (!n)
			xa->levels = 0;
		else
			((struct xa_node *)*way[n - 1])->used--;
	}
}

/* The lowest node on the way to @index, made if it is missing. */
static struct xa_node *make_node(struct xarray *xa, unsigned long index,
				 gfp_t gfp)
{
	struct xa_node *node = xa->root, *next;
	unsigned int level;

	for (level = xa->levels - 1; level; level--) {
		next = *slot_of(node, index, level);
		if (!next) {
			next = kzalloc(sizeof(*next), gfp);
			if (!next)
				return NULL;
			*slot_of(node, index, level) = next;
			node->used++;
		}
		node = next;
	}
	return node;
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	struct xa_node *node;

	if (grow(xa, index, gfp))
		return -ENOMEM;
	node = make_node(xa, index, gfp);
	if (!node) {
		prune(xa, index);
		return -ENOMEM;
	}
	if (*slot_of(node, index, 0))
		return -EBUSY;
	*slot_of(node, index, 0) = entry;
	node->used++;
	return 0;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	unsigned int level = xa->levels;
	struct xa_node *node = xa->root;
	void *entry;

	if (!xa_load(xa, index))
		return NULL;
	while (--level)
		node = *slot_of(node, index, level);
	entry = *slot_of(node, index, 0);
	*slot_of(node, index, 0) = NULL;
	node->used--;
	prune(xa, index);
	return entry;
}

bool xa_empty(const struct xarray *xa)
{
	return !xa->root;
}

/* Nothing is left in it, of what the pool destroys. */
void xa_destroy(struct xarray *xa)
{
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rings of structures that embed their links. Whether one is empty can be asked
 * without a lock.
 */
#ifndef _LINUX_LIST_H
#define _LINUX_LIST_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/types.h>

#define LIST_HEAD_INIT(ring)	{ .next = &(ring), .prev = &(ring) }
#define LIST_HEAD(ring)		struct list_head ring = LIST_HEAD_INIT(ring)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	WRITE_ONCE(head->next, head);
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head == READ_ONCE(head->next);
}

static inline void __list_put(struct list_head *item, struct list_head *prev,
			      struct list_head *next)
{
	item->prev = prev;
	item->next = next;
	WRITE_ONCE(prev->next, item);
	next->prev = item;
}

static inline void list_add(struct list_head *item, struct list_head *head)
{
	__list_put(item, head, head->next);
}

static inline void list_add_tail(struct list_head *item,
				 struct list_head *head)
{
	__list_put(item, head->prev, head);
}

/* What was taken out must not be followed: its links lead nowhere. */
static inline void list_del(struct list_head *item)
{
	WRITE_ONCE(item->prev->next, item->next);
	item->next->prev = item->prev;
	item->next = NULL;
	item->prev = NULL;
}

static inline void list_del_init(struct list_head *item)
{
	list_del(item);
	INIT_LIST_HEAD(item);
}

#define list_entry(link, type, member) container_of(link, type, member)

/* The structure of @item's type whose links are at @link. */
#define __list_like(item, link, links) \
	list_entry(link, typeof(*(item)), links)

#define list_for_each_entry(item, ring, links)				\
	for ((item) = __list_like(item, (ring)->next, links);		\
	     (ring) != &(item)->links;					\
	     (item) = __list_like(item, (item)->links.next, links))

#define list_for_each_entry_safe(item, after, ring, links)		\
	for ((item) = __list_like(item, (ring)->next, links);		\
	     (after) = __list_like(item, (item)->links.next, links),	\
	     (ring) != &(item)->links;					\
	     (item) = (after))

#endif /* _LINUX_LIST_H */

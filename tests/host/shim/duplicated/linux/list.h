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

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	WRITE_ONCE(head->next, head);
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
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

#define list_entry(ptr, type, member) container_of(ptr, type, member)

#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)

#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, typeof(*(pos)), member)

#define list_for_each_entry(pos, head, member)				\
	for (pos = list_first_entry(head, typeof(*pos), member);	\
	     &pos->member != (head);					\
	     pos = list_next_entry(pos, member))

#define list_for_each_entry_safe(pos, n, head, member)			\
	for (pos = list_first_entry(head, typeof(*pos), member),	\
	     n = list_next_entry(pos, member);				\
	     &pos->member != (head);					\
	     pos = n, n = list_next_entry(n, member))

#endif /* _LINUX_LIST_H */
